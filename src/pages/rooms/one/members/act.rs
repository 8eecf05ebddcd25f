//! MemberTargets as targets of actions: by which right each can be changed, and how it is done.

use super::super::permissions::powers;
use crate::actions::{About, Verdict};
use crate::api::events::{self, MEMBER};
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, UserId, rooms, users};
use crate::components::badge::Tone;
use crate::components::field::Check as CheckField;
use crate::components::notice::Notice;
use crate::i18n::{format, t};
use crate::lists::Reading;
use crate::operations::acts::{Act, Again, Back, Check, How};
use crate::operations::targets::sending;
use crate::operations::{Fields, OnTarget, Recorded};
use crate::pages::rooms::leaving::leave_as;
use crate::rooms::members::{Action, BansLifted, RoomStanding, Way};
use crate::runner::{Reason, Step};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, view};
use crate::widgets::actions::{Fact, Form, Targets, listed};
use crate::widgets::reason_field::WrittenReason;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "members";

/// An action as it is kept meanwhile.
#[derive(Serialize, Deserialize)]
struct Order {
    action: String,
    room: RoomId,
    users: Vec<UserId>,
    gain: bool,
    reason: Option<String>,
    #[serde(default)]
    lifted: BansLifted,
}

/// Makes the action of an order again.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    let order: Order = serde_json::from_str(order).ok()?;
    let action = Action::by_name(&order.action)?;
    let users: Rc<[UserId]> = order.users.into();
    Some(match action {
        Action::MakeAdmin => make_admins(&order.room, &users),
        action => {
            let change = Change {
                room: order.room,
                users,
                action,
                gain: order.gain,
                reason: order.reason,
                lifted: order.lifted.into(),
            };
            Rc::new(change).act()
        }
    })
}

/// MemberTargets of a room that an action is about.
pub struct MemberTargets {
    room: RoomId,
    /// Who, and what they are in the room as far as is known: `join`, `invite`, `knock`, `ban`.
    rows: Rc<[(UserId, String)]>,
    /// Whether it is one, in sight, so that its name need not be typed.
    in_sight: bool,
    /// What the administrator is in the room, once it has been looked up.
    standing: Rc<RefCell<Option<RoomStanding>>>,
}

fn action(number: usize) -> Action {
    Action::ALL[number]
}

impl MemberTargets {
    /// These, of this room.
    pub fn of(room: RoomId, rows: Vec<(UserId, String)>) -> Rc<dyn Targets> {
        MemberTargets::made(room, rows.into(), false)
    }

    /// The one whose deed is on the page. What they are in the room is asked right before.
    pub fn in_sight(room: RoomId, user: UserId) -> Rc<dyn Targets> {
        MemberTargets::made(room, [(user, "join".to_owned())].into(), true)
    }

    fn made(room: RoomId, rows: Rc<[(UserId, String)]>, in_sight: bool) -> Rc<dyn Targets> {
        Rc::new(MemberTargets {
            room,
            rows,
            in_sight,
            standing: Rc::default(),
        })
    }

    fn users(&self) -> Rc<[UserId]> {
        self.rows.iter().map(|(user, _)| user.clone()).collect()
    }
}

/// Reads what the administrator is in a room.
async fn look(room: &RoomId) -> Result<RoomStanding, ApiError> {
    let Some(own) = Session::get().user_id() else {
        return Err(ApiError::Cancelled);
    };
    let powers = powers(room).await?;
    let members = Client::get().send(rooms::members(room)).await?.members;
    let server = Session::get().capabilities_now();
    Ok(RoomStanding::of(
        powers,
        &own,
        &members,
        server.has(Feature::LogInAs),
    ))
}

