//! The fields of kustomization.yaml and of the files it names, for [`super::typed`] (api `types/`).

use super::typed::Type::{self, Any, Bool, Int, List, Map, Struct, Text};

const TEXTS: Type = List(&Text);
const TEXT_MAP: Type = Map(&Text);

const METADATA: Type = Struct(&[
    ("name", Text),
    ("namespace", Text),
    ("labels", TEXT_MAP),
    ("annotations", TEXT_MAP),
]);

const FIELD_SPEC: Type = Struct(&[
    ("group", Text),
    ("version", Text),
    ("kind", Text),
    ("path", Text),
    ("create", Bool),
]);
const FIELD_SPECS: Type = List(&FIELD_SPEC);

pub(super) const SELECTOR: Type = Struct(&[
    ("group", Text),
    ("version", Text),
    ("kind", Text),
    ("name", Text),
    ("namespace", Text),
    ("annotationSelector", Text),
    ("labelSelector", Text),
]);

const GENERATOR_OPTIONS: Type = Struct(&[
    ("labels", TEXT_MAP),
    ("annotations", TEXT_MAP),
    ("disableNameSuffixHash", Bool),
    ("immutable", Bool),
]);

/// A generator: the fields that all of them have, and more.
macro_rules! generator {
    ($($more:expr),*) => {
        Struct(&[
            ("namespace", Text),
            ("name", Text),
            ("behavior", Text),
            ("literals", TEXTS),
            ("files", TEXTS),
            ("envs", TEXTS),
            ("env", Text),
            ("options", GENERATOR_OPTIONS),
            $($more),*
        ])
    };
}

const CONFIG_MAP: Type = generator!();

const SECRET: Type = generator!(("type", Text));

const PATCH: Type = Struct(&[
    ("path", Text),
    ("patch", Text),
    ("target", SELECTOR),
    (
        "options",
        Struct(&[("allowNameChange", Bool), ("allowKindChange", Bool)]),
    ),
]);

const IMAGE: Type = Struct(&[
    ("name", Text),
    ("newName", Text),
    ("tagSuffix", Text),
    ("newTag", Text),
    ("digest", Text),
]);

const LABEL: Type = Struct(&[
    ("pairs", TEXT_MAP),
    ("includeSelectors", Bool),
    ("includeTemplates", Bool),
    ("fields", FIELD_SPECS),
]);

const REPLICA: Type = Struct(&[("name", Text), ("count", Int)]);

const VAR: Type = Struct(&[
    ("name", Text),
    (
        "objref",
        Struct(&[
            ("apiVersion", Text),
            ("group", Text),
            ("version", Text),
            ("kind", Text),
            ("name", Text),
            ("namespace", Text),
        ]),
    ),
    ("fieldref", Struct(&[("fieldPath", Text)])),
]);

const FIELD_OPTIONS: Type = Struct(&[
    ("delimiter", Text),
    ("index", Int),
    ("encoding", Text),
    ("create", Bool),
]);

pub(crate) const REPLACEMENT: Type = Struct(&[
    ("path", Text),
    (
        "source",
        Struct(&[
            ("group", Text),
            ("version", Text),
            ("kind", Text),
            ("name", Text),
            ("namespace", Text),
            ("fieldPath", Text),
            ("options", FIELD_OPTIONS),
        ]),
    ),
    ("sourceValue", Text),
    (
        "targets",
        List(&Struct(&[
            ("select", SELECTOR),
            ("reject", List(&SELECTOR)),
            ("fieldPaths", TEXTS),
            ("options", FIELD_OPTIONS),
        ])),
    ),
]);

const HELM_CHART: Type = Struct(&[
    ("name", Text),
    ("version", Text),
    ("repo", Text),
    ("releaseName", Text),
    ("namespace", Text),
    ("additionalValuesFiles", TEXTS),
    ("valuesFile", Text),
    ("valuesInline", Map(&Any)),
    ("valuesMerge", Text),
    ("includeCRDs", Bool),
    ("skipHooks", Bool),
    ("apiVersions", TEXTS),
    ("kubeVersion", Text),
    ("nameTemplate", Text),
    ("skipTests", Bool),
    ("debug", Bool),
    ("devel", Bool),
]);

const OLD_HELM_CHART: Type = Struct(&[
    ("chartName", Text),
    ("chartVersion", Text),
    ("chartRepoUrl", Text),
    ("chartHome", Text),
    ("chartRepoName", Text),
    ("helmBin", Text),
    ("helmHome", Text),
    ("values", Text),
    ("valuesLocal", Map(&Any)),
    ("valuesMerge", Text),
    ("releaseName", Text),
    ("releaseNamespace", Text),
    ("extraArgs", TEXTS),
]);

