//! Which part of the repository belongs to one cluster alone.

use std::collections::BTreeSet;

use crate::source::RepoPath;

/// The directories that only one cluster can mean.
#[derive(Debug, Clone)]
pub(crate) struct Territory {
    names: BTreeSet<String>,
    /// The largest directory around the entry point that holds no other cluster's.
    home: RepoPath,
    others: Vec<RepoPath>,
}

impl Territory {
    /// The territory of a cluster, which goes by any of the names, among the entry points of all.
    pub(crate) fn of<'n>(
        names: impl IntoIterator<Item = &'n str>,
        entry: &RepoPath,
        entries: &[RepoPath],
    ) -> Self {
        let mut home = entry.clone();
        while !home.is_root() {
            let above = home.parent();
            if entries
                .iter()
                .any(|other| other != entry && other.starts_with(&above))
            {
                break;
            }
            home = above;
        }
        let others = entries.iter().filter(|other| *other != entry).cloned().collect();
        Self {
            names: names
                .into_iter()
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            home,
            others,
        }
    }

    /// Whether the file can only be meant for this cluster.
    pub(crate) fn holds(&self, file: &RepoPath) -> bool {
        let named = || file.parent().components().any(|part| self.names.contains(part));
        (file.starts_with(&self.home) || named()) && !self.is_foreign(file)
    }

    /// Whether a directory on the way to the file bears the cluster's name, and no other cluster's.
    pub(crate) fn is_named_by(&self, file: &RepoPath) -> bool {
        let is_last = |name: &String, part: &str| name.rsplit('/').next() == Some(part);
        let directory = file.parent();
        let mut parts = directory.components();
        parts.any(|part| self.names.iter().any(|name| is_last(name, part))) && !self.is_foreign(file)
    }

    /// Whether there is no other cluster.
    pub(crate) fn is_alone(&self) -> bool {
        self.others.is_empty()
    }

    /// Whether the file can only be meant for another cluster.
    pub(crate) fn is_foreign(&self, file: &RepoPath) -> bool {
        self.others
            .iter()
            .any(|other| file.starts_with(other) && !self.home.starts_with(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_owns_what_no_other_shares() {
        let entries = ["k8s/clusters/a", "k8s/clusters/b"].map(RepoPath::clamp);
        let a = Territory::of(["a"], &entries[0], &entries);
        assert!(a.holds(&RepoPath::clamp("k8s/clusters/a/settings.yaml")));
        assert!(a.holds(&RepoPath::clamp("bootstrap/clusters/a/values.yaml")));
        assert!(!a.holds(&RepoPath::clamp("k8s/clusters/b/settings.yaml")));
        assert!(!a.holds(&RepoPath::clamp("bootstrap/settings.yaml")));
    }

    #[test]
    fn a_single_cluster_owns_the_repository() {
        let entries = [RepoPath::clamp("k8s/flux")];
        assert!(
            Territory::of(["flux"], &entries[0], &entries).holds(&RepoPath::clamp("bootstrap/settings.yaml"))
        );
    }
}
