use std::collections::{BTreeMap, BTreeSet};

use super::expressions::{expressions, texts};
use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, Source};
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A variable that no expression names.
pub(crate) static RULE: Rule = Rule {
    name: "unused-variable",
    category: Category::Flux,
    severity: Severity::Info,
    pedantic: true,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/unused-variable.md"),
    check,
};

fn message(variable: &str) -> String {
    format!("variable `{variable}` is used nowhere")
}

/// A variable's line, with the clusters that read it.
#[derive(Debug, Default)]
struct Stated<'a> {
    clusters: BTreeSet<&'a str>,
    used: bool,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut stated: BTreeMap<(Span, &str), Stated<'_>> = BTreeMap::new();
    for cluster in &context.fleet.clusters {
        for owner in cluster.own_kustomizations() {
            let used = names(owner);
            for (name, variable) in &owner.variables.known {
                let Some(span) = variable.span else { continue };
                let one = stated.entry((span, name)).or_default();
                one.clusters.insert(&cluster.name);
                one.used |= used.as_ref().is_none_or(|used| used.contains(&**name));
            }
        }
    }
    // A variable whose name says what it holds states a fact about the cluster that other rules read.
    let settings = &context.mesh.settings;
    let unused = stated
        .into_iter()
        .filter(|((_, name), one)| !one.used && !settings.is_setting(name));
    findings.extend(unused.map(|((span, name), one)| {
        Finding::new(RULE.name, message(name), span, "no expression names it")
            .help("remove it, or name it where it was meant to be")
            .clusters(one.clusters)
    }));
}

/// The names in the expressions of what a Kustomization builds; `None` when part of it cannot be seen.
fn names(owner: &Kustomization) -> Option<BTreeSet<&str>> {
    let build = owner.build.as_ref()?;
    if build.failed() || !build.opaque.is_empty() || !matches!(owner.source, Source::Here(_)) {
        return None;
    }
    let mut names = BTreeSet::new();
    texts(owner, &mut |_, _, node| {
        let text = node.as_scalar().map_or("", |scalar| &*scalar.text);
        names.extend(expressions(text).map(|(name, _)| name));
        // `${#X}`
        names.extend(
            text.split("${#")
                .skip(1)
                .filter_map(|rest| rest.split('}').next()),
        );
    });
    Some(names)
}
