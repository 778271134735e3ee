//! Marks: comments that say what is found on a line. `# error: some-rule "message"`, `# label: "words"`, `# help: "words"`.
//!
//! A line that holds nothing but marks speaks of the line above it. No mark is part of the file.

const LEVELS: [&str; 3] = ["error", "warning", "info"];

/// What is to be found on a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub path: String,
    pub line: usize,
    pub says: Says,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// A finding points here; the message, where the mark has it, is the finding's.
    Finding {
        level: String,
        rule: String,
        message: Option<String>,
    },
    /// A label of some finding stands here.
    Label(String),
    /// The help of a finding that points here.
    Help(String),
}

/// The text without its marks, and the marks, with lines as they are then.
pub fn taken_out(path: &str, text: &str) -> (String, Vec<Mark>) {
    let mut kept = String::with_capacity(text.len());
    let mut marks = Vec::new();
    let mut line = 0;
    for whole in text.lines() {
        let begins = starts(whole).next();
        let content = whole.get(..begins.unwrap_or(whole.len())).unwrap_or_default();
        if begins.is_none() || !content.trim().is_empty() {
            kept.push_str(if begins.is_some() {
                content.trim_end()
            } else {
                content
            });
            kept.push('\n');
            line += 1;
        }
        marks.extend(said(whole).map(|says| Mark {
            path: path.to_owned(),
            line,
            says,
        }));
    }
    (kept, marks)
}

/// Where marks begin in the line.
fn starts(line: &str) -> impl Iterator<Item = usize> + '_ {
    line.match_indices("# ").map(|(at, _)| at).filter(|at| {
        let before = &line[..*at];
        let word = line[*at + 2..].split(": ").next().unwrap_or_default();
        (before.is_empty() || before.ends_with(' '))
            && (LEVELS.contains(&word) || ["label", "help"].contains(&word))
    })
}

fn said(line: &str) -> impl Iterator<Item = Says> + '_ {
    let starts: Vec<usize> = starts(line).collect();
    let ends = starts.clone().into_iter().skip(1).chain([line.len()]);
    starts.into_iter().zip(ends).map(|(from, to)| {
        let (word, rest) = line[from + 2..to].split_once(": ").unwrap_or_default();
        let (name, text) = match rest.split_once('"') {
            Some((name, text)) => (
                name.trim(),
                Some(text.trim_end().strip_suffix('"').unwrap_or(text).to_owned()),
            ),
            None => (rest.trim(), None),
        };
        match word {
            "label" => Says::Label(text.unwrap_or_default()),
            "help" => Says::Help(text.unwrap_or_default()),
            level => Says::Finding {
                level: level.to_owned(),
                rule: name.to_owned(),
                message: text,
            },
        }
    })
}
