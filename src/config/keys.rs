//! Every key that `meshlint.toml` takes: the one list that the reader, the schema and the tests of the documentation
//! go by.

/// A table of the file.
#[derive(Debug)]
pub struct Table {
    /// Its keys, in the order in which they are documented.
    pub keys: &'static [Key],
    /// Groups of keys of which exactly one is there.
    pub one_of: &'static [&'static [&'static str]],
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// Whether its table is nothing without it.
    pub required: bool,
    /// What stands behind it.
    pub what: What,
    /// What it does, in a sentence or two.
    pub help: &'static str,
}

/// What stands behind a key.
#[derive(Debug)]
pub enum What {
    /// `true` or `false`.
    Flag,
    /// `true`: there is no sense in the opposite.
    True,
    /// Text that is not empty.
    Text,
    /// A list of such texts.
    Texts,
    /// A version of Flux.
    FluxVersion,
    /// A path from the repository root.
    Path,
    /// A pattern for paths, as in a `.gitignore` at the repository root.
    Pattern,
    /// A list of such patterns.
    Patterns,
    /// The name of a rule.
    Rule,
    /// A list of rules, categories, `default` and `all`.
    Selectors,
    /// Levels by rule or category.
    Levels,
    /// A kind, a namespace and a name between slashes; the first parts may be left out where `least` is less than three.
    Object {
        /// The kinds.
        kinds: &'static [&'static str],
        /// How many parts there are at least.
        least: usize,
    },
    /// Texts by the name of a variable.
    Values,
    /// A list of names of variables.
    Variables,
    /// A table.
    Table(&'static Table),
    /// A list of tables.
    Tables(&'static Table),
}

const fn key(name: &'static str, what: What, help: &'static str) -> Key {
    Key {
        name,
        required: false,
        what,
        help,
    }
}

const fn required(name: &'static str, what: What, help: &'static str) -> Key {
    Key {
        name,
        required: true,
        what,
        help,
    }
}

/// The file.
pub static ROOT: Table = Table {
    keys: &[
        key(
            "exclude",
            What::Patterns,
            "Paths to pass over, as in a .gitignore at the repository root. No cluster is found there; what a cluster \
             builds from there is still built.",
        ),
        key(
            "select",
            What::Selectors,
            "The rules that run: names, categories, `default` (every rule that is not pedantic) or `all`. `--select` \
             takes its place.",
        ),
        key(
            "levels",
            What::Levels,
            "The level of all findings of a rule or category, or `off`. A rule's own entry goes before its category's. \
             Giving a pedantic rule a level turns it on.",
        ),
        key(
            "ignore",
            What::Tables(&IGNORE),
            "Findings to leave out, by rule and path.",
        ),
        key(
            "baseline",
            What::Path,
            "A file that `--write-baseline` wrote. The findings that it lists are not reported. `--baseline` takes its \
             place.",
        ),
        key(
            "cluster",
            What::Tables(&CLUSTER),
            "Clusters: to name one that is found, to add one that is not, to say what bootstrap gives it.",
        ),
        key(
            "mesh",
            What::Tables(&MESH),
            "Clusters that form one mesh, whatever their peers say. Clusters in no such table are sorted by what the \
             repository shows.",
        ),
        key(
            "source",
            What::Tables(&SOURCE),
            "What Flux sources hold: a directory of this repository, or files elsewhere.",
        ),
        key("flux", What::Table(&FLUX), "How Flux behaves."),
        key(
            "settings",
            What::Table(&SETTINGS),
            "The names of variables by which cluster settings are recognised.",
        ),
    ],
    one_of: &[],
};

static IGNORE: Table = Table {
    keys: &[
        required("rule", What::Rule, "The rule whose findings are left out."),
        required(
            "path",
            What::Pattern,
            "The files that the findings point at, as in a .gitignore at the repository root.",
        ),
        key(
            "clusters",
            What::Texts,
            "The clusters in which they are left out. In others they stay.",
        ),
        key(
            "object",
            What::Object { kinds: &[], least: 1 },
            "The object that they are about, as NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME.",
        ),
        required("reason", What::Text, "Why this is as it should be."),
    ],
    one_of: &[],
};

static CLUSTER: Table = Table {
    keys: &[
        required("name", What::Text, "The name that the cluster is shown under."),
        key(
            "entry",
            What::Path,
            "The directory that Flux starts from, or the file of Cilium values where there is no Flux. Without it, the \
             table is about the cluster that is found under `name`.",
        ),
        key(
            "root",
            What::Path,
            "The directory that is the root of the cluster's source, where that is not the repository's.",
        ),
        key(
            "source",
            What::Object {
                kinds: SOURCE_KINDS,
                least: 3,
            },
            "The Flux source that holds this repository, as KIND/NAMESPACE/NAME. The entry point's Kustomization lies in \
             the same namespace.",
        ),
        key(
            "bootstrap",
            What::Tables(&BOOTSTRAP),
            "ConfigMaps and Secrets that bootstrap makes and the repository does not show.",
        ),
    ],
    one_of: &[],
};

static BOOTSTRAP: Table = Table {
    keys: &[
        required(
            "object",
            What::Object {
                kinds: &["ConfigMap", "Secret"],
                least: 3,
            },
            "The object, as KIND/NAMESPACE/NAME. Without `values` and `names` it may hold anything.",
        ),
        key("values", What::Values, "What it holds, by key."),
        key(
            "names",
            What::Variables,
            "Keys that it holds besides, with values that are not told.",
        ),
    ],
    one_of: &[],
};

static MESH: Table = Table {
    keys: &[
        required(
            "clusters",
            What::Texts,
            "The names of the clusters that belong together.",
        ),
        key(
            "external-peers",
            What::Texts,
            "Peers that are clusters of another repository, or of none.",
        ),
    ],
    one_of: &[],
};

static SOURCE: Table = Table {
    keys: &[
        key(
            "name",
            What::Object {
                kinds: SOURCE_KINDS,
                least: 1,
            },
            "The source, as NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME.",
        ),
        key(
            "url",
            What::Text,
            "The address of the source: `spec.url`, or `spec.bucketName`. Scheme, user and `.git` do not matter.",
        ),
        key(
            "path",
            What::Path,
            "The directory of this repository that the source holds; `.` for all of it.",
        ),
        key(
            "elsewhere",
            What::True,
            "Its files are not in this repository, even if it looks so.",
        ),
    ],
    one_of: &[&["name", "url"], &["path", "elsewhere"]],
};

static FLUX: Table = Table {
    keys: &[
        key(
            "version",
            What::FluxVersion,
            "The version of Flux that the clusters run: \"2.8\" for its newest patch release, or \"2.9.4\". From 2.9 on, \
             undefined variables fail a build, unless the repository sets the feature gate for it.",
        ),
        key(
            "strict-substitution",
            What::Flag,
            "Whether undefined variables fail a build, whatever the version and the repository say.",
        ),
    ],
    one_of: &[],
};

static SETTINGS: Table = Table {
    keys: &[
        key(
            "defaults",
            What::Flag,
            "Whether the names that meshlint knows count besides the ones given here, behind them. They do unless this is \
             `false`.",
        ),
        key("cluster-id", What::Texts, "Variables that hold `cluster.id`."),
        key("cluster-name", What::Texts, "Variables that hold `cluster.name`."),
        key(
            "pod-cidr",
            What::Texts,
            "Variables that hold the range or ranges of the pods.",
        ),
        key(
            "service-cidr",
            What::Texts,
            "Variables that hold the range or ranges of the Services.",
        ),
        key(
            "node-cidr",
            What::Texts,
            "Variables that hold the range or ranges of the nodes.",
        ),
        key(
            "load-balancer-cidr",
            What::Texts,
            "Variables that hold the range or ranges of load balancer addresses.",
        ),
        key(
            "mesh-marker",
            What::Texts,
            "Parts of names of variables that show that a mesh is meant.",
        ),
        key(
            "config-map",
            What::Texts,
            "Names of ConfigMaps that hold settings even where no Kustomization reads them.",
        ),
    ],
    one_of: &[],
};

/// Kinds of sources that Kustomizations take.
const SOURCE_KINDS: &[&str] = &["GitRepository", "OCIRepository", "Bucket", "ExternalArtifact"];

/// The words for levels.
pub(super) const LEVELS: &[&str] = &["error", "warning", "info", "off"];
