//! The whole list of other servers.

use crate::actions::touched::Log;
use crate::api::federation::{self, Destination};
use crate::api::{ApiError, ServerName};
use crate::federation::query;
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
    async move { query::read_all(Client::get().patient(), &*report).await }.boxed_local()
}

fn one(name: String) -> LocalBoxFuture<'static, Result<Option<Destination>, ApiError>> {
    async move {
        let Some(name) = ServerName::parse(&name) else {
            return Ok(None);
        };
        match Client::get().send(federation::destination(&name)).await {
            Ok(server) => Ok(Some(server)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
    .boxed_local()
}
