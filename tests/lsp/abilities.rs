//! What is told of a place in a file, and what can be done there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Client, Repository, position, rules};
use crate::common::{run, stdout};

const APPS: &str = "clusters/apps/cluster-settings.yaml";
const INFRA: &str = "clusters/infra/cluster-settings.yaml";
const RELEASE: &str = "infrastructure/cilium/app/helm-release.yaml";
const DELIVERY: &str = "delivery/cilium.yaml";

/// A session with a file open, and where a text stands in it.
struct At {
    repository: Repository,
    client: Client,
    path: &'static str,
}

impl At {
    fn open(path: &'static str) -> Self {
        let repository = Repository::new("two-clusters");
        let mut client = Client::new(&repository);
        client.open_saved(&repository, path);
        Self {
            repository,
            client,
            path,
        }
    }

    /// Asks about the first place of a text.
    fn ask(&mut self, method: &str, needle: &str, more: Value) -> Value {
        let text = self.repository.text(self.path);
        let at = text.find(needle).unwrap() + needle.len() / 2;
        self.ask_at(method, &position(&text, at), more)
    }

    fn ask_at(&mut self, method: &str, position: &Value, more: Value) -> Value {
        let uri = self.repository.uri(self.path);
        let mut params = json!({ "textDocument": { "uri": uri }, "position": position });
        for (key, value) in more.as_object().unwrap() {
            params[key] = value.clone();
        }
        let answer = self.client.ask(method, params);
        assert_eq!(answer.get("error"), None);
        answer["result"].clone()
    }

    /// Places as `path:line`.
    fn places(&self, found: &Value) -> Vec<String> {
        let places = found.as_array().unwrap().iter();
        let root = self.repository.uri("");
        places
            .map(|place| {
                let path = place["uri"].as_str().unwrap().strip_prefix(&root).unwrap();
                format!("{path}:{}", place["range"]["start"]["line"].as_u64().unwrap() + 1)
            })
            .collect()
    }
}

#[test]
fn a_variable_is_told_with_what_each_cluster_has() {
    let mut at = At::open(RELEASE);
    let hover = at.ask("textDocument/hover", "${CLUSTER_ID}", json!({}));
    let text = hover["contents"]["value"].as_str().unwrap();
    for (cluster, value, place) in [("apps", "2", APPS), ("infra", "1", INFRA)] {
        let row = text
            .lines()
            .find(|line| line.contains(&format!("| {cluster} |")))
            .unwrap();
        assert!(
            row.contains(&format!("`{value}`")) && row.contains(&format!("[{place}:8]")),
            "{row}"
        );
    }
    assert_eq!(at.ask("textDocument/hover", "interval", json!({})), Value::Null);
    at.client.end();
}

#[test]
fn a_variable_leads_to_where_it_is_set_and_back() {
    let mut at = At::open(RELEASE);
    let set = at.ask("textDocument/definition", "${CLUSTER_NAME}", json!({}));
    assert_eq!(at.places(&set), [format!("{APPS}:7"), format!("{INFRA}:7")]);
    let with_set = json!({ "context": { "includeDeclaration": false } });
    let used = at.ask("textDocument/references", "${CLUSTER_NAME}", with_set.clone());
    let places = at.places(&used);
    assert_eq!(
        places,
        [
            "infrastructure/cert-manager/issuers/mesh-ca.yaml:13",
            &format!("{RELEASE}:16"),
            "infrastructure/cilium/pools/pool.yaml:4",
            "services/catalogue/deployment.yaml:20",
        ]
    );
    at.path = APPS;
    at.client.open_saved(&at.repository, APPS);
    let from_there = at.ask("textDocument/references", "CLUSTER_NAME", with_set);
    assert_eq!(at.places(&from_there), places);
    at.client.end();
}

#[test]
fn names_and_paths_lead_to_what_they_mean() {
    let mut at = At::open(DELIVERY);
    for (needle, place) in [
        ("cert-manager-issuers", "delivery/cert-manager.yaml:23"),
        (
            "./infrastructure/cilium/app",
            "infrastructure/cilium/app/kustomization.yaml:1",
        ),
    ] {
        let found = at.ask("textDocument/definition", needle, json!({}));
        assert_eq!(at.places(&found), [place], "{needle}");
    }
    let settings = at.ask("textDocument/definition", "cluster-settings", json!({}));
    assert_eq!(at.places(&settings), [format!("{APPS}:4"), format!("{INFRA}:4")]);
    at.path = "clusters/apps/kustomization.yaml";
    at.client.open_saved(&at.repository, at.path);
    for (needle, place) in [
        ("../../delivery", "delivery/kustomization.yaml:1"),
        ("cluster-settings.yaml", "clusters/apps/cluster-settings.yaml:1"),
    ] {
        let found = at.ask("textDocument/definition", needle, json!({}));
        assert_eq!(at.places(&found), [place], "{needle}");
    }
    // From the thing to those who name it.
    at.path = "delivery/cert-manager.yaml";
    at.client.open_saved(&at.repository, at.path);
    let used = at.ask(
        "textDocument/references",
        "cert-manager-issuers",
        json!({ "context": { "includeDeclaration": false } }),
    );
    assert_eq!(at.places(&used), ["delivery/cilium.yaml:8"]);
    at.client.end();
}

