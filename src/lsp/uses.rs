//! Where variables are used, in every cluster.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::fleet::Fleet;
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::postbuild::{RenderProblem, Variable};
use crate::source::{FileId, Span};
use crate::yaml::{Node, Walk};

/// A Kustomization of a cluster, by their places in the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Owner {
    pub(super) cluster: usize,
    pub(super) kustomization: usize,
}

impl Owner {
    pub(super) fn kustomization(self, fleet: &Fleet) -> Option<&Kustomization> {
        fleet
            .clusters
            .get(self.cluster)?
            .kustomizations
            .get(self.kustomization)
    }

    /// What it knows of a variable.
    pub(super) fn variable<'f>(self, fleet: &'f Fleet, name: &str) -> Option<&'f Variable> {
        self.kustomization(fleet)?.variables.known.get(name)
    }
}

/// One `${…}` in one Kustomization of one cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    /// The expression, or the value that holds it.
    pub(super) expression: Span,
    pub(super) variable: Box<str>,
    pub(super) owner: Owner,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Uses {
    by_file: BTreeMap<FileId, BTreeSet<Use>>,
    /// Who renders something that stands in a file.
    owners: BTreeMap<FileId, BTreeSet<Owner>>,
}

impl Uses {
    pub(super) fn of(fleet: &Fleet) -> Self {
        let mut uses = Self::default();
        // What holds no variable is the same object in every cluster.
        let mut plain: HashSet<*const Object> = HashSet::new();
        for (cluster, of) in fleet.clusters.iter().enumerate() {
            for (kustomization, of) in of.kustomizations.iter().enumerate() {
                let owner = Owner {
                    cluster,
                    kustomization,
                };
                for object in &of.objects {
                    uses.owners
                        .entry(object.node.span().file)
                        .or_default()
                        .insert(owner);
                    let known = Arc::as_ptr(object);
                    if !plain.contains(&known) && !uses.add_object(owner, object) {
                        plain.insert(known);
                    }
                }
                for problem in &of.problems {
                    if let RenderProblem::UndefinedVariable {
                        variable, expression, ..
                    } = problem
                    {
                        uses.add(owner, variable, *expression);
                    }
                }
            }
        }
        uses
    }

    /// Whether there is a variable in the object.
    fn add_object(&mut self, owner: Owner, object: &Object) -> bool {
        let mut is_any = false;
        object.node.walk(&mut |_, key, node| {
            for node in key.into_iter().chain([node]) {
                is_any |= self.add_node(owner, node);
            }
            Walk::Enter
        });
        is_any
    }

    fn add_node(&mut self, owner: Owner, node: &Node) -> bool {
        let substitutions = node.origin().substituted.as_deref().unwrap_or_default();
        for one in substitutions {
            self.add(owner, &one.variable, one.expression);
        }
        !substitutions.is_empty()
    }

    fn add(&mut self, owner: Owner, variable: &str, expression: Span) {
        self.owners.entry(expression.file).or_default().insert(owner);
        self.by_file.entry(expression.file).or_default().insert(Use {
            expression,
            variable: variable.into(),
            owner,
        });
    }

    /// What is used in a file, by position.
    pub(super) fn in_file(&self, file: FileId) -> impl Iterator<Item = &Use> {
        self.by_file.get(&file).into_iter().flatten()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Use> {
        self.by_file.values().flatten()
    }

    /// Who renders something that stands in a file.
    pub(super) fn owners(&self, file: FileId) -> impl Iterator<Item = Owner> {
        self.owners.get(&file).into_iter().flatten().copied()
    }
}
