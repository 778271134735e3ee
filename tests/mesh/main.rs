//! The mesh and service rules on whole repositories: a correct mesh, the same with one fault planted, and the same with
//! something that cannot be known.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod addresses;
mod clusters;
mod faults;
mod peers;
mod planted;
mod repository;
