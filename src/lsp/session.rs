//! The conversation with a client.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, ResponseError};
use lsp_types::{
    Diagnostic, DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, FileChangeType,
    InitializeParams, PublishDiagnosticsParams, Uri, WorkspaceFolder,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::abilities;
use super::client::Client;
use super::diagnostics;
use super::documents::{Document, Documents};
use super::host::Host;
use super::outgoing::{Outgoing, error};
use super::repositories::{Repositories, Repository};
use super::uri;
use super::view::View;
use super::wire::Incoming;
use super::worker::{Edit, Number, Report, Worker};
use crate::engine::Stage;

/// Requests that may wait for a check at once.
const WAITING: usize = 10_000;
/// What the client shows while the first check runs.
const PROGRESS: &str = "meshlint/first-check";

/// What a session lives on.
#[derive(Debug)]
pub(super) enum Event {
    /// Something came from the client.
    Came(Incoming),
    /// Nothing comes any more.
    Ended,
    /// A check has come to something.
    Checked(Number, Report),
}

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

/// A conversation.
pub(super) struct Session {
    host: Arc<dyn Host>,
    outgoing: Outgoing,
    phase: Phase,
    client: Client,
    /// Directories named before the client was ready.
    folders: Vec<PathBuf>,
    documents: Documents,
    repositories: Repositories,
    /// Requests that wait until what the editor holds is checked.
    waiting: Vec<Request>,
    published: BTreeMap<PathBuf, (i32, Vec<Diagnostic>)>,
}

impl Session {
    pub(super) fn new(host: Arc<dyn Host>, outgoing: Outgoing, worker: Worker) -> Self {
        Self {
            host,
            outgoing,
            phase: Phase::New,
            client: Client::default(),
            folders: Vec::new(),
            documents: Documents::default(),
            repositories: Repositories::new(worker),
            waiting: Vec::new(),
            published: BTreeMap::new(),
        }
    }

    /// Whether the client asked for the end.
    pub(super) fn is_shut_down(&self) -> bool {
        self.phase == Phase::ShutDown
    }

    /// Takes in what happened. Breaks at the end of the session.
    pub(super) fn take(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Ended => return ControlFlow::Break(()),
            Event::Checked(number, report) => self.checked(number, report),
            Event::Came(Incoming::Refused(answer)) => self.outgoing.send(answer),
            Event::Came(Incoming::Message(Message::Notification(told))) => {
                if told.method == "exit" {
                    return ControlFlow::Break(());
                }
                if self.phase == Phase::Running
                    && let Err(why) = self.told(told)
                {
                    self.remark(&why);
                }
            }
            Event::Came(Incoming::Message(Message::Request(request))) => self.asked(request),
            // To what was asked for its effect only.
            Event::Came(Incoming::Message(Message::Response(_))) => {}
        }
        ControlFlow::Continue(())
    }

    fn remark(&self, text: &str) {
        let text = crate::neutral::printable(text);
        self.outgoing.tell(
            "window/logMessage",
            json!({ "type": 2, "message": format!("meshlint: {text}") }),
        );
    }

    /// What the client tells.
    fn told(&mut self, told: Notification) -> Result<(), String> {
        match told.method.as_str() {
            "initialized" => self.begin(),
            "textDocument/didOpen" => self.opened(read(told)?)?,
            "textDocument/didChange" => self.changed(read(told)?)?,
            "textDocument/didClose" => self.closed(&read(told)?),
            // What others wrote is seen too, where nobody tells of it.
            "textDocument/didSave" if !self.client.watches => self.saved(&read(told)?),
            "workspace/didChangeWatchedFiles" => self.changed_on_disk(read(told)?),
            "workspace/didChangeWorkspaceFolders" => self.moved(read(told)?),
            "$/cancelRequest" => self.cancelled(&told.params),
            _ => {}
        }
        Ok(())
    }

    /// What the client asks.
    fn asked(&mut self, request: Request) {
        let answer = match (self.phase, request.method.as_str()) {
            (Phase::New, "initialize") => self.initialized(request.params),
            (Phase::New, _) => Err(error(ErrorCode::ServerNotInitialized, "`initialize` comes first")),
            (Phase::ShutDown, _) => Err(error(ErrorCode::InvalidRequest, "the session is shut down")),
            (Phase::Running, "initialize") => {
                Err(error(ErrorCode::InvalidRequest, "the session has begun already"))
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                for waiting in std::mem::take(&mut self.waiting) {
                    self.outgoing.answer(&waiting.id, Err(cancelled()));
                }
                Ok(Value::Null)
            }
            (Phase::Running, _) => match self.answer(&request) {
                Some(answer) => answer,
                None if self.waiting.len() < WAITING => return self.waiting.push(request),
                None => Err(error(ErrorCode::ServerCancelled, "too many requests wait")),
            },
        };
        self.outgoing.answer(&request.id, answer);
    }

    fn initialized(&mut self, params: Value) -> Result<Value, ResponseError> {
        let params: InitializeParams = abilities::read(params)?;
        self.client = Client::of(&params.capabilities);
        #[expect(deprecated, reason = "older clients name one directory")]
        let root = params.root_uri.as_ref().and_then(uri::to_path);
        let folders = params.workspace_folders.unwrap_or_default();
        let folders = folders.iter().filter_map(|folder| uri::to_path(&folder.uri));
        let named: Vec<PathBuf> = folders.collect();
        self.folders = if named.is_empty() {
            root.into_iter().collect()
        } else {
            named
        };
        self.phase = Phase::Running;
        abilities::answer(&self.client.greeting())
    }

    fn begin(&mut self) {
        if self.client.watches {
            let everything = json!({ "watchers": [{ "globPattern": "**/*" }] });
            let method = "workspace/didChangeWatchedFiles";
            let registration = json!({ "id": "files", "method": method, "registerOptions": everything });
            self.outgoing.ask(
                "client/registerCapability",
                json!({ "registrations": [registration] }),
            );
        }
        for folder in std::mem::take(&mut self.folders) {
            self.add(&folder);
        }
    }

    /// Adds the repository around a directory.
    fn add(&mut self, directory: &Path) {
        let directory = self.host.directory(directory);
        let open = self.documents.iter();
        let open = open.map(|(path, document)| Edit::Put(path.to_owned(), Arc::clone(&document.text)));
        let open = open.collect();
        self.repositories.add(directory, open);
    }

    fn moved(&mut self, params: DidChangeWorkspaceFoldersParams) {
        let path = |folder: &WorkspaceFolder| uri::to_path(&folder.uri);
        for folder in params.event.removed.iter().filter_map(path) {
            self.repositories.remove(&self.host.directory(&folder));
        }
        for folder in params.event.added.iter().filter_map(path) {
            self.add(&folder);
        }
        self.publish();
    }

    /// The file that a URI names, if it is one that may be part of a repository.
    fn path(&self, uri: &Uri) -> Option<PathBuf> {
        let path = self.host.resolve(&uri::to_path(uri)?)?;
        (!path.iter().any(|part| part == ".git")).then_some(path)
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) -> Result<(), String> {
        let opened = params.text_document;
        let Some(path) = self.path(&opened.uri) else {
            return Ok(());
        };
        let text: Arc<str> = opened.text.into();
        let document = Document {
            uri: opened.uri,
            version: opened.version,
            text: Arc::clone(&text),
        };
        self.documents.open(path.clone(), document)?;
        if self.repositories.is_empty() {
            self.add(&path);
        } else {
            self.repositories.happened(&[Edit::Put(path, text)]);
        }
        Ok(())
    }

    fn changed(&mut self, params: DidChangeTextDocumentParams) -> Result<(), String> {
        let changed = params.text_document;
        let Some(path) = self.path(&changed.uri) else {
            return Ok(());
        };
        let text = self.documents.change(
            &path,
            changed.version,
            params.content_changes,
            self.client.encoding,
        )?;
        self.repositories.happened(&[Edit::Put(path, text)]);
        Ok(())
    }

    fn closed(&mut self, params: &DidCloseTextDocumentParams) {
        let path = self.path(&params.text_document.uri);
        let Some((path, document)) = path.and_then(|path| {
            let document = self.documents.close(&path)?;
            Some((path, document))
        }) else {
            return;
        };
        if self
            .published
            .remove(&path)
            .is_some_and(|(_, shown)| !shown.is_empty())
        {
            self.show(document.uri, None, Vec::new());
        }
        self.repositories.happened(&[Edit::Close(path)]);
    }

    fn saved(&mut self, params: &DidSaveTextDocumentParams) {
        if let Some(path) = self.path(&params.text_document.uri) {
            self.repositories.happened(&[Edit::Walk(path)]);
        }
    }

    fn changed_on_disk(&mut self, params: DidChangeWatchedFilesParams) {
        let edits = params.changes.into_iter().filter_map(|event| {
            let path = self.path(&event.uri)?;
            Some(if event.typ == FileChangeType::CHANGED {
                Edit::Changed(path)
            } else {
                Edit::Walk(path)
            })
        });
        let edits: Vec<Edit> = edits.collect();
        if !edits.is_empty() {
            self.repositories.happened(&edits);
        }
    }

    fn cancelled(&mut self, params: &Value) {
        let id = params.get("id").cloned().unwrap_or_default();
        let Ok(id) = serde_json::from_value::<RequestId>(id) else {
            return;
        };
        if let Some(at) = self.waiting.iter().position(|request| request.id == id) {
            let request = self.waiting.swap_remove(at);
            self.outgoing.answer(&request.id, Err(cancelled()));
        }
    }

    /// The answer to a request; nothing while it has to wait.
    fn answer(&self, request: &Request) -> Option<Result<Value, ResponseError>> {
        // A fault of ours must not end the session.
        let answer = || self.answer_or_wait(request);
        catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| {
            let what = "the request came to an unexpected end";
            Some(Err(error(ErrorCode::InternalError, what)))
        })
    }

    fn answer_or_wait(&self, request: &Request) -> Option<Result<Value, ResponseError>> {
        let method = request.method.as_str();
        if let Some(ability) = abilities::of_all(method) {
            if self.repositories.iter().any(|(_, one)| !one.is_up_to_date()) {
                return None;
            }
            let views = self.repositories.iter().filter_map(|(_, one)| self.view(one));
            let parts = views.flat_map(|view| (ability.parts)(&view, &request.params));
            return Some(Ok((ability.whole)(parts.collect())));
        }
        let Some(ability) = abilities::of_file(method) else {
            return Some(Err(error(
                ErrorCode::MethodNotFound,
                format!("nothing answers `{method}`"),
            )));
        };
        let uri = request
            .params
            .pointer("/textDocument/uri")
            .cloned()
            .unwrap_or_default();
        let uri: Uri = match abilities::read(uri) {
            Ok(uri) => uri,
            Err(wrong) => return Some(Err(wrong)),
        };
        let nothing = || Some(Ok(abilities::of_nothing(method)));
        let Some(path) = self.path(&uri) else {
            return nothing();
        };
        let Some((_, repository)) = self.repositories.around(&path) else {
            // It may turn out that the file belongs to one that is not opened yet.
            let is_settled = self.repositories.iter().all(|(_, one)| one.is_up_to_date());
            return if is_settled { nothing() } else { None };
        };
        if !repository.is_up_to_date() {
            return None;
        }
        let found = self
            .view(repository)
            .and_then(|view| Some((view, view.analysis.file_at(&path)?)));
        match found {
            Some((view, file)) => Some(ability(&view, file, request.params.clone())),
            None => nothing(),
        }
    }

    fn view<'a>(&'a self, repository: &'a Repository) -> Option<View<'a>> {
        Some(View {
            analysis: repository.analysis()?,
            documents: &self.documents,
            client: &self.client,
        })
    }

    fn checked(&mut self, number: Number, report: Report) {
        match report {
            Report::Begun => self.progress("begin", "reading files"),
            Report::At(Stage::Rendering) => self.progress("report", "rendering clusters"),
            Report::At(Stage::Checking) => self.progress("report", "checking"),
            Report::Done(state, found) => {
                self.progress("end", "");
                match self.repositories.checked(number, state, found) {
                    Ok(false) => return,
                    Ok(true) => {}
                    Err(why) => self.remark(&why),
                }
                self.publish();
                for request in std::mem::take(&mut self.waiting) {
                    self.asked(request);
                }
            }
        }
    }

    /// Tells how far the first check has come.
    fn progress(&mut self, kind: &str, message: &str) {
        if !self.client.shows_progress {
            return;
        }
        if kind == "begin" {
            self.outgoing
                .ask("window/workDoneProgress/create", json!({ "token": PROGRESS }));
        }
        let value = match kind {
            "begin" => json!({ "kind": kind, "title": "meshlint", "message": message }),
            "end" => json!({ "kind": kind }),
            _ => json!({ "kind": kind, "message": message }),
        };
        self.outgoing
            .tell("$/progress", json!({ "token": PROGRESS, "value": value }));
        self.client.shows_progress = kind != "end";
    }

    /// Shows what each open file has, wherever that is about the text in the editor.
    fn publish(&mut self) {
        let news = self.news();
        if self.client.pulls && self.client.refreshes && !news.is_empty() {
            self.outgoing.ask("workspace/diagnostic/refresh", Value::Null);
        }
        for (path, uri, (version, items)) in news {
            if !self.client.pulls {
                self.show(uri, Some(version), items.clone());
            }
            self.published.insert(path, (version, items));
        }
    }

    /// What open files have that was not shown yet.
    fn news(&self) -> Vec<(PathBuf, Uri, (i32, Vec<Diagnostic>))> {
        let mut news = Vec::new();
        for (path, document) in self.documents.iter() {
            let items = match self.repositories.around(path) {
                Some((_, repository)) if !repository.is_up_to_date() => continue,
                Some((_, repository)) => self.view(repository).and_then(|view| {
                    let file = view.analysis.file_at(path)?;
                    Some(diagnostics::of_file(&view, file))
                }),
                None => None,
            };
            let now = (document.version, items.unwrap_or_default());
            let is_known = self
                .published
                .get(path)
                .is_some_and(|(version, items)| *items == now.1 && (*version == now.0 || self.client.pulls));
            if !is_known {
                news.push((path.to_owned(), document.uri.clone(), now));
            }
        }
        news
    }

    fn show(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let params = PublishDiagnosticsParams {
            uri,
            diagnostics,
            version,
        };
        self.outgoing.tell("textDocument/publishDiagnostics", params);
    }
}

fn cancelled() -> ResponseError {
    error(ErrorCode::RequestCanceled, "the request was cancelled")
}

fn read<P: DeserializeOwned>(told: Notification) -> Result<P, String> {
    let method = told.method;
    serde_json::from_value(told.params).map_err(|wrong| format!("`{method}` makes no sense: {wrong}"))
}
