//! Media: whose files there are, deleting, quarantining, protecting, fetching.

use super::request::Body;
use super::request::path;
use super::server::{Capabilities, SpecVersions};
use super::tolerant::{Timestamp, boolean, maybe, or_default, position};
use super::{ApiError, MxcUri, Request, RoomId, ServerName, UserId};
use serde::Deserialize;

/// How long a deletion may take before we stop waiting, in milliseconds. The server works on.
const LONG_TIMEOUT_MS: u32 = 30 * 60_000;

/// The sort keys of a user's media, in the words of Synapse.
pub mod order {
    pub const ID: &str = "media_id";
    pub const NAME: &str = "upload_name";
    pub const CREATED: &str = "created_ts";
    pub const LAST_ACCESS: &str = "last_access_ts";
    pub const SIZE: &str = "media_length";
    pub const TYPE: &str = "media_type";
    pub const QUARANTINED: &str = "quarantined_by";
    pub const PROTECTED: &str = "safe_from_quarantine";
}

/// Which files [`list_of_user`] answers with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListMedia {
    pub from: u64,
    /// Never 0: the server would answer with nothing for ever.
    pub limit: u64,
    pub order_by: Option<&'static str>,
    pub descending: bool,
}

/// `GET /_synapse/admin/v1/users/{user_id}/media`: one page of what a local user has uploaded.
pub fn list_of_user(user: &UserId, query: &ListMedia) -> Request<MediaPage> {
    Request::get(path(&["/_synapse/admin/v1/users", user.as_str(), "media"]))
        .query("from", query.from)
        .query("limit", query.limit.max(1))
        // Without a key the server's order changes as soon as `dir` is given: say both.
        .query("order_by", query.order_by.unwrap_or(order::CREATED))
        .query("dir", if query.descending { "b" } else { "f" })
}

/// One page of files.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct MediaPage {
    pub media: Vec<MediaFile>,
    /// How many there are on all pages.
    pub total: u64,
    #[serde(default, deserialize_with = "position")]
    pub next_token: Option<u64>,
}

/// A file of the local media repository.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MediaFile {
    pub media_id: String,
    /// MIME type; missing while an upload is pending.
    #[serde(default)]
    pub media_type: Option<String>,
    /// Size in bytes; missing while an upload is pending.
    #[serde(default)]
    pub media_length: Option<u64>,
    #[serde(default)]
    pub upload_name: Option<String>,
    pub created_ts: Timestamp,
    /// Missing if nobody ever fetched it.
    #[serde(default)]
    pub last_access_ts: Option<Timestamp>,
    #[serde(default)]
    pub quarantined_by: Option<UserId>,
    /// Whether it is protected from quarantine.
    #[serde(default, deserialize_with = "boolean")]
    pub safe_from_quarantine: bool,
    /// Set for images of URL previews. Since Synapse 1.97.
    #[serde(default)]
    pub url_cache: Option<String>,
    /// Whether only who is signed in can fetch it; else the endpoints without a token hand it out
    /// as well. Missing before Synapse 1.111, and of what was stored before.
    #[serde(default, deserialize_with = "maybe")]
    pub authenticated: Option<bool>,
    /// The hash of its content, in hexadecimal digits. Missing before Synapse 1.128, and of what was
    /// stored before.
    #[serde(default)]
    pub sha256: Option<String>,
}

impl MediaFile {
    /// When the file was last of use: last access, or creation if nobody ever fetched it. This
    /// is what the server compares when it deletes by date.
    pub fn last_use(&self) -> Timestamp {
        self.last_access_ts.unwrap_or(self.created_ts)
    }
}

/// `GET /_synapse/admin/v1/media/{server_name}/{media_id}`: what the server knows of one file. 404
/// if it has neither the file nor a copy of it. Since Synapse 1.140; older servers answer 405.
pub fn info(uri: &MxcUri) -> Request<Info> {
    Request::get(path(&[
        "/_synapse/admin/v1/media",
        uri.server.as_str(),
        &uri.media_id,
    ]))
}

