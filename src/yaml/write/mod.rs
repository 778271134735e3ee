//! YAML and JSON as the Go programs print them. kustomize turns a resource into JSON by yaml.v3, and that into YAML by
//! `sigs.k8s.io/yaml` (on yaml.v2); Flux' postBuild substitution works on this text, so every byte counts.
//!
//! One difference is known: an empty value inside braces (`{a: }`) is null here and becomes the text "" in kustomize,
//! because yaml.v3 prints it as `''` there; a tree does not remember braces.

mod allowed;
mod emit;
mod fold;
mod json;
mod mapped;
mod number;
mod obstacle;
mod order;
mod timestamp;
mod value;

use json::key_text;
pub(crate) use value::special_text;
pub(super) use value::{Value, json_value};

use super::node::Node;
use emit::Emitter;

pub use json::to_go_json;
pub use mapped::{Mapped, Placed};
pub use obstacle::{Obstacle, obstacle};

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
