//! A field for a room: found by name, alias or ID, as it is typed. It knows whether users can be
//! added there, and where they cannot because the administrator is not in the room, it offers the
//! way on.
//!
//! It is a combobox with a list below it, as ARIA 1.2 describes: the focus stays in the field,
//! and the arrows move through the list.

use crate::actions::plain;
use crate::api::directory::Published;
use crate::api::exchange::Clock;
use crate::api::rooms::{self, ListRooms, Room};
use crate::api::{ApiError, RoomAlias, RoomId, ServerName, UserId, users};
use crate::browser::clock::BrowserClock;
use crate::components::badge::Tone;
use crate::components::button::Button;
use crate::components::ids::fresh;
use crate::components::notice::Notice;
use crate::components::questions::Questions;
use crate::i18n::errors::explain;
use crate::i18n::t;
use crate::operations::Recorded;
use crate::rooms::joining::Joining;
use crate::rooms::query::term;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;
use wasm_bindgen_futures::spawn_local;

/// How long nobody must have typed before the server is asked, in milliseconds.
const QUIET_MS: u64 = 250;

/// How many rooms are offered.
const OFFERED: u64 = 8;

/// A room that can be chosen.
#[derive(Clone, PartialEq)]
struct Offer {
    id: RoomId,
    /// The alias of a room that this server is not in yet, which tells who is.
    alias: Option<RoomAlias>,
    /// Another server that is in the room.
    via: Option<ServerName>,
    title: String,
    detail: String,
    is_public: bool,
    /// Whether this server is not in it.
    is_elsewhere: bool,
}

impl Offer {
    fn of(room: Room) -> Self {
        let title = room.title().to_owned();
        let alias = room.canonical_alias.filter(|alias| *alias != title);
        let members = room.joined_members.map(t::room_hierarchy_members);
        let id = Some(room.room_id.to_string()).filter(|id| *id != title);
        let detail: Vec<String> = [alias, id, members].into_iter().flatten().collect();
        Offer {
            alias: None,
            via: home_of(&room.room_id),
            id: room.room_id,
            title,
            detail: detail.join(" · "),
            is_public: room.join_rules.as_deref() == Some("public"),
            is_elsewhere: false,
        }
    }

    /// One that only other servers know.
    fn elsewhere(id: RoomId, title: String, via: Option<ServerName>) -> Self {
        Offer {
            id,
            alias: None,
            via,
            title,
            detail: t::room_field_elsewhere(),
            // Its servers decide.
            is_public: true,
            is_elsewhere: true,
        }
    }
}

/// The other server that made a room, as far as its ID says so.
fn home_of(room: &RoomId) -> Option<ServerName> {
    let (_, server) = room.as_str().split_once(':')?;
    ServerName::parse(server).filter(|of| Session::get().server_name().as_ref() != Some(of))
}

/// A room that users can join.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinTarget {
    id: RoomId,
    alias: Option<RoomAlias>,
    via: Option<ServerName>,
}

impl JoinTarget {
    /// Has a user of this server join it.
    pub fn join(&self, user: &UserId) -> Joining {
        let request = match (&self.alias, &self.via) {
            (Some(alias), _) => rooms::join(alias.as_str(), user),
            (None, Some(server)) => rooms::join_through(&self.id, user, server),
            (None, None) => rooms::join(self.id.as_str(), user),
        };
        Joining {
            call: request.call,
            room: self.id.clone(),
            user: user.clone(),
        }
    }
}

impl fmt::Display for JoinTarget {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.alias {
            Some(alias) => alias.fmt(to),
            None => self.id.fmt(to),
        }
    }
}

/// Whether users can be added to the room that was chosen.
#[derive(Clone, Debug, PartialEq)]
enum Access {
    Asking,
    /// Nobody knows better than the server, which is asked when it happens.
    Open,
    /// It is not public, and the administrator is not in it.
    Closed,
    /// While the administrator gets in.
    Entering,
    /// What stands in the way.
    Refused(ApiError),
}