/// How many are changed by which right, and who cannot be.
fn ways(standing: &RoomStanding, action: Action, users: &[UserId]) -> Vec<Fact> {
    let of = |wanted: Option<Way>| {
        let way = |user: &&UserId| standing.way(action, user, true) == wanted;
        users.iter().filter(way).map(UserId::to_string).collect()
    };
    let mut facts = Vec::new();
    for (words, way) in [
        (t::member_way_right as fn() -> String, Some(Way::Right)),
        (t::member_way_gain, Some(Way::Gain)),
        (t::member_way_leave, Some(Way::Leave)),
    ] {
        let names: Vec<String> = of(way);
        if !names.is_empty() {
            facts.push((words(), format::number(names.len() as f64)));
        }
    }
    let names: Vec<String> = of(None);
    if !names.is_empty() {
        facts.push((t::member_way_none(), listed(&names, names.len())));
    }
    facts
}

impl Targets for MemberTargets {
    fn actions(&self) -> usize {
        Action::ALL.len()
    }

    fn about(&self, number: usize) -> &'static About {
        action(number).about()
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn name(&self, target: usize) -> String {
        self.rows[target].0.to_string()
    }

    fn typed(&self, target: usize) -> String {
        match self.in_sight {
            true => String::new(),
            false => self.name(target),
        }
    }

    fn spared(&self, number: usize, target: usize) -> Option<Reason> {
        let (user, membership) = &self.rows[target];
        let session = Session::get();
        let (own, server) = (session.user_id(), session.server_name());
        action(number).spares(user, membership, own.as_ref(), server.as_ref())
    }

    fn only(&self, which: &[usize]) -> Rc<dyn Targets> {
        let rows = which.iter().map(|n| self.rows[*n].clone()).collect();
        MemberTargets::made(self.room.clone(), rows, self.in_sight)
    }

    fn noun(&self) -> String {
        t::member_noun()
    }

    fn facts(&self, _: usize) -> Vec<Fact> {
        Vec::new()
    }

    fn look_up(
        &self,
        number: usize,
        reading: Reading,
    ) -> LocalBoxFuture<'static, Result<Vec<Fact>, ApiError>> {
        let (room, users) = (self.room.clone(), self.users());
        let kept = Rc::clone(&self.standing);
        async move {
            let standing = reading.unless_cancelled(look(&room)).await?;
            let facts = ways(&standing, action(number), &users);
            kept.replace(Some(standing));
            Ok(facts)
        }
        .boxed_local()
    }

    fn form(&self, number: usize) -> Form {
        let action = action(number);
        let (room, users) = (self.room.clone(), self.users());
        if action == Action::MakeAdmin {
            return (None, Rc::new(move || Some(make_admins(&room, &users))));
        }
        let standing = self.standing.borrow();
        let way = |user: &UserId, may_gain| {
            let standing = standing.as_ref();
            standing.and_then(|standing| standing.way(action, user, may_gain))
        };
        let gains = users.iter().any(|user| way(user, true) == Some(Way::Gain));
        let any = users.iter().any(|user| way(user, true).is_some());
        let any_now = users.iter().any(|user| way(user, false).is_some());
        let gain = RwSignal::new(gains);
        let reason = WrittenReason::none();
        let view = move || {
            let gain = gains.then(|| {
                view! {
                    <CheckField
                        label=t::member_gain
                        hint=Signal::derive(t::member_gain_hint)
                        value=gain
                    />
                }
            });
            let none =
                (!any).then(|| view! { <Notice tone=Tone::Warning>{t::member_no_way}</Notice> });
            view! {
                {none}
                {gain}
                {reason.view()}
            }
            .into_node()
        };
        let fields = Fields {
            view: Rc::new(view),
            incomplete: Signal::derive(move || !any || !(any_now || gain.get())),
        };
        let act = move || {
            let change = Change {
                room: room.clone(),
                users: Rc::clone(&users),
                action,
                gain: gain.get_untracked(),
                reason: reason.text(),
                lifted: RefCell::default(),
            };
            Some(Rc::new(change).act())
        };
        (Some(fields), Rc::new(act))
    }

    fn nothing(&self) -> String {
        t::member_nothing()
    }
}

/// An action on one member, without a question. `gain`: whether the administrator is made an admin of
/// the room where that is needed.
pub fn on_one(
    room: RoomId,
    user: UserId,
    action: Action,
    gain: bool,
    reason: Option<String>,
) -> Act {
    let change = Change {
        room,
        users: [user].into(),
        action,
        gain,
        reason,
        lifted: RefCell::default(),
    };
    Rc::new(change).act()
}

