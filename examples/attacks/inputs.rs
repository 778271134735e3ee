//! The repositories, each with one thing in it that grows.

use std::fmt::Write as _;

pub(crate) struct File {
    pub path: String,
    pub text: String,
}

pub(crate) struct Attack {
    pub name: &'static str,
    pub arguments: &'static [&'static str],
    pub files: fn() -> Vec<File>,
}

const fn attack(name: &'static str, files: fn() -> Vec<File>) -> Attack {
    Attack {
        name,
        arguments: &[],
        files,
    }
}

pub(crate) const ATTACKS: &[Attack] = &[
    attack("nothing", || cluster("", &[])),
    attack("resourceset nests lists", || {
        resource_set(&format!(
            "<<- $x := list 1 >>\n{}",
            "<<- $x = list $x >>\n".repeat(20_000)
        ))
    }),
    attack("resourceset nests dicts", || {
        resource_set(&format!(
            "<<- $x := dict >>\n{}",
            "<<- $x = dict \"a\" $x >>\n".repeat(20_000)
        ))
    }),
    attack("resourceset pipes", || {
        resource_set(&format!("<<- $x := list 1 {} >>\n", "| list ".repeat(20_000)))
    }),
    attack("resourceset doubles text", || {
        resource_set(&format!(
            "<<- $x := \"0123456789\" >>\n{}",
            "<<- $x = printf \"%s%s\" $x $x >>\n".repeat(60)
        ))
    }),
    attack("resourceset doubles lists", || {
        resource_set(&format!(
            "<<- $x := list 1 >>\n{}",
            "<<- $x = list $x $x >>\n".repeat(60)
        ))
    }),
    attack("resourceset copies a list", || {
        resource_set(&format!(
            "<<- $x := until 10000 >>\n<<- range until 2000 >><<- $y := $x >><<- end >>\n{}",
            ""
        ))
    }),
    attack("resourceset loops in loops", || {
        resource_set("<<- range until 10000 >><<- range until 10000 >>\n<<- end >><<- end >>\n")
    }),
    attack("resourceset many inputs", || {
        resource_set_inputs(10_000, "<<- $x := until 10000 >>\n")
    }),
    attack("targetPath of 20000 steps", || {
        release(&format!("k{}", ".k".repeat(20_000)))
    }),
    attack("targetPath indexes", || {
        release(&(0..60).map(|n| format!("k{n}[65000].")).collect::<String>())
    }),
    attack("targetPaths indexed", || releases(200)),
    attack("labels field of 12000 steps", || {
        apps(
            "labels:\n  - pairs: {a: b}\n    fields:\n      - path: ",
            &format!("{}\n        create: true\n", vec!["k"; 12_000].join("/")),
        )
    }),
    attack("configurations of 12000 steps", || {
        let mut files = apps("configurations: [c.yaml]\nnamePrefix: a-\n", "");
        files.push(file(
            "apps/c.yaml",
            &format!(
                "namePrefix:\n  - path: {}\n    create: true\n",
                vec!["k"; 12_000].join("/")
            ),
        ));
        files
    }),
    attack("crds diamond", crds_diamond),
    attack("artifact generators", artifact_generators),
    attack("replacements copy data", replacements_double),
    attack("replacements by delimiter", replacements_delimiter),
    attack("replacements many", || replacements_many(3_000)),
    attack("aliases under postBuild", || aliases(1)),
    attack("ten files of aliases", || aliases(10)),
    attack("aliases in 1000 kustomizations", || alias_applications(1_000)),
    attack("vars of 500 KB", vars),
    attack("prefix of 200 KB", || {
        apps_with(2_000, &format!("namePrefix: {}\n", "a".repeat(200_000)))
    }),
    attack("annotations of 200 KB", || {
        apps_with(
            2_000,
            &format!("commonAnnotations: {{a: {}}}\n", "a".repeat(200_000)),
        )
    }),
    attack("comments", || {
        with(apps("", ""), "apps/comments.yaml", &"#\n".repeat(2_000_000))
    }),
    attack("comments in a kustomization", || {
        apps(&"#\n".repeat(2_000_000), "")
    }),
    attack("gitignore", || {
        with(apps("", ""), ".gitignore", &numbered(5_000_000, "", "\n"))
    }),
    attack("sourceignore", || {
        with(apps("", ""), ".sourceignore", &numbered(1_000_000, "", "\n"))
    }),
    attack("pictures", || {
        (0..40).fold(apps("", ""), |files, n| {
            with(files, &format!("docs/{n}.png"), &"x".repeat(8_000_000))
        })
    }),
    Attack {
        arguments: &["--threads", "10000"],
        ..attack("threads", || apps("", ""))
    },
    attack("generators that merge", || generators(3_000, true)),
    attack("generators", || generators(20_000, false)),
    attack("patches x objects", || apps_with(3_000, &patches(3_000, false))),
    attack("patches by expression", || {
        apps_with(3_000, &patches(3_000, true))
    }),
    attack("patches, strategic", || apps_with(3_000, &strategic(3_000))),
    attack("json6902 of 50000 steps", || apps_with(1, &json6902(50_000))),
    attack("json6902 into a list", || apps_with(1, &json6902_list(50_000))),
    attack("dependsOn chain", || {
        depends(5_000, |n| if n == 0 { vec![] } else { vec![n - 1] })
    }),
    attack("dependsOn cycle", || depends(5_000, |n| vec![(n + 1) % 5_000])),
    attack("dependsOn complete", || {
        depends(300, |n| (0..300).filter(|m| *m != n).collect())
    }),
    attack("dependsOn all before", || depends(500, |n| (0..n).collect())),
    attack("dependsOn missing", || depends(5_000, |n| vec![n + 5_000])),
    attack("variables in one value", || {
        substituted(&format!("  a: \"{}\"\n", "${A}".repeat(300_000)))
    }),
    attack("unclosed variables", || {
        substituted(&format!("  a: '{}'\n", "${A:=".repeat(50_000)))
    }),
    attack("undefined variables", || {
        substituted(&numbered_lines(10_000, |n| format!("  k{n}: ${{U{n}}}\n")))
    }),
    attack("variables grow", || {
        substituted(&format!("  a: \"{}\"\n", "${L}".repeat(20_000)))
    }),
    attack("findings on one line", || {
        substituted(&format!(
            "  a: {{{}}}\n",
            numbered_lines(10_000, |n| format!("k{n}: '${{U{n}}}', "))
        ))
    }),
    attack("equal ranges", || {
        clusters(400, |n| format!("10.{}.0.0/16", n % 2))
    }),
    attack("3000 clusters", || {
        clusters(3_000, |n| format!("10.{}.{}.0/24", n / 250, n % 250))
    }),
    attack("clusters with global Services", || global_services(100, 100)),
    attack("ingresses with Services", || ingresses(3_000)),
    attack("namespaces missing", || {
        many(8_000, |n| {
            object(
                "v1",
                "ConfigMap",
                &format!("c{n}"),
                &format!("n{n}"),
                "data: {a: b}\n",
            )
        })
    }),
    attack("secrets missing", || {
        many(8_000, |n| {
            object(
                "v1",
                "Pod",
                &format!("p{n}"),
                "default",
                &format!(
                    "spec:\n  containers:\n    - name: a\n      image: a\n      envFrom:\n        - secretRef: {{name: s{n}}}\n"
                ),
            )
        })
    }),
    attack("unreached templates", unreached_templates),
    attack("ignore comments", || {
        many(8_000, |n| {
            format!(
                "# meshlint-ignore missing-namespace: x\n{}",
                object(
                    "v1",
                    "ConfigMap",
                    &format!("c{n}"),
                    &format!("n{n}"),
                    "data: {a: b}\n"
                )
            )
        })
    }),
    attack("duplicate objects", || {
        many(8_000, |_| {
            object("v1", "ConfigMap", "c", "default", "data: {a: b}\n")
        })
    }),
    attack("deep directories", || {
        with(
            cluster("", &[]),
            &format!("{}a.yaml", "d/".repeat(1_500)),
            "a: b\n",
        )
    }),
    attack("regular expressions", || {
        apps_with(
            2_000,
            &numbered_lines(500, |n| {
                format!(
                    "{}  - target: {{name: '{}{n}.*'}}\n    patch: '[{{\"op\":\"add\",\"path\":\"/data/z\",\"value\":\"1\"}}]'\n",
                    if n == 0 { "patches:\n" } else { "" },
                    "(a{1,900}b?){1,9}"
                )
            }),
        )
    }),
    attack("one peer listed often", || peers_often(4_000)),
    attack("healthy objects", || {
        many(10_000, |n| {
            object("v1", "ConfigMap", &format!("c{n}"), "default", "data: {a: b}\n")
        })
    }),
];

