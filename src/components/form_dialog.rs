//! A dialog with a form about one thing, and what its fields hold once it was sent.

use super::button::{Button, ButtonKind};
use super::dialog::Dialog;
use super::typed;
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;

/// The fields of a dialog whose text outlasts it until what was sent of them is done: what the server has
/// refused is there again when the dialog opens again. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct SentFields {
    open: RwSignal<bool>,
    last: StoredValue<LastSent>,
    empty: StoredValue<Rc<dyn Fn()>, LocalStorage>,
}

/// What has become of what was sent last.
#[derive(Clone, Copy, Default)]
struct LastSent {
    /// How often they were sent.
    number: u32,
    /// It is not done.
    is_left: bool,
    /// It is done, and they are to be made anew when the dialog closes.
    is_due: bool,
    /// They are made anew by each closing, unless something is left.
    by_closing: bool,
}

impl SentFields {
    /// Those of the dialog that `open` opens. `empty` makes them anew, for the first time now.
    pub fn new(open: RwSignal<bool>, empty: impl Fn() + 'static) -> Self {
        empty();
        let fields = SentFields {
            open,
            last: StoredValue::new(LastSent::default()),
            empty: StoredValue::new_local(Rc::new(empty)),
        };
        Effect::new(move |_| {
            let is_open = open.get();
            let last = fields.last.get_value();
            if !is_open && (last.is_due || (last.by_closing && !last.is_left)) {
                fields.empty();
            }
        });
        fields
    }

    /// Makes them anew as well where the dialog is closed and nothing was sent.
    pub fn emptied_by_closing(self) -> Self {
        self.last.update_value(|last| last.by_closing = true);
        self
    }

    /// They are sent. Whoever sends them tells by what this gives whether it was done, each time that it
    /// ends.
    pub fn sent(self) -> impl Fn(bool) + Copy + 'static {
        let number = self.last.get_value().number + 1;
        self.last.update_value(|last| {
            last.number = number;
            (last.is_left, last.is_due) = (true, false);
        });
        move |is_done| {
            // The page may have been left, or something else sent.
            if self.last.try_get_value().map(|last| last.number) != Some(number) {
                return;
            }
            self.last
                .update_value(|last| (last.is_left, last.is_due) = (!is_done, is_done));
            // Whoever has opened it again may be typing.
            if is_done && !self.open.get_untracked() {
                self.empty();
            }
        }
    }

    fn empty(self) {
        self.last.update_value(|last| last.is_due = false);
        let empty = self.empty.get_value();
        empty();
    }
}

/// A dialog with fields, "Cancel" and a button that does it, which Enter presses as well. What the
/// fields hold is made anew each time it opens, if `children` make it.
#[component]
pub fn FormDialog(
    /// Opens and closes it.
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// The words of the button.
    #[prop(into)]
    action: Signal<String>,
    /// Why it cannot be done yet: something is missing or wrong.
    #[prop(optional, into)]
    incomplete: Signal<bool>,
    /// While true, what was begun is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether it stays open until `on_submit` closes it: where it may find something wrong.
    #[prop(optional)]
    stays: bool,
    /// Whether it is about something that is picked on the page, without which it cannot be opened.
    #[prop(optional)]
    about_picked: bool,
    /// Does it; then the dialog closes.
    on_submit: Rc<dyn Fn()>,
    children: ChildrenFn,
) -> impl IntoView {
    // Where its page had to be left, it is there again with what was typed.
    if !about_picked && typed::reopens(&title.get_untracked()) {
        open.set(true);
    }
    let on_submit = StoredValue::new_local(on_submit);
    let submit = move || {
        if untrack(|| incomplete.get() || busy.get()) {
            return;
        }
        let submit = on_submit.get_value();
        submit();
        if !stays {
            open.set(false);
        }
    };
    let children = StoredValue::new(children);
    view! {
        <Dialog open title busy>
            <form
                class="dialog-form"
                data-reopens=(!about_picked).then_some("true")
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
            >
                {children.with_value(|children| children())}
                <div class="dialog-actions">
                    <Button
                        label=crate::i18n::t::cancel
                        disabled=busy
                        on_press=move || open.set(false)
                    />
                    <Button
                        label=action
                        kind=ButtonKind::Primary
                        disabled=incomplete
                        busy
                        on_press=submit
                    />
                </div>
            </form>
        </Dialog>
    }
}
