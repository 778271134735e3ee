use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::mesh::compare::{names, shared_values};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh look for their Kubernetes API server at the same address.
pub(crate) static RULE: Rule = Rule {
    name: "shared-api-server-address",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/shared-api-server-address.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        for ((host, _), members) in shared_values(context.mesh, group, address) {
            findings.extend(finding(&members, host));
        }
    }
}

/// Host and port, where they mean the same from everywhere.
fn address(member: &Member) -> Option<(&str, Option<&str>)> {
    let host = member.datapath.api_server_host.stated()?.as_str();
    let port = &member.datapath.api_server_port;
    if port.unknown_reason().is_some() || !is_the_same_everywhere(host) {
        return None;
    }
    Some((host, port.stated().map(String::as_str)))
}

/// Addresses of the node itself and names without a domain lead each node to an API server of its own cluster.
fn is_the_same_everywhere(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => {
            !address.is_loopback() && !address.is_link_local() && !address.is_unspecified()
        }
        Ok(std::net::IpAddr::V6(address)) => {
            !address.is_loopback() && !address.is_unicast_link_local() && !address.is_unspecified()
        }
        Err(_) => host.contains('.') && !host.ends_with(".local") && !host.ends_with(".localdomain"),
    }
}

fn finding(members: &[&Member], host: &str) -> Option<Finding> {
    let both = if members.len() == 2 { "both" } else { "all" };
    let message = format!(
        "{} {both} look for their Kubernetes API server at `{host}`",
        words::clusters(&names(members))
    );
    let mut places = members
        .iter()
        .filter_map(|member| Some((member, member.datapath.api_server_host.best()?)));
    let label = |member: &Member| format!("of `{}`", member.name);
    let (first, evidence) = places.next()?;
    let finding = places::at(message, &evidence.place, label(first));
    let finding = places.fold(finding, |finding, (member, evidence)| {
        places::also(finding, &evidence.place, label(member))
    });
    Some(
        finding
            .help("give `k8sServiceHost` of each cluster the address of its own API server")
            .clusters(names(members)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_each_node_has_for_itself_are_not_shared() {
        for host in [
            "localhost",
            "127.0.0.1",
            "::1",
            "[::1]",
            "169.254.20.10",
            "api",
            "k8s.local",
        ] {
            assert!(!is_the_same_everywhere(host), "{host}");
        }
        for host in ["10.20.0.10", "api.infra.example.org", "2001:db8::1"] {
            assert!(is_the_same_everywhere(host), "{host}");
        }
    }
}
