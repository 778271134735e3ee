//! What several ways say of one cluster becomes one, and every cluster a name of its own.

use super::found::ValuesCluster;
use super::naming;
use crate::flux::Discovery;
use crate::source::RepoPath;
use crate::yaml::Node;

/// Unites, names and sorts the clusters that Flux does not deliver.
pub(super) fn settle(clusters: Vec<ValuesCluster>, options: &Discovery) -> Vec<ValuesCluster> {
    let mut clusters = clusters;
    take_own_words(&mut clusters);
    let mut clusters = united(clusters);
    make_distinct(&mut clusters);
    take_stated_names(&mut clusters, options);
    clusters.sort_by(|a, b| (&a.name, &a.entry, a.span).cmp(&(&b.name, &b.entry, b.span)));
    clusters
}

/// Without Flux a cluster is called what its `cluster.name` says, if no other says the same.
fn take_own_words(clusters: &mut [ValuesCluster]) {
    let words: Vec<Option<String>> = clusters.iter().map(own_word).collect();
    for (at, word) in words.iter().enumerate() {
        let Some(word) = word else { continue };
        let said_elsewhere = words.iter().enumerate().any(|(other, said)| {
            let same_way = clusters.get(at).map(|one| one.way) == clusters.get(other).map(|one| one.way);
            other != at && same_way && said.as_ref() == Some(word)
        });
        let is_taken = clusters.iter().enumerate().any(|(other, one)| {
            other != at && one.found_as == *word && words.get(other) != Some(&Some(word.clone()))
        });
        if let (false, false, Some(cluster)) = (said_elsewhere, is_taken, clusters.get_mut(at)) {
            cluster.name.clone_from(word);
        }
    }
}

fn own_word(cluster: &ValuesCluster) -> Option<String> {
    let name = known(cluster, "name")?;
    let is_plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    (is_plain && !name.is_empty() && name != "default").then(|| name.to_owned())
}

fn known<'c>(cluster: &'c ValuesCluster, key: &str) -> Option<&'c str> {
    let stated = cluster.values.tree.at(&["cluster", key]);
    let known = stated.filter(|node| !node.origin().is_unknown());
    known
        .and_then(Node::as_text)
        .filter(|text| !text.contains("{{") && !text.contains("${"))
}

/// Two ways that find a cluster of one name, and do not contradict each other about its id, speak of the same.
fn united(clusters: Vec<ValuesCluster>) -> Vec<ValuesCluster> {
    let mut kept: Vec<ValuesCluster> = Vec::new();
    for cluster in clusters {
        let same = kept.iter_mut().find(|one| {
            let agree = |key| match (known(one, key), known(&cluster, key)) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            };
            one.way != cluster.way && one.name == cluster.name && agree("id") && agree("name")
        });
        match same {
            Some(one) => {
                one.machines.extend(cluster.machines);
                one.manifests.extend(cluster.manifests);
                one.objects.extend(cluster.objects);
                one.witnesses.push((cluster.values, cluster.chart_version));
            }
            None => kept.push(cluster),
        }
    }
    kept
}

/// Gives those that would be shown under one name names of their own.
fn make_distinct(clusters: &mut [ValuesCluster]) {
    let shown = clusters.iter().map(|cluster| (&*cluster.name, &cluster.entry));
    let names = naming::distinct(&shown.collect::<Vec<_>>());
    for (cluster, name) in clusters.iter_mut().zip(names) {
        if cluster.name != name {
            cluster.name.clone_from(&name);
            cluster.found_as = name;
        }
    }
}

fn take_stated_names(clusters: &mut [ValuesCluster], options: &Discovery) {
    let entries: Vec<RepoPath> = clusters.iter().map(|cluster| cluster.entry.clone()).collect();
    for cluster in clusters {
        let shared = entries.iter().filter(|entry| **entry == cluster.entry).count() > 1;
        let by = |name: &str| options.of_cluster(&cluster.entry, name, shared);
        if let Some(stated) = by(&cluster.name).or_else(|| by(&cluster.found_as)) {
            cluster.name.clone_from(&stated.name);
        }
    }
}
