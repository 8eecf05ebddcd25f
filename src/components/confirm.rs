//! Asking before something happens.

use super::button::{Button, ButtonKind};
use super::dialog::Dialog;
use super::ids::fresh;
use crate::i18n::t;
use crate::ui::view;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A field in which a name or a number has to be typed before something irreversible.
#[component]
pub fn TypeToConfirm(
    /// What has to be typed.
    #[prop(into)]
    expected: Signal<String>,
    /// Set to whether it has been.
    confirmed: RwSignal<bool>,
) -> impl IntoView {
    let id = fresh("confirm");
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| {
        let matches = typed.with(|typed| typed.trim() == expected.get());
        confirmed.set(matches);
    });
    view! {
        <div class="field">
            <label for=id.clone()>
                {move || t::confirm_type(&expected.get())}
            </label>
            <input
                class="input"
                data-mono="true"
                id=id
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))
            />
        </div>
    }
}

/// A question with two buttons. `children` say what will happen. Enter in a field answers it, and what
/// is not grave has its button in focus, so that Enter alone does.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// The words of the button that does it: "Delete 3 users", never "OK".
    #[prop(into)]
    action: Signal<String>,
    #[prop(default = ButtonKind::Primary)] kind: ButtonKind,
    /// What has to be typed first; empty for a single click.
    #[prop(optional, into)]
    expected: Signal<String>,
    #[prop(optional, into)] busy: Signal<bool>,
    /// Whether something else is missing.
    #[prop(optional, into)]
    blocked: Signal<bool>,
    /// Called once confirmed; closing the dialog is up to it.
    #[prop(into)]
    on_confirm: UnsyncCallback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let confirmed = RwSignal::new(false);
    let waits =
        Signal::derive(move || blocked.get() || (!expected.get().is_empty() && !confirmed.get()));
    let confirm = move || {
        if !untrack(|| waits.get() || busy.get()) {
            on_confirm.run(());
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let is_field = target.is_some_and(|field| field.type_() == "text");
        let is_taken = event.default_prevented() || event.is_composing();
        if event.key() == "Enter" && is_field && !is_taken {
            event.prevent_default();
            confirm();
        }
    };
    let is_first = kind != ButtonKind::Danger;
    view! {
        <Dialog open title busy>
            <div class="dialog-form" on:keydown=on_key>
            {children()}
            <div class="dialog-actions">
                {move || {
                    (!expected.get().is_empty())
                        .then(|| view! { <TypeToConfirm expected confirmed /> })
                }}
                // What has to be typed says so itself; what is missing may be out of sight.
                <p class="dialog-reason" role="status">
                    {move || blocked.get().then(t::confirm_incomplete)}
                </p>
                <Button label=t::cancel disabled=busy on_press=move || open.set(false) />
                <button
                    type="button"
                    class="button"
                    data-kind=kind.name()
                    autofocus=is_first
                    aria-busy=move || busy.get().then_some("true")
                    disabled=waits
                    on:click=move |_| confirm()
                >
                    <span>{action}</span>
                </button>
            </div>
            </div>
        </Dialog>
    }
}
