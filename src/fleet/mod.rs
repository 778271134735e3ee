//! Which clusters a repository holds, how each gets its objects, and what these are.

mod beside;
mod cluster_api;
mod dead;
mod discover;
mod found;
mod given;
mod homes;
mod inventory;
mod load;
mod model;
mod naming;
mod plain;
mod releases;
mod rooted;
mod settle;
mod ways;

pub(crate) use dead::is_dead;
pub use load::load;
pub use model::{Cluster, Delivery, Fleet, LooseValues, ReleaseFacts};
pub use rooted::RootSigns;

#[cfg(test)]
mod tests;
