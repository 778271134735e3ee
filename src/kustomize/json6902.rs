//! JSON patches (RFC 6902) as `gopkg.in/evanphx/json-patch.v4` carries them out for kustomize, which is laxer than
//! the standard: `replace` adds a missing key, `copy` of a missing key and `add` without a value add null, indices may
//! be negative, and whatever stands before the first slash of a path counts for nothing.

use crate::yaml::{Entry, Int, Kind, MAX_DEPTH, Node, Resolved, Schema, Style};

use super::error::PatchError;
use super::metadata;

/// Values that the operations of one patch may copy: doubling copies would grow without end.
const MAX_COPIED: usize = 1_000_000;

/// A list of operations.
#[derive(Debug, Clone)]
pub(crate) struct JsonPatch {
    operations: Vec<Node>,
}

impl JsonPatch {
    /// Takes a list for a patch. Its operations are looked at when they are applied, as in kustomize.
    ///
    /// # Errors
    /// When it is not a list of maps.
    pub(crate) fn read(patch: &Node) -> Result<Self, PatchError> {
        if !patch.is_sequence() {
            return Err(PatchError::new(
                patch.span(),
                "a JSON patch is a list of operations",
            ));
        }
        for item in patch.items() {
            if !item.is_mapping() && !item.is_null() {
                return Err(PatchError::new(
                    item.span(),
                    "an operation of a JSON patch is a map",
                ));
            }
        }
        Ok(Self {
            operations: patch.items().iter().map(as_kubernetes_reads).collect(),
        })
    }

    /// Applies the operations in order. What they set keeps the origin it has in the patch. The annotations become
    /// text, as kustomize writes them back after the patch.
    ///
    /// # Errors
    /// At the first operation that cannot be carried out.
    pub(crate) fn apply(&self, target: &Node) -> Result<Node, PatchError> {
        let mut object = metadata::with_annotations(target);
        let mut copied = 0;
        for operation in &self.operations {
            Operation { node: operation }.apply(&mut object, &mut copied)?;
        }
        if !object.is_mapping() {
            return Err(PatchError::new(
                object.span(),
                "the JSON patch makes the object something other than a map",
            ));
        }
        Ok(metadata::with_texts(&as_json_leaves(&object), "annotations"))
    }
}

/// The value with its scalars as `sigs.k8s.io/yaml` reads them, which is how kustomize reads JSON patches: `yes` is
/// true here, though it is text everywhere else.
fn as_kubernetes_reads(node: &Node) -> Node {
    match node.kind() {
        Kind::Scalar(_) => scalar_as_kubernetes_reads(node),
        Kind::Sequence(items) => Node::sequence(
            items.iter().map(as_kubernetes_reads).collect(),
            node.origin().clone(),
        ),
        Kind::Mapping(entries) => {
            let read = |entry: &Entry| Entry {
                key: scalar_as_kubernetes_reads(&entry.key),
                value: as_kubernetes_reads(&entry.value),
            };
            Node::mapping(entries.iter().map(read).collect(), node.origin().clone())
        }
    }
}

fn scalar_as_kubernetes_reads(node: &Node) -> Node {
    let (Some(here), Some(elsewhere)) = (node.resolve(Schema::Kubernetes), node.resolve(Schema::Kustomize))
    else {
        return node.clone();
    };
    let origin = node.origin().clone();
    match here {
        _ if here == elsewhere => node.clone(),
        Resolved::Bool(value) => Node::plain(value.to_string(), origin),
        Resolved::Int(value) => Node::plain(value.to_string(), origin),
        Resolved::Float(value) => Node::plain(value.to_string(), origin),
        Resolved::Str(text) => Node::string(text, origin),
        Resolved::Null => Node::plain("null", origin),
    }
}

