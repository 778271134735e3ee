//! What discovery and rendering give: clusters, their Kustomizations, and the objects of each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::kustomize::{Build, Exclusion, Object};
use crate::source::{FileId, RepoPath, Span};
use crate::yaml::Node;

/// Every cluster of the repository, rendered.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Sorted by name.
    pub clusters: Vec<Cluster>,
    /// The YAML files that are no template and in no archive, whether a cluster reaches them or not.
    pub live: Vec<FileId>,
}

/// How a cluster gets its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Flux Kustomizations, from an entry point.
    Flux,
    /// No Flux: a set of Cilium Helm values is all that is known.
    Values,
}

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

/// One cluster.
#[derive(Debug)]
pub struct Cluster {
    /// The name shown: configured, else the part of the entry path that tells it from the others.
    pub name: String,
    /// The name that it has while none is configured: paths and machines of the repository may go by either.
    pub found_as: String,
    /// The directory (or values file) it starts from.
    pub entry: RepoPath,
    /// Where the repository says so: `spec.path` of the sync Kustomization, `sync.path` of the FluxInstance.
    pub entry_span: Option<Span>,
    /// How it gets its objects.
    pub delivery: Delivery,
    /// The entry point's Kustomization first, then every other in the order in which parents render them.
    pub kustomizations: Vec<Kustomization>,
    /// Cilium values outside of Flux: bootstrap files, or all there is when `delivery` is `Values`.
    pub loose_values: Vec<LooseValues>,
    /// Whether undefined variables fail the build (kustomize-controller ≥ 1.9 by default).
    pub strict_substitution: bool,
    /// The release of Flux, where the repository states one.
    pub flux: Option<FluxVersion>,
    /// The values of HelmReleases with `valuesFrom`, by namespace and name.
    pub helm: BTreeMap<(String, String), HelmValues>,
    /// What is stated to be in the cluster beside what the repository shows.
    pub given: Vec<Given>,
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

impl Cluster {
    /// Every rendered object with the position of its Kustomization. Objects that go to another cluster are left out.
    pub fn objects(&self) -> impl Iterator<Item = (usize, &Arc<Object>)> {
        self.kustomizations
            .iter()
            .enumerate()
            .filter(|(_, owner)| !owner.remote)
            .flat_map(|(at, owner)| owner.objects.iter().map(move |o| (at, o)))
    }

    /// The rendered objects of a kind, whatever their API version.
    pub fn objects_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (usize, &'a Arc<Object>)> {
        self.objects().filter(move |(_, object)| object.kind() == kind)
    }

    /// The values that a HelmRelease of this cluster gives its chart.
    pub fn helm_values(&self, release: &Object) -> HelmValues {
        let key = (
            release.namespace().unwrap_or_default().to_owned(),
            release.name().to_owned(),
        );
        self.helm
            .get(&key)
            .cloned()
            .unwrap_or_else(|| HelmValues::inline(release))
    }

    /// The Kustomizations that are objects of this cluster, without those of a hub whose objects only are here.
    pub fn own_kustomizations(&self) -> impl Iterator<Item = &Kustomization> {
        self.kustomizations.iter().filter(|one| one.hub.is_none())
    }

    /// Whether the repository may mean the cluster by that name.
    pub fn goes_by(&self, name: &str) -> bool {
        self.name == name || self.found_as == name
    }

    /// Whether all that is known of the cluster is what the Flux of another applies there.
    pub fn is_delivered_by_another(&self) -> bool {
        !self.kustomizations.is_empty() && self.own_kustomizations().next().is_none()
    }

    /// The Kustomization of that namespace and name.
    pub fn kustomization(&self, namespace: &str, name: &str) -> Option<&Kustomization> {
        self.kustomizations
            .iter()
            .find(|k| k.hub.is_none() && k.namespace == namespace && k.name == name)
    }
}

/// A file of Cilium Helm values that no HelmRelease brings in.
#[derive(Debug)]
pub struct LooseValues {
    /// The values.
    pub values: Node,
    /// The chart version, where something beside the file states it.
    pub chart_version: Option<Node>,
}

/// One Flux Kustomization of one cluster, as its parent rendered it.
#[derive(Debug)]
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
    pub problems: Vec<Problem>,
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

/// Why something cannot be known from the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownReason {
    /// Encrypted with SOPS, or a SealedSecret.
    Encrypted,
    /// Made in the cluster: by an ExternalSecret, an operator, or by hand.
    External,
    /// In a remote base, another repository or an artifact.
    Remote,
    /// Inside a chart that is not in the repository.
    Chart,
    /// Made by a generator whose inputs are not in the repository.
    Generated,
    /// Its build failed.
    BrokenBuild,
}

