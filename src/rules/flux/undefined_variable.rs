mod lacking;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::lacking::{Gap, Known};
use super::support::foreign::{ExpressionPlace, is_known_anywhere, keep_as_text};
use crate::finding::{Finding, Severity};
use crate::fleet::{Cluster, Fleet};
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::postbuild::RenderProblem;
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};
use crate::source::{FileId, SourceMap, Span};
use crate::text::suggest::{nearest, nearest_typo};

/// `${X}` without a default, and no X.
pub(crate) static RULE: Rule = Rule {
    name: "undefined-variable",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/undefined-variable.md"),
    check,
};

fn message(variables: &[&str], owner: Option<String>) -> String {
    let names: Vec<_> = variables
        .iter()
        .take(MAX_NAMES)
        .map(|name| format!("`{name}`"))
        .collect();
    let hidden = variables.len() - names.len();
    let (subject, verb) = match names.as_slice() {
        [only] => (format!("variable {only}"), "has"),
        [rest @ .., last] if hidden == 0 => (format!("variables {} and {last}", rest.join(", ")), "have"),
        all => (format!("variables {} and {hidden} more", all.join(", ")), "have"),
    };
    match owner {
        Some(owner) => format!("{subject} {verb} no value in {owner}"),
        None => format!("{subject} {verb} no value"),
    }
}

fn first_label(variable: &str, strict: bool) -> String {
    if strict {
        format!("Flux refuses the build because `{variable}` is not set")
    } else {
        format!("Flux puts nothing here because `{variable}` is not set")
    }
}

fn lacks_label(variables: &[&str], places: usize) -> String {
    let named = match places {
        1 => String::new(),
        _ => format!(", named in {places} places"),
    };
    format!(
        "{} {} missing here{named}",
        all_of(variables),
        if variables.len() == 1 { "is" } else { "are" }
    )
}

const VALUE_LABEL: &str = "its value in another cluster";

fn further_label(variable: &str) -> String {
    format!("`{variable}` is not set")
}

fn help_defined_near(near: &str) -> String {
    format!("did you mean `{near}`?")
}

fn help_other_kustomization(variable: &str, owner: &str, other: &str) -> String {
    format!("give Kustomization `{owner}` the `substituteFrom` of `{other}`, which has `{variable}`")
}

fn help_other_cluster(variables: &[&str], file: Option<&str>, cluster: &str, other_file: &str) -> String {
    let names = all_of(variables);
    let pronoun = if variables.len() == 1 { "it" } else { "them" };
    match file {
        Some(file) => format!("add {names} to `{file}`; cluster `{cluster}` has {pronoun} in `{other_file}`"),
        None => format!("define {names} as cluster `{cluster}` does in `{other_file}`"),
    }
}

fn help_add(variable: &str, file: Option<&str>) -> String {
    match file {
        Some(file) => format!("add `{variable}` to `{file}`, or state a default: `${{{variable}:=…}}`"),
        None => format!("define `{variable}` in `spec.postBuild`, or state a default: `${{{variable}:=…}}`"),
    }
}

fn and_more(help: &str, hidden: usize) -> String {
    match hidden {
        0 => help.to_owned(),
        1 => format!("{help} (one more such expression follows in the file)"),
        _ => format!("{help} ({hidden} more such expressions follow in the file)"),
    }
}

fn and_more_places(help: &str, hidden: usize) -> String {
    match hidden {
        0 => help.to_owned(),
        1 => format!("{help} (one more expression names them)"),
        _ => format!("{help} ({hidden} more expressions name them)"),
    }
}

/// Variables named in one message.
const MAX_NAMES: usize = 3;
/// Expressions labelled in one finding.
const MAX_LABELS: usize = 6;

/// One expression, with every cluster in which it has no value.
struct Occurrence<'a> {
    variable: &'a str,
    object: &'a Arc<Object>,
    clusters: BTreeSet<&'a str>,
    owners: BTreeSet<String>,
    /// The first cluster and Kustomization that met it.
    met_by: (usize, &'a Kustomization),
    strict: bool,
}

/// What a rule tells as one: expressions, by where they stand.
type Fault<'o, 'a> = Vec<(Span, &'o Occurrence<'a>)>;

