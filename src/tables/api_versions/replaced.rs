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
const OLDEST_KUBERNETES: Release = (1, 34);

impl Replaced {
    /// Whether other kinds take the place of this one, so that another version alone does not help.
    pub(crate) fn is_another_kind(&self) -> bool {
        self.note.ends_with("take the place of this kind")
    }

    /// What a cluster does with it whose releases `running` tells by product.
    pub(crate) fn standing(&self, running: impl Fn(&str) -> Option<Release>) -> Standing {
        let Some((product, deprecated)) = release(self.deprecated) else {
            return Standing::Open;
        };
        let removed = self.removed.and_then(release).map(|(_, removed)| removed);
        match running(product) {
            Some(own) if own < deprecated => Standing::Current,
            Some(own) if removed.is_some_and(|removed| own >= removed) => Standing::Gone,
            Some(_) => Standing::Served,
            None if removed.is_none() => Standing::Served,
            None if product == "Kubernetes" && removed <= Some(OLDEST_KUBERNETES) => Standing::Gone,
            None => Standing::Open,
        }
    }

    /// Whether a setting of whoever serves it can bring it back: `crds.unsafeServeV1Beta1` of the chart of external-secrets.
    pub(crate) fn may_come_back(&self) -> bool {
        self.deprecated.starts_with("external-secrets ")
    }
}

/// Major and minor.
pub(crate) type Release = (u64, u64);

/// What becomes of an API version in one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Nothing takes its place yet.
    Current,
    /// It is deprecated, and works.
    Served,
    /// That depends on a release which nothing states.
    Open,
    /// It is not served.
    Gone,
}

/// `Flux 2.7` as the product and its release.
fn release(text: &str) -> Option<(&str, Release)> {
    let (product, version) = text.split_once(' ')?;
    let (major, minor) = version.split_once('.')?;
    Some((product, (major.parse().ok()?, minor.parse().ok()?)))
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
