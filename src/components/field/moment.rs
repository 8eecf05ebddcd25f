//! A moment in the person's own time zone.

use super::{FieldError, Names, frame, invalid};
use crate::api::tolerant::Timestamp;
use crate::i18n::Words;
use crate::ui::{IntoNode, view};
use js_sys::Date;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// A usual moment, offered as a button.
#[derive(Clone, Copy)]
pub struct Preset {
    pub label: Words,
    /// How far before now, in milliseconds.
    pub ago_ms: i64,
}

impl Preset {
    /// So many days before now.
    pub const fn days(days: i64, label: Words) -> Self {
        Preset {
            label,
            ago_ms: days * 86_400_000,
        }
    }
}

/// A date and a time. `at` is `None` while the field is empty or incomplete.
#[component]
pub fn DateTimeField(
    #[prop(optional)] id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    at: RwSignal<Option<Timestamp>>,
    /// Set to whether something stands in the field that is no date yet.
    #[prop(optional)]
    wrong: Option<RwSignal<bool>>,
    #[prop(optional, into)] error: Option<FieldError>,
    #[prop(optional)] presets: Vec<Preset>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let names = Names::new(id);
    let text = RwSignal::new(at.get_untracked().map(datetime_local).unwrap_or_default());
    let set = move |value: String| {
        at.set(from_datetime_local(&value));
        text.set(value);
    };
    let is_wrong = move |is: bool| {
        if let Some(wrong) = wrong {
            wrong.set(is);
        }
    };
    // A field that has stood here before may have left it behind.
    is_wrong(false);
    let buttons = presets
        .into_iter()
        .map(|Preset { label, ago_ms }| {
            view! {
                <button
                    type="button"
                    class="preset"
                    disabled=disabled
                    on:click=move |_| {
                        is_wrong(false);
                        set(datetime_local(Timestamp(Date::now() as i64 - ago_ms)));
                    }
                >
                    {label}
                </button>
            }
        })
        .collect_view();
    let control = view! {
        <div class="input-with-presets">
            <input
                class="input"
                data-width="datetime"
                id=names.control.clone()
                type="datetime-local"
                disabled=disabled
                aria-describedby=names.described(hint.is_some(), error)
                aria-invalid=invalid(error)
                prop:value=text
                on:input=move |event| {
                    is_wrong(is_unfinished(&event_target(&event)));
                    set(event_target_value(&event));
                }
                // The value of what is no date is empty: that it is taken out again is no input.
                on:keyup=move |event| is_wrong(is_unfinished(&event_target(&event)))
            />
            <div class="presets">{buttons}</div>
        </div>
    }
    .into_node();
    frame(&names, label, hint, error, control)
}

/// Whether somebody has begun to type a date: until it is one, the field's value is empty.
fn is_unfinished(input: &HtmlInputElement) -> bool {
    input.validity().bad_input()
}

/// The value of a `datetime-local` field, to the minute, in local time.
pub fn datetime_local(at: Timestamp) -> String {
    let date = Date::new(&(at.0 as f64).into());
    if date.get_time().is_nan() {
        return String::new();
    }
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
    )
}

/// The moment that a `datetime-local` or a `date` field names: a date alone is its midnight
/// here, not in Greenwich.
pub fn from_datetime_local(text: &str) -> Option<Timestamp> {
    if text.is_empty() {
        return None;
    }
    let text = if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00")
    };
    let ms = Date::new(&text.into()).get_time();
    (!ms.is_nan()).then_some(Timestamp(ms as i64))
}
