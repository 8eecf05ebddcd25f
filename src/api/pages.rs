//! Lists that the server hands over page by page, read to their end.

use super::directory::{Published, PublishedPage};
use super::exchange::Patient;
use super::federation::{
    self, Destination, DestinationPage, DestinationRoom, DestinationRoomPage, ListDestinations,
};
use super::ids::{RoomId, ServerName, UserId};
use super::mas::resource::Want;
use super::mas::{self, Resource, Slice, Ulid};
use super::media::{MediaFile, MediaPage};
use super::reports::{
    self, EventReport, EventReportPage, ListEventReports, ListUserReports, UserReport,
    UserReportPage,
};
use super::rooms::{self, Hierarchy, HierarchyRoom, ListRooms, Room, RoomPage};
use super::server::Capabilities;
use super::statistics::{MediaUser, MediaUsersPage};
use super::users::{self, ListUsers, User, UserPage};
use super::{ApiError, Request};
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::hash::Hash;

/// One page of a list of the server's.
pub trait Page {
    type Item;
    /// What tells items apart.
    type Key: Eq + Hash;

    fn key(item: &Self::Item) -> Self::Key;
    /// The items, how many there are on all pages, and where the next page begins.
    fn open(self) -> (Vec<Self::Item>, u64, Option<u64>);
}

/// How many items one page has when all are read.
const MOST: u64 = 1000;

/// The same where Matrix Authentication Service answers, which has no maximum.
const MOST_OF_MAS: u32 = 1000;

/// A question that the server answers page by page.
pub trait ByPages {
    type Page: Page;

    /// The page that it is about.
    fn page(&self) -> Request<Self::Page>;

    /// A large page of what it finds, which begins at this position, in an order that does not
    /// change while all are read.
    fn large_page(&self, from: u64) -> Request<Self::Page>;
}

/// A question for the list of users, with what the server can do: versions word it differently.
#[derive(Clone, Debug, PartialEq)]
pub struct ListUsersOf {
    pub asked: ListUsers,
    pub server: Capabilities,
}

impl ByPages for ListUsersOf {
    type Page = UserPage;

    fn page(&self) -> Request<UserPage> {
        users::list(&self.asked, &self.server)
    }

    fn large_page(&self, from: u64) -> Request<UserPage> {
        let asked = ListUsers {
            from,
            limit: MOST,
            order_by: Some(users::order::NAME),
            descending: false,
            ..self.asked.clone()
        };
        users::list(&asked, &self.server)
    }
}

impl ByPages for ListRooms {
    type Page = RoomPage;

    fn page(&self) -> Request<RoomPage> {
        rooms::list(self)
    }

    fn large_page(&self, from: u64) -> Request<RoomPage> {
        rooms::list(&ListRooms {
            from,
            limit: MOST,
            order_by: Some(rooms::order::NAME),
            descending: false,
            ..self.clone()
        })
    }
}

impl ByPages for ListDestinations {
    type Page = DestinationPage;

    fn page(&self) -> Request<DestinationPage> {
        federation::destinations(self)
    }

    fn large_page(&self, from: u64) -> Request<DestinationPage> {
        federation::destinations(&ListDestinations {
            from,
            limit: MOST,
            order_by: Some(federation::order::DESTINATION),
            descending: false,
            ..self.clone()
        })
    }
}

impl ByPages for ListEventReports {
    type Page = EventReportPage;

    fn page(&self) -> Request<EventReportPage> {
        reports::events(self)
    }

    fn large_page(&self, from: u64) -> Request<EventReportPage> {
        reports::events(&ListEventReports {
            from,
            limit: MOST,
            // What comes while we read comes at the end.
            oldest_first: true,
            ..self.clone()
        })
    }
}

impl ByPages for ListUserReports {
    type Page = UserReportPage;

    fn page(&self) -> Request<UserReportPage> {
        reports::users(self)
    }

    fn large_page(&self, from: u64) -> Request<UserReportPage> {
        reports::users(&ListUserReports {
            from,
            limit: MOST,
            // What comes while we read comes at the end.
            oldest_first: true,
            ..self.clone()
        })
    }
}

