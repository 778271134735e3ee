//! The flux, kustomize and yaml rules on whole repositories of two clusters: what is one finding, what is said, and what
//! is left alone because it cannot be known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use meshlint::engine::{self, RunOptions};
use meshlint::sink::Reported;
use meshlint::source::SourceMap;

/// A repository with the clusters `apps` and `infra`, both of which build `shared/`.
struct Repository(BTreeMap<String, String>);

impl Repository {
    fn new() -> Self {
        let mut files = BTreeMap::new();
        for cluster in ["apps", "infra"] {
            let root = kustomization("flux-system", &format!("./clusters/{cluster}"), "");
            let sync = format!("{GIT_REPOSITORY}{root}");
            files.insert(format!("clusters/{cluster}/flux-system/gotk-sync.yaml"), sync);
            let variables =
                "  postBuild:\n    substituteFrom:\n      - {kind: ConfigMap, name: cluster-settings}\n";
            files.insert(
                format!("clusters/{cluster}/shared.yaml"),
                kustomization("shared", "./shared", variables),
            );
            let settings = format!("  CLUSTER: {cluster}\n  STORAGE_CLASS: fast\n");
            files.insert(
                format!("clusters/{cluster}/settings.yaml"),
                config_map("cluster-settings", "flux-system", &settings),
            );
        }
        let text = config_map("shared", "default", "  cluster: ${CLUSTER}\n");
        files.insert("shared/configmap.yaml".to_owned(), text);
        Self(files)
    }

    fn and(mut self, path: &str, text: impl Into<String>) -> Self {
        self.0.insert(path.to_owned(), text.into());
        self
    }

    fn with(mut self, path: &str, from: &str, to: &str) -> Self {
        let text = self.0.get_mut(path).unwrap_or_else(|| panic!("no file `{path}`"));
        assert!(text.contains(from), "`{path}` has no `{from}`");
        *text = text.replace(from, to);
        self
    }

    fn check(&self) -> Vec<Shown> {
        let sources = SourceMap::from_memory(self.0.clone());
        let findings = engine::check(&sources, &RunOptions::default()).outcome.findings;
        findings.iter().map(|one| Shown::new(&sources, one)).collect()
    }

    /// `level[rule] path:line clusters: message`, one line for each finding.
    fn found(&self) -> Vec<String> {
        self.check().into_iter().map(|one| one.line).collect()
    }

    fn only(&self) -> Shown {
        let mut found = self.check();
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }
}

#[derive(Debug)]
struct Shown {
    line: String,
    help: String,
    /// `path:line text` of the labels.
    labels: Vec<String>,
}

impl Shown {
    fn new(sources: &SourceMap, one: &Reported) -> Self {
        let place = |span: meshlint::source::Span| {
            let file = sources.file(span.file);
            format!("{}:{}", file.path(), file.line_column(span.start).line)
        };
        let finding = &one.finding;
        Self {
            line: format!(
                "{}[{}] {} {}: {}",
                one.severity,
                one.rule.name,
                place(finding.primary().span),
                finding.clusters.join("+"),
                finding.message
            ),
            help: finding.help.clone().unwrap_or_default(),
            labels: finding
                .labels
                .iter()
                .map(|label| format!("{} {}", place(label.span), label.text))
                .collect(),
        }
    }
}

const GIT_REPOSITORY: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  \
    namespace: flux-system\nspec:\n  interval: 1h\n  url: https://github.com/acme/fleet\n";

fn kustomization(name: &str, path: &str, more: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  \
         namespace: flux-system\nspec:\n  interval: 1h\n  path: {path}\n  prune: true\n  sourceRef:\n    \
         kind: GitRepository\n    name: flux-system\n{more}"
    )
}

fn config_map(name: &str, namespace: &str, data: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {namespace}\ndata:\n{data}"
    )
}

/// A Kustomization of `shared/` that depends on something.
fn dependent(on: &str) -> String {
    kustomization(
        "dependent",
        "./dependent",
        &format!("  dependsOn:\n    - name: {on}\n"),
    )
}

fn nothing() -> Vec<String> {
    Vec::new()
}

#[test]
fn the_repository_itself_is_fine() {
    assert_eq!(Repository::new().found(), nothing());
}

