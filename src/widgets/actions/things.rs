//! Subjects whose actions are one request for each thing: all that the engine of actions needs is
//! a table.

use super::propose::propose;
use super::{Form, Targets};
use crate::actions::{About, Reversibility, Verdict};
use crate::api::{ApiError, Call, UserId};
use crate::i18n::Words;
use crate::operations::acts::{Act, Again, Check, How};
use crate::operations::targets::sending;
use crate::operations::{OnTarget, Recorded};
use crate::runner::{Fate, Reason};
use crate::widgets::gather::Gatherer;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What such a thing can be: it is kept where its action goes on after signing in again in the same tab.
pub trait Thing: Clone + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + 'static> Thing for T {}

/// Asks the server about a thing right before an action.
pub type AskBefore<T> =
    for<'a> fn(&'a T, &'a Recorded) -> LocalBoxFuture<'a, Result<Verdict, ApiError>>;

/// An action on one kind of thing.
pub struct ThingAction<T: 'static> {
    pub about: &'static About,
    /// Why a thing is left out, as far as the list knows.
    pub spared: fn(&T) -> Option<Reason>,
    /// Asks right before, where the row of `about` says so.
    pub ask: Option<AskBefore<T>>,
    /// The request that does it.
    pub call: fn(&T) -> Call,
    /// Whether a thing that is not there any more counts as done.
    pub missing_is_done: bool,
    /// Hears of each to which it has been done, however that was found out.
    pub done: Option<fn(&T)>,
    /// The number of the row that takes it back.
    pub back: Option<usize>,
}

impl<T: 'static> ThingAction<T> {
    /// One after which a thing is gone: one that is not there any more counts as done, and nothing takes it back.
    pub const fn ending(
        about: &'static About,
        spared: fn(&T) -> Option<Reason>,
        ask: Option<AskBefore<T>>,
        call: fn(&T) -> Call,
    ) -> Self {
        ThingAction {
            about,
            spared,
            ask,
            call,
            missing_is_done: true,
            done: None,
            back: None,
        }
    }
}

/// What is typed to confirm something of one that is in sight: nothing.
pub fn in_sight<T>(_: &T) -> String {
    String::new()
}

/// What can be done to one kind of thing.
pub struct ThingActions<T: 'static>(&'static [ThingAction<T>]);

impl<T> ThingActions<T> {
    /// These. Where one takes something away and does not ask right before, or its row says other than it does,
    /// this does not compile.
    pub const fn of(rows: &'static [ThingAction<T>]) -> Self {
        let mut number = 0;
        while number < rows.len() {
            let ThingAction { about, ask, .. } = &rows[number];
            assert!(about.asks == ask.is_some());
            assert!(about.asks || matches!(about.reversibility, Reversibility::Harmless));
            number += 1;
        }
        ThingActions(rows)
    }

    /// All of them, by their numbers.
    pub fn all(&self) -> &'static [ThingAction<T>] {
        self.0
    }
}

/// A kind of thing.
pub struct ThingKind<T: 'static> {
    /// The name of the maker of its actions, as [`carried::go_on`](crate::operations::carried::go_on) gets it.
    pub maker: &'static str,
    pub rows: ThingActions<T>,
    /// What a person knows one by; also its name in the report and in the log.
    pub name: fn(&T) -> String,
    /// What is typed to confirm what cannot be undone: its name, or nothing where a press is enough, because it
    /// is one thing, and in sight.
    pub typed: fn(&T) -> String,
    /// Whom it is about, where the paths of what is sent do not say so: for the log, and for what it touches.
    pub whom: fn(&T) -> Option<UserId>,
    /// What they are called in the question: "Tokens".
    pub noun: Words,
    /// That there is none that an action would change.
    pub nothing: Words,
}

/// Some things of a kind.
pub struct Things<T: 'static> {
    kind: &'static ThingKind<T>,
    things: Rc<[T]>,
}

impl<T: Thing> Things<T> {
    /// These things, as what an action of the menu is done to.
    pub fn of(kind: &'static ThingKind<T>, things: impl Into<Rc<[T]>>) -> Rc<dyn Targets> {
        Rc::new(Things {
            kind,
            things: things.into(),
        })
    }
}

