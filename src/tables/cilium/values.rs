//! The names of the values that the Cilium chart has, by version.
//!
//! `names.txt` is written by `scripts/cilium_values.py` from the newest patch release of each minor: 1.12.19, 1.13.18, 1.14.19, 1.15.19,
//! 1.16.19, 1.17.18, 1.18.12, 1.19.6 and 1.20.2. A line is a name, indented below the map that holds it; `16..` says the first minor
//! that has it and `..17` the last, where its map has others; `*` says that what is below is chosen by the user.

use std::sync::LazyLock;

/// A minor version of the chart, `(1, 16)`.
pub type Minor = (u64, u64);

/// The oldest and the newest minor that were read; nothing is said about others.
pub const READ: (Minor, Minor) = ((1, 12), (1, 20));

/// A value of the chart.
#[derive(Debug)]
pub struct ValueName {
    /// Its last part.
    pub key: &'static str,
    /// The first minor that has it.
    pub since: Minor,
    /// The last minor that has it.
    pub until: Minor,
    /// Whether the user chooses what is below.
    pub is_open: bool,
    /// The values below.
    pub below: Vec<ValueName>,
}

impl ValueName {
    /// The value below with that name.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.below.iter().find(|name| name.key == key)
    }

    /// Whether the chart chooses the names below, and has some.
    pub fn is_section(&self) -> bool {
        !self.is_open && !self.below.is_empty()
    }

    /// The paths of all values below with that name.
    pub fn paths_to(&self, key: &str) -> Vec<String> {
        let mut paths = Vec::new();
        self.gather(key, "", &mut paths);
        paths
    }

    fn gather(&self, key: &str, path: &str, paths: &mut Vec<String>) {
        for name in &self.below {
            let own = match path {
                "" => name.key.to_owned(),
                path => format!("{path}.{}", name.key),
            };
            if name.key == key {
                paths.push(own.clone());
            }
            name.gather(key, &own, paths);
        }
    }
}

/// All values, below a name of their own.
pub fn value_names() -> &'static ValueName {
    static NAMES: LazyLock<ValueName> = LazyLock::new(|| {
        let root = "values";
        let mut lines = include_str!("names.txt").lines().peekable();
        ValueName {
            key: root,
            since: READ.0,
            until: READ.1,
            is_open: false,
            below: below(&mut lines, 0, READ),
        }
    });
    &NAMES
}

type Lines = std::iter::Peekable<std::str::Lines<'static>>;

/// Reads the names at that depth, and what is below each.
fn below(lines: &mut Lines, depth: usize, map: (Minor, Minor)) -> Vec<ValueName> {
    let mut names = Vec::new();
    while let Some(line) = lines.next_if(|line| indent(line) == depth) {
        let mut name = name(line, map);
        name.below = below(lines, depth + 1, (name.since, name.until));
        names.push(name);
    }
    names
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn name(line: &'static str, (first, last): (Minor, Minor)) -> ValueName {
    let mut words = line.split_whitespace();
    let mut name = ValueName {
        key: words.next().unwrap_or_default(),
        since: first,
        until: last,
        is_open: false,
        below: Vec::new(),
    };
    for word in words {
        match word.split_once("..") {
            Some((since, until)) => {
                let minor = |text: &str| text.parse().ok().map(|minor| (1, minor));
                name.since = minor(since).unwrap_or(first);
                name.until = minor(until).unwrap_or(last);
            }
            None => name.is_open = word == "*",
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Option<&'static ValueName> {
        path.split('.').try_fold(value_names(), |name, key| name.get(key))
    }

    #[test]
    fn names_have_the_minors_that_have_them() {
        let minors = |path| at(path).map(|name| (name.since.1, name.until.1));
        assert_eq!(minors("cluster.id"), Some((12, 20)));
        assert_eq!(minors("clustermesh.policyDefaultLocalCluster"), Some((18, 20)));
        assert_eq!(minors("bgp.announce.podCIDR"), Some((12, 16)));
        assert_eq!(minors("bgpControlPlane.secretsNamespace.name"), Some((15, 20)));
        assert_eq!(minors("bgpControlPlane.secretNamespace"), None);
        assert!(at("extraConfig").is_some_and(|name| !name.is_section()));
    }

    #[test]
    fn paths_lead_to_a_name() {
        assert_eq!(
            value_names().paths_to("useAPIServer"),
            ["clustermesh.useAPIServer"]
        );
    }
}
