use crate::cluster::{ClusterIndex, GroupKind};
use crate::finding::{Finding, ObjectRef, Severity};
use crate::kustomize::Object;
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Entry, Node};

/// A BGP session advertises no route, although it is meant to.
pub(crate) static RULE: Rule = Rule {
    name: "bgp-advertises-nothing",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/bgp-advertises-nothing.md"),
    check,
};

const ADVERTISEMENT: GroupKind<'static> = GroupKind::new("cilium.io", "CiliumBGPAdvertisement");

/// What whoever applies an object may add to its labels.
const ADDED: &str = "toolkit.fluxcd.io/";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// No advertisement has the labels that the family selects.
    NoneSelected,
    /// The advertisement of Services selects none.
    NoServices,
    /// The definition refuses the field beside that type.
    NotAllowed(&'static str, &'static str),
    /// The definition refuses the type without the field.
    Required(&'static str, &'static str),
}

fn message(why: Why, object: &ObjectRef, clusters: &[String]) -> String {
    let of = words::clusters(clusters);
    match why {
        Why::NoneSelected => format!(
            "{} `{}` of {of} selects no CiliumBGPAdvertisement, so its peers get no route",
            object.kind, object.name
        ),
        Why::NoServices => format!(
            "{} `{}` of {of} advertises the addresses of no Service: it has no selector",
            object.kind, object.name
        ),
        Why::NotAllowed(field, kind) => format!(
            "{} `{}` of {of} is refused: `{field}` is not allowed for `{kind}`",
            object.kind, object.name
        ),
        Why::Required(field, kind) => format!(
            "{} `{}` of {of} is refused: `{field}` is required for `{kind}`",
            object.kind, object.name
        ),
    }
}

fn label(why: Why) -> &'static str {
    match why {
        Why::NoneSelected => "no advertisement has this label",
        Why::NoServices => "a selector is missing here",
        Why::NotAllowed(..) => "not for this type",
        Why::Required(..) => "a field is missing here",
    }
}