/// A room that is being chosen. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct RoomChoice {
    typed: RwSignal<String>,
    found: RwSignal<Vec<Offer>>,
    questions: Questions,
    /// Whether the rooms that are meant are being looked up.
    asking: RwSignal<bool>,
    trouble: RwSignal<Option<String>>,
    active: RwSignal<usize>,
    chosen: RwSignal<Option<Offer>>,
    access: RwSignal<Access>,
}

impl RoomChoice {
    /// A choice of a room in which nothing is chosen yet.
    pub fn none() -> Self {
        RoomChoice {
            typed: RwSignal::new(String::new()),
            found: RwSignal::new(Vec::new()),
            questions: Questions::new(),
            asking: RwSignal::new(false),
            trouble: RwSignal::new(None),
            active: RwSignal::new(0),
            chosen: RwSignal::new(None),
            access: RwSignal::new(Access::Open),
        }
    }

    /// This room, and no other: for [`room_access`] alone.
    pub fn given(room: &RoomId) -> Self {
        let choice = Self::none();
        choice.type_in(room.to_string());
        choice
    }

    /// Has a room chosen that stands in the directory of another server. This server may be in it as
    /// well, and is asked.
    pub fn choose_of(self, server: &ServerName, room: &Published) {
        let (id, title) = (room.room_id.clone(), room.title().to_owned());
        self.type_nothing(title.clone());
        let number = self.questions.ask();
        let via = Some(server.clone());
        self.asking.set(true);
        spawn_local(async move {
            let answer = here(&id).await;
            if !self.questions.is_last(number) {
                return;
            }
            self.asking.set(false);
            match answer {
                Ok(Some(room)) => self.choose(Offer {
                    via,
                    ..Offer::of(room)
                }),
                Ok(None) => self.choose(Offer::elsewhere(id, title, via)),
                Err(error) => self.trouble.set(Some(explain(&error).sentence)),
            }
        });
    }

    /// Nothing is chosen any more.
    pub fn clear(self) {
        self.type_in(String::new());
    }

    /// The room, if users can be added to it. Reactive.
    pub fn room(self) -> Option<JoinTarget> {
        let is_open = self.access.with(|access| *access == Access::Open);
        let room = self.chosen.with(|room| {
            let Offer { id, alias, via, .. } = room.clone()?;
            Some(JoinTarget { id, alias, via })
        });
        room.filter(|_| is_open)
    }

    /// Whether the administrator is in the way. Reactive.
    pub fn is_closed(self) -> bool {
        self.access
            .with(|access| matches!(access, Access::Closed | Access::Entering))
    }

    /// This stands in the field, and nothing is chosen by it.
    fn type_nothing(self, text: String) {
        self.typed.set(text);
        self.chosen.set(None);
        self.trouble.set(None);
    }

    fn type_in(self, text: String) {
        self.type_nothing(text.clone());
        let number = self.questions.ask();
        let text = text.trim().to_owned();
        if text.is_empty() {
            self.asking.set(false);
            return self.found.set(Vec::new());
        }
        self.asking.set(true);
        spawn_local(async move {
            BrowserClock.sleep(QUIET_MS).await;
            if !self.questions.is_last(number) {
                return;
            }
            let answer = look_up(&text).await;
            if !self.questions.is_last(number) {
                return;
            }
            self.asking.set(false);
            self.active.set(0);
            match answer {
                // Whoever types an ID or an alias has chosen.
                Ok(found) if is_exact(&text) && found.len() == 1 => {
                    found.into_iter().for_each(|offer| self.take(offer));
                }
                Ok(found) => {
                    self.trouble.set(found.is_empty().then(t::room_field_none));
                    self.found.set(found);
                }
                Err(error) => {
                    self.trouble.set(Some(explain(&error).sentence));
                    self.found.set(Vec::new());
                }
            }
        });
    }

    fn choose(self, offer: Offer) {
        self.typed.set(offer.title.clone());
        self.take(offer);
    }

