//! Seeded fired cartridge cases: guns, shots, instruments and cameras.
//!
//! Samples, tests and benches need casings whose truth is known. They are made
//! the way real ones are: a [`Firearm`] has a breech face, an aperture and a
//! firing pin; [`fire`] presses them into a primer, imperfectly and with wear;
//! [`scan3d`] measures the surface as a confocal microscope would, and
//! [`photograph`] puts it under a lamp. Amplitudes and wavelengths follow
//! published scans (Fadul et al. 2011, Weller et al. 2012): a band-passed
//! (16–500 µm) impression has an rms of 1–2 µm.
//!
//! Everything is a function of its seeds: same seeds, same bytes.

mod casing;
pub mod damage;
mod firearm;
mod gallery;
mod hard;
mod photograph;
mod random;
pub mod requests;
mod samples;
mod scan;
mod scenario;
pub mod scores;
mod shear;
mod story;
mod tip;

pub use casing::{Casing, Conditions, PrimerFinish, fire};
pub use firearm::{BreechFinish, Firearm, SubClass};
pub use gallery::Gallery;
pub use hard::HardSet;
pub use photograph::{Camera, Photograph, photograph};
pub use samples::{SAMPLE_SEED, write_sample_set};
pub use scan::{Instrument, Scan3d, scan3d};
pub use shear::{ShearConditions, aperture_shear};
pub use story::write_story;
pub use tip::PinClass;
