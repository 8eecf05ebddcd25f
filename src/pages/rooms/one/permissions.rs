//! The tab "Permissions": who may do what, as a table.

use super::Shown;
use crate::address::route::Route;
use crate::api::events::{self, Event};
use crate::api::{ApiError, RoomId, UserId};
use crate::components::badge::{Tone, badge};
use crate::components::link::link_titled;
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::i18n::{Words, t};
use crate::rooms::power_levels::{Level, Powers, Role};
use crate::session::{Client, learn};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The power levels of a room.
pub async fn powers(room: &RoomId) -> Result<Powers, ApiError> {
    let server = learn::capabilities().await?;
    let client = Client::get();
    let state = match server.since(123) {
        true => {
            let create = client
                .send(events::state(room, Some("m.room.create")))
                .await?;
            let levels = events::state(room, Some("m.room.power_levels"));
            let mut all = create.state;
            all.extend(client.send(levels).await?.state);
            all
        }
        // Older servers answer with everything, whatever is asked for.
        false => client.send(events::state(room, None)).await?.state,
    };
    let of = |kind: &str| {
        let is = |event: &&Event| event.kind == kind && event.state_key.as_deref() == Some("");
        state.iter().find(is)
    };
    let create = of("m.room.create").cloned().unwrap_or_default();
    let levels = of("m.room.power_levels").map(|event| &event.content);
    Ok(Powers::read(&create.sender, &create.content, levels))
}

/// What a role is called.
pub fn role_words(role: Role) -> Words {
    match role {
        Role::Creator => t::role_creator,
        Role::Admin => t::role_admin,
        Role::Moderator => t::role_moderator,
        Role::Member => t::role_member,
        Role::Muted => t::role_muted,
    }
}

/// A role as a mark.
pub fn role_badge(role: Role) -> Node {
    let tone = match role {
        Role::Creator | Role::Admin => Tone::Accent,
        Role::Moderator => Tone::Good,
        Role::Member => Tone::Neutral,
        Role::Muted => Tone::Warning,
    };
    badge(tone, role_words(role))
}

/// The tab with the permissions in a room.
pub fn tab(shown: Shown) -> Node {
    let room = shown.id();
    remote(
        shown.changed,
        move || {
            shown.names.ask();
            let room = room.clone();
            async move { powers(&room).await }
        },
        move |powers: &Powers| tables(shown, powers),
    )
}

/// What a level is, in words: "Moderator (50)".
fn level(powers: &Powers, level: i64) -> String {
    let role = powers.role(Level::Number(level));
    t::room_level(&level.to_string(), &role_words(role)())
}

fn tables(shown: Shown, powers: &Powers) -> Node {
    let people = powers
        .named()
        .into_iter()
        .map(|(user, level)| {
            let role = powers.role(level);
            let number = match level {
                Level::Creator => "∞".to_owned(),
                Level::Number(level) => level.to_string(),
            };
            let names = shown.names;
            let id = user.to_owned();
            let name = {
                let id = id.clone();
                move || names.name(&id)
            };
            let who = match UserId::parse(user) {
                Some(user) => {
                    let name = view! { <bdi>{name}</bdi> };
                    link_titled(&Route::user(&user).to_string(), "", id.clone(), name).into_node()
                }
                None => view! { <bdi>{name}</bdi> }.into_node(),
            };
            view! {
                <tr>
                    <th scope="row">{who}</th>
                    <td>{role_badge(role)}</td>
                    <td class="number">{number}</td>
                </tr>
            }
        })
        .collect_view();
    let needs = |rows: Vec<(String, i64)>| {
        rows.into_iter()
            .map(|(what, needed)| {
                view! {
                    <tr>
                        <th scope="row">{what}</th>
                        <td>{level(powers, needed)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    let acts = needs(vec![
        (t::room_may_write(), powers.events_default),
        (t::room_may_state(), powers.state_default),
        (t::room_may_invite(), powers.invite),
        (t::room_may_kick(), powers.kick),
        (t::room_may_ban(), powers.ban),
        (t::room_may_redact(), powers.redact),
        (t::room_may_notify(), powers.notify_room),
    ]);
    let kinds = needs(
        powers
            .events
            .iter()
            .map(|(kind, level)| (kind_words(kind), *level))
            .collect(),
    );
    let default = level(powers, powers.users_default);
    view! {
        <div class="cards">
            <Card title=Signal::derive(t::room_powers_people)>
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{t::room_powers_who}</th>
                            <th scope="col">{t::room_powers_role}</th>
                            <th scope="col" class="number">{t::room_powers_level}</th>
                        </tr>
                    </thead>
                    <tbody>{people}</tbody>
                </table>
                <p class="field-hint">{t::room_powers_default(&default)}</p>
            </Card>
            <Card title=Signal::derive(t::room_powers_needed)>
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{t::room_powers_what}</th>
                            <th scope="col">{t::room_powers_from}</th>
                        </tr>
                    </thead>
                    <tbody>{acts} {kinds}</tbody>
                </table>
            </Card>
        </div>
    }
    .into_node()
}

/// What sending an event of this type is, in words; else its type.
fn kind_words(kind: &str) -> String {
    match kind {
        "m.room.name" => t::room_may_name(),
        "m.room.topic" => t::room_may_topic(),
        "m.room.avatar" => t::room_may_avatar(),
        "m.room.power_levels" => t::room_may_powers(),
        "m.room.canonical_alias" => t::room_may_alias(),
        "m.room.history_visibility" => t::room_may_history(),
        "m.room.encryption" => t::room_may_encryption(),
        "m.room.tombstone" => t::room_may_tombstone(),
        "m.room.server_acl" => t::room_may_acl(),
        "m.space.child" => t::room_may_child(),
        other => other.to_owned(),
    }
}
