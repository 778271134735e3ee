use std::collections::HashMap;
use std::sync::Arc;

use crate::cluster::expressions::{expressions, substitutes, texts_of};
use crate::finding::{Finding, Severity};
use crate::flux::FluxVersion;
use crate::kustomize::Build;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};

/// An expression that does something else than in a shell.
pub(crate) static RULE: Rule = Rule {
    name: "surprising-substitution",
    category: Category::Flux,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/surprising-substitution.md"),
    check,
};

/// How Flux's expressions differ from those of a shell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Surprise {
    /// `${X:+w}`
    Alternative(String),
    /// `${X:?w}`
    Required(String),
    /// `${X:n:-m}`
    NegativeLength(String),
    /// `$$`
    ProcessId,
}

impl Surprise {
    fn in_text(text: &str, flux: Option<FluxVersion>) -> Option<Self> {
        let counts_back = flux.is_some_and(|flux| flux.is_at_least(2, 9, 5));
        let expression = expressions(text).find_map(|(name, rest)| {
            if rest.starts_with(":+") {
                Some(Self::Alternative(name.to_owned()))
            } else if rest.starts_with(":?") {
                Some(Self::Required(name.to_owned()))
            } else {
                let surprises = !counts_back && has_negative_length(rest);
                surprises.then(|| Self::NegativeLength(name.to_owned()))
            }
        });
        expression.or_else(|| has_process_id(text).then_some(Self::ProcessId))
    }

    fn message(&self) -> String {
        match self {
            Self::Alternative(name) => {
                format!("`${{{name}:+…}}` gives the word when `{name}` is empty, unlike in a shell")
            }
            Self::Required(name) => {
                format!(
                    "`${{{name}:?…}}` gives the message as the value when `{name}` is empty, and fails nothing"
                )
            }
            Self::NegativeLength(name) => {
                format!("the negative length of `${{{name}:…}}` makes Flux before 2.9.5 panic")
            }
            Self::ProcessId => "Flux makes `$` of `$$`".to_owned(),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Alternative(name) => {
                format!("write `${{{name}:=…}}` for a default, or `$${{{name}:+…}}` to leave it to a shell")
            }
            Self::Required(name) => {
                format!(
                    "write `${{{name}}}`, which fails without a value, or `$${{{name}:?…}}` to leave it to a shell"
                )
            }
            Self::NegativeLength(name) => {
                format!(
                    "run Flux 2.9.5 or later, count from the start, or write `$${{{name}:…}}` to leave it to a shell"
                )
            }
            Self::ProcessId => "write `$$$$` for a `$$` that a shell shall see".to_owned(),
        }
    }
}

/// Whether what follows the name is `:offset:length}` with a length that counts from the end.
fn has_negative_length(rest: &str) -> bool {
    let parts = rest
        .strip_prefix(':')
        .and_then(|rest| rest.split_once('}')?.0.split_once(':'));
    parts.is_some_and(|(offset, length)| {
        // With a minus behind the first colon it is a default.
        offset.parse::<u64>().is_ok() && length.parse::<i64>().is_ok_and(|length| length < 0)
    })
}

/// Whether the text has a `$$` that stands for the shell's process id: alone, not an escape for what follows.
fn has_process_id(text: &str) -> bool {
    text.match_indices("$$").any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + 2..).unwrap_or_default();
        let alone = after.is_empty() || after.starts_with([' ', '\n', '"', '.', ';', '/', ')']);
        let word_before = before.ends_with([' ', '.', '-', '_', '/', '=']);
        alone && word_before && is_script(text)
    })
}

fn is_script(text: &str) -> bool {
    text.starts_with("#!") || text.contains("\n")
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut faults = Gathered::new();
    // What a build says is the same in every cluster that shares it and runs the same Flux.
    let mut known: HashMap<(*const Build, Option<FluxVersion>), Surprises> = HashMap::new();
    for cluster in &context.fleet.clusters {
        for owner in cluster.own_kustomizations().filter(|owner| substitutes(owner)) {
            let Some(build) = &owner.build else { continue };
            let surprises = known
                .entry((Arc::as_ptr(build), cluster.flux))
                .or_insert_with(|| surprises(build, cluster.flux));
            for (surprise, finding) in surprises.iter() {
                faults.add(
                    finding.primary().span,
                    surprise.clone(),
                    &cluster.name,
                    finding.clone(),
                );
            }
        }
    }
    findings.extend(
        faults
            .into_faults()
            .map(|(_, fault)| fault.first.clusters(fault.clusters)),
    );
}

type Surprises = Vec<(Surprise, Finding)>;

fn surprises(build: &Build, flux: Option<FluxVersion>) -> Surprises {
    let mut found = Vec::new();
    texts_of(build, &mut |object, route, node| {
        // Descriptions in definitions speak of such expressions.
        if object.kind() == "CustomResourceDefinition" {
            return;
        }
        let Some(surprise) = node.as_text().and_then(|text| Surprise::in_text(text, flux)) else {
            return;
        };
        let finding = Finding::new(surprise.message(), node.span(), "in this text")
            .help(surprise.help())
            .object(object.reference())
            .route(route.to_string());
        found.push((surprise, finding));
    });
    found
}

#[cfg(test)]
mod tests {
    use super::Surprise;
    use crate::flux::FluxVersion;

    #[test]
    fn what_a_shell_does_otherwise_is_told() {
        let found = |text| Surprise::in_text(text, None);
        assert_eq!(found("${X:+y}"), Some(Surprise::Alternative("X".to_owned())));
        assert_eq!(found("#!/bin/sh\necho /tmp/x.$$\n"), Some(Surprise::ProcessId));
    }

    #[test]
    fn a_negative_length_is_told_unless_flux_is_known_to_count_from_the_end() {
        let found = |text, flux: &str| Surprise::in_text(text, FluxVersion::parse(flux));
        let negative = Some(Surprise::NegativeLength("X".to_owned()));
        for flux in ["unknown", "2.8.8", "2.9.4"] {
            assert_eq!(found("a-${X:1:-1}", flux), negative, "{flux}");
        }
        for flux in ["2.9.5", "2.x"] {
            assert_eq!(found("a-${X:1:-1}", flux), None, "{flux}");
        }
    }

    #[test]
    fn what_is_escaped_or_means_the_same_is_not() {
        for text in [
            "${X:=y}",
            "$${X:+y}",
            "cost $$5",
            "#!/bin/sh\necho $$$$ \n",
            "^a$$",
            "pass$$word",
            "${X:1:2}",
            "${X:-1:-1}",
            "$${X:0:-1}",
            "${X:=a:-1}",
        ] {
            assert_eq!(Surprise::in_text(text, None), None, "{text}");
        }
    }
}
