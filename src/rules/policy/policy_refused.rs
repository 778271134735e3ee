use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::mesh::Member;
use crate::policy::{Agent, Fault, READ, Refusal, Scope, refusal};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Cilium's agent refuses a policy, so nothing enforces it.
pub(crate) static RULE: Rule = Rule {
    name: "policy-refused",
    category: Category::Policy,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-refused.md"),
    check,
};

fn message(found: &Refused<'_>, clusters: &[String]) -> String {
    let version = found.minor.map_or(String::new(), |minor| format!(" 1.{minor}"));
    format!(
        "Cilium{version} of {} refuses {} `{}`: `{}`",
        words::clusters(clusters),
        found.object.kind(),
        found.object.name(),
        found.refusal.fault
    )
}

const LABEL: &str = "nothing enforces the policy";

fn help(fault: &Fault) -> String {
    match fault {
        Fault::NoSection => {
            "write `- {}` as the only rule of the section to deny everything by default, or remove the policy"
                .to_owned()
        }
        Fault::NoSpec => "write `spec`, or remove the policy".to_owned(),
        Fault::NoSelector => "add `endpointSelector: {}` to mean every pod of the namespace".to_owned(),
        Fault::TwoSelectors => "keep one of `endpointSelector` and `nodeSelector`".to_owned(),
        Fault::NodeSelectorInNamespace => {
            "make it a CiliumClusterwideNetworkPolicy: only those speak of nodes".to_owned()
        }
        Fault::Combined(one, other) => {
            format!(
                "put `{}` and `{}` into two rules of the list",
                lower(one),
                lower(other)
            )
        }
        Fault::ServicesWithPorts => "remove `toPorts`, or update Cilium to 1.17".to_owned(),
        Fault::IcmpWithPorts => "put `icmps` and `toPorts` into two rules of the list".to_owned(),
        Fault::DnsOnIngress => "move the rules about DNS below `egress`".to_owned(),
        Fault::NodesNotSelectable => "set `nodeSelectorLabels: true` in the values of the chart".to_owned(),
        Fault::ExceptOutside { cidr, .. } => format!("name a network inside of `{cidr}`"),
        Fault::EmptyCidrSet => "set `cidr`, `cidrGroupRef` or `cidrGroupSelector`".to_owned(),
        Fault::FullCidrSet => "keep one of `cidr`, `cidrGroupRef` and `cidrGroupSelector`".to_owned(),
        Fault::TooMany(_) => "divide them into two items of the list".to_owned(),
        Fault::Layer7Protocol(_) => "set `protocol: TCP`".to_owned(),
        Fault::NoPort => "set `port`; `\"0\"` means every port".to_owned(),
        Fault::PortOfProtocol(_) => "remove the port: the protocol has none".to_owned(),
        Fault::Layer7PortZero | Fault::DnsWithoutPort | Fault::PortRange => {
            "name each port by its number".to_owned()
        }
        Fault::SeveralProtocols => {
            "keep the rules of one protocol, and put the others into another item".to_owned()
        }
        Fault::NameAndPattern => "put `matchName` and `matchPattern` into two items of the list".to_owned(),
        Fault::Expression(_) => {
            "write it in the syntax of Go's package `regexp`, which does not look around".to_owned()
        }
        Fault::MatchName(name) if name.contains('*') => format!("write `matchPattern: \"{name}\"`"),
        _ => "correct it: until then Cilium behaves as if the policy did not exist".to_owned(),
    }
}

fn lower(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

struct Refused<'a> {
    object: &'a Object,
    refusal: Refusal<'a>,
    /// The minor of Cilium; `None` where it is not known.
    minor: Option<u64>,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
            continue;
        };
        let agents = Agents::of(member);
        for (_, object) in cluster.objects() {
            let Some(scope) = scope(object) else { continue };
            if let Some(refusal) = agents.refuse(object, scope)
                && !is_told_elsewhere(&refusal.fault)
            {
                let found = Refused {
                    object,
                    minor: agents.minor,
                    refusal,
                };
                let span = found.refusal.node.origin().edit_span();
                gathered.add(span, found.refusal.fault.clone(), &cluster.name, found);
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(_, found)| {
        let Refused { object, refusal, .. } = &found.first;
        let span = refusal.node.origin().edit_span();
        Finding::new(message(&found.first, &found.clusters), span, LABEL)
            .help(help(&refusal.fault))
            .object(object.reference())
            .clusters(found.clusters)
    }));
}

/// Words that the definition lists: the API server does not take others, which `unknown-cilium-field` tells.
fn is_told_elsewhere(fault: &Fault) -> bool {
    matches!(fault, Fault::Entity(_) | Fault::Protocol(_) | Fault::Family(_))
}

fn scope(object: &Object) -> Option<Scope> {
    match (object.group(), object.kind()) {
        ("cilium.io", "CiliumNetworkPolicy") => Some(Scope::Namespace),
        ("cilium.io", "CiliumClusterwideNetworkPolicy") => Some(Scope::Cluster),
        _ => None,
    }
}

/// The agents that may run in a cluster: one where the version is known, else all.
struct Agents {
    all: Vec<Agent>,
    minor: Option<u64>,
}

impl Agents {
    fn of(member: &Member) -> Self {
        let version = member.version.get();
        let minor = version.map(|version| version.minor);
        let is_read = version.is_none_or(|version| version.major == 1 && READ.contains(&version.minor));
        let node_labels = may_be_on(member, &["nodeSelectorLabels"])
            || may_be_on(member, &["extraConfig", "enable-node-selector-labels"]);
        let extended_protocols = may_be_on(member, &["extraConfig", "enable-extended-ip-protocols"]);
        let minors = READ.filter(|one| is_read && minor.is_none_or(|minor| minor == *one));
        let all = minors.map(|minor| Agent {
            minor,
            node_labels,
            extended_protocols,
        });
        Self {
            all: all.collect(),
            minor,
        }
    }

    /// Why each of them refuses a policy, told by the newest.
    fn refuse<'n>(&self, object: &'n Object, scope: Scope) -> Option<Refusal<'n>> {
        let refusals = self.all.iter().map(|agent| refusal(&object.node, scope, agent));
        let refusals: Vec<Refusal<'n>> = refusals.collect::<Option<_>>()?;
        let faults: BTreeSet<&Fault> = refusals.iter().map(|refusal| &refusal.fault).collect();
        let is_one = faults.len() == 1;
        refusals.into_iter().next_back().filter(|_| is_one)
    }
}

/// Whether a value is on, cannot be known, or is made where nobody looks.
fn may_be_on(member: &Member, path: &[&str]) -> bool {
    let Some(cilium) = &member.cilium else { return true };
    match cilium.values.lookup(path) {
        Lookup::Value(node) => node.as_bool() == Some(true) || node.as_text() == Some("true"),
        Lookup::Unknown(_) => true,
        Lookup::Absent => false,
    }
}