/// A sort of repository, by how many of its things there are.
pub(crate) struct Growth {
    pub(crate) name: &'static str,
    pub(crate) files: fn(usize) -> Vec<File>,
}

const fn growth(name: &'static str, files: fn(usize) -> Vec<File>) -> Growth {
    Growth { name, files }
}

/// What must not grow faster than its input.
pub(crate) const GROWTH: &[Growth] = &[
    growth("objects", |count| {
        many(count, |n| {
            object("v1", "ConfigMap", &format!("c{n}"), "default", "data: {a: b}\n")
        })
    }),
    growth("objects without a namespace that is there", |count| {
        many(count, |n| {
            object(
                "v1",
                "ConfigMap",
                &format!("c{n}"),
                &format!("n{n}"),
                "data: {a: b}\n",
            )
        })
    }),
    growth("pods with Secrets that nothing makes", |count| many(count, pod)),
    growth("patches by name", |count| {
        apps_with(count, &patches(count, false))
    }),
    growth("patches that merge", |count| apps_with(count, &strategic(count))),
    growth("replacements", replacements_many),
    growth("generators", |count| generators(count, false)),
    growth("generators that merge", |count| generators(count, true)),
    growth("steps of a JSON patch", |count| {
        apps_with(1, &json6902_list(count))
    }),
    growth("dependsOn in a chain", |count| {
        depends(count, |n| n.checked_sub(1).into_iter().collect())
    }),
    growth("dependsOn of what is not there", |count| {
        depends(count, |n| vec![n + 1_000_000])
    }),
    growth("expressions in one value", |count| {
        substituted(&format!("  a: \"{}\"\n", "${A}".repeat(count)))
    }),
    growth("variables without a value", |count| {
        substituted(&numbered_lines(count, |n| format!("  k{n}: ${{U{n}}}\n")))
    }),
    growth("findings on one line", |count| {
        substituted(&format!(
            "  a: {{{}}}\n",
            numbered_lines(count, |n| format!("k{n}: '${{U{n}}}', "))
        ))
    }),
    growth("comments that ignore", |count| {
        many(count, |n| {
            let about = "# meshlint: ignore[missing-namespace] made elsewhere\n";
            let text = object(
                "v1",
                "ConfigMap",
                &format!("c{n}"),
                &format!("n{n}"),
                "data: {a: b}\n",
            );
            text.replacen("  namespace", &format!("  {about}  namespace"), 1)
        })
    }),
    growth("Ingresses with global Services", ingresses),
];

