//! "Did you mean": the nearest existing name for a name that does not exist.

/// Longer texts are no names that somebody mistyped, and comparing two of them takes as long as their product.
const LONGEST_NAME: usize = 256;

/// The candidate that `name` was most probably meant to be, if any is near enough. Among equally near ones the first
/// in the order given wins.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .filter_map(|candidate| Some((distance(name, candidate)?, candidate)))
        .reduce(|best, next| if next.0 < best.0 { next } else { best })
        .map(|(_, candidate)| candidate)
}

/// Like [`nearest`], but only where hardly anything else can be meant: one or two letters off in a long name.
pub(crate) fn nearest_typo<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    nearest(name, candidates).filter(|near| is_typo(name, near))
}

/// Whether one name is the other mistyped: one or two letters off in a long name. Numbers tell things apart.
pub(crate) fn is_typo(name: &str, near: &str) -> bool {
    if name.len().max(near.len()) > LONGEST_NAME {
        return false;
    }
    let edits = strsim::osa_distance(name, near);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    edits <= 2 && name.len() >= 6 * edits && digits(name) == digits(near)
}

/// How many letters stand in one name only, from below: so many edits take at least as many.
fn differing_letters(name: &str, candidate: &str) -> usize {
    let letters = |text: &str| text.bytes().fold(0_u64, |all, byte| all | 1 << (byte & 63));
    let (of_name, of_candidate) = (letters(name), letters(candidate));
    let only = |these: u64, those: u64| (these & !those).count_ones() as usize;
    only(of_name, of_candidate).max(only(of_candidate, of_name))
}

/// How far a candidate is from a name; `None` when it is too far to be meant.
fn distance(name: &str, candidate: &str) -> Option<usize> {
    if name.len().max(candidate.len()) > LONGEST_NAME {
        return None;
    }
    let (shorter, longer) = if name.len() < candidate.len() {
        (name, candidate)
    } else {
        (candidate, name)
    };
    // A third of the letters may differ, at most three: `cilium` and `coredns` are not each other's misspelling.
    let bound = (longer.chars().count() / 3).clamp(1, 3);
    let edits = if longer.len() - shorter.len() > 4 * bound || differing_letters(name, candidate) > bound {
        usize::MAX
    } else {
        strsim::osa_distance(name, candidate)
    };
    if edits <= bound {
        return Some(edits);
    }
    // `rook-ceph-cluster` for `storage-rook-ceph-cluster`: one is the other with words before or behind it.
    let words_around = longer
        .strip_suffix(shorter)
        .is_some_and(|rest| rest.ends_with(is_word_border))
        || longer
            .strip_prefix(shorter)
            .is_some_and(|rest| rest.starts_with(is_word_border));
    // A single word such as `cluster` stands at the end of too many names.
    let telling = shorter.contains(is_word_border) || shorter.len() * 2 >= longer.len();
    (words_around && telling && shorter.len() >= 4).then(|| 4 + longer.len() - shorter.len())
}

fn is_word_border(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_word() {
        let names = ["cert-manager", "cilium", "coredns"];
        assert_eq!(nearest("cert-manger", names), Some("cert-manager"));
        assert_eq!(nearest("ciluim", names), Some("cilium"));
    }

    #[test]
    fn a_different_word_finds_nothing() {
        assert_eq!(nearest("traefik", ["cilium", "coredns"]), None);
        assert_eq!(nearest("id", ["ip", "ig"]), Some("ip"));
        assert_eq!(nearest("ab", ["cd"]), None);
    }

    #[test]
    fn a_name_with_words_around_it_is_found_but_a_typo_wins() {
        assert_eq!(
            nearest("rook-ceph-cluster", ["infrastructure-storage-rook-ceph-cluster"]),
            Some("infrastructure-storage-rook-ceph-cluster")
        );
        assert_eq!(
            nearest("cluster-apps-cilium", ["cilium", "cluster-app-cilium"]),
            Some("cluster-app-cilium")
        );
        assert_eq!(nearest("precilium", ["cilium-x"]), None);
        assert_eq!(nearest("ACTIVE_CRON_CLUSTER", ["CLUSTER"]), None);
    }

    #[test]
    fn a_typo_is_one_or_two_letters_of_a_long_name() {
        assert_eq!(
            nearest_typo("CLSUTER_NAME", ["CLUSTER_NAME"]),
            Some("CLUSTER_NAME")
        );
        assert_eq!(nearest_typo("S3_KEY", ["S3_KEYS"]), Some("S3_KEYS"));
        assert_eq!(nearest_typo("redis-node-1", ["redis-node-2"]), None);
        assert_eq!(nearest_typo("PORT", ["HOST"]), None);
        assert_eq!(nearest_typo("S3_ENDPOINT", ["GITLAB_S3_ENDPOINT"]), None);
    }

    #[test]
    fn texts_that_are_too_long_for_names_are_not_compared() {
        // Two of this size would be compared for hours.
        let (long, longer) = ("a".repeat(1_000_000), "a".repeat(1_000_001));
        assert_eq!(nearest(&long, [longer.as_str()]), None);
        assert!(!is_typo(&long, &longer));
    }

    #[test]
    fn the_name_itself_is_no_suggestion() {
        assert_eq!(nearest("cilium", ["cilium"]), None);
    }
}
