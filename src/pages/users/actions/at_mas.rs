//! Actions where Matrix Authentication Service (MAS) keeps the accounts: each is asked for there right before, and
//! done there. Which it is, is known when a job is at its accounts, not when it is made: it may go on after a
//! reload.

use super::targets::UserIds;
use crate::api::exchange::Clock;
use crate::api::mas::users::not_told;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, UserId, users};
use crate::browser::clock::BrowserClock;
use crate::known::Known;
use crate::operations::{OnTarget, Recorded};
use crate::pages::users::at_mas::{KeptBy, MasAccount, look_up};
use crate::pages::users::list::told;
use crate::runner::once::Lost;
use crate::runner::{Reason, Step, Turn};
use crate::users::actions::Action;
use crate::users::idle::idle_at_mas;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;

/// How long to wait before the homeserver is asked whether MAS has told it, in milliseconds, how much longer each
/// time after, and at most.
const FIRST_MS: u64 = 500;
const LONGER: f64 = 1.5;
const LONGEST_MS: u64 = 5_000;

/// For how long it is asked, in milliseconds. MAS tells it within seconds, unless it has very much to do.
const PATIENCE_MS: u64 = 30_000;

/// What is done to an account of MAS, by its number among the targets.
pub type OnMasAccount = Rc<
    dyn for<'a> Fn(usize, &'a MasAccount, &'a Recorded, &'a Turn<'a>) -> LocalBoxFuture<'a, Step>,
>;

/// Who keeps each of the accounts, as was found when it was asked about right before. Clones are the same.
#[derive(Clone)]
pub struct Keepers {
    action: Action,
    users: UserIds,
    found: Rc<[RefCell<Option<KeptBy>>]>,
}

impl Keepers {
    /// Of those to whom this is to be done.
    pub fn new(action: Action, users: &UserIds) -> Self {
        Keepers {
            action,
            users: Rc::clone(users),
            found: users.iter().map(|_| RefCell::default()).collect(),
        }
    }

    /// Asks who keeps an account, where that matters for the action.
    pub async fn ask(&self, number: usize, network: &Recorded) -> Result<KeptBy, ApiError> {
        if !self.action.is_at_mas() {
            return Ok(KeptBy::Homeserver);
        }
        let found = look_up(&self.users[number], network).await?;
        self.found[number].replace(Some(found.clone()));
        Ok(found)
    }

    /// Who keeps an account, as was found last.
    async fn of(&self, number: usize, network: &Recorded) -> Result<KeptBy, ApiError> {
        let known = self.found[number].borrow().clone();
        match known {
            Some(found) => Ok(found),
            None => self.ask(number, network).await,
        }
    }

    /// How the action is carried out: at MAS where that keeps the account, and else at the homeserver.
    pub fn doing(&self, at_homeserver: OnTarget, at_mas: OnMasAccount) -> OnTarget {
        let keepers = self.clone();
        Rc::new(move |number, network, turn| {
            let keepers = keepers.clone();
            let (at_homeserver, at_mas) = (Rc::clone(&at_homeserver), Rc::clone(&at_mas));
            async move {
                match keepers.of(number, network).await {
                    Err(error) => Step::from_error(error),
                    Ok(KeptBy::Mas(account)) => {
                        let network = network.about(&keepers.users[number]);
                        at_mas(number, &account, &network, &turn).await
                    }
                    Ok(KeptBy::UnknownToMas) if !keepers.action.is_for_unknown_to_mas() => {
                        Step::LeftOut(Reason::UnknownToMas)
                    }
                    Ok(KeptBy::Homeserver | KeptBy::UnknownToMas) => {
                        at_homeserver(number, network, turn).await
                    }
                }
            }
            .boxed_local()
        })
    }

