//! Why a value of the right type is refused.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use regex::Regex;

use super::fault::Refusal;
use super::quantity;
use crate::tables::schemas::{Bounds, Fact, Plain, Releases, Type};
use crate::yaml::{Node, Resolved, Schema};

/// The patterns that were compiled; `None` for one that this engine does not read.
#[derive(Debug, Default)]
pub(super) struct Patterns(RefCell<HashMap<String, Option<Regex>>>);

impl Patterns {
    /// Whether some part of the text matches, as in Go; a pattern that cannot be read matches everything.
    fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut known = self.0.borrow_mut();
        if !known.contains_key(pattern) {
            known.insert(pattern.to_owned(), Regex::new(pattern).ok());
        }
        let regex = known.get(pattern).and_then(Option::as_ref);
        regex.is_none_or(|regex| regex.is_match(text))
    }
}

/// Why every one of these releases refuses a scalar, a list or a map of that type.
pub(super) fn refusal(
    node: &Node,
    one: &Type<'_>,
    releases: Releases,
    patterns: &Patterns,
    empty_is_none: bool,
) -> Option<Refusal> {
    if empty_is_none && node.as_text() == Some("") {
        return None;
    }
    let of_words = || word(node, one, releases);
    let mut refused = Releases::NONE;
    let of_facts = || {
        one.facts.iter().find_map(|(has, fact)| {
            let why = by_fact(node, *fact, patterns)?;
            refused = refused.or(*has);
            releases.are_within(refused).then_some(why)
        })
    };
    of_words().or_else(of_facts)
}

fn word(node: &Node, one: &Type<'_>, releases: Releases) -> Option<Refusal> {
    let text = node.as_text()?;
    let (mut asked, mut taken) = (Releases::NONE, Releases::NONE);
    let mut words = Vec::new();
    for (has, fact) in &one.facts {
        if let Fact::Word(word) = fact {
            asked = asked.or(*has);
            if *word == text {
                taken = taken.or(*has);
            }
            if !has.and(releases).is_empty() {
                words.push((*word).to_owned());
            }
        }
    }
    (taken.and(releases).is_empty() && releases.are_within(asked)).then_some(Refusal::Word(words))
}

fn by_fact(node: &Node, fact: Fact<'_>, patterns: &Patterns) -> Option<Refusal> {
    let text = match node.resolve(Schema::Kubernetes) {
        Some(Resolved::Str(text)) => Some(text),
        _ => None,
    };
    match fact {
        Fact::Pattern(pattern) => {
            let matches = patterns.matches(pattern, text?);
            (!matches).then(|| Refusal::Pattern(pattern.to_owned()))
        }
        #[expect(clippy::cast_precision_loss, reason = "no text is so long")]
        Fact::Length(bounds) => beyond(bounds, text?.chars().count() as f64).map(Refusal::Length),
        Fact::Range(bounds) => beyond(bounds, number(node)?).map(Refusal::Range),
        #[expect(clippy::cast_precision_loss, reason = "no list is so long")]
        Fact::Items(bounds) if node.is_sequence() => {
            beyond(bounds, node.items().len() as f64).map(Refusal::Items)
        }
        #[expect(clippy::cast_precision_loss, reason = "no map is so long")]
        Fact::Entries(bounds) if node.is_mapping() => {
            beyond(bounds, node.entries().len() as f64).map(Refusal::Entries)
        }
        Fact::Format(format) => {
            (!is_of_format(text, node.as_int(), format)).then(|| Refusal::Format(format.to_owned()))
        }
        _ => None,
    }
}

/// What is wrong with a value of a type that says nothing else of it.
pub(super) fn plain_refusal(node: &Node, plain: Plain) -> Option<Refusal> {
    let is_wrong = plain == Plain::Quantity && !quantity::is_quantity(node.as_text()?);
    is_wrong.then(|| Refusal::Format("quantity".to_owned()))
}

fn number(node: &Node) -> Option<f64> {
    match node.resolve(Schema::Kubernetes)? {
        #[expect(clippy::cast_precision_loss, reason = "bounds are not so near")]
        Resolved::Int(value) => value.as_i64().map(|value| value as f64),
        Resolved::Float(value) => Some(value),
        _ => None,
    }
}

/// The bound that a number is beyond.
fn beyond(bounds: Bounds, value: f64) -> Option<(bool, f64)> {
    let below = bounds
        .least
        .filter(|least| value < *least)
        .map(|least| (false, least));
    let above = || bounds.most.filter(|most| value > *most).map(|most| (true, most));
    below.or_else(above)
}

fn is_of_format(text: Option<&str>, whole: Option<i64>, format: &str) -> bool {
    let Some(text) = text else {
        return format != "int32" || whole.is_none_or(|whole| i32::try_from(whole).is_ok());
    };
    match format {
        "byte" => is_base64(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "date-time" => is_date_time(text),
        _ => true,
    }
}

fn is_base64(text: &str) -> bool {
    use base64::Engine as _;
    let compact: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    base64::engine::general_purpose::STANDARD.decode(compact).is_ok()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let longest = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= longest)
}

/// `2026-03-04T05:06:07Z`, only as far as nothing that is taken is refused.
fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 20
        && bytes
            .get(..4)
            .is_some_and(|year| year.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_those_of_the_api_server() {
        let is = |text: &str, format| is_of_format(Some(text), None, format);
        assert!(is("aGFsbG8=", "byte") && !is("hallo!", "byte"));
        assert!(
            is("10.0.0.0/8", "cidr")
                && is("fd00::/64", "cidr")
                && !is("10.0.0.0", "cidr")
                && !is("10.0.0.0/33", "cidr")
        );
        assert!(is("2026-03-04T05:06:07Z", "date-time") && !is("tomorrow", "date-time"));
        assert!(is("anything", "uri"));
    }
}
