//! How much one account has uploaded.

use crate::api::exchange::Patient;
use crate::api::media::{self, ListMedia};
use crate::api::statistics::{self, ListMediaUsers};
use crate::api::{ApiError, UserId};
use crate::known::{Known, Why};

/// How many files are listed in order to add up their sizes. Of whoever has more, the server adds
/// them up, which costs it a look at the files of everybody.
const LISTED: u64 = 100;

/// How many accounts one answer of that may name.
const NAMED: u64 = 1_000;

/// How much an account has uploaded.
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

/// How much an account of this server has uploaded. What the server does not say is unknown, never 0.
pub async fn of_user(server: Patient<'_>, user: &UserId) -> MediaUse {
    let query = ListMedia {
        limit: LISTED,
        ..Default::default()
    };
    let Ok(page) = server.send(media::list_of_user(user, &query)).await else {
        return MediaUse::UNKNOWN;
    };
    let bytes = if page.media.len() as u64 >= page.total {
        // Those that have not come have no size.
        let sizes = page.media.iter().filter_map(|file| file.media_length);
        Known::Is(sizes.fold(0, u64::saturating_add))
    } else {
        Known::or(added_up(server, user).await.ok().flatten(), Why::Silent)
    };
    MediaUse {
        files: Known::Is(page.total),
        bytes,
    }
}

/// The bytes of an account, as the server adds them up; `None` if it is not among the thousand with the
/// most files that the server finds.
pub async fn added_up(server: Patient<'_>, user: &UserId) -> Result<Option<u64>, ApiError> {
    let query = ListMediaUsers {
        limit: NAMED,
        // The server looks for parts of localparts and display names, not for whole IDs.
        search: Some(user.localpart().to_owned()),
        // Those with many files first: each further page costs as much as the first.
        order_by: Some(statistics::order::COUNT),
        descending: true,
        ..Default::default()
    };
    let page = server
        .send(statistics::media_by_user_sorted(&query))
        .await?;
    let mut found = page.users.into_iter();
    let mine = found.find(|found| found.user_id.as_ref() == Some(user));
    Ok(mine.and_then(|mine| mine.media_length))
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

    /// A server that has these files of everybody who is asked for, and these users with files.
    struct Server {
        files: Answer,
        users: Answer,
        asked: RefCell<Vec<String>>,
    }

    impl Network for Server {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            self.asked.borrow_mut().push(call.path.clone());
            let answer = match call.path.contains("statistics") {
                true => &self.users,
                false => &self.files,
            };
            async { Ok(answer.clone()) }.boxed_local()
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

    /// What is known of `@al:example.org`, and how often the server was asked.
    fn known(files: Answer, users: Answer) -> (MediaUse, usize) {
        let server = Server {
            files,
            users,
            asked: RefCell::default(),
        };
        let patient = Patient {
            network: &server,
            clock: &SimClock::default(),
            random: &SimRandom::new(1),
        };
        let user = UserId::parse("@al:example.org").unwrap();
        let uploads = of_user(patient, &user).now_or_never().expect("no waiting");
        (uploads, server.asked.into_inner().len())
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
}
