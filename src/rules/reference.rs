//! How references that lead nowhere are told: what is missing, and where it is instead.

use crate::cluster::lost::{Elsewhere, Lost, Target, Trace};
use crate::finding::Finding;

const EXISTS: &str = "it exists here";
const USED: &str = "takes its files from it, so it exists";
const UNREACHED: &str = "defined here, but no build reaches this file";

impl Target<'_> {
    /// `in namespace …`, or in the cluster.
    pub(crate) fn scope(&self) -> String {
        match self.namespace {
            Some(namespace) => format!("in namespace `{namespace}`"),
            None => "in this cluster".to_owned(),
        }
    }
}

impl Lost<'_> {
    /// The second half of a message whose first half names the target.
    pub(crate) fn fault(&self) -> String {
        let name = self.target.name;
        match &self.elsewhere {
            Elsewhere::Namespaces(all) => format!("but `{name}` is in namespace {}", quoted(all)),
            Elsewhere::Clusters(all) if all.len() == 1 => {
                format!("which exists only in cluster {}", quoted(all))
            }
            Elsewhere::Clusters(all) => format!("which exists only in clusters {}", quoted(all)),
            Elsewhere::Unreached(_) => "which no build creates".to_owned(),
            Elsewhere::Near(_) | Elsewhere::Nowhere => "which does not exist".to_owned(),
        }
    }

    /// The label of the reference.
    pub(crate) fn label(&self) -> String {
        format!(
            "no {} of that name {}",
            self.target.kind.kind,
            self.target.scope()
        )
    }

    /// What to do, where it is the same for every sort of reference; some state the namespace already.
    pub(crate) fn help(&self, states_namespace: bool) -> Option<String> {
        let name = self.target.name;
        match &self.elsewhere {
            Elsewhere::Namespaces(all) => {
                let namespace = all.first().copied().unwrap_or_default();
                Some(match states_namespace {
                    true => format!("change the `namespace` of the reference to `{namespace}`"),
                    false => format!("add `namespace: {namespace}` to the reference"),
                })
            }
            Elsewhere::Unreached(_) => Some(format!(
                "list the file that defines `{name}` in a kustomization, or remove the reference"
            )),
            Elsewhere::Near(near) => Some(format!("did you mean `{near}`?")),
            Elsewhere::Clusters(_) | Elsewhere::Nowhere => None,
        }
    }

    /// Adds labels where objects of that name stand.
    pub(crate) fn point(&self, finding: Finding) -> Finding {
        let finding = match &self.elsewhere {
            Elsewhere::Near(near) => finding.replace(self.target.name, near, false),
            _ => finding,
        };
        // The first few are enough to tell where to look.
        self.places
            .iter()
            .take(4)
            .fold(finding, |finding, (place, trace)| {
                finding.label(*place, told(*trace))
            })
    }
}

fn told(trace: Trace) -> &'static str {
    match trace {
        Trace::Exists => EXISTS,
        Trace::Used => USED,
        Trace::Unreached => UNREACHED,
    }
}

/// Names in backticks, separated by commas.
pub(crate) fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
