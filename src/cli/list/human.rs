//! The clusters as trees.

use std::io::{self, Write};

use super::about::{is_broken, source, waits_for};
use super::release::{Release, releases};
use crate::fleet::{Cluster, Delivery};
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::neutral::one_line;
use crate::report::Palette;
use crate::source::SourceMap;

/// The tree of a hostile repository is deep; what is written is not.
const DEEPEST: usize = 20;

pub(super) fn write(
    clusters: &[&Cluster],
    objects: bool,
    sources: &SourceMap,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (nth, cluster) in clusters.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        let tree = Tree::of(cluster, objects.then_some(sources), palette);
        tree.write(out)?;
    }
    Ok(())
}

/// A cluster with what belongs below each of its Kustomizations.
struct Tree<'a> {
    cluster: &'a Cluster,
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
    releases: Vec<Vec<Release<'a>>>,
    /// Where objects come from, when these are asked for.
    sources: Option<&'a SourceMap>,
    palette: Palette,
}

impl<'a> Tree<'a> {
    fn of(cluster: &'a Cluster, sources: Option<&'a SourceMap>, palette: Palette) -> Self {
        let count = cluster.kustomizations.len();
        let mut tree = Self {
            cluster,
            roots: Vec::new(),
            children: vec![Vec::new(); count],
            releases: std::iter::repeat_with(Vec::new).take(count).collect(),
            sources,
            palette,
        };
        for (at, owner) in cluster.kustomizations.iter().enumerate() {
            match owner.parent.and_then(|parent| tree.children.get_mut(parent)) {
                Some(siblings) => siblings.push(at),
                None => tree.roots.push(at),
            }
        }
        for one in releases(cluster) {
            if let Some(below) = tree.releases.get_mut(one.owner) {
                below.push(one);
            }
        }
        tree
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.heading(out)?;
        let mut ahead: Vec<(usize, usize)> = self.roots.iter().rev().map(|at| (*at, 1)).collect();
        while let Some((at, depth)) = ahead.pop() {
            if let Some(owner) = self.cluster.kustomizations.get(at) {
                self.branch(at, owner, depth, out)?;
            }
            let children = self.children.get(at).map(Vec::as_slice).unwrap_or_default();
            ahead.extend(children.iter().rev().map(|child| (*child, depth + 1)));
        }
        Ok(())
    }

    fn heading(&self, out: &mut dyn Write) -> io::Result<()> {
        let name = self.palette.bold(one_line(&self.cluster.name));
        let entry = one_line(&self.cluster.entry.to_string());
        let without_flux = match self.cluster.delivery {
            Delivery::Flux => "",
            Delivery::Values => ", without Flux",
        };
        let count = number(self.cluster.objects().count(), "object");
        writeln!(out, "{name}  {entry}  {count}{without_flux}")
    }

    /// A Kustomization with its HelmReleases, and its objects when they are asked for.
    fn branch(&self, at: usize, owner: &Kustomization, depth: usize, out: &mut dyn Write) -> io::Result<()> {
        let indent = "  ".repeat(depth.min(DEEPEST));
        writeln!(out, "{indent}{}", one_line(&self.words(at, owner).join("  ")))?;
        for one in self.releases.get(at).into_iter().flatten() {
            let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let (chart, version) = (known(&one.chart), known(&one.version));
            let text = format!(
                "{}  {chart} {version}  {}",
                one.object.reference(),
                known(&one.source)
            );
            writeln!(out, "{indent}  {}", self.palette.dim(one_line(&text)))?;
        }
        let Some(sources) = self.sources else {
            return Ok(());
        };
        for object in &owner.objects {
            let text = format!("{}  {}", object.reference(), file(sources, object));
            writeln!(out, "{indent}  {}", self.palette.dim(one_line(&text)))?;
        }
        Ok(())
    }

    fn words(&self, at: usize, owner: &Kustomization) -> Vec<String> {
        let path = owner.path.as_ref().map(ToString::to_string);
        let mut words = vec![owner.full_name(), path.unwrap_or_else(|| "-".to_owned())];
        words.push(number(owner.objects.len(), "object"));
        if let (word, Some(address)) = source(owner) {
            words.push(format!("{word}: {address}"));
        }
        let waits_for = waits_for(owner);
        if !waits_for.is_empty() {
            words.push(format!("after {}", waits_for.join(", ")));
        }
        words.extend(owner.hub.as_ref().map(|hub| format!("by the Flux of {hub}")));
        let notes = [
            (owner.suspended, "suspended"),
            (!self.cluster.delivers_here(at), "to another cluster"),
            (is_broken(owner), "cannot be applied"),
        ];
        let hold = notes.iter().filter(|(holds, _)| *holds);
        words.extend(hold.map(|(_, word)| (*word).to_owned()));
        words
    }
}

fn file(sources: &SourceMap, object: &Object) -> String {
    let span = object.node.span();
    let file = sources.file(span.file);
    format!("{}:{}", file.path(), file.line_column(span.start).line)
}

fn number(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}
