//! What is shown in the files that are open, and when.

use serde_json::json;

use crate::client::{Client, Repository, position, rules};

const APPS: &str = "clusters/apps/cluster-settings.yaml";
const INFRA: &str = "clusters/infra/cluster-settings.yaml";
const RELEASE: &str = "infrastructure/cilium/app/helm-release.yaml";

/// The id of one cluster becomes that of the other.
fn collide(text: &str) -> String {
    let changed = text.replace("CLUSTER_ID: \"2\"", "CLUSTER_ID: \"1\"");
    assert_ne!(changed, text);
    changed
}

#[test]
fn a_fault_is_shown_where_it_is_written_and_goes_when_it_is_mended() {
    let repository = Repository::new("two-clusters");
    let mut client = Client::new(&repository);
    let good = repository.text(APPS);
    assert!(client.open_saved(&repository, APPS).is_empty());
    let at = good.find("\"2\"").unwrap() + 1;
    let range = json!({ "start": position(&good, at), "end": position(&good, at + 1) });
    client.change(&repository, APPS, 2, json!([{ "range": range, "text": "1" }]));
    let shown = client.diagnostics(&repository, APPS, 2);
    assert_eq!(rules(&shown), ["duplicate-cluster-id"]);
    let one = &shown[0];
    assert_eq!(one["range"]["start"], position(&good, at - 1));
    assert_eq!(
        (&one["severity"], &one["source"]),
        (&json!(1), &json!("meshlint"))
    );
    let related: Vec<_> = one["relatedInformation"].as_array().unwrap().iter().collect();
    let uris: Vec<_> = related
        .iter()
        .map(|place| place["location"]["uri"].as_str().unwrap())
        .collect();
    assert!(uris.contains(&repository.uri(INFRA).as_str()), "{uris:?}");
    client.change(&repository, APPS, 3, json!([{ "range": range, "text": "2" }]));
    assert!(client.diagnostics(&repository, APPS, 3).is_empty());
    client.end();
}

#[test]
fn every_open_file_with_a_label_shows_the_fault() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    for path in [APPS, INFRA, RELEASE] {
        let shown = client.open_saved(&repository, path);
        assert_eq!(rules(&shown), ["duplicate-cluster-id"], "{path}");
    }
    assert!(
        client
            .open_saved(&repository, "services/catalogue/service.yaml")
            .is_empty()
    );
    // Mended in one file, it goes from all.
    let mended = repository
        .text(APPS)
        .replace("CLUSTER_ID: \"1\"", "CLUSTER_ID: \"7\"");
    client.change(&repository, APPS, 2, json!([{ "text": mended }]));
    assert!(client.diagnostics(&repository, APPS, 2).is_empty());
    for path in [INFRA, RELEASE] {
        assert!(client.diagnostics(&repository, path, 1).is_empty(), "{path}");
    }
    client.end();
}

