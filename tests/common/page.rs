//! Reading a rule's page: its headings, and the repositories in its examples.
//!
//! CONTRIBUTING.md tells what fences may say; `form.rs` holds the documents that need not be written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use meshlint::rules::Rule;

use super::form::{self, Form};
use super::mark::{self, Mark};

/// A fenced block of a page that stands for a file.
#[derive(Debug, Clone)]
pub struct Block {
    pub path: String,
    pub form: Form,
    pub text: String,
}

/// A small repository that a page shows.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// Section and sub-heading, for messages.
    pub title: String,
    pub files: Vec<Block>,
    /// Whether the page wants no entry points put beside its files.
    pub bare: bool,
    /// The version of Cilium of a mesh that the page does not write.
    pub mesh: Option<String>,
    /// What a change began from.
    pub before: Option<Box<Example>>,
}

impl Example {
    /// The files without their marks, with entry points of the clusters unless the page brings its own.
    pub fn repository(&self) -> BTreeMap<String, String> {
        self.read().0
    }

    pub fn marks(&self) -> Vec<Mark> {
        self.read().1
    }

    fn read(&self) -> (BTreeMap<String, String>, Vec<Mark>) {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        if !self.bare && !self.files.iter().any(is_entry_point) {
            for cluster in self.clusters() {
                let path = format!("clusters/{cluster}/flux-system/gotk-sync.yaml");
                files.insert(path, form::sync(&cluster));
            }
        }
        files.extend(self.unwritten_members());
        let members = self.members();
        let mut marks = Vec::new();
        for block in &self.files {
            let whole = block.form.complete(&block.path, &block.text, &members);
            let (text, found) = mark::taken_out(&block.path, &whole);
            marks.extend(found);
            let twice = files.insert(block.path.clone(), text);
            assert!(twice.is_none(), "{}: `{}` is there twice", self.title, block.path);
        }
        marks.sort();
        (files, marks)
    }

    /// `infra`, `apps`, and every other directory of `clusters/`.
    fn clusters(&self) -> Vec<String> {
        with_others(self.files.iter())
    }

    /// The clusters of the mesh that `mesh` fences make.
    fn members(&self) -> Vec<String> {
        with_others(
            self.files
                .iter()
                .filter(|block| matches!(block.form, Form::Member(_))),
        )
    }

    /// The releases of members that the page leaves out: they are as usual.
    fn unwritten_members(&self) -> Vec<(String, String)> {
        let version = self.files.iter().find_map(|block| match &block.form {
            Form::Member(version) => Some(version),
            _ => None,
        });
        let Some(version) = self.mesh.as_ref().or(version) else {
            return Vec::new();
        };
        let members = self.members();
        let paths = ["infra", "apps"].map(|cluster| format!("clusters/{cluster}/cilium.yaml"));
        let left_out = paths
            .into_iter()
            .filter(|path| self.files.iter().all(|block| block.path != *path));
        let member = Form::Member(version.clone());
        left_out
            .map(|path| {
                let text = member.complete(&path, "", &members);
                (path, text)
            })
            .collect()
    }

    /// Takes the files of another example, so that only what differs need be written.
    fn begin_like(&mut self, other: &Self) {
        self.bare = other.bare;
        self.mesh.clone_from(&other.mesh);
        self.files = other
            .files
            .iter()
            .map(|block| Block {
                text: mark::taken_out(&block.path, &block.text).0,
                ..block.clone()
            })
            .collect();
    }

    /// A file of its own, another one in the place of one that the example began with, or a change of that.
    fn add(&mut self, block: Block) {
        let known = self.files.iter_mut().find(|one| one.path == block.path);
        match (known, &block.form) {
            (Some(known), Form::Change) => known.text = changed(&self.title, known, &block.text),
            (None, Form::Change) => panic!("{}: there is no `{}` to change", self.title, block.path),
            (Some(known), _) => *known = block,
            (None, _) => self.files.push(block),
        }
    }
}

fn with_others<'a>(blocks: impl Iterator<Item = &'a Block>) -> Vec<String> {
    let named: BTreeSet<&str> = blocks
        .filter_map(|block| form::cluster(&block.path))
        .filter(|name| !["infra", "apps"].contains(name))
        .collect();
    ["infra", "apps"]
        .into_iter()
        .chain(named)
        .map(str::to_owned)
        .collect()
}

fn is_entry_point(block: &Block) -> bool {
    block.path.ends_with("gotk-sync.yaml")
        || block.text.contains("kind: FluxInstance")
        || block.text.contains("name: flux-instance")
}

