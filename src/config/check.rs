//! The form of a configuration: known keys, values of the right type, names that rules have.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Key, LEVELS, Table, What};
use super::problem::{ConfigProblem, either};
use crate::flux::FluxVersion;
use crate::postbuild::is_variable_name;
use crate::rules::{Category, RULES, find};
use crate::sink::Selector;
use crate::source::{Patterns, RepoPath};
use crate::text::suggest::nearest;

type Value<'t> = Spanned<DeValue<'t>>;

/// A list is written by hand. Each pattern is compiled and held against every file, each cluster is rendered.
const MAX_ITEMS: usize = 1_000;

/// Everything wrong with the form of a table.
pub(super) fn table(
    table: &DeTable<'_>,
    wanted: &Table,
    at: Range<usize>,
    problems: &mut Vec<ConfigProblem>,
) {
    for (key, value) in table {
        let name = key.get_ref();
        match wanted.keys.iter().find(|known| known.name == name) {
            Some(known) => check_value(known, value, problems),
            None => problems.push(unknown_key(name, key.span(), wanted)),
        }
    }
    let has = |name: &str| table.contains_key(name);
    for key in wanted.keys.iter().filter(|key| key.required && !has(key.name)) {
        problems.push(missing(key, &at));
    }
    for group in wanted.one_of {
        let there: Vec<&str> = group.iter().copied().filter(|name| has(name)).collect();
        match there.as_slice() {
            [] => problems.push(
                ConfigProblem::new(
                    format!("neither {} is there", either(group).replace(" or ", " nor ")),
                    at.clone(),
                    "says too little",
                )
                .help(format!("add {}", either(group))),
            ),
            [_] => {}
            several => problems.push(
                ConfigProblem::new(
                    format!(
                        "{} are both there",
                        several
                            .iter()
                            .map(|name| format!("`{name}`"))
                            .collect::<Vec<_>>()
                            .join(" and ")
                    ),
                    at.clone(),
                    "says two things",
                )
                .help(format!("keep {}", either(group))),
            ),
        }
    }
}

fn missing(key: &Key, at: &Range<usize>) -> ConfigProblem {
    let problem = ConfigProblem::new(
        format!("`{}` is missing", key.name),
        at.clone(),
        "says too little",
    );
    match key.name {
        "reason" => problem.help("say with `reason` why this is as it should be"),
        name => problem.help(format!("add `{name}`: {}", sentence(key.help))),
    }
}

