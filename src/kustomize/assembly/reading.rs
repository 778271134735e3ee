//! Two readers, one meaning. kustomize reads files with yaml.v3, where `yes` and `on` are text; what it prints
//! (`AsYAML`) is quoted, so that Kubernetes' own reader, which takes such words for truth values, finds the same text.
//! A built object holds the words unprinted: they are marked here as what kustomize took them for.

use crate::yaml::{Kind, Node, Resolved, Scalar, Schema, Style, Tag};

/// Makes every value of a built object mean to Kubernetes' reader what it means to kustomize.
pub(crate) fn fix_types(object: &mut Node) {
    if !has_ambiguous(object) {
        return;
    }
    match object.kind_mut() {
        Kind::Scalar(scalar) => fix(scalar),
        Kind::Sequence(items) => items.iter_mut().for_each(fix_types),
        Kind::Mapping(entries) => entries.iter_mut().for_each(|entry| fix_types(&mut entry.value)),
    }
}

fn has_ambiguous(node: &Node) -> bool {
    match node.kind() {
        Kind::Scalar(scalar) => is_ambiguous(scalar),
        Kind::Sequence(items) => items.iter().any(has_ambiguous),
        Kind::Mapping(entries) => entries.iter().any(|entry| has_ambiguous(&entry.value)),
    }
}

fn is_ambiguous(scalar: &Scalar) -> bool {
    // Most scalars have quotes, or are words that no reader takes for anything else.
    let plain = scalar.style == Style::Plain && scalar.tag != Some(Tag::Str);
    let (kustomize, kubernetes) = (Schema::Kustomize, Schema::Kubernetes);
    plain && !matches!((scalar.resolve(kustomize), scalar.resolve(kubernetes)), (a, b) if is_same(&a, &b))
}

fn is_same(a: &Resolved<'_>, b: &Resolved<'_>) -> bool {
    // Not-a-number is not equal to itself.
    a == b || matches!((a, b), (Resolved::Float(_), Resolved::Float(_)))
}

fn fix(scalar: &mut Scalar) {
    if !is_ambiguous(scalar) {
        return;
    }
    match scalar.resolve(Schema::Kustomize) {
        Resolved::Str(_) => scalar.tag = Some(Tag::Str),
        // With the tag `!`, which yaml.v3 does not know, or as `0o-7`: the readers differ about what is a number.
        Resolved::Int(value) => {
            scalar.text = value.to_string().into();
            scalar.tag = None;
        }
        Resolved::Null | Resolved::Bool(_) | Resolved::Float(_) => scalar.tag = None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomize::testing::node;
    use crate::yaml::to_yaml;

    #[test]
    fn words_that_kustomize_takes_for_text_stay_text() {
        let mut object = node("a: yes\nb: [off, 'on', true]\nc: {y: N, n: 1}\n");
        let printed = to_yaml(&object);
        fix_types(&mut object);
        assert_eq!(
            to_yaml(&object),
            printed,
            "kustomize prints the same as for the file"
        );
        assert_eq!(object.get("a").and_then(Node::as_bool), None);
        assert_eq!(object.get("a").and_then(Node::as_str), Some("yes"));
        let items = object.get("b").map(Node::items).unwrap_or_default();
        assert_eq!(
            items.iter().map(Node::as_bool).collect::<Vec<_>>(),
            [None, None, Some(true)]
        );
        assert_eq!(object.at(&["c", "y"]).and_then(Node::as_str), Some("N"));
        assert_eq!(object.at(&["c", "n"]).and_then(Node::as_int), Some(1));
    }

    #[test]
    fn a_tag_that_yaml_v3_does_not_know_makes_no_text() {
        let mut object = node("a: ! 12\nb: ! true\nc: !!str 12\n");
        fix_types(&mut object);
        assert_eq!(object.get("a").and_then(Node::as_int), Some(12));
        assert_eq!(object.get("b").and_then(Node::as_bool), Some(true));
        assert_eq!(object.get("c").and_then(Node::as_str), Some("12"));
    }
}
