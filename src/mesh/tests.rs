use super::testing::{fleet, release, values_fleet};
use super::*;
use crate::unknown::UnknownReason;

fn member(objects: &str) -> Member {
    let made = fleet(&[("infra", objects)]);
    build(&made.fleet, &made.sources).members.pop().unwrap()
}

fn with_values(values: &str) -> Member {
    member(&release(values))
}

fn with_version(version: &str, values: &str) -> Member {
    member(&release(values).replace("version: 1.18.3", &format!("version: {version}")))
}

fn shown(ranges: &Fact<Vec<Range>>) -> Option<Vec<String>> {
    ranges
        .get()
        .map(|ranges| ranges.iter().map(Range::to_string).collect())
}

const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cluster-settings\ndata:\n";

#[test]
fn values_state_the_identity_and_the_chart_fills_in_the_rest() {
    let member = with_values("cluster:\n  id: 01\n");
    assert_eq!(member.id.value, Known::Stated(1));
    assert_eq!(member.cluster_name.value, Known::Default("default".to_owned()));
    assert_eq!(member.max_connected.value, Known::Default(255));
    assert_eq!(shown(&member.pod_cidrs), Some(vec!["10.0.0.0/8".to_owned()]));
    assert!(member.pod_cidrs.get().unwrap()[0].by_default);
    assert_eq!(member.version_at_least(1, 18), Some(true));
    assert_eq!(member.version_at_least(1, 19), Some(false));
    assert_eq!(member.native_routing.value, Known::Default(false));
}

#[test]
fn evidence_is_in_order_of_authority_and_knows_its_route() {
    let objects = format!(
        "{}---\n{SETTINGS}  CLUSTER_ID: \"7\"\n",
        release("cluster:\n  id: 3\n")
    );
    let id = member(&objects).id;
    assert_eq!(id.value, Known::Stated(3));
    let said: Vec<_> = id
        .evidence
        .iter()
        .map(|evidence| (evidence.value, evidence.place.statement, &*evidence.place.route))
        .collect();
    assert_eq!(
        said,
        [
            (Some(3), Statement::HelmRelease, "spec.values.cluster.id"),
            (Some(7), Statement::Settings, "data.CLUSTER_ID"),
        ]
    );
}

#[test]
fn settings_speak_where_no_values_are() {
    let member = member(&format!(
        "{SETTINGS}  CLUSTER_ID: \"2\"\n  POD_CIDR: '[\"10.246.0.0/16\"]'\n  POD_CIDR_STRING: 10.246.0.0/16\n  \
         SERVICE_CIDR: 10.247.0.0/16,fd00:247::/112\n"
    ));
    assert!(!member.has_cilium());
    assert_eq!(member.id.value, Known::Stated(2));
    assert_eq!(shown(&member.pod_cidrs), Some(vec!["10.246.0.0/16".to_owned()]));
    assert_eq!(
        shown(&member.service_cidrs),
        Some(vec!["10.247.0.0/16".to_owned(), "fd00:247::/112".to_owned()])
    );
}

#[test]
fn settings_that_contradict_each_other_all_count() {
    let member = member(&format!(
        "{SETTINGS}  POD_CIDR: 10.1.0.0/16\n  CLUSTER_POD_CIDR: 10.2.0.0/16\n"
    ));
    assert_eq!(
        shown(&member.pod_cidrs),
        Some(vec!["10.1.0.0/16".to_owned(), "10.2.0.0/16".to_owned()])
    );
    assert_eq!(member.pod_cidrs.evidence.len(), 2);
}

#[test]
fn settings_per_address_family_add_up() {
    let member = member(&format!(
        "{SETTINGS}  POD_CIDR_V4: 10.1.0.0/16\n  POD_CIDR_V6: fd00:1::/56\n"
    ));
    assert_eq!(
        shown(&member.pod_cidrs),
        Some(vec!["10.1.0.0/16".to_owned(), "fd00:1::/56".to_owned()])
    );
}

