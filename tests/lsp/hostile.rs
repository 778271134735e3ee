//! A client that sends what makes no sense gets an answer that says so, or none; the session goes on.

use serde_json::{Value, json};

use crate::client::{Client, Repository, rules};

const APPS: &str = "clusters/apps/cluster-settings.yaml";

/// The session is alive, and sees what is on disk.
fn is_alive(client: &mut Client, repository: &Repository) {
    let document = json!({ "textDocument": { "uri": repository.uri(APPS) } });
    let report = client.ask("textDocument/diagnostic", document);
    let items = report["result"]["items"].as_array().unwrap();
    assert_eq!(rules(items), ["duplicate-cluster-id"]);
}

#[test]
fn what_comes_too_early_or_too_late_is_refused() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::start();
    let code = |answer: &Value| answer["error"]["code"].as_i64();
    assert_eq!(code(&client.ask("textDocument/hover", json!({}))), Some(-32002));
    client.tell("textDocument/didOpen", json!({}));
    client.greet(&[&repository.root], json!({}));
    assert_eq!(
        code(&client.ask("initialize", json!({ "capabilities": {} }))),
        Some(-32600)
    );
    assert_eq!(
        code(&client.ask("textDocument/nonsense", json!({}))),
        Some(-32601)
    );
    is_alive(&mut client, &repository);
    assert_eq!(client.ask("shutdown", Value::Null)["result"], Value::Null);
    assert_eq!(
        code(&client.ask("textDocument/diagnostic", json!({}))),
        Some(-32600)
    );
    client.tell("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn an_end_that_was_not_asked_for_is_no_success() {
    let repository = Repository::new("two-clusters");
    let mut client = Client::new(&repository);
    client.tell("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1));
    let mut client = Client::new(&repository);
    client.write(b"Content-Length: 1000\r\n\r\n{\"jsonrpc\"");
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn what_is_no_message_is_answered_and_passed_over() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    for body in [
        "{",
        "[]",
        "{\"id\": 5}",
        "\u{0}",
        "{\"method\": 7}",
        &"[".repeat(100_000),
    ] {
        client.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        let answer = client.wait(|message| message.get("error").is_some());
        assert!(
            matches!(answer["error"]["code"].as_i64(), Some(-32700 | -32600)),
            "{answer}"
        );
    }
    client.write(b"no header at all\r\n\r\nContent-Length: many\r\n\r\n");
    is_alive(&mut client, &repository);
    client.end();
}

#[test]
fn changes_that_make_no_sense_change_nothing() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    let text = repository.text(APPS);
    client.open(&repository, APPS, 5, &text);
    assert_eq!(client.diagnostics(&repository, APPS, 5).len(), 1);
    let range = |a: u64, b: u64, c: u64, d: u64| json!({ "start": { "line": a, "character": b }, "end": { "line": c, "character": d } });
    let cleared = json!([{ "text": "" }]);
    // Versions out of order, a range that runs backwards, a file that is not open, one outside, one that is no file.
    client.change(&repository, APPS, 5, cleared.clone());
    client.change(&repository, APPS, 4, cleared.clone());
    client.change(
        &repository,
        APPS,
        6,
        json!([{ "range": range(3, 0, 1, 0), "text": "x" }]),
    );
    client.change(
        &repository,
        "clusters/infra/cluster-settings.yaml",
        9,
        cleared.clone(),
    );
    client.change(&repository, "../elsewhere.yaml", 9, cleared.clone());
    client.tell(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": "untitled:1", "languageId": "yaml", "version": 1, "text": "a: 1\na: 2\n" } }),
    );
    client.tell("textDocument/didChange", json!({ "textDocument": 5 }));
    client.tell(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": "no uri" } }),
    );
    client.tell("$/cancelRequest", json!({ "id": 99_999 }));
    client.tell("$/cancelRequest", json!({ "id": [] }));
    is_alive(&mut client, &repository);
    // What lies behind the end of the text is its end.
    let far = u64::from(u32::MAX);
    client.change(
        &repository,
        APPS,
        7,
        json!([{ "range": range(far, far, far, far), "text": "# behind\n" }]),
    );
    assert_eq!(client.diagnostics(&repository, APPS, 7).len(), 1);
    client.end();
}

#[test]
fn files_outside_of_every_repository_are_none_of_ours() {
    let repository = Repository::new("duplicate-id");
    let elsewhere = Repository::of([("a.yaml", "a: 1\na: 2\n")]);
    let mut client = Client::new(&repository);
    client.open(&elsewhere, "a.yaml", 1, "a: 1\na: 2\n");
    assert!(client.diagnostics(&elsewhere, "a.yaml", 1).is_empty());
    is_alive(&mut client, &repository);
    client.end();
}