fn pod(n: usize) -> String {
    let from = format!("{{name: a, image: a, envFrom: [{{secretRef: {{name: s{n}}}}}]}}");
    object(
        "v1",
        "Pod",
        &format!("p{n}"),
        "default",
        &format!("spec: {{containers: [{from}]}}\n"),
    )
}

fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

fn with(mut files: Vec<File>, path: &str, text: &str) -> Vec<File> {
    files.push(file(path, text));
    files
}

fn numbered(count: usize, before: &str, after: &str) -> String {
    numbered_lines(count, |n| format!("{before}{n}{after}"))
}

fn numbered_lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let _ = text.write_str(&line(n));
        text
    })
}

fn object(version: &str, kind: &str, name: &str, namespace: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: {namespace}\n{rest}"
    )
}

fn kustomization(name: &str, path: &str, rest: &str) -> String {
    object(
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        name,
        "flux-system",
        &format!(
            "spec:\n  interval: 1h\n  prune: true\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{rest}"
        ),
    )
}

fn sync(cluster: &str) -> File {
    let source = object(
        "source.toolkit.fluxcd.io/v1",
        "GitRepository",
        "flux-system",
        "flux-system",
        "spec:\n  interval: 1h\n  url: ssh://git@git.example.org/fleet\n",
    );
    let path = format!("./clusters/{cluster}");
    file(
        &format!("clusters/{cluster}/flux-system/gotk-sync.yaml"),
        &format!("{source}{}", kustomization("flux-system", &path, "")),
    )
}

