//! Labels for what a cluster states: the line to edit, and where it takes effect.

use crate::finding::{Finding, Severity};
use crate::mesh::{Place, Statement};
use crate::rules::gather::Gathered;
use crate::source::{SourceMap, Span};

/// What a rule says of a fault that is known by its kind and the place to edit.
pub(crate) trait Told {
    /// The fact, in the clusters of that name.
    fn message(&self, place: &Place, clusters: &[String]) -> String;

    /// A few words at the place.
    fn label(&self) -> String;

    /// What to do.
    fn help(&self) -> String;

    /// The level, where it is not that of the rule.
    fn severity(&self) -> Option<Severity> {
        None
    }
}

impl<K: Ord + Told> Gathered<K, Place> {
    /// Tells each fault once.
    pub(crate) fn report(self, findings: &mut Vec<Finding>) {
        findings.extend(self.into_faults().map(|(fault, found)| {
            let message = fault.message(&found.first, &found.clusters);
            let mut finding = at(message, &found.first, fault.label());
            finding.severity = fault.severity();
            finding.help(fault.help()).clusters(found.clusters)
        }));
    }
}

/// A finding whose primary label is the line to edit for `place`.
pub(crate) fn at(message: String, place: &Place, label: impl Into<String>) -> Finding {
    let finding = Finding::new(message, place.edit_span(), label).route(&*place.route);
    let finding = match &place.object {
        Some(object) => finding.object(object.clone()),
        None => finding,
    };
    effect(finding, place)
}

/// Adds the line to edit for another place that takes part.
pub(crate) fn also(finding: Finding, place: &Place, label: impl Into<String>) -> Finding {
    effect(finding.label(place.edit_span(), label), place)
}

/// Adds where a substituted value ends up. Of several clusters that share the file it is the same place, told once.
fn effect(finding: Finding, place: &Place) -> Finding {
    match place.effect_span() {
        Some(span) => {
            let field = place.route.strip_prefix("spec.values.").unwrap_or(&place.route);
            finding.label(span, format!("takes effect here as `{field}`"))
        }
        None => finding,
    }
}

/// Whether these are values of the Cilium chart, whose meaning is sure, and not only a setting with a telling name.
pub(crate) fn is_chart_value(place: &Place) -> bool {
    matches!(
        place.statement,
        Statement::HelmRelease | Statement::Manifest | Statement::Bootstrap
    )
}

/// A value as the line that states it writes it, without its quotes; `None` where it is long or takes more than one line.
pub(crate) fn written(sources: &SourceMap, value: Span) -> Option<&str> {
    let text = sources.snippet(value);
    let quoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    (text.len() <= 60 && !text.contains(['\n', '"', '\'', '\\'])).then_some(text)
}
