//! Cycles, doubling and repetition.

use std::sync::Arc;

use std::fmt::Write as _;

use super::{Built, config_map};
use crate::kustomize::{BuildOptions, Builder, LeftOut, Overlay, ProblemKind};
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Store;

#[test]
fn a_base_that_many_name_is_accumulated_once() {
    let map = config_map("x");
    let mut files = vec![
        (
            "base/kustomization.yaml".to_owned(),
            "resources: [x.yaml]".to_owned(),
        ),
        ("base/x.yaml".to_owned(), map),
    ];
    let mut top = "resources:\n".to_owned();
    for number in 0..20 {
        writeln!(top, "- overlay-{number}").unwrap();
        files.push((
            format!("overlay-{number}/kustomization.yaml"),
            format!("resources: [../base]\nnameSuffix: -n{number}\n"),
        ));
    }
    files.push(("kustomization.yaml".to_owned(), top));
    let sources = SourceMap::from_memory(files);
    let store = Store::new(&sources);
    let builder = Builder::new(&store);
    let options = BuildOptions::kustomize(RepoPath::root());
    for _ in 0..3 {
        let build = builder.build(&RepoPath::root(), &options);
        assert_eq!((build.objects.len(), build.failed()), (20, false));
    }
    assert_eq!(builder.runs(), 1);
    assert_eq!(builder.bases(), 21, "twenty overlays and one base");
}

#[test]
fn a_cycle_is_reported_at_the_entry_that_closes_it() {
    let built = Built::kustomize(
        "a",
        &[
            ("a/kustomization.yaml", "resources:\n- ../b\n"),
            ("b/kustomization.yaml", "resources:\n- ../a\n"),
        ],
    );
    assert_eq!(
        built.failure(),
        "b/kustomization.yaml:2: cycle detected: candidate root `a` contains visited root `b`"
    );
    let built = Built::kustomize("a", &[("a/kustomization.yaml", "resources:\n- .\n")]);
    assert!(
        built
            .failure()
            .starts_with("a/kustomization.yaml:2: cycle detected")
    );
}

#[test]
fn the_result_of_a_cycle_does_not_leak_into_other_builds() {
    // `inner` is fine by itself, but not when it is reached from a directory below `shared`.
    let map = config_map("x");
    let files = [
        ("shared/kustomization.yaml", "resources: [x.yaml]"),
        ("shared/x.yaml", map.as_str()),
        ("shared/deep/kustomization.yaml", "resources: [../../inner]"),
        ("inner/kustomization.yaml", "resources: [../shared]"),
    ];
    let sources = SourceMap::from_memory(files);
    let store = Store::new(&sources);
    let builder = Builder::new(&store);
    let options = BuildOptions::kustomize(RepoPath::root());
    let failed = |directory| builder.build(&RepoPath::clamp(directory), &options).failed();
    assert!(!failed("inner"));
    assert!(failed("shared/deep"));
    assert!(!failed("inner"));
}

#[test]
fn directories_that_all_name_each_other_end_in_time() {
    const COUNT: usize = 14;
    let all: Vec<String> = (0..COUNT).map(|number| format!("../d{number}")).collect();
    let files = (0..COUNT).map(|number| {
        let text = format!("resources: [{}]", all.join(", "));
        (format!("d{number}/kustomization.yaml"), text)
    });
    let sources = SourceMap::from_memory(files);
    let store = Store::new(&sources);
    let build =
        Builder::new(&store).build(&RepoPath::clamp("d0"), &BuildOptions::kustomize(RepoPath::root()));
    assert!(build.failed());
}

#[test]
fn objects_that_double_at_every_step_are_bounded() {
    let mut files = vec![
        (
            "d0/kustomization.yaml".to_owned(),
            "resources: [x.yaml]".to_owned(),
        ),
        ("d0/x.yaml".to_owned(), config_map("x")),
    ];
    for step in 1..12 {
        let below = step - 1;
        for side in ["l", "r"] {
            files.push((
                format!("d{step}{side}/kustomization.yaml"),
                format!("resources: [../d{below}]\nnameSuffix: -{side}\n"),
            ));
        }
        files.push((
            format!("d{step}/kustomization.yaml"),
            format!("resources: [../d{step}l, ../d{step}r]\n"),
        ));
    }
    let sources = SourceMap::from_memory(files);
    let store = Store::new(&sources);
    let build = Builder::new(&store).build(
        &RepoPath::clamp("d11"),
        &BuildOptions::kustomize(RepoPath::root()),
    );
    let message = build
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .next();
    assert!(
        message.is_some_and(|message| message.starts_with("the build has more than")),
        "{message:?}"
    );
}

