//! What the command line accepts.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::{ChangeFormat, Format};
use crate::sink::FailOn;

/// Checks GitOps repositories that run several Kubernetes clusters as one Cilium mesh.
///
/// Renders every cluster of the repository as Flux would, offline, and checks all of them together.
#[derive(Debug, Parser)]
#[command(
    name = "meshlint",
    version,
    arg_required_else_help = true,
    max_term_width = 120
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the clusters of a repository.
    #[command(alias = "lint")]
    Check(CheckArgs),
    /// Show what a change does in every cluster.
    Diff(DiffArgs),
    /// Write a `meshlint.toml` that states what is found.
    Init(InitArgs),
    /// Print the YAML that Flux would apply to a cluster.
    Render(RenderArgs),
    /// Print what `kustomize build` prints for a directory.
    Build(BuildArgs),
    /// Show the clusters of a repository and what is known of each.
    Clusters(ClustersArgs),
    /// Show who is served by each global Service, and what is left of it without a cluster.
    Services(ServicesArgs),
    /// List what each cluster gets: Kustomizations, HelmReleases, objects.
    List(InventoryArgs),
    /// Show where a value of an object comes from, or where a variable goes.
    Trace(TraceArgs),
    /// Show the page of a rule.
    Explain(ExplainArgs),
    /// List all rules.
    Rules(ListArgs),
    /// Serve an editor as a language server, over standard input and output.
    #[cfg(feature = "lsp")]
    Lsp,
    /// Print a script that completes commands, options and the names of rules.
    Completions(CompletionsArgs),
    /// Print a manual page.
    Man(ManArgs),
}

/// Every exit status, the same in every format.
pub(super) const EXIT_STATUS: [(u8, &str); 4] = [
    (0, "clean"),
    (1, "findings at or above --fail-on"),
    (2, "usage or configuration"),
    (3, "nothing to check"),
];

fn exit_status() -> String {
    let words = EXIT_STATUS.map(|(status, meaning)| format!("{status} {meaning}"));
    format!("Exit status: {}.", words.join(", "))
}

/// For commands that work on a repository.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// The configuration; `meshlint.toml` at the root of the repository unless given.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The root of the repository, whatever lies around it; otherwise the directory with the configuration, a PATH with a fleet of its
    /// own, or the work tree around it.
    #[arg(long, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,
}

/// For commands that print text for people.
#[derive(Debug, Args)]
pub(super) struct ColorArgs {
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal; NO_COLOR, CLICOLOR_FORCE and FORCE_COLOR are honoured.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Args)]
#[command(after_help = exit_status())]
pub(super) struct CheckArgs {
    /// The repository, or a directory in it. With a file, or several paths, only what has a label in one of them is reported.
    #[arg(default_value = ".")]
    pub(super) path: Vec<PathBuf>,
    /// Output format, `github` inside GitHub Actions and `human` elsewhere unless given. May be repeated.
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Vec<Format>,
    /// Write the --format before it to this file instead of standard output, which is `-`. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Take standard input for the content of this file, and report only what has a label in it.
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_filename: Option<PathBuf>,
    /// Do not report the findings that this file lists. An empty FILE is none.
    #[arg(long, value_name = "FILE")]
    baseline: Option<OsString>,
    /// Report only what the tree at the merge base of this revision and HEAD does not have. An empty REV is none.
    #[arg(long, value_name = "REV", hide = cfg!(not(feature = "since")))]
    since: Option<String>,
    /// Write a baseline of everything that is found to this file, and report nothing. With --baseline, only drop from it
    /// what is found no more.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["since", "stdin_filename"])]
    pub(super) write_baseline: Option<PathBuf>,
    /// Pass over these files, besides those that the configuration excludes: a pattern as in `.gitignore`. May be repeated.
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Report only what concerns this cluster. May be repeated.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) cluster: Vec<String>,
    /// Run only these rules: names, categories, `default` or `all`. Naming a pedantic rule turns it on.
    #[arg(long, value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Leave out the findings of these rules or categories.
    #[arg(long, value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// The lowest level that makes the exit status 1.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub(super) fail_on: FailOn,
    /// Mend in the files what can be mended safely, and report what is left.
    #[arg(long, conflicts_with_all = ["since", "stdin_filename", "baseline", "write_baseline"])]
    fix: bool,
    /// Mend what was probably meant otherwise, too, such as misspelt names.
    #[arg(long, conflicts_with_all = ["since", "stdin_filename", "baseline", "write_baseline"])]
    pub(super) unsafe_fixes: bool,
    /// Print what --fix (with --unsafe-fixes these too) would change, and change nothing. The exit status is 1 when there is something.
    #[arg(long, conflicts_with_all = ["since", "stdin_filename", "baseline", "write_baseline"])]
    pub(super) diff: bool,
    /// Number of threads; one per core unless given.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    /// Print how many findings each rule has to standard error.
    #[arg(long)]
    pub(super) statistics: bool,
    /// Show every finding with its lines, however many a rule has. For the human format, which is cut short otherwise.
    #[arg(long)]
    pub(super) full: bool,
    /// Print findings only, without the summary.
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

