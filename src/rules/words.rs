//! Wording that several rules share.

use crate::kustomize::Object;

/// How many names a sentence lists before it counts the rest.
const LISTED: usize = 6;

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and `c` ``; many are cut short and counted.
pub(crate) fn all_of<S: AsRef<str>>(names: &[S]) -> String {
    let quoted = |name: &S| format!("`{}`", name.as_ref());
    match names {
        [] => String::new(),
        [only] => quoted(only),
        [.., last] if names.len() <= LISTED => {
            let others: Vec<_> = names.iter().take(names.len() - 1).map(quoted).collect();
            format!("{} and {}", others.join(", "), quoted(last))
        }
        _ => {
            let first: Vec<_> = names.iter().take(LISTED - 1).map(quoted).collect();
            format!("{} and {} more", first.join(", "), names.len() + 1 - LISTED)
        }
    }
}

/// `` cluster `a` `` or `` clusters `a` and `b` ``.
pub(crate) fn clusters<S: AsRef<str>>(names: &[S]) -> String {
    let noun = if names.len() == 1 { "cluster" } else { "clusters" };
    format!("{noun} {}", all_of(names))
}

/// The name of an object, with its namespace if it has one.
pub(crate) fn full_name(object: &Object) -> String {
    match object.namespace() {
        Some(namespace) => format!("{namespace}/{}", object.name()),
        None => object.name().to_owned(),
    }
}

/// The ending of a verb whose subject is that many things.
pub(crate) fn s<T>(subjects: &[T]) -> &'static str {
    if subjects.len() == 1 { "s" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_make_a_sentence_and_many_are_counted() {
        assert_eq!(clusters(&["infra"]), "cluster `infra`");
        assert_eq!(clusters(&["apps", "infra"]), "clusters `apps` and `infra`");
        assert_eq!(all_of(&["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(
            all_of(&["1", "2", "3", "4", "5", "6", "7", "8"]),
            "`1`, `2`, `3`, `4`, `5` and 3 more"
        );
    }
}
