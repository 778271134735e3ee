use super::*;
use crate::yaml::{MAX_DEPTH, ParseErrorKind, Store, Style, Tag};

#[test]
fn block_values_have_the_bytes_they_are_written_with() {
    let text = "a: one\nb:\n  - two # note\n  - 'thr''ee'\nc:\n- x: 1\n  y: \"f\\tg\"\n";
    assert_eq!(
        outline(text),
        [
            r#"{} "a: one\nb:\n  - two # note\n  - 'thr''ee'\nc:\n- x: 1\n  y: \"f\\tg\"""#,
            r#".a "one" "one""#,
            r#".b[] "- two # note\n  - 'thr''ee'""#,
            r#".b[0] "two" "two""#,
            r#".b[1] "'thr''ee'" "thr'ee""#,
            r#".c[] "- x: 1\n  y: \"f\\tg\"""#,
            r#".c[0]{} "x: 1\n  y: \"f\\tg\"""#,
            r#".c[0].x "1" "1""#,
            r#".c[0].y "\"f\\tg\"" "f\tg""#,
        ]
    );
}

#[test]
fn flow_values_have_the_bytes_they_are_written_with() {
    assert_eq!(
        outline("a: [ 1, {b: c, d: } ]\n"),
        [
            r#"{} "a: [ 1, {b: c, d: } ]""#,
            r#".a[] "[ 1, {b: c, d: } ]""#,
            r#".a[0] "1" "1""#,
            r#".a[1]{} "{b: c, d: }""#,
            r#".a[1].b "c" "c""#,
            r#".a[1].d "" """#,
        ]
    );
}

#[test]
fn spans_hold_behind_a_byte_order_mark_wide_characters_and_carriage_returns() {
    assert_eq!(
        outline("\u{feff}grüße: \"日本\"\r\nb: ü # ä\r\nc: d\r\n"),
        [
            "{} \"grüße: \\\"日本\\\"\\r\\nb: ü # ä\\r\\nc: d\"",
            ".grüße \"\\\"日本\\\"\" \"日本\"",
            ".b \"ü\" \"ü\"",
            ".c \"d\" \"d\"",
        ]
    );
}

#[test]
fn anchors_and_tags_are_no_part_of_a_value() {
    let root = tree("a: &anchor !!str 01\nb: *anchor\nc: !custom x\n");
    let a = root.get("a").unwrap();
    assert_eq!((a.span().start, a.span().end), (17, 19));
    assert!(root.get("b").unwrap().is_same(a));
    assert_eq!(a.as_scalar().unwrap().tag, Some(Tag::Str));
    let custom = root.get("c").unwrap().as_scalar().unwrap();
    assert_eq!(custom.tag, Some(Tag::Other("!custom".into())));
}

#[test]
fn a_block_scalar_reaches_from_its_indicator_to_its_last_line() {
    assert_eq!(
        outline("a: |-  # why\n\n  x\n   y\n\n\nb: >\n  p\n  q\nc: |\nd: !!str |2\n   z\n"),
        [
            r#"{} "a: |-  # why\n\n  x\n   y\n\n\nb: >\n  p\n  q\nc: |\nd: !!str |2\n   z""#,
            r#".a "|-  # why\n\n  x\n   y" "\nx\n y""#,
            r#".b ">\n  p\n  q" "p q\n""#,
            r#".c "|" """#,
            r#".d "|2\n   z" " z\n""#,
        ]
    );
}

#[test]
fn a_block_scalar_at_the_end_of_a_file_ends_as_the_file_does() {
    // libyaml and its Go descendants; YAML 1.2 would end both alike.
    assert_eq!(tree("a: |\n  foo").text_at(&["a"]), Some("foo"));
    assert_eq!(tree("a: |\n  foo\n").text_at(&["a"]), Some("foo\n"));
    assert_eq!(tree("a: |\n  foo\n  ").text_at(&["a"]), Some("foo\n"));
    assert_eq!(tree("a: >+\n  foo").text_at(&["a"]), Some("foo"));
}

