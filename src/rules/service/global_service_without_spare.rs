use crate::finding::{Finding, Severity};
use crate::mesh::annotation;
use crate::mesh::backends::Backends;
use crate::mesh::globals::{Global, Owner, globals};
use crate::mesh::served::{AFFINITY, Answer, Availability, Lender, Loss, Verdict, View};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// The loss of one cluster leaves a global Service of another without pods.
pub(crate) static RULE: Rule = Rule {
    name: "global-service-without-spare",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/global-service-without-spare.md"),
    check,
};

fn message(service: &str, consumers: &[&str], lost: &str) -> String {
    let verb = if consumers.len() == 1 { "is" } else { "are" };
    format!(
        "without cluster `{lost}` {} {verb} not served by global Service `{service}`",
        words::clusters(consumers)
    )
}

const STUCK: &str = "keeps to the pods of other clusters after these are gone";

const PREFER_OWN: &str = "set `service.cilium.io/affinity: \"local\"`, or have Cilium 1.19 forget clusters that are gone \
                          (`extraConfig: {clustermesh-cache-ttl: 15m}`)";

const RUN_ANOTHER: &str = "run the workload in a second cluster that shares it";

/// With more clusters that have pods no single loss matters to all who use them alike.
const FEW: usize = 2;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let availability = Availability::of(context.mesh, context.index);
    for global in globals(context.mesh) {
        if global.owners.len() > 1 && global.group.external.is_empty() {
            check_service(&availability, &global, findings);
        }
    }
}

fn check_service<'a>(availability: &Availability<'a>, global: &Global<'a>, findings: &mut Vec<Finding>) {
    let lenders = availability.lenders(global);
    // What may have pods cannot be counted on, and cannot be counted out.
    let is_sure = lenders
        .iter()
        .all(|lender| !matches!(lender.backends, Backends::Unknown(_)));
    let with_pods = lenders.iter().filter(|lender| has_pods(lender));
    if !is_sure || with_pods.clone().count() > FEW {
        return;
    }
    let views: Vec<View<'a>> = global
        .owners
        .iter()
        .map(|owner| availability.view(*owner, &lenders))
        .collect();
    for lost in with_pods {
        findings.extend(finding(global, &lenders, &views, lost));
    }
}

fn has_pods(lender: &Lender<'_>) -> bool {
    matches!(lender.backends, Backends::Some(_))
}

/// The clusters that are served now, and not without that one.
fn finding<'a>(
    global: &Global<'a>,
    lenders: &[Lender<'a>],
    views: &[View<'a>],
    lost: &Lender<'a>,
) -> Option<Finding> {
    let at = lost.owner.member.cluster;
    let left = |view: &&View<'a>| view.consumer.member.cluster != at;
    let answers = views.iter().filter(left).map(|view| {
        let is_served = view.answer(lenders, None).verdict == Verdict::Served;
        (view, is_served, view.answer(lenders, Some(Loss::Cluster(at))))
    });
    let unserved: Vec<(&View<'a>, Answer)> = answers
        .filter(|(_, is_served, after)| *is_served && after.verdict == Verdict::NotServed)
        .map(|(view, _, after)| (view, after))
        .collect();
    let stuck = unserved.iter().find(|(_, after)| after.is_stuck);
    let (first, _) = stuck.or_else(|| unserved.first())?;
    let consumers: Vec<&str> = unserved
        .iter()
        .filter(|(_, after)| after.is_stuck == stuck.is_some())
        .map(|(view, _)| view.consumer.member.name.as_str())
        .collect();
    let message = message(&global.full_name(), &consumers, &lost.owner.member.name);
    let lender = format!("`{}` has the pods", lost.owner.member.name);
    let finding = match stuck {
        Some(_) => Finding::new(message, affinity(first.consumer), STUCK).help(PREFER_OWN),
        None => {
            let label = format!("no other cluster has pods for `{}`", first.consumer.member.name);
            Finding::new(message, global_span(first.consumer), label)
                .help(RUN_ANOTHER)
                .severity(Severity::Info)
                .pedantic()
        }
    };
    Some(
        finding
            .label(global_span(lost.owner), lender)
            .object(first.consumer.service.object.reference())
            .route("metadata.annotations")
            .clusters(consumers.into_iter().chain([lost.owner.member.name.as_str()])),
    )
}

fn global_span(owner: Owner<'_>) -> Span {
    owner.service.annotation.origin().edit_span()
}

fn affinity(owner: Owner<'_>) -> Span {
    let node = annotation(&owner.service.object, &AFFINITY);
    node.unwrap_or(&owner.service.annotation).origin().edit_span()
}