#[test]
fn the_pool_of_the_operator_is_inert_when_kubernetes_hands_out_addresses() {
    let values = "ipam:\n  mode: kubernetes\n  operator:\n    clusterPoolIPv4PodCIDRList: [10.9.0.0/16]\n";
    assert_eq!(
        with_values(values).pod_cidrs.unknown_reason(),
        Some(UnknownReason::External)
    );
    let pool = "ipam:\n  operator:\n    clusterPoolIPv4PodCIDRList: [10.9.0.0/16]\n";
    assert_eq!(
        shown(&with_values(pool).pod_cidrs),
        Some(vec!["10.9.0.0/16".to_owned()])
    );
}

#[test]
fn the_single_range_counts_until_the_chart_refused_it() {
    let pods = |version: &str| {
        let single = "ipam:\n  operator:\n    clusterPoolIPv4PodCIDR: 10.7.0.0/16\n";
        with_version(version, single).pod_cidrs
    };
    let shown_of = |version| shown(&pods(version));
    assert_eq!(shown_of("1.13.18"), Some(vec!["10.7.0.0/16".to_owned()]));
    assert_eq!(shown_of("1.14.1"), None);
    assert_eq!(pods("1.18.12").unknown_reason(), Some(UnknownReason::Chart));
    assert_eq!(shown_of("1.19.6"), Some(vec!["10.0.0.0/8".to_owned()]));
    let both = "ipam:\n  operator:\n    clusterPoolIPv4PodCIDR: 10.7.0.0/16\n    clusterPoolIPv4PodCIDRList: [10.8.0.0/16]\n";
    assert_eq!(
        shown(&with_version("1.12.19", both).pod_cidrs),
        Some(vec!["10.8.0.0/16".to_owned()])
    );
}

#[test]
fn a_plugin_in_front_or_a_cloud_hands_out_addresses_itself() {
    for values in [
        "cni:\n  chainingMode: aws-cni\n",
        "cni:\n  chainingMode: generic-veth\n",
        "cni:\n  chainingTarget: azure\n",
        "eni:\n  enabled: true\n",
    ] {
        let reason = with_values(values).pod_cidrs.unknown_reason();
        assert_eq!(reason, Some(UnknownReason::External), "{values}");
    }
    for values in ["cni:\n  chainingMode: none\n", "cni:\n  chainingMode: portmap\n"] {
        let pods = with_values(values).pod_cidrs;
        assert_eq!(shown(&pods), Some(vec!["10.0.0.0/8".to_owned()]), "{values}");
    }
}

#[test]
fn both_families_count_when_both_are_on() {
    let values = "ipv6:\n  enabled: true\nipam:\n  operator:\n    clusterPoolIPv4PodCIDRList: 10.9.0.0/16\n";
    let pods = with_values(values).pod_cidrs;
    assert_eq!(
        shown(&pods),
        Some(vec!["10.9.0.0/16".to_owned(), "fd00::/104".to_owned()])
    );
    let by_default: Vec<_> = pods.get().unwrap().iter().map(|range| range.by_default).collect();
    assert_eq!(by_default, [false, true]);
}

#[test]
fn odd_networks_are_kept_with_what_is_wrong() {
    let member = with_values(
        "ipv4NativeRoutingCIDR: fd00::/64\nipam:\n  operator:\n    clusterPoolIPv4PodCIDRList: \
         [10.9.1.0/16, 10.8.0.0, fd00::/104]\n",
    );
    let odd: Vec<_> = member
        .malformed_cidrs
        .iter()
        .map(|odd| (odd.text.as_str(), odd.fault))
        .collect();
    let truncated = "10.9.0.0/16".parse().unwrap();
    assert_eq!(
        odd,
        [
            ("10.9.1.0/16", CidrFault::HostBits(truncated)),
            ("10.8.0.0", CidrFault::NoPrefixLength),
            ("fd00::/104", CidrFault::WrongFamily),
            ("fd00::/64", CidrFault::WrongFamily),
        ]
    );
    assert_eq!(shown(&member.pod_cidrs), Some(vec!["10.9.0.0/16".to_owned()]));
}

