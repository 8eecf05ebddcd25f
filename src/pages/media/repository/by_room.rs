//! What the media of rooms weighs: the files that a room's messages name, as far as they are of this
//! server and the lists of files have been read. Of encrypted messages the server knows none.

use super::scan::Scan;
use super::uploads;
use crate::actions::touched::Log;
use crate::address::route::Route;
use crate::api::encode::encoded;
use crate::api::rooms::{ListRooms, Room};
use crate::api::{ApiError, RoomId, media, rooms};
use crate::components::badge::tick;
use crate::components::unknown;
use crate::i18n::{format, t};
use crate::known::{Known, Why};
use crate::listing::sort::sort_by;
use crate::listing::{ListQuery, Search, page_of};
use crate::lists::cached::{self, AskOne, Survey};
use crate::lists::{Column, Defaults, List, ListPage, ListSpec, Reading, Source, typed};
use crate::media::Sum;
use crate::media::of_rooms::{MediaIds, RoomWeight, can_be_exact, local_ids};
use crate::media::question::filter;
use crate::media::reach::ScanState;
use crate::session::Client;
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::dear::{Dear, Price, dear};
use crate::widgets::rooms_kept::whole_list;
use crate::widgets::subjects::rooms::{KnownRoom, Subject, menu};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

/// The local files that a room's messages name.
const NAMED: AskOne<MediaIds> = |room| {
    async move {
        let Some(room) = RoomId::parse(&room) else {
            return Ok(MediaIds::default());
        };
        let found = Client::get().send(media::of_room(&room)).await?;
        Ok(local_ids(&found))
    }
    .boxed_local()
};

thread_local! {
    static FILES: Survey<MediaIds> = Survey::new(NAMED, Log::rooms_since);
}

sort_keys! {
    /// What the list can be sorted by.
    WeighedOrder {
        Name: "name",
        Members: "joined_members",
        Files: "files",
        Bytes: "bytes",
    }
}

/// A room, and how much its files are.
#[derive(Clone)]
struct Weighed {
    room: Room,
    weight: Known<RoomWeight>,
}

impl Weighed {
    fn sum(&self) -> Known<Sum> {
        match self.weight {
            Known::Is(weight) => Known::or(weight.sum(), Why::NoRecord),
            Known::Unknown(why) => Known::Unknown(why),
        }
    }

    fn files(&self) -> Known<u64> {
        self.sum().map(|sum| sum.files)
    }

    fn bytes(&self) -> Known<u64> {
        self.sum().map(|sum| sum.bytes)
    }

    fn told(&self, number: String) -> String {
        match self.weight {
            Known::Is(weight) => weight.told(number),
            Known::Unknown(_) => number,
        }
    }
}

/// All rooms, and a word on how they were weighed.
struct Weights {
    rooms: Rc<[Weighed]>,
    note: String,
}

/// The tab "By room" of the Media page.
pub fn tab() -> Node {
    let reading = Dear {
        offer,
        read,
        progress: t::by_room_reading,
    };
    dear(reading, show)
}

fn offer() -> LocalBoxFuture<'static, Result<Option<Price>, ApiError>> {
    async {
        let one = ListRooms {
            limit: 1,
            ..ListRooms::default()
        };
        let total = Client::get().send(rooms::list(&one)).await?.total;
        Ok((total > 0).then(|| Price {
            text: t::by_room_offer(total),
            label: t::by_room_weigh(),
        }))
    }
    .boxed_local()
}

fn read(reading: Reading) -> LocalBoxFuture<'static, Result<Weights, ApiError>> {
    async move {
        let scan = uploads::wait(&reading).await?;
        weigh(scan, &reading).await
    }
    .boxed_local()
}

/// Weighs all rooms by the lists of files as far as they have been read: the reading of them goes on, or
/// stands still, as it did.
async fn weigh(scan: Scan, reading: &Reading) -> Result<Weights, ApiError> {
    let rooms = whole_list(reading).await?.items;
    let ids = rooms.iter().map(|room| room.room_id.to_string()).collect();
    let asked = cached::survey(&FILES, ids, reading).await?;
    let (places, groups): (Vec<&String>, Vec<MediaIds>) = asked
        .known
        .iter()
        .map(|(id, ids)| (id, Rc::clone(ids)))
        .unzip();
    let (sums, out) = scan.with(|index| (index.sums_by(&groups), index.out_of_reach()));
    let (is_whole, lists) = (
        matches!(scan.state_now(), ScanState::Done(_)),
        scan.lists_now(),
    );
    let are_all_read = can_be_exact(is_whole, out);
    let sums: HashMap<&str, (usize, Sum)> = places
        .into_iter()
        .zip(groups.iter().zip(sums))
        .map(|(id, (ids, sum))| (id.as_str(), (ids.len(), sum)))
        .collect();
    let weighed = rooms.iter().map(|room| {
        let weight = sums.get(room.room_id.as_str()).map(|(named, sum)| {
            RoomWeight::of(*named, *sum, room.encryption.is_some(), are_all_read)
        });
        Weighed {
            weight: Known::or(weight, Why::Silent),
            room: room.clone(),
        }
    });
    let number = |value: u64| format::number(value as f64);
    let files = match is_whole {
        true => String::new(),
        false => t::storage_note_part(&number(lists.read), &number(lists.all)),
    };
    let note = format!("{} {files}", t::by_room_note());
    Ok(Weights {
        rooms: weighed.collect(),
        note: cached::with_silent(note.trim().to_owned(), &asked.silent),
    })
}

