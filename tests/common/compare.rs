//! What is found against what the marks say.

use super::found::{Found, Place};
use super::mark::{Mark, Says};

/// What is marked and not found, found more than once, or found and not marked.
pub fn differences(found: &[Found], wanted: &[Mark]) -> Vec<String> {
    let mut differences = Vec::new();
    for mark in wanted {
        let is_finding = matches!(mark.says, Says::Finding { .. });
        match found.iter().filter(|one| one.said(mark).is_some()).count() {
            0 => differences.push(format!("misses {}{}", show(mark), near(found, mark))),
            more if more > 1 && is_finding => differences.push(format!("finds {more} times {}", show(mark))),
            _ => {}
        }
    }
    for one in found {
        let is_marked = |mark: &Mark| matches!(mark.says, Says::Finding { .. }) && one.said(mark).is_some();
        if !wanted.iter().any(is_marked) {
            let (path, line) = &one.place;
            differences.push(format!(
                "finds unmarked {}[{}] on {path}:{line}: {}",
                one.level, one.rule, one.message
            ));
        }
    }
    differences
}

pub fn show(mark: &Mark) -> String {
    let says = match &mark.says {
        Says::Finding { level, rule, message } => {
            format!("{level}[{rule}] {}", message.as_deref().unwrap_or_default())
        }
        Says::Label(text) => format!("the label \"{text}\""),
        Says::Help(text) => format!("the help \"{text}\""),
    };
    format!("{says} on {}:{}", mark.path, mark.line)
}

/// What is said instead, of the line that the mark is on.
fn near(found: &[Found], mark: &Mark) -> String {
    let is_here = |place: &Place| (&place.0, place.1) == (&mark.path, mark.line);
    let here = found.iter().filter(|one| is_here(&one.place));
    let texts: Vec<&str> = match &mark.says {
        Says::Finding { .. } => return String::new(),
        Says::Help(_) => here.map(|one| one.help.as_str()).collect(),
        Says::Label(_) => {
            let below = here.flat_map(|one| one.labels.iter());
            let labels = found.iter().flat_map(|one| &one.labels);
            let there = labels.filter(|(place, _)| is_here(place));
            below.chain(there).map(|(_, text)| text.as_str()).collect()
        }
    };
    format!("; there is {texts:?}")
}
