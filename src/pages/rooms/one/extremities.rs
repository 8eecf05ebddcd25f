//! The tab "Forward extremities": the events after which nothing has come yet. Many of them make
//! a room slow.

use super::Shown;
use crate::api::extremities::{self, Extremities};
use crate::api::{ApiError, RoomId, rooms};
use crate::components::button::{Button, ButtonKind};
use crate::components::identifier::identifier;
use crate::components::nothing;
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::i18n::{format, t};
use crate::operations::{Confirmation, Operations, Proposal, TargetJob};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// From so many on a room gets slow, as Synapse's documentation says.
const MANY: u64 = 10;

/// The tab with the forward extremities of a room.
pub fn tab(shown: Shown) -> Node {
    let room = shown.id();
    let list = remote(
        shown.changed,
        move || {
            let room = room.clone();
            async move { read(&room).await }
        },
        move |found: &Extremities| table(shown, found),
    );
    view! {
        <div class="cards" data-wide="true">
            <Card title=Signal::derive(t::room_extremities)>
                <p>{t::room_extremities_lead}</p>
                {list}
            </Card>
        </div>
    }
    .into_node()
}

/// A room that nobody here is in has none, which the server takes for an error of its own. Where
/// somebody is, or nobody knows, an error is one.
async fn read(room: &RoomId) -> Result<Extremities, ApiError> {
    let client = Client::get();
    let answer = client.send(extremities::list(room)).await;
    if !matches!(&answer, Err(ApiError::Matrix { status: 500, .. })) {
        return answer;
    }
    match client.send(rooms::get(room)).await {
        Ok(detail) if detail.room.joined_local_members == Some(0) => Ok(Extremities {
            count: 0,
            results: Vec::new(),
        }),
        _ => answer,
    }
}

fn table(shown: Shown, found: &Extremities) -> Node {
    let count = found.count;
    let rows = found
        .results
        .iter()
        .map(|one| {
            let number = |value: Option<i64>| match value {
                Some(value) => format::number(value as f64).into_node(),
                None => nothing(),
            };
            view! {
                <tr>
                    <th scope="row">{identifier(&one.event_id)}</th>
                    <td class="number">{number(one.depth)}</td>
                    <td class="number">{number(one.state_group)}</td>
                    <td>{one.received_ts.map_or_else(nothing, date_time)}</td>
                </tr>
            }
        })
        .collect_view();
    let words = match count {
        0 => t::room_extremities_none(),
        1 => t::room_extremities_one(),
        count if count < MANY => t::room_extremities_some(count),
        count => t::room_extremities_many(count),
    };
    view! {
        <p>{words}</p>
        {(count > 0)
            .then(|| {
                view! {
                    <div class="wide" tabindex="0" role="group" aria-label=t::room_extremities>
                        <table class="plain-table">
                            <thead>
                                <tr>
                                    <th scope="col">{t::ev_id}</th>
                                    <th scope="col" class="number">{t::room_extremities_depth}</th>
                                    <th scope="col" class="number">{t::room_extremities_group}</th>
                                    <th scope="col">{t::room_extremities_received}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }
            })}
        {(count > 1)
            .then(|| {
                view! {
                    <Button
                        label=t::room_extremities_delete
                        icon="trash"
                        kind=ButtonKind::Danger
                        on_press=move || ask(shown, count)
                    />
                }
            })}
    }
    .into_node()
}

fn ask(shown: Shown, count: u64) {
    let title = t::room_extremities_delete_count(count - 1);
    let room = shown.id();
    let name = shown
        .detail_now()
        .map(|detail| detail.room.title().to_owned())
        .unwrap_or_default();
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: t::room_extremities_delete_text(),
        facts: vec![(t::room_fact_rooms(), format!("{name} ({room})"))],
        action: title.clone(),
        danger: true,
        confirmation: Confirmation::Type((count - 1).to_string()),
        fields: None,
        run: Rc::new(move || {
            TargetJob::one(
                title.clone(),
                room.to_string(),
                extremities::delete(&room).call,
            )
            .on_end(move |_| shown.refresh())
            .start();
        }),
    });
}