/// One cluster that delivers `./apps`, and what else it holds.
fn cluster(more: &str, files: &[(&str, &str)]) -> Vec<File> {
    let mut all = vec![
        sync("a"),
        file("clusters/a/apps.yaml", &kustomization("apps", "./apps", "")),
    ];
    if !more.is_empty() {
        all.push(file("clusters/a/more.yaml", more));
    }
    all.push(file(
        "apps/one.yaml",
        &object("v1", "ConfigMap", "one", "default", "data: {a: b}\n"),
    ));
    all.extend(files.iter().map(|(path, text)| file(path, text)));
    all
}

fn apps(before: &str, after: &str) -> Vec<File> {
    cluster(
        "",
        &[(
            "apps/kustomization.yaml",
            &format!("{before}{after}resources: [one.yaml]\n"),
        )],
    )
}

fn apps_with(objects: usize, rest: &str) -> Vec<File> {
    let text = numbered_lines(objects, |n| {
        object("v1", "ConfigMap", &format!("c{n}"), "default", "data: {a: b}\n")
    });
    let kustomization = format!("resources: [many.yaml]\n{rest}");
    cluster(
        "",
        &[
            ("apps/kustomization.yaml", &kustomization),
            ("apps/many.yaml", &text),
        ],
    )
}

fn many(count: usize, object: impl Fn(usize) -> String) -> Vec<File> {
    cluster("", &[("apps/many.yaml", &numbered_lines(count, object))])
}

fn resource_set(template: &str) -> Vec<File> {
    let indented: String = template.lines().map(|line| format!("    {line}\n")).collect();
    let result = "    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: made, namespace: default}\n    data: {a: << $x | toJson | quote >>}\n";
    let set = object(
        "fluxcd.controlplane.io/v1",
        "ResourceSet",
        "set",
        "default",
        &format!("spec:\n  resourcesTemplate: |\n{indented}{result}"),
    );
    cluster("", &[("apps/set.yaml", &set)])
}

fn resource_set_inputs(count: usize, template: &str) -> Vec<File> {
    let mut files = resource_set(template);
    if let Some(set) = files.last_mut() {
        set.text.push_str("  inputs:\n");
        set.text.push_str(&numbered(count, "    - {a: ", "}\n"));
    }
    files
}

fn release(path: &str) -> Vec<File> {
    cluster(
        "",
        &[(
            "apps/release.yaml",
            &targeted("r", &[path.trim_end_matches('.').to_owned()]),
        )],
    )
}

fn releases(count: usize) -> Vec<File> {
    let text = numbered_lines(count, |n| {
        targeted(&format!("r{n}"), &["k[60000]".to_owned(), "l[60000]".to_owned()])
    });
    cluster("", &[("apps/release.yaml", &text)])
}

