//! The language server as an editor sees it: the real program, over pipes.
#![cfg(feature = "lsp")]
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod abilities;
mod client;
#[path = "../common/mod.rs"]
mod common;
mod diagnostics;
mod hostile;