mod variables {
    use super::*;

    #[test]
    fn a_file_of_two_clusters_is_one_finding_with_a_label_for_each_expression() {
        let data = "  a: ${ZONE}\n  b: ${REGION}\n  c: x-${ZONE}\n";
        let shown = Repository::new()
            .and("shared/more.yaml", config_map("more", "default", data))
            .only();
        assert_eq!(
            shown.line,
            "error[undefined-variable] shared/more.yaml:8 apps+infra: \
             variables `ZONE` and `REGION` have no value in Kustomization `flux-system/shared`"
        );
        assert_eq!(
            shown.labels,
            [
                "shared/more.yaml:8 Flux refuses the build because `ZONE` is not set",
                "shared/more.yaml:9 `REGION` is not set",
                "shared/more.yaml:10 `ZONE` is not set",
            ]
        );
        assert_eq!(
            shown.help,
            "add `ZONE` to `clusters/apps/settings.yaml`, or state a default: `${ZONE:=…}`"
        );
    }

    #[test]
    fn many_expressions_are_counted() {
        let data: String = (0..9).map(|number| format!("  k{number}: ${{ZONE}}\n")).collect();
        let shown = Repository::new()
            .and("shared/more.yaml", config_map("more", "default", &data))
            .only();
        assert_eq!(shown.labels.len(), 6);
        assert!(
            shown
                .help
                .ends_with("(3 more such expressions follow in the file)"),
            "{}",
            shown.help
        );
    }

    #[test]
    fn what_the_other_cluster_has_is_to_be_added_here() {
        let shown = Repository::new()
            .with(
                "clusters/infra/settings.yaml",
                "STORAGE_CLASS",
                "ZONE: a\n  REGION: b\n  STORAGE_CLASS",
            )
            .and(
                "shared/more.yaml",
                config_map("more", "default", "  zone: ${ZONE}\n  region: ${REGION}\n"),
            )
            .only();
        assert_eq!(
            shown.line,
            "error[undefined-variable] clusters/apps/settings.yaml:8 apps: \
             variables `ZONE` and `REGION` have no value in Kustomization `flux-system/shared`"
        );
        assert_eq!(
            shown.help,
            "add `ZONE` and `REGION` to `clusters/apps/settings.yaml`; cluster `infra` has them in \
             `clusters/infra/settings.yaml`"
        );
    }

    #[test]
    fn a_misspelt_variable_is_told_the_name() {
        let shown = Repository::new()
            .and(
                "shared/more.yaml",
                config_map("more", "default", "  class: ${STORAGE_CLAS}\n"),
            )
            .only();
        assert_eq!(shown.help, "did you mean `STORAGE_CLASS`?");
    }

    #[test]
    fn a_script_is_told_to_escape_unless_the_name_is_a_plain_slip() {
        let script = "  run.sh: |\n    #!/bin/sh\n    echo ${HOSTNAME}\n    echo done\n";
        let shown = Repository::new()
            .and("shared/more.yaml", config_map("more", "default", script))
            .only();
        assert_eq!(
            shown.help,
            "write `$${HOSTNAME}` to keep the text, or annotate ConfigMap `more` with \
             `kustomize.toolkit.fluxcd.io/substitute: disabled`"
        );
        // The annotation would stop a setting in the same object.
        let mixed = format!("{script}  cluster: ${{CLUSTER}}\n");
        let shown = Repository::new()
            .and("shared/more.yaml", config_map("more", "default", &mixed))
            .only();
        assert_eq!(shown.help, "write `$${HOSTNAME}` to keep the text");
        let typo = mixed.replace("HOSTNAME", "CLUTSER");
        let shown = Repository::new()
            .and("shared/more.yaml", config_map("more", "default", &typo))
            .only();
        assert_eq!(
            shown.help,
            "did you mean `CLUSTER`? Else write `$${CLUTSER}` to keep the text"
        );
    }

    #[test]
    fn what_a_generator_makes_is_annotated_by_its_options() {
        let list = "resources: [configmap.yaml]\nconfigMapGenerator:\n  - name: scripts\n    namespace: default\n    \
                    files: [run.sh]\n";
        let shown = Repository::new()
            .and("shared/kustomization.yaml", list)
            .and("shared/run.sh", "#!/bin/sh\necho ${HOSTNAME}\n")
            .only();
        assert_eq!(
            shown.help,
            "write `$${HOSTNAME}` to keep the text, or give its generator \
             `options: {annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}`"
        );
    }

