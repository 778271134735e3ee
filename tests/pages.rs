//! Every rule against its own page: the page is the explanation that people read and the rule's test at once.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use common::page::{Example, Mark, examples, headings, marks};
use meshlint::engine::{self, Config};
use meshlint::rules::{Category, RULES, Rule};
use meshlint::sink::{Policy, Selector};
use meshlint::source::SourceMap;

const HEADINGS: [&str; 7] = [
    "What it checks",
    "Why it matters",
    "Fails",
    "Passes",
    "How to fix",
    "Limits",
    "See also",
];

fn page_path(rule: &Rule) -> std::path::PathBuf {
    common::project()
        .join("rules")
        .join(rule.category.as_str())
        .join(format!("{}.md", rule.name))
}

/// Collects what is wrong over all rules, so that one run shows everything.
#[derive(Default)]
struct Faults(String);

impl Faults {
    fn add(&mut self, rule: &Rule, what: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{}: {what}", rule.name);
    }

    fn none(self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}

#[test]
fn the_registry_is_in_order() {
    let keys: Vec<_> = RULES.iter().map(|rule| (rule.category, rule.name)).collect();
    assert!(
        keys.is_sorted(),
        "rules are not sorted by category, then name: {keys:#?}"
    );
    let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len(), "two rules have one name");
    for rule in RULES {
        let is_kebab = rule.name.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        assert!(is_kebab, "`{}` is not in kebab case", rule.name);
        let source = common::project().join("src/rules").join(rule.category.as_str());
        let source = source.join(format!("{}.rs", rule.name.replace('-', "_")));
        assert!(source.is_file(), "`{}` is not in {}", rule.name, source.display());
    }
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let mut pages = BTreeSet::new();
    for category in Category::ALL {
        let directory = common::project().join("rules").join(category.as_str());
        let Ok(entries) = std::fs::read_dir(&directory) else {
            continue;
        };
        pages.extend(
            entries
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some()),
        );
    }
    let wanted: BTreeSet<_> = RULES.iter().map(|rule| page_path(rule)).collect();
    assert_eq!(pages, wanted);
    for rule in RULES {
        assert_eq!(
            rule.page,
            std::fs::read_to_string(page_path(rule)).unwrap(),
            "`{}` shows another page",
            rule.name
        );
    }
}

#[test]
fn pages_have_their_headings_in_order() {
    let mut faults = Faults::default();
    for rule in RULES {
        if !rule.page.starts_with(&format!("# {}\n\n", rule.name)) {
            faults.add(rule, "the page does not begin with its title");
        }
        let found = headings(rule.page);
        if found != HEADINGS {
            faults.add(rule, format!("headings are {found:?}, not {HEADINGS:?}"));
        }
        let summary = rule.summary();
        if !summary.ends_with('.') || summary.len() < 20 {
            faults.add(rule, format!("no summary sentence: `{summary}`"));
        }
    }
    faults.none();
}

#[test]
fn page_headers_come_from_the_code() {
    for rule in RULES {
        let mut lines: Vec<&str> = rule.page.lines().collect();
        let header = rule.header();
        match lines.get(2) {
            Some(line) if line.starts_with("**") => lines[2] = &header,
            _ => {
                let below_title = lines.len().min(2);
                lines.splice(below_title..below_title, [header.as_str(), ""]);
            }
        }
        common::check_generated(&page_path(rule), rule.page, &format!("{}\n", lines.join("\n")));
    }
}

/// It names every rule, so a new rule changes it.
#[test]
fn the_schema_of_the_configuration_comes_from_the_code() {
    let path = common::project().join("schema/meshlint-config-v1.json");
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    let wanted = serde_json::to_string_pretty(&meshlint::config::schema()).unwrap() + "\n";
    common::check_generated(&path, &current, &wanted);
}

#[test]
fn fails_fail_exactly_where_marked() {
    let mut faults = Faults::default();
    for rule in RULES {
        let examples = examples(rule.page, "Fails");
        if examples.is_empty() {
            faults.add(rule, "`Fails` shows no repository");
        }
        for example in &examples {
            let wanted = wanted(example);
            if !wanted.iter().any(|mark| mark.rule == rule.name) {
                faults.add(rule, format!("`{}` marks no line with this rule", example.title));
            }
            compare(rule, example, &wanted, &mut faults);
        }
    }
    faults.none();
}

#[test]
fn passes_are_silent() {
    let mut faults = Faults::default();
    for rule in RULES {
        let examples = examples(rule.page, "Passes");
        if examples.is_empty() {
            faults.add(rule, "`Passes` shows no repository");
        }
        for example in &examples {
            if !wanted(example).is_empty() {
                faults.add(rule, format!("`{}` has marks", example.title));
            }
            compare(rule, example, &[], &mut faults);
        }
    }
    faults.none();
}

