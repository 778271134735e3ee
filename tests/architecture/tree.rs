//! The modules of the library as Rust sees them, without those that are only compiled for tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// A name that a module takes in with `use`.
pub struct Use {
    /// As written: `crate::yaml::Node`.
    pub path: Vec<String>,
    /// What it is called here; `*` for everything.
    pub name: String,
}

/// A module.
pub struct Module {
    /// From the root of the library: `["yaml", "node"]`.
    pub name: Vec<String>,
    pub file: PathBuf,
    pub uses: Vec<Use>,
    /// Every other path of two or more parts.
    pub paths: Vec<Vec<String>>,
    /// What it defines itself.
    pub items: Vec<String>,
    /// Methods that are called by name.
    pub calls: Vec<String>,
}

/// All modules by name.
pub struct Tree(pub BTreeMap<Vec<String>, Module>);

/// What a path leads to.
pub struct Target {
    /// The modules that it names on its way.
    pub named: Vec<Vec<String>>,
    /// The module that defines what it names; `None` where it names nothing but a module.
    pub defined_in: Option<Vec<String>>,
}

impl Tree {
    /// Reads the library from its root on.
    pub fn read(root: &Path) -> Self {
        let mut tree = Self(BTreeMap::new());
        tree.add(Vec::new(), root.to_owned(), &root.with_file_name(""));
        tree
    }

    fn add(&mut self, name: Vec<String>, file: PathBuf, below: &Path) {
        let text = std::fs::read_to_string(&file).unwrap();
        let syntax = syn::parse_file(&text).unwrap();
        self.add_items(name, file, below, &syntax.items);
    }

    fn add_items(&mut self, name: Vec<String>, file: PathBuf, below: &Path, items: &[syn::Item]) {
        let mut module = Module {
            name: name.clone(),
            file: file.clone(),
            uses: Vec::new(),
            paths: Vec::new(),
            items: Vec::new(),
            calls: Vec::new(),
        };
        for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
            if let syn::Item::Mod(inner) = item {
                self.add_child(&name, &file, below, inner);
                continue;
            }
            module.items.extend(defined(item));
            Reader(&mut module).visit_item(item);
        }
        self.0.insert(name, module);
    }

    fn add_child(&mut self, parent: &[String], file: &Path, below: &Path, module: &syn::ItemMod) {
        let own = module.ident.to_string();
        let name: Vec<String> = parent.iter().cloned().chain([own.clone()]).collect();
        let below = below.join(&own);
        match &module.content {
            Some((_, items)) => self.add_items(name, file.to_owned(), &below, items),
            None => {
                let flat = below.with_extension("rs");
                let file = if flat.is_file() {
                    flat
                } else {
                    below.join("mod.rs")
                };
                self.add(name, file, &below);
            }
        }
    }

    /// Follows a path from a module to what it names; `None` where it leaves the library.
    pub fn follow(&self, from: &[String], path: &[String]) -> Option<Target> {
        self.follow_within(from, path, 0)
    }

    fn follow_within(&self, from: &[String], path: &[String], depth: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            _ if depth > 20 => return None,
            "crate" => Vec::new(),
            "self" | "Self" => from.to_vec(),
            "super" => from.split_last()?.1.to_vec(),
            _ => return self.descend(from, path, Vec::new(), depth),
        };
        self.descend(&start, rest, vec![start.clone()], depth)
    }

    /// Goes on from a module.
    fn descend(
        &self,
        at: &[String],
        path: &[String],
        mut named: Vec<Vec<String>>,
        depth: usize,
    ) -> Option<Target> {
        let Some((first, rest)) = path.split_first() else {
            return Some(Target {
                named,
                defined_in: None,
            });
        };
        if first == "super" || first == "self" {
            let at = if first == "super" { at.split_last()?.1 } else { at };
            named.push(at.to_vec());
            return self.descend(at, rest, named, depth);
        }
        let module = self.0.get(at)?;
        let below: Vec<String> = at.iter().cloned().chain([first.clone()]).collect();
        if self.0.contains_key(&below) {
            named.push(below.clone());
            return self.descend(&below, rest, named, depth);
        }
        if first == "*" || module.items.contains(first) {
            return Some(Target {
                named,
                defined_in: Some(at.to_vec()),
            });
        }
        let taken = module.uses.iter().find(|one| one.name == *first);
        let globs = module.uses.iter().filter(|one| one.name == "*");
        for one in taken.into_iter().chain(globs) {
            let mut whole = one.path.clone();
            if one.name == "*" {
                whole.pop();
                whole.push(first.clone());
            }
            whole.extend(rest.iter().cloned());
            if let Some(found) = self.follow_within(at, &whole, depth + 1) {
                named.extend(found.named);
                return Some(Target { named, ..found });
            }
        }
        None
    }
}

/// Whether the attributes say `#[cfg(test)]`.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|one| {
        one.path().is_ident("cfg")
            && matches!(&one.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item defines.
fn defined(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Collects what a module names.
struct Reader<'m>(&'m mut Module);

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        flatten(&item.tree, &mut Vec::new(), &mut self.0.uses);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if parts.len() > 1 {
            self.0.paths.push(parts);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.0.calls.push(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// What is written in a macro is no syntax tree; its paths are found by their colons, its calls by their dots.
    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let text = called.tokens.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut at = 0;
        while at < words.len() {
            let mut parts = vec![words[at].to_owned()];
            while words.get(at + 1) == Some(&"::") && at + 2 < words.len() {
                parts.push(words[at + 2].to_owned());
                at += 2;
            }
            if parts.len() > 1 {
                self.0.paths.push(parts);
            } else if words[at] == "." && at + 1 < words.len() {
                self.0.calls.push(words[at + 1].to_owned());
            }
            at += 1;
        }
    }
}

fn flatten(tree: &syn::UseTree, before: &mut Vec<String>, all: &mut Vec<Use>) {
    let mut add = |last: Option<String>, name: String| {
        let path = before.iter().cloned().chain(last).collect();
        all.push(Use { path, name });
    };
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, all);
            before.pop();
        }
        syn::UseTree::Name(name) if name.ident == "self" => {
            add(None, before.last().cloned().unwrap_or_default());
        }
        syn::UseTree::Name(name) => add(Some(name.ident.to_string()), name.ident.to_string()),
        syn::UseTree::Rename(name) => add(Some(name.ident.to_string()), name.rename.to_string()),
        syn::UseTree::Glob(_) => add(Some("*".to_owned()), "*".to_owned()),
        syn::UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, all);
            }
        }
    }
}