/// Applies a diff without line numbers: its lines that stay or go are looked for one after the other.
fn changed(title: &str, known: &Block, diff: &str) -> String {
    let old: Vec<&str> = known.text.lines().collect();
    let mut new: Vec<&str> = Vec::new();
    let mut at = 0;
    for line in diff.lines() {
        let (sign, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
        if sign == "+" {
            new.push(rest);
            continue;
        }
        let skipped = old[at..].iter().position(|one| *one == rest);
        let skipped = skipped.unwrap_or_else(|| panic!("{title}: `{}` has no line `{rest}`", known.path));
        new.extend(&old[at..at + skipped + usize::from(sign == " ")]);
        at += skipped + 1;
    }
    new.extend(&old[at..]);
    new.iter().flat_map(|line| [*line, "\n"]).collect()
}

/// The page of a rule, and behind it further cases that nobody needs to read who only wants to know the rule.
pub fn with_cases(rule: &Rule) -> String {
    let path = cases_directory()
        .join(rule.category.as_str())
        .join(format!("{}.md", rule.name));
    let cases = std::fs::read_to_string(path).unwrap_or_default();
    format!("{}\n{cases}", rule.page)
}

pub fn cases_directory() -> PathBuf {
    super::project().join("tests/cases")
}

/// The headings of level two, in order.
pub fn headings(page: &str) -> Vec<String> {
    let mut headings = Vec::new();
    walk(page, |line| {
        if let Line::Heading(2, text) = line {
            headings.push(text.to_owned());
        }
    });
    headings
}

/// An example as it is written.
#[derive(Default)]
struct Draft {
    title: String,
    like: Option<String>,
    bare: bool,
    mesh: Option<String>,
    blocks: Vec<Block>,
}

/// The repositories under the heading `section`. Each heading of level three begins another.
pub fn examples(page: &str, section: &str) -> Vec<Example> {
    let drafts = drafts(page);
    let inside = format!("{section}: ");
    let wanted = |one: &&Draft| one.title == section || one.title.starts_with(&inside);
    let examples = drafts.iter().filter(wanted).map(|one| Example {
        before: before(one, &drafts).map(Box::new),
        ..finished(one, &drafts, 0)
    });
    examples.filter(|one| !one.files.is_empty()).collect()
}

fn drafts(page: &str) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut around = "";
    let fresh = |title: String| Draft {
        title,
        ..Draft::default()
    };
    walk(page, |line| match (line, drafts.last_mut()) {
        (Line::Heading(2, text), _) => {
            around = text;
            drafts.push(fresh(text.to_owned()));
        }
        (Line::Heading(3, text), _) => drafts.push(fresh(format!("{around}: {text}"))),
        (Line::Block(block), Some(draft)) => draft.blocks.push(block),
        (Line::Text("<!-- no scaffold -->"), Some(draft)) => draft.bare = true,
        (Line::Text(text), Some(draft)) => {
            if let Some(version) = comment(text, "mesh") {
                draft.mesh = Some(form::version(version));
            } else if let Some(title) = likeness(text) {
                draft.like = Some(title.to_owned());
            }
        }
        _ => {}
    });
    drafts
}

/// What the change of an example began from: the part of `Before` with the same title, else its first.
fn before(draft: &Draft, all: &[Draft]) -> Option<Example> {
    let named = draft
        .title
        .split_once(": ")
        .map(|(_, name)| format!("Before: {name}"));
    let of_title = |title: &str| all.iter().find(|one| one.title == title);
    let found = named.and_then(|title| of_title(&title));
    found
        .or_else(|| of_title("Before"))
        .map(|one| finished(one, all, 0))
}

/// The example with the files of the one that it is like.
fn finished(draft: &Draft, all: &[Draft], depth: usize) -> Example {
    assert!(depth < all.len(), "{} is like itself", draft.title);
    let mut example = Example {
        title: draft.title.clone(),
        ..Example::default()
    };
    if let Some(title) = &draft.like {
        let same = |one: &&Draft| {
            one.title
                .split_once(": ")
                .map_or(one.title.as_str(), |(_, name)| name)
                == title
                || one.title == *title
        };
        // A page and its further cases have their sections twice.
        let mut others = all.iter().filter(|one| !one.blocks.is_empty()).filter(same);
        let other = others.next();
        let other = other.unwrap_or_else(|| panic!("{}: no example is called `{title}`", draft.title));
        example.begin_like(&finished(other, all, depth + 1));
    }
    example.bare |= draft.bare;
    example.mesh = draft.mesh.clone().or(example.mesh);
    for block in &draft.blocks {
        example.add(block.clone());
    }
    example
}

/// The title in a line that begins `Like *title*`.
fn likeness(text: &str) -> Option<&str> {
    let (title, _) = text.strip_prefix("Like *")?.split_once('*')?;
    Some(title)
}

/// What stands behind the word in `<!-- word -->`.
fn comment<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let inner = text.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    inner.strip_prefix(word)
}

enum Line<'a> {
    Heading(usize, &'a str),
    Block(Block),
    Text(&'a str),
}

fn walk<'a>(page: &'a str, mut visit: impl FnMut(Line<'a>)) {
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let fence = line.len() - line.trim_start_matches('`').len();
        if fence >= 3 {
            let end = "`".repeat(fence);
            let text: String = lines
                .by_ref()
                .take_while(|line| *line != end)
                .flat_map(|line| [line, "\n"])
                .collect();
            let (paths, form) = title(line).unwrap_or_default();
            for path in paths {
                visit(Line::Block(Block {
                    path,
                    form: form.clone(),
                    text: text.clone(),
                }));
            }
            continue;
        }
        let level = line.len() - line.trim_start_matches('#').len();
        match line.get(level..).and_then(|rest| rest.strip_prefix(' ')) {
            Some(text) if level > 0 => visit(Line::Heading(level, text.trim())),
            _ => visit(Line::Text(line.trim())),
        }
    }
}

/// The paths and the form in `yaml title="path" form`.
fn title(info: &str) -> Option<(Vec<String>, Form)> {
    let (language, rest) = info.split_once(" title=\"")?;
    let (path, form) = rest.split_once('"')?;
    let form = if language.trim_start_matches('`') == "diff" {
        Form::Change
    } else {
        Form::named(form.trim())
    };
    Some((each(path), form))
}

/// `clusters/{infra,apps}/a.yaml` is a file in both.
fn each(path: &str) -> Vec<String> {
    let parts = path
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    let Some((before, (names, after))) = parts else {
        return vec![path.to_owned()];
    };
    names
        .split(',')
        .map(|name| format!("{before}{name}{after}"))
        .collect()
}
