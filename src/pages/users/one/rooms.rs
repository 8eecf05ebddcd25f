//! The tab "Rooms": the rooms of an account; joining and leaving on its behalf.

use super::Shown;
use crate::address::route::Route;
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, UserId, rooms, users};
use crate::components::badge::{Tone, badge, badge_text};
use crate::components::button::{Button, ButtonKind};
use crate::components::field::Choice;
use crate::components::form_dialog::{FormDialog, SentFields};
use crate::components::identifier::identifier_text;
use crate::components::toast::Toasts;
use crate::components::{nothing, unknown};
use crate::i18n::{Words, t};
use crate::known::{Known, Why};
use crate::lists::cached;
use crate::lists::{
    self, Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Picked,
    Reading, Source, arrange, typed,
};
use crate::operations::{Confirmation, OnTarget, Operations, Proposal, TargetJob, joining};
use crate::pages::rooms::leaving::leave_as;
use crate::runner::Step;
use crate::session::{Client, Session};
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::listed;
use crate::widgets::gather::Gatherer;
use crate::widgets::mas_closed;
use crate::widgets::room_field::{RoomChoice, room_field};
use crate::widgets::subjects::rooms::{self as subject, Subject, menu};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// So many names of rooms are looked up at a time.
const AT_ONCE: usize = 4;

/// Where more than a page of them is looked up, it is said how far that is.
const MANY: u64 = 100;

/// A room, as the tab shows it.
#[derive(Clone)]
struct Row {
    room: RoomId,
    /// `join`, `invite`, `leave`, `ban`, `knock`.
    membership: String,
    /// Name and members; `None` if the server does not have the room.
    detail: Known<Option<rooms::Room>>,
}

impl Row {
    /// What the server has of the room.
    fn here(&self) -> Option<&rooms::Room> {
        match &self.detail {
            Known::Is(room) => room.as_ref(),
            Known::Unknown(_) => None,
        }
    }
}

/// What has been found out about rooms; they are asked for once.
type Found = Rc<RefCell<HashMap<RoomId, Option<rooms::Room>>>>;

/// What the parts of the tab share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Tab {
    user: StoredValue<UserId>,
    deactivated: bool,
    found: StoredValue<Found, LocalStorage>,
    changed: RwSignal<u32>,
}

impl Tab {
    fn refresh(self) {
        // The page may have been left.
        let _ = self.changed.try_update(|changed| *changed += 1);
    }
}

/// The tab with the rooms of a user.
pub fn tab(shown: Shown) -> Node {
    let server = Session::get().capabilities_now();
    let lack = server.lack(Feature::Memberships);
    let deactivated = shown.is_deactivated();
    let tab = Tab {
        user: shown.user,
        deactivated,
        found: StoredValue::new_local(Rc::default()),
        changed: RwSignal::new(0),
    };
    // Also where a room of the list is deleted.
    Effect::new(move |before: Option<u32>| {
        let now = tab.changed.get();
        if before.is_some_and(|before| before != now) {
            super::refresh(shown);
        }
        now
    });
    let joining = RwSignal::new(false);
    let gatherer = Gatherer::new();
    let mut spec = ListSpec::new(
        "user-rooms",
        t::user_rooms,
        |row: &Row| row.room.to_string(),
        Source::here({
            let (user, found) = (tab.user.get_value(), tab.found.get_value());
            let seen = Cell::new(0);
            move |query, reading| {
                // What was done to rooms may have changed what they are called, or that they are.
                let now = tab.changed.try_get_untracked().unwrap_or_default();
                if seen.replace(now) != now || reading.is_refresh() {
                    found.borrow_mut().clear();
                }
                load(
                    user.clone(),
                    Rc::clone(&found),
                    lack.is_none(),
                    query,
                    reading,
                )
            }
        }),
    )
    .defaults(Defaults {
        sort: MembershipOrder::Membership.key(),
        ..Default::default()
    })
    .search(t::rooms_search)
    .link(|row: &Row| Route::room(&row.room).to_string())
    .empty("rooms", t::rooms_empty, Some(t::rooms_empty_text))
    .bulk(move |picked| bulk(tab, gatherer, picked))
    .reload(tab.changed);
    if lack.is_none() {
        let kinds: Vec<Choice> = MEMBERSHIPS.into();
        let membership = FilterKind::Choice(kinds);
        let membership = Filter::new("membership", t::rooms_membership, membership);
        spec = spec.filter(membership.reading(|_| true));
    }
    spec = spec.columns(columns());
    view! {
        <div class="tab-actions">
            {lack.map(|lack| {
                view! { <span class="action-reason">{t::rooms_joined_only} " " {mas_closed::reason(lack)}</span> }
            })}
            <Button
                label=t::rooms_join
                icon="plus"
                disabled=deactivated
                on_press=move || joining.set(true)
            />
        </div>
        // Newer servers go by the state of rooms in which they still are.
        {lack.is_none().then(|| view! { <p class="view-basis">{t::rooms_basis}</p> })}
        <List spec />
        {gatherer.view()}
        {join_dialog(tab, joining)}
    }
    .into_node()
}

