//! `#/spaces`: all spaces of the server as a tree, with the rooms in them; `?published=true`: those
//! that stand in the room directory.

use super::branch::{self, Branch};
use crate::actions::touched::Log;
use crate::address::route::Route;
use crate::api::rooms::{Child, Room};
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, events};
use crate::browser::navigation::current_query;
use crate::components::badge::{Tone, badge, badge_text};
use crate::components::button::Button;
use crate::components::empty::Empty;
use crate::components::failure::failure;
use crate::components::field::Field;
use crate::components::notice::Notice;
use crate::components::page::PageHeader;
use crate::components::progress::Progress;
use crate::components::questions::Questions;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::listing::Search;
use crate::listing::needs::Needs;
use crate::lists::Reading;
use crate::lists::cached::{self, Survey};
use crate::lists::presets::{self, View};
use crate::rooms::spaces::Spaces;
use crate::session::{Client, learn};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::rooms_kept::whole_list;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The filter, as the address names it.
const PUBLISHED: &str = "published";

/// So many rooms of a space are shown, and as many more when somebody wants them.
const AT_ONCE: usize = 100;

/// Up to so many rooms that a search finds, the spaces that they are in are opened, up to so many.
const OPENED: usize = 200;

/// How long one space may take to answer, in milliseconds: a single one that hangs must not hold up
/// the rest.
const PATIENCE_MS: u32 = 15_000;

thread_local! {
    static CHILDREN: Survey<Vec<Child>> = Survey::new(children, Log::rooms_since);
}

/// What a space lists.
fn children(space: String) -> LocalBoxFuture<'static, Result<Vec<Child>, ApiError>> {
    async move {
        let Some(space) = RoomId::parse(&space) else {
            return Ok(Vec::new());
        };
        let asked = events::state(&space, Some("m.space.child")).timeout_ms(PATIENCE_MS);
        let state = Client::get().send(asked).await?.state;
        // Old servers answer with everything, whatever is asked for.
        let listed = state
            .into_iter()
            .filter(|event| event.kind == "m.space.child");
        Ok(listed.map(Child::from).collect())
    }
    .boxed_local()
}

/// All that has been read.
struct Whole {
    rooms: HashMap<RoomId, Room>,
    tree: Spaces,
    /// Spaces that did not say what is in them.
    silent: HashSet<RoomId>,
}

impl Whole {
    fn title(&self, room: &RoomId) -> String {
        let known = self.rooms.get(room);
        known.map_or_else(|| room.to_string(), |room| room.title().to_owned())
    }
}

/// `None` where the server does not tell which rooms are spaces.
type Answer = Result<Option<Rc<Whole>>, ApiError>;

/// The page with the tree of all spaces.
pub fn view() -> Node {
    let query = current_query();
    let published =
        Memo::new(move |_| query.with(|query| query.get(PUBLISHED).as_deref() == Some("true")));
    let reading: RwSignal<Option<Reading>, LocalStorage> = RwSignal::new_local(None);
    let answer: RwSignal<Option<Answer>, LocalStorage> = RwSignal::new_local(None);
    let questions = Questions::new();
    let begin = move || {
        let number = questions.ask();
        let mine = Reading::alone();
        if let Some(before) = reading.get_untracked() {
            before.cancel();
        }
        reading.set(Some(mine.clone()));
        answer.set(None);
        let only_published = published.get_untracked();
        spawn_local(async move {
            let found = read(only_published, &mine).await;
            // The page may have been left, or another tree be wanted.
            if questions.is_last(number) {
                answer.set(Some(found));
            }
        });
    };
    Effect::new(move |_| {
        published.track();
        untrack(begin);
    });
    on_cleanup(move || {
        if let Some(Some(reading)) = reading.try_get_untracked() {
            reading.cancel();
        }
    });
    let search = RwSignal::new(String::new());
    let views = vec![
        View::new(t::spaces_view_all, "").resting_on(t::spaces_basis),
        View::new(t::spaces_view_published, "published=true").resting_on(t::spaces_basis_published),
    ];
    let shown = move || match answer.get() {
        None => waiting(reading),
        Some(Err(ApiError::Cancelled)) => view! {
            <Empty picture="rooms" title=t::list_cancelled>
                <Button label=t::retry on_press=begin />
            </Empty>
        }
        .into_node(),
        Some(Err(error)) => failure(
            explain(&error),
            Some(UnsyncCallback::new(move |()| begin())),
        ),
        Some(Ok(None)) => view! { <Notice>{t::room_basis_spaces}</Notice> }.into_node(),
        Some(Ok(Some(whole))) => tree(whole, search),
    };
    view! {
        <PageHeader
            title=Signal::derive(t::nav_spaces)
            lead=Signal::derive(t::spaces_lead)
            back=Route::Rooms
        />
        {presets::row(Route::Spaces, t::room_views, Needs::default(), views)}
        {shown}
    }
    .into_node()
}

