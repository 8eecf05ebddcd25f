//! Having somebody join a room: who is in already has not failed to come in.

use crate::actions::stays_unsure;
use crate::api::exchange::{Network, send_once};
use crate::api::{ApiError, Call, RoomId, UserId, users};
use crate::runner::{Reason, Step, Turn};

/// Somebody who is to join a room.
#[derive(Clone)]
pub struct Joining {
    /// See [`crate::api::rooms::join`].
    pub call: Call,
    pub room: RoomId,
    pub user: UserId,
}

impl Joining {
    /// Sends it once. Nobody is invited twice into a room that is not public, and what another server does not answer
    /// may have come to pass all the same: where the server says no, it is asked who is in.
    ///
    /// `was_unsure`: whether an earlier try may have done it, or may yet; whether that is so now comes with how it
    /// ends.
    pub async fn attempt(
        &self,
        was_unsure: bool,
        network: &dyn Network,
        turn: &Turn<'_>,
    ) -> (Step, bool) {
        let error = match network.exchange(&self.call).await {
            Ok(answer) => match ApiError::of(&answer) {
                None => return (Step::Done, false),
                Some(error) => error,
            },
            Err(error) => error,
        };
        let is_unsure = stays_unsure(was_unsure, Some(&error));
        // Whoever answers in the server's place does not know, and who is to be slower is sent again.
        if !matches!(error, ApiError::Matrix { .. }) {
            return (Step::from_error(error), is_unsure);
        }
        if let Err(held) = turn.goes_on().await {
            return (held, is_unsure);
        }
        let joined = send_once(network, users::joined_rooms(&self.user)).await;
        let is_in = joined.map(|joined| joined.joined_rooms.contains(&self.room));
        match (is_in, is_unsure) {
            (Ok(true), true) => (Step::Done, false),
            (Ok(true), false) => (Step::LeftOut(Reason::Unchanged), false),
            // The server was through with it.
            (Ok(false), _) => (Step::from_error(error), false),
            (Err(_), _) => (Step::from_error(error), is_unsure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Answer, Method, rooms};
    use crate::runner::simulation::{SimClock, SimRandom};
    use crate::runner::{Fate, Limits, Run, Unheard, Work, ping, run};
    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;
    use serde_json::json;
    use std::cell::{Cell, RefCell};

    /// What a server does with a join, and says.
    #[derive(Clone, Copy)]
    enum Says {
        /// 403: invited they are already.
        No,
        /// Another server does not answer: 502 by the server itself.
        Elsewhere,
        /// They come in, and nobody hears it.
        LetsInUnheard,
        /// A proxy's 502; they do not come in.
        Nothing,
    }

    /// A server with a room, and what it says to each join in turn, the last for ever.
    struct Door<'a> {
        says: &'a [Says],
        /// Whether it tells which rooms somebody is in.
        tells: bool,
        is_in: Cell<bool>,
        joins: Cell<usize>,
        unheard: Unheard,
        is_unsure: Cell<bool>,
        fate: RefCell<Option<Fate>>,
    }

    impl Network for Door<'_> {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            let refused = |status, why: &str| {
                let body = json!({"errcode": why, "error": "no"});
                Answer::new(status, "application/json", body.to_string())
            };
            let proxy = || Answer::new(502, "text/html", "<html>502 Bad Gateway");
            let room = room();
            let answer = match call.method {
                Method::Get if call.path.ends_with("server_version") => {
                    let version = json!({"server_version": "1.163.2"});
                    Answer::new(200, "application/json", version.to_string())
                }
                Method::Get if !self.tells => refused(403, "M_FORBIDDEN"),
                Method::Get => {
                    let rooms: &[&str] = if self.is_in.get() {
                        &[room.as_str()]
                    } else {
                        &[]
                    };
                    let joined = json!({"joined_rooms": rooms, "total": rooms.len()});
                    Answer::new(200, "application/json", joined.to_string())
                }
                _ => {
                    let number = self.joins.replace(self.joins.get() + 1);
                    match self.says[number.min(self.says.len() - 1)] {
                        Says::No => refused(403, "M_FORBIDDEN"),
                        Says::Elsewhere => refused(502, "M_UNKNOWN"),
                        Says::Nothing => proxy(),
                        Says::LetsInUnheard => {
                            self.is_in.set(true);
                            proxy()
                        }
                    }
                }
            };
            let came = Ok(answer);
            self.unheard.note(0, call, &came);
            async { came }.boxed_local()
        }
    }

    impl Work for Door<'_> {
        fn attempt<'a>(&'a self, _: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                let jane = UserId::parse("@jane:example.org").unwrap();
                let joining = Joining {
                    call: rooms::join(room().as_str(), &jane).call,
                    room: room(),
                    user: jane,
                };
                let tried = joining.attempt(self.is_unsure.get(), self, &turn).await;
                self.is_unsure.set(tried.1);
                if !tried.1 {
                    self.unheard.is_known(0);
                }
                tried.0
            }
            .boxed_local()
        }

        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            ping(self).boxed_local()
        }

        fn unheard(&self, item: usize) -> Option<ApiError> {
            self.unheard.of(item)
        }

        fn settled(&self, _: usize, fate: &Fate) {
            self.fate.replace(Some(fate.clone()));
        }
    }

    fn room() -> RoomId {
        RoomId::parse("!room:example.org").unwrap()
    }

    fn fate(says: &[Says], was_in: bool, tells: bool) -> Fate {
        let door = Door {
            says,
            tells,
            is_in: Cell::new(was_in),
            joins: Cell::new(0),
            unheard: Unheard::default(),
            is_unsure: Cell::new(false),
            fate: RefCell::new(None),
        };
        let (clock, job) = (SimClock::default(), Run::new(vec![0], Limits::default()));
        clock.run(3_600_000, run(&job, &door, &clock, &SimRandom::new(1)));
        door.fate.take().unwrap()
    }

    #[test]
    fn who_is_in_already_has_not_failed_to_come_in() {
        let failed = |fate, with| match fate {
            Fate::Failed(error) => assert_eq!(error.status(), Some(with)),
            fate => panic!("{fate:?}"),
        };
        let unchanged = Fate::LeftOut(Reason::Unchanged);
        assert_eq!(fate(&[Says::No], true, true), unchanged);
        failed(fate(&[Says::No], false, true), 403);
        failed(fate(&[Says::No], false, false), 403);
        // What nobody has heard of is found out.
        let unheard = [Says::LetsInUnheard, Says::No];
        assert_eq!(fate(&unheard, false, true), Fate::Done);
        // The server itself says that it has failed, and nobody is in.
        failed(fate(&[Says::Elsewhere], false, true), 502);
        // What may have come to pass nobody knows where nobody tells.
        for says in [&[Says::Elsewhere][..], &[Says::Nothing]] {
            let fate = fate(says, false, false);
            assert!(matches!(fate, Fate::Unknown(_)), "{fate:?}");
        }
    }
}
