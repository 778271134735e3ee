//! Network policies as the agent of Cilium reads them: what it refuses, with its words.
//!
//! The API server takes an object that fits the definition of its kind; the agent then parses it once more (`Sanitize` in
//! `pkg/policy/api/rule_validation.go` of cilium/cilium) and enforces nothing of a policy that it refuses. Read in 1.14.19, 1.15.19,
//! 1.16.19, 1.17.0, 1.18.11, 1.19.6 and 1.20.2, which differ in what they look at and in which order.

mod address;
mod agent;
mod fault;
mod fields;
mod layer7;
mod pattern;
mod peers;
mod ports;
mod rule;
mod section;
mod selector;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

pub use agent::{Agent, Scope};
pub use fault::{Fault, Refusal};
use rule::rule;

use crate::yaml::Node;

/// The minors of Cilium 1 whose parser was read.
pub const READ: RangeInclusive<u64> = 14..=20;

/// Why the agent refuses a policy; `None` when it takes it, as far as the values are known.
pub fn refusal<'n>(policy: &'n Node, scope: Scope, agent: &Agent) -> Option<Refusal<'n>> {
    let (one, several) = (policy.get("spec"), policy.get("specs"));
    let is_given = |node: &Option<&Node>| node.is_some_and(|node| !node.is_null());
    if !is_given(&one) && !is_given(&several) {
        return Some(Refusal::new(Fault::NoSpec, policy));
    }
    let single = one.into_iter().map(|spec| (spec, true));
    let listed = several.map_or(&[][..], Node::items).iter();
    single
        .chain(listed.map(|spec| (spec, false)))
        .filter(|(spec, _)| spec.is_mapping())
        .find_map(|(spec, is_single)| of_spec(spec, is_single, scope, agent).err())
}

fn of_spec<'n>(spec: &'n Node, is_single: bool, scope: Scope, agent: &Agent) -> Result<(), Refusal<'n>> {
    rule(spec, agent)?;
    // Items of `specs` were not looked at before 1.18.
    let looks = is_single || !agent.is_before(18);
    match spec.get("nodeSelector").filter(|node| !node.is_null()) {
        Some(selector) if scope == Scope::Namespace && looks => {
            Err(Refusal::new(Fault::NodeSelectorInNamespace, selector))
        }
        _ => Ok(()),
    }
}
