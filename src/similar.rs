//! Did-you-mean: the known word that a mistyped one most likely stands for.

/// The candidate closest to `word`, if any is close enough to be a slip of the fingers rather than another word.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let rules = ["duplicate-cluster-id", "duplicate-cluster-name", "missing-path"];
        assert_eq!(
            closest("duplicate-clusterid", rules),
            Some("duplicate-cluster-id")
        );
        assert_eq!(closest("Missing-Paht", rules), Some("missing-path"));
        assert_eq!(closest("unparsable-yaml", rules), None);
        assert_eq!(closest("", rules), None);
    }
}
