//! That Matrix Authentication Service is closed to this session: why, and the way to the page that says what can be
//! done about it.

use crate::address::route::Route;
use crate::api::server::Lack;
use crate::components::badge::Tone;
use crate::components::link::link;
use crate::components::notice::Notice;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// Why something is lacking, with the way to what can be done about it, if that is somewhere.
pub fn reason(lack: Lack) -> Node {
    let way = lack.has_advice().then(|| {
        let to = Route::Authentication.to_string();
        view! { " " {link(&to, "", t::mas_closed_way)} }
    });
    view! { {why_not(lack)} {way} }.into_node()
}

/// For a page of what Matrix Authentication Service keeps, where that is closed to this session; nothing elsewhere.
/// Follows what becomes known of it.
pub fn notice() -> Node {
    let session = Session::get();
    let lack = Memo::new(move |_| {
        let lack = session.capabilities().lack_of_mas();
        lack.filter(|lack| lack.has_advice())
    });
    let notice = move || {
        lack.get().map(|lack| {
            view! {
                <Notice tone=Tone::Warning title=Signal::derive(t::mas_closed_title)>
                    <p>{reason(lack)}</p>
                </Notice>
            }
        })
    };
    view! { {notice} }.into_node()
}