/// The answer of [`info`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Info {
    pub media_info: Origin,
}

/// Where a file comes from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Origin {
    /// Not known of copies of other servers' files.
    #[serde(default)]
    pub user_id: Option<UserId>,
    #[serde(default)]
    pub upload_name: Option<String>,
    #[serde(default)]
    pub media_type: Option<String>,
    /// Bytes; not known of uploads that have not come.
    #[serde(default)]
    pub media_length: Option<u64>,
    #[serde(default)]
    pub created_ts: Option<Timestamp>,
    #[serde(default)]
    pub last_access_ts: Option<Timestamp>,
    #[serde(default)]
    pub quarantined_by: Option<String>,
    /// Whether it is protected from quarantine. Copies never are.
    #[serde(default, deserialize_with = "boolean")]
    pub safe_from_quarantine: bool,
    /// Set for images of URL previews.
    #[serde(default)]
    pub url_cache: Option<String>,
    /// Whether only who is signed in can fetch it.
    #[serde(default, deserialize_with = "maybe")]
    pub authenticated: Option<bool>,
    /// The hash of its content, in hexadecimal digits. Missing of what was stored before Synapse 1.128.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// `DELETE /_synapse/admin/v1/media/{server_name}/{media_id}`: deletes one local file, even a
/// protected one. 404 if it does not exist.
pub fn delete(server: &ServerName, media_id: &str) -> Request<DeletedMedia> {
    Request::delete(path(&[
        "/_synapse/admin/v1/media",
        server.as_str(),
        media_id,
    ]))
}

/// The answer of [`delete`] and [`delete_by_date_or_size`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DeletedMedia {
    pub deleted_media: Vec<String>,
    pub total: u64,
}

/// The `errcode` that we give to a success that has deleted nothing.
pub const NOT_DELETED: &str = "NOT_DELETED";

/// The `errcode` that we give to a file which has come and which the browser could not keep.
pub const NOT_KEPT: &str = "NOT_KEPT";

impl DeletedMedia {
    /// Whether the file is gone. Where the server cannot remove it from its disk, it answers with
    /// success and an empty list.
    pub fn has(&self, media_id: &str) -> Result<(), ApiError> {
        match self.deleted_media.iter().any(|id| id == media_id) {
            true => Ok(()),
            false => Err(ApiError::Matrix {
                status: 200,
                errcode: NOT_DELETED.to_owned(),
                message: String::new(),
            }),
        }
    }
}

/// What [`delete_by_date_or_size`] hits.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteFilter {
    /// Only files whose last use is before this.
    pub before: Timestamp,
    /// Only files larger than this, in bytes. 0 for all.
    pub size_gt: u64,
    /// Leaves out what is the profile image of a user, a room or a directory entry.
    pub keep_profiles: bool,
}

/// The earliest date that Synapse takes: before it, it believes that seconds were meant.
pub const EARLIEST_BEFORE: Timestamp = Timestamp(30_000_000_000);

/// `POST /_synapse/admin/v1/media/delete`, before Synapse 1.78 with the server's name in the
/// path: deletes local files by last use and size. Quarantined and protected files stay.
///
/// There is no dry run, and the answer may take longer than a proxy waits: the server works on.
pub fn delete_by_date_or_size(
    filter: &DeleteFilter,
    own_server: &ServerName,
    server: &Capabilities,
) -> Request<DeletedMedia> {
    let endpoint = if server.since(78) {
        "/_synapse/admin/v1/media/delete".to_owned()
    } else {
        path(&["/_synapse/admin/v1/media", own_server.as_str(), "delete"])
    };
    Request::post(endpoint)
        .query("before_ts", filter.before.0)
        .query("size_gt", filter.size_gt)
        .query("keep_profiles", filter.keep_profiles)
        .timeout_ms(LONG_TIMEOUT_MS)
        // What is deleted stays deleted.
        .idempotent()
}

