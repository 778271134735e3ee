mod waits;

use self::waits::{Waits, Why};
use crate::cluster::{ClusterIndex, Reconciled};
use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};
use crate::source::{SourceMap, Span};

/// Things that wait for each other for ever.
pub(crate) static RULE: Rule = Rule {
    name: "dependency-cycle",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/dependency-cycle.md"),
    check,
};

fn depends_on_itself(unit: &Reconciled<'_>) -> String {
    format!("{} `{}` depends on itself", unit.kind.kind, unit.full_name())
}

fn depend_on_each_other(units: &[&Reconciled<'_>]) -> String {
    let kind = units.first().map_or("", |unit| unit.kind.kind);
    let how = if units.len() == 2 {
        "each other"
    } else {
        "one another in a circle"
    };
    format!("{kind}s {} depend on {how}", names(units))
}

fn made_by_own_build(from: &Reconciled<'_>, on: &Reconciled<'_>, direct: bool) -> String {
    let through = if direct { "" } else { ", further down," };
    format!(
        "{} `{}` depends on `{}`, which only its own build{through} creates",
        from.kind.kind,
        from.full_name(),
        on.full_name()
    )
}

fn waited_for_by(from: &Reconciled<'_>, on: &Reconciled<'_>) -> String {
    format!(
        "{} `{}` depends on `{}`, which waits for it",
        from.kind.kind,
        from.full_name(),
        on.full_name()
    )
}

fn wait_for_each_other(units: &[&Reconciled<'_>]) -> String {
    format!("{} wait for one another for ever", names(units))
}

fn names(units: &[&Reconciled<'_>]) -> String {
    let quoted: Vec<_> = units
        .iter()
        .map(|unit| format!("`{}`", unit.full_name()))
        .collect();
    match quoted.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        all => all.join(""),
    }
}

const CUT_ONE: &str = "remove one of these `dependsOn` entries";

fn help_made_by_own_build(on: &Reconciled<'_>, maker: &Reconciled<'_>) -> String {
    format!(
        "remove the entry, or let another Kustomization than `{}` create `{}`: it cannot exist before `{0}` is applied",
        maker.full_name(),
        on.full_name()
    )
}

fn help_waited_for(from: &Reconciled<'_>, on: &Reconciled<'_>) -> String {
    format!(
        "remove the entry (`{}` is applied after `{}` anyway), or stop `{1}` from waiting",
        from.full_name(),
        on.full_name()
    )
}

const HELP_MIXED: &str = "take out one of these waits";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for index in &context.index.clusters {
        check_cluster(context.sources, index, findings);
    }
}

fn check_cluster(sources: &SourceMap, index: &ClusterIndex<'_>, findings: &mut Vec<Finding>) {
    let (units, circles) = Waits::of(index, sources).circles();
    for circle in circles {
        let circle = Circle::new(&units, circle);
        findings.extend(
            circle
                .finding()
                .map(|f| f.clusters([index.cluster.name.as_str()])),
        );
    }
}

/// One circle, begun at the dependency whose name sorts first, so that every cluster and run tells it alike.
struct Circle<'u, 'a> {
    units: &'u [Reconciled<'a>],
    reasons: Vec<Why>,
}

