//! A `spec` of a policy: its selector and its sections, in the order in which the agent looks at them.

use super::agent::Agent;
use super::fault::{Fault, Refusal};
use super::fields::list;
use super::layer7::has_rules;
use super::peers::peers;
use super::ports::{icmps, port_rule};
use super::section::{Direction, Rule};
use super::selector::selector;
use crate::yaml::Node;

/// The sections, with what they deny told apart.
const SECTIONS: [(&str, Direction, bool); 4] = [
    ("ingress", Direction::Ingress, false),
    ("ingressDeny", Direction::Ingress, true),
    ("egress", Direction::Egress, false),
    ("egressDeny", Direction::Egress, true),
];

/// Takes or refuses a `spec`.
pub(super) fn rule<'n>(spec: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    sections(spec, agent)?;
    let (endpoints, nodes) = (spec.get("endpointSelector"), spec.get("nodeSelector"));
    match (endpoints, nodes) {
        (None, None) => return Err(Refusal::new(Fault::NoSelector, spec)),
        (Some(_), Some(nodes)) => return Err(Refusal::new(Fault::TwoSelectors, nodes)),
        (Some(one), None) | (None, Some(one)) => selector(one, agent)?,
    }
    for (key, direction, denies) in SECTIONS {
        // Sections that deny were not looked at before 1.16.
        if denies && agent.is_before(16) {
            continue;
        }
        for node in list(spec, key) {
            let rule = Rule {
                node,
                direction,
                denies,
                is_host: nodes.is_some(),
            };
            rule.judge(agent)?;
        }
    }
    Ok(())
}

/// From 1.17 on a policy without any rule is refused; before, it is taken and enforces nothing.
fn sections<'n>(spec: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    let mut given = SECTIONS.iter().filter_map(|(key, _, _)| spec.get(key));
    let is_open = |node: &Node| !node.is_null() && (!node.is_sequence() || !node.items().is_empty());
    if agent.is_before(17) || given.clone().any(is_open) {
        return Ok(());
    }
    Err(Refusal::new(Fault::NoSection, given.next().unwrap_or(spec)))
}

impl<'n> Rule<'n> {
    /// Before 1.16 the ports came between two halves of the peers: what is refused is the same, but not always which of
    /// several faults is told.
    fn judge(&self, agent: &Agent) -> Result<(), Refusal<'n>> {
        peers(self, agent)?;
        self.traffic(agent)?;
        self.names()?;
        if agent.is_before(17) && self.is_host && !self.denies && self.has_rules(agent) {
            return Err(Refusal::new(Fault::Layer7OnHost, self.node));
        }
        Ok(())
    }

    fn traffic(&self, agent: &Agent) -> Result<(), Refusal<'n>> {
        if !self.denies {
            self.layer7(agent)?;
        }
        let (types, ports) = (list(self.node, "icmps"), list(self.node, "toPorts"));
        if let (Some(first), false) = (types.first(), ports.is_empty()) {
            return Err(Refusal::new(Fault::IcmpWithPorts, first));
        }
        for one in ports {
            port_rule(one, self, agent)?;
        }
        icmps(types)
    }

    /// Which protocols of layer 7 may be spoken of here.
    fn layer7(&self, agent: &Agent) -> Result<(), Refusal<'n>> {
        let refused = |fault| Err(Refusal::new(fault, self.node));
        let speaks_of = |protocol: &str| {
            let ports = list(self.node, "toPorts").iter();
            ports
                .filter_map(|port| port.get("rules"))
                .any(|rules| !list(rules, protocol).is_empty())
        };
        let is_new_host = self.is_host && !agent.is_before(17);
        match self.direction {
            Direction::Ingress if is_new_host && self.has_rules(agent) => refused(Fault::Layer7OnHost),
            Direction::Ingress if speaks_of("dns") => refused(Fault::DnsOnIngress),
            Direction::Egress if is_new_host => {
                let kafka = agent.is_before(20) && speaks_of("kafka");
                if speaks_of("http") || kafka {
                    refused(Fault::Layer7OnHost)
                } else {
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    }

    fn has_rules(&self, agent: &Agent) -> bool {
        list(self.node, "toPorts")
            .iter()
            .any(|port| has_rules(port, agent))
    }

    fn names(&self) -> Result<(), Refusal<'n>> {
        if self.direction == Direction::Ingress || self.denies {
            return Ok(());
        }
        for name in list(self.node, "toFQDNs") {
            super::layer7::name(name, true)?;
        }
        Ok(())
    }
}
