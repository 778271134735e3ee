use std::collections::{BTreeMap, BTreeSet};

use super::authority::{Authority, Fetched, authority};
use super::peering::{self, Peering};
use super::places;
use crate::finding::{Finding, Severity};
use crate::flux::Index;
use crate::mesh::{Group, Member, Mesh, Place};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// Clusters of one mesh do not have their certificates from the same authority.
pub(crate) static RULE: Rule = Rule {
    name: "mesh-ca-not-shared",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/mesh-ca-not-shared.md"),
    check,
};

const SHOWN: usize = 6;

fn message(owners: &[&str]) -> String {
    match owners {
        [only] => {
            format!("cluster `{only}` makes a certificate authority of its own, which its peers do not trust")
        }
        _ => format!(
            "{} each make a certificate authority of their own",
            words::clusters(owners)
        ),
    }
}

const HELP: &str = "give all clusters one CA: a Secret `cilium-ca` with the same content in each, or an issuer that they share";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let joined: BTreeSet<usize> = Peering::of(context.mesh)
        .links()
        .flat_map(|link| [link.from.cluster, link.to.cluster])
        .collect();
    for group in &context.mesh.groups {
        if !trusts_more(context.mesh, group) {
            let members: Vec<&Member> = context
                .mesh
                .members_of(group)
                .filter(|member| joined.contains(&member.cluster))
                .collect();
            findings.extend(compare(&members, context.index));
        }
    }
}

/// Whether some cluster trusts a list of authorities, or has certificates for single peers.
fn trusts_more(mesh: &Mesh<'_>, group: &Group) -> bool {
    mesh.members_of(group).any(|member| {
        let own_certificates = peering::active(member)
            .iter()
            .any(|peer| peer.entry.get("tls").is_some());
        own_certificates || !matches!(member.tls.ca_bundle.get(), Some(false))
    })
}

fn compare(members: &[&Member], index: &Index<'_>) -> Option<Finding> {
    let known = members
        .iter()
        .filter_map(|member| Some((*member, authority(member, index.clusters.get(member.cluster)?)?)));
    let known: Vec<(&Member, Authority)> = known.collect();
    let own: Vec<_> = known
        .iter()
        .filter_map(|(member, authority)| Some((*member, authority.own()?)))
        .collect();
    let names = |all: &[(&Member, &Place)]| -> Vec<String> {
        all.iter().map(|(member, _)| member.name.clone()).collect()
    };
    // One alone is a fault when another has an authority that is surely not this one.
    if own.len() > 1 || (own.len() == 1 && known.len() > 1) {
        let names = names(&own);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let proven = known
            .iter()
            .any(|(_, authority)| matches!(authority, Authority::MadeHere(_)));
        // A Secret may have been copied by hand; nothing in the repository says so.
        let level = if proven {
            Severity::Error
        } else {
            Severity::Warning
        };
        let finding = labelled(message(&names), &own, |_| "nothing brings a CA here".to_owned())?;
        return Some(finding.help(HELP).severity(level).clusters(names));
    }
    different_certificates(&known).or_else(|| different_keys(&known))
}

type Judged<'m> = [(&'m Member, Authority)];

/// Certificates in the repository that are not the same. They are told by the way they are written, too.
fn different_certificates(known: &Judged<'_>) -> Option<Finding> {
    let mut by_way: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (member, authority) in known {
        if let Authority::Stated(certificate, place) = authority {
            by_way
                .entry(certificate.is_base64())
                .or_default()
                .push((*member, certificate, place));
        }
    }
    let differ = |stated: &&Vec<(&Member, _, &Place)>| {
        let different: BTreeSet<_> = stated.iter().map(|(_, certificate, _)| *certificate).collect();
        different.len() > 1
    };
    let stated = by_way.values().find(differ)?;
    let places: Vec<_> = stated
        .iter()
        .map(|(member, _, place)| (*member, *place))
        .collect();
    let names: Vec<&str> = places.iter().map(|(member, _)| member.name.as_str()).collect();
    let label = |member: &Member| format!("the CA of `{}`", member.name);
    let message = format!(
        "{} have different certificate authorities",
        words::clusters(&names)
    );
    Some(labelled(message, &places, label)?.help(HELP).clusters(names))
}

/// A cluster, where its CA is fetched from, and where that is written.
type Fetching<'a> = (&'a Member, &'a Fetched, &'a Place);

/// ExternalSecrets that fetch it from different places of stores with one name. There may be the same in all of them.
fn different_keys(known: &Judged<'_>) -> Option<Finding> {
    let mut by_store: BTreeMap<&(String, String), Vec<Fetching<'_>>> = BTreeMap::new();
    for (member, authority) in known {
        if let Authority::Fetched(fetched, place) = authority {
            by_store
                .entry(&fetched.store)
                .or_default()
                .push((member, fetched, place));
        }
    }
    let differ = |all: &&Vec<Fetching<'_>>| {
        let different: BTreeSet<_> = all.iter().map(|(_, fetched, _)| &fetched.keys).collect();
        different.len() > 1
    };
    let all = by_store.values().find(differ)?;
    // Where one line makes all of them out of the name of the cluster, say, that line is to be edited.
    let is_one_line = all.windows(2).all(|pair| match pair {
        [(.., a), (.., b)] => a.node.span() == b.node.span() && is_made_of_parts(&a.node),
        _ => true,
    });
    let as_written = |place: &Place| match is_one_line {
        true => Place {
            node: Node::plain(place.text(), place.node.span()),
            ..place.clone()
        },
        false => place.clone(),
    };
    let as_written: Vec<Place> = all.iter().map(|(.., place)| as_written(place)).collect();
    let places: Vec<_> = all.iter().map(|(member, ..)| *member).zip(&as_written).collect();
    let names: Vec<&str> = places.iter().map(|(member, _)| member.name.as_str()).collect();
    let label = |member: &Member| match is_one_line {
        true => "another place in each cluster".to_owned(),
        false => format!("where `{}` has it from", member.name),
    };
    let message = format!(
        "{} fetch their certificate authority from different places",
        words::clusters(&names)
    );
    let help = "let all clusters fetch one CA from one place, or make sure that all places hold the same";
    Some(
        labelled(message, &places, label)?
            .help(help)
            .severity(Severity::Warning)
            .clusters(names),
    )
}

/// Whether a variable gives only a part of the text.
fn is_made_of_parts(node: &Node) -> bool {
    let length = |span: Span| span.end - span.start;
    let quotes = 2;
    let mut substituted = node.origin().substituted.iter().flat_map(|all| all.iter());
    !substituted.any(|one| length(one.expression) + quotes >= length(node.span()))
}

fn labelled(
    message: String,
    all: &[(&Member, &Place)],
    label: impl Fn(&Member) -> String,
) -> Option<Finding> {
    let ((member, place), others) = all.split_first()?;
    let finding = places::at(RULE.name, message, place, label(member));
    let others = others.iter().take(SHOWN);
    Some(others.fold(finding, |finding, (member, place)| {
        places::also(finding, place, label(member))
    }))
}
