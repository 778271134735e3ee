//! Fields as people write them: `spec.template.spec.containers[name=shop].image`, and as `meshlint diff` prints them.

use crate::yaml::Node;

/// The text is no path of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no path of a field; write it as `spec.containers[name=shop].image`, `spec.ports[0]` or `metadata.labels[\"a.b/c\"]`"
)]
pub struct Malformed(String);

/// A value, and the keys that lead to it, each with the map that it stands in.
#[derive(Debug, Clone)]
pub struct Found<'n> {
    /// The value.
    pub node: &'n Node,
    /// From the root.
    pub keys: Vec<(&'n Node, String)>,
}

/// The value at a path; `None` where the object has none there.
///
/// # Errors
/// When the text is no path.
pub fn find<'n>(root: &'n Node, path: &str) -> Result<Option<Found<'n>>, Malformed> {
    let malformed = || Malformed(path.to_owned());
    let mut node = Some(root);
    let mut keys = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, behind) = step(rest).ok_or_else(malformed)?;
        let inner = node.and_then(|node| step.of(node));
        if let (Step::Key(key), Some(map)) = (step, node) {
            keys.push((map, key));
        }
        node = inner;
        rest = behind;
    }
    Ok(node.map(|node| Found { node, keys }))
}

/// One step into a value.
enum Step {
    Key(String),
    Index(usize),
    /// The element with these values under these keys.
    Keyed(Vec<(String, String)>),
}

impl Step {
    fn of<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        match self {
            Self::Key(key) => node.get(key),
            Self::Index(at) => node.items().get(*at),
            Self::Keyed(keys) => {
                let is_it = |item: &&Node| {
                    keys.iter().all(|(key, value)| match item.text_at(&[key]) {
                        Some(text) => text == value,
                        // What `diff` fills in.
                        None => key == "protocol" && value == "TCP",
                    })
                };
                node.items().iter().find(is_it)
            }
        }
    }
}

/// The first step of a path, and what stands behind it.
fn step(path: &str) -> Option<(Step, &str)> {
    let Some(inner) = path.strip_prefix('[') else {
        let key = path.strip_prefix('.').unwrap_or(path);
        let end = key.find(['.', '[']).unwrap_or(key.len());
        let (key, behind) = key.split_at(end);
        return (!key.is_empty()).then(|| (Step::Key(key.to_owned()), behind));
    };
    if inner.starts_with('"') {
        let (key, behind) = quoted(inner)?;
        return Some((Step::Key(key), behind.strip_prefix(']')?));
    }
    if let Some((index, behind)) = inner.split_once(']')
        && let Ok(index) = index.parse()
    {
        return Some((Step::Index(index), behind));
    }
    let mut keys = Vec::new();
    let mut rest = inner;
    loop {
        let (key, behind) = rest.split_once('=')?;
        let (value, behind) = if behind.starts_with('"') {
            quoted(behind)?
        } else {
            let end = behind.find([',', ']'])?;
            let (value, behind) = behind.split_at(end);
            (value.to_owned(), behind)
        };
        keys.push((key.to_owned(), value));
        match behind.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Some((Step::Keyed(keys), behind.strip_prefix(']')?)),
        }
    }
}

/// A text in quotes, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.push(chars.next()?.1),
            '"' => return Some((value, text.get(at + 1..)?)),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use crate::yaml::Store;

    fn at(path: &str) -> Option<String> {
        let text = "a: {b.c/d: 1, e: [{name: x, v: 2}, {name: 'y]', v: 3}], p: [{port: 1, v: 4}, {port: 1, protocol: UDP, v: 5}]}\n";
        let sources = SourceMap::from_memory([("a.yaml", text)]);
        let store = Store::new(&sources);
        let file = sources.iter().next().map(|(id, _)| id)?;
        let root = &store.parsed(file).documents.first()?.root;
        find(root, path)
            .unwrap()
            .and_then(|found| found.node.as_text())
            .map(str::to_owned)
    }

    #[test]
    fn every_way_to_write_a_step_is_understood() {
        assert_eq!(at("a[\"b.c/d\"]").as_deref(), Some("1"));
        assert_eq!(at("a.e[0].v").as_deref(), Some("2"));
        assert_eq!(at("a.e[name=x].v").as_deref(), Some("2"));
        assert_eq!(at("a.e[name=\"y]\"].v").as_deref(), Some("3"));
        assert_eq!(at("a.p[port=1,protocol=UDP].v").as_deref(), Some("5"));
        assert_eq!(at("a.p[port=1,protocol=TCP].v").as_deref(), Some("4"));
        assert_eq!(at("a.x.y[3]"), None);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let sources = SourceMap::from_memory([("a.yaml", "a: 1\n")]);
        let store = Store::new(&sources);
        let file = sources.iter().next().map(|(id, _)| id).unwrap();
        let root = &store.parsed(file).documents[0].root;
        for path in ["a[", "a[x", "a..b", "[\"a", ".", "a[b=\"c]", "a[b=c"] {
            assert!(find(root, path).is_err(), "{path}");
        }
    }
}
