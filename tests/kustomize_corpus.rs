//! Compares builds with what the real kustomize printed for the same directories.
//!
//! Runs when `MESHLINT_KUSTOMIZE_EXPECTED` (what `kustomize build --load-restrictor LoadRestrictionsNone` printed) or
//! `MESHLINT_FLUX_EXPECTED` (what fluxcd/pkg's `Generator.WriteFile` and `SecureBuild` made) names a directory that holds
//! `index.tsv` (per line: root of the files, directory below it, file with the expected YAML or `-` where the program
//! fails, and for Flux the file and number of the document whose `spec` is added); `MESHLINT_KUSTOMIZE_REPORT` names a file for the differences.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use meshlint::kustomize::{Build, BuildOptions, Builder, Overlay};
use meshlint::source::{RepoPath, SourceMap};
use meshlint::yaml::{Node, Store, to_yaml};

/// The documents of a printed build in order.
fn documents(text: &str) -> Vec<String> {
    text.split("\n---\n")
        .map(|document| document.trim_end_matches('\n').to_owned())
        .filter(|document| !document.is_empty())
        .collect()
}

fn rendered(build: &Build) -> Vec<String> {
    let printed: Vec<String> = build.objects.iter().map(|object| to_yaml(&object.node)).collect();
    documents(&printed.join("---\n"))
}

/// Directory, file with what is expected, and file and document of the `spec`.
type Case<'a> = (&'a str, &'a str, Option<(&'a str, usize)>);

#[derive(Default)]
struct Tally {
    equal: usize,
    different: usize,
    unexpected_failure: usize,
    both_fail: usize,
    missed_failure: usize,
    opaque: usize,
}

#[test]
#[cfg_attr(
    not(meshlint_kustomize_expected),
    ignore = "MESHLINT_KUSTOMIZE_EXPECTED is not set"
)]
fn builds_equal_those_of_kustomize() {
    compare(&common::outside("MESHLINT_KUSTOMIZE_EXPECTED"), &|_, _| {
        BuildOptions::kustomize(RepoPath::root())
    });
}

#[test]
#[cfg_attr(not(meshlint_flux_expected), ignore = "MESHLINT_FLUX_EXPECTED is not set")]
fn builds_equal_those_of_flux() {
    compare(&common::outside("MESHLINT_FLUX_EXPECTED"), &|store, spec| {
        let overlay = spec.and_then(|(file, document)| overlay(store, file, document));
        BuildOptions::flux(RepoPath::root(), overlay.unwrap_or_default())
    });
}

/// What the `spec` of a Flux Kustomization in a file adds.
fn overlay(store: &Store<'_>, file: &str, document: usize) -> Option<Overlay> {
    let file = store.sources().file_at(&RepoPath::clamp(file))?;
    let spec = store.parsed(file).documents.get(document)?.root.get("spec")?;
    let list = |field: &str| spec.get(field).map(Node::items).unwrap_or_default().to_vec();
    Some(Overlay {
        target_namespace: spec.get("targetNamespace").cloned(),
        name_prefix: spec.get("namePrefix").cloned(),
        name_suffix: spec.get("nameSuffix").cloned(),
        patches: list("patches"),
        components: list("components"),
        ignore_missing_components: spec.get("ignoreMissingComponents").and_then(Node::as_bool) == Some(true),
        images: list("images"),
        build_metadata: list("buildMetadata"),
    })
}

type Options<'a> = &'a dyn Fn(&Store<'_>, Option<(&str, usize)>) -> BuildOptions;

fn compare(expected: &Path, options: Options<'_>) {
    let index = std::fs::read_to_string(expected.join("index.tsv")).unwrap();
    let mut by_root: BTreeMap<&str, Vec<Case<'_>>> = BTreeMap::new();
    for line in index.lines() {
        let mut fields = line.split('\t');
        if let (Some(root), Some(directory), Some(file)) = (fields.next(), fields.next(), fields.next()) {
            let spec = fields
                .next()
                .zip(fields.next().and_then(|number| number.parse().ok()));
            by_root.entry(root).or_default().push((directory, file, spec));
        }
    }
    let mut tally = Tally::default();
    let mut report = String::new();
    for (root, cases) in by_root {
        let sources = SourceMap::open(Path::new(root)).unwrap();
        let store = Store::new(&sources);
        let builder = Builder::new(&store);
        for (directory, file, spec) in cases {
            let build = builder.build(&RepoPath::clamp(directory), &options(&store, spec));
            let name = format!("{root}/{directory}");
            if file == "-" {
                match (build.failed(), build.opaque.is_empty()) {
                    (true, _) => {
                        tally.both_fail += 1;
                        writeln!(report, "REFUSED {name}").unwrap();
                        describe(&build, &sources, &mut report);
                    }
                    (false, false) => {
                        tally.opaque += 1;
                        writeln!(report, "REMOTE {name}").unwrap();
                    }
                    (false, true) => {
                        tally.missed_failure += 1;
                        writeln!(report, "MISSED FAILURE {name}").unwrap();
                    }
                }
                continue;
            }
            if build.failed() {
                tally.unexpected_failure += 1;
                writeln!(report, "UNEXPECTED FAILURE {name}").unwrap();
                describe(&build, &sources, &mut report);
                continue;
            }
            let wanted = documents(&std::fs::read_to_string(expected.join(file)).unwrap());
            let made = rendered(&build);
            if made == wanted {
                tally.equal += 1;
                continue;
            }
            tally.different += 1;
            writeln!(report, "DIFFERENT {name}").unwrap();
            let only = |these: &[String], those: &[String]| {
                these
                    .iter()
                    .find(|one| !those.contains(one))
                    .cloned()
                    .unwrap_or_default()
            };
            let (ours, theirs) = (only(&made, &wanted), only(&wanted, &made));
            for diff in first_difference(&ours, &theirs) {
                writeln!(report, "    {diff}").unwrap();
            }
        }
    }
    let Tally {
        equal,
        different,
        unexpected_failure,
        both_fail,
        missed_failure,
        opaque,
    } = tally;
    let built = equal + different + unexpected_failure;
    println!(
        "equal {equal} of {built} (different {different}, unexpected failures {unexpected_failure}); \
         of those that kustomize refuses: {both_fail} refused, {opaque} remote, {missed_failure} missed"
    );
    if let Some(path) = std::env::var_os("MESHLINT_KUSTOMIZE_REPORT") {
        std::fs::write(path, report).unwrap();
    }
    assert!(equal * 1000 >= built * 995, "{equal} of {built} are equal");
}

fn describe(build: &Build, sources: &SourceMap, report: &mut String) {
    for problem in build
        .problems
        .iter()
        .filter(|problem| problem.kind.is_failure())
        .take(3)
    {
        let file = sources.file(problem.span.file);
        let at = file.line_column(problem.span.start);
        writeln!(report, "    {}:{}: {}", file.path(), at.line, problem.message).unwrap();
    }
}

fn first_difference(ours: &str, theirs: &str) -> Vec<String> {
    let (mut ours, mut theirs) = (ours.lines(), theirs.lines());
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return vec!["(only in order or number)".to_owned()],
            (a, b) if a == b => {}
            (a, b) => {
                let line = |line: Option<&str>| line.unwrap_or("(nothing)").to_owned();
                return vec![format!("ours   {}", line(a)), format!("theirs {}", line(b))];
            }
        }
    }
}
