//! A client that talks to the program as an editor does.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{fleet, meshlint};

/// How long an answer may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A repository on disk, for one test.
pub struct Repository {
    pub root: PathBuf,
    _scratch: tempfile::TempDir,
}

impl Repository {
    pub fn new(fleet: &str) -> Self {
        Self::of(fleet::read(fleet))
    }

    pub fn of<P: AsRef<Path>, T: AsRef<str>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap().join("my fleet");
        std::fs::create_dir_all(root.join(".git")).unwrap();
        let repository = Self {
            root,
            _scratch: scratch,
        };
        for (path, text) in files {
            repository.write(path.as_ref().to_str().unwrap(), text.as_ref());
        }
        repository
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap()
    }

    pub fn uri(&self, path: &str) -> String {
        uri(&self.root.join(path))
    }
}

pub fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().unwrap().replace(' ', "%20"))
}

/// The editor's side of a conversation.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Told by the server and not looked at yet.
    pub told: Vec<Value>,
    next: i64,
}

impl Client {
    /// Starts the program; nothing is said yet.
    pub fn start() -> Self {
        let mut child = meshlint()
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (send, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            input,
            messages,
            told: Vec::new(),
            next: 0,
        }
    }

    /// Greets a client of those abilities that has the repository open.
    pub fn with(repository: &Repository, capabilities: Value) -> Self {
        let mut client = Self::start();
        client.greet(&[&repository.root], capabilities);
        client
    }

    pub fn new(repository: &Repository) -> Self {
        Self::with(repository, json!({}))
    }

    /// Gives what the server says that it can.
    pub fn greet(&mut self, roots: &[&Path], capabilities: Value) -> Value {
        let folders: Vec<Value> = roots
            .iter()
            .map(|root| json!({ "uri": uri(root), "name": "x" }))
            .collect();
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities, "workspaceFolders": folders });
        let answer = self.ask("initialize", params);
        self.tell("initialized", json!({}));
        answer["result"]["capabilities"].clone()
    }

    pub fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks without waiting; gives the number of the request.
    pub fn request(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.next
    }

    /// Asks, and gives the whole answer.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(id)
    }

    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    /// The first message of a kind, whatever came before.
    pub fn wait(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.told.iter().position(&is_meant) {
            return self.told.remove(at);
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE);
            let message = message.unwrap_or_else(|_| panic!("the server says nothing but {:#?}", self.told));
            // What the server asks is granted.
            if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
            }
            if is_meant(&message) {
                return message;
            }
            self.told.push(message);
        }
    }

    pub fn open(&mut self, repository: &Repository, path: &str, version: i32, text: &str) {
        let document =
            json!({ "uri": repository.uri(path), "languageId": "yaml", "version": version, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Opens a file as it is on disk, and gives what is shown in it.
    pub fn open_saved(&mut self, repository: &Repository, path: &str) -> Vec<Value> {
        self.open(repository, path, 1, &repository.text(path));
        self.diagnostics(repository, path, 1)
    }

    pub fn change(&mut self, repository: &Repository, path: &str, version: i32, changes: Value) {
        let document = json!({ "uri": repository.uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", params);
    }

    /// What is shown in that version of a file.
    pub fn diagnostics(&mut self, repository: &Repository, path: &str, version: i32) -> Vec<Value> {
        let uri = repository.uri(path);
        let shown = self.wait(|message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && params["version"] == version
        });
        shown["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// Ends the session as it should end.
    pub fn end(mut self) {
        let answer = self.ask("shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null);
        self.tell("exit", Value::Null);
        assert_eq!(self.exit_code(), Some(0));
    }

    /// The exit status, once no more comes from this side.
    pub fn exit_code(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().unwrap().code()
    }
}

/// The names of the rules that diagnostics are about.
pub fn rules(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect()
}

/// The position of a text in another, with characters counted in UTF-16 code units.
pub fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some((_, value)) => length = value.parse().unwrap(),
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}