fn targeted(name: &str, paths: &[String]) -> String {
    let from: String = paths
        .iter()
        .map(|path| format!("    - {{kind: ConfigMap, name: one, valuesKey: a, targetPath: '{path}'}}\n"))
        .collect();
    object(
        "helm.toolkit.fluxcd.io/v2",
        "HelmRelease",
        name,
        "default",
        &format!(
            "spec:\n  interval: 1h\n  chart: {{spec: {{chart: c, version: 1.0.0, sourceRef: {{kind: HelmRepository, name: r}}}}}}\n  valuesFrom:\n{from}"
        ),
    )
}

fn crds_diamond() -> Vec<File> {
    let mut text = String::from("{");
    for n in 0..24 {
        let next = format!("example.com/v1.D{}", n + 1);
        let own = r#""apiVersion": {}, "kind": {}, "metadata": {}"#;
        let _ = writeln!(
            text,
            r#""example.com/v1.D{n}": {{"Schema": {{"properties": {{{own}, "a": {{"$ref": "{next}"}}, "b": {{"$ref": "{next}"}}}}}}}},"#
        );
    }
    let end =
        r#""c": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Secret"}"#;
    let _ = write!(
        text,
        r#""example.com/v1.D24": {{"Schema": {{"properties": {{{end}}}}}}}}}"#
    );
    with(apps("crds: [crd.json]\n", ""), "apps/crd.json", &text)
}

fn artifact_generators() -> Vec<File> {
    let mut text = String::new();
    for n in 0..9 {
        let sources: String = (0..8)
            .map(|m| match n {
                0 => format!("    - {{alias: s{m}, kind: GitRepository, name: flux-system}}\n"),
                n => format!(
                    "    - {{alias: s{m}, kind: ExternalArtifact, name: a{}}}\n",
                    n - 1
                ),
            })
            .collect();
        let copies: String = (0..8)
            .map(|m| format!("        - {{from: '@s{m}/**', to: '@artifact/d{m}/'}}\n"))
            .collect();
        text.push_str(&object(
            "source.extensions.fluxcd.io/v1beta1",
            "ArtifactGenerator",
            &format!("g{n}"),
            "flux-system",
            &format!("spec:\n  sources:\n{sources}  artifacts:\n    - name: a{n}\n      copy:\n{copies}"),
        ));
    }
    let last = kustomization("last", "./d0/d0/d0/d0/d0/d0/d0/d0/d0/apps", "");
    let last = last.replace(
        "kind: GitRepository, name: flux-system",
        "kind: ExternalArtifact, name: a8",
    );
    cluster(&format!("{text}{last}"), &[])
}

fn replacements_double() -> Vec<File> {
    let one = "  - source: {kind: ConfigMap, name: one, fieldPath: data}\n    targets:\n      - select: {kind: ConfigMap, name: one}\n        fieldPaths: [data.";
    let text = numbered_lines(26, |n| format!("{one}k{n}]\n        options: {{create: true}}\n"));
    apps("replacements:\n", &text)
}

fn replacements_delimiter() -> Vec<File> {
    let one = "  - source: {kind: ConfigMap, name: one, fieldPath: data.a}\n    targets:\n      - select: {kind: ConfigMap, name: one}\n        fieldPaths: [data.a]\n        options: {delimiter: '-', index: 1}\n";
    apps("replacements:\n", &one.repeat(40))
}

fn replacements_many(count: usize) -> Vec<File> {
    let text = numbered_lines(count, |n| {
        format!(
            "  - source: {{kind: ConfigMap, name: c{n}, fieldPath: data.a}}\n    targets:\n      - select: {{kind: ConfigMap, name: c{n}}}\n        fieldPaths: [data.a]\n"
        )
    });
    apps_with(count, &format!("replacements:\n{text}"))
}

