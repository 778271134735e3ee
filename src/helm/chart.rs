//! Charts that lie in the repository.

use crate::source::{FileId, RepoPath};
use crate::yaml::{Node, Store};

/// A chart, as far as its `Chart.yaml` and `values.yaml` tell.
#[derive(Debug, Clone)]
pub struct LocalChart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<Node>,
    /// The charts below it.
    pub dependencies: Vec<Dependency>,
    /// Its `values.yaml`.
    pub(crate) values: Option<FileId>,
}

/// A chart below another.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// The key in the values of the chart above it that holds its own: the alias, else the name.
    pub key: String,
    /// Its version.
    pub version: Option<Node>,
    /// Paths in the values of the chart above, the first of which that is there says whether it is installed.
    pub conditions: Vec<Vec<String>>,
}

impl LocalChart {
    /// The chart in a directory.
    pub(crate) fn read(store: &Store<'_>, directory: &RepoPath) -> Option<Self> {
        let chart = first_document(store, &directory.child("Chart.yaml"))?;
        let dependencies = chart.get("dependencies").map(Node::items).unwrap_or_default();
        Some(Self {
            name: chart.text_at(&["name"])?.to_owned(),
            version: chart.get("version").cloned(),
            dependencies: dependencies.iter().filter_map(Dependency::of).collect(),
            values: store.sources().file_at(&directory.child("values.yaml")),
        })
    }
}

impl Dependency {
    fn of(node: &Node) -> Option<Self> {
        let name = node.text_at(&["name"])?;
        let conditions = node.text_at(&["condition"]).unwrap_or_default().split(',');
        let path = |path: &str| path.trim().split('.').map(str::to_owned).collect();
        Some(Self {
            name: name.to_owned(),
            key: node.text_at(&["alias"]).unwrap_or(name).to_owned(),
            version: node.get("version").cloned(),
            conditions: conditions
                .filter(|one| !one.trim().is_empty())
                .map(path)
                .collect(),
        })
    }

    /// Whether the values of the chart above leave it in (Helm `chart/v2/util/dependencies.go`).
    pub fn is_installed(&self, values: &Node) -> bool {
        let stated = self.conditions.iter().find_map(|path| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            values.at(&path)?.as_bool()
        });
        stated != Some(false)
    }
}

/// The first document of a file, when it is a map.
fn first_document(store: &Store<'_>, path: &RepoPath) -> Option<Node> {
    let file = store.sources().file_at(path)?;
    let parsed = store.parsed(file);
    parsed.root().filter(|root| root.is_mapping()).cloned()
}
