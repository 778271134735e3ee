//! A repository put together of pieces that mean something: kustomizations, patches, generators, replacements, ResourceSets and Flux
//! objects, in any order and number, with one piece of any text. Whatever they make of each other ends within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshlint::engine::{self, RunOptions};
use meshlint::report::{Format, Look, Report};
use meshlint::source::SourceMap;

const ENTRY: &str = include_str!("entry.yaml");

/// Files, each with what it is put together of.
const FILES: [(&str, &[&str]); 5] = [
    (
        "clusters/a/flux.yaml",
        &[
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: one, namespace: flux-system}\nspec:\n  path: ./apps\n  sourceRef: {kind: GitRepository, name: flux-system}\n",
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: two, namespace: flux-system}\nspec:\n  path: ./${A:=base}\n  sourceRef: {kind: GitRepository, name: flux-system}\n",
            "  wait: true\n",
            "  dependsOn: [{name: one}, {name: two}]\n",
            "  targetNamespace: web\n",
            "  postBuild:\n    substitute: {A: base, B: \"${A}${A}\"}\n    substituteFrom: [{kind: ConfigMap, name: made}]\n",
            "  patches:\n    - target: {kind: ConfigMap}\n      patch: '[{op: copy, from: /data, path: /data/x}]'\n",
            "  components: [../part]\n",
        ],
    ),
    (
        "apps/kustomization.yaml",
        &[
            "resources: [objects.yaml, ../base]\n",
            "resources: [objects.yaml, sets.yaml, ../base, ../base]\n",
            "namePrefix: a-\n",
            "namespace: web\n",
            "configMapGenerator:\n  - {name: made, behavior: merge, literals: [A=b, B=c]}\n  - {name: made, literals: [A=d]}\n",
            "replacements:\n  - source: {kind: ConfigMap, name: one, fieldPath: data}\n    targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x, data], options: {create: true}}]\n",
            "patches:\n  - path: objects.yaml\n    target: {name: '.*'}\n",
            "vars:\n  - {name: V, objref: {apiVersion: v1, kind: ConfigMap, name: one}, fieldref: {fieldPath: data.a}}\n",
            "labels:\n  - {pairs: {a: b}, includeSelectors: true, fields: [{path: data/x/y, create: true}]}\n",
            "components: [../part]\n",
            "crds: [objects.yaml]\n",
        ],
    ),
    (
        "apps/objects.yaml",
        &[
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: web}\ndata: {a: \"$(V)$(V)\", b: \"${A}\"}\n",
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\ndata: &d {a: b}\nmore: [*d, *d]\n",
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a, args: [$(V)]}]}}}\n",
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cilium, namespace: kube-system}\nspec:\n  chart: {spec: {chart: cilium, version: 1.18.0, sourceRef: {kind: HelmRepository, name: cilium}}}\n  valuesFrom: [{kind: ConfigMap, name: one, valuesKey: a, targetPath: 'cluster.list[3].x'}]\n  values: {cluster: {name: a, id: 1}}\n",
        ],
    ),
    (
        "apps/sets.yaml",
        &[
            "---\napiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: set, namespace: web}\nspec:\n  inputs: [{a: b}, {a: c}]\n  resourcesTemplate: |\n",
            "    << range until 9 >>\n",
            "    << end >>\n",
            "    <<- $x := list inputs.a >>\n",
            "    <<- $x = list $x $x >>\n",
            "    ---\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: << inputs.a >>}\n    data: {a: << $x | toJson | quote >>}\n",
        ],
    ),
    (
        "base/kustomization.yaml",
        &[
            "resources: [../apps]\n",
            "resources: [../part]\n",
            "secretGenerator:\n  - {name: key, literals: [a=b], options: {disableNameSuffixHash: true}}\n",
            "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n",
            "nameSuffix: -b\n",
        ],
    ),
];

fuzz_target!(|input: (&[u8], usize, &str)| {
    let (choices, which, free) = input;
    let mut texts: Vec<String> = vec![String::new(); FILES.len()];
    // More pieces than this only make a run slow.
    for choice in choices.iter().take(64) {
        let at = usize::from(choice >> 5) % FILES.len();
        let pieces = FILES[at].1;
        texts[at].push_str(pieces[usize::from(choice & 31) % pieces.len()]);
    }
    texts[which % FILES.len()].push_str(free);
    let files = FILES.iter().zip(texts).map(|((path, _), text)| ((*path).to_owned(), text));
    let part = ("part/kustomization.yaml".to_owned(), "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: p-\n".to_owned());
    let entry = ("clusters/a/flux-system/gotk-sync.yaml".to_owned(), ENTRY.to_owned());
    let sources = SourceMap::from_memory(files.chain([part, entry]));
    let outcome = engine::check(&sources, &RunOptions::default()).outcome;
    let report = Report {
        sources: &sources,
        outcome: &outcome,
        look: Look::PLAIN,
    };
    report.write(Format::Json, &mut Vec::new()).unwrap();
});
