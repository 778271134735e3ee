//! The order of a run: file contents and configuration in, findings out. Nothing here prints or reads a clock. What an [`Engine`]
//! remembers from one run to the next changes nothing but the time that it takes.

use rayon::prelude::*;

use crate::change::{self, Change, Tree};
use crate::cluster::{Index, Written};
use crate::finding::Finding;
use crate::fleet::{self, Cluster, Fleet};
use crate::flux::Discovery;
use crate::kustomize::{Builder, Builds};
use crate::mesh::{self, Machines, Mesh, MeshOptions, Running};
use crate::postbuild::{Printouts, Substituter};
use crate::rules::{Context, Past, RULES, Rule, Subjects, settled};
use crate::schema::Verdicts;
use crate::sink::{self, MeshSight, Outcome, Policy, Reported};
use crate::source::{Patterns, SourceMap};
use crate::yaml::{Parses, Store};

/// Everything besides the files that decides what a run finds.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
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
pub fn load(store: &Store<'_>, config: &RunOptions) -> Fleet {
    let (builder, substituter) = (Builder::new(store), Substituter::new(store.sources()));
    fleet::load(store.sources(), store, &builder, &substituter, &config.discovery)
}

/// Checks the repository: cluster → fact → finding.
pub fn check(sources: &SourceMap, config: &RunOptions) -> Run {
    check_watched(sources, config, &|_| {})
}

/// Like [`check`], and tells of each stage when it begins.
pub fn check_watched(sources: &SourceMap, config: &RunOptions, begin: &dyn Fn(Stage)) -> Run {
    begin(Stage::Rendering);
    let rendered = Rendered::new(sources, config);
    begin(Stage::Checking);
    let outcome = judge(rendered.tree(&rendered.mesh(config)), None, config);
    Run {
        fleet: rendered.fleet,
        outcome,
    }
}

/// Checks the repository and the change that led to it. What was found before comes too.
pub fn check_since(
    before: &SourceMap,
    sources: &SourceMap,
    config: &RunOptions,
    begin: &dyn Fn(Stage),
) -> (Run, Vec<Reported>) {
    begin(Stage::Rendering);
    let (old, new) = (Rendered::new(before, config), Rendered::new(sources, config));
    begin(Stage::Checking);
    let (outcome, past) = compare(&old, &new, config, |compared| (compared.outcome, compared.past));
    let fleet = new.fleet;
    (Run { fleet, outcome }, past)
}

/// A change, and what is found of it.
#[derive(Debug)]
pub struct Compared<'a> {
    /// What it began from.
    pub before: Tree<'a>,
    /// What it leads to.
    pub after: Tree<'a>,
    /// What changes.
    pub change: Change<'a>,
    /// The findings after it.
    pub outcome: Outcome,
    /// The findings before it.
    pub past: Vec<Reported>,
}

/// Sets two trees side by side.
pub fn compare<R>(
    before: &Rendered<'_>,
    after: &Rendered<'_>,
    config: &RunOptions,
    then: impl FnOnce(Compared<'_>) -> R,
) -> R {
    let (old_mesh, new_mesh) = (before.mesh(config), after.mesh(config));
    let (before, after) = (before.tree(&old_mesh), after.tree(&new_mesh));
    let change = change::compare(before, after);
    let past = Past {
        tree: before,
        change: &change,
    };
    let outcome = judge(after, Some(past), config);
    let past = judge(before, None, config).findings;
    then(Compared {
        before,
        after,
        change,
        outcome,
        past,
    })
}

/// Files with the clusters that they make.
#[derive(Debug)]
pub struct Rendered<'a> {
    store: Store<'a>,
    /// The clusters.
    pub fleet: Fleet,
    machines: Machines,
}

impl<'a> Rendered<'a> {
    /// Renders the clusters of these files.
    pub fn new(sources: &'a SourceMap, config: &RunOptions) -> Self {
        let store = Store::new(sources);
        let fleet = load(&store, config);
        Self::with(store, fleet)
    }

