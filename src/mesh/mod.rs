//! The mesh: what each cluster says of itself, with the evidence for it, and which clusters belong together.

pub(crate) mod askers;
pub(crate) mod backends;
mod bgp;
mod build;
mod carriers;
pub(crate) mod compare;
mod control_plane;
mod datapath;
mod fact;
mod facts;
pub(crate) mod global_namespaces;
pub(crate) mod globals;
mod groups;
mod machine;
mod model;
mod networks;
mod options;
pub(crate) mod peering;
mod peers;
mod pool_selector;
mod pool_users;
mod pools;
mod ranges;
pub(crate) mod read;
pub(crate) mod remote_users;
mod running;
pub(crate) mod secret_source;
mod secrets;
pub(crate) mod served;
mod service;
mod settings;
mod sharing;
pub(crate) mod shown;
mod signs;
mod values;

pub use bgp::BgpSession;
pub use build::{build, build_with};
pub use carriers::Installation;
pub use control_plane::{ApiServer, DNS_NAMES, Encryption, Tls};
pub use datapath::Datapath;
pub use fact::{CidrFault, Evidence, Fact, Known, MalformedCidr, Place, Range, Statement};
pub use machine::Machines;
pub use model::{Group, Member, Mesh, Relation};
pub use networks::SortedRanges;
pub use options::{MeshOptions, StatedMesh};
pub use peers::{PEERS, Peer};
pub use pool_selector::ServiceLabels;
pub use pool_users::{PoolUser, pool_users};
pub use pools::{AddressRequest, Pool, Provider, Wanted};
pub use running::Running;
pub use secrets::{MeshSecret, is_peer_key};
pub(crate) use service::loses_peers;
pub use service::{
    Flag, GLOBAL, GlobalService, Port, SHARED, SYNCHRONISE, ServiceKind, annotation, flag, ports, selector,
    service_kind, shares,
};
pub use settings::SettingsKeys;
pub use sharing::Sharing;
pub use values::CiliumValues;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