/// Asks whether the action with this number is to be done to one thing, and does it.
pub fn propose_one<T: Thing>(
    gatherer: Gatherer,
    kind: &'static ThingKind<T>,
    action: usize,
    thing: T,
    on_change: Rc<dyn Fn()>,
) {
    let targets = Things::of(kind, vec![thing]);
    propose(gatherer, action, &targets, Rc::new(|| ()), on_change);
}

/// An action as it is kept.
#[derive(Serialize, Deserialize)]
struct Order<T> {
    action: usize,
    things: Vec<T>,
}

/// Makes the action of an order again.
pub fn make<T: Thing>(kind: &'static ThingKind<T>, order: &str) -> Option<Act> {
    let Order { action, things } = serde_json::from_str(order).ok()?;
    (action < kind.rows.all().len()).then(|| act(kind, action, &things.into()))
}

fn act<T: Thing>(kind: &'static ThingKind<T>, action: usize, things: &Rc<[T]>) -> Act {
    let row = &kind.rows.all()[action];
    let names: Vec<String> = things.iter().map(kind.name).collect();
    let first = names.first().cloned().unwrap_or_default();
    let calls = things.iter().map(row.call).collect();
    let deed = sending(calls, row.missing_is_done, Rc::new(|_, _| Ok(())));
    let deed = about(kind.whom, things, deed);
    let mut act = Act::new(row.about, names, first, How::Do(deed));
    if let Some(done) = row.done {
        let things = Rc::clone(things);
        act.on_fate = Rc::new(move |number, fate| {
            if *fate == Fate::Done {
                done(&things[number]);
            }
        });
    }
    act.again = Some(Again::new(kind.maker, {
        let things = Rc::clone(things);
        move || {
            let things = things.to_vec();
            serde_json::to_string(&Order { action, things }).ok()
        }
    }));
    if let Some(ask) = row.ask {
        let things = Rc::clone(things);
        let check: Check = Rc::new(move |number, network| {
            let things = Rc::clone(&things);
            async move { ask(&things[number], network).await }.boxed_local()
        });
        act.check = Some(check);
    }
    if let Some(inverse) = row.back {
        let things = Rc::clone(things);
        act.back = Some(Rc::new(move |done| {
            let done: Rc<[T]> = done.iter().map(|number| things[*number].clone()).collect();
            self::act(kind, inverse, &done)
        }));
    }
    act
}

/// The same, with what is sent said to be about whom each thing is about.
fn about<T: Thing>(whom: fn(&T) -> Option<UserId>, things: &Rc<[T]>, deed: OnTarget) -> OnTarget {
    let things = Rc::clone(things);
    Rc::new(move |number, network, turn| {
        let Some(user) = whom(&things[number]) else {
            return deed(number, network, turn);
        };
        let (deed, network) = (Rc::clone(&deed), network.about(&user));
        async move { deed(number, &network, turn).await }.boxed_local()
    })
}

impl<T: Thing> Targets for Things<T> {
    fn actions(&self) -> usize {
        self.kind.rows.all().len()
    }

    fn about(&self, action: usize) -> &'static About {
        self.kind.rows.all()[action].about
    }

    fn count(&self) -> usize {
        self.things.len()
    }

    fn name(&self, target: usize) -> String {
        (self.kind.name)(&self.things[target])
    }

    fn typed(&self, target: usize) -> String {
        (self.kind.typed)(&self.things[target])
    }

    fn spared(&self, action: usize, target: usize) -> Option<Reason> {
        (self.kind.rows.all()[action].spared)(&self.things[target])
    }

    fn only(&self, which: &[usize]) -> Rc<dyn Targets> {
        let things: Rc<[T]> = which.iter().map(|n| self.things[*n].clone()).collect();
        Things::of(self.kind, things)
    }

    fn noun(&self) -> String {
        (self.kind.noun)()
    }

    fn form(&self, action: usize) -> Form {
        let (kind, things) = (self.kind, Rc::clone(&self.things));
        (None, Rc::new(move || Some(act(kind, action, &things))))
    }

    fn nothing(&self) -> String {
        (self.kind.nothing)()
    }
}
