//! The repositories of a session: what is known of each, and who waits for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::analysis::Analysis;
use super::worker::{Edit, Number, Worker};

/// A repository.
#[derive(Debug, Default)]
pub(super) struct Repository {
    /// The directory that the client named.
    directory: PathBuf,
    /// Counts what happened to its files.
    state: u64,
    /// The state that was checked last, and could be.
    checked: u64,
    analysis: Option<Arc<Analysis>>,
}

impl Repository {
    /// What is known of it, in whatever state.
    pub(super) fn analysis(&self) -> Option<&Arc<Analysis>> {
        self.analysis.as_ref()
    }

    /// Whether nothing happened since it was checked.
    pub(super) fn is_up_to_date(&self) -> bool {
        self.checked == self.state
    }
}

/// All of them.
#[derive(Debug)]
pub(super) struct Repositories {
    worker: Worker,
    all: BTreeMap<Number, Repository>,
    next: Number,
}

impl Repositories {
    pub(super) fn new(worker: Worker) -> Self {
        Self {
            worker,
            all: BTreeMap::new(),
            next: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds the repository around a directory, in which these files are open.
    pub(super) fn add(&mut self, directory: PathBuf, open: Vec<Edit>) {
        if self.all.values().any(|one| one.directory == directory) {
            return;
        }
        let repository = Repository {
            directory,
            ..Repository::default()
        };
        self.all.insert(self.next, repository);
        self.happened_to(self.next, open);
        self.next += 1;
    }

    /// Gives up the repository around a directory.
    pub(super) fn remove(&mut self, directory: &Path) {
        let worker = &self.worker;
        self.all.retain(|number, one| {
            let is_meant = one.directory == directory;
            if is_meant {
                worker.forget(*number);
            }
            !is_meant
        });
    }

    /// Something happened to files. Where it is not known yet which repositories they lie in, it may be any.
    pub(super) fn happened(&mut self, edits: &[Edit]) {
        let numbers: Vec<Number> = self.all.keys().copied().collect();
        for number in numbers {
            let root = self
                .all
                .get(&number)
                .and_then(|one| Some(one.analysis.as_ref()?.root.as_path()));
            let edits = edits.iter();
            let edits = edits.filter(|edit| root.is_none_or(|root| edit.path().starts_with(root)));
            let edits: Vec<Edit> = edits.cloned().collect();
            if !edits.is_empty() {
                self.happened_to(number, edits);
            }
        }
    }

    fn happened_to(&mut self, number: Number, edits: Vec<Edit>) {
        if let Some(repository) = self.all.get_mut(&number) {
            repository.state += 1;
            self.worker
                .check(number, &repository.directory, edits, repository.state);
        }
    }

    /// Takes in what was found out. Whether that is about the files as they are.
    pub(super) fn checked(
        &mut self,
        number: Number,
        state: u64,
        found: Result<Arc<Analysis>, String>,
    ) -> Result<bool, String> {
        let Some(repository) = self.all.get_mut(&number) else {
            return Ok(false);
        };
        if repository.state != state {
            return Ok(false);
        }
        repository.checked = state;
        repository.analysis = None;
        repository.analysis = Some(found?);
        Ok(true)
    }

    /// The repository that a file lies in: the innermost. One that was not opened yet is its directory.
    pub(super) fn around(&self, file: &Path) -> Option<(Number, &Repository)> {
        let root = |one: &Repository| match &one.analysis {
            Some(analysis) => analysis.root.clone(),
            None => one.directory.clone(),
        };
        let around = self.all.iter().filter(|(_, one)| file.starts_with(root(one)));
        around
            .max_by_key(|(_, one)| root(one).as_os_str().len())
            .map(|(number, one)| (*number, one))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Number, &Repository)> {
        self.all.iter().map(|(number, one)| (*number, one))
    }
}
