//! Whose line a finding points at.
//!
//! A rule names the object in which a value takes effect. When the line to edit is a variable's value, that line
//! is in another object, usually the ConfigMap of a cluster's settings, and the finding is about that one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::finding::{Finding, ObjectRef};
use crate::fleet::Fleet;
use crate::kustomize::Object;
use crate::source::Span;
use crate::yaml::{Document, Store, Walk};

/// The ConfigMaps and Secrets that a line may stand in; indexed when first asked for.
#[derive(Debug)]
pub struct Subjects<'a> {
    fleet: &'a Fleet,
    /// As rendered, by the document that they are written in.
    rendered: OnceLock<HashMap<Span, &'a Arc<Object>>>,
    /// The routes of the scalars of a document, by its root.
    routes: Mutex<HashMap<Span, Arc<Routes>>>,
}

type Routes = HashMap<Span, String>;

impl<'a> Subjects<'a> {
    /// Over these clusters.
    pub(crate) fn new(fleet: &'a Fleet) -> Self {
        Self {
            fleet,
            rendered: OnceLock::new(),
            routes: Mutex::default(),
        }
    }

    /// As rendered: the file may leave the namespace to kustomize.
    fn rendered(&self, kind: &str, root: Span) -> Option<&'a Arc<Object>> {
        let all = self.rendered.get_or_init(|| {
            let mut all = HashMap::new();
            for (_, object) in self.fleet.clusters.iter().flat_map(|cluster| cluster.objects()) {
                if holds_values(object.kind()) {
                    all.entry(object.node.span()).or_insert(object);
                }
            }
            all
        });
        all.get(&root).copied().filter(|object| object.kind() == kind)
    }

    fn routes(&self, document: &Document) -> Arc<Routes> {
        let root = document.root.span();
        let mut known = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let routes = || {
            let mut routes = Routes::new();
            document.root.walk(&mut |route, _, node| {
                if node.as_scalar().is_some() {
                    routes.entry(node.span()).or_insert_with(|| route.to_string());
                }
                Walk::Enter
            });
            Arc::new(routes)
        };
        Arc::clone(known.entry(root).or_insert_with(routes))
    }

    /// Makes the ConfigMap or Secret that holds the primary label the object of the finding, and the label's key its route.
    pub(crate) fn settle(&self, store: &Store<'_>, mut finding: Finding) -> Finding {
        let members = std::mem::take(&mut finding.members);
        finding.members = members
            .into_iter()
            .map(|member| self.settle(store, member))
            .collect();
        if finding.object.is_none() {
            return finding;
        }
        match self.settings_at(store, finding.primary().span) {
            Some((object, route)) if finding.object.as_ref() != Some(&object) => {
                finding.object(object).route(route)
            }
            _ => finding,
        }
    }

    fn settings_at(&self, store: &Store<'_>, span: Span) -> Option<(ObjectRef, String)> {
        let documents = &store.parsed(span.file).documents;
        let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
        // They follow one another.
        let later = documents.partition_point(|document| document.span.end < span.end);
        let mut near = documents.iter().skip(later).take(2);
        let document = near.find(|document| holds(document.span))?;
        let kind = document
            .root
            .text_at(&["kind"])
            .filter(|kind| holds_values(kind))?;
        let route = self.routes(document).get(&span)?.clone();
        let rendered = self.rendered(kind, document.root.span())?;
        Some((rendered.reference(), route))
    }
}

fn holds_values(kind: &str) -> bool {
    matches!(kind, "ConfigMap" | "Secret")
}
