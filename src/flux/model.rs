//! A Kustomization as Flux sees it, with all that becomes of it.

use std::sync::Arc;

use crate::kustomize::{Build, Object};
use crate::postbuild::{RenderProblem, Variables};
use crate::source::RepoPath;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// A release of Flux, or a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FluxVersion {
    /// `2`
    pub major: u64,
    /// `None` where a range leaves it open.
    pub minor: Option<u64>,
    /// `None` where a range leaves it open.
    pub patch: Option<u64>,
}

impl FluxVersion {
    /// Reads `v2.9.5`, `2.9.x`, `2.*` or `~2.9`.
    pub fn parse(version: &str) -> Option<Self> {
        let version = version.split('@').next().unwrap_or_default();
        let mut parts = version.trim_start_matches(['v', '=', '~', '^']).split('.');
        let mut part = || parts.next()?.parse().ok();
        let major = part()?;
        let minor = part();
        let patch = minor.and_then(|_| part());
        Some(Self { major, minor, patch })
    }

    /// Whether it is that release or a later one. A range takes the newest that it allows.
    pub fn is_at_least(self, major: u64, minor: u64, patch: u64) -> bool {
        let own = (
            self.major,
            self.minor.unwrap_or(u64::MAX),
            self.patch.unwrap_or(u64::MAX),
        );
        own >= (major, minor, patch)
    }
}

/// An object that is in the cluster because the caller says so.
#[derive(Debug, Clone)]
pub struct Given {
    /// Its kind.
    pub kind: String,
    /// Its API group.
    pub group: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The object as far as it is stated, or what stands for it where its content is not.
    pub object: Arc<Object>,
    /// Whether its content is stated.
    pub is_told: bool,
}

/// One Flux Kustomization of one cluster, as its parent rendered it.
#[derive(Debug, Clone)]
pub struct Kustomization {
    /// Namespace after the parent's transformations.
    pub namespace: String,
    /// Name after the parent's transformations.
    pub name: String,
    /// The rendered object. For an entry point that exists only implicitly (FluxInstance sync) it is made from
    /// the FluxInstance and points at it.
    pub object: Arc<Object>,
    /// Position of the Kustomization whose build holds this one; `None` for the entry point.
    pub parent: Option<usize>,
    /// Where its files come from.
    pub source: Source,
    /// The directory that is built; `None` when the source is elsewhere or the path cannot be known.
    pub path: Option<RepoPath>,
    /// The kustomize build before substitution, shared with every cluster that builds the same; `None` when nothing was built.
    pub build: Option<Arc<Build>>,
    /// What Flux would apply: the build after substitution and common metadata.
    pub objects: Vec<Arc<Object>>,
    /// The ResourceSets among the objects whose own objects are all there too.
    pub rendered_sets: Vec<RenderedSet>,
    /// The variables of `postBuild`, after `substituteFrom` and `substitute` are merged.
    pub variables: Variables,
    /// What went wrong between the build and the objects.
    pub problems: Vec<RenderProblem>,
    /// `spec.suspend`
    pub suspended: bool,
    /// Whether the objects go to another cluster (`spec.kubeConfig`). That cluster has a copy with `hub` set.
    pub remote: bool,
    /// The cluster that this Kustomization lives in, when only its objects are here. Whatever its `spec` refers to
    /// is there too, so that only the objects are worth a rule's look.
    pub hub: Option<String>,
}

/// A ResourceSet of which everything is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedSet {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether it chooses its providers by labels, so that one that nobody sees would make more.
    pub selects_providers: bool,
}

impl Kustomization {
    /// The rendered `spec`.
    pub fn spec(&self) -> Option<&Node> {
        self.object.node.get("spec")
    }

    /// `namespace/name`, as Flux prints it.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Where the files of a Kustomization come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// This repository; the artifact's root is this directory.
    Here(RepoPath),
    /// Another repository, bucket or artifact, by its address.
    Elsewhere(String),
    /// The source object is not in the cluster.
    Missing,
    /// Cannot be told.
    Unknown(UnknownReason),
}
