use crate::finding::{Finding, Severity};
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::rules::words::full_name;
use crate::rules::{Category, Context, Rule};
use crate::sops::is_encrypted_document;

/// SOPS data that a Kustomization without `decryption` applies.
pub(crate) static RULE: Rule = Rule {
    name: "encrypted-secret-without-decryption",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/encrypted-secret-without-decryption.md"),
    check,
};

fn message(object: &Object, owner: &Kustomization) -> String {
    format!(
        "{} `{}` is encrypted with SOPS, and Kustomization `{}` that applies it does not decrypt",
        object.kind(),
        full_name(object),
        owner.full_name()
    )
}

const LABEL: &str = "`spec.decryption` is missing";
const LABEL_SECRET: &str = "encrypted here";
const HELP: &str =
    "add `decryption: {provider: sops}`, with a `secretRef` to the Secret that holds the key, to its `spec`";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.fleet.clusters {
        // What a hub applies here is told of the hub.
        for owner in cluster.own_kustomizations().filter(|one| !one.suspended) {
            let decrypts = owner
                .spec()
                .and_then(|spec| spec.get("decryption"))
                .is_some_and(|decryption| !decryption.is_null());
            // One that applies itself may be patched by what could not be built.
            let is_built = owner.build.as_ref().is_none_or(|build| !build.failed());
            if decrypts || !is_built {
                continue;
            }
            // One Kustomization to edit, one finding.
            let Some(object) = owner
                .objects
                .iter()
                .find(|object| is_encrypted_document(&object.node))
            else {
                continue;
            };
            let place = owner
                .object
                .node
                .entry("spec")
                .map_or_else(|| owner.object.node.span(), |spec| spec.key.span());
            findings.push(
                Finding::new(message(object, owner), place, LABEL)
                    .label(object.name_span(), LABEL_SECRET)
                    .help(HELP)
                    .clusters([cluster.name.as_str()])
                    .object(owner.object.reference())
                    .route("spec.decryption"),
            );
        }
    }
}
