use super::*;
use crate::source::RepoPath;

/// How the Kustomization `x` with this source finds its files, in a cluster that also renders `extra`.
fn source(reference: &str, path: &str, extra: &str) -> (Source, Option<String>, usize) {
    let x = format!(
        "{KUSTOMIZATION}metadata: {{name: x, namespace: flux-system}}\nspec: {{path: {path}, sourceRef: {reference}}}\n"
    );
    with_cluster(
        &[
            ("clusters/a/gotk-sync.yaml", &bootstrap("./clusters/a")),
            ("clusters/a/x.yaml", &x),
            ("clusters/a/extra.yaml", extra),
            ("apps/base/app.yaml", "kind: X"),
            ("apps/prod/app.yaml", "kind: X"),
        ],
        |cluster| {
            let x = one(cluster, "x");
            (
                x.source.clone(),
                x.path.as_ref().map(RepoPath::to_string),
                x.problems.len(),
            )
        },
    )
}

fn git(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: {name}, namespace: flux-system}}\nspec: {spec}\n"
    )
}

fn here(root: &str) -> Source {
    Source::Here(RepoPath::clamp(root))
}

const OTHER: &str = "{kind: GitRepository, name: other}";

#[test]
fn sources_are_told_apart_by_their_address() {
    let same = git(
        "other",
        "{url: 'https://example.org/acme/fleet.git', ref: {branch: main}}",
    );
    assert_eq!(
        source(OTHER, "./apps/base", &same),
        (here(""), Some("apps/base".to_owned()), 0)
    );
    let another = git("other", "{url: 'https://example.org/acme/apps.git'}");
    assert_eq!(
        source(OTHER, "./nowhere", &another),
        (
            Source::Elsewhere("https://example.org/acme/apps.git".to_owned()),
            None,
            0
        )
    );
    let branch = git(
        "other",
        "{url: 'https://example.org/acme/fleet', ref: {branch: team}}",
    );
    assert!(matches!(
        source(OTHER, "./nowhere", &branch).0,
        Source::Elsewhere(_)
    ));
}

#[test]
fn a_source_with_the_address_of_a_remote_is_this_repository() {
    let entry = bootstrap("./clusters/a").replace("acme/fleet", "acme/mirror");
    let x = format!(
        "{KUSTOMIZATION}metadata: {{name: x, namespace: flux-system}}\nspec: {{path: ./apps, sourceRef: {OTHER}}}\n"
    );
    let found = |spec: &str, remotes: &[&str]| {
        let other = git("other", spec);
        let sources = SourceMap::from_memory([
            ("clusters/a/gotk-sync.yaml", entry.as_str()),
            ("clusters/a/x.yaml", &x),
            ("clusters/a/other.yaml", &other),
            ("apps/app.yaml", "kind: X"),
        ]);
        let store = Store::new(&sources);
        let options = Discovery {
            remotes: remotes.iter().map(|remote| (*remote).to_owned()).collect(),
            ..Discovery::default()
        };
        let fleet = load(
            &sources,
            &store,
            &Builder::new(&store),
            &Substituter::new(&sources),
            &options,
        );
        one(cluster(&fleet, "a"), "x").source.clone()
    };
    let fleet = "{url: 'https://example.org/acme/fleet', ref: {branch: main}}";
    let remotes = ["https://example.org/me/fleet", "git@example.org:acme/fleet.git"];
    let elsewhere = Source::Elsewhere("https://example.org/acme/fleet".to_owned());
    assert_eq!(found(fleet, &remotes), here(""));
    assert_eq!(found(fleet, &remotes[..1]), elsewhere);
    assert_eq!(
        found(&fleet.replace("branch: main", "tag: v1"), &remotes),
        elsewhere
    );
    assert_eq!(found(&fleet.replace("main", "team"), &remotes), elsewhere);
}

#[test]
fn a_source_that_nothing_makes_is_missing() {
    assert_eq!(source(OTHER, "./apps/base", "kind: X").0, Source::Missing);
    let elsewhere = "{kind: GitRepository, name: flux-system, namespace: team}";
    assert_eq!(source(elsewhere, "./apps/base", "kind: X").0, Source::Missing);
}

#[test]
fn paths_are_clamped_at_the_root_and_may_be_missing() {
    let own = "{kind: GitRepository, name: flux-system}";
    assert_eq!(
        source(own, "../../apps/base", "kind: X").1.as_deref(),
        Some("apps/base")
    );
    assert_eq!(source(own, "./apps/staging", "kind: X"), (here(""), None, 1));
    assert_eq!(
        source(own, "./apps/base/app.yaml", "kind: X"),
        (here(""), None, 1)
    );
}

#[test]
fn an_artifact_of_a_part_of_the_repository_has_that_part_as_its_root() {
    let generator = "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\n\
                     metadata: {name: g, namespace: flux-system}\nspec:\n  sources: [{alias: repo, kind: GitRepository, name: flux-system}]\n  \
                     artifacts:\n  - name: apps\n    copy:\n    - {from: '@repo/apps/base/**', to: '@artifact/base/'}\n    \
                     - {from: '@repo/apps/prod/**', to: '@artifact/prod/'}\n";
    let artifact = "{kind: ExternalArtifact, name: apps}";
    assert_eq!(
        source(artifact, "./prod", generator),
        (here("apps"), Some("apps/prod".to_owned()), 0)
    );
    let unmade = "{kind: ExternalArtifact, name: other}";
    assert_eq!(
        source(unmade, "./prod", generator).0,
        Source::Unknown(UnknownReason::Generated)
    );
}

