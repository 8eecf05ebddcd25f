//! Rooms as targets of actions: what is known of them, what the server says right before, how it
//! is done and put back.

use super::{fields, media, perform, survey};
use crate::actions::{About, Verdict};
use crate::api::rooms::Room;
use crate::api::{ApiError, RoomId, directory, rooms};
use crate::i18n::{format, t};
use crate::lists::{Each, Origins, Reading};
use crate::operations::Recorded;
use crate::operations::acts::{Back, Check};
use crate::pages::rooms::list::{PickedBy, of_query};
use crate::pages::rooms::subject::KnownRoom;
use crate::rooms::actions::{Action, RoomTotals};
use crate::runner::Reason;
use crate::session::Session;
use crate::widgets::actions::{Fact, Form, Still, Targets, listed};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// The rooms that an action is about.
pub struct Rooms {
    pub rows: Rc<[KnownRoom]>,
    /// The questions of the list by which they were picked.
    pub origins: Option<Rc<Origins<Room>>>,
    /// The files of theirs that have been looked up to be deleted.
    pub files: media::RoomFiles,
}

/// The IDs of rooms that one action is done to.
pub type RoomIds = Rc<[RoomId]>;

fn action(number: usize) -> Action {
    Action::ALL[number]
}

impl Rooms {
    fn rooms(&self) -> Rc<[Room]> {
        self.rows.iter().map(|known| known.room.clone()).collect()
    }

    /// What each question asks of rooms that the server tells room by room only.
    fn by(&self) -> Each<PickedBy> {
        let questions = self.origins.as_ref().map(|all| &all.questions);
        questions
            .map(|all| all.map(PickedBy::of))
            .unwrap_or_default()
    }

    /// Why a room is not meant any more, as the server has it now.
    fn still(&self) -> Still<Room> {
        let (rows, origins) = (Rc::clone(&self.rows), self.origins.clone());
        let questions = origins.as_ref().map(|all| all.questions.map(of_query));
        Rc::new(move |number, now| {
            let question = questions.as_ref()?.of(number)?;
            let before = origins.as_ref()?.before(number);
            let listed = before.unwrap_or(&rows[number].room);
            question
                .has_lost(listed, now)
                .then_some(Reason::NotMatching)
        })
    }
}

/// A room's name with its ID, which alone is unique.
fn with_id(room: &Room) -> String {
    let id = room.room_id.as_str();
    match room.title() {
        title if title == id => id.to_owned(),
        title => format!("{title} ({id})"),
    }
}

impl Targets for Rooms {
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
        self.rows[target].room.title().to_owned()
    }

    fn typed(&self, target: usize) -> String {
        typed(&self.rows[target].room)
    }

    fn spared(&self, number: usize, target: usize) -> Option<Reason> {
        let KnownRoom {
            room,
            blocked,
            is_here,
        } = &self.rows[target];
        let changes = action(number).changes(room, *is_here, *blocked);
        (!changes).then_some(Reason::Unchanged)
    }

    fn only(&self, which: &[usize]) -> Rc<dyn Targets> {
        let some = which.iter().map(|n| self.rows[*n].clone()).collect();
        Rc::new(Rooms {
            rows: some,
            origins: self.origins.as_ref().map(|all| Rc::new(all.only(which))),
            files: media::RoomFiles::default(),
        })
    }

    fn noun(&self) -> String {
        t::room_fact_rooms()
    }

    fn listed(&self) -> String {
        let names: Vec<String> = match &self.rows[..] {
            [known] => vec![with_id(&known.room)],
            all => all.iter().map(|of| of.room.title().to_owned()).collect(),
        };
        listed(&names, self.count())
    }

    fn facts(&self, number: usize) -> Vec<Fact> {
        let rooms: Vec<&Room> = self.rows.iter().map(|known| &known.room).collect();
        let totals = RoomTotals::of(&rooms);
        let number_of = |count: Option<u64>| match count {
            Some(count) => format::number(count as f64),
            None => t::room_fact_unknown(),
        };
        let mut facts = Vec::new();
        // What a space takes with it is more than the room that it is.
        match (totals.spaces, self.count()) {
            (0, _) => {}
            (_, 1) => facts.push((t::room_type(), t::room_space())),
            (spaces, _) => facts.push((t::room_fact_spaces(), number_of(Some(spaces)))),
        }
        if action(number).about().is_grave() {
            facts.push((t::room_members(), number_of(totals.members)));
            facts.push((t::room_local_members(), number_of(totals.local_members)));
        }
        if action(number) == Action::Delete {
            facts.push((t::room_fact_state_events(), number_of(totals.state_events)));
        }
        facts
    }

    fn look_up(
        &self,
        number: usize,
        reading: Reading,
    ) -> LocalBoxFuture<'static, Result<Vec<Fact>, ApiError>> {
        let (rooms, files) = (self.rooms(), Rc::clone(&self.files));
        async move {
            match action(number) {
                Action::DeleteMedia => media::find(&rooms, &files, &reading).await,
                action => survey::facts(action, &rooms, &reading).await,
            }
        }
        .boxed_local()
    }

    fn requests(&self, number: usize) -> u64 {
        if action(number) == Action::DeleteMedia {
            return 1;
        }
        let emptied = self
            .rows
            .iter()
            .any(|known| is_emptied(action(number), &known.room));
        let by = match action(number).about().is_grave() {
            true => self.by().values().iter().map(|by| by.requests()).max(),
            false => None,
        };
        let by = by.unwrap_or_default();
        u64::from(action(number).about().asks) + u64::from(emptied) + by
    }

    fn asked(&self, number: usize) -> usize {
        match action(number) {
            Action::DeleteMedia => self.files.borrow().len(),
            _ => self.count(),
        }
    }

    fn form(&self, number: usize) -> Form {
        if action(number) == Action::DeleteMedia {
            let files = Rc::clone(&self.files);
            let fields = media::fields(&files);
            return (Some(fields), Rc::new(move || media::act(&files)));
        }
        let rooms: RoomIds = self.rows.iter().map(|of| of.room.room_id.clone()).collect();
        let first = self.rows.first().map(|of| of.room.title().to_owned());
        let first = first.unwrap_or_default();
        let (fields, input) = fields::fields(action(number), &rooms);
        let still = self.still();
        let more = self.check_more(action(number));
        let act = move || {
            let still = Some(Rc::clone(&still));
            let mut act = perform::act(action(number), &rooms, first.clone(), input(), still)?;
            act.check_more = more.clone();
            Some(act)
        };
        (fields, Rc::new(act))
    }

    fn nothing(&self) -> String {
        t::room_act_nothing()
    }
}