#[test]
fn routing_follows_the_version_of_the_chart() {
    let routed = |version: &str, values: &str| {
        let objects = release(values).replace("1.18.3", version);
        member(&objects).native_routing.value
    };
    assert_eq!(routed("1.18.3", "routingMode: native\n"), Known::Stated(true));
    assert_eq!(routed("1.14.0", "tunnel: disabled\n"), Known::Stated(true));
    assert_eq!(routed("1.18.3", "tunnel: disabled\n"), Known::Default(false));
    assert_eq!(routed("1.18.3", "eni:\n  enabled: true\n"), Known::Default(false));
    assert_eq!(routed("1.19.0", "eni:\n  enabled: true\n"), Known::Stated(true));
}

#[test]
fn pools_of_load_balancers_are_ranges() {
    let pool = "apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata:\n  name: pool\nspec:\n  blocks:\n  \
                - cidr: 192.0.2.0/28\n  - start: 192.0.2.40\n    stop: 192.0.2.50\n  - start: 192.0.2.60\n";
    let ranges = member(pool).lb_ranges;
    let wanted = ["192.0.2.0/28", "192.0.2.40-192.0.2.50", "192.0.2.60"];
    assert_eq!(shown(&ranges), Some(wanted.map(str::to_owned).to_vec()));
    assert_eq!(ranges.best().unwrap().place.route, "spec.blocks[0].cidr");
    let off = pool.replace("spec:\n", "spec:\n  disabled: true\n");
    assert_eq!(shown(&member(&off).lb_ranges), None);
}

#[test]
fn charts_are_recognised_by_their_source() {
    let by_source = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: cni\n  namespace: a\nspec:\n  \
                     chartRef:\n    kind: OCIRepository\n    name: charts\n  values:\n    cluster:\n      id: 4\n---\n\
                     kind: OCIRepository\nmetadata:\n  name: charts\n  namespace: a\nspec:\n  url: oci://example.org/cilium\n  \
                     ref:\n    tag: 1.19.1\n";
    let member = member(by_source);
    assert_eq!(member.id.value, Known::Stated(4));
    assert_eq!(member.version_at_least(1, 19), Some(true));
    let other = by_source.replace("/cilium", "/tetragon");
    assert!(!self::member(&other).has_cilium());
}

fn groups_of(clusters: &[(&str, &str)]) -> Vec<Vec<String>> {
    let clusters: Vec<_> = clusters
        .iter()
        .map(|(name, values)| (*name, release(values)))
        .collect();
    let borrowed: Vec<_> = clusters
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let made = fleet(&borrowed);
    let mesh = build(&made.fleet, &made.sources);
    let names = |group: &Group| mesh.members_of(group).map(|member| member.name.clone()).collect();
    mesh.groups.iter().map(names).collect()
}

const OFF: &str = "cluster:\n  id: 1\n";
const SERVER: &str = "clustermesh:\n  useAPIServer: true\n";

fn peers(names: &[&str]) -> String {
    let items: String = names.iter().map(|name| format!("    - name: {name}\n")).collect();
    format!("clustermesh:\n  useAPIServer: true\n  config:\n    enabled: true\n    clusters:\n{items}")
}

#[test]
fn clusters_without_a_sign_of_a_mesh_are_strangers() {
    assert!(groups_of(&[("a", OFF), ("b", OFF)]).is_empty());
    let switched_off =
        "clustermesh:\n  useAPIServer: false\n  config:\n    enabled: false\n    domain: mesh.cilium.io\n";
    assert!(groups_of(&[("a", switched_off), ("b", switched_off)]).is_empty());
}

