//! Git repositories for tests, made by the `git` program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::fleet::Files;

/// A repository in a directory of its own, which is gone when the test is over.
pub struct Repository {
    pub root: PathBuf,
    scratch: tempfile::TempDir,
}

impl Repository {
    /// A repository without a commit.
    pub fn empty() -> Self {
        let scratch = tempfile::tempdir().expect("a directory can be made");
        let root = scratch.path().canonicalize().expect("it is there").join("fleet");
        std::fs::create_dir(&root).expect("a directory can be made");
        let repository = Self { root, scratch };
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    /// A repository with these files as its first commit.
    pub fn new(files: &Files) -> Self {
        let repository = Self::empty();
        repository.write(files);
        repository.commit("begin");
        repository
    }

    /// A directory beside the repository.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.scratch
            .path()
            .canonicalize()
            .expect("it is there")
            .join(name)
    }

    pub fn write(&self, files: &Files) {
        for (path, text) in files {
            self.put(path, text);
        }
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("it can be made");
        std::fs::write(path, text).expect("the file can be written");
    }

    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).expect("the file is there")
    }

    /// Changes one text in one file; it must be there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{path} does not hold {from:?}");
        self.put(path, &text.replace(from, to));
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Runs `git` here and gives what it prints.
    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    /// `meshlint check` in the repository, one line per finding.
    pub fn check(&self, arguments: &[&str]) -> Output {
        check(&self.root, arguments)
    }
}

/// Runs `git` in a directory, free of the configuration of whoever runs the tests.
pub fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .args(["-c", "protocol.file.allow=always", "-c", "core.autocrlf=false"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Somebody")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "somebody@example.org")))
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .expect("these tests need git");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {told}");
    String::from_utf8(output.stdout)
        .expect("git prints text")
        .trim()
        .to_owned()
}

/// `meshlint check` in a directory, one line per finding.
pub fn check(directory: &Path, arguments: &[&str]) -> Output {
    super::meshlint()
        .current_dir(directory)
        .args(["check", "--format", "concise"])
        .args(arguments)
        .output()
        .expect("the program starts")
}
