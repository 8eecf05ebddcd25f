//! What can be done about an event that was reported: it is removed for everybody, and whoever sent it
//! is taken out of the room. Both are done by the administrator in person, as the server has it; where
//! they lack the power they take it first, if they want to.

use crate::actions::{About, Verdict};
use crate::api::exchange::Network;
use crate::api::{ApiError, Call, EventId, RoomId, UserId, events, members, rooms, users};
use crate::browser::clock::BrowserRandom;
use crate::components::field::{Check, Field};
use crate::i18n::t;
use crate::import::passwords;
use crate::lists::Reading;
use crate::operations::acts::{Act, Again, How};
use crate::operations::{Fields, OnTarget, Recorded};
use crate::reports::actions::{KICK, REMOVE};
use crate::runner::{Reason, Step, Turn};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, view};
use crate::widgets::actions::{Fact, Form, Targets};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The numbers of what can be done, in the order of the table.
pub const REMOVING: usize = 0;
pub const KICKING: usize = 1;

const ALL: [&About; 2] = [&REMOVE, &KICK];

/// The row of the table.
pub fn row(action: usize) -> &'static About {
    ALL[action]
}

/// An event in a room that this server is in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Said {
    pub room: RoomId,
    pub room_title: String,
    pub event: EventId,
    pub sender: UserId,
    /// The event as a line that reads.
    pub words: String,
    pub is_redacted: bool,
}

/// It as the engine of actions sees it.
pub fn about(said: Said) -> Rc<dyn Targets> {
    Rc::new(One(Rc::new(said)))
}

struct One(Rc<Said>);

impl Targets for One {
    fn actions(&self) -> usize {
        ALL.len()
    }

    fn about(&self, action: usize) -> &'static About {
        ALL[action]
    }

    fn count(&self) -> usize {
        1
    }

    fn name(&self, _: usize) -> String {
        self.0.sender.to_string()
    }

    fn typed(&self, _: usize) -> String {
        String::new()
    }

    fn spared(&self, action: usize, _: usize) -> Option<Reason> {
        let is_done = action == REMOVING && self.0.is_redacted;
        let is_own = action == KICKING && Session::get().user_id().as_ref() == Some(&self.0.sender);
        match (is_done, is_own) {
            (true, _) => Some(Reason::Unchanged),
            (_, true) => Some(Reason::Own),
            _ => None,
        }
    }

    fn only(&self, _: &[usize]) -> Rc<dyn Targets> {
        Rc::new(One(Rc::clone(&self.0)))
    }

    fn noun(&self) -> String {
        t::ev_fact()
    }

    fn listed(&self) -> String {
        self.0.words.clone()
    }

    fn facts(&self, _: usize) -> Vec<Fact> {
        let said = &self.0;
        vec![(t::ev_room(), format!("{} ({})", said.room_title, said.room))]
    }

    fn look_up(
        &self,
        _: usize,
        _: Reading,
    ) -> LocalBoxFuture<'static, Result<Vec<Fact>, ApiError>> {
        async { Ok(Vec::new()) }.boxed_local()
    }

    fn form(&self, action: usize) -> Form {
        let reason = RwSignal::new(String::new());
        let bans = RwSignal::new(false);
        let rises = RwSignal::new(true);
        let view = move || {
            let ban = (action == KICKING).then(|| {
                view! {
                    <Check
                        label=t::report_ban
                        hint=Signal::derive(t::report_ban_hint)
                        value=bans
                    />
                }
            });
            view! {
                <Field
                    label=t::act_redact_reason
                    hint=Signal::derive(t::act_redact_reason_hint)
                    value=reason
                />
                {ban}
                <Check
                    label=t::report_rise
                    hint=Signal::derive(t::report_rise_hint)
                    value=rises
                />
            }
            .into_node()
        };
        let fields = Fields {
            view: Rc::new(view),
            incomplete: Signal::stored(false),
        };
        let said = Rc::clone(&self.0);
        // The same for all tries, so that a lost answer does not remove twice.
        let transaction = passwords::password(&BrowserRandom);
        let act = move || {
            let reason = reason.with_untracked(|reason| reason.trim().to_owned());
            Some(made(Order {
                action,
                said: (*said).clone(),
                reason: Some(reason).filter(|reason| !reason.is_empty()),
                bans: bans.get_untracked(),
                rises: rises.get_untracked(),
                transaction: transaction.clone(),
            }))
        };
        (Some(fields), Rc::new(act))
    }

    fn nothing(&self) -> String {
        t::report_nothing_to_do()
    }
}

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "deeds";

