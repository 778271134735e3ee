use crate::finding::{Finding, Severity};
use crate::mesh::{Known, Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::Told;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Node, Store};

/// A member of a mesh has no `cluster.id`.
pub(crate) static RULE: Rule = Rule {
    name: "missing-cluster-id",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/missing-cluster-id.md"),
    check,
};

const PATH: [&str; 2] = ["cluster", "id"];

/// How the id is missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Nothing sets it.
    NotSet,
    /// Nothing sets it any more: a patch put a list of sources of values in the place of another.
    Replaced(String),
    /// It is null, or empty after substitution.
    Empty,
    /// It is 0, which means "none".
    Zero,
}

impl Told for Fault {
    fn message(&self, _: &Place, clusters: &[String]) -> String {
        let s = words::s(clusters);
        let verb = if clusters.len() == 1 { "has" } else { "have" };
        let clusters = words::clusters(clusters);
        match self {
            Self::NotSet | Self::Replaced(_) => {
                format!("{clusters} belong{s} to a mesh but {verb} no cluster id")
            }
            Self::Empty => format!("{clusters} belong{s} to a mesh but the cluster id is empty"),
            Self::Zero => format!("{clusters} belong{s} to a mesh but {verb} cluster id 0, which means none"),
        }
    }

    fn label(&self) -> String {
        let label = match self {
            Self::Replaced(lost) => {
                return format!(
                    "this list takes the place of the one with `{lost}`, and its values are gone"
                );
            }
            Self::NotSet => "`cluster.id` is not set here",
            Self::Empty => "nothing is left here",
            Self::Zero => "0 is the chart's word for no id",
        };
        label.to_owned()
    }

    fn help(&self) -> String {
        match self {
            Self::Replaced(lost) => {
                format!("list `{lost}` here, too: a patch replaces lists of custom resources as a whole")
            }
            _ => HELP.to_owned(),
        }
    }
}

const HELP: &str = "set `cluster.id` to a number from 1 to 255 that no other cluster of the mesh has";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let mut gathered = Gathered::new();
    for (at, member) in mesh.members.iter().enumerate() {
        if mesh.group_of(at).is_none() && !member.mesh_on() {
            continue;
        }
        if let Some((fault, place)) = fault(member) {
            let replaced = replaced(member, context.store).filter(|_| fault == Fault::NotSet);
            let (fault, place) = replaced.unwrap_or((fault, place));
            gathered.add(place.edit_span(), fault, &member.name, place);
        }
    }
    gathered.report(findings);
}

fn fault(member: &Member) -> Option<(Fault, Place)> {
    let values = &member.cilium.as_ref()?.values;
    match member.id.value {
        Known::Stated(0) => Some((Fault::Zero, member.id.best()?.place.clone())),
        Known::Default(_) | Known::Absent => match values.node(&PATH) {
            Some(node) => Some((Fault::Empty, values.place(node, &PATH))),
            None => Some((Fault::NotSet, values.nearest(&PATH))),
        },
        _ => None,
    }
}

const SOURCES: [&str; 2] = ["spec", "valuesFrom"];

/// The list of sources of values that a patch put into the release, where the file of the release has one that names others.
fn replaced(member: &Member, store: &Store<'_>) -> Option<(Fault, Place)> {
    let release = member.cilium.as_ref()?.carrier.as_ref()?;
    let now = release.node.at(&SOURCES)?;
    let (own, patch) = (release.name_span().file, now.span().file);
    if own == patch {
        return None;
    }
    let is_release = |root: &&Node| {
        let name = root.at(&["metadata", "name"]);
        name.is_some_and(|name| name.span() == release.name_span())
    };
    let mut before = store.parsed(own).documents.iter().map(|document| &document.root);
    let before = before.find(is_release)?.at(&SOURCES)?;
    let names = |list: &Node| list.items().iter().filter_map(name).collect::<Vec<_>>();
    let lost = names(before).into_iter().find(|one| !names(now).contains(one))?;
    let key = key_of(
        store
            .parsed(patch)
            .documents
            .iter()
            .map(|document| &document.root),
        now,
    );
    let place = Place::in_object(release, key.unwrap_or(now), SOURCES.join("."));
    Some((Fault::Replaced(lost), place))
}

fn name(source: &Node) -> Option<String> {
    source.text_at(&["name"]).map(str::to_owned)
}

/// The key whose value is that list, in the documents of a file.
fn key_of<'n>(mut documents: impl Iterator<Item = &'n Node>, list: &Node) -> Option<&'n Node> {
    documents.find_map(|root| {
        let entry = root.get("spec")?.entry("valuesFrom")?;
        (entry.value.span() == list.span()).then_some(&entry.key)
    })
}
