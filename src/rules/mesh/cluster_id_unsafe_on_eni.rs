use crate::finding::{Finding, Severity};
use crate::helm::Lookup;
use crate::mesh::{Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A `cluster.id` has the bit that ENI mode uses for something else.
pub(crate) static RULE: Rule = Rule {
    name: "cluster-id-unsafe-on-eni",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/cluster-id-unsafe-on-eni.md"),
    check,
};

/// What makes an id unsafe, with the chart value that says so.
const MODES: [(&[&str], &str, &str); 3] = [
    (&["eni", "enabled"], "true", "ENI mode"),
    (&["alibabacloud", "enabled"], "true", "Alibaba Cloud's ENI mode"),
    (
        &["cni", "chainingMode"],
        "aws-cni",
        "chaining with the AWS VPC CNI",
    ),
];

/// What lets such ids through, at one's own risk (cilium/cilium#36602).
const BYPASS: [&str; 2] = ["extraConfig", "allow-unsafe-policy-skb-usage"];

/// A mode that is on, and where that is said.
type Mode = (&'static str, Place);

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let Some(id) = member.id.stated().copied().filter(|id| is_unsafe(*id)) else {
            continue;
        };
        let (Some(evidence), Some(mode)) = (member.id.best(), mode(member)) else {
            continue;
        };
        if places::is_chart_value(&evidence.place) {
            let place = evidence.place.clone();
            gathered.add(place.edit_span(), id, &member.name, (place, mode));
        }
    }
    for (id, found) in gathered.into_faults() {
        let (place, (mode, because)) = found.first;
        let message = format!(
            "cluster id {id} of {} is not safe with {mode}",
            words::clusters(&found.clusters)
        );
        let finding = places::at(message, &place, "has a bit that ENI routing uses too");
        findings.push(
            places::also(finding, &because, format!("{mode} is on here"))
                .help("choose an id from 1 to 127, or from 256 to 383 where 511 clusters are possible")
                .clusters(found.clusters),
        );
    }
}

/// The bit of the packet mark that policies and ENI routing both use (cilium/cilium#21330).
fn is_unsafe(id: i64) -> bool {
    (128..=255).contains(&id) || (384..=511).contains(&id)
}

/// The mode in which the id is unsafe, unless its user takes the risk.
fn mode(member: &Member) -> Option<Mode> {
    let values = &member.cilium.as_ref()?.values;
    if !matches!(values.lookup(&BYPASS), Lookup::Absent) {
        return None;
    }
    MODES
        .iter()
        .find_map(|(path, on, name)| match values.lookup(path) {
            Lookup::Value(node) if node.as_text() == Some(on) => Some((*name, values.place(node, path))),
            _ => None,
        })
}
