//! Files are written where they were asked for, and not where a link of the checked repository leads: whoever wrote the pull
//! request wrote the link.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::Failure;

/// Refuses a file whose path goes through a link that lies in `checkout`. Links elsewhere are the machine's own.
pub(super) fn refuse(file: &Path, checkout: &Path) -> Result<(), Failure> {
    match link_on_the_way(file, checkout) {
        Some(link) => Err(Failure::Usage(format!(
            "`{}` is not written: `{}` is a link of the repository, and leads elsewhere; name another file",
            file.display(),
            link.display()
        ))),
        None => Ok(()),
    }
}

/// The first link of the checkout that is followed on the way to a file, or that the file itself is.
fn link_on_the_way(file: &Path, checkout: &Path) -> Option<PathBuf> {
    let checkout = fs::canonicalize(checkout).ok()?;
    let mut at = PathBuf::new();
    for part in std::path::absolute(file).ok()?.components() {
        match part {
            Component::ParentDir => {
                at.pop();
                continue;
            }
            Component::CurDir => continue,
            part => at.push(part),
        }
        if !at.is_symlink() {
            continue;
        }
        if at.starts_with(&checkout) {
            return Some(at);
        }
        // A link to nothing leads to where a file would be made.
        at = fs::canonicalize(&at)
            .ok()
            .or_else(|| Some(at.parent()?.join(fs::read_link(&at).ok()?)))?;
    }
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_links_of_the_checkout_are_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let top = scratch.path().canonicalize().unwrap();
        let checkout = top.join("checkout");
        fs::create_dir_all(checkout.join("deep/er")).unwrap();
        fs::create_dir(top.join("elsewhere")).unwrap();
        symlink(top.join("elsewhere"), checkout.join("out")).unwrap();
        symlink(top.join("elsewhere/new"), checkout.join("deep/report")).unwrap();
        symlink("nothing", checkout.join("dangling")).unwrap();
        symlink(&checkout, top.join("short")).unwrap();
        let refused = |path: &str| link_on_the_way(&top.join(path), &checkout).is_some();
        for path in [
            "checkout/out/report",
            "checkout/deep/report",
            "checkout/dangling",
            "short/out/x",
            "short/deep/er/../report",
        ] {
            assert!(refused(path), "{path}");
        }
        for path in [
            "checkout/report",
            "checkout/deep/er/report",
            "short/report",
            "elsewhere/report",
            "none/report",
        ] {
            assert!(!refused(path), "{path}");
        }
    }
}