const MEMBERSHIPS: [Choice; 5] = [
    ("join", t::rooms_joined as Words),
    ("invite", t::rooms_invited),
    ("knock", t::rooms_knocked),
    ("leave", t::rooms_left),
    ("ban", t::rooms_banned),
];

fn name_of(row: &Row) -> String {
    let name = row
        .here()
        .and_then(|room| room.name.clone().or_else(|| room.canonical_alias.clone()));
    match name.as_deref().map(str::trim) {
        None | Some("") => row.room.to_string(),
        Some(name) => name.to_owned(),
    }
}

sort_keys! {
    /// What the list of memberships can be sorted by.
    MembershipOrder {
        Name: "name",
        Membership: "membership",
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("name", t::rooms_name, name_of)
            .main()
            .sorted(MembershipOrder::Name)
            .grow(11.0, 2.0),
        Column::new("room_id", t::rooms_id, |row: &Row| row.room.to_string())
            .cell(|row: &Row| identifier_text(row.room.as_str()))
            .copyable()
            .grow(11.0, 1.5),
        Column::new("membership", t::rooms_membership, |row: &Row| {
            row.membership.clone()
        })
        .cell(|row: &Row| {
            let known = MEMBERSHIPS.iter().find(|(kind, _)| *kind == row.membership);
            let tone = match row.membership.as_str() {
                "join" => Tone::Good,
                "ban" => Tone::Bad,
                _ => Tone::Neutral,
            };
            match known {
                Some((_, words)) => badge(tone, *words),
                None => badge_text(tone, row.membership.clone()),
            }
        })
        .sorted(MembershipOrder::Membership)
        .width(8.0),
        Column::new("members", t::rooms_members, |row: &Row| {
            members(row)
                .map(|count| count.to_string())
                .unwrap_or_default()
        })
        .cell(|row: &Row| match (&row.detail, members(row)) {
            (Known::Unknown(why), _) => unknown(*why),
            (Known::Is(_), Some(count)) => count.to_string().into_node(),
            (Known::Is(_), None) => nothing(),
        })
        .number()
        .width(7.0),
    ]
}

fn members(row: &Row) -> Option<u64> {
    row.here().and_then(|room| room.joined_members)
}

/// All rooms of the account, with what it is in each.
async fn rooms_of(user: &UserId, all: bool) -> Result<Vec<(RoomId, String)>, ApiError> {
    let client = Client::get();
    if all {
        let found = client.send(users::memberships(user)).await?;
        return Ok(found.memberships.into_iter().collect());
    }
    let found = client.send(users::joined_rooms(user)).await?;
    let joined = |room| (room, "join".to_owned());
    Ok(found.joined_rooms.into_iter().map(joined).collect())
}

