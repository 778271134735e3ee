//! Names for findings that hold from run to run: for baselines, and for services that track findings over time.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Reported;
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
        let identity = identity(sources, reported);
        let count = seen.entry(identity.clone()).or_default();
        *count += 1;
        reported.fingerprint = digest(&identity, *count);
    }
}

/// What a finding is about, without any line number, directory or wording.
fn identity(sources: &SourceMap, reported: &Reported) -> Vec<u8> {
    let finding = &reported.finding;
    let mut identity = Identity::default();
    identity.part(reported.rule.name);
    identity.part(&finding.clusters.join("\n"));
    match &finding.object {
        Some(object) => {
            // Without the version: moving an object from v1beta1 to v1 makes no fault new.
            identity.part(object.api_version.rsplit_once('/').map_or("", |(group, _)| group));
            identity.part(&object.kind);
            identity.part(object.namespace.as_deref().unwrap_or_default());
            identity.part(&object.name);
        }
        // A file outside of any object keeps its name when its directory moves.
        None => identity.part(sources.file(finding.primary().span.file).path().file_name()),
    }
    match &finding.route {
        Some(route) => identity.part(route),
        None => identity.part(snippet(sources, reported)),
    }
    identity.0
}

fn snippet<'a>(sources: &'a SourceMap, reported: &Reported) -> &'a str {
    let text = sources.snippet(reported.finding.primary().span).trim();
    let mut end = text.len().min(SNIPPET_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Parts with a separator that occurs in none of them.
#[derive(Default)]
struct Identity(Vec<u8>);

impl Identity {
    fn part(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
        // 0xff occurs in no UTF-8 text.
        self.0.push(0xff);
    }
}

fn digest(identity: &[u8], count: u64) -> String {
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
