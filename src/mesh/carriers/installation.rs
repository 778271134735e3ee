//! An installation of Cilium, whatever carries it.

use std::sync::Arc;

use semver::Version;

use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::mesh::fact::Fact;
use crate::mesh::values::CiliumValues;

/// What JSON calls the output of the chart.
pub(super) const RENDERED: &str = "cilium-config-map";

/// Cilium as something installs it: its effective values, and where they come from.
#[derive(Debug)]
pub struct Installation {
    /// What carries it, as JSON calls it: `helm-release`, `values-file`, …
    pub by: &'static str,
    /// The object that carries it; `None` when a plain file does.
    pub carrier: Option<Arc<Object>>,
    /// Its values.
    pub values: CiliumValues,
    /// Version of the chart.
    pub version: Fact<Version>,
    /// The namespace of the release, where something states it.
    pub release_namespace: Option<String>,
}

impl Installation {
    /// Whether somebody wrote the values, and not their effect.
    pub fn has_values(&self) -> bool {
        self.by != RENDERED
    }

    /// The namespace of what the chart makes; `None` where it cannot be known.
    pub fn namespace(&self) -> Option<&str> {
        let of_release = self.release_namespace.as_deref()?;
        // New in 1.17; charts before pass over it.
        match self.values.lookup(&["namespaceOverride"]) {
            Lookup::Unknown(_) if self.has_values() => None,
            Lookup::Value(node) if node.as_text() != Some("") => node.as_text(),
            _ => Some(of_release),
        }
    }
}