    fn with(store: Store<'a>, fleet: Fleet) -> Self {
        let machines = Machines::read(&store);
        Self {
            store,
            fleet,
            machines,
        }
    }

    /// What the clusters say of themselves.
    pub fn mesh(&self, config: &RunOptions) -> Mesh<'_> {
        mesh::build_with(&self.fleet, &config.mesh, &self.machines, self.store.sources())
    }

    fn tree<'t>(&'t self, mesh: &'t Mesh<'t>) -> Tree<'t> {
        Tree {
            store: &self.store,
            fleet: &self.fleet,
            mesh,
        }
    }
}

/// Checks one state of a repository after another. What hangs on files that hold the same is not made again.
#[derive(Debug, Default)]
pub struct Engine {
    sources: SourceMap,
    parses: Parses,
    builds: Builds,
    printouts: Printouts,
}

impl Engine {
    /// The same as [`check`] gives, or nothing once `goes_on` says no at the beginning of a stage.
    pub fn check(
        &mut self,
        sources: &SourceMap,
        config: &RunOptions,
        goes_on: &dyn Fn(Stage) -> bool,
    ) -> Option<Run> {
        if !goes_on(Stage::Rendering) {
            return None;
        }
        let store = Store::after(sources, std::mem::take(&mut self.parses));
        let fleet = self.load(&store, config);
        let rendered = Rendered::with(store, fleet);
        let outcome =
            goes_on(Stage::Checking).then(|| judge(rendered.tree(&rendered.mesh(config)), None, config));
        self.parses = rendered.store.parses_so_far();
        Some(Run {
            outcome: outcome?,
            fleet: rendered.fleet,
        })
    }

    /// Renders the clusters. A build is taken over where no file that it read holds something else, and none came or went.
    fn load(&mut self, store: &Store<'_>, config: &RunOptions) -> Fleet {
        let sources = store.sources();
        let builds = std::mem::take(&mut self.builds);
        let are_the_same = sources.has_the_files_of(&self.sources);
        let builds = if are_the_same { builds } else { Builds::default() };
        let builder = Builder::after(store, builds, &sources.contents());
        let substituter = Substituter::after(sources, std::mem::take(&mut self.printouts));
        let fleet = fleet::load(sources, store, &builder, &substituter, &config.discovery);
        self.sources = sources.clone();
        self.builds = builder.leave();
        self.printouts = substituter.leave();
        fleet
    }

    /// What was read of the files.
    pub fn parses(&self) -> &Parses {
        &self.parses
    }
}

fn judge(tree: Tree<'_>, past: Option<Past<'_>>, config: &RunOptions) -> Outcome {
    let Tree { store, fleet, mesh } = tree;
    let sources = store.sources();
    let index = Index::new(fleet);
    let running = Running::new(store, &index, mesh);
    let context = Context {
        sources,
        store,
        fleet,
        index: &index,
        running: &running,
        verdicts: &Verdicts::new(&index, &running),
        written: &Written::new(sources),
        rules: RULES,
        mesh,
        past,
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
    let mut outcome = Outcome::new(store, fleet, shown, sorted);
    outcome.summary.mesh = MeshSight::of(&mesh.members, &fleet.clusters, shown);
    outcome
}

/// Runs every rule that the policy asks for, side by side.
fn run_rules(context: &Context<'_>, policy: &Policy) -> Vec<(&'static Rule, Finding)> {
    let subjects = Subjects::new(context.fleet);
    RULES
        .par_iter()
        .copied()
        .filter(|rule| policy.runs(rule))
        .flat_map_iter(|rule| {
            let mut findings = Vec::new();
            (rule.check)(context, &mut findings);
            findings
                .into_iter()
                .map(|finding| {
                    (
                        rule,
                        settled(context.store, subjects.settle(context.store, finding)),
                    )
                })
                .collect::<Vec<_>>()
        })
        .collect()
}