impl Page for UserPage {
    type Item = User;
    type Key = UserId;

    fn key(user: &User) -> UserId {
        user.name.clone()
    }

    fn open(self) -> (Vec<User>, u64, Option<u64>) {
        (self.users, self.total, self.next_token)
    }
}

impl Page for RoomPage {
    type Item = Room;
    type Key = RoomId;

    fn key(room: &Room) -> RoomId {
        room.room_id.clone()
    }

    fn open(self) -> (Vec<Room>, u64, Option<u64>) {
        (self.rooms, self.total, self.next_batch)
    }
}

impl Page for MediaPage {
    type Item = MediaFile;
    type Key = String;

    fn key(file: &MediaFile) -> String {
        file.media_id.clone()
    }

    fn open(self) -> (Vec<MediaFile>, u64, Option<u64>) {
        (self.media, self.total, self.next_token)
    }
}

impl Page for MediaUsersPage {
    type Item = MediaUser;
    type Key = Option<UserId>;

    fn key(owner: &MediaUser) -> Option<UserId> {
        owner.user_id.clone()
    }

    fn open(self) -> (Vec<MediaUser>, u64, Option<u64>) {
        (self.users, self.total, self.next_token)
    }
}

impl Page for EventReportPage {
    type Item = EventReport;
    type Key = u64;

    fn key(report: &EventReport) -> u64 {
        report.id
    }

    fn open(self) -> (Vec<EventReport>, u64, Option<u64>) {
        (self.event_reports, self.total, self.next_token)
    }
}

impl Page for UserReportPage {
    type Item = UserReport;
    type Key = u64;

    fn key(report: &UserReport) -> u64 {
        report.id
    }

    fn open(self) -> (Vec<UserReport>, u64, Option<u64>) {
        (self.user_reports, self.total, self.next_token)
    }
}

impl Page for DestinationPage {
    type Item = Destination;
    type Key = ServerName;

    fn key(destination: &Destination) -> ServerName {
        destination.name.clone()
    }

    fn open(self) -> (Vec<Destination>, u64, Option<u64>) {
        (self.destinations, self.total, self.next_token)
    }
}

impl Page for DestinationRoomPage {
    type Item = DestinationRoom;
    type Key = RoomId;

    fn key(room: &DestinationRoom) -> RoomId {
        room.room_id.clone()
    }

    fn open(self) -> (Vec<DestinationRoom>, u64, Option<u64>) {
        (self.rooms, self.total, self.next_token)
    }
}

/// One page of a list of the server's that says with a word of its own where it goes on.
pub trait Batch {
    type Item;
    /// What tells items apart.
    type Key: Eq + Hash;

    fn key(item: &Self::Item) -> Self::Key;
    /// The items, how many there are on all pages if the server says so, and where the next page
    /// begins.
    fn open(self) -> (Vec<Self::Item>, Option<u64>, Option<String>);
}

impl Batch for PublishedPage {
    type Item = Published;
    type Key = RoomId;

    fn key(room: &Published) -> RoomId {
        room.room_id.clone()
    }

    fn open(self) -> (Vec<Published>, Option<u64>, Option<String>) {
        (self.chunk, self.total_room_count_estimate, self.next_batch)
    }
}

impl Batch for Hierarchy {
    type Item = HierarchyRoom;
    type Key = RoomId;

    fn key(room: &HierarchyRoom) -> RoomId {
        room.room_id.clone()
    }

    fn open(self) -> (Vec<HierarchyRoom>, Option<u64>, Option<String>) {
        (self.rooms, None, self.next_batch)
    }
}

impl<T> Batch for mas::MasPage<T> {
    type Item = Resource<T>;
    type Key = Ulid;

    fn key(one: &Resource<T>) -> Ulid {
        one.id.clone()
    }

    fn open(self) -> (Vec<Resource<T>>, Option<u64>, Option<String>) {
        // A page says of the way it was asked for alone whether it goes on.
        let next = self.after().or_else(|| self.before());
        let count = self.count();
        (self.data, count, next)
    }
}

