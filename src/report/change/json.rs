//! `meshlint diff --format json`, version 1: a contract, described by `schema/meshlint-diff-v1.json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;

use super::{Base, ChangeReport, words};
use crate::change::{
    ClusterChange, FactChange, Fate, FieldChange, Hidden, ObjectChange, Owned, Side, Spot, Value,
};
use crate::finding::ObjectRef;
use crate::mesh::shown;
use crate::neutral::to_json;
use crate::report::json::{FindingDocument, Position, finding, position};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    base: BaseDocument<'a>,
    clusters: Vec<Cluster<'a>>,
    findings: Vec<FindingDocument<'a>>,
    summary: Totals<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum BaseDocument<'a> {
    Commit { since: &'a str, commit: &'a str },
    Directory { from: &'a str },
}

#[derive(Serialize)]
struct Cluster<'a> {
    name: &'a str,
    was: Option<&'a str>,
    state: &'static str,
    facts: Vec<Fact<'a>>,
    added: Vec<Object<'a>>,
    removed: Vec<Object<'a>>,
    changed: Vec<Changed<'a>>,
    not_compared: Vec<NotCompared<'a>>,
}

#[derive(Serialize)]
struct Object<'a> {
    #[serde(flatten)]
    object: ObjectRef,
    kustomization: String,
    label: Label<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fate: Option<Fate>,
}

#[derive(Serialize)]
struct Changed<'a> {
    object: ObjectRef,
    was: Option<ObjectRef>,
    kustomization: String,
    fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    path: &'a str,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<Hidden>,
    label: Label<'a>,
}

#[derive(Serialize)]
struct Label<'a> {
    tree: Side,
    path: &'a str,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Fact<'a> {
    name: &'static str,
    before: FactValue<'a>,
    after: FactValue<'a>,
    labels: Vec<Label<'a>>,
}

#[derive(Serialize)]
struct FactValue<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct NotCompared<'a> {
    kustomization: &'a str,
    tree: Side,
    objects: usize,
}

#[derive(Serialize)]
struct Totals<'a> {
    clusters: usize,
    added: usize,
    removed: usize,
    changed: usize,
    facts: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    truncated: bool,
    unknown: &'a BTreeMap<&'static str, usize>,
}

pub(super) fn write(report: &ChangeReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = &report.outcome.findings;
    let document = Document {
        version: 1,
        base: match report.base {
            Base::Commit { revision, id } => BaseDocument::Commit {
                since: revision,
                commit: id,
            },
            Base::Directory(from) => BaseDocument::Directory { from },
        },
        clusters: report
            .change
            .clusters
            .iter()
            .map(|one| cluster(report, one))
            .collect(),
        findings: findings
            .iter()
            .map(|one| finding(report.after.sources(), one))
            .collect(),
        summary: totals(report),
    };
    to_json(out, &document)
}

fn totals<'a>(report: &ChangeReport<'a>) -> Totals<'a> {
    let clusters = &report.change.clusters;
    let count = |of: &dyn Fn(&ClusterChange<'_>) -> usize| clusters.iter().map(of).sum();
    let summary = &report.outcome.summary;
    Totals {
        clusters: count(&|one| usize::from(!one.is_empty())),
        added: count(&|one| one.added.len()),
        removed: count(&|one| one.removed.len()),
        changed: count(&|one| one.changed.len()),
        facts: count(&|one| one.facts.len()),
        errors: summary.errors,
        warnings: summary.warnings,
        infos: summary.infos,
        suppressed: summary.suppressed,
        truncated: report.change.is_cut_off,
        unknown: &summary.unknown,
    }
}

fn cluster<'a>(report: &ChangeReport<'a>, change: &'a ClusterChange<'a>) -> Cluster<'a> {
    let name = change.name();
    let was = change.before.map(|before| before.name.as_str());
    let whole = |one: &Owned<'a>, side, fate| object(report, one, side, fate);
    Cluster {
        name,
        was: was.filter(|was| *was != name),
        state: match (change.before, change.after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "kept",
        },
        facts: change.facts.iter().map(|one| fact(report, one)).collect(),
        added: change
            .added
            .iter()
            .map(|one| whole(one, Side::After, None))
            .collect(),
        removed: change
            .removed
            .iter()
            .map(|one| whole(one, Side::Before, Some(change.fate(one))))
            .collect(),
        changed: change.changed.iter().map(|one| changed(report, one)).collect(),
        not_compared: change
            .untold
            .iter()
            .map(|one| NotCompared {
                kustomization: &one.kustomization,
                tree: one.side,
                objects: one.objects,
            })
            .collect(),
    }
}

fn object<'a>(report: &ChangeReport<'a>, one: &Owned<'a>, side: Side, fate: Option<Fate>) -> Object<'a> {
    let span = one.object.name_span();
    Object {
        object: one.object.reference(),
        kustomization: one.owner.full_name(),
        label: label(report, Spot { side, span }),
        fate,
    }
}

fn changed<'a>(report: &ChangeReport<'a>, change: &'a ObjectChange<'a>) -> Changed<'a> {
    let (before, after) = (change.before.object, change.after.object);
    let was = before.reference();
    Changed {
        object: after.reference(),
        was: (was != after.reference()).then_some(was),
        kustomization: change.after.owner.full_name(),
        fields: change.fields.iter().map(|one| field(report, one)).collect(),
    }
}

fn field<'a>(report: &ChangeReport<'a>, change: &'a FieldChange) -> Field<'a> {
    let shown = |value: &Value| match value {
        Value::Shown(node) => Some(words::json(node)),
        Value::Absent | Value::Hidden(_) => None,
    };
    Field {
        path: &change.path,
        change: match (&change.before, &change.after) {
            (Value::Absent, _) => "added",
            (_, Value::Absent) => "removed",
            _ => "changed",
        },
        before: shown(&change.before),
        after: shown(&change.after),
        hidden: change.hidden(),
        label: label(report, change.cause),
    }
}

fn label<'a>(report: &ChangeReport<'a>, spot: Spot) -> Label<'a> {
    let file = report.sources(spot.side).file(spot.file());
    Label {
        tree: spot.side,
        path: file.path().as_str(),
        start: position(file, spot.span.start),
        end: position(file, spot.span.end),
    }
}

fn fact<'a>(report: &ChangeReport<'a>, change: &'a FactChange) -> Fact<'a> {
    Fact {
        name: change.name,
        before: fact_value(&change.before),
        after: fact_value(&change.after),
        labels: change.causes.iter().map(|spot| label(report, *spot)).collect(),
    }
}

fn fact_value(value: &shown::Value) -> FactValue<'_> {
    let (state, values, reason) = match value {
        shown::Value::Stated(values) => ("stated", values.as_slice(), None),
        shown::Value::Default(values) => ("default", values.as_slice(), None),
        shown::Value::Absent => ("absent", &[][..], None),
        shown::Value::Malformed => ("malformed", &[][..], None),
        shown::Value::Unknown(reason) => ("unknown", &[][..], Some(*reason)),
    };
    FactValue {
        state,
        values: values.iter().map(String::as_str).collect(),
        reason,
    }
}
