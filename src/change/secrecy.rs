//! What may be shown of an object. Pull requests are read by more people than clusters are.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::Value;
use super::model::Hidden;
use super::tree::document_at;
use crate::kustomize::Object;
use crate::secret::{LAST_APPLIED, is_private_key, is_secret_field};
use crate::sops::is_encrypted;
use crate::yaml::{Entry, Kind, Node, Origin, Store};

/// What stands in the place of a secret.
pub(super) const MASK: &str = "(secret)";

/// How much of an object is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// Every value in it.
    Everything,
    /// What its name, its look or its origin gives away.
    WhatLooksSecret,
}

/// What of a Secret is none.
const OPEN_PARTS: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];

/// Judges values of one tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) store: &'a Store<'a>,
}

impl Secrecy {
    /// Of a field at the top of an object.
    pub(crate) fn of_part(object: &Object, key: &str) -> Self {
        let is_secret = object.kind() == "Secret" && object.group().is_empty();
        if is_secret && !OPEN_PARTS.contains(&key) {
            Self::Everything
        } else {
            Self::WhatLooksSecret
        }
    }

    /// Of a field in a value.
    pub(crate) fn of_field(self, parent: &Node, key: &str) -> Self {
        // The annotation repeats the object.
        if self == Self::Everything || key == LAST_APPLIED || is_secret_field(parent, key) {
            Self::Everything
        } else {
            Self::WhatLooksSecret
        }
    }
}

impl Judge<'_> {
    /// The value as it may be shown.
    pub(crate) fn shown(self, node: &Node, secrecy: Secrecy) -> Value {
        match self.hides(node, secrecy) {
            Some(why) => Value::Hidden(why),
            None => Value::Shown(self.masked(node, secrecy)),
        }
    }

    /// Why a scalar may not be shown.
    fn hides(self, node: &Node, secrecy: Secrecy) -> Option<Hidden> {
        let scalar = node.as_scalar()?;
        if is_encrypted(&scalar.text) || node.origin().is_unknown() {
            return Some(Hidden::Unknown);
        }
        let is_word = !node.is_null() && !matches!(&*scalar.text, "true" | "false");
        let is_secret = secrecy == Secrecy::Everything && is_word
            || is_private_key(&scalar.text)
            || self.is_of_secret(node.origin());
        is_secret.then_some(Hidden::Secret)
    }

    /// The value with signs in the place of what may not be shown.
    pub(super) fn masked(self, node: &Node, secrecy: Secrecy) -> Node {
        match node.kind() {
            Kind::Scalar(scalar) => match self.hides(node, secrecy) {
                Some(Hidden::Secret) => Node::string(MASK, node.origin().clone()),
                Some(Hidden::Unknown) => Node::string("(unknown)", node.origin().clone()),
                None => match masked_text(&scalar.text) {
                    Cow::Borrowed(_) => node.clone(),
                    Cow::Owned(text) => Node::string(text, node.origin().clone()),
                },
            },
            Kind::Sequence(items) => {
                let items = items.iter().map(|item| self.masked(item, secrecy)).collect();
                Node::sequence(items, node.origin().clone())
            }
            Kind::Mapping(entries) => {
                let masked = |entry: &Entry| {
                    let key = entry.key.as_scalar().map_or("", |key| &key.text);
                    Entry {
                        key: entry.key.clone(),
                        value: self.masked(&entry.value, secrecy.of_field(node, key)),
                    }
                };
                Node::mapping(entries.iter().map(masked).collect(), node.origin().clone())
            }
        }
    }

    /// The object with signs in the place of what may not be shown.
    pub(super) fn masked_object(self, object: &Object) -> Node {
        let part = |entry: &Entry| {
            let key = entry.key.as_scalar().map_or("", |key| &key.text);
            Entry {
                key: entry.key.clone(),
                value: self.masked(&entry.value, Secrecy::of_part(object, key)),
            }
        };
        let parts = object.node.entries().iter().map(part).collect();
        Node::mapping(parts, object.node.origin().clone())
    }

    /// Whether a variable that a Secret defines is part of the value.
    fn is_of_secret(self, origin: &Origin) -> bool {
        let variables = origin.substituted.as_deref().unwrap_or_default();
        variables.iter().filter_map(|one| one.value).any(|span| {
            let document = document_at(self.store, span);
            document.is_some_and(|document| document.root.text_at(&["kind"]) == Some("Secret"))
        })
    }
}

/// `password: x`, `--token=x` and `{"apiKey": "x"}` within a text, and what stands before `@` in an address.
static IN_TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)((?:pass(?:word|wd|phrase)|token|(?:api|access|private|secret)[_-]?key|client[_-]?secret)["']?(?::[ \t]*|[ \t]*=[ \t]*))("[^"\n]*"|'[^'\n]*'|[^\s,;}"'&][^\n,}"']*)|(://[^/\s:@"']*:)[^/\s@"']+@"#,
    )
    .ok()
});

/// The text without the secrets that stand in it.
fn masked_text(text: &str) -> Cow<'_, str> {
    let Some(pattern) = &*IN_TEXT else {
        return MASK.into();
    };
    pattern.replace_all(text, |found: &regex::Captures<'_>| {
        let group = |nth| found.get(nth).map_or("", |group| group.as_str());
        if group(3).is_empty() {
            format!("{}{MASK}", group(1))
        } else {
            format!("{}{MASK}@", group(3))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_texts_are_masked() {
        assert_eq!(
            masked_text("a: 1\npassword: x y\nb: 2"),
            "a: 1\npassword: (secret)\nb: 2"
        );
        assert_eq!(masked_text("--token=abc --to=x"), "--token=(secret)");
        assert_eq!(masked_text(r#"{"apiKey":"a b"}"#), r#"{"apiKey":(secret)}"#);
        assert_eq!(
            masked_text("postgres://me:pw@db/x"),
            "postgres://me:(secret)@db/x"
        );
        assert_eq!(masked_text("https://example.org/a"), "https://example.org/a");
    }
}
