//! The modules form a line (docs/architecture.md): each imports only from those before it.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod arrows;
#[path = "../common/mod.rs"]
mod common;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use meshlint::rules::RULES;
use tree::Tree;

/// The parts of each folder from the ground floor up: each imports only from those before it. Every folder has its line
/// but the categories of rules, whose rules import no other.
const LINES: &[(&str, &str)] = &[
    (
        "",
        "neutral budget source text unknown finding yaml sops secret policy kustomize tables postbuild template helm flux fleet cluster mesh schema change trace rules sink report engine config lsp cli",
    ),
    (
        "change",
        "tree model path secrecy stems lists fields objects fate facts clusters aligned",
    ),
    (
        "cli",
        "args ending links place nothing repository scope buffer lsp terminal completions configured page explain init output baseline man progress since mend check clusters services diff list render trace build",
    ),
    (
        "cli/clusters",
        "cell grid selection columns json overview details",
    ),
    ("cli/list", "about release human json"),
    ("cli/services", "told words human json"),
    ("cli/trace", "found human json"),
    (
        "cluster",
        "kind unread mentions copied definitions written expressions settings reached blind index reconciled charts definition_edges releases lost references lockdown sight hashed_names makers workloads policies service_names",
    ),
    ("cluster/references", "reference pods config"),
    ("trace", "field steps variable"),
    ("config", "keys problem check read schema template"),
    (
        "fleet",
        "dead found homes inventory model beside naming plain releases settle ways cluster_api discover given load rooted",
    ),
    (
        "fleet/ways",
        "charts flux manifests shell values ansible argo bootstrap helmfile k0s kustomize_charts rancher scripts sveltos talos wrappers",
    ),
    (
        "fleet/ways/ansible",
        "hosts ini installation inventories kubespray plays",
    ),
    ("fleet/ways/argo", "parameters generators"),
    (
        "fleet/ways/flux",
        "candidate hub trees variables instances roots neighbours shared sync",
    ),
    ("fleet/ways/shell", "word reader input"),
    (
        "flux",
        "address applied dependencies metadata model options entry_point resource_set render",
    ),
    (
        "flux/render",
        "address artifacts objects round territory unreached version entry renderer finish lookups source graph",
    ),
    ("helm", "below chart target_path merge values layers values_from"),
    (
        "kustomize",
        "error unread model files schema resources fields kustomization generate patch transform references assembly",
    ),
    (
        "kustomize/assembly",
        "accumulator bases flow order reading replacements schema_choice accumulate builder inline settings transformers plugins",
    ),
    (
        "kustomize/fields",
        "fieldpath field_lookup fieldspec transformer_config defaults config crds",
    ),
    ("kustomize/files", "left_out remote loader"),
    ("kustomize/generate", "hash kv generators"),
    ("kustomize/kustomization", "near typed types kustfile flux"),
    ("kustomize/patch", "targets metadata json6902 strategic patches"),
    ("kustomize/patch/json6902", "leaves place"),
    ("kustomize/patch/strategic", "value keyed_list"),
    ("kustomize/references", "nameref replacement vars"),
    ("kustomize/references/replacement", "options field embedded"),
    (
        "kustomize/resources",
        "build_origin label_selector resource_id gvk nodes objects shared resource selector provenance resmap report",
    ),
    ("kustomize/schema", "field openapi scopes table"),
    (
        "kustomize/transform",
        "images labels names namespace replicas valueadd",
    ),
    (
        "lsp",
        "uri position expression wire host documents uses links analysis worker client repositories outgoing view variable values diagnostics actions completion hover inlay navigation rename symbols abilities session",
    ),
    (
        "mesh",
        "fact bgp networks read pool_selector pool_users service settings machine options values carriers facts peers secrets control_plane datapath pools ranges sharing model askers compare globals groups peering remote_users secret_source signs build shown backends global_namespaces served running",
    ),
    (
        "mesh/carriers",
        "installation version look cilium_config helm_chart helm_chart_proxy helm_release rendered values_file",
    ),
    ("neutral", "verdict gate json printable markdown"),
    (
        "policy",
        "agent fault fields pattern section selector address layer7 peers ports rule",
    ),
    ("postbuild", "envsubst model substitute variables"),
    (
        "postbuild/envsubst",
        "syntax parse template work glob functions eval",
    ),
    (
        "postbuild/substitute",
        "expression printed typed value evidence quick prepare rebuild",
    ),
    (
        "report",
        "page_url place style run causes json uri excerpt figures diagnostic change",
    ),
    ("report/change", "lines words group human json markdown unified"),
    ("report/sarif", "text rules"),
    (
        "rules",
        "build_problems fixes gather places reference rule subject words yaml change flux ignore_comments kustomize mesh meshlint page policy schema service registry",
    ),
    ("rules/change/support", "fields members ranges"),
    ("rules/flux/support", "foreign shape_faults cilium"),
    ("rules/mesh/support", "overlap"),
    ("rules/schema/support", "told"),
    (
        "schema",
        "fault quantity values belongs refusal twice look verdicts",
    ),
    (
        "sink",
        "apart level reported fingerprint known members select policy baseline entries ignores sight summary",
    ),
    (
        "source",
        "columns path patterns read reads span border git ignored objects map borders disk revision",
    ),
    (
        "tables",
        "annotation_domains api_versions cilium operators schemas shapes",
    ),
    ("tables/api_versions", "replaced table"),
    ("tables/cilium", "annotations defaults telling values removed"),
    ("tables/schemas", "model read"),
    ("tables/shapes", "cilium flux"),
    (
        "template",
        "stopped value cost functions parse render written go jinja",
    ),
    ("template/jinja", "names value"),
    ("text", "suggest nearest_path"),
    (
        "yaml",
        "intern node events locate parse_error dialect merge parsed route scalar scan tree parse embedded store write de equal",
    ),
    ("yaml/de", "error options spanned reader"),
    (
        "yaml/scan",
        "cursor problem tokens scanner block grammar plain quoted tags",
    ),
    (
        "yaml/write",
        "allowed fold mapped number order timestamp value json emit obstacle",
    ),
];

