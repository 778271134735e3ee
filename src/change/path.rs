//! Paths of fields, with elements of lists by what tells them apart.

use crate::yaml::{Route, Step};

/// A path that grows and shrinks with a walk.
#[derive(Debug, Default)]
pub(crate) struct Path(String);

impl Path {
    /// Steps to a key. Gives what [`Path::back`] takes.
    pub(crate) fn key(&mut self, key: &str) -> usize {
        let length = self.0.len();
        let step = Route(&[Step::Key(key)]).to_string();
        if length > 0 && !step.starts_with('[') {
            self.0.push('.');
        }
        self.0.push_str(&step);
        length
    }

    /// Steps to an element by its place.
    pub(crate) fn index(&mut self, index: usize) -> usize {
        let length = self.0.len();
        self.0.push_str(&format!("[{index}]"));
        length
    }

    /// Steps to an element by its keys: `[name=shop]`.
    pub(super) fn keyed(&mut self, keys: &[(&str, &str)]) -> usize {
        let length = self.0.len();
        let pairs: Vec<String> = keys.iter().map(|(key, value)| pair(key, value)).collect();
        self.0.push_str(&format!("[{}]", pairs.join(",")));
        length
    }

    pub(crate) fn back(&mut self, length: usize) {
        self.0.truncate(length);
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

fn pair(key: &str, value: &str) -> String {
    if value.contains([',', ']', '"', '\n']) || value.is_empty() {
        format!("{key}={value:?}")
    } else {
        format!("{key}={value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_which_element_it_means() {
        let mut path = Path::default();
        path.key("spec");
        path.key("app.kubernetes.io/name");
        let before = path.keyed(&[("containerPort", "80"), ("protocol", "TCP")]);
        assert_eq!(
            path.text(),
            "spec[\"app.kubernetes.io/name\"][containerPort=80,protocol=TCP]"
        );
        path.back(before);
        path.index(3);
        path.keyed(&[("name", "a]b")]);
        assert_eq!(path.text(), "spec[\"app.kubernetes.io/name\"][3][name=\"a]b\"]");
    }
}
