//! What a build has to say beside its objects, collected on the way.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::resmap::{Duplicate, ResMap};
use super::resource::Resource;
use crate::budget::{self, Budget};
use crate::kustomize::error::PatchError;
use crate::kustomize::model::{Opaque, Problem, ProblemKind};
use crate::kustomize::unread::Unread;
use crate::source::Span;
use crate::yaml::Node;

/// A build that kustomize refuses for more reasons than these is understood from the first of them. Remarks are counted
/// apart, so that no number of them keeps a failure from being told.
const MAX_PROBLEMS: usize = 1_000;

/// What of the schema a build has needed so far: kustomize loads it when it first does, which decides how a custom one
/// that comes later goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum SchemaUse {
    /// Nothing: every kind so far has a scope that kustomize knows by heart.
    #[default]
    Nothing,
    /// The scope of another kind.
    Scopes,
    /// How a type merges.
    Types,
}

/// Problems and references that lead out of the repository.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) problems: Vec<Problem>,
    pub(crate) opaque: Vec<Opaque>,
    pub(crate) unread: Unread,
    pub(crate) served_targets: BTreeSet<Span>,
    pub(crate) schema_use: SchemaUse,
    told: Told,
    /// What the build adds to the files that it reads.
    pub(crate) budget: Budget,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            problems: Vec::new(),
            opaque: Vec::new(),
            unread: Unread::default(),
            served_targets: BTreeSet::new(),
            schema_use: SchemaUse::default(),
            told: Told::default(),
            budget: Budget::new(budget::BUILD),
        }
    }
}

/// How many problems of each sort there were, told or not.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    failures: usize,
    remarks: usize,
    limits: usize,
}

impl Report {
    /// Takes a cost from what the build may add to its files. Where that is too much, says so once, at `entry`.
    pub(crate) fn affords(&mut self, entry: Span, cost: usize) -> bool {
        let is_told = self.budget.is_exhausted();
        if self.budget.spend(cost).is_ok() {
            return true;
        }
        if !is_told {
            let message = self.too_much();
            self.fail(entry, message, "goes beyond what a build may make");
        }
        false
    }

    /// That the build makes too much.
    pub(crate) fn too_much(&self) -> String {
        let share = self.budget.in_words();
        format!("the build makes more than {share} out of its files, so the rest of it is not looked at")
    }

    /// Records that kustomize would refuse the build here.
    pub(crate) fn fail(&mut self, span: Span, message: impl Into<String>, label: impl Into<String>) {
        self.push(Problem::new(ProblemKind::Failure, span, message, label));
    }

    /// Records a problem made elsewhere.
    pub(crate) fn push(&mut self, problem: Problem) {
        let told = match problem.kind {
            ProblemKind::Limit => &mut self.told.limits,
            kind if kind.is_failure() => &mut self.told.failures,
            _ => &mut self.told.remarks,
        };
        *told += 1;
        match (*told).cmp(&(MAX_PROBLEMS + 1)) {
            Ordering::Less => self.problems.push(problem),
            Ordering::Equal if problem.kind != ProblemKind::Limit => self.cut_off(&problem),
            _ => {}
        }
    }

    /// Says that there are more.
    fn cut_off(&mut self, problem: &Problem) {
        let what = if problem.kind.is_failure() {
            "reasons to fail"
        } else {
            "remarks"
        };
        let message = format!("a build has more than {MAX_PROBLEMS} {what}; those that follow are not told");
        let label = "the first that is not told";
        self.push(Problem::new(ProblemKind::Limit, problem.span, message, label));
    }

    /// Records that the entry at `entry` cannot change an object.
    pub(crate) fn cannot_change(&mut self, entry: Span, what: &str, error: &PatchError) {
        self.push(
            Problem::new(
                ProblemKind::Failure,
                entry,
                format!("{what} fails: {}", error.message),
                "asked for here",
            )
            .related(error.span, "cannot be changed"),
        );
    }

    /// Records that an object is there already.
    pub(crate) fn duplicate(&mut self, entry: Span, duplicate: &Duplicate) {
        self.push(
            Problem::new(
                ProblemKind::Failure,
                entry,
                format!(
                    "may not add resource with an already registered id: `{}`",
                    duplicate.id
                ),
                "brings in an object that is there already",
            )
            .related(duplicate.refused, "the second object")
            .related(duplicate.existing, "the first object")
            .help("remove one of them, or give it another name or namespace"),
        );
    }

    /// Whether objects may be missing that kustomize would have: from a remote resource, or behind an entry that failed.
    /// What cannot be found then is no further fault.
    pub(crate) fn hides_objects(&self) -> bool {
        !self.opaque.is_empty() || self.problems.iter().any(|problem| problem.kind.is_failure())
    }

    /// Records objects that patches made the same, at the patch where it is known; unless something failed before, which
    /// may be the reason.
    pub(crate) fn same_ids(&mut self, map: &mut ResMap, patch: Option<Span>) {
        if self.problems.iter().any(|problem| problem.kind.is_failure()) {
            return;
        }
        let name = |resource: &Resource| {
            let name = resource.node.at(&["metadata", "name"]);
            name.map_or_else(|| resource.node.span(), Node::span)
        };
        for same in map.same_ids() {
            let Some((first, others)) = same.split_first() else {
                continue;
            };
            let problem = Problem::new(
                ProblemKind::Failure,
                patch.unwrap_or_else(|| name(first)),
                format!(
                    "may not add resource with an already registered id: `{}`",
                    first.id()
                ),
                "several objects end with this name",
            );
            let problem = problem.related(name(first), "one name");
            self.push(others.iter().fold(problem, |problem, other| {
                problem
                    .related(name(other), "the same name")
                    .related(other.node.span(), "one of the objects")
            }));
        }
    }

    /// Adds what another report holds, leaving out what is known already.
    pub(crate) fn absorb(&mut self, other: &Report) {
        for problem in &other.problems {
            if !self.problems.contains(problem) {
                self.push(problem.clone());
            }
        }
        for opaque in &other.opaque {
            if !self.opaque.contains(opaque) {
                self.opaque.push(opaque.clone());
            }
        }
        self.unread.absorb(&other.unread);
        self.served_targets.extend(&other.served_targets);
        self.schema_use = self.schema_use.max(other.schema_use);
    }
}
