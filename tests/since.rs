//! `--since`: only what a change adds is reported. The repositories are made with `git`.
#![cfg(feature = "since")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::fleet::{self, Files};
use common::git::{self, Repository, git};
use common::{code, meshlint, stderr, stdout};
use meshlint::engine::{self, RunOptions};
use meshlint::rules::{Category, RULES};
use meshlint::source::{RepoPath, SourceMap, at_merge_base};
use serde_json::Value;

const APPS: &str = "clusters/apps/cluster-settings.yaml";
const CILIUM: &str = "infrastructure/cilium/app/kustomization.yaml";
const CATALOGUE: &str = "services/catalogue/kustomization.yaml";
const LABELS: &str = "commonLabels:\n  team: network\n";

/// A fleet with two faults: an id that two clusters have, and a field that kustomize replaced.
fn faulty() -> Files {
    let mut files = fleet::read("duplicate-id");
    files.get_mut(CILIUM).unwrap().push_str(LABELS);
    files
}

fn sound() -> Files {
    fleet::read("two-clusters")
}

/// Overlapping pod ranges, which are an error.
fn plant(repository: &Repository) {
    repository.edit(APPS, "10.65.0.0/16", "10.64.0.0/16");
}

fn lines(output: &Output) -> Vec<String> {
    assert!(code(output) < 2, "{}", stderr(output));
    let text = stdout(output);
    let lines = text.lines().filter(|line| !is_of_the_change(line));
    lines.map(str::to_owned).collect()
}

/// Of a fault that is planted the change is judged as well (`tests/pages.rs` does).
fn is_of_the_change(line: &str) -> bool {
    let mut of_changes = RULES.iter().filter(|rule| rule.category == Category::Change);
    of_changes.any(|rule| line.contains(&format!("[{}]", rule.name)))
}

fn found(directory: &Path, arguments: &[&str]) -> Vec<String> {
    lines(&git::check(directory, arguments))
}

#[track_caller]
fn assert_planted(lines: &[String]) {
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with(APPS), "{lines:#?}");
    assert!(lines[0].contains("error[pod-cidr-overlap]"), "{lines:#?}");
}

#[test]
fn a_clean_work_tree_has_nothing_new_since_its_own_commit() {
    let repository = Repository::new(&faulty());
    assert_eq!(repository.check(&[]).status.code(), Some(1));
    let output = repository.check(&["--since", "HEAD", "--fail-on", "info"]);
    assert_eq!(
        (code(&output), stdout(&output), stderr(&output)),
        (0, String::new(), String::new())
    );
}

#[test]
fn a_commit_that_plants_one_fault_gives_exactly_that_finding_in_every_format() {
    let repository = Repository::new(&faulty());
    plant(&repository);
    repository.commit("plant");
    assert_planted(&found(&repository.root, &["--since", "HEAD~1"]));
    assert_eq!(found(&repository.root, &["--since", "HEAD"]), [""; 0]);
    for format in common::formats() {
        let check = |since: &str| {
            meshlint()
                .current_dir(&repository.root)
                .args(["check", "--since", since, "--format", format])
                .output()
                .unwrap()
        };
        let text = stdout(&check("HEAD~1"));
        assert_eq!(code(&check("HEAD~1")), 1, "{format}");
        assert!(text.contains("give their pods addresses"), "{format}: {text}");
        assert!(!text.contains("both have cluster id"), "{format}: {text}");
        assert_eq!(code(&check("HEAD")), 0, "{format}");
    }
}

#[test]
fn old_findings_are_counted_as_suppressed() {
    let repository = Repository::new(&faulty());
    plant(&repository);
    let json = repository.check(&["--since", "HEAD", "--format", "json", "--output", "../out.json"]);
    assert_eq!(code(&json), 1, "{}", stderr(&json));
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(repository.beside("out.json")).unwrap()).unwrap();
    assert_eq!(json["summary"]["suppressed"], 2);
    // The ranges overlap, and nodes have addresses of the old one.
    assert_eq!(json["summary"]["errors"], 2);
    assert_eq!(json["findings"].as_array().unwrap().len(), 2);
}

