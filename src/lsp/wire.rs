//! Messages as bytes. Whatever a client sends, reading goes on behind it: a message that makes no sense is told, not the end.
//! (`lsp_server` gives up at the first, and takes as much memory as a header asks for.)

use std::io::{self, BufRead, Read, Write};

use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};

/// Longer messages are passed over.
const MAX_BYTES: u64 = 256 << 20;
/// Longer lines are no headers.
const MAX_HEADER: u64 = 4096;

/// What comes from a client.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    /// What is to be answered to what is no message.
    Refused(Value),
}

/// The next message; nothing at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = length(input)? else {
        return Ok(None);
    };
    if length > MAX_BYTES {
        io::copy(&mut input.by_ref().take(length), &mut io::sink())?;
        let why = format!("a message of {length} bytes is longer than {MAX_BYTES}");
        return Ok(Some(refused(ErrorCode::InvalidRequest, &Value::Null, &why)));
    }
    let mut body = Vec::new();
    input.by_ref().take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&body) {
        Ok(message) => Incoming::Message(message),
        Err(_) => match serde_json::from_slice::<Value>(&body) {
            Ok(value) => {
                let id = value.get("id").filter(|id| id.is_string() || id.is_number());
                let id = id.cloned().unwrap_or_default();
                refused(
                    ErrorCode::InvalidRequest,
                    &id,
                    "this is no request, notification or answer",
                )
            }
            Err(error) => refused(
                ErrorCode::ParseError,
                &Value::Null,
                &format!("this is no JSON: {error}"),
            ),
        },
    }))
}

fn refused(code: ErrorCode, id: &Value, why: &str) -> Incoming {
    Incoming::Refused(json!({
        "jsonrpc": "2.0",
        "id": id,
        "error": { "code": code as i32, "message": why },
    }))
}

/// The length that the next headers state; what is no header is passed over.
fn length(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        match text.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            None if text.trim().is_empty() && length.is_some() => return Ok(length),
            _ => {}
        }
    }
}

/// Writes what is a JSON document.
pub(super) fn write(output: &mut impl Write, document: &Value) -> io::Result<()> {
    let text = document.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Methods of messages, and codes of refusals.
    fn all(bytes: &[u8]) -> Vec<String> {
        let mut input = bytes;
        let mut seen = Vec::new();
        while let Some(incoming) = read(&mut input).unwrap() {
            seen.push(match incoming {
                Incoming::Message(Message::Request(request)) => request.method,
                Incoming::Message(Message::Notification(told)) => told.method,
                Incoming::Message(Message::Response(answer)) => answer.id.to_string(),
                Incoming::Refused(answer) => format!("{} {}", answer["id"], answer["error"]["code"]),
            });
        }
        seen
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn reading_goes_on_behind_what_is_no_message() {
        let text = [
            "noise\r\n\r\nContent-Length: x\r\n\r\n",
            &framed("{}"),
            &framed(r#"{"id": 7}"#),
            &framed("{"),
            &framed(r#"[{"method": "a"}]"#),
            "content-length:16\ncontent-type: x\n\n{\"method\": \"ok\"}",
            &framed(r#"{"id": 1, "method": "ask", "params": null}"#),
            "Content-Length: 99999999\r\n\r\n{\"method\": \"half\"}",
        ];
        assert_eq!(
            all(text.concat().as_bytes()),
            [
                "null -32600",
                "7 -32600",
                "null -32700",
                "null -32600",
                "ok",
                "ask"
            ]
        );
    }

    #[test]
    fn no_memory_is_taken_for_what_is_only_announced() {
        assert!(all(b"Content-Length: 18446744073709551615\r\n\r\nx").len() <= 1);
        assert!(all(b"Content-Length: 200000000\r\n\r\nx").is_empty());
    }
}
