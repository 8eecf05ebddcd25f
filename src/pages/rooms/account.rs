//! An account of this server, as a person types it.

use crate::api::UserId;
use crate::i18n::t;
use crate::session::Session;
use leptos::prelude::*;

/// The local user that a person has typed.
pub fn local_user(text: &str) -> Option<UserId> {
    let user = UserId::parse(text.trim())?;
    (Some(user.server()) == Session::get().server_name()).then_some(user)
}

/// Why what is typed is no local user; nothing for an empty field.
pub fn not_local(value: RwSignal<String>) -> Signal<Option<String>> {
    Signal::derive(move || {
        value.with(|text| {
            let empty = text.trim().is_empty();
            (!empty && local_user(text).is_none()).then(t::room_user_wrong)
        })
    })
}

/// One's own user ID, to begin with.
pub fn own() -> String {
    let own = Session::get().user_id();
    own.map(|own| own.to_string()).unwrap_or_default()
}
