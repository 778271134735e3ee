//! The order of a run: file contents and configuration in, findings out. Nothing here prints, reads a clock, or
//! remembers anything from one run to the next.

use rayon::prelude::*;

use crate::finding::Finding;
use crate::flux::Fleet;
use crate::mesh::Mesh;
use crate::rules::{Context, RULES, Rule, find};
use crate::sink::{self, Outcome, Policy};
use crate::source::SourceMap;

/// Everything besides the files that decides what a run finds.
#[derive(Debug, Clone, Default)]
pub struct Config {
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

/// Runs every rule that the policy asks for, side by side.
fn judge(context: &Context<'_>, policy: &Policy) -> Vec<(&'static Rule, Finding)> {
    RULES
        .par_iter()
        .copied()
        .filter(|rule| policy.runs(rule))
        .flat_map_iter(|rule| {
            let mut findings = Vec::new();
            (rule.check)(context, &mut findings);
            findings
                .into_iter()
                .map(|finding| (find(finding.rule).unwrap_or(rule), finding))
        })
        .collect()
}

/// Checks the repository.
pub fn check(sources: &SourceMap, config: &Config) -> Run {
    let fleet = Fleet::default();
    let mesh = Mesh {
        fleet: &fleet,
        members: Vec::new(),
        relations: Vec::new(),
    };
    let context = Context {
        sources,
        fleet: &fleet,
        mesh: &mesh,
    };
    let sorted = sink::collect(sources, &config.policy, judge(&context, &config.policy));
    let shown = |cluster: &crate::flux::Cluster| {
        config.policy.clusters.is_empty() || config.policy.clusters.contains(&cluster.name)
    };
    let outcome = Outcome::new(sources, &fleet, shown, sorted);
    Run { fleet, outcome }
}
