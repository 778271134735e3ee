use crate::finding::{Finding, Severity};
use crate::mesh::compare::{names, shared_values};
use crate::mesh::{Evidence, Member, Mesh};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh have the same `cluster.name`.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-cluster-name",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/duplicate-cluster-name.md"),
    check,
};

fn message(members: &[&Member], name: &str) -> String {
    let both = if members.len() == 2 { "both" } else { "all" };
    format!(
        "{} {both} call themselves `{name}`",
        words::clusters(&names(members))
    )
}

fn label(member: &Member, name: &str) -> String {
    format!("`{}` is called `{name}` here", member.name)
}

const HELP: &str = "give every cluster a `cluster.name` of its own";
const HELP_UNMESHED: &str =
    "give every cluster a `cluster.name` of its own before they are connected: the ids differ already";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    for group in &mesh.groups {
        for (name, members) in shared_values(mesh, group, stated_name) {
            findings.extend(finding(&members, name, HELP));
        }
    }
    for (name, members) in told_apart_by_id(mesh) {
        findings
            .extend(finding(&members, name, HELP_UNMESHED).map(|finding| finding.severity(Severity::Info)));
    }
}

/// The name `default` is not looked at: with an id it is malformed, without one the id is missing.
fn stated_name(member: &Member) -> Option<&str> {
    member
        .cluster_name
        .stated()
        .map(String::as_str)
        .filter(|name| *name != "default")
}

/// Clusters outside of any mesh that share a name and yet have ids of their own: ids are only given to clusters that
/// are to be told apart.
fn told_apart_by_id<'m>(mesh: &'m Mesh<'_>) -> Vec<(&'m str, Vec<&'m Member>)> {
    let mut by_name = std::collections::BTreeMap::<&str, Vec<&Member>>::new();
    for (at, member) in mesh.members.iter().enumerate() {
        if let Some(name) = stated_name(member)
            && member.has_cilium()
            && mesh.group_of(at).is_none()
        {
            by_name.entry(name).or_default().push(member);
        }
    }
    by_name.retain(|_, members| {
        let mut ids: Vec<i64> = members
            .iter()
            .filter_map(|member| member.id.stated().copied().filter(|id| *id != 0))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        members.len() > 1 && ids.len() == members.len()
    });
    by_name.into_iter().collect()
}

fn finding(members: &[&Member], name: &str, help: &str) -> Option<Finding> {
    let mut places = members
        .iter()
        .filter_map(|member| Some((member, stating(member, name)?)));
    let (first, evidence) = places.next()?;
    let finding = places::at(message(members, name), &evidence.place, label(first, name));
    let finding = places.fold(finding, |finding, (member, evidence)| {
        places::also(finding, &evidence.place, label(member, name))
    });
    Some(finding.help(help).clusters(names(members)))
}

fn stating<'m>(member: &'m Member, name: &str) -> Option<&'m Evidence<String>> {
    let evidence = &member.cluster_name.evidence;
    evidence
        .iter()
        .find(|evidence| evidence.value.as_deref() == Some(name))
}
