//! What a file defines that does not parse is unknown, not missing: nothing but that file is called a fault because of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::fleet::{self, Files};
use meshlint::engine::Run;
use meshlint::sink::{Known, match_up};
use meshlint::source::SourceMap;

/// What may be told of a file that does not parse.
const ITS_OWN: [&str; 2] = ["unparsable-yaml", "kustomize-build-failed"];

fn known(run: &Run) -> Vec<Known> {
    run.outcome.findings.iter().flat_map(Known::all_of).collect()
}

/// The rules that find something in one state of the files that was not there in another, as `--since` compares them.
fn new_rules(before: &[Known], files: &Files) -> BTreeSet<(&'static str, String)> {
    let run = fleet::check(files);
    let sources = SourceMap::from_memory(files.clone());
    let matches = match_up(&sources, &run.outcome.findings, before);
    let findings = run.outcome.findings.iter().zip(matches.is_known);
    findings
        .filter(|(_, is_known)| is_known.contains(&false))
        .map(|(found, _)| (found.rule.name, found.finding.message.clone()))
        .collect()
}

/// The ways in which files break.
fn broken(text: &str) -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let (above, below) = lines.split_at((lines.len() / 2).max(1));
    vec![
        ("above", format!("left: [\n---\n{text}")),
        ("below", format!("{text}\n---\nleft: [\n")),
        (
            "within",
            format!("{}\n\t- : [\n{}\n", above.join("\n"), below.join("\n")),
        ),
        ("gone", "left: [open\n".to_owned()),
        (
            "merged",
            format!("<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n"),
        ),
    ]
}

/// Files whose breaking is told, and every rule that says something besides.
fn assert_alone(name: &str, files: &Files, only: Option<&str>) {
    let before = known(&fleet::check(files));
    let yaml = files.keys().filter(|path| path.ends_with(".yaml"));
    for path in yaml.filter(|path| only.is_none_or(|only| only == *path)) {
        for (how, text) in broken(&files[path]) {
            let mut changed = files.clone();
            changed.insert(path.clone(), text);
            let mut new = new_rules(&before, &changed);
            new.retain(|(rule, _)| !ITS_OWN.contains(rule));
            assert!(new.is_empty(), "{name}: {path} broken {how}: {new:#?}");
        }
    }
}

const SYNC: &str = "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1h, url: ssh://git@git.example.org/fleet}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./clusters/a, sourceRef: {kind: GitRepository, name: flux-system}}
";

/// A cluster in which something of every sort is defined in one file and referred to in another.
fn everything() -> Files {
    let flux = |name: &str, rest: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  \
             interval: 1h\n  prune: true\n  wait: true\n  path: ./{name}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{rest}"
        )
    };
    let defined = [
        (
            "namespace",
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n",
        ),
        (
            "settings",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata: {A: b}\n",
        ),
        (
            "map",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: page\n  namespace: web\ndata:\n  a: b\n",
        ),
        (
            "secret",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: web}\ndata: {a: Yg==}\n",
        ),
        (
            "charts",
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: charts\n  namespace: flux-system\n\
             spec:\n  interval: 1h\n  url: https://charts.example.org\n",
        ),
        (
            "definition",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.org}\nspec:\n  \
             group: example.org\n  names: {kind: Thing, plural: things}\n  scope: Namespaced\n  versions:\n    - {name: v1, served: true, \
             storage: true, schema: {openAPIV3Schema: {type: object}}}\n",
        ),
        (
            "account",
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, namespace: web}\n",
        ),
    ];
    let mut files = Files::new();
    let mut put = |path: &str, text: String| files.insert(path.to_owned(), text);
    put("clusters/a/flux-system/gotk-sync.yaml", SYNC.to_owned());
    put("clusters/a/base.yaml", flux("base", ""));
    let apps = "  dependsOn: [{name: base}]\n  postBuild:\n    substituteFrom: [{kind: ConfigMap, name: settings}]\n";
    put("clusters/a/apps.yaml", flux("apps", apps));
    for (name, text) in defined {
        put(&format!("base/{name}.yaml"), text.to_owned());
    }
    let names: Vec<&str> = defined.iter().map(|(name, _)| *name).collect();
    put(
        "base/kustomization.yaml",
        format!("resources: [{}.yaml]\n", names.join(".yaml, ")),
    );
    put(
        "apps/kustomization.yaml",
        "resources: [web.yaml, release.yaml, thing.yaml]\npatches:\n  - path: more.yaml\n".to_owned(),
    );
    put(
        "apps/more.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: web}\nspec: {replicas: 2}\n"
            .to_owned(),
    );
    put(
        "apps/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  \
         template:\n    metadata: {labels: {app: web}}\n    spec:\n      serviceAccountName: runner\n      containers:\n        - name: web\n          \
         image: registry.example.org/web:1\n          env: [{name: A, value: \"${A}\"}]\n          envFrom:\n            - configMapRef: {name: page}\n            \
         - secretRef: {name: key}\n"
            .to_owned(),
    );
    put(
        "apps/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: flux-system}\nspec:\n  interval: 1h\n  \
         chart: {spec: {chart: web, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts}}}\n"
            .to_owned(),
    );
    put(
        "apps/thing.yaml",
        "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t, namespace: web}\n".to_owned(),
    );
    files
}

#[test]
fn nothing_is_missing_that_a_broken_file_defines() {
    assert_alone("everything", &everything(), None);
}

#[test]
fn a_reference_to_what_no_file_names_is_told_beside_a_broken_file() {
    let mut files = everything();
    fleet::replace(&mut files, "apps/release.yaml", "name: charts", "name: other");
    fleet::replace(&mut files, "base/map.yaml", "data:", "data: [");
    let told = new_rules(&[], &files);
    let told: Vec<&str> = told.iter().map(|(rule, _)| *rule).collect();
    assert!(
        told.contains(&"unparsable-yaml") && told.contains(&"missing-source"),
        "{told:?}"
    );
}

#[test]
fn in_no_layout_anything_else_is_called_a_fault() {
    let layouts = common::project().join("testdata/layouts");
    let entries = fs::read_dir(layouts).unwrap().map(|entry| entry.unwrap().path());
    // Which clusters there are, or which belong together, is told there by the very file that breaks.
    let apart = |path: &std::path::Path| {
        let name = path.file_name().and_then(|name| name.to_str());
        let apart = [
            "two-meshes-with-equal-names",
            "silent-same-mesh-in-two-environments",
            "bootstrap-beside-flux",
            "shared-entry",
        ];
        name.is_some_and(|name| apart.contains(&name))
    };
    for path in entries.filter(|path| path.is_dir() && !apart(path)) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_alone(&name, &fleet::read_below(&path.join("repository")), None);
    }
    for name in [
        "two-clusters",
        "three-clusters",
        "seed-values-files",
        "seed-overlapping-ranges",
    ] {
        assert_alone(name, &fleet::read(name), None);
    }
}