#[test]
fn peers_make_meshes_and_two_meshes_stay_apart() {
    let named = |name: &str, others: &[&str]| format!("cluster:\n  name: {name}\n{}", peers(others));
    let (a, b) = (named("eu", &["us"]), named("us", &["eu"]));
    let (c, d) = (
        named("eu-test", &["us-test"]),
        named("us-test", &["us-test", "eu-test"]),
    );
    assert_eq!(
        groups_of(&[("a", &a), ("b", &b), ("c", &c), ("d", &d)]),
        [["a", "b"], ["c", "d"]]
    );
}

#[test]
fn a_cluster_that_names_no_peer_joins_the_only_mesh() {
    let a = format!("cluster:\n  name: eu\n{}", peers(&["us"]));
    let b = format!("cluster:\n  name: us\n{}", peers(&["eu"]));
    assert_eq!(
        groups_of(&[("a", &a), ("b", &b), ("c", SERVER)]),
        [["a", "b", "c"]]
    );
    assert_eq!(
        groups_of(&[("a", SERVER), ("b", SERVER), ("c", OFF)]),
        [["a", "b"]]
    );
}

#[test]
fn a_mesh_that_is_switched_off_on_both_sides_is_meant() {
    let objects = format!(
        "{}---\n{SETTINGS}  CILIUM_CLUSTERMESH_SECRET_PATH: x\n",
        release("cluster:\n  id: 1\n")
    );
    let made = fleet(&[("apps", &objects), ("infra", &objects)]);
    let mesh = build(&made.fleet, &made.sources);
    assert_eq!(mesh.relation(0, 1), Relation::Intended);
    let on = format!("{}---\n{SETTINGS}  X: x\n", release(SERVER));
    let made = fleet(&[("apps", &on), ("infra", &on)]);
    let mesh = build(&made.fleet, &made.sources);
    assert_eq!(mesh.relation(0, 1), Relation::Meshed);
    assert_eq!(mesh.relation(0, 0), Relation::Meshed);
}

#[test]
fn peers_come_as_list_or_map() {
    let map = "clustermesh:\n  config:\n    enabled: true\n    clusters:\n      us:\n        port: 2379\n      \
               old:\n        enabled: false\n";
    let names = |values: &str| -> Vec<String> {
        let peers = with_values(values).peers;
        peers
            .get()
            .unwrap()
            .iter()
            .map(|peer| peer.name.clone())
            .collect()
    };
    assert_eq!(names(map), ["us"]);
    assert_eq!(names(&peers(&["us", "asia"])), ["us", "asia"]);
    assert!(with_values(map).mesh_on());
}

#[test]
fn a_values_file_is_all_there_is_without_flux() {
    let made = values_fleet(&[
        (
            "one",
            "cluster:\n  id: 1\n  name: kind-1\nclustermesh:\n  useAPIServer: true\n",
        ),
        (
            "two",
            "cluster:\n  id: 1\n  name: kind-2\nclustermesh:\n  useAPIServer: true\n",
        ),
    ]);
    let mesh = build(&made.fleet, &made.sources);
    let place = &mesh.members[1].id.best().unwrap().place;
    assert_eq!(place.statement, Statement::Bootstrap);
    assert_eq!(place.route, "cluster.id");
    assert_eq!(made.sources.snippet(place.edit_span()), "1");
    assert_eq!(mesh.relation(0, 1), Relation::Meshed);
}

