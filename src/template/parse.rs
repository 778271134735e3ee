//! The syntax of Go's `text/template`, as far as ResourceSets, Argo CD and helmfile use it.

use std::ops::Range;

use super::value::Value;

/// Part of a template.
#[derive(Debug)]
pub(crate) enum Part {
    /// Text that is copied, by its place in the template.
    Text(Range<usize>),
    /// A value that is printed, with the place of its action.
    Print(Pipeline, usize),
    /// `$name := …` and `$name = …`
    Assign {
        name: String,
        declares: bool,
        value: Pipeline,
    },
    If(Pipeline, Vec<Part>, Vec<Part>),
    With(Pipeline, Vec<Part>, Vec<Part>),
    Range {
        key: Option<String>,
        item: Option<String>,
        over: Pipeline,
        body: Vec<Part>,
        otherwise: Vec<Part>,
    },
}

/// Commands, each given the result of the one before as its last argument.
pub(crate) type Pipeline = Vec<Vec<Operand>>;

/// A word of a command.
#[derive(Debug)]
pub(crate) enum Operand {
    Literal(Value),
    /// `.` with fields
    Dot(Vec<String>),
    /// `$name` with fields; `$` alone has no name
    Variable(String, Vec<String>),
    /// A function's name; fields follow only where it takes no arguments, as in `inputs.name`.
    Function(String, Vec<String>),
    /// `( … )` with fields
    Group(Pipeline, Vec<String>),
}

/// The template uses more than is known here, or is broken.
#[derive(Debug)]
pub(crate) struct NotRead;

/// Levels of blocks and brackets.
const MAX_DEPTH: usize = 32;

/// What stands around actions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delimiters {
    open: &'static str,
    pub(super) close: &'static str,
    trimming_close: &'static str,
}

/// Those of ResourceSets.
pub(crate) const ANGLES: Delimiters = Delimiters {
    open: "<<",
    close: ">>",
    trimming_close: "->>",
};
/// Go's own.
pub(crate) const BRACES: Delimiters = Delimiters {
    open: "{{",
    close: "}}",
    trimming_close: "-}}",
};

/// Reads a template.
pub(crate) fn parse(template: &str, delimiters: Delimiters) -> Result<Vec<Part>, NotRead> {
    let pieces = split(template, delimiters)?;
    let mut parser = Parser { pieces, at: 0 };
    let (parts, end) = parser.block(0)?;
    match end {
        End::Template => Ok(parts),
        _ => Err(NotRead),
    }
}

enum Piece {
    Text(Range<usize>),
    Action(Vec<Token>, usize),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    /// `.name`, directly behind something else
    Field(String),
    Dot,
    Variable(String),
    Literal(Value),
    Open,
    Close,
    Pipe,
    Declare,
    Assign,
    Comma,
}

