//! Lists of Matrix Authentication Service, newest first. It pages by cursors from either end and has no order
//! but that in which things were made, so a page in between is reached from the one before it, or by reading
//! what is newer with it.

use super::{ListPage, ListQuery, Reading, Source};
use crate::actions::touched::Log;
use crate::api::mas::resource::{Count, Want};
use crate::api::mas::{MasPage, Resource, Slice};
use crate::api::{ApiError, Request};
use crate::listing::newest::{Dated, newest_of};
use crate::operations::activity::TOUCHED;
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, try_join_all};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A part of a list, and how many there are on the whole, if that was told.
type Part<R> = (Vec<Dated<R>>, Option<u64>);

/// Hears how many are read, of how many.
type Report = Box<dyn Fn(u64, Option<u64>)>;

/// An answer under way.
type Coming<T> = LocalBoxFuture<'static, Result<T, ApiError>>;

/// One list of MAS whose things are seen as rows.
pub struct Feed<R: 'static> {
    part: Rc<dyn Fn(Want) -> Coming<Part<R>>>,
    all: Rc<dyn Fn(Report) -> Coming<Vec<Dated<R>>>>,
}

impl<R: 'static> Feed<R> {
    /// The list that `ask` asks for a part of, whose things are seen as `row` makes them.
    pub fn new<T: DeserializeOwned + 'static>(
        ask: impl Fn(&Want) -> Request<MasPage<T>> + 'static,
        row: impl Fn(Resource<T>) -> R + 'static,
    ) -> Self {
        let ask = Rc::new(ask);
        let dated = Rc::new(move |one: Resource<T>| Dated {
            id: one.id.clone(),
            cursor: one.id.to_string(),
            item: row(one),
        });
        let (ask_all, dated_all) = (Rc::clone(&ask), Rc::clone(&dated));
        Feed {
            part: Rc::new(move |want| {
                let (request, dated) = (ask(&want), Rc::clone(&dated));
                async move {
                    let page = Client::get().send(request).await?;
                    let count = page.count();
                    Ok((page.data.into_iter().map(|one| dated(one)).collect(), count))
                }
                .boxed_local()
            }),
            all: Rc::new(move |report| {
                let (ask, dated) = (Rc::clone(&ask_all), Rc::clone(&dated_all));
                async move {
                    let client = Client::get().enduring();
                    let all = client
                        .patient()
                        .all_of_mas(|want| ask(want), &report)
                        .await?;
                    Ok(all.into_iter().map(|one| dated(one)).collect())
                }
                .boxed_local()
            }),
        }
    }
}

/// Whether a question finds a row.
type Finds<R> = Rc<dyn Fn(&R) -> bool>;

/// What a question asks for: the lists that answer it, none if it finds nothing, and what there is to say of
/// the answer.
pub struct AskedOfMas<R: 'static> {
    pub feeds: Vec<Feed<R>>,
    pub note: Option<String>,
    /// What of these lists it finds, where MAS cannot tell: then they are read whole. `None`: all of it.
    pub kept: Option<Finds<R>>,
}

impl<R> AskedOfMas<R> {
    /// One list, and nothing to say of it.
    pub fn one(feed: Feed<R>) -> Self {
        AskedOfMas {
            feeds: vec![feed],
            note: None,
            kept: None,
        }
    }

    /// Of what the lists have, it finds this.
    pub fn kept_here(self, finds: impl Fn(&R) -> bool + 'static) -> Self {
        AskedOfMas {
            kept: Some(Rc::new(finds)),
            ..self
        }
    }

    /// Nothing can be found, for this reason.
    pub fn nothing(note: String) -> Self {
        AskedOfMas {
            feeds: Vec::new(),
            note: Some(note),
            kept: None,
        }
    }
}

/// With what each list is asked for, by question, size and page.
type Places = Rc<RefCell<HashMap<(String, u64, u64), Vec<Option<String>>>>>;

/// What a question has found of lists that were read whole for it: who turns a page does not wait again. Kept until
/// a change of ours, or "Refresh".
struct Found<R> {
    question: String,
    /// The moment (of [`Log`]) of which it tells.
    moment: u64,
    rows: Vec<R>,
}

/// The newest of these, if there is one.
type KeptFound<R> = Rc<RefCell<Option<Found<R>>>>;

fn question(query: &ListQuery) -> String {
    format!("{:?}", (query.search.trim(), &query.parameters))
}

