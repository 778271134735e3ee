//! Lists whose elements are told apart by keys, and lists of scalars that merge as sets: kyaml's
//! `yaml/walk/associative_sequence.go` with `ElementSetter` and `ElementMatcher` of `yaml/fns.go`.
//!
//! The steps follow kyaml's one by one, because what it does with elements that lack a key is not what anybody would
//! design, and real lists have such elements (ports without a protocol).

use crate::kustomize::error::{PatchError, wrong_kind};
use crate::yaml::Node;

use super::value::{Directive, Outcome, Sides, raw_text};

/// Matching is quadratic; no list that anybody wrote comes near.
const MAX_ELEMENTS: usize = 4096;

/// The values of the merge keys of one element, empty where it lacks the key.
type Row = Vec<String>;

/// Merges two elements.
type Merge<'m> = &'m dyn Fn(Sides<'_>) -> Result<Outcome, PatchError>;

/// Merges a list by the keys of its elements; without keys, as a set of scalars.
pub(super) fn walk(sides: Sides<'_>, keys: &[&str], element: Merge<'_>) -> Result<Outcome, PatchError> {
    let Some(lists) = Lists::prepare(sides)? else {
        return Ok(Outcome::Clear);
    };
    if lists.dest.len() + lists.patch().len() > MAX_ELEMENTS {
        let message = format!("the list has more elements than meshlint merges by key ({MAX_ELEMENTS})");
        return Err(PatchError::new(lists.whole.span(), message));
    }
    let whole = lists.whole.clone();
    let items = if keys.is_empty() {
        let rows = lists.rows(|item| vec![raw_text(item).to_owned()]);
        lists.merge(rows, &[""], element)?
    } else {
        let rows = lists.rows(|item| keys.iter().map(|key| key_value(item, key).to_owned()).collect());
        lists.merge(rows, keys, element)?
    };
    let unchanged = items.len() == whole.items().len()
        && items.iter().zip(whole.items()).all(|(new, old)| new.is_same(old));
    Ok(Outcome::Set(if unchanged {
        whole
    } else {
        Node::sequence(items, whole.origin().clone())
    }))
}

/// The value of a merge key, empty for null and for what is not text.
fn key_value<'a>(item: &'a Node, key: &str) -> &'a str {
    item.get(key).and_then(Node::as_text).unwrap_or_default()
}

struct Lists {
    /// The list that the result stands for.
    whole: Node,
    dest: Vec<Node>,
    /// `None` when the patch has no such list, or when the list is merged with itself.
    patch: Option<Vec<Node>>,
    same: bool,
}

impl Lists {
    /// Carries out a directive for the list as a whole; `None` when it is to be removed.
    fn prepare(sides: Sides<'_>) -> Result<Option<Self>, PatchError> {
        let dest = sides.dest.filter(|node| !node.is_null());
        let (dest, patch) = match (dest, sides.patch) {
            (None, None) => return Ok(None),
            (None, Some(patch)) => return Ok(Some(Self::itself(patch, patch.items().to_vec()))),
            (Some(dest), None) => {
                return Ok(Some(Self {
                    whole: dest.clone(),
                    dest: dest.items().to_vec(),
                    patch: None,
                    same: false,
                }));
            }
            (Some(dest), Some(patch)) => (dest, patch),
        };
        if patch.is_null() {
            return Ok(None);
        }
        let mut items = patch.items().to_vec();
        let directive = match Directive::find_in_list(patch)? {
            Some((directive, text)) => {
                set_element(&mut items, None, &[Directive::KEY], &[text.to_owned()])?;
                directive
            }
            None => Directive::Merge,
        };
        Ok(match directive {
            Directive::Delete => None,
            Directive::Replace => Some(Self::itself(patch, items)),
            Directive::Merge if sides.same => Some(Self::itself(patch, items)),
            Directive::Merge => Some(Self {
                whole: dest.clone(),
                dest: dest.items().to_vec(),
                patch: Some(items),
                same: false,
            }),
        })
    }

    fn itself(whole: &Node, items: Vec<Node>) -> Self {
        Self {
            whole: whole.clone(),
            dest: items,
            patch: None,
            same: true,
        }
    }

