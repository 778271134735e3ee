//! Which file of the library takes what from which other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::tree::{Module, Tree};

/// An import.
pub struct Arrow {
    /// The module that imports.
    pub from: Vec<String>,
    /// What it names: a module on the way, or the one that defines what is imported.
    pub to: Vec<String>,
    /// Whether `to` defines something that `from` uses, not only lies on the way.
    pub defines: bool,
}

fn paths(module: &Module) -> impl Iterator<Item = &Vec<String>> {
    let uses = module.uses.iter().map(|one| &one.path);
    uses.chain(&module.paths)
}

/// All imports, of a module from another.
pub fn arrows(tree: &Tree) -> Vec<Arrow> {
    let mut all = Vec::new();
    for module in tree.0.values() {
        for target in paths(module).filter_map(|path| tree.follow(&module.name, path)) {
            let named = target.named.into_iter().map(|to| (to, false));
            let defined = target.defined_in.into_iter().map(|to| (to, true));
            for (to, defines) in named.chain(defined).filter(|(to, _)| *to != module.name) {
                all.push(Arrow {
                    from: module.name.clone(),
                    to,
                    defines,
                });
            }
        }
    }
    all
}

/// The folder in which two modules part, and the part of it that each belongs to.
pub fn parting(arrow: &Arrow) -> Option<(Vec<String>, String, String)> {
    let same = arrow
        .from
        .iter()
        .zip(&arrow.to)
        .take_while(|(a, b)| a == b)
        .count();
    let (from, to) = (arrow.from.get(same)?, arrow.to.get(same)?);
    Some((arrow.from[..same].to_vec(), from.clone(), to.clone()))
}

/// The files that use each other, each group sorted. A file that only passes on what another defines is in none.
pub fn circles(tree: &Tree) -> Vec<Vec<PathBuf>> {
    let file = |name: &Vec<String>| tree.0[name].file.clone();
    let mut uses: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for arrow in arrows(tree).iter().filter(|arrow| arrow.defines) {
        let (from, to) = (file(&arrow.from), file(&arrow.to));
        if from != to {
            uses.entry(from).or_default().insert(to);
        }
    }
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = uses
        .keys()
        .map(|start| (start, reached_from(start, &uses)))
        .collect();
    let mut circles: BTreeSet<Vec<PathBuf>> = BTreeSet::new();
    for (start, there) in &reached {
        let back = |other: &&&PathBuf| reached.get(**other).is_some_and(|all| all.contains(*start));
        let circle: Vec<PathBuf> = there.iter().filter(back).map(|path| (*path).clone()).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reached_from<'a>(
    start: &'a PathBuf,
    uses: &'a BTreeMap<PathBuf, BTreeSet<PathBuf>>,
) -> BTreeSet<&'a PathBuf> {
    let mut reached = BTreeSet::new();
    let mut next = vec![start];
    while let Some(at) = next.pop() {
        for to in uses.get(at).into_iter().flatten() {
            if reached.insert(to) {
                next.push(to);
            }
        }
    }
    reached
}
