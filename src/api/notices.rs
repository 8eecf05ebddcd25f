//! Messages of the server to its users.

use super::request::path;
use super::{ApiError, EventId, Request, UserId};
use serde::{Deserialize, Serialize};

const ENDPOINT: &str = "/_synapse/admin/v1/send_server_notice";

/// `PUT /_synapse/admin/v1/send_server_notice/{txn_id}`, or `POST` without the last part: a message
/// in the room in which the server notifies this user, which is made if need be. 404
/// `M_NOT_FOUND` if the user is unknown, and 400 `M_UNKNOWN` if server notices are switched off.
///
/// `html` is the same text for those whose app shows markup.
///
/// `transaction` is new for each user and message: for half an hour the server sends a message
/// once for each. But it forgets them when it restarts, and old servers when the access token is
/// renewed; so this is not idempotent. A token without a device, as Matrix Authentication Service
/// gives to administrators, can have no transaction: with one the server answers 500.
pub fn send(
    user: &UserId,
    text: &str,
    html: Option<&str>,
    transaction: Option<&str>,
) -> Request<Sent> {
    #[derive(Serialize)]
    struct Content<'a> {
        msgtype: &'a str,
        body: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        format: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        formatted_body: Option<&'a str>,
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
            format: html.map(|_| "org.matrix.custom.html"),
            formatted_body: html,
        },
    };
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

/// `POST /_synapse/admin/v1/send_server_notice` to somebody of another server, to whom none can be
/// sent: it always fails with 400 and changes nothing, and [`is_set_up`] reads the reason.
pub fn probe() -> Request<serde_json::Value> {
    let body = serde_json::json!({"user_id": "@nobody:notices.invalid", "content": {}});
    Request::post(ENDPOINT).json(&body).idempotent()
}

/// Whether this server can send notices, by why [`probe`] has failed: without `server_notices` in
/// its configuration it says so before it looks at the user. `None` if the answer does not tell.
pub fn is_set_up(why: &ApiError) -> Option<bool> {
    match why {
        ApiError::Matrix {
            status: 400,
            message,
            ..
        } => Some(!message.contains("not enabled")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_notice_to_a_stranger_fails_tells_whether_notices_are_set_up() {
        let failed = |status, message: &str| ApiError::Matrix {
            status,
            errcode: "M_UNKNOWN".into(),
            message: message.into(),
        };
        let off = failed(400, "Server notices are not enabled on this server");
        let on = failed(400, "Server notices can only be sent to local users");
        assert_eq!(is_set_up(&off), Some(false));
        assert_eq!(is_set_up(&on), Some(true));
        assert_eq!(is_set_up(&failed(500, "Internal server error")), None);
        assert_eq!(is_set_up(&ApiError::Cancelled), None);
    }
}
