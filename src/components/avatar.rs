//! The picture of a user or a room: an image once it is there, initials until then.

use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// How many colours initials come in; `style/badge.css` has as many.
const COLOURS: u32 = 6;

/// A picture, decorative: the name stands beside it. `image` is the URL of an image, usually a
/// blob, once there is one. `seed` chooses the colour and should be the identifier.
pub fn avatar(name: &str, seed: &str, image: Option<Signal<Option<String>>>) -> Node {
    let initial: String = name
        .trim_start_matches(['@', '#', '!', '+'])
        .chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_else(|| "?".to_owned());
    let colour = seed.bytes().fold(7u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    }) % COLOURS;
    let picture = move || {
        image
            .and_then(|image| image.get())
            .map(|url| view! { <img src=url alt="" loading="lazy" /> })
    };
    view! {
        <span class="avatar" data-colour=colour.to_string() aria-hidden="true">
            {initial}
            {picture}
        </span>
    }
    .into_node()
}
