//! `meshlint diff`: what a change does in every cluster.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::fleet::{self, Files};
use common::{code, meshlint, schema, stderr, stdout};
use serde_json::{Value, json};

const APPS: &str = "clusters/apps/cluster-settings.yaml";
const CATALOGUE: &str = "services/catalogue/kustomization.yaml";
const DEPLOYMENT: &str = "services/catalogue/deployment.yaml";

fn fleet() -> Files {
    fleet::read("two-clusters")
}

/// Two directories that are compared.
struct Pair(tempfile::TempDir);

impl Pair {
    fn new(before: &Files, after: &Files) -> Self {
        let pair = Self(tempfile::tempdir().unwrap());
        for (side, files) in [("before", before), ("after", after)] {
            for (path, text) in files {
                let path = pair.0.path().join(side).join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
        }
        pair
    }

    fn of(change: impl FnOnce(&mut Files)) -> Self {
        let (before, mut after) = (fleet(), fleet());
        change(&mut after);
        Self::new(&before, &after)
    }

    fn run(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = meshlint();
        command.current_dir(self.0.path().join("after"));
        command.args(["diff", "--from", "../before"]).args(arguments);
        command.output().unwrap()
    }

    fn text(&self, format: &str) -> String {
        let output = self.run(&["--format", format, "--fail-on", "never"]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output)
    }

    /// The document, which follows its schema.
    fn json(&self) -> Value {
        let document: Value = serde_json::from_str(&self.text("json")).unwrap();
        let faults = schema::faults(&schema::ours("meshlint-diff-v1.json"), &document);
        assert!(faults.is_empty(), "{faults:#?}");
        document
    }
}

fn edit(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} does not hold {from:?}");
    *text = text.replace(from, to);
}

fn cluster<'a>(document: &'a Value, name: &str) -> &'a Value {
    let clusters = document["clusters"].as_array().unwrap();
    clusters.iter().find(|one| one["name"] == name).unwrap()
}

/// `kind name` of objects.
fn names(objects: &Value) -> Vec<String> {
    let name = |one: &Value| {
        let one = one.get("object").unwrap_or(one);
        format!(
            "{} {}",
            one["kind"].as_str().unwrap(),
            one["name"].as_str().unwrap()
        )
    };
    objects.as_array().unwrap().iter().map(name).collect()
}

/// `path: before → after` of all fields of a cluster.
fn fields(cluster: &Value) -> Vec<String> {
    let changed = cluster["changed"].as_array().unwrap().iter();
    let fields = changed.flat_map(|one| one["fields"].as_array().unwrap());
    let told = fields.map(|one| {
        let shown = |side: &str| one.get(side).map_or("-".to_owned(), Value::to_string);
        format!(
            "{}: {} → {}",
            one["path"].as_str().unwrap(),
            shown("before"),
            shown("after")
        )
    });
    told.collect()
}

#[test]
fn a_change_of_settings_is_told_with_its_line_and_the_mesh_first() {
    let pair = Pair::of(|files| edit(files, APPS, "10.65.0.0/16", "10.70.0.0/16"));
    let document = pair.json();
    let apps = cluster(&document, "apps");
    assert_eq!(
        names(&apps["changed"]),
        ["ConfigMap cluster-settings", "HelmRelease cilium"]
    );
    let field = &apps["changed"][1]["fields"][0];
    assert_eq!(
        field["path"],
        "spec.values.ipam.operator.clusterPoolIPv4PodCIDRList[0]"
    );
    assert_eq!(
        (&field["before"], &field["after"]),
        (&json!("10.65.0.0/16"), &json!("10.70.0.0/16"))
    );
    assert_eq!(
        (&field["label"]["path"], &field["label"]["start"]["line"]),
        (&json!(APPS), &json!(9))
    );
    assert_eq!(apps["facts"][0]["name"], "pods");
    assert_eq!(apps["facts"][0]["labels"][0]["path"], APPS);
    assert_eq!(fields(cluster(&document, "infra")), [""; 0]);
    assert!(
        pair.text("human")
            .starts_with("facts of the mesh\n  apps: pods: 10.65.0.0/16 → 10.70.0.0/16")
    );
    assert_eq!(document["base"], json!({ "from": "../before" }));
}

