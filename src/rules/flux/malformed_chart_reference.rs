use crate::cluster::Reconciled;
use crate::finding::{Finding, Severity};
use crate::flux::known_text;
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::text::suggest::nearest;
use crate::yaml::{Entry, Node};

/// A HelmRelease that says twice, nowhere, or in a way its definition refuses where its chart comes from.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-chart-reference",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/malformed-chart-reference.md"),
    check,
};

/// The kinds that `chart.spec.sourceRef` and `chartRef` take (helm-controller `api/v2/reference_types.go`).
const REPOSITORIES: [&str; 3] = ["HelmRepository", "GitRepository", "Bucket"];
const CHARTS: [&str; 3] = ["OCIRepository", "HelmChart", "ExternalArtifact"];

/// What is wrong with a reference.
struct Fault {
    /// Continues "HelmRelease `x`".
    message: String,
    span: Span,
    label: String,
    help: String,
    route: &'static str,
    second: Option<(Span, &'static str)>,
    /// What stands there, and what was probably meant.
    meant: Option<(String, &'static str)>,
}

fn both(chart: &Entry, chart_ref: &Entry) -> Fault {
    Fault {
        message: "has both `chart` and `chartRef`".to_owned(),
        span: chart_ref.key.span(),
        label: "a second place to take the chart from".to_owned(),
        help: "remove the one that is not meant: exactly one of them is allowed".to_owned(),
        route: "spec.chartRef",
        second: Some((chart.key.span(), "the first")),
        meant: None,
    }
}

fn neither(spec: &Entry) -> Fault {
    Fault {
        message: "names no chart".to_owned(),
        span: spec.key.span(),
        label: "neither `chart` nor `chartRef`".to_owned(),
        help: "add `chartRef` for an OCIRepository, or `chart` for a chart of a HelmRepository".to_owned(),
        route: "spec",
        second: None,
        meant: None,
    }
}

fn missing_field(parent: &Entry, field: &str, route: &'static str) -> Fault {
    Fault {
        message: format!("has a `{route}` without `{field}`"),
        span: parent.key.span(),
        label: format!("`{field}` is required here"),
        help: format!("add `{field}`"),
        route,
        second: None,
        meant: None,
    }
}

fn wrong_kind(kind: &Node, text: &str, legal: &[&'static str], route: &'static str) -> Fault {
    let near = nearest(text, legal.iter().copied());
    let is_elsewhere = CHARTS.contains(&text) || REPOSITORIES.contains(&text);
    let help = if legal != CHARTS.as_slice() && CHARTS.contains(&text) {
        format!("refer to it with `spec.chartRef` instead of `spec.chart`: kind {text}")
    } else if legal != REPOSITORIES.as_slice() && REPOSITORIES.contains(&text) {
        format!("refer to it with `spec.chart.spec.sourceRef` instead of `spec.chartRef`: kind {text}")
    } else {
        match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of {}", all_of(legal)),
        }
    };
    Fault {
        message: format!("refers to kind {text} in `{route}`, which does not take it"),
        span: kind.origin().edit_span(),
        label: format!("takes {}", all_of(legal)),
        help,
        route,
        second: None,
        meant: near.filter(|_| !is_elsewhere).map(|near| (text.to_owned(), near)),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.index.clusters {
        for release in cluster.reconciled().filter(|one| !one.is_kustomization()) {
            let Some(spec) = release.object.node.entry("spec") else {
                continue;
            };
            findings.extend(
                faults(&spec.value, spec)
                    .into_iter()
                    .map(|fault| finding(fault, &release, &cluster.cluster.name)),
            );
        }
    }
}

fn finding(fault: Fault, release: &Reconciled<'_>, cluster: &str) -> Finding {
    let message = format!("HelmRelease `{}` {}", release.full_name(), fault.message);
    let finding = Finding::new(message, fault.span, fault.label)
        .help(fault.help)
        .clusters([cluster])
        .object(release.object.reference())
        .route(fault.route);
    let finding = match fault.second {
        Some((span, text)) => finding.label(span, text),
        None => finding,
    };
    match fault.meant {
        Some((written, meant)) => finding.replace(&written, meant, false),
        None => finding,
    }
}

fn faults(spec: &Node, entry: &Entry) -> Vec<Fault> {
    let stated = |key| spec.entry(key).filter(|entry| !entry.value.is_null());
    match (stated("chart"), stated("chartRef")) {
        (Some(chart), Some(chart_ref)) => vec![both(chart, chart_ref)],
        (None, None) => vec![neither(entry)],
        (Some(chart), None) => of_chart(chart),
        (None, Some(chart_ref)) => of_reference(chart_ref, &CHARTS, "spec.chartRef"),
    }
}

fn of_chart(chart: &Entry) -> Vec<Fault> {
    let Some(spec) = chart.value.entry("spec") else {
        return vec![missing_field(chart, "spec", "spec.chart")];
    };
    let mut faults = Vec::new();
    if is_absent(spec, "chart") {
        faults.push(missing_field(spec, "chart", "spec.chart.spec"));
    }
    match spec.value.entry("sourceRef") {
        None => faults.push(missing_field(spec, "sourceRef", "spec.chart.spec")),
        Some(reference) => {
            faults.extend(of_reference(
                reference,
                &REPOSITORIES,
                "spec.chart.spec.sourceRef",
            ));
        }
    }
    faults
}

fn of_reference(reference: &Entry, legal: &[&'static str], route: &'static str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if is_absent(reference, "name") {
        faults.push(missing_field(reference, "name", route));
    }
    match reference.value.get("kind") {
        Some(kind) => {
            let unfit = known_text(kind).filter(|text| !legal.contains(text));
            faults.extend(unfit.map(|text| wrong_kind(kind, text, legal, route)));
        }
        None => faults.push(missing_field(reference, "kind", route)),
    }
    faults
}

fn is_absent(parent: &Entry, key: &str) -> bool {
    parent.value.get(key).is_none_or(Node::is_null)
}
