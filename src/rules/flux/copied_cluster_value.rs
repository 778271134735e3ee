use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::settings::{Setting, bears, of_cluster, places};
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::mesh::Known;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// A setting that bears the name of another cluster, from which it was copied.
pub(crate) static RULE: Rule = Rule {
    name: "copied-cluster-value",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/copied-cluster-value.md"),
    check,
};

fn message(key: &str, cluster: &str, value: &str, other: &str) -> String {
    format!("`{key}` of cluster `{cluster}` is `{value}`, the value of cluster `{other}`")
}

fn label(other: &str) -> String {
    format!("bears the name of `{other}`")
}

fn help(own: Option<&str>) -> String {
    match own {
        Some(own) => format!("did you mean `{own}`?"),
        None => "state this cluster's own value".to_owned(),
    }
}

/// Words in a name that say that the value is another cluster's or everyone's.
const SHARED_WORDS: [&str; 18] = [
    "CA",
    "CENTRAL",
    "COMMON",
    "DEFAULT",
    "GLOBAL",
    "HUB",
    "MAIN",
    "MANAGEMENT",
    "PARENT",
    "PEER",
    "PEERS",
    "PRIMARY",
    "REMOTE",
    "ROOT",
    "SHARED",
    "SOURCE",
    "TARGET",
    "UPSTREAM",
];

/// Words in a name that say that the value is the cluster's own.
const OWN_WORDS: [&str; 2] = ["CLUSTER", "CLUSTERMESH"];

/// One cluster with its settings.
struct Side<'a> {
    name: &'a str,
    settings: BTreeMap<&'a str, Vec<Setting<'a>>>,
}

impl<'a> Side<'a> {
    /// The settings of a cluster without those that name it, which other rules compare.
    fn of(context: &Context<'_>, cluster: &'a Cluster) -> Self {
        let mut settings = of_cluster(context.store, cluster);
        let keys = &context.mesh.settings;
        for name in [&keys.cluster_name, &keys.cluster_id].into_iter().flatten() {
            settings.remove(name.as_str());
        }
        Self {
            name: short_name(&context.fleet.clusters, cluster),
            settings,
        }
    }

    /// The setting of that name, in the object that corresponds to the one of that role.
    fn counterpart(&self, key: &str, role: &str) -> Option<&Setting<'a>> {
        let all = self.settings.get(key)?;
        all.iter().find(|one| one.holder.role == role)
    }

    /// The value with its own name left open; `None` where the value does not bear it.
    fn template(&self, value: &str) -> Option<String> {
        bears(value, self.name).then(|| replace(value, self.name, "\0"))
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let clusters = &context.fleet.clusters;
    let sides: Vec<Side<'_>> = clusters
        .iter()
        .map(|cluster| Side::of(context, cluster))
        .collect();
    let judged = judged_elsewhere(context);
    for ((key, value), holders) in values(&sides) {
        // A third cluster with the same value shows that it is meant for all.
        let [one, other] = holders[..] else { continue };
        for (at, original) in [(one, other), (other, one)] {
            let others = sides.iter().enumerate().filter(|(position, _)| *position != at);
            let others: Vec<&Side<'_>> = others.map(|(_, side)| side).collect();
            let (Some(side), Some(original)) = (sides.get(at), sides.get(original)) else {
                continue;
            };
            let settings = side.settings.get(key).into_iter().flatten();
            let is_open = |one: &&Setting<'_>| one.value == Some(value) && !judged.contains(&one.span);
            for setting in settings.filter(is_open) {
                findings.extend(copied(side, original, &others, key, setting));
            }
        }
    }
}

/// Which clusters have a value under a name.
fn values<'a>(sides: &[Side<'a>]) -> BTreeMap<(&'a str, &'a str), Vec<usize>> {
    let mut values: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, side) in sides.iter().enumerate() {
        for (key, settings) in &side.settings {
            let stated: BTreeSet<&str> = settings.iter().filter_map(|one| one.value).collect();
            for value in stated {
                values.entry((*key, value)).or_default().push(at);
            }
        }
    }
    values
}

/// The last part of a name that is a path, unless another cluster's ends alike or it is a number.
fn short_name<'a>(clusters: &[Cluster], cluster: &'a Cluster) -> &'a str {
    let last_part = |cluster: &'a Cluster| cluster.name.rsplit('/').next().unwrap_or_default();
    let last = last_part(cluster);
    let is_only = clusters
        .iter()
        .filter(|one| one.name.rsplit('/').next() == Some(last))
        .count()
        == 1;
    let is_word = last.chars().any(char::is_alphabetic);
    if is_only && is_word { last } else { &cluster.name }
}

