//! `#/room_directory`: the rooms that this server shows to everybody who looks for rooms; or those of
//! another server, `?server=example.org`.
//!
//! | file | what |
//! |---|---|
//! | `columns` | the columns of the list |
//! | `join` | joining a room by its address, for oneself or somebody else |

mod columns;
mod join;

use crate::address::route::Route;
use crate::api::directory::{self, Published};
use crate::api::rooms::Room;
use crate::api::{ApiError, ServerName};
use crate::browser::navigation::current_query;
use crate::components::button::{Button, ButtonKind};
use crate::components::field::Choice;
use crate::components::page::PageHeader;
use crate::i18n::{Words, format, t};
use crate::known::{Known, Why};
use crate::lists::presets::{self, View};
use crate::lists::{
    AnsweredBy, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading, Row,
    Source, typed,
};
use crate::rooms::directory::{DirectoryOrder, MOST, Question, total};
use crate::rooms::query::NEEDS;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::room_field::RoomChoice;
use crate::widgets::subjects::rooms::{KnownRoom, Subject, menu};
use futures_util::FutureExt;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

/// The filters, as the address names them.
mod filter {
    pub const SERVER: &str = "server";
    pub const WORLD_READABLE: &str = "world_readable";
    pub const GUESTS: &str = "guests";
    pub const SPACE: &str = "space";
    pub const JOIN_RULE: &str = "join_rule";
}

/// A row of the list.
#[derive(Clone)]
struct DirectoryEntry {
    room: Published,
    /// In whose directory it stands; in this server's own, so that this server has it, if not given.
    server: Option<ServerName>,
}

impl DirectoryEntry {
    /// Whether this server has the room: what others show may be here as well.
    fn is_here(&self) -> Known<bool> {
        match self.server {
            None => Known::Is(true),
            Some(_) => Known::Unknown(Why::NotAsked),
        }
    }
}

