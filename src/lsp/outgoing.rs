//! What is sent to a client.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use lsp_server::{ErrorCode, RequestId, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};

use super::wire;

/// Messages that may wait for a client that does not read.
const WAITING: usize = 1 << 16;

/// The way to a client.
#[derive(Debug)]
pub(super) struct Outgoing {
    documents: SyncSender<Value>,
    asked: i32,
}

impl Outgoing {
    /// Sends by a thread of its own. It ends when this is dropped and everything is written, or nobody reads any more.
    pub(super) fn start(mut output: impl Write + Send + 'static) -> Option<(Self, JoinHandle<()>)> {
        let (documents, waiting): (SyncSender<Value>, Receiver<Value>) = sync_channel(WAITING);
        let send = move || {
            let _ = waiting
                .iter()
                .try_for_each(|document| wire::write(&mut output, &document));
        };
        let thread = thread::Builder::new()
            .name("answers".to_owned())
            .spawn(send)
            .ok()?;
        Some((Self { documents, asked: 0 }, thread))
    }

    pub(super) fn send(&self, document: Value) {
        // When nobody reads any more, the input is at its end too.
        let _ = self.documents.send(document);
    }

    pub(super) fn answer(&self, id: &RequestId, answer: Result<Value, ResponseError>) {
        self.send(match answer {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
        });
    }

    pub(super) fn tell(&self, method: &str, params: impl Serialize) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks something of which the answer does not matter.
    pub(super) fn ask(&mut self, method: &str, params: impl Serialize) {
        self.asked = self.asked.wrapping_add(1);
        self.send(json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
    }
}

pub(super) fn error(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError {
        code: code as i32,
        message: message.into(),
        data: None,
    }
}
