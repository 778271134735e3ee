//! Shares the text of keys and short values that repeat within a file: most scalars of Kubernetes manifests do.

use std::sync::Arc;

const SLOTS: usize = 512;
/// Longer texts seldom repeat.
const MAX_LENGTH: usize = 40;

/// A cache without memory of what it drops: each text has one slot, which the latest text of that slot takes.
pub(super) struct Interner(Box<[Option<Arc<str>>]>);

impl Interner {
    pub(super) fn new() -> Self {
        Self(vec![None; SLOTS].into())
    }

    pub(super) fn share(&mut self, text: &str) -> Arc<str> {
        if text.len() > MAX_LENGTH {
            return text.into();
        }
        let Some(slot) = self.0.get_mut(slot_of(text)) else {
            return text.into();
        };
        match slot {
            Some(known) if **known == *text => Arc::clone(known),
            _ => Arc::clone(slot.insert(text.into())),
        }
    }
}

/// FNV-1a, good enough to spread names.
fn slot_of(text: &str) -> usize {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash ^ (hash >> 15)) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Interner;

    #[test]
    fn equal_texts_are_shared_and_others_are_not_confused() {
        let mut interner = Interner::new();
        let first = interner.share("metadata");
        assert!(Arc::ptr_eq(&first, &interner.share("metadata")));
        for n in 0..10_000 {
            let text = format!("text-{n}");
            assert_eq!(*interner.share(&text), *text);
        }
        assert_eq!(*interner.share("metadata"), *"metadata");
    }
}