#[test]
fn a_renamed_variable_renders_as_before() {
    let mut at = At::open(RELEASE);
    let root = at.repository.root.to_str().unwrap().to_owned();
    let render = || ["apps", "infra"].map(|cluster| stdout(&run(&["render", &root, "--cluster", cluster])));
    let before = render();
    let asked = at.ask("textDocument/prepareRename", "${CLUSTER_NAME}", json!({}));
    assert_eq!(asked["placeholder"], "CLUSTER_NAME");
    let edit = at.ask(
        "textDocument/rename",
        "${CLUSTER_NAME}",
        json!({ "newName": "CLUSTER_NICKNAME" }),
    );
    for (uri, edits) in edit["changes"].as_object().unwrap() {
        let path = uri.strip_prefix(&at.repository.uri("")).unwrap();
        let text = applied(&at.repository.text(path), edits.as_array().unwrap());
        at.repository.write(path, &text);
    }
    // Keys are sorted; this name sorts as the old one does.
    let wanted = before.map(|text| text.replace("CLUSTER_NAME:", "CLUSTER_NICKNAME:"));
    assert_eq!(render(), wanted);
    at.client.end();
}

#[test]
fn a_name_that_means_something_else_is_refused() {
    let mut at = At::open(RELEASE);
    let text = at.repository.text(RELEASE);
    let here = position(&text, text.find("CLUSTER_ID").unwrap());
    for name in ["POD_CIDR", "no name", ""] {
        let document = json!({ "uri": at.repository.uri(RELEASE) });
        let params = json!({ "textDocument": document, "position": here, "newName": name });
        let answer = at.client.ask("textDocument/rename", params);
        assert_eq!(answer["error"]["code"], -32803, "{answer}");
    }
    at.client.end();
}

#[test]
fn what_may_be_written_is_offered() {
    let mut at = At::open(RELEASE);
    let text = at.repository.text(RELEASE);
    let offered = |at: &mut At, version: i32, from: &str, to: &str| {
        let changed = text.replace(from, to);
        let end = changed.find(to).unwrap() + to.trim_end().len();
        at.client
            .change(&at.repository, RELEASE, version, json!([{ "text": changed }]));
        let found = at.ask_at("textDocument/completion", &position(&changed, end), json!({}));
        let items = found.as_array().unwrap().clone();
        items
            .into_iter()
            .map(|item| (item["label"].as_str().unwrap().to_owned(), item))
            .collect::<BTreeMap<_, _>>()
    };
    let variables = offered(&mut at, 2, "id: ${CLUSTER_ID}\n", "id: ${CLUSTER_\n");
    assert_eq!(variables["CLUSTER_ID"]["textEdit"]["newText"], "CLUSTER_ID}");
    assert!(variables.contains_key("POD_CIDR"));
    let names = offered(
        &mut at,
        3,
        "id: ${CLUSTER_ID}\n",
        "id: 1 # meshlint: ignore[dup\n",
    );
    assert!(names.contains_key("duplicate-cluster-id"));
    let nothing = offered(&mut at, 4, "id: ${CLUSTER_ID}\n", "id: 1\n");
    assert!(nothing.is_empty());
    at.path = DELIVERY;
    at.client.open_saved(&at.repository, DELIVERY);
    let text = at.repository.text(DELIVERY);
    let end = text.find("- name: cert").unwrap() + "- name: cert".len();
    let found = at.ask_at("textDocument/completion", &position(&text, end), json!({}));
    let names: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["label"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"cert-manager-issuers"), "{names:?}");
    at.client.end();
}