/// How far the reading is, and a way to stop it.
fn waiting(reading: RwSignal<Option<Reading>, LocalStorage>) -> Node {
    let so_far = move || reading.get().and_then(|reading| reading.so_far());
    let part = move || {
        let (done, of) = so_far()?;
        Some(done as f64 / of.filter(|of| *of > 0)? as f64)
    };
    let words = move || match so_far() {
        Some((done, Some(of))) => {
            t::list_reading_of(&format::number(done as f64), &format::number(of as f64))
        }
        _ => t::loading(),
    };
    let cancel = move || {
        if let Some(reading) = reading.get_untracked() {
            reading.cancel();
        }
    };
    view! {
        <div class="list-reading">
            <Progress done=Signal::derive(part) text=Signal::derive(words) announce=true />
            <Button label=t::cancel on_press=cancel />
        </div>
    }
    .into_node()
}

async fn read(only_published: bool, reading: &Reading) -> Answer {
    if !learn::capabilities().await?.has(Feature::RoomTypes) {
        return Ok(None);
    }
    let list = whole_list(reading).await?;
    let spaces: Vec<RoomId> = list
        .items
        .iter()
        .filter(|room| room.is_space())
        .map(|room| room.room_id.clone())
        .collect();
    let ids = spaces.iter().map(RoomId::to_string).collect();
    let found = cached::survey(&CHILDREN, ids, reading).await?;
    let rooms: HashMap<RoomId, Room> = list
        .items
        .iter()
        .map(|room| (room.room_id.clone(), room.clone()))
        .collect();
    let listed: Vec<(RoomId, Vec<Child>)> = spaces
        .into_iter()
        .map(|space| {
            let children = found.known.get(space.as_str()).cloned();
            (space, children.unwrap_or_default())
        })
        .collect();
    let mut whole = Whole {
        rooms,
        tree: Spaces::default(),
        silent: found
            .silent
            .iter()
            .filter_map(|id| RoomId::parse(id))
            .collect(),
    };
    let mut tree = Spaces::of(&listed, |room| whole.title(room));
    if only_published {
        let is_public = |space: &&RoomId| whole.rooms.get(*space).is_some_and(|room| room.public);
        let public = listed.iter().map(|(space, _)| space).filter(is_public);
        tree.roots = tree.roots_of(public, |room| whole.title(room));
    }
    whole.tree = tree;
    Ok(Some(Rc::new(whole)))
}

fn tree(whole: Rc<Whole>, search: RwSignal<String>) -> Node {
    if whole.tree.roots.is_empty() {
        return view! { <Empty picture="rooms" title=t::spaces_empty text=t::spaces_empty_text /> }
            .into_node();
    }
    let sums = sums(&whole);
    let found = {
        let whole = Rc::clone(&whole);
        move || {
            let typed = search.get();
            let found = Found::of(&whole, &Search::parse(&typed));
            let roots: Vec<RoomId> = whole.tree.roots.clone();
            let shown = found.keep(&roots);
            match shown.is_empty() {
                true => view! { <p>{t::list_no_match}</p> }.into_node(),
                false => level(&whole, &found, shown, Rc::new([])),
            }
        }
    };
    view! {
        <p class="view-basis" role="status">{sums}</p>
        <Field label=t::room_list_search value=search />
        <section class="card tree-card" aria-label=t::nav_spaces>{found}</section>
    }
    .into_node()
}

/// What there is, in a sentence.
fn sums(whole: &Whole) -> String {
    let rooms: Vec<&RoomId> = whole.tree.contained().collect();
    let several = rooms.iter().filter(|room| whole.tree.parents(room) > 1);
    let unknown = rooms
        .iter()
        .filter(|room| !whole.rooms.contains_key(**room));
    let mut parts = vec![
        t::spaces_count(whole.tree.count() as u64),
        t::spaces_rooms(rooms.len() as u64),
    ];
    for (count, words) in [
        (several.count(), t::spaces_several as fn(u64) -> String),
        (unknown.count(), t::spaces_unknown),
        (whole.silent.len(), t::spaces_silent),
    ] {
        if count > 0 {
            parts.push(words(count as u64));
        }
    }
    parts.join(" · ")
}

