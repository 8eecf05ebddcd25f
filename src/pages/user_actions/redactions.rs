//! Removing messages.

use crate::api::UserId;
use crate::api::redact::{self, Redaction, Stage};
use crate::i18n::t;
use crate::operations::Recorded;
use crate::operations::acts::How;
use crate::operations::followed::{Begin, Ended, Kind, Look};
use crate::runner::Step;
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
};

/// Removes what these users have said.
pub fn begin(users: &Rc<[UserId]>, redaction: Redaction) -> How {
    let (users, redaction) = (Rc::clone(users), Rc::new(redaction));
    let begin: Begin = Rc::new(move |number, network| {
        let (user, redaction) = (users[number].clone(), Rc::clone(&redaction));
        async move {
            // The server refuses a second one for the same user while the first is under way, so
            // sending it again does no harm.
            let begun = network.send(redact::start(&user, &redaction)).await;
            begun.map(|begun| begun.redact_id).map_err(Step::from_error)
        }
        .boxed_local()
    });
    How::Follow(&REDACTIONS, begin)
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
