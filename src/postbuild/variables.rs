//! The variables of a Kustomization's `postBuild`, merged as fluxcd/pkg `kustomize/kustomize_varsub.go` does:
//! `substituteFrom` in its order, a later source over an earlier one, then `substitute` over all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::kustomize::Object;
use crate::source::Span;
use crate::yaml::Node;

use super::{RenderProblem, Variable, Variables};
use crate::sops::is_encrypted;
use crate::unknown::UnknownReason;

/// What the cluster has under the kind, namespace and name that `substituteFrom` refers to.
#[derive(Debug, Clone, Copy)]
pub enum VariableSource<'a> {
    /// This ConfigMap or Secret.
    Found(&'a Object),
    /// Nothing in the repository makes one.
    Missing,
    /// Something makes it whose values are not in the repository: an ExternalSecret, a SealedSecret.
    Unknown(UnknownReason),
}

/// `spec.postBuild` of a Kustomization.
#[derive(Debug, Clone, Default)]
pub struct PostBuild {
    /// The merged variables.
    pub variables: Variables,
    /// Whether `substituteStrategy: Always` asks for substitution even without variables.
    pub always: bool,
    /// Missing sources and illegal names, each of which fails the Kustomization.
    pub problems: Vec<RenderProblem>,
}

impl PostBuild {
    /// Reads `spec.postBuild` of a rendered Kustomization; `None` when it has none. `namespace` is the Kustomization's own, where all
    /// its sources have to be. `cluster` is asked for `(kind, namespace, name)`.
    pub fn read<'a>(
        kustomization: &Object,
        namespace: &str,
        cluster: &dyn Fn(&str, &str, &str) -> VariableSource<'a>,
    ) -> Option<Self> {
        let post_build = kustomization
            .node
            .at(&["spec", "postBuild"])
            .filter(|node| node.is_mapping())?;
        let mut merged = Self {
            always: post_build.text_at(&["substituteStrategy"]) == Some("Always"),
            ..Self::default()
        };
        for reference in post_build.get("substituteFrom").map_or(&[][..], Node::items) {
            merged.add_reference(reference, namespace, cluster);
        }
        if let Some(substitute) = post_build.entry("substitute") {
            for entry in substitute.value.entries() {
                merged.define(&entry.key, substitute.key.span(), plain_value(&entry.value));
            }
        }
        Some(merged)
    }

    /// Whether Flux substitutes at all: without a single variable it leaves every `${…}` and `$$` as it is, unless told
    /// otherwise.
    pub fn substitutes(&self) -> bool {
        self.always || !self.variables.known.is_empty() || self.variables.open.is_some()
    }

    fn add_reference<'a>(
        &mut self,
        reference: &Node,
        namespace: &str,
        cluster: &dyn Fn(&str, &str, &str) -> VariableSource<'a>,
    ) {
        let kind = reference.text_at(&["kind"]).unwrap_or_default();
        let name_node = reference.get("name").unwrap_or(reference);
        let name = name_node.as_text().unwrap_or_default();
        if !matches!(kind, "ConfigMap" | "Secret") {
            // Neither loaded nor refused by the controller; the CRD refuses it.
            return;
        }
        if name_node.origin().is_unknown() {
            self.open_up(UnknownReason::External);
            return;
        }
        match cluster(kind, namespace, name) {
            VariableSource::Unknown(reason) => self.open_up(reason),
            VariableSource::Missing if reference.get("optional").and_then(Node::as_bool) == Some(true) => {
                // Secrets are made by hand and by bootstrap as a rule, so one that no file makes may well be there.
                if kind == "Secret" {
                    self.open_up(UnknownReason::External);
                }
            }
            VariableSource::Missing => {
                self.problems.push(RenderProblem::MissingSubstituteSource {
                    span: name_node.origin().edit_span(),
                    kind: kind.to_owned(),
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                });
                // One missing source shall not set off a finding for each of its variables.
                self.open_up(UnknownReason::External);
            }
            VariableSource::Found(object) if kind == "ConfigMap" => {
                for entry in object.node.get("data").map_or(&[][..], Node::entries) {
                    self.define(&entry.key, name_node.span(), plain_value(&entry.value));
                }
            }
            VariableSource::Found(object) => {
                for (key, variable) in secret_values(object) {
                    self.define(key, name_node.span(), variable);
                }
            }
        }
    }

    /// Any name may be defined by something that cannot be read. The first reason stays.
    fn open_up(&mut self, reason: UnknownReason) {
        self.variables.open.get_or_insert(reason);
    }

    fn define(&mut self, key: &Node, reference: Span, variable: Variable) {
        let Some(name) = key.as_scalar().map(|scalar| &scalar.text) else {
            return;
        };
        if is_variable_name(name) {
            self.variables.known.insert(Arc::clone(name), variable);
        } else {
            self.problems.push(RenderProblem::IllegalVariableName {
                span: key.span(),
                name: name.to_string(),
                reference,
            });
        }
    }
}

