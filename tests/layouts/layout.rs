//! What a folder of `testdata/layouts` says.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::common;
use crate::common::fleet::{Files, read_below};

/// A layout: its files, what is to be seen of them, and what is planted into them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The folder.
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub files: Files,
    /// Who does it so, in one sentence.
    #[allow(dead_code)]
    pub about: String,
    /// Whether its clusters are one mesh, so that the faults of a mesh can be planted into it.
    #[serde(default = "yes")]
    pub meshed: bool,
    /// Faults of a mesh that the files cannot tell, with the reason.
    #[serde(default)]
    pub untold: BTreeMap<String, String>,
    /// Checks that do not hold yet: `silent`, `clusters`, the name of a fault, or `everything`.
    #[serde(default)]
    pub pending: Vec<String>,
    #[serde(default)]
    pub cluster: Vec<Cluster>,
    #[serde(default)]
    pub fault: Vec<Fault>,
}

/// A cluster as `meshlint clusters --format json` has to show it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub name: String,
    /// Values by the name of the fact; several are separated by a comma.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// A change in one place that breaks the fleet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The rule that names it.
    pub rule: String,
    /// What tells it from another fault of that rule.
    #[serde(default)]
    pub how: String,
    pub file: String,
    /// What stands there once, and what takes its place.
    pub old: String,
    pub new: String,
    /// Where it is to be named, when that is not the changed line (the last one of `new`).
    pub at: Option<At>,
}

/// A line, told by a text that it alone holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    pub file: String,
    pub text: String,
}

fn yes() -> bool {
    true
}

impl Layout {
    /// Every layout, by name.
    pub fn all() -> Vec<Self> {
        let home = common::project().join("testdata/layouts");
        let folders = std::fs::read_dir(&home).expect("there are layouts");
        let mut names: Vec<String> = folders
            .map(|entry| {
                entry
                    .expect("a folder")
                    .file_name()
                    .into_string()
                    .expect("a name")
            })
            .filter(|name| home.join(name).is_dir())
            .collect();
        names.sort();
        names.into_iter().map(|name| Self::read(&name)).collect()
    }

    fn read(name: &str) -> Self {
        let folder = common::project().join("testdata/layouts").join(name);
        let text = std::fs::read_to_string(folder.join("layout.toml"))
            .unwrap_or_else(|error| panic!("{name}/layout.toml: {error}"));
        let mut layout: Self = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        name.clone_into(&mut layout.name);
        layout.files = read_below(&folder.join("repository"));
        assert!(!layout.files.is_empty(), "{name} has no repository");
        layout
    }
}

impl Fault {
    /// The name of the check.
    pub fn check(&self) -> String {
        if self.how.is_empty() {
            self.rule.clone()
        } else {
            format!("{}: {}", self.rule, self.how)
        }
    }

    /// The files with the fault, and the file and line where it is to be named.
    pub fn plant(&self, files: &Files) -> (Files, String, usize) {
        let mut changed = files.clone();
        let text = changed
            .get_mut(&self.file)
            .unwrap_or_else(|| panic!("there is no {}", self.file));
        let found: Vec<usize> = text.match_indices(&self.old).map(|(at, _)| at).collect();
        let [at] = found[..] else {
            panic!("{} holds {:?} {} times", self.file, self.old, found.len());
        };
        text.replace_range(at..at + self.old.len(), &self.new);
        if let Some(place) = &self.at {
            let line = line_of(&changed, place);
            return (changed, place.file.clone(), line);
        }
        let end = at + self.new.trim_end().len();
        let line = text[..end].matches('\n').count() + 1;
        (changed, self.file.clone(), line)
    }
}

fn line_of(files: &Files, at: &At) -> usize {
    let text = files
        .get(&at.file)
        .unwrap_or_else(|| panic!("there is no {}", at.file));
    let lines: Vec<usize> = (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.contains(&at.text))
        .map(|(number, _)| number)
        .collect();
    let [line] = lines[..] else {
        panic!("{} has {:?} in the lines {lines:?}", at.file, at.text);
    };
    line
}
