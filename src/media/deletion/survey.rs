//! Reading the server's media lists to find what a deletion by date and size hits.

use super::profiles::{RoomImages, profile_images};
use super::services::OfServices;
use crate::api::exchange::Patient;
use crate::api::media::{self, DeleteFilter, EARLIEST_BEFORE, ListMedia, MediaFile, MediaPage};
use crate::api::server::Capabilities;
use crate::api::statistics::{self, ListMediaUsers};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, Request, ServerName, UserId};
use crate::media::{StoredFile, Sum};
use crate::runner::hopeless::Failures;
use futures_util::{StreamExt, stream};
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;

/// How many entries one page of a list has. A page of 1,000 costs the server about as much as
/// one of 10.
pub(super) const PAGE: u64 = 1000;

/// How many users one page of the statistics has, of which the server computes the whole for each page.
const OWNERS_PAGE: u64 = 5_000;

/// How many requests are under way at once. Reading must not crowd out the people of the
/// server.
pub(super) const AT_ONCE: usize = 4;

/// All that a deletion hits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hit {
    pub files: Vec<StoredFile>,
    /// When any of the files that were read was last used, hit or not.
    pub newest: Option<Timestamp>,
    /// Files that match but are kept, because they are profile images.
    pub kept_profiles: usize,
    /// Whose files no list shows, though the server may delete them. Nobody on most servers.
    pub unlisted: Vec<Unlisted>,
    /// Whether old profile images could not be looked up, so that fewer files may be deleted
    /// than listed. So on Synapse before 1.68.
    pub may_keep_more: bool,
    /// What the rooms are called that could not be read, with the same effect.
    pub unread_rooms: Vec<String>,
    /// Whether the list of users or of rooms could not be read to its end, with the same effect.
    pub profiles_unread: bool,
    /// Since when it is known of some rooms which profile images they name.
    pub profiles_since: Option<Timestamp>,
    /// Which of the files are of bridges and bots, where [`services`](fn@super::services) has been asked.
    pub services: OfServices,
}

/// An owner whose files are known by their sum alone: the sender of an application service, who
/// needs no account; an account of another server name, in a database that was copied; nobody; or
/// a list that the server fails to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unlisted {
    pub owner: Option<UserId>,
    /// How many files there are at most. The server does not count those of nobody.
    pub files: Option<u64>,
    /// How much they are at most.
    pub bytes: u64,
    /// Whether there is a list, which did not answer.
    pub is_silent: bool,
}

impl Unlisted {
    fn of(owner: &statistics::MediaUser, is_silent: bool) -> Self {
        Unlisted {
            is_silent,
            owner: owner.user_id.clone(),
            files: owner.user_id.as_ref().map(|_| owner.media_count),
            bytes: owner.media_length.unwrap_or(0),
        }
    }
}

impl Hit {
    /// The bytes that deleting all files frees.
    pub fn bytes(&self) -> u64 {
        self.files.iter().filter_map(StoredFile::freed).sum()
    }

    /// The images of link previews among the files, of which the server forgets the entry and
    /// leaves the file on the disk.
    pub fn previews(&self) -> Sum {
        let mut sum = Sum::default();
        for file in self.files.iter().filter(|file| file.is_preview) {
            sum.add(file.bytes);
        }
        sum
    }

    /// Whether there is anything that the server may delete.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unlisted.is_empty()
    }

    /// A date that hits no more than was found, as far as everything that was found is known: what
    /// is uploaded after the survey stays, whatever this computer's clock says. `is_open`: nobody has given
    /// a date, and `before` is when the survey began by that clock.
    pub fn until(&self, before: Timestamp, is_open: bool) -> Timestamp {
        let newest = match self.unlisted.is_empty() {
            true => self.files.iter().filter_map(StoredFile::last_use).max(),
            // What no list shows may be newer than all that is hit: where somebody has given a date, that
            // is the limit.
            false => self.newest.filter(|_| is_open),
        };
        newest.map_or(before, |newest| {
            before.min(Timestamp(newest.0 + 1)).max(EARLIEST_BEFORE)
        })
    }

    /// How many users own the files.
    pub fn owners(&self) -> usize {
        let owners: std::collections::HashSet<_> =
            self.files.iter().map(|file| &file.owner).collect();
        owners.len()
    }
}

/// What the survey is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Who has media at all.
    Owners,
    /// The files of each owner: how many of them.
    Files,
    /// Which files are profile images of users.
    Users,
    /// Which files are, or once were, profile images in rooms.
    Rooms,
}

/// How far the survey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SurveyProgress {
    pub phase: Phase,
    pub done: u64,
    /// 0 while unknown.
    pub total: u64,
}

