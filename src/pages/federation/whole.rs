//! The whole list of other servers.

use crate::actions::touched::Log;
use crate::api::federation::{self, Destination, ListDestinations};
use crate::api::{ApiError, ServerName};
use crate::lists::Reading;
use crate::lists::cached::{self, CachedKind, Keeper, OnProgress, Whole};
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

thread_local! {
    static SERVERS: Keeper<Destination> = Keeper::new(CachedKind {
        read,
        one,
        key: |server| server.name.as_str(),
        keep: |_, _| (),
        touched: Log::servers_since,
    });
}

/// All other servers that this one has had something to send to.
pub async fn all(reading: &Reading) -> Result<Whole<Destination>, ApiError> {
    cached::all(&SERVERS, reading).await
}

fn read(report: OnProgress) -> LocalBoxFuture<'static, Result<Vec<Destination>, ApiError>> {
    async move {
        Client::get()
            .patient()
            .all_of(&ListDestinations::default(), &*report)
            .await
    }
    .boxed_local()
}

fn one(name: String) -> LocalBoxFuture<'static, Result<Option<Destination>, ApiError>> {
    async move {
        let Some(name) = ServerName::parse(&name) else {
            return Ok(None);
        };
        ApiError::if_there(Client::get().send(federation::destination(&name)).await)
    }
    .boxed_local()
}