impl UnknownReason {
    /// The word used as key of `summary.unknown` in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::External => "external",
            Self::Remote => "remote",
            Self::Chart => "chart",
            Self::Generated => "generated",
            Self::BrokenBuild => "broken-build",
        }
    }
}

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A variable of `postBuild`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The value after newlines are removed; `None` when it cannot be known.
    pub value: Result<Arc<str>, UnknownReason>,
    /// Where the value is stated; `None` when nothing in the repository states it.
    pub span: Option<Span>,
}

/// The variables of one Kustomization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// By name.
    pub known: BTreeMap<Arc<str>, Variable>,
    /// A source of variables that cannot be read: any name may be defined by it.
    pub open: Option<UnknownReason>,
}

/// What went wrong while a Kustomization was rendered. Rules word these.
#[derive(Debug, Clone)]
pub enum Problem {
    /// `spec.path` names nothing in the source.
    MissingPath {
        /// The value of `spec.path`, or the object when there is none.
        span: Span,
        /// The path looked for.
        path: RepoPath,
        /// Why the artifact does not hold it, when the directory exists.
        excluded_by: Option<Exclusion>,
    },
    /// `${X}` without a default, and no X.
    UndefinedVariable {
        /// The name.
        variable: String,
        /// The expression.
        expression: Span,
        /// The object it is in.
        object: Arc<Object>,
    },
    /// The envsubst grammar refuses an expression.
    MalformedSubstitution {
        /// The expression, as exactly as it can be told.
        expression: Span,
        /// The real program's words: `missing closing brace`, `bad substitution`, …
        reason: String,
        /// The object it is in.
        object: Arc<Object>,
    },
    /// The text after substitution is not YAML any more.
    BrokenBySubstitution {
        /// The expression that broke it.
        expression: Span,
        /// The variables' values that took part, where known.
        values: Vec<(String, Span)>,
        /// The real program's words.
        reason: String,
        /// The object it is in.
        object: Arc<Object>,
    },
    /// A non-optional `substituteFrom` names a ConfigMap or Secret that the cluster does not have.
    MissingSubstituteSource {
        /// The reference's `name`.
        span: Span,
        /// `ConfigMap` or `Secret`.
        kind: String,
        /// Namespace looked in.
        namespace: String,
        /// Name looked for.
        name: String,
    },
    /// Rendering stops below this Kustomization, because what it delivers is more than is rendered of one cluster.
    TooMuch {
        /// The Flux object that is not rendered any more.
        span: Span,
        /// The bound, for example `20000 Kustomizations`.
        bound: String,
    },
    /// A key of a substitution source is no variable name, which fails the whole Kustomization.
    IllegalVariableName {
        /// The key.
        span: Span,
        /// The name.
        name: String,
        /// Where the source is referred to.
        reference: Span,
    },
}

/// The values of a HelmRelease: `valuesFrom` merged in order, then `values`.
#[derive(Debug, Clone)]
pub struct HelmValues {
    /// The merged tree; every node points at the file that states it.
    pub tree: Node,
    /// Sources that cannot be read. They may set any key that `values` does not.
    pub unknown: Vec<(Span, UnknownReason)>,
    /// Keys set by `spec.values` itself, which win over every source (but not over `targetPath` entries).
    pub own: Option<Node>,
}

/// The answer to "what is this value".
#[derive(Debug, Clone, Copy)]
pub enum Lookup<'a> {
    /// Stated here.
    Value(&'a Node),
    /// Nowhere stated: the chart's default holds.
    Absent,
    /// A source that cannot be read may state it.
    Unknown(UnknownReason),
}