    #[test]
    fn an_older_flux_only_blanks() {
        let controller = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kustomize-controller\n  \
            namespace: flux-system\nspec:\n  selector: {matchLabels: {app: k}}\n  template:\n    metadata:\n      \
            labels: {app: k}\n    spec:\n      containers:\n        - name: manager\n          \
            image: ghcr.io/fluxcd/kustomize-controller:v1.8.5\n";
        let shown = Repository::new()
            .and("clusters/apps/flux-system/gotk-components.yaml", controller)
            .and("clusters/infra/flux-system/gotk-components.yaml", controller)
            .and(
                "shared/more.yaml",
                config_map("more", "default", "  zone: ${ZONE}\n"),
            )
            .only();
        assert!(
            shown.line.starts_with("warning[undefined-variable]"),
            "{}",
            shown.line
        );
        assert_eq!(
            shown.labels,
            ["shared/more.yaml:8 Flux puts nothing here because `ZONE` is not set"]
        );
    }
}

mod sources_of_variables {
    use super::*;

    /// Both clusters read variables from another source than they have.
    fn from(kind: &str, name: &str) -> Repository {
        let to = format!("{{kind: {kind}, name: {name}}}");
        ["apps", "infra"]
            .iter()
            .fold(Repository::new(), |repository, cluster| {
                let path = format!("clusters/{cluster}/shared.yaml");
                repository.with(&path, "{kind: ConfigMap, name: cluster-settings}", &to)
            })
    }

    #[test]
    fn a_secret_that_nobody_shows_is_nothing_to_speak_of() {
        assert_eq!(from("Secret", "made-by-hand").found(), nothing());
    }

    #[test]
    fn a_config_map_that_nobody_shows_is_a_warning() {
        let found = from("ConfigMap", "made-by-terraform").found();
        assert_eq!(
            found,
            ["apps", "infra"].map(|cluster| format!(
                "warning[missing-substitute-source] clusters/{cluster}/shared.yaml:16 {cluster}: \
                 variables come from ConfigMap `flux-system/made-by-terraform`, which the repository does not create"
            ))
        );
    }

    #[test]
    fn nearly_the_right_name_is_an_error() {
        let found = from("ConfigMap", "cluster-setting").check();
        assert_eq!(found.len(), 2);
        assert!(
            found
                .iter()
                .all(|one| one.line.starts_with("error[missing-substitute-source]"))
        );
        assert!(
            found
                .iter()
                .all(|one| one.help == "did you mean `cluster-settings`?")
        );
    }

    #[test]
    fn a_secret_that_is_copied_everywhere_is_in_the_namespace_too() {
        let secret = |annotation: &str| {
            format!(
                "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: tokens\n  namespace: kube-system\n  annotations:\n    \
                 {annotation}\nstringData:\n  COLOUR: x\n"
            )
        };
        let with = |annotation: &str| {
            let repository = from("Secret", "tokens").with("shared/configmap.yaml", "${CLUSTER}", "x");
            let found = repository.and("shared/secret.yaml", secret(annotation)).found();
            found
                .iter()
                .filter(|line| line.contains("[missing-substitute-source]"))
                .count()
        };
        assert_eq!(with("example.org/owner: me"), 2);
        assert_eq!(
            with("reflector.v1.k8s.emberstack.com/reflection-auto-enabled: 'true'"),
            0
        );
    }
}

mod dependencies {
    use super::*;

    fn repository(on: &str) -> Repository {
        Repository::new().and("shared/dependent.yaml", dependent(on)).and(
            "dependent/configmap.yaml",
            config_map("dependent", "default", "  a: b\n"),
        )
    }

    #[test]
    fn a_shared_fault_is_one_finding() {
        assert_eq!(
            repository("storage").found(),
            ["error[missing-dependency] shared/dependent.yaml:15 apps+infra: \
              Kustomization `flux-system/dependent` depends on `flux-system/storage`, which does not exist"]
        );
    }

