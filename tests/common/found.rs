//! What a run finds in an example, as marks speak of it.

use meshlint::config;
use meshlint::engine::{self, RunOptions};
use meshlint::rules::Rule;
use meshlint::sink::{Known, Outcome, Policy, Reported, Selector, match_up};
use meshlint::source::{RepoPath, SourceMap};

use super::mark::{Mark, Says};
use super::page::Example;

pub type Place = (String, usize);

pub struct Found {
    pub place: Place,
    pub level: String,
    pub rule: &'static str,
    pub message: String,
    pub help: String,
    pub labels: Vec<(Place, String)>,
}

impl Found {
    /// The text that the mark speaks of, when it is that of this finding. Labels are marked where they stand, or below
    /// the line that the finding points at.
    pub fn said(&self, mark: &Mark) -> Option<&str> {
        let is_at = |place: &Place| (&place.0, place.1) == (&mark.path, mark.line);
        let is_here = is_at(&self.place);
        match &mark.says {
            Says::Finding { level, rule, message } => {
                let says_so = message.as_ref().is_none_or(|message| *message == self.message);
                (is_here && *level == self.level && *rule == self.rule && says_so).then_some(&self.message)
            }
            Says::Help(help) => (is_here && *help == self.help).then_some(&self.help),
            Says::Label(text) => {
                let mut labels = self.labels.iter();
                let label = labels.find(|(place, label)| (is_here || is_at(place)) && label == text);
                label.map(|(_, text)| text.as_str())
            }
        }
    }
}

/// What a run with every rule, and this one even when it is pedantic, finds in the example.
pub fn found(rule: &'static Rule, example: &Example) -> Vec<Found> {
    let sources = SourceMap::from_memory(example.repository());
    let outcome = outcome(&sources, example, &with(rule, &sources));
    let place = |label: &meshlint::finding::Label| {
        let file = sources.file(label.span.file);
        let line = file.line_column(label.span.start).line;
        (file.path().as_str().to_owned(), line)
    };
    let found = |one: &Reported| {
        let labels = one.finding.labels.iter();
        Found {
            place: place(one.finding.primary()),
            level: one.severity.to_string(),
            rule: one.rule.name,
            message: one.finding.message.clone(),
            help: one.finding.help.clone().unwrap_or_default(),
            labels: labels.map(|label| (place(label), label.text.clone())).collect(),
        }
    };
    outcome.findings.iter().map(found).collect()
}

/// What is found in an example; of a change what it adds.
pub fn outcome(sources: &SourceMap, example: &Example, config: &RunOptions) -> Outcome {
    let Some(before) = &example.before else {
        return engine::check(sources, config).outcome;
    };
    let before = SourceMap::from_memory(before.repository());
    let (run, past) = engine::check_since(&before, sources, config, &|_| {});
    let known: Vec<Known> = past.iter().flat_map(Known::all_of).collect();
    let mut outcome = run.outcome;
    let is_known = match_up(sources, &outcome.findings, &known).is_known;
    outcome.leave_out(sources, &[is_known]);
    outcome
}

/// The configuration in the files, or the default one, with this rule even when it is pedantic.
pub fn with(rule: &'static Rule, sources: &SourceMap) -> RunOptions {
    let path = RepoPath::clamp(config::FILE);
    let read = |file| config::read(sources, &path, file).expect("the configuration can be followed");
    let stated = sources.file_at(&path).map(|file| read(file).config.clone());
    let config = stated.unwrap_or_default();
    RunOptions {
        policy: Policy {
            select: vec![Selector::Default, Selector::Rule(rule)],
            ..config.policy
        },
        ..config
    }
}
