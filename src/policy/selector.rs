//! Label selectors, with the keys of Cilium: `source:key`.

use super::agent::Agent;
use super::fault::{Fault, Refusal};
use super::fields::{Text, has, list, of, text};
use crate::yaml::Node;

/// Takes or refuses a label selector.
pub(super) fn selector<'n>(node: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    judge(node, agent, |key| {
        if agent.is_before(20) {
            is_label_key(&extended(key))
        } else {
            is_sourced_key(key)
        }
    })
}

/// A selector of groups of networks: the source is put in front of each key before it is looked at, since 1.20 only where it
/// names none itself.
pub(super) fn selector_of_groups<'n>(node: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    judge(node, agent, |key| {
        if agent.is_before(20) {
            return is_label_key(&format!("cidrgroup.{key}"));
        }
        match source_of(key) {
            ("", key) => is_sourced_key(&format!("cidrgroup:{key}")),
            (source, key) => is_sourced_key(&format!("{source}:{key}")),
        }
    })
}

fn judge<'n>(node: &'n Node, agent: &Agent, is_key: impl Fn(&str) -> bool) -> Result<(), Refusal<'n>> {
    let refused = |node, why: String| Err(Refusal::new(Fault::Selector(why), node));
    for entry in node.get("matchLabels").map_or(&[][..], Node::entries) {
        if let Text::Is(key, at) = of(&entry.key)
            && !is_key(key)
        {
            return refused(at, format!("`{key}` is no key of a label"));
        }
        if let Text::Is(value, at) = of(&entry.value)
            && !is_label_value(value)
        {
            return refused(at, format!("`{value}` is no value of a label"));
        }
    }
    for one in list(node, "matchExpressions") {
        let values = list(one, "values");
        match text(one, "operator") {
            Text::Is("In" | "NotIn", at) if values.is_empty() => {
                return refused(
                    at,
                    "`values` must be specified when `operator` is 'In' or 'NotIn'".to_owned(),
                );
            }
            Text::Is("Exists" | "DoesNotExist", at) if !values.is_empty() => {
                return refused(
                    at,
                    "`values` may not be specified when `operator` is 'Exists' or 'DoesNotExist'".to_owned(),
                );
            }
            Text::Is("In" | "NotIn" | "Exists" | "DoesNotExist", _) | Text::Unknown => {}
            Text::Is(other, at) => return refused(at, format!("`{other}` is not a valid selector operator")),
            Text::Empty => return refused(one, "an expression has no operator".to_owned()),
        }
        match text(one, "key") {
            Text::Is(key, at) if !is_key(key) => return refused(at, format!("`{key}` is no key of a label")),
            Text::Empty if has(one, "key") || one.get("key").is_none() => {
                return refused(one, "an expression has no key".to_owned());
            }
            _ => {}
        }
        // 1.14 does not look at them (`ValidateLabelSelectorRequirement`).
        let judged = if agent.is_before(15) { &[][..] } else { values };
        for value in judged {
            if let Text::Is(text, at) = of(value)
                && !is_label_value(text)
            {
                return refused(at, format!("`{text}` is no value of a label"));
            }
        }
    }
    Ok(())
}

/// What became of a key before it was looked at, until 1.19: the source before a dot (`GetExtendedKeyFrom`).
fn extended(key: &str) -> String {
    let (source, rest) = match source_of(key) {
        ("", key) => match key.strip_prefix("reserved.") {
            Some(rest) => ("reserved", rest),
            None => ("any", key),
        },
        sourced => sourced,
    };
    let rest = rest.split('=').next().unwrap_or_default();
    format!("{source}.{rest}")
}

/// The source that a key names, and the rest; `$` is short for the reserved one.
fn source_of(key: &str) -> (&str, &str) {
    match key.strip_prefix('$') {
        Some(rest) => ("reserved", rest),
        None => key.split_once(':').unwrap_or(("", key)),
    }
}

/// Since 1.20: a key of Kubernetes, with a source before a colon or none.
fn is_sourced_key(key: &str) -> bool {
    match key.split(':').collect::<Vec<_>>()[..] {
        [key] => is_label_key(key),
        [source, key] => {
            !source.is_empty() && source.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_label_key(key)
        }
        _ => false,
    }
}

fn is_label_key(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    prefix.is_none_or(is_subdomain) && is_name(name)
}

fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_name(value)
}

/// At most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_name(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.len() <= 63 && ends(text.bytes().next()) && ends(text.bytes().last()) && text.bytes().all(inner)
}

fn is_subdomain(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_part = |part: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ends(part.bytes().next()) && ends(part.bytes().last()) && part.bytes().all(inner)
    };
    text.len() <= 253 && text.split('.').all(is_part)
}
