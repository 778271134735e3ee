//! ConfigMaps and Secrets that no Kustomization renders but that stand in the repository: people apply such files by
//! hand when they bootstrap a cluster.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem;

use super::{Address, Territory};
use crate::kustomize::Object;
use crate::source::FileId;
use crate::yaml::Store;

type Candidates = Arc<Vec<(FileId, Arc<Object>)>>;

/// Looks for settings in files. Each question is asked of the files once.
pub(crate) struct Unreached<'a> {
    store: &'a Store<'a>,
    live: Vec<FileId>,
    known: Mutex<BTreeMap<(String, String), Candidates>>,
}

/// What the files say about an object.
pub(crate) enum Applied {
    /// One file can be meant.
    One(Arc<Object>),
    /// Several can, and which of them cannot be told.
    Several,
    Nothing,
}

impl<'a> Unreached<'a> {
    /// `live` are the files that are no template and in no archive.
    pub(crate) fn new(store: &'a Store<'a>, live: Vec<FileId>) -> Self {
        Self {
            store,
            live,
            known: Mutex::default(),
        }
    }

    /// The object of that address that bootstrap would apply to the cluster of that territory.
    pub(crate) fn find(&self, address: &Address, territory: &Territory) -> Applied {
        let candidates = self.candidates(&address.kind, &address.name);
        let fits = |object: &&(FileId, Arc<Object>)| {
            object
                .1
                .namespace()
                .is_none_or(|namespace| namespace == address.namespace)
        };
        let path = |file: FileId| self.store.sources().file(file).path();
        let all: Vec<_> = candidates
            .iter()
            .filter(fits)
            .filter(|(file, _)| !territory.is_foreign(path(*file)))
            .collect();
        let own: Vec<_> = all
            .iter()
            .filter(|(file, _)| territory.holds(path(*file)))
            .collect();
        match (own.as_slice(), all.as_slice()) {
            ([(_, only)], _) | ([], [(_, only)]) => Applied::One(Arc::clone(only)),
            ([], []) => Applied::Nothing,
            _ => Applied::Several,
        }
    }

    fn candidates(&self, kind: &str, name: &str) -> Candidates {
        let key = (kind.to_owned(), name.to_owned());
        if let Some(known) = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
        {
            return Arc::clone(known);
        }
        let found = Arc::new(self.search(kind, name));
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&found));
        found
    }

    fn search(&self, kind: &str, name: &str) -> Vec<(FileId, Arc<Object>)> {
        let kind_line = format!("kind: {kind}");
        let mentions = |file: &FileId| {
            let bytes = self.store.sources().file(*file).bytes().unwrap_or_default();
            memmem::find(bytes, name.as_bytes()).is_some()
                && memmem::find(bytes, kind_line.as_bytes()).is_some()
        };
        let is_it =
            |object: &Object| object.kind() == kind && object.name() == name && object.group().is_empty();
        let files = self.live.iter().copied().filter(mentions);
        files
            .flat_map(|file| {
                let documents = self.store.parsed(file).documents.iter();
                documents.map(move |document| (file, Object::new(document.root.clone())))
            })
            .filter(|(_, object)| is_it(object))
            .map(|(file, object)| (file, Arc::new(object)))
            .collect()
    }
}