impl<'u, 'a> Circle<'u, 'a> {
    fn new(units: &'u [Reconciled<'a>], mut reasons: Vec<Why>) -> Self {
        reasons.retain(|why| *why != Why::Order);
        let rank = |why: &Why| match *why {
            Why::DependsOn { from, at, .. } => (0, units.get(from).map(Reconciled::full_name), Some(at)),
            Why::Awaits { waiter, at, .. } => (1, units.get(waiter).map(Reconciled::full_name), Some(at)),
            Why::MadeBy { .. } | Why::Order => (2, None, None),
        };
        let first = (0..reasons.len()).min_by_key(|at| reasons.get(*at).map(rank));
        reasons.rotate_left(first.unwrap_or(0));
        Self { units, reasons }
    }

    fn unit(&self, at: usize) -> Option<&'u Reconciled<'a>> {
        self.units.get(at)
    }

    fn finding(&self) -> Option<Finding> {
        let (span, subject) = match *self.reasons.first()? {
            Why::DependsOn { from, at, .. } => (at, self.unit(from)?),
            Why::Awaits { waiter, at, .. } => (at, self.unit(waiter)?),
            Why::MadeBy { .. } | Why::Order => return None,
        };
        let (message, help) = self.words()?;
        let mut finding = Finding::new(message, span, self.label_text(self.reasons.first()?)?)
            .help(help)
            .object(subject.object.reference())
            .route("spec.dependsOn");
        for why in self.reasons.iter().skip(1) {
            if let (Some(at), Some(text)) = (self.label_span(why), self.label_text(why)) {
                finding = finding.label(at, text);
            }
        }
        Some(finding)
    }

    /// What the circle is like decides how it is told.
    fn words(&self) -> Option<(String, String)> {
        let made = self
            .reasons
            .iter()
            .filter(|why| matches!(why, Why::MadeBy { .. }))
            .count();
        let waits = self.reasons.iter().any(|why| matches!(why, Why::Awaits { .. }));
        let mut dependencies = self.reasons.iter().filter_map(|why| match *why {
            Why::DependsOn { from, on, .. } => Some((self.unit(from)?, self.unit(on)?)),
            _ => None,
        });
        let first = dependencies.next();
        let single = first.filter(|_| dependencies.next().is_none());
        Some(match (single, waits) {
            (Some((from, _)), false) if made == 0 => (depends_on_itself(from), CUT_ONE.to_owned()),
            (Some((from, on)), false) => (
                made_by_own_build(from, on, made == 1),
                help_made_by_own_build(on, from),
            ),
            (Some((from, on)), true) if self.is_parent_and_child() => {
                (waited_for_by(from, on), help_waited_for(from, on))
            }
            (None, false) if made == 0 => (depend_on_each_other(&self.waiting()), CUT_ONE.to_owned()),
            _ => (wait_for_each_other(&self.waiting()), HELP_MIXED.to_owned()),
        })
    }

    /// Whether the one dependency is on the very unit that waits.
    fn is_parent_and_child(&self) -> bool {
        let target = self.reasons.iter().find_map(|why| match *why {
            Why::DependsOn { on, .. } => Some(on),
            _ => None,
        });
        let mut waiters = self.reasons.iter().filter_map(|why| match *why {
            Why::Awaits { waiter, .. } => Some(waiter),
            _ => None,
        });
        waiters.next() == target
    }

    /// The units that wait for reasons a person wrote, each once.
    fn waiting(&self) -> Vec<&'u Reconciled<'a>> {
        let mut positions = Vec::new();
        for why in &self.reasons {
            match *why {
                Why::DependsOn { from: at, .. } | Why::Awaits { waiter: at, .. }
                    if !positions.contains(&at) =>
                {
                    positions.push(at);
                }
                _ => {}
            }
        }
        positions.into_iter().filter_map(|at| self.unit(at)).collect()
    }

    fn label_span(&self, why: &Why) -> Option<Span> {
        match *why {
            Why::DependsOn { at, .. } | Why::Awaits { at, .. } => Some(at),
            Why::MadeBy { child, .. } => Some(self.unit(child)?.object.name_span()),
            Why::Order => None,
        }
    }

    fn label_text(&self, why: &Why) -> Option<String> {
        Some(match *why {
            Why::DependsOn { from, on, .. } => {
                format!("`{}` waits for `{}`", self.unit(from)?.name, self.unit(on)?.name)
            }
            Why::Awaits { waiter, on, .. } => {
                format!(
                    "`{}` waits for `{}`",
                    self.unit(waiter)?.name,
                    self.unit(on)?.name
                )
            }
            Why::MadeBy { child, maker } => {
                format!(
                    "`{}` is created by `{}`",
                    self.unit(child)?.name,
                    self.unit(maker)?.name
                )
            }
            Why::Order => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{Fixture, depends_on, kustomization, release};

    fn circles(files: &[(&str, String)]) -> Vec<String> {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        Fixture::new(&files).messages(&RULE)
    }

    #[test]
    fn three_in_a_circle_are_one_finding() {
        let root = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
            .map(|(name, on)| kustomization(name, &depends_on(on)));
        assert_eq!(
            circles(&[("x/flux-system/root.yaml", root.concat())]),
            Vec::<String>::new(),
            "nothing was rendered for the children, so they are no units yet"
        );
        let files = [
            ("x/flux-system/root.yaml", root.concat()),
            ("x/flux-system/a.yaml", String::new()),
            ("x/flux-system/b.yaml", String::new()),
            ("x/flux-system/c.yaml", String::new()),
            ("x/flux-system/d.yaml", String::new()),
        ];
        assert_eq!(
            circles(&files),
            [
                "Kustomizations `flux-system/a`, `flux-system/b` and `flux-system/c` depend on one another in a circle"
            ]
        );
    }

    #[test]
    fn thousands_that_wait_for_one_another_are_told_in_time() {
        const COUNT: usize = 1_000;
        let circle = (0..COUNT).map(|nth| {
            release(
                &format!("r{nth}"),
                &depends_on(&format!("r{}", (nth + 1) % COUNT)),
            )
        });
        let told = circles(&[("x/flux-system/root.yaml", circle.collect())]);
        assert_eq!(told.len(), 1);
        assert!(
            told[0].contains("`flux-system/r999`"),
            "every one of them is named"
        );
        // Every pair is a circle of its own.
        let names: Vec<String> = (0..60).map(|nth| format!("    - name: r{nth}\n")).collect();
        let all = (0..60).map(|nth| {
            let others = names
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != nth)
                .map(|(_, name)| name.as_str());
            release(
                &format!("r{nth}"),
                &format!("  dependsOn:\n{}", others.collect::<String>()),
            )
        });
        assert_eq!(circles(&[("x/flux-system/root.yaml", all.collect())]).len(), 50);
    }

    #[test]
    fn releases_have_circles_too_and_a_suspended_one_breaks_them() {
        let pair = |more: &str| {
            let first = release("first", &format!("{}{more}", depends_on("second")));
            vec![(
                "x/flux-system/root.yaml",
                first + &release("second", &depends_on("first")),
            )]
        };
        assert_eq!(
            circles(&pair("")),
            ["HelmReleases `flux-system/first` and `flux-system/second` depend on each other"]
        );
        assert_eq!(circles(&pair("  suspend: true\n")), Vec::<String>::new());
    }

    #[test]
    fn a_grandchild_cannot_be_waited_for() {
        let files = [
            (
                "x/flux-system/root.yaml",
                kustomization("top", &depends_on("deep")),
            ),
            ("x/flux-system/top.yaml", kustomization("middle", "")),
            ("x/flux-system/middle.yaml", kustomization("deep", "")),
            ("x/flux-system/deep.yaml", String::new()),
        ];
        assert_eq!(
            circles(&files),
            [
                "Kustomization `flux-system/top` depends on `flux-system/deep`, which only its own build, further down, creates"
            ]
        );
    }

    #[test]
    fn what_two_builds_create_can_be_waited_for() {
        let files = [
            (
                "x/flux-system/root.yaml",
                kustomization("one", &depends_on("shared")) + &kustomization("two", ""),
            ),
            ("x/flux-system/one.yaml", kustomization("shared", "")),
            ("x/flux-system/two.yaml", kustomization("shared", "")),
            ("x/flux-system/shared.yaml", String::new()),
        ];
        assert_eq!(circles(&files), Vec::<String>::new());
    }

    #[test]
    fn each_child_of_a_waiting_parent_is_a_circle_but_their_siblings_are_not() {
        let children = [("a", "parent"), ("b", "a"), ("c", "parent")]
            .map(|(name, on)| kustomization(name, &depends_on(on)));
        let files = |wait: &str| {
            [
                ("x/flux-system/root.yaml", kustomization("parent", wait)),
                ("x/flux-system/parent.yaml", children.concat()),
                ("x/flux-system/a.yaml", String::new()),
                ("x/flux-system/b.yaml", String::new()),
                ("x/flux-system/c.yaml", String::new()),
            ]
        };
        assert_eq!(
            circles(&files("  wait: true\n")),
            [
                "Kustomization `flux-system/a` depends on `flux-system/parent`, which waits for it",
                "Kustomization `flux-system/c` depends on `flux-system/parent`, which waits for it",
            ]
        );
        assert_eq!(circles(&files("  wait: false\n")), Vec::<String>::new());
        let health_check = "  healthChecks:\n    - {kind: Kustomization, name: c, namespace: flux-system}\n";
        assert_eq!(
            circles(&files(health_check)),
            ["Kustomization `flux-system/c` depends on `flux-system/parent`, which waits for it"]
        );
    }

    #[test]
    fn a_ready_expression_needs_the_other_to_exist_only() {
        let with_expression = "  dependsOn:\n    - name: parent\n      readyExpr: 'true'\n";
        let files = [
            (
                "x/flux-system/root.yaml",
                kustomization("parent", "  wait: true\n"),
            ),
            (
                "x/flux-system/parent.yaml",
                kustomization("child", with_expression),
            ),
            ("x/flux-system/child.yaml", String::new()),
        ];
        assert_eq!(circles(&files), Vec::<String>::new());
    }
}
