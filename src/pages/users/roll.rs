//! The whole list of users.

use crate::api::ApiError;
use crate::api::users::User;
use crate::components::list::Reading;
use crate::pages::whole::{self, Keeper, Report, Whole};
use crate::roster;
use crate::session::{Client, learn};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

thread_local! {
    static USERS: Keeper<User> = Keeper::new(read);
}

/// All users of the server.
pub async fn all(reading: &Reading) -> Result<Whole<User>, ApiError> {
    whole::all(&USERS, reading).await
}

fn read(report: Report) -> LocalBoxFuture<'static, Result<Vec<User>, ApiError>> {
    async move {
        let capabilities = learn::capabilities().await?;
        let client = Client::get();
        roster::read_all(client.patient(), &capabilities, &*report).await
    }
    .boxed_local()
}