    fn take(self, offer: Offer) {
        let number = self.questions.ask();
        self.found.set(Vec::new());
        self.asking.set(false);
        self.trouble.set(None);
        let (id, is_public) = (offer.id.clone(), offer.is_public);
        self.chosen.set(Some(offer));
        let Some(own) = Session::get().user_id() else {
            return;
        };
        // Into a public room everybody may go.
        self.access.set(match is_public {
            true => Access::Open,
            false => Access::Asking,
        });
        if is_public {
            return;
        }
        spawn_local(async move {
            let answer = Client::get().send(users::joined_rooms(&own)).await;
            if self.questions.is_last(number) {
                self.access.set(match answer {
                    Ok(mine) if mine.joined_rooms.contains(&id) => Access::Open,
                    Ok(_) => Access::Closed,
                    Err(error) => Access::Refused(error),
                });
            }
        });
    }

    /// Makes the administrator an admin of the room, and lets them in.
    fn enter(self) {
        let (Some(own), Some(room)) = (Session::get().user_id(), self.chosen.get_untracked())
        else {
            return;
        };
        let number = self.questions.ask();
        self.access.set(Access::Entering);
        spawn_local(async move {
            let outcome = get_in(&own, &room).await;
            if self.questions.is_last(number) {
                self.access.set(match outcome {
                    Ok(()) => Access::Open,
                    Err(error) => Access::Refused(error),
                });
            }
        });
    }

