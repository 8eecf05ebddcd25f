//! What the server can do, for those who cannot ask a question before they know.

use super::Session;
use super::sign_in::look_at;
use crate::api::ApiError;
use crate::api::server::Capabilities;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use std::cell::RefCell;

type Asking = Shared<LocalBoxFuture<'static, Result<Capabilities, ApiError>>>;

thread_local! {
    static ASKING: RefCell<Option<Asking>> = const { RefCell::new(None) };
}

/// What the server can do. After a reload it has to be asked again, which happens once, whoever
/// wants to know.
pub async fn capabilities() -> Result<Capabilities, ApiError> {
    let session = Session::get();
    let known = session.capabilities_now();
    if !known.version_text.is_empty() {
        return Ok(known);
    }
    let Some(account) = session.account_now() else {
        return Err(ApiError::Cancelled);
    };
    let under_way = ASKING.with_borrow(Clone::clone);
    let asking = under_way.unwrap_or_else(|| {
        let ask = async move { Ok(look_at(&account.homeserver).await?.capabilities) };
        let asking = ask.boxed_local().shared();
        ASKING.set(Some(asking.clone()));
        asking
    });
    let answer = asking.await;
    ASKING.take();
    if let Ok(capabilities) = &answer {
        session.set_capabilities(capabilities.clone());
    }
    answer
}
