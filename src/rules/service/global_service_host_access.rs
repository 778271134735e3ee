use crate::cluster::service_names;
use crate::cluster::{Workload, workloads};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::mesh::globals::{self, Global, Owner, globals};
use crate::mesh::{Fact, Member};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// A global Service is reached from a node, where only Cilium's kube-proxy replacement knows the other clusters.
pub(crate) static RULE: Rule = Rule {
    name: "global-service-host-access",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/global-service-host-access.md"),
    check,
};

fn port_message(service: &str, kind: &str) -> String {
    format!(
        "global Service `{service}` is a {kind}, but kube-proxy answers its node ports, with local pods only"
    )
}

const PORT_HELP: &str = "set `kubeProxyReplacement: true` in the Cilium values";

fn host_message(service: &str, workload: &Object) -> String {
    format!(
        "{} `{}` in the host's network reaches only the local pods of global Service `{service}`",
        workload.kind(),
        workload.name()
    )
}

const HOST_HELP: &str = "set `kubeProxyReplacement: true` in the Cilium values, or `socketLB.enabled: true` with \
                         `socketLB.hostNamespaceOnly: true`";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let globals = globals(context.mesh);
    let mut gathered = Gathered::new();
    for global in &globals {
        for owner in global.borrowers().filter(|owner| has_kube_proxy(owner.member)) {
            if let Some(finding) = node_port(global, owner) {
                let span = finding.primary().span;
                gathered.add(span, global.full_name(), &owner.member.name, finding);
            }
        }
    }
    for (at, cluster) in context.fleet.clusters.iter().enumerate() {
        let Some(member) = context.mesh.members.get(at).filter(|_| !globals.is_empty()) else {
            continue;
        };
        if !has_kube_proxy(member) || member.sharing.socket_lb.get() != Some(&false) {
            continue;
        }
        for workload in workloads(cluster).filter(is_on_host) {
            for mention in service_names::in_workload(workload) {
                let found = globals::find(&globals, at, mention.named.namespace, mention.named.name);
                let Some((global, owner)) = found.filter(|(global, owner)| global.has_lender_for(*owner))
                else {
                    continue;
                };
                let span = mention.node.origin().edit_span();
                let finding = host(global, owner, workload, span);
                gathered.add(span, global.full_name(), &member.name, finding);
            }
        }
    }
    findings.extend(
        gathered
            .into_faults()
            .map(|(_, found)| found.first.clusters(found.clusters)),
    );
}

/// Whether it is sure that Cilium leaves the node's Services to kube-proxy.
fn has_kube_proxy(member: &Member) -> bool {
    member.sharing.kube_proxy_replacement.get() == Some(&false)
}

fn is_on_host(workload: &Workload<'_>) -> bool {
    let field = workload.pod.at(&["spec", "hostNetwork"]);
    field.and_then(Node::as_bool) == Some(true)
}

fn node_port(global: &Global<'_>, owner: Owner<'_>) -> Option<Finding> {
    let object = &owner.service.object;
    let node = object.node.at(&["spec", "type"])?;
    let kind = node.as_text().filter(|_| !node.origin().is_unknown())?;
    if !matches!(kind, "NodePort" | "LoadBalancer") {
        return None;
    }
    let span = node.origin().edit_span();
    let finding = Finding::new(
        port_message(&global.full_name(), kind),
        span,
        "answered by kube-proxy",
    );
    Some(
        replacement(finding, &owner.member.sharing.kube_proxy_replacement)
            .help(PORT_HELP)
            .object(object.reference())
            .route("spec.type"),
    )
}

fn host(global: &Global<'_>, owner: Owner<'_>, workload: Workload<'_>, span: Span) -> Finding {
    let message = host_message(&global.full_name(), workload.object);
    let finding = Finding::new(message, span, "asked for from the host's network")
        .label(owner.service.annotation.origin().edit_span(), "global here");
    replacement(finding, &owner.member.sharing.kube_proxy_replacement)
        .help(HOST_HELP)
        .object(workload.object.reference())
        .route("spec.hostNetwork")
}

/// Shows the value that leaves Services to kube-proxy, where it is stated.
fn replacement(finding: Finding, fact: &Fact<bool>) -> Finding {
    match fact.best() {
        Some(evidence) => finding.label(evidence.place.edit_span(), "kube-proxy is not replaced"),
        None => finding,
    }
}
