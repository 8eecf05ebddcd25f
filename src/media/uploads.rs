//! How much accounts have uploaded.

use super::Sum;
use crate::api::exchange::Patient;
use crate::api::media::{self, ListMedia};
use crate::api::statistics::{self, ListMediaUsers, MediaUser, MediaUsersPage, order};
use crate::api::{ApiError, UserId};
use crate::known::{Known, Why};
use std::collections::HashSet;

/// How many files are listed in order to add up their sizes. Of whoever has more, the server adds
/// them up, which costs it a look at the files of everybody.
const LISTED: u64 = 100;

/// How many accounts one answer of that may name. It adds up all of them for each.
const NAMED: u64 = 5_000;

/// How many such answers are asked for at most.
const ANSWERS: u64 = 20;

/// How much has been uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaUse {
    pub files: Known<u64>,
    pub bytes: Known<u64>,
}

impl MediaUse {
    /// What is known where the server has not said anything.
    pub const UNKNOWN: MediaUse = MediaUse {
        files: Known::Unknown(Why::Silent),
        bytes: Known::Unknown(Why::Silent),
    };
}

/// How much these accounts of this server have uploaded together. What the server does not say is
/// unknown, never 0. `report` hears how many accounts have been looked through, and how many there are.
pub async fn of_users(
    server: Patient<'_>,
    users: &[UserId],
    report: &dyn Fn(u64, u64),
) -> Result<MediaUse, ApiError> {
    if let [user] = users {
        return of_user(server, user, report).await;
    }
    let added_up = added_up(server, users, report).await?;
    Ok(match added_up.is_all {
        true => MediaUse {
            files: Known::Is(added_up.sum.files),
            bytes: Known::Is(added_up.sum.bytes),
        },
        false => MediaUse::UNKNOWN,
    })
}

async fn of_user(
    server: Patient<'_>,
    user: &UserId,
    report: &dyn Fn(u64, u64),
) -> Result<MediaUse, ApiError> {
    let query = ListMedia {
        limit: LISTED,
        ..Default::default()
    };
    let page = server.send(media::list_of_user(user, &query)).await?;
    let bytes = if page.media.len() as u64 >= page.total {
        // Those that have not come have no size.
        let sizes = page.media.iter().filter_map(|file| file.media_length);
        Known::Is(sizes.fold(0, u64::saturating_add))
    } else {
        let user = std::slice::from_ref(user);
        let added_up = added_up(server, user, report).await.ok();
        let found = added_up.filter(|added_up| added_up.found > 0);
        Known::or(found.map(|found| found.sum.bytes), Why::Silent)
    };
    Ok(MediaUse {
        files: Known::Is(page.total),
        bytes,
    })
}

/// What the server has added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddedUp {
    pub sum: Sum,
    /// Of so many accounts.
    pub found: usize,
    /// Whether it is of all that have anything.
    pub is_all: bool,
}

/// How much accounts have uploaded, as the server adds it up. Looks through those who have uploaded
/// something until all of these are found, or too many others. `report` hears how many have been looked
/// through, and how many there are.
pub async fn added_up(
    server: Patient<'_>,
    users: &[UserId],
    report: &dyn Fn(u64, u64),
) -> Result<AddedUp, ApiError> {
    let search = match users {
        // The server looks for parts of localparts and display names, not for whole IDs.
        [user] => Some(user.localpart()),
        _ => None,
    };
    let mut missing: HashSet<&UserId> = users.iter().collect();
    let (mut sum, mut answers) = (Sum::default(), 0);
    // In the order of their IDs: those who have as much as others would be on two pages, or on none.
    let ask = |from| {
        statistics::media_by_user_sorted(&ListMediaUsers {
            from,
            limit: NAMED,
            search: search.map(str::to_owned),
            ..Default::default()
        })
    };
    let each = |owners: Vec<MediaUser>, done, of| {
        for owner in owners {
            if owner.user_id.is_some_and(|id| missing.remove(&id)) {
                sum += Sum {
                    files: owner.media_count,
                    bytes: owner.media_length.unwrap_or(0),
                };
            }
        }
        report(done, of);
        answers += 1;
        answers < ANSWERS && !missing.is_empty()
    };
    let is_read = server.pages_while(ask, each).await?;
    Ok(AddedUp {
        sum,
        found: users.len() - missing.len(),
        is_all: is_read || missing.is_empty(),
    })
}

/// How many accounts one answer names, where those of whom the server has no sum are passed over.
const PASSED_OVER: u64 = 1_000;

