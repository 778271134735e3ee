//! Reading a rule's page: its headings, and the repositories in its examples.

use std::collections::BTreeMap;

/// A fenced block of a page that stands for a file.
#[derive(Debug, Clone)]
pub struct Block {
    pub path: String,
    pub text: String,
}

/// A small repository that a page shows.
#[derive(Debug, Clone)]
pub struct Example {
    /// Section and sub-heading, for messages.
    pub title: String,
    pub files: Vec<Block>,
    /// Whether the page wants no entry points put beside its files.
    pub bare: bool,
}

impl Example {
    /// The files, with entry points and source of two clusters unless the page brings its own.
    pub fn repository(&self) -> BTreeMap<String, String> {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        if !self.bare && !self.files.iter().any(is_entry_point) {
            for cluster in ["infra", "apps"] {
                files.insert(
                    format!("clusters/{cluster}/flux-system/gotk-sync.yaml"),
                    sync(cluster),
                );
            }
        }
        for block in &self.files {
            let twice = files.insert(block.path.clone(), block.text.clone());
            assert!(twice.is_none(), "{}: `{}` is there twice", self.title, block.path);
        }
        files
    }
}

fn is_entry_point(block: &Block) -> bool {
    block.path.ends_with("gotk-sync.yaml")
        || block.text.contains("kind: FluxInstance")
        || block.text.contains("name: flux-instance")
}

fn sync(cluster: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 10m
  url: ssh://git@git.example.org/platform/fleet
  ref:
    branch: main
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 10m
  path: ./clusters/{cluster}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"
    )
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

/// The repositories under the heading `section`. Each heading of level three begins another.
pub fn examples(page: &str, section: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    let fresh = |title: String| Example {
        title,
        files: Vec::new(),
        bare: false,
    };
    walk(page, |line| match line {
        Line::Heading(2, text) => {
            inside = text == section;
            if inside {
                examples.push(fresh(section.to_owned()));
            }
        }
        Line::Heading(3, text) if inside => examples.push(fresh(format!("{section}: {text}"))),
        Line::Block(block) if inside => {
            if let Some(example) = examples.last_mut() {
                example.files.push(block);
            }
        }
        Line::Text("<!-- no scaffold -->") if inside => {
            if let Some(example) = examples.last_mut() {
                example.bare = true;
            }
        }
        _ => {}
    });
    examples.retain(|example| !example.files.is_empty());
    examples
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
            if let Some(path) = title(line) {
                visit(Line::Block(Block {
                    path: path.to_owned(),
                    text,
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

/// The path in `yaml title="path"`.
fn title(info: &str) -> Option<&str> {
    let (_, rest) = info.split_once("title=\"")?;
    rest.split_once('"').map(|(path, _)| path)
}

/// A mark `# error: some-rule` behind a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub path: String,
    pub line: usize,
    pub level: String,
    pub rule: String,
}

/// The marks in a file, which stay part of it as comments.
pub fn marks(path: &str, text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for comment in line.split('#').skip(1) {
            let Some((level, rule)) = comment.trim().split_once(": ") else {
                continue;
            };
            if ["error", "warning", "info"].contains(&level) {
                marks.push(Mark {
                    path: path.to_owned(),
                    line: at + 1,
                    level: level.to_owned(),
                    rule: rule.trim().to_owned(),
                });
            }
        }
    }
    marks
}
