//! Ignore patterns as go-git reads them (`plumbing/format/gitignore/pattern.go`), which differs from Git: a pattern
//! without a slash fits when any part of the path does, and a later `!` pattern brings everything below it back.

/// One line of an ignore file.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The directory that the pattern counts in, as components of the path.
    domain: Vec<String>,
    parts: Vec<String>,
    takes_in: bool,
    directories_only: bool,
    is_glob: bool,
}

impl Pattern {
    /// Reads the lines of a file that counts in `domain`, each with where it begins and ends.
    pub(super) fn read(text: &str, domain: &str) -> Vec<(Self, usize, usize)> {
        let mut at = 0;
        let mut patterns = Vec::new();
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            if !line.starts_with('#') && !line.trim().is_empty() {
                patterns.push((Self::parse(line, domain), start, start + line.len()));
            }
        }
        patterns
    }

    fn parse(line: &str, domain: &str) -> Self {
        let (takes_in, rest) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let rest = if rest.ends_with("\\ ") {
            rest
        } else {
            rest.trim_end_matches(' ')
        };
        let (directories_only, rest) = match rest.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        Self {
            domain: domain
                .split('/')
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            is_glob: rest.contains('/'),
            parts: rest.split('/').map(str::to_owned).collect(),
            takes_in,
            directories_only,
        }
    }

    /// Whether the pattern says that the path is left out; `None` when it does not fit.
    pub(super) fn leaves_out(&self, path: &[&str], is_directory: bool) -> Option<bool> {
        let (domain, inside) = path.split_at_checked(self.domain.len())?;
        if domain != self.domain.as_slice() || inside.is_empty() {
            return None;
        }
        let fits = if self.is_glob {
            self.fits_path(inside, is_directory)
        } else {
            self.fits_name(inside, is_directory)
        };
        fits.then_some(!self.takes_in)
    }

    fn fits_name(&self, path: &[&str], is_directory: bool) -> bool {
        let pattern = self.parts.first().map(String::as_str).unwrap_or_default();
        let at = path.iter().position(|name| fits(pattern, name));
        at.is_some_and(|at| !self.directories_only || is_directory || at + 1 < path.len())
    }

    fn fits_path(&self, path: &[&str], is_directory: bool) -> bool {
        let mut left = path;
        let mut matched = false;
        let mut any_depth = false;
        for (at, part) in self.parts.iter().enumerate() {
            match part.as_str() {
                "" => any_depth = false,
                "**" if at + 1 == self.parts.len() => break,
                "**" => any_depth = true,
                part if part.contains("**") => return false,
                part if any_depth => {
                    any_depth = false;
                    match left.iter().position(|name| fits(part, name)) {
                        Some(found) => {
                            matched = true;
                            left = left.get(found + 1..).unwrap_or_default();
                        }
                        None => {
                            matched = false;
                            left = &[];
                        }
                    }
                }
                part => match left.split_first() {
                    Some((name, rest)) if fits(part, name) => {
                        matched = true;
                        left = rest;
                    }
                    _ => return false,
                },
            }
        }
        matched && !(self.directories_only && !is_directory && left.is_empty())
    }
}

/// Go's `path.Match` for names without slashes; a malformed pattern fits nothing.
fn fits(pattern: &str, name: &str) -> bool {
    // Most patterns are a name, or a star and an ending.
    let is_plain = |text: &str| !text.contains(['*', '?', '[', '\\']);
    if is_plain(pattern) {
        return pattern == name;
    }
    if let Some(ending) = pattern.strip_prefix('*').filter(|ending| is_plain(ending)) {
        return name.ends_with(ending);
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < name.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
                continue;
            }
            Some(_) => one(&pattern, at, name.get(from).copied().unwrap_or_default()),
            None => None,
        };
        match (step, star) {
            (Some(next), _) => {
                at = next;
                from += 1;
            }
            (None, Some((star_at, star_from))) => {
                star = Some((star_at, star_from + 1));
                at = star_at + 1;
                from = star_from + 1;
            }
            (None, None) => return false,
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|c| *c == '*')
}

/// Matches one character with the element at `at`; gives the position behind the element.
fn one(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match pattern.get(at)? {
        '?' => Some(at + 1),
        '[' => class(pattern, at + 1, c),
        '\\' => (*pattern.get(at + 1)? == c).then_some(at + 2),
        literal => (*literal == c).then_some(at + 1),
    }
}

fn class(pattern: &[char], mut at: usize, c: char) -> Option<usize> {
    let negated = pattern.get(at) == Some(&'^');
    if negated {
        at += 1;
    }
    let start = at;
    let mut found = false;
    loop {
        if at > start && pattern.get(at) == Some(&']') {
            return (found != negated).then_some(at + 1);
        }
        let mut character = || {
            if pattern.get(at) == Some(&'\\') {
                at += 1;
            }
            at += 1;
            pattern.get(at - 1).copied()
        };
        let low = character()?;
        let high = if pattern.get(at) == Some(&'-') {
            at += 1;
            let mut end = at;
            if pattern.get(end) == Some(&'\\') {
                end += 1;
            }
            at = end + 1;
            pattern.get(end).copied()?
        } else {
            low
        };
        found |= (low..=high).contains(&c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(patterns: &str, path: &str, is_directory: bool) -> Option<bool> {
        let path: Vec<&str> = path.split('/').collect();
        Pattern::read(patterns, "")
            .iter()
            .rev()
            .find_map(|(pattern, ..)| pattern.leaves_out(&path, is_directory))
    }

    #[test]
    fn a_later_inclusion_brings_back_everything_below_it() {
        assert_eq!(verdict("*\n!/src/", "src/clusters/main", true), Some(false));
        assert_eq!(verdict("*\n!/src/", "docs/a.md", false), Some(true));
        assert_eq!(
            verdict("/*\n!/kubernetes", "kubernetes/apps/x.yaml", false),
            Some(false)
        );
        assert_eq!(
            verdict("# all\n/*\n\n!/a/\n/a/**/secrets/", "a/b/secrets/x", false),
            Some(true)
        );
    }

    #[test]
    fn names_fit_anywhere_and_paths_from_the_start() {
        assert_eq!(verdict("docs/", "a/docs/b.md", false), Some(true));
        assert_eq!(
            verdict("docs/", "a/docs", false),
            None,
            "a file of that name is no directory"
        );
        assert_eq!(verdict("a/docs", "b/a/docs", true), None);
        assert_eq!(verdict("**/.sops.yaml", "x/y/.sops.yaml", false), Some(true));
        assert_eq!(verdict(".bmad/**", ".bmad/x", false), Some(true));
    }

    #[test]
    fn names_are_matched_as_go_does() {
        for (pattern, name) in [
            ("*.png", "a.png"),
            ("a?c", "abc"),
            ("[a-c]x", "bx"),
            ("[^a]x", "bx"),
            ("\\*", "*"),
            ("[a\\]b]x", "bx"),
            ("*a*b", "xaab"),
            ("*", "a"),
            ("*.png", ".png"),
            ("name", "name"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.png", "a.jpg"),
            ("*.png", "a.png.b"),
            ("name", "names"),
            ("[a-c]x", "dx"),
            ("[^a]x", "ax"),
            ("[a", "a"),
            ("a", "ab"),
            ("\\*", "x"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
