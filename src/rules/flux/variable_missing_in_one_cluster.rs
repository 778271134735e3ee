use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cluster::expressions::{expressions, has_post_build, opts_out, substitutes};
use crate::cluster::settings::{self, Holder, setting};
use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, Source};
use crate::kustomize::Build;
use crate::rules::words::{all_of, clusters};
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::{Store, Walk};

/// A variable that the settings of the other clusters state, for a manifest that they share.
pub(crate) static RULE: Rule = Rule {
    name: "variable-missing-in-one-cluster",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/variable-missing-in-one-cluster.md"),
    check,
};

fn default_stands_in(variables: &[&str], having: &[&str], lacking: &str) -> String {
    let (noun, values, stand) = match variables.len() {
        1 => ("variable", "a value", "its default stands"),
        _ => ("variables", "values", "their defaults stand"),
    };
    let have = if variables.len() == 1 { "has" } else { "have" };
    format!(
        "{noun} {} {have} {values} in {}, while in `{lacking}` {stand} in",
        all_of(variables),
        clusters(having)
    )
}

fn stays_text(owner: &Kustomization, variables: &[&str], having: &[&str], lacking: &str) -> String {
    format!(
        "Kustomization `{}` of cluster `{lacking}` leaves {} as text, which {} fill{} in",
        owner.full_name(),
        all_of(&expressions_of(variables)),
        clusters(having),
        if having.len() == 1 { "s" } else { "" }
    )
}

fn expressions_of(variables: &[&str]) -> Vec<String> {
    variables.iter().map(|name| format!("${{{name}}}")).collect()
}

fn help_add(variables: &[&str], file: &str) -> String {
    let pronoun = if variables.len() == 1 { "it is" } else { "they are" };
    format!(
        "add {} to `{file}`, with the default if that is what {pronoun} to be",
        all_of(variables)
    )
}

fn help_post_build(owner: &Kustomization, other: &str) -> String {
    format!(
        "give `{}` the `postBuild` that it has in cluster `{other}`",
        owner.name
    )
}

/// Expressions labelled in one finding.
const MAX_LABELS: usize = 4;

/// What a cluster makes of an expression.
#[derive(Debug, Clone)]
enum Use {
    /// Its settings state the variable, in this holder.
    Stated(Holder, Span),
    /// A Kustomization that substitutes has no such variable.
    Lacking,
    /// Nothing is substituted.
    Text,
    /// Anything else, such as a value that cannot be known.
    Other,
}

/// An expression in one file, with what each cluster that renders it makes of it.
#[derive(Debug, Default)]
struct Shared<'a> {
    default: Option<&'a str>,
    clusters: BTreeMap<usize, Vec<(&'a Kustomization, Use)>>,
}

impl Shared<'_> {
    /// The clusters whose settings state it, each with the place.
    fn having(&self) -> BTreeMap<usize, (&Holder, Span)> {
        let stated = self.clusters.iter().filter_map(|(at, uses)| {
            let stated = uses.iter().find_map(|(_, one)| match one {
                Use::Stated(holder, span) => Some((holder, *span)),
                _ => None,
            });
            Some((*at, stated?))
        });
        stated.collect()
    }

    /// The only cluster that does not state it, provided that nothing else is possible there.
    fn lacking(&self, having: &BTreeMap<usize, (&Holder, Span)>) -> Option<usize> {
        let mut others = self.clusters.keys().filter(|at| !having.contains_key(at));
        let only = others.next().filter(|_| others.next().is_none())?;
        Some(*only)
    }
}

/// What is lacking in one place, with the expressions that name it.
type Faults<'a> = BTreeMap<Key, Vec<Fault<'a>>>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    place: Span,
    lacking: usize,
    having: Vec<usize>,
    is_text: bool,
}

