//! What SOPS has encrypted.

use crate::yaml::Node;

/// How every value begins that SOPS has put in the place of another.
const CIPHERTEXT: &str = "ENC[";

/// Whether a text is what SOPS puts in the place of a value.
pub(crate) fn is_encrypted(text: &str) -> bool {
    text.starts_with(CIPHERTEXT)
}

/// Whether something in a text is.
pub(crate) fn holds_encrypted(text: &str) -> bool {
    text.contains(CIPHERTEXT)
}

/// Whether the document is one that kustomize-controller takes for encrypted (`internal/decryptor/decryptor.go`): its `sops` has a `mac`.
pub(crate) fn is_encrypted_document(root: &Node) -> bool {
    root.text_at(&["sops", "mac"]).is_some_and(|mac| !mac.is_empty())
}
