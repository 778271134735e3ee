//! What objects say of how kustomize-controller is to apply them.

use crate::kustomize::Object;

/// Whether an annotation or a label `kustomize.toolkit.fluxcd.io/KEY` is one of these words, in whatever case (`AnyInMetadata` of
/// fluxcd/pkg, `ssa/utils`).
pub(crate) fn tells_flux(object: &Object, key: &str, words: &[&str]) -> bool {
    let key = format!("kustomize.toolkit.fluxcd.io/{key}");
    let stated = [object.annotation(&key), object.label(&key)];
    let mut texts = stated.into_iter().flatten().filter_map(|value| value.as_text());
    texts.any(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// Whether Flux leaves the object out of what it applies.
pub(crate) fn is_left_out(object: &Object) -> bool {
    tells_flux(object, "reconcile", &["disabled"]) || tells_flux(object, "ssa", &["Ignore"])
}
