//! Removing the content of an event for everybody. It is done by the administrator in person, as the
//! server has it; where they lack the power they take it first, if they want to.

use super::members::act::on_one;
use crate::actions::{About, Verdict};
use crate::api::exchange::Network;
use crate::api::{ApiError, Call, EventId, RoomId, UserId, events, rooms, users};
use crate::browser::clock::BrowserRandom;
use crate::components::field::Check;
use crate::i18n::t;
use crate::import::passwords;
use crate::operations::acts::{Act, Again, How};
use crate::operations::{Fields, OnTarget, Recorded};
use crate::rooms::members::Action;
use crate::rooms::said::REMOVE;
use crate::runner::{Reason, Step, Turn};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, view};
use crate::widgets::actions::{Fact, Form, Targets};
use crate::widgets::reason_field::WrittenReason;
use futures_util::FutureExt;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// An event in a room that this server is in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Said {
    pub room: RoomId,
    /// Empty where it is not known.
    pub room_title: String,
    pub event: EventId,
    pub sender: String,
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
        1
    }

    fn about(&self, _: usize) -> &'static About {
        &REMOVE
    }

    fn count(&self) -> usize {
        1
    }

    fn name(&self, _: usize) -> String {
        self.0.sender.clone()
    }

    fn typed(&self, _: usize) -> String {
        String::new()
    }

    fn spared(&self, _: usize, _: usize) -> Option<Reason> {
        self.0.is_redacted.then_some(Reason::Unchanged)
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
        let room = match said.room_title.as_str() {
            "" => said.room.to_string(),
            title => format!("{title} ({})", said.room),
        };
        vec![(t::ev_room(), room), (t::ev_id(), said.event.to_string())]
    }

    fn form(&self, _: usize) -> Form {
        let reason = WrittenReason::none();
        let rises = RwSignal::new(true);
        let view = move || {
            view! {
                {reason.view()}
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
            Some(made(Order {
                action: 0,
                said: (*said).clone(),
                reason: reason.text(),
                bans: false,
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
    /// 0. Versions of before kept here, as 1, that whoever sent it is taken out of the room.
    action: usize,
    said: Said,
    reason: Option<String>,
    /// Whether they are banned as well, where they are taken out.
    bans: bool,
    rises: bool,
    transaction: String,
}

/// Makes the action of an order again.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    let order: Order = serde_json::from_str(order).ok()?;
    match order.action {
        0 => Some(made(order)),
        1 => {
            let action = match order.bans {
                true => Action::Ban,
                false => Action::Remove,
            };
            let sender = UserId::parse(&order.said.sender)?;
            Some(on_one(
                order.said.room,
                sender,
                action,
                order.rises,
                order.reason,
            ))
        }
        _ => None,
    }
}

fn made(order: Order) -> Act {
    let Order {
        said,
        reason,
        rises,
        transaction,
        ..
    } = &order;
    let call = events::redact(&said.room, &said.event, reason.as_deref(), transaction).call;
    let name = format!("{} ({})", said.event, said.room);
    let deed = deed(said.room.clone(), call, *rises);
    let first = said.sender.clone();
    let said = Rc::new(said.clone());
    let mut act = Act::new(&REMOVE, vec![name], first, How::Do(deed));
    act.check = Some(Rc::new(move |_, network| {
        let said = Rc::clone(&said);
        async move {
            let asked = events::context(&said.room, &said.event, 0);
            Ok(match network.send(asked).await?.event.is_redacted() {
                true => Verdict::Leave(Reason::Unchanged),
                false => Verdict::Go { undoable: false },
            })
        }
        .boxed_local()
    }));
    act.again = Some(Again::new(MAKER, move || {
        serde_json::to_string(&order).ok()
    }));
    act
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
    let is_outside = rises && {
        let joined = Client::get().send(users::joined_rooms(&own)).await;
        !joined
            .map_err(Step::from_error)?
            .joined_rooms
            .contains(room)
    };
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
