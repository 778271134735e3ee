//! One finding for a line, however many objects and clusters it makes a fault in.

use crate::finding::Finding;
use crate::kustomize::Object;
use crate::rules::Context;
use crate::rules::gather::Gathered;
use crate::schema::Fault;

/// Tells the faults that `finding` has words for.
pub(in crate::rules::schema) fn tell(
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    finding: impl Fn(&Object, &Fault) -> Option<Finding>,
) {
    let mut gathered = Gathered::new();
    for refused in context.verdicts.refused() {
        for fault in &*refused.faults {
            if let Some(told) = finding(refused.object, fault) {
                let told = told.object(refused.object.reference()).route(fault.route.clone());
                gathered.add(fault.span, fault.route.clone(), &refused.cluster.name, told);
            }
        }
    }
    let told = gathered.into_faults();
    findings.extend(told.map(|(_, fault)| fault.first.clusters(fault.clusters)));
}
