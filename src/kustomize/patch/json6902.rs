//! JSON patches (RFC 6902) as `gopkg.in/evanphx/json-patch.v4` carries them out for kustomize, which is laxer than
//! the standard: `replace` adds a missing key, `copy` of a missing key and `add` without a value add null, indices may
//! be negative, and whatever stands before the first slash of a path counts for nothing.

mod leaves;
mod place;
#[cfg(test)]
mod tests;

use crate::yaml::{Node, Resolved, Schema};

pub(crate) use self::leaves::through_json;
use self::place::PointerPlace;
pub(crate) use self::place::depth_of;
use super::metadata;
use crate::kustomize::error::PatchError;

/// Values that the operations of one patch may copy: doubling copies would grow without end.
const MAX_COPIED: usize = 1_000_000;

/// Keys and items that the paths of one patch may pass before they come to theirs: each is looked for among all of its map.
const MAX_PASSED: usize = 30_000_000;

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
            operations: patch.items().iter().map(leaves::as_kubernetes_reads).collect(),
        })
    }

    /// What going through the patch costs.
    pub(crate) fn weight(&self) -> usize {
        self.operations
            .iter()
            .map(Node::weight)
            .fold(0, usize::saturating_add)
    }

    /// Applies the operations in order. What they set keeps the origin it has in the patch. The annotations become
    /// text, as kustomize writes them back after the patch. `remembers`: kustomize keeps something in the object's
    /// annotations by now.
    ///
    /// # Errors
    /// At the first operation that cannot be carried out.
    pub(crate) fn apply(&self, target: &Node, remembers: bool) -> Result<Node, PatchError> {
        let mut object = if remembers {
            metadata::with_annotations(target)
        } else {
            target.clone()
        };
        let mut copied = 0;
        let mut passed = 0_usize;
        for operation in &self.operations {
            let operation = Operation { node: operation };
            passed = passed.saturating_add(operation.passes(&object));
            if passed > MAX_PASSED {
                let message = format!("the patch goes past more than {MAX_PASSED} values");
                return Err(operation.error("path", message));
            }
            operation.apply(&mut object, &mut copied)?;
        }
        if !object.is_mapping() {
            return Err(PatchError::new(
                object.span(),
                "the JSON patch makes the object something other than a map",
            ));
        }
        Ok(metadata::with_texts(&through_json(&object), "annotations"))
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
                let Some(place) = PointerPlace::find(object, path) else {
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
                let Some(place) = PointerPlace::find(object, path) else {
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

    /// How many values its path passes, from above.
    fn passes(&self, object: &Node) -> usize {
        let mut node = object;
        let mut passed = 1;
        for part in self.text("path").unwrap_or_default().split('/').skip(1) {
            passed += node.entries().len() + node.items().len();
            let item = || node.items().get(part.parse::<usize>().ok()?);
            match node.get(part).or_else(item) {
                Some(below) => node = below,
                None => break,
            }
        }
        passed
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
        let Some(place) = PointerPlace::find(object, path) else {
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
        let Some(place) = PointerPlace::find(object, from) else {
            let message =
                format!("move operation does not apply: doc is missing from path: {from}: missing value");
            return Err(self.error("from", message));
        };
        let key = place.key.clone();
        let value = place
            .remove()
            .map_err(|why| self.error("from", format!("error in move for path: '{key}': {why}")))?;
        let path = self.path("move")?;
        let Some(place) = PointerPlace::find(object, path) else {
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
        let Some(place) = PointerPlace::find(object, from) else {
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
        let Some(place) = PointerPlace::find(object, path) else {
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
            let Some(place) = PointerPlace::find(object, path) else {
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
            Some(found) if found.same_value(&expected) => Ok(()),
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
