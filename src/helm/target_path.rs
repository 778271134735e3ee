//! `targetPath` of `valuesFrom`: a key path in the notation of Helm's `--set`.

use crate::budget::NODE;
use crate::yaml::{Entry, Kind, MAX_DEPTH, Node};

/// Values that one path may make, beside lists filled up: the depth that a document may have.
const MAX_STEPS: usize = MAX_DEPTH;

/// Helm's own bound on list indexes (`strvals.MaxIndex`).
const MAX_INDEX: usize = 65_536;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetPath {
    steps: Vec<Step>,
}

impl TargetPath {
    /// Keys separated by dots, `\.` for a dot in a key, `[n]` for a list item.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut key = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => key.push(chars.next()?),
                '.' if key.is_empty() => matches!(steps.last(), Some(Step::Index(_))).then_some(())?,
                '.' => steps.push(Step::Key(std::mem::take(&mut key))),
                '[' => {
                    if !key.is_empty() {
                        steps.push(Step::Key(std::mem::take(&mut key)));
                    }
                    let digits: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    steps.push(Step::Index(
                        digits.parse().ok().filter(|index| *index <= MAX_INDEX)?,
                    ));
                }
                '=' | ',' | '{' | '}' => return None,
                other => key.push(other),
            }
        }
        if !key.is_empty() {
            steps.push(Step::Key(key));
        }
        matches!(steps.first(), Some(Step::Key(_))).then_some(Self { steps })
    }

    /// What setting a value there may make; `None` when it would lie deeper than a document may.
    pub(super) fn cost(&self) -> Option<usize> {
        let made = self.steps.iter().map(|step| match step {
            Step::Key(key) => NODE + key.len(),
            Step::Index(index) => (index + 1) * NODE,
        });
        (self.steps.len() <= MAX_STEPS).then(|| made.sum())
    }

    /// The keys before the last step and before any list item.
    pub(crate) fn leading_keys(&self) -> Vec<&str> {
        let keys = self.steps.iter().map_while(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        keys.take(self.steps.len().saturating_sub(1)).collect()
    }

    /// Whether `values` wins over this path, against the documentation: the controller sets the key in a map made of
    /// both, and merges `values` again at the end. Only where that map is the one of `values` itself, because no source
    /// before had it, does the path win; a list is always the one of `values`.
    pub(crate) fn loses_to(&self, before: &Node, values: &Node) -> bool {
        let (mut before, mut values) = (Some(before), values);
        for (at, step) in self.steps.iter().enumerate() {
            let Step::Key(key) = step else { return false };
            let Some(below) = values.get(key) else {
                return false;
            };
            if at + 1 == self.steps.len() {
                return true;
            }
            before = before
                .and_then(|node| node.get(key))
                .filter(|node| node.is_mapping());
            if before.is_none() || !below.is_mapping() {
                return false;
            }
            values = below;
        }
        false
    }

    /// Sets the value, making the maps and lists on the way.
    pub(crate) fn set(&self, tree: &mut Node, value: &Node) {
        set(tree, &self.steps, value);
    }
}

fn set(node: &mut Node, steps: &[Step], value: &Node) {
    let Some((step, rest)) = steps.split_first() else {
        *node = value.clone();
        return;
    };
    match step {
        Step::Key(key) => {
            if !node.is_mapping() {
                *node = Node::mapping(Vec::new(), value.origin().clone());
            }
            if let Some(below) = node.get_mut(key) {
                return set(below, rest, value);
            }
            let mut below = Node::plain("null", value.origin().clone());
            set(&mut below, rest, value);
            if let Kind::Mapping(entries) = node.kind_mut() {
                entries.push(Entry {
                    key: Node::string(key.as_str(), value.origin().clone()),
                    value: below,
                });
            }
        }
        Step::Index(index) => {
            if !node.is_sequence() {
                *node = Node::sequence(Vec::new(), value.origin().clone());
            }
            if let Kind::Sequence(items) = node.kind_mut() {
                if items.len() <= *index {
                    items.resize(*index + 1, Node::plain("null", value.origin().clone()));
                }
                if let Some(item) = items.get_mut(*index) {
                    set(item, rest, value);
                }
            }
        }
    }
}

/// The value as `--set` types it: `true`, `false`, `null` and whole numbers without leading zeros, all else is text.
pub(crate) fn typed(value: &Node, literal: bool) -> Node {
    let text = value.as_text().unwrap_or_default();
    let origin = value.origin().clone();
    if literal {
        return Node::string(text, origin);
    }
    let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
    if quoted('\'') || quoted('"') {
        return Node::string(text.trim_matches(['\'', '"']), origin);
    }
    let is_number = text == "0" || (!text.starts_with('0') && text.parse::<i64>().is_ok());
    if is_number || matches!(text, "true" | "false" | "null") {
        Node::plain(text, origin)
    } else {
        Node::string(text, origin)
    }
}
