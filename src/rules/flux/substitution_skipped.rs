use crate::cluster::expressions::{expressions, has_post_build, substitutes, texts};
use crate::finding::{Finding, Severity};
use crate::flux::Kustomization;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A `postBuild` without a variable, for objects with expressions.
pub(crate) static RULE: Rule = Rule {
    name: "substitution-skipped",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/substitution-skipped.md"),
    check,
};

fn message(owner: &str, variable: &str) -> String {
    format!("Kustomization `{owner}` has no variable, so `${{{variable}…}}` is applied as it stands")
}

fn help() -> &'static str {
    "define a variable in `substitute`, or set `substituteStrategy: Always` (Flux 2.9)"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults = Gathered::new();
    for cluster in &context.fleet.clusters {
        for owner in cluster.own_kustomizations() {
            if !has_post_build(owner) || substitutes(owner) {
                continue;
            }
            let post_build = owner.spec().and_then(|spec| spec.entry("postBuild"));
            let (Some(post_build), Some((span, variable))) = (post_build, with_default(owner)) else {
                continue;
            };
            let finding = Finding::new(
                message(&owner.full_name(), &variable),
                post_build.key.span(),
                "brings no variable",
            )
            .label(span, "left as text")
            .help(help())
            .object(owner.object.reference())
            .route("spec.postBuild");
            faults.add(post_build.key.span(), (), &cluster.name, finding);
        }
    }
    findings.extend(
        faults
            .into_faults()
            .map(|(_, fault)| fault.first.clusters(fault.clusters)),
    );
}

/// The first expression whose default shows that it is meant for Flux. Others may be a shell's.
fn with_default(owner: &Kustomization) -> Option<(Span, String)> {
    let mut first = None;
    texts(owner, &mut |_, _, node| {
        let text = node.as_text().unwrap_or_default();
        let meant = expressions(text)
            .find(|(name, rest)| rest.starts_with(":=") && !text.contains('\n') && !name.is_empty());
        if let Some((name, _)) = meant {
            first.get_or_insert_with(|| (node.span(), name.to_owned()));
        }
    });
    first
}
