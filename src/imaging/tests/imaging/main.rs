//! What reading, preparing and comparing scans must give.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

extern crate brasslink_imaging as imaging;

mod acquire_hostile;
mod acquire_image;
mod acquire_instrument;
mod acquire_manifest;
mod acquire_x3p;
mod correlate;
mod correlate_rules;
mod heads;
mod pins;
mod prepare;
mod prepare_image;
mod prepare_synthetic;
mod prepare_vectors;
mod striae;
