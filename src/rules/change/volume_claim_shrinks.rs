use super::support::fields::{at, changed, is_replaced_or_left_alone, text};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::words::full_name;
use crate::rules::{Category, Context, Rule};

/// A PersistentVolumeClaim asks for less than it has.
pub(crate) static RULE: Rule = Rule {
    name: "volume-claim-shrinks",
    category: Category::Change,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/volume-claim-shrinks.md"),
    check,
};

fn message(object: &Object, before: &str, after: &str) -> String {
    let name = full_name(object);
    format!("PersistentVolumeClaim `{name}` asks for `{after}` and has `{before}`")
}

const LABEL: &str = "less than before";
const HELP: &str =
    "ask for at least what it has, or make a smaller claim under another name and copy the data";

const SIZE: &str = "spec.resources.requests.storage";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (cluster, change) in changed(context) {
        let object = change.after.object;
        let is_claim = object.kind() == "PersistentVolumeClaim" && object.group().is_empty();
        if !is_claim || is_replaced_or_left_alone(change) {
            continue;
        }
        let Some(field) = change.fields.iter().find(|field| field.path == SIZE) else {
            continue;
        };
        let sizes = text(&field.before).zip(text(&field.after));
        let shrinks = |(before, after): &(&str, &str)| match (bytes(before), bytes(after)) {
            (Some(before), Some(after)) => after < before,
            _ => false,
        };
        if let Some((before, after)) = sizes.filter(shrinks) {
            let finding = at(message(object, before, after), change, field, LABEL);
            findings.push(finding.help(HELP).clusters([cluster.name()]));
        }
    }
}

/// A quantity of Kubernetes in bytes (`k8s.io/apimachinery/pkg/api/resource`), as exactly as sizes of volumes are told apart.
fn bytes(quantity: &str) -> Option<f64> {
    let end = quantity
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(quantity.len());
    let (number, suffix) = quantity.split_at(end);
    let factor = match suffix {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024.0_f64.powi(2),
        "Gi" => 1024.0_f64.powi(3),
        "Ti" => 1024.0_f64.powi(4),
        "Pi" => 1024.0_f64.powi(5),
        "Ei" => 1024.0_f64.powi(6),
        exponent => 10_f64.powi(exponent.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_does() {
        let sizes = ["5Gi", "5000Mi", "5G", "5e9", "1Ti", "0.5Ti", "x", "5 Gi"].map(bytes);
        assert_eq!(sizes[0], Some(5_368_709_120.0));
        assert!(sizes[1] < sizes[0] && sizes[2] < sizes[1]);
        assert_eq!(sizes[2], sizes[3]);
        assert_eq!(sizes[4], sizes[5].map(|half| half * 2.0));
        assert_eq!(sizes[6..], [None, None]);
    }
}
