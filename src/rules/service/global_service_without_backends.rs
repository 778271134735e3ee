use crate::cluster::{Existence, GroupKind};
use crate::finding::{Finding, Severity};
use crate::mesh::backends::{self, Backends};
use crate::mesh::globals::{Global, Owner, globals};
use crate::mesh::{Flag, SHARED, ServiceKind, annotation, service_kind, shares};
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// No cluster of the mesh has pods that a global Service could use.
pub(crate) static RULE: Rule = Rule {
    name: "global-service-without-backends",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/global-service-without-backends.md"),
    check,
};

fn message(service: &str) -> String {
    format!("global Service `{service}` has no pods to share in any cluster of the mesh")
}

/// Why a cluster contributes no pods to a global Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    /// Its selector matches no workload.
    NothingSelected,
    /// It selects nothing at all.
    NoSelector,
    /// It is a name for something elsewhere.
    ExternalName,
    /// It keeps its pods to itself.
    NotShared,
}

impl Lack {
    fn label(self, cluster: &str) -> String {
        match self {
            Self::NothingSelected => format!("matches no workload in `{cluster}`"),
            Self::NoSelector => format!("selects no pods in `{cluster}`"),
            Self::ExternalName => format!("only a name in `{cluster}`, without pods"),
            Self::NotShared => format!("keeps its pods to `{cluster}`"),
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::NothingSelected => "make the selector equal to the labels of the pods",
            Self::NoSelector => "give the Service a selector in the cluster that has the pods",
            Self::ExternalName => "remove the annotation: Cilium has nothing to share for an ExternalName",
            Self::NotShared => {
                "set `service.cilium.io/shared: \"true\"` in the cluster whose pods are to be used"
            }
        }
    }
}

const SERVICE: GroupKind<'static> = GroupKind::new("", "Service");

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for global in globals(context.mesh) {
        if global.group.external.is_empty() && global.group.members.len() > 1 {
            findings.extend(finding(context, &global));
        }
    }
}

fn finding(context: &Context<'_>, global: &Global<'_>) -> Option<Finding> {
    let lacks: Option<Vec<Lack>> = global.owners.iter().map(|owner| lack(context, owner)).collect();
    let lacks = lacks?;
    // One owner alone is another mistake, and it is told of by another rule.
    if lacks.len() < 2 || !others_are_known(context, global) {
        return None;
    }
    // What the mistake is: in a cluster that would share, else that nobody does.
    let (main, why) = global.owners.iter().zip(&lacks).min_by_key(|(_, lack)| **lack)?;
    let finding = Finding::new(
        message(&global.full_name()),
        span(main, *why),
        why.label(&main.member.name),
    );
    let labelled = global
        .owners
        .iter()
        .zip(&lacks)
        .fold(finding, |finding, (owner, lack)| {
            finding.label(span(owner, *lack), lack.label(&owner.member.name))
        });
    Some(
        labelled
            .help(why.help())
            .object(main.service.object.reference())
            .clusters(global.owners.iter().map(|owner| owner.member.name.as_str())),
    )
}

/// Whether no other cluster of the mesh may have the Service.
fn others_are_known(context: &Context<'_>, global: &Global<'_>) -> bool {
    let owns = |at: &usize| global.owners.iter().any(|owner| owner.member.cluster == *at);
    let others = global.group.members.iter().filter(|at| !owns(at));
    others
        .filter_map(|at| context.index.clusters.get(*at))
        .all(|index| {
            !matches!(
                index.find(SERVICE, Some(global.namespace), global.name),
                Existence::Unknown(_)
            )
        })
}

/// Why a cluster contributes no pods, as far as that is sure.
fn lack(context: &Context<'_>, owner: &Owner<'_>) -> Option<Lack> {
    let object = &owner.service.object;
    match service_kind(object) {
        ServiceKind::Name => return Some(Lack::ExternalName),
        ServiceKind::Unknown => return None,
        ServiceKind::Address | ServiceKind::Headless => {}
    }
    if shares(object) == Flag::Off {
        return Some(Lack::NotShared);
    }
    match backends::backends(context.index.clusters.get(owner.member.cluster)?, object) {
        Backends::None(backends::Lack::NothingSelected) => Some(Lack::NothingSelected),
        Backends::None(backends::Lack::NoSelector) => Some(Lack::NoSelector),
        Backends::None(backends::Lack::ExternalName) => Some(Lack::ExternalName),
        // Somebody may have scaled it down for a while.
        Backends::None(backends::Lack::NoReplicas) | Backends::Some(_) | Backends::Unknown(_) => None,
    }
}

fn span(owner: &Owner<'_>, lack: Lack) -> Span {
    let object = &owner.service.object;
    let spec = object.node.get("spec");
    let node = match lack {
        Lack::NothingSelected => spec
            .and_then(|spec| spec.entry("selector"))
            .map(|entry| &entry.key),
        Lack::ExternalName => spec.and_then(|spec| spec.get("type")),
        Lack::NotShared => annotation(object, &SHARED),
        Lack::NoSelector => None,
    };
    node.unwrap_or(&owner.service.annotation).origin().edit_span()
}
