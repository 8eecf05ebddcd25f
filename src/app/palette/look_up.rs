//! Asking the server what a typed or pasted text is about.

use super::entry::{OnChosen, PaletteEntry, Picture};
use crate::actions::plain;
use crate::address::identifier::{IdentifierKind, RoomOrAlias, readings};
use crate::address::route::Route;
use crate::api::encode::encoded;
use crate::api::server::{Capabilities, Feature};
use crate::api::users::{self, ExternalId, Threepid, User};
use crate::api::{ApiError, MxcUri, RoomId, UserId, media, rooms};
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::known::Known;
use crate::listing::search::surest;
use crate::lists::Reading;
use crate::pages::rooms::one::line::event_route;
use crate::pages::users::identity::{self, IdentityOwner};
use crate::pages::users::list::{standing, told};
use crate::rooms::query::{Question as RoomQuestion, RoomOrder};
use crate::session::{Client, Session, learn};
use crate::users::query::{Question, UserOrder};

/// How many users are shown; all of them are in the list.
const SHOWN: u64 = 8;

/// How many are looked through for what the server cannot look for; more are in the list.
const LOOKED_THROUGH: u64 = 100;

/// The same where nothing of what is typed can be asked for: one answer, whatever it is about.
const LOOKED_THROUGH_OF_ALL: u64 = 1_000;

/// How many rooms of a name the palette shows.
const ROOMS_SHOWN: u64 = 5;

/// From how many characters on users are searched: one is in nearly every name.
const SHORTEST: usize = 2;

/// What came of it.
#[derive(Default)]
pub struct LookedUp {
    pub entries: Vec<PaletteEntry>,
    /// What was looked up, and what it came to, in sentences.
    pub notes: Vec<String>,
    /// Why a part of it could not be looked up, though others were found.
    pub failed: Option<ApiError>,
}

/// What a text is taken for, in words: "the e-mail address a@b.c". `None` if there is nothing to
/// look up.
pub fn what(text: &str) -> Option<String> {
    match readings(text).swap_remove(0) {
        IdentifierKind::Words(words) if words.chars().count() < SHORTEST => None,
        IdentifierKind::Words(words) => Some(t::palette_what_users(&words)),
        kind => Some(words_for(&kind)),
    }
}

fn words_for(kind: &IdentifierKind) -> String {
    match kind {
        IdentifierKind::User(user) => t::palette_what_user(user.as_str()),
        IdentifierKind::Room(RoomOrAlias::Id(id)) => t::palette_what_room(id.as_str()),
        IdentifierKind::Room(RoomOrAlias::Alias(alias)) => t::palette_what_alias(alias.as_str()),
        IdentifierKind::Event { event, .. } => t::palette_what_event(event.as_str()),
        IdentifierKind::Media(uri) => t::palette_what_media(&uri.to_string()),
        IdentifierKind::Email(address) => t::palette_what_email(address),
        IdentifierKind::Phone(digits) => t::palette_what_phone(&format!("+{digits}")),
        IdentifierKind::ExternalId(id) => {
            t::palette_what_external(&id.external_id, &id.auth_provider)
        }
        IdentifierKind::Words(words) => t::palette_what_users(words),
    }
}

/// Looks a text up, as everything that it can be.
pub async fn look_up(text: &str) -> Result<LookedUp, ApiError> {
    let capabilities = learn::capabilities().await?;
    standing::ask(&Reading::alone()).await?;
    let mut found = LookedUp::default();
    let mut failed = None;
    for kind in readings(text) {
        let failure = as_kind(&kind, &capabilities, &mut found).await.err();
        if !found.entries.is_empty() {
            // What else it could be does not matter any more.
            found.failed = failure;
            return Ok(found);
        }
        failed = failure.or(failed);
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(found),
    }
}

