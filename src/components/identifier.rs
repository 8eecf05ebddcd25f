//! Identifiers: monospace, shortened in the middle, copied whole.

use super::clipboard::copy_button;
use crate::ui::{IntoNode, Node, view};

/// How many characters at the end are always shown: the server name of a Matrix ID is what
/// tells two apart.
const TAIL: usize = 14;

/// An identifier that gives way in the middle when there is no room. Selecting and copying it
/// takes it whole.
pub fn identifier_text(id: &str) -> Node {
    let count = id.chars().count();
    let cut = id
        .char_indices()
        .nth(count.saturating_sub(TAIL))
        .map_or(0, |(at, _)| at);
    let (head, tail) = if count > TAIL * 2 {
        id.split_at(cut)
    } else {
        (id, "")
    };
    view! {
        <span class="identifier" title=id.to_owned()>
            <span class="identifier-head">{head.to_owned()}</span>
            <span class="identifier-tail">{tail.to_owned()}</span>
        </span>
    }
    .into_node()
}

/// An identifier, shortened in the middle, with a button that copies it.
pub fn identifier(id: &str) -> Node {
    view! {
        <span class="identifier-with-copy">
            {identifier_text(id)} {copy_button(id.to_owned(), None)}
        </span>
    }
    .into_node()
}
