//! Leaving a room in the name of an account that Matrix Authentication Service (MAS) keeps: by a personal session
//! that acts as the account, made for this and revoked when it is done. `pages::rooms::leaving` has the way where
//! the homeserver keeps the accounts.

use crate::api::authorization::CLIENT_API;
use crate::api::exchange::{Network, send_once};
use crate::api::login::{DEVICE_NAME, refused_as_user};
use crate::api::mas::personal::{self, NewSession};
use crate::api::mas::users;
use crate::api::{ApiError, RoomId, UserId, rooms};
use crate::runner::{Reason, Step, Turn};
use futures_util::TryFutureExt;

/// For how many seconds the session is good, should nobody come to revoke it.
const SECONDS: u32 = 5 * 60;

/// Who leaves which room, and who is asked.
pub struct LeavingAtMas<'a> {
    pub user: &'a UserId,
    pub room: &'a RoomId,
    /// Where MAS stands.
    pub base: &'a str,
    /// The way to MAS.
    pub at_mas: &'a dyn Network,
    pub at_homeserver: &'a dyn Network,
}

impl LeavingAtMas<'_> {
    /// Makes the session, leaves with it, and revokes it, whatever became of leaving. Whoever tries it again makes
    /// another: one of which no answer came has nobody who knows its token, and ends by itself.
    ///
    /// # Errors
    ///
    /// What becomes of the item: what leaving ends with, or making the session.
    pub async fn leave(&self, turn: &Turn<'_>) -> Result<(), Step> {
        let asked = users::find(self.base, self.user, |request| {
            send_once(self.at_mas, request)
        });
        let Some(actor) = asked.map_err(Step::from_error).await? else {
            return Err(Step::LeftOut(Reason::UnknownToMas));
        };
        turn.goes_on().await?;
        let new = NewSession {
            actor_user_id: actor.id,
            human_name: format!("{DEVICE_NAME}: {}", self.room),
            scope: CLIENT_API.to_owned(),
            expires_in: Some(SECONDS),
        };
        let making = send_once(self.at_mas, personal::create(self.base, &new));
        let made = making.map_err(Step::from_error).await?.data;
        let left = match made.attributes.access_token {
            Some(token) => self.leave_with(&token, turn).await,
            None => Err(Step::Failed(without_token())),
        };
        turn.clear().await;
        // Where that fails it ends by itself; the log of changes says so.
        let _ = send_once(self.at_mas, personal::revoke(self.base, &made.id)).await;
        left
    }

    async fn leave_with(&self, token: &str, turn: &Turn<'_>) -> Result<(), Step> {
        if !turn.clear().await {
            return Err(Step::Held);
        }
        let leaving = rooms::leave(self.room).with_token(token);
        let left = send_once(self.at_homeserver, leaving).await;
        let left = left.map(drop).map_err(refused_as_user);
        left.map_err(Step::from_error)
    }
}

