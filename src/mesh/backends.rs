//! What pods stand behind a Service in its own cluster, as far as the files say.

use super::service::{ServiceKind, selector, service_kind};
use crate::cluster::{ClusterIndex, GroupKind, Workload, namespace_of, selects, sight, workloads};
use crate::kustomize::Object;
use crate::yaml::Node;

/// The pods behind a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backends {
    /// There are some: how many, where the files say.
    Some(Option<u64>),
    /// There are none.
    None(Lack),
    /// It cannot be known, and why.
    Unknown(&'static str),
}

/// Why there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    /// The selector matches no workload.
    NothingSelected,
    /// The Service selects nothing at all.
    NoSelector,
    /// It is a name for something elsewhere.
    ExternalName,
    /// What it selects has `replicas: 0`.
    NoReplicas,
}

impl Lack {
    /// In a few words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::NothingSelected => "its selector matches no workload",
            Self::NoSelector => "it selects no pods",
            Self::ExternalName => "it is only a name",
            Self::NoReplicas => "its workloads have no replicas",
        }
    }
}

const ENDPOINTS: GroupKind<'static> = GroupKind::new("", "Endpoints");

/// The pods behind a Service of that cluster.
pub(crate) fn backends(index: &ClusterIndex<'_>, service: &Object) -> Backends {
    match service_kind(service) {
        ServiceKind::Name => return Backends::None(Lack::ExternalName),
        ServiceKind::Unknown => return Backends::Unknown("what kind of Service it is"),
        ServiceKind::Address | ServiceKind::Headless => {}
    }
    let namespace = namespace_of(service);
    let is_whole = || sight::is_whole(index, namespace);
    let Some(selector) = selector(service) else {
        let by_hand = index.cluster.objects_of("EndpointSlice").next().is_some()
            || !index
                .find(ENDPOINTS, Some(namespace), service.name())
                .is_missing();
        return if by_hand || !is_whole() {
            Backends::Unknown("it has no selector, and its endpoints may come from elsewhere")
        } else {
            Backends::None(Lack::NoSelector)
        };
    };
    let mut here = workloads(index.cluster)
        .filter(|workload| workload.namespace() == namespace)
        .peekable();
    // Where no workload is in the repository at all, somebody makes the pods in another way.
    let is_bare = here.peek().is_none();
    let mut tally = Tally::default();
    here.for_each(|workload| tally.add(index, selector, workload));
    match tally {
        Tally { pods: 1.., .. } => Backends::Some(tally.is_exact.then_some(tally.pods)),
        Tally {
            in_doubt: Some(why), ..
        } => Backends::Unknown(why),
        _ if is_bare || !is_whole() => Backends::Unknown("its pods may come from a chart or an operator"),
        Tally {
            is_selected: true, ..
        } => Backends::None(Lack::NoReplicas),
        _ => Backends::None(Lack::NothingSelected),
    }
}

/// The workloads that a Service selects, counted.
#[derive(Debug)]
struct Tally {
    /// At least so many.
    pods: u64,
    is_exact: bool,
    is_selected: bool,
    in_doubt: Option<&'static str>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            pods: 0,
            is_exact: true,
            is_selected: false,
            in_doubt: None,
        }
    }
}

impl Tally {
    fn add(&mut self, index: &ClusterIndex<'_>, selector: &Node, workload: Workload<'_>) {
        match selects(selector, workload) {
            Some(false) => return,
            None => return self.doubt("the labels of its pods"),
            Some(true) => self.is_selected = true,
        }
        match count(index, workload.object) {
            Count::Exactly(pods) => self.pods = self.pods.saturating_add(pods),
            Count::Some => {
                self.pods = self.pods.saturating_add(1);
                self.is_exact = false;
            }
            Count::Unknown(why) => self.doubt(why),
        }
    }

    fn doubt(&mut self, why: &'static str) {
        self.is_exact = false;
        self.in_doubt = Some(why);
    }
}

/// How many pods a workload has.
enum Count {
    Exactly(u64),
    Some,
    Unknown(&'static str),
}

fn count(index: &ClusterIndex<'_>, workload: &Object) -> Count {
    match workload.kind() {
        "Pod" => return Count::Exactly(1),
        "DaemonSet" => return Count::Some,
        "Job" | "CronJob" => return Count::Unknown("a job makes its pods"),
        _ => {}
    }
    if let Some(count) = scaled(index, workload) {
        return count;
    }
    match workload.node.at(&["spec", "replicas"]) {
        None => Count::Exactly(1),
        Some(node) => replicas(node).map_or(Count::Unknown("the number of its pods"), Count::Exactly),
    }
}

fn replicas(node: &Node) -> Option<u64> {
    if node.origin().is_unknown() {
        return None;
    }
    super::read::integer(node).and_then(|number| u64::try_from(number).ok())
}

/// What an autoscaler leaves of a workload: HorizontalPodAutoscalers keep one pod unless told otherwise, those of KEDA none.
fn scaled(index: &ClusterIndex<'_>, workload: &Object) -> Option<Count> {
    let scalers = [
        ("HorizontalPodAutoscaler", "minReplicas", 1),
        ("ScaledObject", "minReplicaCount", 0),
    ];
    let (scaler, key, default) = scalers.into_iter().find_map(|(kind, key, default)| {
        let mut all = index.cluster.objects_of(kind);
        let (_, scaler) = all.find(|(_, scaler)| scales(scaler, workload))?;
        Some((scaler, key, default))
    })?;
    let least = scaler.node.at(&["spec", key]).map_or(Some(default), replicas);
    Some(match least {
        Some(1..) => Count::Some,
        _ => Count::Unknown("an autoscaler may leave it without pods"),
    })
}

fn scales(scaler: &Object, workload: &Object) -> bool {
    let target = |key| scaler.node.text_at(&["spec", "scaleTargetRef", key]);
    namespace_of(scaler) == namespace_of(workload)
        && target("name") == Some(workload.name())
        && target("kind").unwrap_or("Deployment") == workload.kind()
}
