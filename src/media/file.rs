//! One file of the media repository.

use super::class::{self, Class};
use crate::api::media::{MediaFile, Origin, order};
use crate::api::tolerant::Timestamp;
use crate::api::{MxcUri, ServerName, UserId};
use crate::known::{Known, Why};
use crate::sort_keys;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::num::NonZeroU64;

/// Control characters, and those that turn the direction of writing: `photo\u{202e}gpj.exe` looks like
/// a picture.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What files of the same content have in common, which the server quarantines together: the beginning
/// of the hash, so that a million of them are kept in little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(NonZeroU64);

impl Fingerprint {
    /// Of a hash in hexadecimal digits, as the server tells it.
    pub fn of(sha256: &str) -> Option<Self> {
        let begin = u64::from_str_radix(sha256.get(..16)?, 16).ok()?;
        NonZeroU64::new(begin).map(Fingerprint)
    }
}

/// Whether a file of this server is an image of a link preview: of one the server tells the page, but not
/// before Synapse 1.97; there it is known by its ID, a day and 16 letters. What is uploaded has 24 letters.
pub(super) fn is_preview(media_id: &str, url_cache: Option<&str>) -> bool {
    let has_day = || {
        let (day, letters) = media_id.split_once('_')?;
        let shape = |(place, c): (usize, u8)| match place {
            4 | 7 => c == b'-',
            _ => c.is_ascii_digit(),
        };
        let is_day = day.len() == 10 && day.bytes().enumerate().all(shape);
        let is_random = letters.len() == 16 && letters.bytes().all(|c| c.is_ascii_alphabetic());
        (is_day && is_random).then_some(())
    };
    url_cache.is_some() || has_day().is_some()
}

sort_keys! {
    /// What lists of files can be sorted by.
    FileOrder {
        Id: order::ID,
        Name: order::NAME,
        Created: order::CREATED,
        LastAccess: order::LAST_ACCESS,
        Size: order::SIZE,
        Type: order::TYPE,
        Quarantined: order::QUARANTINED,
        Protected: order::PROTECTED,
        Owner: "owner",
    }
}

impl FileOrder {
    /// As the server has it, of whose lists each is about one user.
    pub fn for_server(self) -> Option<&'static str> {
        (self != FileOrder::Owner).then_some(self.key())
    }
}

/// A file, as lists and pages know it. What it does not have is `None`, and so is what the server does
/// not tell: [`StoredFile::told`] keeps them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredFile {
    pub uri: MxcUri,
    /// Whether it is of our own server; else this is a copy of another server's file.
    pub is_local: bool,
    /// Why only the address is known; `None` if the server has told of it.
    #[serde(default)]
    pub untold: Option<Why>,
    /// Who uploaded it. Not known of copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The name it was uploaded with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// MIME type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// When it was uploaded, or copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it was last fetched; `None` if nobody ever did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_access: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantined_by: Option<String>,
    /// Whether it is protected from quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_protected: Option<bool>,
    /// Whether it is handed out to whoever is not signed in as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_open: Option<bool>,
    /// Whether its upload has not come yet.
    pub is_pending: bool,
    /// Whether it belongs to the preview of a web page: such files are never handed out.
    pub is_preview: bool,
    /// What files of the same content have in common. Not known before Synapse 1.128, nor of what was
    /// stored before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Fingerprint>,
}

impl StoredFile {
    /// A file of which only the address is known, for this reason.
    pub fn unknown(uri: MxcUri, is_local: bool, why: Why) -> Self {
        // The ID of these says so.
        let is_previews = is_local && is_preview(&uri.media_id, None);
        StoredFile {
            uri,
            is_local,
            untold: Some(why),
            owner: None,
            name: None,
            media_type: None,
            bytes: None,
            created: None,
            last_access: None,
            quarantined_by: None,
            is_protected: None,
            is_open: None,
            is_pending: false,
            is_preview: is_previews,
            content: None,
        }
    }

    /// What has to be kept of it for a job that goes on after signing in again, where there is little room.
    pub fn for_a_job(&self) -> Self {
        StoredFile {
            media_type: None,
            is_open: None,
            ..self.clone()
        }
    }

    /// One of a user's files, as their list tells it.
    pub fn of_list(server: &ServerName, owner: &UserId, file: MediaFile) -> Self {
        let is_preview = is_preview(&file.media_id, file.url_cache.as_deref());
        StoredFile {
            uri: MxcUri {
                server: server.clone(),
                media_id: file.media_id,
            },
            is_local: true,
            untold: None,
            owner: Some(owner.clone()),
            name: file.upload_name.filter(|name| !name.is_empty()),
            is_pending: file.media_length.is_none(),
            media_type: file.media_type,
            bytes: file.media_length,
            created: Some(file.created_ts),
            last_access: file.last_access_ts,
            quarantined_by: file.quarantined_by.map(|user| user.to_string()),
            is_protected: Some(file.safe_from_quarantine),
            is_open: file.authenticated.map(|needs_token| !needs_token),
            is_preview,
            content: file.sha256.as_deref().and_then(Fingerprint::of),
        }
    }

