//! A fault for every rule of the mesh, each planted into a repository without one.

use std::collections::BTreeSet;

use meshlint::engine::RunOptions;
use meshlint::rules::{Category, RULES, find};
use meshlint::sink::{Policy, Selector};

use crate::faults::*;
use crate::repository::*;

/// A fault, and what is to be said about it.
pub struct Planted {
    pub rule: &'static str,
    /// What is said of `mesh` before anything is changed is nothing.
    mesh: fn() -> Repository,
    /// In which file what becomes what.
    changes: Vec<(String, String, String)>,
    /// The file and the text of the line that is pointed at first.
    at: (String, String),
    /// Several clusters take part alike, and which of them is wrong nobody can tell: it is enough to point at the line
    /// among others.
    among: bool,
    /// What else the fault truly breaks: rules with a finding each.
    also: &'static [&'static str],
}

pub fn planted(rule: &'static str, mesh: fn() -> Repository, path: &str, from: &str, to: &str) -> Planted {
    let line = to.lines().next_back().unwrap_or_default().trim();
    Planted {
        rule,
        mesh,
        changes: vec![(path.to_owned(), from.to_owned(), to.to_owned())],
        at: (path.to_owned(), line.to_owned()),
        among: false,
        also: &[],
    }
}

impl Planted {
    pub fn with(mut self, path: &str, from: &str, to: &str) -> Self {
        self.changes
            .push((path.to_owned(), from.to_owned(), to.to_owned()));
        self
    }

    pub fn at(mut self, path: &str, text: &str) -> Self {
        self.at = (path.to_owned(), text.to_owned());
        self
    }

    pub fn among(mut self) -> Self {
        self.among = true;
        self
    }

    pub fn also(mut self, others: &'static [&'static str]) -> Self {
        self.also = others;
        self
    }

    fn repository(&self) -> Repository {
        let mut repository = (self.mesh)();
        for (path, from, to) in &self.changes {
            repository = repository.with(path, from, to);
        }
        repository
    }
}

#[test]
fn there_is_a_fault_for_every_rule_of_the_mesh() {
    let of_the_mesh = [Category::Mesh, Category::Service, Category::Policy];
    let rules = RULES.iter().filter(|rule| of_the_mesh.contains(&rule.category));
    let rules: BTreeSet<&str> = rules.map(|rule| rule.name).collect();
    let planted: BTreeSet<&str> = faults().iter().map(|fault| fault.rule).collect();
    assert_eq!(&rules - &planted, BTreeSet::new(), "rules without a fault");
    assert_eq!(&planted - &rules, BTreeSet::new(), "faults without a rule");
}

#[test]
fn the_repositories_without_a_fault_are_silent() {
    for (at, mesh) in [
        three,
        node_ports,
        issued,
        secret_peers,
        newest,
        local_policies,
        own_lists,
        ipsec,
        two_with_other,
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(mesh().found(), [""; 0], "number {at}");
    }
    for size in [2, 8] {
        assert_eq!(whole(size).found(), [""; 0], "{size} clusters");
    }
}

/// The default configuration, with this rule even when it is pedantic.
fn selecting(rule: &str) -> RunOptions {
    let rule = find(rule).expect("a registered rule");
    RunOptions {
        policy: Policy {
            select: vec![Selector::Default, Selector::Rule(rule)],
            ..Policy::default()
        },
        ..RunOptions::default()
    }
}

#[test]
fn each_fault_is_named_at_its_line_and_nothing_else_is() {
    let mut wrong = Vec::new();
    for fault in faults() {
        let config = selecting(fault.rule);
        let (sources, before) = (fault.mesh)().check_with(&config);
        for one in &before {
            let (path, line) = line_at(&sources, one.finding.primary().span);
            wrong.push(format!("{}: without the fault, {path}: {line}", fault.rule));
        }
        let (sources, findings) = fault.repository().check_with(&config);
        let mut others = fault.also.to_vec();
        let mut named = 0;
        for one in &findings {
            let labels = one
                .finding
                .labels
                .iter()
                .map(|label| line_at(&sources, label.span));
            let is_there =
                |(path, line): &(String, String)| *path == fault.at.0 && line.contains(fault.at.1.trim());
            let first @ (path, line) = &line_at(&sources, one.finding.primary().span);
            let is_it = one.rule.name == fault.rule
                && (is_there(first) || fault.among && labels.into_iter().any(|at| is_there(&at)));
            match others.iter().position(|other| *other == one.rule.name) {
                _ if is_it => named += 1,
                Some(at) => drop(others.remove(at)),
                None => wrong.push(format!("{}: {} {path}: {line}", fault.rule, one.rule.name)),
            }
        }
        if named != 1 || !others.is_empty() {
            wrong.push(format!(
                "{}: named {named} times at {:?}; without {others:?}",
                fault.rule, fault.at
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
