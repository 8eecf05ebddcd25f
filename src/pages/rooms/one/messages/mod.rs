//! The tab "Messages": what was said and changed in the room, paged both ways, from its end, from
//! a moment, or around an event that the address names: `?tab=messages&event=$abc`.
//!
//! | file | what |
//! |---|---|
//! | `filter` | the fields of the filter |

mod filter;

use self::filter::FilterFields;
use super::Shown;
use super::line::{Around, event_route, line};
use crate::address::identifier;
use crate::address::route::Route;
use crate::api::events::{self, Event};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, EventId, RoomId};
use crate::browser::navigation::{HistoryStep, current_query, navigate};
use crate::components::button::{Button, ButtonKind};
use crate::components::failure::failure;
use crate::components::field::{DateTimeField, Field};
use crate::components::link::link;
use crate::components::notice::Notice;
use crate::components::page::skeleton;
use crate::components::toast::Toasts;
use crate::i18n::errors::explain;
use crate::i18n::features::why_not;
use crate::i18n::{Words, t};
use crate::rooms::message_filter::MessageFilter;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::collections::HashMap;
use wasm_bindgen_futures::spawn_local;

/// How many events a page has.
const PAGE: u64 = 50;

/// How many empty pages are skipped: with a filter the server looks through a part of the room
/// at a time, and may find nothing in it.
const EMPTY_PAGES: usize = 10;

/// What is shown, oldest first, and where it goes on.
#[derive(Clone, Default)]
struct Stretch {
    events: Vec<Event>,
    /// Towards the past; `None` at the room's beginning.
    older: Option<String>,
    /// Towards the present.
    newer: Option<String>,
}

/// What is asked about: by value, as the tab may have been left when an answer comes.
struct Asked {
    room: RoomId,
    filter: MessageFilter,
}

/// A handle: copies are the same.
#[derive(Clone, Copy)]
struct Walker {
    shown: Shown,
    stretch: RwSignal<Option<Result<Stretch, ApiError>>>,
    filter: Memo<MessageFilter>,
    busy: RwSignal<bool>,
    /// Counts the beginnings, so that an answer to an earlier one is not taken.
    begun: StoredValue<u32>,
}

/// The tab with the messages of a room.
pub fn tab(shown: Shown) -> Node {
    let server = Session::get().capabilities_now();
    if let Some(lack) = server.lack(Feature::RoomMessages) {
        return view! { <Notice>{why_not(lack)}</Notice> }.into_node();
    }
    let query = current_query();
    let filter =
        Memo::new(move |_| query.with(|query| MessageFilter::read(|name| query.get(name))));
    let walker = Walker {
        shown,
        stretch: RwSignal::new(None),
        filter,
        busy: RwSignal::new(false),
        begun: StoredValue::new(0),
    };
    let sought = Memo::new(move |_| query.with(|query| query.get("event")));
    Effect::new(move |_| {
        filter.track();
        let sought = sought.get();
        untrack(|| begin(walker, sought.as_deref()));
    });
    let around = Around {
        names: shown.names,
        sought: Signal::derive(move || sought.get()),
        removed: RwSignal::default(),
    };
    // The lines stay, with what is open of them, when more come.
    let came = Memo::new(move |_| {
        walker.stretch.with(|stretch| {
            stretch
                .as_ref()
                .map(|came| came.as_ref().map(drop).map_err(Clone::clone))
        })
    });
    let fields = FilterFields::of(shown, filter, sought);
    view! {
        <section class="card">
            <div class="form-row">
                {jump(walker)}
                {fields.usual()}
            </div>
            {fields.more()}
            {look_up(walker)}
            {move || {
                sought
                    .get()
                    .map(|_| {
                        let route = Route::room(&shown.id()).tab("messages");
                        let route = format!("{route}{}", filter.with(MessageFilter::write));
                        view! { <p>{link(&route, "", t::room_messages_to_end)}</p> }
                    })
            }}
            {move || match came.get() {
                None => skeleton(6),
                Some(Err(error)) => {
                    let again = move |()| untrack(|| begin(walker, sought.get().as_deref()));
                    failure(explain(&error), Some(UnsyncCallback::new(again)))
                }
                Some(Ok(())) => lines(walker, around),
            }}
        </section>
    }
    .into_node()
}

/// Going to a moment.
fn jump(walker: Walker) -> Node {
    let at: RwSignal<Option<Timestamp>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let go = move || {
        let Some(moment) = at.get_untracked() else {
            return;
        };
        busy.set(true);
        let room = walker.shown.id();
        spawn_local(async move {
            let found = nearest(&room, moment).await;
            // The page may have been left.
            if busy.try_set(false).is_some() {
                return;
            }
            match found {
                Ok(event) => walker.go_to(event.as_str()),
                Err(error) if error.is_not_found() => {
                    Toasts::get().info(t::room_messages_no_time())
                }
                Err(error) => Toasts::get().bad(explain(&error)),
            }
        });
    };
    view! {
        <form
            class="field-with-button"
            on:submit=move |event| {
                event.prevent_default();
                go();
            }
        >
            <DateTimeField label=t::room_messages_jump at />
            <Button
                label=t::room_messages_go
                busy
                disabled=Signal::derive(move || at.get().is_none())
                on_press=go
            />
        </form>
    }
    .into_node()
}

