//! What a word that names nothing was probably meant to be.

/// Longer texts are no names, and comparing two of them takes as long as their product.
const LONGEST_NAME: usize = 256;

/// The candidate that is one or two letters off, whatever the case; `None` where the word itself is among them.
pub(crate) fn nearly<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_ascii_lowercase();
    candidates
        .filter(|candidate| *candidate != word && word.len().max(candidate.len()) <= LONGEST_NAME)
        .map(|candidate| {
            (
                strsim::osa_distance(&lower, &candidate.to_ascii_lowercase()),
                candidate,
            )
        })
        .filter(|(edits, _)| *edits <= 2 && word.len() >= 4 * edits.max(&1))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearly;

    #[test]
    fn a_slip_of_the_pen_is_mended_and_another_word_is_not() {
        let fields = ["resources", "replicas", "images"];
        assert_eq!(nearly("resource", fields.into_iter()), Some("resources"));
        assert_eq!(nearly("Resuorces", fields.into_iter()), Some("resources"));
        assert_eq!(nearly("helmRelease", fields.into_iter()), None);
    }
}
