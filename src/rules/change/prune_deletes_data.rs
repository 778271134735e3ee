use std::collections::BTreeMap;

use crate::change::{Fate, Owned};
use crate::finding::{Finding, Severity};
use crate::flux::Kustomization;
use crate::rules::words::{all_of, full_name};
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// Prune deletes an object together with what is in it.
pub(crate) static RULE: Rule = Rule {
    name: "prune-deletes-data",
    category: Category::Change,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/prune-deletes-data.md"),
    check,
};

/// Kinds that hold more than themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Namespace,
    Claim,
    Definition,
}

impl Holds {
    fn of(object: &crate::kustomize::Object) -> Option<Self> {
        match (object.group(), object.kind()) {
            ("", "Namespace") => Some(Self::Namespace),
            ("", "PersistentVolumeClaim") => Some(Self::Claim),
            ("apiextensions.k8s.io", "CustomResourceDefinition") => Some(Self::Definition),
            _ => None,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Namespace => ("Namespace", "everything in it"),
            Self::Claim => ("PersistentVolumeClaim", "the data on it"),
            Self::Definition => ("CustomResourceDefinition", "every object of its kind"),
        }
    }
}

fn message(holds: Holds, names: &[String]) -> String {
    let (kind, content) = holds.words();
    let s = if names.len() == 1 { "" } else { "s" };
    let content = if names.len() == 1 {
        content.to_owned()
    } else {
        content.replace("its kind", "their kinds").replace(" it", " them")
    };
    format!("prune deletes {kind}{s} {}, and {content}", all_of(names))
}

fn label(owner: &Kustomization) -> String {
    format!("`{}` deletes what it does not have any more", owner.full_name())
}

const HELP: &str =
    "give what is to stay the annotation `kustomize.toolkit.fluxcd.io/prune: disabled` and merge that first";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(past) = context.past else {
        return;
    };
    for cluster in &past.change.clusters {
        let mut deleted: BTreeMap<(Holds, Span), (Vec<String>, &Kustomization)> = BTreeMap::new();
        for removed in &cluster.removed {
            let Some(holds) = Holds::of(removed.object) else {
                continue;
            };
            if let (Fate::Deleted, Some(pruner)) = cluster.end_of(removed) {
                let owner = pruner.kustomization;
                let one = deleted
                    .entry((holds, place(owner)))
                    .or_insert((Vec::new(), owner));
                one.0.push(name(removed));
            }
        }
        for ((holds, span), (names, owner)) in deleted {
            let finding = Finding::new(message(holds, &names), span, label(owner));
            let finding = finding
                .help(HELP)
                .object(owner.object.reference())
                .route("spec.prune");
            findings.push(finding.clusters([cluster.name()]));
        }
    }
}

fn name(removed: &Owned<'_>) -> String {
    full_name(removed.object)
}

/// The line that asks for it.
fn place(owner: &Kustomization) -> Span {
    let prune = owner.spec().and_then(|spec| spec.get("prune"));
    prune.map_or_else(|| owner.object.name_span(), |node| node.origin().edit_span())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_with_an_object_is_named() {
        let said = |holds, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            message(holds, &names)
        };
        assert_eq!(
            said(Holds::Claim, &["data"]),
            "prune deletes PersistentVolumeClaim `data`, and the data on it"
        );
        assert_eq!(
            said(Holds::Definition, &["a"]),
            "prune deletes CustomResourceDefinition `a`, and every object of its kind"
        );
        assert_eq!(
            said(Holds::Definition, &["a", "b"]),
            "prune deletes CustomResourceDefinitions `a` and `b`, and every object of their kinds"
        );
    }
}