fn help(why: Why, labels: &[String]) -> String {
    match why {
        Why::NoneSelected if labels.is_empty() => "create a CiliumBGPAdvertisement with these labels".to_owned(),
        Why::NoneSelected => format!("advertisements have {}: select one of these", words::all_of(labels)),
        Why::NotAllowed(field, _) => format!("remove `{field}`"),
        Why::Required("interface", _) => "add `interface` with the `name` of one".to_owned(),
        Why::Required(..) => "add `service` with the `addresses` to advertise".to_owned(),
        Why::NoServices => "add a `selector`; `matchExpressions: [{key: none, operator: DoesNotExist}]` takes in every Service".to_owned(),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for (at, index) in context.index.clusters.iter().enumerate() {
        let cluster = &index.cluster.name;
        let version = context
            .mesh
            .members
            .get(at)
            .and_then(|member| member.version.get());
        let minor = version
            .filter(|version| version.major == 1)
            .map(|version| version.minor);
        for (_, object) in index.cluster.objects_of("CiliumBGPPeerConfig") {
            for node in unmatched(object, index) {
                let span = node.origin().edit_span();
                gathered.add(
                    span,
                    Why::NoneSelected,
                    cluster,
                    (span, object.reference(), labels(index)),
                );
            }
        }
        for (_, object) in index.cluster.objects_of(ADVERTISEMENT.kind) {
            let items = object
                .node
                .at(&["spec", "advertisements"])
                .map_or(&[][..], Node::items);
            for item in items {
                let refused = refused(item, object.api_version(), minor);
                let silent = without_selector(item).map(|node| (Why::NoServices, node));
                if let Some((why, node)) = refused.or(silent) {
                    let span = node.span();
                    gathered.add(span, why, cluster, (span, object.reference(), Vec::new()));
                }
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(why, found)| {
        let (span, object, labels) = found.first;
        Finding::new(message(why, &object, &found.clusters), span, label(why))
            .help(help(why, &labels))
            .object(object)
            .clusters(found.clusters)
    }));
}

/// What the CEL rules of the definition refuse (ciliumbgpadvertisements.yaml of cilium/cilium 1.18 to 1.20).
fn refused<'n>(item: &'n Node, api_version: &str, minor: Option<u64>) -> Option<(Why, &'n Node)> {
    let minor = minor.filter(|minor| *minor >= 18)?;
    let field = |name: &str| item.entry(name).filter(|entry| !entry.value.is_null());
    let kind = item.get("advertisementType")?;
    let text = kind.as_text()?;
    let strict = minor >= 19 && api_version == "cilium.io/v2";
    for (name, of, only) in [("service", "Service", strict), ("interface", "Interface", strict)] {
        match field(name) {
            None if text == of && (of == "Service" || strict) => {
                return Some((Why::Required(name, of), kind));
            }
            Some(entry) if text != of && only => {
                let other = ["PodCIDR", "CiliumPodIPPool", "Service", "Interface"];
                let other = other.into_iter().find(|other| *other == text)?;
                return Some((Why::NotAllowed(name, other), &entry.key));
            }
            _ => {}
        }
    }
    let selector = field("selector").filter(|_| text == "PodCIDR")?;
    Some((Why::NotAllowed("selector", "PodCIDR"), &selector.key))
}

/// The `service` of an advertisement of Services that says nothing of which.
fn without_selector(item: &Node) -> Option<&Node> {
    let is_open = item.get("selector").is_some_and(|selector| !selector.is_null());
    let kind = item.get("advertisementType")?;
    (kind.as_text() == Some("Service") && !is_open).then_some(kind)
}

/// What selects the advertisements of a family, where no advertisement of the cluster is selected.
fn unmatched<'a>(config: &'a Object, index: &ClusterIndex<'_>) -> Vec<&'a Node> {
    // Where the repository has some, nothing else makes them as a rule.
    let are_here = index.cluster.objects_of(ADVERTISEMENT.kind).next().is_some();
    if !are_here && !index.sees_all(ADVERTISEMENT, None) {
        return Vec::new();
    }
    let families = config.node.at(&["spec", "families"]).map_or(&[][..], Node::items);
    let selectors = families.iter().filter_map(|family| family.get("advertisements"));
    let none_fits = |selector: &&Node| {
        let mut all = index.cluster.objects_of(ADVERTISEMENT.kind);
        all.all(|(_, one)| fits(selector, one) == Some(false))
    };
    selectors
        .filter(none_fits)
        .map(|selector| match entries(selector) {
            [only] => &only.value,
            _ => selector,
        })
        .collect()
}

fn entries(selector: &Node) -> &[Entry] {
    selector.get("matchLabels").map_or(&[], Node::entries)
}

/// Whether a selector of labels takes in an advertisement; `None` where that cannot be known.
fn fits(selector: &Node, advertisement: &Object) -> Option<bool> {
    if selector
        .get("matchExpressions")
        .is_some_and(|list| !list.items().is_empty())
    {
        return None;
    }
    let mut all = true;
    for wanted in entries(selector) {
        let key = wanted.key.as_text()?;
        let value = wanted.value.as_text()?;
        if wanted.value.origin().is_unknown() || key.contains(ADDED) {
            return None;
        }
        let own = advertisement.node.at(&["metadata", "labels", key]);
        if own.is_some_and(|own| own.origin().is_unknown()) {
            return None;
        }
        all &= own.and_then(Node::as_text) == Some(value);
    }
    Some(all)
}

/// The labels of the advertisements of a cluster.
fn labels(index: &ClusterIndex<'_>) -> Vec<String> {
    let all = index.cluster.objects_of(ADVERTISEMENT.kind);
    let labels = all.flat_map(|(_, one)| {
        one.node
            .at(&["metadata", "labels"])
            .map_or(&[][..], Node::entries)
    });
    let mut texts: Vec<String> = labels
        .filter_map(|label| Some(format!("{}: {}", label.key.as_text()?, label.value.as_text()?)))
        .filter(|text| !text.contains(ADDED))
        .collect();
    texts.sort();
    texts.dedup();
    texts
}
