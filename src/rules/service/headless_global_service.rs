use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::mesh::globals::{Global, Owner, globals};
use crate::mesh::{Flag, Member, Place, SYNCHRONISE, ServiceKind, annotation, flag, service_kind};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A headless Service is global, but nothing brings the pods of other clusters into its DNS name.
pub(crate) static RULE: Rule = Rule {
    name: "headless-global-service",
    category: Category::Service,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/headless-global-service.md"),
    check,
};

fn message(services: &[String], clusters: &[String]) -> String {
    let (noun, verb) = if services.len() == 1 {
        ("Service", "is")
    } else {
        ("Services", "are")
    };
    format!(
        "headless {noun} {} {verb} global, but {} do{} not synchronise EndpointSlices",
        words::all_of(services),
        words::clusters(clusters),
        if clusters.len() == 1 { "es" } else { "" }
    )
}

const HELP: &str = "set `clustermesh.enableEndpointSliceSynchronization: true` (Cilium 1.16 or later), or annotate the Service with \
     `service.cilium.io/global-sync-endpoint-slices: \"false\"` where its own pods are all it is for";

fn mixed_message(service: &str, headless: &[String], others: &[String]) -> String {
    format!(
        "global Service `{service}` is headless in {}, but has an address in {}",
        words::clusters(headless),
        words::clusters(others)
    )
}

const HELP_MIXED: &str = "make the Service headless in every cluster, or in none";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let globals = globals(context.mesh);
    for global in &globals {
        findings.extend(mixed(global));
    }
    unsynchronised(&globals, findings);
}

/// What lacks the synchronisation, by the place to edit.
struct Lacking<'a> {
    place: Place,
    services: Vec<String>,
    clusters: Vec<String>,
    headless: Vec<(Span, &'a str)>,
}

fn unsynchronised(globals: &[Global<'_>], findings: &mut Vec<Finding>) {
    let mut lacking: BTreeMap<Span, Lacking<'_>> = BTreeMap::new();
    for global in globals {
        for owner in global.borrowers().filter(|owner| wants_slices(owner)) {
            let Some(place) = switched_off(owner.member) else {
                continue;
            };
            let entry = lacking.entry(place.edit_span()).or_insert_with(|| Lacking {
                place,
                services: Vec::new(),
                clusters: Vec::new(),
                headless: Vec::new(),
            });
            push_new(&mut entry.services, global.full_name());
            push_new(&mut entry.clusters, owner.member.name.clone());
            entry.headless.push((headless_span(&owner), global.name));
        }
    }
    for (span, lacking) in lacking {
        let message = message(&lacking.services, &lacking.clusters);
        let mut finding = Finding::new(message, span, "EndpointSlices are not synchronised")
            .help(HELP)
            .route("clustermesh.enableEndpointSliceSynchronization")
            .clusters(lacking.clusters);
        finding.object = lacking.place.object.clone();
        for (span, name) in lacking.headless {
            finding = finding.label(span, format!("`{name}` is headless"));
        }
        findings.push(finding);
    }
}

fn push_new(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// Whether the Service is headless and not told to do without the other clusters.
fn wants_slices(owner: &Owner<'_>) -> bool {
    let object = &owner.service.object;
    service_kind(object) == ServiceKind::Headless
        && annotation(object, &SYNCHRONISE).is_none_or(|value| flag(value) == Flag::On)
}

/// Where the synchronisation could be switched on, if it is known to be off.
fn switched_off(member: &Member) -> Option<Place> {
    let fact = &member.sharing.endpoint_slices;
    if fact.get() != Some(&false) {
        return None;
    }
    let path = ["clustermesh", "enableEndpointSliceSynchronization"];
    let stated = fact.best().map(|evidence| evidence.place.clone());
    stated.or_else(|| Some(member.cilium.as_ref()?.values.nearest(&path)))
}

fn headless_span(owner: &Owner<'_>) -> Span {
    let address = owner.service.object.node.at(&["spec", "clusterIP"]);
    address.map_or_else(
        || owner.service.annotation.span(),
        |node| node.origin().edit_span(),
    )
}

/// A Service that is headless here and has an address there.
fn mixed(global: &Global<'_>) -> Option<Finding> {
    let of_kind = |kind| {
        let owners = global.owners.iter();
        owners
            .filter(move |owner| service_kind(&owner.service.object) == kind)
            .collect::<Vec<_>>()
    };
    let (headless, others) = (of_kind(ServiceKind::Headless), of_kind(ServiceKind::Address));
    let lent = headless.iter().chain(&others).any(|owner| owner.may_share());
    let (first, other) = (headless.first()?, others.first()?);
    if !lent {
        return None;
    }
    let names = |owners: &[&'_ Owner<'_>]| -> Vec<String> {
        owners.iter().map(|owner| owner.member.name.clone()).collect()
    };
    let (headless_in, others_in) = (names(&headless), names(&others));
    let message = mixed_message(&global.full_name(), &headless_in, &others_in);
    Some(
        Finding::new(message, headless_span(first), "headless")
            .label(headless_span(other), "has an address")
            .help(HELP_MIXED)
            .severity(Severity::Warning)
            .object(first.service.object.reference())
            .route("spec.clusterIP")
            .clusters(headless_in.into_iter().chain(others_in)),
    )
}
