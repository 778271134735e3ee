use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::support::cilium::{KNOWN, minor};
use super::support::shape_faults;
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::gather::Gathered;
use crate::rules::places::written;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::{Kind, Node, Resolved, Schema, Substitution, Walk};

/// A value that must be text and is something else once variables are filled in.
pub(crate) static RULE: Rule = Rule {
    name: "substitution-changes-type",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/substitution-changes-type.md"),
    check,
};

fn message(route: &str, object: &Object, is: &str) -> String {
    format!(
        "`{route}` of {} `{}` becomes {is}, and has to be text",
        object.kind(),
        object.name()
    )
}

fn label(text: &str) -> String {
    match text {
        "" => "becomes something else once variables are filled in".to_owned(),
        text => format!("becomes `{text}` without quotes"),
    }
}

fn help(variable: &str, text: &str) -> String {
    format!(
        "put quotes into the value, `{variable}: '\"{text}\"'`, or a letter beside the expression: Flux drops the quotes around it"
    )
}

const HELP_SEVERAL: &str = "put quotes into the values of the variable, or a letter beside the expression: Flux drops the quotes around it";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults = Gathered::new();
    let mut values: BTreeMap<Span, BTreeSet<Span>> = BTreeMap::new();
    for (at, cluster) in context.index.clusters.iter().enumerate() {
        let minor = minor(context, at);
        for (_, object) in cluster.cluster.objects() {
            let mut add = |route: &str, node: &Node, is: &'static str| {
                if let Some(finding) = finding(context, object, route, node, is) {
                    let of_node = values.entry(node.origin().span).or_default();
                    of_node.extend(values_of(node));
                    faults.add(node.origin().span, is, &cluster.cluster.name, finding);
                }
            };
            texts_of(object, &mut |route, node| {
                if let Some(is) = other_type(node) {
                    add(&route.to_string(), node, is);
                }
            });
            let changed = minor.map(|minor| shape_faults::changed(&KNOWN, minor, cluster, object));
            for (route, node, is) in changed.into_iter().flatten() {
                add(&route, &node, is);
            }
        }
    }
    findings.extend(
        faults
            .into_faults()
            .map(|(_, fault)| with_values(fault.first, &values).clusters(fault.clusters)),
    );
}

fn finding(context: &Context<'_>, object: &Object, route: &str, node: &Node, is: &str) -> Option<Finding> {
    let origin = node.origin();
    let expressions = origin.substituted.as_deref().unwrap_or_default();
    if expressions.is_empty() || origin.is_unknown() {
        return None;
    }
    let finding = Finding::new(
        message(route, object, is),
        origin.span,
        label(node.as_text().unwrap_or_default()),
    )
    .help(stated_help(context, expressions).unwrap_or_else(|| HELP_SEVERAL.to_owned()))
    .object(object.reference())
    .route(route);
    Some(finding)
}

/// What to write where one variable made the value.
fn stated_help(context: &Context<'_>, expressions: &[Substitution]) -> Option<String> {
    let [only] = expressions else { return None };
    Some(help(&only.variable, written(context.sources, only.value?)?))
}

fn values_of(node: &Node) -> impl Iterator<Item = Span> {
    let expressions = node.origin().substituted.as_deref().unwrap_or_default();
    expressions.iter().filter_map(|expression| expression.value)
}

/// Points at what each cluster fills in.
fn with_values(finding: Finding, values: &BTreeMap<Span, BTreeSet<Span>>) -> Finding {
    let all = values.get(&finding.primary().span);
    let finding = match all.map_or(0, BTreeSet::len) {
        0 | 1 => finding,
        _ => finding.help(HELP_SEVERAL),
    };
    all.into_iter().flatten().fold(finding, |finding, value| {
        finding.label(*value, "the value that is filled in")
    })
}

/// What a value is that is no text. Kubernetes reads null as the empty text.
fn other_type(node: &Node) -> Option<&'static str> {
    match node.kind() {
        Kind::Mapping(_) => Some("a map"),
        Kind::Sequence(_) => Some("a list"),
        Kind::Scalar(scalar) => match scalar.resolve(Schema::Kubernetes) {
            Resolved::Bool(_) => Some("a boolean"),
            Resolved::Int(_) | Resolved::Float(_) => Some("a number"),
            Resolved::Null | Resolved::Str(_) => None,
        },
    }
}

/// Calls `visit` with the values of an object that the API server takes as text only.
fn texts_of(object: &Object, visit: &mut dyn FnMut(&dyn fmt::Display, &Node)) {
    let fields: &[&str] = match (object.api_version(), object.kind()) {
        ("v1", "ConfigMap") => &["data"],
        ("v1", "Secret") => &["stringData"],
        (
            "apps/v1" | "batch/v1" | "v1",
            "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "Pod",
        ) => {
            return texts_of_containers(object, visit);
        }
        _ => return,
    };
    for field in fields {
        for entry in object.node.get(field).map_or(&[][..], Node::entries) {
            let key = entry.key.as_text().unwrap_or_default();
            visit(&format_args!("{field}.{key}"), &entry.value);
        }
    }
}

fn texts_of_containers(object: &Object, visit: &mut dyn FnMut(&dyn fmt::Display, &Node)) {
    object.node.walk(&mut |route, key, node| {
        let field = key.and_then(Node::as_text);
        if !matches!(field, Some("containers" | "initContainers")) {
            return Walk::Enter;
        }
        for (at, container) in node.items().iter().enumerate() {
            let route = format!("{route}[{at}]");
            for (at, variable) in container
                .get("env")
                .map_or(&[][..], Node::items)
                .iter()
                .enumerate()
            {
                if let Some(value) = variable.get("value") {
                    visit(&format_args!("{route}.env[{at}].value"), value);
                }
            }
            for field in ["command", "args"] {
                for (at, item) in container
                    .get(field)
                    .map_or(&[][..], Node::items)
                    .iter()
                    .enumerate()
                {
                    visit(&format_args!("{route}.{field}[{at}]"), item);
                }
            }
        }
        Walk::Skip
    });
}