fn library() -> Tree {
    Tree::read(&common::project().join("src/lib.rs"))
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(directory)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    entries
        .map(|entry| entry.into_path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs")
}

/// The parts of a folder, sorted.
fn parts<'t>(tree: &'t Tree, folder: &[String]) -> Vec<&'t str> {
    let below = tree
        .0
        .keys()
        .filter(|name| name.len() == folder.len() + 1 && name.starts_with(folder));
    below.map(|name| name[folder.len()].as_str()).collect()
}

#[test]
fn modules_import_only_from_those_before_them() {
    let tree = library();
    let mut wrong = BTreeSet::new();
    for arrow in arrows::arrows(&tree) {
        let Some((folder, from, to)) = arrows::parting(&arrow) else {
            continue;
        };
        let folder = folder.join("/");
        let Some((_, line)) = LINES.iter().find(|(name, _)| *name == folder) else {
            continue;
        };
        // What has no place comes last, and nobody imports it.
        let place = |part: &str| {
            line.split(' ')
                .position(|name| name == part)
                .unwrap_or(usize::MAX)
        };
        if place(&to) >= place(&from) {
            wrong.insert(format!("{} uses {}", arrow.from.join("::"), arrow.to.join("::")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Output formats need no place: they import from all that has one.
fn is_format(folder: &[String], part: &str) -> bool {
    folder == ["report"] && common::formats().any(|format| format == part)
}

#[test]
fn every_module_has_its_place_in_the_line() {
    let tree = library();
    for (folder, line) in LINES {
        let folder: Vec<String> = folder
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let mut line: Vec<&str> = line.split(' ').collect();
        line.sort_unstable();
        let mut parts = parts(&tree, &folder);
        parts.retain(|part| line.contains(part) || !is_format(&folder, part));
        assert_eq!(parts, line, "{folder:?}");
    }
}

#[test]
fn every_folder_has_a_line() {
    let tree = library();
    let without: BTreeSet<String> = tree
        .0
        .keys()
        .filter(|folder| parts(&tree, folder).len() > 1)
        .map(|folder| folder.join("/"))
        .filter(|folder| !LINES.iter().any(|(name, _)| name == folder))
        .collect();
    let of_rules: BTreeSet<String> = categories()
        .iter()
        .map(|category| format!("rules/{}", category.file_name().unwrap().to_str().unwrap()))
        .filter(|category| without.contains(category))
        .collect();
    assert_eq!(without, of_rules);
}

#[test]
fn no_file_uses_one_that_uses_it() {
    let src = common::project().join("src");
    let relative = |path: &PathBuf| path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
    let found: Vec<Vec<String>> = arrows::circles(&library())
        .iter()
        .map(|circle| circle.iter().map(relative).collect())
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_file_beside_the_rules_is_a_rule() {
    let rules = common::project().join("src/rules");
    let mut files = BTreeSet::new();
    for path in sources(&rules) {
        let parts: Vec<&str> = path
            .strip_prefix(&rules)
            .unwrap()
            .iter()
            .map(|part| part.to_str().unwrap())
            .collect();
        match parts[..] {
            [category, file] if file != "mod.rs" => {
                let rule = file.trim_end_matches(".rs").replace('_', "-");
                files.insert(format!("{category}/{rule}"));
            }
            // What rules share, and what a long rule keeps in a directory of its own name.
            [category, directory, ..] if directory != "support" => {
                let rule = rules.join(category).join(directory).with_extension("rs");
                assert!(directory == "mod.rs" || rule.is_file(), "{}", path.display());
            }
            _ => {}
        }
    }
    let entries = RULES
        .iter()
        .map(|rule| format!("{}/{}", rule.category.as_str(), rule.name));
    assert_eq!(files, entries.collect());
}

#[test]
fn no_file_is_longer_than_can_be_read_at_once() {
    let long: Vec<String> = sources(&common::project().join("src"))
        .into_iter()
        .filter(|path| !is_test(path))
        .filter_map(|path| {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            (lines > 500).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// The modules named behind `prefix`, alone or in braces.
fn named_behind(text: &str, prefix: &str) -> BTreeSet<String> {
    let first = |text: &str| -> String {
        let name = text.trim_start().chars();
        name.take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let names = text.split(prefix).skip(1).flat_map(|rest| {
        let Some(list) = rest.strip_prefix('{') else {
            return vec![first(rest)];
        };
        let (mut depth, mut starts) = (0, vec![0]);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => starts.push(at + 1),
                _ => {}
            }
        }
        starts.into_iter().map(|start| first(&list[start..])).collect()
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn names_behind_a_prefix_are_found() {
    let names = |text| named_behind(text, "support::").into_iter().collect::<Vec<_>>();
    assert_eq!(names("use super::support::a::B;"), ["a"]);
    assert_eq!(
        names("use super::support::{a, b::{c, d}, e::f};\nuse x::y;"),
        ["a", "b", "e"]
    );
    assert_eq!(names("support::a::b(c, d)"), ["a"]);
}

/// The files of a category by the rule, or the shared module, that they belong to.
fn parts_of(directory: &Path) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for path in sources(directory) {
        let below = path.strip_prefix(directory).unwrap();
        let first = below.iter().next().unwrap().to_str().unwrap();
        if first != "support" && first != "mod.rs" {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            *parts.entry(first.trim_end_matches(".rs").to_owned()).or_default() += text;
        }
    }
    parts
}

fn categories() -> Vec<PathBuf> {
    let rules = std::fs::read_dir(common::project().join("src/rules")).unwrap();
    let directories = rules.map(|entry| entry.unwrap().path());
    directories.filter(|path| path.is_dir()).collect()
}

#[test]
fn what_rules_share_serves_two_of_them() {
    for category in categories() {
        let rules = parts_of(&category);
        let support = category.join("support");
        if !support.is_dir() {
            continue;
        }
        let support = parts_of(&support);
        let uses = |text: &String, name: &str| named_behind(text, "support::").contains(name);
        for name in support.keys() {
            // Directly, or by what is shared itself.
            let mut providers = BTreeSet::from([name.as_str()]);
            for _ in 0..support.len() {
                let through = support.iter().filter(|(_, text)| {
                    named_behind(text, "super::")
                        .iter()
                        .any(|one| providers.contains(one.as_str()))
                });
                let through: Vec<&str> = through.map(|(other, _)| other.as_str()).collect();
                providers.extend(through);
            }
            let users: BTreeSet<&str> = rules
                .iter()
                .filter(|(_, text)| providers.iter().any(|provider| uses(text, provider)))
                .map(|(rule, _)| rule.as_str())
                .collect();
            assert!(
                users.len() > 1,
                "{}/support/{name} serves {users:?} only",
                category.display()
            );
        }
    }
}

#[test]
fn no_rule_imports_another() {
    for category in categories() {
        let rules = parts_of(&category);
        for (rule, text) in &rules {
            let code: String = text
                .lines()
                .map(|line| line.split("//").next().unwrap_or_default())
                .collect();
            let mut named = named_behind(&code, "super::");
            for other in categories() {
                let name = other.file_name().unwrap().to_str().unwrap();
                named.extend(named_behind(&code, &format!("rules::{name}::")));
            }
            named.remove(rule);
            let siblings: Vec<_> = named.iter().filter(|name| rules.contains_key(*name)).collect();
            assert!(siblings.is_empty(), "{rule} imports {siblings:?}");
        }
    }
}

/// Files that may ask the disk for something.
const READ_THE_DISK: &[&str] = &[
    "source/disk.rs",
    "source/read.rs",
    "source/border.rs",
    "source/git.rs",
    "source/revision.rs",
    "source/objects.rs",
    "cli/baseline.rs",
    "cli/buffer.rs",
    "cli/configured.rs",
    "cli/init.rs",
    "cli/links.rs",
    "cli/mend.rs",
    "cli/output.rs",
    "cli/repository.rs",
    "cli/scope.rs",
];

/// What leads out of the program. Names behind these cannot be used without one of these in front, there or in a `use`.
const WAYS_OUT: &[&str] = &[
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::os",
    "std::process::Command",
    "gix",
    "ignore::Walk",
    "tempfile",
    "walkdir",
];
/// Methods of paths that ask the disk.
const QUESTIONS: &[&str] = &[
    "exists",
    "try_exists",
    "is_dir",
    "is_file",
    "is_symlink",
    "metadata",
    "symlink_metadata",
    "canonicalize",
    "read_link",
    "read_dir",
];

#[test]
fn only_the_source_module_reads_the_disk() {
    let src = common::project().join("src");
    let mut wrong = Vec::new();
    for module in library().0.values() {
        let file = module.file.strip_prefix(&src).unwrap().to_str().unwrap();
        if READ_THE_DISK.contains(&file) {
            continue;
        }
        let paths = module.uses.iter().map(|one| &one.path).chain(&module.paths);
        let out = paths
            .map(|path| path.join("::"))
            .filter(|path| WAYS_OUT.iter().any(|way| path.starts_with(way)));
        let asked = module
            .calls
            .iter()
            .filter(|name| QUESTIONS.contains(&name.as_str()));
        wrong.extend(out.chain(asked.cloned()).map(|what| format!("{file}: {what}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