#[test]
fn what_several_clusters_have_in_common_is_told_once() {
    let pair = Pair::of(|files| {
        edit(files, DEPLOYMENT, "replicas: 2", "replicas: 3");
        edit(files, CATALOGUE, "  - service.yaml\n", "");
    });
    let text = pair.text("human");
    assert_eq!(text.matches("spec.replicas: 2 → 3").count(), 1, "{text}");
    assert!(text.contains("in 2 clusters: apps, infra"), "{text}");
    assert!(text.contains("- Service catalogue/catalogue"), "{text}");
    let document = pair.json();
    for name in ["apps", "infra"] {
        let cluster = cluster(&document, name);
        assert_eq!(fields(cluster), ["spec.replicas: 2 → 3"]);
        assert_eq!(names(&cluster["removed"]), ["Service catalogue"]);
        assert_eq!(cluster["removed"][0]["fate"], "deleted");
        assert_eq!(cluster["removed"][0]["label"]["tree"], "before");
    }
    assert_eq!(document["summary"]["changed"], 2);
}

/// Everything that can be written in another way.
#[test]
fn order_and_format_are_no_change() {
    let pair = Pair::of(|files| {
        files.insert(
            DEPLOYMENT.to_owned(),
            "# another way\nkind: 'Deployment'\napiVersion: \"apps/v1\"\nspec: {template: {spec: {containers: [{ports: [{containerPort: 8080, \
             name: http}], env: [{value: \"${CLUSTER_NAME}\", name: REGION}], image: 'registry.example.org/shop/catalogue:2.14.0', name: \
             catalogue}]}, metadata: {labels: {app.kubernetes.io/name: catalogue}}}, selector: {matchLabels: {app.kubernetes.io/name: \
             catalogue}}, replicas: 0x2}\nmetadata: {name: catalogue}\n"
                .to_owned(),
        );
        let list = files.get_mut(CATALOGUE).unwrap();
        *list = list.replace("  - namespace.yaml\n", "") + "  - ./namespace.yaml\n";
    });
    let document = pair.json();
    assert_eq!(document["summary"]["clusters"], 0, "{document:#}");
    assert_eq!(pair.text("unified"), "");
    assert_eq!(
        pair.text("human").lines().next(),
        Some("no object changes in any cluster")
    );
}

#[test]
fn elements_of_lists_are_known_by_their_keys() {
    let two = "      containers:\n        - name: proxy\n          image: proxy:1\n          ports:\n            - containerPort: 90\n        - name: catalogue";
    let (mut before, mut after) = (fleet(), fleet());
    edit(
        &mut before,
        DEPLOYMENT,
        "      containers:\n        - name: catalogue",
        two,
    );
    after.get_mut(DEPLOYMENT).unwrap().push_str(
        "            - containerPort: 90\n              protocol: UDP\n        - name: proxy\n          image: proxy:2\n          args: [a, b, c]\n          ports:\n            - {protocol: TCP, containerPort: 90}\n",
    );
    let document = Pair::new(&before, &after).json();
    assert_eq!(
        fields(cluster(&document, "apps")),
        [
            "spec.template.spec.containers[name=catalogue].ports[containerPort=90,protocol=UDP]: - → \
             {\"containerPort\":90,\"protocol\":\"UDP\"}",
            "spec.template.spec.containers[name=proxy].image: \"proxy:1\" → \"proxy:2\"",
            "spec.template.spec.containers[name=proxy].args: - → [\"a\",\"b\",\"c\"]",
            "spec.template.spec.containers[name=proxy].ports[containerPort=90,protocol=TCP].protocol: - → \"TCP\"",
        ]
    );
}

#[test]
fn a_list_without_keys_is_compared_like_text() {
    let list = |items: &str| {
        let mut files = fleet();
        edit(
            &mut files,
            DEPLOYMENT,
            "          env:",
            &format!("          args: [{items}]\n          env:"),
        );
        files
    };
    let document = Pair::new(&list("a, b, c, d"), &list("x, a, b, e, d")).json();
    let path = "spec.template.spec.containers[name=catalogue].args";
    assert_eq!(
        fields(cluster(&document, "infra")),
        [
            format!("{path}[0]: - → \"x\""),
            format!("{path}[3]: \"c\" → \"e\"")
        ]
    );
}

const GENERATOR: &str = "configMapGenerator:\n  - name: settings\n    literals: [colour=red]\n";

#[test]
fn a_new_hash_is_one_change() {
    let (mut before, mut after) = (fleet(), fleet());
    for files in [&mut before, &mut after] {
        files.get_mut(CATALOGUE).unwrap().push_str(GENERATOR);
        edit(
            files,
            DEPLOYMENT,
            "          env:",
            "          envFrom:\n            - configMapRef: {name: settings}\n          env:",
        );
    }
    edit(&mut after, CATALOGUE, "red", "blue");
    let document = Pair::new(&before, &after).json();
    let apps = cluster(&document, "apps");
    assert_eq!(fields(apps), ["data.colour: \"red\" → \"blue\""]);
    let (object, was) = (&apps["changed"][0]["object"], &apps["changed"][0]["was"]);
    assert!(
        object["name"].as_str().unwrap().starts_with("settings-"),
        "{object}"
    );
    assert_ne!(object["name"], was["name"]);
    assert_eq!((names(&apps["added"]), names(&apps["removed"])), (vec![], vec![]));
}

