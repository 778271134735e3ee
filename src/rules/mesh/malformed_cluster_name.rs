use crate::finding::{Finding, Severity};
use crate::mesh::{Known, Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::Told;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// `cluster.name` is none that Cilium takes.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-cluster-name",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/malformed-cluster-name.md"),
    check,
};

const PATH: [&str; 2] = ["cluster", "name"];
const MAX_LENGTH: usize = 32;

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Empty,
    TooLong,
    Characters,
    /// YAML reads it as a number, truth value or the like.
    NoText,
    /// Quoted, but charts up to 1.17 write it without quotes into the ConfigMap `cilium-config`.
    LosesItsQuotes,
    /// `default` beside an id.
    DefaultWithId,
}

/// What is wrong, and how bad that is in this cluster.
impl Told for (Fault, Severity) {
    fn message(&self, place: &Place, clusters: &[String]) -> String {
        let name = place.text();
        let of = words::clusters(clusters);
        match self.0 {
            Fault::Empty => format!("the cluster name of {of} is empty"),
            Fault::TooLong => format!(
                "cluster name `{name}` of {of} has {} characters, more than {MAX_LENGTH}",
                name.chars().count()
            ),
            Fault::Characters => format!("cluster name `{name}` of {of} has characters that Cilium refuses"),
            Fault::NoText => {
                format!("cluster name `{name}` of {of} is not text: YAML reads it as another type")
            }
            Fault::LosesItsQuotes => {
                format!("cluster name `\"{name}\"` of {of} does not stay text in this chart")
            }
            Fault::DefaultWithId => {
                let verb = if clusters.len() == 1 { "has" } else { "have" };
                format!("{of} {verb} a cluster id but the name `default`")
            }
        }
    }

    fn label(&self) -> String {
        let label = match self.0 {
            Fault::Empty => "nothing is left here",
            Fault::TooLong => "at most 32 characters",
            Fault::Characters => "lower-case letters, digits and `-` inside",
            Fault::NoText => "must be text",
            Fault::LosesItsQuotes => "written without quotes into `cilium-config`",
            Fault::DefaultWithId => "no other name is set here",
        };
        label.to_owned()
    }

    fn help(&self) -> String {
        let help = match self.0 {
            Fault::NoText | Fault::LosesItsQuotes => {
                "choose a name that begins with a letter and is no YAML word such as `on`"
            }
            Fault::DefaultWithId => "set `cluster.name` to a name that no other cluster of the mesh has",
            Fault::Empty | Fault::TooLong | Fault::Characters => {
                "choose a name of at most 32 lower-case letters, digits and `-`, beginning and ending with a letter or digit"
            }
        };
        help.to_owned()
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.1)
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let mut gathered = Gathered::new();
    for (at, member) in mesh.members.iter().enumerate() {
        let Some((fault, place)) = fault(member) else {
            continue;
        };
        let Some(level) = level(fault, member, mesh.group_of(at).is_some() || member.mesh_on()) else {
            continue;
        };
        gathered.add(place.edit_span(), (fault, level), &member.name, place);
    }
    gathered.report(findings);
}

fn fault(member: &Member) -> Option<(Fault, Place)> {
    let values = &member.cilium.as_ref()?.values;
    let has_id = member.id.stated().is_some_and(|id| *id != 0);
    let place = match &member.cluster_name.value {
        Known::Default(name) => {
            return (has_id && name == "default").then(|| (Fault::DefaultWithId, values.nearest(&PATH)));
        }
        Known::Stated(_) | Known::Malformed => member.cluster_name.best()?.place.clone(),
        _ => return None,
    };
    let fault = fault_of(&place.node, member, has_id)?;
    Some((fault, place))
}

fn fault_of(node: &Node, member: &Member, has_id: bool) -> Option<Fault> {
    let Some(name) = node.as_str() else {
        return Some(Fault::NoText);
    };
    if name.is_empty() {
        Some(Fault::Empty)
    } else if name == "default" {
        has_id.then_some(Fault::DefaultWithId)
    } else if name.len() > MAX_LENGTH {
        Some(Fault::TooLong)
    } else if !is_well_formed(name) {
        Some(Fault::Characters)
    } else if Node::plain(name, node.span()).as_str().is_none() {
        (member.version_at_least(1, 18) == Some(false)).then_some(Fault::LosesItsQuotes)
    } else {
        None
    }
}

/// `^([a-z0-9][-a-z0-9]*)?[a-z0-9]$`, as the chart's validate.yaml and the agent have it.
fn is_well_formed(name: &str) -> bool {
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    name.bytes().all(|byte| inner(&byte)) && !name.starts_with('-') && !name.ends_with('-')
}

/// Charts from 1.17 refuse such names always, 1.16 unless told to be compatible. Before, and where the version is not
/// known, only a mesh cannot work with them.
fn level(fault: Fault, member: &Member, in_mesh: bool) -> Option<Severity> {
    let always = matches!(
        fault,
        Fault::NoText | Fault::LosesItsQuotes | Fault::DefaultWithId
    );
    match member.version_at_least(1, 16) {
        _ if always => Some(Severity::Error),
        Some(true) => Some(Severity::Error),
        Some(false) | None => in_mesh.then_some(Severity::Warning),
    }
}
