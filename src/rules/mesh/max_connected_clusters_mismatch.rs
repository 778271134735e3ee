use crate::finding::{Finding, Severity};
use crate::mesh::compare::names;
use crate::mesh::{Group, Known, Member, Mesh, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh do not have one `clustermesh.maxConnectedClusters`, or one that is too small or none that exists.
pub(crate) static RULE: Rule = Rule {
    name: "max-connected-clusters-mismatch",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/max-connected-clusters-mismatch.md"),
    check,
};

const PATH: [&str; 2] = ["clustermesh", "maxConnectedClusters"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    illegal(context.mesh, findings);
    for group in &context.mesh.groups {
        findings.extend(different(context.mesh, group));
        findings.extend(too_many(context.mesh, group));
    }
}

/// The limit that holds; `None` where it cannot be known, or is none that Cilium has.
fn limit(member: &Member) -> Option<i64> {
    // Before 1.15 there is no such value, and 255 is all there is.
    if member.version_at_least(1, 15) == Some(false) {
        return Some(255);
    }
    member
        .max_connected
        .get()
        .copied()
        .filter(|limit| matches!(limit, 255 | 511))
}

fn illegal(mesh: &Mesh<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &mesh.members {
        let stated = match member.max_connected.value {
            Known::Stated(limit) => !matches!(limit, 255 | 511),
            Known::Malformed => true,
            _ => false,
        };
        if let Some(evidence) = member.max_connected.best()
            && stated
            && places::is_chart_value(&evidence.place)
            && member.version_at_least(1, 15) != Some(false)
        {
            let place = evidence.place.clone();
            gathered.add(place.edit_span(), (), &member.name, place);
        }
    }
    for ((), found) in gathered.into_faults() {
        let place = found.first;
        let message = format!(
            "`clustermesh.maxConnectedClusters` of {} is `{}`, neither 255 nor 511",
            words::clusters(&found.clusters),
            place.text()
        );
        findings.push(
            places::at(message, &place, "must be 255 or 511")
                .help("set 255, or 511 in every cluster of the mesh")
                .clusters(found.clusters),
        );
    }
}

fn different(mesh: &Mesh<'_>, group: &Group) -> Option<Finding> {
    let of = |wanted: i64| -> Vec<&Member> {
        mesh.members_of(group)
            .filter(|member| limit(member) == Some(wanted))
            .collect()
    };
    let (small, large) = (of(255), of(511));
    // Those who are fewer are to change, or who say so themselves; the others are shown by one of them.
    let (odd, rest, value, other) = if large.len() <= small.len() {
        (&large, &small, 511, 255)
    } else {
        (&small, &large, 255, 511)
    };
    let example = rest.first()?;
    let mut places = odd.iter().filter_map(|member| Some((member, place(member)?)));
    let (first, at) = places.next()?;
    let all: Vec<&Member> = odd.iter().chain(rest).copied().collect();
    let message = format!(
        "`clustermesh.maxConnectedClusters` is {value} in {} and {other} in {}",
        words::clusters(&names(odd)),
        words::clusters(&names(rest))
    );
    let finding = places::at(message, &at, label(first, value));
    let finding = places.fold(finding, |finding, (member, place)| {
        places::also(finding, &place, label(member, value))
    });
    let finding = match place(example) {
        Some(place) => places::also(finding, &place, label(example, other)),
        None => finding,
    };
    Some(
        finding
            .help("settle for one value before the clusters are connected: it cannot be changed on clusters that run")
            .clusters(names(&all)),
    )
}

fn place(member: &Member) -> Option<Place> {
    match member.max_connected.best() {
        Some(evidence) => Some(evidence.place.clone()),
        None => member.place_of(&PATH),
    }
}

fn label(member: &Member, value: i64) -> String {
    if member.max_connected.best().is_some() {
        format!("`{}` has {value}", member.name)
    } else {
        format!("`{}` keeps the default, {value}", member.name)
    }
}

fn too_many(mesh: &Mesh<'_>, group: &Group) -> Option<Finding> {
    // A cluster does not count itself.
    let others = i64::try_from(group.members.len() + group.external.len()).ok()? - 1;
    let lowest = mesh
        .members_of(group)
        .filter_map(|member| Some((limit(member)?, member)))
        .min_by_key(|(limit, member)| (*limit, member.cluster))?;
    let (limit, member) = lowest;
    if others <= limit {
        return None;
    }
    let place = place(member)?;
    let message = format!(
        "cluster `{}` takes at most {limit} other clusters, and the mesh has {others}",
        member.name
    );
    Some(
        places::at(message, &place, format!("at most {limit}"))
            .help("set `clustermesh.maxConnectedClusters: 511` in every cluster, or make two meshes of it")
            .clusters([member.name.clone()]),
    )
}
