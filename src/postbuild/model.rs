//! Variables, and what goes wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kustomize::{Exclusion, Object};
use crate::source::{RepoPath, Span};
use crate::unknown::UnknownReason;

/// A variable of `postBuild`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The value after newlines are removed; `None` when it cannot be known.
    pub value: Result<Arc<str>, UnknownReason>,
    /// Where the value is stated; `None` when nothing in the repository states it.
    pub span: Option<Span>,
}

/// The variables of one Kustomization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// By name.
    pub known: BTreeMap<Arc<str>, Variable>,
    /// A source of variables that cannot be read: any name may be defined by it.
    pub open: Option<UnknownReason>,
}

/// What went wrong while a Kustomization was rendered. Rules word these.
#[derive(Debug, Clone)]
pub enum RenderProblem {
    /// `spec.path` names nothing in the source.
    MissingPath {
        /// The value of `spec.path`, or the object when there is none.
        span: Span,
        /// The path looked for.
        path: RepoPath,
        /// Why the artifact does not hold it, when the directory exists.
        excluded_by: Option<Exclusion>,
    },
    /// `${X}` without a default, and no X.
    UndefinedVariable {
        /// The name.
        variable: String,
        /// The expression.
        expression: Span,
        /// The object it is in.
        object: Arc<Object>,
    },
    /// The envsubst grammar refuses an expression.
    MalformedSubstitution {
        /// The expression, as exactly as it can be told.
        expression: Span,
        /// The real program's words: `missing closing brace`, `bad substitution`, …
        reason: String,
        /// The object it is in.
        object: Arc<Object>,
    },
    /// The text after substitution is not YAML any more.
    BrokenBySubstitution {
        /// The expression that broke it.
        expression: Span,
        /// The variables' values that took part, where known.
        values: Vec<(String, Span)>,
        /// The real program's words.
        reason: String,
        /// The object it is in.
        object: Arc<Object>,
    },
    /// A non-optional `substituteFrom` names a ConfigMap or Secret that the cluster does not have.
    MissingSubstituteSource {
        /// The reference's `name`.
        span: Span,
        /// `ConfigMap` or `Secret`.
        kind: String,
        /// Namespace looked in.
        namespace: String,
        /// Name looked for.
        name: String,
    },
    /// Rendering stops below this Kustomization, because what it delivers is more than is rendered of one cluster.
    TooMuch {
        /// The Flux object that is not rendered any more.
        span: Span,
        /// The bound, for example `20000 Kustomizations`.
        bound: String,
    },
    /// What the cluster's objects hold still changes after so many rounds of rendering: each makes settings for the next.
    Unsettled {
        /// The first Kustomization that changes.
        span: Span,
        /// The rounds.
        rounds: usize,
    },
    /// A key of a substitution source is no variable name, which fails the whole Kustomization.
    IllegalVariableName {
        /// The key.
        span: Span,
        /// The name.
        name: String,
        /// Where the source is referred to.
        reference: Span,
    },
}
