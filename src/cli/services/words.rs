//! Answers in words.

use super::told::Told;
use crate::mesh::backends::Backends;
use crate::mesh::served::{Affinity, Answer, Usable, Verdict, View};

/// Names that are told one by one.
const MOST: usize = 4;

/// `a, b and c`, and the number of those that are more than a person reads.
pub(super) fn names(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] if names.len() <= MOST => format!("{} and {last}", first.join(", ")),
        many => {
            let told: Vec<&str> = many.iter().take(MOST - 1).copied().collect();
            format!("{} and {} more", told.join(", "), names.len() - told.len())
        }
    }
}

pub(super) fn pods(backends: Backends) -> String {
    match backends {
        Backends::Some(Some(1)) => "1 pod".to_owned(),
        Backends::Some(Some(number)) => format!("{number} pods"),
        Backends::Some(None) => "pods, how many is not known".to_owned(),
        Backends::None(lack) => format!("no pods ({})", lack.words()),
        Backends::Unknown(why) => format!("whether it has pods is not known ({why})"),
    }
}

pub(super) fn answer(told: &Told<'_>, view: &View<'_>, answer: &Answer) -> String {
    match answer.verdict {
        Verdict::Served if answer.to_lost => {
            format!(
                "served by {}, but connections to the pods that are gone fail",
                by(told, view, answer)
            )
        }
        Verdict::Served => format!("served by {}", by(told, view, answer)),
        Verdict::NotServed if answer.is_stuck => format!(
            "not served: affinity `{}` keeps to the pods that are gone",
            view.affinity.word()
        ),
        Verdict::NotServed => "not served".to_owned(),
        Verdict::Unknown => format!("not known: {}", doubt(told, view, answer)),
    }
}

/// Whose pods serve it.
fn by(told: &Told<'_>, view: &View<'_>, answer: &Answer) -> String {
    let is_own = |at: &usize| view.uses.get(*at) == Some(&Usable::Own);
    let others = answer.by.iter().filter(|at| !is_own(at));
    let others = others.filter_map(|at| told.lenders.get(*at));
    let mut all: Vec<&str> = Vec::new();
    if answer.by.iter().any(is_own) {
        all.push("its own pods");
    }
    all.extend(others.map(|lender| lender.owner.member.name.as_str()));
    names(&all)
}

/// What would have to be known.
pub(super) fn doubt(told: &Told<'_>, view: &View<'_>, answer: &Answer) -> String {
    if view.affinity == Affinity::Unknown {
        return "its affinity".to_owned();
    }
    let mut doubts = answer.by.iter().filter_map(|at| {
        let lender = told.lenders.get(*at)?;
        let why = match (view.uses.get(*at).copied(), lender.backends) {
            (Some(Usable::Unknown(why)), _) | (_, Backends::Unknown(why)) => why,
            _ => return None,
        };
        Some(format!("{why} (`{}`)", lender.owner.member.name))
    });
    doubts
        .next()
        .unwrap_or_else(|| "whether the lost cluster had pods".to_owned())
}
