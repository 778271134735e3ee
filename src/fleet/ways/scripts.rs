//! Scripts that install Cilium: `cilium install`, `cilium upgrade` and `helm upgrade --install` in shell scripts, Makefiles, justfiles
//! and Taskfiles. They are read, never run: what is written out is known, and so is a variable that is set once to a literal;
//! whatever is computed is unknown.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use super::charts;
use super::shell::{self, Command, Word};
use crate::fleet::dead;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::flux::Discovery;
use crate::helm::{HelmValues, Layers};
use crate::source::{FileId, RepoPath, Span};
use crate::template::written::Written;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// Scripts longer than this install something else.
const MAX_BYTES: usize = 512 * 1024;

/// What the commands for one cluster come to.
struct Installed {
    name: Option<String>,
    file: FileId,
    span: Span,
    layers: Layers,
    version: Option<Node>,
    machines: Vec<Node>,
}

/// Finds the clusters that scripts install Cilium in, where nothing else was found.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    if !found.values.is_empty() {
        return;
    }
    let mut clusters: Vec<Installed> = Vec::new();
    let mut claimed = BTreeSet::new();
    let mut kinds: BTreeMap<String, RepoPath> = BTreeMap::new();
    for (file, source) in inventory.sources.iter() {
        let path = source.path();
        let is_read = is_script(path) && !dead::is_dead(path) || is_pipeline(path);
        if source.is_ignored() || !is_read {
            continue;
        }
        let Ok(text) = source.text() else { continue };
        let has = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        if text.len() > MAX_BYTES || !(has("cilium") || has("kind create")) {
            continue;
        }
        let mut script = Script {
            inventory,
            file,
            directory: path.parent(),
            made: BTreeMap::new(),
        };
        for command in shell::commands(file, text) {
            script.take(&command, &mut clusters, &mut claimed, &mut kinds);
        }
    }
    if clusters.iter().all(|cluster| !is_told(cluster)) {
        return;
    }
    found.claimed.extend(claimed);
    found
        .values
        .extend(clusters.into_iter().filter(is_told).map(|mut cluster| {
            let values = cluster.layers.finish();
            let own = values.tree.text_at(&["cluster", "name"]).map(str::to_owned);
            let name = cluster.name.clone().or(own);
            let name = name.unwrap_or_else(|| named_by_file(inventory, cluster.file));
            if let Some(config) = kinds.get(&name).and_then(|path| inventory.sources.file_at(path)) {
                cluster.machines.extend(inventory.documents(config).cloned());
            }
            ValuesCluster {
                chart_version: cluster.version,
                machines: cluster.machines,
                ..ValuesCluster::of(
                    name,
                    inventory.path_of(cluster.file).clone(),
                    cluster.span,
                    values,
                )
            }
        }));
}

/// A command whose values are all computed tells nothing.
fn is_told(cluster: &Installed) -> bool {
    let values = cluster.layers.clone().finish();
    let known = |path: &[&str]| {
        values
            .tree
            .at(path)
            .is_some_and(|node| !node.origin().is_unknown())
    };
    cluster.name.is_some() && !values.tree.entries().is_empty()
        || known(&["cluster", "name"])
        || known(&["cluster", "id"])
}

fn named_by_file(inventory: &Inventory, file: FileId) -> String {
    let path = inventory.path_of(file);
    let directory = path.parent();
    if directory.is_root() {
        path.file_name().split('.').next().unwrap_or_default().to_owned()
    } else {
        directory.file_name().to_owned()
    }
}

fn is_script(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "sh" | "bash" | "mk" | "just" | "zsh")
        || matches!(
            name.as_str(),
            "makefile" | "justfile" | ".justfile" | "gnumakefile"
        )
        || name.starts_with("taskfile.") && matches!(ending, "yml" | "yaml")
        || ending.is_empty()
            && path
                .parent()
                .components()
                .any(|part| matches!(part, "scripts" | "bin" | "hack"))
}

