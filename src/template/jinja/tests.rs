use super::*;

fn scope(sources: &SourceMap, text: &str) -> Scope {
    let _ = sources;
    let mut scope = Scope::default();
    let file = sources.file_at(&RepoPath::clamp("vars.yaml")).unwrap();
    let parsed = crate::yaml::parse(file, text);
    for entry in parsed.documents[0].root.entries() {
        scope.set(entry.key.as_text().unwrap(), entry.value.clone());
    }
    scope
}

fn render(template: &str, variables: &str) -> (String, Vec<Node>, bool, SourceMap) {
    let sources = SourceMap::from_memory([("a.j2", template), ("vars.yaml", variables)]);
    let scope = scope(&sources, variables);
    let file = sources.file_at(&RepoPath::clamp("a.j2")).unwrap();
    let rendered = scope.render(&sources, file).unwrap();
    let documents = rendered.written.documents().unwrap();
    (rendered.written.text, documents, rendered.is_open, sources)
}

fn place(sources: &SourceMap, node: &Node) -> String {
    sources.snippet(node.origin().edit_span()).to_owned()
}

#[test]
fn values_point_at_the_variable_and_literal_text_at_the_template() {
    let (text, documents, open, sources) = render(
        "cluster:\n  id: {{ id }}\n  name: {{ name | lower }}\n{% if mesh %}\nmesh: on\n{% endif %}\n",
        "id: 01\nname: East\nmesh: true\n",
    );
    assert_eq!(text, "cluster:\n  id: 1\n  name: east\nmesh: on\n");
    assert!(!open);
    let root = &documents[0];
    assert_eq!(place(&sources, root.at(&["cluster", "id"]).unwrap()), "01");
    assert_eq!(place(&sources, root.at(&["cluster", "name"]).unwrap()), "East");
    assert_eq!(place(&sources, root.at(&["mesh"]).unwrap()), "on");
}

#[test]
fn items_of_loops_keep_their_own_places() {
    let (_, documents, _, sources) = render(
        "list:\n{% for peer in peers %}\n  - name: {{ peer.name }}\n    port: {{ peer.port | default(2379) }}\n{% endfor %}\n",
        "peers:\n  - {name: a, port: 1}\n  - {name: b, port: 1}\n",
    );
    let items = documents[0].get("list").unwrap().items();
    assert_eq!(place(&sources, items[1].get("name").unwrap()), "b");
    let ports: Vec<Span> = items
        .iter()
        .map(|one| one.get("port").unwrap().origin().edit_span())
        .collect();
    assert!(ports[0].start < ports[1].start);
}

#[test]
fn variables_are_templates_themselves_and_what_is_nowhere_is_unknown() {
    let (text, documents, open, sources) = render(
        "a: {{ a }}\nb: {{ b }}\nc: {{ c | ipaddr('net') }}\nd: {{ d | default('x') }}\n{% if fact == 1 %}\ne: 1\n{% endif %}\n",
        "a: '{{ base }}'\nbase: 10.1.0.0/16\nb: '{{ b }}'\nc: 10.2.0.0/16\n",
    );
    assert!(
        text.starts_with("a: 10.1.0.0/16\nb: unknown\nc: unknown\nd: x"),
        "{text}"
    );
    assert!(open);
    let root = &documents[0];
    assert_eq!(place(&sources, root.get("a").unwrap()), "10.1.0.0/16");
    assert!(root.get("b").unwrap().origin().is_unknown());
    assert!(root.get("c").unwrap().origin().is_unknown());
    assert!(!root.get("d").unwrap().origin().is_unknown());
}

#[test]
fn hostile_templates_end() {
    for template in [
        "{% for a in range(100000000) %}{{ a }}{% endfor %}",
        "{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}{{ m('aaaaaaaaaaaaaaaa') }}",
        "{% set x = 'a' * 1000000000 %}{{ x }}",
        "{% include 'a.j2' %}",
        "{{ 'x' | indent(1000000000) }}{{ 'a\\nb' | indent(1000000000) }}",
    ] {
        let sources = SourceMap::from_memory([("a.j2", template), ("vars.yaml", "a: 1")]);
        let file = sources.file_at(&RepoPath::clamp("a.j2")).unwrap();
        assert!(Scope::default().render(&sources, file).is_none(), "{template}");
    }
}
