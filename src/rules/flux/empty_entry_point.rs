use crate::finding::{Finding, Severity};
use crate::fleet::{Cluster, Delivery};
use crate::flux::Source;
use crate::kustomize::FILE_NAMES;
use crate::rules::{Category, Context, Rule};
use crate::source::{SourceMap, Span};

/// The entry point of a cluster builds to nothing.
pub(crate) static RULE: Rule = Rule {
    name: "empty-entry-point",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/empty-entry-point.md"),
    check,
};

fn message(cluster: &Cluster, name: &str, prunes: bool) -> String {
    let then = if prunes {
        ", so Flux deletes all that it has applied there"
    } else {
        ""
    };
    format!(
        "Kustomization `{name}`, the entry point of cluster `{}`, builds to nothing{then}",
        cluster.name
    )
}

const LABEL: &str = "nothing comes out of this directory";
const LABEL_KUSTOMIZATION: &str = "lists nothing";
const HELP: &str = "list what belongs to the cluster under `resources`, or set `prune: false` before you empty it on purpose";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let clusters = context.fleet.clusters.iter();
    findings.extend(clusters.filter_map(|cluster| finding(context.sources, cluster)));
}

/// A directory without a single manifest is one that nobody has begun with.
fn finding(sources: &SourceMap, cluster: &Cluster) -> Option<Finding> {
    let entry = cluster.own_kustomizations().find(|one| one.parent.is_none())?;
    let build = entry
        .build
        .as_ref()
        .filter(|_| cluster.delivery == Delivery::Flux)?;
    let is_empty = build.objects.is_empty() && !build.failed() && build.opaque.is_empty();
    let path = entry.path.as_ref().filter(|_| is_empty && !entry.suspended)?;
    if !matches!(entry.source, Source::Here(_)) || !entry.problems.is_empty() {
        return None;
    }
    let mut files = sources.iter().map(|(_, file)| file.path());
    let is_begun = files.any(|file| file.starts_with(path) && file.is_yaml());
    let place = cluster.entry_span.filter(|_| is_begun)?;
    let prunes = entry.spec().and_then(|spec| spec.text_at(&["prune"])) == Some("true");
    let finding = Finding::new(message(cluster, &entry.full_name(), prunes), place, LABEL)
        .help(HELP)
        .clusters([cluster.name.as_str()])
        .object(entry.object.reference())
        .route("spec.path");
    let mut lists = FILE_NAMES
        .iter()
        .filter_map(|name| sources.file_at(&path.child(name)));
    let finding = match lists.next() {
        Some(list) => finding.label(Span::at_start(list), LABEL_KUSTOMIZATION),
        None => finding,
    };
    Some(if prunes {
        finding
    } else {
        finding.severity(Severity::Warning)
    })
}