/// The values of a Secret, of a variable that a Secret defines, of what is called a password, and those in texts.
#[test]
fn secrets_are_never_shown() {
    let secret = |word: &str| {
        let mut files = fleet();
        let secret = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\n  annotations:\n    note: shown\nstringData:\n  user: {word}-1\n  \
             note.txt: |\n    a\n    {word}-2\n"
        );
        files.insert("services/catalogue/secret.yaml".to_owned(), secret);
        let settings = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: cluster-secrets\n  namespace: flux-system\nstringData:\n  WORD: {word}-3\n"
        );
        files.insert("clusters/apps/secrets.yaml".to_owned(), settings);
        edit(
            &mut files,
            "clusters/apps/kustomization.yaml",
            "resources:\n",
            "resources:\n  - secrets.yaml\n",
        );
        edit(
            &mut files,
            "delivery/catalogue.yaml",
            "    substituteFrom:\n",
            "    substituteFrom:\n      - kind: Secret\n        name: cluster-secrets\n        optional: true\n",
        );
        edit(
            &mut files,
            CATALOGUE,
            "resources:\n",
            "resources:\n  - secret.yaml\n  - map.yaml\n",
        );
        files.insert(
            "services/catalogue/map.yaml".to_owned(),
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map\n  annotations:\n    word: ${{WORD:=}}\ndata:\n  adminPassword: {word}-4\n  \
                 url: postgres://shop:{word}-5@db/shop\n  app.ini: |\n    name = x\n    token = {word}-6\n    password: {word} 7\n  key.pem: \
                 |\n    -----BEGIN PRIVATE KEY-----\n    {word}8\n    -----END PRIVATE KEY-----\n"
            ),
        );
        edit(
            &mut files,
            DEPLOYMENT,
            "          env:",
            &format!("          env:\n            - name: DB_PASSWORD\n              value: {word}-9"),
        );
        files
    };
    let pair = Pair::new(&secret("hush"), &secret("quiet"));
    for format in ["human", "unified", "markdown", "json"] {
        let text = pair.text(format);
        assert!(
            !text.contains("hush") && !text.contains("quiet"),
            "{format}: {text}"
        );
        assert!(
            text.contains("login") && text.contains("adminPassword"),
            "{format}: {text}"
        );
    }
    let document = pair.json();
    let apps = cluster(&document, "apps");
    let hidden = apps["changed"].as_array().unwrap().iter();
    let hidden = hidden.flat_map(|one| one["fields"].as_array().unwrap());
    let hidden: Vec<&str> = hidden
        .filter(|field| field.get("hidden").is_some())
        .map(|field| field["path"].as_str().unwrap())
        .collect();
    assert!(hidden.contains(&"stringData.user"), "{hidden:?}");
    assert!(hidden.contains(&"metadata.annotations.word"), "{hidden:?}");
    // A new Secret, too.
    let pair = Pair::new(&fleet(), &secret("hush"));
    for format in ["human", "unified", "markdown", "json"] {
        assert!(!pair.text(format).contains("hush"), "{format}");
    }
}

#[test]
fn what_cannot_be_built_is_neither_added_nor_removed() {
    let pair = Pair::of(|files| edit(files, CATALOGUE, "  - service.yaml", "  - gone.yaml"));
    let document = pair.json();
    let apps = cluster(&document, "apps");
    assert_eq!(names(&apps["removed"]), [""; 0]);
    let told = &apps["not_compared"][0];
    assert_eq!(told["kustomization"], "flux-system/catalogue");
    assert_eq!((&told["tree"], &told["objects"]), (&json!("after"), &json!(1)));
    assert!(
        pair.text("human")
            .contains("not compared: Flux cannot apply all of `flux-system/catalogue`")
    );
    // The other way round.
    let (mut before, after) = (fleet(), fleet());
    before.remove("services/catalogue/service.yaml");
    let document = Pair::new(&before, &after).json();
    assert_eq!(names(&cluster(&document, "apps")["added"]), [""; 0]);
}

