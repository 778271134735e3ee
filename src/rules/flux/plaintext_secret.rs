use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::words::{all_of, full_name};
use crate::rules::{Category, Context, Rule};
use crate::sops::{is_encrypted, is_encrypted_document};
use crate::yaml::{Entry, Node};

/// A Secret whose values are readable in the repository.
pub(crate) static RULE: Rule = Rule {
    name: "plaintext-secret",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/plaintext-secret.md"),
    check,
};

fn message(object: &Object, keys: &[&str]) -> String {
    let stands = if keys.len() == 1 { "stands" } else { "stand" };
    format!(
        "{} of Secret `{}` {stands} in the repository as plain text",
        all_of(keys),
        full_name(object)
    )
}

const LABEL: &str = "readable by everyone who can read the repository";
const HELP: &str = "replace the value, encrypt the file with SOPS, or make the Secret with an ExternalSecret or a SealedSecret";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.fleet.clusters {
        for (_, object) in cluster.objects().filter(|(_, object)| may_be_secret(object)) {
            let plain: Vec<&Entry> = ["data", "stringData"]
                .iter()
                .filter_map(|key| object.node.get(key))
                .flat_map(Node::entries)
                .filter(|entry| is_secret(entry))
                .collect();
            let Some(first) = plain.first() else {
                continue;
            };
            let keys: Vec<&str> = plain.iter().filter_map(|entry| entry.key.as_text()).collect();
            let finding = Finding::new(message(object, &keys), first.value.origin().edit_span(), LABEL);
            findings.push(
                finding
                    .help(HELP)
                    .clusters([cluster.name.as_str()])
                    .object(object.reference())
                    .route("data"),
            );
        }
    }
}

fn may_be_secret(object: &Object) -> bool {
    object.kind() == "Secret"
        && object.api_version() == "v1"
        && !is_encrypted_document(&object.node)
        // Kubernetes fills it in.
        && object.node.text_at(&["type"]) != Some("kubernetes.io/service-account-token")
}

/// Words in keys whose values are secrets. What else stands in Secrets is often an address, a name or a setting.
const SECRET_WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "apikey",
    "api_key",
    "api-key",
    "privatekey",
    "private_key",
    "credential",
    "tls.key",
];

fn is_secret(entry: &Entry) -> bool {
    let key = entry.key.as_text().unwrap_or_default().to_ascii_lowercase();
    let Some(value) = entry.value.as_text() else {
        return false;
    };
    let value = value.trim();
    let names_secret = SECRET_WORDS.iter().any(|word| key.contains(word)) && !is_address(&key, value);
    let stated = !entry.value.origin().is_unknown() && !value.is_empty() && !value.contains("${");
    names_secret && stated && !is_encrypted(value) && !is_placeholder(value)
}

/// Whether the key is that of an address, such as `TOKEN_URL`, and the value one without a user, a password or a query.
fn is_address(key: &str, value: &str) -> bool {
    let names_address = ["url", "uri", "endpoint"].iter().any(|word| {
        key.strip_suffix(word)
            .is_some_and(|rest| rest.ends_with(['_', '-', '.']))
    });
    let rest = value.split_once("://").map(|(_, rest)| rest);
    names_address && rest.is_some_and(|rest| !rest.contains(['@', '?', '#']))
}

/// Values that no one takes for a secret: emulators such as LocalStack want any, and this is what their manuals write.
const STAND_INS: [&str; 6] = ["test", "testing", "none", "unused", "fake", "localstack"];

/// Whether a value only holds the place of one.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if STAND_INS.contains(&lower.as_str()) {
        return true;
    }
    [
        "changeme",
        "change-me",
        "change_me",
        "replace",
        "placeholder",
        "dummy",
        "example",
        "todo",
        "xxx",
        "<",
        "your-",
        "your_",
    ]
    .iter()
    .any(|word| lower.contains(word))
}
