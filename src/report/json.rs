//! `--format json`, version 1: a contract, described by `schema/meshlint-output-v1.json`.
//!
//! The document has its own types, so that a change inside the program cannot change it unnoticed. Lines and columns
//! count from 1, columns in characters; offsets count bytes from 0.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Report, page_url};
use crate::finding::{Edit, Label, ObjectRef, Severity};
use crate::neutral::to_json;
use crate::rules::Category;
use crate::sink::{ClusterSummary, Fixed, Reported, Summary, UnknownFact};
use crate::source::{SourceFile, SourceMap};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// Where it is not the path that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<&'a str>,
    clusters: Vec<Cluster<'a>>,
    findings: Vec<FindingDocument<'a>>,
    /// With `--since` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<FixedDocument<'a>>>,
    summary: Totals<'a>,
}

/// A finding of the tree before the change, which is no more.
#[derive(Serialize)]
struct FixedDocument<'a> {
    rule: &'a str,
    category: Category,
    severity: Severity,
    message: &'a str,
    path: &'a str,
}

#[derive(Serialize)]
pub(super) struct Cluster<'a> {
    name: &'a str,
    entry: &'a str,
    kustomizations: usize,
    objects: usize,
}

#[derive(Serialize)]
pub(super) struct FindingDocument<'a> {
    rule: &'a str,
    category: Category,
    severity: Severity,
    message: &'a str,
    help: Option<&'a str>,
    url: Option<String>,
    fingerprint: &'a str,
    clusters: &'a [String],
    object: Option<&'a ObjectRef>,
    labels: Vec<LabelDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixDocument<'a>>,
}

#[derive(Serialize)]
struct FixDocument<'a> {
    safe: bool,
    edits: Vec<EditDocument<'a>>,
}

#[derive(Serialize)]
struct EditDocument<'a> {
    path: &'a str,
    start: Position,
    end: Position,
    text: &'a str,
}

#[derive(Serialize)]
struct LabelDocument<'a> {
    path: &'a str,
    start: Position,
    end: Position,
    text: &'a str,
    primary: bool,
}

#[derive(Serialize)]
pub(super) struct Position {
    line: usize,
    column: usize,
    offset: u32,
}

#[derive(Serialize)]
pub(super) struct Totals<'a> {
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    files: usize,
    objects: usize,
    unknown: &'a BTreeMap<&'static str, usize>,
    mesh: MeshDocument<'a>,
}

#[derive(Serialize)]
struct MeshDocument<'a> {
    without_cilium: &'a [String],
    unknown: Vec<UnknownDocument<'a>>,
}

#[derive(Serialize)]
struct UnknownDocument<'a> {
    cluster: &'a str,
    fact: &'a str,
    reason: &'a str,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let document = Document {
        version: 1,
        root: outcome.root.as_deref(),
        clusters: outcome.clusters.iter().map(cluster).collect(),
        findings: outcome
            .findings
            .iter()
            .map(|one| finding(report.sources, one))
            .collect(),
        fixed: outcome.fixed.as_ref().map(|all| all.iter().map(fixed).collect()),
        summary: totals(&outcome.summary),
    };
    to_json(out, &document)
}

fn fixed(fixed: &Fixed) -> FixedDocument<'_> {
    FixedDocument {
        rule: fixed.rule.name,
        category: fixed.rule.category,
        severity: fixed.severity,
        message: &fixed.message,
        path: &fixed.path,
    }
}

pub(super) fn cluster(summary: &ClusterSummary) -> Cluster<'_> {
    Cluster {
        name: &summary.name,
        entry: &summary.entry,
        kustomizations: summary.kustomizations,
        objects: summary.objects,
    }
}

pub(super) fn finding<'a>(sources: &'a SourceMap, reported: &'a Reported) -> FindingDocument<'a> {
    let finding = &reported.finding;
    FindingDocument {
        rule: reported.rule.name,
        category: reported.rule.category,
        severity: reported.severity,
        message: &finding.message,
        help: finding.help.as_deref(),
        url: page_url(reported.rule),
        fingerprint: &reported.fingerprint,
        clusters: &finding.clusters,
        object: finding.object.as_ref(),
        labels: finding.labels.iter().map(|one| label(sources, one)).collect(),
        fix: finding.fix.as_ref().map(|fix| FixDocument {
            safe: fix.is_safe,
            edits: fix.edits.iter().map(|one| edit(sources, one)).collect(),
        }),
    }
}

fn edit<'a>(sources: &'a SourceMap, edit: &'a Edit) -> EditDocument<'a> {
    let file = sources.file(edit.span.file);
    EditDocument {
        path: file.path().as_str(),
        start: position(file, edit.span.start),
        end: position(file, edit.span.end),
        text: &edit.to,
    }
}

fn label<'a>(sources: &'a SourceMap, label: &'a Label) -> LabelDocument<'a> {
    let file = sources.file(label.span.file);
    LabelDocument {
        path: file.path().as_str(),
        start: position(file, label.span.start),
        end: position(file, label.span.end),
        text: &label.text,
        primary: label.primary,
    }
}

pub(super) fn position(file: &SourceFile, offset: u32) -> Position {
    let at = file.line_column(offset);
    Position {
        line: at.line,
        column: at.column,
        offset,
    }
}

pub(super) fn totals(summary: &Summary) -> Totals<'_> {
    Totals {
        errors: summary.errors,
        warnings: summary.warnings,
        infos: summary.infos,
        suppressed: summary.suppressed,
        files: summary.files,
        objects: summary.objects,
        unknown: &summary.unknown,
        mesh: MeshDocument {
            without_cilium: &summary.mesh.without_cilium,
            unknown: summary.mesh.unknown.iter().map(unknown).collect(),
        },
    }
}

fn unknown(one: &UnknownFact) -> UnknownDocument<'_> {
    UnknownDocument {
        cluster: &one.cluster,
        fact: one.fact,
        reason: one.reason,
    }
}
