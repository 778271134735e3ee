//! `--stdin-filename`: an editor's buffer in the place of its file, and `--config`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use common::fleet;
use common::{code, meshlint, stderr, stdout};

const SETTINGS: &str = "clusters/apps/cluster-settings.yaml";

/// A repository on disk, for one test.
struct Repository {
    root: PathBuf,
    /// Takes the files away when the test is over.
    _scratch: tempfile::TempDir,
}

impl Repository {
    fn new(name: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap().join("fleet");
        for (path, text) in fleet::read(name) {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir(root.join(".git")).unwrap();
        Self {
            root,
            _scratch: scratch,
        }
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// Checks with `content` as the buffer, from `directory` inside.
    fn check(&self, directory: &str, arguments: &[&str], content: &str) -> Output {
        let mut child = meshlint()
            .current_dir(self.root.join(directory))
            .args(["check", "--format", "concise"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Wrong usage is told without a look at the input.
        let _ = child.stdin.take().unwrap().write_all(content.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn buffer(&self, path: &str, content: &str) -> (i32, String) {
        let output = self.check(".", &["--stdin-filename", path], content);
        (code(&output), stdout(&output))
    }
}

#[test]
fn the_buffer_takes_the_place_of_its_file_and_the_disk_is_left_alone() {
    let repository = Repository::new("two-clusters");
    let good = repository.text(SETTINGS);
    let bad = good.replace("CLUSTER_ID: \"2\"", "CLUSTER_ID: \"1\"");
    assert_ne!(good, bad);
    let (status, found) = repository.buffer(SETTINGS, &bad);
    assert_eq!(status, 1);
    assert!(
        found.starts_with("clusters/apps/cluster-settings.yaml:8:15: error[duplicate-cluster-id]"),
        "{found}"
    );
    assert_eq!(repository.text(SETTINGS), good);
    assert_eq!(repository.buffer(SETTINGS, &good), (0, String::new()));
}

#[test]
fn only_findings_with_a_label_in_the_file_are_reported_and_decide_the_exit_status() {
    let repository = Repository::new("duplicate-id");
    // Any label counts: the primary one is in the other cluster's file.
    for path in [
        SETTINGS,
        "clusters/infra/cluster-settings.yaml",
        "infrastructure/cilium/app/helm-release.yaml",
    ] {
        let (status, found) = repository.buffer(path, &repository.text(path));
        assert_eq!((status, found.lines().count()), (1, 1), "{path}: {found}");
    }
    let other = "services/catalogue/service.yaml";
    assert_eq!(
        repository.buffer(other, &repository.text(other)),
        (0, String::new())
    );
    let json = repository.check(
        ".",
        &[
            "--stdin-filename",
            other,
            "--format",
            "json",
            "--output",
            "out.json",
        ],
        &repository.text(other),
    );
    assert_eq!(code(&json), 0, "{}", stderr(&json));
    assert!(repository.text("out.json").contains("\"errors\": 0"));
}

#[test]
fn paths_are_relative_to_the_current_directory_or_absolute() {
    let repository = Repository::new("duplicate-id");
    let text = repository.text(SETTINGS);
    let absolute = repository.root.join(SETTINGS);
    let outside = repository.root.parent().unwrap().to_str().unwrap().to_owned();
    for (directory, arguments) in [
        ("clusters", vec!["--stdin-filename", "apps/cluster-settings.yaml"]),
        (
            "clusters/infra",
            vec!["--stdin-filename", "../apps/./cluster-settings.yaml"],
        ),
        ("services", vec!["--stdin-filename", absolute.to_str().unwrap()]),
        // Without a path, the repository is the one around the file.
        ("..", vec!["--stdin-filename", absolute.to_str().unwrap()]),
        (
            "..",
            vec![
                "--stdin-filename",
                "fleet/clusters/apps/cluster-settings.yaml",
                "fleet",
            ],
        ),
    ] {
        let output = repository.check(directory, &arguments, &text);
        assert_eq!(
            (code(&output), stdout(&output).lines().count()),
            (1, 1),
            "{arguments:?} {}",
            stderr(&output)
        );
    }
    for wrong in [
        "elsewhere.yaml",
        "gone/../../elsewhere.yaml",
        "clusters",
        "README/x.yaml",
        &outside,
    ] {
        std::fs::write(repository.root.join("README"), "").unwrap();
        let output = repository.check(".", &[".", "--stdin-filename", &format!("../{wrong}")], &text);
        assert_eq!(code(&output), 2, "{wrong}");
        assert_eq!(stdout(&output), "");
        assert!(!stderr(&output).is_empty());
    }
}

#[test]
fn a_file_need_not_be_there_yet() {
    let repository = Repository::new("two-clusters");
    let kustomization = repository.root.join("clusters/apps/kustomization.yaml");
    let text = std::fs::read_to_string(&kustomization).unwrap();
    std::fs::write(&kustomization, format!("{text}  - more/new.yaml\n")).unwrap();
    let object = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: new\n  namespace: flux-system\n\
                  spec:\n  interval: 1h\n  path: ./gone\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n";
    let (status, found) = repository.buffer("clusters/apps/more/new.yaml", object);
    assert_eq!(status, 1);
    assert!(
        found.contains("clusters/apps/more/new.yaml:8:9: error[missing-path]"),
        "{found}"
    );
    assert!(!repository.root.join("clusters/apps/more").exists());
}

#[test]
fn a_file_that_git_ignores_is_silent() {
    let repository = Repository::new("two-clusters");
    std::fs::write(repository.root.join(".gitignore"), "/scratch/\n").unwrap();
    let broken = "a: [\n# meshlint: ignore[no-such-rule] x\n";
    assert_eq!(
        repository.buffer("scratch/new/a.yaml", broken),
        (0, String::new())
    );
    assert_eq!(repository.buffer("notes.txt", broken), (0, String::new()));
    let (status, found) = repository.buffer("notes.yaml", "a: 1 # meshlint: ignore[no-such-rule] x\n");
    assert_eq!(status, 1, "{found}");
}

#[cfg(unix)]
#[test]
fn links_lead_to_the_file_that_is_meant_and_never_out() {
    let repository = Repository::new("duplicate-id");
    let text = repository.text(SETTINGS);
    std::os::unix::fs::symlink(SETTINGS, repository.root.join("link.yaml")).unwrap();
    assert_eq!(repository.buffer("link.yaml", &text).0, 1);
    let outside = repository.root.parent().unwrap().join("outside.yaml");
    std::fs::write(&outside, "").unwrap();
    std::os::unix::fs::symlink(&outside, repository.root.join("out.yaml")).unwrap();
    for path in [&["."][..], &[]] {
        let arguments = [path, &["--stdin-filename", "out.yaml"]].concat();
        assert_eq!(code(&repository.check(".", &arguments, "")), 2);
    }
}

#[test]
fn the_configuration_can_be_a_buffer() {
    let repository = Repository::new("duplicate-id");
    let off = "[levels]\nduplicate-cluster-id = \"off\"\n";
    assert_eq!(repository.buffer("meshlint.toml", off), (0, String::new()));
    let output = repository.check(".", &["--stdin-filename", "meshlint.toml"], "[levls]\n");
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("meshlint.toml:1:2"),
        "{}",
        stderr(&output)
    );
    std::fs::write(repository.root.join("meshlint.toml"), off).unwrap();
    assert_eq!(
        repository.buffer(SETTINGS, &repository.text(SETTINGS)),
        (0, String::new())
    );
}

mod configuration {
    use super::*;

    fn plain(repository: &Repository, arguments: &[&str]) -> (i32, String, String) {
        let output = repository.check(".", arguments, "");
        (code(&output), stdout(&output), stderr(&output))
    }

    #[test]
    fn mistakes_end_the_run_before_anything_is_reported() {
        let repository = Repository::new("duplicate-id");
        for wrong in ["x = 1", "[[cluster]]\nname = \"nobody\"\n", "a = \n"] {
            std::fs::write(repository.root.join("meshlint.toml"), wrong).unwrap();
            for format in ["human", "json", "github"] {
                let mut command = meshlint();
                let output = command
                    .args(["check", "--format", format])
                    .arg(&repository.root)
                    .output()
                    .unwrap();
                assert_eq!((code(&output), stdout(&output)), (2, String::new()), "{wrong}");
                assert!(
                    stderr(&output).contains("error[configuration]"),
                    "{}",
                    stderr(&output)
                );
                assert!(stderr(&output).contains("the configuration has an error"));
            }
            for command in [vec!["clusters"], vec!["render", "--cluster", "apps"]] {
                let output = meshlint().args(command).arg(&repository.root).output().unwrap();
                assert_eq!((code(&output), stdout(&output)), (2, String::new()), "{wrong}");
            }
        }
    }

    #[test]
    fn another_file_is_named_in_or_outside_of_the_repository() {
        let repository = Repository::new("duplicate-id");
        let entry = "[[ignore]]\nrule = \"missing-path\"\npath = \"/clusters/\"\nreason = \"x\"\n";
        std::fs::write(repository.root.join("ci.toml"), entry).unwrap();
        std::fs::write(repository.root.join("../ci.toml"), entry).unwrap();
        std::fs::write(
            repository.root.join("meshlint.toml"),
            "[levels]\nmesh = \"off\"\n",
        )
        .unwrap();
        assert_eq!(plain(&repository, &[]), (0, String::new(), String::new()));
        for file in ["ci.toml", "../ci.toml"] {
            let (status, found, _) = plain(&repository, &["--config", file]);
            assert_eq!(status, 1, "{found}");
            assert!(
                found.contains(&format!("\n{file}:2:8: warning[unused-ignore]")) || found.starts_with(file),
                "{found}"
            );
        }
        assert_eq!(plain(&repository, &["--config", "gone.toml"]).0, 2);
        let names = |arguments: &[&str]| {
            let output = meshlint()
                .arg("clusters")
                .args(arguments)
                .arg(&repository.root)
                .output()
                .unwrap();
            stdout(&output).contains("renamed")
        };
        let renaming = repository.root.join("renaming.toml");
        std::fs::write(
            &renaming,
            "[[cluster]]\nname = \"renamed\"\nentry = \"clusters/infra\"\n",
        )
        .unwrap();
        assert!(names(&["--config", renaming.to_str().unwrap()]) && !names(&[]));
        let rendered = meshlint()
            .args(["render", "--cluster", "renamed", "--config"])
            .arg(&renaming)
            .arg(&repository.root)
            .output()
            .unwrap();
        assert_eq!(code(&rendered), 0, "{}", stderr(&rendered));
    }

    #[test]
    fn the_nearest_configuration_marks_the_root() {
        let repository = Repository::new("duplicate-id");
        let outer = repository.root.parent().unwrap();
        std::fs::rename(repository.root.join(".git"), outer.join(".git")).unwrap();
        std::fs::write(
            repository.root.join("meshlint.toml"),
            "[levels]\nmesh = \"off\"\n",
        )
        .unwrap();
        let output = meshlint()
            .arg("check")
            .arg(repository.root.join("clusters"))
            .output()
            .unwrap();
        assert_eq!(code(&output), 0, "{}", stdout(&output));
        assert!(Path::new(outer).join(".git").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_repository_is_not_followed() {
        let repository = Repository::new("duplicate-id");
        let outside = repository.root.parent().unwrap().join("outside.toml");
        std::fs::write(&outside, "").unwrap();
        std::os::unix::fs::symlink(&outside, repository.root.join("meshlint.toml")).unwrap();
        let (status, _, said) = plain(&repository, &[]);
        assert_eq!(status, 2);
        assert!(said.contains("--config"), "{said}");
    }
}
