//! The configuration that `meshlint init` writes: what was found, as it would be stated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::fleet::{Cluster, Delivery, Fleet};
use crate::flux::Source;
use crate::mesh::{Group, Mesh};
use crate::neutral::{Verdict, judged};

/// What a repository looks like to meshlint, with comments. Checking with it finds what checking without it finds.
pub fn template(fleet: &Fleet, mesh: &Mesh<'_>) -> String {
    let mut text = HEAD.to_owned();
    text.push_str(CLUSTERS);
    for cluster in &fleet.clusters {
        write_cluster(&mut text, fleet, cluster);
    }
    text.push_str(MESHES);
    for group in &mesh.groups {
        write_mesh(&mut text, mesh, group);
    }
    if mesh.groups.is_empty() {
        text.push_str("\n# No clusters were found that belong together.\n# [[mesh]]\n# clusters = [\"east\", \"west\"]\n");
    }
    text.push_str(SOURCES);
    write_sources(&mut text, fleet);
    text.push_str(TAIL);
    text
}

const HEAD: &str = "\
# What meshlint found in this repository. Everything here is optional: without this file it finds the same.
# docs/configuration.md of meshlint has every key; `meshlint rules` lists the rules.

# Paths to pass over, as in a .gitignore.
# exclude = [\"/examples/\"]

# The rules that run. The default is every rule that is not pedantic.
# select = [\"default\"]
";

const CLUSTERS: &str = "
# --- Clusters ---------------------------------------------------------------------------------------------------------
# A changed `name` is the name in every report; a changed `entry` is where the cluster starts from.
";

const MESHES: &str = "
# --- Meshes -----------------------------------------------------------------------------------------------------------
# Clusters that form one mesh. Rules about the mesh compare only these with each other.
";

const SOURCES: &str = "
# --- Sources ----------------------------------------------------------------------------------------------------------
# What Flux sources hold: `path`, a directory of this repository, or `elsewhere = true`.
";

const TAIL: &str = "
# --- How Flux behaves, how settings are named -------------------------------------------------------------------------
# [flux]
# version = \"2.9\"              # undefined variables fail a build from 2.9 on
# strict-substitution = true   # or say so directly

# [settings]
# cluster-id = [\"MESH_ID\"]     # variables that hold `cluster.id`, before the names that meshlint knows

# --- Levels, and findings to leave out --------------------------------------------------------------------------------
# [levels]
# missing-path = \"warning\"
# unused-variable = \"info\"     # a pedantic rule is on when it has a level

# [[ignore]]
# rule = \"missing-path\"
# path = \"/clusters/lab/\"
# reason = \"a job writes these directories\"
";

fn write_cluster(text: &mut String, fleet: &Fleet, cluster: &Cluster) {
    let how = match cluster.delivery {
        Delivery::Flux if cluster.is_delivered_by_another() => "another cluster delivers it",
        Delivery::Flux => "Flux starts here",
        Delivery::Values => "a file of Cilium values",
    };
    let sharing = fleet
        .clusters
        .iter()
        .filter(|other| other.entry == cluster.entry)
        .count();
    let namesakes = fleet
        .clusters
        .iter()
        .filter(|other| other.name == cluster.name)
        .count();
    // A table is told from others by its name, so clusters that share one cannot both have one. And what another cluster
    // delivers starts nowhere of its own.
    let mark = if namesakes > 1 || cluster.is_delivered_by_another() {
        "# "
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "\n{mark}[[cluster]]\n{mark}name = {}",
        quoted(&cluster.name)
    );
    let note = if sharing > 1 {
        format!("{how}, as {} others do", sharing - 1)
    } else {
        how.to_owned()
    };
    let _ = writeln!(
        text,
        "{mark}entry = {} # {note}",
        quoted(&cluster.entry.to_string())
    );
    let root = cluster.own_kustomizations().find(|one| one.parent.is_none());
    if let Some(Source::Here(root)) = root.map(|entry| &entry.source)
        && !root.is_root()
    {
        let _ = writeln!(
            text,
            "{mark}root = {} # what its source holds",
            quoted(&root.to_string())
        );
    }
}

fn write_mesh(text: &mut String, mesh: &Mesh<'_>, group: &Group) {
    let names: Vec<String> = mesh
        .members_of(group)
        .map(|member| quoted(&member.name))
        .collect();
    let connected = group.connected.len();
    let state = match connected {
        0 => "not connected: their configuration is switched off",
        all if all == names.len() => "connected",
        _ => "some of them connected",
    };
    // A name that two clusters have says of neither that it is meant.
    let distinct: BTreeSet<&String> = names.iter().collect();
    let mark = if distinct.len() < names.len() { "# " } else { "" };
    let _ = writeln!(
        text,
        "\n{mark}[[mesh]] # {state}\n{mark}clusters = [{}]",
        names.join(", ")
    );
    if !group.external.is_empty() {
        let peers: Vec<String> = group.external.iter().map(|name| quoted(name)).collect();
        let _ = writeln!(
            text,
            "# Peers that no cluster here is called; name those that are meant:\n# external-peers = [{}]",
            peers.join(", ")
        );
    }
}

/// Sources whose files are not here, as they would be stated.
fn write_sources(text: &mut String, fleet: &Fleet) {
    let mut found: BTreeMap<String, &str> = BTreeMap::new();
    for owner in fleet.clusters.iter().flat_map(Cluster::own_kustomizations) {
        let remark = match &owner.source {
            Source::Elsewhere(_) => "its files are not here",
            Source::Missing => "nothing in the repository makes it",
            Source::Unknown(_) => "not known what it holds",
            Source::Here(_) => continue,
        };
        let reference = owner.spec().and_then(|spec| spec.get("sourceRef"));
        let word = |key| reference.and_then(|reference| reference.text_at(&[key]));
        if let (Some(kind), Some(name)) = (word("kind"), word("name")) {
            let namespace = word("namespace").unwrap_or(&owner.namespace);
            found.insert(format!("{kind}/{namespace}/{name}"), remark);
        }
    }
    if found.is_empty() {
        text.push_str(
            "\n# [[source]]\n# url = \"https://git.example.org/platform/apps\"\n# path = \"apps\"\n",
        );
    }
    for (name, remark) in found {
        let _ = writeln!(
            text,
            "\n# [[source]] # {remark}\n# name = {}\n# path = \".\"",
            quoted(&name)
        );
    }
}

/// A TOML string on one line whatever is in it, as it may stand in a comment.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for (c, verdict) in judged(text) {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() || verdict != Verdict::Harmless => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_on_its_line_and_means_itself() {
        for name in [
            "east",
            "a\nb = 1",
            "\"\"\"",
            "\\u0041",
            "a\r\n'\u{1b}\u{7f}\u{85}\tü",
            "\u{202e}##[set-output name=a]\u{e0041}",
        ] {
            let text = quoted(name);
            assert_eq!(text.lines().count(), 1, "{text:?}");
            assert!(crate::neutral::is_harmless(&text), "{text:?}");
            let table: toml::Table = format!("name = {text}").parse().unwrap();
            assert_eq!(table.get("name").and_then(toml::Value::as_str), Some(name));
        }
    }
}
