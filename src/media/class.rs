//! What a file is, and the bounds of the charts.

use super::question::DAY_MS;

/// What a file is, as far as its type tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    Image,
    Video,
    Audio,
    /// Text, PDF, office documents.
    Document,
    /// Of no type: in encrypted rooms every file is stored like this.
    Encrypted,
    /// Images of link previews.
    Preview,
    Other,
    /// The upload has begun, but nothing has come.
    Pending,
}

impl Class {
    /// All of them, in the order of the enum.
    pub const ALL: [Class; 8] = [
        Class::Image,
        Class::Video,
        Class::Audio,
        Class::Document,
        Class::Encrypted,
        Class::Preview,
        Class::Other,
        Class::Pending,
    ];

    /// Its name in an address.
    pub fn key(self) -> &'static str {
        match self {
            Class::Image => "image",
            Class::Video => "video",
            Class::Audio => "audio",
            Class::Document => "document",
            Class::Encrypted => "encrypted",
            Class::Preview => "preview",
            Class::Other => "other",
            Class::Pending => "pending",
        }
    }

    /// The class of that name.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.key() == key)
    }
}

/// The class of a file with this MIME type.
pub fn of(media_type: Option<&str>, is_pending: bool, is_preview: bool) -> Class {
    if is_pending {
        return Class::Pending;
    }
    if is_preview {
        return Class::Preview;
    }
    let lower = media_type.unwrap_or("").to_ascii_lowercase();
    let bare = lower.split(';').next().unwrap_or("").trim();
    let (kind, detail) = bare.split_once('/').unwrap_or((bare, ""));
    match kind {
        "image" => Class::Image,
        "video" => Class::Video,
        "audio" => Class::Audio,
        "text" => Class::Document,
        "application" if is_document(detail) => Class::Document,
        "application" if detail == "octet-stream" => Class::Encrypted,
        "" => Class::Encrypted,
        _ => Class::Other,
    }
}

fn is_document(detail: &str) -> bool {
    matches!(detail, "pdf" | "json" | "rtf" | "msword" | "xml")
        || ["vnd.oasis.", "vnd.openxmlformats-", "vnd.ms-"]
            .iter()
            .any(|start| detail.starts_with(start))
}

/// The lower bounds of the classes of age since the last use, in days.
pub const AGES: [i64; 7] = [0, 7, 30, 90, 180, 365, 730];

/// After how many days without use a file could go: what the chart of what deleting would free
/// shows.
pub const UNUSED: [i64; 4] = [30, 90, 180, 365];

/// The lower bounds of the classes of size, in bytes.
pub const SIZES: [u64; 5] = [
    0,
    100 * 1024,
    1024 * 1024,
    10 * 1024 * 1024,
    100 * 1024 * 1024,
];

/// The classes of age as they stand in an address.
pub const AGE_KEYS: [&str; AGES.len()] = ["0", "7", "30", "90", "180", "365", "730"];
/// The classes of what has not been used as they stand in an address.
pub const UNUSED_KEYS: [&str; UNUSED.len()] = ["30", "90", "180", "365"];
/// The classes of size as they stand in an address.
pub const SIZE_KEYS: [&str; SIZES.len()] = ["0", "102400", "1048576", "10485760", "104857600"];

/// The class of age, by its place in [`AGES`]. What was used in the future counts as now.
pub fn age(ms: i64) -> usize {
    let days = ms.max(0) / DAY_MS;
    AGES.partition_point(|bound| *bound <= days) - 1
}

/// The class of size, by its place in [`SIZES`].
pub fn size(bytes: u64) -> usize {
    SIZES.partition_point(|bound| *bound <= bytes) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_keys_and_come_back() {
        for (place, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, place);
            assert_eq!(Class::of_key(class.key()), Some(class));
        }
        assert_eq!(Class::of_key("x"), None);
    }

    #[test]
    fn bounds_are_what_addresses_say() {
        assert_eq!(AGE_KEYS.map(|key| key.parse::<i64>().unwrap()), AGES);
        assert_eq!(UNUSED_KEYS.map(|key| key.parse::<i64>().unwrap()), UNUSED);
        assert_eq!(SIZE_KEYS.map(|key| key.parse::<u64>().unwrap()), SIZES);
    }

    #[test]
    fn types() {
        let of = |kind| of(Some(kind), false, false);
        assert_eq!(of("image/svg+xml; charset=utf-8"), Class::Image);
        assert_eq!(of("Text/Plain"), Class::Document);
        assert_eq!(of("application/pdf"), Class::Document);
        assert_eq!(
            of("application/vnd.oasis.opendocument.text"),
            Class::Document
        );
        assert_eq!(of("application/octet-stream"), Class::Encrypted);
        assert_eq!(of(""), Class::Encrypted);
        assert_eq!(of("application/zip"), Class::Other);
        assert_eq!(of("nonsense"), Class::Other);
        assert_eq!(super::of(None, true, false), Class::Pending);
        assert_eq!(super::of(Some("image/png"), false, true), Class::Preview);
    }

    #[test]
    fn bounds_belong_to_the_upper_class() {
        assert_eq!(age(-5), 0);
        assert_eq!(age(7 * DAY_MS - 1), 0);
        assert_eq!(age(7 * DAY_MS), 1);
        assert_eq!(age(i64::MAX), AGES.len() - 1);
        assert_eq!(size(0), 0);
        assert_eq!(size(100 * 1024 - 1), 0);
        assert_eq!(size(100 * 1024), 1);
        assert_eq!(size(u64::MAX), SIZES.len() - 1);
    }
}
