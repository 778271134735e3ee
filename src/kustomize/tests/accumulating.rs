//! What a kustomization names, and how entries fail.

use super::{Built, config_map};

#[test]
fn lists_are_taken_apart_and_empty_documents_dropped() {
    let text = "---\n# nothing\n---\nkind: ThingList\nitems:\n- {kind: A, metadata: {name: a}}\n- null\n---\n{kind: B, metadata: {name: b}}\n";
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [a.yaml]\nsortOptions: {order: fifo}",
            ),
            ("a.yaml", text),
        ],
    );
    assert_eq!(built.names(), ["B/b", "A/a"]);
}

#[test]
fn one_broken_entry_hides_nothing_else() {
    let map = config_map("x");
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources:\n- nowhere.yaml\n- a.yaml\nnamespace: apps\n",
            ),
            ("a.yaml", &map),
        ],
    );
    assert!(
        built
            .failure()
            .starts_with("kustomization.yaml:2: accumulating resources: `nowhere.yaml` does not exist")
    );
    assert_eq!(built.build.objects[0].namespace(), Some("apps"));
}

#[test]
fn a_broken_file_is_reported_where_it_breaks() {
    let text = config_map("x") + "---\na: [\n";
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources:\n- a.yaml\n"),
            ("a.yaml", &text),
        ],
    );
    let failure = built.failures()[0];
    assert!(built.place(failure.span).starts_with("a.yaml:"));
    assert_eq!(built.place(failure.related[0].0), "kustomization.yaml:2");
    assert_eq!(
        built.names(),
        ["ConfigMap/x"],
        "what stands before the fault is there"
    );
}

#[test]
fn an_object_that_is_there_already_names_both() {
    let (first, second) = (config_map("x"), config_map("x") + "  namespace: default\n");
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources:\n- a.yaml\n- b.yaml\n"),
            ("a.yaml", &first),
            ("b.yaml", &second),
        ],
    );
    assert_eq!(
        built.failure(),
        "kustomization.yaml:3: may not add resource with an already registered id: `ConfigMap.v1.[noGrp]/x.default`"
    );
    let places: Vec<_> = built.failures()[0]
        .related
        .iter()
        .map(|(span, _)| built.place(*span))
        .collect();
    assert_eq!(places, ["b.yaml:1", "a.yaml:1"]);
}

#[test]
fn unknown_fields_and_wrong_types_are_reported_at_their_places() {
    let built = Built::kustomize(
        "",
        &[(
            "kustomization.yaml",
            "resources: []\nnamespaces: x\npatches:\n- target: {kinds: x}\nnamePrefix: 5\n",
        )],
    );
    let found: Vec<_> = built
        .failures()
        .iter()
        .map(|failure| format!("{}: {}", built.place(failure.span), failure.message))
        .collect();
    assert_eq!(
        found[0],
        "kustomization.yaml:2: invalid Kustomization: unknown field `namespaces`"
    );
    assert_eq!(
        found[1],
        "kustomization.yaml:4: invalid Kustomization: unknown field `kinds`"
    );
    assert!(found[2].starts_with(
        "kustomization.yaml:5: invalid Kustomization: field `namePrefix` cannot unmarshal a number"
    ));
}

#[test]
fn field_names_match_whatever_their_case() {
    let map = config_map("x");
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "Resources: [a.yaml]\nNAMESPACE: apps"),
            ("a.yaml", &map),
        ],
    );
    assert!(built.yaml().contains("namespace: apps"));
}

#[test]
fn an_empty_list_of_resources_is_no_empty_kustomization() {
    let nested = |text| {
        Built::kustomize(
            "",
            &[
                ("kustomization.yaml", "resources: [b]"),
                ("b/kustomization.yaml", text),
            ],
        )
    };
    assert!(nested("resources: []").build.problems.is_empty());
    for text in ["resources:", "# nothing", "namespace: ''"] {
        assert_eq!(
            nested(text).failure(),
            "b/kustomization.yaml:1: kustomization.yaml is empty",
            "{text}"
        );
    }
}

#[test]
fn components_and_resources_do_not_stand_for_each_other() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: []\n";
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources:\n- c\ncomponents:\n- k\n"),
            ("c/kustomization.yaml", component),
            ("k/kustomization.yaml", "resources: []"),
        ],
    );
    let found: Vec<_> = built
        .failures()
        .iter()
        .map(|failure| failure.message.as_str())
        .collect();
    assert_eq!(
        found,
        [
            "expected kind != `Component` for path `c`",
            "expected kind `Component` for path `k` but got `Kustomization`"
        ]
    );
}

#[test]
fn a_component_changes_what_its_parent_has_so_far() {
    let (own, added) = (config_map("own"), config_map("added"));
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [own.yaml]\ncomponents: [c]\nnamePrefix: p-\n",
            ),
            ("own.yaml", &own),
            (
                "c/kustomization.yaml",
                "kind: Component\nresources: [added.yaml]\nnameSuffix: -c\n",
            ),
            ("c/added.yaml", &added),
        ],
    );
    assert_eq!(built.names(), ["ConfigMap/p-added-c", "ConfigMap/p-own-c"]);
}

#[test]
fn what_is_elsewhere_is_opaque_and_excuses_what_is_not_found() {
    let built = Built::kustomize(
        "apps",
        &[(
            "apps/kustomization.yaml",
            "resources:\n- github.com/org/repo//deploy?ref=v1\npatches:\n- patch: |\n    {apiVersion: v1, kind: Secret, metadata: {name: in-there}}\n",
        )],
    );
    assert!(!built.build.failed(), "{:#?}", built.build.problems);
    assert_eq!(
        built.build.opaque[0].address,
        "github.com/org/repo//deploy?ref=v1"
    );
    assert_eq!(built.build.opaque[0].directory.as_str(), "apps");
}

#[test]
fn two_kustomization_files_are_one_too_many() {
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources: []"),
            ("Kustomization", "resources: []"),
        ],
    );
    assert_eq!(
        built.failure(),
        "kustomization.yaml:1: Found multiple kustomization files under: `.`"
    );
}

#[test]
fn keys_that_are_no_text_cannot_be_printed() {
    let text = config_map("x") + "data: {8080: a}\n";
    let built = Built::kustomize(
        "",
        &[("kustomization.yaml", "resources: [a.yaml]"), ("a.yaml", &text)],
    );
    assert!(built.failure().starts_with("a.yaml:5: "), "{}", built.failure());
}
