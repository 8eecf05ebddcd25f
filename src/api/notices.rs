//! Messages of the server to its users.

use super::request::path;
use super::{EventId, Request, UserId};
use serde::{Deserialize, Serialize};

/// `PUT /_synapse/admin/v1/send_server_notice/{txn_id}`, or `POST` without the last part: a message
/// in the room in which the server notifies this user, which is made if need be. 404
/// `M_NOT_FOUND` if the user is unknown, and 400 `M_UNKNOWN` if server notices are switched off.
///
/// `transaction` is new for each user and message: for half an hour the server sends a message
/// once for each. But it forgets them when it restarts, and old servers when the access token is
/// renewed; so this is not idempotent. A token without a device, as Matrix Authentication Service
/// gives to administrators, can have no transaction: with one the server answers 500.
pub fn send(user: &UserId, text: &str, transaction: Option<&str>) -> Request<Sent> {
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
    const ENDPOINT: &str = "/_synapse/admin/v1/send_server_notice";
    let Some(transaction) = transaction else {
        return Request::post(ENDPOINT).json(&body);
    };
    let mut request = Request::put(path(&[ENDPOINT, transaction]), &body);
    request.call.idempotent = false;
    request
}

/// The answer of [`send`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sent {
    pub event_id: EventId,
}
