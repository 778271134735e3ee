//! Global Services for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::told::{Seen, Told};
use super::words::{answer, names, pods};
use crate::mesh::backends::Backends;
use crate::mesh::served::{Affinity, Loss, Usable};
use crate::mesh::{Flag, shares};
use crate::neutral::one_line;
use crate::report::{Look, hanging};

pub(super) fn write(
    services: &[Told<'_>],
    is_asked: bool,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    if services.is_empty() {
        return writeln!(out, "no Service is global in a mesh");
    }
    for (nth, told) in services.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        let heading = look.palette().bold(one_line(&told.global.full_name()));
        writeln!(out, "{heading}")?;
        let mut lines = pods_by_cluster(told);
        lines.extend(views(told, is_asked));
        for line in lines {
            writeln!(out, "{}", hanging(&one_line(&line), look.width))?;
        }
    }
    Ok(())
}

/// Lines with the clusters that they are true of, in the order of the first.
fn together<'a, T: PartialEq>(all: impl Iterator<Item = (&'a str, T)>) -> Vec<(Vec<&'a str>, T)> {
    let mut groups: Vec<(Vec<&str>, T)> = Vec::new();
    for (name, text) in all {
        match groups.iter_mut().find(|(_, other)| *other == text) {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], text)),
        }
    }
    groups
}

fn pods_by_cluster(told: &Told<'_>) -> Vec<String> {
    let lenders = told.lenders.iter().map(|lender| {
        let shared = match shares(&lender.owner.service.object) {
            Flag::On => "",
            Flag::Off => ", not shared",
            Flag::Unknown => ", and whether they are shared is not known",
        };
        let text = format!("{}{shared}", pods(lender.backends));
        (lender.owner.member.name.as_str(), text)
    });
    let outside = told.global.group.external.iter();
    let outside = outside.map(|name| (name.as_str(), "outside of the repository".to_owned()));
    together(lenders.chain(outside))
        .into_iter()
        .map(|(clusters, text)| format!("  {}: {text}", names(&clusters)))
        .collect()
}

fn views(told: &Told<'_>, is_asked: bool) -> Vec<String> {
    let seen = told.views.iter().map(|seen| {
        let name = seen.view.consumer.member.name.as_str();
        (name, below(told, seen, is_asked))
    });
    let mut lines = Vec::new();
    for (clusters, below) in together(seen) {
        let mut below = below.into_iter();
        let first = below.next().unwrap_or_default();
        lines.push(format!("  from {}: {first}", names(&clusters)));
        lines.extend(below);
    }
    lines
}

/// The answer, and what stands below it.
fn below(told: &Told<'_>, seen: &Seen<'_>, is_asked: bool) -> Vec<String> {
    let affinity = match seen.view.affinity {
        Affinity::None | Affinity::OwnOnly => String::new(),
        Affinity::Unknown => " (its affinity is not known)".to_owned(),
        known => format!(" (affinity `{}`)", known.word()),
    };
    let mut lines = vec![format!("{}{affinity}", answer(told, &seen.view, &seen.now))];
    lines.extend(unused(told, seen));
    let losses = seen.losses.iter().map(|(loss, after)| {
        let (Loss::Cluster(at) | Loss::ApiServer(at)) = loss;
        let lender = told
            .lenders
            .iter()
            .find(|lender| lender.owner.member.cluster == *at);
        let name = lender.map_or("it", |lender| lender.owner.member.name.as_str());
        let what = match loss {
            Loss::Cluster(_) => "",
            Loss::ApiServer(_) => "the API server of ",
        };
        (name, (what, answer(told, &seen.view, after)))
    });
    for (clusters, (what, text)) in together(losses) {
        let or = names(&clusters).replace(" and ", " or ");
        lines.push(format!("    without {what}{or}: {text}"));
    }
    if seen.losses.is_empty() && !is_asked && told.lenders.len() > 1 {
        lines.push("    without any one of the others: the same".to_owned());
    }
    lines
}

/// The pods of others that are there and not used, by why.
fn unused(told: &Told<'_>, seen: &Seen<'_>) -> Vec<String> {
    let mut reasons: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (lender, usable) in told.lenders.iter().zip(&seen.view.uses) {
        let reason = match usable {
            Usable::No(why) => ("not", *why),
            Usable::Unknown(why) => ("perhaps not", *why),
            Usable::Own | Usable::Yes => continue,
        };
        if !matches!(lender.backends, Backends::None(_)) {
            let name = lender.owner.member.name.as_str();
            reasons.entry(reason).or_default().push(name);
        }
    }
    let line = |((word, why), clusters): ((&str, &str), Vec<&str>)| match word {
        "not" => format!("    not by {}: {why}", names(&clusters)),
        _ => format!("    perhaps by {}: not known: {why}", names(&clusters)),
    };
    reasons.into_iter().map(line).collect()
}
