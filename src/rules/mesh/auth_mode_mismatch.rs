use crate::finding::{Finding, Severity};
use crate::mesh::Place;
use crate::mesh::peering::Peering;
use crate::rules::gather::Gathered;
use crate::rules::places::{self, Told};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A cluster logs in at its peer as a user that the peer does not know.
pub(crate) static RULE: Rule = Rule {
    name: "auth-mode-mismatch",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/auth-mode-mismatch.md"),
    check,
};

const AUTH_MODE: [&str; 4] = ["clustermesh", "apiserver", "tls", "authMode"];
const MODES: [&str; 3] = ["legacy", "migration", "cluster"];

/// A mode that the chart refuses.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct IllegalMode;

impl Told for IllegalMode {
    fn message(&self, place: &Place, clusters: &[String]) -> String {
        format!(
            "`authMode: {}` of {} is none that the chart takes",
            place.text(),
            words::clusters(clusters)
        )
    }

    fn label(&self) -> String {
        "`legacy`, `migration` or `cluster`".to_owned()
    }

    fn help(&self) -> String {
        "write one of the three modes".to_owned()
    }
}

fn message(clusters: &[String], callers: &[&str]) -> String {
    let s = words::s(clusters);
    format!(
        "{} know{s} only the common user of `authMode: legacy`, but {} log{} in as {}",
        words::clusters(clusters),
        words::all_of(callers),
        words::s(callers),
        if callers.len() == 1 {
            "itself"
        } else {
            "themselves"
        },
    )
}

const HELP: &str = "set `authMode: migration` here before a peer changes to `cluster`, and `cluster` when all clusters have done so";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut wrong = Gathered::new();
    for member in &context.mesh.members {
        let mode = member.tls.auth_mode.stated();
        let is_legal = mode.is_none_or(|mode| MODES.contains(&mode.as_str()));
        if let (true, false, Some(place)) =
            (member.api_server.is_true(), is_legal, member.place_of(&AUTH_MODE))
        {
            wrong.add(place.edit_span(), IllegalMode, &member.name, place);
        }
    }
    wrong.report(findings);
    check_pairs(context, findings);
}

fn check_pairs(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut links: Vec<_> = Peering::of(context.mesh).links().collect();
    links.sort_by_key(|link| link.to.cluster);
    let mut gathered = Gathered::new();
    for calls in links.chunk_by(|a, b| a.to.cluster == b.to.cluster) {
        let by_name = calls
            .iter()
            .filter(|link| is(&link.from.tls.auth_mode, "cluster"));
        let callers: Vec<_> = by_name.map(|link| link.from).collect();
        let Some(called) = calls.first().map(|link| link.to) else {
            continue;
        };
        if callers.is_empty() || !called.api_server.is_true() || !is(&called.tls.auth_mode, "legacy") {
            continue;
        }
        if let Some(place) = called.place_of(&AUTH_MODE) {
            gathered.add(place.edit_span(), (), &called.name, (place, callers));
        }
    }
    for ((), found) in gathered.into_faults() {
        let (place, callers) = &found.first;
        let names: Vec<&str> = callers.iter().map(|caller| caller.name.as_str()).collect();
        let finding = places::at(message(&found.clusters, &names), place, "`legacy` holds here");
        let modes = callers
            .iter()
            .filter_map(|caller| Some((caller, caller.place_of(&AUTH_MODE)?)));
        let finding = modes.take(6).fold(finding, |finding, (caller, place)| {
            places::also(
                finding,
                &place,
                format!("`{}` logs in under its own name", caller.name),
            )
        });
        findings.push(finding.help(HELP).clusters(found.clusters).clusters(names));
    }
}

fn is(mode: &crate::mesh::Fact<String>, wanted: &str) -> bool {
    mode.get().is_some_and(|mode| mode == wanted)
}
