use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::expressions::{expressions, texts};
use crate::cluster::settings::own_key;
use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, Source};
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};
use crate::source::{FileId, SourceMap, Span};

/// A variable that no expression names.
pub(crate) static RULE: Rule = Rule {
    name: "unused-variable",
    category: Category::Flux,
    severity: Severity::Info,
    pedantic: true,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/unused-variable.md"),
    check,
};

fn message(variables: &[&str]) -> String {
    match variables {
        [only] => format!("variable `{only}` is used nowhere"),
        all => format!("variables {} are used nowhere", all_of(all)),
    }
}

fn help(variables: &[&str]) -> &'static str {
    if variables.len() == 1 {
        "remove it, or name it where it was meant to be"
    } else {
        "remove them, or name them where they were meant to be"
    }
}

const LABEL: &str = "no expression names it";

/// Variables labelled in one finding.
const MAX_LABELS: usize = 8;

/// A variable's line, with the clusters that read it.
#[derive(Debug, Default)]
struct Stated<'a> {
    clusters: BTreeSet<&'a str>,
    used: bool,
    /// Whether a ConfigMap or Secret states it, which others than Flux may read.
    is_setting: bool,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut stated: BTreeMap<(Span, &str), Stated<'_>> = BTreeMap::new();
    for cluster in &context.fleet.clusters {
        for owner in cluster.own_kustomizations() {
            let used = names(owner);
            for (name, variable) in &owner.variables.known {
                let Some(value) = variable.span else { continue };
                // The value may be an alias, and stand somewhere else.
                let own = own_key(owner, name);
                let span = own.unwrap_or(value);
                let one = stated.entry((span, name)).or_default();
                one.clusters.insert(&cluster.name);
                one.used |= used.as_ref().is_none_or(|used| used.contains(&**name));
                one.is_setting |= own.is_none();
            }
        }
    }
    // A variable whose name says what it holds states a fact about the cluster that other rules read.
    let settings = &context.mesh.settings;
    let unused: Vec<_> = stated
        .into_iter()
        .filter(|((_, name), one)| !one.used && !settings.is_setting(name))
        .collect();
    let asked = unused.iter().filter(|(_, one)| one.is_setting);
    let read = ReadElsewhere::of(context.sources, &asked.map(|((_, name), _)| *name).collect());
    let unused = unused
        .into_iter()
        .filter(|((span, name), one)| !(one.is_setting && read.has(name, span.file)));
    // Those of one file and the same clusters are one finding: somebody tidies up a file, not a line.
    let mut files: BTreeMap<_, Vec<(Span, &str)>> = BTreeMap::new();
    for ((span, name), one) in unused {
        files
            .entry((span.file, one.clusters))
            .or_default()
            .push((span, name));
    }
    let all = files.into_iter();
    findings.extend(all.filter_map(|((_, clusters), unused)| {
        let members = unused.chunks(1).filter_map(|one| finding(one, clusters.clone()));
        Some(finding(&unused, clusters.clone())?.members(members))
    }));
}

fn finding(unused: &[(Span, &str)], clusters: BTreeSet<&str>) -> Option<Finding> {
    let (first, further) = unused.split_first()?;
    let mut names: Vec<&str> = unused.iter().map(|(_, name)| *name).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let finding = Finding::new(message(&names), first.0, LABEL)
        .help(help(&names))
        .clusters(clusters);
    let further = further.iter().take(MAX_LABELS);
    Some(further.fold(finding, |finding, (span, _)| finding.label(*span, LABEL)))
}

/// Which variables a program that reads the file itself, or a template for one, names.
struct ReadElsewhere<'a> {
    /// By the variable: a file, and whether there are others.
    files: BTreeMap<&'a str, (FileId, bool)>,
}

impl<'a> ReadElsewhere<'a> {
    fn of(sources: &SourceMap, names: &BTreeSet<&'a str>) -> Self {
        let lengths: BTreeSet<usize> = names.iter().map(|name| name.len()).collect();
        let mut files: BTreeMap<&str, (FileId, bool)> = BTreeMap::new();
        let with_text = sources
            .iter()
            .filter(|(_, source)| !names.is_empty() && !source.path().is_of_media());
        for (file, source) in with_text {
            let mut note = |found: &[u8]| {
                let starts = lengths
                    .iter()
                    .filter_map(|length| std::str::from_utf8(found.get(..*length)?).ok());
                for name in starts.filter_map(|start| names.get(start)) {
                    let known = files.entry(name).or_insert((file, false));
                    known.1 |= known.0 != file;
                }
            };
            source.look(|bytes| {
                for at in memchr::memchr2_iter(b'$', b'.', bytes) {
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    note(rest);
                    if bytes.get(at) == Some(&b'$') && rest.first() == Some(&b'{') {
                        note(rest.get(1..).unwrap_or_default());
                    }
                }
            });
        }
        Self { files }
    }

    fn has(&self, name: &str, stated_in: FileId) -> bool {
        let known = self.files.get(name);
        known.is_some_and(|(file, others)| *others || *file != stated_in)
    }
}

/// The names in the expressions of what a Kustomization builds; `None` when part of it cannot be seen.
fn names(owner: &Kustomization) -> Option<BTreeSet<&str>> {
    let build = owner.build.as_ref()?;
    if build.failed() || !build.opaque.is_empty() || !matches!(owner.source, Source::Here(_)) {
        return None;
    }
    let mut names = BTreeSet::new();
    texts(owner, &mut |_, _, node| {
        let text = node.as_scalar().map_or("", |scalar| &*scalar.text);
        names.extend(expressions(text).map(|(name, _)| name));
        // `${#X}`
        names.extend(
            text.split("${#")
                .skip(1)
                .filter_map(|rest| rest.split('}').next()),
        );
    });
    Some(names)
}
