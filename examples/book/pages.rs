//! The sources of the book: documents and rule pages as they lie in the project, in the same places, so that links between them hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use meshlint::rules::{Category, RULES, Rule};

/// Chapters in their order, without the rules: title and path.
const CHAPTERS: &[(&str, &[(&str, &str)])] = &[
    (
        "Using it",
        &[
            ("Getting started", "docs/getting-started.md"),
            ("Commands and options", "docs/commands.md"),
            ("Configuration", "docs/configuration.md"),
            ("Output formats", "docs/formats.md"),
            ("In continuous integration", "docs/ci.md"),
            ("In an editor", "docs/editors.md"),
        ],
    ),
    (
        "Knowing it",
        &[
            ("How clusters are found", "docs/clusters.md"),
            ("What is rendered, and what is unknown", "docs/fidelity.md"),
            ("Comparison", "docs/comparison.md"),
            ("Versions and what they may change", "docs/versioning.md"),
        ],
    ),
    (
        "Working on it",
        &[
            ("Contributing", "CONTRIBUTING.md"),
            ("Architecture", "docs/architecture.md"),
            ("Dependencies", "docs/dependencies.md"),
            ("Security", "SECURITY.md"),
            ("Changelog", "CHANGELOG.md"),
        ],
    ),
];

/// Files that pages link to and that are not pages.
const ASSETS: &[&str] = &[
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "schema/meshlint-output-v1.json",
    "schema/meshlint-config-v1.json",
    "schema/meshlint-clusters-v1.json",
    "schema/meshlint-diff-v1.json",
    "schema/meshlint-services-v1.json",
    "schema/meshlint-list-v1.json",
    "schema/meshlint-trace-v1.json",
];

/// Every file of the book's source by its path.
///
/// # Errors
///
/// When a document of the project cannot be read.
pub(crate) fn sources(project: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let documents = CHAPTERS.iter().flat_map(|(_, chapters)| *chapters);
    let paths = documents.map(|(_, path)| *path).chain(ASSETS.iter().copied());
    for path in paths.chain(["README.md"]) {
        let text = fs::read_to_string(project.join(path))
            .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
        files.insert(path.to_owned(), text);
    }
    for rule in RULES {
        files.insert(page_path(rule), with_titles(rule.page));
    }
    files.insert("rules/README.md".to_owned(), rules_overview());
    files.insert("SUMMARY.md".to_owned(), summary());
    Ok(files)
}

fn page_path(rule: &Rule) -> String {
    format!("rules/{}/{}.md", rule.category.as_str(), rule.name)
}

fn rules_of(category: Category) -> impl Iterator<Item = &'static Rule> {
    RULES
        .iter()
        .copied()
        .filter(move |rule| rule.category == category)
}

fn summary() -> String {
    let mut text = "# Summary\n\n[meshlint](README.md)\n".to_owned();
    for (part, chapters) in &CHAPTERS[..2] {
        add_part(&mut text, part, chapters);
    }
    text.push_str("\n# Rules\n\n- [All rules](rules/README.md)\n");
    for category in Category::ALL {
        for rule in rules_of(category) {
            let _ = writeln!(text, "  - [{}]({})", rule.name, page_path(rule));
        }
    }
    for (part, chapters) in &CHAPTERS[2..] {
        add_part(&mut text, part, chapters);
    }
    text
}

fn add_part(text: &mut String, part: &str, chapters: &[(&str, &str)]) {
    let _ = writeln!(text, "\n# {part}\n");
    for (title, path) in chapters {
        let _ = writeln!(text, "- [{title}]({path})");
    }
}

fn rules_overview() -> String {
    let mut text =
        "# Rules\n\nEach page tells what the rule checks, what happens at run time where it is broken, and \
                    how to mend it. The examples on a page are the tests of its rule.\n"
            .to_owned();
    for category in Category::ALL {
        let _ = write!(
            text,
            "\n## {}\n\n| rule | level | finds |\n|---|---|---|\n",
            category.as_str()
        );
        for rule in rules_of(category) {
            let level = if rule.pedantic {
                "pedantic".to_owned()
            } else {
                rule.severity.to_string()
            };
            let path = format!("{}/{}.md", category.as_str(), rule.name);
            let _ = writeln!(text, "| [{}]({path}) | {level} | {} |", rule.name, rule.summary());
        }
    }
    text
}

/// Puts the path of an example, which the page has behind its fence, into a line of its own: mdBook does not show it.
fn with_titles(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    for line in page.lines() {
        let fence = line.split_once(" title=\"");
        match fence.and_then(|(fence, rest)| Some((fence, rest.split_once('"')?))) {
            Some((fence, (title, form))) if fence.starts_with("```") => {
                let _ = writeln!(
                    text,
                    "<p class=\"file\">{title}{}</p>\n\n{fence}",
                    shown(form.trim())
                );
            }
            _ => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text
}

/// What a reader has to know of the form of a block.
fn shown(form: &str) -> String {
    let (form, version) = form.split_once('=').unwrap_or((form, ""));
    match form {
        "cilium" | "mesh" => format!(" (values of Cilium {version})").replace(" )", ")"),
        _ => String::new(),
    }
}
