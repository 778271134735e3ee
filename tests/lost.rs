//! No finding is lost: not behind others, not in a group, not for the order of documents, not in what cannot be looked at.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::configured;
use common::fleet::Files;
use meshlint::engine::{self, Run, RunOptions};
use meshlint::sink::{Known, match_up};
use meshlint::source::SourceMap;

const ENTRY: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {path: ./clusters/a, sourceRef: {kind: GitRepository, name: flux-system}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {url: ssh://git@git.example.org/fleet}
";

const APPS: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./apps, sourceRef: {kind: GitRepository, name: flux-system}}
";

fn files(more: &[(&str, String)]) -> Files {
    let mut files = Files::from([
        (
            "clusters/a/flux-system/gotk-sync.yaml".to_owned(),
            ENTRY.to_owned(),
        ),
        ("clusters/a/apps.yaml".to_owned(), APPS.to_owned()),
    ]);
    files.extend(more.iter().map(|(path, text)| ((*path).to_owned(), text.clone())));
    files
}

fn check(files: &Files) -> (SourceMap, Run) {
    let sources = SourceMap::from_memory(files.clone());
    let run = engine::check(&sources, &RunOptions::default());
    (sources, run)
}

fn rules(files: &Files) -> Vec<(&'static str, String)> {
    let row = |one: meshlint::sink::Reported| (one.rule.name, one.finding.message);
    check(files).1.outcome.findings.into_iter().map(row).collect()
}

/// What `--since` calls new.
fn new(before: &Files, after: &Files) -> Vec<String> {
    let known: Vec<Known> = check(before)
        .1
        .outcome
        .findings
        .iter()
        .flat_map(Known::all_of)
        .collect();
    let (sources, mut run) = check(after);
    let marks = match_up(&sources, &run.outcome.findings, &known).is_known;
    run.outcome.leave_out(&sources, &[marks]);
    let line = |one: meshlint::sink::Reported| {
        let at = one.finding.primary().span;
        let file = sources.file(at.file);
        format!(
            "{}:{}: {}",
            file.path(),
            file.line_column(at.start).line,
            one.rule.name
        )
    };
    run.outcome.findings.into_iter().map(line).collect()
}

#[test]
fn a_thousand_remarks_hide_no_failure() {
    let patches: String = (0..1_100)
        .map(|nth| format!("- {{target: {{kind: Deployment, name: none-{nth}}}, patch: \"[]\"}}\n"))
        .collect();
    let text = format!(
        "resources: [a.yaml]\npatches:\n{patches}replacements:\n- source: {{kind: ConfigMap, name: none}}\n  targets: []\n"
    );
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n";
    let found = rules(&files(&[
        ("apps/kustomization.yaml", text),
        ("apps/a.yaml", map.to_owned()),
    ]));
    let count = |name: &str| found.iter().filter(|(rule, _)| *rule == name).count();
    assert_eq!(count("kustomize-build-failed"), 1);
    assert_eq!(count("limit-reached"), 1);
}

#[test]
fn as_many_failures_as_there_may_be_are_said_to_be_not_all() {
    let names: Vec<String> = (0..1_500).map(|nth| format!("f{nth}.yaml")).collect();
    let mut all = files(&[(
        "apps/kustomization.yaml",
        format!("resources: [{}]\n", names.join(", ")),
    )]);
    all.extend(
        names
            .iter()
            .map(|name| (format!("apps/{name}"), "a: [\n".to_owned())),
    );
    let found = rules(&all);
    assert!(
        found
            .iter()
            .any(|(rule, message)| *rule == "limit-reached" && message.contains("reasons to fail"))
    );
    let (_, run) = check(&all);
    assert_eq!(run.outcome.summary.unknown.get("not-looked-at"), Some(&1));
}

#[test]
fn duplicate_keys_hide_no_syntax_error() {
    let twice: String = (0..150).map(|nth| format!("k{nth}: 1\nk{nth}: 2\n")).collect();
    let found = rules(&files(&[(
        "apps/kustomization.yaml",
        format!("{twice}resources: [\n"),
    )]));
    assert!(
        found.iter().any(|(rule, _)| *rule == "unparsable-yaml"),
        "{found:?}"
    );
}

fn map(name: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{more}}}\ndata: {{k: v}}\n")
}

