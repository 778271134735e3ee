//! Patches that give Kustomizations another `dependsOn`: kustomize replaces the list of a custom resource as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Finding;
use crate::flux::Kustomization;
use crate::rules::Context;
use crate::source::Span;

const LABEL: &str = "replaces the whole list of whatever it patches";
const LABEL_LOST: &str = "this is lost";
const HELP: &str = "take `dependsOn` out of the patch, and state its entries in each Kustomization or in the one that applies \
                    them all: a merge patch replaces lists";

/// A dependency that a Kustomization states and its parent's patch takes away.
struct Lost<'a> {
    kustomization: &'a Kustomization,
    provider: &'a str,
    /// The entry in the Kustomization's own file.
    entry: Span,
    cluster: &'a str,
}

/// The dependencies that patches take away, by patch.
#[derive(Default)]
pub(super) struct Replaced<'a> {
    by_patch: BTreeMap<Span, Vec<Lost<'a>>>,
}

impl<'a> Replaced<'a> {
    /// Takes note if a patch is why a Kustomization does not depend on a provider; tells whether it is.
    pub(super) fn note(
        &mut self,
        context: &Context<'_>,
        cluster: &'a str,
        kustomization: &'a Kustomization,
        provider: &'a Kustomization,
    ) -> bool {
        let Some((patch, entry)) = replaced(context, kustomization, provider) else {
            return false;
        };
        self.by_patch.entry(patch).or_default().push(Lost {
            kustomization,
            provider: &provider.name,
            entry,
            cluster,
        });
        true
    }

    /// One finding for each patch.
    pub(super) fn findings(self) -> Vec<Finding> {
        let findings = self.by_patch.into_iter().filter_map(|(patch, all)| {
            let members = all.chunks(1).filter_map(|one| finding(patch, one));
            Some(finding(patch, &all)?.members(members))
        });
        findings.collect()
    }
}

fn finding(patch: Span, all: &[Lost<'_>]) -> Option<Finding> {
    let first = all.first()?;
    let finding = Finding::new(message(first, all), patch, LABEL)
        .help(HELP)
        .clusters(all.iter().map(|lost| lost.cluster))
        .object(first.kustomization.object.reference())
        .route("spec.dependsOn");
    let lost = all.iter().take(MAX_LOST);
    Some(lost.fold(finding, |finding, lost| finding.label(lost.entry, LABEL_LOST)))
}

/// Labels for entries that one patch takes away.
const MAX_LOST: usize = 4;

fn message(first: &Lost<'_>, all: &[Lost<'_>]) -> String {
    let name = first.kustomization.full_name();
    let provider = first.provider;
    let others = all
        .iter()
        .filter(|lost| lost.kustomization.full_name() != name)
        .map(|lost| lost.kustomization.full_name())
        .collect::<BTreeSet<_>>();
    match others.len() {
        0 => format!(
            "a patch replaces `dependsOn` of Kustomization `{name}`, which then does not depend on `{provider}`, \
             though that brings its definitions"
        ),
        1 => format!(
            "a patch replaces `dependsOn` of Kustomization `{name}` and another, which then do not depend on what brings \
             their definitions, such as `{provider}`"
        ),
        more => format!(
            "a patch replaces `dependsOn` of Kustomization `{name}` and {more} others, which then do not depend on what \
             brings their definitions, such as `{provider}`"
        ),
    }
}

/// The patch's list and the entry of the original list that it takes away.
fn replaced(
    context: &Context<'_>,
    kustomization: &Kustomization,
    provider: &Kustomization,
) -> Option<(Span, Span)> {
    let rendered = kustomization.spec()?.entry("dependsOn")?;
    let (key, patch) = (rendered.key.span(), rendered.value.items().first()?.span());
    if patch.file == key.file {
        return None;
    }
    let written = &context.store.parsed(key.file).documents;
    let holds = |outer: Span| outer.start <= key.start && key.end <= outer.end;
    let original = written.iter().find(|document| holds(document.span))?;
    let mut entries = original.root.at(&["spec", "dependsOn"])?.items().iter();
    let entry = entries.find(|entry| entry.text_at(&["name"]) == Some(&provider.name))?;
    Some((patch, entry.get("name").unwrap_or(entry).span()))
}
