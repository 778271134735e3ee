//! Which references lead to another repository or a web server (api `internal/git/repospec.go`, `internal/loader`).

/// Whether the text is an address rather than a path. An address is never fetched.
pub(crate) fn is_remote(text: &str) -> bool {
    is_web_file(text) || is_git(text)
}

fn is_web_file(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| strip_prefix_ignoring_case(text, scheme).is_some())
}

/// Whether kustomize would clone it (`NewRepoSpecFromURL`).
fn is_git(text: &str) -> bool {
    if text.starts_with('/') {
        return false;
    }
    let address = text.split('?').next().unwrap_or_default();
    let address = strip_prefix_ignoring_case(address, "git::").unwrap_or(address);
    let schemes = ["ssh://", "https://", "http://", "file://"];
    let scheme = schemes
        .iter()
        .find_map(|scheme| strip_prefix_ignoring_case(address, scheme));
    let has_scheme = scheme.is_some();
    let address = scheme.unwrap_or(address);
    let (user, rest) = split_user(address);
    let lower = rest.to_ascii_lowercase();
    let is_github = lower.starts_with("github.com/") || lower.starts_with("github.com:");
    if !has_scheme && user.is_none() && !is_github {
        return false;
    }
    let is_scp = !has_scheme;
    let slash = rest.find('/');
    let colon = rest.find(':').filter(|&colon| is_scp && colon > 0);
    let border = match (slash, colon) {
        (Some(slash), Some(colon)) => Some(slash.min(colon)),
        (slash, colon) => slash.or(colon),
    };
    let Some(path) = border.and_then(|at| rest.get(at + 1..)) else {
        return false;
    };
    let marked = ["_git/", "//", ".git"].iter().any(|mark| path.contains(mark));
    !path.is_empty() && (marked || path.split('/').count() >= 2 || address.starts_with("file://"))
}

fn split_user(address: &str) -> (Option<&str>, &str) {
    match address.split_once('@') {
        Some((user, rest))
            if user.starts_with(|c: char| c.is_ascii_alphabetic())
                && user.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') =>
        {
            (Some(user), rest)
        }
        _ => (None, address),
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::is_remote;

    #[test]
    fn addresses_are_told_from_paths() {
        for address in [
            "https://example.com/install.yaml",
            "github.com/org/repo",
            "github.com/org/repo//deploy?ref=v1",
            "git@github.com:org/repo.git",
            "ssh://git@host/org/repo.git",
            "git::https://host/org/repo.git//x",
            "https://github.com/org/repo/releases/download/v1/crds.yaml",
        ] {
            assert!(is_remote(address), "{address}");
        }
        for path in [
            "../base",
            "./github",
            "github.com",
            "apps/github.com/x",
            "a@b",
            "a.git/b",
            "/abs",
        ] {
            assert!(!is_remote(path), "{path}");
        }
    }
}