#[test]
fn the_work_tree_counts_and_not_what_is_committed() {
    let repository = Repository::new(&sound());
    plant(&repository);
    assert_planted(&found(&repository.root, &["--since", "HEAD"]));
    repository.git(&["add", "--all"]);
    assert_planted(&found(&repository.root, &["--since", "HEAD"]));
    repository.git(&["reset", "--quiet", "--hard"]);
    assert_eq!(found(&repository.root, &["--since", "HEAD"]), [""; 0]);
    // The other way round: committed, and mended since.
    plant(&repository);
    repository.commit("plant");
    repository.edit(APPS, "10.64.0.0/16", "10.65.0.0/16");
    assert_eq!(found(&repository.root, &["--since", "HEAD~1"]), [""; 0]);
}

#[test]
fn neither_the_work_tree_nor_git_is_touched() {
    let repository = Repository::new(&faulty());
    plant(&repository);
    let state = || {
        let mut all: Vec<_> = walkdir::WalkDir::new(&repository.root)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let metadata = entry.metadata().unwrap();
                (entry.into_path(), metadata.len(), metadata.modified().unwrap())
            })
            .collect();
        all.sort();
        all
    };
    let before = state();
    assert_planted(&found(&repository.root, &["--since", "HEAD"]));
    assert_eq!(state(), before);
}

#[test]
fn the_merge_base_is_what_counts() {
    let repository = Repository::new(&sound());
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    plant(&repository);
    repository.commit("plant");
    // What main has got since then is nothing that the change took away.
    repository.git(&["checkout", "--quiet", "main"]);
    repository.put(CATALOGUE, &format!("{}{LABELS}", repository.text(CATALOGUE)));
    repository.commit("go on");
    repository.git(&["checkout", "--quiet", "change"]);
    assert_planted(&found(&repository.root, &["--since", "main"]));
    // As CI checks out a pull request: merged, and on no branch.
    repository.git(&["checkout", "--quiet", "--detach", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "change"]);
    assert_eq!(found(&repository.root, &[]).len(), 2);
    assert_planted(&found(&repository.root, &["--since", "main"]));
}

#[test]
fn a_revision_is_whatever_git_takes_for_one() {
    let repository = Repository::new(&sound());
    repository.git(&["tag", "light"]);
    repository.git(&["tag", "--annotate", "--message", "x", "heavy"]);
    repository.git(&["branch", "feature/x"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let id = repository.git(&["rev-parse", "HEAD"]);
    plant(&repository);
    repository.commit("plant");
    repository.commit("nothing");
    let pack = |repository: &Repository| repository.git(&["gc", "--quiet"]);
    for packed in [false, true] {
        if packed {
            pack(&repository);
        }
        for revision in [
            "light",
            "heavy",
            "feature/x",
            "origin/main",
            "refs/heads/feature/x",
            &id,
            &id[..8],
            "HEAD~2",
            "HEAD^^",
            "main~2",
            "@~2",
        ] {
            assert_planted(&found(&repository.root, &["--since", revision]));
        }
    }
    let output = repository.check(&["--since="]);
    assert_eq!(
        (code(&output), lines(&output).len()),
        (1, 1),
        "an empty REV is none"
    );
}

#[test]
fn moved_renamed_rewritten_and_reordered_is_not_new() {
    let repository = Repository::new(&faulty());
    repository.edit(APPS, "CLUSTER_ID: \"1\"", "# a word\n\n  CLUSTER_ID: '1'");
    repository.git(&["mv", APPS, "clusters/apps/settings.yaml"]);
    repository.edit(
        "clusters/apps/kustomization.yaml",
        "cluster-settings.yaml",
        "settings.yaml",
    );
    repository.git(&["mv", "infrastructure", "platform"]);
    for file in ["cilium", "cert-manager"] {
        repository.edit(&format!("delivery/{file}.yaml"), "./infrastructure", "./platform");
    }
    let moved = "platform/cilium/app/kustomization.yaml";
    let text = repository.text(moved).replace(LABELS, "");
    repository.put(moved, &format!("\"commonLabels\": {{team: network}}\n{text}"));
    repository.commit("move");
    assert_eq!(found(&repository.root, &[]).len(), 2);
    assert_eq!(found(&repository.root, &["--since", "HEAD~1"]), [""; 0]);
}

#[test]
fn line_ends_are_not_new() {
    let repository = Repository::new(&faulty());
    for path in [APPS, CILIUM] {
        repository.put(path, &repository.text(path).replace('\n', "\r\n"));
    }
    assert_eq!(found(&repository.root, &["--since", "HEAD"]), [""; 0]);
}

#[test]
fn a_fault_that_turns_up_elsewhere_when_its_file_stays_is_new() {
    let repository = Repository::new(&faulty());
    repository.edit(CILIUM, LABELS, "");
    repository.put(CATALOGUE, &format!("{}{LABELS}", repository.text(CATALOGUE)));
    let lines = found(&repository.root, &["--since", "HEAD"]);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with(CATALOGUE), "{lines:#?}");
}

#[test]
fn a_deleted_file_that_others_need_is_told_where_it_is_needed() {
    let repository = Repository::new(&faulty());
    repository.git(&["rm", "--quiet", "services/catalogue/service.yaml"]);
    let lines = found(&repository.root, &["--since", "HEAD"]);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with(CATALOGUE), "{lines:#?}");
    assert!(lines[0].contains("kustomize-build-failed"), "{lines:#?}");
}

