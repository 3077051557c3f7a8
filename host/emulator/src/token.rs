//! PTX text as tokens.

use super::error::{Problem, PtxError};

/// A token and the line that it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

/// Splits PTX into words (letters, digits and `. _ $ %`), strings and single signs; comments go.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, PtxError> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = if first == '\n' {
            line += 1;
            rest = &rest[1..];
            continue;
        } else if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            continue;
        } else if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            line += rest[..end].matches('\n').count();
            rest = &rest[end..];
            continue;
        } else if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if first == '"' {
            rest[1..].find('"').map_or(rest.len(), |end| end + 2)
        } else if ",;:{}[]()=+-<>@!|".contains(first) {
            1
        } else {
            let found = first.to_string();
            return Err(PtxError { line, problem: Problem::Syntax { expected: "PTX", found } });
        };
        let (text, after) = rest.split_at(length);
        found.push(Token { text, line });
        rest = after;
    }
    Ok(found)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._$%".contains(c)
}

/// Reads tokens in order.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Result<Self, PtxError> {
        Ok(Self { tokens: tokens(text)?, at: 0 })
    }

    /// The next token's text; empty at the end.
    pub fn peek(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |token| token.text)
    }

    /// Its line; the last line at the end.
    pub fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |token| token.line)
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn next(&mut self) -> &'a str {
        let text = self.peek();
        self.at += 1;
        text
    }

    /// Takes the next token if it is `text`.
    pub fn take(&mut self, text: &str) -> bool {
        let found = self.peek() == text;
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, text: &'static str) -> Result<(), PtxError> {
        if self.take(text) { Ok(()) } else { Err(self.unexpected(text)) }
    }

    /// Takes a name.
    pub fn name(&mut self, expected: &'static str) -> Result<&'a str, PtxError> {
        let first = self.peek().chars().next().unwrap_or(';');
        if is_word(first) && first != '.' { Ok(self.next()) } else { Err(self.unexpected(expected)) }
    }

    /// Takes an integer or the bits of a float, with its sign, as 64 bits of two's complement.
    pub fn number(&mut self) -> Result<u64, PtxError> {
        let negative = self.take("-");
        let value = literal(self.peek()).ok_or_else(|| self.unexpected("a number"))?;
        self.at += 1;
        Ok(if negative { value.wrapping_neg() } else { value })
    }

    /// Whether a number is next.
    pub fn is_number(&self) -> bool {
        self.peek() == "-" || self.peek().starts_with(|c: char| c.is_ascii_digit())
    }

    pub fn unexpected(&self, expected: &'static str) -> PtxError {
        self.error(Problem::Syntax { expected, found: self.peek().to_owned() })
    }

    pub fn error(&self, problem: Problem) -> PtxError {
        PtxError { line: self.line(), problem }
    }
}

/// `12`, `0x1F`, `12U`, `0f3F800000` (the bits of an f32), `0d…` (of an f64).
fn literal(text: &str) -> Option<u64> {
    for (prefix, digits) in [("0f", 8), ("0F", 8), ("0d", 16), ("0D", 16)] {
        if let Some(bits) = text.strip_prefix(prefix) {
            return (bits.len() == digits).then(|| u64::from_str_radix(bits, 16).ok())?;
        }
    }
    let text = text.strip_suffix('U').unwrap_or(text);
    match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(&text[1..], 8).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_tokens_with_lines() {
        let found = tokens("add.s32 %r1, %r2;// no\n/* a\nb */ $L__0: [x+4]").unwrap();
        let texts: Vec<_> = found.iter().map(|token| (token.text, token.line)).collect();
        assert_eq!(
            texts,
            [
                ("add.s32", 1),
                ("%r1", 1),
                (",", 1),
                ("%r2", 1),
                (";", 1),
                ("$L__0", 3),
                (":", 3),
                ("[", 3),
                ("x", 3),
                ("+", 3),
                ("4", 3),
                ("]", 3)
            ]
        );
        assert!(tokens("a ~ b").is_err());
    }

    #[test]
    fn numbers_are_two_s_complement_or_bits() {
        let number = |text: &str| Reader::new(text).unwrap().number().ok();
        assert_eq!(number("12"), Some(12));
        assert_eq!(number("-1"), Some(u64::MAX));
        assert_eq!(number("-9223372036854775808"), Some(1 << 63));
        assert_eq!(number("0x123U"), Some(0x123));
        assert_eq!(number("017"), Some(15));
        assert_eq!(number("0f3F800000"), Some(u64::from(1f32.to_bits())));
        assert_eq!(number("0dBFF8000000000000"), Some((-1.5f64).to_bits()));
        assert_eq!(number("0f3F8"), None);
        assert_eq!(number("1.5"), None);
    }
}