/// What a search leaves of the tree.
struct Found {
    /// `None`: everything.
    ways: Option<HashSet<RoomId>>,
    /// How many spaces are still opened from the beginning: in circles the ways are many.
    left: Cell<usize>,
}

impl Found {
    fn of(whole: &Whole, search: &Search) -> Rc<Self> {
        if search.is_empty() {
            return Rc::new(Found {
                ways: None,
                left: Cell::new(0),
            });
        }
        let is_found = |room: &&RoomId| {
            let alias = whole.rooms.get(*room);
            let alias = alias.and_then(|room| room.canonical_alias.as_deref());
            let text = format!("{}\n{room}\n{}", whole.title(room), alias.unwrap_or(""));
            search.finds_in(&text)
        };
        let all = whole.tree.roots.iter().chain(whole.tree.contained());
        let found: HashSet<RoomId> = all.filter(is_found).cloned().collect();
        let left = if found.len() <= OPENED { OPENED } else { 0 };
        Rc::new(Found {
            ways: Some(whole.tree.ways_to(found.into_iter())),
            left: Cell::new(left),
        })
    }

    /// Whether one more space is opened from the beginning.
    fn opens(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn keep(&self, rooms: &[RoomId]) -> Vec<RoomId> {
        let kept = |room: &&RoomId| self.ways.as_ref().is_none_or(|ways| ways.contains(*room));
        rooms.iter().filter(kept).cloned().collect()
    }
}

/// Rooms beside each other; `above` are the spaces on the way to them.
fn level(whole: &Rc<Whole>, found: &Rc<Found>, rooms: Vec<RoomId>, above: Rc<[RoomId]>) -> Node {
    let mut now = rooms;
    let later = now.split_off(now.len().min(AT_ONCE));
    let rows: Vec<Node> = now
        .iter()
        .map(|room| row(whole, found, room, &above))
        .collect();
    let count = later.len() as u64;
    let rest = (count > 0).then(|| {
        let wanted = RwSignal::new(false);
        let (whole, found) = (Rc::clone(whole), Rc::clone(found));
        let more = move || match wanted.get() {
            true => level(&whole, &found, later.clone(), Rc::clone(&above)),
            false => view! {
                <Button
                    label=Signal::derive(move || t::spaces_more(count))
                    on_press=move || wanted.set(true)
                />
            }
            .into_node(),
        };
        view! { <div class="tree-rest">{more}</div> }
    });
    view! {
        <ul class="tree">{rows}</ul>
        {rest}
    }
    .into_node()
}

fn row(whole: &Rc<Whole>, found: &Rc<Found>, room: &RoomId, above: &Rc<[RoomId]>) -> Node {
    let mut marks: Vec<Node> = Vec::new();
    let parents = whole.tree.parents(room);
    if parents > 1 {
        marks.push(badge_text(Tone::Neutral, t::spaces_in(parents as u64)));
    }
    let Some(known) = whole.rooms.get(room) else {
        return branch::unknown(room, marks);
    };
    if known.public {
        marks.push(badge(Tone::Accent, t::room_published));
    }
    let line = Branch {
        room: room.clone(),
        title: whole.title(room),
        members: known.joined_members,
        marks,
    };
    let is_loop = above.contains(room);
    if !known.is_space() || is_loop {
        return branch::leaf(line, is_loop);
    }
    let inside: Rc<dyn Fn() -> Node> = {
        let (whole, found) = (Rc::clone(whole), Rc::clone(found));
        let way: Rc<[RoomId]> = above.iter().cloned().chain([room.clone()]).collect();
        let room = room.clone();
        Rc::new(move || {
            let all = whole.tree.children(&room);
            let rooms = found.keep(all);
            // Nothing is found in it, or nobody knows what is in it: neither is nothing.
            let none = match (rooms.is_empty(), all.is_empty()) {
                (false, _) => return level(&whole, &found, rooms, Rc::clone(&way)),
                (true, false) => t::list_no_match(),
                _ if whole.silent.contains(&room) => t::room_hierarchy_silent(),
                _ => t::room_hierarchy_none(),
            };
            view! { <p>{none}</p> }.into_node()
        })
    };
    branch::space(line, found.opens(), inside)
}
