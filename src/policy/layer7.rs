//! Rules about what is said over a connection, and names.

use super::agent::Agent;
use super::fault::{Fault, Refusal};
use super::fields::{Text, has, list, text};
use super::pattern::is_broken;
use crate::yaml::Node;

/// What 1.20 no longer has.
const REMOVED: [&str; 2] = ["kafka", "l7"];

fn of(port: &Node) -> Option<&Node> {
    port.get("rules").filter(|rules| rules.is_mapping())
}

/// Whether an item of `toPorts` has any rule of layer 7 that this version knows.
pub(super) fn has_rules(port: &Node, agent: &Agent) -> bool {
    let Some(rules) = of(port) else { return false };
    let gone = REMOVED.iter().filter(|_| agent.is_before(20));
    ["http", "dns"]
        .iter()
        .chain(gone)
        .any(|key| !list(rules, key).is_empty())
}

/// Whether it has rules about DNS.
pub(super) fn has_dns(port: &Node) -> bool {
    of(port).is_some_and(|rules| !list(rules, "dns").is_empty())
}

/// Takes or refuses the rules of layer 7 of an item of `toPorts`.
pub(super) fn rules<'n>(port: &'n Node, has_ports: bool, agent: &Agent) -> Result<(), Refusal<'n>> {
    let Some(rules) = of(port) else { return Ok(()) };
    let mut kinds = 0;
    if has(rules, "http") {
        kinds += 1;
        for one in list(rules, "http") {
            http(one)?;
        }
    }
    let knows_others = agent.is_before(20);
    if knows_others && has(rules, "kafka") {
        kinds += 1;
    }
    if let Some(dns) = rules.get("dns").filter(|dns| !dns.is_null()) {
        if !has_ports {
            return Err(Refusal::new(Fault::DnsWithoutPort, dns));
        }
        kinds += 1;
        for one in dns.items() {
            name(one, false)?;
        }
    }
    if knows_others {
        let protocol = text(rules, "l7proto");
        if has(rules, "l7") && matches!(protocol, Text::Empty) {
            return Err(Refusal::new(Fault::NoL7Proto, rules));
        }
        kinds += usize::from(!matches!(protocol, Text::Empty));
    }
    if kinds > 1 {
        return Err(Refusal::new(Fault::SeveralProtocols, rules));
    }
    Ok(())
}

fn http(node: &Node) -> Result<(), Refusal<'_>> {
    for key in ["path", "method"] {
        if let Text::Is(expression, at) = text(node, key)
            && is_broken(expression)
        {
            return Err(Refusal::new(Fault::Expression(expression.to_owned()), at));
        }
    }
    for header in list(node, "headerMatches") {
        let refused = |why: String| Err(Refusal::new(Fault::Header(why), header));
        if matches!(text(header, "name"), Text::Empty) {
            return refused("Header name missing".to_owned());
        }
        match text(header, "mismatch") {
            Text::Is("LOG" | "ADD" | "DELETE" | "REPLACE", _) | Text::Empty | Text::Unknown => {}
            Text::Is(other, _) => return refused(format!("Invalid header action: {other}")),
        }
        let secret = header.get("secret").filter(|secret| secret.is_mapping());
        if secret.is_some_and(|secret| matches!(text(secret, "name"), Text::Empty)) {
            return refused("Secret name missing".to_owned());
        }
    }
    Ok(())
}

/// A DNS name or a pattern of them; in `toFQDNs` only one of both.
pub(super) fn name(node: &Node, only_one: bool) -> Result<(), Refusal<'_>> {
    let (name, pattern) = (text(node, "matchName"), text(node, "matchPattern"));
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if only_one && matches!((name, pattern), (Text::Is(..), Text::Is(..))) {
        return Err(Refusal::new(Fault::NameAndPattern, node));
    }
    if let Text::Is(text, at) = name
        && !text.bytes().all(is_of_name)
    {
        return Err(Refusal::new(Fault::MatchName(text.to_owned()), at));
    }
    if let Text::Is(text, at) = pattern
        && !text.bytes().all(|byte| is_of_name(byte) || byte == b'*')
    {
        return Err(Refusal::new(Fault::MatchPattern(text.to_owned()), at));
    }
    Ok(())
}
