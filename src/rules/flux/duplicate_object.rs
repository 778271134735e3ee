use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cluster::GroupKind;
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::flux::{Kustomization, is_left_out, tells_flux};
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

fn full_name(object: &Object) -> String {
    match object.namespace() {
        Some(namespace) => format!("{namespace}/{}", object.name()),
        None => object.name().to_owned(),
    }
}

fn message(first: &Object, further: usize, owners: &[String], why: &Why<'_>) -> String {
    let name = full_name(first);
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
        "{} `{name}`{more} {verb} applied by Kustomizations {owners}{}",
        first.kind(),
        because(why)
    )
}

fn because(why: &Why<'_>) -> String {
    match why {
        Why::OnePath(path) => format!(", which both build `{path}`"),
        Why::BuildsItself(owner) => format!(", because `{}` builds its own definition", owner.full_name()),
        Why::BuildsTheOther(parent, child) => format!(
            ", because `{}` also builds the directory of `{}`",
            parent.full_name(),
            child.full_name()
        ),
        Why::TakesAll(_) | Why::Unknown => String::new(),
    }
}

/// Objects labelled in one finding.
const MAX_LABELS: usize = 6;

const HELP: &str = "leave each object to one of them; the other may depend on it";

fn help(why: &Why<'_>) -> String {
    match why {
        Why::TakesAll(directory) => format!(
            "list what belongs to it in `{}`: Flux applies all that lies below a directory that has no kustomization.yaml",
            directory.child(FILE_NAMES[0])
        ),
        Why::OnePath(_) => {
            "remove one of the two, or give each a `path` or a `targetNamespace` of its own".to_owned()
        }
        Why::BuildsItself(owner) => format!(
            "point `spec.path` of `{}` at a directory that does not hold its definition",
            owner.name
        ),
        Why::BuildsTheOther(parent, child) => match &child.path {
            Some(path) => format!(
                "take `{path}` out of what `{}` builds: `{}` applies it",
                parent.name, child.name
            ),
            None => HELP.to_owned(),
        },
        Why::Unknown => HELP.to_owned(),
    }
}

/// Why several Kustomizations apply an object.
enum Why<'a> {
    /// A directory without a list of what belongs to it holds the directory of the other.
    TakesAll(&'a RepoPath),
    /// Both build the same directory.
    OnePath(&'a RepoPath),
    /// The object is one of them.
    BuildsItself(&'a Kustomization),
    /// The first reads the file from the directory of the second.
    BuildsTheOther(&'a Kustomization, &'a Kustomization),
    Unknown,
}

fn why<'a>(sources: &SourceMap, owned: &Owned<'a>) -> Why<'a> {
    let itself = owned.iter().find(|(owner, object)| {
        GroupKind::from(&***object) == GroupKind::KUSTOMIZATION
            && object.name() == owner.name
            && object.namespace().is_none_or(|own| own == owner.namespace)
    });
    if let Some((owner, _)) = itself {
        return Why::BuildsItself(owner);
    }
    if let Some(directory) = takes_all(sources, owned) {
        return Why::TakesAll(directory);
    }
    let [(first, one), (second, other)] = owned.as_slice() else {
        return Why::Unknown;
    };
    let (Some(a), Some(b)) = (&first.path, &second.path) else {
        return Why::Unknown;
    };
    let file = |object: &Object| sources.file(object.node.span().file).path().parent();
    match one.name_span() == other.name_span() {
        _ if a == b && first.source == second.source => Why::OnePath(a),
        true if a.starts_with(b) && file(one).starts_with(a) => Why::BuildsTheOther(second, first),
        true if b.starts_with(a) && file(one).starts_with(b) => Why::BuildsTheOther(first, second),
        _ => Why::Unknown,
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
    let mut sources = Gathered::new();
    for cluster in &context.fleet.clusters {
        // Kustomizations whose directories overlap share many objects, and that is one mistake.
        let mut shared = Shared::new();
        for owned in by_object(cluster).into_values() {
            let mut owners: Vec<String> = owned.iter().map(|(owner, _)| owner.full_name()).collect();
            owners.sort();
            owners.dedup();
            if owners.len() < 2 {
                continue;
            }
            match same_source(&owned) {
                Some(object) => sources.add(object.name_span(), full_name(object), &cluster.name, owned),
                None => shared.entry(owners).or_default().push(owned),
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
    findings.extend(same_sources(sources));
}

/// A source that all its owners describe alike: nothing changes by turns, and where one of them drops it, the next
/// reconciliation of another brings it back.
fn same_source<'a>(owned: &Owned<'a>) -> Option<&'a Object> {
    let (_, first) = owned.first()?;
    let is_source = first.group() == "source.toolkit.fluxcd.io";
    let spec = first.node.get("spec").filter(|_| is_source)?;
    let is_same = |object: &Object| object.node.get("spec").is_some_and(|own| own.same_value(spec));
    let (_, last) = owned
        .last()
        .filter(|_| owned.iter().all(|(_, object)| is_same(object)))?;
    Some(last)
}

/// How a repository is written, and so one finding.
fn same_sources(sources: Gathered<String, Owned<'_>>) -> Option<Finding> {
    let members: Vec<Finding> = sources
        .into_faults()
        .filter_map(|(name, fault)| Some(same_source_finding(&name, &fault.first)?.clusters(fault.clusters)))
        .collect();
    let mut first = members.first()?.clone();
    let others = members.iter().skip(1).take(MAX_LABELS);
    first = others.fold(first, |all, one| all.label(one.primary().span, LABEL_SAME));
    if members.len() > 1 {
        first.message = message_same_many(&first, members.len() - 1);
    }
    let clusters: Vec<String> = members.iter().flat_map(|one| one.clusters.clone()).collect();
    Some(first.clusters(clusters).members(members))
}

fn same_source_finding(name: &str, owned: &Owned<'_>) -> Option<Finding> {
    let (_, last) = owned.last()?;
    let message = message_same(last, name, owned.len());
    let finding = Finding::new(message, last.name_span(), LABEL_SAME)
        .help(HELP_SAME)
        .severity(Severity::Info)
        .object(last.reference());
    let others = owned.iter().take(MAX_LABELS);
    Some(others.fold(finding, |finding, (_, object)| {
        finding.label(object.name_span(), "the same")
    }))
}

const LABEL_SAME: &str = "the same is stated elsewhere";
const HELP_SAME: &str = "leave each source to one Kustomization that those who use it depend on";

fn message_same(object: &Object, name: &str, owners: usize) -> String {
    format!(
        "{} `{name}` is applied alike by {owners} Kustomizations",
        object.kind()
    )
}

fn message_same_many(first: &Finding, others: usize) -> String {
    match others {
        1 => format!("{}, and so is another source", first.message),
        _ => format!("{}, and so are {others} other sources", first.message),
    }
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
    let why = why(sources, one);
    let message = message(last, objects.len() - 1, owners, &why);
    let finding = Finding::new(message, last.name_span(), "applied once more")
        .label(first.name_span(), "applied first")
        .help(help(&why))
        .object(last.reference());
    let others = objects.iter().skip(1).take(MAX_LABELS);
    let finding = objects.iter().flatten().fold(finding, |finding, (owner, _)| {
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
    object.kind() == "Namespace"
        || is_left_out(object)
        || tells_flux(object, "ssa", &["Merge", "IfNotPresent"])
}

fn is_uncertain(object: &Object) -> bool {
    ["name", "namespace"].iter().any(|field| {
        let node = object.node.at(&["metadata", field]);
        node.is_some_and(|node| node.origin().is_unknown())
    })
}
