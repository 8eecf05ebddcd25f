//! Whole lists, read once and kept for the session: for questions that the server cannot answer.

use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, UserId};
use crate::components::list::Reading;
use crate::operations::Activity;
use crate::session::Session;
use crate::session::browser::now;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use std::cell::RefCell;
use std::rc::Rc;
use std::thread::LocalKey;

/// A whole list, and when it was read.
pub struct Whole<T> {
    pub items: Rc<[T]>,
    pub read_at: Timestamp,
}

impl<T> Clone for Whole<T> {
    fn clone(&self) -> Self {
        Whole {
            items: Rc::clone(&self.items),
            read_at: self.read_at,
        }
    }
}

/// Hears how many are read, and how many there are.
pub type Report = Rc<dyn Fn(u64, u64)>;

/// Reads everything.
pub type Read<T> = fn(Report) -> LocalBoxFuture<'static, Result<Vec<T>, ApiError>>;

/// The reading, under way or done. It goes on only while somebody waits for it, so cancelling
/// stops it, and asking again goes on where it stopped.
type Reader<T> = Shared<LocalBoxFuture<'static, Result<Whole<T>, ApiError>>>;

/// Whose reading it is, and how many changes this session had made when it began: what was
/// read before a change will not do after it.
type Key = (UserId, usize);

/// Keeps one list.
pub struct Keeper<T: 'static> {
    reader: RefCell<Option<(Key, Reader<T>)>>,
    listener: Rc<RefCell<Option<Reading>>>,
    read: Read<T>,
}

impl<T: 'static> Keeper<T> {
    /// Keeps what `read` reads.
    pub fn new(read: Read<T>) -> Self {
        Keeper {
            reader: RefCell::default(),
            listener: Rc::default(),
            read,
        }
    }

    fn reader(&self, key: Key, anew: bool) -> Reader<T> {
        if let Some((of, reader)) = &*self.reader.borrow()
            && *of == key
            && !anew
        {
            return reader.clone();
        }
        let listener = Rc::clone(&self.listener);
        let report = Rc::new(move |done, of| {
            if let Some(reading) = &*listener.borrow() {
                reading.progress(done, Some(of));
            }
        });
        let read = (self.read)(report).map(|items| {
            Ok(Whole {
                items: items?.into(),
                read_at: now(),
            })
        });
        let reader = read.boxed_local().shared();
        self.reader.replace(Some((key, reader.clone())));
        reader
    }
}

/// All of them.
pub async fn all<T: 'static>(
    keeper: &'static LocalKey<Keeper<T>>,
    reading: &Reading,
) -> Result<Whole<T>, ApiError> {
    let Some(owner) = Session::get().user_id() else {
        return Err(ApiError::Cancelled);
    };
    let key = (owner, Activity::get().count());
    let reader = keeper.with(|keeper| {
        keeper.listener.replace(Some(reading.clone()));
        keeper.reader(key, reading.is_refresh())
    });
    let whole = reading.unless_cancelled(reader).await;
    // What was cancelled goes on when it is asked for again.
    if !matches!(whole, Ok(_) | Err(ApiError::Cancelled)) {
        keeper.with(|keeper| keeper.reader.replace(None));
    }
    whole
}