fn wanted(example: &Example) -> Vec<Mark> {
    let mut wanted: Vec<Mark> = example
        .repository()
        .iter()
        .flat_map(|(path, text)| marks(path, text))
        .collect();
    wanted.sort();
    wanted
}

fn compare(rule: &'static Rule, example: &Example, wanted: &[Mark], faults: &mut Faults) {
    let (found, messages) = found(rule, example);
    for mark in wanted {
        match found.iter().filter(|one| *one == mark).count() {
            1 => {}
            0 => faults.add(rule, format!("`{}` misses {}", example.title, show(mark))),
            more => faults.add(
                rule,
                format!("`{}` finds {more} times {}", example.title, show(mark)),
            ),
        }
    }
    for (mark, message) in found.iter().zip(&messages) {
        if !wanted.contains(mark) {
            faults.add(
                rule,
                format!("`{}` finds unmarked {}: {message}", example.title, show(mark)),
            );
        }
    }
}

fn show(mark: &Mark) -> String {
    format!("{}[{}] on {}:{}", mark.level, mark.rule, mark.path, mark.line)
}

/// What a run finds in the example, with every rule and this one even when it is pedantic.
fn found(rule: &'static Rule, example: &Example) -> (Vec<Mark>, Vec<String>) {
    let sources = SourceMap::from_memory(example.repository());
    let config = Config {
        policy: Policy {
            select: vec![Selector::Default, Selector::Rule(rule)],
            ..Policy::default()
        },
        ..Config::default()
    };
    let run = engine::check(&sources, &config);
    let mark = |one: &meshlint::sink::Reported| {
        assert_eq!(one.finding.rule, one.rule.name, "a finding of no registered rule");
        let span = one.finding.primary().span;
        let file = sources.file(span.file);
        Mark {
            path: file.path().as_str().to_owned(),
            line: file.line_column(span.start).line,
            level: one.severity.to_string(),
            rule: one.rule.name.to_owned(),
        }
    };
    let findings = &run.outcome.findings;
    (
        findings.iter().map(mark).collect(),
        findings.iter().map(|one| one.finding.message.clone()).collect(),
    )
}

/// The table of rules in the README stands between these lines.
const TABLE: (&str, &str) = ("<!-- rules: begin -->\n", "<!-- rules: end -->");

#[test]
fn the_readme_lists_the_rules() {
    let path = common::project().join("README.md");
    let readme = std::fs::read_to_string(&path).expect("there is a README.md");
    let (before, rest) = readme
        .split_once(TABLE.0)
        .expect("the README has a line `<!-- rules: begin -->`");
    let (_, after) = rest
        .split_once(TABLE.1)
        .expect("the README has a line `<!-- rules: end -->`");
    let wanted = format!("{before}{}{}{}{after}", TABLE.0, table(), TABLE.1);
    common::check_generated(&path, &readme, &wanted);
}

fn table() -> String {
    let mut table = String::from("| rule | level | finds |\n|---|---|---|\n");
    for rule in RULES {
        let page = Path::new("rules")
            .join(rule.category.as_str())
            .join(format!("{}.md", rule.name));
        let level = if rule.pedantic {
            "pedantic"
        } else {
            rule.severity.as_str()
        };
        let _ = writeln!(
            table,
            "| [{}]({}) | {level} | {} |",
            rule.name,
            page.display(),
            rule.summary()
        );
    }
    table
}

mod reading_pages {
    use super::*;

    const PAGE: &str = "# x\n\n## Fails\n\n```yaml title=\"a.yaml\"\na: 1 # error: x # warning: y\n# not a mark: x\n```\n\n\
        ### Another\n\n````yaml title=\"b.yaml\"\n```\n## no heading\n````\n```yaml\nshown: only\n```\n\n## Passes\n";

    #[test]
    fn blocks_and_sub_headings_make_repositories() {
        let examples = examples(PAGE, "Fails");
        let shape: Vec<_> = examples
            .iter()
            .map(|e| (e.title.as_str(), e.files.len(), e.files[0].path.as_str()))
            .collect();
        assert_eq!(shape, [("Fails", 1, "a.yaml"), ("Fails: Another", 1, "b.yaml")]);
        assert_eq!(examples[1].files[0].text, "```\n## no heading\n");
        assert_eq!(headings(PAGE), ["Fails", "Passes"]);
        assert_eq!(examples[0].repository().len(), 3);
    }

    #[test]
    fn a_line_may_have_several_marks() {
        let example = &examples(PAGE, "Fails")[0];
        let found = marks("a.yaml", &example.files[0].text);
        let shape: Vec<_> = found
            .iter()
            .map(|mark| (mark.line, mark.level.as_str(), mark.rule.as_str()))
            .collect();
        assert_eq!(shape, [(1, "error", "x"), (1, "warning", "y")]);
    }
}
