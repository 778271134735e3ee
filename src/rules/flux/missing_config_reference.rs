use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::copied::is_copied;
use crate::cluster::hashed_names::HashedNames;
use crate::cluster::lost::{Elsewhere, Lost, Target};
use crate::cluster::makers::Makers;
use crate::cluster::references::config::{
    CLUSTER_ISSUER, CLUSTER_SECRET_STORE, GATEWAY, GATEWAY_CLASS, INGRESS_CLASS, ISSUER, SECRET_STORE,
    STORAGE_CLASS, references_of, references_of_flux,
};
use crate::cluster::references::pods::{CLAIM, is_claim_of};
use crate::cluster::references::{ConfigReference, SERVICE_ACCOUNT};
use crate::cluster::sight::SYSTEM;
use crate::cluster::{ClusterIndex, Existence, GroupKind};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::text::suggest::is_typo;
use crate::unknown::UnknownReason;

/// An object names a ConfigMap, Secret, store, issuer, Gateway, class or account that the cluster does not have.
pub(crate) static RULE: Rule = Rule {
    name: "missing-config-reference",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-config-reference.md"),
    check,
};

fn message(first: &Use<'_>, others: usize, missing: &Missing<'_>) -> String {
    let object = first.object;
    let user = match object.namespace() {
        Some(namespace) => format!("{} `{namespace}/{}`", object.kind(), object.name()),
        None => format!("{} `{}`", object.kind(), object.name()),
    };
    let others = match others {
        0 => String::new(),
        1 => ", like another object,".to_owned(),
        more => format!(", like {more} other objects,"),
    };
    let target = missing.lost.target;
    let fault = match missing.other_kind {
        Some(kind) => format!("but `{}` is a {}", target.name, kind.kind),
        None => missing.lost.fault(),
    };
    format!(
        "{user}{others} {} {} `{}`, {fault}",
        first.reference.verb,
        target.kind.kind,
        target.full_name()
    )
}

const LABEL_OTHER: &str = "needed here too";

fn help(first: &Use<'_>, missing: &Missing<'_>) -> String {
    let Target { kind, name, .. } = missing.lost.target;
    let scope = missing.lost.target.scope();
    if let Some(other) = missing.other_kind {
        return match first.reference.is_annotation {
            true if other == CLUSTER_ISSUER => {
                "annotate with `cert-manager.io/cluster-issuer` instead".to_owned()
            }
            true => "annotate with `cert-manager.io/issuer` instead".to_owned(),
            false => format!("write `kind: {}`", other.kind),
        };
    }
    match &missing.lost.elsewhere {
        Elsewhere::Namespaces(_) if !first.reference.may_cross => {
            format!(
                "create `{name}` {scope} too, or move what needs it: the reference reaches no other namespace"
            )
        }
        Elsewhere::Clusters(_) => format!("deliver `{name}` to this cluster as well"),
        _ => missing
            .lost
            .help(first.reference.states_namespace)
            .unwrap_or_else(|| format!("add the {} `{name}` {scope}, or name one that exists", kind.kind)),
    }
}

/// Where an object refers to another.
struct Use<'a> {
    object: &'a Object,
    reference: ConfigReference<'a>,
}

/// A reference that provably leads nowhere.
struct Missing<'a> {
    lost: Lost<'a>,
    /// The kind that an object of that name does have.
    other_kind: Option<GroupKind<'static>>,
}

impl Missing<'_> {
    /// Whether one of several objects of a kind that people write themselves is meant.
    fn is_mistaken(&self) -> bool {
        shown(self.lost.target.kind) == Shown::Own
            && !matches!(self.lost.elsewhere, Elsewhere::Nowhere | Elsewhere::Unreached(_))
    }
}

/// Labels for further references to one missing object.
const MAX_OTHERS: usize = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (at, index) in context.index.clusters.iter().enumerate() {
        let makers = Makers::of(index);
        let hashed = HashedNames::of(index);
        for (target, uses) in uses(index) {
            let Some(first) = uses.first() else {
                continue;
            };
            let search = Search {
                context,
                at,
                index,
                makers: &makers,
            };
            let Some(missing) = search.missing(target, first) else {
                continue;
            };
            // unhashed-reference says what is wrong.
            let is_generated = |namespace| hashed.meant(index, target.kind, namespace, target.name).is_some();
            if target.namespace.is_some_and(is_generated) {
                continue;
            }
            // Bootstrap or a script may make what none of the repository's own objects resembles.
            if !missing.is_mistaken() && context.written.is_mentioned_by_tools(target.name) {
                continue;
            }
            let finding = |uses: &[Use<'_>]| {
                let finding = finding(&missing, uses, index.cluster.name.as_str())?;
                // A route with another Gateway takes traffic.
                let is_spare =
                    target.kind == GATEWAY && uses.iter().all(|one| search.has_a_parent(one.object));
                Some(if is_spare {
                    finding.severity(Severity::Info)
                } else {
                    finding
                })
            };
            let members = uses.chunks(1).filter_map(finding);
            findings.extend(finding(&uses).map(|all| all.members(members)));
        }
    }
}