impl CheckArgs {
    /// Whether files are to be mended, or what would be mended is to be shown.
    pub(super) fn mends(&self) -> bool {
        self.fix || self.unsafe_fixes || self.diff
    }

    /// The baseline, if any: CI servers hand on inputs that nobody gave.
    pub(super) fn baseline(&self) -> Option<&Path> {
        let file = self.baseline.as_deref().map(Path::new);
        file.filter(|file| !file.as_os_str().is_empty())
    }

    /// The revision, if any.
    pub(super) fn since(&self) -> Option<&str> {
        self.since.as_deref().filter(|revision| !revision.is_empty())
    }
}

#[derive(Debug, Args)]
#[command(after_help = exit_status())]
#[command(group = clap::ArgGroup::new("base").required(true).args(["since", "from"]))]
pub(super) struct DiffArgs {
    /// The repository, or a directory in it.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    /// Compare with the tree at the merge base of this revision and HEAD.
    #[arg(long, value_name = "REV", value_parser = NonEmptyStringValueParser::new(), hide = cfg!(not(feature = "since")))]
    pub(super) since: Option<String>,
    /// Compare with the repository in this directory.
    #[arg(long, value_name = "DIR")]
    pub(super) from: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ChangeFormat,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Show only what concerns this cluster. May be repeated.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) cluster: Vec<String>,
    /// Run only these rules: names, categories, `default` or `all`. Naming a pedantic rule turns it on.
    #[arg(long, value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Leave out the findings of these rules or categories.
    #[arg(long, value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// The lowest level of a new finding that makes the exit status 1.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub(super) fail_on: FailOn,
    /// Number of threads; one per core unless given.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    /// Print what changes only, without the summary.
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The repository, or a directory in it.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    /// The cluster, as `meshlint clusters` names it.
    #[arg(long, value_name = "NAME")]
    pub(super) cluster: String,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Only what this Kustomization applies.
    #[arg(long, value_name = "[NAMESPACE/]NAME")]
    pub(super) kustomization: Option<String>,
    /// Do not remark on what is left out because it is not in the repository.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// The directory of a kustomization.
    pub(super) directory: PathBuf,
    /// Do not remark on what is left out because it is not in the repository.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The repository, or a directory in it.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    /// Replace a `meshlint.toml` that is there.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct ClustersArgs {
    /// The repository, or a directory in it.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ListFormat,
    /// Show this cluster in full, with the place that states each fact. May be repeated.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) cluster: Vec<String>,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

#[derive(Debug, Args)]
pub(super) struct ServicesArgs {
    /// The repository, or a directory in it.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    /// Show what is left when this cluster is gone; every single loss that changes something unless given.
    #[arg(long, value_name = "CLUSTER")]
    pub(super) without: Option<String>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ListFormat,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

#[derive(Debug, Args)]
pub(super) struct InventoryArgs {
    /// The repository, or a directory in it.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ListFormat,
    /// Show only this cluster. May be repeated.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) cluster: Vec<String>,
    /// List every object, with the file that it comes from.
    #[arg(long)]
    pub(super) objects: bool,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "For example: meshlint trace HelmRelease/cilium spec.values.cluster.id\n             meshlint trace --variable CLUSTER_ID"
)]
pub(super) struct TraceArgs {
    /// The repository unless it is the current directory, the object, as `Deployment/shop` or `default/Deployment/shop`, and the field,
    /// as `spec.template.spec.containers[name=shop].image`.
    #[arg(value_name = "[PATH] OBJECT FIELD", num_args = 0..=3)]
    pub(super) arguments: Vec<String>,
    /// Show where this variable of `postBuild` is set and what uses it.
    #[arg(long, value_name = "NAME")]
    pub(super) variable: Option<String>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ListFormat,
    /// Only in this cluster. May be repeated.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) cluster: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Name of the rule.
    pub(super) rule: String,
    /// Show the whole page: all examples, limits and links too.
    #[arg(long)]
    pub(super) full: bool,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ListFormat,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ListFormat,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "For bash: meshlint completions bash > ~/.local/share/bash-completion/completions/meshlint"
)]
pub(super) struct CompletionsArgs {
    /// The shell.
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "To read one: meshlint man check | man -l -")]
pub(super) struct ManArgs {
    /// The command that the page is about; the program itself unless given.
    pub(super) command: Option<String>,
    /// Write the pages of the program and of all its commands into this directory.
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "command")]
    pub(super) directory: Option<PathBuf>,
}

/// Formats of the commands that list things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }
}
