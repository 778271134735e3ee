//! Entry paths that hold variables: `${FLUX_PATH}`, `./clusters/${ENVIRONMENT}/${CLUSTER}`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use crate::fleet::inventory::Inventory;
use crate::source::RepoPath;
use crate::yaml::Node;

type Scope = BTreeMap<String, String>;

/// `${NAME}`, with or without a default.
fn expression() -> Option<&'static Regex> {
    static EXPRESSION: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}]*))?\}").ok());
    EXPRESSION.as_ref()
}

/// Whether the text is a template of another language and no path at all.
pub(crate) fn is_template(text: &str) -> bool {
    ["<<", "{{", "$("].iter().any(|mark| text.contains(mark))
}

/// The existing directories that a path may mean: as the settings of the repository fill in its variables, else
/// every directory that it matches with a variable standing for any name.
pub(crate) fn directories(inventory: &Inventory, path: &str) -> Vec<RepoPath> {
    if is_template(path) {
        return Vec::new();
    }
    if !path.contains("${") {
        let directory = RepoPath::clamp(path);
        return if inventory.sources.is_directory(&directory) {
            vec![directory]
        } else {
            Vec::new()
        };
    }
    let filled: BTreeSet<RepoPath> = scopes(inventory, &names(path))
        .iter()
        .filter_map(|scope| fill(path, scope))
        .map(|text| RepoPath::clamp(&text))
        .filter(|directory| !directory.is_root() && inventory.sources.is_directory(directory))
        .collect();
    if filled.is_empty() {
        matching(inventory, path)
    } else {
        filled.into_iter().collect()
    }
}

fn names(path: &str) -> BTreeSet<String> {
    let captures = expression()
        .into_iter()
        .flat_map(|regex| regex.captures_iter(path));
    captures
        .filter_map(|found| found.get(1))
        .map(|name| name.as_str().to_owned())
        .collect()
}

fn fill(path: &str, scope: &Scope) -> Option<String> {
    let regex = expression()?;
    let mut complete = true;
    let filled = regex.replace_all(path, |found: &regex::Captures| {
        let default = found.get(2).map(|word| word.as_str().to_owned());
        match scope.get(&found[1]).cloned().or(default) {
            Some(value) => value,
            None => {
                complete = false;
                String::new()
            }
        }
    });
    complete.then(|| filled.into_owned())
}

/// The places that give values to these variables: ConfigMaps, `postBuild.substitute`, env files.
fn scopes(inventory: &Inventory, names: &BTreeSet<String>) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for (file, source) in inventory.sources.iter() {
        let path = source.path();
        let is_env = path.file_name().ends_with(".env") && !source.is_ignored();
        if !is_env && inventory.live.binary_search(&file).is_err() {
            continue;
        }
        let Ok(text) = source.text() else { continue };
        let finder = |name: &String| memmem::find(text.as_bytes(), name.as_bytes()).is_some();
        if !names.iter().any(finder) {
            continue;
        }
        if is_env {
            scopes.push(env_scope(text));
        } else {
            scopes.extend(inventory.documents(file).filter_map(object_scope));
        }
    }
    scopes
}

fn env_scope(text: &str) -> Scope {
    text.lines()
        .filter_map(|line| line.trim_start().split_once('='))
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

fn object_scope(node: &Node) -> Option<Scope> {
    let values = match node.text_at(&["kind"])? {
        "ConfigMap" => node.get("data")?,
        "Kustomization" => node.at(&["spec", "postBuild", "substitute"])?,
        _ => return None,
    };
    let text = |entry: &crate::yaml::Entry| {
        Some((entry.key.as_text()?.to_owned(), entry.value.as_text()?.to_owned()))
    };
    Some(values.entries().iter().filter_map(text).collect())
}

/// Directories that fit a path in which each variable stands for part of one name.
fn matching(inventory: &Inventory, path: &str) -> Vec<RepoPath> {
    let Some(regex) = expression() else {
        return Vec::new();
    };
    let clamped = RepoPath::clamp(path);
    let has_literal = clamped.components().any(|part| !regex.is_match(part));
    if !has_literal {
        return Vec::new();
    }
    let mut found = vec![RepoPath::root()];
    for part in clamped.components() {
        let pattern: Vec<&str> = regex.split(part).collect();
        found = found
            .iter()
            .flat_map(|directory| {
                let names = inventory.sources.list(directory).into_iter();
                let fits = names
                    .filter(|(name, _)| fits(name, &pattern))
                    .map(|(name, _)| directory.child(name));
                fits.collect::<Vec<_>>()
            })
            .filter(|child| inventory.sources.is_directory(child))
            .collect();
    }
    found
}

/// Whether the name is the literal parts in order with something between them.
fn fits(name: &str, literals: &[&str]) -> bool {
    let [first, between @ .., last] = literals else {
        return literals == [name];
    };
    let Some(mut rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    for literal in between {
        let Some(at) = rest.find(literal) else {
            return false;
        };
        rest = rest.get(at + literal.len()..).unwrap_or_default();
    }
    !rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_from_one_scope_or_their_default() {
        let scope = Scope::from([("ENV".to_owned(), "prod".to_owned())]);
        assert_eq!(
            fill("clusters/${ENV}/${N:=00}", &scope).as_deref(),
            Some("clusters/prod/00")
        );
        assert_eq!(fill("clusters/${ENV}/${N}", &scope), None);
    }

    #[test]
    fn a_variable_stands_for_at_least_one_character_of_one_name() {
        assert!(fits("prod", &["", ""]));
        assert!(fits("cluster-a", &["cluster-", ""]));
        assert!(!fits("cluster-", &["cluster-", ""]));
        assert!(fits("base", &["base"]));
        assert!(!fits("bases", &["base"]));
    }
}
