//! Addresses and networks, as Go reads them: `net` in 1.14, `net/netip` since.

use std::net::IpAddr;

use super::agent::Agent;
use super::fault::{Fault, Refusal};
use super::fields::{Text, has, list, of, text};
use super::selector::selector_of_groups;
use crate::yaml::Node;

/// An address with the length of a prefix; the bits behind it may be set.
#[derive(Debug, Clone, Copy)]
struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    /// `1.14` reads a length with leading zeros, which later ones do not.
    fn read(text: &str, agent: &Agent) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let is_padded = length.len() > 1 && length.starts_with('0');
        if !is_number || (is_padded && !agent.is_before(15)) {
            return None;
        }
        let length = length.trim_start_matches('0');
        let length: u8 = if length.is_empty() {
            0
        } else {
            length.parse().ok()?
        };
        (length <= bits(address)).then_some(Self { address, length })
    }

    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => equal(
                u128::from(own.to_bits()) << 96,
                u128::from(other.to_bits()) << 96,
                self.length,
            ),
            (IpAddr::V6(own), IpAddr::V6(other)) => equal(own.to_bits(), other.to_bits(), self.length),
            _ => false,
        }
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Whether the first bits of two addresses are the same.
fn equal(one: u128, other: u128, length: u8) -> bool {
    length == 0 || (one ^ other) >> (128 - u32::from(length)) == 0
}

/// An address or a network.
pub(super) fn cidr<'n>(node: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    let text = match of(node) {
        Text::Unknown => return Ok(()),
        Text::Empty => "",
        Text::Is(text, _) => text,
    };
    if Prefix::read(text, agent).is_some() || is_address(text, agent) {
        Ok(())
    } else {
        Err(Refusal::new(Fault::Cidr(text.to_owned()), node))
    }
}

/// Since 1.15 an address may name its zone.
fn is_address(text: &str, agent: &Agent) -> bool {
    match text.split_once('%') {
        Some((address, zone)) => {
            !agent.is_before(15) && !zone.is_empty() && address.parse::<std::net::Ipv6Addr>().is_ok()
        }
        None => text.parse::<IpAddr>().is_ok(),
    }
}

/// A network with exceptions, or a group of networks.
pub(super) fn cidr_set<'n>(node: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    let group = text(node, "cidrGroupRef");
    let network = text(node, "cidr");
    if matches!(group, Text::Unknown) || matches!(network, Text::Unknown) {
        return Ok(());
    }
    let by_name = matches!(group, Text::Is(..));
    if agent.is_before(17) {
        // Groups came with 1.15, and beside one the network was not looked at.
        if by_name && !agent.is_before(15) {
            return Ok(());
        }
    } else {
        let by_labels = has(node, "cidrGroupSelector");
        if let Some(labels) = node.get("cidrGroupSelector").filter(|_| by_labels) {
            selector_of_groups(labels, agent)?;
        }
        let given = [by_name, matches!(network, Text::Is(..)), by_labels];
        match given.iter().filter(|given| **given).count() {
            0 => return Err(Refusal::new(Fault::EmptyCidrSet, node)),
            1 => {}
            _ => return Err(Refusal::new(Fault::FullCidrSet, node)),
        }
        if by_name || by_labels {
            return Ok(());
        }
    }
    let (text, at) = match network {
        Text::Is(text, at) => (text, at),
        _ => ("", node),
    };
    let Some(prefix) = Prefix::read(text, agent) else {
        return Err(Refusal::new(Fault::CidrInSet(text.to_owned()), at));
    };
    for one in list(node, "except") {
        except(one, text, prefix, agent)?;
    }
    Ok(())
}

fn except<'n>(node: &'n Node, cidr: &str, network: Prefix, agent: &Agent) -> Result<(), Refusal<'n>> {
    let text = match of(node) {
        Text::Unknown => return Ok(()),
        Text::Empty => "",
        Text::Is(text, _) => text,
    };
    let Some(prefix) = Prefix::read(text, agent) else {
        return Err(Refusal::new(Fault::CidrInSet(text.to_owned()), node));
    };
    // That the exception may not be wider is asked since 1.20.
    let is_wider = !agent.is_before(20) && network.length > prefix.length;
    if is_wider || !network.contains(prefix.address) {
        return Err(Refusal::new(
            Fault::ExceptOutside {
                cidr: cidr.to_owned(),
                except: text.to_owned(),
            },
            node,
        ));
    }
    Ok(())
}
