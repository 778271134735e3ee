//! What a client may ask of a file, by method.

use lsp_server::{ErrorCode, ResponseError};
use lsp_types::{
    CodeActionParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport, InlayHintParams,
    ReferenceParams, RelatedFullDocumentDiagnosticReport, RenameParams, TextDocumentPositionParams,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::outgoing::error;
use super::view::View;
use super::{actions, completion, diagnostics, hover, inlay, navigation, rename, symbols};
use crate::source::FileId;

type Answer = Result<Value, ResponseError>;

/// An ability that is about a file.
pub(super) type OfFile = fn(&View<'_>, FileId, Value) -> Answer;

/// An ability that is about all repositories.
pub(super) struct OfAll {
    /// What one of them gives.
    pub(super) parts: fn(&View<'_>, &Value) -> Vec<Value>,
    /// The answer that is made of what all give.
    pub(super) whole: fn(Vec<Value>) -> Value,
}

/// What is asked of a file.
pub(super) fn of_file(method: &str) -> Option<OfFile> {
    Some(match method {
        "textDocument/diagnostic" => |view, file, _| answer(&file_report(view, file)),
        "textDocument/documentSymbol" => |view, file, _| answer(&symbols::of_file(view, file)),
        "textDocument/hover" => {
            |view, file, params| answer(&hover::hover(view, file, place(view, file, params)?))
        }
        "textDocument/definition" => {
            |view, file, params| answer(&navigation::definition(view, file, place(view, file, params)?))
        }
        "textDocument/references" => |view, file, params| {
            let asked: ReferenceParams = read(params)?;
            let at = view.offset(file, asked.text_document_position.position);
            let with_set = asked.context.include_declaration;
            answer(&navigation::references(view, file, at, with_set))
        },
        "textDocument/prepareRename" => {
            |view, file, params| answer(&rename::prepare(view, file, place(view, file, params)?))
        }
        "textDocument/rename" => |view, file, params| {
            let asked: RenameParams = read(params)?;
            let at = view.offset(file, asked.text_document_position.position);
            answer(&rename::rename(view, file, at, &asked.new_name)?)
        },
        "textDocument/completion" => {
            |view, file, params| answer(&completion::complete(view, file, place(view, file, params)?))
        }
        "textDocument/codeAction" => |view, file, params| {
            let asked: CodeActionParams = read(params)?;
            answer(&actions::actions(view, file, asked.range))
        },
        "textDocument/inlayHint" => |view, file, params| {
            let asked: InlayHintParams = read(params)?;
            answer(&inlay::hints(view, file, asked.range))
        },
        _ => return None,
    })
}

/// The byte that is asked about.
fn place(view: &View<'_>, file: FileId, params: Value) -> Result<usize, ResponseError> {
    let asked: TextDocumentPositionParams = read(params)?;
    Ok(view.offset(file, asked.position))
}

/// What is asked of all repositories.
pub(super) fn of_all(method: &str) -> Option<OfAll> {
    Some(match method {
        "workspace/diagnostic" => OfAll {
            parts: |view, _| repository_report(view),
            whole: |items| serde_json::json!({ "items": items }),
        },
        "workspace/symbol" => OfAll {
            parts: |view, params| {
                let query = params.get("query").and_then(Value::as_str);
                let symbols = symbols::of_repository(view, query.unwrap_or_default());
                symbols
                    .into_iter()
                    .filter_map(|one| serde_json::to_value(one).ok())
                    .collect()
            },
            whole: Value::Array,
        },
        _ => return None,
    })
}

/// The answer about a file that no repository holds.
pub(super) fn of_nothing(method: &str) -> Value {
    match method {
        "textDocument/diagnostic" => serde_json::json!({ "kind": "full", "items": [] }),
        _ => Value::Null,
    }
}

/// Reads what is asked.
pub(super) fn read<P: DeserializeOwned>(params: Value) -> Result<P, ResponseError> {
    serde_json::from_value(params).map_err(|wrong| error(ErrorCode::InvalidParams, wrong.to_string()))
}

/// What was found out, as it is sent.
pub(super) fn answer(found: &impl Serialize) -> Answer {
    serde_json::to_value(found).map_err(|wrong| error(ErrorCode::InternalError, wrong.to_string()))
}

fn file_report(view: &View<'_>, file: FileId) -> DocumentDiagnosticReport {
    DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport {
            result_id: None,
            items: diagnostics::of_file(view, file),
        },
    })
}

fn repository_report(view: &View<'_>) -> Vec<Value> {
    let files = diagnostics::of_all(view).into_iter();
    files
        .filter_map(|(file, items)| {
            let path = view.analysis.path_of(file);
            let report = WorkspaceFullDocumentDiagnosticReport {
                uri: view.uri(file)?,
                version: view.documents.get(&path).map(|document| document.version.into()),
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: None,
                    items,
                },
            };
            serde_json::to_value(WorkspaceDocumentDiagnosticReport::Full(report)).ok()
        })
        .collect()
}