/// The first sentence of a help text, as the end of another sentence.
fn sentence(help: &str) -> String {
    let first = help.split(". ").next().unwrap_or(help).trim_end_matches('.');
    let mut letters = first.chars();
    letters
        .next()
        .map(|letter| letter.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

fn unknown_key(name: &str, at: Range<usize>, wanted: &Table) -> ConfigProblem {
    let known: Vec<&str> = wanted.keys.iter().map(|key| key.name).collect();
    let near = nearest(name, known.iter().copied());
    ConfigProblem::new(format!("no key is called `{name}` here"), at, "not known")
        .meant(near, || format!("the keys here are {}", either(&known)))
}

fn check_value(key: &Key, value: &Value<'_>, problems: &mut Vec<ConfigProblem>) {
    match &key.what {
        What::Flag => {
            if !matches!(value.get_ref(), DeValue::Boolean(_)) {
                problems.push(wrong_type(key.name, value, "`true` or `false`"));
            }
        }
        What::True => {
            if !matches!(value.get_ref(), DeValue::Boolean(true)) {
                problems.push(wrong_type(key.name, value, "`true`, or not there at all"));
            }
        }
        What::Table(wanted) => match value.get_ref() {
            DeValue::Table(inner) => table(inner, wanted, value.span(), problems),
            _ => {
                problems.push(wrong_type(key.name, value, "a table").help(format!("write `[{}]`", key.name)))
            }
        },
        What::Tables(wanted) => tables(key, value, wanted, problems),
        What::Levels => levels(key, value, problems),
        What::Values => values(key, value, problems),
        What::Texts | What::Patterns | What::Selectors | What::Variables => {
            let DeValue::Array(items) = value.get_ref() else {
                problems.push(wrong_type(key.name, value, "a list of texts"));
                return;
            };
            if items.len() > MAX_ITEMS {
                problems.push(too_many(key.name, value, items.len()));
                return;
            }
            if items.is_empty() && !matches!(key.what, What::Patterns) {
                problems.push(ConfigProblem::new(
                    format!("`{}` is empty", key.name),
                    value.span(),
                    "says nothing",
                ));
            }
            for item in items.iter() {
                check_text(key, item, problems);
            }
        }
        _ => check_text(key, value, problems),
    }
}

fn tables(key: &Key, value: &Value<'_>, wanted: &Table, problems: &mut Vec<ConfigProblem>) {
    let list = || format!("write `[[{}]]`", key.name);
    let DeValue::Array(items) = value.get_ref() else {
        problems.push(wrong_type(key.name, value, "a list of tables").help(list()));
        return;
    };
    if items.len() > MAX_ITEMS {
        problems.push(too_many(key.name, value, items.len()));
        return;
    }
    for item in items.iter() {
        match item.get_ref() {
            DeValue::Table(inner) => table(inner, wanted, item.span(), problems),
            _ => problems.push(wrong_type(key.name, item, "a list of tables").help(list())),
        }
    }
}

fn levels(key: &Key, value: &Value<'_>, problems: &mut Vec<ConfigProblem>) {
    let DeValue::Table(inner) = value.get_ref() else {
        problems.push(wrong_type(key.name, value, "a table").help("write `[levels]`"));
        return;
    };
    for (name, level) in inner {
        if category(name.get_ref()).is_none() && find(name.get_ref()).is_none() {
            problems.push(unknown_rule(name.get_ref(), name.span(), true));
        }
        match level.get_ref() {
            DeValue::String(word) if LEVELS.contains(&&**word) => {}
            DeValue::String(word) => problems.push(
                ConfigProblem::new(format!("`{word}` is no level"), level.span(), "not known")
                    .meant(nearest(word, LEVELS.iter().copied()), || {
                        format!("the levels are {}", either(LEVELS))
                    }),
            ),
            _ => problems.push(wrong_type(name.get_ref(), level, &either(LEVELS))),
        }
    }
}

/// The category of that name.
pub(super) fn category(name: &str) -> Option<Category> {
    Category::ALL
        .into_iter()
        .find(|category| category.as_str() == name)
}

fn unknown_rule(name: &str, at: Range<usize>, or_category: bool) -> ConfigProblem {
    let what = if or_category { "rule or category" } else { "rule" };
    let categories = Category::ALL.map(Category::as_str);
    let names = RULES.iter().map(|rule| rule.name);
    let near = nearest(name, names.chain(categories.into_iter().filter(|_| or_category)));
    ConfigProblem::new(format!("no {what} is called `{name}`"), at, "not known")
        .meant(near, || "run `meshlint rules` for the names".to_owned())
}

fn values(key: &Key, value: &Value<'_>, problems: &mut Vec<ConfigProblem>) {
    let DeValue::Table(inner) = value.get_ref() else {
        problems.push(wrong_type(key.name, value, "a table of texts"));
        return;
    };
    for (name, value) in inner {
        if !is_variable_name(name.get_ref()) {
            problems.push(no_variable(name.get_ref(), name.span()));
        }
        if !matches!(value.get_ref(), DeValue::String(_)) {
            problems.push(wrong_type(name.get_ref(), value, "text").help("write it in quotes"));
        }
    }
}

fn no_variable(name: &str, at: Range<usize>) -> ConfigProblem {
    ConfigProblem::new(
        format!("`{name}` is no name of a variable"),
        at,
        "Flux refuses it",
    )
    .help("take letters, digits and `_`, and no digit first")
}

fn check_text(key: &Key, value: &Value<'_>, problems: &mut Vec<ConfigProblem>) {
    let at = value.span();
    let DeValue::String(text) = value.get_ref() else {
        let problem = wrong_type(key.name, value, "text");
        problems.push(match value.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) => problem.help("write it in quotes"),
            _ => problem,
        });
        return;
    };
    if text.trim().is_empty() {
        problems.push(ConfigProblem::new(
            format!("`{}` is empty", key.name),
            at,
            "says nothing",
        ));
        return;
    }
    problems.extend(match &key.what {
        What::Text if key.name == "reason" && !text.contains(char::is_alphanumeric) => Some(
            ConfigProblem::new("an entry gives no reason", at, "says nothing")
                .help("say why this is as it should be"),
        ),
        What::FluxVersion => flux_version(text).is_none().then(|| {
            ConfigProblem::new(format!("`{text}` is no version of Flux"), at, "not understood")
                .help("write it as in \"2.8\" or \"2.9.4\"")
        }),
        What::Path => RepoPath::root().join(text).is_err().then(|| {
            ConfigProblem::new(format!("`{text}` leaves the repository"), at, "leads outside")
                .help("write the path from the repository root, without a leading `/`")
        }),
        What::Pattern | What::Patterns => Patterns::new([&**text]).err().map(|error| {
            ConfigProblem::new(
                format!("`{text}` is no pattern for paths: {error}"),
                at,
                "not understood",
            )
        }),
        What::Rule => find(text).is_none().then(|| unknown_rule(text, at, false)),
        What::Selectors => Selector::parse(text).err().map(|unknown| {
            ConfigProblem::new(format!("no rule or category is called `{text}`"), at, "not known")
                .meant(unknown.suggestion.as_deref(), || {
                    "run `meshlint rules` for the names".to_owned()
                })
        }),
        What::Variables => (!is_variable_name(text)).then(|| no_variable(text, at)),
        What::Object { kinds, least } => object(text, at, kinds, *least),
        _ => None,
    });
}

