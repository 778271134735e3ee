//! The border to the library that reads Git's directory. What lies there may be anything in a checkout that somebody unpacked:
//! a file that never ends, or one that the library gives up on with a panic, becomes a sentence here.

use std::cell::Cell;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Once;

use walkdir::WalkDir;

/// Git writes no larger file among those that are read as a whole.
const MAX_BYTES: u64 = 256 << 20;
/// Files and directories of one object store. The largest repositories pack theirs.
const MAX_ENTRIES: usize = 2_000_000;
/// Object stores that borrow from each other; Git itself stops at five.
const MAX_STORES: usize = 16;
/// The files beside references and objects.
const FILES: [&str; 9] = [
    "HEAD",
    "ORIG_HEAD",
    "FETCH_HEAD",
    "config",
    "config.worktree",
    "shallow",
    "packed-refs",
    "commondir",
    "gitdir",
];

thread_local! {
    /// Whether a panic on this thread is caught and told by us.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does what may panic. What it said then is the error.
pub(super) fn guarded<T>(what: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                told(info);
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let done = panic::catch_unwind(AssertUnwindSafe(what));
    GUARDED.set(outer);
    done.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let first = text
            .and_then(|text| text.lines().next())
            .unwrap_or("no reason was given");
        format!("it holds what Git would not have written ({first})")
    })
}

/// Makes sure that nothing in the Git directory of a work tree keeps whoever reads it for ever.
///
/// # Errors
/// At the first file that is none, or has no end.
pub(super) fn can_be_read(work_tree: &Path) -> Result<(), String> {
    let dot = work_tree.join(".git");
    let own = match fs::metadata(&dot) {
        Ok(found) if found.is_dir() => dot,
        _ => work_tree.join(named_in(&dot, "gitdir:")?.unwrap_or_default()),
    };
    let shared = named_in(&own.join("commondir"), "")?.map_or_else(|| own.clone(), |path| own.join(path));
    for directory in [&own, &shared] {
        FILES.iter().try_for_each(|name| is_file(&directory.join(name)))?;
        all_are_files(&directory.join("refs"))?;
    }
    let mut stores = vec![shared.join("objects")];
    let mut at = 0;
    while let Some(store) = stores.get(at).cloned() {
        at += 1;
        all_are_files(&store)?;
        for borrowed in lines(&store.join("info/alternates"))? {
            let borrowed = store.join(borrowed);
            if !stores.contains(&borrowed) {
                stores.push(borrowed);
            }
        }
        if stores.len() > MAX_STORES {
            return Err(format!("it borrows objects from more than {MAX_STORES} stores"));
        }
    }
    Ok(())
}

/// The path that a file of Git's names behind a word.
fn named_in(file: &Path, word: &str) -> Result<Option<PathBuf>, String> {
    let first = lines(file)?.into_iter().next();
    Ok(first.map(|line| PathBuf::from(line.strip_prefix(word).unwrap_or(&line).trim())))
}

/// The lines of a file; none where there is no file.
fn lines(file: &Path) -> Result<Vec<String>, String> {
    is_file(file)?;
    let bytes = super::read::read(file).unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes)
        .lines()
        .map(str::to_owned)
        .collect())
}

/// Whether a path leads to a file with an end, or to nothing.
fn is_file(path: &Path) -> Result<(), String> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => Err(format!("`{}` is no file", path.display())),
        Ok(found) if found.is_file() && found.len() > MAX_BYTES && !is_pack(path) => Err(format!(
            "`{}` has {} bytes, more than are read of it",
            path.display(),
            found.len()
        )),
        _ => Ok(()),
    }
}

/// Packs are looked into, and never read as a whole.
fn is_pack(path: &Path) -> bool {
    path.parent()
        .is_some_and(|directory| directory.ends_with("objects/pack"))
}

fn all_are_files(directory: &Path) -> Result<(), String> {
    for (nth, entry) in WalkDir::new(directory)
        .follow_links(false)
        .into_iter()
        .filter_map(Result::ok)
        .enumerate()
    {
        if nth > MAX_ENTRIES {
            return Err(format!(
                "`{}` has more than {MAX_ENTRIES} entries",
                directory.display()
            ));
        }
        if !entry.file_type().is_dir() {
            is_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_a_sentence() {
        let said = guarded(|| -> u8 { panic!("no such {}\nthing", "thing") }).unwrap_err();
        assert_eq!(said, "it holds what Git would not have written (no such thing)");
        assert_eq!(guarded(|| 1), Ok(1));
    }
}
