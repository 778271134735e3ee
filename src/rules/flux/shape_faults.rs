//! Where an object differs from what its definition has: fields, types and words.

use super::shapes::{Fields, Shapes, Type, each};
use crate::finding::Finding;
use crate::flux::ClusterIndex;
use crate::kustomize::Object;
use crate::rules::suggest::nearest;
use crate::rules::words::all_of;
use crate::source::Span;
use crate::yaml::{Node, Resolved, Schema};

/// What every object has, whatever its definition says.
const EVERY_OBJECT: &[&str] = &["apiVersion", "kind", "metadata", "status"];

/// One product's objects, and what else is known of them.
pub(super) struct Known {
    pub(super) table: &'static Shapes,
    /// The versions and kinds whose `spec` a misplaced field may belong to.
    pub(super) neighbours: &'static [(&'static str, &'static str)],
    /// Fields that have another name now.
    pub(super) renamed: &'static [(&'static str, &'static str)],
    /// Fields whose words are the matter of another rule.
    pub(super) told_elsewhere: &'static [&'static str],
}

/// What is wrong at one place of an object.
struct Fault {
    route: String,
    span: Span,
    message: String,
    label: String,
    help: String,
}

fn wrong_type(route: &str, node: &Node, takes: &str, is: &str, help: impl Into<String>) -> Fault {
    Fault {
        message: format!("takes {takes} in `{route}`, not {is}"),
        span: node.origin().edit_span(),
        label: format!("is {is}"),
        help: help.into(),
        route: route.to_owned(),
    }
}

fn wrong_word(route: &str, node: &Node, text: &str, words: &str) -> Fault {
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
        route: route.to_owned(),
    }
}

/// The findings about the objects of a cluster.
pub(super) fn findings(rule: &'static str, known: &Known, cluster: &ClusterIndex<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, object) in cluster.cluster.objects() {
        let (version, kind) = (object.api_version(), object.kind());
        let Some(fields) = known.table.kind(version, kind) else {
            continue;
        };
        let mut look = Look {
            known,
            faults: Vec::new(),
        };
        look.fields(&object.node, fields, "");
        look.faults
            .retain(|fault| !declares(known.table, cluster, object, &fault.route));
        let told = look.faults.into_iter().map(|fault| {
            let message = format!("{kind} `{}` {}", object.name(), fault.message);
            Finding::new(rule, message, fault.span, fault.label)
                .help(fault.help)
                .clusters([cluster.cluster.name.as_str()])
                .object(object.reference())
                .route(fault.route)
        });
        findings.extend(told);
    }
    findings
}

struct Look<'k> {
    known: &'k Known,
    faults: Vec<Fault>,
}

