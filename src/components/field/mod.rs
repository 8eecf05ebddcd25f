//! Form fields: a label, a hint and an error that belong together for everybody.
//!
//! | component | what |
//! |---|---|
//! | [`Field`] | one line of text |
//! | [`Lines`] | several |
//! | [`PasswordField`] | a secret that can be revealed |
//! | [`SizeField`] | a size with its unit |
//! | [`DateTimeField`] | a moment, with buttons for usual ones |
//! | [`SelectField`], [`SelectOf`] | one of a few |
//! | [`Check`], [`Switch`] | yes or no |

mod choice;
mod moment;
mod size;

pub use choice::{Check, Choice, SelectField, SelectOf, Switch};
pub use moment::{DateTimeField, Preset, datetime_local, from_datetime_local};
pub use size::SizeField;

use super::icon::{eye, icon};
use super::ids::fresh;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The error of a field: `None` is fine.
pub type FieldError = Signal<Option<String>>;

/// What the parts of one field are called.
#[derive(Clone)]
struct Names {
    control: String,
    hint: String,
    error: String,
}

impl Names {
    fn new(id: &str) -> Self {
        let control = if id.is_empty() {
            fresh("field")
        } else {
            id.to_owned()
        };
        Names {
            hint: format!("{control}-hint"),
            error: format!("{control}-error"),
            control,
        }
    }

    /// The value of `aria-describedby`.
    fn described(
        &self,
        has_hint: bool,
        error: Option<FieldError>,
    ) -> impl Fn() -> Option<String> + Clone + Send + Sync + 'static {
        let (hint, wrong) = (self.hint.clone(), self.error.clone());
        move || {
            let failed = error.is_some_and(|error| error.with(Option::is_some));
            match (failed, has_hint) {
                (true, true) => Some(format!("{wrong} {hint}")),
                (true, false) => Some(wrong.clone()),
                (false, true) => Some(hint.clone()),
                (false, false) => None,
            }
        }
    }
}

/// The value of `aria-invalid`.
fn invalid(error: Option<FieldError>) -> impl Fn() -> Option<&'static str> + Clone + Send + Sync {
    move || {
        error
            .is_some_and(|error| error.with(Option::is_some))
            .then_some("true")
    }
}

/// Label, control, hint and error.
fn frame(
    names: &Names,
    label: Signal<String>,
    hint: Option<Signal<String>>,
    error: Option<FieldError>,
    control: Node,
) -> Node {
    let Names {
        control: id,
        hint: hint_id,
        error: error_id,
    } = names.clone();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            {error_line(error_id, error)}
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
    .into_node()
}

fn error_line(id: String, error: Option<FieldError>) -> Node {
    let text = move || error.and_then(|error| error.get());
    // Always there, or screen readers would not hear it change.
    view! {
        <p class="field-error" id=id aria-live="polite">
            {move || {
                text().map(|text| view! { {icon("alert")} <span>{text}</span> })
            }}
        </p>
    }
    .into_node()
}

/// One line of text.
#[component]
pub fn Field(
    #[prop(optional)] id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    value: RwSignal<String>,
    #[prop(optional, into)] error: Option<FieldError>,
    /// The value of `autocomplete`; nothing is completed unless it is given.
    #[prop(default = "off")]
    autocomplete: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] placeholder: Option<Signal<String>>,
    /// Monospace, for identifiers.
    #[prop(optional)]
    mono: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// What can be typed there, if that is known.
    #[prop(optional)]
    suggestions: Vec<String>,
    /// Called when a person types, not when the value is set otherwise.
    #[prop(optional, into)]
    on_input: Option<Callback<()>>,
) -> impl IntoView {
    let names = Names::new(id);
    let list = (!suggestions.is_empty()).then(|| format!("{}-list", names.control));
    let control = view! {
        <input
            class="input"
            list=list.clone()
            data-mono=mono.then_some("true")
            id=names.control.clone()
            type=kind
            autocomplete=autocomplete
            autocapitalize="none"
            spellcheck="false"
            placeholder=placeholder
            disabled=disabled
            aria-describedby=names.described(hint.is_some(), error)
            aria-invalid=invalid(error)
            prop:value=value
            on:input=move |event| {
                value.set(event_target_value(&event));
                if let Some(on_input) = on_input {
                    on_input.run(());
                }
            }
        />
        {list
            .map(|id| {
                let options: Vec<_> = suggestions
                    .iter()
                    .map(|value| view! { <option value=value.clone()></option> })
                    .collect();
                view! { <datalist id=id>{options}</datalist> }
            })}
    }
    .into_node();
    frame(&names, label, hint, error, control)
}

/// Several lines of text.
#[component]
pub fn Lines(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    value: RwSignal<String>,
    #[prop(optional, into)] error: Option<FieldError>,
    /// Monospace, for identifiers.
    #[prop(optional)]
    mono: bool,
    /// How many are seen at once.
    #[prop(default = 4)]
    rows: u32,
) -> impl IntoView {
    let names = Names::new("");
    let control = view! {
        <textarea
            class="input"
            data-mono=mono.then_some("true")
            id=names.control.clone()
            rows=rows.to_string()
            autocomplete="off"
            spellcheck=if mono { "false" } else { "true" }
            aria-describedby=names.described(hint.is_some(), error)
            aria-invalid=invalid(error)
            prop:value=value
            on:input=move |event| value.set(event_target_value(&event))
        ></textarea>
    }
    .into_node();
    frame(&names, label, hint, error, control)
}

/// A secret. A button shows it.
#[component]
pub fn PasswordField(
    #[prop(optional)] id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    value: RwSignal<String>,
    #[prop(optional, into)] error: Option<FieldError>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let names = Names::new(id);
    let shown = RwSignal::new(false);
    let control = view! {
        <div class="input-group">
            <input
                class="input"
                id=names.control.clone()
                type=move || if shown.get() { "text" } else { "password" }
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                disabled=disabled
                aria-describedby=names.described(hint.is_some(), error)
                aria-invalid=invalid(error)
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
            <button
                type="button"
                class="icon-button"
                aria-pressed=move || shown.get().to_string()
                aria-label=t::field_reveal
                title=t::field_reveal
                aria-controls=names.control.clone()
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {move || eye(shown.get())}
            </button>
        </div>
    }
    .into_node();
    frame(&names, label, hint, error, control)
}