#[test]
fn what_is_on_disk_counts_for_files_that_are_closed() {
    let repository = Repository::new("two-clusters");
    let mut client = Client::new(&repository);
    let good = repository.text(APPS);
    client.open_saved(&repository, INFRA);
    client.open(&repository, APPS, 1, &collide(&good));
    assert_eq!(client.diagnostics(&repository, APPS, 1).len(), 1);
    assert_eq!(client.diagnostics(&repository, INFRA, 1).len(), 1);
    let document = json!({ "uri": repository.uri(APPS) });
    client.tell("textDocument/didClose", json!({ "textDocument": document }));
    assert!(client.diagnostics(&repository, INFRA, 1).is_empty());
    // Others may write it.
    repository.write(APPS, &collide(&good));
    let tell = |client: &mut Client, kind: u8| {
        let changes = json!([{ "uri": repository.uri(APPS), "type": kind }]);
        client.tell("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    };
    tell(&mut client, 2);
    assert_eq!(
        rules(&client.diagnostics(&repository, INFRA, 1)),
        ["duplicate-cluster-id"]
    );
    std::fs::remove_file(repository.root.join(APPS)).unwrap();
    tell(&mut client, 3);
    let without = client.diagnostics(&repository, INFRA, 1);
    assert!(!rules(&without).contains(&"duplicate-cluster-id"));
    repository.write(APPS, &good);
    tell(&mut client, 1);
    assert!(client.diagnostics(&repository, INFRA, 1).is_empty());
    client.end();
}

#[test]
fn a_file_that_is_not_saved_yet_counts_as_there() {
    let repository = Repository::new("two-clusters");
    let mut client = Client::new(&repository);
    let listing = "infrastructure/cilium/app/kustomization.yaml";
    let listed = format!("{}  - more.yaml\n", repository.text(listing));
    client.open(&repository, listing, 1, &listed);
    assert_eq!(
        rules(&client.diagnostics(&repository, listing, 1)),
        ["kustomize-build-failed"]
    );
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n  namespace: kube-system\n";
    client.open(&repository, "infrastructure/cilium/app/more.yaml", 1, object);
    assert!(client.diagnostics(&repository, listing, 1).is_empty());
    client.end();
}

#[test]
fn positions_are_counted_as_agreed() {
    let repository = Repository::of([("a.yaml", "x: \"ü😀\" \"\n")]);
    let text = repository.text("a.yaml");
    let mut starts = Vec::new();
    for encodings in [json!(["utf-8", "utf-16"]), json!(["utf-16"])] {
        let mut client = Client::start();
        let can = client.greet(
            &[&repository.root],
            json!({ "general": { "positionEncodings": encodings } }),
        );
        assert_eq!(can["positionEncoding"], encodings[0]);
        client.open(&repository, "a.yaml", 1, &text);
        let shown = client.diagnostics(&repository, "a.yaml", 1);
        starts.push(shown[0]["range"]["start"]["character"].as_u64().unwrap());
        client.end();
    }
    assert_eq!(starts, [12, 9]);
}

#[test]
fn diagnostics_are_given_to_those_who_ask() {
    let repository = Repository::new("duplicate-id");
    let capabilities = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostic": { "refreshSupport": true } },
    });
    let mut client = Client::with(&repository, capabilities);
    client.open(&repository, APPS, 1, &repository.text(APPS));
    let document = json!({ "textDocument": { "uri": repository.uri(APPS) } });
    let report = client.ask("textDocument/diagnostic", document.clone());
    assert_eq!(report["result"]["kind"], "full");
    let items = report["result"]["items"].as_array().unwrap();
    assert_eq!(rules(items), ["duplicate-cluster-id"]);
    let all = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let all = all["result"]["items"].as_array().unwrap().clone();
    let mut uris: Vec<_> = all.iter().map(|one| one["uri"].as_str().unwrap()).collect();
    uris.sort_unstable();
    assert_eq!(uris, [APPS, INFRA, RELEASE].map(|path| repository.uri(path)));
    let mended = repository
        .text(APPS)
        .replace("CLUSTER_ID: \"1\"", "CLUSTER_ID: \"7\"");
    client.change(&repository, APPS, 2, json!([{ "text": mended }]));
    client.wait(|message| message["method"] == "workspace/diagnostic/refresh");
    let report = client.ask("textDocument/diagnostic", document);
    assert_eq!(report["result"]["items"], json!([]));
    // Nothing is sent besides.
    let sent = |message: &serde_json::Value| message["method"] == "textDocument/publishDiagnostics";
    assert!(!client.told.iter().any(sent));
    client.end();
}

#[test]
fn each_directory_is_a_repository_of_its_own() {
    let (one, two) = (Repository::new("duplicate-id"), Repository::new("two-clusters"));
    let mut client = Client::start();
    client.greet(&[&one.root, &two.root], json!({}));
    assert_eq!(client.open_saved(&one, APPS).len(), 1);
    assert!(client.open_saved(&two, APPS).is_empty());
    let removed = json!([{ "uri": crate::client::uri(&one.root), "name": "x" }]);
    let event = json!({ "event": { "added": [], "removed": removed } });
    client.tell("workspace/didChangeWorkspaceFolders", event);
    assert!(client.diagnostics(&one, APPS, 1).is_empty());
    client.end();
}

#[test]
fn without_a_directory_the_repository_is_the_one_around_the_file() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::start();
    client.greet(&[], json!({}));
    assert_eq!(client.open_saved(&repository, APPS).len(), 1);
    client.end();
}

#[test]
fn the_configuration_counts_and_what_is_wrong_with_it_is_shown() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    assert_eq!(client.open_saved(&repository, APPS).len(), 1);
    client.open(
        &repository,
        "meshlint.toml",
        1,
        "[levels]\nduplicate-cluster-id = \"off\"\n",
    );
    assert!(client.diagnostics(&repository, APPS, 1).is_empty());
    client.change(
        &repository,
        "meshlint.toml",
        2,
        json!([{ "text": "[levels]\nduplicate-cluster-id = \"of\"\n" }]),
    );
    let shown = client.diagnostics(&repository, "meshlint.toml", 2);
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["range"]["start"]["line"], 1);
    client.end();
}

#[test]
fn the_first_check_tells_how_far_it_has_come() {
    let repository = Repository::new("two-clusters");
    let mut client = Client::with(&repository, json!({ "window": { "workDoneProgress": true } }));
    client.open_saved(&repository, APPS);
    for kind in ["begin", "report", "end"] {
        client
            .wait(|message| message["method"] == "$/progress" && message["params"]["value"]["kind"] == kind);
    }
    client.end();
}
