//! The language server: an engine that stays, and what an editor asks of it (Language Server Protocol 3.17).
//!
//! One thread reads, one writes, one checks (`worker`), and one, the `session`, knows what is open and answers. An ability sees the
//! files as they were checked last (`analysis`), and waits until that is what the editor holds.

mod abilities;
mod actions;
mod analysis;
mod client;
mod completion;
mod diagnostics;
mod documents;
mod expression;
mod host;
mod hover;
mod inlay;
mod links;
mod navigation;
mod outgoing;
mod position;
mod rename;
mod repositories;
mod session;
mod symbols;
mod uri;
mod uses;
mod values;
mod variable;
mod view;
mod wire;
mod worker;

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

pub use host::{Host, Opened};

use outgoing::Outgoing;
use session::{Event, Session};
use wire::Incoming;
use worker::Worker;

/// Messages read ahead.
const READ_AHEAD: usize = 256;

/// Serves a client until it is told to exit, or the input ends. Whether it was told to shut down before.
pub fn serve(
    host: Arc<dyn Host>,
    input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> bool {
    let (events, happened) = sync_channel(READ_AHEAD);
    let told = events.clone();
    let tell = move |number, report| {
        let _ = told.send(Event::Checked(number, report));
    };
    let worker = Worker::start(Arc::clone(&host), tell);
    let (Some((outgoing, writer)), Some(worker)) = (Outgoing::start(output), worker) else {
        return false;
    };
    let reader = thread::Builder::new().name("requests".to_owned());
    if reader.spawn(move || read(input, &events)).is_err() {
        return false;
    }
    let mut session = Session::new(host, outgoing, worker);
    while let Ok(event) = happened.recv() {
        if session.take(event).is_break() {
            break;
        }
    }
    // A worker that tells something now finds nobody.
    drop(happened);
    let is_shut_down = session.is_shut_down();
    drop(session);
    let _ = writer.join();
    is_shut_down
}

/// Hands on what comes, up to the end.
fn read(mut input: impl BufRead, events: &SyncSender<Event>) {
    while let Ok(Some(incoming)) = wire::read(&mut input) {
        let is_exit = matches!(
            &incoming,
            Incoming::Message(lsp_server::Message::Notification(told)) if told.method == "exit"
        );
        if events.send(Event::Came(incoming)).is_err() || is_exit {
            return;
        }
    }
    let _ = events.send(Event::Ended);
}
