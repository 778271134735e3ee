//! The fields of Flux objects: of Kustomizations as kustomize-controller 1.9.5 has them, of HelmReleases as helm-controller
//! 1.6.4 has them, and of sources as source-controller 1.9.5 has them, read from their API modules.

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Anything.
    Any,
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// An integer.
    Int,
    /// A span of time such as `1h30m`.
    Duration,
    /// A map of texts.
    Texts,
    /// One of these words, separated by `|`.
    OneOf(&'static str),
    /// A map with these fields.
    Fields(&'static str),
    /// A list; the word says of what.
    List(&'static str),
}

impl Type {
    /// Reads a word of [`SHAPES`].
    pub(super) fn read(word: &'static str) -> Self {
        match word {
            "any" => Self::Any,
            "str" => Self::Text,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "dur" => Self::Duration,
            "map" => Self::Texts,
            _ => {
                if let Some(words) = word.strip_prefix('=') {
                    Self::OneOf(words)
                } else if let Some(item) = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                    Self::List(item)
                } else {
                    Self::Fields(word)
                }
            }
        }
    }
}

/// The fields of `spec` of a kind in a version, where they are known.
pub(super) fn spec_of(api_version: &str, kind: &str) -> Option<&'static str> {
    let known = match api_version {
        "kustomize.toolkit.fluxcd.io/v1" => &["Kustomization"][..],
        "helm.toolkit.fluxcd.io/v2" => &["HelmRelease"],
        "source.toolkit.fluxcd.io/v1" => &[
            "GitRepository",
            "OCIRepository",
            "HelmRepository",
            "Bucket",
            "HelmChart",
        ],
        _ => &[],
    };
    known.iter().copied().find(|name| *name == kind)
}

/// The fields of a shape, each with its type.
pub(super) fn fields(shape: &str) -> impl Iterator<Item = (&'static str, Type)> + Clone {
    let found = SHAPES.iter().find(|(name, _)| *name == shape);
    found.into_iter().flat_map(|(_, fields)| {
        fields
            .split_ascii_whitespace()
            .filter_map(|field| field.split_once(':'))
            .map(|(name, word)| (name, Type::read(word)))
    })
}

