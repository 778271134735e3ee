//! Setting one field to a value.

use std::sync::Arc;

use super::Options;
use crate::kustomize::fields::field_lookup::{self, raw_text};
use crate::kustomize::patch::json6902::depth_of;
use crate::yaml::{Kind, MAX_DEPTH, Node, Origin, Resolved, Scalar, Schema, Style, Tag};

/// Puts the value into a field. A scalar keeps its type and its quotes, so that a number stays a number and text text.
pub(super) fn set_field(
    field: &mut Node,
    value: &Node,
    options: &Options,
    depth: usize,
) -> Result<(), String> {
    let text = match field.as_scalar() {
        None if !options.delimiter.is_empty() => {
            return Err("delimiter option can only be used with scalar nodes".to_owned());
        }
        None => {
            if depth + depth_of(value) > MAX_DEPTH {
                return Err(format!(
                    "the object would be nested deeper than {MAX_DEPTH} levels"
                ));
            }
            *field = value.clone();
            return Ok(());
        }
        Some(_) if options.delimiter.is_empty() => raw_text(value).to_owned(),
        Some(scalar) => spliced(&scalar.text, raw_text(value), options),
    };
    set_text(field, &text, value.origin())
}

/// The text with one of its parts replaced, or with one more before or behind.
fn spliced(text: &str, value: &str, options: &Options) -> String {
    let mut parts: Vec<&str> = text.split(&*options.delimiter).collect();
    match usize::try_from(options.index) {
        Err(_) => parts.insert(0, value),
        Ok(index) => match parts.get_mut(index) {
            Some(part) => *part = value,
            None => parts.push(value),
        },
    }
    parts.join(&options.delimiter)
}

pub(super) fn set_text(field: &mut Node, text: &str, origin: &Origin) -> Result<(), String> {
    write_text(field, text, origin);
    // kustomize fails only when it writes the object, with these words.
    match field.as_scalar().and_then(|scalar| scalar.tag.as_ref()) {
        Some(tag) => check_suits(tag, text),
        None => Ok(()),
    }
}

/// Changes the text and leaves the type.
pub(super) fn write_text(field: &mut Node, text: &str, origin: &Origin) {
    let Some(old) = field.as_scalar() else {
        return;
    };
    let new = Scalar {
        text: text.into(),
        style: old.style,
        tag: (!field_lookup::is_new(field)).then(|| tag_of(old)),
    };
    *field = Node::new(Kind::Scalar(new), origin.clone());
}

/// The type that a scalar has, as the tag that would say so.
pub(super) fn tag_of(scalar: &Scalar) -> Tag {
    if let Some(tag) = &scalar.tag {
        return tag.clone();
    }
    match scalar.resolve(Schema::Kustomize) {
        Resolved::Null => Tag::Null,
        Resolved::Bool(_) => Tag::Bool,
        Resolved::Int(_) => Tag::Int,
        Resolved::Float(_) => Tag::Float,
        Resolved::Str(_) => Tag::Str,
    }
}

fn check_suits(tag: &Tag, text: &str) -> Result<(), String> {
    let plain = Scalar {
        text: Arc::from(text),
        style: Style::Plain,
        tag: None,
    };
    let found = tag_of(&plain);
    let suits = match tag {
        Tag::Str | Tag::Binary | Tag::Other(_) => true,
        Tag::Float => matches!(found, Tag::Float | Tag::Int),
        other => *other == found,
    };
    if suits {
        return Ok(());
    }
    Err(format!(
        "cannot decode {} `{text}` as a {}",
        name(&found),
        name(tag)
    ))
}

fn name(tag: &Tag) -> &str {
    match tag {
        Tag::Str => "!!str",
        Tag::Int => "!!int",
        Tag::Float => "!!float",
        Tag::Bool => "!!bool",
        Tag::Null => "!!null",
        Tag::Binary => "!!binary",
        Tag::Other(name) => name,
    }
}
