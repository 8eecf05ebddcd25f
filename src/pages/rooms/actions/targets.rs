//! Rooms as targets of actions: what is known of them, what the server says right before, how it
//! is done and put back.

use super::{fields, media, perform, survey};
use crate::actions::{About, Verdict};
use crate::api::rooms::Room;
use crate::api::{ApiError, RoomId, directory, rooms};
use crate::i18n::{format, t};
use crate::lists::{ListQuery, Origins, Reading};
use crate::operations::Recorded;
use crate::operations::acts::{Back, Check};
use crate::pages::media::files::actions::asked;
use crate::pages::rooms::list::{PickedBy, of_query};
use crate::rooms::actions::{Action, RoomTotals};
use crate::rooms::meant::{MeantRooms, is_emptied};
use crate::runner::Reason;
use crate::session::Session;
use crate::widgets::actions::{Fact, Form, Still, Targets, listed};
use crate::widgets::subjects::rooms::KnownRoom;
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
            return u64::from(self.asked(number) > 0);
        }
        let is_delete = action(number) == Action::Delete;
        let emptied = is_delete && self.rows.iter().any(|known| is_emptied(&known.room));
        let origins = self.origins.as_deref();
        let origins = origins.filter(|_| action(number).about().is_grave());
        let by = origins.and_then(|all| {
            let questions = all.questions.values().iter();
            questions.map(|query| PickedBy::of(query).requests()).max()
        });
        let by = by.unwrap_or_default();
        u64::from(action(number).about().asks) + u64::from(emptied) + by
    }

    fn asked(&self, number: usize) -> usize {
        match action(number) {
            Action::DeleteMedia => asked(&self.files.borrow()),
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
        let finds = |query: &ListQuery, room: &Room| of_query(query).finds(room);
        let meant = MeantRooms::of(&self.rooms(), self.origins.as_deref(), &finds);
        let act = move || perform::act(action(number), &rooms, first.clone(), input(), &meant);
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
        Action::MakeMeAdmin | Action::Join | Action::DeleteMedia => None,
        Action::QuarantineMedia | Action::PurgeHistory | Action::Delete => {
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

/// Why a room is not meant any more, as the server has it now.
pub fn still(meant: &MeantRooms, rooms: &RoomIds) -> Still<Room> {
    let (meant, rooms) = (meant.clone(), Rc::clone(rooms));
    Rc::new(move |number, now| {
        let room = &rooms[number];
        // Made now: what the server can do is not known as soon as a page is loaded.
        let question = of_query(meant.query(room)?);
        let is_lost = meant.as_found(room) && !question.finds(now);
        is_lost.then_some(Reason::NotMatching)
    })
}

/// Asks what the list does not tell, before what cannot be undone: whether a room that counted as
/// one without people of this server still is one (the count is from statistics that may stand
/// still, and from a list that was read a while ago), and whether it still is as it was picked for.
pub fn check_more(action: Action, rooms: &RoomIds, meant: &MeantRooms) -> Option<Check> {
    let all: Rc<[(RoomId, bool, Option<PickedBy>)]> = rooms
        .iter()
        .map(|room| {
            let emptied = action == Action::Delete && meant.as_emptied(room);
            let by = meant.query(room).map(PickedBy::of);
            let by = by.filter(|by| by.requests() > 0);
            (room.clone(), emptied, by)
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