#[test]
fn where_there_was_no_cluster_everything_is_new() {
    let repository = Repository::empty();
    repository.put("README.md", "soon\n");
    repository.commit("begin");
    repository.write(&faulty());
    repository.commit("a fleet");
    assert_eq!(found(&repository.root, &["--since", "HEAD~1"]).len(), 2);
}

#[test]
fn a_fleet_in_a_directory_of_a_repository_is_compared_with_that_directory() {
    let repository = Repository::empty();
    let files: Files = faulty()
        .into_iter()
        .map(|(path, text)| (format!("deploy/fleet/{path}"), text))
        .collect();
    repository.write(&files);
    repository.put("README.md", "x\n");
    repository.commit("begin");
    repository.edit(&format!("deploy/fleet/{APPS}"), "10.65.0.0/16", "10.64.0.0/16");
    for (directory, arguments) in [
        ("deploy/fleet", vec!["--since", "HEAD"]),
        ("deploy", vec!["--since", "HEAD", "fleet"]),
    ] {
        assert_planted(&found(&repository.root.join(directory), &arguments));
    }
}

#[test]
fn a_linked_work_tree_has_the_objects_of_its_repository() {
    let repository = Repository::new(&faulty());
    let linked = repository.beside("linked");
    repository.git(&[
        "worktree",
        "add",
        "--quiet",
        linked.to_str().unwrap(),
        "-b",
        "other",
    ]);
    assert_eq!(found(&linked, &["--since", "main"]), [""; 0]);
    let text = std::fs::read_to_string(linked.join(APPS)).unwrap();
    std::fs::write(linked.join(APPS), text.replace("10.65.0.0/16", "10.64.0.0/16")).unwrap();
    git(&linked, &["commit", "--quiet", "--all", "--message", "plant"]);
    assert_planted(&found(&linked, &["--since", "main"]));
    // HEAD is the linked work tree's own.
    assert_eq!(found(&repository.root, &["--since", "other"]), [""; 0]);
}

#[test]
fn a_clone_that_borrows_objects_is_read() {
    let repository = Repository::new(&faulty());
    let clone = repository.beside("clone");
    let origin = repository.root.to_str().unwrap();
    repository.git(&["clone", "--quiet", "--shared", origin, clone.to_str().unwrap()]);
    assert_eq!(found(&clone, &["--since", "origin/main"]), [""; 0]);
}

#[test]
fn a_shallow_clone_says_how_to_get_the_history() {
    let repository = Repository::new(&sound());
    repository.git(&["branch", "release"]);
    repository.commit("two");
    plant(&repository);
    repository.commit("three");
    let clone = repository.beside("clone");
    let origin = format!("file://{}", repository.root.display());
    let arguments = ["clone", "--quiet", "--depth", "1", "--no-single-branch"];
    repository.git(&[&arguments[..], &[&origin, clone.to_str().unwrap()]].concat());
    for revision in ["HEAD~1", "origin/release", "v1"] {
        let output = git::check(&clone, &["--since", revision]);
        assert_eq!(code(&output), 2, "{revision}: {}", stdout(&output));
        let told = stderr(&output);
        assert!(told.contains(&format!("`{revision}`")), "{told}");
        assert!(
            told.contains("fetch-depth: 0") && told.contains("git fetch --unshallow"),
            "{told}"
        );
    }
    // What is there can be used.
    assert_eq!(found(&clone, &["--since", "origin/main"]), [""; 0]);
    git(&clone, &["fetch", "--quiet", "--unshallow"]);
    assert_planted(&found(&clone, &["--since", "origin/release"]));
}