    /// What the server tells of a single file.
    pub fn of_info(uri: MxcUri, is_local: bool, info: Origin) -> Self {
        let is_preview = is_local && is_preview(&uri.media_id, info.url_cache.as_deref());
        StoredFile {
            uri,
            is_local,
            untold: None,
            owner: info.user_id,
            name: info.upload_name.filter(|name| !name.is_empty()),
            is_pending: info.media_length.is_none(),
            media_type: info.media_type,
            bytes: info.media_length,
            created: info.created_ts,
            last_access: info.last_access_ts,
            quarantined_by: info.quarantined_by,
            is_protected: is_local.then_some(info.safe_from_quarantine),
            is_open: info.authenticated.map(|needs_token| !needs_token),
            is_preview,
            content: info.sha256.as_deref().and_then(Fingerprint::of),
        }
    }

    /// What is known of it by this value: nothing, where only the address is known.
    pub fn told<T>(&self, value: T) -> Known<T> {
        match self.untold {
            None => Known::Is(value),
            Some(why) => Known::Unknown(why),
        }
    }

    /// Who uploaded it. Of copies no server but their own knows it.
    pub fn uploader(&self) -> Known<&UserId> {
        let why = self.untold.unwrap_or(Why::NoRecord);
        Known::or(self.owner.as_ref(), why)
    }

    /// Which of two files comes first; equal ones go by their IDs, and so do all without a key.
    pub fn compare(&self, other: &StoredFile, key: Option<FileOrder>) -> Ordering {
        let by_key = match key {
            None | Some(FileOrder::Id) => Ordering::Equal,
            Some(FileOrder::Owner) => self.owner.cmp(&other.owner),
            Some(FileOrder::Name) => self
                .label()
                .to_lowercase()
                .cmp(&other.label().to_lowercase()),
            Some(FileOrder::Created) => self.created.cmp(&other.created),
            Some(FileOrder::LastAccess) => self.last_access.cmp(&other.last_access),
            Some(FileOrder::Size) => self.bytes.cmp(&other.bytes),
            Some(FileOrder::Type) => self.media_type.cmp(&other.media_type),
            Some(FileOrder::Quarantined) => self.quarantined_by.cmp(&other.quarantined_by),
            Some(FileOrder::Protected) => self.is_protected.cmp(&other.is_protected),
        };
        by_key.then_with(|| self.uri.media_id.cmp(&other.uri.media_id))
    }

    /// What a person knows it by: its name, or else its ID. What could not be seen in it, or would
    /// turn the words around it, can be seen.
    pub fn label(&self) -> String {
        let name = self.name.as_ref().unwrap_or(&self.uri.media_id);
        let seen = |c| if is_deceptive(c) { '\u{fffd}' } else { c };
        name.chars().map(seen).collect()
    }

