//! Fields of the filters of the storage page that no other list has.

use super::charts::class_words;
use crate::components::ids::fresh;
use crate::i18n::Words;
use crate::lists::Own;
use crate::media::Class;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// A size, with usual ones as buttons.
pub const SIZE: Own = Own {
    field: size,
    words: str::to_owned,
};

/// Any of the types.
pub const TYPES: Own = Own {
    field: types,
    words: type_words,
};

/// Read as they are in every language.
const SIZES: [&str; 3] = ["1 MiB", "10 MiB", "100 MiB"];

fn size(label: Words, value: Signal<String>, set: UnsyncCallback<String>) -> Node {
    let control = fresh("size");
    let presets = SIZES.map(|size| {
        view! {
            <button type="button" class="preset" on:click=move |_| set.run(size.to_owned())>
                {size}
            </button>
        }
        .into_node()
    });
    view! {
        <div class="menu-field">
            <label for=control.clone()>{label}</label>
            <input
                class="input"
                type="text"
                id=control
                autocomplete="off"
                prop:value=value
                on:change=move |event| set.run(event_target_value(&event))
            />
            <div class="presets">{presets.into_iter().collect_view()}</div>
        </div>
    }
    .into_node()
}

fn keys(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').filter(|key| !key.is_empty())
}

fn types(label: Words, value: Signal<String>, set: UnsyncCallback<String>) -> Node {
    let boxes = Class::ALL.map(|class| {
        let key = class.key();
        let has = move || value.with(|value| keys(value).any(|set| set == key));
        let change = move |_| {
            let before = value.get_untracked();
            let mut wanted: Vec<&str> = keys(&before).collect();
            match wanted.iter().position(|set| *set == key) {
                Some(place) => {
                    wanted.remove(place);
                }
                None => wanted.push(key),
            }
            set.run(wanted.join(","));
        };
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=has on:change=change />
                <span>{class_words(class)}</span>
            </label>
        }
        .into_node()
    });
    view! {
        <fieldset class="menu-field">
            <legend>{label}</legend>
            {boxes.into_iter().collect_view()}
        </fieldset>
    }
    .into_node()
}

fn type_words(value: &str) -> String {
    let words = |key: &str| Class::of_key(key).map_or(key.to_owned(), |class| class_words(class)());
    keys(value).map(words).collect::<Vec<_>>().join(", ")
}
