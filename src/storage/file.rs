//! One file of the media repository.

use super::class::{self, Class};
use crate::api::media::{MediaFile, Origin, order};
use crate::api::tolerant::Timestamp;
use crate::api::{MxcUri, ServerName, UserId};
use std::cmp::Ordering;

/// A file, as lists and pages know it. What the server does not tell is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFile {
    pub uri: MxcUri,
    /// Whether it is of our own server; else this is a copy of another server's file.
    pub is_local: bool,
    /// Who uploaded it. Not known of copies.
    pub owner: Option<UserId>,
    /// The name it was uploaded with.
    pub name: Option<String>,
    /// MIME type.
    pub media_type: Option<String>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// When it was uploaded, or copied.
    pub created: Option<Timestamp>,
    /// When it was last fetched; `None` if nobody ever did.
    pub last_access: Option<Timestamp>,
    pub quarantined_by: Option<String>,
    /// Whether it is protected from quarantine.
    pub is_protected: Option<bool>,
    /// Whether its upload has not come yet.
    pub is_pending: bool,
    /// Whether it belongs to the preview of a web page: such files are never handed out.
    pub is_preview: bool,
}

impl StoredFile {
    /// A file of which only the address is known.
    pub fn unknown(uri: MxcUri, is_local: bool) -> Self {
        StoredFile {
            uri,
            is_local,
            owner: None,
            name: None,
            media_type: None,
            bytes: None,
            created: None,
            last_access: None,
            quarantined_by: None,
            is_protected: None,
            is_pending: false,
            is_preview: false,
        }
    }

    /// One of a user's files, as their list tells it.
    pub fn of_list(server: &ServerName, owner: &UserId, file: MediaFile) -> Self {
        StoredFile {
            uri: MxcUri {
                server: server.clone(),
                media_id: file.media_id,
            },
            is_local: true,
            owner: Some(owner.clone()),
            name: file.upload_name.filter(|name| !name.is_empty()),
            is_pending: file.media_length.is_none(),
            media_type: file.media_type,
            bytes: file.media_length,
            created: Some(file.created_ts),
            last_access: file.last_access_ts,
            quarantined_by: file.quarantined_by.map(|user| user.to_string()),
            is_protected: Some(file.safe_from_quarantine),
            is_preview: file.url_cache.is_some(),
        }
    }

    /// What the server tells of a single file.
    pub fn of_info(uri: MxcUri, is_local: bool, info: Origin) -> Self {
        StoredFile {
            uri,
            is_local,
            owner: info.user_id,
            name: info.upload_name.filter(|name| !name.is_empty()),
            is_pending: info.media_length.is_none(),
            media_type: info.media_type,
            bytes: info.media_length,
            created: info.created_ts,
            last_access: info.last_access_ts,
            quarantined_by: info.quarantined_by,
            is_protected: is_local.then_some(info.safe_from_quarantine),
            is_preview: info.url_cache.is_some(),
        }
    }

    /// Which of two files comes first by one of [`order`]; equal ones go by their IDs.
    pub fn compare(&self, other: &StoredFile, key: &str) -> Ordering {
        let by_key = match key {
            order::NAME => self
                .label()
                .to_lowercase()
                .cmp(&other.label().to_lowercase()),
            order::CREATED => self.created.cmp(&other.created),
            order::LAST_ACCESS => self.last_access.cmp(&other.last_access),
            order::SIZE => self.bytes.cmp(&other.bytes),
            order::TYPE => self.media_type.cmp(&other.media_type),
            order::QUARANTINED => self.quarantined_by.cmp(&other.quarantined_by),
            order::PROTECTED => self.is_protected.cmp(&other.is_protected),
            _ => Ordering::Equal,
        };
        by_key.then_with(|| self.uri.media_id.cmp(&other.uri.media_id))
    }

    /// What a person knows it by: its name, or else its ID.
    pub fn label(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| self.uri.media_id.clone())
    }

    /// When it was last of use: last access, or creation if nobody ever fetched it. This is what
    /// the server compares when it deletes by date.
    pub fn last_use(&self) -> Option<Timestamp> {
        self.last_access.or(self.created)
    }

    /// What it is.
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

    /// Whether it may be somebody's profile image: an image, or of unknown type.
    pub fn may_be_profile_image(&self) -> bool {
        self.media_type
            .as_ref()
            .is_none_or(|kind| kind.starts_with("image/"))
    }
}
