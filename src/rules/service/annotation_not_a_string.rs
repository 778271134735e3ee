use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Node, Resolved, Schema};

/// A label or annotation that is no string once variables are filled in.
pub(crate) static RULE: Rule = Rule {
    name: "annotation-not-a-string",
    category: Category::Service,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/annotation-not-a-string.md"),
    check,
};

fn message(field: Field, key: &str, object: &Object, is: &str) -> String {
    format!(
        "{} `{key}` of {} `{}` becomes {is}, not a string",
        field.singular(),
        object.kind(),
        object.name()
    )
}

fn label(text: &str) -> String {
    format!("becomes `{text}` without quotes")
}

const LABEL_VALUE: &str = "the value that is filled in";

fn help(variable: Option<&str>, text: &str) -> String {
    match variable {
        Some(variable) => format!(
            "put the quotes into the value: `{variable}: '\"{text}\"'` (Flux drops those around the expression)"
        ),
        None => format!(
            "put the quotes into the default: `'\"{text}\"'` (Flux drops those around the expression)"
        ),
    }
}

/// The two maps of strings in metadata.
#[derive(Debug, Clone, Copy)]
enum Field {
    Labels,
    Annotations,
}

impl Field {
    fn key(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Annotations => "annotations",
        }
    }

    fn singular(self) -> &'static str {
        match self {
            Self::Labels => "label",
            Self::Annotations => "annotation",
        }
    }
}

/// Where metadata is found in an object: its own, and that of the pods it makes.
const METADATA: &[&[&str]] = &[
    &["metadata"],
    &["spec", "template", "metadata"],
    &["spec", "jobTemplate", "metadata"],
    &["spec", "jobTemplate", "spec", "template", "metadata"],
];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.fleet.clusters {
        for (_, object) in cluster.objects() {
            for route in METADATA {
                let Some(metadata) = object.node.at(route) else {
                    continue;
                };
                for field in [Field::Labels, Field::Annotations] {
                    for entry in metadata.get(field.key()).map_or(&[][..], Node::entries) {
                        let Some(key) = entry.key.as_scalar() else {
                            continue;
                        };
                        let finding = finding(object, field, &key.text, &entry.value);
                        let route = format!("{}.{}.{}", route.join("."), field.key(), key.text);
                        findings.extend(finding.map(|f| f.clusters([cluster.name.as_str()]).route(route)));
                    }
                }
            }
        }
    }
}

fn finding(object: &Object, field: Field, key: &str, value: &Node) -> Option<Finding> {
    let origin = value.origin();
    let expressions = origin.substituted.as_deref()?;
    if origin.is_unknown() {
        return None;
    }
    let is = match value.resolve(Schema::Kubernetes)? {
        Resolved::Null => "null",
        Resolved::Bool(_) => "a boolean",
        Resolved::Int(_) => "an integer",
        Resolved::Float(_) => "a number",
        Resolved::Str(_) => return None,
    };
    let text = value.as_scalar().map_or("", |scalar| &scalar.text);
    let variable = match expressions {
        [only] if only.value.is_some() => Some(&*only.variable),
        _ => None,
    };
    let mut finding = Finding::new(
        RULE.name,
        message(field, key, object, is),
        origin.span,
        label(text),
    )
    .help(help(variable, text))
    .object(object.reference());
    for expression in expressions {
        if let Some(span) = expression.value {
            finding = finding.label(span, LABEL_VALUE);
        }
    }
    Some(finding)
}
