//! Names for findings that hold from run to run: for baselines, and for services that track findings over time.

use std::borrow::Cow;
use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Reported;
use crate::finding::{Finding, ObjectRef};
use crate::rules::Rule;
use crate::source::SourceMap;

/// Bytes of the digest that are kept: enough for any number of findings, short enough to read aloud.
const KEPT_BYTES: usize = 16;
/// Bytes of the labelled text that tell two findings apart. Longer texts are objects, of which the head is enough.
const SNIPPET_BYTES: usize = 200;

/// Gives each finding its fingerprint. Findings that nothing but their position tells apart are counted in
/// their order, so that one more of them is one new fingerprint.
pub(super) fn assign(sources: &SourceMap, findings: &mut [Reported]) {
    let mut seen: HashMap<Vec<u8>, u64> = HashMap::new();
    for reported in findings {
        let fault = fault(sources, reported.rule, &reported.finding);
        let identity = placed(sources, reported, &fault);
        let count = seen.entry(identity.clone()).or_default();
        *count += 1;
        reported.fingerprint = digest(&identity, *count);
        reported.fault = digest(&fault, 0);
    }
}

/// What a finding is about, without any line number, file, cluster or wording.
pub(super) fn fault(sources: &SourceMap, rule: &Rule, finding: &Finding) -> Vec<u8> {
    let mut identity = Identity::default();
    identity.part(rule.name);
    if let Some(object) = &finding.object {
        // Without the version: moving an object from v1beta1 to v1 makes no fault new.
        identity.part(object.api_version.rsplit_once('/').map_or("", |(group, _)| group));
        identity.part(&object.kind);
        identity.part(object.namespace.as_deref().unwrap_or_default());
        identity.part(lasting_name(object));
    }
    match &finding.route {
        Some(route) => identity.part(route),
        None => identity.part(&snippet(sources, finding)),
    }
    identity.0
}

/// The name without the hash that kustomize puts behind those of generated objects, which changes with every word of their
/// content (api/hasher: ten characters of sixteen that spell nothing).
fn lasting_name(object: &ObjectRef) -> &str {
    match unhashed(&object.name) {
        Some(name) if matches!(object.kind.as_str(), "ConfigMap" | "Secret") => name,
        _ => &object.name,
    }
}

fn unhashed(name: &str) -> Option<&str> {
    let is_hash =
        |text: &str| text.len() == 10 && text.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte));
    name.rsplit_once('-')
        .filter(|(_, hash)| is_hash(hash))
        .map(|(name, _)| name)
}

/// A name in a message, likewise.
pub(super) fn lasting(name: &str) -> Cow<'_, str> {
    unhashed(name).unwrap_or(name).into()
}

/// The same with its clusters and, where there is no object to go by, its file.
fn placed(sources: &SourceMap, reported: &Reported, fault: &[u8]) -> Vec<u8> {
    let finding = &reported.finding;
    let mut identity = Identity(fault.to_owned());
    identity.part(&finding.clusters.join("\n"));
    if finding.object.is_none() {
        // A file outside of any object keeps its name when its directory moves.
        identity.part(sources.file(finding.primary().span.file).path().file_name());
    }
    identity.0
}

/// The head of the labelled text without quotes and with one space between words, so that another way to write the same
/// is not another fault.
fn snippet(sources: &SourceMap, finding: &Finding) -> String {
    let text = sources.snippet(finding.primary().span);
    let unquoted = text.replace(['"', '\''], "");
    let mut words = unquoted.split_whitespace();
    let mut head = words.next().unwrap_or_default().to_owned();
    for word in words {
        if head.len() + word.len() >= SNIPPET_BYTES {
            break;
        }
        head.push(' ');
        head.push_str(word);
    }
    let end = head.floor_char_boundary(SNIPPET_BYTES);
    head.truncate(end);
    head
}

/// Parts with a separator that occurs in none of them.
#[derive(Default)]
pub(super) struct Identity(pub(super) Vec<u8>);

impl Identity {
    pub(super) fn part(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
        // 0xff occurs in no UTF-8 text.
        self.0.push(0xff);
    }
}

pub(super) fn digest(identity: &[u8], count: u64) -> String {
    let digest = Sha256::new()
        .chain_update(identity)
        .chain_update(count.to_be_bytes())
        .finalize();
    digest
        .iter()
        .take(KEPT_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_object_is_the_same_when_its_content_changes() {
        let name = |kind: &str, name: &str| {
            let object = ObjectRef {
                api_version: "v1".to_owned(),
                kind: kind.to_owned(),
                namespace: None,
                name: name.to_owned(),
            };
            lasting_name(&object).to_owned()
        };
        assert_eq!(name("ConfigMap", "values-g9c8bt4htm"), "values");
        assert_eq!(name("Secret", "values-kkf5d4948k"), "values");
        assert_eq!(name("Deployment", "values-g9c8bt4htm"), "values-g9c8bt4htm");
        assert_eq!(name("ConfigMap", "cluster-settings"), "cluster-settings");
        assert_eq!(name("ConfigMap", "web-1234567890"), "web-1234567890");
    }
}
