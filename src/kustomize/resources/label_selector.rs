//! Label selectors in text, `app in (a, b), tier != cache, !canary`, as Kubernetes' apimachinery reads them.

use crate::yaml::Node;

/// Conditions that all have to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    condition: Condition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Exists,
    Missing,
    In(Vec<String>),
    NotIn(Vec<String>),
    Greater(i64),
    Less(i64),
}

impl LabelSelector {
    /// Reads a selector. An empty text selects everything.
    ///
    /// # Errors
    /// With apimachinery's message when the text is no selector.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser {
            tokens: tokens(text),
            at: 0,
        };
        let mut requirements = Vec::new();
        loop {
            match parser.peek() {
                Token::Word(_) | Token::Symbol("!") => {
                    let requirement = parser.requirement();
                    requirements
                        .push(requirement.map_err(|why| format!("unable to parse requirement: {why}"))?);
                    match parser.next() {
                        Token::End => break,
                        Token::Symbol(",") => match parser.peek() {
                            Token::Word(_) | Token::Symbol("!") => {}
                            other => return Err(format!("found '{other}', expected: identifier after ','")),
                        },
                        other => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
                    }
                }
                Token::End => break,
                other => {
                    return Err(format!(
                        "found '{other}', expected: !, identifier, or 'end of string'"
                    ));
                }
            }
        }
        Ok(Self { requirements })
    }

    /// Whether a map of labels or annotations meets every condition; absent is the same as empty.
    pub(crate) fn matches(&self, labels: Option<&Node>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(&requirement.key));
            let text = value.map(|value| value.as_scalar().map_or("", |scalar| &*scalar.text));
            requirement.condition.holds(text)
        })
    }
}

impl Condition {
    fn holds(&self, value: Option<&str>) -> bool {
        let listed = |values: &[String]| value.is_some_and(|value| values.iter().any(|one| one == value));
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match self {
            Self::Exists => value.is_some(),
            Self::Missing => value.is_none(),
            Self::In(values) => listed(values),
            Self::NotIn(values) => !listed(values),
            Self::Greater(bound) => number().is_some_and(|number| number > *bound),
            Self::Less(bound) => number().is_some_and(|number| number < *bound),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Symbol(&'a str),
    End,
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(text) | Self::Symbol(text) => f.write_str(text),
            Self::End => Ok(()),
        }
    }
}

const SYMBOLS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let token = match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            Some(symbol) => Token::Symbol(symbol),
            None => {
                let ends = |c: char| is_space(c) || "=!(),><".contains(c);
                let end = rest.find(ends).unwrap_or(rest.len());
                Token::Word(rest.get(..end).unwrap_or_default())
            }
        };
        let length = match token {
            Token::Word(text) | Token::Symbol(text) => text.len(),
            Token::End => 0,
        };
        tokens.push(token);
        rest = rest
            .get(length..)
            .unwrap_or_default()
            .trim_start_matches(is_space);
    }
    tokens
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Token<'a> {
        self.tokens.get(self.at).copied().unwrap_or(Token::End)
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == Token::Symbol("!");
        if negated {
            self.next();
        }
        let key = match self.next() {
            Token::Word(key) => key.to_owned(),
            other => return Err(format!("found '{other}', expected: identifier")),
        };
        check_key(&key)?;
        if negated {
            return Ok(Requirement {
                key,
                condition: Condition::Missing,
            });
        }
        if matches!(self.peek(), Token::End | Token::Symbol(",")) {
            return Ok(Requirement {
                key,
                condition: Condition::Exists,
            });
        }
        let condition = match self.next() {
            Token::Word("in") => Condition::In(self.values()?),
            Token::Word("notin") => Condition::NotIn(self.values()?),
            Token::Symbol("=" | "==") => Condition::In(vec![self.exact_value()?]),
            Token::Symbol("!=") => Condition::NotIn(vec![self.exact_value()?]),
            Token::Symbol(">") => Condition::Greater(self.number()?),
            Token::Symbol("<") => Condition::Less(self.number()?),
            other => {
                return Err(format!(
                    "found '{other}', expected: '=', '!=', '==', 'in', notin'"
                ));
            }
        };
        if let Condition::In(values) | Condition::NotIn(values) = &condition {
            values.iter().try_for_each(|value| check_value(&key, value))?;
        }
        Ok(Requirement { key, condition })
    }

    fn exact_value(&mut self) -> Result<String, String> {
        match self.peek() {
            Token::End | Token::Symbol(",") => Ok(String::new()),
            Token::Word(value) => {
                self.next();
                Ok(value.to_owned())
            }
            other => Err(format!("found '{other}', expected: identifier")),
        }
    }

    fn number(&mut self) -> Result<i64, String> {
        self.exact_value()?
            .parse()
            .map_err(|_| "for 'Gt', 'Lt' operators, the value must be an integer".to_owned())
    }

    /// `(a, b)`; nothing between commas or parentheses is the empty value.
    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.next() {
            Token::Symbol("(") => {}
            other => return Err(format!("found '{other}' expected: '('")),
        }
        let mut values = Vec::new();
        loop {
            let value = match self.peek() {
                Token::Word(value) => {
                    self.next();
                    value
                }
                Token::Symbol("," | ")") => "",
                other => return Err(format!("found '{other}', expected: ',', ')' or identifier")),
            };
            values.push(value.to_owned());
            match self.next() {
                Token::Symbol(")") => return Ok(values),
                Token::Symbol(",") => {}
                other => return Err(format!("found '{other}', expected: ',' or ')'")),
            }
        }
    }
}