fn finding(missing: &Missing<'_>, uses: &[Use<'_>], cluster: &str) -> Option<Finding> {
    let (first, others) = uses.split_first()?;
    let target = missing.lost.target;
    let objects: BTreeSet<_> = uses.iter().map(|one| one.object.name_span()).collect();
    let text = message(first, objects.len().saturating_sub(1), missing);
    let finding = Finding::new(text, first.reference.place, missing.lost.label())
        .help(help(first, missing))
        .clusters([cluster])
        .object(first.object.reference())
        .route(format!("{} {}", target.kind.kind, target.full_name()));
    let finding = others.iter().take(MAX_OTHERS).fold(finding, |finding, one| {
        finding.label(one.reference.place, LABEL_OTHER)
    });
    Some(missing.lost.point(finding))
}

/// Everything referred to in a cluster, each with those who refer to it.
fn uses<'a>(index: &ClusterIndex<'a>) -> BTreeMap<Target<'a>, Vec<Use<'a>>> {
    let mut found: BTreeMap<Target<'_>, Vec<Use<'_>>> = BTreeMap::new();
    let mut add = |object: &'a Object, references: Vec<ConfigReference<'a>>| {
        for reference in references {
            let target = Target {
                kind: reference.kind,
                namespace: reference.namespace,
                name: reference.name,
            };
            found.entry(target).or_default().push(Use { object, reference });
        }
    };
    for (owner, object) in index.cluster.objects() {
        if index.is_live(owner) {
            add(object, references_of(object));
        }
    }
    for user in index.reconciled() {
        add(user.object, references_of_flux(&user));
    }
    found
}

/// Looking for one missing object.
struct Search<'s, 'a> {
    context: &'s Context<'a>,
    /// Position of the cluster.
    at: usize,
    index: &'s ClusterIndex<'a>,
    makers: &'s Makers<'a>,
}

/// Where an object that is not seen may be nevertheless.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hiding {
    Nowhere,
    Chart,
    Broken,
}

/// How much of the objects of a kind a repository shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Whoever uses them writes them: stores, issuers, Gateways.
    Own,
    /// Charts, operators and people make them as well.
    Shared,
    /// They come with a distribution or a controller; only a likely mistake tells.
    Provided,
}

fn shown(kind: GroupKind<'_>) -> Shown {
    if [STORAGE_CLASS, GATEWAY_CLASS, INGRESS_CLASS].contains(&kind) {
        Shown::Provided
    } else if kind.group.is_empty() {
        Shown::Shared
    } else {
        Shown::Own
    }
}

