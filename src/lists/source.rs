//! Where the rows of a list come from. Rows are erased here, so that the table is compiled once.

use crate::api::ApiError;
use crate::api::exchange::Clock;
use crate::api::pages::{ByPages, Page};
use crate::browser::clock::BrowserClock;
use crate::listing::ListQuery;
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, ready, select};
use leptos::prelude::*;
use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

/// A row of any type.
pub type Row = Rc<dyn Any>;

/// Something that is made of a row.
pub(super) type OfRow<T> = Rc<dyn Fn(&Row) -> T>;

/// The value behind a row, of the type that its list has.
pub fn typed<T: 'static>(row: &Row) -> &T {
    // Rows and columns of one list are written side by side in one page.
    row.downcast_ref().expect("a column of this list's type")
}

/// Rows, and how many match.
pub struct ListPage {
    pub rows: Vec<Row>,
    /// How many match, on all pages; of an open end, how many are known of.
    pub total: u64,
    /// Whether there are more, and nobody says how many.
    pub is_open: bool,
    /// How the answer was come by, if that is worth a word: "filtered here, after reading all
    /// 3,214 users".
    pub note: Option<String>,
}

impl ListPage {
    /// A page of rows of one type.
    pub fn new<T: 'static>(rows: Vec<T>, total: u64) -> Self {
        ListPage {
            rows: rows.into_iter().map(|row| Rc::new(row) as Row).collect(),
            total,
            is_open: false,
            note: None,
        }
    }

    /// The first page of rows of one type; `None`: there are more, and nobody says how many.
    pub fn first<T: 'static>(rows: Vec<T>, total: Option<u64>) -> Self {
        let known = rows.len() as u64;
        ListPage {
            is_open: total.is_none(),
            ..Self::new(rows, total.unwrap_or(known))
        }
    }

    /// All rows that match.
    pub fn all<T: 'static>(rows: Vec<T>) -> Self {
        let total = rows.len() as u64;
        Self::new(rows, total)
    }

    /// Says how the answer was come by.
    pub fn with_note(self, note: String) -> Self {
        self.noted(Some(note))
    }

    /// Says what there is to say of the answer, if anything.
    pub fn noted(mut self, note: Option<String>) -> Self {
        self.note = note;
        self
    }
}

/// The answer to a question, under way.
pub type Answering = LocalBoxFuture<'static, Result<ListPage, ApiError>>;
type Ask = Rc<dyn Fn(ListQuery, Reading) -> Answering>;

/// Where the rows of a list come from: the one answer to what a question finds. The table, the
/// export, the selection and "all that match" ask it and nothing else, so they mean the same.
#[derive(Clone)]
pub struct Source {
    page: Ask,
    all: Ask,
}

