//! A summary that can be opened, and what is made only while it is.

use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;

/// A `<details>` of this class, open from the beginning if `opened`. What it opens to is made when it is
/// open, and follows signals.
pub fn opened_entry(
    class: &'static str,
    opened: bool,
    summary: Node,
    content: impl Fn() -> Node + 'static,
) -> Node {
    let open = RwSignal::new(opened);
    let inside: NodeRef<html::Div> = NodeRef::new();
    let look = move |details: web_sys::Element| {
        let is_open = details.has_attribute("open");
        if open.get_untracked() != is_open {
            open.set(is_open);
        }
    };
    // In a list that is brought up to date by place it takes the place of another, which may be open.
    Effect::new(move |_| {
        if let Some(details) = inside.get().and_then(|inside| inside.parent_element()) {
            look(details);
        }
    });
    let content = move || open.get().then(&content);
    view! {
        <details
            class=class
            open=opened
            on:toggle=move |event| look(event_target(&event))
        >
            <summary>{summary}</summary>
            <div node_ref=inside>{content}</div>
        </details>
    }
    .into_node()
}