fn object(text: &str, at: Range<usize>, kinds: &[&str], least: usize) -> Option<ConfigProblem> {
    let parts: Vec<&str> = text.split('/').collect();
    if !(least..=3).contains(&parts.len()) || parts.iter().any(|part| part.is_empty()) {
        let form = if least == 3 {
            "`KIND/NAMESPACE/NAME`"
        } else {
            "`NAME`, `NAMESPACE/NAME` or `KIND/NAMESPACE/NAME`"
        };
        return Some(
            ConfigProblem::new(format!("`{text}` names no object"), at, "not understood")
                .help(format!("write it as {form}")),
        );
    }
    let kind = parts.first().filter(|_| parts.len() == 3)?;
    (!kinds.is_empty() && !kinds.contains(kind)).then(|| {
        ConfigProblem::new(
            format!("`{kind}` is no kind that can stand here"),
            at,
            "another kind",
        )
        .meant(nearest(kind, kinds.iter().copied()), || {
            format!("the kinds are {}", either(kinds))
        })
    })
}

/// A version such as `2.8` or `2.9.4`; no range.
pub(super) fn flux_version(text: &str) -> Option<FluxVersion> {
    let parts: Vec<&str> = text.split('.').collect();
    let is_number = |part: &&str| {
        part.parse::<u32>()
            .is_ok_and(|number| number.to_string() == **part)
    };
    let is_version = (2..=3).contains(&parts.len()) && parts.iter().all(is_number);
    is_version.then(|| FluxVersion::parse(text)).flatten()
}

fn too_many(name: &str, value: &Value<'_>, count: usize) -> ConfigProblem {
    ConfigProblem::new(
        format!("`{name}` has {count} entries, more than meshlint takes ({MAX_ITEMS})"),
        value.span(),
        "too many",
    )
    .help("say the same with fewer, for example with a pattern that covers several paths")
}

fn wrong_type(name: &str, value: &Value<'_>, wanted: &str) -> ConfigProblem {
    let label = match value.get_ref() {
        DeValue::String(_) => "this is text",
        DeValue::Integer(_) | DeValue::Float(_) => "this is a number",
        DeValue::Boolean(_) => "this is yes or no",
        DeValue::Datetime(_) => "this is a date",
        DeValue::Array(_) => "this is a list",
        DeValue::Table(_) => "this is a table",
    };
    ConfigProblem::new(format!("`{name}` is to be {wanted}"), value.span(), label)
}
