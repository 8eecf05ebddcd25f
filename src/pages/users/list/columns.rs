//! The columns of the list of users. What an export has under a name of the CSV import is
//! written as the import reads it.

use super::marks::state_marks;
use super::standing::told;
use super::suspended;
use crate::api::tolerant::Timestamp;
use crate::api::users::User;
use crate::browser::clock::iso;
use crate::browser::navigation::current_query;
use crate::components::badge::tick;
use crate::components::nothing;
use crate::components::time::{time, time_or_never};
use crate::components::unknown;
use crate::i18n::{Words, t};
use crate::known::{Known, Why};
use crate::lists::Column;
use crate::ui::{IntoNode, Node, view};
use crate::users::address::filter;
use crate::users::query::UserOrder;
use crate::widgets::pictures::listed_avatar;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// All columns, in their order.
pub fn columns() -> Vec<Column> {
    let query = current_query();
    let id = |user: &User| user.name.to_string();
    let name = |user: &User| user.displayname.clone().unwrap_or_default();
    let kind = |user: &User| user.user_type.clone().unwrap_or_default();
    vec![
        Column::new("avatar_url", t::users_avatar, |user: &User| {
            user.avatar_url.clone().unwrap_or_default()
        })
        .cell(move |user: &User| picture(user, query))
        .without_heading()
        .width(2.75),
        Column::new("id", t::users_id, id)
            .main()
            .sorted(UserOrder::Name)
            .grow(12.5, 2.0),
        Column::new("displayname", t::users_name, name)
            .sorted(UserOrder::DisplayName)
            .grow(8.5, 1.5),
        mark("admin", t::users_admin, |user| told().admin(user))
            .sorted(UserOrder::Admin)
            .width(5.0),
        flag("is_guest", t::users_guest, |user| user.is_guest)
            .sorted(UserOrder::Guest)
            .hidden(),
        Column::new("user_type", t::users_type, kind)
            .sorted(UserOrder::UserType)
            .width(4.75),
        Column::new("state", t::users_state, |_: &User| String::new())
            .cell(state)
            .not_exported()
            .width(7.75),
        flag("deactivated", t::users_deactivated, |user| user.deactivated)
            .sorted(UserOrder::Deactivated)
            .width(8.75)
            .hidden(),
        mark("locked", t::users_locked, |user| told().locked(user))
            .sorted(UserOrder::Locked)
            .hidden(),
        flag("shadow_banned", t::users_shadow_banned, |user| {
            user.shadow_banned
        })
        .sorted(UserOrder::ShadowBanned)
        .width(10.0)
        .hidden(),
        mark("suspended", t::user_suspended, suspended::told).hidden(),
        mark("erased", t::users_erased, |user| told().erased(user)).hidden(),
        Column::new("approved", t::users_approved, |user: &User| {
            user.approved
                .map(|approved| approved.to_string())
                .unwrap_or_default()
        })
        .cell(|user: &User| user.approved.map_or_else(nothing, tick))
        .width(7.0)
        .hidden(),
        moment("created", t::users_created, |user| user.creation_ts).sorted(UserOrder::Created),
        moment("last_seen", t::users_last_seen, |user| user.last_seen_ts)
            .cell(|user: &User| last_seen(told().last_seen(user)))
            .sorted(UserOrder::LastSeen),
    ]
}

/// The questions about accounts that nobody uses. Showing their pictures would count as a use of
/// these.
const ABOUT_AGE: [&str; 4] = [
    filter::NOT_SEEN_SINCE,
    filter::SEEN,
    filter::SEEN_FROM,
    filter::DEVICES,
];

fn picture(user: &User, query: Memo<ParamsMap>) -> Node {
    let asks = |query: &ParamsMap| ABOUT_AGE.iter().any(|name| query.get(name).is_some());
    let picture = user.avatar_url.as_deref();
    let picture = picture.filter(|_| !query.with_untracked(asks));
    listed_avatar(&user.name, user.displayname.as_deref(), picture)
}

/// Badges for what is out of the ordinary.
fn state(user: &User) -> Node {
    let user = User {
        suspended: suspended::told(user).value(),
        ..user.clone()
    };
    let marks = state_marks(&user, &told());
    if marks.is_empty() {
        return nothing();
    }
    view! { <span class="marks">{marks}</span> }.into_node()
}

fn flag(id: &'static str, label: Words, of: fn(&User) -> bool) -> Column {
    Column::new(id, label, move |user: &User| of(user).to_string())
        .cell(move |user: &User| tick(of(user)))
        .width(6.25)
}

/// The same where not every server tells.
fn mark(id: &'static str, label: Words, of: fn(&User) -> Known<bool>) -> Column {
    let text = move |user: &User| {
        let known = of(user).value();
        known.map(|known| known.to_string()).unwrap_or_default()
    };
    Column::new(id, label, text)
        .cell(move |user: &User| match of(user) {
            Known::Is(known) => tick(known),
            Known::Unknown(why) => unknown(why),
        })
        .width(6.25)
}

/// When an account was last used; a word where there is no record.
pub fn last_seen(known: Known<Timestamp>) -> Node {
    match known {
        Known::Is(at) => time(at),
        Known::Unknown(Why::NoRecord) => no_trace(),
        Known::Unknown(why) => unknown(why),
    }
}

/// That the server has no record of any use, which is not "never".
pub fn no_trace() -> Node {
    view! {
        <span class="nothing" title=t::user_no_trace_text>
            {t::users_seen_never}
        </span>
    }
    .into_node()
}

fn moment(id: &'static str, label: Words, of: fn(&User) -> Option<Timestamp>) -> Column {
    Column::new(id, label, move |user: &User| {
        of(user).map(iso).unwrap_or_default()
    })
    .cell(move |user: &User| time_or_never(of(user)))
    .width(7.5)
}