    fn key(self, event: &leptos::ev::KeyboardEvent) {
        let count = self.found.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let active = self.active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => self.active.set((active + 1) % count),
            "ArrowUp" => self.active.set((active + count - 1) % count),
            "Enter" => {
                if let Some(room) = self
                    .found
                    .with_untracked(|found| found.get(active).cloned())
                {
                    self.choose(room);
                }
            }
            // The list alone, not the dialog around it.
            "Escape" => self.found.set(Vec::new()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }
}

/// The room as this server has it, if it does.
async fn here(id: &RoomId) -> Result<Option<Room>, ApiError> {
    match Client::get().send(rooms::get(id)).await {
        Ok(found) => Ok(Some(found.room)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The rooms that a text may mean.
async fn look_up(text: &str) -> Result<Vec<Offer>, ApiError> {
    let client = Client::get();
    let alias = RoomAlias::parse(text);
    let id = match (RoomId::parse(text), &alias) {
        (Some(id), _) => Some(id),
        (_, Some(alias)) => match client.send(rooms::resolve(alias)).await {
            Ok(found) => Some(found.room_id),
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        },
        _ => None,
    };
    if let Some(id) = id {
        let found = match (here(&id).await?, alias) {
            (Some(room), _) => Some(Offer::of(room)),
            (None, Some(alias)) => Some(Offer {
                alias: Some(alias.clone()),
                ..Offer::elsewhere(id, alias.to_string(), None)
            }),
            // Whoever made it is asked to let people in.
            (None, None) => {
                let via = home_of(&id);
                via.map(|via| Offer::elsewhere(id.clone(), id.to_string(), Some(via)))
            }
        };
        return Ok(found.into_iter().collect());
    }
    let query = ListRooms {
        limit: OFFERED,
        search: Some(term(text).to_owned()),
        ..ListRooms::default()
    };
    let page = client.send(rooms::list(&query)).await?;
    Ok(page.rooms.into_iter().map(Offer::of).collect())
}

/// Whether a text means one room and no other.
fn is_exact(text: &str) -> bool {
    RoomId::parse(text).is_some() || RoomAlias::parse(text).is_some()
}

async fn get_in(own: &UserId, room: &Offer) -> Result<(), ApiError> {
    let network = Recorded::new(&t::room_field_enter_job(&plain(&room.title)));
    network.send(rooms::make_admin(&room.id, own)).await?;
    network.send(rooms::enter(&room.id)).await?;
    Ok(())
}

/// The field, with its list and what has to be said about the room.
pub fn room_field(choice: RoomChoice) -> Node {
    let id = fresh("room");
    let list = format!("{id}-list");
    let hint = format!("{id}-hint");
    let is_open = Memo::new(move |_| choice.found.with(|found| !found.is_empty()));
    let option_id = {
        let id = id.clone();
        move |number: usize| format!("{id}-{number}")
    };
    let active_id = {
        let option_id = option_id.clone();
        move || is_open.get().then(|| option_id(choice.active.get()))
    };
    let options = move || {
        let found = choice.found.get();
        let option =
            |(number, room): (usize, Offer)| option(choice, option_id(number), number, room);
        found.into_iter().enumerate().map(option).collect_view()
    };
    view! {
        <div class="field">
            <label for=id.clone()>{t::room_field}</label>
            <input
                class="input"
                id=id
                type="text"
                role="combobox"
                aria-autocomplete="list"
                aria-expanded=move || is_open.get().to_string()
                aria-controls=list.clone()
                aria-activedescendant=active_id
                aria-describedby=hint.clone()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                prop:value=choice.typed
                on:input=move |event| choice.type_in(event_target_value(&event))
                on:keydown=move |event| choice.key(&event)
            />
            <div class="choices" id=list role="listbox" aria-label=t::room_field_found hidden=move || !is_open.get()>
                {options}
            </div>
            <p class="field-hint" id=hint role="status">{move || note(choice)}</p>
        </div>
        {room_access(choice)}
    }
    .into_node()
}

/// What has to be said of the room that was chosen, and the way on; nothing if users can be added
/// to it.
pub fn room_access(choice: RoomChoice) -> Node {
    view! { {move || access(choice)} }.into_node()
}

fn option(choice: RoomChoice, id: String, number: usize, offer: Offer) -> Node {
    let (title, detail) = (offer.title.clone(), offer.detail.clone());
    view! {
        <div
            class="choice"
            role="option"
            id=id
            aria-selected=move || (choice.active.get() == number).to_string()
            on:pointermove=move |_| {
                if choice.active.get_untracked() != number {
                    choice.active.set(number);
                }
            }
            on:click=move |_| choice.choose(offer.clone())
        >
            <bdi class="choice-title">{title}</bdi>
            <span class="choice-detail">{detail}</span>
        </div>
    }
    .into_node()
}

/// What stands below the field.
fn note(choice: RoomChoice) -> String {
    if let Some(trouble) = choice.trouble.get() {
        return trouble;
    }
    let chosen = choice.chosen.with(|room| {
        let room = room.as_ref()?;
        Some((room.id.to_string(), room.is_elsewhere))
    });
    match chosen {
        Some((id, true)) => return format!("{id} · {}", t::room_field_elsewhere()),
        Some((id, false)) => return id,
        None => {}
    }
    match choice.asking.get() {
        true => t::create_asking(),
        false => t::room_field_hint(),
    }
}

/// Whether users can be added to the room, and the way on.
fn access(choice: RoomChoice) -> Node {
    if choice.chosen.with(Option::is_none) {
        return ().into_node();
    }
    match choice.access.get() {
        Access::Open => ().into_node(),
        Access::Asking => {
            view! { <p class="field-hint" role="status">{t::create_asking}</p> }.into_node()
        }
        Access::Refused(error) => {
            let explained = explain(&error);
            view! {
                <Notice tone=Tone::Bad>
                    <p role="alert">{explained.sentence} " " {explained.hint}</p>
                </Notice>
            }
            .into_node()
        }
        access => view! {
            <Notice tone=Tone::Warning>
                <p role="status">{t::room_field_closed}</p>
                <div class="notice-actions">
                    <Button
                        label=t::room_field_enter
                        icon="shield-check"
                        busy=Signal::stored(access == Access::Entering)
                        on_press=move || choice.enter()
                    />
                </div>
            </Notice>
        }
        .into_node(),
    }
}
