//! A message that stays in the page.

use super::badge::Tone;
use super::icon::icon;
use crate::ui::view;
use leptos::prelude::*;

/// A framed message.
#[component]
pub fn Notice(
    #[prop(optional)] tone: Tone,
    /// Begins the message in bold.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    children: Children,
) -> impl IntoView {
    let picture = match tone {
        Tone::Good => "check-circle",
        Tone::Warning | Tone::Bad => "alert",
        Tone::Neutral | Tone::Accent => "info",
    };
    view! {
        <div class="notice" data-tone=tone.name()>
            {icon(picture)}
            <div class="notice-body">
                {title.map(|title| view! { <strong class="notice-title">{title}</strong> })}
                {children()}
            </div>
        </div>
    }
}
