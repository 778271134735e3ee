use super::expressions::{expressions, substitutes, texts};
use crate::finding::{Finding, Severity};
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
    /// `$$`
    ProcessId,
}

impl Surprise {
    fn in_text(text: &str) -> Option<Self> {
        let expression = expressions(text).find_map(|(name, rest)| {
            if rest.starts_with(":+") {
                Some(Self::Alternative(name.to_owned()))
            } else {
                rest.starts_with(":?").then(|| Self::Required(name.to_owned()))
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
            Self::ProcessId => "write `$$$$` for a `$$` that a shell shall see".to_owned(),
        }
    }
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
    for cluster in &context.fleet.clusters {
        for owner in cluster.own_kustomizations().filter(|owner| substitutes(owner)) {
            texts(owner, &mut |object, route, node| {
                // Descriptions in definitions speak of such expressions.
                if object.kind() == "CustomResourceDefinition" {
                    return;
                }
                let Some(surprise) = node.as_text().and_then(Surprise::in_text) else {
                    return;
                };
                let finding = Finding::new(RULE.name, surprise.message(), node.span(), "in this text")
                    .help(surprise.help())
                    .object(object.reference())
                    .route(route);
                faults.add(node.span(), surprise, &cluster.name, finding);
            });
        }
    }
    findings.extend(
        faults
            .into_faults()
            .map(|(_, fault)| fault.first.clusters(fault.clusters)),
    );
}

#[cfg(test)]
mod tests {
    use super::Surprise;

    #[test]
    fn what_a_shell_does_otherwise_is_told() {
        let alternative = Surprise::in_text("${X:+y}");
        assert_eq!(alternative, Some(Surprise::Alternative("X".to_owned())));
        assert_eq!(
            Surprise::in_text("#!/bin/sh\necho /tmp/x.$$\n"),
            Some(Surprise::ProcessId)
        );
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
        ] {
            assert_eq!(Surprise::in_text(text), None, "{text}");
        }
    }
}
