//! Accounts as targets of actions: what is known of them, what the server says right before, how
//! it is done and put back.

use super::again::SoFar;
use super::at_mas::Keepers;
use super::{fields, perform, survey};
use crate::actions::{About, Verdict};
use crate::api::users::{self, User};
use crate::api::{ApiError, UserId, devices};
use crate::browser::clock::now as moment;
use crate::i18n::{Words, format, t};
use crate::known::Known;
use crate::lists::{Each, Origins, Reading};
use crate::operations::acts::{Back, Check, IsLost};
use crate::pages::users::list::{Has, is_system_or_bridged, of_devices, of_query, told};
use crate::runner::Reason;
use crate::session::Session;
use crate::session::config::is_system;
use crate::users::actions::{self, Action};
use crate::users::picked::PickedUsers;
use crate::users::query::{Told, woke};
use crate::users::standing::AccountStanding;
use crate::widgets::actions::{Fact, Form, Targets};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// The accounts that an action is about.
pub struct Users {
    pub rows: Rc<[User]>,
    /// The questions of the list by which they were picked.
    pub origins: Option<Rc<Origins<User>>>,
    /// Whether the server has said that they belong to an application service. A list does not
    /// know.
    pub bridged: bool,
    /// What is known of how they stand.
    pub standing: AccountStanding,
}

/// Says of an account, by its number and as it stands now, of which so much is told, why it is not meant any more.
pub type StillUser = Rc<dyn Fn(usize, &User, &Told) -> Option<Reason>>;

/// The IDs of accounts that one action is done to.
pub type UserIds = Rc<[UserId]>;

/// What accounts were picked by: as the list had them, and its questions.
#[derive(Clone)]
pub struct Meant {
    pub rows: Rc<[User]>,
    pub origins: Option<Rc<Origins<User>>>,
}

impl Meant {
    /// To be kept.
    pub fn kept(&self) -> PickedUsers {
        PickedUsers::of(&self.rows, self.origins.as_deref())
    }

    /// What these were picked by, as it was kept; `None` if it is not known of one.
    pub fn of(kept: PickedUsers, users: &[UserId]) -> Option<Self> {
        let PickedUsers { rows, origins, .. } = kept.only(users)?;
        Some(Meant {
            rows: rows.into(),
            origins: origins.map(Rc::new),
        })
    }

    /// Why an account is not meant any more, as the server has it now. One that `is_ending` has been
    /// deactivated by us, and what that has changed says nothing.
    pub fn still(&self, action: Action, is_ending: Option<IsLost>) -> StillUser {
        let (rows, origins) = (Rc::clone(&self.rows), self.origins.clone());
        let grave = action.about().is_grave();
        Rc::new(move |number, now, told| {
            // Made now: what the server tells is not known as soon as a page is loaded.
            let question = of_query(origins.as_ref()?.questions.of(number)?);
            let is_ending = is_ending.as_ref().is_some_and(|is| is(number));
            if is_ending && now.deactivated {
                return None;
            }
            let before = origins.as_ref()?.before(number);
            let listed = before.unwrap_or(&rows[number]);
            if question.has_lost(listed, (now, told), &is_system_or_bridged) {
                return Some(Reason::NotMatching);
            }
            // Nobody knows what they were picked for; that nobody uses them was in sight.
            let awake = grave && woke(listed, now, moment());
            awake.then_some(Reason::InUse)
        })
    }

    /// Asks what takes a request of its own.
    pub fn more(&self, users: &UserIds) -> Option<Check> {
        let wanted = devices_of(self.origins.as_deref()?)?;
        Some(check_devices(wanted, users))
    }
}

/// By which devices each was picked; `None` where none was by any.
fn devices_of(origins: &Origins<User>) -> Option<Each<Option<Has>>> {
    let wanted = origins.questions.map(of_devices);
    wanted
        .values()
        .iter()
        .any(Option::is_some)
        .then_some(wanted)
}

/// Whether Matrix Authentication Service keeps the accounts, and may be asked to change them.
pub fn is_at_mas() -> bool {
    Session::get().of_capabilities(|server| server.mas().is_some())
}

fn action(number: usize) -> Action {
    Action::ALL[number]
}

impl Users {
    fn ids(&self) -> UserIds {
        self.rows.iter().map(|user| user.name.clone()).collect()
    }
}

impl Targets for Users {
    fn actions(&self) -> usize {
        Action::ALL.len()
    }