/// Finds what [`media::delete_by_date_or_size`] with this filter will delete.
///
/// Costs a request per thousand users with media, one per user with media (more for those with
/// over 1,000 files), and, where profile images are kept and images were found, two per room.
/// Dropping the future cancels it.
pub async fn survey(
    server: Patient<'_>,
    filter: &DeleteFilter,
    own: &ServerName,
    capabilities: &Capabilities,
    known: &RefCell<RoomImages>,
    report: &dyn Fn(SurveyProgress),
) -> Result<Hit, ApiError> {
    report(SurveyProgress {
        phase: Phase::Owners,
        done: 0,
        total: 0,
    });
    let mut owners = owners(server, None, &|done, total| {
        report(SurveyProgress {
            phase: Phase::Owners,
            done,
            total,
        });
    })
    .await?;
    // Whoever has no more than that in all has no single file that is larger.
    owners.retain(|owner| owner.media_length.unwrap_or(0) > filter.size_gt);
    // Those with most files first, for which one would wait longest at the end.
    owners.sort_by_key(|owner| Reverse(owner.media_count));
    let total = owners.iter().map(|owner| owner.media_count).sum();
    let done = Cell::new(0);
    let read = |more: u64| {
        done.set(done.get() + more);
        report(SurveyProgress {
            phase: Phase::Files,
            done: done.get(),
            total,
        });
    };
    read(0);
    let mut lists = stream::iter(owners)
        .map(|owner| {
            let read = &read;
            async move {
                let told = Cell::new(0);
                let tell = |done: u64| {
                    // More may have come since they were counted.
                    let done = done.min(owner.media_count);
                    read(done.saturating_sub(told.replace(done)));
                };
                let files = match &owner.user_id {
                    Some(user) if user.server() == *own => {
                        readable(hits_of(server, user, own, filter, &tell).await)
                    }
                    _ => Ok(FileList::None),
                };
                tell(owner.media_count);
                (owner, files)
            }
        })
        .buffer_unordered(AT_ONCE);
    let (mut hit, mut failures) = (Hit::default(), Failures::default());
    while let Some((owner, files)) = lists.next().await {
        match files? {
            FileList::Files((files, newest)) => {
                failures.end();
                hit.files.extend(files);
                hit.newest = hit.newest.max(newest);
            }
            FileList::None => hit.unlisted.push(Unlisted::of(&owner, false)),
            FileList::Silent(error) => {
                if failures.are_hopeless(&error) {
                    return Err(error);
                }
                hit.unlisted.push(Unlisted::of(&owner, true));
            }
        }
    }
    drop(lists);
    if filter.keep_profiles {
        let found = profile_images(server, &hit.files, own, capabilities, known, report).await?;
        let before = hit.files.len();
        hit.files
            .retain(|file| !found.media_ids.contains(&file.uri.media_id));
        hit.kept_profiles = before - hit.files.len();
        hit.may_keep_more = !found.is_whole;
        hit.unread_rooms = found.unread_rooms;
        hit.profiles_unread = found.failed.is_some();
        hit.profiles_since = found.kept_since;
    }
    Ok(hit)
}

/// Everybody who has uploaded something, or those of them whom a search finds. `report` hears of
/// how many it is known, and how many there are. Dropping the future cancels it.
pub async fn owners(
    server: Patient<'_>,
    search: Option<&str>,
    report: &dyn Fn(u64, u64),
) -> Result<Vec<statistics::MediaUser>, ApiError> {
    let ask = |from| {
        statistics::media_by_user_sorted(&ListMediaUsers {
            from,
            limit: OWNERS_PAGE,
            search: search.map(str::to_owned),
            ..Default::default()
        })
    };
    server.all_pages(ask, report).await
}

/// All files of one user, in no order that means anything; `None` if there is no such user any
/// more, though there may be files. `report` hears how many are known, and how many there are.
pub async fn files_of(
    server: Patient<'_>,
    owner: &UserId,
    report: &dyn Fn(u64, u64),
) -> Result<Option<Vec<MediaFile>>, ApiError> {
    let list = server.all_pages(|from| page_of(owner, from), report);
    // The owner of old files may be gone from the user table, or never was in it.
    ApiError::if_there(list.await)
}

/// Those of one user's files that a deletion hits, and when any of them was last used. Nothing else is kept of what is read: a server has
/// millions.
async fn hits_of(
    server: Patient<'_>,
    owner: &UserId,
    own: &ServerName,
    filter: &DeleteFilter,
    report: &dyn Fn(u64),
) -> Result<Option<(Vec<StoredFile>, Option<Timestamp>)>, ApiError> {
    let (mut hits, mut newest) = (Vec::new(), None);
    let each = |files: Vec<MediaFile>, done, _| {
        newest = newest.max(files.iter().map(MediaFile::last_use).max());
        let files = files.into_iter().filter(|file| is_hit(file, filter));
        hits.extend(files.map(|file| StoredFile::of_list(own, owner, file)));
        report(done);
    };
    let list = server.each_page(|from| page_of(owner, from), each);
    let is_there = ApiError::if_there(list.await)?;
    Ok(is_there.map(|()| (hits, newest)))
}