#[test]
fn an_empty_value_stands_behind_its_colon() {
    let root = tree("a:\nb:   # nothing\nc: 1\n");
    let at = |key: &str| root.get(key).unwrap().span().range();
    assert_eq!((at("a"), at("b")), (2..2, 5..5));
    assert!(root.get("a").unwrap().is_null());
    assert_eq!(root.get("a").unwrap().as_scalar().unwrap().style, Style::Plain);
}

#[test]
fn documents_that_hold_nothing_are_left_out() {
    let parsed = read("# note\n---\n---\na: 1\n---\n# only a comment\n---\nnull\n...\n---\nb: 2\n");
    let roots: Vec<_> = parsed.documents.iter().map(|d| d.root.entries().len()).collect();
    assert_eq!(roots, [1, 1]);
    assert_eq!(parsed.errors, []);
    let text = "--- # first\na: 1\n---\nb: 2\n";
    let spans: Vec<_> = read(text)
        .documents
        .iter()
        .map(|d| &text[d.span.range()])
        .collect();
    assert_eq!(spans, ["--- # first\na: 1", "---\nb: 2"]);
}

#[test]
fn comments_know_whether_they_have_the_line_to_themselves() {
    let text = "# meshlint one\na: 1 # meshlint two\nb: |\n  # meshlint text\n  # not a comment\n  # meshlint\n\
                c: '# meshlint'\n  # meshlint three\n";
    let found: Vec<_> = read(text)
        .comments
        .iter()
        .map(|c| (&text[c.span.range()], c.own_line))
        .collect();
    let expected = [
        ("# meshlint one", true),
        ("# meshlint two", false),
        ("# meshlint three", true),
    ];
    assert_eq!(found, expected);
}

#[test]
fn long_runs_of_comments_are_read() {
    let text = format!("a: 1\n{}b: 2\n", "# meshlint\n".repeat(5_000));
    assert_eq!(read(&text).comments.len(), 5_000);
    // Nobody asks for others, so that none of them takes memory.
    let others = format!("a: 1\n{}b: 2\n", "# line\n".repeat(5_000));
    assert_eq!(read(&others).comments.len(), 0);
    assert_eq!(tree(&text).entries().len(), 2);
}

#[test]
fn merge_keys_give_way_to_own_keys_and_earlier_maps_win() {
    let root =
        tree("x: &x {p: x, q: x}\ny: &y {q: y, r: y}\nz:\n  <<: [*x, *y]\n  p: own\nquoted: {'<<': kept}\n");
    let z = root.get("z").unwrap();
    let values: Vec<_> = ["p", "q", "r"].map(|key| z.text_at(&[key]).unwrap()).into();
    assert_eq!(values, ["own", "x", "y"]);
    assert_eq!(z.entries().len(), 3);
    assert!(
        root.get("x")
            .unwrap()
            .get("q")
            .unwrap()
            .is_same(z.get("q").unwrap())
    );
    assert_eq!(root.text_at(&["quoted", "<<"]), Some("kept"));
}

#[test]
fn maps_merged_in_a_long_chain_do_not_count_as_nested() {
    let chain: String = (1..MAX_DEPTH + 50)
        .map(|n| format!("x{n}: &x{n} {{<<: *x{}, k: {n}}}\n", n - 1))
        .collect();
    let root = tree(&format!("x0: &x0 {{a: 1}}\n{chain}"));
    let last = &root.entries().last().unwrap().value;
    assert_eq!((last.text_at(&["a"]), last.entries().len()), (Some("1"), 2));
}

#[test]
fn merging_something_that_is_no_map_is_reported_and_the_rest_kept() {
    for (text, under) in [
        ("a: {<<: text, b: 1}", "text"),
        ("a: {<<: [{c: 2}, [x]], b: 1}", "[x]"),
    ] {
        let parsed = read(text);
        assert_eq!(parsed.errors.len(), 1);
        assert_eq!(parsed.errors[0].kind, ParseErrorKind::Alias);
        assert_eq!(&text[parsed.errors[0].span.range()], under);
        assert_eq!(parsed.root().unwrap().text_at(&["a", "b"]), Some("1"));
    }
}