/// Cuts a template into text and actions and applies the trim marks.
fn split(template: &str, delimiters: Delimiters) -> Result<Vec<Piece>, NotRead> {
    let Delimiters {
        open: opening,
        close: closing,
        trimming_close,
    } = delimiters;
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut trims = false;
    loop {
        let rest = template.get(at..).ok_or(NotRead)?;
        let open = rest.find(opening).map_or(template.len(), |found| at + found);
        let inner = template.get(open + 2..).unwrap_or_default();
        let trims_before = inner.starts_with('-') && inner[1..].starts_with(is_space);
        let mut text = at..open;
        let copied = &template[text.clone()];
        if trims {
            text.start += copied.len() - copied.trim_start_matches(is_space).len();
        }
        if trims_before {
            let kept = template[text.start..text.end].trim_end_matches(is_space).len();
            text.end = text.start + kept;
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        if open == template.len() {
            return Ok(pieces);
        }
        let start = open + 2 + usize::from(trims_before);
        let action = template.get(start..).ok_or(NotRead)?;
        let (tokens, length) = if action.trim_start_matches(is_space).starts_with("/*") {
            (None, action.find("*/").ok_or(NotRead)? + 2)
        } else {
            let (tokens, length) = tokens(action, delimiters)?;
            (Some(tokens), length)
        };
        let tail = action.get(length..).ok_or(NotRead)?;
        let blank = tail.len() - tail.trim_start_matches(is_space).len();
        trims = blank > 0 && tail[blank..].starts_with(trimming_close);
        let close = blank + usize::from(trims);
        if !tail[close..].starts_with(closing) {
            return Err(NotRead);
        }
        if let Some(tokens) = tokens {
            pieces.push(Piece::Action(tokens, open));
        }
        at = start + length + close + 2;
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The tokens of an action and how much of the text they take.
fn tokens(action: &str, delimiters: Delimiters) -> Result<(Vec<Token>, usize), NotRead> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = action.get(at..).ok_or(NotRead)?;
        let blank = rest.len() - rest.trim_start_matches(is_space).len();
        let rest = &rest[blank..];
        if rest.starts_with(delimiters.close) || (blank > 0 && rest.starts_with(delimiters.trimming_close)) {
            return Ok((tokens, at));
        }
        let adjoins = blank == 0 && !tokens.is_empty();
        let (token, length) = token(rest, adjoins)?;
        tokens.push(token);
        at += blank + length;
    }
}

fn token(rest: &str, adjoins: bool) -> Result<(Token, usize), NotRead> {
    let first = rest.chars().next().ok_or(NotRead)?;
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| *c == '_' || c.is_alphanumeric())
            .collect()
    };
    Ok(match first {
        '(' => (Token::Open, 1),
        ')' => (Token::Close, 1),
        '|' => (Token::Pipe, 1),
        ',' => (Token::Comma, 1),
        '=' => (Token::Assign, 1),
        ':' if rest.starts_with(":=") => (Token::Declare, 2),
        '"' => {
            let length = quoted_length(rest)?;
            // What Go escapes further is not read.
            let text: String = serde_json::from_str(&rest[..length]).map_err(|_| NotRead)?;
            (Token::Literal(Value::text(text)), length)
        }
        '`' => {
            let length = rest[1..].find('`').ok_or(NotRead)? + 2;
            let text = rest[1..length - 1].replace('\r', "");
            (Token::Literal(Value::text(text)), length)
        }
        '.' => match word(&rest[1..]) {
            name if name.is_empty() => (Token::Dot, 1),
            name if adjoins => (Token::Field(name.clone()), 1 + name.len()),
            // A field of the dot: the dot is read alone, the field adjoins it.
            _ => (Token::Dot, 0),
        },
        '$' => {
            let name = word(&rest[1..]);
            let length = 1 + name.len();
            (Token::Variable(name), length)
        }
        '0'..='9' | '-' | '+' => {
            let length = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | '_')))
                .unwrap_or(rest.len());
            let text = &rest[..length];
            let value = text.parse().map(Value::Int).or_else(|_| {
                let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                text.parse()
                    .ok()
                    .filter(|_| plain)
                    .map(Value::Float)
                    .ok_or(NotRead)
            })?;
            // A zero in front makes Go read octal.
            if text.len() > 1 && text.trim_start_matches(['-', '+']).starts_with('0') && !text.contains('.') {
                return Err(NotRead);
            }
            (Token::Literal(value), length)
        }
        c if c == '_' || c.is_alphabetic() => {
            let name = word(rest);
            let length = name.len();
            let token = match name.as_str() {
                "true" => Token::Literal(Value::Bool(true)),
                "false" => Token::Literal(Value::Bool(false)),
                _ => Token::Word(name),
            };
            (token, length)
        }
        _ => return Err(NotRead),
    })
}

fn quoted_length(text: &str) -> Result<usize, NotRead> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(at + 1),
            '\n' => break,
            _ => {}
        }
    }
    Err(NotRead)
}

enum End {
    Template,
    Block,
    Else(Vec<Token>),
}

struct Parser {
    pieces: Vec<Piece>,
    at: usize,
}

impl Parser {
    fn block(&mut self, depth: usize) -> Result<(Vec<Part>, End), NotRead> {
        if depth > MAX_DEPTH {
            return Err(NotRead);
        }
        let mut parts = Vec::new();
        while let Some(piece) = self.pieces.get_mut(self.at) {
            self.at += 1;
            let (tokens, start) = match piece {
                Piece::Text(range) => {
                    parts.push(Part::Text(range.clone()));
                    continue;
                }
                Piece::Action(tokens, start) => (std::mem::take(tokens), *start),
            };
            let keyword = match tokens.first() {
                Some(Token::Word(word)) => word.as_str(),
                _ => "",
            };
            match keyword {
                "end" if tokens.len() == 1 => return Ok((parts, End::Block)),
                "else" => return Ok((parts, End::Else(tokens[1..].to_vec()))),
                "if" | "with" | "range" => {
                    let keyword = keyword.to_owned();
                    parts.push(self.control(&keyword, &tokens[1..], depth)?);
                }
                "define" | "template" | "block" | "break" | "continue" => return Err(NotRead),
                _ => parts.push(statement(&tokens, start)?),
            }
        }
        Ok((parts, End::Template))
    }

