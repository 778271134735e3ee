//! What a run looked at and what it could not see.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Fixed, Marks, MeshSight, Reported, Sorted, fingerprint, members};
use crate::finding::Severity;
use crate::fleet::{Cluster, Fleet};
use crate::flux::Source;
use crate::kustomize::ProblemKind;
use crate::postbuild::RenderProblem;
use crate::secret::hidden;
use crate::source::{FileId, SourceMap, Span};
use crate::yaml::Store;

/// One cluster in the reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSummary {
    /// Its name.
    pub name: String,
    /// The directory or file it starts from.
    pub entry: String,
    /// Flux Kustomizations that reach it.
    pub kustomizations: usize,
    /// Objects that Flux would apply.
    pub objects: usize,
}

/// The figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Findings of level error.
    pub errors: usize,
    /// Findings of level warning.
    pub warnings: usize,
    /// Findings of level info.
    pub infos: usize,
    /// Findings left out because they are ignored.
    pub suppressed: usize,
    /// Manifests in the repository.
    pub files: usize,
    /// Objects over all clusters.
    pub objects: usize,
    /// What could not be known, by reason.
    pub unknown: BTreeMap<&'static str, usize>,
    /// What of the mesh could not be seen.
    pub mesh: MeshSight,
}

/// What the reports show.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The clusters looked at, by name.
    pub clusters: Vec<ClusterSummary>,
    /// The findings, by path, position and rule.
    pub findings: Vec<super::Reported>,
    /// The figures.
    pub summary: Summary,
    /// The root of the repository, where it is not the path that was named.
    pub root: Option<String>,
    /// With `--since`: what was found before the change and is no more.
    pub fixed: Option<Vec<Fixed>>,
    /// Of the files that findings point into: the bytes that no report may quote.
    pub secrets: BTreeMap<FileId, Vec<Range<usize>>>,
}

impl Outcome {
    /// Counts what was looked at and adds it to the findings.
    pub fn new(store: &Store<'_>, fleet: &Fleet, shown: impl Fn(&Cluster) -> bool, sorted: Sorted) -> Self {
        let sources = store.sources();
        let clusters: Vec<&Cluster> = fleet.clusters.iter().filter(|cluster| shown(cluster)).collect();
        let summaries: Vec<ClusterSummary> = clusters.iter().map(|cluster| summarise(cluster)).collect();
        let summary = Summary {
            errors: sorted.count(Severity::Error),
            warnings: sorted.count(Severity::Warning),
            infos: sorted.count(Severity::Info),
            suppressed: sorted.suppressed,
            files: sources
                .files()
                .iter()
                .filter(|file| !file.is_ignored() && file.path().is_manifest())
                .count(),
            objects: summaries.iter().map(|cluster| cluster.objects).sum(),
            unknown: unknown(sources, &clusters),
            mesh: MeshSight::default(),
        };
        Self {
            clusters: summaries,
            secrets: secrets(store, &sorted.findings),
            findings: sorted.findings,
            summary,
            root: None,
            fixed: None,
        }
    }
}

fn secrets(store: &Store<'_>, findings: &[Reported]) -> BTreeMap<FileId, Vec<Range<usize>>> {
    let labels = findings.iter().flat_map(|one| &one.finding.labels);
    let files: BTreeSet<FileId> = labels.map(|label| label.span.file).collect();
    let of_file = |file| (file, hidden(store.sources(), file, store.parsed(file)));
    files
        .into_iter()
        .map(of_file)
        .filter(|(_, ranges)| !ranges.is_empty())
        .collect()
}

impl Outcome {
    /// Leaves out the findings without a label in one of those files. What is fixed there is told by path only.
    pub fn keep_those_in(&mut self, is_of_interest: impl Fn(FileId) -> bool) {
        self.findings.retain(|one| {
            let mut labels = one.finding.labels.iter();
            labels.any(|label| is_of_interest(label.span.file))
        });
        self.count();
    }

