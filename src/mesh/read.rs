//! Reading scalars as numbers, truth values and networks, the way their consumers do.

use std::net::IpAddr;

use ipnet::IpNet;

use super::fact::CidrFault;
use crate::yaml::Node;

/// The whole number that the chart makes of a scalar. A quoted number is one too: whether the chart's schema accepts
/// it is a question of its version, which rules answer.
pub(crate) fn integer(node: &Node) -> Option<i64> {
    node.as_int()
        .or_else(|| node.as_str().and_then(|text| text.trim().parse().ok()))
}

/// The truth value that the chart's templates make of a scalar: a text that is not empty counts as true there, but
/// only the words can be meant.
pub(crate) fn boolean(node: &Node) -> Option<bool> {
    node.as_bool().or_else(|| match node.as_str()? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

/// Whether something else is still to fill in the text: `${NAME}` where Flux does not substitute, `{{ name }}`.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("${") || text.contains("{{")
}

/// A network as Go's `netip.ParsePrefix` reads it, or why it is none.
pub(super) fn network(text: &str) -> Result<IpNet, CidrFault> {
    let Some((address, length)) = text.split_once('/') else {
        return Err(match text.parse::<IpAddr>() {
            Ok(_) => CidrFault::NoPrefixLength,
            Err(_) => CidrFault::Unreadable,
        });
    };
    let address: IpAddr = address.parse().map_err(|_| CidrFault::Unreadable)?;
    let canonical = !length.is_empty()
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && (length == "0" || !length.starts_with('0'));
    if !canonical {
        return Err(CidrFault::Unreadable);
    }
    let length = length.parse().map_err(|_| CidrFault::PrefixTooLong)?;
    let net = IpNet::new(address, length).map_err(|_| CidrFault::PrefixTooLong)?;
    if net.trunc() == net {
        Ok(net)
    } else {
        Err(CidrFault::HostBits(net.trunc()))
    }
}

/// The items of a list that was written as text: JSON (`["10.42.0.0/16"]`), or separated by commas or blanks.
/// `None` when it starts like JSON and is none.
pub(super) fn list_in_text(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let items = text.split([',', ' ', '\t', '\n']).filter(|item| !item.is_empty());
    Some(items.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_go_reads_them() {
        assert_eq!(network("10.244.0.0/16"), Ok("10.244.0.0/16".parse().unwrap()));
        assert_eq!(network("fd00::/104"), Ok("fd00::/104".parse().unwrap()));
        assert_eq!(network("10.244.0.0"), Err(CidrFault::NoPrefixLength));
        assert_eq!(network("10.244.0.0/33"), Err(CidrFault::PrefixTooLong));
        assert_eq!(network("10.244.0.0/999"), Err(CidrFault::PrefixTooLong));
        for text in [
            "10.244.0.0/",
            "10.244.0.0/016",
            "10.244.0.0/+16",
            "10.244.0/16",
            "pods",
            "",
            "10.0.0.0/8 ",
        ] {
            assert_eq!(network(text), Err(CidrFault::Unreadable), "{text}");
        }
        let truncated = "10.244.0.0/16".parse().unwrap();
        assert_eq!(network("10.244.1.0/16"), Err(CidrFault::HostBits(truncated)));
    }

    #[test]
    fn lists_come_as_json_or_separated() {
        let pods = |items: &[&str]| Some(items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>());
        assert_eq!(list_in_text(r#"["10.244.0.0/16"]"#), pods(&["10.244.0.0/16"]));
        assert_eq!(
            list_in_text("10.42.0.0/16,fd42::/56"),
            pods(&["10.42.0.0/16", "fd42::/56"])
        );
        assert_eq!(list_in_text(" 10.42.0.0/16 "), pods(&["10.42.0.0/16"]));
        assert_eq!(list_in_text("[10.42.0.0/16]"), None);
    }
}
