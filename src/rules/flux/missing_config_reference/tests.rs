use super::RULE;
use crate::rules::fixture::Fixture;

const PLACE: &str = "x/flux-system/root.yaml";

fn object(api_version: &str, kind: &str, place: &str, rest: &str) -> String {
    let (namespace, name) = place.split_once('/').unwrap_or(("", place));
    let namespace = match namespace {
        "" => String::new(),
        _ => format!("  namespace: {namespace}\n"),
    };
    format!("---\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n{namespace}{rest}")
}

/// A pod in namespace `shop` that takes its environment from there.
fn pod(source: &str) -> String {
    let from = format!("spec:\n  containers:\n    - name: app\n      envFrom:\n        - {source}\n");
    object("v1", "Pod", "shop/app", &from)
}

fn secret(place: &str) -> String {
    object("v1", "Secret", place, "")
}

fn release(place: &str, values: &str) -> String {
    let rest = format!(
        "spec:\n  chart: {{spec: {{chart: {}}}}}\n  values: {values}\n",
        place.rsplit('/').next().unwrap_or_default()
    );
    object("helm.toolkit.fluxcd.io/v2", "HelmRelease", place, &rest)
}

fn found(objects: &[String]) -> Vec<(String, String)> {
    let text = objects.concat();
    let findings = Fixture::new(&[(PLACE, &text)]).check(&RULE);
    findings
        .into_iter()
        .map(|one| (one.message, one.help.unwrap_or_default()))
        .collect()
}

fn count(objects: &[String]) -> usize {
    found(objects).len()
}

#[test]
fn a_secret_that_nothing_creates_may_be_made_by_hand() {
    assert_eq!(count(&[pod("secretRef: {name: token}")]), 0);
}

#[test]
fn a_secret_in_another_namespace_is_out_of_reach() {
    let all = [pod("secretRef: {name: token}"), secret("bank/token")];
    let (message, help) = &found(&all)[0];
    assert_eq!(
        message,
        "Pod `shop/app` takes its environment from Secret `shop/token`, but `token` is in namespace `bank`"
    );
    assert_eq!(
        help,
        "create `token` in namespace `shop` too, or move what needs it: the reference reaches no other namespace"
    );
    assert_eq!(count(&[pod("secretRef: {name: token}"), secret("shop/token")]), 0);
    assert_eq!(
        count(&[
            pod("secretRef: {name: token, optional: true}"),
            secret("bank/token")
        ]),
        0
    );
}

#[test]
fn a_secret_that_is_copied_is_everywhere() {
    let copied = secret("bank/token")
        + "  annotations:\n    reflector.v1.k8s.emberstack.com/reflection-auto-enabled: \"true\"\n";
    assert_eq!(count(&[pod("secretRef: {name: token}"), copied]), 0);
}

#[test]
fn what_makes_a_secret_stands_for_it() {
    let made = object(
        "external-secrets.io/v1",
        "ExternalSecret",
        "shop/token",
        "spec: {}\n",
    );
    let all = [pod("secretRef: {name: token}"), secret("bank/token"), made];
    assert_eq!(count(&all), 0);
}

#[test]
fn a_config_map_is_missing_where_everything_is_seen() {
    let reference = || pod("configMapRef: {name: settings}");
    assert_eq!(count(&[reference()]), 1);
    assert_eq!(count(&[reference(), release("shop/database", "{}")]), 0);
    assert_eq!(count(&[reference(), release("bank/database", "{}")]), 1);
    let order = object("db.example.org/v1", "Database", "shop/orders", "spec: {}\n");
    assert_eq!(count(&[reference(), order]), 0);
}

#[test]
fn a_typo_is_one_beside_a_chart_too_unless_the_chart_is_meant() {
    let typo = |name: &str| {
        [
            pod(&format!("configMapRef: {{name: {name}}}")),
            object("v1", "ConfigMap", "shop/settings", ""),
            release("shop/database", "{existing: setings}"),
        ]
    };
    let (_, help) = &found(&typo("settigns"))[0];
    assert_eq!(help, "did you mean `settings`?");
    assert_eq!(count(&typo("setings")), 0, "the values name it");
    let named = [
        pod("configMapRef: {name: database-conf}"),
        object("v1", "ConfigMap", "shop/database-config", ""),
        release("shop/database", "{}"),
    ];
    assert_eq!(count(&named), 0, "it is named after the release");
}

#[test]
fn numbers_tell_names_apart() {
    let all = [
        pod("secretRef: {name: replica-token-1}"),
        secret("shop/replica-token-2"),
    ];
    assert_eq!(count(&all), 0);
}

#[test]
fn a_stateful_set_makes_its_claims() {
    let mount = |claim: &str| {
        let volumes = format!(
            "spec:\n  volumes:\n    - name: data\n      persistentVolumeClaim: {{claimName: {claim}}}\n"
        );
        object("v1", "Pod", "shop/app", &volumes)
    };
    let set = || {
        let template = "spec:\n  volumeClaimTemplates:\n    - metadata: {name: data}\n";
        object("apps/v1", "StatefulSet", "shop/db", template)
    };
    assert_eq!(count(&[mount("data-db-0"), set()]), 0);
    assert_eq!(count(&[mount("data-db-x"), set()]), 1);
}

#[test]
fn a_store_of_the_wrong_kind_is_told() {
    let reader = |kind: &str| {
        let spec = format!("spec:\n  secretStoreRef: {{name: vault{kind}}}\n");
        object("external-secrets.io/v1", "ExternalSecret", "shop/token", &spec)
    };
    let store = || {
        object(
            "external-secrets.io/v1",
            "ClusterSecretStore",
            "vault",
            "spec: {}\n",
        )
    };
    let (message, help) = &found(&[reader(""), store()])[0];
    assert_eq!(
        message,
        "ExternalSecret `shop/token` reads from SecretStore `shop/vault`, but `vault` is a ClusterSecretStore"
    );
    assert_eq!(help, "write `kind: ClusterSecretStore`");
    assert_eq!(count(&[reader(", kind: ClusterSecretStore"), store()]), 0);
}

#[test]
fn a_chart_may_make_whole_objects_of_its_values() {
    let reader = || {
        let spec = "spec:\n  secretStoreRef: {name: vault, kind: ClusterSecretStore}\n";
        object("external-secrets.io/v1", "ExternalSecret", "shop/token", spec)
    };
    let other = || {
        object(
            "external-secrets.io/v1",
            "ClusterSecretStore",
            "vault-backend",
            "spec: {}\n",
        )
    };
    let raw = "{resources: {vault: {kind: ClusterSecretStore, spec: {}}}}";
    assert_eq!(count(&[reader(), other()]), 1);
    assert_eq!(count(&[reader(), other(), release("shop/raw", raw)]), 0);
    assert_eq!(count(&[reader()]), 0, "all stores are somebody else's");
}
