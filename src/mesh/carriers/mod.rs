//! What brings Cilium into a cluster: a module each, and a line in [`CARRIERS`] each. A carrier looks at the objects and values
//! of one cluster and tells which values the chart gets, or would have got.

mod cilium_config;
mod helm_chart;
mod helm_chart_proxy;
mod helm_release;
mod installation;
mod look;
mod rendered;
mod values_file;
mod version;

pub use installation::Installation;

use self::look::Look;
use crate::fleet::Cluster;
use crate::source::SourceMap;
use crate::unknown::UnknownReason;

/// Finds what brings Cilium into a cluster in one way.
type Carrier = fn(&Look<'_>) -> Vec<Installation>;

/// In the order of authority: what is applied to the running cluster comes before what starts it.
const CARRIERS: &[Carrier] = &[
    helm_release::installations,
    helm_chart::installations,
    helm_chart_proxy::installations,
    cilium_config::installations,
    rendered::installations,
    values_file::installations,
];

/// Everything that installs Cilium in the cluster. The first holds, the others are witnesses.
pub(super) fn installations(cluster: &Cluster, sources: &SourceMap) -> Vec<Installation> {
    let look = Look { cluster, sources };
    let mut all: Vec<Installation> = CARRIERS.iter().flat_map(|carried| carried(&look)).collect();
    for one in &mut all {
        if let Some(patch) = one.carrier.as_ref().and_then(|carrier| carrier.unpatched) {
            one.values.hide(patch, UnknownReason::Unparsable);
        }
    }
    all
}
