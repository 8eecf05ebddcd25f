//! A size with its unit.

use super::{FieldError, Names, frame, invalid};
use crate::i18n::t;
use crate::ui::view;
use leptos::prelude::*;

/// The units by their size in bytes.
const UNITS: [(u64, &str); 4] = [
    (1, ""),
    (1 << 10, "KiB"),
    (1 << 20, "MiB"),
    (1 << 30, "GiB"),
];

/// A size. `bytes` is `None` while the field is empty or not a size.
#[component]
pub fn SizeField(
    #[prop(optional)] id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    bytes: RwSignal<Option<u64>>,
    #[prop(optional, into)] error: Option<FieldError>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let names = Names::new(id);
    let start = bytes.get_untracked();
    // The largest unit in which the size is a whole number.
    let unit = UNITS
        .iter()
        .rev()
        .find(|(unit, _)| start.is_some_and(|size| size > 0 && size % unit == 0))
        .map_or(if start.is_some() { 1 } else { 1 << 20 }, |(unit, _)| *unit);
    let unit = RwSignal::new(unit);
    let text = RwSignal::new(start.map_or(String::new(), |size| {
        (size / unit.get_untracked()).to_string()
    }));
    let wrong = RwSignal::new(None);
    let read = move || {
        let (size, problem) = text.with_untracked(|text| parse(text, unit.get_untracked()));
        wrong.set(problem.then(t::field_not_a_size));
        bytes.set(size);
    };
    let error: FieldError =
        Signal::derive(move || wrong.get().or_else(|| error.and_then(|error| error.get())));
    let options = UNITS
        .map(|(size, name)| {
            let words = move || match name {
                "" => t::unit_bytes(),
                name => name.to_owned(),
            };
            view! {
                <option value=size.to_string() selected=move || unit.get() == size>
                    {words}
                </option>
            }
        })
        .collect_view();
    let control = view! {
        <div class="input-group" data-parts="true">
            <input
                class="input"
                data-width="number"
                id=names.control.clone()
                type="text"
                inputmode="decimal"
                autocomplete="off"
                disabled=disabled
                aria-describedby=names.described(hint.is_some(), Some(error))
                aria-invalid=invalid(Some(error))
                prop:value=text
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    read();
                }
            />
            <select
                class="select"
                aria-label=t::field_unit
                disabled=disabled
                on:change=move |event| {
                    if let Ok(size) = event_target_value(&event).parse() {
                        unit.set(size);
                        read();
                    }
                }
            >
                {options}
            </select>
        </div>
    }
    .into_any();
    frame(&names, label, hint, Some(error), control)
}

/// Reads a size; whether it is not one. Both decimal signs are taken, whatever the language.
fn parse(text: &str, unit: u64) -> (Option<u64>, bool) {
    let text = text.trim();
    if text.is_empty() {
        return (None, false);
    }
    match text.replace(',', ".").parse::<f64>() {
        Ok(number) if (0.0..1e9).contains(&number) => {
            (Some((number * unit as f64).round() as u64), false)
        }
        _ => (None, true),
    }
}