/// kustomization.yaml
pub(crate) const KUSTOMIZATION: Type = Struct(&[
    ("kind", Text),
    ("apiVersion", Text),
    ("metadata", METADATA),
    ("openapi", TEXT_MAP),
    ("namePrefix", Text),
    ("nameSuffix", Text),
    ("namespace", Text),
    ("commonLabels", TEXT_MAP),
    ("labels", List(&LABEL)),
    ("commonAnnotations", TEXT_MAP),
    ("patchesStrategicMerge", TEXTS),
    ("patchesJson6902", List(&PATCH)),
    ("patches", List(&PATCH)),
    ("images", List(&IMAGE)),
    ("imageTags", List(&IMAGE)),
    ("replacements", List(&REPLACEMENT)),
    ("replicas", List(&REPLICA)),
    ("vars", List(&VAR)),
    (
        "sortOptions",
        Struct(&[
            ("order", Text),
            (
                "legacySortOptions",
                Struct(&[("orderFirst", TEXTS), ("orderLast", TEXTS)]),
            ),
        ]),
    ),
    ("resources", TEXTS),
    ("components", TEXTS),
    ("crds", TEXTS),
    ("bases", TEXTS),
    ("configMapGenerator", List(&CONFIG_MAP)),
    ("secretGenerator", List(&SECRET)),
    (
        "helmGlobals",
        Struct(&[("chartHome", Text), ("configHome", Text)]),
    ),
    ("helmCharts", List(&HELM_CHART)),
    ("helmChartInflationGenerator", List(&OLD_HELM_CHART)),
    ("generatorOptions", GENERATOR_OPTIONS),
    ("configurations", TEXTS),
    ("generators", TEXTS),
    ("transformers", TEXTS),
    ("validators", TEXTS),
    ("buildMetadata", TEXTS),
]);

/// A file of `configurations`.
pub(crate) const CONFIGURATION: Type = Struct(&[
    ("namePrefix", FIELD_SPECS),
    ("nameSuffix", FIELD_SPECS),
    ("namespace", FIELD_SPECS),
    ("commonLabels", FIELD_SPECS),
    ("labels", FIELD_SPECS),
    ("templateLabels", FIELD_SPECS),
    ("commonAnnotations", FIELD_SPECS),
    (
        "nameReference",
        List(&Struct(&[
            ("group", Text),
            ("version", Text),
            ("kind", Text),
            ("fieldSpecs", FIELD_SPECS),
        ])),
    ),
    ("varReference", FIELD_SPECS),
    ("images", FIELD_SPECS),
    ("replicas", FIELD_SPECS),
]);

/// An item of `spec.patches` of a Flux Kustomization.
pub(super) const FLUX_PATCH: Type = Struct(&[("patch", Text), ("target", SELECTOR)]);

const VALUE_TARGET: Type = Struct(&[
    ("selector", SELECTOR),
    ("fieldPath", Text),
    ("filePathPosition", Int),
]);

/// A file of targets for `ValueAddTransformer`.
pub(crate) const VALUE_TARGETS: Type = Struct(&[("targets", List(&VALUE_TARGET))]);

/// What configures a built-in generator or transformer, by its kind.
pub(crate) fn plugin(kind: &str) -> Option<Type> {
    const SPECS: (&str, Type) = ("fieldSpecs", FIELD_SPECS);
    const NAMED: (&str, Type) = ("metadata", METADATA);
    Some(match kind {
        "ConfigMapGenerator" | "SecretGenerator" => generator!(("type", Text), NAMED),
        "IAMPolicyGenerator" => Struct(&[
            ("cloud", Text),
            (
                "kubernetesService",
                Struct(&[("namespace", Text), ("name", Text)]),
            ),
            ("serviceAccount", Struct(&[("name", Text), ("projectId", Text)])),
        ]),
        "HelmChartInflationGenerator" => HELM_CHART,
        "NamespaceTransformer" => Struct(&[
            NAMED,
            SPECS,
            ("unsetOnly", Bool),
            ("setRoleBindingSubjects", Text),
        ]),
        "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer" => {
            Struct(&[("prefix", Text), ("suffix", Text), SPECS])
        }
        "LabelTransformer" => Struct(&[("labels", TEXT_MAP), SPECS]),
        "AnnotationsTransformer" => Struct(&[("annotations", TEXT_MAP), SPECS]),
        "ImageTagTransformer" => Struct(&[("imageTag", IMAGE), SPECS]),
        "ReplicaCountTransformer" => Struct(&[("replica", REPLICA), SPECS]),
        "HashTransformer" => Struct(&[]),
        "ValueAddTransformer" => Struct(&[
            ("value", Text),
            ("targets", List(&VALUE_TARGET)),
            ("targetFilePath", Text),
        ]),
        "ReplacementTransformer" => Struct(&[("replacements", List(&REPLACEMENT))]),
        "PatchTransformer" => PATCH,
        "PatchJson6902Transformer" => Struct(&[("target", SELECTOR), ("path", Text), ("jsonOp", Text)]),
        "PatchStrategicMergeTransformer" => Struct(&[("paths", TEXTS), ("patches", Text)]),
        _ => return None,
    })
}