/// What is to be done, as it is kept meanwhile.
#[derive(Clone, Serialize, Deserialize)]
struct Order {
    action: usize,
    said: Said,
    reason: Option<String>,
    bans: bool,
    rises: bool,
    transaction: String,
}

/// Makes the action of an order again.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    let order: Order = serde_json::from_str(order).ok()?;
    (order.action < ALL.len()).then(|| made(order))
}

fn made(order: Order) -> Act {
    let Order {
        action,
        said,
        reason,
        bans,
        rises,
        transaction,
    } = &order;
    let (action, bans, reason) = (*action, *bans, reason.as_deref());
    let call = match (action, bans) {
        (REMOVING, _) => events::redact(&said.room, &said.event, reason, transaction).call,
        (_, true) => members::ban(&said.room, &said.sender, reason).call,
        (_, false) => members::kick(&said.room, &said.sender, reason).call,
    };
    let name = match action {
        REMOVING => format!("{} ({})", said.event, said.room),
        _ => format!("{} ({})", said.sender, said.room),
    };
    let deed = deed(said.room.clone(), call, *rises);
    let first = said.sender.to_string();
    let said = Rc::new(said.clone());
    let mut act = Act::new(ALL[action], vec![name], first, How::Do(deed));
    act.check = Some(Rc::new(move |_, network| {
        let said = Rc::clone(&said);
        async move { verdict(action, bans, &said, network).await }.boxed_local()
    }));
    act.again = Some(Again::new(MAKER, move || {
        serde_json::to_string(&order).ok()
    }));
    act
}

/// Whether there is still something to do. Who is banned need not be in the room.
async fn verdict(
    action: usize,
    bans: bool,
    said: &Said,
    network: &Recorded,
) -> Result<Verdict, ApiError> {
    let is_done = match action {
        REMOVING => {
            let asked = events::context(&said.room, &said.event, 0);
            network.send(asked).await?.event.is_redacted()
        }
        _ if bans => false,
        _ => !is_in(&said.sender, &said.room).await?,
    };
    Ok(match is_done {
        true => Verdict::Leave(Reason::Unchanged),
        false => Verdict::Go { undoable: false },
    })
}

/// Whether somebody is in a room.
async fn is_in(user: &UserId, room: &RoomId) -> Result<bool, ApiError> {
    let client = Client::get();
    if Session::get().server_name() == Some(user.server()) {
        let joined = client.send(users::joined_rooms(user)).await?;
        return Ok(joined.joined_rooms.contains(room));
    }
    let members = client.send(rooms::members(room)).await?;
    Ok(members.members.contains(user))
}

/// Sends it, and where the power is lacking, takes it and sends it again.
fn deed(room: RoomId, call: Call, rises: bool) -> OnTarget {
    let call = Rc::new(call);
    Rc::new(move |_, network, turn| {
        let (room, call) = (room.clone(), Rc::clone(&call));
        async move {
            match moderated(&room, &call, rises, network, &turn).await {
                Ok(()) => Step::Done,
                Err(step) => step,
            }
        }
        .boxed_local()
    })
}

async fn sent(call: &Call, network: &Recorded) -> Result<(), ApiError> {
    match ApiError::of(&network.exchange(call).await?) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

async fn moderated(
    room: &RoomId,
    call: &Call,
    rises: bool,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), Step> {
    let Some(own) = Session::get().user_id() else {
        return Err(Step::Again(ApiError::Cancelled));
    };
    // Who is not in the room need not try.
    let is_outside = rises && !is_in(&own, room).await.map_err(Step::from_error)?;
    if !is_outside {
        let error = match sent(call, network).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if !rises || error.status() != Some(403) {
            return Err(Step::from_error(error));
        }
    }
    let steps = [
        rooms::make_admin(room, &own).call,
        rooms::enter(room).call,
        call.clone(),
    ];
    for step in &steps {
        if !turn.clear().await {
            return Err(Step::Again(ApiError::Cancelled));
        }
        sent(step, network).await.map_err(Step::from_error)?;
    }
    Ok(())
}