#[test]
fn clusters_come_and_go() {
    let more = {
        let mut files = fleet();
        let copies: Vec<(String, String)> = files
            .iter()
            .filter_map(|(path, text)| Some((path.strip_prefix("clusters/apps/")?.to_owned(), text.clone())))
            .collect();
        for (path, text) in copies {
            let text = text
                .replace("clusters/apps", "clusters/edge")
                .replace(": apps", ": edge");
            files.insert(format!("clusters/edge/{path}"), text);
        }
        files
    };
    let document = Pair::new(&fleet(), &more).json();
    let edge = cluster(&document, "edge");
    assert_eq!(edge["state"], "added");
    assert!(edge["added"].as_array().unwrap().len() > 10);
    assert!(
        edge["facts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|fact| fact["name"] == "cluster-id")
    );
    let document = Pair::new(&more, &fleet()).json();
    assert_eq!(cluster(&document, "edge")["state"], "removed");
    assert_eq!(cluster(&document, "edge")["removed"][0]["fate"], "unknown");
    assert_eq!(cluster(&document, "apps")["removed"], json!([]));
}

#[test]
fn the_exit_status_tells_of_new_findings_only() {
    let clash = |files: &mut Files| edit(files, APPS, "10.65.0.0/16", "10.64.0.0/16");
    let pair = Pair::of(clash);
    let output = pair.run(&[]);
    assert_eq!(code(&output), 1, "{}", stdout(&output));
    assert!(stdout(&output).contains("error[pod-cidr-overlap]"));
    assert_eq!(code(&pair.run(&["--fail-on", "never"])), 0);
    assert_eq!(code(&pair.run(&["--ignore", "mesh,change"])), 0);
    let mut both = fleet();
    clash(&mut both);
    let mut after = both.clone();
    edit(&mut after, DEPLOYMENT, "replicas: 2", "replicas: 3");
    let output = Pair::new(&both, &after).run(&[]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
}

#[test]
fn wrong_usage_is_refused_in_words() {
    let pair = Pair::of(|_| {});
    let refused = |arguments: &[&str]| {
        let output = meshlint()
            .current_dir(pair.0.path().join("after"))
            .arg("diff")
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(
            (code(&output), stdout(&output)),
            (2, String::new()),
            "{arguments:?}"
        );
        stderr(&output)
    };
    assert!(refused(&[]).contains("--since <REV>|--from <DIR>"));
    assert!(refused(&["--since", "x", "--from", "y"]).contains("cannot be used with"));
    assert!(refused(&["--since", ""]).contains("--since"));
    assert!(refused(&["--from", "../before", "--cluster", "app"]).contains("did you mean `apps`?"));
    let output = pair.run(&["--cluster", "apps", "--format", "json"]);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(document["clusters"].as_array().unwrap().len(), 1);
}

#[test]
fn a_comment_is_never_too_long() {
    let many = |value: &str| {
        let mut files = fleet();
        let objects: String = (0..3000)
            .map(|nth| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-{nth}\ndata:\n  a: {value}\n---\n"))
            .collect();
        files.insert("services/catalogue/many.yaml".to_owned(), objects);
        edit(
            &mut files,
            CATALOGUE,
            "resources:\n",
            "resources:\n  - many.yaml\n",
        );
        files
    };
    let text = Pair::new(&many("x"), &many("y")).text("markdown");
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains("more.*"), "it says that there are more");
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
}

#[cfg(feature = "since")]
#[test]
fn a_revision_is_compared_like_a_directory() {
    let repository = common::git::Repository::new(&fleet());
    let commit = repository.git(&["rev-parse", "HEAD"]);
    repository.edit(DEPLOYMENT, "replicas: 2", "replicas: 3");
    repository.commit("grow");
    let diff = |arguments: &[&str]| {
        let mut command = meshlint();
        command.current_dir(&repository.root).arg("diff").args(arguments);
        command.output().unwrap()
    };
    let output = diff(&["--since", "HEAD~1", "--format", "json"]);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(document["base"], json!({ "since": "HEAD~1", "commit": commit }));
    let pair = Pair::of(|files| edit(files, DEPLOYMENT, "replicas: 2", "replicas: 3"));
    assert_eq!(document["clusters"], pair.json()["clusters"]);
    assert_eq!(code(&diff(&["--since", "nowhere"])), 2);
    assert!(stderr(&diff(&["--since", "nowhere"])).contains("this clone has no revision `nowhere`"));
}

#[test]
fn findings_have_the_form_that_check_gives_them() {
    let pair = Pair::of(|files| edit(files, APPS, "10.65.0.0/16", "10.64.0.0/16"));
    let document = pair.json();
    let findings = document["findings"].as_array().unwrap();
    let rules: Vec<&Value> = findings.iter().map(|one| &one["rule"]).collect();
    assert_eq!(rules, ["pod-cidr-changed", "pod-cidr-overlap"]);
    let finding = &findings[1];
    let output = meshlint()
        .current_dir(pair.0.path().join("after"))
        .args(["check", "--format", "json"])
        .output()
        .unwrap();
    let check: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert!(check["findings"].as_array().unwrap().contains(finding));
}