fn bomb(name: &str) -> String {
    let mut data = String::from("data: {x: '${A}'}\nl0: &l0 [a, a, a, a, a, a, a, a, a, a]\n");
    for n in 1..=4 {
        let items = vec![format!("*l{}", n - 1); if n == 4 { 90 } else { 10 }].join(", ");
        let _ = writeln!(data, "l{n}: &l{n} [{items}]");
    }
    object("example.org/v1", "Thing", name, "default", &data)
}

fn aliases(count: usize) -> Vec<File> {
    let mut files = substituted("  a: b\n");
    for n in 0..count {
        files.push(file(&format!("apps/bomb{n}.yaml"), &bomb(&format!("b{n}"))));
    }
    files
}

fn alias_applications(count: usize) -> Vec<File> {
    let post = "  postBuild: {substitute: {A: b}}\n";
    let more = numbered_lines(count, |n| {
        kustomization(&format!("k{n}"), &format!("./bombs/{n}"), post)
    });
    let mut files = cluster(&more, &[]);
    for n in 0..count {
        let text = bomb(&format!("b{n}"));
        let small: String = text
            .lines()
            .filter(|line| !line.starts_with("l4"))
            .map(|line| format!("{line}\n"))
            .collect();
        files.push(file(&format!("bombs/{n}/bomb.yaml"), &small));
    }
    files
}

fn vars() -> Vec<File> {
    let long = object(
        "v1",
        "ConfigMap",
        "long",
        "default",
        &format!("data: {{a: {}}}\n", "x".repeat(500_000)),
    );
    let args = numbered_lines(5_000, |_| "            - x$(V)\n".to_owned());
    let pod = object(
        "apps/v1",
        "Deployment",
        "d",
        "default",
        &format!(
            "spec:\n  template:\n    spec:\n      containers:\n        - name: a\n          args:\n{args}"
        ),
    );
    cluster(
        "",
        &[
            (
                "apps/kustomization.yaml",
                "resources: [long.yaml, pod.yaml]\nvars:\n  - name: V\n    objref: {apiVersion: v1, kind: ConfigMap, name: long}\n    fieldref: {fieldPath: data.a}\n",
            ),
            ("apps/long.yaml", &long),
            ("apps/pod.yaml", &pod),
        ],
    )
}

fn generators(count: usize, merges: bool) -> Vec<File> {
    let text = numbered_lines(count, |n| match merges && n > 0 {
        true => format!("  - name: g\n    behavior: merge\n    literals: [k{n}=v]\n"),
        false if merges => "  - name: g\n    literals: [k=v]\n".to_owned(),
        false => format!("  - name: g{n}\n    literals: [k=v]\n"),
    });
    apps("configMapGenerator:\n", &text)
}

fn patches(count: usize, by_expression: bool) -> String {
    let end = if by_expression { "$" } else { "" };
    let text = numbered_lines(count, |n| {
        format!(
            "  - target: {{kind: ConfigMap, name: 'c{n}{end}'}}\n    patch: '[{{\"op\":\"add\",\"path\":\"/data/z\",\"value\":\"1\"}}]'\n"
        )
    });
    format!("patches:\n{text}")
}

fn strategic(count: usize) -> String {
    let text = numbered_lines(count, |n| {
        format!(
            "  - patch: '{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{n}, namespace: default}}, data: {{z: y}}}}'\n"
        )
    });
    format!("patches:\n{text}")
}

fn json6902(steps: usize) -> String {
    let text = numbered_lines(steps, |n| {
        format!("      - {{op: add, path: /data/k{n}, value: v}}\n")
    });
    format!("patches:\n  - target: {{kind: ConfigMap}}\n    patch: |\n{text}")
}

fn json6902_list(steps: usize) -> String {
    let text = "      - {op: add, path: /list/0, value: v}\n".repeat(steps);
    format!(
        "patches:\n  - target: {{kind: ConfigMap}}\n    patch: |\n      - {{op: add, path: /list, value: []}}\n{text}"
    )
}

