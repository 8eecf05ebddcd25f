//! Letters as shortcuts.

use super::storage::Keep;
use leptos::ev::KeyboardEvent;

/// Where it is kept that letters alone do nothing.
const KEY: &str = "synapse-admin.letters";

/// Whether letters alone do something anywhere on a page; within a list they move through it all the same. Who speaks to the machine, or meets keys by accident, can
/// switch that off.
pub fn are_on() -> bool {
    Keep::ThisBrowser.get(KEY).as_deref() != Some("off")
}

/// Switches them on or off.
pub fn switch(on: bool) {
    Keep::ThisBrowser.set(KEY, if on { "on" } else { "off" });
}

/// The last letter of the Latin script that stands with those of European languages.
const LATIN: char = '\u{24f}';

/// The letter that was pressed, in lower case. Where the keyboard writes in another script, the Latin one
/// of the same key; an "ö" is no other letter.
pub fn letter(event: &KeyboardEvent) -> Option<char> {
    let key = event.key();
    let mut written = key.chars();
    let (Some(letter), None) = (written.next(), written.next()) else {
        return None;
    };
    let letter = match letter <= LATIN {
        true => letter,
        false => event.code().strip_prefix("Key")?.chars().next()?,
    };
    letter
        .is_ascii_alphabetic()
        .then(|| letter.to_ascii_lowercase())
}
