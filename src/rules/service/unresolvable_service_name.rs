use std::collections::BTreeMap;

use crate::cluster::service_names::{self, Mention, Named};
use crate::cluster::{ClusterIndex, GroupKind, Placed};
use crate::cluster::{sight, workloads};
use crate::finding::{Finding, ObjectRef, Severity};
use crate::mesh::Group;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule, words};
use crate::source::Span;
use crate::text::suggest;

/// A name is configured that no Service of the cluster has.
pub(crate) static RULE: Rule = Rule {
    name: "unresolvable-service-name",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/unresolvable-service-name.md"),
    check,
};

fn message(written: &str, cluster: &str) -> String {
    format!("`{written}` names a Service that cluster `{cluster}` does not have")
}

fn label(named: Named<'_>) -> String {
    format!("no Service `{}` in namespace `{}`", named.name, named.namespace)
}

/// What is there instead.
enum Instead<'a> {
    /// Other clusters of the mesh have the Service.
    Elsewhere(Vec<&'a str>, Span),
    /// A Service of nearly that name is in this cluster, or in another of the mesh.
    Near(&'a str, &'a str, Span),
    Nothing,
}

impl Instead<'_> {
    fn help(&self) -> String {
        match self {
            Self::Elsewhere(clusters, _) => format!(
                "deliver the Service to this cluster too, global in both: {} alone {} it, and a name resolves only where \
                 the Service itself exists",
                words::clusters(clusters),
                if clusters.len() == 1 { "has" } else { "have" }
            ),
            Self::Near(name, cluster, _) => {
                format!("name the Service `{name}` that `{cluster}` has, or deliver the one that is meant")
            }
            Self::Nothing => "deliver the Service, or correct the name".to_owned(),
        }
    }
}

const SERVICE: GroupKind<'static> = GroupKind::new("", "Service");

/// Services that Cilium makes of Ingresses and Gateways.
const MADE_BY_CILIUM: [&str; 2] = ["cilium-ingress", "cilium-gateway-"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered: Gathered<String, Finding> = Gathered::new();
    for (at, index) in context.index.clusters.iter().enumerate() {
        let mut cluster = Cluster {
            context,
            group: context.mesh.group_of(at),
            at,
            index,
            judged: BTreeMap::new(),
        };
        let mut judge = |mention: &Mention<'_>, object: ObjectRef| {
            if let Some(instead) = cluster.lacks(mention.named) {
                let span = mention.node.origin().edit_span();
                let finding = finding(mention, span, &index.cluster.name, &instead, object);
                gathered.add(
                    span,
                    mention.named.written.to_owned(),
                    &index.cluster.name,
                    finding,
                );
            }
        };
        for workload in workloads(index.cluster) {
            for mention in service_names::in_workload(workload) {
                judge(&mention, workload.object.reference());
            }
        }
        for (owner, object) in index.cluster.objects() {
            if index.delivers_here(owner) {
                for mention in service_names::in_settings(object) {
                    judge(&mention, object.reference());
                }
            }
        }
    }
    findings.extend(
        gathered
            .into_faults()
            .map(|(_, found)| found.first.clusters(found.clusters)),
    );
}

fn finding(
    mention: &Mention<'_>,
    span: Span,
    cluster: &str,
    instead: &Instead<'_>,
    object: ObjectRef,
) -> Finding {
    let named = mention.named;
    let finding = Finding::new(message(named.written, cluster), span, label(named))
        .help(instead.help())
        .object(object)
        .route(named.written);
    match instead {
        Instead::Elsewhere(clusters, span) => {
            finding.label(*span, format!("the Service of {}", words::clusters(clusters)))
        }
        Instead::Near(name, cluster, span) => finding.label(*span, format!("`{cluster}` has `{name}`")),
        Instead::Nothing => finding,
    }
}

/// A cluster whose names are looked up.
struct Cluster<'c, 'a> {
    context: &'c Context<'a>,
    group: Option<&'a Group>,
    at: usize,
    index: &'a ClusterIndex<'a>,
    /// Whether everything in a namespace can be seen.
    judged: BTreeMap<String, bool>,
}

impl<'a> Cluster<'_, 'a> {
    /// What there is instead of a Service that the cluster provably lacks.
    fn lacks(&mut self, named: Named<'_>) -> Option<Instead<'a>> {
        let (name, namespace) = (named.name, named.namespace);
        if MADE_BY_CILIUM.iter().any(|made| name.starts_with(made))
            || !self.index.find(SERVICE, Some(namespace), name).is_missing()
            || !self.is_whole(namespace)
        {
            return None;
        }
        let others: Vec<&ClusterIndex<'a>> = self.others().collect();
        let mut having = others
            .iter()
            .filter_map(|other| Some((other.cluster.name.as_str(), service(other, namespace, name)?)))
            .peekable();
        if let Some((_, span)) = having.peek() {
            let span = *span;
            return Some(Instead::Elsewhere(
                having.map(|(cluster, _)| cluster).collect(),
                span,
            ));
        }
        let near = std::iter::once(self.index).chain(others).find_map(|index| {
            let nearest = suggest::nearest(name, index.names(SERVICE, Some(namespace)))
                .or_else(|| extended(name, index.names(SERVICE, Some(namespace))))?;
            Some(Instead::Near(
                nearest,
                index.cluster.name.as_str(),
                service(index, namespace, nearest)?,
            ))
        });
        near.or_else(|| self.has_services(namespace).then_some(Instead::Nothing))
    }

    /// The other clusters of the mesh.
    fn others(&self) -> impl Iterator<Item = &'a ClusterIndex<'a>> + use<'_, 'a> {
        let members = self.group.map_or(&[][..], |group| &group.members);
        let others = members.iter().filter(|at| **at != self.at);
        others.filter_map(|at| self.context.index.clusters.get(*at))
    }

    fn is_whole(&mut self, namespace: &str) -> bool {
        if let Some(known) = self.judged.get(namespace) {
            return *known;
        }
        let whole = sight::is_whole(self.index, namespace);
        self.judged.insert(namespace.to_owned(), whole);
        whole
    }

    /// Whether the repository is where the Services of that namespace come from.
    fn has_services(&self, namespace: &str) -> bool {
        self.index.names(SERVICE, Some(namespace)).next().is_some()
    }
}

/// The Service whose name goes on where `name` ends, or the other way round.
fn extended<'n>(name: &str, mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names.find(|other| {
        let (short, long) = if other.len() < name.len() {
            (*other, name)
        } else {
            (name, *other)
        };
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
    })
}

/// Where the Service of that name stands.
fn service(index: &ClusterIndex<'_>, namespace: &str, name: &str) -> Option<Span> {
    let here = |placed: &&Placed<'_>| placed.namespace == Some(namespace);
    let placed = index.named(SERVICE, name).iter().find(here)?;
    Some(placed.object.node.at(&["metadata", "name"])?.span())
}