fn page_of(owner: &UserId, from: u64) -> Request<MediaPage> {
    // By ID, because nothing else stays in place while people upload.
    let query = ListMedia {
        from,
        limit: PAGE,
        order_by: Some(media::order::ID),
        descending: false,
    };
    media::list_of_user(owner, &query)
}

/// What came of asking for the list of somebody's files.
#[derive(Clone, Debug, PartialEq)]
pub enum FileList<T = Vec<MediaFile>> {
    Files(T),
    /// There is none: no such account, or one of another server name.
    None,
    /// It is broken or hangs for this reason. Nobody knows what is in it, and it may answer later.
    Silent(ApiError),
}

/// What came of asking for a list, unless the reason why it did not come is about more than this one:
/// one that is broken or hangs is not a reason to know nothing of all others.
pub fn readable<T>(list: Result<Option<T>, ApiError>) -> Result<FileList<T>, ApiError> {
    match list {
        Ok(Some(files)) => Ok(FileList::Files(files)),
        // "Can only look up local users".
        Ok(None) | Err(ApiError::Matrix { status: 400, .. }) => Ok(FileList::None),
        Err(error) if is_about_one(&error) => Ok(FileList::Silent(error)),
        Err(error) => Err(error),
    }
}

/// Whether others of whom the same is asked may well answer. Whoever asks has waited for the server until
/// it was there: what comes in its place all the same, a 502 too, is about this one.
pub fn is_about_one(error: &ApiError) -> bool {
    match error {
        error if error.is_too_slow() => true,
        ApiError::Undecodable { .. } | ApiError::Matrix { .. } => true,
        ApiError::NotMatrix { status, .. } => *status >= 500,
        _ => false,
    }
}

