//! A variable of `postBuild`: where it is set, with what value in each cluster, and what uses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::steps::{Writer, writer};
use crate::change::{Judge, Secrecy, Value, document_at};
use crate::fleet::{Cluster, Fleet};
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::postbuild::Variable;
use crate::source::Span;
use crate::unknown::UnknownReason;
use crate::yaml::{Node, Store, Walk};

/// A value of a variable, with the Kustomizations that have it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The cluster.
    pub cluster: String,
    /// `namespace/name` of the Kustomizations.
    pub kustomizations: Vec<String>,
    /// What it is.
    pub value: Result<Value, UnknownReason>,
    /// Where it is set; `None` where no file says.
    pub span: Option<Span>,
    /// What sets it.
    pub by: Option<Writer>,
    /// What uses it, by place.
    pub uses: Vec<Use>,
}

/// An expression that takes the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The expression.
    pub span: Span,
    /// The first object and the field that it is in.
    pub object: String,
    /// The field.
    pub path: String,
}

type Key = (String, Option<Span>, String);

/// Everywhere that a variable has a value, by cluster, and what takes its default instead.
pub fn settings(store: &Store<'_>, fleet: &Fleet, name: &str) -> Vec<Setting> {
    let mut settings: BTreeMap<Key, (Setting, BTreeMap<Span, Use>)> = BTreeMap::new();
    for cluster in &fleet.clusters {
        for owner in cluster.kustomizations.iter().filter(|one| one.hub.is_none()) {
            let mut used = BTreeMap::new();
            let objects = owner.objects.iter();
            objects.for_each(|object| note_uses(object, name, &mut used));
            let variable = owner.variables.known.get(name);
            if variable.is_none() && used.is_empty() {
                continue;
            }
            let (setting, uses) = settings
                .entry(key(cluster, variable))
                .or_insert_with(|| (setting(store, cluster, owner, name), BTreeMap::new()));
            setting.kustomizations.push(owner.full_name());
            uses.extend(used);
        }
    }
    let finished = settings.into_values().map(|(setting, uses)| Setting {
        uses: uses.into_values().collect(),
        ..setting
    });
    finished.collect()
}

fn key(cluster: &Cluster, variable: Option<&Variable>) -> Key {
    let value = variable.and_then(|one| one.value.as_deref().ok());
    let text = value.unwrap_or_default().to_owned();
    (cluster.name.clone(), variable.and_then(|one| one.span), text)
}

fn setting(store: &Store<'_>, cluster: &Cluster, owner: &Kustomization, name: &str) -> Setting {
    let variable = owner.variables.known.get(name);
    let span = variable.and_then(|one| one.span);
    let value = variable.map_or(Ok(Value::Absent), |one| {
        let text = one.value.clone();
        text.map(|text| shown(store, name, &text, span, owner.object.name_span()))
    });
    Setting {
        cluster: cluster.name.clone(),
        kustomizations: Vec::new(),
        value,
        span,
        by: span.and_then(|span| writer(store, span)),
        uses: Vec::new(),
    }
}

/// The value, unless a Secret holds it or its name says that it is secret.
fn shown(store: &Store<'_>, name: &str, text: &Arc<str>, span: Option<Span>, reader: Span) -> Value {
    let node = Node::string(Arc::clone(text), span.unwrap_or(reader));
    let holder = span.and_then(|span| document_at(store, span));
    let is_of_secret = holder.is_some_and(|document| document.root.text_at(&["kind"]) == Some("Secret"));
    let secrecy = if is_of_secret {
        Secrecy::Everything
    } else {
        Secrecy::WhatLooksSecret.of_field(&node, name)
    };
    Judge { store }.shown(&node, secrecy)
}

fn note_uses(object: &Object, name: &str, uses: &mut BTreeMap<Span, Use>) {
    object.node.walk(&mut |route, _, node| {
        let variables = node.origin().substituted.as_deref().unwrap_or_default();
        for one in variables.iter().filter(|one| &*one.variable == name) {
            uses.entry(one.expression).or_insert_with(|| Use {
                span: one.expression,
                object: object.reference().to_string(),
                path: route.to_string(),
            });
        }
        Walk::Enter
    });
}
