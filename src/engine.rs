//! The order of a run: file contents and configuration in, findings out. Nothing here prints, reads a clock, or
//! remembers anything from one run to the next.

use rayon::prelude::*;

use crate::cluster::{Index, Written};
use crate::finding::Finding;
use crate::fleet::{self, Cluster, Fleet};
use crate::flux::Discovery;
use crate::kustomize::Builder;
use crate::mesh::{self, Machines, MeshOptions};
use crate::rules::{Context, RULES, Rule, Subjects, settle};
use crate::sink::{self, Outcome, Policy};
use crate::source::{Patterns, SourceMap};
use crate::yaml::Store;

/// Everything besides the files that decides what a run finds.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Files to pass over. They are part of the files' description: the caller hands them to [`SourceMap::exclude`].
    pub exclude: Patterns,
    /// What is stated about the clusters.
    pub discovery: Discovery,
    /// What is stated about the meshes.
    pub mesh: MeshOptions,
    /// Which rules and clusters are of interest.
    pub policy: Policy,
}

/// What a run gives.
#[derive(Debug)]
pub struct Run {
    /// The rendered clusters.
    pub fleet: Fleet,
    /// The findings and figures.
    pub outcome: Outcome,
}

/// What a run is busy with, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files are read and clusters rendered.
    Rendering,
    /// Rules look at the clusters.
    Checking,
}

/// Finds and renders the clusters: file → build → cluster. `store` remembers what was parsed.
pub fn load(store: &Store<'_>, config: &Config) -> Fleet {
    let builder = Builder::new(store);
    fleet::load(store.sources(), store, &builder, &config.discovery)
}

/// Checks the repository: cluster → fact → finding.
pub fn check(sources: &SourceMap, config: &Config) -> Run {
    check_watched(sources, config, &|_| {})
}

/// Like [`check`], and tells of each stage when it begins.
pub fn check_watched(sources: &SourceMap, config: &Config, begin: &dyn Fn(Stage)) -> Run {
    begin(Stage::Rendering);
    let store = Store::new(sources);
    let fleet = load(&store, config);
    begin(Stage::Checking);
    let outcome = judge(&store, &fleet, config);
    Run { fleet, outcome }
}

fn judge(store: &Store<'_>, fleet: &Fleet, config: &Config) -> Outcome {
    let sources = store.sources();
    let mesh = mesh::build_with(fleet, &config.mesh, &Machines::read(store), store.sources());
    let index = Index::new(fleet);
    let context = Context {
        sources,
        store,
        fleet,
        index: &index,
        written: &Written::new(sources),
        subjects: &Subjects::new(fleet),
        mesh: &mesh,
    };
    let policy = &config.policy;
    let found = run_rules(&context, policy);
    let (found, by_comments) = sink::apply_ignores(store, policy, found);
    let (found, by_entries) = sink::apply_entries(sources, policy, found);
    let clusters = fleet
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect();
    let mut sorted = sink::collect(sources, policy, &clusters, found);
    sorted.suppressed += by_comments + by_entries;
    let shown = |cluster: &Cluster| policy.clusters.is_empty() || policy.clusters.contains(&cluster.name);
    Outcome::new(sources, fleet, shown, sorted)
}

/// Runs every rule that the policy asks for, side by side.
fn run_rules(context: &Context<'_>, policy: &Policy) -> Vec<(&'static Rule, Finding)> {
    RULES
        .par_iter()
        .copied()
        .filter(|rule| policy.runs(rule))
        .flat_map_iter(|rule| {
            let mut findings = Vec::new();
            (rule.check)(context, &mut findings);
            findings
                .into_iter()
                .map(move |finding| (rule, settle(context, finding)))
        })
        .collect()
}
