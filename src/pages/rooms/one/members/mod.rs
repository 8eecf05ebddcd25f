//! The tab "Members": who is in the room, with their role; who is invited, asks to come in or is
//! banned, where somebody wants to know.
//!
//! | file | what |
//! |---|---|
//! | `act` | making them admins, removing and banning them |

pub(super) mod act;

use self::act::MemberTargets;
use super::Shown;
use super::names::Names;
use super::permissions::{powers, role_badge, role_words};
use crate::actions::plain;
use crate::address::route::Route;
use crate::api::events::MEMBER;
use crate::api::{ApiError, RoomId, UserId, events, rooms};
use crate::components::badge::{Tone, badge};
use crate::components::unknown;
use crate::i18n::{Words, t};
use crate::known::{Known, Why};
use crate::lists::{
    Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Source,
    arrange_known,
};
use crate::rooms::power_levels::{Level, Role};
use crate::session::{Client, Session};
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::menu;
use crate::widgets::pictures::avatar_of;
use leptos::prelude::*;
use std::cmp::Ordering;

/// The filter by what they are in the room, as the address names it; members if it says nothing.
const MEMBERSHIP: &str = "membership";

/// A member, as the tab shows it.
#[derive(Clone)]
pub struct Member {
    pub user: UserId,
    /// `join`, `invite`, `knock`, `ban`.
    pub membership: String,
    name: String,
    picture: Option<String>,
    level: Known<Level>,
    role: Known<Role>,
    is_local: bool,
}