fn depends(count: usize, on: impl Fn(usize) -> Vec<usize>) -> Vec<File> {
    let more = numbered_lines(count, |n| {
        let names: String = on(n).iter().map(|n| format!("    - name: k{n}\n")).collect();
        let depends = if names.is_empty() {
            String::new()
        } else {
            format!("  dependsOn:\n{names}")
        };
        kustomization(&format!("k{n}"), "./apps", &depends)
    });
    cluster(&more, &[])
}

fn substituted(data: &str) -> Vec<File> {
    let post = format!(
        "  postBuild: {{substitute: {{A: b, L: '{}'}}}}\n",
        "x".repeat(10_000)
    );
    vec![
        sync("a"),
        file("clusters/a/apps.yaml", &kustomization("apps", "./apps", &post)),
        file(
            "apps/one.yaml",
            &object("v1", "ConfigMap", "one", "default", &format!("data:\n{data}")),
        ),
    ]
}

fn cilium(cluster: usize, range: &str, rest: &str) -> String {
    object(
        "helm.toolkit.fluxcd.io/v2",
        "HelmRelease",
        "cilium",
        "kube-system",
        &format!(
            "spec:\n  interval: 1h\n  chart: {{spec: {{chart: cilium, version: 1.18.3, sourceRef: {{kind: HelmRepository, name: cilium}}}}}}\n  values:\n    cluster: {{name: c{cluster}, id: {}}}\n    ipam: {{operator: {{clusterPoolIPv4PodCIDRList: ['{range}']}}}}\n    clustermesh:\n      useAPIServer: true\n{rest}",
            cluster % 255 + 1
        ),
    )
}

fn clusters(count: usize, range: impl Fn(usize) -> String) -> Vec<File> {
    (0..count)
        .flat_map(|n| {
            let release = cilium(n, &range(n), "");
            [
                sync(&format!("c{n}")),
                file(&format!("clusters/c{n}/cilium.yaml"), &release),
            ]
        })
        .collect()
}

fn peers_often(count: usize) -> Vec<File> {
    let peers = "          - {name: c1, address: c1.example.org, port: 32379}\n".repeat(count);
    let rest = format!("      config:\n        enabled: true\n        clusters:\n{peers}");
    (0..2)
        .flat_map(|n| {
            let release = cilium(n, &format!("10.{n}.0.0/16"), &rest);
            [
                sync(&format!("c{n}")),
                file(&format!("clusters/c{n}/cilium.yaml"), &release),
            ]
        })
        .collect()
}

fn service(name: &str) -> String {
    let spec = format!("spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}\n");
    let annotations = "  annotations: {service.cilium.io/global: 'true'}\n";
    object("v1", "Service", name, "default", &format!("{annotations}{spec}"))
}

fn global_services(clusters_: usize, services: usize) -> Vec<File> {
    let mut files = clusters(clusters_, |n| format!("10.{n}.0.0/16"));
    for n in 0..clusters_ {
        files.push(file(
            &format!("clusters/c{n}/services.yaml"),
            &numbered_lines(services, |n| service(&format!("s{n}"))),
        ));
    }
    files
}

fn ingresses(count: usize) -> Vec<File> {
    let mut files = clusters(2, |n| format!("10.{n}.0.0/16"));
    for cluster in 0..2 {
        let text = numbered_lines(count, |n| {
            let ingress = object(
                "networking.k8s.io/v1",
                "Ingress",
                &format!("i{n}"),
                "default",
                &format!(
                    "spec:\n  rules:\n    - http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: s{n}, port: {{number: 80}}}}}}}}]}}\n"
                ),
            );
            format!("{}{ingress}", service(&format!("s{n}")))
        });
        files.push(file(&format!("clusters/c{cluster}/services.yaml"), &text));
    }
    files
}

fn unreached_templates() -> Vec<File> {
    (0..4_000).fold(cluster("", &[]), |files, n| {
        let template = "{{- if .Values.a }}\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {{ .Values.name }}\n{{- end }}\n";
        with(files, &format!("charts/{n}/templates/release.yaml"), template)
    })
}
