//! The review station: the pages on which technicians, examiners, verifiers and
//! supervisors work in a browser, over the same store and by the same functions
//! as the command line.
//!
//! [`people`] knows who may come in, [`web`] makes the pages, [`server`] brings
//! them onto the network. Which role may do what stands in one table,
//! [`web::ROUTES`], which the one gate asks (docs/decisions/0099-the-station.md).

pub mod people;
mod role;
pub mod server;
pub mod web;

pub use role::Role;
pub use web::{Settings, Station};
