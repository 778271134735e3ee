//! What a finding stands for: single faults, each with an identity that holds whatever the others are. A group is a way to
//! print; what is known or new, and what is ignored, are its members.

use std::collections::BTreeSet;

use super::fingerprint::{self, Identity, lasting};
use super::{Finding, Member, Reported, Rule, SourceMap};

/// The members of a finding. `clusters` are the names of all clusters, which come and go without making a fault another.
pub(super) fn of(
    sources: &SourceMap,
    clusters: &BTreeSet<&str>,
    rule: &'static Rule,
    finding: &Finding,
) -> Vec<Member> {
    let member = |one: &Finding| Member {
        fault: fingerprint::digest(&identity(sources, clusters, rule, one), 0),
        path: sources.file(one.primary().span.file).path().to_string(),
        message: one.message.clone(),
        clusters: one.clusters.clone(),
        is_of_file: one.object.is_none() || one.fact.is_some(),
    };
    finding.faults().iter().map(member).collect()
}

fn identity(
    sources: &SourceMap,
    clusters: &BTreeSet<&str>,
    rule: &'static Rule,
    finding: &Finding,
) -> Vec<u8> {
    let mut identity = Identity::default();
    if let Some(fact) = &finding.fact {
        identity.part(rule.name);
        identity.part(fact);
        return identity.0;
    }
    identity.0 = fingerprint::fault(sources, rule, finding);
    for fact in facts(&finding.message, clusters) {
        identity.part(&fact);
    }
    identity.0
}

/// What a message names in backticks, in whatever order and words.
fn facts<'m>(message: &'m str, clusters: &BTreeSet<&str>) -> BTreeSet<std::borrow::Cow<'m, str>> {
    let quoted = message.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| !clusters.contains(name))
        .map(lasting)
        .collect()
}

/// The finding without the members that are left out, which stand at those places of the list: itself, or each of the others
/// alone.
pub(super) fn without(reported: Reported, left_out: &[bool]) -> Vec<Reported> {
    if !left_out.contains(&true) {
        return vec![reported];
    }
    let Reported {
        rule,
        severity,
        finding,
        members,
        ..
    } = reported;
    let kept = finding
        .members
        .into_iter()
        .zip(members)
        .zip(left_out)
        .filter(|(_, out)| !**out);
    kept.map(|((finding, member), _)| Reported {
        rule,
        severity,
        fingerprint: String::new(),
        fault: String::new(),
        finding,
        members: vec![member],
    })
    .collect()
}
