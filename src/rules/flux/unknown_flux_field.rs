use super::fields::{Type, fields, spec_of};
use crate::finding::{Finding, Severity};
use crate::flux::ClusterIndex;
use crate::kustomize::Object;
use crate::rules::suggest::nearest;
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::{Node, Resolved, Route, Schema, Step};

/// A field, type or word that the definition of a Flux object does not have.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-flux-field",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/unknown-flux-field.md"),
    check,
};

/// What is wrong at one place of an object.
struct Fault {
    route: String,
    span: Span,
    message: String,
    label: String,
    help: String,
}

fn unknown(route: String, key: &Node, field: &str, shape: &str) -> Fault {
    let known = fields(shape).map(|(name, _)| name);
    let help = match near_field(field, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => match elsewhere(field, shape) {
            Some(other) => format!("remove it, or move it: `{field}` is a field of {other}"),
            None => "remove it".to_owned(),
        },
    };
    Fault {
        message: format!("has no field `{route}`"),
        span: key.span(),
        label: "no such field".to_owned(),
        help,
        route,
    }
}

fn wrong_type(route: String, node: &Node, takes: &str, is: &str, help: String) -> Fault {
    Fault {
        message: format!("takes {takes} in `{route}`, not {is}"),
        span: node.origin().edit_span(),
        label: format!("is {is}"),
        help,
        route,
    }
}

fn wrong_word(route: String, node: &Node, text: &str, words: &str) -> Fault {
    let all: Vec<&str> = words.split('|').collect();
    let help = match nearest(text, all.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}", all_of(&all)),
    };
    Fault {
        message: format!("does not take `{text}` in `{route}`"),
        span: node.origin().edit_span(),
        label: format!("takes {}", all_of(&all)),
        help,
        route,
    }
}

/// A word that differs in case or in one or two letters, or an old name.
fn near_field<'f>(field: &str, known: impl Iterator<Item = &'f str> + Clone) -> Option<&'f str> {
    match field {
        "patchesStrategicMerge" | "patchesJson6902" => known.clone().find(|name| *name == "patches"),
        "valuesFile" => known.clone().find(|name| *name == "valuesFiles"),
        _ => None,
    }
    .or_else(|| known.clone().find(|name| name.eq_ignore_ascii_case(field)))
    .or_else(|| nearest(field, known))
}

/// The Flux kind, other than this one, that has such a field in its `spec`.
fn elsewhere(field: &str, shape: &str) -> Option<&'static str> {
    [
        "Kustomization",
        "HelmRelease",
        "OCIRepository",
        "GitRepository",
        "HelmRepository",
    ]
    .into_iter()
    .filter(|kind| *kind != shape)
    .find(|kind| fields(kind).any(|(name, _)| name == field))
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.index.clusters {
        for (_, object) in cluster.cluster.objects() {
            let Some(shape) = spec_of(object.api_version(), object.kind()) else {
                continue;
            };
            let Some(spec) = object.node.get("spec") else {
                continue;
            };
            let mut faults = Vec::new();
            look(
                spec,
                Type::Fields(shape),
                &mut vec![Step::Key("spec")],
                &mut faults,
            );
            let faults = faults
                .into_iter()
                .filter(|fault| !declares(cluster, object, &fault.route));
            findings.extend(faults.map(|fault| finding(fault, object, &cluster.cluster.name)));
        }
    }
}

fn finding(fault: Fault, object: &Object, cluster: &str) -> Finding {
    let message = format!("{} `{}` {}", object.kind(), object.name(), fault.message);
    Finding::new(RULE.name, message, fault.span, fault.label)
        .help(fault.help)
        .clusters([cluster])
        .object(object.reference())
        .route(fault.route)
}

/// Looks at a value that should be of that type. The table bounds the depth.
fn look<'n>(node: &'n Node, expected: Type, steps: &mut Vec<Step<'n>>, faults: &mut Vec<Fault>) {
    let open = node.origin().is_unknown() || node.as_text().is_some_and(|text| text.contains("${"));
    if open || node.is_null() {
        return;
    }
    let at = |steps: &[Step<'_>]| Route(steps).to_string();
    match expected {
        Type::Any => {}
        Type::Text => faults.extend(not_text(node, steps)),
        Type::Texts => {
            for entry in node.entries() {
                let open = entry.value.origin().is_unknown() || entry.value.is_null();
                if !open {
                    steps.push(Step::Key(entry.key.as_text().unwrap_or_default()));
                    faults.extend(not_text(&entry.value, steps));
                    steps.pop();
                }
            }
        }
        Type::Bool if !matches!(node.resolve(Schema::Kubernetes), Some(Resolved::Bool(_))) => {
            let help = "write `true` or `false` without quotes".to_owned();
            faults.push(wrong_type(at(steps), node, "a boolean", is_what(node), help));
        }
        Type::Int if !matches!(node.resolve(Schema::Kubernetes), Some(Resolved::Int(_))) => {
            let help = "write a number without quotes".to_owned();
            faults.push(wrong_type(at(steps), node, "an integer", is_what(node), help));
        }
        Type::Bool | Type::Int => {}
        Type::Duration => match node.as_text() {
            Some(text) if is_duration(text) => {}
            Some(text) => {
                let help = "write it with the units `ms`, `s`, `m` and `h`, for example `24h`".to_owned();
                faults.push(wrong_type(
                    at(steps),
                    node,
                    "a duration",
                    &format!("`{text}`"),
                    help,
                ));
            }
            None => faults.push(wrong_type(
                at(steps),
                node,
                "a duration",
                is_what(node),
                "write text such as `1h`".to_owned(),
            )),
        },
        Type::OneOf(words) => {
            let unfit = node
                .as_text()
                .filter(|text| !words.split('|').any(|word| word == *text));
            faults.extend(unfit.map(|text| wrong_word(at(steps), node, text, words)));
        }
        Type::List(item) if node.is_sequence() => {
            for (index, one) in node.items().iter().enumerate() {
                steps.push(Step::Index(index));
                look(one, Type::read(item), steps, faults);
                steps.pop();
            }
        }
        Type::List(_) => {
            let help = "put a `-` before each item".to_owned();
            faults.push(wrong_type(at(steps), node, "a list", is_what(node), help));
        }
        Type::Fields(shape) if node.is_mapping() => look_into(node, shape, steps, faults),
        Type::Fields(_) => {
            faults.push(wrong_type(
                at(steps),
                node,
                "a map",
                is_what(node),
                "write fields below it".to_owned(),
            ));
        }
    }
}