#[test]
fn a_finding_can_be_ignored_with_a_reason() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    let shown = client.open_saved(&repository, APPS);
    let document = json!({ "uri": repository.uri(APPS) });
    let context = json!({ "diagnostics": shown });
    let params = json!({ "textDocument": document, "range": shown[0]["range"], "context": context });
    let offered = client.ask("textDocument/codeAction", params.clone())["result"].clone();
    let action = &offered.as_array().unwrap()[0];
    assert_eq!(
        rules(action["diagnostics"].as_array().unwrap()),
        ["duplicate-cluster-id"]
    );
    let edits = action["edit"]["changes"][&repository.uri(APPS)]
        .as_array()
        .unwrap();
    let text = applied(&repository.text(APPS), edits);
    assert!(
        text.contains("  # meshlint: ignore[duplicate-cluster-id] "),
        "{text}"
    );
    client.change(&repository, APPS, 2, json!([{ "text": text }]));
    assert!(client.diagnostics(&repository, APPS, 2).is_empty());
    let offered = client.ask("textDocument/codeAction", params)["result"].clone();
    assert_eq!(offered, json!([]));
    client.end();
}

#[test]
fn a_finding_is_mended_by_its_fix() {
    let repository = Repository::new("two-clusters");
    let mut client = Client::new(&repository);
    client.open_saved(&repository, DELIVERY);
    let right = repository.text(DELIVERY);
    let wrong = right.replace("- name: cert-manager-issuers", "- name: cert-manager-isuers");
    client.change(&repository, DELIVERY, 2, json!([{ "text": wrong }]));
    let shown = client.diagnostics(&repository, DELIVERY, 2);
    assert_eq!(rules(&shown), ["missing-dependency"]);
    let document = json!({ "uri": repository.uri(DELIVERY) });
    let context = json!({ "diagnostics": shown });
    let params = json!({ "textDocument": document, "range": shown[0]["range"], "context": context });
    let offered = client.ask("textDocument/codeAction", params)["result"].clone();
    let action = &offered.as_array().unwrap()[0];
    assert_eq!(
        (&action["title"], &action["isPreferred"]),
        (&json!("Write `cert-manager-issuers`"), &json!(false))
    );
    let edits = action["edit"]["changes"][&repository.uri(DELIVERY)]
        .as_array()
        .unwrap();
    assert_eq!(applied(&wrong, edits), right);
    client.end();
}

#[test]
fn a_finding_is_told_with_its_rule() {
    let repository = Repository::new("duplicate-id");
    let mut client = Client::new(&repository);
    let shown = client.open_saved(&repository, APPS);
    let document = json!({ "uri": repository.uri(APPS) });
    let params = json!({ "textDocument": document, "position": shown[0]["range"]["start"] });
    let hover = client.ask("textDocument/hover", params)["result"].clone();
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("**duplicate-cluster-id** · **error**"), "{text}");
    client.end();
}

#[test]
fn values_on_which_all_clusters_agree_stand_beside_their_expressions() {
    let mut at = At::open(RELEASE);
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } });
    let hints = |at: &mut At| {
        let document = json!({ "uri": at.repository.uri(RELEASE) });
        let params = json!({ "textDocument": document, "range": range });
        at.client.ask("textDocument/inlayHint", params)["result"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(hints(&mut at), Vec::<Value>::new());
    let infra = at.repository.text(INFRA);
    let line = infra
        .lines()
        .find(|line| line.contains("API_SERVER_HOST"))
        .unwrap();
    let apps = at.repository.text(APPS);
    let other = apps
        .lines()
        .find(|line| line.contains("API_SERVER_HOST"))
        .unwrap();
    at.client
        .open(&at.repository, APPS, 1, &apps.replace(other, line));
    let shown = hints(&mut at);
    let value = line.split(": ").nth(1).unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["label"], format!("= {value}"));
    assert_eq!(shown[0]["position"]["line"], 18);
    at.client.end();
}

#[test]
fn objects_are_listed() {
    let mut at = At::open(DELIVERY);
    let document = json!({ "textDocument": { "uri": at.repository.uri(DELIVERY) } });
    let listed = at.client.ask("textDocument/documentSymbol", document)["result"].clone();
    let names: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Kustomization/cilium", "Kustomization/cilium-pools"]);
    let found = at.client.ask("workspace/symbol", json!({ "query": "SETTINGS" }))["result"].clone();
    let names: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ConfigMap/cluster-settings"; 2]);
    at.client.end();
}

/// A text with edits applied, from the back.
fn applied(text: &str, edits: &[Value]) -> String {
    let offset = |position: &Value| {
        let (line, character) = (
            position["line"].as_u64().unwrap(),
            position["character"].as_u64().unwrap(),
        );
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let start = starts.clone().nth(usize::try_from(line).unwrap()).unwrap();
        start + usize::try_from(character).unwrap()
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (
                offset(&range["start"]),
                offset(&range["end"]),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}
