//! The translation layer: every sentence a person reads, in every language.
//!
//! `locales/en.json` is the catalogue. The build turns each key into a function of [`t`]:
//! `t::nav_users()`, `t::act_approve_count(3)`. A key that does not exist and a placeholder without
//! a value do not compile. What a language lacks is said in English; `cargo xtask translations`
//! lists it, and a release has no gaps. In views pass the function itself
//! or a closure, and the text follows the language: `<h1>{t::users_title}</h1>`.
//!
//! A text with plural forms is an object of them (`one`, `other`, … as in CLDR) and takes
//! `count` first, which is also written with the language's digits.

pub mod breaks;
pub mod config;
pub mod errors;
pub mod events;
pub mod features;
pub mod format;
pub mod import;
pub mod known;
#[cfg(target_arch = "wasm32")]
pub mod language;
pub mod number;
pub mod reasons;
pub mod rooms;

/// One function per sentence, made by the build.
#[allow(clippy::too_many_arguments)]
pub mod t {
    use super::{filled, plural, text};
    include!(concat!(env!("OUT_DIR"), "/t.rs"));
}

/// A sentence to be said later, in whatever language is then spoken: `t::nav_users`.
pub type Words = fn() -> String;

/// A sentence in the language that is spoken, unless that is English; `category` picks a plural
/// form.
fn translated(index: usize, category: &str) -> Option<String> {
    #[cfg(target_arch = "wasm32")]
    return language::translated(index, category);
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = (index, category);
        None
    }
}

/// Where a sentence stands in the file of a language with these gaps (see `t::UNTRANSLATED`);
/// `None` if the language does not say it.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
fn place(gaps: &[(usize, bool)], index: usize) -> Option<usize> {
    let mut place = index;
    for (gap, stands) in gaps {
        if *gap == index {
            return None;
        }
        if *gap < index && !stands {
            place -= 1;
        }
    }
    Some(place)
}

fn text(index: usize, english: &str) -> String {
    translated(index, "other").unwrap_or_else(|| english.to_owned())
}

fn filled(index: usize, english: &str, values: &[(&str, &str)]) -> String {
    fill(&text(index, english), values)
}

/// `english` are its plural forms by their CLDR name.
fn plural(index: usize, english: &[(&str, &str)], count: u64, values: &[(&str, &str)]) -> String {
    let category = format::plural_category(count);
    let pattern = translated(index, &category).unwrap_or_else(|| {
        let form = |name: &str| english.iter().find(|(form, _)| *form == name);
        let found = form(&category).or_else(|| form("other"));
        found
            .map(|(_, text)| (*text).to_owned())
            .unwrap_or_default()
    });
    let shown = format::number(count as f64);
    let values: Vec<_> = values
        .iter()
        .copied()
        .chain([("count", shown.as_str())])
        .collect();
    fill(&pattern, &values)
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
    fn what_a_language_lacks_moves_what_comes_behind() {
        assert_eq!(place(&[], 7), Some(7));
        // Of six sentences, the second is missing and the fourth cannot be used.
        let gaps = [(1, false), (3, true)];
        let places: Vec<Option<usize>> = (0..6).map(|index| place(&gaps, index)).collect();
        assert_eq!(places, [Some(0), None, Some(1), None, Some(3), Some(4)]);
    }

    #[test]
    fn plurals_follow_english_rules() {
        assert_eq!(t::size_in_bytes(1), "1 byte");
        assert_eq!(t::size_in_bytes(3), "3 bytes");
    }
}
