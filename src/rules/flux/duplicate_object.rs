use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::flux::Kustomization;
use crate::kustomize::FILE_NAMES;
use crate::kustomize::Object;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::source::{RepoPath, SourceMap};

/// An object that several Kustomizations of a cluster apply.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-object",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/duplicate-object.md"),
    check,
};

fn message(first: &Object, further: usize, owners: &[String]) -> String {
    let name = match first.namespace() {
        Some(namespace) => format!("{namespace}/{}", first.name()),
        None => first.name().to_owned(),
    };
    let (more, verb) = match further {
        0 => (String::new(), "is"),
        1 => (" and one more object".to_owned(), "are"),
        _ => (format!(" and {further} more objects"), "are"),
    };
    let owners = match owners {
        [one, other] => format!("`{one}` and `{other}`"),
        [first, rest @ ..] => format!("`{first}` and {} more", rest.len()),
        [] => String::new(),
    };
    format!(
        "{} `{name}`{more} {verb} applied by Kustomizations {owners}",
        first.kind()
    )
}

/// Objects labelled in one finding.
const MAX_LABELS: usize = 6;

const HELP: &str = "leave each object to one of them; the other may depend on it";

fn help(sources: &SourceMap, owned: &Owned<'_>) -> String {
    match takes_all(sources, owned) {
        Some(directory) => format!(
            "list what belongs to it in `{}`: Flux applies all that lies below a directory that has no kustomization.yaml",
            directory.child(FILE_NAMES[0])
        ),
        None => HELP.to_owned(),
    }
}

/// The directory of a Kustomization that applies everything below it, where another one builds a part of that.
fn takes_all<'a>(sources: &SourceMap, owned: &Owned<'a>) -> Option<&'a RepoPath> {
    let (_, first) = owned.first()?;
    if owned
        .iter()
        .any(|(_, object)| object.name_span() != first.name_span())
    {
        return None;
    }
    let mut paths = owned.iter().filter_map(|(owner, _)| owner.path.as_ref());
    let is_above = |path: &&RepoPath| {
        owned
            .iter()
            .filter_map(|(owner, _)| owner.path.as_ref())
            .any(|other| other != *path && other.starts_with(path))
    };
    let is_listed = |path: &&RepoPath| {
        let mut names = FILE_NAMES.iter();
        names.any(|name| sources.file_at(&path.child(name)).is_some())
    };
    paths.find(|path| is_above(path) && !is_listed(path))
}

type Key<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

type Owned<'a> = Vec<(&'a Kustomization, &'a Arc<Object>)>;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults = Gathered::new();
    for cluster in &context.fleet.clusters {
        // Kustomizations whose directories overlap share many objects, and that is one mistake.
        let mut shared = Shared::new();
        for owned in by_object(cluster).into_values() {
            let mut owners: Vec<String> = owned.iter().map(|(owner, _)| owner.full_name()).collect();
            owners.sort();
            owners.dedup();
            if owners.len() > 1 {
                shared.entry(owners).or_default().push(owned);
            }
        }
        for (owners, objects) in united(context.sources, shared) {
            let finding = |objects: &[Owned<'_>]| finding(context.sources, &owners, objects);
            let members = objects.chunks(1).filter_map(finding);
            if let Some(finding) = finding(&objects).map(|all| all.members(members)) {
                let place = finding.primary().span;
                faults.add(place, owners, &cluster.name, finding);
            }
        }
    }
    findings.extend(
        faults
            .into_faults()
            .map(|(_, fault)| fault.first.clusters(fault.clusters)),
    );
}

type Shared<'a> = BTreeMap<Vec<String>, Vec<Owned<'a>>>;

/// What a directory without a list shares with several Kustomizations below it is one mistake.
fn united<'a>(
    sources: &SourceMap,
    shared: Shared<'a>,
) -> impl Iterator<Item = (Vec<String>, Vec<Owned<'a>>)> {
    let mut united: BTreeMap<_, (BTreeSet<String>, Vec<Owned<'a>>)> = BTreeMap::new();
    for (owners, objects) in shared {
        let whole = objects
            .first()
            .and_then(|owned| takes_all(sources, owned))
            .cloned();
        let own = if whole.is_some() {
            Vec::new()
        } else {
            owners.clone()
        };
        let (all, of_all) = united.entry((whole, own)).or_default();
        all.extend(owners);
        of_all.extend(objects);
    }
    united
        .into_values()
        .map(|(owners, objects)| (owners.into_iter().collect(), objects))
}

fn finding(sources: &SourceMap, owners: &[String], objects: &[Owned<'_>]) -> Option<Finding> {
    let one = objects.first()?;
    let (_, first) = one.first()?;
    let (_, last) = one.last()?;
    let message = message(last, objects.len() - 1, owners);
    let finding = Finding::new(message, last.name_span(), "applied once more")
        .label(first.name_span(), "applied first")
        .help(help(sources, one))
        .object(last.reference());
    let finding = one.iter().fold(finding, |finding, (owner, _)| {
        finding.label(owner.object.name_span(), "one of the Kustomizations")
    });
    let others = objects.iter().skip(1).take(MAX_LABELS);
    let finding = objects
        .iter()
        .skip(1)
        .flatten()
        .fold(finding, |finding, (owner, _)| {
            finding.label(owner.object.name_span(), "one of the Kustomizations")
        });
    let others = others.filter_map(|owned| owned.last());
    Some(others.fold(finding, |finding, (_, object)| {
        finding.label(object.name_span(), "applied once more too")
    }))
}

fn by_object(cluster: &Cluster) -> BTreeMap<Key<'_>, Vec<(&Kustomization, &Arc<Object>)>> {
    let mut owned: BTreeMap<Key<'_>, Vec<_>> = BTreeMap::new();
    for (at, object) in cluster.objects() {
        let Some(owner) = cluster.kustomizations.get(at) else {
            continue;
        };
        if owner.suspended || is_shared(object) || is_uncertain(object) {
            continue;
        }
        let key = (object.group(), object.kind(), object.namespace(), object.name());
        owned.entry(key).or_default().push((owner, object));
    }
    owned
}

/// Whether Flux is told to leave the object, or what others wrote into it, alone. A Namespace has nothing to disagree about
/// and is often brought by everyone who needs it.
fn is_shared(object: &Object) -> bool {
    let says = |key: &str, values: &[&str]| {
        [object.annotation(key), object.label(key)]
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_text())
            .any(|text| values.iter().any(|value| value.eq_ignore_ascii_case(text)))
    };
    object.kind() == "Namespace"
        || says(
            "kustomize.toolkit.fluxcd.io/ssa",
            &["Merge", "IfNotPresent", "Ignore"],
        )
        || says("kustomize.toolkit.fluxcd.io/reconcile", &["disabled"])
}

fn is_uncertain(object: &Object) -> bool {
    ["name", "namespace"].iter().any(|field| {
        let node = object.node.at(&["metadata", field]);
        node.is_some_and(|node| node.origin().is_unknown())
    })
}
