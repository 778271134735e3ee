//! Files as the protocol names them.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

use crate::report;

/// The file of this machine that a URI names.
pub(super) fn to_path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = rest
        .split(['?', '#'])
        .next()
        .filter(|path| path.starts_with('/'))?;
    let path = String::from_utf8(decoded(path.as_bytes())?).ok()?;
    #[cfg(windows)]
    let path = path.trim_start_matches('/').to_owned();
    (!path.contains('\0')).then(|| PathBuf::from(path))
}

/// The URI of a file of this machine.
pub(super) fn of_path(path: &Path) -> Option<Uri> {
    Uri::from_str(&report::of_file(path)?).ok()
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte == b'%' {
            bytes.push(u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()?);
            at += 3;
        } else {
            bytes.push(*byte);
            at += 1;
        }
    }
    Some(bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn path(uri: &str) -> Option<String> {
        let path = to_path(&Uri::from_str(uri).ok()?)?;
        Some(path.to_str()?.to_owned())
    }

    #[test]
    fn files_are_named_both_ways() {
        assert_eq!(
            path("file:///srv/my%20fleet/a.yaml").as_deref(),
            Some("/srv/my fleet/a.yaml")
        );
        assert_eq!(path("file://localhost/a%C3%BC").as_deref(), Some("/aü"));
        for not_a_file in [
            "untitled:Untitled-1",
            "http://x/a",
            "file://elsewhere/a",
            "file:///a%00b",
            "file:///%ff",
        ] {
            assert_eq!(path(not_a_file), None, "{not_a_file}");
        }
        let uri = of_path(Path::new("/srv/my fleet/ü.yaml")).unwrap();
        assert_eq!(to_path(&uri), Some(PathBuf::from("/srv/my fleet/ü.yaml")));
    }
}
