//! Where the palette opens: its shortcut, its buttons, and the dialog that it stands in. What is
//! in it comes in a part of its own when it is first opened (`app/palette/`).

use crate::app::parts;
use crate::browser::letters::letter;
use crate::browser::only_one;
use crate::components::dialog::Dialog;
use crate::components::icon::icon;
use crate::i18n::t;
use crate::ui::view;
use leptos::ev;
use leptos::prelude::*;
use std::cell::Cell;

/// Whether the palette is open. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Palette {
    pub open: RwSignal<bool>,
}

thread_local! {
    static PALETTE: Cell<Option<Palette>> = const { Cell::new(None) };
}

impl Palette {
    /// The palette of this tab.
    pub fn get() -> Self {
        only_one::get(&PALETTE, || Palette {
            open: RwSignal::new(false),
        })
    }
}

/// Whether the keyboard has a command key, as Apple's do.
fn is_apple() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    platform.starts_with("Mac") || platform.starts_with("iP")
}

/// The shortcut as it is written on the keyboard.
fn shortcut() -> &'static str {
    if is_apple() { "⌘K" } else { "Ctrl K" }
}

fn show(palette: Palette) {
    palette.open.set(true);
}

/// The button in the side navigation, with the shortcut.
#[component]
pub fn SearchButton() -> impl IntoView {
    let palette = Palette::get();
    view! {
        <button
            type="button"
            class="search-button"
            aria-keyshortcuts=if is_apple() { "Meta+K" } else { "Control+K" }
            aria-haspopup="dialog"
            on:pointerenter=move |_| parts::PALETTE.fetch()
            on:click=move |_| show(palette)
        >
            {icon("search")}
            <span class="search-button-text">{t::palette_title}</span>
            <kbd aria-hidden="true">{shortcut()}</kbd>
        </button>
    }
}

/// The button in the bar of a phone.
#[component]
pub fn SearchIcon() -> impl IntoView {
    let palette = Palette::get();
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=t::palette_title
            title=t::palette_title
            aria-haspopup="dialog"
            on:click=move |_| show(palette)
        >
            {icon("search")}
        </button>
    }
}

/// The palette, closed at first, with its shortcut.
#[component]
pub fn PaletteDialog() -> impl IntoView {
    let open = Palette::get().open;
    let listener = window_event_listener(ev::keydown, move |event| {
        let is_command = if is_apple() {
            event.meta_key()
        } else {
            event.ctrl_key()
        };
        let other = event.alt_key() || event.shift_key();
        if !is_command || other || letter(&event) != Some('k') {
            return;
        }
        event.prevent_default();
        // Whoever is asked something answers that first.
        let modal = document().query_selector("dialog:modal").ok().flatten();
        if open.get_untracked() || modal.is_none() {
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || {
        listener.remove();
        open.set(false);
    });
    view! {
        <Dialog open title=t::palette_title large=true>
            <div class="palette">{parts::PALETTE.view(())}</div>
        </Dialog>
    }
}
