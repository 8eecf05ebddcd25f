//! A dialog with a form about one thing.

use super::button::{Button, ButtonKind};
use super::dialog::Dialog;
use super::typed;
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;

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
                    <Button label=crate::i18n::t::cancel on_press=move || open.set(false) />
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
