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
