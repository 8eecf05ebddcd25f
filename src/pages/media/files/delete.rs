//! Deleting files for good, one by one.

use super::actions::{Action, UnusedSince, again, asked, check, in_order, note};
use super::{FoundFiles, Shelf, long_name, size};
use crate::actions::plain;
use crate::api::exchange::Patient;
use crate::api::media::{self, DeletedMedia};
use crate::api::tolerant::Timestamp;
use crate::api::{Answer, ApiError, MxcUri, Request};
use crate::browser::clock::{iso, now};
use crate::browser::download::dated;
use crate::components::button::Button;
use crate::components::field::from_datetime_local;
use crate::components::notice::Notice;
use crate::components::toast::Toasts;
use crate::i18n::{format, t};
use crate::lists::{ListQuery, Picked, Reading};
use crate::media::actions::MOST_ONE_BY_ONE;
use crate::media::deletion::{self, Freed, OfService, OfServices, ProfileImages, RoomImages};
use crate::media::question::filter;
use crate::media::{Question, StoredFile};
use crate::operations::acts::{self, Act, How};
use crate::operations::job::JobReport;
use crate::operations::targets::{outcome, sending};
use crate::operations::{Confirmation, Fields, Operations, Proposal, report};
use crate::runner::Fate;
use crate::session::config::config;
use crate::session::{Client, Session, learn};
use crate::ui::{IntoNode, view};
use crate::widgets::actions::propose::asks;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

thread_local! {
    /// Which profile images rooms name, and whose session has asked.
    static ROOM_IMAGES: RefCell<(Option<String>, Rc<RefCell<RoomImages>>)> = RefCell::default();
}

/// What this tab knows of the profile images that rooms name.
pub fn room_images() -> Rc<RefCell<RoomImages>> {
    let whose = Session::get().whose();
    ROOM_IMAGES.with_borrow_mut(|kept| {
        if kept.0 != whose {
            *kept = (whose, Rc::default());
        }
        kept.1.borrow_mut().freshen(now());
        Rc::clone(&kept.1)
    })
}

/// Forgets it, so that the rooms are asked anew.
pub fn forget_room_images() {
    ROOM_IMAGES.take();
}

/// How many rooms are named that could not be read.
const NAMED: usize = 5;

/// Says what would be deleted, and does it once confirmed.
pub fn propose(shelf: Shelf, files: Rc<[StoredFile]>, picked: Option<Picked>) {
    // Whoever picks one after another by their pictures has had the server hand out each.
    let is_looked_at = |picked: &Picked| {
        shelf.pictures.get_untracked() && picked.at_hand::<StoredFile>().is_some()
    };
    let by = picked.filter(|picked| !is_looked_at(picked));
    let by = by.map(|picked| picked.origins::<StoredFile>().questions);
    let unused_since = by.map(|by| by.map(unused_since)).unwrap_or_default();
    look_up(shelf, files, Vec::new(), (picked, unused_since), None);
}

/// Since when files have not been used that this question finds, if it asks for that.
fn unused_since(query: &ListQuery) -> Option<Timestamp> {
    let mut question = Question::of(query);
    question.before = query.get(filter::BEFORE).and_then(from_datetime_local);
    question.unused_since(now())
}

/// Says what would be deleted of files that were looked for, with what is to be known about how
/// they were found, and does it once confirmed.
pub fn propose_found(shelf: Shelf, found: FoundFiles) {
    let by_server = shelf.by_server.filter(|_| found.is_of_server);
    if let Some(count) = found.too_many {
        return too_many(count, by_server);
    }
    if found.files.is_empty() {
        return Toasts::get().info(found.why_none.unwrap_or_else(t::media_nothing));
    }
    let by = (None, found.unused_since);
    look_up(shelf, found.files.into(), found.facts, by, by_server);
}

/// Says that these are too many to be deleted one by one, and what can be done instead.
fn too_many(count: usize, by_server: Option<RwSignal<bool>>) {
    let title = t::media_delete_count(count as u64);
    let most = format::number(MOST_ONE_BY_ONE as f64);
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: t::media_too_many(&most),
        facts: Vec::new(),
        action: title,
        danger: true,
        confirmation: Confirmation::Click,
        fields: Some(instead(by_server, true)),
        run: Rc::new(|| ()),
    });
}

