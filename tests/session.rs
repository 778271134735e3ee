//! A session that remembers finds what a fresh run finds, byte for byte, whatever is edited.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::fleet::{self, Files};
use meshlint::engine::{self, Engine, Run, RunOptions};
use meshlint::kustomize::{BuildOptions, Builder};
use meshlint::report::{Format, Look, Report};
use meshlint::source::{RepoPath, SourceMap};
use meshlint::yaml::{Parses, Store};

const FLEETS: [&str; 5] = [
    "two-clusters",
    "three-clusters",
    "duplicate-id",
    "shared-services",
    "seed-one-way",
];

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

/// A repository that is edited, beside what it was at first.
struct Edited {
    first: Files,
    now: Files,
    sources: SourceMap,
}

impl Edited {
    fn new(files: Files) -> Self {
        Self {
            sources: SourceMap::from_memory(files.clone()),
            first: files.clone(),
            now: files,
        }
    }

    fn path(&self, random: &mut Random) -> String {
        self.now.keys().nth(random.below(self.now.len())).unwrap().clone()
    }

    /// One edit. Files that come, go or move make another map; what is typed stays in the same.
    fn edit(&mut self, random: &mut Random) -> String {
        let path = self.path(random);
        match random.below(12) {
            0 => {
                self.now.remove(&path);
                self.walk();
                format!("remove {path}")
            }
            1 => {
                let text = self.now.remove(&path).unwrap();
                let other = format!("{path}.moved.yaml");
                self.now.insert(other, text);
                self.walk();
                format!("move {path}")
            }
            2 => {
                self.now.clone_from(&self.first);
                self.walk();
                "begin anew".to_owned()
            }
            3..5 => {
                let text = self.first.get(&path).cloned().unwrap_or_default();
                self.write(&path, text);
                format!("mend {path}")
            }
            _ => {
                let text = changed(&self.now[&path], &self.words(random), random);
                self.write(&path, text);
                format!("change {path}")
            }
        }
    }

    /// A word of another file.
    fn words(&self, random: &mut Random) -> String {
        let other = &self.now[&self.path(random)];
        let words: Vec<&str> = other.split_whitespace().collect();
        words
            .get(random.below(words.len()))
            .copied()
            .unwrap_or("x")
            .to_owned()
    }

    fn write(&mut self, path: &str, text: String) {
        let file = self.sources.file_at(&RepoPath::clamp(path)).unwrap();
        self.sources.put(file, Some(text.clone().into_bytes()));
        self.now.insert(path.to_owned(), text);
    }

    fn walk(&mut self) {
        self.sources = SourceMap::from_memory(self.now.clone());
    }
}

/// A text with one change that somebody may make while writing.
fn changed(text: &str, word: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.below(lines.len());
    match random.below(8) {
        0 => lines.insert(at, word.to_owned()),
        1 if !lines.is_empty() => drop(lines.remove(at)),
        2 if !lines.is_empty() => lines.insert(at, lines[at].clone()),
        3 => lines.insert(at, "# a comment".to_owned()),
        4 => return text.replace('2', "1"),
        _ => {
            if let Some(line) = lines.get_mut(at) {
                let start = line.find(": ").map_or(line.len(), |colon| colon + 2);
                line.replace_range(
                    start..,
                    [word, "${NEW:=1}", "\"\"", "7", "[", "./x"][random.below(6)],
                );
            }
        }
    }
    lines.join("\n") + "\n"
}

fn report(sources: &SourceMap, run: &Run) -> String {
    let mut text = Vec::new();
    let report = Report {
        sources,
        outcome: &run.outcome,
        look: Look::PLAIN,
    };
    report.write(Format::Json, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Edits the files so often, and compares each time.
fn compare(name: &str, files: Files, edits: usize, seed: u64) {
    let mut random = Random(seed);
    let mut edited = Edited::new(files);
    let mut engine = Engine::default();
    let config = RunOptions::default();
    let mut history = Vec::new();
    for _ in 0..edits {
        history.push(edited.edit(&mut random));
        let session = engine.check(&edited.sources, &config, &|_| true).unwrap();
        let fresh = SourceMap::from_memory(edited.now.clone());
        let run = engine::check(&fresh, &config);
        assert_eq!(
            report(&edited.sources, &session),
            report(&fresh, &run),
            "{name} after {history:#?}"
        );
    }
}

#[test]
fn a_session_finds_what_a_fresh_run_finds() {
    for (seed, name) in (1..).zip(FLEETS) {
        compare(name, fleet::read(name), 60, 0x9e37_79b9 * seed);
    }
}

#[test]
#[cfg_attr(
    not(meshlint_corpus),
    ignore = "MESHLINT_CORPUS names no directory of repositories"
)]
fn a_session_finds_what_a_fresh_run_finds_in_real_repositories() {
    let edits = std::env::var("MESHLINT_EDITS").ok();
    let edits = edits.and_then(|edits| edits.parse().ok()).unwrap_or(1);
    for root in common::corpus() {
        compare(root.to_str().unwrap(), texts(&root), edits, 0x9e37_79b9_7f4a_7c15);
    }
}

/// The files of a directory that are text.
fn texts(root: &std::path::Path) -> Files {
    let sources = SourceMap::open(root).unwrap();
    let files = sources.files().iter().filter(|file| !file.is_ignored());
    let texts =
        files.filter_map(|file| Some((file.path().as_str().to_owned(), file.text().ok()?.to_owned())));
    texts.collect()
}

#[test]
fn only_what_read_a_changed_file_is_built_again() {
    let files = [
        ("base/kustomization.yaml", "resources: [a.yaml]\n"),
        (
            "base/a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: \"1\"}\n",
        ),
        (
            "one/kustomization.yaml",
            "resources: [../base]\nnamePrefix: one-\n",
        ),
        (
            "two/kustomization.yaml",
            "resources: [../base]\nnamePrefix: two-\n",
        ),
        (
            "three/kustomization.yaml",
            "configMapGenerator: [{name: b, files: [b.txt]}]\n",
        ),
        ("three/b.txt", "b\n"),
    ];
    let mut sources = SourceMap::from_memory(files);
    let mut parses = Parses::default();
    let mut builds = meshlint::kustomize::Builds::default();
    let mut runs = |sources: &SourceMap| {
        let store = Store::after(sources, std::mem::take(&mut parses));
        let builder = Builder::after(&store, std::mem::take(&mut builds), &sources.contents());
        for directory in ["one", "two", "three"] {
            let build = builder.build(
                &RepoPath::clamp(directory),
                &BuildOptions::kustomize(RepoPath::root()),
            );
            assert_eq!((build.objects.len(), build.problems.len()), (1, 0), "{directory}");
        }
        let runs = builder.runs();
        builds = builder.leave();
        parses = store.parses_so_far();
        (runs, store.parses())
    };
    assert_eq!(runs(&sources), (3, 5));
    assert_eq!(runs(&sources), (0, 0));
    let mut put = |path: &str, text: &str| {
        let file = sources.file_at(&RepoPath::clamp(path)).unwrap();
        sources.put(file, Some(text.into()));
        runs(&sources)
    };
    assert_eq!(put("three/b.txt", "c\n").0, 1);
    assert_eq!(put("one/kustomization.yaml", "resources: [../base]\n"), (1, 1));
    assert_eq!(put("base/a.yaml", &files[1].1.replace('1', "2")), (2, 1));
    // The same once more is no change.
    assert_eq!(put("base/a.yaml", &files[1].1.replace('1', "2")), (0, 0));
}
