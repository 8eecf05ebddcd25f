//! Forms about something that is there already: each field knows what is saved, changed ones are
//! marked, and whoever leaves with something unsaved is asked.

use super::button::{Button, ButtonKind};
use super::field::{Field, FieldError};
use crate::browser::only_one;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::cell::Cell;

/// A text that may differ from what is saved. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Draft {
    pub value: RwSignal<String>,
    saved: RwSignal<String>,
    /// What the server has against it.
    pub error: RwSignal<Option<String>>,
}

impl Draft {
    /// A text field of which this is saved.
    pub fn new(saved: &str) -> Self {
        Draft {
            value: RwSignal::new(saved.to_owned()),
            saved: RwSignal::new(saved.to_owned()),
            error: RwSignal::new(None),
        }
    }

    /// Whether it differs. Reactive.
    pub fn is_changed(self) -> bool {
        self.value
            .with(|value| self.saved.with(|saved| value.trim() != saved.trim()))
    }

    /// What to save, if it differs. Not reactive.
    pub fn change(self) -> Option<String> {
        untrack(|| self.is_changed())
            .then(|| self.value.with_untracked(|value| value.trim().to_owned()))
    }

    /// As it was saved.
    pub fn discard(self) {
        self.value.set(self.saved.get_untracked());
        self.error.set(None);
    }

    /// What is saved now. What has been typed meanwhile stays if it differs from `sent`.
    pub fn save(self, saved: &str, sent: Option<&str>) {
        let typed = self.value.get_untracked();
        let was = self.saved.get_untracked();
        self.saved.set(saved.to_owned());
        if typed.trim() == was.trim() || sent == Some(typed.trim()) {
            self.value.set(saved.to_owned());
        }
        self.error.set(None);
    }
}

/// One line of text with a [`Draft`].
pub fn draft_field(label: Words, hint: Option<Words>, draft: Draft, mono: bool) -> Node {
    let error: FieldError = draft.error.into();
    let hint = Signal::derive(move || hint.map(|hint| hint()).unwrap_or_default());
    let has_hint = move || {
        let hint = hint.get();
        match draft.is_changed() {
            true if hint.is_empty() => t::form_changed(),
            true => format!("{} · {hint}", t::form_changed()),
            false => hint,
        }
    };
    view! {
        <div data-changed=move || draft.is_changed().then_some("true")>
            <Field
                label
                hint=Signal::derive(has_hint)
                value=draft.value
                error
                mono
                on_input=Callback::new(move |()| draft.error.set(None))
            />
        </div>
    }
    .into_node()
}

/// The buttons of a form. `changed` tells whether there is something to save.
pub fn form_buttons(
    changed: Signal<bool>,
    busy: Signal<bool>,
    discard: impl Fn() + 'static,
    save: impl Fn() + 'static,
) -> Node {
    let same = Signal::derive(move || !changed.get());
    let closed = Signal::derive(move || !changed.get() || busy.get());
    view! {
        <div class="form-actions">
            <Button label=t::form_discard disabled=closed on_press=discard />
            <Button label=t::save kind=ButtonKind::Primary busy disabled=same on_press=save />
        </div>
    }
    .into_node()
}

/// A form that somebody may be at.
#[derive(Clone)]
struct OpenForm {
    id: u32,
    /// Whether it differs from what is saved.
    changed: Signal<bool>,
}

/// What is unsaved in this tab. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Unsaved {
    /// Where the person wants to go, while they are asked.
    pub leaving: RwSignal<Option<String>>,
    forms: RwSignal<Vec<OpenForm>>,
    /// See [`guard_of_tab`].
    of_tab: RwSignal<Option<Signal<Option<String>>>>,
    next: StoredValue<u32>,
}

thread_local! {
    static UNSAVED: Cell<Option<Unsaved>> = const { Cell::new(None) };
}

impl Unsaved {
    /// That of this tab.
    pub fn get() -> Self {
        only_one::get(&UNSAVED, || {
            let unsaved = Unsaved {
                leaving: RwSignal::new(None),
                forms: RwSignal::new(Vec::new()),
                of_tab: RwSignal::new(None),
                next: StoredValue::new(0),
            };
            // For as long as the tab.
            let _ = window_event_listener(leptos::ev::beforeunload, move |event| {
                if unsaved.is_any() {
                    event.prevent_default();
                }
            });
            unsaved
        })
    }

    /// Nothing of the page is to be saved any more: the person leaves it.
    pub fn forget_page(self) {
        self.forms.set(Vec::new());
        self.leaving.set(None);
    }

    /// Nothing is to be saved any more: the person leaves the tab, or the session ends.
    pub fn forget(self) {
        self.forget_page();
        self.of_tab.set(None);
    }

    /// Whether anything is. Reactive.
    pub fn is_any_now(self) -> bool {
        self.is_any_of_page_now() || self.lost_with_tab().is_some()
    }

    /// Whether anything is. Not reactive.
    pub fn is_any(self) -> bool {
        untrack(|| self.is_any_now())
    }

    /// Whether anything is that ends with the page. Not reactive.
    pub fn is_any_of_page(self) -> bool {
        untrack(|| self.is_any_of_page_now())
    }

    /// What would be lost with the tab or the session, in sentences. Reactive.
    pub fn losses(self) -> Vec<String> {
        let typed = self.is_any_of_page_now().then(t::form_leave_text);
        typed.into_iter().chain(self.lost_with_tab()).collect()
    }

    fn is_any_of_page_now(self) -> bool {
        let is_changed = |form: &OpenForm| form.changed.try_get() == Some(true);
        self.forms.with(|forms| forms.iter().any(is_changed))
    }

    fn lost_with_tab(self) -> Option<String> {
        self.of_tab.get()?.try_get()?
    }
}

/// Asks before the tab or the session ends as long as `lost` says in a sentence what is lost then, and not
/// before the page is left. To be said whenever its page is opened: who leaves the tab has it forgotten.
pub fn guard_of_tab(lost: Signal<Option<String>>) {
    Unsaved::get().of_tab.set(Some(lost));
}

/// Asks before the page is left as long as `changed` holds. For as long as its owner.
pub fn guard(changed: Signal<bool>) {
    let unsaved = Unsaved::get();
    let id = unsaved.next.get_value();
    unsaved.next.set_value(id.wrapping_add(1));
    unsaved.forms.update(|forms| {
        forms.push(OpenForm { id, changed });
    });
    on_cleanup(move || {
        unsaved
            .forms
            .update(|forms| forms.retain(|other| other.id != id));
    });
}