/// Gives local members the power of the local member who has most.
fn make_admins(room: &RoomId, users: &Rc<[UserId]>) -> Act {
    let calls = users.iter().map(|user| rooms::make_admin(room, user).call);
    let how = How::Do(sending(calls.collect(), false, Rc::new(|_, _| Ok(()))));
    let mut act = Act::new(
        Action::MakeAdmin.about(),
        names(room, users),
        first(users),
        how,
    );
    act.one_by_one = true;
    let change = Change {
        room: room.clone(),
        users: Rc::clone(users),
        action: Action::MakeAdmin,
        gain: false,
        reason: None,
        lifted: RefCell::default(),
    };
    act.again = Some(Rc::new(change).again());
    act
}

fn names(room: &RoomId, users: &[UserId]) -> Vec<String> {
    users
        .iter()
        .map(|user| format!("{user} ({room})"))
        .collect()
}

fn first(users: &[UserId]) -> String {
    users.first().map(UserId::to_string).unwrap_or_default()
}

/// A change of members that is about to be made.
struct Change {
    room: RoomId,
    users: Rc<[UserId]>,
    action: Action,
    /// Whether the administrator is made an admin of the room where that is needed.
    gain: bool,
    reason: Option<String>,
    /// Of a lifting of bans, and of its Undo.
    lifted: RefCell<BansLifted>,
}

/// What the job knows of the administrator's right. One member comes after the other, so it is read
/// and gained once.
type Stood = Rc<RefCell<Option<RoomStanding>>>;

impl Change {
    /// How a change of members is made again.
    fn again(self: Rc<Self>) -> Again {
        Again::new(MAKER, move || {
            let order = Order {
                action: format!("{:?}", self.action),
                room: self.room.clone(),
                users: self.users.to_vec(),
                gain: self.gain,
                reason: self.reason.clone(),
                lifted: self.lifted.borrow().clone(),
            };
            serde_json::to_string(&order).ok()
        })
    }

    fn act(self: Rc<Self>) -> Act {
        let stood: Stood = Rc::default();
        let check: Check = {
            let (change, stood) = (Rc::clone(&self), Rc::clone(&stood));
            Rc::new(move |number, network| {
                let (change, stood) = (Rc::clone(&change), Rc::clone(&stood));
                async move { change.verdict(number, network, &stood).await }.boxed_local()
            })
        };
        let deed: OnTarget = {
            let change = Rc::clone(&self);
            Rc::new(move |number, network, turn| {
                let (change, stood) = (Rc::clone(&change), Rc::clone(&stood));
                async move {
                    let user = &change.users[number];
                    let way = stood.borrow().as_ref().and_then(|of| change.way(of, user));
                    let done = match way {
                        Some(Way::Leave) => leave_as(user, &change.room, network, &turn).await,
                        _ => {
                            let done = network.send(change.request(number)).await;
                            done.map(drop).map_err(Step::from_error)
                        }
                    };
                    done.map_or_else(|step| step, |()| Step::Done)
                }
                .boxed_local()
            })
        };
        let back: Option<Back> = self.action.inverse().map(|inverse| {
            let change = Rc::clone(&self);
            Rc::new(move |done: &[usize]| {
                let back = Change {
                    room: change.room.clone(),
                    users: done.iter().map(|n| change.users[*n].clone()).collect(),
                    action: inverse,
                    gain: false,
                    reason: None,
                    lifted: change.lifted.borrow().of(done).into(),
                };
                Rc::new(back).act()
            }) as Back
        });
        let names = names(&self.room, &self.users);
        let mut act = Act::new(
            self.action.about(),
            names,
            first(&self.users),
            How::Do(deed),
        );
        act.check = Some(check);
        act.back = back;
        act.again = Some(Rc::clone(&self).again());
        act.one_by_one = true;
        act
    }