/// A list that is answered by lists of MAS. `asked` says of a question which ones these are, `complete` looks
/// up what else is to be shown of the rows of a page.
pub fn source<R, F, G>(
    asked: impl Fn(ListQuery) -> F + Clone + 'static,
    complete: impl Fn(Vec<R>) -> G + Clone + 'static,
) -> Source
where
    R: Clone + 'static,
    F: Future<Output = Result<AskedOfMas<R>, ApiError>> + 'static,
    G: Future<Output = Vec<R>> + 'static,
{
    let (asked_all, complete_all) = (asked.clone(), complete.clone());
    let (places, found) = (Places::default(), KeptFound::default());
    Source::paged(
        move |query, reading| {
            let (asked, complete) = (asked(query.clone()), complete.clone());
            let (places, found) = (Rc::clone(&places), Rc::clone(&found));
            async move {
                let mut asked = asked.await?;
                let note = asked.note.take();
                let (rows, total) = page(asked, &query, &places, &found, &reading).await?;
                let rows = complete(rows).await;
                Ok(ListPage::new(rows, total).noted(note))
            }
        },
        move |query, reading| {
            let (asked, complete) = (asked_all(query), complete_all.clone());
            async move {
                let mut asked = asked.await?;
                let note = asked.note.take();
                let rows = complete(everything(asked, &reading).await?).await;
                Ok(ListPage::all(rows).noted(note))
            }
        },
    )
}

/// How many rows before a page are read with it in one request, at most.
const IN_ONE_GO: u64 = 1_000;

/// The rows of the page that the question is about, and how many there are in all.
async fn page<R: Clone>(
    asked: AskedOfMas<R>,
    query: &ListQuery,
    places: &Places,
    found: &KeptFound<R>,
    reading: &Reading,
) -> Result<(Vec<R>, u64), ApiError> {
    let key = |page| (question(query), query.size, page);
    let known = places.borrow().get(&key(query.page)).cloned();
    // From the page before it is known where this one begins; who comes from elsewhere reads what is newer.
    let known = known.filter(|known| known.len() == asked.feeds.len());
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    if asked.kept.is_some() || (known.is_none() && query.from() > IN_ONE_GO) {
        let (question, moment) = (question(query), TOUCHED.with_borrow(Log::moment));
        let is_found = !reading.is_refresh()
            && found
                .borrow()
                .as_ref()
                .is_some_and(|found| found.question == question && found.moment == moment);
        if !is_found {
            // By thousands, with progress and a way to stop.
            let rows = everything(asked, reading).await?;
            found.replace(Some(Found {
                question,
                moment,
                rows,
            }));
        }
        let found = found.borrow();
        let all = found.as_ref().map_or(&[][..], |found| &found.rows);
        let rows = all.iter().skip(whole(query.from()));
        return Ok((
            rows.take(whole(query.size)).cloned().collect(),
            all.len() as u64,
        ));
    }
    let feeds = asked.feeds;
    let (skip, known) = match known {
        Some(known) => (0, known),
        None => (query.from(), vec![None; feeds.len()]),
    };
    let size = u32::try_from(skip.saturating_add(query.size)).unwrap_or(u32::MAX);
    let parts = feeds.iter().zip(&known).map(|(feed, place)| {
        (feed.part)(Want {
            slice: match place {
                Some(cursor) => Slice::Before(cursor.clone()),
                None => Slice::Last,
            },
            size,
            count: Count::Yes,
        })
    });
    let parts = try_join_all(parts).await?;
    let total = parts
        .iter()
        .map(|(_, count)| count.unwrap_or_default())
        .sum();
    let lists = parts.into_iter().map(|(rows, _)| rows).collect();
    let found = newest_of(lists, known, whole(skip), whole(query.size));
    places
        .borrow_mut()
        .insert(key(query.page + 1), found.places);
    Ok((found.items, total))
}

/// All rows that a question finds, newest first.
async fn everything<R>(asked: AskedOfMas<R>, reading: &Reading) -> Result<Vec<R>, ApiError> {
    let AskedOfMas { feeds, kept, .. } = asked;
    let (mut lists, mut read) = (Vec::new(), 0);
    for feed in &feeds {
        let (before, reading) = (read, reading.clone());
        // Of several lists nobody knows how many there are before the last.
        let is_one = feeds.len() == 1;
        let report = move |done, of: Option<u64>| {
            reading.progress(before + done, of.filter(|_| is_one));
        };
        let list = (feed.all)(Box::new(report)).await?;
        read += list.len() as u64;
        lists.push(list);
    }
    let places = vec![None; lists.len()];
    let mut all = newest_of(lists, places, 0, usize::MAX).items;
    if let Some(finds) = kept {
        all.retain(|row| finds(row));
    }
    Ok(all)
}
