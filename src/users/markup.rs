//! The markup of server notices: what is typed, read into what apps show. A few signs that people
//! know from everywhere; whatever is none stands as it was typed.
//!
//! | typed | shown |
//! |---|---|
//! | `**words**` | bold |
//! | `*words*` | italic |
//! | `` `words` `` | as typed, monospace |
//! | `[words](https://example.org)` | a link |
//! | `- ` at the beginning of lines | a list |
//! | an empty line | a new paragraph |

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Lines, one below the other.
    Paragraph(Vec<Vec<Span>>),
    /// The lines of a list.
    List(Vec<Vec<Span>>),
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Text(String),
    Bold(Vec<Span>),
    Italic(Vec<Span>),
    Code(String),
    /// To an address that begins with `https://` or `http://`.
    Link {
        to: String,
        words: String,
    },
}

/// Reads a message.
///
/// ```
/// use synapse_admin::users::markup::{html, read};
/// assert_eq!(html(&read("We **move** <now>")), "<p>We <strong>move</strong> &lt;now&gt;</p>");
/// ```
pub fn read(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // Whether the next line goes on with the last block.
    let mut goes_on = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            goes_on = false;
            continue;
        }
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        let spans = spans(item.unwrap_or(line));
        match (blocks.last_mut(), item.is_some()) {
            (Some(Block::List(items)), true) if goes_on => items.push(spans),
            (Some(Block::Paragraph(lines)), false) if goes_on => lines.push(spans),
            (_, true) => blocks.push(Block::List(vec![spans])),
            (_, false) => blocks.push(Block::Paragraph(vec![spans])),
        }
        goes_on = true;
    }
    blocks
}

/// What stands between two of these signs at the beginning, and what comes after. Blanks inside of
/// the signs make them mere signs, as in `2 * 3 * 4`.
fn between<'a>(text: &'a str, sign: &str) -> Option<(&'a str, &'a str)> {
    let (inside, rest) = text.strip_prefix(sign)?.split_once(sign)?;
    let is_tight = !inside.is_empty() && inside.trim() == inside;
    is_tight.then_some((inside, rest))
}

/// A link at the beginning: its words, its address, what comes after.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (words, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (to, rest) = rest.split_once(')')?;
    let is_web = ["https://", "http://"].iter().any(|scheme| {
        let name = to.strip_prefix(scheme);
        name.is_some_and(|name| !name.is_empty())
    });
    let is_plain = !words.trim().is_empty() && !to.contains(char::is_whitespace);
    (is_web && is_plain).then_some((words, to, rest))
}

fn spans(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut plain = String::new();
    let mut left = text;
    while let Some(next) = left.chars().next() {
        let span = match next {
            '`' => between(left, "`").map(|(code, rest)| (Span::Code(code.to_owned()), rest)),
            '*' => between(left, "**")
                .map(|(inside, rest)| (Span::Bold(spans(inside)), rest))
                .or_else(|| {
                    let (inside, rest) = between(left, "*")?;
                    Some((Span::Italic(spans(inside)), rest))
                }),
            '[' => link(left).map(|(words, to, rest)| {
                let (words, to) = (words.to_owned(), to.to_owned());
                (Span::Link { to, words }, rest)
            }),
            _ => None,
        };
        match span {
            Some((span, rest)) => {
                if !plain.is_empty() {
                    found.push(Span::Text(std::mem::take(&mut plain)));
                }
                found.push(span);
                left = rest;
            }
            None => {
                plain.push(next);
                left = &left[next.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        found.push(Span::Text(plain));
    }
    found
}

/// The message as HTML, of which nothing but the signs is markup.
pub fn html(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(lines) => {
                out.push_str("<p>");
                for (number, line) in lines.iter().enumerate() {
                    if number > 0 {
                        out.push_str("<br>");
                    }
                    write(&mut out, line);
                }
                out.push_str("</p>");
            }
            Block::List(items) => {
                out.push_str("<ul>");
                for item in items {
                    out.push_str("<li>");
                    write(&mut out, item);
                    out.push_str("</li>");
                }
                out.push_str("</ul>");
            }
        }
    }
    out
}

fn write(out: &mut String, spans: &[Span]) {
    for span in spans {
        match span {
            Span::Text(text) => escape(out, text),
            Span::Bold(inside) => {
                out.push_str("<strong>");
                write(out, inside);
                out.push_str("</strong>");
            }
            Span::Italic(inside) => {
                out.push_str("<em>");
                write(out, inside);
                out.push_str("</em>");
            }
            Span::Code(code) => {
                out.push_str("<code>");
                escape(out, code);
                out.push_str("</code>");
            }
            Span::Link { to, words } => {
                out.push_str("<a href=\"");
                escape(out, to);
                out.push_str("\">");
                escape(out, words);
                out.push_str("</a>");
            }
        }
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        html(&read(text))
    }

    #[test]
    fn what_the_signs_make() {
        assert_eq!(
            shown(
                "We **move *all* of it**\non `a*b`\n\n- one\n- [two](https://b.org/?a=1&b)\nthree"
            ),
            "<p>We <strong>move <em>all</em> of it</strong><br>on <code>a*b</code></p>\
             <ul><li>one</li><li><a href=\"https://b.org/?a=1&amp;b\">two</a></li></ul>\
             <p>three</p>"
        );
    }

    #[test]
    fn what_is_no_sign_stands_as_it_was_typed() {
        for text in [
            "2 * 3 * 4",
            "**",
            "`",
            "a ** b ** c",
            "[x](javascript:alert)",
            "[x](https://)",
            "[](https://b.org)",
            "[x](https://b.org",
            "-minus",
            "snake_case_name",
        ] {
            assert_eq!(shown(text), format!("<p>{text}</p>"));
        }
        assert_eq!(shown(" \n\n"), "");
        assert_eq!(shown("<script>\"&"), "<p>&lt;script&gt;&quot;&amp;</p>");
    }

    proptest! {
        #[test]
        fn no_markup_but_ours(text in "[-*`\\[\\]()<>&\"a /:h\\n]{0,40}") {
            let mut left = shown(&text);
            for tag in ["p", "br", "ul", "li", "strong", "em", "code", "a"] {
                left = left.replace(&format!("<{tag}>"), "").replace(&format!("</{tag}>"), "");
            }
            prop_assert!(!left.contains('<') || left.contains("<a href=\"http"), "{left}");
        }
    }
}
