//! Checks repositories beside the conversation with the client. Whatever changes while one is checked is taken in together, and
//! what was begun before is given up.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::analysis::{Analysis, below};
use super::host::{Host, Opened};
use crate::engine::{Engine, Stage};
use crate::source::Buffer;

/// The number of a repository in a session.
pub(super) type Number = usize;

/// What may happen to the files of a repository.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    /// A file is open and holds this.
    Put(PathBuf, Arc<str>),
    /// A file is closed, so that what is on disk counts.
    Close(PathBuf),
    /// A file that is on disk holds something else.
    Changed(PathBuf),
    /// A file came or went.
    Walk(PathBuf),
}

impl Edit {
    /// The file that it is about.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Put(path, _) | Self::Close(path) | Self::Changed(path) | Self::Walk(path) => path,
        }
    }
}

/// What the worker tells.
#[derive(Debug)]
pub(super) enum Report {
    /// The first check of a repository has begun.
    Begun,
    /// It has come this far.
    At(Stage),
    /// The state of that number was checked, or could not be.
    Done(u64, Result<Arc<Analysis>, String>),
}

/// What is to be done for a repository.
#[derive(Debug, Default)]
struct Job {
    /// The directory that the client named; an empty one is given up.
    directory: PathBuf,
    edits: Vec<Edit>,
    state: u64,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: BTreeMap<Number, Job>,
    is_over: bool,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, once there is one; nothing when the session is over.
    fn next(&self) -> Option<(Number, Job)> {
        let waited = self
            .changed
            .wait_while(self.queue(), |queue| queue.jobs.is_empty() && !queue.is_over);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
        if queue.is_over {
            None
        } else {
            queue.jobs.pop_first()
        }
    }

    /// Whether nothing newer waits.
    fn is_newest(&self, number: Number) -> bool {
        let queue = self.queue();
        !queue.is_over && !queue.jobs.contains_key(&number)
    }
}

/// The thread that checks.
#[derive(Debug)]
pub(super) struct Worker(Arc<Shared>);

impl Worker {
    /// Starts it; nothing where no thread can be had.
    pub(super) fn start(host: Arc<dyn Host>, tell: impl Fn(Number, Report) + Send + 'static) -> Option<Self> {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let work = move || {
            let mut repositories = BTreeMap::new();
            while let Some((number, job)) = own.next() {
                if job.directory.as_os_str().is_empty() {
                    repositories.remove(&number);
                    continue;
                }
                let repository = repositories.entry(number).or_insert_with(Repository::default);
                let goes_on = |stage| {
                    tell(number, Report::At(stage));
                    own.is_newest(number)
                };
                let state = job.state;
                if !std::mem::replace(&mut repository.is_begun, true) {
                    tell(number, Report::Begun);
                }
                // A fault of ours must not end the session.
                let work = || repository.work(&*host, job, &goes_on);
                let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                    repository.forget();
                    Some(Err("the check came to an unexpected end".to_owned()))
                });
                if let Some(done) = done {
                    tell(number, Report::Done(state, done));
                }
            }
        };
        let thread = thread::Builder::new().name("check".to_owned()).spawn(work);
        thread.ok().map(|_| Self(shared))
    }

    /// Has a repository checked in another state.
    pub(super) fn check(&self, number: Number, directory: &Path, edits: Vec<Edit>, state: u64) {
        let mut queue = self.0.queue();
        let job = queue.jobs.entry(number).or_default();
        directory.clone_into(&mut job.directory);
        job.edits.extend(edits);
        job.state = state;
        self.0.changed.notify_all();
    }

    /// Forgets a repository.
    pub(super) fn forget(&self, number: Number) {
        self.0.queue().jobs.insert(number, Job::default());
        self.0.changed.notify_all();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.queue().is_over = true;
        self.0.changed.notify_all();
    }
}

/// A repository, and what was found out about it.
#[derive(Default)]
struct Repository {
    /// Whether a check of it was begun.
    is_begun: bool,
    opened: Option<Opened>,
    open: BTreeMap<PathBuf, Arc<str>>,
    engine: Engine,
}

impl Repository {
    /// Keeps nothing but what the editor holds.
    fn forget(&mut self) {
        self.opened = None;
        self.engine = Engine::default();
    }

    fn work(
        &mut self,
        host: &dyn Host,
        job: Job,
        goes_on: &dyn Fn(Stage) -> bool,
    ) -> Option<Result<Arc<Analysis>, String>> {
        for edit in job.edits {
            self.take(edit);
        }
        if self.opened.is_none() {
            let buffers: Vec<Buffer> = self.open.iter().map(|(path, text)| buffer(path, text)).collect();
            match host.open(&job.directory, &buffers) {
                Ok(opened) => self.opened = Some(opened),
                Err(why) => return Some(Err(why)),
            }
        }
        let Opened {
            root,
            sources,
            remotes,
        } = self.opened.as_ref()?;
        let analysis = Analysis::of(root, sources, remotes, &mut self.engine, goes_on)?;
        Some(Ok(Arc::new(analysis)))
    }

    /// Takes a change in. Where it adds or removes files the repository is opened anew.
    fn take(&mut self, edit: Edit) {
        let is_known = match edit {
            Edit::Put(path, text) => {
                let is_known = self.put(&path, Some(&text));
                self.open.insert(path, text);
                is_known
            }
            Edit::Close(path) => self.open.remove(&path).is_none() || self.put(&path, None),
            // It tells which files are looked at.
            Edit::Changed(path) if path.ends_with(".gitignore") => false,
            Edit::Changed(path) => self.open.contains_key(&path) || self.put(&path, None),
            Edit::Walk(_) => false,
        };
        if !is_known {
            self.opened = None;
        }
    }

    /// Gives a file another content. Whether it is there, or nothing of this repository.
    fn put(&mut self, path: &Path, text: Option<&str>) -> bool {
        let Some(Opened { root, sources, .. }) = &mut self.opened else {
            return true;
        };
        let Some(inside) = below(root, path) else {
            return true;
        };
        let file = sources.file_at(&inside).filter(|file| {
            let file = sources.file(*file);
            *file.path() == inside && (text.is_some() || file.on_disk().is_some())
        });
        if let Some(file) = file {
            sources.put(file, text.map(|text| text.as_bytes().to_vec()));
        }
        file.is_some()
    }
}

fn buffer(path: &Path, text: &str) -> Buffer {
    Buffer {
        path: path.to_owned(),
        content: text.as_bytes().to_vec(),
    }
}
