//! Generated ConfigMaps and Secrets.

use super::Built;

#[test]
fn all_sources_of_a_config_map() {
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "configMapGenerator:\n- name: settings\n  literals: [a=1, \"b='q'\"]\n  files: [dir/notes.txt, key=dir/notes.txt]\n  envs: [app.env]\ngeneratorOptions: {disableNameSuffixHash: true}\n",
            ),
            ("dir/notes.txt", "one\ntwo\n"),
            ("app.env", "# comment\nE=\"kept\"\n"),
        ],
    );
    let expected = "apiVersion: v1\ndata:\n  E: '\"kept\"'\n  a: \"1\"\n  b: q\n  key: |\n    one\n    two\n  notes.txt: |\n    one\n    two\nkind: ConfigMap\nmetadata:\n  name: settings\n";
    assert_eq!(built.yaml(), expected);
}

#[test]
fn the_hash_is_that_of_kustomize() {
    // Printed by kustomize v5.8.1 for the same generators.
    let built = Built::kustomize(
        "",
        &[(
            "kustomization.yaml",
            "configMapGenerator: [{name: c, literals: [a=b]}]\nsecretGenerator: [{name: s, literals: [k=v]}, {name: e}]\n",
        )],
    );
    assert_eq!(
        built.names(),
        [
            "ConfigMap/c-4h2mbtbbt6",
            "Secret/e-46f8b28mk5",
            "Secret/s-ftgtgc4t9f"
        ]
    );
}

#[test]
fn a_secret_is_wrapped_at_seventy_characters() {
    let long = "x".repeat(60);
    let kustomization = format!("secretGenerator: [{{name: s, literals: [k={long}]}}]");
    let built = Built::kustomize("", &[("kustomization.yaml", &kustomization)]);
    let data = built.build.objects[0].node.text_at(&["data", "k"]).unwrap();
    assert_eq!(data.lines().map(str::len).collect::<Vec<_>>(), [70, 10]);
}

#[test]
fn merging_keeps_the_old_name_and_the_new_values() {
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [b]\nconfigMapGenerator: [{name: c, behavior: merge, literals: [a=new, z=1]}]",
            ),
            (
                "b/kustomization.yaml",
                "configMapGenerator: [{name: c, literals: [a=old, k=kept]}]\nnamePrefix: b-\ngeneratorOptions: {disableNameSuffixHash: true}\n",
            ),
        ],
    );
    assert!(
        built.yaml().contains("data:\n  a: new\n  k: kept\n  z: \"1\"\n"),
        "{}",
        built.yaml()
    );
    assert_eq!(
        built.names(),
        ["ConfigMap/b-c"],
        "the hash stays off as the base had it"
    );
}

#[test]
fn generators_fail_at_their_entries() {
    let failure = |generator: &str| {
        let text = format!("configMapGenerator:\n- {generator}\n");
        Built::kustomize("", &[("kustomization.yaml", &text)]).failure()
    };
    assert_eq!(
        failure("{name: a, literals: [x=1, x=2]}"),
        "kustomization.yaml:2: configmap `a` illegally repeats the key `x`"
    );
    assert_eq!(
        failure("{name: a, literals: [x]}"),
        "kustomization.yaml:2: invalid literal source `x`, expected key=value"
    );
    assert!(failure("{name: a, files: [nope]}").contains("`nope` does not exist"));
    assert!(failure("{literals: [x=1]}").contains("must have a name"));
    assert!(failure("{name: a, behavior: merge}").contains("does not exist; cannot merge or replace"));
}
