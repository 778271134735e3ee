//! One mistake, one finding: a fault in a file that several clusters render is told once and names them all.

use std::collections::BTreeMap;

use crate::source::Span;

/// Faults by the place to edit. What `K` holds keeps different faults at one place apart.
#[derive(Debug)]
pub(crate) struct Gathered<K, T> {
    faults: BTreeMap<(Span, K), Fault<T>>,
}

/// A fault with the clusters it shows in.
#[derive(Debug)]
pub(crate) struct Fault<T> {
    /// What is known of it, from the first cluster.
    pub(crate) first: T,
    /// Names of the clusters, in the order in which they came.
    pub(crate) clusters: Vec<String>,
}

impl<K: Ord, T> Gathered<K, T> {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            faults: BTreeMap::new(),
        }
    }

    /// Adds a fault that shows in `cluster`.
    pub(crate) fn add(&mut self, span: Span, kind: K, cluster: &str, fault: T) {
        let fault = self.faults.entry((span, kind)).or_insert_with(|| Fault {
            first: fault,
            clusters: Vec::new(),
        });
        if fault.clusters.last().is_none_or(|last| last != cluster) {
            fault.clusters.push(cluster.to_owned());
        }
    }

    /// The faults in the order of their places.
    pub(crate) fn into_faults(self) -> impl Iterator<Item = (K, Fault<T>)> {
        self.faults.into_iter().map(|((_, kind), fault)| (kind, fault))
    }
}