    /// Leaves out the faults that one of the lists marks as known: findings all of whose members are, which count as
    /// suppressed, and of other groups the members that are.
    pub fn leave_out(&mut self, sources: &SourceMap, lists: &[Marks]) {
        let findings = std::mem::take(&mut self.findings);
        let mut is_split = false;
        for (nth, reported) in findings.into_iter().enumerate() {
            let is_marked = |member: usize| {
                let marked = |list: &Marks| list.get(nth).and_then(|marks| marks.get(member)).copied();
                lists.iter().any(|list| marked(list) == Some(true))
            };
            let marks: Vec<bool> = (0..reported.members.len()).map(is_marked).collect();
            if !marks.is_empty() && marks.iter().all(|marked| *marked) {
                self.summary.suppressed += 1;
                continue;
            }
            is_split |= marks.contains(&true);
            self.findings.extend(members::without(reported, &marks));
        }
        if is_split {
            let place = |one: &Reported| (one.finding.primary().span, one.rule.name);
            self.findings
                .sort_by(|a, b| (place(a), &a.finding.message).cmp(&(place(b), &b.finding.message)));
            fingerprint::assign(sources, &mut self.findings);
        }
        self.count();
    }

    fn count(&mut self) {
        let count = |severity| {
            self.findings
                .iter()
                .filter(|one| one.severity == severity)
                .count()
        };
        self.summary.errors = count(Severity::Error);
        self.summary.warnings = count(Severity::Warning);
        self.summary.infos = count(Severity::Info);
    }
}

/// What of the clusters is unknown, and what of the repository nobody could look at.
fn unknown(sources: &SourceMap, clusters: &[&Cluster]) -> BTreeMap<&'static str, usize> {
    let mut unknown = count_unknown(clusters);
    let is_cut_off = |problem: &&RenderProblem| {
        matches!(
            problem,
            RenderProblem::TooMuch { .. } | RenderProblem::Unsettled { .. }
        )
    };
    let owners = || clusters.iter().flat_map(|cluster| &cluster.kustomizations);
    let of_clusters = owners()
        .flat_map(|owner| &owner.problems)
        .filter(is_cut_off)
        .count();
    let builds = owners().filter_map(|owner| owner.build.as_ref());
    let limits: BTreeSet<Span> = builds
        .flat_map(|build| &build.problems)
        .filter(|problem| problem.kind == ProblemKind::Limit)
        .map(|problem| problem.span)
        .collect();
    let count = sources.unseen().len() + of_clusters + limits.len();
    if count > 0 {
        unknown.insert("not-looked-at", count);
    }
    unknown
}

fn summarise(cluster: &Cluster) -> ClusterSummary {
    ClusterSummary {
        name: cluster.name.clone(),
        entry: cluster.entry.to_string(),
        kustomizations: cluster.kustomizations.len(),
        objects: cluster.objects().count(),
    }
}

/// What the clusters refer to that the repository does not show, each place counted once however many clusters share it.
pub fn count_unknown(clusters: &[&Cluster]) -> BTreeMap<&'static str, usize> {
    let mut places: BTreeMap<&'static str, BTreeSet<(Span, &str)>> = BTreeMap::new();
    for owner in clusters.iter().flat_map(|cluster| &cluster.kustomizations) {
        for opaque in owner.build.iter().flat_map(|build| &build.opaque) {
            places
                .entry("remote-base")
                .or_default()
                .insert((opaque.origin.span, ""));
        }
        match &owner.source {
            Source::Elsewhere(_) => {
                places
                    .entry("remote")
                    .or_default()
                    .insert((owner.object.name_span(), ""));
            }
            Source::Unknown(reason) => {
                places
                    .entry(reason.as_str())
                    .or_default()
                    .insert((owner.object.name_span(), ""));
            }
            Source::Here(_) | Source::Missing => {}
        }
        if let Some(reason) = owner.variables.open {
            places
                .entry(reason.as_str())
                .or_default()
                .insert((owner.object.name_span(), ""));
        }
        for (name, variable) in &owner.variables.known {
            if let Err(reason) = &variable.value {
                let span = variable.span.unwrap_or_else(|| owner.object.name_span());
                places.entry(reason.as_str()).or_default().insert((span, name));
            }
        }
        for object in owner
            .objects
            .iter()
            .filter(|object| object.kind() == "HelmRelease")
        {
            places
                .entry("chart")
                .or_default()
                .insert((object.name_span(), ""));
        }
    }
    places
        .into_iter()
        .map(|(reason, places)| (reason, places.len()))
        .collect()
}
