use std::fmt;

use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Kind, Node, Resolved, Schema, Walk};

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

fn help() -> &'static str {
    "put quotes into the value of the variable, `X: '\"1\"'`, or a letter beside the expression: Flux drops the quotes around it."
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults = Gathered::new();
    for cluster in &context.fleet.clusters {
        for (_, object) in cluster.objects() {
            texts_of(object, &mut |route, node| {
                let origin = node.origin();
                let expressions = origin.substituted.as_deref().unwrap_or_default();
                let Some(is) = other_type(node).filter(|_| !expressions.is_empty() && !origin.is_unknown())
                else {
                    return;
                };
                let route = &route.to_string();
                let finding = Finding::new(
                    message(route, object, is),
                    origin.span,
                    label(node.as_text().unwrap_or_default()),
                )
                .help(help())
                .object(object.reference())
                .route(route);
                let finding = expressions
                    .iter()
                    .filter_map(|expression| expression.value)
                    .fold(finding, |finding, value| {
                        finding.label(value, "the value that is filled in")
                    });
                faults.add(origin.span, is, &cluster.name, finding);
            });
        }
    }
    findings.extend(
        faults
            .into_faults()
            .map(|(_, fault)| fault.first.clusters(fault.clusters)),
    );
}

/// What a value is that is no text. Kubernetes reads null as the empty text.
fn other_type(node: &Node) -> Option<&'static str> {
    match node.kind() {
        Kind::Mapping(_) => Some("a map"),
        Kind::Sequence(_) => Some("a list"),
        Kind::Scalar(scalar) => match scalar.resolve(Schema::Kubernetes) {
            Resolved::Bool(_) => Some("a truth value"),
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
