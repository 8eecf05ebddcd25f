//! Lists of owners that a job asks about each file right before it is deleted, where the server tells of no
//! file by itself (Synapse before 1.140): each is read once for all who ask meanwhile, and again when what
//! it says is too old.

use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, MxcUri, UserId};
use crate::media::StoredFile;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// For so long what a list says is as good as asked right before, in milliseconds: Synapse writes accesses
/// down some minutes late itself. Whoever pauses a job, waits or tries again later has the list read again.
const GOOD_MS: i64 = 2 * 60 * 1000;

/// What a job asks about of an owner, as their list has it; `None` if there is no such user any more.
pub type OwnFiles = Option<Rc<HashMap<MxcUri, StoredFile>>>;

type Answer = Result<OwnFiles, ApiError>;

/// The list of an owner: on its way, or here.
#[derive(Clone)]
struct Kept {
    began: Timestamp,
    came: Rc<Cell<Option<Timestamp>>>,
    reading: Shared<LocalBoxFuture<'static, Answer>>,
}

impl Kept {
    fn is_good(&self, now: Timestamp) -> bool {
        let Some(came) = self.came.get() else {
            // With nobody waiting for it, it stands still, and was begun who knows when.
            return self.reading.strong_count().is_some_and(|count| count > 1);
        };
        // Of what takes longer to read, as long is made use of.
        let good = GOOD_MS.max(came.0 - self.began.0);
        (0..good).contains(&(now.0 - came.0))
    }
}

/// The numbers of the files in an order in which those of an owner come one after another, the owners as
/// they come first: so a job reads each list for all that are of it, and not whenever its owner's turn
/// comes again.
pub fn owner_by_owner(files: &[StoredFile]) -> Vec<usize> {
    let mut places = HashMap::new();
    let mut place = |file: &StoredFile| {
        let next = places.len();
        *places.entry(file.owner.clone()).or_insert(next)
    };
    let mut numbers: Vec<(usize, usize)> = (0..)
        .zip(files)
        .map(|(number, file)| (place(file), number))
        .collect();
    numbers.sort_unstable();
    numbers.into_iter().map(|(_, number)| number).collect()
}

/// The lists of owners that a job has read lately.
#[derive(Default)]
pub struct RecentLists(RefCell<HashMap<UserId, Kept>>);