    fn patch(&self) -> &[Node] {
        self.patch.as_deref().unwrap_or_default()
    }

    /// The distinct rows of both lists, the patch's first.
    fn rows(&self, row_of: impl Fn(&Node) -> Row) -> Vec<Row> {
        let mut seen = std::collections::BTreeSet::new();
        self.patch()
            .iter()
            .chain(&self.dest)
            .map(row_of)
            .filter(|row| seen.insert(row.clone()))
            .collect()
    }

    fn merge(
        mut self,
        mut rows: Vec<Row>,
        keys: &[&str],
        element: Merge<'_>,
    ) -> Result<Vec<Node>, PatchError> {
        if keys.len() > 1 {
            complete(&mut rows);
        }
        if rows.is_empty() {
            return Ok(self.dest);
        }
        let used = keys_in_use(&rows, keys);
        let used_keys: Vec<&str> = used.iter().filter_map(|&at| keys.get(at).copied()).collect();
        let mut merged: Vec<Node> = Vec::new();
        for row in &rows {
            let values: Row = used.iter().filter_map(|&at| row.get(at).cloned()).collect();
            let value = self.merge_element(&used_keys, &values, element)?;
            match value.filter(|node| !is_nothing(node)) {
                Some(value) => set_element(&mut merged, Some(&value), &used_keys, &values)?,
                None => set_element(&mut self.dest, None, &used_keys, &values)?,
            }
        }
        append_all(&mut merged, &self.dest, &used_keys)?;
        Ok(merged)
    }

    /// Merges the two elements with these values. kyaml does so in place: the object's list then holds the result,
    /// unless the patch's element came to stand for it, and the patch's element has lost its directive.
    fn merge_element(
        &mut self,
        keys: &[&str],
        values: &Row,
        element: Merge<'_>,
    ) -> Result<Option<Node>, PatchError> {
        let used = keys_in_use(std::slice::from_ref(values), keys);
        let mut dest = Slot::find(&mut self.dest, keys, values, &used);
        let mut patch = self
            .patch
            .as_deref_mut()
            .and_then(|list| Slot::find(list, keys, values, &used));
        let sides = if self.same {
            Sides::itself(dest.as_ref().map(Slot::node))
        } else {
            Sides::of(dest.as_ref().map(Slot::node), patch.as_ref().map(Slot::node))
        };
        let merged = element(sides)?.into_set();
        let directed = if self.same { &mut dest } else { &mut patch };
        let in_place = directed
            .as_mut()
            .is_none_or(|slot| slot.take_directive() == Directive::Merge)
            || self.same;
        if let (Some(dest), Some(merged), true) = (dest, &merged, in_place)
            && merged.is_mapping()
        {
            dest.0.clone_from(merged);
        }
        Ok(merged)
    }
}

/// The place of an element in its list.
struct Slot<'a>(&'a mut Node);

impl<'a> Slot<'a> {
    fn find(list: &'a mut [Node], keys: &[&str], values: &Row, used: &[usize]) -> Option<Self> {
        let at = find_element(list, keys, values, used)?;
        list.get_mut(at).map(Self)
    }

    fn node(&self) -> &Node {
        self.0
    }

    fn take_directive(&mut self) -> Directive {
        match Directive::take_from_map(self.0) {
            Ok((directive, rest)) => {
                *self.0 = rest;
                directive
            }
            Err(_) => Directive::Merge,
        }
    }
}

/// The positions of the keys that some row has a value for; all when there is none.
fn keys_in_use(rows: &[Row], keys: &[&str]) -> Vec<usize> {
    let has_value = |at: &usize| rows.iter().any(|row| row.get(*at).is_some_and(|v| !v.is_empty()));
    let used: Vec<usize> = (0..keys.len()).filter(has_value).collect();
    if used.is_empty() {
        (0..keys.len()).collect()
    } else {
        used
    }
}

/// Makes rows alike that agree in one key and contradict each other in none.
fn complete(rows: &mut [Row]) {
    for outer in 0..rows.len() {
        let Some(first) = rows.get(outer).cloned() else {
            return;
        };
        for inner in 0..rows.len() {
            let Some(joint) = rows.get(inner).and_then(|second| join(&first, second)) else {
                continue;
            };
            for at in [outer, inner] {
                if let Some(row) = rows.get_mut(at) {
                    row.clone_from(&joint);
                }
            }
        }
    }
}

