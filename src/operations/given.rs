//! Passwords that a change has given to an account. Nobody can read them later: each is shown above every
//! page, wherever the person is by then, until they close it.

use crate::api::UserId;
use crate::browser::only_one;
use crate::session::{Account, Session};
use leptos::prelude::*;
use std::cell::Cell;

/// A password that an account is given.
#[derive(Clone, PartialEq)]
pub struct GivenPassword {
    pub user: UserId,
    pub password: String,
    /// Whether it is known that it was set; the answer may have been lost.
    pub is_sure: bool,
    /// In whose session it was given.
    whose: Option<String>,
}

impl GivenPassword {
    /// One that is about to be given.
    pub fn new(user: UserId, password: String) -> Self {
        GivenPassword {
            user,
            password,
            is_sure: false,
            whose: Session::get().whose(),
        }
    }
}

/// The passwords that are still to be shown. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct GivenPasswords {
    waiting: RwSignal<Vec<GivenPassword>>,
}

thread_local! {
    static GIVEN: Cell<Option<GivenPasswords>> = const { Cell::new(None) };
}

impl GivenPasswords {
    /// Those of this tab.
    pub fn get() -> Self {
        only_one::get(&GIVEN, || GivenPasswords {
            waiting: RwSignal::new(Vec::new()),
        })
    }

    /// Shows one that was set, or may have been.
    pub fn show(self, given: &GivenPassword, is_sure: bool) {
        let given = GivenPassword {
            is_sure,
            ..given.clone()
        };
        self.waiting.update(|waiting| {
            // What was not known is known now.
            waiting
                .retain(|other| (&other.user, &other.password) != (&given.user, &given.password));
            waiting.push(given);
        });
    }

    /// The one that is shown, if there is one for whoever is signed in. Reactive.
    pub fn first(self) -> Option<GivenPassword> {
        let whose = Session::get().account().as_ref().map(Account::whose);
        self.waiting
            .with(|waiting| waiting.iter().find(|given| given.whose == whose).cloned())
    }

    /// The person has seen the one that is shown.
    pub fn close(self) {
        if let Some(seen) = untrack(|| self.first()) {
            self.waiting
                .update(|waiting| waiting.retain(|given| *given != seen));
        }
    }
}
