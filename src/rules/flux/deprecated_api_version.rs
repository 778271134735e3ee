//! Which API versions are no longer served, or soon will not be.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::releases::Releases;
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::tables::api_versions::{Replaced, Standing, replaced};
use crate::yaml::Node;

/// An API version that was removed, or is deprecated in favour of another.
pub(crate) static RULE: Rule = Rule {
    name: "deprecated-api-version",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/deprecated-api-version.md"),
    check,
};

/// Why an API version is told of. The same for many objects as a rule, which is one fault: no migration stops halfway.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fault<'a> {
    kind: &'a str,
    api_version: &'a str,
    reason: Reason<'a>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason<'a> {
    /// The definition in the repository serves only these versions.
    NotServed(Vec<&'a str>),
    Replaced(&'static Replaced, Standing),
}

/// Where a fault shows.
#[derive(Default)]
struct Seen<'a> {
    objects: BTreeMap<Span, &'a Object>,
    clusters: BTreeSet<&'a str>,
    definition: Option<Span>,
}

fn message(fault: &Fault<'_>, first: &Object, count: usize) -> String {
    let who = match count {
        1 => format!("{} `{}` uses", fault.kind, first.name()),
        _ => format!("{count} objects of kind {} use", fault.kind),
    };
    let why = match &fault.reason {
        Reason::NotServed(_) => "which the definition in this repository does not serve".to_owned(),
        Reason::Replaced(row, _) => match row.removed {
            Some(release) => format!("which {release} no longer serves"),
            None => format!("which is deprecated since {}", row.deprecated),
        },
    };
    format!("{who} `{}`, {why}", fault.api_version)
}

fn label(fault: &Fault<'_>) -> String {
    match &fault.reason {
        Reason::NotServed(served) => format!("served: {}", all_of(served)),
        Reason::Replaced(row, _) if row.replacement.is_empty() => "nothing takes its place".to_owned(),
        Reason::Replaced(row, _) => format!("`{}` takes its place", row.replacement),
    }
}

fn help(fault: &Fault<'_>) -> String {
    match &fault.reason {
        Reason::NotServed(served) => format!("use {}, whose fields may differ", all_of(served)),
        Reason::Replaced(row, _) if row.replacement.is_empty() => row.note.to_owned(),
        Reason::Replaced(row, _) => format!("use `{}`{}", row.replacement, row.note),
    }
}

/// How many further objects are pointed at.
const SHOWN: usize = 4;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults: BTreeMap<Fault<'_>, Seen<'_>> = BTreeMap::new();
    for (cluster, running) in context.index.clusters.iter().zip(context.running.all()) {
        let definitions = cluster.custom_definitions();
        for (owner, object) in cluster.cluster.objects() {
            let Some(node) = object
                .node
                .get("apiVersion")
                .filter(|_| cluster.delivers_here(owner))
            else {
                continue;
            };
            let definition = definitions.get(&(object.group(), object.kind())).copied();
            let Some(reason) = reason(object, definition, running) else {
                continue;
            };
            let node = match &reason {
                Reason::Replaced(row, _) if row.is_another_kind() => object.node.get("kind").unwrap_or(node),
                _ => node,
            };
            let fault = Fault {
                kind: object.kind(),
                api_version: object.api_version(),
                reason,
            };
            let seen = faults.entry(fault).or_default();
            seen.objects.insert(node.origin().edit_span(), object);
            seen.clusters.insert(&cluster.cluster.name);
            seen.definition = definition.map(|node| node.at(&["metadata", "name"]).unwrap_or(node).span());
        }
    }
    findings.extend(faults.iter().filter_map(|(fault, seen)| {
        let members = seen.objects.iter().filter_map(|(place, object)| {
            let alone = Seen {
                objects: BTreeMap::from([(*place, *object)]),
                clusters: seen.clusters.clone(),
                definition: seen.definition,
            };
            finding(fault, &alone)
        });
        Some(finding(fault, seen)?.members(members))
    }));
}

fn finding(fault: &Fault<'_>, seen: &Seen<'_>) -> Option<Finding> {
    let (place, first) = seen.objects.first_key_value()?;
    let finding = Finding::new(message(fault, first, seen.objects.len()), *place, label(fault))
        .help(help(fault))
        .clusters(seen.clusters.iter().copied())
        .object(first.reference())
        .route("apiVersion");
    let finding = match &fault.reason {
        Reason::Replaced(row, _)
            if !row.replacement.is_empty() && !row.is_another_kind() && seen.objects.len() == 1 =>
        {
            finding.replace(fault.api_version, row.replacement, row.note.is_empty())
        }
        _ => finding,
    };
    let others = seen.objects.keys().skip(1).take(SHOWN);
    let finding = others.fold(finding, |finding, span| finding.label(*span, "here as well"));
    Some(match &fault.reason {
        Reason::NotServed(_) => {
            let finding = finding.severity(Severity::Error);
            match seen.definition {
                Some(span) => finding.label(span, "the definition"),
                None => finding,
            }
        }
        Reason::Replaced(row, Standing::Gone) if !row.may_come_back() => finding.severity(Severity::Error),
        Reason::Replaced(row, Standing::Served) if row.removed.is_some() => finding.severity(Severity::Info),
        Reason::Replaced(..) => finding,
    })
}

fn reason<'a>(object: &'a Object, definition: Option<&'a Node>, running: &Releases) -> Option<Reason<'a>> {
    if let Some(definition) = definition {
        let served = served(definition);
        let (_, version) = object.api_version().rsplit_once('/')?;
        if served.contains(&version) {
            return None;
        }
        if !served.is_empty() {
            return Some(Reason::NotServed(served));
        }
    }
    let row = replaced(object.api_version(), object.kind())?;
    match row.standing(|product| running.of(product)) {
        // Before the release that deprecates it there may be nothing else to use.
        Standing::Current => None,
        standing => Some(Reason::Replaced(row, standing)),
    }
}

fn served(definition: &Node) -> Vec<&str> {
    let versions = definition.at(&["spec", "versions"]).map_or(&[][..], Node::items);
    let served = versions
        .iter()
        .filter(|version| version.get("served").and_then(Node::as_bool) != Some(false));
    served.filter_map(|version| version.text_at(&["name"])).collect()
}
