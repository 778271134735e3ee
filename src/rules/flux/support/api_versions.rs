//! API versions that another replaced, and what the release says of a cluster.

use super::api_version_table::TABLE;

/// One API version of one or all kinds of a group.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules::flux) struct Replaced {
    api_version: &'static str,
    /// Empty for every kind.
    kinds: &'static [&'static str],
    pub(in crate::rules::flux) deprecated: &'static str,
    /// The release that does not serve it any more.
    pub(in crate::rules::flux) removed: Option<&'static str>,
    /// Empty where nothing takes its place.
    pub(in crate::rules::flux) replacement: &'static str,
    /// What else to mind, behind the replacement.
    pub(in crate::rules::flux) note: &'static str,
}

/// What of Kubernetes is still maintained is at least this minor release (end of 2026).
const OLDEST_KUBERNETES: u64 = 34;

impl Replaced {
    /// Whether other kinds take the place of this one, so that another version alone does not help.
    pub(in crate::rules::flux) fn is_another_kind(&self) -> bool {
        self.note.ends_with("take the place of this kind")
    }

    /// Whether no Kubernetes that is still maintained serves it.
    pub(in crate::rules::flux) fn is_gone_from_kubernetes(&self) -> bool {
        let minor = self.removed.and_then(|release| minor_of(release, "Kubernetes"));
        minor.is_some_and(|minor| minor <= OLDEST_KUBERNETES)
    }

    /// Whether that release of Cilium has deprecated it; `None` when it is nothing of Cilium's.
    pub(in crate::rules::flux) fn is_deprecated_in_cilium(&self, running: u64) -> Option<bool> {
        minor_of(self.deprecated, "Cilium").map(|minor| running >= minor)
    }

    /// Whether that release of Cilium no longer serves it.
    pub(in crate::rules::flux) fn is_gone_from_cilium(&self, running: u64) -> bool {
        let minor = self.removed.and_then(|release| minor_of(release, "Cilium"));
        minor.is_some_and(|minor| running >= minor)
    }
}

/// The minor version of `<product> 1.<minor>`.
fn minor_of(release: &str, product: &str) -> Option<u64> {
    release.strip_prefix(product)?.strip_prefix(" 1.")?.parse().ok()
}

/// The row of an API version and kind.
pub(in crate::rules::flux) fn replaced(api_version: &str, kind: &str) -> Option<&'static Replaced> {
    TABLE
        .iter()
        .find(|row| row.api_version == api_version && (row.kinds.is_empty() || row.kinds.contains(&kind)))
}

pub(in crate::rules::flux) const fn row(
    api_version: &'static str,
    kinds: &'static [&'static str],
    deprecated: &'static str,
    removed: Option<&'static str>,
    replacement: &'static str,
) -> Replaced {
    Replaced {
        api_version,
        kinds,
        deprecated,
        removed,
        replacement,
        note: "",
    }
}

pub(super) const fn noted(row: Replaced, note: &'static str) -> Replaced {
    Replaced { note, ..row }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Flux 2.7` as `("Flux", 2, 7)`.
    fn release(text: &str) -> (&str, u64, u64) {
        let (product, version) = text.split_once(' ').unwrap();
        let (major, minor) = version.split_once('.').unwrap();
        (product, major.parse().unwrap(), minor.parse().unwrap())
    }

    #[test]
    fn the_table_is_sorted_and_no_kind_is_in_it_twice() {
        let keys: Vec<_> = TABLE.iter().map(|row| row.api_version).collect();
        assert!(keys.is_sorted());
        for (at, row) in TABLE.iter().enumerate() {
            assert!(row.kinds.is_sorted(), "{row:?}");
            for other in &TABLE[..at] {
                let same_kind = other.kinds.is_empty()
                    || row.kinds.is_empty()
                    || other.kinds.iter().any(|kind| row.kinds.contains(kind));
                assert!(
                    other.api_version != row.api_version || !same_kind,
                    "{row:?} and {other:?}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_removed_before_it_is_deprecated_nor_replaced_by_what_is_gone() {
        for row in TABLE {
            let deprecated = release(row.deprecated);
            if let Some(removed) = row.removed {
                let removed = release(removed);
                assert!(removed.0 == deprecated.0 && removed >= deprecated, "{row:?}");
            }
            assert!(
                TABLE.iter().all(|other| other.api_version != row.replacement),
                "{row:?}"
            );
        }
    }
}
