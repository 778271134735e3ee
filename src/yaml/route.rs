//! Where a value stands inside its tree: `spec.values.peers[0].name`.

use std::fmt;

use super::node::{Kind, Node};

/// One step from a value to one inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// To the value under that key.
    Key(&'a str),
    /// To that item, counted from 0.
    Index(usize),
}

/// The steps from the root of a tree to a value; prints as `spec.values.peers[0].name`. Keys that hold anything but
/// letters, digits, `-`, `_` and `/` print in quotes: `metadata.labels["app.kubernetes.io/name"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<'a>(pub &'a [Step<'a>]);

impl fmt::Display for Route<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_simple(key) => {
                    let dot = if at > 0 { "." } else { "" };
                    write!(f, "{dot}{key}")?;
                }
                Step::Key(key) => write!(f, "[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\""))?,
            }
        }
        Ok(())
    }
}

fn is_simple(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'))
}

/// Whether a walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Into the value, then to the next.
    Enter,
    /// Not into the value, to the next.
    Skip,
    /// No further.
    Stop,
}

impl Node {
    /// Visits this value and every value in it, parents first, in the order of the source. The visitor gets the route
    /// from here, the key's node where the value stands under a key, and the value.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(Route<'_>, Option<&'a Node>, &'a Node) -> Walk) {
        walk_into(self, None, &mut Vec::new(), visit);
    }

    /// The value at the end of a route as [`Route`] prints it. `None` when nothing stands there or the text is no route.
    pub fn at_route(&self, route: &str) -> Option<&Node> {
        let mut node = self;
        let mut rest = route;
        while !rest.is_empty() {
            if let Some(quoted) = rest.strip_prefix("[\"") {
                let (key, behind) = unquoted(quoted)?;
                node = node.get(&key)?;
                rest = behind;
            } else if let Some(index) = rest.strip_prefix('[') {
                let (index, behind) = index.split_once(']')?;
                node = node.items().get(index.parse::<usize>().ok()?)?;
                rest = behind;
            } else {
                let key = rest.strip_prefix('.').unwrap_or(rest);
                let end = key.find(['.', '[']).unwrap_or(key.len());
                if end == 0 {
                    return None;
                }
                node = node.get(&key[..end])?;
                rest = &key[end..];
            }
        }
        Some(node)
    }

    /// The route from here to a value of this tree: to the very node, not to an equal one.
    pub fn route_to(&self, target: &Node) -> Option<String> {
        let mut found = None;
        self.walk(&mut |route, key, node| {
            if node.is_same(target) || key.is_some_and(|key| key.is_same(target)) {
                found = Some(route.to_string());
                return Walk::Stop;
            }
            Walk::Enter
        });
        found
    }
}

/// Reads to the closing `"]`; gives the key and what stands behind.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut key = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?.1),
            '"' => return Some((key, text[at + 1..].strip_prefix(']')?)),
            _ => key.push(c),
        }
    }
    None
}

fn walk_into<'a>(
    node: &'a Node,
    key: Option<&'a Node>,
    steps: &mut Vec<Step<'a>>,
    visit: &mut dyn FnMut(Route<'_>, Option<&'a Node>, &'a Node) -> Walk,
) -> Walk {
    match visit(Route(steps), key, node) {
        Walk::Enter => {}
        other => return other,
    }
    match node.kind() {
        Kind::Scalar(_) => {}
        Kind::Sequence(items) => {
            for (at, item) in items.iter().enumerate() {
                steps.push(Step::Index(at));
                let verdict = walk_into(item, None, steps, visit);
                steps.pop();
                if verdict == Walk::Stop {
                    return Walk::Stop;
                }
            }
        }
        Kind::Mapping(entries) => {
            for entry in entries {
                steps.push(Step::Key(entry.key.as_scalar().map_or("", |key| &key.text)));
                let verdict = walk_into(&entry.value, Some(&entry.key), steps, visit);
                steps.pop();
                if verdict == Walk::Stop {
                    return Walk::Stop;
                }
            }
        }
    }
    Walk::Enter
}