    #[test]
    fn an_object_that_no_kustomization_lists_is_pointed_at() {
        let shown = repository("storage")
            .and("unlisted/storage.yaml", kustomization("storage", "./storage", ""))
            .only();
        assert_eq!(
            shown.labels,
            [
                "shared/dependent.yaml:15 no Kustomization of that name in namespace `flux-system`",
                "unlisted/storage.yaml:5 defined here, but no build reaches this file",
            ]
        );
    }

    #[test]
    fn a_failed_build_hides_only_what_is_written_somewhere() {
        let broken = |repository: Repository| {
            repository
                .and(
                    "shared/kustomization.yaml",
                    "resources:\n  - configmap.yaml\n  - dependent.yaml\n  - gone.yaml\n",
                )
                .found()
        };
        let rules = |found: Vec<String>| -> Vec<String> {
            found
                .iter()
                .map(|line| line.split_whitespace().next().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            rules(broken(repository("storage"))),
            ["error[missing-dependency]", "error[kustomize-build-failed]"]
        );
        let written =
            repository("storage").and("there/storage.yaml", kustomization("storage", "./storage", ""));
        assert_eq!(rules(broken(written)), ["error[kustomize-build-failed]"]);
    }

    #[test]
    fn another_repository_of_the_same_owner_may_have_it_and_that_of_a_stranger_has_not() {
        let other = |owner: &str| {
            let source = format!(
                "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: other\n  \
                 namespace: flux-system\nspec:\n  interval: 1h\n  url: https://github.com/{owner}/other\n"
            );
            let user = kustomization("other", "./deploy", "")
                .replace("    name: flux-system\n", "    name: other\n");
            repository("storage")
                .and("shared/other.yaml", source + &user)
                .found()
                .len()
        };
        assert_eq!(other("acme"), 0);
        assert_eq!(other("somebody"), 1);
    }

    #[test]
    fn an_entry_point_may_depend_on_what_was_applied_with_it() {
        let sync = "clusters/apps/flux-system/gotk-sync.yaml";
        let more = |on: &str| format!("  prune: true\n  dependsOn:\n    - name: {on}\n");
        // Nothing of that name anywhere: probably a slip, but whoever applied the entry point may know better.
        let found = Repository::new()
            .with(sync, "  prune: true\n", &more("bootstrap"))
            .found();
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("warning[missing-dependency] clusters/apps/flux-system/gotk-sync.yaml"));
        // Beside the entry point, so applied with it, though its own build holds it too.
        let beside = Repository::new()
            .with(sync, "  prune: true\n", &more("bootstrap"))
            .and(
                "clusters/apps/flux-system/first.yaml",
                kustomization("bootstrap", "./shared", ""),
            );
        let rules: Vec<_> = beside
            .found()
            .into_iter()
            .filter(|line| line.contains("depend"))
            .collect();
        assert_eq!(rules, nothing());
    }
}

mod builds {
    use super::*;

    #[test]
    fn what_does_not_parse_is_told_once_and_by_one_rule() {
        let found = Repository::new()
            .and(
                "shared/broken.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [}\n",
            )
            .found();
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(
            found[0].starts_with("error[unparsable-yaml] shared/broken.yaml:3 apps+infra: "),
            "{found:?}"
        );
    }

    #[test]
    fn an_entry_point_that_does_not_parse_is_told_though_its_cluster_is_not_found() {
        let found = Repository::new()
            .with(
                "clusters/apps/flux-system/gotk-sync.yaml",
                "kind: Kustomization",
                "kind: [Kustomization",
            )
            .found();
        assert!(
            found
                .iter()
                .any(|line| line
                    .starts_with("error[unparsable-yaml] clusters/apps/flux-system/gotk-sync.yaml")),
            "{found:#?}"
        );
    }

    #[test]
    fn a_patch_for_what_could_not_be_loaded_is_no_second_fault() {
        let kustomization = |resource: &str| {
            format!(
                "resources:\n  - configmap.yaml\n  - {resource}\npatches:\n  - patch: |\n      apiVersion: v1\n      \
                     kind: Service\n      metadata: {{name: web}}\n"
            )
        };
        let found = |resource: &str| {
            let repository = Repository::new().and("shared/kustomization.yaml", kustomization(resource));
            repository
                .and("shared/other.yaml", config_map("other", "default", "  a: b\n"))
                .found()
        };
        assert_eq!(found("other.yaml").len(), 1, "the patch selects nothing");
        assert_eq!(found("gone.yaml").len(), 1, "the file is missing");
        assert_eq!(found("https://example.org/web.yaml"), nothing());
    }
}

