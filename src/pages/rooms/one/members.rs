//! The tab "Members": who is in the room, with their role.

use super::Shown;
use super::permissions::{powers, role_badge, role_words};
use crate::address::route::Route;
use crate::api::{ApiError, UserId, rooms};
use crate::components::badge::{Tone, badge};
use crate::components::button::Button;
use crate::components::toast::Toasts;
use crate::i18n::{Words, format, t};
use crate::lists::{
    Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Picked, Source,
    arrange,
};
use crate::operations::{Confirmation, Operations, Proposal, Target, TargetJob};
use crate::rooms::power_levels::{Level, Powers, Role};
use crate::session::{Client, Session};
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::gather::Gatherer;
use crate::widgets::pictures::avatar_of;
use leptos::prelude::*;
use std::rc::Rc;

/// A member, as the tab shows it.
#[derive(Clone)]
struct Row {
    user: UserId,
    name: String,
    picture: Option<String>,
    level: Level,
    role: Role,
    is_local: bool,
}

/// The tab with the members of a room.
pub fn tab(shown: Shown) -> Node {
    shown.names.ask();
    let gatherer = Gatherer::new();
    let spec = ListSpec::new(
        "room-members",
        t::room_members,
        |row: &Row| row.user.to_string(),
        Source::here(move |query, _reading| load(shown, query)),
    )
    .defaults(Defaults {
        sort: MemberOrder::Level.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::room_members_search)
    .link(|row: &Row| {
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
    .empty("users", t::room_members_none, None)
    .reload(shown.changed)
    .bulk(move |picked| bulk(shown, gatherer, picked))
    .columns(columns());
    view! {
        <List spec />
        {gatherer.view()}
    }
    .into_node()
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

fn columns() -> Vec<Column> {
    vec![
        Column::new("avatar", t::users_avatar, |_: &Row| String::new())
            .cell(|row: &Row| avatar_of(row.user.as_str(), &row.name, row.picture.as_deref()))
            .without_heading()
            .not_exported()
            .width(2.75),
        Column::new("name", t::room_members_name, |row: &Row| row.name.clone())
            .main()
            .sorted(MemberOrder::Name)
            .grow(9.0, 1.5),
        Column::new("user_id", t::users_id, |row: &Row| row.user.to_string())
            .copyable()
            .sorted(MemberOrder::Id)
            .grow(11.0, 2.0),
        Column::new("role", t::room_powers_role, |row: &Row| {
            role_words(row.role)()
        })
        .cell(|row: &Row| role_badge(row.role))
        .width(8.0),
        Column::new("level", t::room_powers_level, |row: &Row| match row.level {
            Level::Creator => "∞".to_owned(),
            Level::Number(level) => level.to_string(),
        })
        .sorted(MemberOrder::Level)
        .number()
        .width(5.5),
        Column::new("local", t::room_members_where, |row: &Row| {
            row.user.server().to_string()
        })
        .cell(|row: &Row| match row.is_local {
            true => badge(Tone::Neutral, t::room_members_local),
            false => view! { <bdi>{row.user.server().to_string()}</bdi> }.into_node(),
        })
        .sorted(MemberOrder::Server)
        .grow(7.0, 1.0),
    ]
}

/// The members that the filter leaves.
async fn found(shown: Shown, query: &ListQuery) -> Result<Vec<Row>, ApiError> {
    let room = shown.id();
    let own = Session::get().server_name();
    let members = Client::get().send(rooms::members(&room)).await?;
    let powers = match powers(&room).await {
        // Of a broken room the members are to be seen, if not their roles.
        Err(ApiError::Matrix { .. }) => Powers::default(),
        powers => powers?,
    };
    let wanted = query.get("where").map(str::to_owned);
    let rows = members.members.into_iter().map(|user| {
        let person = untrack(|| shown.names.person(user.as_str()));
        let level = powers.of(user.as_str());
        Row {
            name: match &person {
                Some(person) => person.name.clone(),
                None => user.localpart().to_owned(),
            },
            picture: person.and_then(|person| person.picture),
            role: powers.role(level),
            is_local: own.as_ref() == Some(&user.server()),
            level,
            user,
        }
    });
    Ok(rows
        .filter(|row| match wanted.as_deref() {
            Some("local") => row.is_local,
            Some("remote") => !row.is_local,
            _ => true,
        })
        .collect())
}

async fn load(shown: Shown, query: ListQuery) -> Result<ListPage, ApiError> {
    let rows = found(shown, &query).await?;
    let (page, total) = arrange(
        rows,
        &query,
        |row| format!("{}\n{}", row.user, row.name),
        |key, a, b| {
            let by_key = match key {
                MemberOrder::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
                MemberOrder::Level => a.level.cmp(&b.level),
                MemberOrder::Server => a.user.server().cmp(&b.user.server()),
                MemberOrder::Id => a.user.cmp(&b.user),
            };
            by_key.then_with(|| a.user.cmp(&b.user))
        },
    );
    Ok(ListPage::new(page, total))
}

fn bulk(shown: Shown, gatherer: Gatherer, picked: Picked) -> Node {
    let press = move || {
        gatherer.gather(
            picked,
            Rc::new(move |rows| make_admins(shown, rows, picked)),
        );
    };
    view! { <Button label=t::room_members_make_admin icon="shield-check" on_press=press /> }
        .into_node()
}

/// Gives local members the power of the local member who has most.
fn make_admins(shown: Shown, rows: Vec<Row>, picked: Picked) {
    let all = rows.len();
    let users: Rc<[UserId]> = rows
        .into_iter()
        .filter(|row| row.is_local)
        .map(|row| row.user)
        .collect();
    if users.is_empty() {
        return Toasts::get().info(t::room_members_no_local());
    }
    let count = users.len() as u64;
    let names: Vec<&str> = users.iter().take(5).map(UserId::as_str).collect();
    let mut facts = vec![(
        t::act_fact_users(),
        format!("{}: {}", format::number(count as f64), names.join(", ")),
    )];
    if all > users.len() {
        let left = (all - users.len()) as f64;
        facts.push((t::room_members_left_out(), format::number(left)));
    }
    let title = t::room_members_make_admin_count(count);
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: t::room_members_make_admin_text(),
        facts,
        action: title.clone(),
        danger: false,
        confirmation: Confirmation::Click,
        fields: None,
        run: Rc::new(move || {
            picked.clear();
            let room = shown.id();
            let targets = users
                .iter()
                .map(|user| Target {
                    name: format!("{user} ({room})"),
                    call: rooms::make_admin(&room, user).call,
                })
                .collect();
            TargetJob::new(title.clone(), targets)
                .one_by_one()
                .on_end(move |_| shown.refresh())
                .start();
        }),
    });
}
