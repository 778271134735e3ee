//! What all clusters are rendered with.

use super::entry::Start;
use super::{Artifacts, Unreached};
use crate::flux::Discovery;
use crate::kustomize::Builder;
use crate::postbuild::substitute::Substituter;
use crate::source::SourceMap;

/// What all clusters are rendered with.
pub(crate) struct Renderer<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) builder: &'a Builder<'a>,
    pub(crate) substituter: &'a Substituter<'a>,
    pub(crate) unreached: &'a Unreached<'a>,
    pub(crate) artifacts: &'a Artifacts,
    pub(crate) options: &'a Discovery,
    /// What one cluster may add to the files.
    pub(crate) share: usize,
    /// Objects rendered of one cluster at most.
    pub(crate) max_objects: usize,
}

impl Renderer<'_> {
    pub(crate) fn is_strict(&self, start: &Start) -> bool {
        let stated = self.options.strict_substitution;
        stated.or(start.stated.strict).unwrap_or(true)
    }
}
