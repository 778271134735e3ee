use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::definition_edges::{Edge, User, users};
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// Custom resources in what has to be applied before their definitions can come.
pub(crate) static RULE: Rule = Rule {
    name: "dependency-deadlock",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/dependency-deadlock.md"),
    check,
};

/// How the one that brings the definitions comes after the one that needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It is applied by it, or by what it applies.
    AppliedBy,
    /// It waits for it.
    WaitsFor,
}

fn message(user: &User<'_>, how: How) -> String {
    let name = user.kustomization.full_name();
    let provider = user.provider.kustomization.full_name();
    let (kind, object) = (user.object.kind(), user.object.name());
    match how {
        How::AppliedBy => format!(
            "Kustomization `{name}` applies {kind} `{object}` together with `{provider}`, which brings its definition"
        ),
        How::WaitsFor => format!(
            "Kustomization `{name}` applies {kind} `{object}`, but `{provider}`, which brings its definition, waits for it"
        ),
    }
}

const LABEL: &str = "Flux applies nothing of its Kustomization before the definition is there";
const LABEL_USER: &str = "applies it";
const LABEL_PROVIDER: &str = "brings the definition";

fn label_after(how: How) -> &'static str {
    match how {
        How::AppliedBy => "comes with the same build",
        How::WaitsFor => "waits for it, directly or through others",
    }
}

fn help(user: &User<'_>) -> String {
    format!(
        "move {} `{}` into a Kustomization of its own that depends on `{}`",
        user.object.kind(),
        user.object.name(),
        user.provider.kustomization.name
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<(Span, String), (User<'_>, How, BTreeSet<&str>)> = BTreeMap::new();
    for index in &context.index.clusters {
        for user in users(context.written, index) {
            if !matches!(user.edge, Edge::Backwards) {
                continue;
            }
            let how = how(index.cluster, &user);
            let key = (user.object.name_span(), message(&user, how));
            let (_, _, clusters) = found.entry(key).or_insert((user, how, BTreeSet::new()));
            clusters.insert(&index.cluster.name);
        }
    }
    findings.extend(
        found
            .into_iter()
            .map(|((place, message), (user, how, clusters))| {
                let provider = user.provider.kustomization;
                Finding::new(message, place, LABEL)
                    .label(user.kustomization.object.name_span(), LABEL_USER)
                    .label(provider.object.name_span(), label_after(how))
                    .label(user.provider.object.name_span(), LABEL_PROVIDER)
                    .help(help(&user))
                    .clusters(clusters)
                    .object(user.kustomization.object.reference())
                    .route(format!("definitions of {}", user.object.group()))
            }),
    );
}

fn how(cluster: &Cluster, user: &User<'_>) -> How {
    let position = |of: &crate::flux::Kustomization| {
        let mut all = cluster.kustomizations.iter();
        all.position(|one| std::ptr::eq(one, of))
    };
    let is_above = match (
        position(user.provider.kustomization),
        position(user.kustomization),
    ) {
        (Some(provider), Some(own)) => cluster.lineage(provider).any(|parent| parent == own),
        _ => false,
    };
    if is_above { How::AppliedBy } else { How::WaitsFor }
}
