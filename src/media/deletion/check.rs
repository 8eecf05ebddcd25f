//! Looking in the lists of their owners whether files are gone, at the end of a deletion.

use super::survey::{AT_ONCE, FileList, files_of, readable};
use crate::api::exchange::Patient;
use crate::api::{ApiError, UserId};
use crate::runner::Step;
use crate::runner::hopeless::Failures;
use futures_util::{StreamExt, stream};
use std::collections::HashSet;

/// What came of looking into the list of one owner.
#[derive(Clone, Debug, PartialEq)]
pub enum FoundInList {
    /// These of the IDs are still there.
    There(HashSet<String>),
    /// There is no list any more, though there may be files.
    NoList,
    /// It did not answer for this reason.
    Silent(ApiError),
}

/// Looks which of these files, by their IDs, are still in the lists of these owners: several lists at a time.
/// `goes_on` is asked before each list, `each` hears what came of it. A list that does not answer holds up no
/// other.
///
/// # Errors
///
/// What `goes_on` answers with where it does not, or how the try ends: for a reason that is about more than
/// one list.
pub async fn look_for<G>(
    server: Patient<'_>,
    of: Vec<(UserId, HashSet<String>)>,
    goes_on: impl Fn() -> G,
    mut each: impl FnMut(UserId, HashSet<String>, FoundInList),
) -> Result<(), Step>
where
    G: Future<Output = Result<(), Step>>,
{
    let mut lists = stream::iter(of)
        .map(|(owner, ids)| {
            let may = goes_on();
            async move {
                may.await?;
                let list = readable(files_of(server, &owner, &|_, _| ()).await);
                let looked = match list.map_err(Step::from_error)? {
                    FileList::Files(files) => {
                        let there = files.into_iter().map(|file| file.media_id);
                        FoundInList::There(there.filter(|id| ids.contains(id)).collect())
                    }
                    FileList::None => FoundInList::NoList,
                    FileList::Silent(error) => FoundInList::Silent(error),
                };
                Ok::<_, Step>((owner, ids, looked))
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut failures = Failures::default();
    let mut held = None;
    while let Some(looked) = lists.next().await {
        match looked {
            Ok((owner, ids, looked)) => {
                let hopeless = match &looked {
                    FoundInList::Silent(error) => {
                        failures.are_hopeless(error).then(|| error.clone())
                    }
                    _ => {
                        failures.end();
                        None
                    }
                };
                each(owner, ids, looked);
                if let Some(error) = hopeless {
                    return Err(Step::from_error(error));
                }
            }
            // What has been asked by now is heard of, so that nothing is asked twice.
            Err(Step::Held) => held = Some(Step::Held),
            Err(step) => return Err(step),
        }
    }
    held.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::answering::asked;
    use futures_util::FutureExt;
    use futures_util::future::ready;
    use serde_json::json;
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    /// What came of looking for `a` and `b` of five owners, in so many lists at most before it is told to
    /// pause.
    fn looked(most: usize) -> (Vec<(String, FoundInList)>, bool) {
        let told: Rc<RefCell<Vec<_>>> = Rc::default();
        let heard = Rc::clone(&told);
        let says = |call: &crate::api::Call| match call.path.as_str() {
            path if path.contains("kim") => Err(500),
            path if path.contains("old") => Err(404),
            _ => Ok(json!({
                "media": [{"media_id": "b", "media_length": 1, "created_ts": 1}],
                "total": 1,
            })),
        };
        let ended = asked(&says, |server| {
            async move {
                let of = ["al", "kim", "old", "jo", "ann"].map(|name| {
                    let ids = ["a", "b"].map(str::to_owned);
                    let owner = UserId::parse(&format!("@{name}:b.org")).unwrap();
                    (owner, HashSet::from(ids))
                });
                let left = Cell::new(most);
                let goes_on = || {
                    let may = left.get() > 0;
                    left.set(left.get().saturating_sub(1));
                    ready(may.then_some(()).ok_or(Step::Held))
                };
                let each = |owner: UserId, _, looked| {
                    heard
                        .borrow_mut()
                        .push((owner.localpart().to_owned(), looked));
                };
                look_for(server, of.into(), goes_on, each).await
            }
            .boxed_local()
        });
        let mut told = told.take();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        (told, ended.is_ok())
    }

    #[test]
    fn one_list_that_fails_holds_up_no_other() {
        let (told, is_whole) = looked(9);
        assert!(is_whole);
        let names: Vec<&str> = told.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["al", "ann", "jo", "kim", "old"]);
        let there = FoundInList::There(HashSet::from(["b".to_owned()]));
        assert_eq!(told[0].1, there);
        assert!(matches!(told[3].1, FoundInList::Silent(_)));
        assert_eq!(told[4].1, FoundInList::NoList);
    }

    #[test]
    fn it_can_be_paused_between_lists_and_what_was_asked_is_heard() {
        let (told, is_whole) = looked(2);
        assert!(!is_whole);
        assert_eq!(told.len(), 2);
    }
}