#[test]
fn what_is_no_revision_stops_the_run() {
    let repository = Repository::new(&sound());
    repository.git(&["checkout", "--quiet", "--orphan", "alone"]);
    repository.commit("another beginning");
    for (revision, said) in [
        ("nowhere", "no revision `nowhere`"),
        ("HEAD..main", "`HEAD..main` names a range"),
        ("HEAD...main", "`HEAD...main` names a range"),
        ("HEAD^!", "`HEAD^!` names a range"),
        ("HEAD^@", "`HEAD^@` names a range"),
        ("^HEAD", "`^HEAD` names a range"),
        ("HEAD..", "`HEAD..` names a range"),
        ("--upload-pack=touch x", "no revision"),
        ("main", "`main` and HEAD have no commit in common"),
        (&format!("HEAD:{APPS}"), "is no commit"),
    ] {
        let output = repository.check(&[&format!("--since={revision}")]);
        assert_eq!((code(&output), stdout(&output)), (2, String::new()), "{revision}");
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
    let output = Repository::empty();
    output.write(&sound());
    let output = output.check(&["--since", "HEAD"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("HEAD has no commit yet"),
        "{}",
        stderr(&output)
    );
}

/// What no run of `git` leaves behind, but a checkout that somebody packed may have.
#[cfg(unix)]
#[test]
fn whatever_lies_in_gits_directory_is_answered_in_a_sentence() {
    use std::os::unix::fs::symlink;
    let spoil = |change: &dyn Fn(&Path), revision: &str| {
        let repository = Repository::new(&sound());
        plant(&repository);
        repository.commit("second");
        change(&repository.root.join(".git"));
        let output = repository.check(&["--since", revision]);
        (code(&output), stderr(&output))
    };
    let told = |what: &str, change: &dyn Fn(&Path), revision: &str| {
        let (code, said) = spoil(change, revision);
        assert!(
            code == 2 && said.starts_with("meshlint: --since: "),
            "{what}: {code} {said}"
        );
        assert_eq!(said.lines().count(), 1, "{what}: {said}");
    };
    let put = |path: &Path, bytes: &[u8]| {
        let _ = fs::remove_file(path);
        fs::write(path, bytes).unwrap();
    };
    let instead = |path: &Path, target: &str| {
        let _ = fs::remove_file(path);
        symlink(target, path).unwrap();
    };
    let fifo = |path: &Path| {
        let _ = fs::remove_file(path);
        let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
    };
    told(
        "a shallow file of garbage",
        &|git| put(&git.join("shallow"), b"x"),
        "HEAD~1",
    );
    told(
        "a shallow file of zeros",
        &|git| put(&git.join("shallow"), &[0; 100]),
        "HEAD~1",
    );
    told("a fifo for HEAD", &|git| fifo(&git.join("HEAD")), "HEAD~1");
    told(
        "a fifo for a branch",
        &|git| fifo(&git.join("refs/heads/other")),
        "other",
    );
    told(
        "a fifo for the configuration",
        &|git| fifo(&git.join("config")),
        "HEAD~1",
    );
    told(
        "an object store of fifos",
        &|git| fifo(&git.join("objects/info/alternates")),
        "HEAD~1",
    );
    for name in [
        "HEAD",
        "config",
        "shallow",
        "packed-refs",
        "refs/heads/zero",
        "objects/info/alternates",
        "commondir",
    ] {
        told(name, &|git| instead(&git.join(name), "/dev/zero"), "HEAD~1");
    }
    for name in ["HEAD", "packed-refs", "objects/info/alternates"] {
        let (code, said) = spoil(&|git| put(&git.join(name), b"\xff\0garbage\n"), "HEAD~1");
        assert!(code <= 2 && !said.contains("panicked"), "{name}: {said}");
    }
    // Loose objects that are garbage once they are unpacked, and commits whose parents are not there.
    let object = |git: &Path, kind: &str, content: &str| {
        let file = git.join("content");
        fs::write(&file, content).unwrap();
        let arguments = ["hash-object", "-w", "--literally", "-t", kind, "content"];
        git::git(git, &arguments).trim().to_owned()
    };
    for (kind, content) in [
        ("tag", "garbage"),
        ("tag", "object x\ntype commit\n"),
        ("commit", "tree x\n"),
        ("tree", "garbage"),
        ("nothing", "x"),
    ] {
        let change = |git: &Path| {
            let id = object(git, kind, content);
            put(&git.join("refs/heads/spoilt"), format!("{id}\n").as_bytes());
        };
        told(&format!("a {kind} of {content:?}"), &change, "spoilt");
        told(
            &format!("a {kind} of {content:?}, peeled"),
            &change,
            "spoilt^{/1}",
        );
    }
    let orphan = |git: &Path| {
        let tree = git::git(git, &["rev-parse", "HEAD^{tree}"]);
        let text = format!(
            "tree {}\nparent {}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nm\n",
            tree.trim(),
            "1".repeat(40)
        );
        let id = object(git, "commit", &text);
        put(&git.join("refs/heads/orphan"), format!("{id}\n").as_bytes());
    };
    for revision in ["orphan^{/1}", "orphan~1", "orphan", "orphan^2", ":/nothing"] {
        told(revision, &orphan, revision);
    }
}

#[test]
fn outside_of_a_repository_there_is_no_revision() {
    let scratch = tempfile::tempdir().unwrap();
    for (path, text) in sound() {
        let path = scratch.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let output = git::check(scratch.path(), &["--since", "HEAD"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("is in no Git repository"),
        "{}",
        stderr(&output)
    );
    std::fs::create_dir(scratch.path().join(".git")).unwrap();
    let output = git::check(scratch.path(), &["--since", "HEAD"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("cannot read the Git repository"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_clone_without_the_old_files_is_refused() {
    let repository = Repository::new(&faulty());
    plant(&repository);
    repository.commit("plant");
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = repository.beside("clone");
    let origin = format!("file://{}", repository.root.display());
    repository.git(&[
        "clone",
        "--quiet",
        "--filter=blob:none",
        &origin,
        clone.to_str().unwrap(),
    ]);
    let output = git::check(&clone, &["--since", "HEAD~1"]);
    assert_eq!((code(&output), stdout(&output)), (2, String::new()));
    assert!(stderr(&output).contains("--filter"), "{}", stderr(&output));
}

#[test]
fn files_that_git_does_not_know_are_no_part_of_a_change() {
    let mut files = faulty();
    files.insert(".gitignore".to_owned(), "generated.yaml\n".to_owned());
    let list = files.get_mut(CATALOGUE).unwrap();
    *list = list.replace("resources:\n", "resources:\n  - generated.yaml\n");
    let repository = Repository::new(&files);
    repository.put(
        "services/catalogue/generated.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: generated\n",
    );
    assert_eq!(found(&repository.root, &[]).len(), 2);
    assert_eq!(found(&repository.root, &["--since", "HEAD"]), [""; 0]);
    plant(&repository);
    assert_planted(&found(&repository.root, &["--since", "HEAD"]));
    // One that was taken out of Git and is not on disk was part of it.
    std::fs::remove_file(repository.root.join("services/catalogue/generated.yaml")).unwrap();
    assert_eq!(found(&repository.root, &["--since", "HEAD"]).len(), 1);
}

#[test]
fn a_changed_configuration_makes_nothing_new() {
    let repository = Repository::new(&faulty());
    repository.put(
        "meshlint.toml",
        "# words\nselect = [\"default\"]\n\n[levels]\ndeprecated-kustomize-field = \"error\"\n\n[[ignore]]\nrule = \
         \"missing-path\"\npath = \"/clusters/\"\nreason = \"x\"\n",
    );
    assert_eq!(
        found(&repository.root, &[]).len(),
        3,
        "an entry that ignores nothing, too"
    );
    assert_eq!(found(&repository.root, &["--since", "HEAD"]), [""; 0]);
    repository.commit("configure");
    plant(&repository);
    let text = repository.text("meshlint.toml");
    repository.put("meshlint.toml", &format!("# more words\n{text}"));
    assert_planted(&found(&repository.root, &["--since", "HEAD"]));
    // From outside of the repository.
    std::fs::write(repository.beside("other.toml"), &text).unwrap();
    assert_planted(&found(
        &repository.root,
        &["--since", "HEAD", "--config", "../other.toml"],
    ));
}

#[test]
fn it_goes_with_a_baseline_filters_and_a_buffer() {
    let repository = Repository::new(&faulty());
    let written = repository.root.join("known.json");
    let write = meshlint()
        .current_dir(&repository.root)
        .args(["check", "--write-baseline", "known.json"])
        .output()
        .unwrap();
    assert_eq!(code(&write), 0, "{}", stderr(&write));
    assert!(written.exists());
    plant(&repository);
    let both = ["--since", "HEAD", "--baseline", "known.json"];
    assert_planted(&found(&repository.root, &both));
    assert_eq!(
        found(&repository.root, &["--since", "HEAD", "--select", "kustomize"]),
        [""; 0]
    );
    let refused = repository.check(&["--since", "HEAD", "--write-baseline", "known.json"]);
    assert_eq!(code(&refused), 2);
}

/// Every file of two maps, whether it is passed over, and what is in it.
fn listing(sources: &SourceMap) -> Vec<(String, bool, Vec<u8>)> {
    let all = sources.files().iter();
    all.map(|file| {
        let content = file.bytes().unwrap().to_owned();
        (file.path().to_string(), file.is_ignored(), content)
    })
    .collect()
}

#[cfg(unix)]
#[test]
fn the_tree_is_read_as_the_disk_is() {
    use std::os::unix::fs::symlink;
    let mut files = sound();
    files.insert(
        ".gitignore".to_owned(),
        "\u{feff}*.log\r\n/out/\n!keep.log\n".to_owned(),
    );
    files.insert("services/.gitignore".to_owned(), "tmp\n!*.log\n".to_owned());
    for path in [
        "a.log",
        "keep.log",
        "out/a.yaml",
        "services/tmp/b.yaml",
        "services/c.log",
        "clusters/tmp/d.yaml",
    ] {
        files.insert(path.to_owned(), format!("{path}\n"));
    }
    let repository = Repository::empty();
    repository.write(&files);
    let root = &repository.root;
    let links = [
        ("file", "services/catalogue/service.yaml"),
        ("services/directory", "../infrastructure"),
        ("services/outside", "/etc"),
        ("services/above", "../../.."),
        ("circle", "circle"),
        ("dangling", "nowhere"),
    ];
    for (link, target) in links {
        symlink(target, root.join(link)).unwrap();
    }
    symlink(root.join("clusters"), root.join("services/absolute")).unwrap();
    std::fs::write(root.join("bytes.bin"), [0xff, 0x00]).unwrap();
    // Ignored files too, some of which Git is to know.
    repository.git(&["add", "--all", "--force"]);
    repository.git(&["rm", "--quiet", "--cached", "out/a.yaml", "services/c.log"]);
    repository.git(&["commit", "--quiet", "--message", "x"]);
    std::fs::remove_file(root.join("services/c.log")).unwrap();

    let now = SourceMap::open(root).unwrap();
    let earlier = at_merge_base(root, "HEAD", &now, None).unwrap();
    assert_eq!(listing(&earlier.sources), listing(&now));
    earlier.confirm().unwrap();
    let names = links
        .iter()
        .map(|(link, _)| *link)
        .chain(["services/absolute", "services/directory/cilium"]);
    for name in names {
        let path = RepoPath::clamp(name);
        assert_eq!(earlier.sources.lookup(&path), now.lookup(&path), "{name}");
    }
    let through = RepoPath::clamp("services/absolute/apps/cluster-settings.yaml");
    assert!(earlier.sources.file_at(&through).is_some());
}

#[test]
fn a_submodule_that_stays_where_it_is_has_not_changed() {
    let module = Repository::new(&Files::from([("a.yaml".to_owned(), "a: 1\n".to_owned())]));
    let repository = Repository::new(&sound());
    let url = module.root.to_str().unwrap();
    repository.git(&["submodule", "--quiet", "add", url, "module"]);
    repository.commit("add");
    let paths = |revision: &str| {
        let now = SourceMap::open(&repository.root).unwrap();
        let earlier = at_merge_base(&repository.root, revision, &now, None).unwrap();
        let has = earlier
            .sources
            .file_at(&RepoPath::clamp("module/a.yaml"))
            .is_some();
        (has, earlier.sources.is_directory(&RepoPath::clamp("module")))
    };
    assert_eq!(paths("HEAD"), (true, true));
    assert_eq!(paths("HEAD~1"), (false, false));
    module.put("a.yaml", "a: 2\n");
    module.commit("go on");
    git(&repository.root.join("module"), &["pull", "--quiet"]);
    repository.commit("go on");
    assert_eq!(paths("HEAD"), (true, true));
    assert_eq!(paths("HEAD~1"), (false, true));
}

/// `.git/config` is not part of what is checked, but a repository may come as an archive.
#[cfg(unix)]
#[test]
fn no_configuration_of_the_repository_runs_a_program() {
    let repository = Repository::new(&faulty());
    repository.put(".gitattributes", "*.yaml filter=evil diff=evil\n");
    plant(&repository);
    repository.commit("plant");
    let mark = repository.beside("mark");
    let command = format!("touch {}", mark.display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.pager",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.evil.textconv",
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "uploadpack.packObjectsHook",
    ] {
        repository.git(&["config", key, &command]);
    }
    repository.git(&["config", "extensions.partialClone", "origin"]);
    repository.git(&["config", "remote.origin.url", &format!("ext::sh -c {command}")]);
    repository.git(&["config", "remote.origin.promisor", "true"]);
    repository.git(&["config", "include.path", "/dev/stdin"]);
    let _ = std::fs::remove_file(&mark);
    assert_planted(&found(&repository.root, &["--since", "HEAD~1"]));
    assert!(!mark.exists());
}

/// On a copy of a real repository (`MESHLINT_CORPUS`).
#[test]
#[cfg_attr(not(meshlint_corpus), ignore = "MESHLINT_CORPUS is not set")]
fn a_fault_planted_into_a_real_repository_is_the_only_finding() {
    let from = common::outside("MESHLINT_CORPUS").join("monosense-io+k8s-gitops");
    let repository = Repository::empty();
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.unwrap();
        let to = repository.root.join(entry.path().strip_prefix(&from).unwrap());
        if entry.file_type().is_dir() && entry.depth() > 0 {
            std::fs::create_dir_all(to).unwrap();
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
    repository.git(&["add", "--all", "--force"]);
    repository.commit("begin");
    assert!(!found(&repository.root, &[]).is_empty());
    assert_eq!(found(&repository.root, &["--since", "HEAD"]), [""; 0]);
    let write = meshlint()
        .current_dir(&repository.root)
        .args(["check", "--write-baseline", "../known.json"])
        .output()
        .unwrap();
    assert_eq!(code(&write), 0, "{}", stderr(&write));

    let (path, text) = kustomization(&repository.root);
    std::fs::write(&path, format!("{text}\nfrobnicate: true\n")).unwrap();
    repository.commit("plant");
    for arguments in [["--since", "HEAD~1"], ["--baseline", "../known.json"]] {
        for format in common::formats() {
            let output = meshlint()
                .current_dir(&repository.root)
                .args(["check", "--fail-on", "warning", "--format", format])
                .args(arguments)
                .output()
                .unwrap();
            assert_eq!(code(&output), 1, "{format}: {}", stderr(&output));
            if format == "concise" {
                let lines = lines(&output);
                assert_eq!(lines.len(), 1, "{lines:#?}");
                assert!(lines[0].contains("unknown-kustomize-field"), "{lines:#?}");
            }
        }
    }
}

/// The kustomization.yaml that the last Flux Kustomization of the first cluster builds.
fn kustomization(root: &Path) -> (PathBuf, String) {
    let sources = SourceMap::open(root).unwrap();
    let run = engine::check(&sources, &RunOptions::default());
    let cluster = run.fleet.clusters.first().expect("it has a cluster");
    let mut paths = cluster
        .kustomizations
        .iter()
        .rev()
        .filter_map(|one| one.path.as_ref());
    let path = paths
        .find_map(|path| {
            let path = root.join(path.as_str()).join("kustomization.yaml");
            path.is_file().then_some(path)
        })
        .expect("something is built");
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
}
