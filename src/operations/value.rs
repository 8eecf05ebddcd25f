//! Changing one value of one thing, which is undone by putting back what stood there right before.

use super::acts::{Check, asked};
use super::targets::sending;
use super::{Job, OnTarget, Recorded, TargetJob};
use crate::actions::Verdict;
use crate::api::{ApiError, Call};
use crate::runner::{Reason, wishes};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;

/// Asks the server for the value as it stands now; `None` if the thing is not there any more.
pub type ReadValue<T> =
    Rc<dyn for<'a> Fn(&'a Recorded) -> LocalBoxFuture<'a, Result<Option<T>, ApiError>>>;

/// A value that can be changed, and how.
#[derive(Clone)]
pub struct Changeable<T> {
    /// What it is of, as report and log call it.
    pub name: String,
    /// What changing it to this is called.
    pub title: Rc<dyn Fn(&T) -> String>,
    pub read: ReadValue<T>,
    /// Of what the same request also changes other parts of: which parts this is. Of one part the last change
    /// holds, of different ones each.
    pub parts: Vec<String>,
    /// What is sent to make it this.
    pub write: Rc<dyn Fn(&T) -> Call>,
    /// Whether the server would make it this now: there is no "Undo" to what it would not.
    pub is_taken: fn(&T) -> bool,
    /// Called when a change of it has ended.
    pub on_end: Rc<dyn Fn(&Job)>,
}

impl<T: Clone + PartialEq + 'static> Changeable<T> {
    /// Makes it `wanted`. The value is read right before, and that is what "Undo" puts back, unless it is
    /// not the wanted one any more by then.
    pub fn change(self, wanted: T) {
        self.start(wanted, None);
    }

    /// Makes it `wanted` if it is still what is shown; what somebody else has made of it since stays.
    pub fn change_from(self, shown: T, wanted: T) {
        self.start(wanted, Some(shown));
    }

    /// `expected` is what it is changed from, or what a change that is taken back has made it.
    fn start(self, wanted: T, expected: Option<T>) {
        let before: Rc<RefCell<Option<T>>> = Rc::default();
        let check: Check = Rc::new({
            let (read, wanted, before) =
                (Rc::clone(&self.read), wanted.clone(), Rc::clone(&before));
            move |_, network| {
                let (reading, before) = (read(network), Rc::clone(&before));
                let (wanted, expected) = (wanted.clone(), expected.clone());
                async move {
                    let Some(now) = reading.await? else {
                        return Ok(Verdict::Leave(Reason::Gone));
                    };
                    if now == wanted {
                        return Ok(Verdict::Leave(Reason::Unchanged));
                    }
                    if expected.is_some_and(|expected| expected != now) {
                        return Ok(Verdict::Leave(Reason::ChangedSince));
                    }
                    before.replace(Some(now));
                    Ok(Verdict::Go { undoable: true })
                }
                .boxed_local()
            }
        });
        let call = (self.write)(&wanted);
        let fields = wishes::fields(&call.path, &self.parts);
        let deed: OnTarget = sending(vec![call], false, Rc::new(|_, _| Ok(())));
        let (title, on_end) = ((self.title)(&wanted), Rc::clone(&self.on_end));
        let (back, is_taken) = (Rc::clone(&before), self.is_taken);
        TargetJob::doing(title, vec![self.name.clone()], asked(1, check, deed))
            .of_fields(fields)
            .undoable(move |_| back.borrow().as_ref().is_some_and(is_taken))
            .undo(move |_| {
                if let Some(before) = before.borrow().clone() {
                    self.clone().start(before, Some(wanted.clone()));
                }
            })
            .on_end(move |job| on_end(job))
            .start();
    }
}
