//! Dialogs, on the browser's own `<dialog>`: it keeps the focus inside and gives it back.

use super::icon::icon;
use super::ids::fresh;
use crate::i18n::t;
use crate::ui::view;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// A modal dialog. Its children exist only while it is open, so whatever state they keep begins
/// anew each time.
///
/// Put the buttons last, in `<div class="dialog-actions">`, which stays in sight; with them what
/// has to be typed before they can be pressed. With a `<form class="dialog-form">`
/// around everything, Enter submits it.
#[component]
pub fn Dialog(
    /// Opens and closes it; the dialog sets it to `false` when the person closes it.
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// Whether Esc, a click beside it and the cross close it.
    #[prop(default = true)]
    dismissable: bool,
    /// For tables and long forms.
    #[prop(optional)]
    large: bool,
    /// While true, it cannot be closed.
    #[prop(optional, into)]
    busy: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let element: NodeRef<html::Dialog> = NodeRef::new();
    let title_id = fresh("dialog");
    let labelled = title_id.clone();
    // Whether it was shown and has not been closed from here since. The browser tells of a closing a
    // moment later, when the dialog may be wanted again: what is told of our own says nothing then.
    let shown = StoredValue::new(false);
    let may_close = move || dismissable && !busy.get_untracked();
    let close = move || {
        if may_close() {
            open.set(false);
        }
    };
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = element.get() else { return };
        if wanted && !dialog.open() {
            spawn_local(async move {
                // What is inside must be there before the browser looks for what to focus.
                leptos::task::tick().await;
                if open.try_get_untracked() == Some(true) && !dialog.open() {
                    // Fails only for a dialog that has left the page.
                    let _ = dialog.show_modal();
                    let _ = shown.try_set_value(true);
                }
            });
        } else if !wanted {
            shown.set_value(false);
            if dialog.open() {
                dialog.close();
            }
        }
    });
    let on_cancel = move |event: leptos::ev::Event| {
        // A file field inside tells of its own cancelling the same way.
        let own = event.target() == event.current_target();
        if own && !may_close() {
            event.prevent_default();
        }
    };
    let on_close = move |event: leptos::ev::Event| {
        if event.target() != event.current_target() || open.try_get_untracked() != Some(true) {
            return;
        }
        let Some(Some(dialog)) = element.try_get_untracked() else {
            return;
        };
        if shown.try_get_value() != Some(true) || dialog.open() {
            // It has been opened again since.
            return;
        }
        if may_close() {
            open.set(false);
        } else {
            // Browsers close on the second Esc whatever the page says.
            let _ = dialog.show_modal();
        }
    };
    let on_pointer_down = move |event: leptos::ev::PointerEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok());
        // The dialog's own area is covered by its content: only the backdrop is left.
        if target.is_some() && target == element.get_untracked() {
            close();
        }
    };
    view! {
        <dialog
            node_ref=element
            class="dialog"
            data-size=if large { "large" } else { "small" }
            aria-labelledby=labelled
            aria-busy=move || busy.get().then_some("true")
            on:cancel=on_cancel
            on:close=on_close
            on:pointerdown=on_pointer_down
        >
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="dialog-content">
                                <h2 class="dialog-title" id=title_id.clone()>
                                    {title}
                                </h2>
                                <div class="dialog-body">{children()}</div>
                                {dismissable
                                    .then(|| {
                                        view! {
                                            <button
                                                type="button"
                                                class="icon-button dialog-close"
                                                aria-label=t::close
                                                title=t::close
                                                disabled=busy
                                                on:click=move |_| close()
                                            >
                                                {icon("x")}
                                            </button>
                                        }
                                    })}
                            </div>
                        }
                    })
            }}
        </dialog>
    }
}