impl<'a> Search<'_, 'a> {
    fn missing(&self, target: Target<'a>, first: &Use<'a>) -> Option<Missing<'a>> {
        let Target {
            kind,
            namespace,
            name,
        } = target;
        let hiding = match self.index.find(kind, namespace, name) {
            Existence::Missing => Hiding::Nowhere,
            Existence::Unknown(UnknownReason::Chart) => Hiding::Chart,
            // What a broken build hides is written somewhere in the repository.
            Existence::Unknown(UnknownReason::BrokenBuild) if shown(kind) == Shown::Own => Hiding::Broken,
            Existence::Exists(_) | Existence::Unknown(_) => return None,
        };
        if is_given(kind, name) || self.is_claimed(target) {
            return None;
        }
        let other_kind = other_kind(kind).filter(|kind| self.has(*kind, first.object.namespace(), name));
        let lost = Lost::locate(self.context.written, self.context.index, self.at, target)?;
        let named_by_maker = self.makers.may_name(kind, namespace, name);
        let proven = other_kind.is_some()
            || match shown(kind) {
                Shown::Own => self.is_own_missing(&lost, first, hiding, named_by_maker),
                Shown::Shared => self.is_shared_missing(&lost, first, hiding, named_by_maker),
                Shown::Provided => self.is_provided_missing(&lost, named_by_maker),
            };
        proven.then_some(Missing { lost, other_kind })
    }

    fn has(&self, kind: GroupKind<'_>, namespace: Option<&str>, name: &str) -> bool {
        let mut all = self.index.named(kind, name).iter();
        all.any(|placed| is_clusterwide(kind) || placed.namespace == namespace)
    }

    /// Somebody who writes some of them writes all, but for charts that take whole objects as values.
    fn is_own_missing(&self, lost: &Lost<'_>, first: &Use<'_>, hiding: Hiding, named_by_maker: bool) -> bool {
        let Target { kind, name, .. } = lost.target;
        let stated = || self.makers.state(kind, lost.target.namespace, name);
        let is_store = [SECRET_STORE, CLUSTER_SECRET_STORE].contains(&kind);
        match lost.elsewhere {
            _ if self.makers.state_whole(kind, name) => false,
            Elsewhere::Namespaces(_) => true,
            // A route that clusters share may name the Gateways of all.
            Elsewhere::Clusters(_) => kind != GATEWAY || !self.has_a_parent(first.object),
            // No chart makes stores but those.
            Elsewhere::Near(near) => is_store || is_typo(name, near) || !stated(),
            Elsewhere::Unreached(_) => hiding != Hiding::Broken && !stated(),
            Elsewhere::Nowhere => {
                !named_by_maker && !stated() && self.index.names(kind, None).next().is_some()
            }
        }
    }

    fn is_shared_missing(
        &self,
        lost: &Lost<'_>,
        first: &Use<'_>,
        hiding: Hiding,
        named_by_maker: bool,
    ) -> bool {
        let Target {
            kind,
            namespace,
            name,
        } = lost.target;
        let copied = |name: &str| {
            let all = self.index.named(kind, name).iter();
            all.into_iter().any(|placed| is_copied(placed.object))
        };
        if named_by_maker || copied(name) || self.makers.state(kind, namespace, name) {
            return false;
        }
        let is_secret = kind == GroupKind::SECRET;
        let is_whole = hiding == Hiding::Nowhere;
        match &lost.elsewhere {
            Elsewhere::Namespaces(_) => true,
            Elsewhere::Near(near) if is_typo(name, near) => true,
            Elsewhere::Clusters(_) => is_whole,
            Elsewhere::Unreached(span) => {
                let directory = |file| self.context.sources.file(file).path().parent();
                is_whole && (!is_secret || directory(span.file) == directory(first.reference.place.file))
            }
            // Secrets are made by hand and by bootstrap as a rule; nothing speaks against that.
            Elsewhere::Near(_) | Elsewhere::Nowhere => {
                let is_private = namespace.is_some_and(|namespace| !SYSTEM.contains(&namespace));
                is_whole && !is_secret && is_private && !self.makers.have_orders(namespace)
            }
        }
    }

    fn is_provided_missing(&self, lost: &Lost<'_>, named_by_maker: bool) -> bool {
        match &lost.elsewhere {
            Elsewhere::Near(near) => is_typo(lost.target.name, near),
            Elsewhere::Clusters(_) => {
                !named_by_maker && !self.makers.state(lost.target.kind, None, lost.target.name)
            }
            _ => false,
        }
    }

    /// Whether a route attaches to some Gateway that exists.
    fn has_a_parent(&self, route: &Object) -> bool {
        let mut parents = references_of(route).into_iter().filter(|one| one.kind == GATEWAY);
        parents.any(|one| {
            let found = self.index.find(one.kind, one.namespace, one.name);
            matches!(found, Existence::Exists(_))
        })
    }

    /// Whether a StatefulSet makes it.
    fn is_claimed(&self, target: Target<'_>) -> bool {
        let mut objects = self.index.cluster.objects();
        target.kind == CLAIM
            && objects
                .any(|(_, object)| object.namespace() == target.namespace && is_claim_of(object, target.name))
    }
}

fn is_clusterwide(kind: GroupKind<'_>) -> bool {
    [CLUSTER_SECRET_STORE, CLUSTER_ISSUER].contains(&kind)
}

/// The kind that is mistaken for this one when `kind` is wrong or left out.
fn other_kind(kind: GroupKind<'_>) -> Option<GroupKind<'static>> {
    let pairs = [(SECRET_STORE, CLUSTER_SECRET_STORE), (ISSUER, CLUSTER_ISSUER)];
    pairs.into_iter().find_map(|(one, other)| {
        if kind == one {
            Some(other)
        } else {
            (kind == other).then_some(one)
        }
    })
}

/// What every namespace has, and what Flux brings for itself.
fn is_given(kind: GroupKind<'_>, name: &str) -> bool {
    match kind.kind {
        "ServiceAccount" if kind == SERVICE_ACCOUNT => name == "default" || name.ends_with("-controller"),
        "ConfigMap" => matches!(
            name,
            "kube-root-ca.crt" | "openshift-service-ca.crt" | "istio-ca-root-cert" | "cluster-info"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
