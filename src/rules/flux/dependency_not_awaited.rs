use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, dependencies};
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// `dependsOn` of a Kustomization that is ready before what it applies is.
pub(crate) static RULE: Rule = Rule {
    name: "dependency-not-awaited",
    category: Category::Flux,
    severity: Severity::Info,
    pedantic: true,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/dependency-not-awaited.md"),
    check,
};

fn message(dependency: &str, dependents: &[String]) -> String {
    let (first, further) = (dependents.first(), dependents.len().saturating_sub(1));
    let first = first.map_or("", String::as_str);
    let subject = match further {
        0 => format!("Kustomization `{first}` depends"),
        1 => format!("Kustomization `{first}` and one more depend"),
        _ => format!("Kustomization `{first}` and {further} more depend"),
    };
    format!("{subject} on `{dependency}`, which is ready before what it applies is")
}

const LABEL: &str = "neither `wait` nor `healthChecks`";
const LABEL_DEPENDENT: &str = "waits for it";

fn help(dependency: &Kustomization) -> String {
    format!("add `wait: true` or `healthChecks` to `{}`", dependency.name)
}

/// Dependents labelled in one finding.
const MAX_LABELS: usize = 4;

/// A Kustomization that is ready too early. However many depend on it, it is the one to edit.
struct Early<'a> {
    dependency: &'a Kustomization,
    clusters: BTreeSet<&'a str>,
    dependents: BTreeMap<Span, String>,
}

impl Early<'_> {
    /// The same for one of those who depend on it.
    fn with(&self, (place, dependent): (&Span, &String)) -> Self {
        Self {
            dependency: self.dependency,
            clusters: self.clusters.clone(),
            dependents: BTreeMap::from([(*place, dependent.clone())]),
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut all: BTreeMap<Span, Early<'_>> = BTreeMap::new();
    for cluster in &context.fleet.clusters {
        for dependent in cluster.own_kustomizations().filter(|one| !one.suspended) {
            for wanted in dependencies(&dependent.object, &dependent.namespace) {
                let found = cluster.kustomization(wanted.namespace, wanted.name);
                let Some(dependency) = found.filter(|one| !wanted.ready_expression && !is_awaited(one))
                else {
                    continue;
                };
                let early = all.entry(dependency.object.name_span()).or_insert_with(|| Early {
                    dependency,
                    clusters: BTreeSet::new(),
                    dependents: BTreeMap::new(),
                });
                early.clusters.insert(&cluster.name);
                let place = wanted.name_node().origin().edit_span();
                early.dependents.insert(place, dependent.full_name());
            }
        }
    }
    findings.extend(all.into_iter().map(|(place, early)| {
        let members: Vec<Finding> = early
            .dependents
            .iter()
            .map(|one| finding(place, early.with(one)))
            .collect();
        finding(place, early).members(members)
    }));
}

fn finding(place: Span, early: Early<'_>) -> Finding {
    let dependency = early.dependency;
    let names: Vec<String> = early.dependents.values().cloned().collect();
    let finding = Finding::new(message(&dependency.full_name(), &names), place, LABEL)
        .help(help(dependency))
        .clusters(early.clusters)
        .object(dependency.object.reference())
        .route("spec.wait");
    let dependents = early.dependents.into_keys().take(MAX_LABELS);
    dependents.fold(finding, |finding, place| finding.label(place, LABEL_DEPENDENT))
}

/// Whether it is ready only when something that it applies is; also where that cannot be told.
fn is_awaited(kustomization: &Kustomization) -> bool {
    let Some(spec) = kustomization.spec() else {
        return true;
    };
    let waits = spec
        .get("wait")
        .is_some_and(|wait| !wait.is_null() && wait.as_bool() != Some(false));
    waits || !spec.get("healthChecks").map_or(&[][..], Node::items).is_empty()
}
