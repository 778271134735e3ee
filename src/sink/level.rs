//! Levels other than those that the rules bring along.

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::rules::{Category, Rule};

/// What is to become of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It does not run.
    Off,
    /// It runs, and all its findings have this level.
    At(Severity),
}

/// Levels by rule, else by category.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    rules: BTreeMap<&'static str, Level>,
    categories: BTreeMap<Category, Level>,
}

impl Levels {
    /// Sets the level of a rule.
    pub fn set_rule(&mut self, rule: &'static Rule, level: Level) {
        self.rules.insert(rule.name, level);
    }

    /// Sets the level of the rules of a category that have none of their own.
    pub fn set_category(&mut self, category: Category, level: Level) {
        self.categories.insert(category, level);
    }

    /// The level that is set for a rule.
    pub fn of(&self, rule: &Rule) -> Option<Level> {
        self.of_itself(rule)
            .or_else(|| self.categories.get(&rule.category).copied())
    }

    /// The level that is set for the rule by its name.
    pub fn of_itself(&self, rule: &Rule) -> Option<Level> {
        self.rules.get(rule.name).copied()
    }
}
