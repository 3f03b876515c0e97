//! The text of a message: its literal unescaped, and its holes.

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    Fixed(String),
    /// Where something is filled in: `{name:format}`, either may be empty.
    Hole {
        name: String,
        format: String,
    },
}

/// What a plain string literal says; none for another literal.
pub fn text(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
            'u' => {
                let digits: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
            }
            other => out.push(other),
        }
    }
    Some(out)
}

/// The pieces of a format string.
pub fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut all = Vec::new();
    let mut fixed = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.next_if_eq(&c).is_some() => fixed.push(c),
            '{' => {
                let inner: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let (name, format) = inner.split_once(':').unwrap_or((&inner, ""));
                if format.contains('*') {
                    return Err("{:.*} is not understood".into());
                }
                all.push(Piece::Fixed(std::mem::take(&mut fixed)));
                all.push(Piece::Hole { name: name.trim().into(), format: format.into() });
            }
            '}' => return Err("a } without its {".into()),
            c => fixed.push(c),
        }
    }
    all.push(Piece::Fixed(fixed));
    Ok(all)
}

/// The text with `{}` for every hole.
pub fn filled(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Fixed(text) => text.clone(),
        Piece::Hole { .. } => "{}".into(),
    };
    pieces.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_literal_is_read_as_the_compiler_does() {
        assert_eq!(text("\"a \\\"b\\\" \\u{e9}\\\n    c\"").unwrap(), "a \"b\" éc");
        assert_eq!(text("b\"bytes\""), None);
    }

    #[test]
    fn holes_lose_their_names_and_formats() {
        let all = pieces("{n} of {:.1} {{}} {0:>w$}").unwrap();
        assert_eq!(filled(&all), "{} of {} {} {}");
        let hole = Piece::Hole { name: "0".into(), format: ">w$".into() };
        assert!(all.contains(&hole));
        assert!(pieces("}").is_err() && pieces("{:.*}").is_err());
    }
}