/// The way to the deletion by date and size, where that can do it; `is_needed`: there is no other.
fn instead(by_server: Option<RwSignal<bool>>, is_needed: bool) -> Fields {
    Fields {
        view: Rc::new(move || {
            let lead = by_server.map(|open| {
                let lead = move || {
                    Operations::get().proposed.set(None);
                    // The page may have been left.
                    let _ = open.try_set(true);
                };
                view! {
                    <Notice>
                        <p>{t::media_by_server}</p>
                        <div>
                            <Button label=t::media_by_server_open icon="trash" on_press=lead />
                        </div>
                    </Notice>
                }
            });
            view! { {lead} }.into_node()
        }),
        incomplete: Signal::stored(is_needed),
    }
}

/// Names and values of a question.
type Facts = Vec<(String, String)>;

fn look_up(
    shelf: Shelf,
    files: Rc<[StoredFile]>,
    known: Facts,
    (picked, unused_since): (Option<Picked>, UnusedSince),
    by_server: Option<RwSignal<bool>>,
) {
    if files.len() > MOST_ONE_BY_ONE {
        return too_many(files.len(), by_server);
    }
    let count = |is: fn(&StoredFile) -> bool| files.iter().filter(|file| is(file)).count();
    let left = Left {
        elsewhere: count(|file| !file.is_local),
        previews: count(|file| file.is_preview),
        ..Default::default()
    };
    let (files, unused_since) = those(&files, &unused_since, |file| {
        file.is_local && !file.is_preview
    });
    if files.is_empty() {
        return Toasts::get().info(match left.previews {
            0 => t::room_media_no_local(),
            _ => t::media_only_previews(),
        });
    }
    shelf.gatherer.wait(
        move |reading| async move {
            let mut meant = (files, unused_since);
            let mut left = left;
            let client = Client::get().enduring();
            let server = client.patient();
            if shelf.keeps_profiles {
                (meant, left) = without_profiles(server, meant, left, reading.clone()).await?;
            }
            let look = services(server, &meant.0);
            let services = reading.unless_cancelled(look).await?;
            Ok((meant, left, services))
        },
        move |(meant, left, services): (Meant, Left, OfServices)| {
            let (files, unused_since) = meant;
            if files.is_empty() {
                return Toasts::get().info(t::media_only_profiles());
            }
            let mut facts = facts(shelf, &files, &left);
            facts.extend(of_services(&services));
            facts.extend(known);
            let asked = asked(&files) as u64;
            facts.extend((asked > 0).then(|| (t::act_fact_asks(), asks(1, asked))));
            let fields = by_server.map(|open| instead(Some(open), false));
            ask(shelf, files, &left, facts, fields, (picked, unused_since));
        },
    );
}

/// Files, and since when each has not been used.
type Meant = (Rc<[StoredFile]>, UnusedSince);

/// Those of the files of which this is so.
fn those(
    files: &[StoredFile],
    unused_since: &UnusedSince,
    is_meant: impl Fn(&StoredFile) -> bool,
) -> Meant {
    let numbers = (0..files.len()).filter(|number| is_meant(&files[*number]));
    let numbers: Vec<usize> = numbers.collect();
    let those = numbers.iter().map(|number| files[*number].clone());
    (those.collect(), unused_since.only(&numbers))
}

async fn without_profiles(
    server: Patient<'_>,
    (files, unused_since): Meant,
    left: Left,
    reading: Reading,
) -> Result<(Meant, Left), ApiError> {
    let found = profile_images(server, Rc::clone(&files), reading).await?;
    let kept = found.media_ids;
    let left = Left {
        profiles: kept.len(),
        unread_rooms: found.unread_rooms.into(),
        may_be_more: !found.is_whole,
        profiles_since: found.kept_since,
        ..left
    };
    let goes = |file: &StoredFile| !kept.contains(&file.uri.media_id);
    Ok((those(&files, &unused_since, goes), left))
}

/// Which of these files belong to bridges and bots.
pub async fn services(server: Patient<'_>, files: &[StoredFile]) -> Result<OfServices, ApiError> {
    let is_managed = |user: &_| config().is_system_user(user);
    deletion::services(server, files, &is_managed).await
}

/// How much of it is of bridges and bots, and of how many accounts that is not known: names and values.
pub fn of_services(all: &OfServices) -> Facts {
    let of = |of: &OfService| {
        let name = match &of.service {
            Some(service) => t::media_of_service(&plain(service)),
            None => t::media_of_managed(),
        };
        let files = t::storage_found(of.sum.files, &format::bytes(of.sum.bytes));
        (name, t::media_of_service_count(of.accounts, &files))
    };
    let unasked = (all.unasked > 0).then(|| {
        let count = format::number(all.unasked as f64);
        (t::media_of_service_unasked(), count)
    });
    all.found.iter().map(of).chain(unasked).collect()
}