    /// Ends an account that MAS keeps; `None` if it does not.
    pub async fn end(
        &self,
        number: usize,
        lost: &Lost,
        network: &Recorded,
        turn: &Turn<'_>,
    ) -> Option<Step> {
        match self.of(number, network).await {
            Err(error) => Some(Step::from_error(error)),
            Ok(KeptBy::Homeserver | KeptBy::UnknownToMas) => None,
            Ok(KeptBy::Mas(account)) => {
                let user = &self.users[number];
                let network = network.about(user);
                Some(end(self.action, user, &account, lost, &network, turn).await)
            }
        }
    }
}

/// The one request that this action is at MAS.
pub fn sending(action: Action) -> OnMasAccount {
    Rc::new(move |_, account, network, _| {
        async move {
            let Some(request) = action.request_at_mas(&account.base, &account.id) else {
                return Step::Failed(ApiError::Cancelled);
            };
            match network.send(request).await {
                Ok(_) => Step::Done,
                Err(error) => Step::from_error(error),
            }
        }
        .boxed_local()
    })
}

/// Ends all sessions.
pub fn logging_out() -> OnMasAccount {
    Rc::new(|_, account, network, turn| {
        async move { done(account.end_all(network, turn).await) }.boxed_local()
    })
}

/// Ends the sessions that were last used before a moment, but for the latest of an app.
pub fn logging_out_idle(before: Rc<dyn Fn() -> Timestamp>) -> OnMasAccount {
    Rc::new(move |_, account, network, turn| {
        let before = before();
        async move {
            let sessions = match account.sessions(network).await {
                Ok(sessions) => idle_at_mas(&sessions, before),
                Err(error) => return Step::from_error(error),
            };
            if sessions.is_empty() {
                // Whatever was sent before.
                network.is_known();
                return Step::LeftOut(Reason::Unchanged);
            }
            done(account.end_these(&sessions, network, turn).await)
        }
        .boxed_local()
    })
}

fn done(came: Result<(), Step>) -> Step {
    came.map_or_else(|step| step, |()| Step::Done)
}

/// Ends accounts. What MAS is told it may be told twice, so that nothing is waited for before it is sent; `lost`
/// knows whether it was.
pub fn deactivating(action: Action, users: &UserIds, lost: &Rc<[Lost]>) -> OnMasAccount {
    let (users, lost) = (Rc::clone(users), Rc::clone(lost));
    Rc::new(move |number, account, network, turn| {
        let (user, lost) = (users[number].clone(), Rc::clone(&lost));
        async move { end(action, &user, account, &lost[number], network, turn).await }.boxed_local()
    })
}

/// Ends one account: MAS does so at once, and it is done when the homeserver says so.
async fn end(
    action: Action,
    user: &UserId,
    account: &MasAccount,
    lost: &Lost,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Step {
    let Some(request) = action.request_at_mas(&account.base, &account.id) else {
        return Step::Failed(ApiError::Cancelled);
    };
    // Whoever leaves the page from now on knows that it was sent.
    lost.replace(Some(ApiError::Cancelled));
    if let Err(error) = network.send(request).await {
        lost.replace(error.may_be_under_way().then(|| error.clone()));
        return Step::from_error(error);
    }
    network.is_begun();
    let erases = action != Action::Deactivate;
    let clock = BrowserClock;
    let _shown = turn.server_is_at_it();
    let began_ms = clock.now_ms();
    let mut wait = FIRST_MS;
    loop {
        clock.sleep(wait).await;
        let is_over = turn.is_over() || !turn.clear().await;
        match network.send(users::get(user)).await {
            Ok(detail) if is_ended(&detail.user, erases) => {
                lost.take();
                return Step::Done;
            }
            Ok(_) => {}
            Err(error) => return Step::from_error(error),
        }
        if is_over || clock.now_ms().saturating_sub(began_ms) > PATIENCE_MS {
            lost.take();
            return Step::Unknown(not_told());
        }
        wait = ((wait as f64 * LONGER) as u64).min(LONGEST_MS);
    }
}

/// Whether the homeserver has ended an account. Servers before 1.71 tell nobody who is erased.
pub fn is_ended(user: &users::User, erases: bool) -> bool {
    user.deactivated && (!erases || told().erased(user) != Known::Is(false))
}
