//! The translation layer: every sentence a person reads, in every language.
//!
//! `locales/en.json` is the catalogue. The build turns each key into a function of [`t`]:
//! `t::users_title()`, `t::rows_selected(3)`. A key that does not exist, a placeholder without
//! a value and a language without a sentence do not compile. In views pass the function itself
//! or a closure, and the text follows the language: `<h1>{t::users_title}</h1>`.
//!
//! A text with plural forms is an object of them (`one`, `other`, … as in CLDR) and takes
//! `count` first, which is also written with the language's digits.

pub mod config;
pub mod errors;
pub mod features;
pub mod format;
pub mod import;
#[cfg(target_arch = "wasm32")]
pub mod language;

/// One function per sentence, made by the build.
#[allow(clippy::too_many_arguments)]
pub mod t {
    use super::{Text, filled, plural, text};
    include!(concat!(env!("OUT_DIR"), "/t.rs"));
}

/// A sentence to be said later, in whatever language is then spoken: `t::users_title`.
pub type Words = fn() -> String;

/// A sentence as it is compiled in.
pub enum Text {
    Plain(&'static str),
    /// Plural forms by their CLDR name.
    Plural(&'static [(&'static str, &'static str)]),
}

/// The pattern of a sentence in the current language; `category` picks a plural form.
fn pattern(index: usize, category: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    if let Some(translated) = language::translated(index, category) {
        return translated;
    }
    match &t::ENGLISH[index] {
        Text::Plain(text) => (*text).to_owned(),
        Text::Plural(forms) => {
            let form = |name: &str| forms.iter().find(|(form, _)| *form == name);
            let found = form(category).or_else(|| form("other"));
            found
                .map(|(_, text)| (*text).to_owned())
                .unwrap_or_default()
        }
    }
}

fn text(index: usize) -> String {
    pattern(index, "other")
}

fn filled(index: usize, values: &[(&str, &str)]) -> String {
    fill(&pattern(index, "other"), values)
}

fn plural(index: usize, count: u64, values: &[(&str, &str)]) -> String {
    let shown = format::number(count as f64);
    let values: Vec<_> = values
        .iter()
        .copied()
        .chain([("count", shown.as_str())])
        .collect();
    fill(&pattern(index, &format::plural_category(count)), &values)
}

/// Puts values in the place of `{names}`, once: a value that looks like a placeholder stays.
fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => out.push_str(value),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once() {
        assert_eq!(
            fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]),
            "{b} and x"
        );
        assert_eq!(fill("{unknown} 100%", &[]), "{unknown} 100%");
    }

    #[test]
    fn plurals_follow_english_rules() {
        assert_eq!(t::size_in_bytes(1), "1 byte");
        assert_eq!(t::size_in_bytes(3), "3 bytes");
    }
}