#[test]
fn a_directory_that_the_artifact_leaves_out_is_missing() {
    let apps = kustomization("apps", "./apps", "");
    with_cluster(
        &[
            ("clusters/a/gotk-sync.yaml", &bootstrap("./clusters/a")),
            ("clusters/a/apps.yaml", &apps),
            ("apps/app.yaml", "kind: X"),
            (".sourceignore", "/*\n!/clusters\n"),
        ],
        |cluster| {
            let problems = &one(cluster, "apps").problems;
            assert!(matches!(
                problems.as_slice(),
                [RenderProblem::MissingPath {
                    excluded_by: Some(_),
                    ..
                }]
            ));
            assert!(one(cluster, "apps").build.is_none());
        },
    );
}

#[test]
fn a_generated_kustomization_lists_no_file_that_the_artifact_leaves_out() {
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n";
    let apps = kustomization("apps", "./apps", "");
    let sync = bootstrap("./clusters/a");
    let files = [
        ("clusters/a/gotk-sync.yaml", sync.as_str()),
        ("clusters/a/apps.yaml", apps.as_str()),
        ("apps/app.yaml", config_map),
        ("apps/.sops.yaml", "creation_rules: []"),
        ("apps/values.yaml", "no: manifest"),
        (".sourceignore", "values.yaml\n**/.sops.yaml\n"),
    ];
    let failed = |files: &[(&str, &str)]| {
        with_cluster(files, |cluster| {
            one(cluster, "apps").build.as_ref().unwrap().failed()
        })
    };
    assert!(!failed(&files));
    assert!(failed(&files[..5]), "by default `values.yaml` is packed");
    assert!(!failed(&files[..4]), "by default `.sops.yaml` is not");
}

#[test]
fn what_a_kustomization_names_must_be_in_the_artifact() {
    let apps = kustomization("apps", "./apps", "");
    let sync = bootstrap("./clusters/a");
    let files = [
        ("clusters/a/gotk-sync.yaml", sync.as_str()),
        ("clusters/a/apps.yaml", apps.as_str()),
        (
            "apps/kustomization.yaml",
            "resources: [../base]\nconfigMapGenerator: [{name: logo, files: [logo.png]}]\n",
        ),
        ("apps/logo.png", "png"),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "base/app.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n",
        ),
    ];
    let problems = |ignore: &str| {
        let mut files = files.to_vec();
        files.push((".sourceignore", ignore));
        with_cluster(&files, |cluster| {
            let build = one(cluster, "apps").build.as_ref().unwrap();
            let problems = build.problems.iter();
            problems
                .map(|problem| (problem.message.clone(), problem.related.len()))
                .collect::<Vec<_>>()
        })
    };
    let missing = |what: &str, related: usize| {
        let message = format!("{what}the artifact does not hold `");
        move |(found, places): &(String, usize)| found.starts_with(&message) && *places == related
    };
    assert!(
        matches!(problems("").as_slice(), [logo] if missing("", 0)(logo)),
        "pictures are left out by default"
    );
    assert!(problems("# only what is said\n*.md\n").is_empty());
    let base = problems("/base\n");
    assert!(
        matches!(base.as_slice(), [base] if missing("accumulating resources: ", 1)(base)),
        "{base:?}"
    );
    let file = problems("app.yaml\n");
    assert!(
        matches!(file.as_slice(), [file] if missing("accumulating resources: ", 1)(file)),
        "{file:?}"
    );
}

#[test]
fn what_another_repository_brings_in_is_not_missing() {
    let source_of = |spec: &str, path: &str| {
        let same = git("other", spec);
        source(OTHER, path, &same)
    };
    let include =
        "{url: 'https://example.org/acme/fleet', include: [{repository: {name: libs}, toPath: vendor}]}";
    assert_eq!(source_of(include, "./vendor/apps"), (here(""), None, 0));
    assert_eq!(source_of(include, "./elsewhere"), (here(""), None, 1));
    let named = "{url: 'https://example.org/acme/fleet', include: [{repository: {name: libs}}]}";
    assert_eq!(source_of(named, "./libs/apps"), (here(""), None, 0));
}

#[test]
fn a_sparse_checkout_holds_only_its_directories() {
    let paths = |directories: &str, path: &str| {
        let spec = format!("{{url: 'https://example.org/acme/fleet', sparseCheckout: {directories}}}");
        let (_, path, problems) = source(OTHER, path, &git("other", &spec));
        (path, problems)
    };
    let found = |path: &str| (Some(path.to_owned()), 0);
    assert_eq!(paths("[./apps/base]", "./apps/base"), found("apps/base"));
    assert_eq!(paths("[apps/base]", "./apps"), found("apps"));
    assert_eq!(paths("[apps/base]", "./apps/prod"), (None, 1));
    assert_eq!(paths("[apps]", "./apps/prod"), found("apps/prod"));
}
