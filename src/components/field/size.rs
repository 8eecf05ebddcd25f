//! A size with its unit.

use super::{FieldError, Names, frame, invalid};
use crate::i18n::language::current;
use crate::i18n::number::{Typed, typed};
use crate::i18n::{format, t};
use crate::ui::{IntoNode, view};
use leptos::prelude::*;

/// The units by their size in bytes.
const UNITS: [(u64, &str); 4] = [
    (1, ""),
    (1 << 10, "KiB"),
    (1 << 20, "MiB"),
    (1 << 30, "GiB"),
];

/// The largest number that is taken.
const LARGEST: f64 = 1e12;

/// A size. `bytes` is `None` while the field is empty or not a size; which of both, `wrong` says.
#[component]
pub fn SizeField(
    #[prop(optional)] id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    bytes: RwSignal<Option<u64>>,
    /// Set to whether something stands in the field that is no size.
    wrong: RwSignal<bool>,
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
    let problem = RwSignal::new(None);
    let read = move || {
        let language = untrack(current);
        let typed = text.with_untracked(|text| typed(text, &language));
        let (size, why) = match typed {
            Typed::Nothing => (None, None),
            Typed::Number(number) if number < LARGEST => (
                Some((number * unit.get_untracked() as f64).round() as u64),
                None,
            ),
            Typed::Either(small, large) => {
                let (small, large) = (format::number(small), format::number(large));
                (None, Some(t::field_which_number(&small, &large)))
            }
            Typed::Number(_) | Typed::Wrong => (None, Some(t::field_not_a_size())),
        };
        wrong.set(why.is_some());
        problem.set(why);
        bytes.set(size);
    };
    let error: FieldError = Signal::derive(move || {
        problem
            .get()
            .or_else(|| error.and_then(|error| error.get()))
    });
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
    .into_node();
    frame(&names, label, hint, Some(error), control)
}