#[test]
fn a_buffer_of_a_hundred_mebibytes_is_told_to_be_too_large() {
    let repository = Repository::of([("a.yaml", "a: 1\n")]);
    let mut client = Client::new(&repository);
    let line = "# a line of text that says nothing at all and goes on and on\n";
    client.open(
        &repository,
        "large.yaml",
        1,
        &line.repeat((100 << 20) / line.len()),
    );
    let shown = client.diagnostics(&repository, "large.yaml", 1);
    assert_eq!(shown.len(), 1);
    assert!(
        shown[0]["message"].as_str().unwrap().contains("more than"),
        "{shown:?}"
    );
    client.change(&repository, "large.yaml", 2, json!([{ "text": "a: 1\n" }]));
    assert!(client.diagnostics(&repository, "large.yaml", 2).is_empty());
    client.end();
}

#[test]
fn a_request_that_waits_can_be_cancelled() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    // All of this is read before the first check is through.
    client.open(&repository, APPS, 1, &repository.text(APPS));
    let document = json!({ "textDocument": { "uri": repository.uri(APPS) } });
    let asked: Vec<i64> = (0..50)
        .map(|_| client.request("textDocument/diagnostic", document.clone()))
        .collect();
    for id in &asked {
        client.tell("$/cancelRequest", json!({ "id": id }));
    }
    let codes: Vec<Option<i64>> = asked
        .iter()
        .map(|id| client.answer(*id)["error"]["code"].as_i64())
        .collect();
    assert!(
        codes.iter().all(|code| matches!(code, None | Some(-32800))),
        "{codes:?}"
    );
    is_alive(&mut client, &repository);
    client.end();
}

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()].clone()
    }
}

const PATHS: [&str; 6] = [
    APPS,
    "clusters/infra/cluster-settings.yaml",
    "infrastructure/cilium/app/helm-release.yaml",
    "delivery/kustomization.yaml",
    "new.yaml",
    "../outside.yaml",
];

const METHODS: [&str; 20] = [
    "textDocument/diagnostic",
    "workspace/diagnostic",
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentSymbol",
    "workspace/symbol",
    "textDocument/completion",
    "textDocument/codeAction",
    "textDocument/inlayHint",
    "textDocument/rename",
    "textDocument/prepareRename",
    "textDocument/foldingRange",
    "textDocument/didSave",
    "textDocument/didClose",
    "workspace/didChangeWatchedFiles",
    "$/cancelRequest",
    "initialize",
    "initialized",
    "no/such/method",
];

fn anything(random: &mut Random, repository: &Repository) -> Value {
    let mut place = || {
        let large = if random.below(9) == 0 {
            u64::from(u32::MAX)
        } else {
            40
        };
        json!({ "line": random.below(large), "character": random.below(large) })
    };
    let (position, end) = (place(), place());
    let uri = repository.uri(random.one(&PATHS));
    let kind = random.below(5);
    json!({
        "textDocument": { "uri": uri, "version": random.below(1000) },
        "position": position,
        "range": { "start": position, "end": end },
        "context": { "diagnostics": [], "includeDeclaration": true },
        "changes": [{ "uri": uri, "type": kind }],
        "newName": random.one(&["NEW_NAME", "", "a b", "${X}"]),
        "query": random.one(&["", "clu", "😀"]),
        "id": random.below(2000),
    })
}

#[test]
fn random_messages_do_not_end_the_session() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let texts = PATHS[..4].iter().map(|path| repository.text(path));
    let texts: Vec<String> = texts
        .chain(["".into(), "a: [\n".into(), "\u{0}\r\r\n\t😀".into()])
        .collect();
    let mut asked = Vec::new();
    for version in 0..3000 {
        let mut params = anything(&mut random, &repository);
        let path = random.one(&PATHS);
        match random.below(10) {
            0 => client.open(&repository, path, version, &random.one(&texts)),
            1 => {
                let text = random.one(&texts);
                client.change(&repository, path, version, json!([{ "text": text }]));
            }
            2 | 3 => {
                let text = random.one(&["", "x", ": ", "\n", "- ", "${X}", "\"", "😀"]);
                let changes = json!([{ "range": params["range"], "text": text }]);
                client.change(&repository, path, version, changes);
            }
            4 => client.tell(random.one(&METHODS), params),
            // With a part of it missing, or of another kind.
            5 => {
                let names: Vec<String> = params.as_object().unwrap().keys().cloned().collect();
                params[&random.one(&names)] = random
                    .one(&[Value::Null, json!(7), json!([[]]), json!("x")])
                    .clone();
                asked.push(client.request(random.one(&METHODS), params));
            }
            _ => asked.push(client.request(random.one(&METHODS), params)),
        }
    }
    // Each request has its one answer.
    for id in asked {
        client.answer(id);
    }
    for path in &PATHS[..5] {
        let document = json!({ "uri": repository.uri(path) });
        client.tell("textDocument/didClose", json!({ "textDocument": document }));
    }
    is_alive(&mut client, &repository);
    client.end();
}