/// A name, and what the map of that name holds.
#[rustfmt::skip]
static SHAPES: &[(&str, &str)] = &[
    ("AccessFrom", "namespaceSelectors:[NamespaceSelectors]"),
    ("Bucket", "provider:=generic|aws|gcp|azure bucketName:str endpoint:str sts:Sts insecure:bool region:str prefix:str secretRef:SecretRef serviceAccountName:str certSecretRef:SecretRef proxySecretRef:SecretRef interval:dur timeout:dur ignore:str suspend:bool"),
    ("Chart", "metadata:Metadata spec:Spec"),
    ("CommonMetadata", "annotations:map labels:map"),
    ("Decryption", "provider:=sops serviceAccountName:str secretRef:SecretRef"),
    ("DependsOn", "name:str namespace:str readyExpr:str"),
    ("DriftDetection", "mode:=enabled|warn|disabled ignore:[Ignore]"),
    ("Filters", "name:str exclude:bool"),
    ("GitRepository", "url:str secretRef:SecretRef provider:=generic|aws|azure|github serviceAccountName:str interval:dur timeout:dur ref:Ref verify:GitRepositoryVerify proxySecretRef:SecretRef ignore:str suspend:bool recurseSubmodules:bool include:[Include] sparseCheckout:[str]"),
    ("GitRepositoryVerify", "mode:=head|HEAD|Tag|TagAndHEAD secretRef:SecretRef"),
    ("HealthCheckExprs", "apiVersion:str kind:str current:str inProgress:str failed:str"),
    ("HealthChecks", "apiVersion:str kind:str name:str namespace:str"),
    ("HelmChart", "chart:str version:str sourceRef:HelmChartSourceRef interval:dur reconcileStrategy:=ChartVersion|Revision valuesFiles:[str] ignoreMissingValuesFiles:bool suspend:bool verify:HelmChartVerify"),
    ("HelmChartSourceRef", "apiVersion:str kind:=HelmRepository|GitRepository|Bucket name:str"),
    ("HelmChartVerify", "provider:=cosign|notation secretRef:SecretRef matchOIDCIdentity:[MatchOIDCIdentity]"),
    ("HelmRelease", "chart:Chart chartRef:HealthChecks interval:dur kubeConfig:KubeConfig suspend:bool releaseName:str targetNamespace:str storageNamespace:str dependsOn:[DependsOn] timeout:dur maxHistory:int serviceAccountName:str persistentClient:bool driftDetection:DriftDetection install:Install upgrade:Upgrade test:Test rollback:Rollback uninstall:Uninstall valuesFrom:[ValuesFrom] values:any commonMetadata:CommonMetadata postRenderers:[PostRenderers] postRenderStrategy:=nohooks|combined|separate waitStrategy:WaitStrategy healthCheckExprs:[HealthCheckExprs]"),
    ("HelmRepository", "url:str secretRef:SecretRef certSecretRef:SecretRef passCredentials:bool interval:dur insecure:bool timeout:dur suspend:bool accessFrom:AccessFrom type:=default|oci provider:=generic|aws|azure|gcp"),
    ("Ignore", "paths:[str] target:Target"),
    ("Images", "name:str newName:str newTag:str digest:str"),
    ("Include", "repository:SecretRef fromPath:str toPath:str"),
    ("Install", "timeout:dur strategy:Strategy remediation:Remediation disableTakeOwnership:bool disableWait:bool disableWaitForJobs:bool disableHooks:bool disableOpenAPIValidation:bool disableSchemaValidation:bool replace:bool skipCRDs:bool crds:=Skip|Create|CreateReplace createNamespace:bool serverSideApply:bool"),
    ("KubeConfig", "configMapRef:SecretRef secretRef:KubeConfigSecretRef"),
    ("KubeConfigSecretRef", "name:str key:str"),
    ("Kustomization", "commonMetadata:CommonMetadata dependsOn:[DependsOn] decryption:Decryption interval:dur retryInterval:dur kubeConfig:KubeConfig path:str postBuild:PostBuild prune:bool deletionPolicy:=MirrorPrune|Delete|WaitForTermination|Orphan healthChecks:[HealthChecks] namePrefix:str nameSuffix:str patches:[Patches] images:[Images] serviceAccountName:str sourceRef:SourceRef suspend:bool targetNamespace:str timeout:dur force:bool wait:bool buildMetadata:[=originAnnotations|transformerAnnotations] components:[str] ignoreMissingComponents:bool healthCheckExprs:[HealthCheckExprs] ignore:[Ignore]"),
    ("Kustomize", "patches:[Patches] images:[Images]"),
    ("LayerSelector", "mediaType:str operation:=extract|copy"),
    ("MatchOIDCIdentity", "issuer:str subject:str"),
    ("Metadata", "labels:map annotations:map"),
    ("NamespaceSelectors", "matchLabels:map"),
    ("OCIRepository", "url:str ref:OCIRepositoryRef layerSelector:LayerSelector provider:=generic|aws|azure|gcp secretRef:SecretRef verify:OCIRepositoryVerify serviceAccountName:str certSecretRef:SecretRef proxySecretRef:SecretRef interval:dur timeout:dur ignore:str insecure:bool suspend:bool"),
    ("OCIRepositoryRef", "digest:str semver:str semverFilter:str tag:str"),
    ("OCIRepositoryVerify", "provider:=cosign|notation secretRef:SecretRef matchOIDCIdentity:[MatchOIDCIdentity] trustedRootSecretRef:SecretRef"),
    ("Patches", "patch:str target:Target"),
    ("PostBuild", "substituteStrategy:=WithVariables|Always substitute:map substituteFrom:[SubstituteFrom]"),
    ("PostRenderers", "kustomize:Kustomize"),
    ("Ref", "branch:str tag:str semver:str name:str commit:str"),
    ("Remediation", "retries:int ignoreTestFailures:bool remediateLastFailure:bool"),
    ("Rollback", "timeout:dur disableWait:bool disableWaitForJobs:bool disableHooks:bool recreate:bool force:bool cleanupOnFail:bool serverSideApply:=enabled|disabled|auto"),
    ("SecretRef", "name:str"),
    ("SourceRef", "apiVersion:str kind:=OCIRepository|GitRepository|Bucket|ExternalArtifact name:str namespace:str"),
    ("Spec", "chart:str version:str sourceRef:HealthChecks interval:dur reconcileStrategy:=ChartVersion|Revision valuesFiles:[str] ignoreMissingValuesFiles:bool verify:Verify"),
    ("Strategy", "name:=RemediateOnFailure|RetryOnFailure retryInterval:dur"),
    ("Sts", "provider:=aws|ldap endpoint:str secretRef:SecretRef certSecretRef:SecretRef"),
    ("SubstituteFrom", "kind:=Secret|ConfigMap name:str optional:bool"),
    ("Target", "group:str version:str kind:str namespace:str name:str annotationSelector:str labelSelector:str"),
    ("Test", "enable:bool timeout:dur ignoreFailures:bool filters:[Filters]"),
    ("Uninstall", "timeout:dur disableHooks:bool keepHistory:bool disableWait:bool deletionPropagation:=background|foreground|orphan"),
    ("Upgrade", "timeout:dur strategy:Strategy remediation:UpgradeRemediation disableTakeOwnership:bool disableWait:bool disableWaitForJobs:bool disableHooks:bool disableOpenAPIValidation:bool disableSchemaValidation:bool force:bool preserveValues:bool cleanupOnFail:bool crds:=Skip|Create|CreateReplace serverSideApply:=enabled|disabled|auto chartNameChangeStrategy:=InPlaceUpdate|Reinstall"),
    ("UpgradeRemediation", "retries:int ignoreTestFailures:bool remediateLastFailure:bool strategy:=rollback|uninstall"),
    ("ValuesFrom", "kind:=Secret|ConfigMap name:str valuesKey:str targetPath:str optional:bool literal:bool"),
    ("Verify", "provider:=cosign|notation secretRef:SecretRef"),
    ("WaitStrategy", "name:=poller|legacy"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_named_is_there() {
        for (shape, _) in SHAPES {
            for (field, kind) in fields(shape) {
                let named = match kind {
                    Type::Fields(name) => name,
                    Type::List(word) => match Type::read(word) {
                        Type::Fields(name) => name,
                        _ => continue,
                    },
                    _ => continue,
                };
                assert!(
                    SHAPES.iter().any(|(name, _)| *name == named),
                    "{shape}.{field} is a {named}"
                );
            }
        }
    }
}
