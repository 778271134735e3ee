//! Addresses of sources, made comparable.

/// An address without scheme, user, port of the scheme, `.git` and letter case of the host, so that
/// `ssh://git@github.com/o/r` and `https://github.com/o/r.git` are the same repository.
pub(crate) fn normalise(url: &str) -> String {
    let url = url.trim();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = match rest.split_once('@') {
        Some((user, host)) if !user.contains('/') => host,
        _ => rest,
    };
    // `git@host:owner/repository`, the form that only Git knows
    let is_short = !url.contains("://") && rest.find(':') < rest.find('/').or(Some(rest.len()));
    let rest = rest.replacen(':', "/", usize::from(is_short));
    let rest = rest.trim_end_matches('/');
    let rest = rest.strip_suffix(".git").unwrap_or(rest);
    match rest.split_once('/') {
        Some((host, path)) => format!("{}/{path}", host.to_ascii_lowercase()),
        None => rest.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn ways_to_write_one_repository_compare_equal() {
        for url in [
            "ssh://git@github.com/acme/fleet",
            "https://github.com/acme/fleet.git",
            "https://GitHub.com/acme/fleet/",
            "git@github.com:acme/fleet.git",
            "github.com:acme/fleet",
            "https://token@github.com/acme/fleet",
        ] {
            assert_eq!(normalise(url), "github.com/acme/fleet", "{url}");
        }
        assert_ne!(
            normalise("https://github.com/acme/other"),
            "github.com/acme/fleet"
        );
        assert_eq!(normalise("fleet"), "fleet");
        assert_eq!(normalise("/srv/fleet:1.git"), "/srv/fleet:1");
        assert_eq!(
            normalise("https://example.org:8443/fleet"),
            "example.org:8443/fleet"
        );
    }
}