/// What CI runs, in files whose names begin with a dot or lie in a directory whose name does.
fn is_pipeline(path: &RepoPath) -> bool {
    let name = path.file_name();
    let parent = path.parent();
    let in_home = matches!(
        parent.as_str(),
        ".github/workflows" | ".gitlab/ci" | ".circleci" | ".gitea/workflows" | ".forgejo/workflows"
    );
    path.is_yaml()
        && (in_home || name.ends_with(".gitlab-ci.yml") || parent.is_root() && name.contains("pipelines"))
        || name == "Jenkinsfile"
}

struct Script<'i, 'a> {
    inventory: &'i Inventory<'a>,
    file: FileId,
    directory: RepoPath,
    /// Files that the script itself writes, with their documents.
    made: BTreeMap<String, Vec<Node>>,
}

/// The values and the version that a command installs Cilium with, if it does.
pub(super) fn of_command(words: &[Word]) -> Option<(HelmValues, Option<Node>)> {
    let program = program(words)?;
    if !installs(program, words) {
        return None;
    }
    let options = Options::of(words, if program == "cilium" { 2 } else { 1 });
    let mut layers = Layers::at(words.first()?.span);
    for word in &options.files {
        layers.hide(word.span, UnknownReason::Generated);
    }
    options.set_in(&mut layers);
    Some((layers.finish(), options.version.as_ref().map(Word::node)))
}

fn program(words: &[Word]) -> Option<&str> {
    words.first()?.text.rsplit('/').next()
}

/// Whether the command of that program installs Cilium.
fn installs(program: &str, words: &[Word]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    match program {
        "cilium" => matches!(texts.get(1), Some(&("install" | "upgrade"))) || texts.contains(&"install"),
        "helm" => {
            texts.iter().any(|text| matches!(*text, "install" | "upgrade"))
                && texts.iter().any(|text| charts::is_cilium(text))
                && texts
                    .iter()
                    .any(|text| text.contains('/') && charts::is_cilium(text) || *text == "--repo")
        }
        _ => false,
    }
}

impl Script<'_, '_> {
    fn take(
        &mut self,
        command: &Command,
        clusters: &mut Vec<Installed>,
        claimed: &mut BTreeSet<RepoPath>,
        kinds: &mut BTreeMap<String, RepoPath>,
    ) {
        let words = &command.words;
        let Some(program) = program(words) else { return };
        if program == "kind" && words.iter().any(|word| word.text == "create") {
            self.take_kind(words, kinds);
        }
        self.take_made(program, command);
        if !installs(program, words) {
            return;
        }
        let Some(first) = words.first() else { return };
        let options = Options::of(words, if program == "cilium" { 2 } else { 1 });
        let context = options.context.as_ref().filter(|word| !word.is_computed());
        let name = context.map(|word| word.text.trim_start_matches("kind-").to_owned());
        let at = clusters
            .iter()
            .position(|known| known.file == self.file && known.name == name && name.is_some());
        let at = at.unwrap_or_else(|| {
            clusters.push(Installed {
                name,
                file: self.file,
                span: context.unwrap_or(first).span,
                layers: Layers::at(first.span),
                version: None,
                machines: Vec::new(),
            });
            clusters.len() - 1
        });
        let Some(cluster) = clusters.get_mut(at) else {
            return;
        };
        for word in &options.files {
            self.add_file(word, command.input.as_ref(), &mut cluster.layers, claimed);
        }
        options.set_in(&mut cluster.layers);
        if let Some(version) = &options.version {
            cluster.version = Some(version.node());
        }
    }

    /// `cat <<EOF > FILE`, `tee FILE <<EOF`
    fn take_made(&mut self, program: &str, command: &Command) {
        let Some(documents) = command.input.as_ref().and_then(Written::documents) else {
            return;
        };
        let words = &command.words;
        let behind = words
            .iter()
            .position(|word| word.text == ">")
            .and_then(|at| words.get(at + 1));
        let joined = words.iter().find_map(|word| word.text.strip_prefix('>'));
        let file = match program {
            "cat" => behind.map(|word| word.text.as_str()).or(joined),
            "tee" => words.get(1).map(|word| word.text.as_str()),
            _ => None,
        };
        if let Some(file) = file.filter(|file| !file.is_empty()) {
            self.made.insert(file.to_owned(), documents);
        }
    }

