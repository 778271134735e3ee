use crate::finding::{Finding, Severity};
use crate::mesh::compare::names;
use crate::mesh::{Evidence, Group, Member, Mesh};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use semver::Version;

/// Clusters of one mesh run versions of Cilium that are more than one minor apart.
pub(crate) static RULE: Rule = Rule {
    name: "cilium-version-skew",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/cilium-version-skew.md"),
    check,
};

/// Of many clusters with one version, so many are pointed at.
const SHOWN: usize = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        findings.extend(skew(context.mesh, group));
    }
}

fn minor(version: &Version) -> (u64, u64) {
    (version.major, version.minor)
}

fn skew(mesh: &Mesh<'_>, group: &Group) -> Option<Finding> {
    let known: Vec<(&Member, (u64, u64))> = mesh
        .members_of(group)
        .filter_map(|member| Some((member, minor(member.version.stated()?))))
        .collect();
    let oldest = known.iter().map(|(_, version)| *version).min()?;
    let newest = known.iter().map(|(_, version)| *version).max()?;
    if oldest.0 == newest.0 && newest.1 - oldest.1 <= 1 {
        return None;
    }
    let of = |wanted| -> Vec<&Member> {
        known
            .iter()
            .filter(|(_, version)| *version == wanted)
            .map(|(member, _)| *member)
            .collect()
    };
    let (old, new) = (of(oldest), of(newest));
    let message = format!(
        "{} run{} Cilium {}.{} and {} {}.{}, more than one minor apart",
        words::clusters(&names(&old)),
        words::s(&old),
        oldest.0,
        oldest.1,
        words::clusters(&names(&new)),
        newest.0,
        newest.1
    );
    let mut places = old
        .iter()
        .take(SHOWN)
        .chain(new.iter().take(SHOWN))
        .filter_map(|member| Some((*member, member.version.best()?)));
    let (first, evidence) = places.next()?;
    let finding = places::at(message, &evidence.place, label(first, evidence));
    let finding = places.fold(finding, |finding, (member, evidence)| {
        places::also(finding, &evidence.place, label(member, evidence))
    });
    let all: Vec<&Member> = old.iter().chain(&new).copied().collect();
    Some(
        finding
            .help("update the older clusters one minor at a time, until all are at most one minor apart")
            .clusters(names(&all)),
    )
}

fn label(member: &Member, evidence: &Evidence<Version>) -> String {
    format!("`{}` runs {}", member.name, evidence.place.text())
}
