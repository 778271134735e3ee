use super::places;
use crate::finding::{Finding, Severity};
use crate::mesh::{Fact, Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// The API server is exposed in a way in which its peers lose it.
pub(crate) static RULE: Rule = Rule {
    name: "apiserver-exposure",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/apiserver-exposure.md"),
    check,
};

const SERVICE: [&str; 3] = ["clustermesh", "apiserver", "service"];

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    NoAffinity(i64),
    IllegalWord(&'static str, String),
    IllegalType(String),
    LocalNodePort,
}

impl Fault {
    fn message(&self, of: &str) -> String {
        match self {
            Self::NoAffinity(replicas) => format!(
                "the API server of {of} has {replicas} replicas, but peers are not kept at one of them"
            ),
            Self::IllegalWord(key, text) => {
                format!("`{key}: {text}` for the API server of {of} is none that the chart takes")
            }
            Self::IllegalType(text) => format!("`{text}` for the API server of {of} is no type of a Service"),
            Self::LocalNodePort => {
                format!("only nodes that run a pod of it answer for the API server of {of}")
            }
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::NoAffinity(_) => "each replica has an etcd of its own",
            Self::IllegalWord(..) => "not among the legal words",
            Self::IllegalType(_) => "`NodePort`, `LoadBalancer` or `ClusterIP`",
            Self::LocalNodePort => "other nodes drop the connection",
        }
    }

    fn help(&self) -> String {
        match self {
            Self::NoAffinity(_) => "set `enableSessionAffinity: HAOnly`, the default".to_owned(),
            Self::IllegalWord("enableSessionAffinity", _) => "write `HAOnly`, `Always` or `Never`".to_owned(),
            Self::IllegalWord(..) => "write `Cluster` or `Local`".to_owned(),
            Self::IllegalType(_) => "write one of the three types".to_owned(),
            Self::LocalNodePort => {
                "use `externalTrafficPolicy: Cluster`, or a Service of type LoadBalancer".to_owned()
            }
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in context
        .mesh
        .members
        .iter()
        .filter(|member| member.api_server.is_true())
    {
        for (fault, place) in faults(member) {
            gathered.add(place.edit_span(), fault, &member.name, place);
        }
    }
    for (fault, found) in gathered.into_faults() {
        let message = fault.message(&words::clusters(&found.clusters));
        findings.push(
            places::at(RULE.name, message, &found.first, fault.label())
                .help(fault.help())
                .clusters(found.clusters),
        );
    }
}

fn faults(member: &Member) -> Vec<(Fault, Place)> {
    let offer = &member.offer;
    let place = |key: &str| places::field(member, &[&SERVICE[..], &[key]].concat());
    let mut faults = Vec::new();
    let mut add = |fault: Fault, key: &str| faults.extend(place(key).map(|place| (fault, place)));
    let words: [(&'static str, &Fact<String>, &[&str]); 3] = [
        (
            "enableSessionAffinity",
            &offer.session_affinity,
            &["HAOnly", "Always", "Never"],
        ),
        (
            "externalTrafficPolicy",
            &offer.external_traffic_policy,
            &["Cluster", "Local"],
        ),
        (
            "internalTrafficPolicy",
            &offer.internal_traffic_policy,
            &["Cluster", "Local"],
        ),
    ];
    for (key, fact, legal) in words {
        if let Some(text) = fact
            .stated()
            .filter(|text| !text.is_empty() && !legal.contains(&text.as_str()))
        {
            add(Fault::IllegalWord(key, text.clone()), key);
        }
    }
    if let Some(text) = offer
        .service_type
        .stated()
        .filter(|text| !matches!(text.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP"))
    {
        add(Fault::IllegalType(text.clone()), "type");
    }
    let never = offer
        .session_affinity
        .stated()
        .is_some_and(|text| text == "Never")
        && member.version_at_least(1, 16) != Some(false);
    match offer.replicas.get() {
        Some(replicas) if *replicas > 1 && never => {
            add(Fault::NoAffinity(*replicas), "enableSessionAffinity")
        }
        _ => {}
    }
    let local = offer
        .external_traffic_policy
        .stated()
        .is_some_and(|text| text == "Local");
    if local && offer.service_type.get().is_some_and(|kind| kind == "NodePort") {
        add(Fault::LocalNodePort, "externalTrafficPolicy");
    }
    faults
}
