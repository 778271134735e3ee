//! For pairs of trees, what `--since` calls new is the difference of the two full sets of faults, computed here from the
//! findings themselves. Hundreds of pairs as a rule; `MESHLINT_PAIRS` names another number.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::fleet::{self, Files};
use common::page::{examples, with_cases};
use meshlint::engine::{self, Run, RunOptions};
use meshlint::finding::Finding;
use meshlint::rules::RULES;
use meshlint::sink::{Known, match_up};
use meshlint::source::{RepoPath, SourceMap};
use rayon::prelude::*;

/// A source of numbers that is the same every time (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound.max(1) as u64).unwrap()
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

const WORDS: [&str; 12] = [
    "x",
    "\"1\"",
    "null",
    "${NEW}",
    "${A:=b}",
    "./none",
    "10.0.0.0/8",
    "[",
    "default",
    "flux-system",
    "true",
    "{a: b}",
];

/// Swaps, removes, adds or alters one thing.
fn mutate(files: &mut Files, random: &mut Random, only_swap: bool) {
    let paths: Vec<String> = files
        .keys()
        .filter(|path| path.ends_with(".yaml"))
        .cloned()
        .collect();
    let Some(path) = (!paths.is_empty()).then(|| random.of(&paths).clone()) else {
        return;
    };
    let text = files[&path].clone();
    let mut documents: Vec<String> = text
        .split("\n---\n")
        .map(|one| one.trim_end().to_owned())
        .collect();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (document, line) = (random.below(documents.len()), random.below(lines.len()));
    let what = if only_swap { 0 } else { random.below(9) };
    match what {
        0 => {
            let other = random.below(documents.len());
            documents.swap(document, other);
        }
        1 => {
            files.remove(&path);
            return;
        }
        2 => {
            let name = path.replace(".yaml", &format!("-{}.yaml", random.below(3)));
            files.insert(name, text);
            return;
        }
        3 => {
            let copy =
                documents[document].replace("name: ", ["name: ", "name: z", "name: a"][random.below(3)]);
            documents.insert(random.below(documents.len() + 1), copy);
        }
        4 => {
            documents.remove(document);
        }
        _ => {
            if let Some(line) = lines.get_mut(line) {
                match (what, line.split_once(": ")) {
                    (5, Some((key, _))) => *line = format!("{key}: {}", random.of(&WORDS)),
                    (6, _) => line.clear(),
                    (7, _) => *line = format!("{line}\n{line}"),
                    (_, Some((key, value))) => *line = format!("{key}: {value}2"),
                    _ => {}
                }
            }
            files.insert(path, lines.join("\n") + "\n");
            return;
        }
    }
    files.insert(path, documents.join("\n---\n") + "\n");
}

/// A fault in one cluster, or in none: what is wrong with which object or file, and where it stands if only that tells.
type Key = (String, Option<String>);

/// A fault and the name of the rule that it breaks.
type Fault<'f> = (&'static str, &'f Finding);

fn keys(sources: &SourceMap, run: &Run, (rule, finding): Fault<'_>) -> Vec<Key> {
    let names: BTreeSet<&str> = run.fleet.clusters.iter().map(|one| one.name.as_str()).collect();
    let hash = regex::Regex::new("-[bcdfghkmt2456789]{10}$").unwrap();
    let lasting = |name: &str| hash.replace(name, "").into_owned();
    let quoted: BTreeSet<String> = finding
        .message
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| !names.contains(name))
        .map(lasting)
        .collect();
    let place = sources.file(finding.primary().span.file).path().to_string();
    let (what, place) = match (&finding.fact, &finding.object) {
        (Some(fact), _) => (fact.clone(), Some(place)),
        (None, object) => {
            let words = sources.snippet(finding.primary().span).replace(['"', '\''], "");
            let words: Vec<&str> = words.split_whitespace().collect();
            let object_key = object.as_ref().map(|one| {
                let group = one.api_version.rsplit_once('/').map_or("", |(group, _)| group);
                let is_generated = matches!(one.kind.as_str(), "ConfigMap" | "Secret");
                let name = if is_generated {
                    lasting(&one.name)
                } else {
                    one.name.clone()
                };
                format!("{group} {} {:?} {name}", one.kind, one.namespace)
            });
            let route = finding
                .route
                .clone()
                .unwrap_or_else(|| words.join(" ").chars().take(150).collect());
            (
                format!("{object_key:?} {route} {quoted:?}"),
                object.is_none().then_some(place),
            )
        }
    };
    let clusters = if finding.clusters.is_empty() {
        vec![String::new()]
    } else {
        finding.clusters.clone()
    };
    let key = |cluster: String| (format!("{rule} {what} {cluster}"), place.clone());
    clusters.into_iter().map(key).collect()
}

type Counts = BTreeMap<String, BTreeMap<Option<String>, usize>>;

fn counts<'f>(sources: &SourceMap, run: &Run, faults: impl Iterator<Item = Fault<'f>>) -> Counts {
    let mut all = Counts::new();
    for (what, place) in faults.flat_map(|fault| keys(sources, run, fault)) {
        *all.entry(what).or_default().entry(place).or_default() += 1;
    }
    all
}