impl<'a> Occurrence<'a> {
    /// The cluster, where it is one.
    fn only_cluster(&self) -> Option<&'a str> {
        let mut clusters = self.clusters.iter();
        let only = clusters.next()?;
        clusters.next().is_none().then_some(only)
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let files = by_file(context);
    let mut known = Known::default();
    // What the settings of one cluster lack is one fault, wherever it is named.
    let mut gaps: BTreeMap<(Span, &str), (Gap, Fault<'_, '_>)> = BTreeMap::new();
    for occurrences in files.values() {
        // Clusters that lack different variables of one file have different faults.
        let mut faults: BTreeMap<_, Fault<'_, '_>> = BTreeMap::new();
        for ((span, variable), occurrence) in occurrences {
            let elsewhere = defined_elsewhere(context.fleet, occurrence.met_by.0, variable);
            let gap = elsewhere
                .and_then(|(_, other, _)| known.gap(context.store, occurrence.met_by.1, other, variable));
            if let (Some(gap), Some(cluster)) = (gap, occurrence.only_cluster()) {
                let (_, fault) = gaps
                    .entry((gap.holder, cluster))
                    .or_insert_with(|| (gap, Vec::new()));
                fault.push((*span, occurrence));
                continue;
            }
            let foreign = elsewhere.is_none()
                && ExpressionPlace::find(occurrence.object, *span).is_foreign(
                    context.sources,
                    *span,
                    variable,
                );
            let key = (occurrence.clusters.clone(), foreign);
            faults.entry(key).or_default().push((*span, occurrence));
        }
        for ((_, foreign), fault) in faults {
            let members = fault.chunks(1).filter_map(|one| finding(context, foreign, one));
            findings.extend(finding(context, foreign, &fault).map(|all| all.members(members)));
        }
    }
    for (gap, fault) in gaps.values() {
        let members = fault
            .chunks(1)
            .filter_map(|one| lacking_finding(context, *gap, one));
        findings.extend(lacking_finding(context, *gap, fault).map(|all| all.members(members)));
    }
}

type Occurrences<'a> = BTreeMap<(Span, &'a str), Occurrence<'a>>;

fn by_file<'a>(context: &Context<'a>) -> BTreeMap<FileId, Occurrences<'a>> {
    let mut files: BTreeMap<FileId, Occurrences<'a>> = BTreeMap::new();
    for (at, cluster) in context.fleet.clusters.iter().enumerate() {
        for kustomization in cluster.own_kustomizations() {
            for problem in &kustomization.problems {
                let RenderProblem::UndefinedVariable {
                    variable,
                    expression,
                    object,
                } = problem
                else {
                    continue;
                };
                // Descriptions in definitions speak of variables; losing a word there harms nobody.
                if !cluster.strict_substitution && object.kind() == "CustomResourceDefinition" {
                    continue;
                }
                let occurrence = files
                    .entry(expression.file)
                    .or_default()
                    .entry((*expression, variable.as_str()))
                    .or_insert_with(|| Occurrence {
                        variable,
                        object,
                        clusters: BTreeSet::new(),
                        owners: BTreeSet::new(),
                        met_by: (at, kustomization),
                        strict: false,
                    });
                occurrence.clusters.insert(&cluster.name);
                occurrence.owners.insert(kustomization.full_name());
                occurrence.strict |= cluster.strict_substitution;
            }
        }
    }
    files
}

fn finding(context: &Context<'_>, foreign: bool, fault: &[(Span, &Occurrence<'_>)]) -> Option<Finding> {
    let (span, first) = *fault.first()?;
    let variables = variables_of(fault);
    let owner = owner_of(fault);
    let strict = fault.iter().any(|(_, occurrence)| occurrence.strict);
    let help = help(context, foreign, span, first, &variables);
    let hidden = fault.len().saturating_sub(MAX_LABELS);
    let mut finding = Finding::new(
        message(&variables, owner),
        span,
        first_label(first.variable, strict),
    )
    .help(and_more(&help, hidden))
    .clusters(first.clusters.iter().copied())
    .object(first.object.reference())
    .route(ExpressionPlace::find(first.object, span).route);
    for (span, occurrence) in fault.iter().take(MAX_LABELS).skip(1) {
        finding = finding.label(*span, further_label(occurrence.variable));
    }
    Some(if strict {
        finding
    } else {
        finding.severity(Severity::Warning)
    })
}

/// What the settings of one cluster lack, at the place where it belongs.
fn lacking_finding(context: &Context<'_>, gap: Gap, fault: &[(Span, &Occurrence<'_>)]) -> Option<Finding> {
    let (span, first) = *fault.first()?;
    let variables = variables_of(fault);
    let cluster = first.only_cluster().unwrap_or_default();
    let place = owner_of(fault).unwrap_or_else(|| format!("cluster `{cluster}`"));
    let strict = fault.iter().any(|(_, occurrence)| occurrence.strict);
    let help = help(context, false, span, first, &variables);
    let hidden = fault.len().saturating_sub(MAX_LABELS);
    let mut finding = Finding::new(
        message(&variables, Some(place)),
        gap.beside,
        lacks_label(&variables, fault.len()),
    )
    .help(and_more_places(&help, hidden))
    .clusters([cluster])
    .object(first.object.reference())
    .route(ExpressionPlace::find(first.object, span).route)
    .label(span, first_label(first.variable, strict));
    for (span, occurrence) in fault.iter().take(MAX_LABELS).skip(1) {
        finding = finding.label(*span, further_label(occurrence.variable));
    }
    let finding = finding.label(gap.value, VALUE_LABEL);
    Some(if strict {
        finding
    } else {
        finding.severity(Severity::Warning)
    })
}