async fn as_kind(
    kind: &IdentifierKind,
    server: &Capabilities,
    found: &mut LookedUp,
) -> Result<(), ApiError> {
    match kind {
        IdentifierKind::User(user) => of_id(user, found).await,
        IdentifierKind::Room(room) => in_room(room, found).await,
        IdentifierKind::Event { event, room } => {
            match room {
                Some(RoomOrAlias::Id(room)) => found.entries.push(PaletteEntry::go(
                    "hash",
                    t::ev_context(),
                    event_route(room, event.as_str()),
                )),
                Some(RoomOrAlias::Alias(alias)) => {
                    let room = Client::get().send(rooms::resolve(alias)).await?.room_id;
                    let route = event_route(&room, event.as_str());
                    found
                        .entries
                        .push(PaletteEntry::go("hash", t::ev_context(), route));
                }
                None => match server.lack(Feature::FetchEvent) {
                    None => {
                        let route = Route::event(event).to_string();
                        let entry = PaletteEntry::go("hash", t::ev_title(), route);
                        found.entries.push(entry.detail(event.as_str()));
                    }
                    Some(lack) => {
                        found
                            .notes
                            .push(format!("{} {}", why_not(lack), t::ev_by_room()));
                    }
                },
            }
            Ok(())
        }
        IdentifierKind::Media(uri) => uploader(uri, server, found).await,
        IdentifierKind::Email(_) | IdentifierKind::Phone(_) => match kind.threepid() {
            Some(threepid) => by_threepid(&threepid, &words_for(kind), found).await,
            None => Ok(()),
        },
        IdentifierKind::ExternalId(id) => by_external_id(id, server, found).await,
        IdentifierKind::Words(words) => by_name(words, server, found).await,
    }
}

fn user_entry(user: &User) -> PaletteEntry {
    let id = user.name.to_string();
    let name = user
        .displayname
        .as_deref()
        .map(plain)
        .filter(|name| !name.is_empty());
    let mut marks = Vec::new();
    for (is, word) in [
        (told().admin(user) == Known::Is(true), t::users_admin),
        (user.deactivated, t::users_deactivated),
        (told().locked(user) == Known::Is(true), t::users_locked),
        (user.is_guest, t::users_guest),
    ] {
        if is {
            marks.push(word());
        }
    }
    let detail = match &name {
        Some(_) => std::iter::once(id.clone()).chain(marks).collect(),
        None => marks,
    };
    PaletteEntry {
        picture: Picture::User,
        title: name.unwrap_or(id),
        detail: detail.join(" · "),
        act: OnChosen::Go(Route::user(&user.name).to_string()),
    }
}

