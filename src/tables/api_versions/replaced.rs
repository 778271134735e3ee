//! One API version that another replaced, and what that says of a cluster.

/// One API version of one or all kinds of a group.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Replaced {
    pub(super) api_version: &'static str,
    /// Empty for every kind.
    pub(super) kinds: &'static [&'static str],
    pub(crate) deprecated: &'static str,
    /// The release that does not serve it any more.
    pub(crate) removed: Option<&'static str>,
    /// Empty where nothing takes its place.
    pub(crate) replacement: &'static str,
    /// What else to mind, behind the replacement.
    pub(crate) note: &'static str,
}

/// What of Kubernetes is still maintained is at least this minor release (end of 2026).
const OLDEST_KUBERNETES: u64 = 34;

impl Replaced {
    /// Whether other kinds take the place of this one, so that another version alone does not help.
    pub(crate) fn is_another_kind(&self) -> bool {
        self.note.ends_with("take the place of this kind")
    }

    /// Whether no Kubernetes that is still maintained serves it.
    pub(crate) fn is_gone_from_kubernetes(&self) -> bool {
        let minor = self.removed.and_then(|release| minor_of(release, "Kubernetes"));
        minor.is_some_and(|minor| minor <= OLDEST_KUBERNETES)
    }

    /// Whether that release of Cilium has deprecated it; `None` when it is nothing of Cilium's.
    pub(crate) fn is_deprecated_in_cilium(&self, running: u64) -> Option<bool> {
        minor_of(self.deprecated, "Cilium").map(|minor| running >= minor)
    }

    /// Whether that release of Cilium no longer serves it.
    pub(crate) fn is_gone_from_cilium(&self, running: u64) -> bool {
        let minor = self.removed.and_then(|release| minor_of(release, "Cilium"));
        minor.is_some_and(|minor| running >= minor)
    }
}

/// The minor version of `<product> 1.<minor>`.
fn minor_of(release: &str, product: &str) -> Option<u64> {
    release.strip_prefix(product)?.strip_prefix(" 1.")?.parse().ok()
}

pub(crate) const fn row(
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
