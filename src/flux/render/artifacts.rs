//! The artifacts that Kustomizations are built from: what source-controller leaves out of them, and what it adds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::kustomize::{LeftOut, Object};
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Node;

/// What is left out of each source, kept once for all clusters that see the same, so that they share builds.
#[derive(Debug, Default)]
pub(crate) struct Artifacts {
    known: Mutex<HashMap<String, Arc<LeftOut>>>,
}

impl Artifacts {
    /// What is left out of the artifact made of the files below `root`. `kind` is that of the source, `source` the object,
    /// where the cluster has it.
    pub(crate) fn left_out(
        &self,
        sources: &SourceMap,
        root: &RepoPath,
        kind: &str,
        source: Option<&Object>,
    ) -> Arc<LeftOut> {
        let (identity, made): (String, &dyn Fn() -> LeftOut) = match kind {
            "GitRepository" | "OCIRepository" | "Bucket" => (LeftOut::identity(root, source), &|| {
                LeftOut::of(sources, root, source)
            }),
            "ExternalArtifact" => (format!("artifact {root}"), &|| LeftOut::by_default(root)),
            _ => return Arc::default(),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = known.entry(identity).or_insert_with(|| Arc::new(made()));
        Arc::clone(left_out)
    }
}

/// Whether the path lies in what `spec.include` brings in from another repository.
pub(crate) fn is_included(root: &RepoPath, source: Option<&Object>, path: &RepoPath) -> bool {
    let included = source.and_then(|source| source.node.at(&["spec", "include"]));
    included.map(Node::items).unwrap_or_default().iter().any(|one| {
        let place = one.text_at(&["toPath"]).filter(|path| !path.is_empty());
        let place = place.or_else(|| one.text_at(&["repository", "name"]));
        place.is_none_or(|place| path.starts_with(&root.clamp_join(place)))
    })
}
