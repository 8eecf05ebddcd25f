//! All servers that cannot be reached: trying them again together, and what they cost, once somebody asks.

use super::list::FAILING;
use super::{AT_ONCE, SERVERS, retried, whole};
use crate::address::route::Route;
use crate::api::federation::{self, Destination, DestinationRoom};
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, ServerName, UserId, rooms};
use crate::browser::navigation::current_query;
use crate::components::button::Button;
use crate::components::link::link;
use crate::components::page::{Card, facts};
use crate::components::toast::Toasts;
use crate::federation::cost::{Bill, Cost, bill};
use crate::federation::health::is_failing;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::lists::Reading;
use crate::media::deletion::is_about_one;
use crate::session::enduring::Enduring;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::propose::propose;
use crate::widgets::actions::things::Things;
use crate::widgets::gather::Gatherer;
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// How many rooms of a server are read with one request.
const PAGE: u64 = 1000;

/// How many of the servers are named that cost most.
const NAMED: usize = 10;

/// The part of the page that is about them, where the list shows them alone.
pub fn section(changed: RwSignal<u32>) -> Node {
    let gatherer = Gatherer::new();
    let found: RwSignal<Option<Rc<Bill>>, LocalStorage> = RwSignal::new_local(None);
    let query = current_query();
    let is_shown =
        Memo::new(move |_| query.with(|query| query.get(FAILING).as_deref() == Some("true")));
    // What those cost that are being tried again now was no answer to how it is.
    Effect::new(move |_| {
        changed.track();
        found.set(None);
    });
    let lack = Session::get()
        .capabilities_now()
        .lack(Feature::DestinationRooms);
    let again = move || {
        let on_change = Rc::new(move || {
            // The page may have been left.
            let _ = changed.try_update(|changed| *changed += 1);
        });
        gatherer.wait(failing, move |servers: Vec<Destination>| {
            let servers = Things::of(&SERVERS, servers);
            propose(gatherer, 0, &servers, Rc::new(|| ()), on_change);
        });
    };
    let count = move || {
        gatherer.wait(read, move |bill: Bill| {
            if bill.each.is_empty() {
                return Toasts::get().info(match retried::unknown() {
                    0 => t::federation_cost_none(),
                    count => t::federation_cost_unknown(count),
                });
            }
            found.set(Some(Rc::new(bill)));
        });
    };
    let buttons = move || {
        view! {
            <div class="report-actions">
                <Button label=t::federation_all_again icon="refresh" on_press=again />
                <Button
                    label=t::federation_cost
                    icon="rooms"
                    disabled=lack.is_some()
                    on_press=count
                />
                <span class="field-hint">
                    {move || lack.map_or_else(t::federation_cost_lead, why_not)}
                </span>
            </div>
            {move || found.get().map(|bill| shown(&bill))}
        }
        .into_node()
    };
    view! {
        {move || is_shown.get().then(buttons)}
        {gatherer.view()}
    }
    .into_node()
}

fn shown(bill: &Bill) -> Node {
    let sentence = t::federation_cost_all(
        &t::federation_cost_members(bill.members),
        &t::federation_cost_rooms(bill.rooms),
        &t::federation_cost_servers(bill.each.len() as u64),
    );
    let silent = (bill.silent > 0).then(|| {
        let words = t::federation_cost_silent(bill.silent);
        view! { <p class="field-warning">{words}</p> }
    });
    let most: Vec<Node> = bill
        .each
        .iter()
        .take(NAMED)
        .filter(|cost| cost.rooms > 0)
        .map(row)
        .collect();
    let most = (!most.is_empty()).then(|| {
        view! {
            <h3>{t::federation_cost_most}</h3>
            {facts(most)}
        }
    });
    view! {
        <Card title=Signal::derive(t::federation_cost)>
            <p role="status">{sentence}</p>
            {silent}
            {most}
        </Card>
    }
    .into_node()
}

fn row(cost: &Cost) -> Node {
    let route = Route::Destination {
        name: cost.server.to_string(),
    };
    let words = format!(
        "{} · {}",
        t::federation_cost_members(cost.members),
        t::federation_cost_rooms(cost.rooms)
    );
    view! {
        <div class="fact">
            <dt>{link(&route.to_string(), "", cost.server.to_string())}</dt>
            <dd>{words}</dd>
        </div>
    }
    .into_node()
}

/// All that cannot be reached.
async fn failing(reading: Reading) -> Result<Vec<Destination>, ApiError> {
    let all = whole::all(&reading).await?.items;
    Ok(all
        .iter()
        .filter(|server| is_failing(server))
        .cloned()
        .collect())
}

/// Asks about each that cannot be reached, then about each room that is shared with one of them.
async fn read(reading: Reading) -> Result<Bill, ApiError> {
    let servers = failing(reading.clone()).await?;
    let client = &Client::get().enduring();
    let of = servers.len() as u64;
    let mut shared: Vec<(ServerName, Vec<RoomId>)> = Vec::new();
    let mut answers = stream::iter(servers)
        .map(|server| rooms_of(client, server.name))
        .buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        shared.push(answer?);
        reading.progress(shared.len() as u64, Some(of));
        if reading.is_cancelled() {
            return Err(ApiError::Cancelled);
        }
    }
    let rooms: HashSet<RoomId> = shared
        .iter()
        .flat_map(|(_, rooms)| rooms)
        .cloned()
        .collect();
    let of = rooms.len() as u64;
    let mut members: HashMap<RoomId, Option<Vec<UserId>>> = HashMap::new();
    let mut answers = stream::iter(rooms)
        .map(|room| members_of(client, room))
        .buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        let (room, found) = answer?;
        members.insert(room, found);
        reading.progress(members.len() as u64, Some(of));
        if reading.is_cancelled() {
            return Err(ApiError::Cancelled);
        }
    }
    Ok(bill(&shared, &members))
}

async fn rooms_of(
    client: &Enduring,
    server: ServerName,
) -> Result<(ServerName, Vec<RoomId>), ApiError> {
    let rooms = every_room(client, &server).await?;
    let rooms = rooms.into_iter().map(|room| room.room_id).collect();
    Ok((server, rooms))
}

/// All rooms of which the homeserver knows with a server.
pub async fn every_room(
    client: &Enduring,
    server: &ServerName,
) -> Result<Vec<DestinationRoom>, ApiError> {
    let ask = |from| federation::rooms(server, from, PAGE);
    // Where it is not known, nothing was ever sent to it.
    let found = ApiError::if_there(client.patient().all_pages(ask, &|_, _| ()).await)?;
    Ok(found.unwrap_or_default())
}

/// Who is in a room; `None` where the server does not say. That it is away says nothing about a room.
async fn members_of(
    client: &Enduring,
    room: RoomId,
) -> Result<(RoomId, Option<Vec<UserId>>), ApiError> {
    match client.patient().send(rooms::members(&room)).await {
        Ok(found) => Ok((room, Some(found.members))),
        Err(error) if is_about_one(&error) => Ok((room, None)),
        Err(error) => Err(error),
    }
}
