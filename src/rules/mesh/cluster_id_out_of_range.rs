use crate::finding::{Finding, Severity};
use crate::mesh::{Evidence, Known, Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::{self, Told};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// `cluster.id` is no integer that Cilium takes.
pub(crate) static RULE: Rule = Rule {
    name: "cluster-id-out-of-range",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/cluster-id-out-of-range.md"),
    check,
};

/// Why an id is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Not within 1 and this.
    OutOfRange(i64),
    /// Text, which the schema of the chart refuses since 1.16.
    Text,
    /// No whole number at all.
    NoInteger,
}

impl Told for Fault {
    fn message(&self, place: &Place, clusters: &[String]) -> String {
        let text = place.text();
        let clusters = words::clusters(clusters);
        match self {
            Self::OutOfRange(max) => format!("cluster id {text} of {clusters} is not between 1 and {max}"),
            Self::Text => format!("cluster id `\"{text}\"` of {clusters} is text, not an integer"),
            Self::NoInteger => format!("cluster id `{text}` of {clusters} is not an integer"),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::OutOfRange(max) => format!("must be 1 to {max}"),
            Self::Text | Self::NoInteger => "must be an integer".to_owned(),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::OutOfRange(511) => "choose an id from 1 to 511".to_owned(),
            Self::OutOfRange(max) => format!(
                "choose an id from 1 to {max}; ids up to 511 need `clustermesh.maxConnectedClusters: 511` in every cluster"
            ),
            Self::Text => "write the id without quotes".to_owned(),
            Self::NoInteger => "write the id as a whole number, without quotes".to_owned(),
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let Some(evidence) = member
            .id
            .best()
            .filter(|evidence| places::is_chart_value(&evidence.place))
        else {
            continue;
        };
        if let Some(fault) = fault(member, evidence) {
            gathered.add(
                evidence.place.edit_span(),
                fault,
                &member.name,
                evidence.place.clone(),
            );
        }
    }
    gathered.report(findings);
}

fn fault(member: &Member, evidence: &Evidence<i64>) -> Option<Fault> {
    match member.id.value {
        Known::Stated(_) if evidence.place.node.as_str().is_some() => {
            // Without the version nothing tells whether there is a schema that refuses it.
            (member.version_at_least(1, 16) == Some(true)).then_some(Fault::Text)
        }
        Known::Stated(id) => {
            let max = max(member)?;
            // 0 is "not set": whether it may be is not a question of the range.
            (id < 0 || id > max).then_some(Fault::OutOfRange(max))
        }
        Known::Malformed => Some(Fault::NoInteger),
        _ => None,
    }
}

/// The greatest id; `None` when it cannot be known.
fn max(member: &Member) -> Option<i64> {
    match member.max_connected.value {
        Known::Stated(511) => Some(511),
        Known::Unknown(_) => None,
        _ => Some(255),
    }
}
