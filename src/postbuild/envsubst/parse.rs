//! From text to parts, by the rules of fluxcd/pkg `envsubst/parse/{parse,scan}.go`.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Expression, Operator, Part, SyntaxError, SyntaxReason};

/// Expressions within expressions. Real ones stop at three; the real program at the end of its stack.
const MAX_DEPTH: usize = 100;

/// Expressions that may be malformed before the rest of a text is taken as it stands.
const MAX_ERRORS: usize = 1000;

/// Parses a text into its parts. What is malformed stays text.
pub(crate) fn parse(text: &str) -> (Vec<Part>, Vec<SyntaxError>) {
    // The scanner takes NUL for the end of the text (scan.go `eof = rune(0)`).
    let end = memchr::memchr(0, text.as_bytes()).unwrap_or(text.len());
    let mut parser = Parser {
        text,
        rest_end: end,
        at: 0,
        depth: 0,
        expression_start: 0,
        errors: Vec::new(),
    };
    (parser.text_parts(), parser.errors)
}

struct Parser<'t> {
    text: &'t str,
    /// Where the text ends for the scanner.
    rest_end: usize,
    at: usize,
    depth: usize,
    /// Start of the expression begun last: the one that is wrong when parsing fails.
    expression_start: usize,
    errors: Vec<SyntaxError>,
}

/// What an operator's word may hold.
#[derive(Clone, Copy)]
struct WordRules {
    /// Ends the word without being part of it.
    stops: fn(char) -> bool,
    /// Whether `$$`, `\/` and `\\` stand for their second character.
    escapes: bool,
}

const TO_BRACE: WordRules = WordRules {
    stops: |c| c == '}',
    escapes: false,
};

