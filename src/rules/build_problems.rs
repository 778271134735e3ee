//! The problems of all builds, each once however many Kustomizations and clusters run into it.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::flux::Kustomization;
use crate::kustomize::{Problem, ProblemKind};
use crate::source::SourceMap;

/// A problem with everyone who runs into it.
#[derive(Debug)]
pub(crate) struct BuildProblem<'a> {
    pub(crate) problem: &'a Problem,
    clusters: BTreeSet<&'a str>,
    /// The first Kustomization whose build has it.
    owner: &'a Kustomization,
}

impl<'a> BuildProblem<'a> {
    /// The clusters that run into it.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = &'a str> {
        self.clusters.iter().copied()
    }

    /// Whether it is a path of a kustomization.yaml that holds a variable, which nothing can ever fill: Flux substitutes
    /// after the build.
    pub(crate) fn is_variable_in_path(&self, sources: &SourceMap) -> bool {
        let written = sources.snippet(self.problem.span);
        self.problem.kind.is_refusal() && written.contains("${") && !written.contains([' ', '\n'])
    }

    /// The problem in its own words.
    pub(crate) fn finding(&self) -> Finding {
        let problem = self.problem;
        let finding = Finding::new(&problem.message, problem.span, &problem.label)
            .clusters(self.clusters.iter().copied())
            .object(self.owner.object.reference())
            .route(&problem.label)
            // Whoever builds the directory first says nothing of the fault.
            .fact(format!(
                "{} {} {}",
                name_in_baselines(problem.kind),
                problem.label,
                problem.message
            ));
        let finding = match &problem.help {
            Some(help) => finding.help(help),
            None => finding,
        };
        let finding = finding.guess("", problem.meant.as_deref());
        problem
            .related
            .iter()
            .fold(finding, |finding, (span, text)| finding.label(*span, text))
    }
}

/// Baselines know findings by it: an entry that names nothing is a failure there.
fn name_in_baselines(kind: ProblemKind) -> String {
    match kind {
        ProblemKind::NamesNothing => format!("{:?}", ProblemKind::Failure),
        other => format!("{other:?}"),
    }
}

/// The problems of the builds of all clusters, by place.
pub(crate) fn build_problems(fleet: &Fleet) -> Vec<BuildProblem<'_>> {
    let mut found: BTreeMap<_, BuildProblem<'_>> = BTreeMap::new();
    for cluster in &fleet.clusters {
        for kustomization in cluster.own_kustomizations() {
            let problems = kustomization.build.iter().flat_map(|build| &build.problems);
            for problem in problems {
                found
                    .entry((problem.span, problem.kind, &problem.message))
                    .or_insert_with(|| BuildProblem {
                        problem,
                        clusters: BTreeSet::new(),
                        owner: kustomization,
                    })
                    .clusters
                    .insert(&cluster.name);
            }
        }
    }
    found.into_values().collect()
}
