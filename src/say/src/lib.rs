//! The macros by which messages arise where their text stands: [`say!`] and
//! [`phrase!`]. What they make is `types::message::Message`.

mod parse;

use parse::{Piece, filled, pieces};
use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// A message: `say!("{} of {total} cells, {:.1} %", n, share)` takes what
/// `format!` takes, but for `{:.*}`. Its code is the text with `{}` where
/// something is filled in. What is filled in without a format, and is a message
/// or can tell itself as one, stays one, so that it is translated too.
#[proc_macro]
pub fn say(input: TokenStream) -> TokenStream {
    message(input).unwrap_or_else(|(at, why)| refused(at, &why))
}

/// A phrase on its own, for tables and constants: the literal itself, which the
/// catalogues must have, like those of [`say!`].
#[proc_macro]
pub fn phrase(input: TokenStream) -> TokenStream {
    input
}

type Refusal = (Span, String);

fn message(input: TokenStream) -> Result<TokenStream, Refusal> {
    let mut parts = separated(input).into_iter();
    let first: Vec<TokenTree> = parts.next().unwrap_or_default();
    let literal = match literal(&first) {
        Some(literal) => literal,
        None => return Err((Span::call_site(), "say! begins with a text".into())),
    };
    let span = literal.span();
    let text = parse::text(&literal.to_string()).ok_or((span, "not a plain text".to_owned()))?;
    let mut given = Vec::new();
    let mut named = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        match part.as_slice() {
            [TokenTree::Ident(name), TokenTree::Punct(is), value @ ..]
                if is.as_char() == '=' && is.spacing() == Spacing::Alone =>
            {
                named.push((name.to_string(), value.to_vec()));
            }
            _ => given.push(part),
        }
    }
    let pieces = pieces(&text).map_err(|why| (span, why))?;
    let code = Literal::string(&filled(&pieces));
    let mut used = vec![false; given.len()];
    let mut arguments = TokenStream::new();
    let mut next = 0;
    for piece in &pieces {
        let Piece::Hole { name, format } = piece else { continue };
        let place = match name.parse::<usize>() {
            Ok(place) => Some(place),
            Err(_) if name.is_empty() => {
                next += 1;
                Some(next - 1)
            }
            Err(_) => None,
        };
        let value: TokenStream = match place {
            Some(place) => {
                let value =
                    given.get(place).ok_or((span, format!("nothing fills hole {place}")))?;
                if let Some(used) = used.get_mut(place) {
                    *used = true;
                }
                value.iter().cloned().collect()
            }
            None => match named.iter().find(|(known, _)| known == name) {
                Some((_, value)) => value.iter().cloned().collect(),
                None => TokenTree::Ident(Ident::new(name, span)).into(),
            },
        };
        arguments.extend(argument(value, format, span));
        arguments.extend([TokenTree::Punct(Punct::new(',', Spacing::Alone))]);
    }
    if used.contains(&false) {
        return Err((span, "something is given that no hole takes".into()));
    }
    let arguments = Group::new(Delimiter::Bracket, arguments);
    Ok(quoted("::types::message::Message::new", [code.into(), vec_of(arguments)]))
}

/// One argument: a message where the value is one, else its text.
fn argument(value: TokenStream, format: &str, span: Span) -> TokenStream {
    let value: TokenTree = Group::new(Delimiter::Parenthesis, value).into();
    if format.is_empty() {
        let call = tokens("use ::types::message::{ByMessage as _, ByText as _};");
        let hole = quoted("::types::message::Hole", [borrowed(value)]);
        let hole = Group::new(Delimiter::Parenthesis, borrowed_all(hole));
        let mut body = call;
        body.extend([TokenTree::from(hole)]);
        body.extend(tokens(".argument()"));
        return TokenTree::from(Group::new(Delimiter::Brace, body)).into();
    }
    let mut shape = Literal::string(&format!("{{:{format}}}"));
    // Names of widths are looked for where the text stands.
    shape.set_span(span);
    let mut inner: TokenStream = TokenTree::from(shape).into();
    inner.extend([TokenTree::Punct(Punct::new(',', Spacing::Alone)), value]);
    let mut text = tokens("::std::format!");
    text.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, inner))]);
    let text = Group::new(Delimiter::Parenthesis, text);
    quoted("::types::message::Argument::Text", [text.into()])
}

fn borrowed(value: TokenTree) -> TokenTree {
    let mut out: TokenStream = TokenTree::Punct(Punct::new('&', Spacing::Alone)).into();
    out.extend([value]);
    Group::new(Delimiter::Parenthesis, out).into()
}

fn borrowed_all(value: TokenStream) -> TokenStream {
    let mut out: TokenStream = TokenTree::Punct(Punct::new('&', Spacing::Alone)).into();
    out.extend(value);
    out
}

fn vec_of(items: Group) -> TokenTree {
    let mut out = tokens("::std::vec!");
    out.extend([TokenTree::from(items)]);
    Group::new(Delimiter::Parenthesis, out).into()
}

/// A call of the function at `path`.
fn quoted<const N: usize>(path: &str, arguments: [TokenTree; N]) -> TokenStream {
    let mut inner = TokenStream::new();
    for argument in arguments {
        inner.extend([argument, TokenTree::Punct(Punct::new(',', Spacing::Alone))]);
    }
    let mut out = tokens(path);
    out.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, inner))]);
    out
}

/// Source text of this file as tokens.
fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_default()
}

/// The parts between the outermost commas.
fn separated(input: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in input {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => parts.push(Vec::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(token);
                }
            }
        }
    }
    parts
}

/// The literal, which a macro may have handed on in a group of its own.
fn literal(part: &[TokenTree]) -> Option<Literal> {
    match part {
        [TokenTree::Literal(literal)] => Some(literal.clone()),
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            literal(&group.stream().into_iter().collect::<Vec<_>>())
        }
        _ => None,
    }
}

fn refused(at: Span, why: &str) -> TokenStream {
    let mut inner: TokenStream = TokenTree::from(Literal::string(why)).into();
    inner = TokenTree::from(Group::new(Delimiter::Parenthesis, std::mem::take(&mut inner))).into();
    let mut out = tokens("::std::compile_error!");
    out.extend(inner);
    out.into_iter()
        .map(|mut token| {
            token.set_span(at);
            token
        })
        .collect()
}
