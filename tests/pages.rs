//! Every rule against its own page: the page is the explanation that people read and the rule's test at once.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use common::compare::{differences, show};
use common::found::found;
use common::mark::{Mark, Says, taken_out};
use common::page::{Example, cases_directory, examples, headings, with_cases};
use meshlint::rules::{Category, RULES, Rule};

/// Those of rules about a change have what it began from, too.
const BEFORE: (usize, &str) = (3, "Before");

const HEADINGS: [&str; 7] = [
    "What it finds",
    "Why it matters",
    "How to fix",
    "Fails",
    "Passes",
    "Limits",
    "See also",
];

const LONGEST_PAGE: usize = 300;

const LEVELS: [&str; 3] = ["error", "warning", "info"];

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
fn further_cases_belong_to_rules() {
    for entry in walkdir::WalkDir::new(cases_directory()) {
        let path = entry.unwrap().path().to_owned();
        if path.is_file() {
            let below = path.strip_prefix(cases_directory()).unwrap();
            let page = common::project().join("rules").join(below);
            assert!(page.is_file(), "{} belongs to no page", path.display());
        }
    }
}

/// Pages are to be read: what only tests need is a further case.
#[test]
fn pages_are_short() {
    let mut lines: Vec<_> = RULES
        .iter()
        .map(|rule| (rule.page.lines().count(), rule.name))
        .collect();
    lines.sort_unstable();
    assert!(lines.last().unwrap().0 <= LONGEST_PAGE, "{lines:?}");
}