async fn load(
    user: UserId,
    found: Found,
    all: bool,
    query: ListQuery,
    reading: Reading,
) -> Result<ListPage, ApiError> {
    let wanted = query.get("membership").map(str::to_owned);
    let mut rows: Vec<Row> = rooms_of(&user, all)
        .await?
        .into_iter()
        .filter(|(_, membership)| wanted.as_ref().is_none_or(|wanted| wanted == membership))
        .map(|(room, membership)| {
            let detail = Known::or(found.borrow().get(&room).cloned(), Why::NotAsked);
            Row {
                room,
                membership,
                detail,
            }
        })
        .collect();
    // Names are looked up for what is shown; to search them or to sort by them, for all.
    let by_name = query.sort == "name" || !query.search.trim().is_empty();
    if by_name {
        look_up(&found, &mut rows, &reading).await;
    }
    // They may be what is searched for, or belong elsewhere in the order.
    let mut silent = silent_of(&rows);
    let order = |membership: &str| {
        let at = MEMBERSHIPS.iter().position(|(kind, _)| *kind == membership);
        at.unwrap_or(MEMBERSHIPS.len())
    };
    let (mut page, total) = arrange(
        rows,
        &query,
        |row| format!("{}\n{}", row.room, name_of(row)),
        |key, a, b| {
            let by_key = match key {
                MembershipOrder::Name => name_of(a).to_lowercase().cmp(&name_of(b).to_lowercase()),
                MembershipOrder::Membership => order(&a.membership).cmp(&order(&b.membership)),
            };
            by_key.then_with(|| a.room.cmp(&b.room))
        },
    );
    if !by_name {
        look_up(&found, &mut page, &reading).await;
        silent = silent_of(&page);
    }
    Ok(ListPage::new(page, total).noted(cached::untold(&silent)))
}

/// Those that were asked about, and the server did not say.
fn silent_of(rows: &[Row]) -> Vec<String> {
    let silent = rows.iter().filter(|row| {
        // What has not been asked for is not missed.
        matches!(row.detail, Known::Unknown(Why::Silent))
    });
    silent.map(|row| row.room.to_string()).collect()
}

/// Fills in the names that are not known yet.
async fn look_up(found: &Found, rows: &mut [Row], reading: &Reading) {
    let missing: Vec<RoomId> = rows
        .iter()
        .filter(|row| !found.borrow().contains_key(&row.room))
        .map(|row| row.room.clone())
        .collect();
    let of = missing.len() as u64;
    let mut answers = stream::iter(missing)
        .map(|room| async move {
            let answer = Client::get().send(rooms::get(&room)).await;
            (room, answer)
        })
        .buffer_unordered(AT_ONCE)
        .enumerate();
    while let Some((done, (room, answer))) = answers.next().await {
        if of > MANY {
            reading.progress(done as u64 + 1, Some(of));
        }
        match answer {
            Ok(detail) => found.borrow_mut().insert(room, Some(detail.room)),
            Err(error) if error.is_not_found() => found.borrow_mut().insert(room, None),
            // Another time.
            Err(_) => None,
        };
    }
    for row in rows {
        row.detail = Known::or(found.borrow().get(&row.room).cloned(), Why::Silent);
    }
}

fn join_dialog(tab: Tab, open: RwSignal<bool>) -> Node {
    let choice = RoomChoice::none();
    let incomplete = Signal::derive(move || choice.room().is_none());
    let typed = SentFields::new(open, move || choice.clear()).emptied_by_closing();
    let join = move || {
        let Some(wanted) = untrack(|| choice.room()) else {
            return;
        };
        let ended = typed.sent();
        let user = tab.user.get_value();
        TargetJob::doing(
            t::rooms_join_job(&wanted.to_string()),
            vec![format!("{user}: {wanted}")],
            joining(vec![wanted.join(&user)]),
        )
        .on_end(move |job| {
            ended(job.is_done());
            tab.refresh();
        })
        .start();
    };
    view! {
        <FormDialog
            open
            title=t::rooms_join
            action=t::rooms_join
            incomplete
            on_submit=Rc::new(join)
        >
            <p>{t::act_join_text}</p>
            {room_field(choice)}
        </FormDialog>
    }
    .into_node()
}