    /// The name to save it under: nothing that cannot be seen, and no folders.
    pub fn file_name(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        let kept = |c: char| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c => c,
        };
        let name: String = name
            .chars()
            .filter(|c| !is_deceptive(*c))
            .map(kept)
            .collect();
        match name.trim_matches(|c: char| c == '.' || c.is_whitespace()) {
            "" => self.uri.media_id.clone(),
            name => name.to_owned(),
        }
    }

    /// When it was last of use: last access, or creation if nobody ever fetched it. This is what
    /// the server compares when it deletes by date.
    pub fn last_use(&self) -> Option<Timestamp> {
        self.last_access.or(self.created)
    }

    /// The bytes that deleting it frees: none for an image of a link preview, which the server
    /// keeps in another place than it deletes from.
    pub fn freed(&self) -> Option<u64> {
        self.bytes.filter(|_| !self.is_preview)
    }

    /// What kind of file this is.
    pub fn class(&self) -> Class {
        class::of(self.media_type.as_deref(), self.is_pending, self.is_preview)
    }

    /// Whether the server hands it out: not while it is quarantined or still on its way, and
    /// never what belongs to the preview of a web page.
    pub fn is_served(&self) -> bool {
        self.quarantined_by.is_none() && !self.is_pending && !self.is_preview
    }

    /// Whether Synapse makes thumbnails of it.
    pub fn has_thumbnail(&self) -> bool {
        let kind = self.media_type.as_deref().unwrap_or("");
        self.is_served()
            && matches!(
                kind.split(';').next().unwrap_or("").trim(),
                "image/jpeg" | "image/jpg" | "image/png" | "image/gif" | "image/webp"
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::stood::fits;

    #[test]
    fn a_job_of_thousands_of_files_can_be_kept() {
        let uri = MxcUri::parse("mxc://matrix.example.org/AbCdEfGhIjKlMnOpQrStUvWx").unwrap();
        let file = StoredFile {
            owner: UserId::parse("@somebody:matrix.example.org"),
            name: Some("IMG_20250101_120000.jpg".to_owned()),
            media_type: Some("image/jpeg".to_owned()),
            bytes: Some(2_345_678),
            created: Some(Timestamp(1_700_000_000_000)),
            is_protected: Some(false),
            is_open: Some(true),
            ..StoredFile::unknown(uri, true, Why::TooOld)
        };
        let json = serde_json::to_string(&file.for_a_job()).unwrap();
        let read: StoredFile = serde_json::from_str(&json).unwrap();
        let (media_type, is_open) = (file.media_type.clone(), file.is_open);
        assert_eq!(
            StoredFile {
                media_type,
                is_open,
                ..read
            },
            file
        );
        let fits = |files: usize| fits(files * json.len(), files);
        assert!(fits(5_000) && !fits(50_000));
    }

    #[test]
    fn images_of_link_previews_are_known_on_old_servers() {
        assert!(is_preview("2023-11-05_AbCdEfGhIjKlMnOp", None));
        assert!(is_preview("x", Some("https://a.org/")));
        for uploaded in [
            "AbCdEfGhIjKlMnOpQrStUvWx",
            "2023-11-05_AbCdEfGhIjKlMnO",
            "2023-11-05_AbCdEfGhIjKlMn0p",
            "2023.11.05_AbCdEfGhIjKlMnOp",
            "23-11-05_AbCdEfGhIjKlMnOp",
            "é023-11-05_AbCdEfGhIjKlMnOp",
        ] {
            assert!(!is_preview(uploaded, None), "{uploaded}");
        }
        let file =
            r#"{"media_id": "2023-11-05_AbCdEfGhIjKlMnOp", "media_length": 9, "created_ts": 1}"#;
        let own = ServerName::parse("b.org").unwrap();
        let owner = UserId::parse("@a:b.org").unwrap();
        let file = StoredFile::of_list(&own, &owner, serde_json::from_str(file).unwrap());
        assert_eq!((file.class(), file.freed()), (Class::Preview, None));
        // The address alone says so.
        for is_local in [true, false] {
            let address = StoredFile::unknown(file.uri.clone(), is_local, Why::TooOld);
            assert_eq!(address.is_preview, is_local);
        }
    }

    #[test]
    fn what_the_server_has_not_told_is_neither_no_nor_none() {
        let uri = || MxcUri::parse("mxc://b.org/id").unwrap();
        let file = StoredFile::unknown(uri(), true, Why::Silent);
        let unknown = Known::Unknown(Why::Silent);
        assert_eq!(file.told(file.is_protected == Some(true)), unknown);
        assert_eq!(file.uploader(), Known::Unknown(Why::Silent));
        let info = serde_json::from_str(r#"{"created_ts": 1, "media_length": 9}"#).unwrap();
        let file = StoredFile::of_info(uri(), false, info);
        assert_eq!(file.told(file.last_access), Known::Is(None));
        // Who has uploaded it elsewhere nobody here knows.
        assert_eq!(file.uploader(), Known::Unknown(Why::NoRecord));
    }

    #[test]
    fn names_deceive_nobody() {
        let named = |name: &str| StoredFile {
            name: Some(name.to_owned()),
            ..StoredFile::unknown(MxcUri::parse("mxc://b.org/id").unwrap(), true, Why::TooOld)
        };
        let file = named("photo\u{202e}gpj.exe");
        assert_eq!(file.label(), "photo\u{fffd}gpj.exe");
        assert_eq!(file.file_name(), "photogpj.exe");
        assert_eq!(named("../../a\n.txt").file_name(), "_.._a.txt");
        assert_eq!(named("C:\\x.txt").file_name(), "C__x.txt");
        assert_eq!(named(".. \u{200b}").file_name(), "id");
        assert_eq!(named("Brüder & Söhne.pdf").label(), "Brüder & Söhne.pdf");
    }

    #[test]
    fn files_of_the_same_content_have_the_same_fingerprint() {
        let of = Fingerprint::of;
        let [a, b] = ["0123456789abcdef", "f123456789abcdef"].map(|begin| begin.repeat(4));
        assert_eq!(of(&a), of(&a.to_uppercase()));
        assert_ne!(of(&a), of(&b));
        assert!(of(&a).is_some() && of(&b).is_some());
        for none in ["", "0123", "no hash, as long as one"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