    fn control(&mut self, keyword: &str, tokens: &[Token], depth: usize) -> Result<Part, NotRead> {
        let (body, end) = self.block(depth + 1)?;
        let otherwise = match end {
            End::Block => Vec::new(),
            End::Template => return Err(NotRead),
            End::Else(more) => match more.split_first() {
                None => match self.block(depth + 1)? {
                    (parts, End::Block) => parts,
                    _ => return Err(NotRead),
                },
                Some((Token::Word(word), rest)) if word == keyword && keyword != "range" => {
                    vec![self.control(keyword, rest, depth + 1)?]
                }
                Some(_) => return Err(NotRead),
            },
        };
        Ok(match (keyword, tokens) {
            (
                "range",
                [
                    Token::Variable(key),
                    Token::Comma,
                    Token::Variable(item),
                    Token::Declare,
                    rest @ ..,
                ],
            ) => Part::Range {
                key: Some(key.clone()),
                item: Some(item.clone()),
                over: pipeline(rest)?,
                body,
                otherwise,
            },
            ("range", [Token::Variable(item), Token::Declare, rest @ ..]) => Part::Range {
                key: None,
                item: Some(item.clone()),
                over: pipeline(rest)?,
                body,
                otherwise,
            },
            ("range", rest) => Part::Range {
                key: None,
                item: None,
                over: pipeline(rest)?,
                body,
                otherwise,
            },
            ("with", rest) => Part::With(pipeline(rest)?, body, otherwise),
            (_, rest) => Part::If(pipeline(rest)?, body, otherwise),
        })
    }
}

fn statement(tokens: &[Token], start: usize) -> Result<Part, NotRead> {
    match tokens {
        [
            Token::Variable(name),
            sign @ (Token::Declare | Token::Assign),
            rest @ ..,
        ] if !name.is_empty() => Ok(Part::Assign {
            name: name.clone(),
            declares: *sign == Token::Declare,
            value: pipeline(rest)?,
        }),
        _ => Ok(Part::Print(pipeline(tokens)?, start)),
    }
}

fn pipeline(tokens: &[Token]) -> Result<Pipeline, NotRead> {
    let mut at = 0;
    let pipeline = commands(tokens, &mut at, 0)?;
    if at == tokens.len() {
        Ok(pipeline)
    } else {
        Err(NotRead)
    }
}

/// Commands up to the end or the bracket that closes them.
fn commands(tokens: &[Token], at: &mut usize, depth: usize) -> Result<Pipeline, NotRead> {
    if depth > MAX_DEPTH {
        return Err(NotRead);
    }
    let mut pipeline = vec![Vec::new()];
    while let Some(token) = tokens.get(*at) {
        match token {
            Token::Close => break,
            Token::Pipe => pipeline.push(Vec::new()),
            _ => {
                let operand = operand(tokens, at, depth)?;
                pipeline.last_mut().ok_or(NotRead)?.push(operand);
                continue;
            }
        }
        *at += 1;
    }
    if pipeline.iter().any(Vec::is_empty) {
        return Err(NotRead);
    }
    Ok(pipeline)
}

fn operand(tokens: &[Token], at: &mut usize, depth: usize) -> Result<Operand, NotRead> {
    let token = tokens.get(*at).ok_or(NotRead)?;
    *at += 1;
    let group = if *token == Token::Open {
        let inner = commands(tokens, at, depth + 1)?;
        if tokens.get(*at) != Some(&Token::Close) {
            return Err(NotRead);
        }
        *at += 1;
        Some(inner)
    } else {
        None
    };
    let mut fields = Vec::new();
    while let Some(Token::Field(name)) = tokens.get(*at) {
        fields.push(name.clone());
        *at += 1;
    }
    Ok(match (token, group) {
        (_, Some(inner)) => Operand::Group(inner, fields),
        (Token::Literal(value), _) if fields.is_empty() => Operand::Literal(value.clone()),
        (Token::Dot, _) => Operand::Dot(fields),
        (Token::Variable(name), _) => Operand::Variable(name.clone(), fields),
        (Token::Word(name), _) => Operand::Function(name.clone(), fields),
        _ => return Err(NotRead),
    })
}
