//! The way of a value, one station a line.

use std::io::{self, Write};

use super::found::{Found, together};
use crate::change::Value;
use crate::neutral::one_line;
use crate::report::value_in_words;
use crate::source::{SourceMap, Span};
use crate::trace::{Setting, Step, Traced, Writer};

pub(super) fn values(found: &[Found], sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    for (nth, one) in found.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}: {}", one_line(&one.cluster), one_line(&one.object))?;
        for value in &one.ways.values {
            way(value, sources, out)?;
        }
        if one.ways.more > 0 {
            writeln!(
                out,
                "  and {} more values; name a field further in",
                one.ways.more
            )?;
        }
    }
    Ok(())
}

fn way(value: &Traced, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "  {} = {}",
        one_line(&value.path),
        value_in_words(&value.value)
    )?;
    for step in &value.steps {
        let words = match step.what {
            "variable" => "set by",
            "default" => "by the default of",
            "value" => "written in",
            "changed-by" => "changed by",
            "object" => "object from",
            _ => "applied by",
        };
        writeln!(out, "    {words:<18} {}", station(step, sources))?;
    }
    Ok(())
}

fn station(step: &Step, sources: &SourceMap) -> String {
    let place = step.span.map(|span| place(sources, span)).unwrap_or_default();
    match &step.by {
        Some(by) => format!("{place}  {}", writer(by)),
        None => place,
    }
}

fn writer(by: &Writer) -> String {
    let text = match &by.route {
        Some(route) => format!("{}: {route}", by.document),
        None => by.document.clone(),
    };
    one_line(&text)
}

fn place(sources: &SourceMap, span: Span) -> String {
    let file = sources.file(span.file);
    let at = file.line_column(span.start);
    one_line(&format!("{}:{}:{}", file.path(), at.line, at.column))
}

pub(super) fn variable(
    name: &str,
    found: &[Setting],
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (nth, (clusters, one)) in together(found).into_iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        let value = match &one.value {
            Ok(Value::Absent) => "(its default)".to_owned(),
            Ok(value) => value_in_words(value),
            Err(reason) => format!("(not known: {reason})"),
        };
        writeln!(
            out,
            "{}: {} = {value}",
            one_line(&clusters.join(", ")),
            one_line(name)
        )?;
        let by = one.by.as_ref().map(writer).unwrap_or_default();
        let at = one.span.map(|span| place(sources, span));
        writeln!(out, "  set by   {}  {by}", at.as_deref().unwrap_or("no file"))?;
        let owners = one_line(&one.kustomizations.join(", "));
        writeln!(out, "  read by  {owners}")?;
        for used in &one.uses {
            let text = one_line(&format!("{}: {}", used.object, used.path));
            writeln!(out, "  used in  {}  {text}", place(sources, used.span))?;
        }
    }
    Ok(())
}
