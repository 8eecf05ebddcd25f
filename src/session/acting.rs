//! Access to accounts that was got with "Log in as" in this tab. It belongs to no device, so that
//! ending all devices leaves it: it is remembered, here and nowhere else, to be revoked.

use crate::api::UserId;
use crate::session::Session;
use std::cell::RefCell;

struct Access {
    /// The administrator who got it, and where: another homeserver must not see it.
    admin: Option<String>,
    user: UserId,
    token: String,
}

thread_local! {
    static ACCESS: RefCell<Vec<Access>> = const { RefCell::new(Vec::new()) };
}

/// Remembers a token to act as this user, which `admin` has got, as [`Session::whose`] has it.
pub fn keep(admin: Option<String>, user: &UserId, token: &str) {
    ACCESS.with_borrow_mut(|all| {
        all.push(Access {
            admin,
            user: user.clone(),
            token: token.to_owned(),
        });
    });
}

/// The tokens to act as this user that this administrator has got in this tab, at the
/// homeserver that it shows.
pub fn of(user: &UserId) -> Vec<String> {
    let admin = Session::get().whose();
    ACCESS.with_borrow(|all| {
        let own = all
            .iter()
            .filter(|access| access.admin == admin && access.user == *user);
        own.map(|access| access.token.clone()).collect()
    })
}

/// Forgets a token of “Log in as” that has been revoked.
pub fn forget(token: &str) {
    ACCESS.with_borrow_mut(|all| all.retain(|access| access.token != token));
}
