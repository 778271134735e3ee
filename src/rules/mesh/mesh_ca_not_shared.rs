mod authority;

use std::collections::BTreeSet;

use self::authority::{Authority, authority};
use crate::cluster::Index;
use crate::finding::{Finding, Severity};
use crate::mesh::peering::{self, Peering};
use crate::mesh::secret_source::{Differ, SecretSource, difference};
use crate::mesh::{Group, Member, Mesh, Place};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

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
    let sources: Vec<(&Member, &SecretSource)> = known
        .iter()
        .filter_map(|(member, authority)| match authority {
            Authority::From(source) => Some((*member, source)),
            _ => None,
        })
        .collect();
    differing(&difference(&sources)?)
}

fn differing(differ: &Differ<'_>) -> Option<Finding> {
    let (what, help, severity, all) = match differ {
        Differ::Content(all) => (
            "have different certificate authorities",
            HELP,
            Severity::Error,
            all,
        ),
        Differ::Keys(all) => (
            "fetch their certificate authority from different places",
            "let all clusters fetch one CA from one place, or make sure that all places hold the same",
            Severity::Warning,
            all,
        ),
    };
    let places: Vec<(&Member, &Place)> = all.iter().map(|(member, place)| (*member, place)).collect();
    let names: Vec<&str> = places.iter().map(|(member, _)| member.name.as_str()).collect();
    let message = format!("{} {what}", words::clusters(&names));
    let finding = labelled(message, &places, |member| format!("the CA of `{}`", member.name))?;
    Some(finding.help(help).severity(severity).clusters(names))
}

fn labelled(
    message: String,
    all: &[(&Member, &Place)],
    label: impl Fn(&Member) -> String,
) -> Option<Finding> {
    let ((member, place), others) = all.split_first()?;
    let finding = places::at(message, place, label(member));
    let others = others.iter().take(SHOWN);
    Some(others.fold(finding, |finding, (member, place)| {
        places::also(finding, place, label(member))
    }))
}