/// `^[_[:alpha:]][_[:alpha:][:digit:]]*$`, in which Go's classes are ASCII.
pub fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
}

/// What stands where another tool puts the value before the object reaches the cluster: a reference for 1Password's
/// `op inject` or for `vals`, or a template.
fn is_filled_in_later(text: &str) -> bool {
    text.starts_with("op://") || text.starts_with("ref+") && text.contains("://") || text.contains("{{")
}

/// The variable that a value of `data`, `stringData` or `substitute` makes.
fn plain_value(node: &Node) -> Variable {
    let text = node.as_text().unwrap_or_default();
    let value = if is_encrypted(text) {
        Err(UnknownReason::Encrypted)
    } else if node.origin().is_unknown() || is_filled_in_later(text) {
        Err(UnknownReason::External)
    } else {
        Ok(text)
    };
    variable(node, value)
}

/// Newlines are removed from every value.
fn variable(node: &Node, value: Result<&str, UnknownReason>) -> Variable {
    Variable {
        value: value.map(|text| text.replace('\n', "").into()),
        span: Some(node.origin().edit_span()),
    }
}

/// The values of a Secret by key: `data` decoded, `stringData` over it as the API server merges them.
fn secret_values(secret: &Object) -> Vec<(&Node, Variable)> {
    let mut values: BTreeMap<&str, (&Node, Variable)> = BTreeMap::new();
    for (field, read) in [
        ("data", decoded_value as fn(&Node) -> Variable),
        ("stringData", plain_value),
    ] {
        for entry in secret.node.get(field).map_or(&[][..], Node::entries) {
            if let Some(key) = entry.key.as_scalar() {
                values.insert(&key.text, (&entry.key, read(&entry.value)));
            }
        }
    }
    values.into_values().collect()
}