impl Patient<'_> {
    /// Reads a whole list of Matrix Authentication Service, from the oldest on. `ask` makes the request for a
    /// part of it; `report` is as in [`Patient::all_batches`].
    ///
    /// # Errors
    ///
    /// What the request for a page ends with.
    pub async fn all_of_mas<T: DeserializeOwned>(
        self,
        ask: impl Fn(&Want) -> Request<mas::MasPage<T>>,
        report: &dyn Fn(u64, Option<u64>),
    ) -> Result<Vec<Resource<T>>, ApiError> {
        let page = |from: Option<&str>| {
            let slice = from.map_or(Slice::First, |cursor| Slice::After(cursor.to_owned()));
            ask(&Want {
                slice,
                ..Want::first(MOST_OF_MAS).counted()
            })
        };
        self.all_batches(page, report).await
    }

    /// Reads all pages of a list that says itself where it goes on, each item once. `ask` makes
    /// the request for the page that begins there, the first one for `None`; `report` hears how
    /// many have been found so far and how many there are, if the server says so. Dropping the
    /// future cancels it.
    ///
    /// # Errors
    ///
    /// What the request for a page ends with.
    pub async fn all_batches<B: Batch>(
        self,
        ask: impl Fn(Option<&str>) -> Request<B>,
        report: &dyn Fn(u64, Option<u64>),
    ) -> Result<Vec<B::Item>, ApiError> {
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        // A server that sends us back would do so for ever.
        let mut asked = HashSet::new();
        let mut from: Option<String> = None;
        loop {
            let (items, total, next) = self.send(ask(from.as_deref())).await?.open();
            all.extend(items.into_iter().filter(|item| seen.insert(B::key(item))));
            report(all.len() as u64, total);
            match next {
                Some(next) if asked.insert(next.clone()) => from = Some(next),
                _ => return Ok(all),
            }
        }
    }

    /// Reads all pages of a list, each item once. `ask` makes the request for the page that
    /// begins at a position; `each` hears what is new on a page, how many items have been found so
    /// far and how many there are. Dropping the future cancels it.
    ///
    /// Ask in an order that does not change: by an identifier. Items that come while it reads
    /// show up twice, which is seen to; if some go, it steps back by as many, so that none is
    /// skipped.
    ///
    /// # Errors
    ///
    /// What the request for a page ends with.
    pub async fn each_page<P: Page>(
        self,
        ask: impl Fn(u64) -> Request<P>,
        mut each: impl FnMut(Vec<P::Item>, u64, u64),
    ) -> Result<(), ApiError> {
        let each = |items, count, total| {
            each(items, count, total);
            true
        };
        self.pages_while(ask, each).await?;
        Ok(())
    }

    /// Reads page by page, as [`Patient::each_page`] does, until there is no other, which is true, or
    /// `each` wants no other, which is false.
    ///
    /// # Errors
    ///
    /// What the request for a page ends with.
    pub async fn pages_while<P: Page>(
        self,
        ask: impl Fn(u64) -> Request<P>,
        mut each: impl FnMut(Vec<P::Item>, u64, u64) -> bool,
    ) -> Result<bool, ApiError> {
        let mut seen = HashSet::new();
        let mut count = 0;
        let mut from = Some(0);
        let mut total_before = 0;
        while let Some(at) = from {
            let (mut items, total, next) = self.send(ask(at)).await?.open();
            items.retain(|item| seen.insert(P::key(item)));
            count += items.len() as u64;
            let goes_on = each(items, count, total);
            let gone = match at {
                0 => 0,
                _ => u64::saturating_sub(total_before, total),
            };
            from = match gone {
                // A server that sends us back would do so for ever.
                0 => next.filter(|next| *next > at),
                // So many may have moved from this page to one that was read already.
                gone => Some(at.saturating_sub(gone)),
            };
            if from.is_some() && !goes_on {
                return Ok(false);
            }
            total_before = total;
        }
        Ok(true)
    }

    /// Reads all that a question finds, in the order that it is read in. `report` hears how many
    /// have been found so far and how many there are. Dropping the future cancels it.
    ///
    /// # Errors
    ///
    /// What the request for a page ends with.
    pub async fn all_of<Q: ByPages>(
        self,
        asked: &Q,
        report: &dyn Fn(u64, u64),
    ) -> Result<Vec<<Q::Page as Page>::Item>, ApiError> {
        self.all_pages(|from| asked.large_page(from), report).await
    }

    /// Reads all pages of a list, as [`Patient::each_page`] does. `report` hears how many have
    /// been found so far and how many there are.
    ///
    /// # Errors
    ///
    /// What the request for a page ends with.
    pub async fn all_pages<P: Page>(
        self,
        ask: impl Fn(u64) -> Request<P>,
        report: &dyn Fn(u64, u64),
    ) -> Result<Vec<P::Item>, ApiError> {
        let mut all = Vec::new();
        self.each_page(ask, |items, count, total| {
            all.extend(items);
            report(count, total);
        })
        .await?;
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::directory::{self, ListPublished};
    use crate::api::exchange::{Clock, Network, Random};
    use crate::api::request::Body;
    use crate::api::server::Capabilities;
    use crate::api::users::{self, ListUsers};
    use crate::api::{Answer, Call};
    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;
    use proptest::prelude::*;
    use serde_json::json;
    use std::cell::RefCell;

    /// A list of users that changes while it is read.
    struct Changing {
        names: RefCell<Vec<String>>,
        /// What happens before each page but the first: this name goes, or comes.
        changes: RefCell<Vec<Vec<String>>>,
        limit: usize,
        /// A server that never says where the end is.
        stuck: bool,
    }

    impl Network for Changing {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            let from: usize = call
                .query
                .iter()
                .find(|(name, _)| *name == "from")
                .map_or(0, |(_, value)| value.parse().unwrap());
            let mut names = self.names.borrow_mut();
            if from > 0
                && let Some(changes) = self.changes.borrow_mut().pop()
            {
                for name in changes {
                    match names.iter().position(|found| *found == name) {
                        Some(at) => drop(names.remove(at)),
                        None => names.push(name),
                    }
                }
                names.sort();
            }
            let page: Vec<_> = names
                .iter()
                .skip(from)
                .take(self.limit)
                .map(|name| json!({ "name": format!("@{name}:b.org") }))
                .collect();
            let next = from + page.len();
            let mut body = json!({ "users": page, "total": names.len() });
            if self.stuck {
                body["next_token"] = json!("0");
            } else if next < names.len() {
                body["next_token"] = json!(next.to_string());
            }
            let answer = Answer::new(200, "application/json", body.to_string());
            async move { Ok(answer) }.boxed_local()
        }
    }

    struct Nothing;

    impl Clock for Nothing {
        fn now_ms(&self) -> u64 {
            0
        }
        fn wall_ms(&self) -> i64 {
            0
        }
        fn sleep(&self, _ms: u64) -> LocalBoxFuture<'static, ()> {
            async {}.boxed_local()
        }
    }

    impl Random for Nothing {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    fn read(server: &Changing) -> (Vec<String>, Vec<(u64, u64)>) {
        let patient = Patient {
            network: server,
            clock: &Nothing,
            random: &Nothing,
        };
        let reports = RefCell::new(Vec::new());
        let found = patient
            .all_pages(
                |from| {
                    let query = ListUsers {
                        from,
                        limit: 10,
                        ..Default::default()
                    };
                    users::list(&query, &Capabilities::default())
                },
                &|done, of| reports.borrow_mut().push((done, of)),
            )
            .now_or_never()
            .expect("nothing to wait for")
            .unwrap();
        let names = found.iter().map(|user| user.name.localpart().to_owned());
        (names.collect(), reports.into_inner())
    }

    fn server(names: &[&str], limit: usize, changes: Vec<Vec<String>>) -> Changing {
        Changing {
            names: RefCell::new(names.iter().map(|name| (*name).to_owned()).collect()),
            changes: RefCell::new(changes),
            limit,
            stuck: false,
        }
    }

    #[test]
    fn reads_to_the_end_and_says_how_far_it_is() {
        let (names, reports) = read(&server(&["a", "b", "c", "d", "e"], 2, Vec::new()));
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
        assert_eq!(reports, [(2, 5), (4, 5), (5, 5)]);
        assert_eq!(read(&server(&[], 2, Vec::new())).1, [(0, 0)]);
    }

    #[test]
    fn who_comes_or_goes_meanwhile_hides_nobody() {
        let comes = vec![vec!["aa".to_owned()]];
        let (names, _) = read(&server(&["a", "b", "c", "d"], 2, comes));
        assert_eq!(names, ["a", "b", "c", "d"], "each once");
        let goes = vec![vec!["a".to_owned()]];
        let (names, _) = read(&server(&["a", "b", "c", "d"], 2, goes));
        assert_eq!(names, ["a", "b", "d", "c"], "none skipped");
    }

    #[test]
    fn a_server_that_sends_us_back_is_not_followed_for_ever() {
        let mut server = server(&["a", "b", "c"], 2, Vec::new());
        server.stuck = true;
        assert_eq!(read(&server).0, ["a", "b"]);
    }

    /// A directory whose last page leads back to its second.
    struct Circle;

    impl Network for Circle {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            let Body::Json(body) = &call.body else {
                panic!("{call:?}")
            };
            let asked: serde_json::Value = serde_json::from_str(body).unwrap();
            let (rooms, next) = match asked["since"].as_str() {
                None => (["!a", "!b"], "second"),
                Some("second") => (["!b", "!c"], "third"),
                Some(_) => (["!d", "!e"], "second"),
            };
            let rooms = rooms.map(|room| json!({ "room_id": room }));
            let body =
                json!({ "chunk": rooms, "next_batch": next, "total_room_count_estimate": 5 });
            let answer = Answer::new(200, "application/json", body.to_string());
            async move { Ok(answer) }.boxed_local()
        }
    }

    #[test]
    fn batches_are_read_to_their_end_and_not_in_a_circle() {
        let patient = Patient {
            network: &Circle,
            clock: &Nothing,
            random: &Nothing,
        };
        let reports = RefCell::new(Vec::new());
        let found = patient
            .all_batches(
                |since| {
                    directory::published(&ListPublished {
                        since: since.map(str::to_owned),
                        limit: 2,
                        ..Default::default()
                    })
                },
                &|done, of| reports.borrow_mut().push((done, of)),
            )
            .now_or_never()
            .expect("nothing to wait for")
            .unwrap();
        let found: Vec<&str> = found.iter().map(|room| room.room_id.as_str()).collect();
        assert_eq!(found, ["!a", "!b", "!c", "!d", "!e"]);
        assert_eq!(
            reports.into_inner(),
            [(2, Some(5)), (3, Some(5)), (5, Some(5))]
        );
    }

    proptest! {
        #[test]
        fn whoever_stays_is_found_once(
            count in 0_usize..30,
            limit in 1_usize..7,
            gone in prop::collection::btree_set(0_usize..30, 0..9),
            at_a_time in 1_usize..4,
        ) {
            let names: Vec<String> = (0..count).map(|i| format!("n{i:02}")).collect();
            let gone: Vec<String> = gone.into_iter().filter_map(|i| names.get(i).cloned()).collect();
            let changes: Vec<Vec<String>> = gone.chunks(at_a_time).map(<[String]>::to_vec).collect();
            let touched: HashSet<String> = changes.iter().flatten().cloned().collect();
            let list: Vec<&str> = names.iter().map(String::as_str).collect();
            let (found, _) = read(&server(&list, limit, changes));
            let once: HashSet<&String> = found.iter().collect();
            prop_assert_eq!(once.len(), found.len());
            for name in names.iter().filter(|name| !touched.contains(*name)) {
                prop_assert!(once.contains(name), "{} is missing in {:?}", name, found);
            }
        }
    }
}
