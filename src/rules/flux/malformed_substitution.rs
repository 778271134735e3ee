use super::support::foreign::{ExpressionPlace, is_known_anywhere, keep_as_text};
use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::postbuild::RenderProblem;
use crate::rules::{Category, Context, Rule};
use crate::source::{SourceMap, Span};

/// An expression that does not parse, or whose value breaks the YAML around it.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-substitution",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/malformed-substitution.md"),
    check,
};

fn cannot_be_parsed(object: &Object, expression: Option<&str>, reason: &str) -> String {
    let what = expression.map_or_else(|| "an expression".to_owned(), |text| format!("`{text}`"));
    format!(
        "{what} in {} `{}` cannot be parsed: {reason}",
        object.kind(),
        object.name()
    )
}

const LABEL_EXPRESSION: &str = "Flux takes this for one of its expressions";

fn help_closing_brace(foreign: Option<String>) -> String {
    let rule =
        "Flux knows `${name}`, `${name:-default}` and a few more, but no arrays and no `-` without a colon";
    match foreign {
        Some(keep) => format!("{keep}: {rule}"),
        None => format!("close the expression with `}}`: {rule}"),
    }
}

fn breaks_the_document(object: &Object, values: &[(String, Span)], reason: &str) -> String {
    let subject = match values {
        [(only, _)] => format!("the value of `{only}`"),
        _ => "substitution".to_owned(),
    };
    format!(
        "{subject} makes {} `{}` something that is not YAML: {reason}",
        object.kind(),
        object.name()
    )
}

const LABEL_BROKEN: &str = "the text is no YAML once this is filled in";
const LABEL_VALUE: &str = "this value goes in without quotes";
const HELP_BROKEN: &str =
    "put quotes into the value itself, as in `X: '\"a: b\"'`: Flux drops the quotes around the expression";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.fleet.clusters {
        for kustomization in cluster.own_kustomizations() {
            let problems = kustomization.problems.iter();
            findings.extend(problems.filter_map(|problem| finding(context, cluster, kustomization, problem)));
        }
    }
}

fn finding(
    context: &Context<'_>,
    cluster: &Cluster,
    owner: &Kustomization,
    problem: &RenderProblem,
) -> Option<Finding> {
    let sources = context.sources;
    let (finding, object, expression) = match problem {
        RenderProblem::MalformedSubstitution {
            expression,
            reason,
            object,
        } => {
            let message = cannot_be_parsed(object, short(sources, *expression), reason);
            let foreign = ExpressionPlace::find(object, *expression).is_foreign(sources, *expression, "X");
            let keep = foreign.then(|| {
                keep_as_text(
                    context.sources,
                    object,
                    short(sources, *expression).unwrap_or("${"),
                    &|name| is_known_anywhere(context.fleet, name),
                )
            });
            let finding = Finding::new(message, *expression, LABEL_EXPRESSION).help(help_closing_brace(keep));
            (finding, object, *expression)
        }
        RenderProblem::BrokenBySubstitution {
            expression,
            values,
            reason,
            object,
        } => {
            let message = breaks_the_document(object, values, reason);
            let finding = Finding::new(message, *expression, LABEL_BROKEN).help(HELP_BROKEN);
            let finding = values
                .iter()
                .fold(finding, |finding, (_, span)| finding.label(*span, LABEL_VALUE));
            (finding, object, *expression)
        }
        _ => return None,
    };
    let finding = finding
        .clusters([cluster.name.as_str()])
        .object(object.reference())
        .route(format!(
            "{} in {}",
            ExpressionPlace::find(object, expression).route,
            owner.full_name()
        ));
    Some(finding)
}

/// The expression as written, where it is short enough for a message.
fn short(sources: &SourceMap, span: Span) -> Option<&str> {
    let text = sources.snippet(span).lines().next()?.trim_end();
    (!text.is_empty() && text.len() <= 40).then_some(text)
}
