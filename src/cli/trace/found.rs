//! What is found, before it is written.

use crate::trace::{Setting, Ways};

/// A value of an object in one cluster.
pub(super) struct Found {
    pub(super) cluster: String,
    pub(super) object: String,
    pub(super) kustomization: String,
    pub(super) ways: Ways,
}

/// The clusters of equal answers are named together.
pub(super) fn together(found: &[Setting]) -> Vec<(Vec<&str>, &Setting)> {
    let mut groups: Vec<(Vec<&str>, &Setting)> = Vec::new();
    for one in found {
        let same = |other: &&mut (Vec<&str>, &Setting)| {
            other.1.span == one.span
                && other.1.uses == one.uses
                && other.1.kustomizations == one.kustomizations
        };
        match groups.iter_mut().find(same) {
            Some((names, _)) => names.push(&one.cluster),
            None => groups.push((vec![&one.cluster], one)),
        }
    }
    groups
}
