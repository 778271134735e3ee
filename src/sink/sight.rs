//! What of the mesh a run could not see, and why.

use crate::fleet::Cluster;
use crate::mesh::{Fact, Member};

/// What nobody could see of the mesh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeshSight {
    /// Clusters in which no Cilium was seen, so that no rule about the mesh had anything to look at.
    pub without_cilium: Vec<String>,
    /// What the mesh hangs on and the repository does not tell.
    pub unknown: Vec<UnknownFact>,
}

/// A fact of a cluster that the repository does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFact {
    /// The cluster.
    pub cluster: String,
    /// The fact, as `meshlint clusters` calls it.
    pub fact: &'static str,
    /// Why it is not known: a key of `summary.unknown`.
    pub reason: &'static str,
}

impl MeshSight {
    /// What is not seen of those members whose cluster is of interest.
    pub fn of(members: &[Member], clusters: &[Cluster], shown: impl Fn(&Cluster) -> bool) -> Self {
        let mut sight = Self::default();
        for member in members {
            if !clusters.get(member.cluster).is_some_and(&shown) {
                continue;
            }
            if member.has_cilium() {
                sight.take(member);
            } else {
                sight.without_cilium.push(member.name.clone());
            }
        }
        sight
    }

    fn take(&mut self, member: &Member) {
        fn why<T>(fact: &Fact<T>) -> Option<&'static str> {
            fact.unknown_reason().map(|reason| reason.as_str())
        }
        let facts = [
            ("cluster-name", why(&member.cluster_name)),
            ("cluster-id", why(&member.id)),
            ("pods", why(&member.pod_cidrs)),
            ("mesh-api-server", why(&member.api_server)),
            ("peers", why(&member.peers)),
        ];
        let unknown = facts.into_iter().filter_map(|(fact, reason)| {
            Some(UnknownFact {
                cluster: member.name.clone(),
                fact,
                reason: reason?,
            })
        });
        self.unknown.extend(unknown);
    }
}