fn look_into<'n>(node: &'n Node, shape: &str, steps: &mut Vec<Step<'n>>, faults: &mut Vec<Fault>) {
    for entry in node.entries() {
        let Some(key) = entry.key.as_scalar() else {
            continue;
        };
        steps.push(Step::Key(&key.text));
        match fields(shape).find(|(name, _)| *name == &*key.text) {
            Some((_, expected)) if !is_told_elsewhere(steps) => look(&entry.value, expected, steps, faults),
            Some(_) => {}
            None => faults.push(unknown(Route(steps).to_string(), &entry.key, &key.text, shape)),
        }
        steps.pop();
    }
}

/// The kinds of chart sources are the matter of `malformed-chart-reference`.
fn is_told_elsewhere(steps: &[Step<'_>]) -> bool {
    use Step::Key;
    matches!(
        steps,
        [Key("spec"), Key("chartRef"), Key("kind")]
            | [
                Key("spec"),
                Key("chart"),
                Key("spec"),
                Key("sourceRef"),
                Key("kind")
            ]
    )
}

fn not_text(node: &Node, steps: &[Step<'_>]) -> Option<Fault> {
    let is_text = matches!(node.resolve(Schema::Kubernetes), Some(Resolved::Str(_)));
    let help = || match node.as_text() {
        Some(text) if node.origin().substituted.is_none() => format!("write `\"{text}\"` with quotes"),
        Some(text) => {
            format!("put quotes into the value, `'\"{text}\"'`: Flux drops those around an expression")
        }
        None => "write text".to_owned(),
    };
    (!is_text).then(|| wrong_type(Route(steps).to_string(), node, "text", is_what(node), help()))
}

fn is_what(node: &Node) -> &'static str {
    match node.resolve(Schema::Kubernetes) {
        Some(Resolved::Bool(_)) => "a boolean",
        Some(Resolved::Int(_)) => "an integer",
        Some(Resolved::Float(_)) => "a number",
        Some(Resolved::Null) => "nothing",
        Some(Resolved::Str(_)) => "text",
        None if node.is_sequence() => "a list",
        None => "a map",
    }
}

/// The pattern of the definitions: numbers, each with a unit. There are no days.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let Some(after) = ["ms", "s", "m", "h"]
            .iter()
            .find_map(|unit| digits.strip_prefix(unit))
        else {
            return false;
        };
        if digits.len() == rest.len() {
            return false;
        }
        rest = after;
    }
    !text.is_empty()
}

/// Whether a definition that the cluster shows has the field: then Flux there is newer or older than the table.
fn declares(cluster: &ClusterIndex<'_>, object: &Object, route: &str) -> bool {
    let mut definitions = cluster.cluster.objects_of("CustomResourceDefinition");
    let Some((_, definition)) = definitions.find(|(_, definition)| {
        let text = |route: &[&str]| definition.node.text_at(route);
        text(&["spec", "group"]) == Some(object.group())
            && text(&["spec", "names", "kind"]) == Some(object.kind())
    }) else {
        return false;
    };
    let version = object
        .api_version()
        .rsplit_once('/')
        .map_or("", |(_, version)| version);
    let versions = definition
        .node
        .at(&["spec", "versions"])
        .map_or(&[][..], Node::items);
    let schema = versions
        .iter()
        .find(|one| one.text_at(&["name"]) == Some(version))
        .and_then(|one| one.at(&["schema", "openAPIV3Schema"]));
    let found = route.split('.').try_fold(schema, |schema, part| {
        let (name, is_item) = part
            .split_once('[')
            .map_or((part, false), |(name, _)| (name, true));
        let field = schema?.at(&["properties", name])?;
        Some(if is_item { field.get("items") } else { Some(field) })
    });
    found.flatten().is_some() && !fields_have(object.kind(), route)
}

/// Whether the table has the field, so that its type or words are wrong and not its name.
fn fields_have(kind: &str, route: &str) -> bool {
    let mut shape = kind.to_owned();
    for part in route.split('.').skip(1) {
        let name = part.split('[').next().unwrap_or(part);
        let Some((_, found)) = fields(&shape).find(|(field, _)| *field == name) else {
            return false;
        };
        shape = match found {
            Type::Fields(next) | Type::List(next) => next.to_owned(),
            _ => String::new(),
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_and_no_days() {
        for good in ["1h", "1h30m", "1.5h", "500ms", "90s"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "1d", "60", "h", "1h 30m", "-1h"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
