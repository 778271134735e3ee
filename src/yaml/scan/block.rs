//! Literal (`|`) and folded (`>`) scalars.

use std::borrow::Cow;

use super::super::node::Style;
use super::problem;
use super::scanner::Scanner;
use super::tokens::{Scanned, Token, TokenKind};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

impl<'a> Scanner<'a> {
    /// The token's range ends with the last line that holds text.
    pub(super) fn scan_block_scalar(&mut self, style: Style) -> Scanned<Token<'a>> {
        let start = self.cursor.pos();
        self.cursor.skip();
        let (chomping, increment) = self.block_header()?;
        let mut end = self.cursor.pos();
        while self.cursor.is_blank(0) {
            self.cursor.skip();
        }
        if self.cursor.byte(0) == b'#' {
            self.skip_comment();
        }
        if self.cursor.is_break(0) {
            self.cursor.read_break();
        } else if !self.cursor.at_end() {
            return self.error(self.cursor.pos(), problem::BLOCK_HEADER);
        }
        let outer = usize::try_from(self.indent).unwrap_or(0);
        let mut indent = increment.map(|increment| outer + increment);
        let mut text = String::new();
        let mut line_end: Option<char> = None;
        let mut empty_lines = String::new();
        let mut after_blank = false;
        let mut column = self.skip_indentation(&mut indent, &mut empty_lines)?;
        while self.cursor.column() == column && !self.cursor.at_end() {
            let blank = self.cursor.is_blank(0);
            let folds = style == Style::Folded && line_end == Some('\n') && !after_blank && !blank;
            let ended = line_end.take();
            if !folds {
                text.extend(ended);
            } else if empty_lines.is_empty() {
                text.push(' ');
            }
            text.push_str(&empty_lines);
            empty_lines.clear();
            after_blank = blank;
            let line = self.cursor.pos();
            self.skip_line_text();
            end = self.cursor.pos();
            text.push_str(self.cursor.slice(line, end));
            if self.cursor.is_break(0) {
                line_end = Some(self.cursor.read_break());
            }
            column = self.skip_indentation(&mut indent, &mut empty_lines)?;
        }
        if chomping != Chomping::Strip {
            text.extend(line_end);
        }
        if chomping == Chomping::Keep {
            text.push_str(&empty_lines);
        }
        Ok(Token {
            kind: TokenKind::Scalar {
                text: Cow::Owned(text),
                style,
            },
            at: start..end,
        })
    }

    /// What stands behind `|` or `>`: `-` or `+`, and how deep the text is indented, in either order.
    fn block_header(&mut self) -> Scanned<(Chomping, Option<usize>)> {
        let mut chomping = Chomping::Clip;
        let mut increment = None;
        for _ in 0..2 {
            match self.cursor.byte(0) {
                b'-' if chomping == Chomping::Clip => chomping = Chomping::Strip,
                b'+' if chomping == Chomping::Clip => chomping = Chomping::Keep,
                b'0' if increment.is_none() => {
                    return self.error(self.cursor.pos(), problem::BLOCK_INDENT_ZERO);
                }
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => break,
            }
            self.cursor.skip();
        }
        Ok((chomping, increment))
    }

    fn skip_line_text(&mut self) {
        let start = self.cursor.pos();
        let mut ahead = 0;
        loop {
            match self.cursor.byte(ahead) {
                0 | b'\n' | b'\r' => break,
                0xc2 | 0xe2 if self.cursor.is_break(ahead) => break,
                _ => ahead += 1,
            }
        }
        self.cursor.skip_to(start + ahead);
    }

    /// Passes empty lines and the indentation behind them. Gives the text's indentation, which the first line that is
    /// not empty decides, unless the header did.
    fn skip_indentation(&mut self, indent: &mut Option<usize>, empty_lines: &mut String) -> Scanned<usize> {
        let mut deepest = 0;
        loop {
            let inside = |column: usize| indent.is_none_or(|indent| column < indent);
            while inside(self.cursor.column()) && self.cursor.is_space(0) {
                self.cursor.skip();
            }
            deepest = deepest.max(self.cursor.column());
            if inside(self.cursor.column()) && self.cursor.byte(0) == b'\t' {
                return self.error(self.cursor.pos(), problem::TAB_IN_BLOCK);
            }
            if !self.cursor.is_break(0) {
                break;
            }
            empty_lines.push(self.cursor.read_break());
        }
        let least = usize::try_from(self.indent + 1).unwrap_or(0).max(1);
        Ok(*indent.get_or_insert(deepest.max(least)))
    }
}
