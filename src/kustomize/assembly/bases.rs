//! Directories and schemas that several builds share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::accumulator::Accumulator;
use crate::kustomize::files::left_out::LeftOut;
use crate::kustomize::schema::Layers;
use crate::source::{Contents, FileId, Reads, RepoPath};

/// What the result of a nested directory depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct BaseKey {
    /// The root of the source.
    pub(crate) root: RepoPath,
    pub(crate) left_out: Arc<LeftOut>,
    pub(crate) directory: RepoPath,
    /// Whether origins are kept for `buildMetadata`.
    pub(crate) tracked: bool,
    pub(crate) schema: SchemaKey,
}

/// The schema in force on the way into a directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SchemaKey {
    /// Whether what the directory itself says of schemas comes too late.
    pub(crate) made: bool,
    pub(crate) custom: Option<(FileId, Layers)>,
}

/// A result, and what it was made from.
#[derive(Debug, Clone)]
pub(crate) struct Based {
    base: Arc<Accumulator>,
    reads: Reads,
}

/// The results of nested directories.
#[derive(Debug, Default)]
pub(crate) struct Bases {
    known: Mutex<HashMap<BaseKey, Based>>,
}

impl Bases {
    /// Those of an earlier run that were made from what the files hold today.
    #[expect(clippy::mutable_key_type, reason = "what a key is told by never changes")]
    pub(crate) fn after(mut known: HashMap<BaseKey, Based>, contents: &Contents) -> Self {
        known.retain(|_, based| contents.hold(&based.reads));
        Self {
            known: Mutex::new(known),
        }
    }

    /// All of them, for a later run.
    #[expect(clippy::mutable_key_type, reason = "what a key is told by never changes")]
    pub(crate) fn into_known(self) -> HashMap<BaseKey, Based> {
        self.known.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The result for a directory, if it was made before.
    pub(crate) fn get(&self, key: &BaseKey) -> Option<Arc<Accumulator>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Based { base, reads } = known.get(key)?;
        reads.note();
        Some(Arc::clone(base))
    }

    /// Keeps a result. The first of two threads that made the same wins.
    pub(crate) fn keep(&self, key: BaseKey, made: Accumulator, reads: Reads) -> Arc<Accumulator> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Based {
            base: Arc::new(made),
            reads,
        };
        Arc::clone(&known.entry(key).or_insert_with(made).base)
    }

    pub(crate) fn len(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