/// The object after its way through JSON: numbers, truth values and null in JSON's one way of writing them. That is
/// what annotations, merge keys and replacements see of them from here on.
fn as_json_leaves(node: &Node) -> Node {
    match node.kind() {
        Kind::Scalar(scalar) => {
            let text = match scalar.resolve(Schema::Kustomize) {
                Resolved::Null => "null".to_owned(),
                Resolved::Bool(value) => value.to_string(),
                Resolved::Int(Int::Signed(value)) => go_shortest(value as f64),
                Resolved::Int(Int::Unsigned(value)) => go_shortest(value as f64),
                Resolved::Float(value) if value.is_finite() => go_shortest(value),
                Resolved::Float(_) | Resolved::Str(_) => return node.clone(),
            };
            if *scalar.text == *text && scalar.style == Style::Plain {
                node.clone()
            } else {
                Node::plain(text, node.origin().clone())
            }
        }
        Kind::Sequence(items) => {
            let new: Vec<Node> = items.iter().map(as_json_leaves).collect();
            if items.iter().zip(&new).all(|(old, new)| old.is_same(new)) {
                return node.clone();
            }
            Node::sequence(new, node.origin().clone())
        }
        Kind::Mapping(entries) => {
            let new: Vec<Node> = entries.iter().map(|entry| as_json_leaves(&entry.value)).collect();
            if entries.iter().zip(&new).all(|(old, new)| old.value.is_same(new)) {
                return node.clone();
            }
            let keys = entries.iter().map(|entry| entry.key.clone());
            let entries = keys.zip(new).map(|(key, value)| Entry { key, value });
            Node::mapping(entries.collect(), node.origin().clone())
        }
    }
}

/// A number as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it.
fn go_shortest(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(power) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.abs())
        }
        _ => value.to_string(),
    }
}

/// One operation.
struct Operation<'a> {
    node: &'a Node,
}

impl Operation<'_> {
    fn apply(&self, object: &mut Node, copied: &mut usize) -> Result<(), PatchError> {
        match self.text("op").unwrap_or("unknown") {
            "add" => {
                let path = self.path("add")?;
                let Some(place) = Place::find(object, path) else {
                    return Err(self.missing_path(&format!(
                        "add operation does not apply: doc is missing path: \"{path}\""
                    )));
                };
                place
                    .add(self.value(), self.key_origin())
                    .map_err(|why| self.error("path", format!("error in add for path: '{path}': {why}")))
            }
            "remove" => {
                let path = self.path("remove")?;
                let Some(place) = Place::find(object, path) else {
                    return Err(self.missing_path(&format!(
                        "remove operation does not apply: doc is missing path: \"{path}\""
                    )));
                };
                place
                    .remove()
                    .map(drop)
                    .map_err(|why| self.error("path", format!("error in remove for path: '{path}': {why}")))
            }
            "replace" => self.replace(object),
            "move" => self.relocate(object),
            "copy" => self.copy(object, copied),
            "test" => self.test(object),
            other => Err(self.error("op", format!("Unexpected kind: {other}"))),
        }
    }

    fn replace(&self, object: &mut Node) -> Result<(), PatchError> {
        let path = self.path("replace")?;
        let value = self.value();
        if path.is_empty() {
            if value.as_scalar().is_some() {
                return Err(self.error(
                    "value",
                    "replace operation value must be object or array".to_owned(),
                ));
            }
            *object = value;
            return Ok(());
        }
        let Some(place) = Place::find(object, path) else {
            return Err(self.missing_path(&format!(
                "replace operation does not apply: doc is missing path: {path}"
            )));
        };
        if place.get().is_err() {
            return Err(self.missing_path(&format!(
                "replace operation does not apply: doc is missing key: {path}"
            )));
        }
        place
            .set(value, self.key_origin())
            .map_err(|why| self.error("path", format!("error in remove for path: '{path}': {why}")))
    }

    fn relocate(&self, object: &mut Node) -> Result<(), PatchError> {
        let from = self.from("move")?;
        let Some(place) = Place::find(object, from) else {
            let message =
                format!("move operation does not apply: doc is missing from path: {from}: missing value");
            return Err(self.error("from", message));
        };
        let key = place.key.clone();
        let value = place
            .remove()
            .map_err(|why| self.error("from", format!("error in move for path: '{key}': {why}")))?;
        let path = self.path("move")?;
        let Some(place) = Place::find(object, path) else {
            return Err(self.missing_path(&format!(
                "move operation does not apply: doc is missing destination path: {path}"
            )));
        };
        place
            .add(value, self.key_origin())
            .map_err(|why| self.error("path", format!("error in move for path: '{path}': {why}")))
    }

    fn copy(&self, object: &mut Node, copied: &mut usize) -> Result<(), PatchError> {
        let from = self.from("copy")?;
        let Some(place) = Place::find(object, from) else {
            let message =
                format!("copy operation does not apply: doc is missing from path: {from}: missing value");
            return Err(self.error("from", message));
        };
        let found = place
            .get()
            .map_err(|why| self.error("from", format!("error in copy for from: '{from}': {why}")))?
            .cloned();
        let value = found.unwrap_or_else(|| self.null());
        *copied = copied.saturating_add(size_of(&value, MAX_COPIED));
        if *copied > MAX_COPIED {
            return Err(self.error("from", format!("the patch copies more than {MAX_COPIED} values")));
        }
        let path = self.path("copy")?;
        let Some(place) = Place::find(object, path) else {
            return Err(self.missing_path(&format!(
                "copy operation does not apply: doc is missing destination path: {path}"
            )));
        };
        place
            .add(value, self.key_origin())
            .map_err(|why| self.error("path", format!("error while adding value during copy: {why}")))
    }

    fn test(&self, object: &mut Node) -> Result<(), PatchError> {
        let path = self.path("test")?;
        let failed = || self.error("value", format!("testing value {path} failed: test failed"));
        let expected = self.value();
        let found = if path.is_empty() {
            Some(object.clone())
        } else {
            let Some(place) = Place::find(object, path) else {
                return Err(
                    self.missing_path(&format!("test operation does not apply: is missing path: {path}"))
                );
            };
            let found = place
                .get()
                .map_err(|why| self.error("path", format!("error in test for path: '{path}': {why}")))?;
            found.cloned()
        };
        match found {
            Some(found) if is_equal(&found, &expected) => Ok(()),
            None if expected.is_null() => Ok(()),
            _ => Err(failed()),
        }
    }

    /// The value; null when there is none.
    fn value(&self) -> Node {
        self.node.get("value").cloned().unwrap_or_else(|| self.null())
    }

    fn null(&self) -> Node {
        Node::plain("null", self.node.origin().clone())
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.node.get(key)?.resolve(Schema::Kustomize)? {
            Resolved::Str(text) => Some(text),
            _ => None,
        }
    }

    fn path(&self, op: &str) -> Result<&str, PatchError> {
        self.text("path").ok_or_else(|| {
            let detail = match op {
                "add" | "remove" | "copy" => "",
                _ => "operation missing path field: ",
            };
            self.error(
                "path",
                format!("{op} operation failed to decode path: {detail}missing value"),
            )
        })
    }

    fn from(&self, op: &str) -> Result<&str, PatchError> {
        self.text("from").ok_or_else(|| {
            let message =
                format!("{op} operation failed to decode from: operation, missing from field: missing value");
            self.error("from", message)
        })
    }

    fn key_origin(&self) -> &Node {
        self.node.get("path").unwrap_or(self.node)
    }

    fn missing_path(&self, what: &str) -> PatchError {
        self.error("path", format!("{what}: missing value"))
    }

    fn error(&self, key: &str, message: String) -> PatchError {
        let at = self.node.get(key).unwrap_or(self.node);
        PatchError::new(at.span(), message)
    }
}