/// `POST /_synapse/admin/v1/purge_media_cache`: deletes copies of other servers' files that
/// nobody fetched since. They come back when asked for.
pub fn purge_remote(before: Timestamp) -> Request<Purged> {
    Request::post("/_synapse/admin/v1/purge_media_cache")
        .query("before_ts", before.0)
        .timeout_ms(LONG_TIMEOUT_MS)
        .idempotent()
}

/// The answer of [`purge_remote`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Purged {
    pub deleted: u64,
}

/// `POST /_synapse/admin/v1/media/quarantine/{server_name}/{media_id}`: nobody can fetch it any
/// more. Since Synapse 1.128 this hits every file of the same content. Protected files are
/// left alone, with success.
pub fn quarantine(server: &ServerName, media_id: &str) -> Request<serde_json::Value> {
    Request::post(path(&[
        "/_synapse/admin/v1/media/quarantine",
        server.as_str(),
        media_id,
    ]))
    .idempotent()
}

/// `POST /_synapse/admin/v1/media/unquarantine/{server_name}/{media_id}`: everybody can fetch it
/// again. Since Synapse 1.128 this hits every file of the same content, protected ones as well, whoever
/// had quarantined them.
pub fn unquarantine(server: &ServerName, media_id: &str) -> Request<serde_json::Value> {
    Request::post(path(&[
        "/_synapse/admin/v1/media/unquarantine",
        server.as_str(),
        media_id,
    ]))
    .idempotent()
}

/// `POST /_synapse/admin/v1/media/protect/{media_id}`: from being quarantined. Local files only.
pub fn protect(media_id: &str) -> Request<serde_json::Value> {
    Request::post(path(&["/_synapse/admin/v1/media/protect", media_id])).idempotent()
}

/// `POST /_synapse/admin/v1/media/unprotect/{media_id}`.
pub fn unprotect(media_id: &str) -> Request<serde_json::Value> {
    Request::post(path(&["/_synapse/admin/v1/media/unprotect", media_id])).idempotent()
}

/// `GET /_matrix/client/v1/media/download/…`, before spec v1.11 the endpoint without a token:
/// the file itself.
pub fn download(uri: &MxcUri, spec: &SpecVersions) -> Request<Vec<u8>> {
    from_repository("download", uri, spec)
}

/// `GET /_matrix/client/v1/media/download/…?admin_unsafely_bypass_quarantine=true`: the file
/// itself, though it is quarantined. The server notes in its log that an administrator did, and
/// counts it as an access. Since Synapse 1.145; older ones answer as if there were no such file.
pub fn download_quarantined(uri: &MxcUri, spec: &SpecVersions) -> Request<Vec<u8>> {
    download(uri, spec).query("admin_unsafely_bypass_quarantine", true)
}

/// `GET /_matrix/client/v1/media/thumbnail/…`, before spec v1.11 the endpoint without a token: a
/// small picture of at least `pixels` on each side, cropped to a square.
pub fn thumbnail(uri: &MxcUri, pixels: u32, spec: &SpecVersions) -> Request<Vec<u8>> {
    from_repository("thumbnail", uri, spec)
        .query("width", pixels)
        .query("height", pixels)
        .query("method", "crop")
}

fn from_repository(what: &str, uri: &MxcUri, spec: &SpecVersions) -> Request<Vec<u8>> {
    let authenticated = spec.has_authenticated_media();
    let base = if authenticated {
        "/_matrix/client/v1/media"
    } else {
        "/_matrix/media/v3"
    };
    let request = Request::download(path(&[base, what, uri.server.as_str(), &uri.media_id]));
    if authenticated {
        request
    } else {
        request.anonymous()
    }
}

/// `DELETE /_synapse/admin/v1/users/{user_id}/media`: deletes the user's newest files behind the
/// first `from`, so many at most, protected and quarantined ones as well. The answer names those
/// that are gone; files that could not be removed from the disk stay, without an error.
pub fn delete_of_user(user: &UserId, from: u64, limit: u64) -> Request<DeletedMedia> {
    Request::delete(path(&["/_synapse/admin/v1/users", user.as_str(), "media"]))
        .query("from", from)
        .query("limit", limit.max(1))
        // Both: with one of them alone the other has another default.
        .query("order_by", order::CREATED)
        .query("dir", "b")
        .timeout_ms(LONG_TIMEOUT_MS)
}

