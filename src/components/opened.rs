//! A summary that can be opened, and what is made only while it is.

use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;
use std::cell::Cell;

/// A `<details>` of this class, open from the beginning if `opened`. What it opens to is made when it is
/// open, and follows signals.
pub fn opened_entry(
    class: &'static str,
    opened: bool,
    summary: Node,
    content: impl Fn() -> Node + 'static,
) -> Node {
    let open = RwSignal::new(opened);
    let head: NodeRef<html::Summary> = NodeRef::new();
    let is_new = Cell::new(true);
    let content = move || {
        // In a list that is brought up to date by place it takes the place of another, which the person
        // may have opened or closed. One that is being made is not in the page yet.
        let place = || head.get_untracked()?.closest("body details").ok().flatten();
        if is_new.replace(false)
            && let Some(details) = place()
        {
            *open.write_untracked() = details.has_attribute("open");
        }
        open.get().then(&content)
    };
    view! {
        <details
            class=class
            open=opened
            on:toggle=move |event| {
                let details: web_sys::Element = event_target(&event);
                let is_open = details.has_attribute("open");
                // It may come after all of this is gone.
                if open.try_get_untracked().is_some_and(|now| now != is_open) {
                    open.set(is_open);
                }
            }
        >
            <summary node_ref=head>{summary}</summary>
            {content}
        </details>
    }
    .into_node()
}
