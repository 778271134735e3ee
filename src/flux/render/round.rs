//! What one round rendered.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::objects::Objects;
use crate::budget::Budget;
use crate::flux::Kustomization;
use crate::kustomize::Object;

/// What one round rendered.
#[derive(Default)]
pub(crate) struct Round {
    pub(crate) kustomizations: Vec<Kustomization>,
    pub(crate) objects: Objects,
    /// The entry point's Kustomization as the entry point itself renders it.
    pub(crate) own_object: Option<Arc<Object>>,
    pub(crate) positions: BTreeMap<(String, String), usize>,
    pub(crate) strict: bool,
    /// How many objects there are.
    pub(crate) size: usize,
    /// What they add to the files.
    pub(crate) budget: Budget,
    /// Whether a bound was reached.
    pub(crate) full: bool,
}

impl Round {
    /// Whether another round would look at the same things.
    pub(crate) fn is_like(&self, before: &Round) -> bool {
        self.strict == before.strict
            && self.kustomizations.len() == before.kustomizations.len()
            && self.first_change(before).is_none()
    }

    /// The first Kustomization that another round would look at otherwise.
    pub(crate) fn first_change(&self, before: &Round) -> Option<usize> {
        let same = |(a, b): (&Kustomization, &Kustomization)| {
            let same_build = match (&a.build, &b.build) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                (None, None) => true,
                _ => false,
            };
            same_build
                && a.namespace == b.namespace
                && a.name == b.name
                && a.path == b.path
                && a.source == b.source
                && a.variables == b.variables
                && a.objects.len() == b.objects.len()
                && a.problems.len() == b.problems.len()
        };
        let mut pairs = self.kustomizations.iter().zip(&before.kustomizations);
        pairs.position(|pair| !same(pair))
    }
}