fn join(first: &Row, second: &Row) -> Option<Row> {
    let agree = first.iter().zip(second).any(|(a, b)| a == b);
    let contradict = first
        .iter()
        .zip(second)
        .any(|(a, b)| a != b && !a.is_empty() && !b.is_empty());
    let fuller = |(a, b): (&String, &String)| if a.is_empty() { b.clone() } else { a.clone() };
    (agree && !contradict).then(|| first.iter().zip(second).map(fuller).collect())
}

/// Where the first element with these values is.
fn find_element(list: &[Node], keys: &[&str], values: &Row, used: &[usize]) -> Option<usize> {
    if keys.first().is_some_and(|key| key.is_empty()) {
        let wanted = values.first()?;
        return list.iter().position(|item| raw_text(item) == wanted);
    }
    let matches = |item: &Node, at: usize| {
        let (Some(key), Some(value)) = (keys.get(at), values.get(at)) else {
            return false;
        };
        item.get(key).is_some_and(|found| raw_text(found) == value)
    };
    list.iter()
        .position(|item| item.is_mapping() && used.iter().all(|&at| matches(item, at)))
}

/// Null or an empty map, which no list that merges keeps.
fn is_nothing(node: &Node) -> bool {
    node.is_null() || (node.is_mapping() && node.entries().is_empty())
}

/// Appends every element, in place of one with the same keys.
fn append_all(list: &mut Vec<Node>, elements: &[Node], keys: &[&str]) -> Result<(), PatchError> {
    for element in elements {
        if keys.first().is_some_and(|key| key.is_empty()) {
            set_element(list, Some(element), &[""], &[raw_text(element).to_owned()])?;
            continue;
        }
        if !element.is_mapping() && !element.is_null() {
            return Err(wrong_kind(element, "MappingNode"));
        }
        let mut values = Row::new();
        for key in keys {
            match element.get(key) {
                Some(value) => values.push(raw_text(value).to_owned()),
                None => list.push(element.clone()),
            }
        }
        if keys.len() > 1 {
            set_element(list, None, keys, &values)?;
        }
        set_element(list, Some(element), keys, &values)?;
    }
    Ok(())
}

/// kyaml's `ElementSetter`: puts `element` in place of every element that has these values, else at the end; without
/// `element`, removes them. An empty value matches whatever has the key, and fewer values than keys match by the last.
fn set_element(
    list: &mut Vec<Node>,
    element: Option<&Node>,
    keys: &[&str],
    values: &[String],
) -> Result<(), PatchError> {
    let for_maps = keys.first().is_some_and(|key| !key.is_empty())
        && values.first().is_some_and(|value| !value.is_empty());
    let mut kept = Vec::with_capacity(list.len() + 1);
    let mut found = false;
    for item in list.iter().filter(|item| !is_nothing(item)) {
        if for_maps && !item.is_mapping() {
            kept.push(item.clone());
        } else if has_values(item, keys, values)? {
            found = true;
            kept.extend(element.cloned());
        } else if !values.is_empty() {
            kept.push(item.clone());
        }
    }
    if !found && let Some(element) = element.filter(|node| !node.is_null()) {
        kept.push(element.clone());
    }
    *list = kept;
    Ok(())
}

fn has_values(item: &Node, keys: &[&str], values: &[String]) -> Result<bool, PatchError> {
    let mut has = false;
    for (at, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(at) {
            has = has_value(item, key, value)?;
        }
        if !has {
            return Ok(false);
        }
    }
    Ok(has)
}

fn has_value(item: &Node, key: &str, value: &str) -> Result<bool, PatchError> {
    if key.is_empty() {
        return match item.as_scalar() {
            Some(scalar) => Ok(*scalar.text == *value),
            None => Err(wrong_kind(item, "ScalarNode")),
        };
    }
    if !item.is_mapping() {
        return Err(wrong_kind(item, "MappingNode"));
    }
    Ok(item
        .get(key)
        .is_some_and(|found| value.is_empty() || raw_text(found) == value))
}
