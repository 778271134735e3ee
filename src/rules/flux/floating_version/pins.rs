//! Telling what names one version from what follows the newest.

/// Tags that are moved from one version to the next.
const MOVING: [&str; 12] = [
    "canary", "dev", "develop", "edge", "head", "latest", "main", "master", "nightly", "rolling", "stable",
    "unstable",
];

/// Whether a constraint allows one version only: `1.2.3`, `v1.2.3-rc.1`, `=1.2.3`. With fewer parts it is a range
/// (Masterminds/semver, which Flux uses).
pub(super) fn is_one_version(constraint: &str) -> bool {
    let version = constraint.trim();
    let version = version.strip_prefix('=').unwrap_or(version).trim_start();
    let version = version.strip_prefix('v').unwrap_or(version);
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let has_operator = version.contains([' ', ',', '|', '*', '<', '>', '~', '^']);
    !has_operator && core.split('.').count() == 3 && core.split('.').all(is_number)
}

/// Whether a tag is moved; one with a digest behind it is not followed.
pub(super) fn follows_tag(tag: &str) -> bool {
    MOVING.iter().any(|moving| tag.eq_ignore_ascii_case(moving))
}

/// Whether an image is followed: it has no tag and no digest, or a tag that is moved.
pub(super) fn image_follows(image: &str) -> bool {
    let image = image.trim();
    if image.is_empty() || image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').is_none_or(|(_, tag)| follows_tag(tag))
}

/// Whether the address of a remote base names a branch, or nothing, where it could name a version.
pub(super) fn url_follows(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let reference = query
        .split('&')
        .find_map(|part| part.strip_prefix("ref=").or(part.strip_prefix("version=")));
    match reference {
        Some(reference) => follows_tag(reference),
        None if crate::source::is_manifest(path) => path.split('/').any(follows_tag),
        // A repository without a `ref`.
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_is_told_from_a_range() {
        for one in [
            "1.2.3",
            "v1.2.3",
            "=1.2.3",
            "1.2.3-rc.1",
            "1.2.3+build.5",
            " 0.0.1 ",
        ] {
            assert!(is_one_version(one), "{one}");
        }
        for range in [
            "1.2",
            "1",
            "1.x",
            "*",
            ">=1.2.3",
            "~1.2.3",
            "^1.2.3",
            "1.2.3 || 2.0.0",
            "1.2.x",
            ">1.0.0 <2.0.0",
        ] {
            assert!(!is_one_version(range), "{range}");
        }
    }

    #[test]
    fn images_without_a_version_are_followed() {
        for image in ["nginx", "nginx:latest", "registry:5000/nginx", "ghcr.io/a/b:main"] {
            assert!(image_follows(image), "{image}");
        }
        for image in [
            "nginx:1.27",
            "nginx:latest@sha256:0123",
            "registry:5000/a/b:v1",
            "nginx@sha256:0123",
        ] {
            assert!(!image_follows(image), "{image}");
        }
    }

    #[test]
    fn remote_bases_without_a_version_are_followed() {
        for address in [
            "https://github.com/acme/base//deploy",
            "github.com/acme/base?ref=main",
            "https://raw.githubusercontent.com/acme/base/master/crd.yaml",
            "https://github.com/acme/base/releases/latest/download/install.yaml",
        ] {
            assert!(url_follows(address), "{address}");
        }
        for address in [
            "https://github.com/acme/base//deploy?ref=v1.2.3",
            "https://github.com/acme/base//deploy?timeout=90s&ref=0123abc",
            "https://raw.githubusercontent.com/acme/base/v1.2.3/crd.yaml",
            "https://github.com/acme/base/releases/download/v1/install.yaml",
        ] {
            assert!(!url_follows(address), "{address}");
        }
    }
}
