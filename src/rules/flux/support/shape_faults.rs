//! Where an object differs from what its definition has: fields, types and words.

use crate::cluster::ClusterIndex;
use crate::finding::Finding;
use crate::kustomize::Object;
use crate::rules::words::all_of;
use crate::schema::is_what;
use crate::sops::{is_encrypted, is_encrypted_document};
use crate::source::Span;
use crate::tables::shapes::{Fields, Minors, Shapes, Type, each, each_with_minors};
use crate::text::suggest::nearest;
use crate::yaml::{Node, Resolved, Route, Schema, Step};

/// What every object has, whatever its definition says.
const EVERY_OBJECT: &[&str] = &["apiVersion", "kind", "metadata", "status"];
/// What SOPS adds to a file that it encrypts. Flux decrypts objects of every kind before it applies them.
const ENCRYPTION: &str = "sops";

/// One product's objects, and what else is known of them.
pub(crate) struct Known {
    pub(crate) product: &'static str,
    pub(crate) table: &'static Shapes,
    /// The versions and kinds whose `spec` a misplaced field may belong to.
    pub(crate) neighbours: &'static [(&'static str, &'static str)],
    /// Fields that have another name now.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// Whether text that variables turn into something else is the matter of another rule.
    pub(crate) substituted_elsewhere: bool,
    /// Fields whose words are the matter of another rule.
    pub(crate) told_elsewhere: &'static [&'static [&'static str]],
}

/// What is wrong at one place of an object.
struct Fault {
    route: String,
    span: Span,
    message: String,
    label: String,
    help: String,
    /// What the value was before variables were filled in is right, and what it became is not text.
    changed: Option<(Node, &'static str)>,
    /// What stands there, what is to, and whether that is safe.
    instead: Option<(String, String, bool)>,
}

fn wrong_type(route: String, node: &Node, takes: &str, is: &str, help: impl Into<String>) -> Fault {
    Fault {
        message: format!("takes {takes} in `{route}`, not {is}"),
        span: node.origin().edit_span(),
        label: format!("is {is}"),
        help: help.into(),
        route,
        changed: None,
        instead: None,
    }
}

fn wrong_word(route: String, node: &Node, text: &str, all: &[&str]) -> Fault {
    let near = nearest(text, all.iter().copied());
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}", all_of(all)),
    };
    Fault {
        message: format!("does not take `{text}` in `{route}`"),
        span: node.origin().edit_span(),
        label: format!("takes {}", all_of(all)),
        help,
        route,
        changed: None,
        instead: near.map(|near| (text.to_owned(), near.to_owned(), false)),
    }
}

/// A field that another release of the product has.
fn of_another_release(route: String, key: &Node, minors: Minors, known: &Known, minor: u64) -> Fault {
    let product = known.product;
    let (label, help) = match (minors.first.filter(|first| minor < *first), minors.last) {
        (Some(first), _) => (
            format!("new in 1.{first}"),
            format!("update {product} to 1.{first}, or remove it"),
        ),
        (None, last) => (
            format!("gone after 1.{}", last.unwrap_or_default()),
            "remove it".to_owned(),
        ),
    };
    Fault {
        message: format!("has no field `{route}` in {product} 1.{minor}"),
        span: key.span(),
        label,
        help,
        route,
        changed: None,
        instead: None,
    }
}

/// The findings about the objects of a cluster.
pub(crate) fn findings(known: &Known, minor: Option<u64>, cluster: &ClusterIndex<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, object) in cluster.cluster.objects() {
        let kind = object.kind();
        let faults = faults(known, minor, cluster, object).into_iter();
        let told_here = faults.filter(|fault| fault.changed.is_none() || !known.substituted_elsewhere);
        let told = told_here.map(|fault| {
            let message = format!("{kind} `{}` {}", object.name(), fault.message);
            let finding = Finding::new(message, fault.span, fault.label)
                .help(fault.help)
                .clusters([cluster.cluster.name.as_str()])
                .object(object.reference())
                .route(fault.route);
            match &fault.instead {
                Some((from, to, is_safe)) => finding.replace(from, to, *is_safe),
                None => finding,
            }
        });
        findings.extend(told);
    }
    findings
}

/// The values of an object that have to be text, and are something else once variables are filled in: where, which, and what.
pub(crate) fn changed(
    known: &Known,
    minor: Option<u64>,
    cluster: &ClusterIndex<'_>,
    object: &Object,
) -> Vec<(String, Node, &'static str)> {
    let faults = faults(known, minor, cluster, object).into_iter();
    faults
        .filter_map(|fault| fault.changed.map(|(node, is)| (fault.route, node, is)))
        .collect()
}

fn faults(known: &Known, minor: Option<u64>, cluster: &ClusterIndex<'_>, object: &Object) -> Vec<Fault> {
    let Some(fields) = known.table.kind(object.api_version(), object.kind()) else {
        return Vec::new();
    };
    let mut look = Look {
        known,
        minor,
        steps: Vec::new(),
        faults: Vec::new(),
    };
    look.fields(&object.node, fields);
    let mut faults = look.faults;
    faults.retain(|fault| !declares(known.table, cluster, object, &fault.route));
    faults
}

struct Look<'k, 'n> {
    known: &'k Known,
    /// The minor of the product, where it is known.
    minor: Option<u64>,
    /// The way to the value that is looked at.
    steps: Vec<Step<'n>>,
    faults: Vec<Fault>,
}

