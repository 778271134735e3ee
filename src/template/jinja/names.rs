//! What the names in a Jinja template stand for, and so which lines state what an expression printed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::Span;
use crate::template::written::printed;
use crate::yaml::{Node, Substitution};

/// Variables that are made of variables.
pub(super) const MAX_DEPTH: usize = 16;

/// What the names in a template stand for.
pub(super) struct Variables<'a> {
    nodes: &'a BTreeMap<String, Node>,
    /// Names that loops and `set` give, with the expression that they are made of.
    local: Vec<(String, String)>,
}

impl<'a> Variables<'a> {
    pub(super) fn of(nodes: &'a BTreeMap<String, Node>, text: &str) -> Self {
        static LOCAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"\{%[-+]?\s*(?:for\s+(\w+)(?:\s*,\s*(\w+))?\s+in\s+(.*?)|set\s+(\w+)\s*=\s*(.*?))\s*[-+]?%\}").ok()
        });
        let mut local = Vec::new();
        for found in LOCAL.iter().flat_map(|regex| regex.captures_iter(text)) {
            let made_of = found.get(3).or(found.get(5)).map_or("", |one| one.as_str());
            for name in [1, 2, 4].into_iter().filter_map(|at| found.get(at)) {
                local.push((name.as_str().to_owned(), made_of.to_owned()));
            }
        }
        Self { nodes, local }
    }

    /// What took part in an expression that printed `text` when it was met for the `count`th time.
    pub(super) fn taken(&self, expression: &str, at: Span, text: &str, count: usize) -> Vec<Substitution> {
        let mut taken = Vec::new();
        let falls_back = has_fallback(expression);
        for path in paths(expression) {
            let place = self.place(&path, text, count, 0);
            let unknown = match &place {
                NamePlace::Known(node) => node.origin().is_unknown(),
                NamePlace::Made => false,
                NamePlace::Nowhere => !falls_back,
            };
            let value = match &place {
                NamePlace::Known(node) => Some(node.origin().edit_span()),
                _ => None,
            };
            if value.is_some() || unknown {
                taken.push(Substitution {
                    variable: path.join(".").into(),
                    expression: at,
                    value,
                    unknown,
                    output: None,
                });
            }
        }
        if text == "unknown" && taken.iter().all(|one| !one.unknown) {
            taken.push(Substitution {
                variable: expression.into(),
                expression: at,
                value: None,
                unknown: true,
                output: None,
            });
        }
        taken
    }

    fn place(&self, path: &[String], text: &str, count: usize, depth: usize) -> NamePlace<'_> {
        let Some((root, fields)) = path.split_first() else {
            return NamePlace::Made;
        };
        if let Some(node) = self.nodes.get(root) {
            let keys: Vec<&str> = fields.iter().map(String::as_str).collect();
            return match node.at(&keys) {
                Some(node) if node.as_scalar().is_some() => NamePlace::Known(node),
                Some(node) => printed(node, None, text, count).map_or(NamePlace::Made, NamePlace::Known),
                None => {
                    printed(node, fields.last(), text, count).map_or(NamePlace::Nowhere, NamePlace::Known)
                }
            };
        }
        let mut made_of = self.local.iter().filter(|(name, _)| name == root).peekable();
        if made_of.peek().is_none() || depth > MAX_DEPTH {
            return match root.as_str() {
                "loop" | "range" | "true" | "false" | "none" | "namespace" | "dict" => NamePlace::Made,
                _ => NamePlace::Nowhere,
            };
        }
        let mut nowhere = false;
        for (_, expression) in made_of {
            for other in paths(expression) {
                let mut whole = other.clone();
                whole.extend(fields.iter().cloned());
                match self.place(&other, text, count, depth + 1) {
                    NamePlace::Known(node) if node.as_scalar().is_some() => return NamePlace::Known(node),
                    NamePlace::Nowhere => nowhere = true,
                    _ => {}
                }
                if let Some(node) = self.nodes.get(&other[0])
                    && let Some(found) = printed(node, fields.last(), text, count)
                {
                    return NamePlace::Known(found);
                }
            }
        }
        if nowhere {
            NamePlace::Nowhere
        } else {
            NamePlace::Made
        }
    }

    /// Whether a condition or a loop asks for what is nowhere.
    pub(super) fn leaves_open(&self, text: &str) -> bool {
        static STATEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"\{%[-+]?\s*(?:if|elif|for\s+\w+(?:\s*,\s*\w+)?\s+in)\s+(.*?)\s*[-+]?%\}").ok()
        });
        let statements = STATEMENT.iter().flat_map(|regex| regex.captures_iter(text));
        statements
            .map(|found| found[1].to_owned())
            .filter(|expression| !has_fallback(expression))
            .any(|expression| {
                paths(&expression)
                    .iter()
                    .any(|path| match self.place(path, "\u{0}", 0, 0) {
                        NamePlace::Known(node) => node.origin().is_unknown(),
                        NamePlace::Nowhere => {
                            !self.nodes.contains_key(&path[0])
                                && !self.local.iter().any(|(name, _)| *name == path[0])
                        }
                        NamePlace::Made => false,
                    })
            })
    }
}

enum NamePlace<'a> {
    Known(&'a Node),
    /// Made by the template itself.
    Made,
    Nowhere,
}

fn has_fallback(expression: &str) -> bool {
    static FALLBACK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\|\s*(?:default|d)\b|\bis\s+(?:not\s+)?(?:un)?defined\b").ok());
    FALLBACK.as_ref().is_some_and(|regex| regex.is_match(expression))
}

/// The dotted names in an expression, without those of filters, tests, functions and keywords.
fn paths(expression: &str) -> Vec<Vec<String>> {
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"'[^']*'|"[^"]*"|\|\s*\w+|\bis\s+(?:not\s+)?\w+|([A-Za-z_]\w*(?:\.\w+|\[['"][^'"\]]*['"]\])*)(\s*\()?"#).ok()
    });
    const KEYWORDS: [&str; 12] = [
        "and", "or", "not", "if", "else", "in", "is", "true", "false", "none", "True", "False",
    ];
    let mut all = Vec::new();
    for found in WORD.iter().flat_map(|regex| regex.captures_iter(expression)) {
        let Some(path) = found.get(1) else { continue };
        let mut path = steps(path.as_str());
        if KEYWORDS.contains(&path.first().map_or("", String::as_str)) {
            continue;
        }
        // The last step of something that is called is a method.
        if found.get(2).is_some() {
            path.pop();
        }
        if !path.is_empty() {
            all.push(path);
        }
    }
    all
}

/// The steps of `a.b['c']`.
pub(super) fn steps(path: &str) -> Vec<String> {
    path.split(['.', '['])
        .map(|step| step.trim_matches(|c| matches!(c, '\'' | '"' | ']')).to_owned())
        .filter(|step| !step.is_empty())
        .collect()
}
