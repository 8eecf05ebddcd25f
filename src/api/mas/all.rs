//! Lists of MAS, read to their end.

use super::MasPage;
use super::resource::{Resource, Slice, Want};
use crate::api::exchange::Patient;
use crate::api::{ApiError, Request};

/// How many one page has when all are read.
const MOST: u32 = 500;

/// All that a list has, newest first. `ask` asks for a part of it; `so_far` hears how many there are by now.
///
/// # Errors
///
/// What went wrong with one of the requests.
pub async fn newest_first<T>(
    network: Patient<'_>,
    ask: impl Fn(&Want) -> Request<MasPage<T>>,
    so_far: &dyn Fn(usize),
) -> Result<Vec<Resource<T>>, ApiError> {
    let mut want = Want::last(MOST);
    let mut all = Vec::new();
    loop {
        let page = network.send(ask(&want)).await?;
        let before = page.before();
        // A page has its oldest first, whichever way it was asked for.
        all.extend(page.data.into_iter().rev());
        so_far(all.len());
        match before {
            Some(cursor) => want.slice = Slice::Before(cursor),
            None => return Ok(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::exchange::{Clock, Network, Random};
    use crate::api::mas::clients;
    use crate::api::{Answer, Call};
    use futures_util::FutureExt;
    use futures_util::future::{LocalBoxFuture, ready};
    use std::cell::{Cell, RefCell};

    struct Fake(RefCell<Vec<String>>);

    impl Network for Fake {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            let asked = call.target();
            let of = |id: &str| {
                format!(r#"{{"id":"{id}","attributes":{{"client_id":"{id}","is_static":false}}}}"#)
            };
            let body = match asked.contains("before%5D=3") {
                false => format!(
                    r#"{{"data":[{},{}],"links":{{"prev":"/x"}}}}"#,
                    of("3"),
                    of("4")
                ),
                true => format!(r#"{{"data":[{},{}],"links":{{}}}}"#, of("1"), of("2")),
            };
            self.0.borrow_mut().push(asked);
            ready(Ok(Answer::new(200, "application/json", body))).boxed_local()
        }
    }

    impl Clock for Fake {
        fn now_ms(&self) -> u64 {
            0
        }

        fn wall_ms(&self) -> i64 {
            0
        }

        fn sleep(&self, _: u64) -> LocalBoxFuture<'static, ()> {
            ready(()).boxed_local()
        }
    }

    impl Random for Fake {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn the_newest_come_first_across_pages() {
        let fake = Fake(RefCell::default());
        let network = Patient {
            network: &fake,
            clock: &fake,
            random: &fake,
        };
        let heard = Cell::new(0);
        let ask = |want: &Want| clients::list("", &clients::ClientFilter::default(), want);
        let so_far = |count| heard.set(count);
        let found = newest_first(network, ask, &so_far).now_or_never();
        let found = found.unwrap().unwrap();
        let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["4", "3", "2", "1"]);
        assert_eq!((heard.get(), fake.0.borrow().len()), (4, 2));
    }
}
