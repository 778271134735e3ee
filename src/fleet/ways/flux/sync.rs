//! Kustomizations that render themselves: what `flux bootstrap` leaves behind (`gotk-sync.yaml`), and what people
//! write by hand in its place (`flux/config/cluster.yaml`).

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::Candidate;
use super::trees::Trees;
use super::variables;
use crate::fleet::inventory::{Inventory, RawObject};
use crate::flux::SyncedBy;
use crate::flux::address;
use crate::source::RepoPath;

/// Addresses of this repository, made comparable.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnUrls {
    /// Those that somebody states.
    pub(crate) stated: BTreeSet<String>,
    /// Those of the Git remotes. A clone of a mirror or a fork has others than the clusters, so they never tell that a
    /// source is another repository.
    pub(crate) remotes: BTreeSet<String>,
}

/// The candidates among the raw Kustomizations.
pub(crate) fn candidates(inventory: &Inventory, trees: &mut Trees, own_urls: &OwnUrls) -> Vec<Candidate> {
    let OwnUrls {
        stated: mut own_urls,
        remotes,
    } = own_urls.clone();
    for object in inventory
        .kustomizations
        .iter()
        .filter(|object| is_bootstrap_file(inventory, object))
    {
        own_urls.extend(source_url(inventory, object).map(|url| address::normalise(&url)));
    }
    if !own_urls.is_empty() {
        own_urls.extend(remotes);
    }
    let mut found = Vec::new();
    let mut meant: BTreeMap<&str, Vec<RepoPath>> = BTreeMap::new();
    for object in &inventory.kustomizations {
        if object.node.at(&["spec", "kubeConfig"]).is_some() || is_elsewhere(inventory, object, &own_urls) {
            continue;
        }
        let directories = meant
            .entry(object.path())
            .or_insert_with(|| variables::directories(inventory, object.path()));
        if directories.is_empty() && is_bootstrap_file(inventory, object) {
            found.extend(elsewhere_below(inventory, object));
        }
        for directory in directories.clone() {
            // The root holds everything: patches without a path and Kustomizations of other sources too.
            if directory.is_root() && !is_bootstrap_file(inventory, object) {
                continue;
            }
            let renders_itself = trees.reach(inventory, &directory).files.contains(&object.file);
            if renders_itself || is_left_by_bootstrap(inventory, object, &directory) {
                found.push(Candidate {
                    directory,
                    root: RepoPath::root(),
                    span: object.node.at(&["spec", "path"]).map(crate::yaml::Node::span),
                    start: SyncedBy::Sync(object.node.clone()),
                    also: Vec::new(),
                    certain: is_bootstrap_file(inventory, object),
                });
            }
        }
    }
    found
}

/// What `flux bootstrap` left where its path does not exist: the artifact's root lies further down if the file's own directory
/// ends with the path, else the path is wrong, which rendering finds out. What the file lies below is what was meant.
fn elsewhere_below(inventory: &Inventory, object: &RawObject) -> Option<Candidate> {
    let path = object.path();
    let wanted = RepoPath::clamp(path);
    if wanted.is_root() || variables::is_template(path) || path.contains("${") {
        return None;
    }
    let own = inventory.path_of(object.file).parent().parent();
    let root = own
        .as_str()
        .strip_suffix(wanted.as_str())
        .and_then(|rest| rest.strip_suffix('/'))
        .map(RepoPath::clamp);
    let is_in_place = inventory.path_of(object.file).parent().file_name() == "flux-system" && !own.is_root();
    Some(Candidate {
        directory: if root.is_some() || is_in_place {
            own
        } else {
            wanted
        },
        root: root.unwrap_or_default(),
        span: object.node.at(&["spec", "path"]).map(crate::yaml::Node::span),
        start: SyncedBy::Sync(object.node.clone()),
        also: Vec::new(),
        certain: true,
    })
}

/// `flux bootstrap` names the file so; by hand people put the source beside its Kustomization in the same way.
fn is_bootstrap_file(inventory: &Inventory, object: &RawObject) -> bool {
    let name = inventory.path_of(object.file).file_name();
    matches!(name, "gotk-sync.yaml" | "gotk-sync.yml")
}

/// Whether `flux bootstrap` left the object below the directory that it names. Bootstrap applies it in any case: it works
/// even where a kustomization file of that directory does not list it.
fn is_left_by_bootstrap(inventory: &Inventory, object: &RawObject, directory: &RepoPath) -> bool {
    is_bootstrap_file(inventory, object) && inventory.path_of(object.file).parent().parent() == *directory
}

fn source_url(inventory: &Inventory, object: &RawObject) -> Option<String> {
    let kind = object.text(&["spec", "sourceRef", "kind"])?;
    let name = object.text(&["spec", "sourceRef", "name"])?;
    let fits = |source: &&RawObject| {
        source.text(&["kind"]) == Some(kind) && source.text(&["metadata", "name"]) == Some(name)
    };
    let same_file = |source: &&RawObject| source.file == object.file;
    let all = || inventory.source_objects.iter().filter(fits);
    let mut chosen = all().filter(same_file).chain(all());
    chosen.next()?.text(&["spec", "url"]).map(str::to_owned)
}

/// Whether the source is known to be something other than this repository.
fn is_elsewhere(inventory: &Inventory, object: &RawObject, own_urls: &BTreeSet<String>) -> bool {
    let Some(url) = source_url(inventory, object) else {
        return false;
    };
    !own_urls.is_empty() && !own_urls.contains(&address::normalise(&url))
}
