//! Facts with their evidence, from Cilium values and cluster settings.

use ipnet::IpNet;

use super::fact::{Evidence, Fact, Known, MalformedCidr, Place};
use super::read;
use super::settings::Setting;
use super::values::CiliumValues;
use crate::helm::Lookup;
use crate::sops::is_encrypted;
use crate::tables::cilium::defaults;
use crate::yaml::Node;
use semver::Version;

/// Everything that may state a value of one cluster.
pub(super) struct Witnesses<'a> {
    /// The values that Flux applies, or the values file of a cluster without Flux.
    pub(super) applied: Option<&'a CiliumValues>,
    /// Values files that bootstrap the cluster.
    pub(super) bootstrap: &'a [CiliumValues],
    pub(super) version: Option<&'a Version>,
}

/// Reads a value of some type from a node; `None` when it is none.
pub(super) type Read<T> = fn(&Node) -> Option<T>;

impl Witnesses<'_> {
    /// The fact about one chart value. `settings` tell of it where no values are known.
    pub(super) fn fact<'s, T: Clone + PartialEq>(
        &self,
        path: &[&str],
        read: Read<T>,
        settings: impl Iterator<Item = &'s Setting>,
    ) -> Fact<T> {
        let mut fact = match self.applied {
            Some(values) => self.applied_fact(values, path, read),
            None => Fact::default(),
        };
        for setting in settings {
            if setting.value.is_err() {
                continue;
            }
            fact.evidence.push(Evidence {
                value: read(&setting.place.node).or_else(|| read(&plain(&setting.place.node))),
                place: setting.place.clone(),
            });
        }
        if self.applied.is_none() {
            fact.value = agreed(&fact.evidence);
        }
        for values in self.bootstrap {
            if let Lookup::Value(node) = values.lookup(path) {
                fact.evidence.push(Evidence {
                    value: read(node),
                    place: values.place(node, path),
                });
            }
        }
        fact
    }

    fn applied_fact<T: Clone>(&self, values: &CiliumValues, path: &[&str], read: Read<T>) -> Fact<T> {
        match values.lookup(path) {
            Lookup::Value(node) => {
                let value = read(node);
                Fact {
                    value: value.clone().map_or(Known::Malformed, Known::Stated),
                    evidence: vec![Evidence {
                        value,
                        place: values.place(node, path),
                    }],
                }
            }
            Lookup::Unknown(reason) => Fact::unknown(reason),
            Lookup::Absent => Fact {
                value: self.default_of(path, read).map_or(Known::Absent, Known::Default),
                evidence: Vec::new(),
            },
        }
    }

    fn default_of<T>(&self, path: &[&str], read: Read<T>) -> Option<T> {
        let text = defaults::of(&path.join("."), self.version)?;
        let anywhere = self.applied?.nearest(path).node;
        read(&Node::plain(text, anywhere.span()))
    }
}

/// What several settings say, if they say the same.
pub(super) fn agreed<T: Clone + PartialEq>(evidence: &[Evidence<T>]) -> Known<T> {
    let mut values = evidence.iter().filter_map(|evidence| evidence.value.as_ref());
    match values.next() {
        Some(first) if values.all(|other| other == first) => Known::Stated(first.clone()),
        _ => Known::Absent,
    }
}

/// The same scalar without quotes: settings are text, and get their type where they are put in.
fn plain(node: &Node) -> Node {
    Node::plain(node.as_text().unwrap_or_default(), node.origin().clone())
}

/// A text value, whatever type it would resolve to: rules look at the type where it matters.
pub(super) fn text(node: &Node) -> Option<String> {
    node.as_text().map(str::to_owned)
}

/// A network of one family. Host bits are tolerated here, as Cilium does, and reported through the malformed list.
pub(super) fn network_v4(node: &Node) -> Option<IpNet> {
    lenient(node.as_text()?).filter(|net| matches!(net, IpNet::V4(_)))
}

/// A network of one family; see [`network_v4`].
pub(super) fn network_v6(node: &Node) -> Option<IpNet> {
    lenient(node.as_text()?).filter(|net| matches!(net, IpNet::V6(_)))
}

/// A network whose host bits are dropped.
pub(super) fn lenient(text: &str) -> Option<IpNet> {
    match read::network(text) {
        Ok(net) | Err(super::fact::CidrFault::HostBits(net)) => Some(net),
        Err(_) => None,
    }
}

/// Adds what is wrong with `text` as a CIDR to `malformed`.
pub(super) fn judge(text: &str, family: Option<bool>, place: &Place, malformed: &mut Vec<MalformedCidr>) {
    use super::fact::CidrFault;
    if place.node.origin().is_unknown() || read::is_template(text) || is_encrypted(text) {
        return;
    }
    let fault = match read::network(text) {
        Ok(net) if family.is_none_or(|v4| v4 == matches!(net, IpNet::V4(_))) => return,
        Ok(_) => CidrFault::WrongFamily,
        Err(fault) => fault,
    };
    malformed.push(MalformedCidr {
        text: text.to_owned(),
        fault,
        place: place.clone(),
    });
}
