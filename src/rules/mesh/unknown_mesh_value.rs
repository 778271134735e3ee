use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::finding::{Finding, Severity};
use crate::mesh::{CiliumValues, PEERS, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::tables::cilium::{Minor, READ, REMOVED, ValueName, value_names};
use crate::text::suggest::nearest;
use crate::yaml::Node;

/// A value is none that this version of the Cilium chart has.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-mesh-value",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/unknown-mesh-value.md"),
    check,
};

/// What a file may hold beside values: Helm's own, and anchors for the rest of the file.
const BESIDE: [&str; 1] = ["global"];
const ANCHORS: [&str; 3] = ["x-", "_", "."];

/// Why the chart does not read a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// No version has it.
    Never,
    /// A later version brought it.
    NotYet(Minor),
    /// The chart had it up to this version.
    Gone(Minor),
}

/// A key that the chart does not read.
#[derive(Debug)]
struct Unknown {
    key: String,
    /// The path of the map that holds it; empty at the top.
    section: String,
    names: &'static ValueName,
    /// Whether it is a map itself.
    is_map: bool,
    place: Place,
    version: Option<String>,
}

impl Unknown {
    fn path(&self) -> String {
        match self.section.as_str() {
            "" => self.key.clone(),
            section => format!("{section}.{}", self.key),
        }
    }
}

fn message(unknown: &Unknown, clusters: &[String]) -> String {
    let path = unknown.path();
    let of = words::clusters(clusters);
    match &unknown.version {
        Some(version) => format!("Cilium chart {version} of {of} has no value `{path}`"),
        None => format!("the Cilium chart of {of} has no value `{path}`"),
    }
}

fn help(unknown: &Unknown, why: Why) -> String {
    if let Why::NotYet((major, minor)) = why {
        return format!("update the chart to {major}.{minor}, which brought it, or remove the value");
    }
    if let Why::Gone(_) = why {
        return "remove it: the chart passes over it in silence".to_owned();
    }
    if unknown.section.is_empty() && unknown.key == "cilium" && unknown.is_map {
        return "move what is below it to the top: only a chart that has Cilium as a dependency takes its values under `cilium`".to_owned();
    }
    if names(&unknown.key).is_some() {
        return "nest it, one map for each part of the name: Helm takes dots for paths only in `--set` and `targetPath`".to_owned();
    }
    if let Some(meant) = near(unknown, why) {
        return format!("did you mean `{meant}`?");
    }
    match value_names().paths_to(&unknown.key).as_slice() {
        [only] => format!("did you mean `{only}`?"),
        _ => "look the name up in the values of the chart, or remove it".to_owned(),
    }
}

/// The name beside which the unknown one was probably mistyped.
fn near(unknown: &Unknown, why: Why) -> Option<&'static str> {
    let is_plain = matches!(why, Why::Never) && names(&unknown.key).is_none();
    let is_nested = unknown.section.is_empty() && unknown.key == "cilium" && unknown.is_map;
    let all = unknown.names.below.iter().map(|name| name.key);
    nearest(&unknown.key, all).filter(|_| is_plain && !is_nested)
}

/// What the chart has at a path that is written with dots.
fn names(path: &str) -> Option<&'static ValueName> {
    let (first, rest) = path.split_once('.')?;
    let first = value_names().get(first)?;
    rest.split('.').try_fold(first, |name, key| name.get(key))
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let Some(cilium) = member.cilium.as_ref().filter(|cilium| cilium.has_values()) else {
            continue;
        };
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
        if let Some(node) = cilium.values.node(&[]) {
            search.section(value_names(), &[], node);
        }
        search.peers();
        for (_, (why, unknown)) in search.found {
            gathered.add(unknown.place.edit_span(), why, &member.name, unknown);
        }
    }
    for (why, found) in gathered.into_faults() {
        let unknown = found.first;
        let label = match why {
            Why::Never => "nothing reads this".to_owned(),
            Why::NotYet((major, minor)) => format!("new in {major}.{minor}"),
            Why::Gone((major, minor)) => format!("gone after {major}.{minor}"),
        };
        findings.push(
            places::at(message(&unknown, &found.clusters), &unknown.place, label)
                .help(help(&unknown, why))
                .guess(&unknown.key, near(&unknown, why))
                .clusters(found.clusters),
        );
    }
}