/// A key or index within the map or list that a path leads to; neither has to exist.
struct Place<'a> {
    container: &'a mut Node,
    key: String,
    depth: usize,
}

impl<'a> Place<'a> {
    fn find(object: &'a mut Node, path: &str) -> Option<Self> {
        let mut parts: Vec<String> = path.split('/').skip(1).map(unescape).collect();
        let key = parts.pop()?;
        let depth = parts.len() + 1;
        let mut container = object;
        for part in parts {
            container = child(container, &part)?;
        }
        container.as_scalar().is_none().then_some(Self {
            container,
            key,
            depth,
        })
    }

    /// What is there. A missing key of a map is nothing, a missing item of a list an error.
    fn get(&self) -> Result<Option<&Node>, String> {
        let items = match self.container.kind() {
            Kind::Sequence(items) => items,
            _ => return Ok(self.container.get(&self.key).filter(|node| !node.is_null())),
        };
        let at = self.index(items.len())?;
        items.get(at).map(Some).ok_or_else(|| self.out_of_bounds())
    }

    fn set(self, value: Node, key_origin: &Node) -> Result<(), String> {
        let Kind::Sequence(items) = self.container.kind() else {
            return self.add(value, key_origin);
        };
        let at = self.index(items.len())?;
        self.check_depth(&value)?;
        if let Kind::Sequence(items) = self.container.kind_mut()
            && let Some(item) = items.get_mut(at)
        {
            *item = value;
        }
        Ok(())
    }

    fn add(self, value: Node, key_origin: &Node) -> Result<(), String> {
        self.check_depth(&value)?;
        let Kind::Sequence(items) = self.container.kind() else {
            let key = Node::string(self.key, key_origin.origin().clone());
            self.container.set(key, value);
            return Ok(());
        };
        let length = items.len();
        let at = if self.key == "-" {
            length
        } else {
            let index = self
                .number()
                .map_err(|_| format!("value was not a proper array index: '{}'", self.key))?;
            self.resolve(index, length + 1)?
        };
        if let Kind::Sequence(items) = self.container.kind_mut() {
            items.insert(at.min(length), value);
        }
        Ok(())
    }