#[test]
fn what_clusters_share_without_the_dependency_is_one_finding_with_what_is_their_own() {
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                      metadata:\n  name: widgets.example.org\nspec:\n  group: example.org\n";
    let users: String = ["one", "two", "three"]
        .iter()
        .map(|name| kustomization(name, &format!("./{name}"), ""))
        .collect();
    // A third of all state it, so that the others forgot to.
    let stated = "  dependsOn:\n    - name: operator\n";
    let careful: String = ["four", "five", "six"]
        .iter()
        .map(|name| kustomization(name, &format!("./{name}"), stated))
        .collect();
    let all = ["one", "two", "three", "four", "five", "six", "apps", "infra"];
    let repository = all.iter().fold(
        Repository::new()
            .and(
                "shared/users.yaml",
                kustomization("operator", "./operator", "") + &users + &careful,
            )
            .and("operator/definition.yaml", definition)
            .and("clusters/apps/own.yaml", kustomization("own-apps", "./apps", ""))
            .and(
                "clusters/infra/own.yaml",
                kustomization("own-infra", "./infra", ""),
            ),
        |repository, name| {
            let gear = format!(
                "apiVersion: example.org/v1\nkind: Widget\nmetadata: {{name: {name}, namespace: default}}\n"
            );
            repository.and(&format!("{name}/gear.yaml"), gear)
        },
    );
    let shown = repository.only();
    assert_eq!(
        shown.line,
        "warning[missing-dependency-edge] clusters/apps/own.yaml:5 apps+infra: Kustomization `flux-system/own-apps` and \
         4 others apply objects such as Widget `apps`, but do not depend on `flux-system/operator`, which brings the \
         definitions"
    );
}

#[test]
fn a_directory_without_a_list_is_named_as_what_makes_an_object_belong_to_two() {
    let part = kustomization("part", "./clusters/apps/part", "");
    let repository = Repository::new().and("clusters/apps/part.yaml", part).and(
        "clusters/apps/part/map.yaml",
        config_map("map", "default", "  a: b\n"),
    );
    let shown = repository.only();
    assert!(
        shown
            .line
            .starts_with("warning[duplicate-object] clusters/apps/part/map.yaml:5 apps:")
    );
    assert_eq!(
        shown.help,
        "list what belongs to it in `clusters/apps/kustomization.yaml`: Flux applies all that lies below a directory that \
         has no kustomization.yaml"
    );
    let two = kustomization("other", "./clusters/apps/other", "");
    let many = Repository(repository.0.clone())
        .and("clusters/apps/other.yaml", two)
        .and(
            "clusters/apps/other/map.yaml",
            config_map("other", "default", "  a: b\n"),
        )
        .only();
    assert!(
        many.line.ends_with(
            "ConfigMap `default/other` and one more object are applied by Kustomizations `flux-system/flux-system` and 2 more"
        ),
        "{many:?}"
    );
    let elsewhere = repository
        .with("clusters/apps/part.yaml", "./clusters/apps/part", "./part")
        .and("part/map.yaml", config_map("map", "default", "  a: b\n"));
    assert_eq!(
        elsewhere.only().help,
        "leave each object to one of them; the other may depend on it"
    );
}

#[test]
fn a_source_that_only_its_user_tells_of_may_have_been_made_twice() {
    let child =
        kustomization("child", "./shared", "").replace("namespace: flux-system", "namespace: default");
    let repository = Repository::new().and("clusters/apps/child.yaml", child);
    assert!(repository.only().line.starts_with("error[missing-source]"));
    let by_hand = repository.with("clusters/apps/flux-system/gotk-sync.yaml", GIT_REPOSITORY, "");
    let shown = by_hand.only();
    assert!(shown.line.starts_with("warning[missing-source]"), "{shown:?}");
    assert!(
        shown.labels[1].ends_with("takes its files from it, so it exists"),
        "{shown:?}"
    );
}
