//! Where a line may break in a text with identifiers, which are longer than it.

/// A text in the pieces between which a line may break: before the punctuation within a word. What stands behind
/// an identifier, a colon, stays with its end.
///
/// ```
/// use synapse_admin::i18n::breaks::pieces;
/// let text = "Lock @jane.doe:example.org: Finished";
/// assert_eq!(pieces(text), ["Lock @jane", ".doe", ":example", ".org: Finished"]);
/// ```
pub fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut is_in_word) = (0, false);
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let goes_on = next.is_some_and(char::is_alphanumeric);
        if is_in_word && goes_on && matches!(letter, ':' | '.' | '-' | '_' | '/') {
            pieces.push(&text[from..at]);
            from = at;
        }
        is_in_word = letter.is_alphanumeric();
    }
    pieces.push(&text[from..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_what_it_is_and_its_colon_where_it_is() {
        for text in [
            "",
            ":",
            "@a:b: done",
            "12:30 a.m.",
            "Über @ü.ñ:exämple.org: ok",
            "…: …",
        ] {
            let pieces = pieces(text);
            assert_eq!(pieces.concat(), text);
            assert!(
                pieces.iter().all(|piece| !piece.starts_with(": ")),
                "{pieces:?}"
            );
        }
        assert_eq!(pieces("a.b"), ["a", ".b"]);
        assert_eq!(pieces("a. b"), ["a. b"]);
    }
}
