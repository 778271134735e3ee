//! Paths as URIs (RFC 3986).

use std::fmt::Write as _;
use std::path::Path;

/// A path below some base as a relative reference. A colon is escaped too, as it could end a scheme.
pub(super) fn relative(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// An absolute path of this machine.
pub(crate) fn of_file(path: &Path) -> Option<String> {
    let path = path.to_str().filter(|_| path.is_absolute())?.replace('\\', "/");
    let (drive, path) = match path.split_once(':') {
        Some((drive, rest)) if drive.len() == 1 => (format!("/{drive}:"), rest),
        _ => (String::new(), path.as_str()),
    };
    Some(format!("file://{drive}{}", relative(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_unreserved_is_escaped() {
        assert_eq!(relative("apps/a-b_c.~1/x.yaml"), "apps/a-b_c.~1/x.yaml");
        assert_eq!(relative("a b/ü?#%:x\u{1b}"), "a%20b/%C3%BC%3F%23%25%3Ax%1B");
    }

    #[cfg(unix)]
    #[test]
    fn only_absolute_paths_are_files() {
        assert_eq!(
            of_file(Path::new("/srv/my fleet/a.yaml")).as_deref(),
            Some("file:///srv/my%20fleet/a.yaml")
        );
        assert_eq!(of_file(Path::new("fleet/a.yaml")), None);
    }
}
