//! Which files a piece of work read. Its result holds for as long as these hold the same and no file comes or goes.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

type Content = Arc<dyn Any + Send + Sync>;

thread_local! {
    /// What is read on this thread, for each piece of work within another. Contents are told apart by their address.
    static NOTED: RefCell<Vec<HashMap<usize, Content>>> = const { RefCell::new(Vec::new()) };
}

/// The contents of files that a piece of work read.
#[derive(Debug, Clone, Default)]
pub struct Reads(Arc<[Content]>);

impl Reads {
    /// Counts all of it as read by whoever goes by the result.
    pub fn note(&self) {
        self.0
            .iter()
            .for_each(|content| note_as(address(content), || Arc::clone(content)));
    }
}

/// A piece of work on this thread, of which every read is noted.
#[derive(Debug)]
pub struct Noting(());

impl Noting {
    /// Begins it.
    pub fn begin() -> Self {
        NOTED.with_borrow_mut(|noted| noted.push(HashMap::new()));
        Self(())
    }

    /// Ends it. What it read counts as read by the work around it too.
    pub fn end(self) -> Reads {
        let noted = NOTED.with_borrow_mut(|noted| noted.last_mut().map(std::mem::take));
        drop(self);
        let reads = Reads(noted.unwrap_or_default().into_values().collect());
        reads.note();
        reads
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        NOTED.with_borrow_mut(Vec::pop);
    }
}

/// Notes that a content was read.
pub(super) fn note<T: Any + Send + Sync>(content: &Arc<T>) {
    note_as(address(content), || Arc::clone(content) as Content);
}

fn note_as(address: usize, content: impl FnOnce() -> Content) {
    NOTED.with_borrow_mut(|noted| {
        if let Some(noted) = noted.last_mut() {
            noted.entry(address).or_insert_with(content);
        }
    });
}

fn address<T: ?Sized>(content: &Arc<T>) -> usize {
    Arc::as_ptr(content).addr()
}

/// The contents of all files of a repository.
#[derive(Debug, Default)]
pub struct Contents(HashSet<usize>);

impl Contents {
    pub(super) fn of<'a, T: 'a>(all: impl Iterator<Item = &'a Arc<T>>) -> Self {
        Self(all.map(address).collect())
    }

    /// Whether whatever was read is what the files hold.
    pub fn hold(&self, reads: &Reads) -> bool {
        reads.0.iter().all(|content| self.0.contains(&address(content)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    #[test]
    fn what_is_read_within_counts_for_what_is_around() {
        let mut sources = SourceMap::from_memory([("a", "1"), ("b", "2"), ("c", "3")]);
        let files: Vec<_> = sources.iter().map(|(file, _)| file).collect();
        let read = |nth: usize| sources.file(files[nth]).text().is_ok();
        let outer = Noting::begin();
        assert!(read(0));
        let inner = Noting::begin();
        assert!(read(1));
        let inner = inner.end();
        let outer = outer.end();
        assert!(read(2));
        let mut hold = |nth: usize| {
            sources.put(files[nth], Some(b"changed".to_vec()));
            let contents = sources.contents();
            (contents.hold(&outer), contents.hold(&inner))
        };
        assert_eq!(hold(2), (true, true));
        assert_eq!(hold(0), (false, true));
        assert_eq!(hold(1), (false, false));
    }
}