/// The first few of these names.
pub fn some_of(names: &[String]) -> String {
    let more = (names.len() > NAMED).then(|| "…".to_owned());
    let names = names.iter().take(NAMED).map(|name| plain(name));
    names.chain(more).collect::<Vec<_>>().join(", ")
}

/// Which of these files are profile images, which stay.
pub async fn profile_images(
    server: Patient<'_>,
    files: Rc<[StoredFile]>,
    reading: Reading,
) -> Result<ProfileImages, ApiError> {
    let session = Session::get();
    let capabilities = learn::capabilities().await?;
    let Some(own) = session.server_name() else {
        return Err(ApiError::Cancelled);
    };
    let report = |progress: deletion::SurveyProgress| {
        let of = (progress.total > 0).then_some(progress.total);
        reading.progress(progress.done, of);
    };
    let known = room_images();
    let look = deletion::profile_images(server, &files, &own, &capabilities, &known, &report);
    let mut found = reading.unless_cancelled(look).await?;
    // Of those that are deleted one by one the server keeps none back.
    found.failed.take().map_or(Ok(found), Err)
}

/// Files that were meant, but stay.
#[derive(Clone, Default)]
struct Left {
    elsewhere: usize,
    /// Images of link previews. Synapse looks for them in another place than they are in when it
    /// deletes them one by one: it would forget them, and they would stay on the disk for good.
    previews: usize,
    profiles: usize,
    /// What the rooms are called that could not be asked about old profile images.
    unread_rooms: Rc<[String]>,
    /// Whether old profile images could not be looked up at all.
    may_be_more: bool,
    /// Since when it is known of some rooms which profile images they name.
    profiles_since: Option<Timestamp>,
}

fn ask(
    shelf: Shelf,
    files: Rc<[StoredFile]>,
    left: &Left,
    facts: Facts,
    fields: Option<Fields>,
    (picked, unused_since): (Option<Picked>, UnusedSince),
) {
    let count = files.len() as u64;
    let run = {
        let files = Rc::clone(&files);
        move || {
            if let Some(picked) = picked {
                picked.clear();
            }
            start(shelf, Rc::clone(&files), unused_since.clone());
        }
    };
    let about = Action::Delete.about();
    let title = about.title(files.len(), &files[0].label());
    let mut sentence = (about.sentence)();
    if left.may_be_more {
        sentence = format!("{sentence} {}", t::media_old_profiles_unknown());
    }
    let unread = left.unread_rooms.len();
    if unread > 0 {
        sentence = format!("{sentence} {}", t::media_rooms_unread(unread as u64));
    }
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence,
        facts,
        action: title,
        danger: true,
        confirmation: Confirmation::Type(count.to_string()),
        fields,
        run: Rc::new(run),
    });
}

fn facts(shelf: Shelf, files: &[StoredFile], left: &Left) -> Facts {
    let number = |count: usize| format::number(count as f64);
    let mut facts = match files {
        [file] => vec![(t::media_column_file(), plain(&file.label()))],
        _ => vec![(t::user_files(), number(files.len()))],
    };
    let bytes = size(files).unwrap_or_else(t::room_fact_unknown);
    facts.push((t::user_bytes(), bytes));
    let owners: HashSet<_> = files
        .iter()
        .filter_map(|file| file.owner.as_ref())
        .collect();
    if owners.len() > 1 {
        facts.push((t::media_hit_owners(), number(owners.len())));
    }
    let mut flag = |name: fn() -> String, count: usize| {
        if count > 0 {
            facts.push((name(), number(count)));
        }
    };
    let quarantined = files.iter().filter(|file| file.quarantined_by.is_some());
    flag(t::user_media_of_them_quarantined, quarantined.count());
    let protected = files.iter().filter(|file| file.is_protected == Some(true));
    flag(t::user_media_of_them_protected, protected.count());
    flag(t::media_profiles_stay, left.profiles);
    flag(t::media_previews_stay, left.previews);
    flag(t::room_media_left_out, left.elsewhere);
    facts.extend(left.profiles_since.map(profiles_since));
    facts.extend(untold(files));
    if !left.unread_rooms.is_empty() {
        facts.push((t::room_media_rooms_unread(), some_of(&left.unread_rooms)));
    }
    let avatar = shelf.avatar.get_value();
    if let Some(file) = files.iter().find(|file| avatar.as_ref() == Some(&file.uri)) {
        facts.push((t::user_media_is_avatar(), file.label()));
    }
    facts
}

/// When it was looked up which profile images rooms name: name and value.
pub fn profiles_since(since: Timestamp) -> (String, String) {
    (t::media_profiles_since(), format::relative(since, now()))
}

