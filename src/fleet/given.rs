//! What is in a cluster although the repository does not show it, because the caller says so.

use std::sync::Arc;

use super::Cluster;
use crate::flux::render::source_reference;
use crate::flux::{Discovery, GivenObject, GivenValue, StatedSource};
use crate::flux::{Given, Kustomization};
use crate::kustomize::Object;
use crate::source::{Anchor, SourceMap, Span};
use crate::yaml::{Entry, Node, Origin, Substitution};

/// The stated objects as objects; those whose statement lies in no file of this map are left out.
pub(crate) fn objects(sources: &SourceMap, stated: &[GivenObject]) -> Vec<Given> {
    stated.iter().filter_map(|one| object(sources, one)).collect()
}

fn object(sources: &SourceMap, stated: &GivenObject) -> Option<Given> {
    let span = sources.span_of(&stated.at)?;
    let text = |text: &str| Node::string(text, span);
    let entry = |key: &str, value: Node| Entry {
        key: text(key),
        value,
    };
    let metadata = vec![
        entry("name", text(&stated.name)),
        entry("namespace", text(&stated.namespace)),
    ];
    let mut entries = vec![
        entry("apiVersion", text("v1")),
        // What holds nobody knows what is no ConfigMap to look into.
        entry(
            "kind",
            text(if stated.values.is_some() {
                &stated.kind
            } else {
                "Bootstrap"
            }),
        ),
        entry("metadata", Node::mapping(metadata, span)),
    ];
    if let Some(values) = &stated.values {
        let field = if stated.kind == "Secret" {
            "stringData"
        } else {
            "data"
        };
        let data = values.iter().filter_map(|one| value(sources, one)).collect();
        entries.push(entry(field, Node::mapping(data, span)));
    }
    Some(Given {
        kind: stated.kind.clone(),
        group: String::new(),
        namespace: stated.namespace.clone(),
        name: stated.name.clone(),
        object: Arc::new(Object::new(Node::mapping(entries, span))),
        is_told: stated.values.is_some(),
    })
}

fn value(sources: &SourceMap, stated: &GivenValue) -> Option<Entry> {
    let at = |anchor: &Anchor| sources.span_of(anchor);
    let name_at = at(&stated.name_at)?;
    let value = match &stated.value {
        Some((text, anchor)) => Node::string(text.as_str(), at(anchor)?),
        None => untold(&stated.name, name_at),
    };
    Some(Entry {
        key: Node::string(stated.name.as_str(), name_at),
        value,
    })
}

/// A value that exists and that nobody tells.
fn untold(name: &str, at: Span) -> Node {
    let origin = Origin {
        span: at,
        substituted: Some(Arc::from([Substitution {
            variable: name.into(),
            expression: at,
            value: None,
            unknown: true,
            output: None,
        }])),
    };
    Node::string("", origin)
}

/// Sources that Kustomizations of the cluster name, that nothing in the repository makes, and that the caller knows.
pub(crate) fn sources(cluster: &Cluster, options: &Discovery) -> Vec<Given> {
    let own = cluster.own_kustomizations();
    own.filter_map(|user| source(cluster, user, options)).collect()
}

fn source(cluster: &Cluster, user: &Kustomization, options: &Discovery) -> Option<Given> {
    const GROUP: &str = "source.toolkit.fluxcd.io";
    let address = source_reference(&user.object)?;
    let is_it = |stated: &StatedSource| {
        stated
            .which
            .names(&address.kind, &address.namespace, &address.name)
    };
    options.sources.iter().find(|stated| is_it(stated))?;
    let is_made = cluster
        .objects_of(&address.kind)
        .any(|(_, object)| object.name() == address.name && object.group() == GROUP);
    (!is_made).then(|| Given {
        kind: address.kind,
        group: GROUP.to_owned(),
        namespace: address.namespace,
        name: address.name,
        object: Arc::clone(&user.object),
        is_told: false,
    })
}
