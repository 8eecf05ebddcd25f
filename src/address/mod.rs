//! Where a page is, and what a typed or pasted text names.
//!
//! | file | what |
//! |---|---|
//! | [`brought`] | what somebody brings back in the address who was away to sign in |
//! | [`route`] | the addresses of our pages |
//! | [`legacy`] | the addresses of other panels, in ours |
//! | [`identifier`] | what a pasted text is: a user, a room, a file, words |
//! | [`remembered`] | the homeservers that were signed in to, as the browser remembers them |
//! | [`typed`] | what stands in the log-in form for a user or a homeserver |

pub mod brought;
pub mod identifier;
pub mod legacy;
pub mod remembered;
pub mod route;
pub mod typed;
