//! Nothing to show, and why.

use super::icon::icon;
use crate::ui::view;
use leptos::prelude::*;

/// Says why there is nothing; the children are what can be done about it.
#[component]
pub fn Empty(
    /// A name in the sprite.
    #[prop(default = "inbox")]
    picture: &'static str,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] text: Option<Signal<String>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-picture">{icon(picture)}</span>
            <p class="empty-title">{title}</p>
            {text.map(|text| view! { <p class="empty-text">{text}</p> })}
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}
