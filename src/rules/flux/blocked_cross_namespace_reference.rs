use crate::cluster::ClusterIndex;
use crate::cluster::lockdown::{Field, Lockdown, fields_of};
use crate::finding::{Finding, Severity};
use crate::flux::known_text;
use crate::kustomize::Object;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// A reference into another namespace in a cluster whose controllers refuse those.
pub(crate) static RULE: Rule = Rule {
    name: "blocked-cross-namespace-reference",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/blocked-cross-namespace-reference.md"),
    check,
};

const LABEL_SWITCH: &str = "refuses references into other namespaces";

fn message(user: &Object, own_namespace: &str, reference: &Crossing<'_>) -> String {
    format!(
        "{} `{own_namespace}/{}` {} {} `{}/{}`, but {} blocks references into other namespaces",
        user.kind(),
        user.name(),
        reference.field.verb,
        reference.kind,
        reference.namespace,
        reference.name,
        reference.field.controller
    )
}

fn help(user: &Object, own_namespace: &str, reference: &Crossing<'_>) -> String {
    let Crossing {
        kind,
        name,
        namespace,
        ..
    } = reference;
    match reference.field.controller {
        "notification-controller" => format!(
            "move the {} to namespace `{namespace}`: it only sees the objects of its own",
            user.kind()
        ),
        _ => format!(
            "create {kind} `{name}` in namespace `{own_namespace}` and refer to that, or move the {} to namespace `{namespace}`",
            user.kind()
        ),
    }
}

/// A reference that leaves its namespace.
struct Crossing<'a> {
    field: &'static Field,
    kind: &'a str,
    name: &'a str,
    namespace: &'a str,
    place: Span,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut found = Gathered::new();
    for index in &context.index.clusters {
        let lockdown = Lockdown::of(index);
        for (user, own_namespace) in users(index) {
            for field in fields_of(user) {
                let Some(switch) = lockdown.locks(field.controller) else {
                    continue;
                };
                for crossing in crossings(user, own_namespace, field) {
                    let text = message(user, own_namespace, &crossing);
                    let finding = Finding::new(text.clone(), crossing.place, label(own_namespace))
                        .label(switch, LABEL_SWITCH)
                        .help(help(user, own_namespace, &crossing))
                        .object(user.reference())
                        .route(field.route.join("."));
                    let finding = match field.controller {
                        "notification-controller" => finding.severity(Severity::Warning),
                        _ => finding,
                    };
                    found.add(crossing.place, text, &index.cluster.name, finding);
                }
            }
        }
    }
    findings.extend(
        found
            .into_faults()
            .map(|(_, fault)| fault.first.clusters(fault.clusters)),
    );
}

fn label(own_namespace: &str) -> String {
    format!("another namespace than `{own_namespace}`")
}

/// What Flux works on in this cluster, with its namespace.
fn users<'a>(index: &ClusterIndex<'a>) -> impl Iterator<Item = (&'a Object, &'a str)> {
    let reconciled = index.reconciled().map(|one| (one.object, one.namespace));
    let others = index.cluster.objects().filter(|(owner, object)| {
        let kind = object.kind();
        index.delivers_here(*owner) && kind != "Kustomization" && kind != "HelmRelease"
    });
    let others = others.filter_map(|(_, object)| Some((&**object, object.namespace()?)));
    let is_suspended = |object: &Object| object.node.text_at(&["spec", "suspend"]) == Some("true");
    reconciled.chain(others.filter(move |(object, _)| !is_suspended(object)))
}

