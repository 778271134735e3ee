//! What the settings of one cluster lack and those of another state: the place to edit is the settings, beside what the variable
//! stands beside there.

use std::collections::{BTreeMap, HashMap};

use crate::cluster::settings::setting;
use crate::flux::Kustomization;
use crate::source::Span;
use crate::yaml::Store;

/// A place in the settings of a cluster, and the value of another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    /// Where the name of the settings stands, which tells them from others.
    pub(super) holder: Span,
    pub(super) beside: Span,
    /// What another cluster states.
    pub(super) value: Span,
}

/// The settings of one Kustomization.
#[derive(Debug, Default)]
struct Settings<'a> {
    /// The role of its settings, and the place in them.
    variables: HashMap<&'a str, (String, Span)>,
    /// By role: where the name stands, and the variables in the order of the file.
    holders: BTreeMap<String, (Span, BTreeMap<Span, &'a str>)>,
}

impl<'a> Settings<'a> {
    fn of(store: &Store<'_>, kustomization: &'a Kustomization) -> Self {
        let mut settings = Self::default();
        for name in kustomization.variables.known.keys() {
            let Some(found) = setting(store, kustomization, name) else {
                continue;
            };
            let holder = settings
                .holders
                .entry(found.holder.role.clone())
                .or_insert_with(|| (found.holder.span, BTreeMap::new()));
            if holder.0 == found.holder.span {
                holder.1.insert(found.span, name);
                settings.variables.insert(name, (found.holder.role, found.span));
            }
        }
        settings
    }
}

/// The settings of the Kustomizations that were asked for.
#[derive(Debug, Default)]
pub(super) struct Known<'a>(HashMap<*const Kustomization, Settings<'a>>);

impl<'a> Known<'a> {
    /// Where the settings of `owner` lack a variable that those of `other` state.
    pub(super) fn gap(
        &mut self,
        store: &Store<'_>,
        owner: &'a Kustomization,
        other: &'a Kustomization,
        variable: &str,
    ) -> Option<Gap> {
        for one in [owner, other] {
            self.0
                .entry(std::ptr::from_ref(one))
                .or_insert_with(|| Settings::of(store, one));
        }
        let ours = self.0.get(&std::ptr::from_ref(owner))?;
        let theirs = self.0.get(&std::ptr::from_ref(other))?;
        let (role, value) = theirs.variables.get(variable)?;
        let (holder, own) = ours.holders.get(role)?;
        let (other_holder, order) = theirs.holders.get(role)?;
        // Settings that both read cannot be what lacks the variable.
        if holder.file == other_holder.file {
            return None;
        }
        let before = order.range(..*value).rev().map(|(_, name)| name);
        let after = order.range(*value..).skip(1).map(|(_, name)| name);
        let is_here = |name: &&str| Some(ours.variables.get(name)?.1).filter(|span| own.contains_key(span));
        let neighbour = before.chain(after).find_map(is_here);
        Some(Gap {
            holder: *holder,
            beside: neighbour.or_else(|| own.last_key_value().map(|(span, _)| *span))?,
            value: *value,
        })
    }
}