    fn remove(self) -> Result<Node, String> {
        if let Kind::Sequence(items) = self.container.kind() {
            let at = self.index(items.len())?;
            let Kind::Sequence(items) = self.container.kind_mut() else {
                return Err(String::new());
            };
            return Ok(items.remove(at));
        }
        match self.container.remove(&self.key) {
            Some(entry) => Ok(entry.value),
            None => Err(format!(
                "Unable to remove nonexistent key: {}: missing value",
                self.key
            )),
        }
    }

    /// The index of an item that exists.
    fn index(&self, length: usize) -> Result<usize, String> {
        self.resolve(self.number()?, length)
    }

    fn number(&self) -> Result<i64, String> {
        self.key
            .parse()
            .map_err(|_| format!("strconv.Atoi: parsing \"{}\": invalid syntax", self.key))
    }

    /// A negative number counts from the end of `length`.
    fn resolve(&self, number: i64, length: usize) -> Result<usize, String> {
        let counted = if number < 0 {
            i64::try_from(length)
                .ok()
                .and_then(|length| length.checked_add(number))
        } else {
            Some(number)
        };
        counted
            .and_then(|at| usize::try_from(at).ok())
            .filter(|at| *at < length)
            .ok_or_else(|| self.out_of_bounds())
    }

    fn out_of_bounds(&self) -> String {
        let shown = self
            .number()
            .map_or_else(|_| self.key.clone(), |number| number.to_string());
        format!("Unable to access invalid index: {shown}: invalid index referenced")
    }

    fn check_depth(&self, value: &Node) -> Result<(), String> {
        if self.depth + depth_of(value) > MAX_DEPTH {
            return Err(format!(
                "the object would be nested deeper than {MAX_DEPTH} levels"
            ));
        }
        Ok(())
    }
}

fn child<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    if node.is_mapping() {
        return node.get_mut(key).filter(|node| !node.is_null());
    }
    let Kind::Sequence(items) = node.kind_mut() else {
        return None;
    };
    let number: i64 = key.parse().ok()?;
    let at = if number < 0 {
        i64::try_from(items.len()).ok()?.checked_add(number)?
    } else {
        number
    };
    let item = items.get_mut(usize::try_from(at).ok()?)?;
    (!item.is_null()).then_some(item)
}

fn unescape(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find('~') {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        let (character, length) = match after.as_bytes().get(1) {
            Some(b'0') => ('~', 2),
            Some(b'1') => ('/', 2),
            _ => ('~', 1),
        };
        text.push(character);
        rest = after.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

pub(super) fn depth_of(node: &Node) -> usize {
    let children = match node.kind() {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => items.iter().map(depth_of).max(),
        Kind::Mapping(entries) => entries.iter().map(|entry| depth_of(&entry.value)).max(),
    };
    1 + children.unwrap_or_default()
}

/// How many values a node holds, counted no further than `limit`.
fn size_of(node: &Node, limit: usize) -> usize {
    let mut count = 1;
    let children = node
        .items()
        .iter()
        .chain(node.entries().iter().map(|entry| &entry.value));
    for child in children {
        if count > limit {
            break;
        }
        count += size_of(child, limit - count);
    }
    count
}

/// Equality of JSON values: order of keys does not matter, nor how a number is written.
fn is_equal(found: &Node, expected: &Node) -> bool {
    match (found.kind(), expected.kind()) {
        (Kind::Scalar(_), Kind::Scalar(_)) => {
            let (a, b) = (
                found.resolve(Schema::Kustomize),
                expected.resolve(Schema::Kustomize),
            );
            match (a.and_then(number), b.and_then(number)) {
                (Some(a), Some(b)) => a == b,
                _ => a == b,
            }
        }
        (Kind::Sequence(a), Kind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Kind::Mapping(a), Kind::Mapping(b)) => {
            let has_equal = |entry: &Entry| {
                let key = entry.key.as_scalar().map_or("", |scalar| &scalar.text);
                expected
                    .get(key)
                    .is_some_and(|value| is_equal(&entry.value, value))
            };
            a.len() == b.len() && a.iter().all(has_equal)
        }
        _ => false,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "JSON numbers of kustomize are 64-bit floats"
)]
fn number(value: Resolved<'_>) -> Option<f64> {
    match value {
        Resolved::Int(Int::Signed(value)) => Some(value as f64),
        Resolved::Int(Int::Unsigned(value)) => Some(value as f64),
        Resolved::Float(value) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
