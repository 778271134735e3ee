use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// The labels that make up identities leave out the cluster, so no policy can name one.
pub(crate) static RULE: Rule = Rule {
    name: "identity-labels-without-cluster",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/identity-labels-without-cluster.md"),
    check,
};

const CLUSTER: &str = "io.cilium.k8s.policy.cluster";

/// The release that keeps the label whatever is listed.
const KEPT_SINCE: (u64, u64) = (1, 16);

fn message(clusters: &[String]) -> String {
    format!(
        "identities of {} do not carry `{CLUSTER}`: `labels` lists others only",
        words::clusters(clusters)
    )
}

const LABEL: &str = "policies that name a cluster match nothing";

const HELP: &str = r"add `k8s:io\\.cilium\\.k8s\\.policy\\.cluster` to the list, or update Cilium to 1.16";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in context
        .mesh
        .groups
        .iter()
        .flat_map(|group| context.mesh.members_of(group))
    {
        let (major, minor) = KEPT_SINCE;
        let drops = member.version_at_least(major, minor) == Some(false) && leaves_out_cluster(member);
        if let Some(place) = member.place_of(&["labels"]).filter(|_| drops) {
            gathered.add(place.edit_span(), (), &member.name, place);
        }
    }
    findings.extend(gathered.into_faults().map(|((), found)| {
        places::at(message(&found.clusters), &found.first, LABEL)
            .help(HELP)
            .clusters(found.clusters)
    }));
}

/// Labels are listed as expressions, those to leave out with `!` or `-` in front. Where any is to be kept, no other is.
fn leaves_out_cluster(member: &Member) -> bool {
    let Some(text) = member
        .cilium
        .as_ref()
        .and_then(|cilium| cilium.values.text(&["labels"]))
    else {
        return false;
    };
    let mut kept = text
        .split_whitespace()
        .filter(|item| !item.starts_with(['!', '-']))
        .peekable();
    kept.peek().is_some() && !kept.any(may_be_cluster)
}

fn may_be_cluster(item: &str) -> bool {
    let pattern = item.rsplit_once(':').map_or(item, |(_, pattern)| pattern);
    let plain: String = pattern.chars().filter(|c| *c != '\\').collect();
    let (start, is_open) = match plain.find(['*', '+', '?', '[', '(', '|', '$', '^']) {
        Some(at) => (plain.get(..at).unwrap_or_default().trim_end_matches('.'), true),
        None => (plain.as_str(), false),
    };
    // An expression matches whatever begins with it.
    CLUSTER.starts_with(start) && (is_open || !start.is_empty())
}