impl<'n> Look<'_, 'n> {
    fn route(&self) -> String {
        Route(&self.steps).to_string()
    }

    /// Looks at a value that should be of that type. The table bounds the depth.
    fn at(&mut self, node: &'n Node, expected: Type) {
        if is_open(node) || node.as_text().is_some_and(|text| text.contains("${")) {
            return;
        }
        let wrong = |takes: &str, help: &str| {
            let route = Route(&self.steps).to_string();
            Some(wrong_type(route, node, takes, is_what(node), help))
        };
        let fault = match expected {
            Type::Any => None,
            Type::Text => self.not_text(node),
            Type::Texts => {
                self.texts(node);
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
                    let is = format!("`{text}`");
                    Some(wrong_type(self.route(), node, "a duration", &is, help))
                }
                None => wrong("a duration", "write text such as `1h`"),
            },
            Type::OneOf(words) => {
                let words = words.split('|').map(Minors::read);
                let words = words.filter(|(_, minors)| minors.has(self.minor));
                let words: Vec<&str> = words.map(|(word, _)| word).collect();
                let not_text = self.not_text(node);
                let is_changed = not_text.as_ref().is_some_and(|fault| fault.changed.is_some());
                match node.as_text() {
                    Some(text) if !words.contains(&text) && !is_changed => {
                        Some(wrong_word(self.route(), node, text, &words))
                    }
                    _ => not_text,
                }
            }
            Type::List(item) if node.is_sequence() => {
                for (index, one) in node.items().iter().enumerate() {
                    self.steps.push(Step::Index(index));
                    self.at(one, Type::read(item));
                    self.steps.pop();
                }
                None
            }
            Type::List(_) => wrong("a list", "put a `-` before each item"),
            Type::Fields(shape) if node.is_mapping() => {
                self.fields(node, self.known.table.shape(shape));
                None
            }
            Type::Fields(_) => wrong("a map", "write fields below it"),
        };
        self.faults.extend(fault);
    }

    fn texts(&mut self, node: &'n Node) {
        for entry in node.entries() {
            if !is_open(&entry.value) {
                self.steps
                    .push(Step::Key(entry.key.as_text().unwrap_or_default()));
                let fault = self.not_text(&entry.value);
                self.faults.extend(fault);
                self.steps.pop();
            }
        }
    }

    fn fields(&mut self, node: &'n Node, fields: Fields) {
        for entry in node.entries() {
            let Some(key) = entry.key.as_scalar() else {
                continue;
            };
            let name = &*key.text;
            let is_encryption = || name == ENCRYPTION && is_encrypted_document(node);
            if self.steps.is_empty() && (EVERY_OBJECT.contains(&name) || is_encryption()) {
                continue;
            }
            self.steps.push(Step::Key(name));
            match each_with_minors(fields).find(|(field, ..)| *field == name) {
                Some(_) if self.is_told_elsewhere() => {}
                Some((_, minors, expected)) => match self.minor.filter(|_| !minors.has(self.minor)) {
                    Some(minor) if !entry.value.is_null() => {
                        let fault = of_another_release(self.route(), &entry.key, minors, self.known, minor);
                        self.faults.push(fault);
                    }
                    _ => self.at(&entry.value, expected),
                },
                None => {
                    let fault = self.unknown(&entry.key, name, fields);
                    self.faults.push(fault);
                }
            }
            self.steps.pop();
        }
    }

    fn is_told_elsewhere(&self) -> bool {
        let is_here = |route: &&[&str]| {
            let mut steps = self.steps.iter().zip(*route);
            route.len() == self.steps.len()
                && steps.all(|(step, part)| matches!(step, Step::Key(key) if key == part))
        };
        self.known.told_elsewhere.iter().any(is_here)
    }

    fn not_text(&self, node: &Node) -> Option<Fault> {
        if matches!(node.resolve(Schema::Kubernetes), Some(Resolved::Str(_))) {
            return None;
        }
        let help = match node.as_text() {
            Some(text) if node.origin().substituted.is_none() => format!("write `\"{text}\"` with quotes"),
            Some(text) => {
                format!("put quotes into the value, `'\"{text}\"'`: Flux drops those around an expression")
            }
            None => "write text".to_owned(),
        };
        let is = is_what(node);
        let was_text = node.as_text().is_some() && node.origin().substituted.is_some();
        let plain = node.as_text().filter(|_| node.origin().substituted.is_none());
        Some(Fault {
            changed: was_text.then(|| (node.clone(), is)),
            instead: plain.map(|text| (text.to_owned(), format!("\"{text}\""), true)),
            ..wrong_type(self.route(), node, "text", is, help)
        })
    }

    fn unknown(&self, key: &Node, field: &str, fields: Fields) -> Fault {
        let near = self.near_field(field, fields);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => match self.elsewhere(field, fields) {
                Some(other) => format!("remove it, or move it: `{field}` is a field of {other}"),
                None => "remove it".to_owned(),
            },
        };
        let route = self.route();
        Fault {
            message: format!("has no field `{route}`"),
            span: key.span(),
            label: "no such field".to_owned(),
            help,
            route,
            changed: None,
            instead: near.map(|near| (field.to_owned(), near.to_owned(), false)),
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

/// Whether a value is not there, or not known before it is decrypted or filled in.
fn is_open(node: &Node) -> bool {
    node.is_null() || node.origin().is_unknown() || node.as_text().is_some_and(is_encrypted)
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