#[test]
fn a_key_that_stands_twice_names_both_places_and_the_last_wins() {
    for keys in [3, 40] {
        let filler: String = (0..keys).map(|n| format!("k{n}: 0\n")).collect();
        let text = format!("a: 1\n{filler}\"a\": 2\n");
        let parsed = read(&text);
        let [error] = &*parsed.errors else {
            panic!("{:?}", parsed.errors)
        };
        assert_eq!(error.kind, ParseErrorKind::DuplicateKey);
        assert_eq!(error.message, "the key `a` stands twice in one map");
        assert_eq!(&text[error.span.range()], "\"a\"");
        assert_eq!(error.related.unwrap().0.range(), 0..1);
        let root = parsed.root().unwrap();
        assert_eq!(root.text_at(&["a"]), Some("2"));
        assert_eq!(root.entries().len(), keys + 1);
    }
}

#[test]
fn aliases_without_an_anchor_and_within_it_are_reported() {
    let text = "a: *nope\nb: &b [1, *b]\nc: 3\n---\nd: *b\n";
    let parsed = read(text);
    let found: Vec<_> = parsed.errors.iter().map(|e| &*e.message).collect();
    assert_eq!(
        found,
        [
            "no anchor `&nope` stands above in this document",
            "the alias `*b` stands inside the value of its own anchor",
            "no anchor `&b` stands above in this document",
        ]
    );
    assert_eq!(parsed.documents.len(), 2);
    assert_eq!(parsed.root().unwrap().text_at(&["c"]), Some("3"));
    assert!(parsed.root().unwrap().get("a").unwrap().is_null());
}

#[test]
fn an_alias_bomb_stops_at_the_alias_that_is_too_much() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    let parsed = read(&text);
    let error = parsed.errors.last().unwrap();
    assert_eq!(error.kind, ParseErrorKind::Limit);
    assert_eq!(&text[error.span.range()], "*a4");
}

#[test]
fn nesting_is_bounded_in_every_form() {
    let over = MAX_DEPTH + 1;
    let chain: String = (1..=over)
        .map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1))
        .collect();
    for text in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        (0..over)
            .map(|n| format!("{}a:\n", " ".repeat(n)))
            .collect::<String>(),
        format!("{}{}x{}", "- ".repeat(300), "[".repeat(300), "]".repeat(300)),
        format!("a0: &a0 x\n{chain}"),
    ] {
        let parsed = read(&text);
        assert!(
            parsed.errors.iter().any(|e| e.kind == ParseErrorKind::Limit),
            "{} {:?}",
            &text[..20],
            parsed.errors
        );
    }
    let deep = format!("{}x{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(read(&deep).errors, []);
}

#[test]
fn what_precedes_a_syntax_error_is_kept_and_the_error_has_a_place() {
    let text = "a: 1\n---\nb: c: d\n---\ne: 1\n";
    let parsed = read(text);
    assert_eq!(parsed.documents.len(), 1);
    let [error] = &*parsed.errors else {
        panic!("{:?}", parsed.errors)
    };
    assert_eq!(error.kind, ParseErrorKind::Syntax);
    assert_eq!(error.message, "`: ` stands inside a value");
    assert_eq!(&text[..error.span.start as usize], "a: 1\n---\nb: c");
}

#[test]
fn tabs_that_indent_are_pointed_at() {
    for text in ["a:\n\tb: 1\n", "a: 1\n\tb: 2\n"] {
        let parsed = read(text);
        assert_eq!(parsed.errors[0].message, "a tab is used for indentation");
        assert_eq!(&text[parsed.errors[0].span.range()], "\t");
    }
}

#[test]
fn the_line_ends_of_yaml_1_1_end_lines() {
    // Read by yaml.v3; YAML 1.2 takes all three for text.
    assert_eq!(tree("a: b\u{2028}c: d\n").text_at(&["c"]), Some("d"));
    assert_eq!(tree("a: 'b \u{85} c'\n").text_at(&["a"]), Some("b c"));
    assert_eq!(
        tree("a: |\n  b\u{2029}  c\n").text_at(&["a"]),
        Some("b\u{2029}c\n")
    );
    let parsed = read("a: b\u{2028}c\nd: e\n");
    assert_eq!(parsed.errors[0].kind, ParseErrorKind::Syntax);
    assert!(parsed.errors[0].help.as_ref().unwrap().contains("U+2028"));
}

