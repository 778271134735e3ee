use super::support::places::Told;
use crate::finding::{Finding, Severity};
use crate::mesh::{Known, Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Nothing sets it.
    NotSet,
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
            Self::NotSet => format!("{clusters} belong{s} to a mesh but {verb} no cluster id"),
            Self::Empty => format!("{clusters} belong{s} to a mesh but the cluster id is empty"),
            Self::Zero => format!("{clusters} belong{s} to a mesh but {verb} cluster id 0, which means none"),
        }
    }

    fn label(&self) -> String {
        let label = match self {
            Self::NotSet => "`cluster.id` is not set here",
            Self::Empty => "nothing is left here",
            Self::Zero => "0 is the chart's word for no id",
        };
        label.to_owned()
    }

    fn help(&self) -> String {
        HELP.to_owned()
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
