use crate::finding::{Finding, Severity};
use crate::mesh::compare::{names, shared_values};
use crate::mesh::{Evidence, Member};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh have the same `cluster.id`.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-cluster-id",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/duplicate-cluster-id.md"),
    check,
};

fn message(members: &[&Member], id: i64) -> String {
    let both = if members.len() == 2 { "both" } else { "all" };
    format!("{} {both} have cluster id {id}", words::clusters(&names(members)))
}

fn label(member: &Member, id: i64) -> String {
    format!("`{}` takes id {id} here", member.name)
}

const HELP: &str =
    "give every cluster of the mesh an id of its own, and change it before the clusters are connected";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    for group in &mesh.groups {
        // An id of 0 means none; that is a fault of its own.
        let id = |member: &Member| member.id.stated().copied().filter(|id| *id != 0);
        for (id, members) in shared_values(mesh, group, id) {
            findings.extend(finding(&members, id));
        }
    }
}

fn finding(members: &[&Member], id: i64) -> Option<Finding> {
    let mut places = members
        .iter()
        .filter_map(|member| Some((member, stating(member, id)?)));
    let (first, evidence) = places.next()?;
    let finding = places::at(message(members, id), &evidence.place, label(first, id));
    let finding = places.fold(finding, |finding, (member, evidence)| {
        places::also(finding, &evidence.place, label(member, id))
    });
    Some(finding.help(HELP).clusters(names(members)))
}

fn stating(member: &Member, id: i64) -> Option<&Evidence<i64>> {
    member
        .id
        .evidence
        .iter()
        .find(|evidence| evidence.value == Some(id))
}
