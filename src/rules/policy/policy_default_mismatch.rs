use crate::cluster::policies::policies;
use crate::finding::{Finding, Severity};
use crate::mesh::{Group, Known, Member, Place};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A selector without a cluster means all clusters here and the own cluster there.
pub(crate) static RULE: Rule = Rule {
    name: "policy-default-mismatch",
    category: Category::Policy,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-default-mismatch.md"),
    check,
};

fn message(local: &[&Member], everywhere: &[&Member]) -> String {
    format!(
        "policies that name no cluster mean the own cluster in {}, but every cluster in {}",
        words::clusters(&names(local)),
        words::clusters(&names(everywhere))
    )
}

fn label(member: &Member, local: bool) -> String {
    let how = match member.sharing.policy_local.value {
        Known::Stated(_) => "",
        _ => " by default of this version",
    };
    format!("`policyDefaultLocalCluster` is {local} in `{}`{how}", member.name)
}

const HELP: &str =
    "set `clustermesh.policyDefaultLocalCluster` to the same value in every cluster of the mesh";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        findings.extend(finding(context, group));
    }
}

fn finding(context: &Context<'_>, group: &Group) -> Option<Finding> {
    let with = |wanted: bool| -> Vec<&Member> {
        let members = context.mesh.members_of(group);
        members
            .filter(|member| member.sharing.policy_local.get() == Some(&wanted))
            .collect()
    };
    let (local, everywhere) = (with(true), with(false));
    // Fewer clusters are wrong than right; among equals, the older behaviour is the one to leave.
    let (wrong, is_local, others) = if local.len() < everywhere.len() {
        (&local, true, &everywhere)
    } else {
        (&everywhere, false, &local)
    };
    let (first, other) = (wrong.first()?, others.first()?);
    let place = place(first)?;
    let mut finding = Finding::new(
        message(&local, &everywhere),
        place.edit_span(),
        label(first, is_local),
    )
    .help(HELP)
    .route("clustermesh.policyDefaultLocalCluster")
    .clusters(names(&local).into_iter().chain(names(&everywhere)));
    finding.object = place.object.clone();
    let more = wrong.iter().skip(1).map(|member| (*member, is_local));
    for (member, local) in more.chain([(*other, !is_local)]) {
        if let Some(place) = self::place(member) {
            finding = finding.label(place.edit_span(), label(member, local));
        }
    }
    let members = local.iter().chain(&everywhere);
    if members
        .into_iter()
        .any(|member| has_affected_policy(context, member))
    {
        Some(finding)
    } else {
        // No policy that would be read in two ways is in sight.
        Some(finding.severity(Severity::Warning))
    }
}

fn names<'m>(members: &[&'m Member]) -> Vec<&'m str> {
    members.iter().map(|member| member.name.as_str()).collect()
}

/// Where the behaviour is stated: the value, else the version whose default it is.
fn place(member: &Member) -> Option<Place> {
    let fact = &member.sharing.policy_local;
    let stated = matches!(fact.value, Known::Stated(_))
        .then(|| fact.best().map(|evidence| evidence.place.clone()))
        .flatten();
    stated.or_else(|| Some(member.version.best()?.place.clone()))
}

/// Whether the cluster has a policy with a selector that the default decides on.
fn has_affected_policy(context: &Context<'_>, member: &Member) -> bool {
    let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
        return false;
    };
    policies(cluster).any(|policy| {
        let parts = policy.parts();
        let mut peers = parts.iter().flat_map(|part| &part.peers);
        peers.any(|peer| peer.follows_default())
    })
}
