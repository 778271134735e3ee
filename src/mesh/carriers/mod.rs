//! What carries the values of Cilium into a cluster: a module for each, and a line in [`CARRIERS`] each.

mod helm_release;
mod installation;
mod values_file;
mod version;

pub use installation::Installation;

use crate::fleet::Cluster;

/// Finds what it carries in the objects and files of a cluster.
type Carrier = fn(&Cluster) -> Vec<Installation>;

/// In the order of authority: what is applied to the running cluster comes before what starts it.
const CARRIERS: &[Carrier] = &[helm_release::installations, values_file::installations];

/// Everything that installs Cilium in the cluster. The first holds, the others are witnesses.
pub(super) fn installations(cluster: &Cluster) -> Vec<Installation> {
    CARRIERS.iter().flat_map(|carried| carried(cluster)).collect()
}
