use crate::finding::{Finding, Severity};
use crate::helm::Lookup;
use crate::mesh::{Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::tables::cilium::{REMOVED, Removal, Removed};
use crate::yaml::Node;

/// A value is set that this version of the Cilium chart no longer has.
pub(crate) static RULE: Rule = Rule {
    name: "removed-mesh-value",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/removed-mesh-value.md"),
    check,
};

fn message(removed: &Removed, removal: Removal, version: &str, clusters: &[String]) -> String {
    let path = removed.path.join(".");
    let of = words::clusters(clusters);
    match removal {
        Removal::Fails => format!("Cilium chart {version} of {of} refuses to render: `{path}` was removed"),
        Removal::Lost | Removal::Harmless => {
            format!("Cilium chart {version} of {of} ignores `{path}`, which was removed")
        }
    }
}

fn help(removed: &Removed) -> String {
    if removed.instead.is_empty() {
        "remove it".to_owned()
    } else {
        format!("set {} in its place", words::all_of(removed.instead))
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let (Some(cilium), Some(version)) = (&member.cilium, member.version.get()) else {
            continue;
        };
        for (at, removed) in REMOVED.iter().enumerate() {
            let Some(removal) = removed.in_version(version) else {
                continue;
            };
            let removal = match removed.path {
                ["clustermesh", "apiserver", "tls", _, "cert"] if member.tls.auto.get() == Some(&false) => {
                    Removal::Fails
                }
                _ => removal,
            };
            if let Lookup::Value(node) = cilium.values.lookup(removed.path)
                && is_set(node)
                && !is_told_otherwise(context, member, removed)
            {
                let place = cilium.values.place(node, removed.path);
                let version = (place, format!("{}.{}", version.major, version.minor));
                gathered.add(version.0.edit_span(), (at, removal), &member.name, version);
            }
        }
    }
    for ((at, removal), found) in gathered.into_faults() {
        let (place, version): (Place, String) = found.first;
        let Some(removed) = REMOVED.get(at) else { continue };
        let label = format!("removed in {}.{}", removed.since.0, removed.since.1);
        let message = message(removed, removal, &version, &found.clusters);
        let finding = places::at(message, &place, label)
            .help(help(removed))
            .clusters(found.clusters);
        findings.push(match removal {
            Removal::Harmless => finding.severity(Severity::Warning),
            Removal::Fails | Removal::Lost => finding,
        });
    }
}

/// Whether the value asks for something: what is false or empty was not wanted, and the chart's templates see none.
fn is_set(node: &Node) -> bool {
    match node.as_text() {
        Some(text) => !text.is_empty() && node.as_bool() != Some(false),
        None => !node.entries().is_empty() || !node.items().is_empty(),
    }
}

/// The switch for ServiceExports matters where there is one, and that is told by the rule about them.
fn is_told_otherwise(context: &Context<'_>, member: &Member, removed: &Removed) -> bool {
    removed.path == ["clustermesh", "enableMCSAPISupport"]
        && context
            .fleet
            .clusters
            .get(member.cluster)
            .is_some_and(|cluster| cluster.objects_of("ServiceExport").next().is_some())
}