#[test]
fn what_go_refuses_is_an_error_with_a_place() {
    for (text, under, message) in [
        (
            "a: \"x\\\\y\\/z\"\n",
            "\\",
            "Kubernetes' YAML reader does not know the escape `\\/`",
        ),
        ("a: \"x\\qy\"\n", "\\", "this escape sequence does not exist"),
        (
            "a: \"\\ud800\"\n",
            "\\",
            "this escape sequence names no character",
        ),
        (
            "a: b\u{7}c\n",
            "\u{7}",
            "the control character U+0007 may not stand in YAML",
        ),
        (
            "%YAML 1.2\n---\na: b\n",
            "%",
            "Kubernetes' YAML reader knows only version 1.1",
        ),
        ("a: \"b\" c\n", "c", "text stands behind the closing quote"),
        ("a: 'b\n", "'", "the quotes are never closed"),
        ("a: [b, c\n", "", "`[` is never closed"),
        ("a: {b: c\n", "", "`{` is never closed"),
        ("a: [- b]\n", "-", "`- ` stands inside `[` or `{`"),
        ("a: @b\n", "@", "no value can begin like this"),
        ("a: b\nc\nd: e\n", "c", "this line is no `key: value`"),
        ("a: - b\n", "-", "a list item begins where none may stand"),
        (
            "a:\n  b: 1\n c: 2\n",
            "c",
            "this is not a key of the map around it",
        ),
        ("- a\nb: c\n", "b", "this is not an item of the list around it"),
        (
            "a: *\n",
            "*",
            "`&` and `*` need a name of letters, digits, `-` and `_`",
        ),
        ("a: !x!y b\n", "!", "the tag's prefix is declared nowhere"),
        ("a: | b\n  c\n", "b", "text stands behind `|` or `>`"),
        ("a: b\n\t\n", "\t", "a tab is used for indentation"),
        ("a: |\n\tb\n", "\t", "a tab is used for indentation"),
        ("{{- if .Values.x }}\na: b\n", "-", "this is a template, not YAML"),
        (
            "a: b\n--- c\n",
            "c",
            "kustomize allows nothing but a comment behind `---`",
        ),
    ] {
        let parsed = read(text);
        let [error] = &*parsed.errors else {
            panic!("{text:?} {:?}", parsed.errors)
        };
        assert_eq!(
            (&text[error.span.range()], &*error.message),
            (under, message),
            "{text:?}"
        );
    }
}

#[test]
fn each_file_is_parsed_once_from_any_number_of_threads() {
    let files = (0..50).map(|n| (format!("{n}.yaml"), format!("n: {n}\n")));
    let sources = SourceMap::from_memory(files);
    let store = Store::new(&sources);
    let ids: Vec<_> = sources.iter().map(|(id, _)| id).collect();
    assert_eq!(store.parses(), 0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| store.parse_all(&ids));
        }
    });
    assert_eq!(store.parses(), 50);
    assert!(store.parsed(ids[7]).root().is_some());
    assert_eq!(store.parses(), 50);
}

#[test]
fn files_that_are_no_text_have_an_error_with_a_place() {
    let sources = SourceMap::from_memory([
        ("bad.yaml", b"a: \xff\n".to_vec()),
        ("utf16.yaml", b"\xff\xfea\0:\0 \0\xd8\0".to_vec()),
    ]);
    let store = Store::new(&sources);
    let found: Vec<_> = sources
        .iter()
        .map(|(id, _)| {
            let error = &store.parsed(id).errors[0];
            assert_eq!(error.kind, ParseErrorKind::Unreadable);
            (error.span.range(), error.message.to_string())
        })
        .collect();
    assert_eq!(
        found,
        [
            (3..4, "byte 0xff is not UTF-8".to_owned()),
            (0..2, "the file is UTF-16".to_owned())
        ]
    );
}

#[test]
fn values_that_do_not_suit_their_tag_are_reported() {
    let text = "a: !!int 08\nb: !!bool yes\nc: !!binary '*'\nd: !!float 1\ne: !!null ''\nf: !!bool 'true'\n";
    let parsed = read(text);
    let found: Vec<_> = parsed.errors.iter().map(|e| &text[e.span.range()]).collect();
    assert_eq!(found, ["08", "yes", "'*'"]);
}
