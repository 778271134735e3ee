//! What the ways of delivery find.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::flux::EntryPoint;
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::source::{FileId, RepoPath, Span};
use crate::yaml::Node;

/// What discovery found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Clusters that Flux delivers.
    pub(crate) flux: Vec<EntryPoint>,
    /// Clusters of which only Cilium values are known.
    pub(crate) values: Vec<ValuesCluster>,
    /// The same where Flux delivers others: clusters only if their mesh says so.
    pub(crate) beside: Vec<ValuesCluster>,
    /// Cilium values that Flux does not deliver.
    pub(crate) bootstrap: Vec<BootstrapValues>,
    /// Directories of manifests that run in the cluster of a name, as something says.
    pub(crate) applied: Vec<(String, RepoPath)>,
    /// Literal paths of Flux objects that lead nowhere.
    pub(crate) elsewhere: Vec<RepoPath>,
    /// Files that what was found takes in: they are no clusters of their own.
    pub(crate) claimed: BTreeSet<RepoPath>,
    /// The YAML files that are no template and in no archive.
    pub(crate) live: Vec<FileId>,
}

/// A cluster of which only Cilium values are known.
#[derive(Debug)]
pub(crate) struct ValuesCluster {
    pub(crate) name: String,
    /// Its name while none is stated.
    pub(crate) found_as: String,
    /// The file with the values.
    pub(crate) entry: RepoPath,
    pub(crate) span: Span,
    pub(crate) values: HelmValues,
    /// Where something states the chart's version.
    pub(crate) chart_version: Option<Node>,
    /// What configures its machines, where that was made for it alone.
    pub(crate) machines: Vec<Node>,
    /// Values, with the chart's version, that another way brings into the same cluster.
    pub(crate) witnesses: Vec<(HelmValues, Option<Node>)>,
    /// Where its manifests lie, as far as something says so: directories and files.
    pub(crate) manifests: Vec<RepoPath>,
    /// Manifests that stand in something else.
    pub(crate) objects: Vec<Arc<Object>>,
    /// Which way found it.
    pub(crate) way: usize,
}

impl ValuesCluster {
    /// A cluster with these values, of which nothing else is known yet.
    pub(crate) fn of(name: String, entry: RepoPath, span: Span, values: HelmValues) -> Self {
        Self {
            found_as: name.clone(),
            name,
            entry,
            span,
            values,
            chart_version: None,
            machines: Vec::new(),
            witnesses: Vec::new(),
            manifests: Vec::new(),
            objects: Vec::new(),
            way: 0,
        }
    }
}

/// Values that some bootstrap installs Cilium with.
#[derive(Debug)]
pub(crate) struct BootstrapValues {
    /// The file they stand in, or the helmfile that holds them.
    pub(crate) path: RepoPath,
    pub(crate) values: Node,
    /// The chart's version, where a helmfile states it.
    pub(crate) chart_version: Option<Node>,
}

/// Directories whose files are used before Flux runs.
const BOOTSTRAP: &[&str] = &["bootstrap", "helmfile", "helmfile.d", "talos"];

impl BootstrapValues {
    /// Whether the path says that the file is for bootstrapping.
    pub(crate) fn is_for_bootstrap(&self) -> bool {
        self.path.components().any(|name| BOOTSTRAP.contains(&name))
    }
}
