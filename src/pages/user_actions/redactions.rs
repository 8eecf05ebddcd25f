//! Removing messages.

use super::perform::{self, Input};
use crate::api::UserId;
use crate::api::redact::{self, Redaction, Stage};
use crate::api::tasks;
use crate::i18n::t;
use crate::operations::Recorded;
use crate::operations::acts::{Act, How};
use crate::operations::background::tasks_of;
use crate::operations::followed::{Begin, Ended, Kind, Look};
use crate::runner::once::Tries;
use crate::user_actions::Action;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// Where they are kept.
pub const KEY: &str = "redactions";

/// Removals of a user's messages.
pub static REDACTIONS: Kind = Kind {
    key: KEY,
    followed: t::act_redact_followed,
    file: "removed-messages",
    columns: &["event", "error"],
    look,
    troubles: t::act_redact_failed_events,
    again,
};

/// The same for those that an earlier page has not begun with.
fn again(order: &str, names: &[String]) -> Option<Act> {
    let redaction = serde_json::from_str(order).ok()?;
    let users: Vec<UserId> = names
        .iter()
        .filter_map(|name| UserId::parse(name))
        .collect();
    let input = Input::Redaction(redaction);
    Some(perform::act(Action::Redact, &users.into(), input, None))
}

/// Removes what these users have said.
pub fn begin(users: &Rc<[UserId]>, redaction: Redaction) -> How {
    let order = serde_json::to_string(&redaction).unwrap_or_default();
    let (users, redaction) = (Rc::clone(users), Rc::new(redaction));
    let tries: Rc<Tries> = Rc::default();
    let begin: Begin = Rc::new(move |number, network| {
        let (user, redaction) = (users[number].clone(), Rc::clone(&redaction));
        let tries = Rc::clone(&tries);
        async move {
            let known = || tasks_of(network, user.as_str(), tasks::Action::Redact).boxed_local();
            let send = || {
                let sent = network.send(redact::start(&user, &redaction));
                async move { Ok(sent.await?.redact_id) }.boxed_local()
            };
            tries.begin(number, &known, &send).await
        }
        .boxed_local()
    });
    How::Follow(&REDACTIONS, order, begin)
}

fn look<'a>(network: &'a Recorded, id: &'a str) -> LocalBoxFuture<'a, Look> {
    async move {
        let answer = network.send(redact::status(id)).await?;
        if !answer.status.is_over() {
            return Ok(None);
        }
        let failed = answer.failed_redactions;
        let troubles = failed.len();
        let mut lines: Vec<Vec<String>> = failed
            .into_iter()
            .map(|(event, why)| vec![event, why])
            .collect();
        if let Some(error) = answer.error {
            lines.push(vec![String::new(), error]);
        }
        Ok(Some(Ended {
            complete: answer.status == Stage::Complete,
            outcome: match answer.status {
                Stage::Complete => "complete",
                Stage::Cancelled => "cancelled",
                _ => "failed",
            },
            lines,
            troubles,
        }))
    }
    .boxed_local()
}
