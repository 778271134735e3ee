use std::collections::BTreeMap;

use super::support::places;
use crate::finding::{Finding, Severity};
use crate::mesh::{CiliumValues, Place};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::tables::cilium::{Minor, READ, REMOVED, Section, section_at, sections_with};
use crate::text::suggest::nearest;
use crate::yaml::Node;

/// A value under `cluster` or `clustermesh` is none that this version of the Cilium chart has.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-mesh-value",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/unknown-mesh-value.md"),
    check,
};

/// The sections that are looked into from the top.
const ROOTS: [&str; 2] = ["cluster", "clustermesh"];

/// Why the chart does not read a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// No version has it.
    Never,
    /// A later version brought it.
    NotYet(Minor),
}

/// A key that the chart does not read.
#[derive(Debug)]
struct Unknown {
    key: String,
    section: &'static Section,
    place: Place,
    version: Option<String>,
}

fn message(unknown: &Unknown, why: Why, clusters: &[String]) -> String {
    let path = format!("{}.{}", unknown.section.path, unknown.key);
    let of = words::clusters(clusters);
    match (&unknown.version, why) {
        (Some(version), _) => format!("Cilium chart {version} of {of} has no value `{path}`"),
        (None, _) => format!("the Cilium chart of {of} has no value `{path}`"),
    }
}

fn help(unknown: &Unknown, why: Why) -> String {
    if let Why::NotYet((major, minor)) = why {
        return format!("update the chart to {major}.{minor}, which brought it, or remove the value");
    }
    let here = unknown.section.keys.iter().map(|key| key.key);
    if let Some(meant) = nearest(&unknown.key, here) {
        return format!("did you mean `{meant}`?");
    }
    let mut elsewhere = sections_with(&unknown.key);
    match (elsewhere.next(), elsewhere.next()) {
        (Some(only), None) => format!("did you mean `{}.{}`?", only.path, unknown.key),
        _ => "look the name up in the values of the chart, or remove it".to_owned(),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let Some(cilium) = &member.cilium else { continue };
        let version = member.version.get().map(|version| (version.major, version.minor));
        // What older and newer charts have was not read.
        if version.is_some_and(|version| version < READ.0 || READ.1 < version) {
            continue;
        }
        let mut search = Search {
            values: &cilium.values,
            version,
            found: BTreeMap::new(),
        };
        for root in ROOTS {
            if let Some(node) = cilium.values.node(&[root]) {
                search.section(root, &[root], node);
            }
        }
        for (_, (why, unknown)) in search.found {
            gathered.add(unknown.place.edit_span(), why, &member.name, unknown);
        }
    }
    for (why, found) in gathered.into_faults() {
        let unknown = found.first;
        let label = match why {
            Why::Never => "nothing reads this".to_owned(),
            Why::NotYet((major, minor)) => format!("new in {major}.{minor}"),
        };
        findings.push(
            places::at(message(&unknown, why, &found.clusters), &unknown.place, label)
                .help(help(&unknown, why))
                .clusters(found.clusters),
        );
    }
}

struct Search<'v> {
    values: &'v CiliumValues,
    version: Option<Minor>,
    /// By route.
    found: BTreeMap<String, (Why, Unknown)>,
}

impl Search<'_> {
    fn section(&mut self, path: &str, steps: &[&str], node: &Node) {
        let Some(section) = section_at(path) else { return };
        for entry in node.entries() {
            let Some(key) = entry.key.as_text() else { continue };
            // A null removes the key before the chart sees it, and a name with a variable is whatever it becomes.
            if entry.value.is_null() || entry.key.origin().is_unknown() || key.contains("${") {
                continue;
            }
            let inner = [steps, &[key]].concat();
            let known = section.keys.iter().find(|one| one.key == key);
            let why = match (known, self.version) {
                (None, _) if is_removed(&inner) => None,
                (None, _) => Some(Why::Never),
                (Some(known), Some(version)) if version < known.since => Some(Why::NotYet(known.since)),
                (Some(_), _) => None,
            };
            match why {
                Some(why) => self.add(why, key, section, &inner, entry.key.clone()),
                None => self.section(&format!("{path}.{key}"), &inner, &entry.value),
            }
        }
    }

    fn add(&mut self, why: Why, key: &str, section: &'static Section, steps: &[&str], node: Node) {
        let place = self.values.place(&node, steps);
        let version = self.version.map(|(major, minor)| format!("{major}.{minor}"));
        let unknown = Unknown {
            key: key.to_owned(),
            section,
            place,
            version,
        };
        self.found.insert(unknown.place.route.clone(), (why, unknown));
    }
}

/// What was removed is told by another rule.
fn is_removed(path: &[&str]) -> bool {
    REMOVED.iter().any(|removed| removed.path == path)
}
