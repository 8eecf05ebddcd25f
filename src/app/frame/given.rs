//! The passwords that were given to accounts, each shown once.

use crate::components::button::{Button, ButtonKind};
use crate::components::clipboard::copy_button;
use crate::components::dialog::Dialog;
use crate::i18n::t;
use crate::operations::given::GivenPasswords;
use crate::ui::view;
use leptos::prelude::*;

/// Shows them one after another, until the person says that they have seen it: no key and no click beside
/// it takes it away.
#[component]
pub fn GivenPasswordDialog() -> impl IntoView {
    let given = GivenPasswords::get();
    let open = RwSignal::new(false);
    let first = Memo::new(move |_| given.first());
    Effect::new(move |_| open.set(first.with(Option::is_some)));
    let title = move || match first.get() {
        Some(given) if !given.is_sure => t::security_password_unsure(),
        _ => t::security_password_is_set(),
    };
    let secret = move || {
        let given = first.get()?;
        Some(view! {
            <p>{t::security_password_once(given.user.as_str())}</p>
            <p class="secret">
                <code>{given.password.clone()}</code>
                {copy_button(given.password, Some(t::password))}
            </p>
        })
    };
    view! {
        <Dialog open title=Signal::derive(title) dismissable=false>
            {secret}
            <div class="dialog-actions">
                <Button label=t::close kind=ButtonKind::Primary on_press=move || given.close() />
            </div>
        </Dialog>
    }
}
