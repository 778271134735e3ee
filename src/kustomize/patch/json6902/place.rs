//! The places that paths of JSON patches name.

use crate::yaml::{Kind, MAX_DEPTH, Node};

/// A key or index within the map or list that a path leads to; neither has to exist.
pub(super) struct PointerPlace<'a> {
    container: &'a mut Node,
    pub(super) key: String,
    depth: usize,
}

impl<'a> PointerPlace<'a> {
    /// The last part of a path, and what the others lead to; `None` when they lead to no map or list.
    pub(super) fn find(object: &'a mut Node, path: &str) -> Option<Self> {
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
    pub(super) fn get(&self) -> Result<Option<&Node>, String> {
        let items = match self.container.kind() {
            Kind::Sequence(items) => items,
            _ => return Ok(self.container.get(&self.key).filter(|node| !node.is_null())),
        };
        let at = self.index(items.len())?;
        items.get(at).map(Some).ok_or_else(|| self.out_of_bounds())
    }

    pub(super) fn set(self, value: Node, key_origin: &Node) -> Result<(), String> {
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

    pub(super) fn add(self, value: Node, key_origin: &Node) -> Result<(), String> {
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

    pub(super) fn remove(self) -> Result<Node, String> {
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

pub(crate) fn depth_of(node: &Node) -> usize {
    let children = match node.kind() {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => items.iter().map(depth_of).max(),
        Kind::Mapping(entries) => entries.iter().map(|entry| depth_of(&entry.value)).max(),
    };
    1 + children.unwrap_or_default()
}