async fn of_id(user: &UserId, found: &mut LookedUp) -> Result<(), ApiError> {
    let own = Session::get().server_name();
    if own.is_some_and(|own| own != user.server()) {
        let server = user.server();
        let note = t::palette_user_elsewhere(user.as_str(), server.as_str());
        found.notes.push(note);
        return Ok(());
    }
    match Client::get().send(users::get(user)).await {
        Ok(detail) => found.entries.push(user_entry(&detail.user)),
        Err(error) if error.is_not_found() => {
            found.notes.push(t::palette_no_user(user.as_str()));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn members(room: &RoomOrAlias, name: String) -> PaletteEntry {
    let route = Route::Users.at(&format!("q={}", encoded(room.as_str())));
    PaletteEntry::go("users", t::users_in_this_room(), route).detail(name)
}

async fn in_room(room: &RoomOrAlias, found: &mut LookedUp) -> Result<(), ApiError> {
    let id = match room {
        RoomOrAlias::Id(id) => id.clone(),
        RoomOrAlias::Alias(alias) => match Client::get().send(rooms::resolve(alias)).await {
            Ok(resolved) => resolved.room_id,
            Err(error) if error.is_not_found() => {
                found.notes.push(t::palette_no_room(alias.as_str()));
                return Ok(());
            }
            Err(error) => return Err(error),
        },
    };
    match Client::get().send(rooms::get(&id)).await {
        Ok(detail) => {
            let name = detail.room.title().to_owned();
            found.entries.push(room_entry(&id, &name));
            found.entries.push(members(room, name));
        }
        Err(error) if error.is_not_found() => {
            found.notes.push(t::palette_no_room(room.as_str()));
            // It can be blocked all the same.
            let page = Route::room(&id).to_string();
            let block = PaletteEntry::go("ban", t::palette_block_room(), page);
            found.entries.push(block.detail(id.as_str()));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn room_entry(room: &RoomId, name: &str) -> PaletteEntry {
    let entry = PaletteEntry::go("rooms", name.to_owned(), Route::room(room).to_string());
    match name == room.as_str() {
        true => entry,
        false => entry.detail(room.as_str()),
    }
}

async fn uploader(
    uri: &MxcUri,
    server: &Capabilities,
    found: &mut LookedUp,
) -> Result<(), ApiError> {
    let file = uri.to_string();
    let details =
        || PaletteEntry::go("media", t::palette_file(), Route::file(uri).to_string()).detail(&file);
    if !server.since(140) {
        found.entries.push(details());
        found.notes.push(t::palette_uploader_untold(&file));
        return Ok(());
    }
    match Client::get().send(media::info(uri)).await {
        Ok(info) => {
            found.entries.push(details());
            match info.media_info.user_id {
                Some(user) => {
                    let name = info.media_info.upload_name;
                    let detail =
                        name.map_or_else(|| file.clone(), |name| format!("{name} · {uri}"));
                    let title = t::palette_media_of(user.as_str());
                    let route = Route::user(&user).tab("media");
                    let entry = PaletteEntry::go("media", title, route);
                    found.entries.push(entry.detail(detail));
                }
                None => {
                    let server = uri.server.as_str();
                    found.notes.push(t::palette_media_elsewhere(server, &file));
                }
            }
        }
        Err(error) if error.is_not_found() => found.notes.push(t::palette_no_media(&file)),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// The account that an address belongs to. `what` says what was looked for.
async fn owner(
    asked: Result<users::IdOwner, ApiError>,
    what: &str,
    found: &mut LookedUp,
) -> Result<(), ApiError> {
    match asked {
        Ok(owner) => belongs(&owner.user_id, what, found).await?,
        Err(error) if error.is_not_found() => found.notes.push(t::palette_nobody_has(what)),
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn belongs(user: &UserId, what: &str, found: &mut LookedUp) -> Result<(), ApiError> {
    let detail = Client::get().send(users::get(user)).await?;
    found.notes.push(t::palette_belongs_to(user.as_str(), what));
    found.entries.push(user_entry(&detail.user));
    Ok(())
}

async fn by_threepid(
    threepid: &Threepid,
    what: &str,
    found: &mut LookedUp,
) -> Result<(), ApiError> {
    let asked = Client::get().send(users::by_threepid(threepid)).await;
    let is_national = threepid.medium == "msisdn" && threepid.address.starts_with('0');
    owner(asked, what, found).await?;
    if is_national && found.entries.is_empty() {
        found.notes.push(t::palette_country_code());
    }
    Ok(())
}

async fn by_external_id(
    id: &ExternalId,
    server: &Capabilities,
    found: &mut LookedUp,
) -> Result<(), ApiError> {
    let what = t::palette_what_external(&id.external_id, &id.auth_provider);
    found
        .notes
        .push(match identity::owner_of(id, server).await? {
            IdentityOwner::Is(user) => return belongs(&user, &what, found).await,
            IdentityOwner::Nobody => t::palette_nobody_has(&what),
            IdentityOwner::NoProvider => t::palette_no_provider(&id.auth_provider, &what),
            IdentityOwner::Unknown(lack) => t::palette_unknown_whose(&what, &why_not(lack)),
        });
    Ok(())
}

async fn by_name(words: &str, server: &Capabilities, found: &mut LookedUp) -> Result<(), ApiError> {
    let list = Route::Users.at(&format!("q={}", encoded(words)));
    if words.starts_with('!') {
        let entry = PaletteEntry::go("search", t::palette_search_list(words), list);
        found.entries.push(entry);
        return Ok(());
    }
    if words.chars().count() < SHORTEST {
        return Ok(());
    }
    let question = Question {
        search: words.to_owned(),
        limit: SHOWN,
        order_by: Some(UserOrder::Name),
        ..Default::default()
    };
    // The server knows wildcards that a person does not: what it finds too much goes out again.
    let (asked, is_exact) = match question.for_server(server) {
        Some(asked) => (asked, true),
        None => (question.like(server, looked_through(words)), false),
    };
    let mut page = Client::get().send(users::list(&asked, server)).await?;
    let is_all = is_exact || page.users.len() as u64 >= page.total;
    if !is_all && let Some(likely) = question.likely(server, LOOKED_THROUGH) {
        // What has been found is not lost with it.
        let others = Client::get().send(users::list(&likely, server)).await;
        let mut others = others.map(|others| others.users).unwrap_or_default();
        others.retain(|other| page.users.iter().all(|user| user.name != other.name));
        page.users.extend(others);
    }
    let (shown, total): (Vec<User>, u64) = match is_exact {
        true => (page.users, page.total),
        false => question.answer(&page.users, &|_| false),
    };
    if shown.is_empty() && is_all {
        found.notes.push(t::palette_no_users(words));
    }
    let more = more(is_all, total > shown.len() as u64);
    found.entries.extend(shown.iter().map(user_entry));
    found.entries.extend(more.map(|more| {
        let title = match more {
            More::Counted => t::palette_all_users(total),
            More::Uncounted => t::palette_more_users(),
        };
        PaletteEntry::go("search", title, list).detail(words)
    }));
    rooms_by_name(words, server, found).await
}

/// How many the server is asked for, among whom those are that are called so. Where nothing of the words can be
/// asked for, as in another script, they are among all: nobody finds its capitals otherwise.
fn looked_through(words: &str) -> u64 {
    match surest(words).trim().is_empty() {
        true => LOOKED_THROUGH_OF_ALL,
        false => LOOKED_THROUGH,
    }
}

/// What the list has beyond what is shown.
enum More {
    /// It is known how many there are.
    Counted,
    /// The server has not answered with all among whom they are.
    Uncounted,
}

fn more(is_all: bool, is_counted_more: bool) -> Option<More> {
    match is_all {
        true => is_counted_more.then_some(More::Counted),
        false => Some(More::Uncounted),
    }
}

/// Rooms with these words in their name or alias, those with most members first.
async fn rooms_by_name(
    words: &str,
    server: &Capabilities,
    found: &mut LookedUp,
) -> Result<(), ApiError> {
    let question = RoomQuestion {
        search: words.to_owned(),
        limit: ROOMS_SHOWN,
        order_by: Some(RoomOrder::Members),
        descending: true,
        ..Default::default()
    };
    let (asked, is_exact) = match question.for_server(server) {
        Some(asked) => (asked, true),
        None => (question.like(looked_through(words)), false),
    };
    let mut page = Client::get().send(rooms::list(&asked)).await?;
    let is_all = is_exact || page.rooms.len() as u64 >= page.total;
    if !is_all && let Some(likely) = question.likely(LOOKED_THROUGH) {
        let others = Client::get().send(rooms::list(&likely)).await;
        let mut others = others.map(|others| others.rooms).unwrap_or_default();
        others.retain(|other| page.rooms.iter().all(|room| room.room_id != other.room_id));
        page.rooms.extend(others);
    }
    let (shown, total) = match is_exact {
        true => (page.rooms, page.total),
        false => question.answer(&page.rooms),
    };
    let more = more(is_all, total > shown.len() as u64);
    let entries = shown.iter();
    found
        .entries
        .extend(entries.map(|room| room_entry(&room.room_id, room.title())));
    found.entries.extend(more.map(|more| {
        let title = match more {
            More::Counted => t::palette_all_rooms(total),
            More::Uncounted => t::palette_more_rooms(),
        };
        let list = Route::Rooms.at(&format!("q={}", encoded(words)));
        PaletteEntry::go("search", title, list).detail(words)
    }));
    Ok(())
}