fn bulk(tab: Tab, gatherer: Gatherer, picked: Picked) -> Node {
    let server = Session::get().capabilities_now();
    let own = Session::get().user_id() == Some(tab.user.get_value());
    // One leaves one's own rooms oneself.
    let lack = server.lack(Feature::LogInAs).filter(|_| !own);
    let reason = match lack {
        Some(lack) => Some(mas_closed::reason(lack)),
        None if tab.deactivated => Some(t::rooms_leave_deactivated().into_node()),
        None => None,
    };
    let is_lacking = reason.is_some();
    let subject = Subject::Picked {
        picked,
        changed: tab.changed,
        see,
    };
    let press = move || {
        gatherer.gather(
            picked,
            Rc::new(move |rows| propose_leaving(tab, own, rows, picked)),
        );
    };
    view! {
        {reason.map(|reason| view! { <span class="action-reason">{reason}</span> })}
        <Button
            label=t::rooms_leave
            icon="log-out"
            kind=ButtonKind::Danger
            disabled=is_lacking
            on_press=press
        />
        {menu(subject)}
    }
    .into_node()
}

/// The room of a row, as the actions on rooms know rooms.
fn see(row: &lists::Row) -> subject::KnownRoom {
    let row = typed::<Row>(row);
    subject::KnownRoom::found(&row.room, &row.detail, None)
}

fn propose_leaving(tab: Tab, own: bool, rows: Vec<Row>, picked: Picked) {
    let rooms: Rc<[Row]> = rows
        .into_iter()
        .filter(|row| matches!(row.membership.as_str(), "join" | "invite" | "knock"))
        .collect();
    if rooms.is_empty() {
        return Toasts::get().info(t::rooms_leave_none());
    }
    let count = rooms.len() as u64;
    let names: Vec<String> = rooms.iter().map(name_of).collect();
    let user = tab.user.get_value();
    let facts = vec![
        (t::act_fact_users(), user.to_string()),
        (t::user_rooms(), listed(&names, names.len())),
    ];
    let sentence = match own {
        true => t::rooms_leave_text(),
        false => format!("{} {}", t::rooms_leave_text(), t::rooms_leave_how()),
    };
    Operations::get().propose(Proposal {
        title: t::act_question(&t::rooms_leave_count(count)),
        sentence,
        facts,
        action: t::rooms_leave_count(count),
        danger: true,
        confirmation: match count {
            1 => Confirmation::Click,
            _ => Confirmation::Type(count.to_string()),
        },
        fields: None,
        run: Rc::new(move || {
            picked.clear();
            let names = rooms
                .iter()
                .map(|row| format!("{user}: {} ({})", row.room, name_of(row)))
                .collect();
            TargetJob::doing(
                t::rooms_leave_count(count),
                names,
                leaving(user.clone(), own, Rc::clone(&rooms)),
            )
            .on_end(move |_| tab.refresh())
            .start();
        }),
    });
}

fn leaving(user: UserId, own: bool, rooms: Rc<[Row]>) -> OnTarget {
    Rc::new(move |number, network, turn| {
        let (user, room) = (user.clone(), rooms[number].room.clone());
        async move {
            let left = match own {
                true => {
                    let left = network.send(rooms::leave(&room)).await;
                    left.map(drop).map_err(Step::from_error)
                }
                false => leave_as(&user, &room, network, &turn).await,
            };
            left.map_or_else(|step| step, |()| Step::Done)
        }
        .boxed_local()
    })
}