fn copied(
    side: &Side<'_>,
    other: &Side<'_>,
    others: &[&Side<'_>],
    key: &str,
    setting: &Setting<'_>,
) -> Option<Finding> {
    let value = setting.value?;
    if has_word(key, &SHARED_WORDS) || bears(value, side.name) {
        return None;
    }
    let role = &setting.holder.role;
    let original = other
        .counterpart(key, role)
        .filter(|one| one.value == Some(value))?;
    let template = other.template(value)?;
    if original.span == setting.span || has_word(key, &[&other.name.to_ascii_uppercase()]) {
        return None;
    }
    let with_key: Vec<(&&Side<'_>, &Setting<'_>)> = others
        .iter()
        .filter_map(|other| Some((other, other.counterpart(key, role)?)))
        .collect();
    let own_everywhere = with_key.iter().all(|(one, setting)| {
        setting.value.and_then(|value| one.template(value)).as_deref() == Some(&template)
    });
    let is_own = own_everywhere && (with_key.len() > 1 || is_own(side, other, key, role, &template));
    is_own.then(|| {
        let own = template.replace('\0', side.name);
        let own = Some(own.as_str()).filter(|own| own.len() < 80);
        Finding::new(
            message(key, side.name, value, other.name),
            setting.span,
            label(other.name),
        )
        .label(original.span, format!("copied from `{}`", other.name))
        .help(help(own))
        .guess(value, own)
        .clusters([side.name])
        .route(format!("data.{key}"))
    })
}

/// Whether of two clusters each is to have a value of its own: the name says so and other values do so, or several
/// values that are named and begin alike do so.
fn is_own(side: &Side<'_>, other: &Side<'_>, key: &str, role: &str, template: &str) -> bool {
    let head = |template: &str| template.split('\0').next().map(str::to_owned);
    let last_word = |key: &str| key.rsplit('_').next().map(str::to_owned);
    let own: Vec<(&str, String)> = side
        .settings
        .keys()
        .filter(|one| **one != key)
        .filter_map(|one| {
            let here = side.counterpart(one, role)?.value?;
            let there = other.counterpart(one, role)?.value?;
            let template = side.template(here)?;
            (other.template(there)? == template).then_some((*one, template))
        })
        .collect();
    let alike = own.iter().filter(|(one, other)| {
        last_word(one) == last_word(key)
            && head(other) == head(template)
            && head(template) != Some(String::new())
    });
    (has_word(key, &OWN_WORDS) && !own.is_empty()) || alike.count() >= 2
}

/// Settings whose values other rules compare: addresses of API servers, of peers and of load balancers.
fn judged_elsewhere(context: &Context<'_>) -> BTreeSet<Span> {
    let mut judged = BTreeSet::new();
    for member in &context.mesh.members {
        let host = &member.datapath.api_server_host.evidence;
        judged.extend(host.iter().map(|evidence| evidence.place.edit_span()));
        judged.extend(member.requests.iter().map(|request| request.place.edit_span()));
        for peer in member.peers.get().into_iter().flatten() {
            let known = [&peer.address, &peer.ips]
                .into_iter()
                .filter_map(|known| match known {
                    Known::Stated(node) => Some(node),
                    _ => None,
                });
            judged.extend(
                known
                    .flat_map(|node| [node].into_iter().chain(node.items()))
                    .map(place),
            );
        }
    }
    judged
}

fn place(node: &Node) -> Span {
    node.origin().edit_span()
}

fn has_word(key: &str, words: &[&str]) -> bool {
    key.split(['_', '-', '.'])
        .any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

fn replace(value: &str, name: &str, by: &str) -> String {
    let mut replaced = String::new();
    let mut end = 0;
    for at in places(value, name) {
        replaced.push_str(value.get(end..at).unwrap_or_default());
        replaced.push_str(by);
        end = at + name.len();
    }
    replaced + value.get(end..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_value_to_suggest_the_own_one_is_asked_for() {
        assert_eq!(help(None), "state this cluster's own value");
    }

    #[test]
    fn a_name_is_found_between_separators_only() {
        assert!(bears("kubernetes/infra/cilium", "infra"));
        assert!(bears("clustermesh-infra.example.com", "infra"));
        assert!(!bears("infrastructure/cilium", "infra"));
        assert!(!bears("a/b", "a"));
        assert_eq!(
            replace("x-infra.infra.infrared", "infra", "apps"),
            "x-apps.apps.infrared"
        );
    }

    #[test]
    fn words_of_a_name_are_compared_whole() {
        assert!(has_word("CLUSTERMESH_CA_PATH", &["CA"]));
        assert!(!has_word("CILIUM_CACHE", &["CA"]));
    }
}