/// The first event from a moment on; if there is none, the last before it.
async fn nearest(room: &RoomId, moment: Timestamp) -> Result<EventId, ApiError> {
    let client = Client::get();
    match client.send(events::at(room, moment, true)).await {
        Err(error) if error.is_not_found() => {
            let before = client.send(events::at(room, moment, false)).await?;
            Ok(before.event_id)
        }
        found => Ok(found?.event_id),
    }
}

/// Going to an event by its ID or by a link to it.
fn look_up(walker: Walker) -> Node {
    let text = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let go = move || {
        let found = text.with_untracked(|text| identifier::kind(text));
        match found {
            identifier::IdentifierKind::Event { event, .. } => {
                wrong.set(None);
                walker.go_to(event.as_str());
            }
            _ => wrong.set(Some(t::room_purge_event_wrong())),
        }
    };
    view! {
        <form
            class="field-with-button"
            on:submit=move |event| {
                event.prevent_default();
                go();
            }
        >
            <Field
                label=t::room_messages_look_up
                hint=Signal::derive(t::room_messages_look_up_hint)
                value=text
                error=wrong
                mono=true
            />
            <Button
                label=t::room_messages_go
                disabled=Signal::derive(move || text.with(|text| text.trim().is_empty()))
                on_press=go
            />
        </form>
    }
    .into_node()
}

fn lines(walker: Walker, around: Around) -> Node {
    let room = walker.shown.id();
    let of =
        move |look: fn(&Stretch) -> bool| Memo::new(move |_| walker.with(look).unwrap_or_default());
    let is_empty = of(|stretch| stretch.events.is_empty());
    let has_older = of(|stretch| stretch.older.is_some());
    let has_newer = of(|stretch| stretch.newer.is_some());
    let events = move || walker.with(|stretch| numbered(&stretch.events));
    let end = move || match has_older.get() {
        true => view! {
            <Button
                label=t::room_messages_older
                icon="arrow-up"
                busy=walker.busy
                on_press=move || go_on(walker, true)
            />
        }
        .into_node(),
        false => view! { <p class="field-hint">{t::room_messages_beginning}</p> }.into_node(),
    };
    let newer = move || {
        has_newer.get().then(|| {
            view! {
                <div class="event-pager">
                    <Button
                        label=t::room_messages_newer
                        icon="arrow-down"
                        kind=ButtonKind::Secondary
                        busy=walker.busy
                        on_press=move || go_on(walker, false)
                    />
                </div>
            }
        })
    };
    view! {
        <div class="event-pager">{end}</div>
        {move || {
            is_empty
                .get()
                .then(|| {
                    let words = match has_older.get() {
                        true => t::room_messages_part,
                        false => t::room_messages_none as Words,
                    };
                    view! { <p>{words}</p> }
                })
        }}
        <ul class="events">
            <For each=move || events().unwrap_or_default() key=|(key, _)| key.clone() let:event>
                {line(&event.1, &room, around)}
            </For>
        </ul>
        {newer}
    }
    .into_node()
}

/// The events, each with what no other has: an ID that is there twice, or is missing, is counted.
fn numbered(events: &[Event]) -> Vec<((String, usize), Event)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    events
        .iter()
        .map(|event| {
            let count = seen.entry(&event.event_id).or_default();
            *count += 1;
            ((event.event_id.clone(), *count), event.clone())
        })
        .collect()
}

impl Walker {
    /// Looks at what is shown, if anything is. Reactive.
    fn with<T>(self, look: impl FnOnce(&Stretch) -> T) -> Option<T> {
        self.stretch
            .with(|stretch| Some(look(stretch.as_ref()?.as_ref().ok()?)))
    }

    /// What is to be asked about now.
    fn asked(self) -> Asked {
        Asked {
            room: self.shown.id(),
            filter: self.filter.get_untracked(),
        }
    }

    /// Shows what stands around an event, of what the filter finds.
    fn go_to(self, event: &str) {
        let route = event_route(&self.shown.id(), event);
        let filter = self.filter.with_untracked(MessageFilter::write);
        navigate(&format!("{route}{filter}"), HistoryStep::Push);
    }
}

/// Reads messages anew: from the end of the room, or around an event.
fn begin(walker: Walker, sought: Option<&str>) {
    walker.begun.update_value(|begun| *begun += 1);
    let mine = walker.begun.get_value();
    walker.busy.set(false);
    walker.stretch.set(None);
    walker.shown.names.ask();
    let sought = sought.map(str::to_owned);
    let asked = walker.asked();
    spawn_local(async move {
        let found = match sought {
            None => last(&asked).await,
            Some(text) => match EventId::parse(&text) {
                Some(event) => around_event(&asked, &event).await,
                None => Err(ApiError::Matrix {
                    status: 404,
                    errcode: "M_NOT_FOUND".into(),
                    message: text,
                }),
            },
        };
        if walker.begun.try_get_value() == Some(mine) {
            walker.stretch.set(Some(found));
            scroll_to_sought();
        }
    });
}

