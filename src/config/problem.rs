//! What is wrong with a configuration, as findings that point into it.

use std::ops::Range;

use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};
use crate::sink::Reported;
use crate::source::{FileId, Span};

/// Not in the registry: a configuration that cannot be followed stops the run, and no option leaves it out.
static CONFIGURATION: Rule = Rule {
    name: "configuration",
    category: Category::Meshlint,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: "",
    check: found_while_reading,
};

fn found_while_reading(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// Something wrong at a place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConfigProblem {
    pub(super) message: String,
    pub(super) at: Range<usize>,
    pub(super) label: &'static str,
    pub(super) help: Option<String>,
    /// Another place that has to do with it.
    pub(super) other: Option<(Range<usize>, &'static str)>,
}

impl ConfigProblem {
    pub(super) fn new(message: impl Into<String>, at: Range<usize>, label: &'static str) -> Self {
        Self {
            message: message.into(),
            at,
            label,
            help: None,
            other: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests what was probably meant, or says what there is.
    pub(super) fn meant(self, meant: Option<&str>, otherwise: impl FnOnce() -> String) -> Self {
        match meant {
            Some(meant) => self.help(format!("did you mean `{meant}`?")),
            None => self.help(otherwise()),
        }
    }

    pub(super) fn other(mut self, at: Range<usize>, label: &'static str) -> Self {
        self.other = Some((at, label));
        self
    }

    fn into_reported(self, file: FileId) -> Reported {
        let span = |range: Range<usize>| Span::new(file, range.start, range.end);
        let mut finding = Finding::new(self.message, span(self.at), self.label);
        finding.help = self.help;
        if let Some((at, label)) = self.other {
            finding = finding.label(span(at), label);
        }
        Reported {
            rule: &CONFIGURATION,
            severity: CONFIGURATION.severity,
            fingerprint: String::new(),
            fault: String::new(),
            members: Vec::new(),
            finding,
        }
    }
}

/// Nobody reads on after so many.
const MAX_PROBLEMS: usize = 100;

/// The first of the problems as reports show them, in the order of the file.
pub(super) fn reported(mut problems: Vec<ConfigProblem>, file: FileId) -> Vec<Reported> {
    problems.sort_by(|a, b| (a.at.start, a.at.end, &a.message).cmp(&(b.at.start, b.at.end, &b.message)));
    problems
        .into_iter()
        .take(MAX_PROBLEMS)
        .map(|problem| problem.into_reported(file))
        .collect()
}

/// Names between backticks, for a sentence: `a`, `b` or `c`.
pub(super) fn either(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
