//! Entries that several clusters share: `kubernetes/base` renders itself and defines the source that the clusters beside it
//! take, none of which defines one. It is applied to each of them, and is no cluster of its own.

use super::candidate::Candidate;
use super::neighbours::SHARED;
use super::trees::Trees;
use crate::fleet::inventory::Inventory;
use crate::flux::SyncedBy;

/// The candidates without those that are shared, which the others have beside their own.
pub(crate) fn given_to_each(
    inventory: &Inventory,
    trees: &mut Trees,
    candidates: Vec<Candidate>,
) -> Vec<Candidate> {
    let (shared, mut own): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_called_shared);
    for entry in shared {
        let is_beside = |other: &&mut Candidate| {
            other.root == entry.root && other.directory.parent() == entry.directory.parent()
        };
        let defines_source = |candidate: &Candidate, trees: &mut Trees| {
            let files = &trees.reach(inventory, &candidate.directory).files;
            inventory
                .source_objects
                .iter()
                .any(|source| files.contains(&source.file))
        };
        let mut beside: Vec<&mut Candidate> = own.iter_mut().filter(is_beside).collect();
        let is_only_source =
            defines_source(&entry, trees) && !beside.iter().any(|other| defines_source(other, trees));
        match &entry.start {
            SyncedBy::Sync(object) if is_only_source && beside.len() > 1 => {
                for other in &mut beside {
                    other.also.push(object.clone());
                }
            }
            _ => own.push(entry),
        }
    }
    own
}

fn is_called_shared(candidate: &Candidate) -> bool {
    SHARED.contains(&candidate.directory.file_name())
}
