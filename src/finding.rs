//! Findings: plain data that every output format and the sink work on.

use std::fmt;

use crate::source::Span;

/// How bad a finding is. Orders from the mildest to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Works by luck, or degrades.
    Warning,
    /// Reconciliation fails, or traffic is lost or wrongly allowed.
    Error,
}

impl Severity {
    /// The lower-case word used in every format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which Kubernetes object a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// For example `helm.toolkit.fluxcd.io/v2`.
    pub api_version: String,
    /// For example `HelmRelease`.
    pub kind: String,
    /// `None` for cluster-scoped objects and where none is written.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

/// `Deployment shop/catalogue`
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// A place with a few words on what it contributes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The bytes the label points at.
    pub span: Span,
    /// A few words, lower case, without a full stop.
    pub text: String,
    /// Whether this is the place to edit. A finding has exactly one such label.
    pub primary: bool,
}

/// A change of files that mends a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What becomes what. None overlaps another.
    pub edits: Vec<Edit>,
    /// Whether it means the same, or what the documentation says to write instead. Else it is what was probably meant.
    pub is_safe: bool,
}

/// Bytes that become others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes. Until the fix is settled they may have quotes around what is replaced.
    pub span: Span,
    /// The text that stands there; until the fix is settled none for the whole word that does.
    pub from: String,
    /// The text that takes its place.
    pub to: String,
}

/// One fault. Whoever runs the rules knows which of them found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The level this finding has when it differs from its rule's.
    pub severity: Option<Severity>,
    /// States the fact with the names of the things.
    pub message: String,
    /// Primary label first, then the others in the order worth reading.
    pub labels: Vec<Label>,
    /// An imperative that can be carried out.
    pub help: Option<String>,
    /// Names of the clusters concerned, sorted.
    pub clusters: Vec<String>,
    /// The object concerned.
    pub object: Option<ObjectRef>,
    /// The route of the value inside its object, for example `spec.values.cluster.id`: part of the fingerprint, so
    /// that two findings of one rule on one object stay apart when lines move.
    pub route: Option<String>,
    /// What is wrong, where that is not what the message names in backticks and the fault is the file's rather than the
    /// object's: part of the fault's identity.
    pub fact: Option<String>,
    /// The faults that this finding stands for when it stands for several: each as it would be told alone.
    pub members: Vec<Finding>,
    /// Whether it is told only where its rule is asked for by name: what is true and what hardly anybody would act on.
    pub pedantic: bool,
    /// What would mend it, where that can be told to the letter.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding whose primary label is at `span`.
    pub fn new(message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self {
            severity: None,
            message: message.into(),
            labels: vec![Label {
                span,
                text: label.into(),
                primary: true,
            }],
            help: None,
            clusters: Vec::new(),
            object: None,
            route: None,
            fact: None,
            members: Vec::new(),
            pedantic: false,
            fix: None,
        }
    }

    /// Adds a secondary label, unless one stands at the same bytes already.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        if self.labels.iter().all(|label| label.span != span) {
            self.labels.push(Label {
                span,
                text: text.into(),
                primary: false,
            });
        }
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the clusters concerned.
    #[must_use]
    pub fn clusters<S: Into<String>>(mut self, clusters: impl IntoIterator<Item = S>) -> Self {
        self.clusters.extend(clusters.into_iter().map(Into::into));
        self.clusters.sort();
        self.clusters.dedup();
        self
    }

    /// Names the object concerned.
    #[must_use]
    pub fn object(mut self, object: ObjectRef) -> Self {
        self.object = Some(object);
        self
    }

    /// Names the route of the value inside its object.
    #[must_use]
    pub fn route(mut self, route: impl Into<String>) -> Self {
        self.route = Some(route.into());
        self
    }

    /// Says what is wrong with a file, whatever object the finding names.
    #[must_use]
    pub fn fact(mut self, fact: impl Into<String>) -> Self {
        self.fact = Some(fact.into());
        self
    }

    /// Suggests what was probably meant by the text that the primary label points at.
    #[must_use]
    pub fn did_you_mean(self, written: &str, meant: &str) -> Self {
        self.help(format!("did you mean `{meant}`?"))
            .replace(written, meant, false)
    }

    /// Replaces the text that the primary label points at by what was probably meant, if anything was.
    #[must_use]
    pub fn guess(self, written: &str, meant: Option<&str>) -> Self {
        match meant {
            Some(meant) => self.replace(written, meant, false),
            None => self,
        }
    }

    /// Mends it by another text in the place of the one that the primary label points at. `is_safe` as in [`Fix`].
    #[must_use]
    pub fn replace(mut self, from: &str, to: &str, is_safe: bool) -> Self {
        let edit = Edit {
            span: self.primary().span,
            from: from.to_owned(),
            to: to.to_owned(),
        };
        self.fix = Some(Fix {
            edits: vec![edit],
            is_safe,
        });
        self
    }

    /// Names the faults that the finding stands for, each as it would be told alone. One is the finding itself.
    #[must_use]
    pub fn members(mut self, members: impl IntoIterator<Item = Finding>) -> Self {
        self.members = members.into_iter().collect();
        let fixes: Option<Vec<&Fix>> = self.members.iter().map(|member| member.fix.as_ref()).collect();
        self.fix = fixes.and_then(|fixes| Fix::all(&fixes)).or(self.fix);
        if self.members.len() < 2 {
            self.members.clear();
        }
        self
    }

    /// The faults that the finding stands for.
    pub fn faults(&self) -> &[Finding] {
        if self.members.is_empty() {
            std::slice::from_ref(self)
        } else {
            &self.members
        }
    }

    /// Sets a level other than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Keeps it to those who ask for the rule by name.
    #[must_use]
    pub fn pedantic(mut self) -> Self {
        self.pedantic = true;
        self
    }

    /// The label that points at the place to edit.
    pub fn primary(&self) -> &Label {
        self.labels
            .iter()
            .find(|label| label.primary)
            .unwrap_or(&self.labels[0])
    }
}

impl Fix {
    /// The fixes of several faults as one.
    pub fn all(fixes: &[&Fix]) -> Option<Self> {
        let mut edits: Vec<Edit> = fixes.iter().flat_map(|fix| &fix.edits).cloned().collect();
        edits.sort();
        edits.dedup();
        (!edits.is_empty()).then(|| Self {
            edits,
            is_safe: fixes.iter().all(|fix| fix.is_safe),
        })
    }
}