/// The page of the room directory.
pub fn view() -> Node {
    let changed = RwSignal::new(0);
    let joining = RwSignal::new(false);
    let choice = RoomChoice::none();
    let join = move |server: &ServerName, room: &Published| {
        choice.choose_of(server, room);
        joining.set(true);
    };
    let read = Kept::default();
    let spec = ListSpec::new(
        "room-directory",
        t::nav_room_directory,
        |entry: &DirectoryEntry| entry.room.room_id.to_string(),
        Source::server_or_here(move |query, reading| {
            let at = changed.try_get_untracked().unwrap_or_default();
            answered(read.clone(), at, query, reading)
        }),
    )
    .defaults(Defaults {
        sort: DirectoryOrder::Members.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::directory_search)
    .link(|entry: &DirectoryEntry| match entry.server {
        None => Route::room(&entry.room.room_id).to_string(),
        Some(_) => String::new(),
    })
    .empty("book", t::directory_empty, Some(t::directory_empty_text))
    .reload(changed)
    .bulk(move |picked| {
        menu(Subject::Picked {
            picked,
            changed,
            see,
        })
    })
    .columns(columns::columns(Rc::new(join)))
    .filters(filters())
    .needs(NEEDS);
    let query = current_query();
    let other = Memo::new(move |_| query.with(|query| query.get(filter::SERVER)));
    let lead = move || match other.get() {
        Some(server) => t::directory_lead_other(&server),
        None => t::directory_lead(),
    };
    view! {
        <PageHeader title=Signal::derive(t::nav_room_directory) lead=Signal::derive(lead)>
            <Button
                label=t::directory_join
                icon="plus"
                kind=ButtonKind::Primary
                on_press=move || joining.set(true)
            />
        </PageHeader>
        {presets::row(Route::RoomDirectory, t::room_views, NEEDS, views())}
        <List spec />
        {join::dialog(joining, choice)}
    }
    .into_node()
}

fn views() -> Vec<View> {
    let published = Route::Rooms.at("public_rooms=true");
    vec![
        View::new(t::room_view_all, "").resting_on(t::directory_basis),
        View::new(t::room_view_spaces, "space=true"),
        View::new(t::directory_view_readable, "world_readable=true"),
        View::new(t::directory_view_guests, "guests=true"),
        View::new(t::spaces_view_tree, Route::Spaces.at("published=true")),
        View::new(t::directory_view_marked, published),
    ]
}

fn filters() -> Vec<Filter> {
    let rules: Vec<Choice> = vec![
        ("public", t::room_join_public as Words),
        ("knock", t::room_join_knock),
        ("restricted", t::room_join_restricted),
        ("knock_restricted", t::room_join_knock_restricted),
        ("invite", t::room_join_invite),
    ];
    let yes_no = |id, label| Filter::new(id, label, FilterKind::YesNo);
    vec![
        yes_no(filter::WORLD_READABLE, t::directory_readable),
        yes_no(filter::GUESTS, t::directory_guests),
        yes_no(filter::SPACE, t::room_spaces),
        Filter::new(
            filter::JOIN_RULE,
            t::room_join_rule,
            FilterKind::Choice(rules),
        )
        .reading(|_| true),
        // The list says itself what is no server.
        Filter::new(filter::SERVER, t::directory_server, FilterKind::Text),
    ]
}

/// The room of a row, as the actions on rooms know rooms.
fn see(row: &Row) -> KnownRoom {
    let entry = typed::<DirectoryEntry>(row);
    let room = &entry.room;
    KnownRoom {
        room: Room {
            name: room.name.clone(),
            canonical_alias: room.canonical_alias.clone(),
            joined_members: room.num_joined_members,
            public: entry.server.is_none(),
            join_rules: room.join_rule.clone(),
            room_type: room.room_type.clone(),
            ..Room::unknown(room.room_id.clone())
        },
        blocked: None,
        is_here: entry.is_here(),
    }
}

/// The question that stands in the address; `None` if it names a server that cannot be one.
fn of_query(query: &ListQuery) -> Option<Question> {
    let own = Session::get().server_name();
    let server = match query.get(filter::SERVER).map(str::trim) {
        None | Some("") => None,
        Some(server) => Some(ServerName::parse(server)?).filter(|of| Some(of) != own.as_ref()),
    };
    Some(Question {
        server,
        search: query.search.clone(),
        world_readable: query.boolean(filter::WORLD_READABLE),
        guests: query.boolean(filter::GUESTS),
        space: query.boolean(filter::SPACE),
        join_rule: query.get(filter::JOIN_RULE).map(str::to_owned),
        order_by: DirectoryOrder::parse(&query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
    })
}

/// What has been read of a directory: after which change of ours, whose, narrowed to what.
struct Read {
    at: u32,
    server: Option<ServerName>,
    search: Option<String>,
    rooms: Rc<[Published]>,
}

/// What was read last.
type Kept = Rc<RefCell<Option<Read>>>;

fn no_server() -> ListPage {
    ListPage::all(Vec::<DirectoryEntry>::new()).with_note(t::directory_server_wrong())
}

fn entries(question: &Question, rooms: Vec<Published>) -> Vec<DirectoryEntry> {
    let entry = |room| DirectoryEntry {
        room,
        server: question.server.clone(),
    };
    rooms.into_iter().map(entry).collect()
}

/// Who answers a question of the list.
async fn answered(
    kept: Kept,
    at: u32,
    query: ListQuery,
    reading: Reading,
) -> Result<AnsweredBy, ApiError> {
    let Some(question) = of_query(&query) else {
        return Ok(AnsweredBy::Here(no_server()));
    };
    let Some(asked) = question.for_server() else {
        let all = here(kept, at, question, reading).await?;
        return Ok(AnsweredBy::Here(all));
    };
    let of = question.clone();
    let page = async move {
        let page = Client::get().send(directory::published(&asked)).await?;
        let total = total(&page);
        Ok(ListPage::first(entries(&of, page.chunk), total).with_note(t::users_note_server()))
    };
    Ok(AnsweredBy::Server {
        page: page.boxed_local(),
        all: here(kept, at, question, reading).boxed_local(),
    })
}

/// The answer from all that there is.
async fn here(
    kept: Kept,
    at: u32,
    question: Question,
    reading: Reading,
) -> Result<ListPage, ApiError> {
    let all = read(&kept, at, &question, &reading).await?;
    let (page, total) = question.answer(&all);
    let count = format::number(all.len() as f64);
    Ok(ListPage::new(entries(&question, page), total).with_note(t::directory_note_here(&count)))
}

async fn read(
    kept: &Kept,
    at: u32,
    question: &Question,
    reading: &Reading,
) -> Result<Rc<[Published]>, ApiError> {
    let search = question.narrowed();
    if let Some(read) = &*kept.borrow()
        && !reading.is_refresh()
        && (read.at, &read.server, &read.search) == (at, &question.server, &search)
    {
        return Ok(Rc::clone(&read.rooms));
    }
    let client = Client::get().enduring();
    let ask = |since: Option<&str>| {
        let since = since.map(str::to_owned);
        directory::published(&question.batch(search.clone(), since, MOST))
    };
    // How many a search finds the server does not say.
    let report = |done, of: Option<u64>| reading.progress(done, of.filter(|_| search.is_none()));
    let found = client.patient().all_batches(ask, &report).await?;
    let rooms: Rc<[Published]> = found.into();
    kept.replace(Some(Read {
        at,
        server: question.server.clone(),
        search,
        rooms: Rc::clone(&rooms),
    }));
    Ok(rooms)
}