impl Source {
    /// A list that is answered here. `answer` searches, filters, orders and cuts out the page, of
    /// whatever size ([`arrange`](crate::listing::arrange()) does); all that match is one page with
    /// everything on it.
    pub fn here<F>(answer: impl Fn(ListQuery, Reading) -> F + 'static) -> Self
    where
        F: Future<Output = Result<ListPage, ApiError>> + 'static,
    {
        let answer: Ask = Rc::new(move |query, reading| answer(query, reading).boxed_local());
        Source {
            page: Rc::clone(&answer),
            all: answer,
        }
    }

    /// A list that the server answers page by page: `page` asks for one, `all` for everything that
    /// the question finds, in its order, whatever page it says.
    pub fn paged<F, G>(
        page: impl Fn(ListQuery, Reading) -> F + 'static,
        all: impl Fn(ListQuery, Reading) -> G + 'static,
    ) -> Self
    where
        F: Future<Output = Result<ListPage, ApiError>> + 'static,
        G: Future<Output = Result<ListPage, ApiError>> + 'static,
    {
        Source {
            page: Rc::new(move |query, reading| page(query, reading).boxed_local()),
            all: Rc::new(move |query, reading| all(query, reading).boxed_local()),
        }
    }

    /// A list of which the server answers what it can, page by page; what goes beyond it is read
    /// whole and answered here. `answered` says of a question who answers it.
    pub fn server_or_here<F>(answered: impl Fn(ListQuery, Reading) -> F + 'static) -> Self
    where
        F: Future<Output = Result<AnsweredBy, ApiError>> + 'static,
    {
        type Who = LocalBoxFuture<'static, Result<AnsweredBy, ApiError>>;
        let who: Rc<dyn Fn(ListQuery, Reading) -> Who> =
            Rc::new(move |query, reading| answered(query, reading).boxed_local());
        let again = Rc::clone(&who);
        Source {
            page: Rc::new(move |query, reading| {
                let answered = who(query, reading);
                async move {
                    match answered.await? {
                        AnsweredBy::Here(page) => Ok(page),
                        AnsweredBy::Server { page, .. } => page.await,
                    }
                }
                .boxed_local()
            }),
            all: Rc::new(move |query, reading| {
                let answered = again(query, reading);
                async move {
                    match answered.await? {
                        AnsweredBy::Here(all) => Ok(all),
                        AnsweredBy::Server { all, .. } => all.await,
                    }
                }
                .boxed_local()
            }),
        }
    }

    /// The same list, in which questions of which `unread` has something to say find nothing but that.
    pub(super) fn unless(self, unread: impl Fn(&ListQuery) -> Option<String> + 'static) -> Self {
        let unread = Rc::new(unread);
        let guarded = |ask: Ask| -> Ask {
            let unread = Rc::clone(&unread);
            Rc::new(move |query, reading| match unread(&query) {
                Some(note) => {
                    let nothing = ListPage::all(Vec::<()>::new()).with_note(note);
                    ready(Ok(nothing)).boxed_local()
                }
                None => ask(query, reading),
            })
        };
        Source {
            page: guarded(self.page),
            all: guarded(self.all),
        }
    }

    /// The page that the question is about. Ends with [`ApiError::Cancelled`] soon after the
    /// reading is cancelled, whatever it is at.
    pub(super) fn page(&self, query: ListQuery, reading: Reading) -> Answering {
        until_cancelled((self.page)(query, reading.clone()), reading)
    }

    /// Everything that the question finds. Ends with [`ApiError::Cancelled`] soon after the
    /// reading is cancelled, whatever it is at.
    pub(super) fn all(&self, query: &ListQuery, reading: Reading) -> Answering {
        until_cancelled((self.all)(query.everything(), reading.clone()), reading)
    }
}

/// Who answers a question, and with what.
pub enum AnsweredBy {
    /// We do, from what has been read: whatever page is asked for.
    Here(ListPage),
    /// The server does. Nothing is asked before it is known which of the two is wanted.
    Server { page: Answering, all: Answering },
}

impl AnsweredBy {
    /// By the server, whose question in its own words this is. `row` makes a row of what it answers
    /// with; `sort` puts all that match into the order of the question.
    pub fn server<Q, T>(
        asked: Q,
        reading: Reading,
        row: impl Fn(<Q::Page as Page>::Item) -> T + Clone + 'static,
        sort: impl FnOnce(&mut Vec<T>) + 'static,
    ) -> Self
    where
        Q: ByPages + 'static,
        T: 'static,
    {
        let (request, row_of_page) = (asked.page(), row.clone());
        let page = async move {
            let (items, total, _) = Client::get().send(request).await?.open();
            let rows = items.into_iter().map(row_of_page).collect();
            Ok(ListPage::new(rows, total))
        };
        let all = async move {
            let client = Client::get().enduring();
            let report = |done, of| reading.progress(done, Some(of));
            let items = client.patient().all_of(&asked, &report).await?;
            let mut rows = items.into_iter().map(row).collect();
            sort(&mut rows);
            Ok(ListPage::all(rows))
        };
        AnsweredBy::Server {
            page: page.boxed_local(),
            all: all.boxed_local(),
        }
    }

    /// Says how the answer was come by.
    pub fn with_note(self, note: String) -> Self {
        let noted = |answer: Answering, note: String| {
            async move { Ok(answer.await?.with_note(note)) }.boxed_local()
        };
        match self {
            AnsweredBy::Here(page) => AnsweredBy::Here(page.with_note(note)),
            AnsweredBy::Server { page, all } => AnsweredBy::Server {
                page: noted(page, note.clone()),
                all: noted(all, note),
            },
        }
    }
}

fn until_cancelled(answer: Answering, reading: Reading) -> Answering {
    async move { reading.unless_cancelled(answer).await }.boxed_local()
}

/// How often to look whether somebody still waits, in milliseconds.
const LOOK_EVERY_MS: u64 = 200;

/// How far an answer has come that needs more than one request, and whether to go on. The list
/// shows it as a progress bar with a "Cancel" button.
#[derive(Clone)]
pub struct Reading {
    progress: RwSignal<Option<(u64, Option<u64>)>>,
    cancelled: Rc<Cell<bool>>,
    left: Rc<Cell<bool>>,
    refresh: bool,
}

impl Reading {
    /// For reading outside a list.
    pub fn alone() -> Self {
        Self::shown_by(RwSignal::new(None), false)
    }

    /// For reading outside a list what has been kept too long.
    pub fn anew() -> Self {
        Self::shown_by(RwSignal::new(None), true)
    }

    /// Shows how far it is in this signal; `refresh` is [`Reading::is_refresh`].
    pub fn shown_by(progress: RwSignal<Option<(u64, Option<u64>)>>, refresh: bool) -> Self {
        Reading {
            progress,
            cancelled: Rc::default(),
            left: Rc::default(),
            refresh,
        }
    }

    /// How much has been read, of how much if that is known. Reactive.
    pub fn so_far(&self) -> Option<(u64, Option<u64>)> {
        self.progress.get()
    }

    /// Nobody waits for the answer any more.
    pub fn cancel(&self) {
        self.cancelled.set(true);
    }

    /// Nobody waits for the answer any more because the page was left: what other pages look at as well is
    /// not to be stopped.
    pub fn leave(&self) {
        self.left.set(true);
        self.cancel();
    }

    /// Whether nobody waits because the page was left.
    pub fn is_left(&self) -> bool {
        self.left.get()
    }

    /// Whether the person pressed "Refresh": what a source has kept will not do.
    pub fn is_refresh(&self) -> bool {
        self.refresh
    }

    /// So many have been read, of so many if that is known.
    pub fn progress(&self, done: u64, of: Option<u64>) {
        if !self.cancelled.get() {
            // The page may have been left.
            let _ = self.progress.try_set(Some((done, of)));
        }
    }

    /// There is nothing to show any more.
    pub(super) fn end(&self) {
        let _ = self.progress.try_set(None);
    }

    /// Does something that does not look by itself whether anybody still waits.
    ///
    /// # Errors
    ///
    /// What the work ends with, or [`ApiError::Cancelled`].
    pub async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let mut work = std::pin::pin!(work);
        loop {
            let pause = BrowserClock.sleep(LOOK_EVERY_MS);
            match select(work, pause).await {
                Either::Left((answer, _)) => return answer,
                Either::Right((_, unfinished)) => work = unfinished,
            }
            if self.is_cancelled() {
                return Err(ApiError::Cancelled);
            }
        }
    }

    /// Whether nobody waits for the answer any more. Return [`ApiError::Cancelled`] then.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// Whether this is the same reading.
    pub(super) fn is(&self, other: &Reading) -> bool {
        Rc::ptr_eq(&self.cancelled, &other.cancelled)
    }
}