struct Fault<'a> {
    variable: &'a str,
    expression: Span,
    /// A value in another cluster.
    value: Span,
    owner: &'a Kustomization,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults = Faults::new();
    for ((expression, variable), shared) in shared(context) {
        let having = shared.having();
        let Some(lacking) = shared.lacking(&having) else {
            continue;
        };
        let Some((_, (_, value))) = having.first_key_value() else {
            continue;
        };
        let uses = shared.clusters.get(&lacking).map_or(&[][..], Vec::as_slice);
        let is_text = uses.iter().all(|(_, one)| matches!(one, Use::Text));
        let place = if is_text {
            uses.first().map(|(owner, _)| (*owner, owner.object.name_span()))
        } else if uses.iter().all(|(_, one)| matches!(one, Use::Lacking))
            && is_meant(context, &shared, lacking)
        {
            uses.first()
                .and_then(|(owner, _)| Some((*owner, counterpart(context.store, owner, &having)?)))
        } else {
            None
        };
        let Some((owner, place)) = place else { continue };
        let key = Key {
            place,
            lacking,
            having: having.keys().copied().collect(),
            is_text,
        };
        faults.entry(key).or_default().push(Fault {
            variable,
            expression,
            value: *value,
            owner,
        });
    }
    findings.extend(faults.iter().filter_map(|(key, faults)| {
        let members = faults.chunks(1).filter_map(|one| finding(context, key, one));
        Some(finding(context, key, faults)?.members(members))
    }));
}

/// Whether the default in place of a value is a mistake rather than what a default is for: every other cluster states
/// a value, several of them, or the default is made for one of the others.
fn is_meant(context: &Context<'_>, shared: &Shared<'_>, lacking: usize) -> bool {
    // Without a default the variable is undefined, which is another rule's.
    let Some(default) = shared.default else {
        return false;
    };
    let name = |at: usize| context.fleet.clusters.get(at).map_or("", |one| &one.name);
    let bears = |name: &str| settings::bears(default, name);
    let others = || shared.clusters.keys().filter(|at| **at != lacking);
    others().count() >= 2 || (others().any(|at| bears(name(*at))) && !bears(name(lacking)))
}

/// The settings of the Kustomization that correspond to those of the others.
fn counterpart(
    store: &Store<'_>,
    owner: &Kustomization,
    having: &BTreeMap<usize, (&Holder, Span)>,
) -> Option<Span> {
    let known = owner.variables.known.keys();
    let mut holders = known.filter_map(|name| Some(setting(store, owner, name)?.holder));
    let own = holders.find(|own| having.values().any(|(holder, _)| holder.role == own.role))?;
    // Settings that the others read as well cannot be what lacks the variable.
    having
        .values()
        .all(|(holder, _)| holder.span.file != own.span.file)
        .then_some(own.span)
}

fn finding(context: &Context<'_>, key: &Key, faults: &[Fault<'_>]) -> Option<Finding> {
    let name = |at: usize| context.fleet.clusters.get(at).map_or("", |one| one.name.as_str());
    let having: Vec<&str> = key.having.iter().map(|at| name(*at)).collect();
    let lacking = name(key.lacking);
    let mut variables: Vec<&str> = faults.iter().map(|fault| fault.variable).collect();
    variables.sort_unstable();
    variables.dedup();
    let owner = faults.first()?.owner;
    let finding = if key.is_text {
        let message = stays_text(owner, &variables, &having, lacking);
        Finding::new(message, key.place, "substitutes nothing")
            .help(help_post_build(owner, having.first()?))
            .object(owner.object.reference())
            .route(format!("spec.postBuild {}", variables.join(" ")))
    } else {
        let file = context.sources.file(key.place.file).path().to_string();
        let message = default_stands_in(&variables, &having, lacking);
        Finding::new(message, key.place, format!("lacks {}", all_of(&variables)))
            .help(help_add(&variables, &file))
            .route(format!("data {}", variables.join(" ")))
    };
    let text = |fault: &Fault<'_>| match key.is_text {
        true => format!("`{}` stays as it is here", fault.variable),
        false => format!("the default of `{}`", fault.variable),
    };
    let finding = faults.iter().take(MAX_LABELS).fold(finding, |finding, fault| {
        finding
            .label(fault.expression, text(fault))
            .label(fault.value, "its value in another cluster")
    });
    Some(finding.clusters([lacking]))
}