impl RecentLists {
    /// What the list of an owner says, which `read` asks for where it is not known, or too old by this
    /// clock.
    ///
    /// # Errors
    ///
    /// What the reading ends with. Whoever asks next has it read again.
    pub async fn of(
        &self,
        owner: &UserId,
        clock: impl Fn() -> Timestamp + 'static,
        read: impl FnOnce() -> LocalBoxFuture<'static, Answer>,
    ) -> Answer {
        let began = clock();
        let known = {
            let all = self.0.borrow();
            all.get(owner).filter(|kept| kept.is_good(began)).cloned()
        };
        let kept = known.unwrap_or_else(|| {
            let came: Rc<Cell<Option<Timestamp>>> = Rc::default();
            let end = Rc::clone(&came);
            let reading = read().inspect(move |_| end.set(Some(clock())));
            let kept = Kept {
                began,
                came,
                reading: reading.boxed_local().shared(),
            };
            self.0.borrow_mut().insert(owner.clone(), kept.clone());
            kept
        });
        let answer = kept.reading.clone().await;
        if answer.is_err() {
            let mut all = self.0.borrow_mut();
            // Somebody else may be reading it again already.
            if all
                .get(owner)
                .is_some_and(|other| Rc::ptr_eq(&other.came, &kept.came))
            {
                all.remove(owner);
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Why;
    use futures_util::future::{join, ready};

    /// A clock that a test sets, and how often a list was read.
    #[derive(Clone, Default)]
    struct World {
        now: Rc<Cell<i64>>,
        read: Rc<Cell<u32>>,
    }

    impl World {
        /// Asks after so many milliseconds more; a reading takes so many. How often lists have been read
        /// by then.
        fn ask(&self, lists: &RecentLists, later: i64, takes: i64, answer: Answer) -> u32 {
            let owner = UserId::parse("@al:b.org").unwrap();
            self.ask_of(&owner, lists, later, takes, answer)
        }

        fn ask_of(
            &self,
            owner: &UserId,
            lists: &RecentLists,
            later: i64,
            takes: i64,
            answer: Answer,
        ) -> u32 {
            self.now.set(self.now.get() + later);
            let world = self.clone();
            let read = move || {
                world.read.set(world.read.get() + 1);
                world.now.set(world.now.get() + takes);
                ready(answer).boxed_local()
            };
            let now = Rc::clone(&self.now);
            let _ = lists
                .of(owner, move || Timestamp(now.get()), read)
                .now_or_never()
                .unwrap();
            self.read.get()
        }
    }

    #[test]
    fn what_is_too_old_is_read_again() {
        let (world, lists) = (World::default(), RecentLists::default());
        let ask = |later| world.ask(&lists, later, 0, Ok(None));
        assert_eq!(ask(0), 1);
        assert_eq!(ask(GOOD_MS - 1), 1, "asked a moment ago");
        // After a pause, or hours of waiting for the server.
        assert_eq!(ask(1), 2);
        assert_eq!(ask(GOOD_MS * 100), 3);
        // A clock that was set back says nothing.
        assert_eq!(ask(-GOOD_MS), 4);
    }

    #[test]
    fn a_list_that_takes_long_is_made_use_of_as_long() {
        let (world, lists) = (World::default(), RecentLists::default());
        let ask = |later| world.ask(&lists, later, 5 * GOOD_MS, Ok(None));
        assert_eq!(ask(0), 1);
        assert_eq!(ask(5 * GOOD_MS - 1), 1);
        assert_eq!(ask(1), 2);
    }

    #[test]
    fn of_files_in_any_order_each_list_is_read_once() {
        // As by size: an owner's turn comes again when their list is too old.
        let files: Vec<StoredFile> = (0..9)
            .map(|number| StoredFile {
                owner: UserId::parse(["@kim:b.org", "@al:b.org", "@eve:b.org"][number % 3]),
                ..StoredFile::unknown(
                    MxcUri::parse(&format!("mxc://b.org/{number}")).unwrap(),
                    true,
                    Why::TooOld,
                )
            })
            .collect();
        let (world, lists) = (World::default(), RecentLists::default());
        let numbers = owner_by_owner(&files);
        let read = numbers.iter().map(|number| {
            let owner = files[*number].owner.as_ref().unwrap();
            world.ask_of(owner, &lists, GOOD_MS / 3, 0, Ok(None))
        });
        assert_eq!(read.last(), Some(3));
        // The largest first, as far as that goes.
        assert_eq!(numbers, [0, 3, 6, 1, 4, 7, 2, 5, 8]);
    }

    #[test]
    fn a_list_that_failed_is_asked_for_again_at_once() {
        let (world, lists) = (World::default(), RecentLists::default());
        assert_eq!(world.ask(&lists, 0, 0, Err(ApiError::Cancelled)), 1);
        assert_eq!(world.ask(&lists, 0, 0, Ok(None)), 2);
        assert_eq!(world.ask(&lists, 0, 0, Ok(None)), 2);
    }

    #[test]
    fn who_asks_meanwhile_waits_for_the_same() {
        let (lists, read) = (RecentLists::default(), Rc::new(Cell::new(0)));
        let owner = UserId::parse("@al:b.org").unwrap();
        let clock = || Timestamp(1);
        let count = Rc::clone(&read);
        let first = lists.of(&owner, clock, move || {
            count.set(count.get() + 1);
            async {
                // Not at once.
                futures_util::pending!();
                Ok(None)
            }
            .boxed_local()
        });
        let count = Rc::clone(&read);
        let second = lists.of(&owner, clock, move || {
            count.set(count.get() + 1);
            ready(Ok(None)).boxed_local()
        });
        let mut both = Box::pin(join(first, second));
        let waker = futures_util::task::noop_waker();
        let mut context = std::task::Context::from_waker(&waker);
        assert!(both.as_mut().poll(&mut context).is_pending());
        let _ = both.as_mut().poll(&mut context);
        assert_eq!(read.get(), 1);
    }
}
