//! Why there is nothing to check in a directory: what it looks like instead.

use std::path::Path;

use super::Failure;
use crate::config;
use crate::source::{RepoPath, SourceFile, SourceMap};

/// A way to describe clusters that is a program: what it would make is not known until it runs.
struct Program {
    name: &'static str,
    is_written_in: fn(&RepoPath) -> bool,
    makes: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "Terraform",
        is_written_in: |path| ends_with(path, &[".tf", ".tf.json", ".tofu"]),
        makes: "is made by a provider when it is applied",
    },
    Program {
        name: "Terragrunt",
        is_written_in: |path| ends_with(path, &["terragrunt.hcl"]),
        makes: "is made by a provider when it is applied",
    },
    Program {
        name: "Jsonnet",
        is_written_in: |path| ends_with(path, &[".jsonnet", ".libsonnet"]),
        makes: "is computed by a program",
    },
    Program {
        name: "CUE",
        is_written_in: |path| ends_with(path, &[".cue"]),
        makes: "is computed by a program",
    },
    Program {
        name: "KCL",
        is_written_in: |path| path.file_name() == "kcl.mod",
        makes: "is computed by a program",
    },
    Program {
        name: "Pulumi",
        is_written_in: |path| matches!(path.file_name(), "Pulumi.yaml" | "Pulumi.yml"),
        makes: "is computed by a program",
    },
    Program {
        name: "cdk8s",
        is_written_in: |path| path.file_name() == "cdk8s.yaml",
        makes: "is computed by a program",
    },
    Program {
        name: "Nix",
        is_written_in: |path| ends_with(path, &[".nix"]),
        makes: "is computed by a program",
    },
    Program {
        name: "a Helm chart",
        is_written_in: |path| path.file_name() == "Chart.yaml",
        makes: "depends on values that nothing here gives it",
    },
];

fn ends_with(path: &RepoPath, endings: &[&str]) -> bool {
    endings.iter().any(|ending| path.file_name().ends_with(ending))
}

/// Repositories within a directory that are named.
const SHOWN: usize = 3;

/// What was found instead of clusters.
pub(super) fn found(named: &Path, sources: &SourceMap) -> Failure {
    let holds = if sources.files().iter().any(is_manifest_file) {
        format!(
            "no cluster found; looked for Flux Kustomizations that sync this repository, FluxInstances, Applications of Argo CD, other \
             ways of delivery, and files of Cilium Helm values; a `[[cluster]]` in {} can name the entry of one",
            config::FILE
        )
    } else {
        "it holds no manifest (*.yaml, *.yml, *.json)".to_owned()
    };
    let mut sentences = vec![format!("nothing to check in `{}`: {holds}", named.display())];
    sentences.extend(repositories(sources));
    sentences.extend(PROGRAMS.iter().filter_map(|program| written_in(program, sources)));
    Failure::Nothing(sentences.join("; "))
}

fn is_manifest_file(file: &SourceFile) -> bool {
    !file.is_ignored() && file.path().is_manifest()
}

fn repositories(sources: &SourceMap) -> Option<String> {
    let all = sources.repositories();
    let names: Vec<String> = all.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let more = match all.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let words = match all.len() {
        0 => return None,
        1 => "is a repository of its own: check it by its path",
        _ => "are repositories of their own: check each by its path",
    };
    Some(format!("{}{more} {words}", names.join(", ")))
}

fn written_in(program: &Program, sources: &SourceMap) -> Option<String> {
    let mut files = sources.files().iter().filter(|file| !file.is_ignored());
    let first = files.find(|file| (program.is_written_in)(file.path()))?;
    Some(format!(
        "it holds {} (`{}`), which is not read: what comes of it {}",
        program.name,
        first.path(),
        program.makes
    ))
}
