//! The whole list of other servers.

use super::retried;
use crate::api::federation::{Destination, ListDestinations};
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
        touched: retried::touched,
    });
}

/// All other servers that this one has had something to send to.
pub async fn all(reading: &Reading) -> Result<Whole<Destination>, ApiError> {
    cached::all(&SERVERS, reading).await
}

fn read(report: OnProgress) -> LocalBoxFuture<'static, Result<Vec<Destination>, ApiError>> {
    async move {
        let client = Client::get().enduring();
        let asked = ListDestinations::default();
        let all = client.patient().all_of(&asked, &*report).await?;
        all.iter().for_each(retried::told);
        Ok(all)
    }
    .boxed_local()
}

fn one(name: String) -> LocalBoxFuture<'static, Result<Option<Destination>, ApiError>> {
    async move {
        let Some(name) = ServerName::parse(&name) else {
            return Ok(None);
        };
        retried::ask(&name).await
    }
    .boxed_local()
}