/// Go's base64 skips line breaks, and `kustomize` breaks long values into lines.
fn decoded_value(node: &Node) -> Variable {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
    );
    let plain = plain_value(node);
    let Ok(encoded) = &plain.value else {
        return plain;
    };
    let encoded: String = encoded.chars().filter(|c| *c != '\r').collect();
    match BASE64.decode(encoded) {
        // Bytes that are not text cannot be meant as a variable; the real program would refuse the YAML they end up in.
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            // A secret generator that read a file encrypted with SOPS.
            let value = if is_encrypted(&text) {
                Err(UnknownReason::Encrypted)
            } else {
                Ok(&*text)
            };
            variable(node, value)
        }
        // The API server refuses such a Secret, so it is not known what the cluster has.
        Err(_) => variable(node, Err(UnknownReason::BrokenBuild)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use crate::yaml::Entry;

    fn span(at: usize) -> Span {
        let sources = SourceMap::from_memory([("a.yaml", "")]);
        let file = sources.iter().next().unwrap().0;
        Span::new(file, at, at + 1)
    }

    fn map(entries: &[(&str, Node)]) -> Node {
        let entries = entries.iter().enumerate().map(|(at, (key, value))| Entry {
            key: Node::string(*key, span(1000 + at)),
            value: value.clone(),
        });
        Node::mapping(entries.collect(), span(0))
    }

    fn text(text: &str, at: usize) -> Node {
        Node::string(text, span(at))
    }

    fn data(field: &str, values: &[(&str, &str)]) -> Object {
        let values: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(at, (key, value))| (*key, text(value, at)))
            .collect();
        Object::new(map(&[(field, map(&values))]))
    }

    fn reference(kind: &str, name: &str, optional: bool) -> Node {
        let mut entries = vec![("kind", text(kind, 0)), ("name", text(name, 77))];
        if optional {
            entries.push(("optional", Node::plain("true", span(0))));
        }
        map(&entries)
    }

    fn kustomization(references: Vec<Node>, substitute: &[(&str, &str)]) -> Object {
        let substitute: Vec<_> = substitute
            .iter()
            .map(|(key, value)| (*key, text(value, 500)))
            .collect();
        let post_build = map(&[
            ("substituteFrom", Node::sequence(references, span(0))),
            ("substitute", map(&substitute)),
        ]);
        Object::new(map(&[("spec", map(&[("postBuild", post_build)]))]))
    }

    fn values(variables: &Variables) -> Vec<(&str, Result<&str, UnknownReason>)> {
        let known = variables.known.iter();
        known
            .map(|(name, variable)| (&**name, variable.value.as_deref().map_err(|reason| *reason)))
            .collect()
    }

    #[test]
    fn later_sources_win_and_substitute_wins_over_all() {
        let first = data("data", &[("A", "first"), ("B", "first"), ("C", "first\nline\n")]);
        let second = data("stringData", &[("A", "second"), ("B", "second")]);
        let object = kustomization(
            vec![
                reference("ConfigMap", "first", false),
                reference("Secret", "second", false),
            ],
            &[("A", "own")],
        );
        let post_build = PostBuild::read(&object, "flux-system", &|kind, namespace, name| {
            assert_eq!(namespace, "flux-system");
            match (kind, name) {
                ("ConfigMap", "first") => VariableSource::Found(&first),
                ("Secret", "second") => VariableSource::Found(&second),
                _ => VariableSource::Missing,
            }
        })
        .unwrap();
        assert_eq!(
            values(&post_build.variables),
            [("A", Ok("own")), ("B", Ok("second")), ("C", Ok("firstline"))]
        );
        assert_eq!(post_build.variables.known["A"].span, Some(span(500)));
        assert_eq!(post_build.variables.known["C"].span, Some(span(2)));
        assert!(post_build.problems.is_empty());
    }

    #[test]
    fn secrets_are_decoded_and_encrypted_values_are_unknown() {
        let secret = data(
            "data",
            &[
                ("LONG", "aGVsbG8g\nd29ybGQK"),
                ("SOPS", "ENC[AES256_GCM,data:x]"),
                ("FILE", "RU5DW0FFUzI1Nl9HQ00sZGF0YTp4XQ=="),
                ("BROKEN", "not base64!"),
            ],
        );
        let object = kustomization(vec![reference("Secret", "s", false)], &[]);
        let post_build =
            PostBuild::read(&object, "default", &|_, _, _| VariableSource::Found(&secret)).unwrap();
        assert_eq!(
            values(&post_build.variables),
            [
                ("BROKEN", Err(UnknownReason::BrokenBuild)),
                ("FILE", Err(UnknownReason::Encrypted)),
                ("LONG", Ok("hello world")),
                ("SOPS", Err(UnknownReason::Encrypted)),
            ]
        );
    }

    #[test]
    fn values_that_another_tool_fills_in_are_unknown() {
        let secret = data(
            "stringData",
            &[
                ("A", "op://vault/cloudflare/TUNNEL"),
                ("B", "ref+sops://secrets.yaml#/b"),
                ("C", "{{ .domain }}"),
                ("D", "https://example.com"),
            ],
        );
        let object = kustomization(vec![reference("Secret", "s", false)], &[]);
        let post_build =
            PostBuild::read(&object, "default", &|_, _, _| VariableSource::Found(&secret)).unwrap();
        let unknown = Err(UnknownReason::External);
        assert_eq!(
            values(&post_build.variables),
            [
                ("A", unknown),
                ("B", unknown),
                ("C", unknown),
                ("D", Ok("https://example.com"))
            ]
        );
    }

    #[test]
    fn a_missing_source_is_a_problem_unless_optional() {
        let optional = kustomization(vec![reference("ConfigMap", "gone", true)], &[]);
        let post_build = PostBuild::read(&optional, "default", &|_, _, _| VariableSource::Missing).unwrap();
        assert!(post_build.problems.is_empty());
        assert_eq!(post_build.variables.open, None);
        assert!(!post_build.substitutes());

        let by_hand = kustomization(vec![reference("Secret", "gone", true)], &[]);
        let post_build = PostBuild::read(&by_hand, "default", &|_, _, _| VariableSource::Missing).unwrap();
        assert!(post_build.problems.is_empty());
        assert_eq!(post_build.variables.open, Some(UnknownReason::External));

        let needed = kustomization(vec![reference("ConfigMap", "gone", false)], &[]);
        let post_build = PostBuild::read(&needed, "default", &|_, _, _| VariableSource::Missing).unwrap();
        assert!(matches!(
            post_build.problems.as_slice(),
            [RenderProblem::MissingSubstituteSource { name, span: at, .. }] if name == "gone" && *at == span(77)
        ));
        assert!(post_build.variables.open.is_some());
    }

    #[test]
    fn a_key_that_is_no_variable_name_is_a_problem() {
        let config = data(
            "data",
            &[
                ("GOOD_1", "x"),
                ("my-key", "x"),
                ("1ST", "x"),
                ("É", "x"),
                ("", "x"),
            ],
        );
        let object = kustomization(vec![reference("ConfigMap", "c", false)], &[]);
        let post_build =
            PostBuild::read(&object, "default", &|_, _, _| VariableSource::Found(&config)).unwrap();
        let illegal: Vec<_> = post_build
            .problems
            .iter()
            .map(|problem| match problem {
                RenderProblem::IllegalVariableName { name, reference, .. } => (&**name, *reference),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            illegal,
            [
                ("my-key", span(77)),
                ("1ST", span(77)),
                ("É", span(77)),
                ("", span(77))
            ]
        );
        assert_eq!(values(&post_build.variables), [("GOOD_1", Ok("x"))]);
    }

    #[test]
    fn without_post_build_there_is_nothing_to_read() {
        let object = Object::new(map(&[("spec", map(&[("path", text("./apps", 0))]))]));
        assert!(PostBuild::read(&object, "default", &|_, _, _| VariableSource::Missing).is_none());
    }
}