fn variables_of<'a>(fault: &[(Span, &Occurrence<'a>)]) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let all = fault.iter().map(|(_, occurrence)| occurrence.variable);
    all.filter(|variable| seen.insert(*variable)).collect()
}

/// The Kustomization in which all of it was met.
fn owner_of(fault: &[(Span, &Occurrence<'_>)]) -> Option<String> {
    let mut owners = fault.iter().flat_map(|(_, occurrence)| &occurrence.owners);
    let first = owners.next()?;
    owners
        .all(|owner| owner == first)
        .then(|| format!("Kustomization `{first}`"))
}

fn help(
    context: &Context<'_>,
    foreign: bool,
    span: Span,
    occurrence: &Occurrence<'_>,
    variables: &[&str],
) -> String {
    let variable = occurrence.variable;
    let (at, owner) = occurrence.met_by;
    let known = owner.variables.known.keys().map(|name| &**name);
    if foreign {
        let expression = expression(context.sources, span, variable);
        let is_known = |name: &str| is_known_anywhere(context.fleet, name);
        let keep = keep_as_text(context.sources, occurrence.object, &expression, &is_known);
        return match nearest_typo(variable, known) {
            Some(near) => format!("{} Else {keep}", help_defined_near(near)),
            None => keep,
        };
    }
    let elsewhere = defined_elsewhere(context.fleet, at, variable);
    if let (None, Some(near)) = (elsewhere, nearest(variable, known)) {
        return help_defined_near(near);
    }
    let file = settings_file(context.sources, owner);
    if let Some((cluster, other, value)) = elsewhere {
        return if context
            .fleet
            .clusters
            .get(at)
            .is_some_and(|here| here.name == cluster.name)
        {
            help_other_kustomization(variable, &owner.full_name(), &other.full_name())
        } else {
            let other_file = context.sources.file(value.file).path().to_string();
            let has = |name: &&&str| other.variables.known.contains_key(**name);
            let all: Vec<&str> = variables.iter().filter(has).copied().collect();
            help_other_cluster(&all, file.as_deref(), &cluster.name, &other_file)
        };
    }
    help_add(variable, file.as_deref())
}

/// The expression as written, or in its plain form where its bytes cannot be told.
fn expression(sources: &SourceMap, span: Span, variable: &str) -> String {
    let written = sources.snippet(span);
    if written.starts_with("${") && written.ends_with('}') && written.len() <= 60 {
        written.to_owned()
    } else {
        format!("${{{variable}}}")
    }
}

/// The file that gives a Kustomization most of its variables.
fn settings_file(sources: &SourceMap, kustomization: &Kustomization) -> Option<String> {
    let mut counts: BTreeMap<FileId, usize> = BTreeMap::new();
    for span in kustomization
        .variables
        .known
        .values()
        .filter_map(|variable| variable.span)
    {
        *counts.entry(span.file).or_default() += 1;
    }
    let (file, _) = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
    Some(sources.file(file).path().to_string())
}

/// A Kustomization that has the variable: one of the same cluster if there is one.
fn defined_elsewhere<'a>(
    fleet: &'a Fleet,
    at: usize,
    variable: &str,
) -> Option<(&'a Cluster, &'a Kustomization, Span)> {
    let here = fleet.clusters.get(at).into_iter();
    let others = fleet
        .clusters
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != at);
    here.chain(others.map(|(_, cluster)| cluster))
        .find_map(|cluster| {
            cluster.kustomizations.iter().find_map(|kustomization| {
                let value = kustomization.variables.known.get(variable)?.span?;
                Some((cluster, kustomization, value))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_no_file_states_are_told_of() {
        assert_eq!(
            first_label("SIZE", false),
            "Flux puts nothing here because `SIZE` is not set"
        );
        assert_eq!(
            help_other_cluster(&["SIZE"], None, "infra", "a.yaml"),
            "define `SIZE` as cluster `infra` does in `a.yaml`"
        );
        assert_eq!(
            help_add("SIZE", None),
            "define `SIZE` in `spec.postBuild`, or state a default: `${SIZE:=…}`"
        );
    }
}
