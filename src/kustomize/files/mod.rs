//! What a build can reach: the files and directories below the root of the artifact, what source-controller leaves out of
//! it, and the references that lead out of the repository.

pub(super) mod left_out;
pub(super) mod loader;
pub(super) mod remote;

pub use left_out::{Exclusion, LeftOut};
