mod difference;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::difference::{Side, difference};
use crate::cluster::{Existence, GroupKind};
use crate::cluster::{namespace_of, sight};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::mesh::{Group, Known, Member, Place, ServiceKind, service_kind};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule, words};
use crate::source::Span;

/// A ServiceExport has no effect, or clusters export different Services under one name.
pub(crate) static RULE: Rule = Rule {
    name: "mcs-export-conflict",
    category: Category::Service,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/mcs-export-conflict.md"),
    check,
};

fn off_message(clusters: &[String]) -> String {
    format!(
        "{} export{} Services, but Cilium does not act on ServiceExports there",
        words::clusters(clusters),
        words::s(clusters)
    )
}

const OFF_HELP: &str =
    "set `clustermesh.mcsapi.enabled: true` (before Cilium 1.19: `clustermesh.enableMCSAPISupport: true`)";

const SERVICE: GroupKind<'static> = GroupKind::new("", "Service");
const EXPORTS: &str = "ServiceExport";

/// A ServiceExport in a cluster, with the Service it exports where that can be seen.
struct Export<'a> {
    member: &'a Member,
    object: &'a Arc<Object>,
    service: Option<&'a Arc<Object>>,
}

impl Export<'_> {
    fn span(&self) -> Span {
        let name = self.object.node.at(&["metadata", "name"]);
        name.unwrap_or(&self.object.node).origin().edit_span()
    }

    fn full_name(&self) -> String {
        format!("{}/{}", namespace_of(self.object), self.object.name())
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut alone = Gathered::new();
    let mut off: BTreeMap<Span, (Place, Vec<String>, Span)> = BTreeMap::new();
    for group in &context.mesh.groups {
        let mut by_name: BTreeMap<String, Vec<Export<'_>>> = BTreeMap::new();
        for export in exports(context, group) {
            if let Some(place) = switched_off(export.member) {
                let (_, clusters, _) = off
                    .entry(place.edit_span())
                    .or_insert_with(|| (place, Vec::new(), export.span()));
                if clusters.last() != Some(&export.member.name) {
                    clusters.push(export.member.name.clone());
                }
                continue;
            }
            if let Some(finding) = useless(context, &export) {
                alone.add(export.span(), export.full_name(), &export.member.name, finding);
                continue;
            }
            by_name.entry(export.full_name()).or_default().push(export);
        }
        findings.extend(by_name.values().filter_map(|exports| conflict(exports)));
    }
    for (span, (place, clusters, export)) in off {
        let mut finding = Finding::new(off_message(&clusters), span, "ServiceExports are not acted on")
            .label(export, "exported here")
            .help(OFF_HELP)
            .route(place.route)
            .clusters(clusters);
        finding.object = place.object;
        findings.push(finding);
    }
    findings.extend(
        alone
            .into_faults()
            .map(|(_, found)| found.first.clusters(found.clusters)),
    );
}

fn exports<'a>(context: &Context<'a>, group: &'a Group) -> Vec<Export<'a>> {
    let mut exports = Vec::new();
    for member in context.mesh.members_of(group) {
        let (Some(cluster), Some(index)) = (
            context.fleet.clusters.get(member.cluster),
            context.index.clusters.get(member.cluster),
        ) else {
            continue;
        };
        for (_, object) in cluster.objects_of(EXPORTS) {
            if object.group() != "multicluster.x-k8s.io" {
                continue;
            }
            let service = match index.find(SERVICE, Some(namespace_of(object)), object.name()) {
                Existence::Exists(placed) => Some(placed.object),
                _ => None,
            };
            exports.push(Export {
                member,
                object,
                service,
            });
        }
    }
    exports
}

/// Where ServiceExports could be switched on in a cluster whose Cilium is known to ignore them.
fn switched_off(member: &Member) -> Option<Place> {
    if member.sharing.mcs_api.get() != Some(&false) {
        return None;
    }
    let values = &member.cilium.as_ref()?.values;
    let old = ["clustermesh", "enableMCSAPISupport"];
    // Since 1.20 the older switch is ignored, and whoever wrote it believes it works.
    match values.node(&old) {
        Some(node) if member.version_at_least(1, 20) == Some(true) => Some(values.place(node, &old)),
        _ => match &member.sharing.mcs_api.value {
            Known::Stated(_) => member
                .sharing
                .mcs_api
                .best()
                .map(|evidence| evidence.place.clone()),
            _ => Some(values.nearest(&["clustermesh", "mcsapi", "enabled"])),
        },
    }
}

/// A ServiceExport whose Service is not there or cannot be exported.
fn useless(context: &Context<'_>, export: &Export<'_>) -> Option<Finding> {
    let name = export.full_name();
    let (message, label, help) = match export.service {
        Some(service) if service_kind(service) == ServiceKind::Name => (
            format!("ServiceExport `{name}` exports an ExternalName, which Cilium refuses"),
            "its Service is an ExternalName",
            "remove the ServiceExport, or give the Service an address of its own",
        ),
        Some(_) => return None,
        None => {
            let index = context.index.clusters.get(export.member.cluster)?;
            let namespace = namespace_of(export.object);
            let missing = index
                .find(SERVICE, Some(namespace), export.object.name())
                .is_missing();
            if !missing || !sight::is_whole(index, namespace) {
                return None;
            }
            (
                format!(
                    "ServiceExport `{name}` has no Service to export in cluster `{}`",
                    export.member.name
                ),
                "no Service of this name",
                "deliver a Service of that name into the same namespace",
            )
        }
    };
    Some(
        Finding::new(message, export.span(), label)
            .help(help)
            .object(export.object.reference())
            .route("metadata.name"),
    )
}

/// Two clusters export different Services under one name.
fn conflict(exports: &[Export<'_>]) -> Option<Finding> {
    let mut seen = exports.iter().filter_map(|export| {
        let side = Side {
            export: export.object,
            service: export.service?,
        };
        Some((export, side))
    });
    let (first, ours) = seen.next()?;
    let (other, theirs, differ) = seen.find_map(|(other, theirs)| {
        let members = [first.member, other.member];
        let both_since = |(major, minor)| {
            let mut all = members.iter();
            all.all(|member| member.version_at_least(major, minor) == Some(true))
        };
        Some((other, theirs, difference(ours, theirs, both_since)?))
    })?;
    let holder = match differ.of_export {
        true => theirs.export,
        false => theirs.service,
    };
    let message = format!(
        "clusters `{}` and `{}` export Service `{}` with different {}",
        first.member.name,
        other.member.name,
        first.full_name(),
        differ.what
    );
    let label = |export: &Export<'_>| format!("exported so by `{}`", export.member.name);
    let severity = match differ.loses_traffic {
        true => Severity::Error,
        false => Severity::Warning,
    };
    Some(
        Finding::new(message, differ.theirs, label(other))
            .label(differ.ours, label(first))
            .severity(severity)
            .help("make both agree: the oldest export decides, and the others are told `Conflict`")
            .object(holder.reference())
            .route(differ.route)
            .clusters([first.member.name.as_str(), other.member.name.as_str()]),
    )
}
