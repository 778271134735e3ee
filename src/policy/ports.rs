//! Ports and protocols.

use super::agent::Agent;
use super::fault::{Fault, Refusal};
use super::fields::{Text, has, list, of, text};
use super::layer7::{has_dns, has_rules, rules};
use super::section::{Direction, Rule};
use crate::yaml::Node;

/// The most ports of a rule, and the most ICMP types.
const MOST: usize = 40;

/// Protocols without ports, with the minor that brought them.
const WITHOUT_PORTS: [(&str, u64); 7] = [
    ("VRRP", 19),
    ("IGMP", 19),
    ("GRE", 20),
    ("IPIP", 20),
    ("IPV6", 20),
    ("ESP", 20),
    ("AH", 20),
];

/// Takes or refuses an item of `toPorts`.
pub(super) fn port_rule<'n>(node: &'n Node, rule: &Rule<'n>, agent: &Agent) -> Result<(), Refusal<'n>> {
    let refused = |fault, node| Err(Refusal::new(fault, node));
    let ports = list(node, "ports");
    if rule.denies {
        if let Some(first_too_many) = ports.get(MOST) {
            return refused(Fault::TooMany("ports"), first_too_many);
        }
        return ports.iter().try_for_each(|one| port(one, false, agent).map(drop));
    }
    let dns = has_dns(node);
    let layer7 = has_rules(node, agent);
    let is_ingress = rule.direction == Direction::Ingress;
    if is_ingress && dns {
        return refused(Fault::DnsOnIngress, node);
    }
    let names = list(node, "serverNames");
    if let Some(first) = names.first()
        && layer7
        && !has(node, "terminatingTLS")
    {
        return refused(Fault::ServerNamesWithRules, first);
    }
    if let Some(empty) = names.iter().find(|name| matches!(of(name), Text::Empty)) {
        return refused(Fault::EmptyServerName, empty);
    }
    if let Some(first_too_many) = ports.get(MOST) {
        return refused(Fault::TooMany("ports"), first_too_many);
    }
    let no_range = if agent.is_before(17) {
        layer7 && agent.minor == 16
    } else {
        dns
    };
    let mut has_zero = false;
    for one in ports {
        has_zero |= port(one, no_range, agent)?;
        if layer7 && !dns {
            tcp(one)?;
        }
    }
    if let Some(listener) = node.get("listener").filter(|listener| !listener.is_null()) {
        let name = || listener.text_at(&["name"]).unwrap_or_default().to_owned();
        if is_ingress {
            return refused(Fault::ListenerOnIngress(name()), listener);
        }
        if layer7 {
            return refused(Fault::ListenerWithRules(name()), listener);
        }
    }
    if !layer7 {
        return Ok(());
    }
    if has_zero {
        return refused(Fault::Layer7PortZero, node);
    }
    rules(node, !ports.is_empty(), agent)
}

/// Whether the port is zero.
fn port<'n>(node: &'n Node, no_range: bool, agent: &Agent) -> Result<bool, Refusal<'n>> {
    let mut is_zero = false;
    match text(node, "port") {
        Text::Unknown => {}
        Text::Empty if agent.extended_protocols && !agent.is_before(19) => {}
        Text::Empty => return Err(Refusal::new(Fault::NoPort, node)),
        Text::Is(name, _) if is_service_name(name) => {}
        Text::Is(digits, at) => {
            if digits != "0" && lacks_ports(node, agent) {
                return Err(Refusal::new(Fault::PortOfProtocol(digits.to_owned()), at));
            }
            let Some(number) = number(digits) else {
                return Err(Refusal::new(Fault::Port(digits.to_owned()), at));
            };
            is_zero = number == 0;
            let end = node.text_at(&["endPort"]).and_then(|end| end.parse::<i64>().ok());
            if let Some(range) = node.get("endPort").filter(|_| no_range)
                && end.is_some_and(|end| end > i64::from(number))
            {
                return Err(Refusal::new(Fault::PortRange, range));
            }
        }
    }
    protocol(node, agent)?;
    Ok(is_zero)
}

/// Compared as it is written, in capitals.
fn lacks_ports(node: &Node, agent: &Agent) -> bool {
    let Text::Is(name, _) = text(node, "protocol") else {
        return false;
    };
    WITHOUT_PORTS
        .iter()
        .any(|(own, since)| *own == name && !agent.is_before(*since))
}

fn protocol<'n>(node: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    let Text::Is(name, at) = text(node, "protocol") else {
        return Ok(());
    };
    let upper = name.to_uppercase();
    let is_one = match upper.as_str() {
        "TCP" | "UDP" | "SCTP" | "ANY" => true,
        _ => WITHOUT_PORTS
            .iter()
            .any(|(own, since)| *own == upper && !agent.is_before(*since)),
    };
    if is_one {
        Ok(())
    } else {
        Err(Refusal::new(Fault::Protocol(upper), at))
    }
}

fn tcp(node: &Node) -> Result<(), Refusal<'_>> {
    let (name, at) = match text(node, "protocol") {
        Text::Unknown => return Ok(()),
        Text::Empty => ("ANY", node),
        Text::Is(name, at) => (name, at),
    };
    if name.eq_ignore_ascii_case("TCP") {
        Ok(())
    } else {
        Err(Refusal::new(Fault::Layer7Protocol(name.to_uppercase()), at))
    }
}

/// The name of a service by IANA: at most 15 letters, digits and single dashes inside, with a letter among them.
fn is_service_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= 15
        && text.bytes().all(is_inner)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// A number below 65536 as `strconv.ParseUint` reads it with base 0. What has letters was taken for a name before, unless it is too
/// long for one.
fn number(text: &str) -> Option<u16> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (text.get(2..)?, 16),
        [b'0', b'b' | b'B', ..] => (text.get(2..)?, 2),
        [b'0', b'o' | b'O', ..] => (text.get(2..)?, 8),
        [b'0', _, ..] => (text.get(1..)?, 8),
        _ => (text, 10),
    };
    let has_sign = digits.starts_with(['+', '-']);
    let digits = without_underscores(text, digits)?;
    if has_sign {
        return None;
    }
    u16::from_str_radix(&digits, radix).ok()
}

/// Underscores may stand between digits, and behind the prefix that names a base.
fn without_underscores(text: &str, digits: &str) -> Option<String> {
    let is_prefixed = text.len() != digits.len();
    let is_placed =
        !digits.contains("__") && !digits.ends_with('_') && (is_prefixed || !digits.starts_with('_'));
    is_placed.then(|| digits.replace('_', ""))
}

/// Takes or refuses `icmps`.
pub(super) fn icmps(rules: &[Node]) -> Result<(), Refusal<'_>> {
    for rule in rules {
        let fields = list(rule, "fields");
        if let Some(first_too_many) = fields.get(MOST) {
            return Err(Refusal::new(Fault::TooMany("types"), first_too_many));
        }
        for field in fields {
            if let Text::Is(family, at) = text(field, "family")
                && !matches!(family, "IPv4" | "IPv6")
            {
                return Err(Refusal::new(Fault::Family(family.to_owned()), at));
            }
        }
    }
    Ok(())
}