/// A page of those who have uploaded something, by how many bytes. Whoever has only begun uploads has
/// no sum, and stands last whichever the way: PostgreSQL has them beyond the largest, SQLite before the
/// smallest. Where they come first, the server is asked until there are enough of the others.
pub async fn by_size(
    server: Patient<'_>,
    asked: &ListMediaUsers,
) -> Result<MediaUsersPage, ApiError> {
    let ask = |from, limit| {
        server.send(statistics::media_by_user_sorted(&ListMediaUsers {
            from,
            limit,
            order_by: Some(order::SIZE),
            ..asked.clone()
        }))
    };
    let is_summed = |user: &MediaUser| user.media_length.is_some();
    let mut page = ask(asked.from, asked.limit).await?;
    let first = match asked.from {
        0 => page.users.first().map(is_summed),
        _ => ask(0, 1).await?.users.first().map(is_summed),
    };
    if first != Some(false) {
        return Ok(page);
    }
    let wanted = (asked.from + asked.limit) as usize;
    let (mut summed, mut others, mut from) = (Vec::new(), Vec::new(), 0);
    while summed.len() < wanted {
        let found = ask(from, PASSED_OVER).await?;
        from += found.users.len() as u64;
        let is_last = found.users.is_empty() || found.next_token.is_none();
        let (more, less): (Vec<_>, Vec<_>) = found.users.into_iter().partition(is_summed);
        summed.extend(more);
        others.extend(less);
        if is_last {
            break;
        }
    }
    summed.extend(others);
    let part = summed.into_iter().skip(asked.from as usize);
    page.users = part.take(asked.limit as usize).collect();
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::exchange::Network;
    use crate::api::{Answer, Call};
    use crate::runner::simulation::{SimClock, SimRandom};
    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;
    use serde_json::{Value, json};
    use std::cell::RefCell;

    /// A server that has these files of everybody who is asked for, and these users with files, on one
    /// page after the other. After the last it begins again, if it has no end.
    struct Server {
        files: Answer,
        users: Vec<Answer>,
        is_endless: bool,
        asked: RefCell<Vec<String>>,
    }

    impl Network for Server {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            let mut asked = self.asked.borrow_mut();
            let page = asked
                .iter()
                .filter(|path| path.contains("statistics"))
                .count();
            asked.push(call.path.clone());
            let mut answer = match call.path.contains("statistics") {
                true => self.users[page % self.users.len()].clone(),
                false => self.files.clone(),
            };
            if call.path.contains("statistics")
                && let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body)
            {
                let goes_on = self.is_endless || page + 1 < self.users.len();
                value["next_token"] = json!(goes_on.then_some(page + 1));
                value["total"] = json!(1_000_000);
                answer.body = value.to_string().into_bytes();
            }
            async { Ok(answer) }.boxed_local()
        }
    }

    fn json(value: Value) -> Answer {
        Answer::new(200, "application/json", value.to_string())
    }

    fn files(sizes: &[Option<u64>], total: u64) -> Answer {
        let file =
            |size: &Option<u64>| json!({"media_id": "a", "media_length": size, "created_ts": 1});
        let media: Vec<Value> = sizes.iter().map(file).collect();
        json(json!({"media": media, "total": total}))
    }

    fn users(names: &[&str]) -> Answer {
        let user = |name: &&str| json!({"user_id": name, "media_count": 150, "media_length": 7000});
        let users: Vec<Value> = names.iter().map(user).collect();
        json(json!({"users": users, "total": users.len()}))
    }

    /// What is known of these, and how often the server was asked.
    fn known_of(server: Server, names: &[&str]) -> (MediaUse, usize) {
        let patient = Patient {
            network: &server,
            clock: &SimClock::default(),
            random: &SimRandom::new(1),
        };
        let users = names.iter().map(|name| UserId::parse(name).unwrap());
        let users: Vec<UserId> = users.collect();
        let uploads = of_users(patient, &users, &|_, _| ())
            .now_or_never()
            .expect("no waiting")
            .unwrap_or(MediaUse::UNKNOWN);
        (uploads, server.asked.into_inner().len())
    }

    fn serving(files: Answer, users: Vec<Answer>) -> Server {
        Server {
            files,
            users,
            is_endless: false,
            asked: RefCell::default(),
        }
    }

    /// What is known of `@al:example.org`, and how often the server was asked.
    fn known(files: Answer, users: Answer) -> (MediaUse, usize) {
        known_of(serving(files, vec![users]), &["@al:example.org"])
    }

    fn uploads(files: u64, bytes: Known<u64>) -> MediaUse {
        let files = Known::Is(files);
        MediaUse { files, bytes }
    }

    #[test]
    fn few_files_are_added_up_here() {
        let sizes = [Some(3), None, Some(4)];
        let (few, asked) = known(files(&sizes, 3), users(&[]));
        assert_eq!((few, asked), (uploads(3, Known::Is(7)), 1));
        let (none, asked) = known(files(&[], 0), users(&[]));
        assert_eq!((none, asked), (uploads(0, Known::Is(0)), 1));
    }

    #[test]
    fn many_files_are_added_up_by_the_server_or_are_unknown() {
        let many = || files(&[Some(3); 100], 150);
        let (found, _) = known(many(), users(&["@albert:example.org", "@al:example.org"]));
        assert_eq!(found, uploads(150, Known::Is(7000)));
        let unknown = uploads(150, Known::Unknown(Why::Silent));
        assert_eq!(known(many(), users(&["@albert:example.org"])).0, unknown);
        let failed = Answer::new(500, "application/json", r#"{"errcode":"M_UNKNOWN"}"#);
        assert_eq!(known(many(), failed.clone()).0, unknown);
        assert_eq!(known(failed, users(&[])).0, MediaUse::UNKNOWN);
    }

    #[test]
    fn whoever_is_not_among_the_first_is_found() {
        let pages = || {
            let names = ["@albert:example.org", "@ali:example.org", "@al:example.org"];
            let mut pages: Vec<Answer> = names.iter().map(|name| users(&[name])).collect();
            pages.push(users(&["@hal:example.org"]));
            pages
        };
        let many = || files(&[Some(3); 100], 150);
        let server = serving(many(), pages());
        let (found, asked) = known_of(server, &["@al:example.org"]);
        // Nobody else is looked for then.
        assert_eq!((found, asked), (uploads(150, Known::Is(7000)), 1 + 3));
        let server = serving(many(), pages());
        let (found, asked) = known_of(server, &["@al:example.org", "@albert:example.org"]);
        assert_eq!((found, asked), (uploads(300, Known::Is(14_000)), 3));
        // Who is on no page has nothing.
        let server = serving(many(), pages());
        let (found, asked) = known_of(server, &["@ali:example.org", "@joe:example.org"]);
        assert_eq!((found, asked), (uploads(150, Known::Is(7000)), 4));
    }

    #[test]
    fn a_search_without_an_end_is_given_up() {
        let endless = || Server {
            is_endless: true,
            ..serving(
                files(&[Some(3); 100], 150),
                (0..50)
                    .map(|number| users(&[&format!("@al{number}:example.org")]))
                    .collect(),
            )
        };
        let (one, asked) = known_of(endless(), &["@al:example.org"]);
        let unknown = uploads(150, Known::Unknown(Why::Silent));
        assert_eq!((one, asked), (unknown, 1 + ANSWERS as usize));
        let (two, asked) = known_of(endless(), &["@al1:example.org", "@al:example.org"]);
        assert_eq!((two, asked), (MediaUse::UNKNOWN, ANSWERS as usize));
    }

    /// A server with so many of whom it has no sum, and so many others, the largest of `u0`.
    struct Database {
        others: u64,
        summed: u64,
        is_postgresql: bool,
    }

    impl Network for Database {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            let value = |name: &str| {
                let found = call.query.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| value.clone()).unwrap()
            };
            assert_eq!(value("order_by"), order::SIZE);
            let is_descending = value("dir") == "b";
            let row = |name: String, bytes: Option<u64>| json!({"user_id": format!("@{name}:b.org"), "media_count": 1, "media_length": bytes});
            let mut rows: Vec<Value> = (0..self.summed)
                .map(|at| row(format!("u{at}"), Some(1_000_000 - at)))
                .collect();
            let others = (0..self.others).map(|at| row(format!("n{at}"), None));
            match self.is_postgresql {
                true => rows.splice(0..0, others).for_each(drop),
                false => rows.extend(others),
            }
            if !is_descending {
                rows.reverse();
            }
            let (from, limit): (usize, usize) = (
                value("from").parse().unwrap(),
                value("limit").parse().unwrap(),
            );
            let total = rows.len();
            let next = (from + limit < total).then_some(from + limit);
            let rows: Vec<Value> = rows.into_iter().skip(from).take(limit).collect();
            let answer = json(json!({"users": rows, "total": total, "next_token": next}));
            async { Ok(answer) }.boxed_local()
        }
    }

    #[test]
    fn those_without_a_sum_are_last_on_any_database() {
        for (others, summed) in [(0, 0), (0, 30), (12, 0), (12, 3), (12, 30), (1_500, 2_500)] {
            for (from, limit, descending) in [
                (0, 10, true),
                (5, 10, true),
                (20, 10, false),
                (0, 10, false),
            ] {
                let asked = ListMediaUsers {
                    from,
                    limit,
                    descending,
                    ..Default::default()
                };
                let of = |is_postgresql| {
                    let server = Database {
                        others,
                        summed,
                        is_postgresql,
                    };
                    let patient = Patient {
                        network: &server,
                        clock: &SimClock::default(),
                        random: &SimRandom::new(1),
                    };
                    let page = by_size(patient, &asked).now_or_never();
                    let page = page.expect("no waiting").unwrap();
                    let sums = page.users.iter().map(|user| user.media_length);
                    (sums.collect::<Vec<_>>(), page.total)
                };
                let (sums, total) = of(true);
                assert_eq!((&sums, total), (&of(false).0, others + summed));
                let wanted = (summed + others).saturating_sub(from).min(limit);
                assert_eq!(sums.len() as u64, wanted);
                let known = sums.iter().filter(|sum| sum.is_some()).count() as u64;
                assert_eq!(known, summed.saturating_sub(from).min(limit));
                assert!(sums.iter().take(known as usize).all(Option::is_some));
            }
        }
    }
}