/// `GET /_synapse/admin/v1/room/{room_id}/media`: the files that messages of the room have, and
/// those previews that are files of their own; not those of encrypted messages. The server reads
/// the whole room for it.
pub fn of_room(room: &RoomId) -> Request<RoomMedia> {
    Request::get(path(&["/_synapse/admin/v1/room", room.as_str(), "media"]))
        .timeout_ms(LONG_TIMEOUT_MS)
}

/// The answer of [`of_room`]: mxc URIs, newest first, some of them more than once.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RoomMedia {
    #[serde(default, deserialize_with = "or_default")]
    pub local: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub remote: Vec<String>,
}

/// `POST /_synapse/admin/v1/room/{room_id}/media/quarantine`: nobody can download what
/// [`of_room`] lists any more; protected files are left out. Since Synapse 1.128 copies of the
/// same files elsewhere as well.
pub fn quarantine_of_room(room: &RoomId) -> Request<Quarantined> {
    Request::post(path(&[
        "/_synapse/admin/v1/room",
        room.as_str(),
        "media",
        "quarantine",
    ]))
    .idempotent()
    .timeout_ms(LONG_TIMEOUT_MS)
}

/// `POST /_synapse/admin/v1/user/{user_id}/media/quarantine`: nobody can download what the user
/// has uploaded any more; protected files are left out. Since Synapse 1.128 other people's copies
/// of the same files as well.
pub fn quarantine_of_user(user: &UserId) -> Request<Quarantined> {
    Request::post(path(&[
        "/_synapse/admin/v1/user",
        user.as_str(),
        "media",
        "quarantine",
    ]))
    .idempotent()
}

/// The answer of [`quarantine_of_user`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Quarantined {
    pub num_quarantined: u64,
}

/// `POST /_matrix/media/v3/upload`: stores a file at the homeserver, as the administrator's own.
/// 413 `M_TOO_LARGE` if it is larger than the server takes.
pub fn upload(bytes: Vec<u8>, content_type: &str, file_name: &str) -> Request<Uploaded> {
    Request::post("/_matrix/media/v3/upload")
        .query("filename", file_name)
        .with_body(Body::File {
            content_type: content_type.to_owned(),
            bytes,
        })
        .timeout_ms(600_000)
}

/// The answer of [`upload`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Uploaded {
    /// An mxc URI.
    pub content_uri: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_use_is_creation_for_what_nobody_fetched() {
        let file = |json: &str| serde_json::from_str::<MediaFile>(json).unwrap();
        let never = file(
            r#"{"media_id":"a","created_ts":1700000000000,"last_access_ts":null,"safe_from_quarantine":0}"#,
        );
        assert_eq!(never.last_use(), Timestamp(1_700_000_000_000));
        let once =
            file(r#"{"media_id":"a","created_ts":1700000000000,"last_access_ts":1710000000000}"#);
        assert_eq!(once.last_use(), Timestamp(1_710_000_000_000));
    }

    #[test]
    fn deletion_asks_old_servers_in_their_way() {
        let filter = DeleteFilter {
            before: Timestamp(1_700_000_000_000),
            size_gt: 1,
            keep_profiles: true,
        };
        let own = ServerName::parse("example.org:8448").unwrap();
        let target = |version: &str| {
            let capabilities = Capabilities {
                version: crate::api::server::Version::parse(version),
                ..Default::default()
            };
            delete_by_date_or_size(&filter, &own, &capabilities)
                .call
                .target()
        };
        let query = "?before_ts=1700000000000&size_gt=1&keep_profiles=true";
        assert_eq!(
            target("1.78.0"),
            format!("/_synapse/admin/v1/media/delete{query}")
        );
        assert_eq!(
            target("1.70.0"),
            format!("/_synapse/admin/v1/media/example.org%3A8448/delete{query}")
        );
    }
}