fn without_token() -> ApiError {
    ApiError::Undecodable {
        json_path: "data.attributes.access_token".to_owned(),
        message: "missing".to_owned(),
        excerpt: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::Body;
    use crate::api::{Answer, Call, Method};
    use crate::runner::simulation::{SimClock, SimRandom};
    use crate::runner::{self, Fate, Limits, Run, Work};
    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;
    use serde_json::{Value, json};
    use std::cell::RefCell;

    const SESSION: &str = "01JSTANDN00000000000000002";

    /// A homeserver, and MAS beside it.
    struct Servers {
        /// What MAS calls the account; `None` if it has none.
        known_as: Option<&'static str>,
        /// What is answered to who leaves: a status for each try.
        leaving: RefCell<Vec<u16>>,
        revoking: u16,
        token: Option<&'static str>,
        asked: RefCell<Vec<String>>,
        made: RefCell<Vec<Value>>,
    }

    impl Default for Servers {
        fn default() -> Self {
            Servers {
                known_as: Some("jane"),
                leaving: RefCell::new(vec![200]),
                revoking: 200,
                token: Some("mpt_jane"),
                asked: RefCell::default(),
                made: RefCell::default(),
            }
        }
    }

    fn of_mas(status: u16, id: &str, attributes: &Value) -> Answer {
        let body = match status {
            200..300 => json!({"data": {"id": id, "attributes": attributes}}),
            _ => json!({"errors": [{"title": "No"}]}),
        };
        Answer::new(status, "application/json", body.to_string())
    }

    impl Servers {
        fn answer(&self, call: &Call) -> Answer {
            let session = json!({
                "created_at": "2026-08-01T12:00:00Z", "actor_user_id": "01JSTANDN00000000000000001",
                "human_name": "", "scope": "", "access_token": self.token,
            });
            let end = call.path.rsplit('/').next().unwrap_or_default();
            match end {
                "jane" => {
                    let user = json!({"username": self.known_as, "admin": false});
                    let status = if self.known_as.is_some() { 200 } else { 404 };
                    of_mas(status, "01JSTANDN00000000000000001", &user)
                }
                "personal-sessions" => {
                    if let Body::Json(body) = &call.body {
                        let body = serde_json::from_str(body).unwrap();
                        self.made.borrow_mut().push(body);
                    }
                    of_mas(201, SESSION, &session)
                }
                "revoke" => of_mas(self.revoking, SESSION, &session),
                "leave" => {
                    let token = call.token.as_ref().map(|token| token.0.as_str());
                    assert_eq!(token, Some("mpt_jane"), "somebody else would leave");
                    match self.leaving.borrow_mut().remove(0) {
                        200 => Answer::new(200, "application/json", "{}"),
                        401 => {
                            let body = r#"{"errcode":"M_UNKNOWN_TOKEN","soft_logout":false}"#;
                            Answer::new(401, "application/json", body)
                        }
                        429 => {
                            let body = r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":500}"#;
                            Answer::new(429, "application/json", body)
                        }
                        status => {
                            let body = r#"{"errcode":"M_FORBIDDEN","error":"No"}"#;
                            Answer::new(status, "application/json", body)
                        }
                    }
                }
                _ => panic!("{}", call.path),
            }
        }
    }

    impl Network for Servers {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            if call.method != Method::Get {
                let end = call.path.rsplit('/').next().unwrap_or_default();
                self.asked.borrow_mut().push(end.to_owned());
            }
            let answer = self.answer(call);
            async { Ok(answer) }.boxed_local()
        }
    }

    impl Work for Servers {
        fn attempt<'a>(&'a self, _item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                let leaving = LeavingAtMas {
                    user: &UserId::parse("@jane:example.org").unwrap(),
                    room: &RoomId::parse("!room:example.org").unwrap(),
                    base: "https://mas.example",
                    at_mas: self,
                    at_homeserver: self,
                };
                let left = leaving.leave(&turn).await;
                left.map_or_else(|step| step, |()| Step::Done)
            }
            .boxed_local()
        }

        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }

    /// What became of it, and what was asked for that changes something, in order.
    fn history(servers: &Servers) -> (Fate, String) {
        let clock = SimClock::default();
        let job = Run::new(vec![0], Limits::default());
        let random = SimRandom::new(1);
        let work = runner::run(&job, servers, &clock, &random);
        clock.run(10_000_000, work);
        (job.fate(0).unwrap(), servers.asked.borrow().join(" "))
    }

    #[test]
    fn a_short_session_of_the_account_alone_leaves_and_is_revoked() {
        let servers = Servers::default();
        let asked = "personal-sessions leave revoke".to_owned();
        assert_eq!(history(&servers), (Fate::Done, asked));
        let made = json!([{
            "actor_user_id": "01JSTANDN00000000000000001",
            "human_name": "Synapse Admin: !room:example.org",
            "scope": "urn:matrix:client:api:*",
            "expires_in": 300,
        }]);
        assert_eq!(json!(*servers.made.borrow()), made);
    }

    #[test]
    fn it_is_revoked_also_where_leaving_has_failed() {
        for status in [401, 403] {
            let servers = Servers {
                leaving: RefCell::new(vec![status]),
                ..Servers::default()
            };
            let (fate, asked) = history(&servers);
            // The account's token is refused, not the administrator's: nobody has to sign in again.
            let Fate::Failed(ApiError::Matrix { status: told, .. }) = fate else {
                panic!("{fate:?}");
            };
            assert_eq!(told, status);
            assert_eq!(asked, "personal-sessions leave revoke");
        }
        let without = Servers {
            token: None,
            ..Servers::default()
        };
        let (fate, asked) = history(&without);
        assert!(matches!(fate, Fate::Failed(_)), "{fate:?}");
        assert_eq!(asked, "personal-sessions revoke");
    }

    #[test]
    fn whoever_has_to_wait_makes_another_and_keeps_none() {
        let servers = Servers {
            leaving: RefCell::new(vec![429, 200]),
            ..Servers::default()
        };
        let asked = "personal-sessions leave revoke personal-sessions leave revoke".to_owned();
        assert_eq!(history(&servers), (Fate::Done, asked));
    }

    #[test]
    fn that_it_could_not_be_revoked_undoes_no_leaving() {
        let servers = Servers {
            revoking: 500,
            ..Servers::default()
        };
        let asked = "personal-sessions leave revoke".to_owned();
        assert_eq!(history(&servers), (Fate::Done, asked));
    }

    #[test]
    fn nobody_acts_as_whom_mas_does_not_know() {
        for known_as in [None, Some("Jane")] {
            let servers = Servers {
                known_as,
                ..Servers::default()
            };
            let left_out = Fate::LeftOut(Reason::UnknownToMas);
            assert_eq!(history(&servers), (left_out, String::new()));
        }
    }
}
