//! Where references are looked up.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::objects::Objects;
use super::unreached::Applied;
use super::{Address, Renderer, Territory};
use crate::flux::{Discovery, Source};
use crate::kustomize::Object;
use crate::source::SourceMap;
use crate::unknown::UnknownReason;

/// What references are looked up in: this round as far as it is, then the one before, then files.
pub(crate) struct Lookups<'a> {
    pub(crate) now: &'a Objects,
    pub(crate) before: &'a Objects,
    pub(crate) renderer: &'a Renderer<'a>,
    pub(crate) territory: &'a Territory,
    /// What artifacts hold that others are made of, by how many are made of each other.
    pub(crate) artifacts: RefCell<BTreeMap<(Address, usize), Source>>,
}

impl Lookups<'_> {
    pub(crate) fn get(&self, address: &Address) -> Option<&Arc<Object>> {
        self.now.get(address).or_else(|| self.before.get(address))
    }

    pub(crate) fn of_kind<'s>(
        &'s self,
        kind: &'s str,
    ) -> impl Iterator<Item = (&'s Address, &'s Arc<Object>)> {
        self.now.of_kind(kind).chain(self.before.of_kind(kind))
    }

    /// The files.
    pub(crate) fn sources(&self) -> &SourceMap {
        self.renderer.sources
    }

    pub(crate) fn options(&self) -> &Discovery {
        self.renderer.options
    }

    pub(crate) fn settings(&self, address: &Address) -> SubstituteFrom {
        let copied = |objects: &Objects| objects.copied(&address.kind, &address.name).cloned();
        if let Some(object) = self.get(address) {
            return SubstituteFrom::Object(Arc::clone(object));
        }
        if let Some(reason) = self.now.made(address).or_else(|| self.before.made(address)) {
            return SubstituteFrom::Unknown(reason);
        }
        if let Some(object) = copied(self.now).or_else(|| copied(self.before)) {
            return SubstituteFrom::Object(object);
        }
        match self.renderer.unreached.find(address, self.territory) {
            Applied::One(object) => SubstituteFrom::Object(object),
            Applied::Several => SubstituteFrom::Unknown(UnknownReason::External),
            Applied::Nothing => SubstituteFrom::Missing,
        }
    }
}

/// What a `substituteFrom` entry leads to.
pub(crate) enum SubstituteFrom {
    Object(Arc<Object>),
    Unknown(UnknownReason),
    Missing,
}
