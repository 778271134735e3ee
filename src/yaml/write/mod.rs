//! YAML and JSON as the Go programs print them. kustomize turns a resource into JSON by yaml.v3, and that into YAML by
//! `sigs.k8s.io/yaml` (on yaml.v2); Flux' postBuild substitution works on this text, so every byte counts.
//!
//! One difference is known: an empty value inside braces (`{a: }`) is null here and becomes the text "" in kustomize,
//! because yaml.v3 prints it as `''` there; a tree does not remember braces.

mod emit;
mod fold;
mod json;
mod number;
mod obstacle;
mod order;
mod timestamp;

use std::borrow::Cow;
use std::ops::Range;

use super::node::{Kind, Node, Scalar, Style, Tag};
use super::scalar::{Resolved, Schema};
use emit::Emitter;

pub use json::to_go_json;
pub use obstacle::{Obstacle, obstacle};

/// One scalar in printed text.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The bytes of the printed text, with quotes or the `|` of a block.
    pub range: Range<usize>,
    /// The key or value that is printed there.
    pub node: Node,
    /// Whether it is a key.
    pub is_key: bool,
}

/// Printed text that knows which node each piece of it comes from.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// The text.
    pub text: String,
    /// Every scalar key and value in the order of the text.
    pub scalars: Vec<Placed>,
}

impl Mapped {
    /// The scalar printed at that offset.
    pub fn at(&self, offset: usize) -> Option<&Placed> {
        let index = self.scalars.partition_point(|placed| placed.range.end <= offset);
        self.scalars
            .get(index)
            .filter(|placed| placed.range.contains(&offset))
    }
}

/// Prints a tree as `kustomize build` prints a resource: keys sorted, quotes only where needed, lines folded at 80.
pub fn to_yaml(node: &Node) -> String {
    let mut emitter = Emitter::new(None);
    emitter.document(node);
    emitter.finish().text
}

/// [`to_yaml`] for whoever may show it: the same values, those that a terminal or the runner of a CI server would obey in
/// quotes and with escapes.
pub fn to_shown_yaml(node: &Node) -> String {
    let mut emitter = Emitter::new(None).shown();
    emitter.document(node);
    emitter.finish().text
}

/// [`to_yaml`] with the place of every scalar in the text.
pub fn to_yaml_mapped(node: &Node) -> Mapped {
    let mut emitter = Emitter::new(Some(Vec::new()));
    emitter.document(node);
    emitter.finish()
}

/// A scalar on its way through JSON.
#[derive(PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// As Go's `encoding/json` prints the number.
    Number(String),
    Text(Cow<'a, str>),
}

/// What the Go packages put into JSON for a scalar.
pub(super) fn json_value(scalar: &Scalar, schema: Schema) -> Value<'_> {
    match scalar.resolve(schema) {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Int(value) => Value::Number(value.to_string()),
        // JSON has no such numbers; Go refuses to print them. The text is kept instead of failing.
        Resolved::Float(value) if !value.is_finite() => Value::Text((&*scalar.text).into()),
        Resolved::Float(value) => Value::Number(number::json(value)),
        Resolved::Str(text) => Value::Text(special_text(scalar, schema).unwrap_or(text.into())),
    }
}

/// Text that does not come through as it is: dates (yaml.v3 makes times of them), folded text and `!!binary`.
pub(super) fn special_text(scalar: &Scalar, schema: Schema) -> Option<Cow<'_, str>> {
    match &scalar.tag {
        None | Some(Tag::Str) if scalar.style == Style::Folded && schema == Schema::Kustomize => {
            Some(fold::printed_and_read(&scalar.text))
        }
        None if scalar.style == Style::Plain && schema == Schema::Kustomize => {
            timestamp::rfc3339(&scalar.text).map(Cow::Owned)
        }
        Some(Tag::Other(tag)) if &**tag == "!!timestamp" && schema == Schema::Kustomize => {
            timestamp::rfc3339(&scalar.text).map(Cow::Owned)
        }
        Some(Tag::Binary) => {
            let bytes = scalar.decoded()?;
            Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
        }
        _ => None,
    }
}

/// The text that `sigs.k8s.io/yaml` puts where a model wants text and the file has a number: printed with the
/// precision of 32 bits (`convertToJSONableObject`).
#[expect(clippy::cast_possible_truncation, reason = "that is what Go does")]
pub(crate) fn float_as_single_text(value: f64) -> String {
    number::general_single(value as f32)
}

/// A number as Go's `fmt` prints it with `%v`.
pub(crate) fn float_as_text(value: f64) -> String {
    number::general(value)
}

/// The text of a key. Keys are text in JSON, whatever they resolve to.
fn key_text(key: &Node) -> Cow<'_, str> {
    match key.kind() {
        Kind::Scalar(scalar) => (&*scalar.text).into(),
        Kind::Sequence(_) | Kind::Mapping(_) => to_go_json(key, Schema::Kustomize).into(),
    }
}