    fn way(&self, standing: &RoomStanding, user: &UserId) -> Option<Way> {
        // What can be gained has been gained.
        standing.way(self.action, user, false)
    }

    fn request(&self, number: usize) -> crate::api::Request<serde_json::Value> {
        let user = &self.users[number];
        let reason = self.reason.as_deref();
        match self.action {
            Action::Ban => {
                // The reason of a ban that was lifted is that of the ban which takes its place, of nothing else.
                let lifted = self.lifted.borrow();
                rooms::ban(&self.room, user, reason.or_else(|| lifted.reason(number)))
            }
            Action::Unban => rooms::unban(&self.room, user, reason),
            Action::Remove | Action::MakeAdmin => rooms::kick(&self.room, user, reason),
        }
    }

    /// Gets the right, the first time, and asks what somebody is in the room now.
    async fn verdict(
        &self,
        number: usize,
        network: &Recorded,
        stood: &Stood,
    ) -> Result<Verdict, ApiError> {
        if stood.borrow().is_none() {
            let standing = self.stand(network).await?;
            stood.replace(Some(standing));
        }
        let user = &self.users[number];
        let (way, is_in) = {
            let standing = stood.borrow();
            let way = standing.as_ref().and_then(|of| self.way(of, user));
            (way, standing.as_ref().is_some_and(RoomStanding::is_in))
        };
        let Some(way) = way else {
            return Ok(Verdict::Leave(Reason::NoRight));
        };
        let membership = match is_in {
            true => {
                let found = network.send(rooms::membership(&self.room, user)).await;
                match ApiError::if_there(found)? {
                    Some(found) => {
                        if self.action == Action::Unban {
                            self.lifted.borrow_mut().note(number, &found);
                        }
                        found.membership
                    }
                    None => "leave".to_owned(),
                }
            }
            // Only the rooms of local accounts can be asked for, and only they leave by themselves.
            false => membership_of_local(&self.room, user, network).await?,
        };
        let own = Session::get().user_id();
        let server = own.as_ref().map(UserId::server);
        let spared = self
            .action
            .spares(user, &membership, own.as_ref(), server.as_ref());
        let lifted = self.lifted.borrow();
        Ok(
            match spared.or_else(|| lifted.spares(self.action, number, &membership)) {
                Some(reason) => Verdict::Leave(reason),
                None => Verdict::Go {
                    undoable: way != Way::Leave,
                },
            },
        )
    }

    /// What the administrator is in the room, once what is needed has been gained.
    async fn stand(&self, network: &Recorded) -> Result<RoomStanding, ApiError> {
        let standing = look(&self.room).await?;
        let needs = |user: &UserId| standing.way(self.action, user, true) == Some(Way::Gain);
        if !self.gain || !self.users.iter().any(needs) {
            return Ok(standing);
        }
        let Some(own) = Session::get().user_id() else {
            return Err(ApiError::Cancelled);
        };
        match network.send(rooms::make_admin(&self.room, &own)).await {
            Ok(_) => {}
            // The server found nobody with the power to: each member says so.
            Err(ApiError::Matrix { status: 400, .. }) => return Ok(standing),
            Err(error) => return Err(error),
        }
        if !standing.is_in() {
            network.send(rooms::enter(&self.room)).await?;
        }
        look(&self.room).await
    }
}

/// What an account of this server is in a room that the administrator is not in.
async fn membership_of_local(
    room: &RoomId,
    user: &UserId,
    network: &Recorded,
) -> Result<String, ApiError> {
    let gone = || "leave".to_owned();
    if Session::get().capabilities_now().has(Feature::Memberships) {
        let mut found = network.send(users::memberships(user)).await?.memberships;
        return Ok(found.remove(room).unwrap_or_else(gone));
    }
    let joined = network.send(users::joined_rooms(user)).await?.joined_rooms;
    if joined.contains(room) {
        return Ok("join".to_owned());
    }
    let state = network.send(events::state(room, Some(MEMBER))).await?;
    let found = state.memberships().find(|(who, ..)| who == user);
    Ok(found.map_or_else(gone, |(_, membership, _)| membership.to_owned()))
}
