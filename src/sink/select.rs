//! Naming rules on the command line: by name, by category, or by the words `all` and `default`.

use crate::rules::{Category, RULES, Rule, find};
use crate::text::suggest::nearest;

/// A set of rules.
#[derive(Debug, Clone, Copy)]
pub enum Selector {
    /// Every rule, pedantic ones too.
    All,
    /// Every rule that is not pedantic.
    Default,
    /// The rules of a category that are not pedantic.
    Category(Category),
    /// One rule, pedantic or not.
    Rule(&'static Rule),
}

/// A word that names no rule and no category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no rule or category is called `{word}`{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
pub struct UnknownSelector {
    /// The word.
    pub word: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// When nothing is called that.
    pub fn parse(word: &str) -> Result<Self, UnknownSelector> {
        match word {
            "all" => return Ok(Self::All),
            "default" => return Ok(Self::Default),
            _ => {}
        }
        if let Some(category) = Category::ALL
            .into_iter()
            .find(|category| category.as_str() == word)
        {
            return Ok(Self::Category(category));
        }
        if let Some(rule) = find(word) {
            return Ok(Self::Rule(rule));
        }
        let rules = RULES.iter().map(|rule| rule.name);
        let known = ["all", "default"]
            .into_iter()
            .chain(Category::ALL.map(Category::as_str))
            .chain(rules);
        Err(UnknownSelector {
            word: word.to_owned(),
            suggestion: nearest(word, known).map(str::to_owned),
        })
    }

    /// Whether `rule` belongs to the set.
    pub fn covers(self, rule: &'static Rule) -> bool {
        match self {
            Self::All => true,
            Self::Default => !rule.pedantic,
            Self::Category(category) => category == rule.category && !rule.pedantic,
            Self::Rule(one) => one.name == rule.name,
        }
    }
}
