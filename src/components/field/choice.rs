//! Fields whose answer is one of a few.

use super::{FieldError, Names, frame, invalid};
use crate::i18n::Words;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// What can be chosen: a value and its words.
pub type Choice = (&'static str, Words);

/// One of a few.
#[component]
pub fn SelectField(
    #[prop(optional)] id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    value: RwSignal<String>,
    options: Vec<Choice>,
    #[prop(optional, into)] error: Option<FieldError>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(choice, label)| {
            view! {
                <option value=choice selected=move || value.with(|value| value == choice)>
                    {label}
                </option>
            }
            .into_node()
        })
        .collect();
    select(Names::new(id), label, hint, value, options, error, disabled)
}

/// One of what the server has: values with their words.
#[component]
pub fn SelectOf(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<String>,
    options: Vec<(String, String)>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(choice, label)| {
            let own = choice.clone();
            view! {
                <option value=choice selected=move || value.with(|value| *value == own)>
                    {label}
                </option>
            }
            .into_node()
        })
        .collect();
    select(Names::new(""), label, None, value, options, None, disabled)
}

fn select(
    names: Names,
    label: Signal<String>,
    hint: Option<Signal<String>>,
    value: RwSignal<String>,
    options: Vec<Node>,
    error: Option<FieldError>,
    disabled: Signal<bool>,
) -> Node {
    let control = view! {
        <select
            class="select"
            id=names.control.clone()
            disabled=disabled
            aria-describedby=names.described(hint.is_some(), error)
            aria-invalid=invalid(error)
            on:change=move |event| value.set(event_target_value(&event))
        >
            {options}
        </select>
    }
    .into_node();
    frame(&names, label, hint, error, control)
}

/// Yes or no, as part of a form.
#[component]
pub fn Check(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<bool>,
    /// A sentence more.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                disabled=disabled
                prop:checked=value
                on:change=move |event| value.set(event_target_checked(&event))
            />
            <span>
                {label}
                {hint.map(|hint| view! { <small class="check-hint">{hint}</small> })}
            </span>
        </label>
    }
}

/// Yes or no, taking effect at once. `on_change` gets what the person wants; the switch shows
/// `value`, whatever comes of it.
#[component]
pub fn Switch(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<bool>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(into)] on_change: UnsyncCallback<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                role="switch"
                class="switch"
                disabled=disabled
                prop:checked=value
                on:change=move |event| {
                    let input: web_sys::HtmlInputElement = event_target(&event);
                    let wanted = input.checked();
                    input.set_checked(value.get_untracked());
                    on_change.run(wanted);
                }
            />
            <span>
                {label}
                {hint.map(|hint| view! { <small class="check-hint">{hint}</small> })}
            </span>
        </label>
    }
}
