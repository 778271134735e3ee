//! Setting a field within text that is itself YAML or JSON.

use super::field::{set_text, write_text};
use crate::kustomize::error::PatchError;
use crate::kustomize::fields::field_lookup::{self, Matcher, Shape, raw_text};
use crate::yaml::{Node, Origin, Schema, to_go_json, to_yaml};

/// Follows a path into text that is itself YAML or JSON and writes the text anew. Says whether that was done; when
/// not, the path is followed as any other. `delimiter` plays no part here.
pub(super) fn set_in_text(
    object: &mut Node,
    value: &Node,
    path: &[String],
    create: Option<Shape>,
    origin: &Origin,
) -> bool {
    let mut splits = (1..path.len()).filter_map(|end| path.split_at_checked(end));
    let found = splits.find_map(|(before, behind)| {
        let positions = field_lookup::locate(object, before).ok()??;
        let scalar = field_lookup::at(object, &positions).filter(|node| node.as_scalar().is_some())?;
        let text = changed_text(scalar, value, behind, create, origin)?;
        Some((positions, text))
    });
    let Some((positions, text)) = found else {
        return false;
    };
    if let Some(scalar) = field_lookup::at_mut(object, &positions) {
        write_text(scalar, &text, value.origin());
    }
    true
}

fn changed_text(
    scalar: &Node,
    value: &Node,
    path: &[String],
    create: Option<Shape>,
    origin: &Origin,
) -> Option<String> {
    let mut inner = field_lookup::parsed_text(scalar)?;
    let is_json = raw_text(scalar).trim_start().starts_with(['{', '[']);
    let mut matcher = Matcher {
        create,
        origin,
        change: &mut |field| {
            if field.as_scalar().is_none() {
                *field = value.clone();
                return Ok(());
            }
            let set = set_text(field, raw_text(value), value.origin());
            // YAML can say that text is a number; JSON cannot.
            set.or_else(|why| {
                if is_json {
                    Err(PatchError::new(origin.span, why))
                } else {
                    Ok(())
                }
            })
        },
        found: 0,
    };
    matcher.follow(&mut inner, path).ok()?;
    if matcher.found == 0 {
        return None;
    }
    if !is_json {
        return Some(to_yaml(&inner).trim().to_owned());
    }
    let json = to_go_json(&inner, Schema::Kustomize);
    let was_indented = raw_text(scalar).contains('\n') && raw_text(scalar).contains("  ");
    Some(if was_indented { indented(&json) } else { json })
}

/// Compact JSON with every member on a line of its own, as Go's `json.Indent` writes it with two blanks.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut in_string = false;
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_string => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => {
                out.push(c);
                if matches!(chars.peek(), Some('}' | ']')) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
                continue;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
                continue;
            }
            ':' => {
                out.push_str(": ");
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}
