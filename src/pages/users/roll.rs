//! The whole list of users, read once and kept for the session.

use crate::api::ApiError;
use crate::api::UserId;
use crate::api::exchange::Clock;
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::api::users::User;
use crate::components::list::Reading;
use crate::operations::Activity;
use crate::roster;
use crate::session::browser::{BrowserClock, now};
use crate::session::{Client, Session};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};
use std::cell::RefCell;
use std::rc::Rc;

/// All users, and when they were read.
#[derive(Clone)]
pub struct Roll {
    pub users: Rc<[User]>,
    pub read_at: Timestamp,
}

/// The reading, under way or done. It goes on only while somebody waits for it, so cancelling
/// stops it, and asking again goes on where it stopped.
type Reader = Shared<LocalBoxFuture<'static, Result<Roll, ApiError>>>;

/// Whose reading it is, and how many changes this session had made when it began: what was
/// read before a change will not do after it.
type Key = (UserId, usize);

thread_local! {
    static READER: RefCell<Option<(Key, Reader)>> = const { RefCell::new(None) };
    static LISTENER: RefCell<Option<Reading>> = const { RefCell::new(None) };
}

/// How often to look whether somebody still waits, in milliseconds.
const LOOK_EVERY_MS: u64 = 200;

/// All users of the server.
pub async fn all(reading: &Reading, capabilities: Capabilities) -> Result<Roll, ApiError> {
    let Some(owner) = Session::get().user_id() else {
        return Err(ApiError::Cancelled);
    };
    let key = (owner, Activity::get().count());
    if reading.is_refresh() {
        READER.take();
    }
    let kept = READER.with_borrow(|reader| match reader {
        Some((of, reader)) if *of == key => Some(reader.clone()),
        _ => None,
    });
    let mut reader = kept.unwrap_or_else(|| {
        let reader = read(capabilities).boxed_local().shared();
        READER.set(Some((key, reader.clone())));
        reader
    });
    LISTENER.set(Some(reading.clone()));
    loop {
        match select(reader, BrowserClock.sleep(LOOK_EVERY_MS)).await {
            Either::Left((Err(error), _)) => {
                READER.take();
                return Err(error);
            }
            Either::Left((roll, _)) => return roll,
            Either::Right((_, unfinished)) => reader = unfinished,
        }
        if reading.is_cancelled() {
            return Err(ApiError::Cancelled);
        }
    }
}

async fn read(capabilities: Capabilities) -> Result<Roll, ApiError> {
    let client = Client::get();
    let report = |done, of| {
        LISTENER.with_borrow(|listener| {
            if let Some(reading) = listener {
                reading.progress(done, Some(of));
            }
        });
    };
    let users = roster::read_all(client.patient(), &capabilities, &report).await?;
    Ok(Roll {
        users: users.into(),
        read_at: now(),
    })
}