/// The tab with the members of a room.
pub fn tab(shown: Shown) -> Node {
    shown.names.ask();
    let (acted, reload) = (RwSignal::new(0), RwSignal::new(0));
    // The rows have the names that are known when they are read: those that come later, at once.
    Effect::new(move |before: Option<(u32, bool)>| {
        let now = (shown.changed.get(), shown.names.are_there());
        if before.is_some_and(|before| before != now) {
            reload.update(|reload| *reload += 1);
        }
        now
    });
    Effect::new(move |before: Option<u32>| {
        let now = acted.get();
        if before.is_some_and(|before| before != now) {
            shown.refresh();
        }
        now
    });
    let spec = ListSpec::new(
        "room-members",
        t::room_members,
        |row: &Member| row.user.to_string(),
        Source::here({
            let room = shown.id();
            move |query, _reading| load(room.clone(), shown.names, query)
        }),
    )
    .defaults(Defaults {
        sort: MemberOrder::Level.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::room_members_search)
    .link(|row: &Member| {
        if row.is_local {
            Route::user(&row.user).to_string()
        } else {
            String::new()
        }
    })
    .filter(Filter::new(
        "where",
        t::room_members_where,
        FilterKind::Choice(vec![
            ("local", t::room_members_local as Words),
            ("remote", t::room_members_remote),
        ]),
    ))
    .filter(
        Filter::new(
            MEMBERSHIP,
            t::member_membership,
            FilterKind::Choice(vec![
                ("invite", t::rooms_invited as Words),
                ("knock", t::rooms_knocked),
                ("ban", t::rooms_banned),
            ]),
        )
        .reading(|_| true),
    )
    .empty(
        "users",
        t::room_members_none,
        Some(t::room_members_none_text),
    )
    .reload(reload)
    .bulk(move |picked| {
        let room = shown.id();
        menu::bar(picked, acted, move |rows: Vec<Member>, _| {
            let rows = rows.into_iter().map(|row| (row.user, row.membership));
            MemberTargets::of(room.clone(), rows.collect())
        })
    })
    .columns(columns());
    view! { <List spec /> }.into_node()
}

sort_keys! {
    /// What the list of members can be sorted by.
    MemberOrder {
        Name: "name",
        Id: "user_id",
        Level: "level",
        Server: "server",
    }
}

fn number(level: Level) -> String {
    match level {
        Level::Creator => "∞".to_owned(),
        Level::Number(level) => level.to_string(),
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("avatar", t::users_avatar, |_: &Member| String::new())
            .cell(|row: &Member| avatar_of(row.user.as_str(), &row.name, row.picture.as_deref()))
            .without_heading()
            .not_exported()
            .width(2.75),
        Column::new("name", t::room_members_name, |row: &Member| {
            row.name.clone()
        })
        .main()
        .sorted(MemberOrder::Name)
        .grow(9.0, 1.5),
        Column::new("user_id", t::users_id, |row: &Member| row.user.to_string())
            .copyable()
            .sorted(MemberOrder::Id)
            .grow(11.0, 2.0),
        Column::new("role", t::room_powers_role, |row: &Member| {
            let words = |role| role_words(role)();
            row.role.map(words).value().unwrap_or_default()
        })
        .cell(|row: &Member| match row.role {
            Known::Is(role) => role_badge(role),
            Known::Unknown(why) => unknown(why),
        })
        .width(8.0),
        Column::new("level", t::room_powers_level, |row: &Member| {
            row.level.map(number).value().unwrap_or_default()
        })
        .cell(|row: &Member| match row.level {
            Known::Is(level) => number(level).into_node(),
            Known::Unknown(why) => unknown(why),
        })
        .sorted(MemberOrder::Level)
        .number()
        .width(5.5),
        Column::new("local", t::room_members_where, |row: &Member| {
            row.user.server().to_string()
        })
        .cell(|row: &Member| match row.is_local {
            true => badge(Tone::Neutral, t::room_members_local),
            false => view! { <bdi>{row.user.server().to_string()}</bdi> }.into_node(),
        })
        .sorted(MemberOrder::Server)
        .grow(7.0, 1.0),
    ]
}

/// Those who are this in the room, and what they call themselves where the answer has it.
async fn people(
    room: &RoomId,
    membership: &str,
) -> Result<Vec<(UserId, Option<String>)>, ApiError> {
    let client = Client::get();
    if membership == "join" {
        let members = client.send(rooms::members(room)).await?.members;
        return Ok(members.into_iter().map(|user| (user, None)).collect());
    }
    let state = client.send(events::state(room, Some(MEMBER))).await?;
    let people = state.memberships().filter(|(_, is, _)| *is == membership);
    let people = people.map(|(user, _, called)| (user, called.map(str::to_owned)));
    Ok(people.collect())
}

/// The members that the filter leaves.
async fn found(room: &RoomId, names: Names, query: &ListQuery) -> Result<Vec<Member>, ApiError> {
    let own = Session::get().server_name();
    let wanted = query.get(MEMBERSHIP).unwrap_or("join").to_owned();
    let people = people(room, &wanted).await?;
    let powers = match powers(room).await {
        // Of a broken room the members are to be seen, if not their roles.
        Err(ApiError::Matrix { .. }) => None,
        powers => Some(powers?),
    };
    let place = query.get("where").map(str::to_owned);
    let mut known = names.now();
    let rows = people.into_iter().map(|(user, called)| {
        let person = known.remove(user.as_str());
        let called = called
            .map(|name| plain(&name))
            .filter(|name| !name.is_empty());
        let level = powers.as_ref().map(|powers| powers.of(user.as_str()));
        let role = powers.as_ref().zip(level);
        let role = role.map(|(powers, level)| powers.role(level));
        Member {
            name: match (&person, called) {
                (Some(person), _) => person.name.clone(),
                (None, Some(called)) => called,
                (None, None) => user.localpart().to_owned(),
            },
            membership: wanted.clone(),
            picture: person.and_then(|person| person.picture),
            role: Known::or(role, Why::Silent),
            is_local: own.as_ref() == Some(&user.server()),
            level: Known::or(level, Why::Silent),
            user,
        }
    });
    Ok(rows
        .filter(|row| match place.as_deref() {
            Some("local") => row.is_local,
            Some("remote") => !row.is_local,
            _ => true,
        })
        .collect())
}

async fn load(room: RoomId, names: Names, query: ListQuery) -> Result<ListPage, ApiError> {
    let rows = found(&room, names, &query).await?;
    let (page, total) = arrange_known(
        rows,
        &query,
        |row| format!("{}\n{}", row.user, row.name),
        |key, a, b, descending| {
            let turned = |order: Ordering| match descending {
                true => order.reverse(),
                false => order,
            };
            let by_key = match key {
                MemberOrder::Name => turned(a.name.to_lowercase().cmp(&b.name.to_lowercase())),
                MemberOrder::Level => a.level.compare(&b.level, descending),
                MemberOrder::Server => turned(a.user.server().cmp(&b.user.server())),
                MemberOrder::Id => turned(a.user.cmp(&b.user)),
            };
            by_key.then_with(|| turned(a.user.cmp(&b.user)))
        },
    );
    Ok(ListPage::new(page, total))
}
