//! The version of the chart, from the ways in which it is written.

use semver::Version;

use crate::mesh::fact::{Evidence, Fact, Known, Place};
use crate::unknown::UnknownReason;

/// What a place says of the version; without one it lies in a chart that nobody sees.
pub(super) fn fact(place: Option<Place>) -> Fact<Version> {
    place.map_or_else(|| Fact::unknown(UnknownReason::Chart), stated)
}

fn stated(place: Place) -> Fact<Version> {
    let version = parse(place.text());
    Fact {
        value: match &version {
            _ if place.node.origin().is_unknown() => Known::Unknown(UnknownReason::External),
            Some(version) => Known::Stated(version.clone()),
            None => Known::Unknown(UnknownReason::Chart),
        },
        evidence: vec![Evidence {
            value: version,
            place,
        }],
    }
}

/// The version that a text pins: `1.18.3`, `v1.18.3`, `1.18.3@sha256:…`. Of a range only one that
/// stays within a minor (`1.18.x`, `~1.18.2`, `>=1.18.0 <1.19.0`) tells enough: what the rules ask for is the minor.
fn parse(text: &str) -> Option<Version> {
    let text = text.split('@').next().unwrap_or_default().trim();
    let plain = text.strip_prefix('=').unwrap_or(text).trim();
    if let Ok(version) = Version::parse(plain.strip_prefix('v').unwrap_or(plain)) {
        return Some(version);
    }
    within_a_minor(text)
}

/// The least version of a range that leaves no minor (Masterminds/semver `constraints.go`).
fn within_a_minor(text: &str) -> Option<Version> {
    if text.contains("||") || text.contains(" - ") {
        return None;
    }
    let mut least: Option<Version> = None;
    // The first minor that is beyond the range.
    let mut beyond: Option<(u64, u64)> = None;
    for bound in bounds(text)? {
        let (operator, version) = bound;
        let minor = (version.major, version.minor);
        let next = (version.major, version.minor + 1);
        match operator {
            "" | "=" | "~" => {
                least = least.max(Some(version));
                beyond = nearest(beyond, next);
            }
            ">=" | ">" => least = least.max(Some(version)),
            "<" if version.patch == 0 => beyond = nearest(beyond, minor),
            "<" | "<=" => beyond = nearest(beyond, next),
            _ => return None,
        }
    }
    let least = least?;
    (beyond == Some((least.major, least.minor + 1))).then_some(least)
}

fn nearest(known: Option<(u64, u64)>, minor: (u64, u64)) -> Option<(u64, u64)> {
    Some(known.map_or(minor, |known| known.min(minor)))
}

const OPERATORS: [&str; 6] = [">=", "<=", ">", "<", "=", "~"];

/// Each comparison with its version, parts that are left open being 0; `None` where a minor is left open.
fn bounds(text: &str) -> Option<Vec<(&str, Version)>> {
    let spaced = text.replace(',', " ");
    let mut words: Vec<String> = Vec::new();
    for word in spaced.split_whitespace() {
        match words.last_mut() {
            // `>= 1.18` in two words.
            Some(last) if last.chars().all(|c| "<>=~^".contains(c)) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    let bound = |word: &String| {
        let operator = OPERATORS.iter().find(|operator| word.starts_with(**operator));
        let operator = operator.copied().unwrap_or_default();
        let rest = word.get(operator.len()..)?.trim_start_matches('v');
        let rest = rest.split('-').next().unwrap_or_default();
        let mut parts = rest.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        let patch = match parts.next() {
            None | Some("x" | "X" | "*") => 0,
            Some(patch) => patch.parse().ok()?,
        };
        parts
            .next()
            .is_none()
            .then(|| (operator, Version::new(major, minor, patch)))
    };
    words
        .iter()
        .map(bound)
        .collect::<Option<Vec<_>>>()
        .filter(|all| !all.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_pin_a_minor_are_read() {
        for text in [
            "1.18.3",
            "v1.18.3",
            "1.18.3@sha256:0123",
            " =1.18.3",
            "~1.18.3",
            ">=1.18.3 <1.19",
            ">= 1.18.3, < 1.19.0-0",
        ] {
            assert_eq!(parse(text), Some(Version::new(1, 18, 3)), "{text}");
        }
        for text in [
            "1.18.x",
            "1.18.*",
            "~1.18",
            "1.18",
            ">=1.18.0 <1.19.0",
            ">=1.18 <=1.18.9",
        ] {
            assert_eq!(parse(text), Some(Version::new(1, 18, 0)), "{text}");
        }
        for text in [
            "",
            "*",
            ">=1.16.0",
            "^1.16.0",
            "1.x",
            "latest",
            "1.18.x.y",
            ">=1.17.0 <1.19.0",
            "<1.19.0",
            "1.18.x || 1.19.x",
            "1.17.0 - 1.18.0",
            ">",
            "~~1.18",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(
            parse("1.19.0-rc.1").map(|version| (version.major, version.minor)),
            Some((1, 19))
        );
    }
}
