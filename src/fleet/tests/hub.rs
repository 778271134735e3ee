use super::*;

const APP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {}\n";

fn remote(name: &str, path: &str, secret: &str) -> String {
    kustomization(
        name,
        path,
        &format!("kubeConfig: {{secretRef: {{name: {secret}}}}}"),
    )
}

#[test]
fn what_a_hub_sends_away_belongs_to_the_named_cluster() {
    with_fleet(
        &[
            ("clusters/hub/gotk-sync.yaml", &bootstrap("./clusters/hub")),
            (
                "clusters/hub/spoke.yaml",
                &remote("spoke-apps", "./apps", "spoke-kubeconfig"),
            ),
            ("apps/app.yaml", APP),
        ],
        |fleet, _| {
            assert_eq!(names(fleet), ["hub", "spoke"]);
            let hub = cluster(fleet, "hub");
            assert!(one(hub, "spoke-apps").remote);
            assert!(hub.objects_of("ConfigMap").next().is_none());
            let spoke = cluster(fleet, "spoke");
            assert_eq!(spoke.objects_of("ConfigMap").count(), 1);
            assert_eq!(one(spoke, "spoke-apps").hub.as_deref(), Some("hub"));
        },
    );
}

#[test]
fn a_cluster_that_builds_the_same_by_itself_gets_no_second_copy() {
    with_fleet(
        &[
            ("clusters/hub/gotk-sync.yaml", &bootstrap("./clusters/hub")),
            (
                "clusters/hub/spoke.yaml",
                &remote("spoke-sync", "./clusters/spoke", "spoke-kubeconfig"),
            ),
            (
                "clusters/hub/more.yaml",
                &remote("spoke-more", "./more", "spoke-kubeconfig"),
            ),
            ("clusters/spoke/gotk-sync.yaml", &bootstrap("./clusters/spoke")),
            ("more/app.yaml", APP),
        ],
        |fleet, _| {
            assert_eq!(names(fleet), ["hub", "spoke"]);
            let spoke = cluster(fleet, "spoke");
            let named: Vec<_> = spoke.kustomizations.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(named, ["flux-system", "spoke-more"]);
            assert_eq!(spoke.own_kustomizations().count(), 1);
        },
    );
}

#[test]
fn a_release_that_goes_elsewhere_keeps_the_values_of_the_hub() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cilium, namespace: spoke}\nspec:\n  \
                   kubeConfig: {secretRef: {name: spoke-kubeconfig}}\n  valuesFrom: [{kind: ConfigMap, name: values}]\n";
    let values = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values, namespace: spoke}\ndata: {values.yaml: 'cluster: {id: 3}'}\n";
    with_fleet(
        &[
            ("clusters/hub/gotk-sync.yaml", &bootstrap("./clusters/hub")),
            ("clusters/hub/cilium.yaml", release),
            ("clusters/hub/values.yaml", values),
        ],
        |fleet, _| {
            let spoke = cluster(fleet, "spoke");
            let there = object(spoke, "HelmRelease", "cilium");
            assert!(there.node.at(&["spec", "kubeConfig"]).is_none());
            let values = spoke.helm_values(there);
            assert!(
                matches!(values.lookup(&["cluster", "id"]), Lookup::Value(node) if node.as_text() == Some("3"))
            );
        },
    );
}