/// What is said of files of which only the address is known: name and value. An old server cannot be asked
/// about them, so that each of them goes.
pub fn untold(files: &[StoredFile]) -> Option<(String, String)> {
    let unasked = files.len() - asked(files);
    let untold = files.iter().filter(|file| file.untold.is_some()).count();
    let words = match (unasked, untold) {
        (0, 0) => return None,
        (0, untold) => t::media_untold_asked(untold as u64),
        (unasked, _) => t::media_untold_unasked(unasked as u64),
    };
    Some((t::media_untold(), words))
}

fn removal(file: &StoredFile) -> Request<DeletedMedia> {
    media::delete(&file.uri.server, &file.uri.media_id)
}

fn start(shelf: Shelf, files: Rc<[StoredFile]>, unused_since: UnusedSince) {
    let (files, unused_since) = in_order(files, unused_since);
    acts::start(act(files, unused_since), Rc::new(move || shelf.refresh()));
}

/// Deleting these files, ready to be done; but not which have been used since `unused_since`.
pub fn act(files: Rc<[StoredFile]>, unused_since: UnusedSince) -> Act {
    let calls = files.iter().map(|file| removal(file).call);
    let read = {
        let files = Rc::clone(&files);
        move |index: usize, answer: &Answer| {
            let file = &files[index];
            // "OK" with nothing deleted is what the server says of a file that it cannot remove.
            removal(file).read(answer)?.has(&file.uri.media_id)
        }
    };
    let how = How::Do(sending(calls.collect(), true, Rc::new(read)));
    let names = files.iter().map(long_name).collect();
    let first = files.first().map(StoredFile::label).unwrap_or_default();
    let mut act = Act::new(Action::Delete.about(), names, first, how);
    act.check = Some(check(Action::Delete, &files, None, unused_since.clone()));
    act.again = Some(again(Action::Delete, &files, None, unused_since));
    let freed: Rc<RefCell<Freed>> = Rc::default();
    act.on_fate = Rc::new({
        let (files, freed) = (Rc::clone(&files), Rc::clone(&freed));
        move |number, fate| {
            note(Action::Delete, &files[number], fate);
            freed.borrow_mut().note(number, fate);
        }
    });
    act.report = Some(Rc::new({
        let files = Rc::clone(&files);
        move |fates| {
            let outcome = |number: usize, _: &StoredFile| match fates.get(number) {
                Some(Some(Fate::Done)) => ("deleted", String::new()),
                fate => outcome(fate.and_then(Option::as_ref)),
            };
            report_of(&files, outcome, &[])
        }
    }));
    act.kept = true;
    act.on_end = Rc::new(move |job| {
        let freed = freed.borrow();
        let (sum, unknown) = freed.sum(&files);
        let said = what_is_freed(sum.files, sum.bytes, unknown);
        job.set_result(match freed.is_at_least() {
            true => t::at_least(&said),
            false => said,
        });
    });
    act
}

/// How many files are deleted and how many bytes that has freed, as far as it is known: of so many of
/// them it is not.
pub fn what_is_freed(files: u64, bytes: u64, unknown: u64) -> String {
    match unknown {
        0 => t::media_deleted_result(files, &format::bytes(bytes)),
        all if all == files => t::media_deleted_count(files),
        some => {
            let freed = t::media_deleted_result(files, &format::bytes(bytes));
            format!("{freed} {}", t::media_deleted_unknown(some))
        }
    }
}

/// A list of files with what became of each and why, by their numbers, and of which only the address
/// is known.
pub fn report_of(
    files: &[StoredFile],
    outcome: impl Fn(usize, &StoredFile) -> (&'static str, String),
    others: &[(MxcUri, &'static str)],
) -> JobReport {
    let rows = files.iter().enumerate().map(|(number, file)| {
        let (outcome, why) = outcome(number, file);
        [
            file.uri.to_string(),
            file.name.clone().unwrap_or_default(),
            file.owner
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            file.bytes
                .map(|bytes| bytes.to_string())
                .unwrap_or_default(),
            file.last_use().map(iso).unwrap_or_default(),
            outcome.to_owned(),
            why,
        ]
    });
    let unknown = others.iter().map(|(uri, outcome)| {
        let nothing = String::new;
        [
            uri.to_string(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            (*outcome).to_owned(),
            nothing(),
        ]
    });
    JobReport {
        file_name: dated("deleted-media", "csv"),
        csv: report::csv(
            &[
                "media", "name", "user", "bytes", "last_use", "outcome", "error",
            ],
            rows.chain(unknown),
        ),
    }
}
