//! Choosing a file: a field that files can also be dropped on.

use super::icon::icon;
use super::ids::fresh;
use crate::i18n::t;
use crate::ui::view;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

/// A file field. Choosing the same file again calls `on_file` again.
#[component]
pub fn FileInput(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    /// The kinds of file that the browser offers: `.csv,text/csv`.
    #[prop(optional)]
    accept: &'static str,
    /// The name of the chosen file, shown in the field.
    #[prop(into)]
    chosen: Signal<Option<String>>,
    #[prop(into)] on_file: UnsyncCallback<File>,
) -> impl IntoView {
    let id = fresh("file");
    let hint_id = format!("{id}-hint");
    let described = hint.is_some().then(|| hint_id.clone());
    let over = RwSignal::new(false);
    let on_change = move |event: leptos::ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            on_file.run(file);
        }
        // Or the browser would not tell of the same file chosen again.
        input.set_value("");
    };
    let on_drop = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        let file = event
            .data_transfer()
            .and_then(|transfer| transfer.files())
            .and_then(|files| files.get(0));
        if let Some(file) = file {
            on_file.run(file);
        }
    };
    let on_leave = move |event: leptos::ev::DragEvent| {
        let inside = event
            .related_target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok())
            .is_some_and(|node| {
                event
                    .current_target()
                    .and_then(|target| target.dyn_into::<web_sys::Node>().ok())
                    .is_some_and(|field| field.contains(Some(&node)))
            });
        if !inside {
            over.set(false);
        }
    };
    view! {
        <div
            class="file-input"
            data-over=move || over.get().then_some("true")
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=on_leave
            on:drop=on_drop
        >
            {icon("upload")}
            <label for=id.clone()>{label}</label>
            <input
                class="file-input-control"
                type="file"
                id=id
                accept=accept
                aria-describedby=described
                on:change=on_change
            />
            <span class="button" aria-hidden="true">{t::file_choose}</span>
            <p class="file-input-name">
                {move || chosen.get().unwrap_or_else(t::file_drop)}
            </p>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