    fn take_kind(&self, command: &[Word], kinds: &mut BTreeMap<String, RepoPath>) {
        let options = Options::of(command, 3);
        let (Some(name), Some(config)) = (&options.name, &options.config) else {
            return;
        };
        if let (false, Some(path)) = (name.is_computed(), self.find_file(&config.text)) {
            kinds.insert(name.text.clone(), path);
        }
    }

    /// Paths count from where the script is called, which is its own directory or one above.
    fn find_file(&self, name: &str) -> Option<RepoPath> {
        let name = name.trim_start_matches("./");
        let mut at = self.directory.clone();
        loop {
            if let Ok(path) = at.join(name)
                && self.inventory.sources.file_at(&path).is_some()
            {
                return Some(path);
            }
            if at.is_root() {
                return None;
            }
            at = at.parent();
        }
    }

    fn add_file(
        &self,
        word: &Word,
        input: Option<&Written>,
        layers: &mut Layers,
        claimed: &mut BTreeSet<RepoPath>,
    ) {
        let own = input.filter(|_| word.text == "-").and_then(Written::documents);
        if let Some(documents) = own.as_ref().or(self.made.get(&word.text)) {
            return documents.iter().for_each(|values| layers.add(values));
        }
        let path = if word.is_computed() {
            None
        } else {
            self.find_file(&word.text)
        };
        let file = path
            .as_ref()
            .and_then(|path| self.inventory.sources.file_at(path));
        if !file.is_some_and(|file| self.inventory.add_values(layers, file)) {
            layers.hide(word.span, UnknownReason::Generated);
        }
        claimed.extend(path);
    }
}

/// `--set a=1,b={x,y}`: each key with its value.
fn set(layers: &mut Layers, word: &Word, literal: bool) {
    for (from, to) in shell::split_at_commas(&word.text) {
        let Some(part) = word.text.get(from..to) else {
            continue;
        };
        let Some((path, value)) = part.split_once('=') else {
            continue;
        };
        let start = from + path.len() + 1;
        let node = match value.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
            Some(inner) => {
                let items = shell::split_at_commas(inner)
                    .into_iter()
                    .filter(|(from, to)| from < to);
                let items = items.map(|(from, to)| word.part(start + 1 + from..start + 1 + to));
                Node::sequence(items.collect(), word.part(start..to).origin().clone())
            }
            None => word.part(start..to),
        };
        layers.set(path.trim(), &node, literal);
    }
}

/// The options of a command that matter.
#[derive(Default)]
struct Options {
    context: Option<Word>,
    version: Option<Word>,
    name: Option<Word>,
    config: Option<Word>,
    sets: Vec<(Word, bool)>,
    files: Vec<Word>,
    facts: Vec<(&'static str, Word)>,
}

impl Options {
    /// Sets what the flags do.
    fn set_in(&self, layers: &mut Layers) {
        for (word, literal) in &self.sets {
            set(layers, word, *literal);
        }
        for (path, word) in &self.facts {
            layers.set(path, &word.node(), false);
        }
    }

    fn of(command: &[Word], skip: usize) -> Self {
        let mut options = Self::default();
        let mut at = skip;
        while let Some(word) = command.get(at) {
            at += 1;
            let (name, own) = match word.text.split_once('=') {
                Some((name, _)) if name.starts_with("--") => (name, Some(word.behind(name.len() + 1))),
                _ => (word.text.as_str(), None),
            };
            if !name.starts_with('-') {
                continue;
            }
            let takes_value = own.is_none();
            let next = || own.clone().or_else(|| command.get(at).cloned());
            match name {
                "--set" | "--helm-set" => options.sets.extend(next().map(|word| (word, false))),
                "--set-string" | "--helm-set-string" => options.sets.extend(next().map(|word| (word, true))),
                "--values" | "-f" | "--helm-values" => options.files.extend(next()),
                "--cluster-name" => options.facts.extend(next().map(|word| ("cluster.name", word))),
                "--cluster-id" => options.facts.extend(next().map(|word| ("cluster.id", word))),
                "--context" | "--kube-context" => options.context = next(),
                "--version" => options.version = next(),
                "--name" | "-n" => options.name = next(),
                "--config" => options.config = next(),
                _ => continue,
            }
            at += usize::from(takes_value);
        }
        options
    }
}