const MAX_NAME: usize = 63;

fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let has_good_prefix =
        prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_dns_label));
    if !name.is_empty() && is_name(name) && has_good_prefix {
        Ok(())
    } else {
        Err(format!("invalid label key \"{key}\""))
    }
}

fn check_value(key: &str, value: &str) -> Result<(), String> {
    if is_name(value) {
        Ok(())
    } else {
        Err(format!("invalid label value: \"{value}\": at key: \"{key}\""))
    }
}

/// Letters, digits, `-`, `_` and `.`, the first and last of them letters or digits.
fn is_name(text: &str) -> bool {
    let ends_well = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    text.len() <= MAX_NAME
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && ends_well(text.chars().next())
        && ends_well(text.chars().next_back())
}

fn is_dns_label(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(is_inner) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use crate::yaml;

    fn labels(text: &str) -> Node {
        let map = SourceMap::from_memory([("a.yaml", text)]);
        let (file, source) = map.iter().next().unwrap();
        yaml::parse(file, source.text().unwrap()).root().unwrap().clone()
    }

    #[test]
    fn every_operator() {
        let labels = labels("{app: web, tier: 'front', size: '5', empty: ''}");
        let cases = [
            ("", true),
            ("app", true),
            ("!app", false),
            ("none", false),
            ("!none", true),
            ("app=web", true),
            ("app == web , tier=front", true),
            ("app=web,tier=back", false),
            ("app!=web", false),
            ("none != web", true),
            ("app in (web, api)", true),
            ("app in (api)", false),
            ("app notin (api)", true),
            ("none notin (api)", true),
            ("none in (api)", false),
            ("size > 4, size<6", true),
            ("size > 5", false),
            ("app > 5", false),
            ("empty=", true),
            ("empty in ()", true),
            ("empty in (,a)", true),
            ("app in (a,)", false),
            ("in in (in)", false),
        ];
        for (text, expected) in cases {
            assert_eq!(
                LabelSelector::parse(text).map(|s| s.matches(Some(&labels))),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_selector() {
        let cases = [
            ("app=", None),
            (
                "app=web tier=back",
                Some("found 'tier', expected: ',' or 'end of string'"),
            ),
            ("app,", Some("found '', expected: identifier after ','")),
            (
                ",app",
                Some("found ',', expected: !, identifier, or 'end of string'"),
            ),
            (
                "app web",
                Some("unable to parse requirement: found 'web', expected: '=', '!=', '==', 'in', notin'"),
            ),
            (
                "app in web",
                Some("unable to parse requirement: found 'web' expected: '('"),
            ),
            (
                "a_b/c",
                Some("unable to parse requirement: invalid label key \"a_b/c\""),
            ),
            (
                "app=a/b",
                Some("unable to parse requirement: invalid label value: \"a/b\": at key: \"app\""),
            ),
            (
                "size > x",
                Some("unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(LabelSelector::parse(text).err().as_deref(), expected, "{text}");
        }
    }
}