#[test]
fn pages_have_their_headings_in_order() {
    let mut faults = Faults::default();
    for rule in RULES {
        if !rule.page.starts_with(&format!("# {}\n\n", rule.name)) {
            faults.add(rule, "the page does not begin with its title");
        }
        let found = headings(rule.page);
        let mut wanted = HEADINGS.to_vec();
        if rule.category == Category::Change {
            wanted.insert(BEFORE.0, BEFORE.1);
        }
        if found != wanted {
            faults.add(rule, format!("headings are {found:?}, not {wanted:?}"));
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
        let examples = examples(&with_cases(rule), "Fails");
        if examples.is_empty() {
            faults.add(rule, "`Fails` shows no repository");
        }
        for example in &examples {
            let wanted = example.marks();
            if !wanted.iter().any(|mark| names(mark, rule.name)) {
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
        let examples = examples(&with_cases(rule), "Passes");
        if examples.is_empty() {
            faults.add(rule, "`Passes` shows no repository");
        }
        for example in &examples {
            if !example.marks().is_empty() {
                faults.add(rule, format!("`{}` has marks", example.title));
            }
            compare(rule, example, &[], &mut faults);
        }
    }
    faults.none();
}

fn names(mark: &Mark, name: &str) -> bool {
    matches!(&mark.says, Says::Finding { rule, .. } if rule == name)
}

fn compare(rule: &'static Rule, example: &Example, wanted: &[Mark], faults: &mut Faults) {
    for difference in differences(&found(rule, example), wanted) {
        faults.add(rule, format!("`{}` {difference}", example.title));
    }
}

/// Texts that no mark holds could say anything: those of the rule itself have to be written.
#[test]
fn the_words_of_every_rule_are_marked() {
    let mut faults = Faults::default();
    for rule in RULES {
        if common::bless() {
            write_words(rule);
        }
        let marks: Vec<Mark> = examples(&with_cases(rule), "Fails")
            .iter()
            .flat_map(Example::marks)
            .collect();
        let own = marks.iter().filter(|mark| names(mark, rule.name));
        for mark in own {
            if matches!(&mark.says, Says::Finding { message: None, .. }) {
                faults.add(rule, format!("{} has no message", show(mark)));
            }
        }
        if !marks.iter().any(|mark| matches!(mark.says, Says::Label(_))) {
            faults.add(rule, "no label is marked");
        }
        if !marks.iter().any(|mark| matches!(mark.says, Says::Help(_))) {
            faults.add(rule, "no help is marked");
        }
    }
    faults.none();
}

/// Writes what is found into the marks that name nothing but the rule: each message, and each label and help once. Files of an
/// example that hold such marks have to stand in the order of their paths.
fn write_words(rule: &'static Rule) {
    let is_bare = |mark: &Mark| matches!(mark.says, Says::Finding { message: None, .. });
    let mut words = Vec::new();
    for example in examples(&with_cases(rule), "Fails") {
        let marks = example.marks();
        let bare = marks
            .iter()
            .filter(|mark| names(mark, rule.name) && is_bare(mark));
        let bare: Vec<&Mark> = bare.collect();
        let found = if bare.is_empty() {
            Vec::new()
        } else {
            found(rule, &example)
        };
        words.extend(bare.into_iter().map(|mark| {
            let one = found.iter().find(|one| one.said(mark).is_some());
            one.map(|one| (one.message.clone(), one.labels.clone(), one.help.clone()))
        }));
    }
    let mut words = words.into_iter();
    let cases = cases_directory()
        .join(rule.category.as_str())
        .join(format!("{}.md", rule.name));
    let mut written = BTreeSet::new();
    for path in [page_path(rule), cases] {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let mut out = String::new();
        for line in text.lines() {
            let end = LEVELS
                .iter()
                .find(|level| line.ends_with(&format!("# {level}: {}", rule.name)));
            out.push_str(line);
            if end.is_some()
                && let Some(Some((message, labels, help))) = words.next()
            {
                let indent = &line[..line.len() - line.trim_start().len()];
                let _ = write!(out, " \"{message}\"");
                let first = labels.first().map(|(_, text)| ("label", text.clone()));
                for (word, text) in first.into_iter().chain([("help", help)]) {
                    if !text.is_empty() && written.insert((word, text.clone())) {
                        let _ = write!(out, "\n{indent}# {word}: \"{text}\"");
                    }
                }
            }
            out.push('\n');
        }
        if out != text {
            std::fs::write(&path, out).expect("the page can be written");
        }
    }
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

    const PAGE: &str = "# x\n\n## Fails\n\n```yaml title=\"a.yaml\"\na: 1 # error: x # warning: y \"it is # 1\"\n# label: \"here\"\n\
        # not a mark: x\nb: 2\n```\n\n### Another\n\n````yaml title=\"b.yaml\"\n```\n## no heading\n````\n```yaml\nshown: only\n```\n\n\
        ## Passes\n\nLike *Fails*, but:\n\n```diff title=\"a.yaml\"\n-b: 2\n+b: 3\n+c: 4\n```\n";

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
    fn marks_are_no_part_of_the_file_and_may_be_several() {
        let example = &examples(PAGE, "Fails")[0];
        let (text, found) = taken_out("a.yaml", &example.files[0].text);
        assert_eq!(text, "a: 1\n# not a mark: x\nb: 2\n");
        let shape: Vec<_> = found.iter().map(show).collect();
        assert_eq!(
            shape,
            [
                "error[x]  on a.yaml:1",
                "warning[y] it is # 1 on a.yaml:1",
                "the label \"here\" on a.yaml:1"
            ]
        );
    }

    #[test]
    fn an_example_may_begin_like_another() {
        let example = &examples(PAGE, "Passes")[0];
        assert_eq!(
            example.repository()["a.yaml"],
            "a: 1\n# not a mark: x\nb: 3\nc: 4\n"
        );
        assert_eq!(example.marks(), []);
    }

    #[test]
    fn what_a_fence_leaves_out_of_a_known_document_is_supplied() {
        let page = "## Fails\n\n```yaml title=\"clusters/edge/cilium.yaml\" mesh=1.19.6\ncluster:\n  id: 7 # error: x\n\
            clustermesh:\n  apiserver:\n    replicas: 2\n```\n";
        let example = &examples(page, "Fails")[0];
        let repository = example.repository();
        let text = &repository["clusters/edge/cilium.yaml"];
        for part in [
            "      version: 1.19.6\n",
            "    cluster:\n      name: edge\n      id: 7\n",
            "      apiserver:\n        service:\n          type: LoadBalancer\n",
            "        replicas: 2\n",
            "          - name: edge\n            address: edge.mesh.cilium.io\n",
            "kind: ExternalSecret\n",
        ] {
            assert!(text.contains(part), "{part}{text}");
        }
        assert_eq!(text.matches("id: ").count(), 1);
        let names: Vec<_> = repository.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "clusters/apps/cilium.yaml",
                "clusters/apps/flux-system/gotk-sync.yaml",
                "clusters/edge/cilium.yaml",
                "clusters/edge/flux-system/gotk-sync.yaml",
                "clusters/infra/cilium.yaml",
                "clusters/infra/flux-system/gotk-sync.yaml"
            ]
        );
        let marked = text.lines().nth(example.marks()[0].line - 1);
        assert_eq!(marked.map(str::trim), Some("id: 7"));
    }
}