    fn about(&self, number: usize) -> &'static About {
        action(number).about()
    }

    fn words(&self, number: usize) -> (Words, Option<Words>) {
        Session::get().of_capabilities(|server| action(number).words_by(server))
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn name(&self, target: usize) -> String {
        self.rows[target].name.to_string()
    }

    fn spared(&self, number: usize, target: usize) -> Option<Reason> {
        // Without a session there is nothing to be done.
        let own = Session::get().user_id();
        let Some(own) = own else {
            return Some(Reason::Own);
        };
        let (action, user) = (action(number), &self.rows[target]);
        let spared = actions::spared(action, (user, &self.standing), &own, &is_system);
        let bridged = self.bridged && action.about().spares.application_services();
        match spared {
            None if bridged => Some(Reason::ApplicationService),
            spared => spared,
        }
    }

    fn only(&self, which: &[usize]) -> Rc<dyn Targets> {
        Rc::new(Users {
            rows: which.iter().map(|n| self.rows[*n].clone()).collect(),
            origins: self.origins.as_ref().map(|all| Rc::new(all.only(which))),
            bridged: self.bridged,
            standing: self.standing.clone(),
        })
    }

    fn noun(&self) -> String {
        t::act_fact_users()
    }

    fn facts(&self, number: usize) -> Vec<Fact> {
        let told = &self.standing.told;
        let admins = self.rows.iter();
        let admins = admins.filter(|user| told.admin(user) == Known::Is(true));
        let admins = admins.count();
        let fact = (admins > 0).then(|| (t::act_fact_admins(), format::number(admins as f64)));
        let not_counted = survey::not_counted(action(number), self.count());
        fact.into_iter().chain(not_counted).collect()
    }

    fn look_up(
        &self,
        number: usize,
        reading: Reading,
    ) -> LocalBoxFuture<'static, Result<Vec<Fact>, ApiError>> {
        let users = self.ids();
        async move { survey::facts(action(number), &users, &reading).await }.boxed_local()
    }

    fn requests(&self, number: usize) -> u64 {
        // The rooms are looked up where none are named.
        let rooms = matches!(action(number), Action::Redact | Action::EraseAll);
        let devices = self.origins.as_deref().and_then(devices_of);
        let at_mas = action(number).is_at_mas() && is_at_mas();
        let more = [devices.is_some(), rooms, at_mas].map(u64::from);
        u64::from(action(number).about().asks) + more.into_iter().sum::<u64>()
    }

    fn form(&self, number: usize) -> Form {
        let users = self.ids();
        let (fields, input) = fields::fields(action(number), &users);
        let meant = Meant {
            rows: Rc::clone(&self.rows),
            origins: self.origins.clone(),
        };
        let act = move || {
            let (action, meant) = (action(number), Some(meant.clone()));
            Some(perform::act(
                action,
                &users,
                input()?,
                meant,
                SoFar::default(),
            ))
        };
        (fields, Rc::new(act))
    }

    fn nothing(&self) -> String {
        t::act_nobody()
    }
}

/// Asks about an account right before this is done to it, the homeserver and whoever keeps it.
pub fn check(
    action: Action,
    users: &UserIds,
    keepers: &Keepers,
    still: Option<StillUser>,
) -> Check {
    let (users, keepers) = (Rc::clone(users), keepers.clone());
    Rc::new(move |number, network| {
        let (user, still) = (users[number].clone(), still.clone());
        let keepers = keepers.clone();
        async move {
            let detail = network.send(users::get(&user)).await?;
            let kept = keepers.ask(number, network).await?;
            let Some(own) = Session::get().user_id() else {
                return Err(ApiError::Cancelled);
            };
            let verdict = actions::verdict(action, &detail, kept.at_mas(), &own, &is_system);
            let now = actions::as_kept(action, &detail.user, kept.at_mas());
            let told = match kept.at_mas() {
                None => told(),
                Some(_) => told().settled(),
            };
            let lost = || still.and_then(|still| still(number, &now, &told));
            Ok(match verdict {
                Verdict::Go { .. } => lost().map_or(verdict, Verdict::Leave),
                left => left,
            })
        }
        .boxed_local()
    })
}

/// Asks whether an account that was picked for the devices it has still has these. Who logged in since
/// the list was read is not meant any more.
fn check_devices(wanted: Each<Option<Has>>, users: &UserIds) -> Check {
    let users = Rc::clone(users);
    Rc::new(move |number, network| {
        let (user, wanted) = (users[number].clone(), wanted.of(number).copied().flatten());
        async move {
            let Some(wanted) = wanted else {
                return Ok(Verdict::Go { undoable: false });
            };
            let found = network.send(devices::list(&user)).await?;
            Ok(match Has::of(&found) == wanted {
                true => Verdict::Go { undoable: false },
                false => Verdict::Leave(Reason::NotMatching),
            })
        }
        .boxed_local()
    })
}

/// The change that puts back what was done to those with these numbers.
pub fn back(action: Action, users: &UserIds) -> Option<Back> {
    let inverse = action.inverse()?;
    let users = Rc::clone(users);
    Some(Rc::new(move |done| {
        let changed: UserIds = done.iter().map(|number| users[*number].clone()).collect();
        perform::act(
            inverse,
            &changed,
            perform::Input::None,
            None,
            SoFar::default(),
        )
    }))
}