/// Synapse's own conditions, but for profile images.
fn is_hit(file: &MediaFile, filter: &DeleteFilter) -> bool {
    file.last_use() < filter.before
        && file
            .media_length
            .is_some_and(|bytes| bytes > filter.size_gt)
        && file.quarantined_by.is_none()
        && !file.safe_from_quarantine
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Call;
    use crate::runner::answering::{asked, recent};
    use futures_util::FutureExt;
    use serde_json::{Value, json};
    use std::cell::RefCell;
    use std::rc::Rc;

    fn file(json: &str) -> MediaFile {
        let mut value: serde_json::Value = serde_json::from_str(json).unwrap();
        let defaults = serde_json::json!({"media_id": "x", "created_ts": 1_700_000_000_000_i64, "media_length": 10});
        for (key, default) in defaults.as_object().unwrap() {
            value
                .as_object_mut()
                .unwrap()
                .entry(key)
                .or_insert(default.clone());
        }
        serde_json::from_value(value).unwrap()
    }

    const LONG_AGO: i64 = 1_500_000_000_000;

    /// Al has three files on two pages, of which the filter finds one, and Kim one whose list fails.
    fn list(call: &Call) -> Result<Value, u16> {
        let file = |id: &str, bytes: u64, at: i64| json!({"media_id": id, "media_length": bytes, "created_ts": LONG_AGO + at});
        let is_second = call
            .query
            .iter()
            .any(|(name, value)| *name == "from" && value != "0");
        match call.path.as_str() {
            path if path.contains("statistics") => Ok(json!({
                "users": [
                    {"user_id": "@kim:b.org", "media_count": 1, "media_length": 9},
                    {"user_id": "@al:b.org", "media_count": 3, "media_length": 40},
                    {"user_id": "@old:a.org", "media_count": 2, "media_length": 30},
                ],
                "total": 3,
            })),
            path if path.contains("kim") => Err(500),
            _ if is_second => Ok(json!({"media": [file("c", 3, 2000)], "total": 3})),
            _ => Ok(json!({
                "media": [file("a", 30, 1000), file("b", 7, 1500)],
                "total": 3,
                "next_token": 2,
            })),
        }
    }

    /// What is found of files before a moment that are larger than 5 bytes, and how far it was in between.
    fn surveyed(before: i64) -> (Hit, Vec<(u64, u64)>) {
        let told: Rc<RefCell<Vec<_>>> = Rc::default();
        let filter = DeleteFilter {
            before: Timestamp(LONG_AGO + before),
            size_gt: 5,
            keep_profiles: false,
        };
        let hit = asked(&list, |server| {
            let told = Rc::clone(&told);
            async move {
                let own = ServerName::parse("b.org").unwrap();
                let report = |progress: SurveyProgress| {
                    if progress.phase == Phase::Files {
                        told.borrow_mut().push((progress.done, progress.total));
                    }
                };
                survey(
                    server,
                    &filter,
                    &own,
                    &recent(),
                    &RefCell::default(),
                    &report,
                )
                .await
                .unwrap()
            }
            .boxed_local()
        });
        (hit, told.take())
    }

    #[test]
    fn what_is_hit_is_kept_and_progress_is_of_files() {
        let (hit, told) = surveyed(1200);
        let ids: Vec<&str> = hit.files.iter().map(|file| &*file.uri.media_id).collect();
        assert_eq!(ids, ["a"]);
        let unlisted = hit
            .unlisted
            .iter()
            .map(|owner| (owner.bytes, owner.is_silent));
        let mut unlisted: Vec<_> = unlisted.collect();
        unlisted.sort_unstable();
        assert_eq!(unlisted, [(9, true), (30, false)]);
        assert_eq!(told.first(), Some(&(0, 6)));
        assert_eq!(told.last(), Some(&(6, 6)));
        assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        assert!(
            told.contains(&(2, 6)),
            "{told:?}: page by page, the largest first"
        );
    }

    #[test]
    fn a_deletion_reaches_no_further_than_what_was_read() {
        let (mut hit, _) = surveyed(1200);
        let until = |hit: &Hit, before: i64, is_open| hit.until(Timestamp(before), is_open).0;
        // Of some owners nobody knows which files they have: where nobody has given a date, what is uploaded
        // meanwhile stays, by the server's clock.
        assert_eq!(hit.newest, Some(Timestamp(LONG_AGO + 2000)));
        assert_eq!(until(&hit, LONG_AGO + 9999, true), LONG_AGO + 2001);
        assert_eq!(until(&hit, LONG_AGO + 1200, true), LONG_AGO + 1200);
        assert_eq!(until(&hit, LONG_AGO + 9999, false), LONG_AGO + 9999);
        hit.unlisted.clear();
        for is_open in [true, false] {
            assert_eq!(until(&hit, LONG_AGO + 9999, is_open), LONG_AGO + 1001);
        }
    }

    #[test]
    fn what_did_not_answer_is_told_from_what_is_not_there() {
        let matrix = |status| ApiError::Matrix {
            status,
            errcode: "M_UNKNOWN".to_owned(),
            message: String::new(),
        };
        let page = |status| ApiError::NotMatrix {
            status,
            content_type: String::new(),
            excerpt: String::new(),
        };
        let silent = |error: ApiError| {
            assert_eq!(
                readable::<()>(Err(error.clone())),
                Ok(FileList::Silent(error))
            )
        };
        assert_eq!(readable(Ok(Some(1))), Ok(FileList::Files(1)));
        assert_eq!(readable::<()>(Ok(None)), Ok(FileList::None));
        assert_eq!(readable::<()>(Err(matrix(400))), Ok(FileList::None));
        silent(matrix(500));
        for slow in [408, 504, 522, 524] {
            silent(page(slow));
        }
        // Whoever asks has seen that the server is there.
        for broken in [500, 502, 503, 521] {
            silent(page(broken));
        }
        silent(ApiError::TimedOut { after_ms: 60_000 });
        let no_way = ApiError::Cancelled;
        assert_eq!(readable::<()>(Err(no_way.clone())), Err(no_way));
        assert_eq!(readable::<()>(Err(page(404))), Err(page(404)));
    }

    #[test]
    fn the_conditions_are_those_of_synapse() {
        let filter = |before: i64, size_gt: u64| DeleteFilter {
            before: Timestamp(before),
            size_gt,
            keep_profiles: false,
        };
        let hit = |json: &str, filter: DeleteFilter| is_hit(&file(json), &filter);
        let later = 1_700_000_000_001;
        assert!(hit("{}", filter(later, 9)));
        assert!(!hit("{}", filter(later, 10)), "strictly larger");
        assert!(!hit("{}", filter(1_700_000_000_000, 0)), "strictly before");
        assert!(
            !hit(r#"{"last_access_ts":1700000000001}"#, filter(later, 0)),
            "access counts, not creation"
        );
        assert!(
            !hit(r#"{"media_length":0}"#, filter(later, 0)),
            "empty files are never larger"
        );
        assert!(
            !hit(r#"{"media_length":null}"#, filter(later, 0)),
            "pending uploads"
        );
        assert!(!hit(r#"{"quarantined_by":"@m:b.org"}"#, filter(later, 0)));
        assert!(!hit(r#"{"safe_from_quarantine":true}"#, filter(later, 0)));
    }
}