/// What templates/_helpers.tpl and templates/clustermesh-config read of a peer.
fn peer_names() -> &'static ValueName {
    static NAMES: LazyLock<ValueName> = LazyLock::new(|| {
        let name = |key, below| ValueName {
            key,
            since: READ.0,
            until: READ.1,
            is_open: false,
            below,
        };
        let leaf = |key| name(key, Vec::new());
        let tls = name("tls", ["cert", "key", "caCert"].map(leaf).into());
        let plain = ["name", "address", "port", "ips", "enabled"].map(leaf);
        name("clusters", plain.into_iter().chain([tls]).collect())
    });
    &NAMES
}

struct Search<'v> {
    values: &'v CiliumValues,
    version: Option<Minor>,
    /// By route.
    found: BTreeMap<String, (Why, Unknown)>,
}

impl Search<'_> {
    fn section(&mut self, names: &'static ValueName, steps: &[&str], node: &Node) {
        for entry in node.entries() {
            let Some(key) = entry.key.as_text() else { continue };
            // A null removes the key before the chart sees it, and a name with a variable is whatever it becomes.
            if entry.value.is_null() || entry.key.origin().is_unknown() || key.contains("${") {
                continue;
            }
            if steps.is_empty() && is_beside(key) {
                continue;
            }
            let inner = [steps, &[key]].concat();
            let known = names.get(key);
            let why = match (known, self.version) {
                _ if is_removed(&inner) => None,
                (None, _) => Some(Why::Never),
                (Some(known), Some(version)) if version < known.since => Some(Why::NotYet(known.since)),
                (Some(known), Some(version)) if version > known.until => Some(Why::Gone(known.until)),
                (Some(_), _) => None,
            };
            match (why, known) {
                (Some(why), _) => self.add(why, names, &inner, &entry.key, entry.value.is_mapping()),
                (None, Some(known)) if known.is_section() => self.section(known, &inner, &entry.value),
                (None, _) => {}
            }
        }
    }

    /// The entries of the list of peers, and of the map that it may be.
    fn peers(&mut self) {
        let values = self.values;
        let Some(list) = values.node(&PEERS) else { return };
        let mapped = list.entries().iter().map(|entry| &entry.value);
        for peer in list.items().iter().chain(mapped) {
            let at = peer.text_at(&["name"]).unwrap_or_default();
            let steps = [&PEERS[..], &[at]].concat();
            let steps: Vec<&str> = steps.into_iter().filter(|step| !step.is_empty()).collect();
            self.section(peer_names(), &steps, peer);
        }
    }

    fn add(&mut self, why: Why, names: &'static ValueName, steps: &[&str], node: &Node, is_map: bool) {
        let Some((key, section)) = steps.split_last() else {
            return;
        };
        let place = self.values.place(node, steps);
        let version = self.version.map(|(major, minor)| format!("{major}.{minor}"));
        let unknown = Unknown {
            key: (*key).to_owned(),
            section: section.join("."),
            names,
            is_map,
            place,
            version,
        };
        self.found.insert(unknown.place.route.clone(), (why, unknown));
    }
}

fn is_beside(key: &str) -> bool {
    BESIDE.contains(&key) || ANCHORS.iter().any(|start| key.starts_with(start))
}

/// What was removed is told by another rule, where a map holds it that is gone as a whole as well.
fn is_removed(path: &[&str]) -> bool {
    REMOVED.iter().any(|removed| removed.path.starts_with(path))
}
