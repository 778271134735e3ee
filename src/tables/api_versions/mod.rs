//! API versions that another replaced, and in which release.

mod replaced;
mod table;

pub(crate) use replaced::{Release, Replaced, Standing};
use table::TABLE;

/// The row of an API version and kind.
pub(crate) fn replaced(api_version: &str, kind: &str) -> Option<&'static Replaced> {
    TABLE
        .iter()
        .find(|row| row.api_version == api_version && (row.kinds.is_empty() || row.kinds.contains(&kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Flux 2.7` as `("Flux", 2, 7)`.
    fn release(text: &str) -> (&str, u64, u64) {
        let (product, version) = text.split_once(' ').unwrap();
        let (major, minor) = version.split_once('.').unwrap();
        (product, major.parse().unwrap(), minor.parse().unwrap())
    }

    #[test]
    fn the_table_is_sorted_and_no_kind_is_in_it_twice() {
        let keys: Vec<_> = TABLE.iter().map(|row| row.api_version).collect();
        assert!(keys.is_sorted());
        for (at, row) in TABLE.iter().enumerate() {
            assert!(row.kinds.is_sorted(), "{row:?}");
            for other in &TABLE[..at] {
                let same_kind = other.kinds.is_empty()
                    || row.kinds.is_empty()
                    || other.kinds.iter().any(|kind| row.kinds.contains(kind));
                assert!(
                    other.api_version != row.api_version || !same_kind,
                    "{row:?} and {other:?}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_removed_before_it_is_deprecated_nor_replaced_by_what_is_gone() {
        for row in TABLE {
            let deprecated = release(row.deprecated);
            if let Some(removed) = row.removed {
                let removed = release(removed);
                assert!(removed.0 == deprecated.0 && removed >= deprecated, "{row:?}");
            }
            assert!(
                TABLE.iter().all(|other| other.api_version != row.replacement),
                "{row:?}"
            );
        }
    }
}