/// What is typed to confirm: an alias or a name, if it is one that can be typed, else the ID.
fn typed(room: &Room) -> String {
    let can_be_typed = |text: &&str| {
        let plain = |c: char| c.is_alphanumeric() || "#:._-()&' ".contains(c);
        text.len() <= 60 && !text.contains("  ") && text.chars().all(plain)
    };
    let name = room.name.as_deref().map(str::trim);
    name.filter(|name| !name.is_empty())
        .filter(can_be_typed)
        .unwrap_or(room.room_id.as_str())
        .to_owned()
}

/// Asks about a room right before this is done to it.
pub fn check(action: Action, rooms: &RoomIds, still: Option<Still<Room>>) -> Check {
    let rooms = Rc::clone(rooms);
    Rc::new(move |number, network| {
        let (room, still) = (rooms[number].clone(), still.clone());
        let still = move |now: &Room| still.and_then(|still| still(number, now));
        async move { verdict(action, &room, network, still).await }.boxed_local()
    })
}

async fn verdict(
    action: Action,
    room: &RoomId,
    network: &Recorded,
    still: impl FnOnce(&Room) -> Option<Reason>,
) -> Result<Verdict, ApiError> {
    // What it is now, where the action has a way back.
    let is_so = match action {
        Action::Block | Action::Unblock => {
            let found = network.send(rooms::is_blocked(room)).await?;
            Some(found.block == (action == Action::Block))
        }
        Action::Publish | Action::Unpublish => {
            let found = network.send(directory::visibility(room)).await?;
            Some((found.visibility == "public") == (action == Action::Publish))
        }
        // Of media each file is asked about.
        Action::MakeMeAdmin | Action::Join | Action::QuarantineMedia | Action::DeleteMedia => None,
        Action::PurgeHistory | Action::Delete => {
            let now = network.send(rooms::get(room)).await?.room;
            if let Some(reason) = still(&now) {
                return Ok(Verdict::Leave(reason));
            }
            None
        }
    };
    Ok(match is_so {
        Some(true) => Verdict::Leave(Reason::Unchanged),
        Some(false) => Verdict::Go { undoable: true },
        None => Verdict::Go { undoable: false },
    })
}

/// Whether it has to be asked who is in the room: it is about to be deleted, and counts as one
/// without people of this server.
fn is_emptied(action: Action, room: &Room) -> bool {
    action == Action::Delete && room.joined_local_members == Some(0)
}

impl Rooms {
    /// Asks what the list does not tell, before what cannot be undone: whether a room that counted as
    /// one without people of this server still is one (the count is from statistics that may stand
    /// still, and from a list that was read a while ago), and whether it still is as it was picked for.
    fn check_more(&self, action: Action) -> Option<Check> {
        let by = self.by();
        let all: Rc<[(RoomId, bool, Option<PickedBy>)]> = self
            .rows
            .iter()
            .enumerate()
            .map(|(number, KnownRoom { room, .. })| {
                let by = by.of(number).copied().filter(|by| by.requests() > 0);
                (room.room_id.clone(), is_emptied(action, room), by)
            })
            .collect();
        let is_due = all.iter().any(|(_, emptied, by)| *emptied || by.is_some());
        if !action.about().is_grave() || !is_due {
            return None;
        }
        Some(Rc::new(move |number, network| {
            let (room, emptied, by) = all[number].clone();
            async move {
                if emptied {
                    let own = Session::get().server_name();
                    let found = network.send(rooms::members(&room)).await?;
                    if found.members.iter().any(|user| Some(user.server()) == own) {
                        return Ok(Verdict::Leave(Reason::LocalMembers));
                    }
                }
                if let Some(by) = by
                    && !by.still_holds(&room).await?
                {
                    return Ok(Verdict::Leave(Reason::NotMatching));
                }
                Ok(Verdict::Go { undoable: false })
            }
            .boxed_local()
        }))
    }
}

/// The change that puts back what was done to those with these numbers.
pub fn back(action: Action, rooms: &RoomIds, first: &str) -> Option<Back> {
    let inverse = action.inverse()?;
    let (rooms, first) = (Rc::clone(rooms), first.to_owned());
    Some(Rc::new(move |done| {
        let changed: RoomIds = done.iter().map(|number| rooms[*number].clone()).collect();
        let name = match done {
            [0] => first.clone(),
            _ => changed.first().map(RoomId::to_string).unwrap_or_default(),
        };
        perform::reversible(inverse, &changed, name)
    }))
}
