//! The question before something unsaved is left behind.

use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::button::ButtonKind;
use crate::components::confirm::Confirm;
use crate::components::form::Unsaved;
use crate::i18n::t;
use crate::ui::view;
use leptos::prelude::*;

/// Asks whenever the router has been stopped by unsaved changes.
#[component]
pub fn LeavingDialog() -> impl IntoView {
    let unsaved = Unsaved::get();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if unsaved.leaving.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() && unsaved.leaving.with_untracked(Option::is_some) {
            unsaved.leaving.set(None);
        }
    });
    // The session may end meanwhile: whoever signs in next has nothing unsaved.
    on_cleanup(move || unsaved.leaving.set(None));
    let leave = move |()| {
        let Some(route) = unsaved.leaving.get_untracked() else {
            return;
        };
        unsaved.forget_page();
        open.set(false);
        navigate(&route, HistoryStep::Replace);
    };
    view! {
        <Confirm
            open
            title=Signal::derive(t::form_leave_title)
            action=Signal::derive(t::form_leave)
            kind=ButtonKind::Danger
            on_confirm=leave
        >
            <p>{t::form_leave_text}</p>
        </Confirm>
    }
}