#[test]
fn a_second_fault_of_a_kind_is_new() {
    let one = |text: String| files(&[("apps/m.yaml", text)]);
    let (a, b) = (map("a", ""), map("b", ""));
    let both = one(format!("{a}---\n{b}"));
    assert_eq!(new(&one(a.clone()), &both), ["apps/m.yaml:8: unset-namespace"]);
    assert_eq!(new(&one(b.clone()), &both), ["apps/m.yaml:3: unset-namespace"]);
    // In whatever order they stand, and in files sorted before.
    assert_eq!(new(&both, &one(format!("{b}---\n{a}"))), [""; 0]);
    let earlier = files(&[("apps/m.yaml", b.clone()), ("apps/a.yaml", a.clone())]);
    assert_eq!(new(&one(b.clone()), &earlier), ["apps/a.yaml:3: unset-namespace"]);
    let old = |name: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2beta1\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: default}}\nspec: {{chartRef: {{kind: OCIRepository, name: x}}}}\n"
        )
    };
    let (two, three) = (
        format!("{}---\n{}", old("a"), old("b")),
        format!("{}---\n{}---\n{}", old("a"), old("b"), old("c")),
    );
    let found = new(&one(two), &one(three));
    assert!(
        found.contains(&"apps/m.yaml:11: deprecated-api-version".to_owned()),
        "{found:?}"
    );
    assert!(
        found.iter().all(|line| line.starts_with("apps/m.yaml:1")),
        "{found:?}"
    );
}

#[test]
fn a_build_that_fails_for_another_reason_is_new() {
    let list = |name: &str| files(&[("apps/kustomization.yaml", format!("resources: [{name}]\n"))]);
    assert_eq!(new(&list("a.yaml"), &list("a.yaml")), [""; 0]);
    assert_eq!(
        new(&list("a.yaml"), &list("b.yaml")),
        ["apps/kustomization.yaml:1: kustomize-build-failed"]
    );
    let text = |text: &str| files(&[("apps/m.yaml", text.to_owned())]);
    let found = new(&text("a: 1\na: 2\n"), &text("a: 1\na: 2\nb: [\n"));
    assert!(
        found.iter().any(|line| line.contains("unparsable-yaml")),
        "{found:?}"
    );
}

#[test]
fn settings_that_never_settle_are_told() {
    let post = "  postBuild: {substituteFrom: [{kind: ConfigMap, name: s}]}\n";
    let apps = APPS.replace(
        "spec: {path: ./apps, sourceRef: {kind: GitRepository, name: flux-system}}\n",
        "spec:\n  path: ./apps\n  sourceRef: {kind: GitRepository, name: flux-system}\n",
    ) + post;
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, namespace: flux-system}\ndata: {K: \"x${K:=y}\"}\n";
    let found = rules(&files(&[
        ("clusters/a/apps.yaml", apps),
        ("apps/s.yaml", text.to_owned()),
    ]));
    assert!(
        found.iter().any(|(rule, _)| *rule == "limit-reached"),
        "{found:?}"
    );
}