#[test]
fn nothing_outside_of_the_sources_root_is_read() {
    let sources = SourceMap::from_memory([
        (
            "deploy/apps/kustomization.yaml",
            "resources: [../../secret.yaml]".to_owned(),
        ),
        ("secret.yaml", config_map("x")),
    ]);
    let store = Store::new(&sources);
    let options = BuildOptions::kustomize(RepoPath::clamp("deploy"));
    let build = Builder::new(&store).build(&RepoPath::clamp("deploy/apps"), &options);
    assert!(build.objects.is_empty());
    assert!(
        build.problems[0].message.contains("is not in or below `deploy`"),
        "{:?}",
        build.problems
    );
}

#[test]
fn components_that_double_at_every_step_are_bounded() {
    let files = (0..=40).map(|step| {
        let next = step + 1;
        let below = if step < 40 {
            format!("../c{next}, ../c{next}")
        } else {
            String::new()
        };
        let text = format!("kind: Component\ncomponents: [{below}]\n");
        (format!("c{step}/kustomization.yaml"), text)
    });
    let top = (
        "top/kustomization.yaml".to_owned(),
        "components: [../c0]".to_owned(),
    );
    let sources = SourceMap::from_memory(files.chain([top]));
    let store = Store::new(&sources);
    let build = Builder::new(&store).build(
        &RepoPath::clamp("top"),
        &BuildOptions::kustomize(RepoPath::root()),
    );
    let is_bound = |message: &str| message.starts_with("the build carries out more than");
    assert!(
        build.problems.iter().any(|problem| is_bound(&problem.message)),
        "{:?}",
        build.problems.len()
    );
}

#[test]
fn generated_data_is_bounded() {
    let files = [
        ("big".to_owned(), "x".repeat(10 * 1024)),
        ("kustomization.yaml".to_owned(), {
            let keys: Vec<String> = (0..300).map(|key| format!("k{key}=big")).collect();
            format!("configMapGenerator: [{{name: c, files: [{}]}}]", keys.join(", "))
        }),
    ];
    let sources = SourceMap::from_memory(files);
    let store = Store::new(&sources);
    let build = Builder::new(&store).build(&RepoPath::root(), &BuildOptions::kustomize(RepoPath::root()));
    assert!(
        build.problems[0]
            .message
            .starts_with("generated objects hold more than"),
        "{:?}",
        build.problems[0]
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("x.yaml"), config_map("x")).unwrap();
    let inside = tempfile::tempdir().unwrap();
    std::fs::write(
        inside.path().join("kustomization.yaml"),
        "resources: [link/x.yaml]\n",
    )
    .unwrap();
    std::os::unix::fs::symlink(outside.path(), inside.path().join("link")).unwrap();
    let sources = SourceMap::open(inside.path()).unwrap();
    let store = Store::new(&sources);
    let build = Builder::new(&store).build(&RepoPath::root(), &BuildOptions::kustomize(RepoPath::root()));
    assert!(build.objects.is_empty());
    let message = &build.problems[0].message;
    assert!(
        message.ends_with("`link/x.yaml` is reached through a link that leaves the repository"),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_on_disk_and_is_in_no_artifact() {
    let place = tempfile::tempdir().unwrap();
    std::fs::create_dir(place.path().join("real")).unwrap();
    for (name, text) in [
        ("kustomization.yaml", "resources: [linked]\n".to_owned()),
        ("real/kustomization.yaml", "resources: [x.yaml]\n".to_owned()),
        ("real/x.yaml", config_map("x")),
    ] {
        std::fs::write(place.path().join(name), text).unwrap();
    }
    std::os::unix::fs::symlink("real", place.path().join("linked")).unwrap();
    let sources = SourceMap::open(place.path()).unwrap();
    let store = Store::new(&sources);
    let (builder, root) = (Builder::new(&store), RepoPath::root());
    let options = BuildOptions::flux(root.clone(), Overlay::default());
    assert_eq!(builder.build(&root, &options).objects.len(), 1);
    let left_out = Arc::new(LeftOut::of(&sources, &root, None));
    let build = builder.build(&root, &options.without(left_out));
    assert!(build.objects.is_empty());
    assert!(
        build.problems[0]
            .message
            .contains("the artifact does not hold `linked`"),
        "{}",
        build.problems[0].message
    );
}

#[test]
fn patterns_that_are_not_followed_are_told() {
    let told = |count: usize| {
        let ignored = format!("/apps\n{}", "/docs\n".repeat(count - 1));
        let files = [
            ("kustomization.yaml", "resources: []\n"),
            (".sourceignore", ignored.as_str()),
        ];
        let sources = SourceMap::from_memory(files);
        let store = Store::new(&sources);
        let (builder, root) = (Builder::new(&store), RepoPath::root());
        let left_out = Arc::new(LeftOut::of(&sources, &root, None));
        let options = BuildOptions::flux(root.clone(), Overlay::default()).without(left_out);
        let build = builder.build(&root, &options);
        build
            .problems
            .iter()
            .filter(|problem| problem.kind == ProblemKind::Limit)
            .count()
    };
    assert_eq!((told(10_000), told(10_001)), (0, 1));
}
