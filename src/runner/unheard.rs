//! What was sent for the items of a job, and may have been carried out without anybody knowing: of an item
//! that is given up then, nobody can say that it has failed or was not done.

use super::Fate;
use crate::api::{Answer, ApiError, Call, Method};
use std::cell::RefCell;

/// The changes of which nobody knows what came of them, each with its item.
#[derive(Default)]
pub struct Unheard(RefCell<Vec<Sent>>);

struct Sent {
    item: usize,
    /// `None` of what has been answered, or was sent by an earlier page.
    call: Option<Call>,
    error: ApiError,
}

impl Unheard {
    /// What was sent for this item has begun something, or may have, as an earlier page has it: it is to be
    /// found out what comes of it.
    pub fn is_begun(&self, item: usize) {
        self.0.borrow_mut().push(Sent {
            item,
            call: None,
            error: ApiError::Cancelled,
        });
    }

    /// A request was sent for this item, and this came back.
    pub fn note(&self, item: usize, call: &Call, came: &Result<Answer, ApiError>) {
        if call.method == Method::Get {
            return;
        }
        let error = match came {
            Ok(answer) => ApiError::of(answer),
            Err(error) => Some(error.clone()),
        };
        // Who says no to it says nothing of the same that was sent before.
        if error
            .as_ref()
            .is_some_and(|error| !error.may_be_under_way())
        {
            return;
        }
        let mut sent = self.0.borrow_mut();
        sent.retain(|sent| sent.item != item || sent.call.as_ref() != Some(call));
        sent.extend(error.map(|error| Sent {
            item,
            call: Some(call.clone()),
            error,
        }));
    }

    /// What has become of all that was sent for this item so far is known.
    pub fn is_known(&self, item: usize) {
        self.0.borrow_mut().retain(|sent| sent.item != item);
    }

    /// An item has met its fate: if that is known, what was sent for it means nothing to another try.
    pub fn settled(&self, item: usize, fate: &Fate) {
        if !matches!(fate, Fate::Unknown(_)) {
            self.is_known(item);
        }
    }

    /// Why nobody knows what has become of the last that was sent for this item; nothing if it is known.
    pub fn of(&self, item: usize) -> Option<ApiError> {
        let sent = self.0.borrow();
        let last = sent.iter().rfind(|sent| sent.item == item);
        last.map(|sent| sent.error.clone())
    }
}

/// Whether the server may have done what it was told, although this is the answer.
pub fn may_have_been_done(error: &ApiError) -> bool {
    let unread = matches!(error, ApiError::Undecodable { .. });
    let in_the_midst = error.status().is_some_and(|status| status >= 500);
    unread || in_the_midst || error.may_be_under_way()
}

/// Whether what a job has sent of a target that has met this fate may have changed it.
pub fn may_have_changed(fate: &Fate) -> bool {
    match fate {
        Fate::Done => true,
        Fate::Failed(error) | Fate::Unknown(error) => may_have_been_done(error),
        Fate::LeftOut(_) | Fate::NotDone => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{UserId, devices, users};

    fn lost() -> Result<Answer, ApiError> {
        Ok(Answer::new(502, "text/html", "<html>502 Bad Gateway"))
    }

    fn matrix(status: u16) -> Result<Answer, ApiError> {
        let body = r#"{"errcode":"M_UNKNOWN","error":"no"}"#;
        Ok(Answer::new(status, "application/json", body))
    }

    #[test]
    fn what_has_no_answer_is_not_known_until_the_same_is_answered_with_a_success() {
        let user = UserId::parse("@jane:example.org").unwrap();
        let end = users::deactivate(&user, false).call;
        let other = devices::list(&user).call;
        let unheard = Unheard::default();
        unheard.note(7, &end, &lost());
        assert_eq!(unheard.of(7).and_then(|error| error.status()), Some(502));
        assert_eq!(unheard.of(8), None);
        // Neither a no nor a "slow down" says that the first did not come to pass, nor does another request.
        for answer in [matrix(500), matrix(429), matrix(403)] {
            unheard.note(7, &end, &answer);
        }
        unheard.note(7, &users::deactivate(&user, true).call, &matrix(200));
        unheard.note(8, &end, &matrix(200));
        assert!(unheard.of(7).is_some());
        unheard.note(7, &end, &matrix(200));
        assert_eq!(unheard.of(7), None);
        // What only asks changes nothing.
        unheard.note(7, &other, &Err(ApiError::TimedOut { after_ms: 1 }));
        assert_eq!(unheard.of(7), None);
        unheard.note(7, &end, &lost());
        unheard.note(7, &end, &Ok(Answer::new(204, "", "")));
        assert_eq!(unheard.of(7), None);
        // A page of a proxy is no success.
        unheard.note(7, &end, &Ok(Answer::new(200, "text/html", "<html>")));
        assert!(unheard.of(7).is_some());
    }

    #[test]
    fn only_what_is_known_is_forgotten() {
        let unheard = Unheard::default();
        for item in 0..3 {
            unheard.is_begun(item);
        }
        unheard.settled(0, &Fate::Unknown(ApiError::Cancelled));
        unheard.settled(1, &Fate::Failed(ApiError::Cancelled));
        unheard.is_known(2);
        let left: Vec<usize> = (0..3).filter(|item| unheard.of(*item).is_some()).collect();
        assert_eq!(left, [0]);
    }
}