/// The page up to the room's end.
async fn last(asked: &Asked) -> Result<Stretch, ApiError> {
    let page = pages(asked, true, None).await?;
    let mut events = page.events;
    events.reverse();
    Ok(Stretch {
        events,
        older: page.end,
        newer: Some(page.start).filter(|start| !start.is_empty()),
    })
}

/// What stands around an event. What is filtered out is left out of it, but for the event.
async fn around_event(asked: &Asked, event: &EventId) -> Result<Stretch, ApiError> {
    let context = Client::get()
        .send(events::context(&asked.room, event, PAGE))
        .await?;
    let mut events: Vec<Event> = context.events_before.into_iter().rev().collect();
    events.push(context.event.clone());
    events.extend(context.events_after);
    let filter = &asked.filter;
    if !filter.is_empty() {
        events.retain(|event| filter.fits(event) || event.event_id == context.event.event_id);
    }
    Ok(Stretch {
        events,
        older: context.start,
        newer: context.end,
    })
}

struct Pages {
    events: Vec<Event>,
    start: String,
    end: Option<String>,
}

impl Pages {
    /// Whether nothing fits in what has been looked through, and there is more behind it.
    fn is_part(&self) -> bool {
        self.events.is_empty() && self.end.is_some()
    }
}

/// The next events in a direction, past pages on which nothing fits.
async fn pages(asked: &Asked, backwards: bool, from: Option<String>) -> Result<Pages, ApiError> {
    let (mut at, mut start) = (from, String::new());
    for number in 0..EMPTY_PAGES {
        let walk = asked.filter.walk(at.clone(), backwards, PAGE);
        let page = Client::get()
            .send(events::messages(&asked.room, &walk))
            .await?;
        if number == 0 {
            start = page.start;
        }
        // Old servers name the same place for ever.
        let end = page.end.filter(|end| at.as_ref() != Some(end));
        if !page.chunk.is_empty() || end.is_none() {
            let is_first = |event: &Event| event.kind == "m.room.create";
            let is_over = backwards && page.chunk.iter().any(is_first)
                // Without a filter an empty page is the last, whatever the server says.
                || page.chunk.is_empty() && asked.filter.is_empty();
            return Ok(Pages {
                events: page.chunk,
                start,
                end: end.filter(|_| !is_over),
            });
        }
        at = end;
    }
    Ok(Pages {
        events: Vec::new(),
        start,
        end: at,
    })
}

fn go_on(walker: Walker, backwards: bool) {
    let Some(Ok(stretch)) = walker.stretch.get_untracked() else {
        return;
    };
    let from = match backwards {
        true => stretch.older.clone(),
        false => stretch.newer.clone(),
    };
    let Some(from) = from else {
        return;
    };
    let (mine, asked) = (walker.begun.get_value(), walker.asked());
    walker.busy.set(true);
    spawn_local(async move {
        let page = pages(&asked, backwards, Some(from.clone())).await;
        // It has begun anew, or the page was left.
        if walker.begun.try_get_value() != Some(mine) {
            return;
        }
        walker.busy.set(false);
        let page = match page {
            Ok(page) => page,
            Err(error) => return Toasts::get().bad(explain(&error)),
        };
        let is_part = page.is_part();
        if is_part {
            Toasts::get().info(t::room_messages_part());
        }
        let mut stretch = stretch;
        let known = |event: &Event| {
            stretch
                .events
                .iter()
                .any(|of| of.event_id == event.event_id)
        };
        let mut new = page.events;
        new.retain(|event| !known(event));
        if backwards {
            new.reverse();
            new.append(&mut stretch.events);
            stretch.events = new;
            stretch.older = page.end;
            keep_place(|| walker.stretch.set(Some(Ok(stretch))));
        } else {
            if new.is_empty() && !is_part {
                Toasts::get().info(t::room_messages_no_newer());
            }
            stretch.events.extend(new);
            // At the present the server names no next page: more may come all the same.
            stretch.newer = page.end.or(Some(from));
            walker.stretch.set(Some(Ok(stretch)));
        }
    });
}

fn height() -> f64 {
    let root = document().document_element();
    root.map_or(0.0, |root| f64::from(root.scroll_height()))
}

/// Does something that adds lines above what is looked at, which stays where it is.
fn keep_place(change: impl FnOnce()) {
    let before = height();
    change();
    request_animation_frame(move || {
        window().scroll_by_with_x_and_y(0.0, height() - before);
    });
}

fn scroll_to_sought() {
    request_animation_frame(|| {
        let found = document()
            .query_selector(".event[data-sought]")
            .ok()
            .flatten();
        if let Some(element) = found {
            let middle = web_sys::ScrollIntoViewOptions::new();
            middle.set_block(web_sys::ScrollLogicalPosition::Center);
            element.scroll_into_view_with_scroll_into_view_options(&middle);
        }
    });
}
