//! The agent's verdict on policies, held against that of Cilium's own package.
//!
//! Runs when `MESHLINT_POLICIES` names a file of verdicts: a JSON object on each line, with `minor` (of Cilium 1), `object` (the policy;
//! one without a namespace counts as clusterwide) and `says` (the words of `Parse`, empty when it takes the policy).
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};

use meshlint::policy::{Agent, Scope, refusal};
use meshlint::source::SourceMap;
use meshlint::yaml::parse;

#[derive(serde::Deserialize)]
struct Verdict {
    minor: u64,
    object: serde_json::Value,
    says: String,
}

#[test]
#[cfg_attr(not(meshlint_policies), ignore = "MESHLINT_POLICIES is not set")]
fn verdicts_equal_those_of_the_agent() {
    let path = std::env::var_os("MESHLINT_POLICIES").expect("MESHLINT_POLICIES is set");
    let file = BufReader::new(std::fs::File::open(path).expect("the verdicts can be read"));
    let (mut count, mut refused, mut differing) = (0_usize, 0_usize, Vec::new());
    for line in file.lines() {
        let verdict: Verdict = serde_json::from_str(&line.unwrap()).unwrap();
        let own = own(&verdict);
        count += 1;
        refused += usize::from(own.is_some());
        if own.is_some() == verdict.says.is_empty() {
            differing.push(format!("{own:?} but {:?} for {}", verdict.says, verdict.object));
        }
    }
    println!("{count} policies, {refused} refused, {} differ", differing.len());
    differing.sort_by_key(String::len);
    differing.truncate(300);
    assert!(differing.is_empty(), "{differing:#?}");
}

fn own(verdict: &Verdict) -> Option<String> {
    let text = verdict.object.to_string();
    let sources = SourceMap::from_memory([("policy.yaml", text.as_str())]);
    let (id, file) = sources.iter().next().unwrap();
    let root = parse(id, file.text().unwrap()).documents.remove(0).root;
    let scope = if root.at(&["metadata", "namespace"]).is_some() {
        Scope::Namespace
    } else {
        Scope::Cluster
    };
    let agent = Agent {
        minor: verdict.minor,
        node_labels: false,
        extended_protocols: false,
    };
    refusal(&root, scope, &agent).map(|refusal| refusal.fault.to_string())
}
