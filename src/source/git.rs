//! What a work tree's own Git configuration says of where the repository comes from.

use std::fs;
use std::path::Path;

use super::disk;

/// A configuration with more bytes is not one that Git wrote.
const MAX_BYTES: u64 = 1 << 20;

/// The addresses of the remotes in `.git/config` of the directory `root`, without what it includes. None are known where
/// `.git` is a file or a link, as in a linked work tree: it leads out of the repository, where nothing is read. They may hold
/// credentials, so they are for comparing only and never shown.
pub fn remotes(root: &Path) -> Vec<String> {
    let git = root.join(".git");
    let file = git.join("config");
    // Neither is followed when it is a link.
    let is_own = fs::symlink_metadata(&git).is_ok_and(|git| git.is_dir());
    let is_file = fs::symlink_metadata(&file).is_ok_and(|file| file.is_file() && file.len() <= MAX_BYTES);
    if !is_own || !is_file {
        return Vec::new();
    }
    let text = disk::read(&file)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(|text| addresses(&text)).unwrap_or_default()
}

/// A configuration that Git would refuse tells nothing.
fn addresses(text: &str) -> Vec<String> {
    let Ok(config) = gix::config::File::try_from(text) else {
        return Vec::new();
    };
    let sections = config.sections_by_name("remote").into_iter().flatten();
    let urls = sections.flat_map(|section| section.values("url"));
    urls.map(|url| url.to_string())
        .filter(|url| !url.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@example.org:me/fleet.git ; my own\n\
                          \tfetch = +refs/heads/*:refs/remotes/origin/*\n[include]\n\tpath = /etc/passwd\n\
                          [Remote \"upstream\"]\n\tURL = \"https://example.org/acme/\\\n\t\tfleet\"\n[branch \"main\"]\n\turl = x\n";

    #[test]
    fn every_remote_is_read_as_git_reads_it() {
        assert_eq!(
            addresses(CONFIG),
            [
                "git@example.org:me/fleet.git",
                "https://example.org/acme/\t\tfleet"
            ]
        );
        for nothing in ["", "[remote", "[remote \"x\"]\nurl\n", "\u{0}\u{1}"] {
            assert_eq!(addresses(nothing), [""; 0], "{nothing:?}");
        }
    }

    #[test]
    fn nothing_outside_of_the_directory_is_read() {
        let outside = tempfile::tempdir().unwrap();
        fs::create_dir(outside.path().join(".git")).unwrap();
        fs::write(outside.path().join(".git/config"), CONFIG).unwrap();
        assert_eq!(remotes(outside.path()).len(), 2);
        assert_eq!(remotes(&outside.path().join("none")), [""; 0]);

        let linked = tempfile::tempdir().unwrap();
        let target = format!("gitdir: {}/.git\n", outside.path().display());
        fs::write(linked.path().join(".git"), target).unwrap();
        assert_eq!(remotes(linked.path()), [""; 0]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            let directory = tempfile::tempdir().unwrap();
            symlink(outside.path().join(".git"), directory.path().join(".git")).unwrap();
            assert_eq!(remotes(directory.path()), [""; 0]);
            let file = tempfile::tempdir().unwrap();
            fs::create_dir(file.path().join(".git")).unwrap();
            symlink(
                outside.path().join(".git/config"),
                file.path().join(".git/config"),
            )
            .unwrap();
            assert_eq!(remotes(file.path()), [""; 0]);
        }
    }
}