fn faults(run: &Run) -> impl Iterator<Item = Fault<'_>> {
    let all = run.outcome.findings.iter();
    all.flat_map(|one| one.finding.faults().iter().map(|fault| (one.rule.name, fault)))
}

/// How many of each fault are new: more than there were, where those without an object stay with their file unless it is gone.
fn difference(head: &Counts, base: &Counts, sources: &SourceMap) -> BTreeMap<String, usize> {
    let mut new = BTreeMap::new();
    for (what, now) in head {
        let before = base.get(what).cloned().unwrap_or_default();
        let surplus = |a: &BTreeMap<Option<String>, usize>,
                       b: &BTreeMap<Option<String>, usize>,
                       keep: &dyn Fn(&Option<String>) -> bool| {
            let left = |(place, count): (&Option<String>, &usize)| {
                if keep(place) {
                    count.saturating_sub(b.get(place).copied().unwrap_or_default())
                } else {
                    0
                }
            };
            a.iter().map(left).sum::<usize>()
        };
        let is_gone = |place: &Option<String>| {
            place
                .as_ref()
                .is_none_or(|path| sources.file_at(&RepoPath::clamp(path)).is_none())
        };
        let more = surplus(now, &before, &|_| true);
        let moved = surplus(&before, now, &is_gone);
        new.insert(what.clone(), more.saturating_sub(moved));
    }
    new
}

fn check(files: &Files) -> (SourceMap, Run) {
    let sources = SourceMap::from_memory(files.clone());
    let run = engine::check(&sources, &RunOptions::default());
    (sources, run)
}

/// Compares one pair. Gives how many faults were new.
fn compare(nth: u64, before: &Files, after: &Files) -> usize {
    let (base_sources, base) = check(before);
    let (sources, mut head) = check(after);
    let base_counts = counts(&base_sources, &base, faults(&base));
    let head_counts = counts(&sources, &head, faults(&head));
    let expected = difference(&head_counts, &base_counts, &sources);
    let known: Vec<Known> = base.outcome.findings.iter().flat_map(Known::all_of).collect();
    let marks = match_up(&sources, &head.outcome.findings, &known).is_known;
    head.outcome.leave_out(&sources, &[marks]);
    let told = counts(&sources, &head, faults(&head));
    for (what, new) in &expected {
        let count: usize = told.get(what).map_or(0, |places| places.values().sum());
        assert!(
            count >= *new,
            "pair {nth}: {new} of `{what}` are new, and {count} are told"
        );
    }
    for fault in faults(&head) {
        let keys = keys(&sources, &head, fault);
        let is_new = keys
            .iter()
            .any(|(what, _)| expected.get(what).is_some_and(|new| *new > 0));
        assert!(
            is_new,
            "pair {nth}: `{}` is told, and was there before: {keys:?}",
            fault.1.message
        );
    }
    expected.values().sum()
}

fn fixtures() -> Vec<Files> {
    let fleets = [
        "two-clusters",
        "three-clusters",
        "duplicate-id",
        "shared-services",
    ];
    let of_page = |rule: &&meshlint::rules::Rule| {
        ["Fails", "Passes"].map(|section| examples(&with_cases(rule), section))
    };
    let pages = RULES
        .iter()
        .flat_map(of_page)
        .flatten()
        .map(|example| example.repository());
    fleets.map(fleet::read).into_iter().chain(pages).collect()
}

fn pairs() -> u64 {
    std::env::var("MESHLINT_PAIRS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(300)
}

#[test]
fn what_is_new_is_what_one_tree_has_and_the_other_has_not() {
    let fixtures = fixtures();
    let new: usize = (0..pairs())
        .into_par_iter()
        .map(|nth| {
            let mut random = Random(nth);
            let mut before = random.of(&fixtures).clone();
            for _ in 0..random.below(4) {
                mutate(&mut before, &mut random, false);
            }
            let mut after = before.clone();
            for _ in 0..=random.below(4) {
                mutate(&mut after, &mut random, false);
            }
            compare(nth, &before, &after)
        })
        .sum();
    assert!(new > 0, "some mutations plant a fault");
}

#[test]
fn the_order_of_documents_makes_nothing_new() {
    let fixtures = fixtures();
    (0..pairs()).into_par_iter().for_each(|nth| {
        let mut random = Random(nth ^ 0x5eed);
        let mut before = random.of(&fixtures).clone();
        for _ in 0..random.below(4) {
            mutate(&mut before, &mut random, false);
        }
        // What does not parse has no documents to swap.
        let is_whole = |(sources, _): &(SourceMap, Run)| {
            let store = meshlint::yaml::Store::new(sources);
            sources.iter().all(|(id, _)| store.parsed(id).errors.is_empty())
        };
        let mut after = before.clone();
        for _ in 0..4 {
            mutate(&mut after, &mut random, true);
        }
        if is_whole(&check(&before)) {
            assert_eq!(compare(nth, &before, &after), 0, "pair {nth}");
        }
    });
}
