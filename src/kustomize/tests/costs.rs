//! Small files that would make much: the account of a build ends them, at the entry that goes too far.

use super::{Built, config_map};
use crate::budget::{self, STEP};

/// What the build of `a` adds to its files, and its failure if there is one.
fn build(kustomization: &str, files: &[(&str, &str)]) -> (usize, Option<String>) {
    let mut all = vec![("a/kustomization.yaml", kustomization)];
    all.extend(files);
    let built = Built::kustomize("a", &all);
    let failure = built.build.failed().then(|| built.failure());
    (built.build.added, failure)
}

fn objects(count: usize) -> String {
    (0..count)
        .map(|nth| config_map(&format!("c{nth}")))
        .collect::<Vec<_>>()
        .join("---\n")
}

#[track_caller]
fn ends(kustomization: &str, files: &[(&str, &str)]) {
    let (_, failure) = build(kustomization, files);
    let failure = failure.unwrap_or_default();
    assert!(failure.contains("more than"), "{failure}");
}

#[test]
fn long_texts_are_not_written_into_every_object() {
    let long = "x".repeat(20_000);
    let many = objects(100);
    for field in ["namePrefix: ", "nameSuffix: ", "commonAnnotations: {a: "] {
        let end = if field.ends_with("a: ") { "}" } else { "" };
        ends(
            &format!("resources: [o.yaml]\n{field}{long}{end}\n"),
            &[("a/o.yaml", &many)],
        );
    }
    let (added, failure) = build("resources: [o.yaml]\nnamePrefix: x-\n", &[("a/o.yaml", &many)]);
    assert_eq!((added, failure), (100 * 2 * 2, None));
}

#[test]
fn replacements_do_not_double_for_ever() {
    let target = "targets: [{select: {kind: ConfigMap}, fieldPaths: ";
    let source = "{source: {kind: ConfigMap, fieldPath: ";
    let copies: String = (0..26)
        .map(|nth| format!("- {source}data}}, {target}[data.k{nth}], options: {{create: true}}}}]}}\n"))
        .collect();
    let spliced =
        format!("- {source}data.a}}, {target}[data.a], options: {{delimiter: '-', index: 1}}}}]}}\n")
            .repeat(60);
    for entries in [copies, spliced] {
        ends(
            &format!("resources: [o.yaml]\nreplacements:\n{entries}"),
            &[("a/o.yaml", &format!("{}data: {{a: b}}\n", config_map("c")))],
        );
    }
}

#[test]
fn variables_do_not_fill_texts_with_long_values() {
    let long = format!("{}data: {{a: {}}}\n", config_map("long"), "x".repeat(50_000));
    let arguments = "'$(V)', ".repeat(100);
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, command: [{arguments}'-$(V)']}}]}}\n"
    )
    .replace("'$(V)'", "'-$(V)'");
    ends(
        "resources: [l.yaml, p.yaml]\nvars:\n- name: V\n  objref: {apiVersion: v1, kind: ConfigMap, name: long}\n  \
         fieldref: {fieldPath: data.a}\n",
        &[("a/l.yaml", &long), ("a/p.yaml", &pod)],
    );
}

#[test]
fn definitions_that_name_each_other_twice_are_not_followed_for_ever() {
    let levels: String = (0..24)
        .map(|nth| {
            let next = format!("{{$ref: v1.D{}}}", nth + 1);
            format!("v1.D{nth}: {{Schema: {{properties: {{apiVersion: {{}}, kind: {{}}, metadata: {{}}, a: {next}, b: {next}}}}}}}\n")
        })
        .collect();
    ends(
        "resources: [o.yaml]\ncrds: [d.yaml]\n",
        &[("a/d.yaml", &levels), ("a/o.yaml", &config_map("c"))],
    );
}

#[test]
fn aliases_do_not_make_an_object_many_times_as_large_as_its_file() {
    let mut bomb = format!("{}l0: &l0 [a, a, a, a, a, a, a, a, a, a]\n", config_map("bomb"));
    for level in 1..4 {
        let below = vec![format!("*l{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("l{level}: &l{level} [{below}]\n"));
    }
    ends("resources: [o.yaml]\n", &[("a/o.yaml", &bomb)]);
}

#[test]
fn a_field_path_is_no_deeper_than_a_document() {
    let path = vec!["k"; 12_000].join("/");
    for entry in [
        format!("labels: [{{pairs: {{a: b}}, fields: [{{path: {path}, create: true}}]}}]\n"),
        "namePrefix: a-\nconfigurations: [c.yaml]\n".to_owned(),
    ] {
        let configuration = format!("namePrefix: [{{path: {path}, create: true}}]\n");
        ends(
            &format!("resources: [o.yaml]\n{entry}"),
            &[("a/o.yaml", &config_map("c")), ("a/c.yaml", &configuration)],
        );
    }
}

/// A patch for one object costs the same however many others there are.
#[test]
fn patches_find_their_objects_by_name() {
    let patches = |count: usize| {
        let patch = "[{op: add, path: /data, value: {}}]";
        let entries = (0..count).map(|nth| format!("- {{target: {{name: c{nth}}}, patch: \"{patch}\"}}\n"));
        let text = format!("resources: [o.yaml]\npatches:\n{}", entries.collect::<String>())
            .replace("\"[", "\"- ")
            .replace("]\"", "\"");
        build(&text, &[("a/o.yaml", &objects(count))])
    };
    let ((few, none), (many, nothing)) = (patches(50), patches(400));
    assert_eq!((none, nothing), (None, None));
    assert_eq!(many, 8 * few);
    assert!(few < 50 * 100 * STEP && many < budget::BUILD);
}

#[test]
fn generators_that_merge_add_to_what_is_there() {
    let entries: String = (1..500)
        .map(|nth| format!("- {{name: g, behavior: merge, literals: [k{nth:03}=v, same={nth}]}}\n"))
        .collect();
    let text = format!("configMapGenerator:\n- {{name: g, literals: [z=1, a=2]}}\n{entries}");
    let built = Built::kustomize("a", &[("a/kustomization.yaml", &text)]);
    let object = &built.build.objects[0];
    let data = object.node.get("data").unwrap().entries();
    let keys: Vec<&str> = data.iter().filter_map(|entry| entry.key.as_text()).collect();
    assert_eq!(keys.len(), 499 + 3);
    assert!(keys.is_sorted());
    assert_eq!(object.node.text_at(&["data", "same"]), Some("499"));
}
