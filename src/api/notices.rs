//! Messages of the server to its users.

use super::request::path;
use super::{EventId, Request, UserId};
use serde::{Deserialize, Serialize};

/// `PUT /_synapse/admin/v1/send_server_notice/{txn_id}`: a message in the room in which the
/// server notifies this user, which is made if need be. 404 `M_NOT_FOUND` if the user is unknown,
/// and 400 `M_UNKNOWN` if server notices are switched off. `transaction` is new for each user
/// and message: the server sends a message once for each, whoever the user is.
pub fn send(user: &UserId, text: &str, transaction: &str) -> Request<Sent> {
    #[derive(Serialize)]
    struct Content<'a> {
        msgtype: &'a str,
        body: &'a str,
    }
    #[derive(Serialize)]
    struct Body<'a> {
        user_id: &'a UserId,
        content: Content<'a>,
    }
    let body = Body {
        user_id: user,
        content: Content {
            msgtype: "m.text",
            body: text,
        },
    };
    // The first notice makes a room.
    Request::put(
        path(&["/_synapse/admin/v1/send_server_notice", transaction]),
        &body,
    )
}

/// The answer of [`send`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sent {
    pub event_id: EventId,
}
