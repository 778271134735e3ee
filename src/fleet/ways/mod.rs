//! The ways in which clusters get what runs in them: a module each, and a line in [`WAYS`] each.

mod ansible;
mod argo;
pub(crate) mod bootstrap;
mod charts;
pub(crate) mod flux;
mod helmfile;
mod k0s;
mod kustomize_charts;
mod manifests;
mod rancher;
mod scripts;
mod shell;
mod sveltos;
mod talos;
pub(crate) mod values;
mod wrappers;

use super::found::Found;
use super::inventory::Inventory;
use crate::flux::Discovery;

/// Looks for what is delivered in one way, and adds it to what the ways before it found.
pub(super) type Way = fn(&Inventory<'_>, &Discovery, &mut Found);

/// All ways, in the order in which they look.
pub(super) const WAYS: &[Way] = &[
    flux::find,
    argo::find,
    rancher::find,
    helmfile::find,
    kustomize_charts::find,
    ansible::find,
    sveltos::find,
    k0s::find,
    talos::find,
    scripts::find,
    manifests::find,
    wrappers::find,
    values::find,
    bootstrap::find,
];