impl Look<'_> {
    /// Looks at a value that should be of that type. The table bounds the depth.
    fn at(&mut self, node: &Node, expected: Type, route: &str) {
        let open = node.origin().is_unknown() || node.as_text().is_some_and(|text| text.contains("${"));
        if open || node.is_null() {
            return;
        }
        let wrong = |takes: &str, help: &str| Some(wrong_type(route, node, takes, is_what(node), help));
        let fault = match expected {
            Type::Any => None,
            Type::Text => not_text(node, route),
            Type::Texts => {
                self.texts(node, route);
                None
            }
            Type::Bool => match node.resolve(Schema::Kubernetes) {
                Some(Resolved::Bool(_)) => None,
                _ => wrong("a boolean", "write `true` or `false` without quotes"),
            },
            Type::Int => match node.resolve(Schema::Kubernetes) {
                Some(Resolved::Int(_)) => None,
                _ => wrong("an integer", "write a number without quotes"),
            },
            Type::Duration => match node.as_text() {
                Some(text) if is_duration(text) => None,
                Some(text) => {
                    let help = "write it with the units `ms`, `s`, `m` and `h`, for example `24h`";
                    Some(wrong_type(route, node, "a duration", &format!("`{text}`"), help))
                }
                None => wrong("a duration", "write text such as `1h`"),
            },
            Type::OneOf(words) => match node.as_text() {
                Some(text) if !words.split('|').any(|word| word == text) => {
                    Some(wrong_word(route, node, text, words))
                }
                _ => not_text(node, route),
            },
            Type::List(item) if node.is_sequence() => {
                for (index, one) in node.items().iter().enumerate() {
                    self.at(one, Type::read(item), &format!("{route}[{index}]"));
                }
                None
            }
            Type::List(_) => wrong("a list", "put a `-` before each item"),
            Type::Fields(shape) if node.is_mapping() => {
                self.fields(node, self.known.table.shape(shape), route);
                None
            }
            Type::Fields(_) => wrong("a map", "write fields below it"),
        };
        self.faults.extend(fault);
    }

    fn texts(&mut self, node: &Node, route: &str) {
        for entry in node.entries() {
            let key = entry.key.as_text().unwrap_or_default();
            let open = entry.value.origin().is_unknown() || entry.value.is_null();
            if !open {
                self.faults
                    .extend(not_text(&entry.value, &format!("{route}.{key}")));
            }
        }
    }

    fn fields(&mut self, node: &Node, fields: Fields, route: &str) {
        for entry in node.entries() {
            let Some(key) = entry.key.as_scalar() else {
                continue;
            };
            let name = &*key.text;
            let is_top = route.is_empty();
            if is_top && EVERY_OBJECT.contains(&name) {
                continue;
            }
            let route = if is_top {
                name.to_owned()
            } else {
                format!("{route}.{name}")
            };
            match each(fields).find(|(field, _)| *field == name) {
                Some(_) if self.known.told_elsewhere.contains(&route.as_str()) => {}
                Some((_, expected)) => self.at(&entry.value, expected, &route),
                None => {
                    let fault = self.unknown(route, &entry.key, name, fields);
                    self.faults.push(fault);
                }
            }
        }
    }

    fn unknown(&self, route: String, key: &Node, field: &str, fields: Fields) -> Fault {
        let help = match self.near_field(field, fields) {
            Some(near) => format!("did you mean `{near}`?"),
            None => match self.elsewhere(field, fields) {
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

    /// A word that differs in case or in one or two letters, or a new name.
    fn near_field(&self, field: &str, fields: Fields) -> Option<&'static str> {
        let names = each(fields).map(|(name, _)| name);
        let is_renamed = |name: &str| self.known.renamed.contains(&(field, name));
        names
            .clone()
            .find(|name| is_renamed(name))
            .or_else(|| names.clone().find(|name| name.eq_ignore_ascii_case(field)))
            .or_else(|| nearest(field, names))
    }

    /// The kind, other than this one, that has such a field in its `spec`.
    fn elsewhere(&self, field: &str, fields: Fields) -> Option<&'static str> {
        let table = self.known.table;
        let specs = self.known.neighbours.iter().filter_map(|(version, kind)| {
            let (_, spec) = each(table.kind(version, kind)?).find(|(name, _)| *name == "spec")?;
            match spec {
                Type::Fields(shape) => Some((*kind, table.shape(shape))),
                _ => None,
            }
        });
        specs
            .filter(|(_, spec)| *spec != fields)
            .find(|(_, spec)| each(spec).any(|(name, _)| name == field))
            .map(|(kind, _)| kind)
    }
}

fn not_text(node: &Node, route: &str) -> Option<Fault> {
    let is_text = matches!(node.resolve(Schema::Kubernetes), Some(Resolved::Str(_)));
    let help = || match node.as_text() {
        Some(text) if node.origin().substituted.is_none() => format!("write `\"{text}\"` with quotes"),
        Some(text) => {
            format!("put quotes into the value, `'\"{text}\"'`: Flux drops those around an expression")
        }
        None => "write text".to_owned(),
    };
    (!is_text).then(|| wrong_type(route, node, "text", is_what(node), help()))
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

/// Whether a definition that the cluster shows has the field: then what runs there is newer or older than the table.
fn declares(table: &Shapes, cluster: &ClusterIndex<'_>, object: &Object, route: &str) -> bool {
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
    found.flatten().is_some() && !table.has(object.api_version(), object.kind(), route)
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
