use super::support::annotations::gather;
use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};
use crate::tables::cilium::annotations::{is_unknown, names};
use crate::text::suggest::nearest;

/// A Service has an annotation that looks like Cilium's but is none.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-cilium-annotation",
    category: Category::Service,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/unknown-cilium-annotation.md"),
    check,
};

fn message(key: &str, service: &str) -> String {
    format!("Service `{service}` has the annotation `{key}`, which Cilium does not know")
}

const HELP: &str = "look the name up in Cilium's documentation, or remove the annotation";

/// The annotation that was most likely meant: of the same last part under another prefix, else the nearest.
fn meant(key: &str) -> Option<&'static str> {
    let last = key.rsplit('/').next()?;
    let same_word = |name: &&str| {
        let words = name.rsplit('/').next().unwrap_or_default();
        words == last
            || words.trim_end_matches("-service") == last
            || last.trim_end_matches("-service") == words
    };
    let current = |name: &&str| !name.starts_with("io.cilium/");
    names("Service")
        .filter(current)
        .find(same_word)
        .or_else(|| nearest(key, names("Service")))
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let gathered = gather(context, |_, key, _| is_unknown(key));
    for (key, found) in gathered.into_faults() {
        let (span, service) = found.first;
        let finding = Finding::new(message(key, &service.name), span, "nothing reads this");
        let finding = match meant(key) {
            Some(meant) => finding.did_you_mean(key, meant),
            None => finding.help(HELP),
        };
        findings.push(
            finding
                .object(service)
                .route(format!("metadata.annotations.{key}"))
                .clusters(found.clusters),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_up_names_find_the_current_one() {
        assert_eq!(
            meant("service.cilium.io/global-service"),
            Some("service.cilium.io/global")
        );
        assert_eq!(meant("io.cilium/global"), Some("service.cilium.io/global"));
        assert_eq!(meant("service.cilium.io/shard"), Some("service.cilium.io/shared"));
        assert_eq!(meant("lbipam.cilium.io/ip"), Some("lbipam.cilium.io/ips"));
        assert_eq!(meant("service.cilium.io/quite-another-thing"), None);
    }
}
