//! Files that do not parse and that no build reads: where a cluster begins in one, it is not there for any rule.

use crate::fleet::Fleet;
use crate::source::{FileId, SourceFile};
use crate::yaml::Store;

/// Files of manifests or values that do not parse and by which a cluster would be found; where no cluster is found at all, any.
pub(crate) fn beginnings<'a>(
    fleet: &Fleet,
    store: &'a Store<'_>,
) -> impl Iterator<Item = (FileId, &'a SourceFile)> {
    let any = fleet.clusters.is_empty();
    store
        .sources()
        .iter()
        .filter(|(_, file)| !file.is_ignored() && file.path().is_yaml() && !is_template(file))
        .filter(move |(_, file)| any || begins_a_cluster(file))
        .filter(|(id, _)| !store.parsed(*id).errors.is_empty())
}

/// Whether the text is that of a file by which a cluster would be found: its entry point, or its Cilium values.
fn begins_a_cluster(file: &SourceFile) -> bool {
    let says = |line: &str| {
        file.text()
            .is_ok_and(|text| text.lines().any(|one| one.trim_end() == line))
    };
    let is_values = || says("cluster:") && says("clustermesh:");
    file.path().file_name() == "gotk-sync.yaml"
        || says("kind: FluxInstance")
        || is_application(file)
        || is_values()
}

/// Whether it is an order to Argo CD, which has its own marks for what it fills in.
fn is_application(file: &SourceFile) -> bool {
    let is_kind = |line: &str| matches!(line.trim_end(), "kind: Application" | "kind: ApplicationSet");
    file.text()
        .is_ok_and(|text| text.contains("argoproj.io/") && text.lines().any(is_kind))
}

/// Whether the file becomes YAML only when Helm or another program fills it in.
fn is_template(file: &SourceFile) -> bool {
    file.path().components().any(|name| name == "templates")
        || file.text().is_ok_and(|text| text.contains("{{")) && !is_application(file)
}
