//! The version of the chart that an installation pins.

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

/// The version that a text pins: `1.18.3`, `v1.18.3`, `1.18.3@sha256:…`. Of a range only one that stays within a
/// minor (`1.18.x`, `~1.18.2`) tells enough: what the rules ask for is the minor.
fn parse(text: &str) -> Option<Version> {
    let text = text.split('@').next().unwrap_or_default().trim();
    let text = text.strip_prefix(['~', '=']).unwrap_or(text).trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let mut parts = text.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    match (parts.next(), parts.next()) {
        (None | Some("x" | "X" | "*"), None) => Some(Version::new(major, minor, 0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_pin_a_minor_are_read() {
        for text in ["1.18.3", "v1.18.3", "1.18.3@sha256:0123", " =1.18.3", "~1.18.3"] {
            assert_eq!(parse(text), Some(Version::new(1, 18, 3)), "{text}");
        }
        for text in ["1.18.x", "1.18.*", "~1.18", "1.18"] {
            assert_eq!(parse(text), Some(Version::new(1, 18, 0)), "{text}");
        }
        for text in ["", "*", ">=1.16.0", "^1.16.0", "1.x", "latest", "1.18.x.y"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(
            parse("1.19.0-rc.1").map(|version| (version.major, version.minor)),
            Some((1, 19))
        );
    }
}
