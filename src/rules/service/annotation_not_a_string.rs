use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::mesh::Member;
use crate::rules::gather::Gathered;
use crate::rules::places::written;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
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
        "{} `{key}` of {} `{}` is {is}, not a string",
        field.singular(),
        object.kind(),
        object.name()
    )
}

fn label(text: &str, loses_labels: bool) -> String {
    if loses_labels {
        format!("becomes `{text}` without quotes, and Flux drops every label of the object")
    } else {
        format!("becomes `{text}` without quotes")
    }
}

const LABEL_VALUE: &str = "the value that is filled in";

fn help_value(variable: &str, text: &str) -> String {
    format!(
        "put quotes into the value, `{variable}: '\"{text}\"'`, or write `${{quote}}${{{variable}}}${{quote}}` with a \
         variable `quote: '\"'`: Flux drops the quotes around an expression"
    )
}

fn help_default(variable: &str, text: &str) -> String {
    format!(
        "put quotes into the default, `'${{{variable}:=\"{text}\"}}'`: Flux drops the quotes around an expression"
    )
}

const HELP_SEVERAL: &str = "put a letter before or behind the expressions: Flux drops the quotes around them";

fn help_plain(text: &str) -> String {
    format!("write `\"{text}\"` with quotes")
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
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        for (span, key, finding) in in_values(member) {
            gathered.add(span, key, &member.name, finding);
        }
    }
    let told = gathered.into_faults();
    findings.extend(told.map(|(_, found)| found.first.clusters(found.clusters)));
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
                        let finding = finding(context, object, route, field, &key.text, &entry.value);
                        let route = format!("{}.{}.{}", route.join("."), field.key(), key.text);
                        findings.extend(finding.map(|f| f.clusters([cluster.name.as_str()]).route(route)));
                    }
                }
            }
        }
    }
}

/// What the chart prints into metadata as it stands, without quotes.
const PRINTED: &[(&[&str], Field)] = &[
    (&["clustermesh", "annotations"], Field::Annotations),
    (
        &["clustermesh", "apiserver", "podAnnotations"],
        Field::Annotations,
    ),
    (&["clustermesh", "apiserver", "podLabels"], Field::Labels),
    (
        &["clustermesh", "apiserver", "service", "annotations"],
        Field::Annotations,
    ),
    (&["clustermesh", "apiserver", "service", "labels"], Field::Labels),
];

/// Annotations and labels in the values of Cilium for the API server of the mesh.
fn in_values(member: &Member) -> Vec<(Span, String, Finding)> {
    let Some(cilium) = member.cilium.as_ref().filter(|cilium| cilium.has_values()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (path, field) in PRINTED {
        for entry in cilium.values.node(path).map_or(&[][..], Node::entries) {
            let steps = [
                path,
                &entry.key.as_text().map_or_else(Vec::new, |key| vec![key])[..],
            ]
            .concat();
            let node = &entry.value;
            if node.origin().is_unknown() || cilium.values.unknown_within(node).is_some() {
                continue;
            }
            let (Some(is), Some(key)) = (no_text(node), entry.key.as_text()) else {
                continue;
            };
            let text = node.as_text().unwrap_or_default();
            let place = cilium.values.place(node, &steps);
            let message = format!(
                "{} `{key}` of the API server of the mesh is {is}, not a string",
                field.singular()
            );
            let finding = Finding::new(
                message,
                place.edit_span(),
                format!("the chart prints `{text}` without quotes"),
            )
            .help(help_plain(text))
            .replace(text, &format!("\"{text}\""), true)
            .route(place.route.clone());
            let finding = match &place.object {
                Some(object) => finding.object(object.clone()),
                None => finding,
            };
            found.push((place.edit_span(), key.to_owned(), finding));
        }
    }
    found
}

/// What a value is that is no string. Kubernetes reads null as the empty text here.
fn no_text(value: &Node) -> Option<&'static str> {
    match value.resolve(Schema::Kubernetes)? {
        Resolved::Bool(_) => Some("a boolean"),
        Resolved::Int(_) => Some("an integer"),
        Resolved::Float(_) => Some("a number"),
        Resolved::Null | Resolved::Str(_) => None,
    }
}

fn finding(
    context: &Context<'_>,
    object: &Object,
    route: &[&str],
    field: Field,
    key: &str,
    value: &Node,
) -> Option<Finding> {
    let origin = value.origin();
    let expressions = origin.substituted.as_deref().unwrap_or_default();
    let own = route.len() == 1;
    // kustomize writes an object's own annotations back as text, whatever they were.
    if origin.is_unknown() || (expressions.is_empty() && own && matches!(field, Field::Annotations)) {
        return None;
    }
    let is = no_text(value)?;
    let text = value.as_scalar().map_or("", |scalar| &scalar.text);
    let help = match expressions {
        [] => help_plain(text),
        [only] => match only.value {
            // What YAML makes of the text is not what was written: `0755` becomes 493.
            Some(value) => help_value(&only.variable, written(context.sources, value).unwrap_or(text)),
            None => help_default(&only.variable, text),
        },
        _ => HELP_SEVERAL.to_owned(),
    };
    let message = message(field, key, object, is);
    let loses_labels = own && matches!(field, Field::Labels);
    let finding = Finding::new(message, origin.span, label(text, loses_labels))
        .help(help)
        .object(object.reference());
    let finding = match expressions {
        [] => finding.replace(text, &format!("\"{text}\""), true),
        _ => finding,
    };
    let values = expressions.iter().filter_map(|expression| expression.value);
    Some(values.fold(finding, |finding, span| finding.label(span, LABEL_VALUE)))
}