fn crossings<'a>(user: &'a Object, own_namespace: &'a str, field: &'static Field) -> Vec<Crossing<'a>> {
    let Some(node) = user.node.at(field.route) else {
        return Vec::new();
    };
    let references = if node.is_sequence() {
        node.items()
    } else {
        std::slice::from_ref(node)
    };
    let crossing = |reference: &'a Node| {
        let node = reference.get("namespace")?;
        let namespace =
            known_text(node).filter(|namespace| !namespace.is_empty() && *namespace != own_namespace)?;
        Some(Crossing {
            field,
            kind: reference.text_at(&["kind"]).unwrap_or(field.target),
            name: known_text(reference.get("name")?)?,
            namespace,
            place: node.origin().edit_span(),
        })
    };
    references.iter().filter_map(crossing).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{Fixture, kustomization, release};
    use crate::rules::flux::missing_source;

    const PLACE: &str = "x/flux-system/root.yaml";

    /// A controller that is started with these arguments.
    fn controller(name: &str, arguments: &str) -> String {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  \
             template: {{spec: {{containers: [{{name: manager, args: [{arguments}]}}]}}}}\n"
        )
    }

    fn source(namespace: &str) -> String {
        let reference = "{kind: OCIRepository, name: shop, namespace: ";
        format!("  sourceRef: {reference}{namespace}}}\n")
    }

    fn messages(objects: &[String]) -> Vec<String> {
        Fixture::new(&[(PLACE, &objects.concat())]).messages(&RULE)
    }

    #[test]
    fn a_locked_controller_refuses_other_namespaces_only() {
        let locked = controller("kustomize-controller", "--no-cross-namespace-refs=true");
        let files = |namespace: &str| {
            let text = locked.clone() + &kustomization("app", &source(namespace));
            Fixture::new(&[(PLACE, &text), ("x/flux-system/app.yaml", "")]).messages(&RULE)
        };
        assert_eq!(
            files("shop"),
            [
                "Kustomization `flux-system/app` takes its files from OCIRepository `shop/shop`, but kustomize-controller \
                 blocks references into other namespaces"
            ]
        );
        assert_eq!(files("flux-system"), [""; 0]);
    }

    #[test]
    fn each_controller_has_its_own_flag_and_the_last_one_counts() {
        let app = || {
            release(
                "app",
                "  chartRef: {kind: OCIRepository, name: shop, namespace: shop}\n",
            )
        };
        let count = |name: &str, arguments: &str| messages(&[controller(name, arguments), app()]).len();
        assert_eq!(count("helm-controller", "--no-cross-namespace-refs"), 1);
        assert_eq!(count("kustomize-controller", "--no-cross-namespace-refs"), 0);
        let twice = "--no-cross-namespace-refs, --no-cross-namespace-refs=false";
        assert_eq!(count("helm-controller", twice), 0);
    }

    #[test]
    fn an_instance_whose_patches_touch_the_flag_proves_nothing() {
        let instance = |rest: &str| {
            format!(
                "---\napiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {{name: flux, namespace: flux-system}}\n\
                 spec:\n  cluster: {{multitenant: true}}\n{rest}"
            )
        };
        let app = || {
            release(
                "app",
                "  chartRef: {kind: OCIRepository, name: shop, namespace: shop}\n",
            )
        };
        assert_eq!(messages(&[instance(""), app()]).len(), 1);
        let patch = "  kustomize: {patches: [{patch: 'value: --no-cross-namespace-refs=false'}]}\n";
        assert_eq!(messages(&[instance(patch), app()]), [""; 0]);
        let values =
            "  chart: {spec: {chart: flux-instance}}\n  values: {instance: {cluster: {multitenant: true}}}\n";
        assert_eq!(messages(&[release("flux-instance", values), app()]).len(), 1);
    }

    #[test]
    fn what_is_blocked_is_not_looked_for() {
        let locked = controller("helm-controller", "--no-cross-namespace-refs");
        let app = |namespace: &str| {
            release(
                "app",
                &format!("  chartRef: {{kind: OCIRepository, name: shop{namespace}}}\n"),
            )
        };
        let repository = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n\
                          metadata: {name: shop, namespace: shop}\nspec: {url: oci://registry.example.org/shop}\n";
        let found = |namespace: &str| {
            let text = [locked.as_str(), &app(namespace), repository].concat();
            let found = Fixture::new(&[(PLACE, &text)]).check(&missing_source::RULE);
            found.into_iter().filter_map(|one| one.help).collect::<Vec<_>>()
        };
        assert_eq!(found(", namespace: bank"), [""; 0]);
        assert_eq!(
            found(""),
            ["add the OCIRepository `shop` in namespace `flux-system`, or name one that exists"]
        );
    }
}
