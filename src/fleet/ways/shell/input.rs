//! What a script writes between `<<EOF` and `EOF`: the input of a command.

use super::reader::{Ending, Reader};
use crate::source::Span;
use crate::template::written::Written;

impl Reader<'_> {
    /// `<<EOF`
    pub(super) fn ending(&mut self) {
        self.at += 2;
        let is_indented = self.rest().starts_with('-');
        self.at += usize::from(is_indented);
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        let is_literal = self.rest().starts_with(['\'', '"', '\\']);
        let line = self.word().text;
        if !line.is_empty() {
            self.inputs.push(Ending {
                line,
                is_indented,
                is_literal,
            });
        }
    }

    /// The inputs that were asked for, which follow once the line has ended.
    pub(super) fn inputs(&mut self) -> Vec<Written> {
        if !self
            .text
            .get(..self.at)
            .is_some_and(|before| before.ends_with('\n'))
        {
            return Vec::new();
        }
        let endings = std::mem::take(&mut self.inputs);
        endings.iter().map(|ending| self.input(ending)).collect()
    }

    fn input(&mut self, ending: &Ending) -> Written {
        let mut written = Written::of(Span::new(self.file, self.at, self.at));
        while self.at < self.text.len() {
            let end = self
                .rest()
                .find('\n')
                .map_or(self.text.len(), |length| self.at + length + 1);
            if ending.is_indented {
                self.at += self.rest().len() - self.rest().trim_start_matches('\t').len();
            }
            if self.text.get(self.at..end).unwrap_or_default().trim_end() == ending.line {
                self.at = end;
                break;
            }
            self.line(&mut written, end, ending.is_literal);
        }
        written
    }

    fn line(&mut self, written: &mut Written, end: usize, is_literal: bool) {
        while self.at < end {
            let rest = self.text.get(self.at..end).unwrap_or_default();
            let plain = match is_literal {
                true => rest.len(),
                false => rest.find(['$', '`']).unwrap_or(rest.len()),
            };
            written.copy(rest.get(..plain).unwrap_or_default(), self.file, self.at);
            self.at += plain;
            if self.at < end {
                let mut word = self.empty_word();
                self.variable(&mut word);
                word.span.end = u32::try_from(self.at).unwrap_or(u32::MAX);
                let node = word.node();
                let taken = node
                    .origin()
                    .substituted
                    .iter()
                    .flat_map(|taken| taken.iter().cloned());
                written.fill(&word.text, word.span, taken.collect());
            }
        }
    }
}
