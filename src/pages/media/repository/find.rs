//! One file by its address.

use crate::address::identifier::{IdentifierKind, kind};
use crate::address::route::Route;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::icon::icon;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// A field that leads to the page of a file.
pub fn field() -> Node {
    let text = RwSignal::new(String::new());
    let is_wrong = RwSignal::new(false);
    let look = move |event: SubmitEvent| {
        event.prevent_default();
        match text.with_untracked(|text| kind(text.trim())) {
            IdentifierKind::Media(uri) => {
                navigate(&Route::file(&uri).to_string(), HistoryStep::Push)
            }
            _ => is_wrong.set(true),
        }
    };
    view! {
        <form class="find-file" role="search" aria-label=t::file_find on:submit=look>
            <div class="search">
                {icon("search")}
                <input
                    class="input"
                    type="search"
                    aria-label=t::file_find
                    placeholder=t::file_find
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-invalid=move || is_wrong.get().then_some("true")
                    aria-describedby="find-file-error"
                    prop:value=text
                    on:input=move |event| {
                        is_wrong.set(false);
                        text.set(event_target_value(&event));
                    }
                />
            </div>
            <button type="submit" class="button">{t::file_find_action}</button>
            <p class="field-error" id="find-file-error" role="alert">
                {move || is_wrong.get().then(t::file_find_wrong)}
            </p>
        </form>
    }
    .into_node()
}