fn show(weights: &Weights) -> (String, Node) {
    let changed = RwSignal::new(0_u32);
    // The rooms, and after how many changes they were weighed.
    let kept = Rc::new(RefCell::new((0, Rc::clone(&weights.rooms))));
    let source = Source::here(move |query, reading| {
        let kept = Rc::clone(&kept);
        let changes = changed.get_untracked();
        async move {
            // What was done to rooms here is asked for anew, once, and nothing else.
            if kept.borrow().0 != changes {
                let rooms = weigh(Scan::get(), &reading).await?.rooms;
                kept.replace((changes, rooms));
            }
            let rooms = Rc::clone(&kept.borrow().1);
            Ok(page(&rooms, &query))
        }
    });
    let key = |row: &Weighed| row.room.room_id.to_string();
    let number = |of: fn(&Weighed) -> Known<u64>| {
        move |row: &Weighed| match of(row) {
            Known::Is(value) => value.to_string(),
            Known::Unknown(_) => String::new(),
        }
    };
    // In a file as on the page: what may be more is no number.
    let weight = |of: fn(&Weighed) -> Known<u64>| {
        move |row: &Weighed| match of(row) {
            Known::Is(value) => row.told(value.to_string()),
            Known::Unknown(_) => String::new(),
        }
    };
    let spec = ListSpec::new("media-rooms", t::by_room, key, source)
        .defaults(Defaults {
            sort: WeighedOrder::Bytes.key(),
            descending: true,
            ..Defaults::default()
        })
        .search(t::by_room_search)
        .column(
            Column::new("name", t::room_name, |row: &Weighed| {
                row.room.title().to_owned()
            })
            .main()
            .sorted(WeighedOrder::Name)
            .grow(14.0, 2.0),
        )
        .column(
            Column::new("room_id", t::room_id, key)
                .copyable()
                .grow(12.0, 1.5)
                .hidden(),
        )
        .column(
            Column::new("encryption", t::room_encrypted, |row: &Weighed| {
                row.room.encryption.clone().unwrap_or_default()
            })
            .cell(|row: &Weighed| tick(row.room.encryption.is_some()))
            .width(7.0),
        )
        .column(
            Column::new("joined_members", t::room_members, number(members))
                .cell(|row: &Weighed| shown(members(row), |count| format::number(count as f64)))
                .sorted(WeighedOrder::Members)
                .number(),
        )
        .column(
            Column::new("files", t::user_files, weight(Weighed::files))
                .cell(|row: &Weighed| {
                    shown(row.files(), |count| row.told(format::number(count as f64)))
                })
                .sorted(WeighedOrder::Files)
                .number(),
        )
        .column(
            Column::new("bytes", t::user_bytes, weight(Weighed::bytes))
                .cell(|row: &Weighed| shown(row.bytes(), |bytes| row.told(format::bytes(bytes))))
                .sorted(WeighedOrder::Bytes)
                .number(),
        )
        .link(|row: &Weighed| {
            let room = encoded(row.room.room_id.as_str());
            Route::Media.at(&format!("{}={room}", filter::ROOM))
        })
        .empty(
            "rooms",
            t::media_usage_empty,
            Some(t::media_usage_empty_text),
        )
        .bulk(move |picked| {
            menu(Subject::Picked {
                picked,
                changed,
                see: |row| KnownRoom::of(typed::<Weighed>(row).room.clone()),
            })
        })
        .reload(changed);
    (weights.note.clone(), view! { <List spec /> }.into_node())
}

fn members(row: &Weighed) -> Known<u64> {
    Known::or(row.room.joined_members, Why::NoRecord)
}

fn shown(value: Known<u64>, words: impl Fn(u64) -> String) -> Node {
    match value {
        Known::Is(value) => words(value).into_node(),
        Known::Unknown(why) => unknown(why),
    }
}

fn page(rooms: &[Weighed], query: &ListQuery) -> ListPage {
    let search = Search::parse(&query.search);
    let text = |row: &Weighed| format!("{}\n{}", row.room.room_id, row.room.title());
    let mut found: Vec<Weighed> = rooms
        .iter()
        .filter(|row| search.is_empty() || search.finds_in(&text(row)))
        .cloned()
        .collect();
    sort_by(&mut found, |a, b| compare(query, a, b));
    let (page, total) = page_of(found, query.from(), query.size);
    ListPage::new(page, total)
}

fn compare(query: &ListQuery, a: &Weighed, b: &Weighed) -> Ordering {
    let by = |of: fn(&Weighed) -> Known<u64>| of(a).compare(&of(b), query.descending);
    let order = match WeighedOrder::parse(&query.sort).unwrap_or(WeighedOrder::Name) {
        WeighedOrder::Bytes => by(Weighed::bytes),
        WeighedOrder::Files => by(Weighed::files),
        WeighedOrder::Members => by(members),
        WeighedOrder::Name => {
            let name = |row: &Weighed| row.room.title().to_lowercase();
            match query.descending {
                true => name(b).cmp(&name(a)),
                false => name(a).cmp(&name(b)),
            }
        }
    };
    order.then_with(|| a.room.room_id.cmp(&b.room.room_id))
}