type Parsed<T> = Result<T, SyntaxReason>;

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..self.rest_end).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the longest run of accepted characters.
    fn run(&mut self, accepts: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !accepts(c)).unwrap_or(rest.len());
        start..self.at
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// The text outside of expressions.
    fn text_parts(&mut self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut literal_start = 0;
        while let Some(offset) = memchr::memchr(b'$', self.rest().as_bytes()) {
            let dollar = self.at + offset;
            self.at = dollar + 1;
            match self.peek() {
                Some('{') => {
                    push_text(&mut parts, literal_start..dollar);
                    self.at += 1;
                    literal_start = match self.expression(dollar) {
                        Ok(expression) => {
                            parts.push(Part::Expression(Box::new(expression)));
                            self.at
                        }
                        Err(reason) => {
                            let range = self.failed_range();
                            self.errors.push(SyntaxError { range, reason });
                            self.depth = 0;
                            self.at = if self.errors.len() < MAX_ERRORS {
                                dollar + "${".len()
                            } else {
                                self.rest_end
                            };
                            dollar
                        }
                    };
                }
                Some('$') => {
                    push_text(&mut parts, literal_start..dollar);
                    literal_start = dollar + 1;
                    self.at += 1;
                }
                _ => {}
            }
        }
        push_text(&mut parts, literal_start..self.rest_end);
        parts
    }

    /// An expression, from behind its `${`.
    fn expression(&mut self, start: usize) -> Parsed<Expression> {
        self.expression_start = start;
        if self.depth == MAX_DEPTH {
            return Err(SyntaxReason::TooDeep);
        }
        self.depth += 1;
        let (name, operator, words) = self.name_operator_words()?;
        self.depth -= 1;
        Ok(Expression {
            range: start..self.at,
            name,
            operator,
            words,
        })
    }

    /// Everything of an expression between `${` and behind `}`.
    fn name_operator_words(&mut self) -> Parsed<(Range<usize>, Operator, Vec<Vec<Part>>)> {
        if self.eat("#") {
            let name = self.run(is_name_character);
            if name.is_empty() {
                return Err(SyntaxReason::BadSubstitution);
            }
            self.closing_brace()?;
            return Ok((name, Operator::Length, Vec::new()));
        }
        let name = self.run(is_name_character);
        if name.is_empty() {
            return Err(SyntaxReason::VariableName);
        }
        let (operator, words) = match self.peek() {
            Some('}') => {
                self.at += 1;
                (Operator::None, Vec::new())
            }
            Some(':') => self.default_or_substring()?,
            Some('=') => {
                self.at += 1;
                (Operator::Default, self.default_words()?)
            }
            Some(',' | '^') => (self.casing()?, Vec::new()),
            Some('/') => self.replacement()?,
            Some('#') => self.trim(
                "##",
                Operator::TrimLongestPrefix,
                "#",
                Operator::TrimShortestPrefix,
            )?,
            Some('%') => self.trim(
                "%%",
                Operator::TrimLongestSuffix,
                "%",
                Operator::TrimShortestSuffix,
            )?,
            _ => return Err(SyntaxReason::MissingClosingBrace),
        };
        Ok((name, operator, words))
    }

    fn closing_brace(&mut self) -> Parsed<()> {
        if self.eat("}") {
            Ok(())
        } else {
            Err(SyntaxReason::BadSubstitution)
        }
    }

    fn default_or_substring(&mut self) -> Parsed<(Operator, Vec<Vec<Part>>)> {
        self.at += 1;
        match self.peek() {
            Some('=' | '-' | '?' | '+') => {
                self.at += 1;
                Ok((Operator::Default, self.default_words()?))
            }
            // The real parser steps back by the width of this character instead of the colon's
            // (parse.go `parseDefaultOrSubstr`) and no longer finds the colon.
            Some(wide) if !wide.is_ascii() => Err(SyntaxReason::BadSubstitution),
            None if self.rest_end == self.text.len() => Err(SyntaxReason::BadSubstitution),
            _ => Ok((Operator::Substring, self.substring_words()?)),
        }
    }

    /// The words of a default: text and expressions, all one value.
    fn default_words(&mut self) -> Parsed<Vec<Vec<Part>>> {
        let mut parts = Vec::new();
        while !self.eat("}") {
            self.word(TO_BRACE, &mut parts)?;
        }
        Ok(vec![parts])
    }

    fn substring_words(&mut self) -> Parsed<Vec<Vec<Part>>> {
        let rules = WordRules {
            stops: |c| matches!(c, ':' | '}'),
            escapes: false,
        };
        let mut words = vec![self.one_word(rules)?];
        if self.eat("}") {
            return Ok(words);
        }
        if self.run(|c| c == ':').is_empty() {
            return Err(SyntaxReason::BadSubstitution);
        }
        words.push(self.one_word(TO_BRACE)?);
        self.closing_brace()?;
        Ok(words)
    }

    fn casing(&mut self) -> Parsed<Operator> {
        let start = self.at;
        while self.at < start + 2 && matches!(self.peek(), Some(',' | '^')) {
            self.at += 1;
        }
        let operator = match self.text.get(start..self.at) {
            Some(",") => Operator::LowerFirst,
            Some(",,") => Operator::Lower,
            Some("^") => Operator::UpperFirst,
            Some("^^") => Operator::Upper,
            _ => Operator::None,
        };
        self.closing_brace()?;
        Ok(operator)
    }

    fn replacement(&mut self) -> Parsed<(Operator, Vec<Vec<Part>>)> {
        self.at += 1;
        let operator = match self.peek() {
            Some('/') => Operator::ReplaceAll,
            Some('#') => Operator::ReplacePrefix,
            Some('%') => Operator::ReplaceSuffix,
            _ => Operator::ReplaceFirst,
        };
        if operator != Operator::ReplaceFirst {
            self.at += 1;
        }
        // A brace does not end the pattern: only a slash does.
        let pattern = WordRules {
            stops: |c| c == '/',
            escapes: true,
        };
        let mut words = vec![self.one_word(pattern)?];
        if self.run(|c| c == '/').is_empty() {
            return Err(SyntaxReason::BadSubstitution);
        }
        if self.eat("}") {
            return Ok((operator, words));
        }
        words.push(self.one_word(WordRules {
            escapes: true,
            ..TO_BRACE
        })?);
        self.closing_brace()?;
        Ok((operator, words))
    }

    fn trim(
        &mut self,
        long: &str,
        longest: Operator,
        short: &str,
        shortest: Operator,
    ) -> Parsed<(Operator, Vec<Vec<Part>>)> {
        let operator = if self.eat(long) {
            longest
        } else {
            self.eat(short);
            shortest
        };
        let words = vec![self.one_word(TO_BRACE)?];
        self.closing_brace()?;
        Ok((operator, words))
    }

    fn one_word(&mut self, rules: WordRules) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        self.word(rules, &mut parts)?;
        Ok(parts)
    }

    /// One nested expression, or text up to the next one, a stopping character or the end.
    fn word(&mut self, rules: WordRules, parts: &mut Vec<Part>) -> Parsed<()> {
        let start = self.at;
        if self.eat("${") {
            let outer_start = self.expression_start;
            parts.push(Part::Expression(Box::new(self.expression(start)?)));
            self.expression_start = outer_start;
            return Ok(());
        }
        let mut literal_start = start;
        while let Some(next) = self.peek() {
            let rest = self.rest();
            if rest.starts_with("${") {
                break;
            }
            if rules.escapes
                && ["$$", "\\/", "\\\\"]
                    .iter()
                    .any(|escape| rest.starts_with(escape))
            {
                push_text(parts, literal_start..self.at);
                literal_start = self.at + 1;
                self.at += 2;
            } else if (rules.stops)(next) {
                break;
            } else {
                self.at += next.len_utf8();
            }
        }
        if self.at == start {
            return Err(SyntaxReason::FunctionWord);
        }
        push_text(parts, literal_start..self.at);
        Ok(())
    }

    /// The expression that is wrong: to its brace, or to the end of its line.
    fn failed_range(&self) -> Range<usize> {
        let start = self.expression_start;
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let length = match line.find('}') {
            Some(brace) => brace + 1,
            None => line.trim_end().len(),
        };
        start..start + length
    }
}

fn push_text(parts: &mut Vec<Part>, range: Range<usize>) {
    if !range.is_empty() {
        parts.push(Part::Text(range));
    }
}

/// Letters and digits of any script, and `_` (scan.go `acceptIdent`). Rust's own `is_alphabetic` also takes marks
/// and letter-like numbers, which Go does not call letters.
fn is_name_character(c: char) -> bool {
    static WIDE: LazyLock<Option<regex::Regex>> =
        LazyLock::new(|| regex::Regex::new(r"^[\p{L}\p{Nd}]$").ok());
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    let mut buffer = [0; 4];
    WIDE.as_ref()
        .is_some_and(|wide| wide.is_match(c.encode_utf8(&mut buffer)))
}