#[test]
fn peers_are_read_in_both_forms_with_what_is_known_of_each() {
    let list = with_values(
        "clustermesh:\n  config:\n    clusters:\n      - {name: a, address: a.example.org, port: 2379}\n      \
         - {name: b, ips: [], port: '${PORT}', enabled: false}\n",
    );
    let peers = list.peers.get().unwrap();
    assert_eq!(peers.len(), 2, "charts before 1.19 pass over `enabled`");
    assert!(matches!(&peers[0].address, Known::Stated(node) if node.as_text() == Some("a.example.org")));
    assert!(matches!(peers[1].ips, Known::Absent));
    assert!(matches!(peers[1].port, Known::Unknown(_)));
    let values = "clustermesh:\n  config:\n    clusters:\n      a: {address: a.example.org}\n      b: {enabled: false}\n";
    let map = member(&release(values).replace("1.18.3", "1.19.0"));
    let names: Vec<_> = map.peers.get().unwrap().iter().map(|peer| &*peer.name).collect();
    assert_eq!(names, ["a"]);
}

#[test]
fn a_peer_whose_name_is_not_known_is_remembered() {
    let member =
        with_values("clustermesh:\n  config:\n    clusters:\n      - {name: \"${PEER}\", port: 2379}\n");
    assert!(member.peers_hidden);
    assert_eq!(member.peers.get().map(Vec::len), Some(0));
}

#[test]
fn names_of_the_certificate_move_with_1_20() {
    let values = "clustermesh:\n  apiserver:\n    tls:\n      server: {extraDnsNames: [old]}\n      \
                  auto: {server: {extraDnsNames: [new]}}\n";
    let names = |version: &str| {
        let names = member(&release(values).replace("1.18.3", version)).tls.dns_names;
        names.get().map(|names| names.join(" "))
    };
    assert_eq!(names("1.19.2").as_deref(), Some("old"));
    assert_eq!(names("1.20.0").as_deref(), Some("new"));
    assert_eq!(names("'>=1.0.0'").as_deref(), Some("new old"));
}

#[test]
fn the_address_of_the_api_server_is_read_from_annotations_and_values() {
    let service = |lines: &str| {
        with_values(&format!(
            "clustermesh:\n  apiserver:\n    service:\n      {lines}\n"
        ))
        .offer
    };
    let shown = |offer: &ApiServer| offer.addresses.get().map(|all| format!("{all:?}"));
    let annotated = service("annotations: {lbipam.cilium.io/ips: '10.0.0.1, 10.0.0.2'}");
    assert_eq!(shown(&annotated).as_deref(), Some("[10.0.0.1, 10.0.0.2]"));
    assert_eq!(
        shown(&service("loadBalancerIP: 10.0.0.3")).as_deref(),
        Some("[10.0.0.3]")
    );
    assert_eq!(shown(&service("loadBalancerIP: ''")), None);
    let unknown = service("annotations: {lbipam.cilium.io/ips: '${VIP}'}");
    assert!(unknown.addresses.unknown_reason().is_some());
    assert_eq!(
        service("type: LoadBalancer").node_port.value,
        Known::Default(32379)
    );
}

#[test]
fn the_authentication_mode_depends_on_the_version() {
    let mode = |version: &str| {
        member(&release("cluster: {id: 1}\n").replace("1.18.3", version))
            .tls
            .auth_mode
            .value
    };
    assert_eq!(mode("1.18.3"), Known::Default("legacy".to_owned()));
    assert_eq!(mode("1.19.0"), Known::Default("migration".to_owned()));
    assert_eq!(mode("'*'"), Known::Absent);
}

#[test]
fn a_mesh_secret_tells_its_keys() {
    let external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: mesh, namespace: kube-system}\n\
                    spec:\n  target: {name: cilium-clustermesh}\n  data:\n    - {secretKey: apps, remoteRef: {key: x}}\n";
    let secrets = member(external).mesh_secrets;
    let [only] = secrets.as_slice() else {
        panic!("{secrets:?}")
    };
    assert_eq!((&*only.name, only.owns), ("cilium-clustermesh", true));
    assert_eq!(only.keys[0].as_text(), Some("apps"));
    let merged = external.replace(
        "cilium-clustermesh}",
        "cilium-clustermesh, creationPolicy: Merge}",
    );
    assert!(!member(&merged).mesh_secrets[0].owns);
}