#[test]
fn an_ignore_hides_the_fault_that_it_stands_at_and_no_other() {
    let mut a = map("a", "");
    a = a.replace(
        "name: a}",
        "name: a} # meshlint: ignore[unset-namespace] a job sets it",
    );
    let found = rules(&files(&[("apps/m.yaml", format!("{a}---\n{}", map("b", "")))]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.starts_with("ConfigMap `b` of"), "{found:?}");
    let configuration = "[[ignore]]\nrule = \"unset-namespace\"\npath = \"/apps/a.yaml\"\nreason = \"x\"\n";
    let two = files(&[("apps/a.yaml", map("a", "")), ("apps/b.yaml", map("b", ""))]);
    let run = configured::check(&configured::with(&two, configuration)).unwrap();
    assert_eq!(run.outcome.findings.len(), 1);
    assert_eq!(run.outcome.summary.suppressed, 1);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_looked_at_is_told() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let scratch = tempfile::tempdir().unwrap();
    for (path, text) in files(&[("apps/m.yaml", map("m", ", namespace: default"))]) {
        let path = scratch.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let name = OsStr::from_bytes(b"apps/caf\xe9.yaml");
    if std::fs::write(scratch.path().join(name), map("x", "")).is_err() {
        return; // A file system that takes only text for a name.
    }
    let deep = vec!["d"; 205].join("/");
    std::fs::create_dir_all(scratch.path().join("apps").join(&deep)).unwrap();
    std::fs::write(
        scratch.path().join("apps").join(&deep).join("x.yaml"),
        map("x", ""),
    )
    .unwrap();
    let output = common::run(&["check", scratch.path().to_str().unwrap(), "--format", "concise"]);
    let text = common::stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.matches("error[limit-reached]").count(), 2, "{text}");
    assert!(
        text.contains("its name is not UTF-8") && text.contains("nested deeper than 200"),
        "{text}"
    );
}

#[test]
fn a_second_check_that_is_ignored_is_new() {
    let apps = |checks: &str| {
        let spec = format!("spec: {{wait: true, healthChecks: [{checks}], path: ");
        files(&[
            ("clusters/a/apps.yaml", APPS.replace("spec: {path: ", &spec)),
            (
                "apps/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n".to_owned(),
            ),
            // Without one that waits for it nothing is lost by a check that is ignored.
            (
                "clusters/a/web.yaml",
                APPS.replace("name: apps", "name: web").replace(
                    "spec: {path: ./apps",
                    "spec: {dependsOn: [{name: apps}], path: ./web",
                ),
            ),
            (
                "web/b.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: default}\n".to_owned(),
            ),
        ])
    };
    let check =
        |name: &str| format!("{{apiVersion: apps/v1, kind: Deployment, name: {name}, namespace: default}}");
    let (one, two) = (check("one"), check("two"));
    let rule = |found: Vec<String>| {
        found
            .iter()
            .filter(|line| line.ends_with("ignored-health-check"))
            .count()
    };
    let before = apps(&one);
    assert_eq!(rule(new(&Files::new(), &before)), 1);
    assert_eq!(rule(new(&before, &apps(&format!("{two}, {one}")))), 1);
    assert_eq!(
        rule(new(
            &apps(&format!("{one}, {two}")),
            &apps(&format!("{two}, {one}"))
        )),
        0
    );
}

#[test]
fn settings_that_disagree_are_told_and_each_is_judged() {
    let cluster = |name: &str, range: &str| {
        let sync = ENTRY.replace("./clusters/a", &format!("./clusters/{name}"));
        let settings = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cluster-settings, namespace: flux-system}}\ndata:\n  CLUSTER_NAME: {name}\n  \
             POD_CIDR: {range}\n  POD_CIDR_STRING: 10.99.0.0/16\n"
        );
        let cilium = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cilium, namespace: kube-system}\nspec:\n  interval: 1h\n  \
             chart: {spec: {chart: cilium, version: 1.18.3, sourceRef: {kind: HelmRepository, name: cilium}}}\n  values:\n    \
             cluster: {name: NAME, id: ID}\n    ipam: {mode: kubernetes}\n    clustermesh:\n      useAPIServer: true\n      \
             config: {enabled: true, clusters: [{name: a, address: a.example.org, port: 32379}, {name: b, address: b.example.org, port: 32379}]}\n";
        let id = if name == "a" { "1" } else { "2" };
        [
            (format!("clusters/{name}/flux-system/gotk-sync.yaml"), sync),
            (format!("clusters/{name}/settings.yaml"), settings),
            (
                format!("clusters/{name}/cilium.yaml"),
                cilium.replace("NAME", name).replace("ID", id),
            ),
        ]
    };
    let all: Files = cluster("a", "10.1.0.0/16")
        .into_iter()
        .chain(cluster("b", "10.2.0.0/16"))
        .collect();
    let found = rules(&all);
    let count = |name: &str| found.iter().filter(|(rule, _)| *rule == name).count();
    assert_eq!(count("conflicting-cluster-values"), 2, "{found:?}");
    assert_eq!(count("pod-cidr-overlap"), 1, "{found:?}");
}
