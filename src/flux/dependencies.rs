//! `spec.dependsOn` of Kustomizations and HelmReleases.

use crate::kustomize::Object;
use crate::sops::is_encrypted;
use crate::yaml::Node;

/// One entry of `dependsOn`.
#[derive(Debug, Clone, Copy)]
pub struct Dependency<'a> {
    /// The namespace looked in: the entry's, else that of the dependent.
    pub namespace: &'a str,
    /// The name looked for.
    pub name: &'a str,
    /// The entry.
    pub entry: &'a Node,
    /// Whether a `readyExpr` decides what ready means.
    pub ready_expression: bool,
}

impl<'a> Dependency<'a> {
    /// Where the name stands.
    pub fn name_node(&self) -> &'a Node {
        self.entry.get("name").unwrap_or(self.entry)
    }

    /// `namespace/name`, as Flux prints it.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The entries of `spec.dependsOn` whose names are known, for an object that lies in `own_namespace`. The object looked
/// for is always of the dependent's own kind (kustomize-controller `checkDependencies`, helm-controller likewise).
pub fn dependencies<'a>(object: &'a Object, own_namespace: &'a str) -> impl Iterator<Item = Dependency<'a>> {
    let entries = object
        .node
        .at(&["spec", "dependsOn"])
        .map_or(&[][..], Node::items);
    entries.iter().filter_map(move |entry| {
        let name = known_text(entry.get("name")?)?;
        let namespace = match entry.get("namespace").filter(|node| !node.is_null()) {
            Some(node) => known_text(node)?,
            None => "",
        };
        Some(Dependency {
            namespace: if namespace.is_empty() {
                own_namespace
            } else {
                namespace
            },
            name,
            entry,
            ready_expression: entry.text_at(&["readyExpr"]).is_some_and(|text| !text.is_empty()),
        })
    })
}

/// The text of a scalar in which nothing is left open: no unknown variable, no `${…}` that was not substituted, nothing that
/// SOPS has encrypted.
pub(crate) fn known_text(node: &Node) -> Option<&str> {
    node.as_text()
        .filter(|text| !node.origin().is_unknown() && !text.contains("${") && !is_encrypted(text))
}
