//! What a file that cannot be read may state.

use std::collections::BTreeSet;

/// Objects that stand in files which do not parse, as far as their text tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// Names that the text gives to something.
    names: BTreeSet<Box<str>>,
    /// Whether it may hold objects of any name.
    is_open: bool,
}

/// API groups whose objects bring in others.
const MAKERS: [&str; 3] = [
    "kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "fluxcd.controlplane.io",
];

impl Unread {
    /// Something of which nothing is known.
    pub(crate) fn anything() -> Self {
        Self {
            is_open: true,
            ..Self::default()
        }
    }

    /// Adds the text of a file. Where it names nothing, what it is meant to hold is gone from it.
    pub(crate) fn add(&mut self, text: &str) {
        let before = self.names.len();
        self.names.extend(names(text).map(Box::from));
        self.is_open |= self.names.len() == before
            || MAKERS.iter().any(|group| text.contains(group))
            || self.names.iter().any(|name| name.contains('$'));
    }

    pub(crate) fn absorb(&mut self, other: &Self) {
        self.is_open |= other.is_open;
        self.names.extend(other.names.iter().cloned());
    }

    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        !self.is_open && self.names.is_empty()
    }

    /// Whether an object of that name may be among them. Builds put prefixes and suffixes around names.
    pub fn may_hold(&self, name: &str) -> bool {
        let mut around = self.names.iter().map(AsRef::as_ref);
        self.is_open || around.any(|own: &str| name.starts_with(own) || name.ends_with(own))
    }
}

/// What stands behind `name:` in a text, whatever the style: `secretName:` names an object too.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let values = text.match_indices("ame").filter_map(|(at, key)| {
        let rest = text.get(at + key.len()..)?;
        let rest = rest
            .trim_start_matches(['"', '\''])
            .trim_start_matches([' ', '\t']);
        Some(rest.strip_prefix(':')?.trim_start_matches([' ', '\t', '"', '\'']))
    });
    values
        .map(|value| {
            let end = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}' | ']'));
            value.get(..end.unwrap_or(value.len())).unwrap_or_default()
        })
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(text: &str) -> Unread {
        let mut unread = Unread::default();
        unread.add(text);
        unread
    }

    #[test]
    fn names_are_found_in_every_style() {
        for text in [
            "metadata:\n  name: settings\n",
            "metadata: {name: settings\n",
            "{\"metadata\": {\"name\": \"settings\"",
            "metadata:\n\tname: 'settings'",
            "spec: {secretName: settings",
        ] {
            assert!(unread(text).may_hold("settings"), "{text}");
            assert!(unread(text).may_hold("east-settings"), "{text}");
            assert!(!unread(text).may_hold("other"), "{text}");
        }
    }

    #[test]
    fn what_names_nothing_or_makes_others_may_hold_anything() {
        assert!(unread("foo: [\n").may_hold("settings"));
        assert!(unread("apiVersion: kustomize.toolkit.fluxcd.io/v1\nname: a\n").may_hold("settings"));
        assert!(unread("name: ${A}-b\n").may_hold("settings"));
        assert!(Unread::anything().may_hold("settings"));
        assert!(Unread::default().is_empty() && !Unread::anything().is_empty());
    }
}