/// An expression by where it stands and the variable that it names.
type Expressions<'a> = BTreeMap<(Span, &'a str), Shared<'a>>;

/// The expressions that several clusters render.
fn shared<'a>(context: &Context<'a>) -> Expressions<'a> {
    let mut shared = Expressions::new();
    if context.fleet.clusters.len() < 2 {
        return shared;
    }
    let mut known: BTreeMap<*const Build, Vec<FoundExpression<'a>>> = BTreeMap::new();
    for (at, cluster) in context.fleet.clusters.iter().enumerate() {
        for owner in cluster.own_kustomizations().filter(|owner| !owner.suspended) {
            let (Some(build), Source::Here(_)) = (&owner.build, &owner.source) else {
                continue;
            };
            let mut uses: BTreeMap<&str, Use> = BTreeMap::new();
            let found = known.entry(Arc::as_ptr(build)).or_insert_with(|| found(build));
            for (span, variable, default) in found {
                let one = uses
                    .entry(variable)
                    .or_insert_with(|| use_of(context.store, owner, variable));
                let expression = shared.entry((*span, *variable)).or_default();
                expression.default = expression.default.or(*default);
                let clusters = &mut expression.clusters;
                clusters.entry(at).or_default().push((owner, one.clone()));
            }
        }
    }
    shared.retain(|_, expression| expression.clusters.len() > 1);
    shared
}

/// The place of an expression, its variable, and its default.
type FoundExpression<'a> = (Span, &'a str, Option<&'a str>);

/// The expressions in a build that Flux fills in itself, if at all. What Flux's own objects hold may be meant for the
/// Kustomizations below.
fn found(build: &Build) -> Vec<FoundExpression<'_>> {
    let mut found = BTreeSet::new();
    let is_text = |group: &str| !group.ends_with(".toolkit.fluxcd.io") && group != "apiextensions.k8s.io";
    let objects = build.objects.iter().filter(|object| is_text(object.group()));
    for object in objects.filter(|object| !opts_out(object)) {
        object.node.walk(&mut |_, key, node| {
            for one in key.into_iter().chain([node]) {
                let text = one.as_scalar().map_or("", |scalar| &*scalar.text);
                found.extend(expressions(text).map(|(name, rest)| (one.span(), name, default(rest))));
            }
            Walk::Enter
        });
    }
    found.into_iter().collect()
}

/// The default in what follows a name.
fn default(rest: &str) -> Option<&str> {
    let word = rest
        .strip_prefix(":=")
        .or_else(|| rest.strip_prefix(":-"))
        .or_else(|| rest.strip_prefix('='))?;
    word.split_once('}').map(|(word, _)| word)
}

fn use_of(store: &Store<'_>, owner: &Kustomization, variable: &str) -> Use {
    if !has_post_build(owner) {
        return Use::Text;
    }
    if let Some(setting) = setting(store, owner, variable) {
        return Use::Stated(setting.holder, setting.span);
    }
    let variables = &owner.variables;
    if substitutes(owner) && variables.open.is_none() && !variables.known.contains_key(variable) {
        Use::Lacking
    } else {
        Use::Other
    }
}

#[cfg(test)]
mod tests {
    use super::default;

    #[test]
    fn defaults_are_told_from_other_operators() {
        assert_eq!(default(":=north} and more}"), Some("north"));
        assert_eq!(default(":-}"), Some(""));
        assert_eq!(default("=x}"), Some("x"));
        for other in ["}", ":0:2}", "^^}", ":+x}"] {
            assert_eq!(default(other), None, "{other}");
        }
    }
}
