//! Which columns a file may have, and under which names people have them.

use super::characters::look_alike;
use super::names;
use serde::{Deserialize, Serialize};

/// What the import understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ImportColumn {
    Id,
    DisplayName,
    Password,
    IsGuest,
    Admin,
    Deactivated,
    AvatarUrl,
    UserType,
    Threepids,
    ExternalIds,
    Locked,
    Rooms,
    // What other programs have instead; not in our own files.
    /// E-mail addresses without `email:`.
    Email,
    /// Phone numbers without `msisdn:`.
    Phone,
    /// With the family name, the display name of rows that have none.
    GivenName,
    FamilyName,
    /// The opposite of `deactivated`.
    Active,
}

impl ImportColumn {
    /// How many there are.
    pub const COUNT: usize = 17;

    /// How many our own files have: the first ones of [`ImportColumn::ALL`].
    pub const OWN: usize = 12;

    /// All columns, in the order of the template.
    pub const ALL: [ImportColumn; ImportColumn::COUNT] = [
        ImportColumn::Id,
        ImportColumn::DisplayName,
        ImportColumn::Password,
        ImportColumn::IsGuest,
        ImportColumn::Admin,
        ImportColumn::Deactivated,
        ImportColumn::AvatarUrl,
        ImportColumn::UserType,
        ImportColumn::Threepids,
        ImportColumn::ExternalIds,
        ImportColumn::Locked,
        ImportColumn::Rooms,
        ImportColumn::Email,
        ImportColumn::Phone,
        ImportColumn::GivenName,
        ImportColumn::FamilyName,
        ImportColumn::Active,
    ];

    /// The name in our own files.
    pub fn name(self) -> &'static str {
        match self {
            ImportColumn::Id => "id",
            ImportColumn::DisplayName => "displayname",
            ImportColumn::Password => "password",
            ImportColumn::IsGuest => "is_guest",
            ImportColumn::Admin => "admin",
            ImportColumn::Deactivated => "deactivated",
            ImportColumn::AvatarUrl => "avatar_url",
            ImportColumn::UserType => "user_type",
            ImportColumn::Threepids => "threepids",
            ImportColumn::ExternalIds => "external_ids",
            ImportColumn::Locked => "locked",
            ImportColumn::Rooms => "rooms",
            ImportColumn::Email => "email",
            ImportColumn::Phone => "phone",
            ImportColumn::GivenName => "given_name",
            ImportColumn::FamilyName => "family_name",
            ImportColumn::Active => "active",
        }
    }
}

/// What separates the names of the columns in the text that [`mark`] is made of.
pub const BETWEEN: char = '\u{1f}';

/// What a header is found again by without being written down: how many columns it has, and FNV-1a folded
/// to 16 bits. Of the headers with so many columns one in 65,536 has the same, and so has one in 65,536 of
/// all guesses: a mark rules out many, and tells of none that it is the one.
pub fn mark(header: &str) -> String {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = header.bytes().fold(0x811c_9dc5, mix);
    let columns = header.split(BETWEEN).count();
    format!("{columns}-{:04x}", (hash >> 16) ^ (hash & 0xffff))
}

/// Under this name, with a remark in brackets, a column is left out without a question: see [`meaning`].
pub(super) const LEFT_OUT: &str = "not imported";

/// What a header says about its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeaderRole {
    Column(ImportColumn),
    /// Known from our own exports and reports, or a second form of the ID; not imported.
    Ignored,
    /// Not known; not imported.
    Unknown,
}

/// What a header means by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Role(HeaderRole),
    /// `name`: the ID in exports, the display name in files made by hand. The values tell.
    Name,
}

/// Reads a header: case, spaces, signs and marks on letters do not matter.
pub(super) fn meaning(header: &str) -> Meaning {
    let plain = names::folded(header);
    if plain == "name" {
        return Meaning::Name;
    }
    // Of our own exports and reports.
    const OURS: [&str; 19] = [
        "notimported",
        "error",
        "line",
        "outcome",
        "detail",
        "avatarsrc",
        "creationts",
        "creationtsms",
        "lastseents",
        "created",
        "lastseen",
        "erased",
        "shadowbanned",
        "suspended",
        "approved",
        "consentversion",
        "consentts",
        "consentservernoticesent",
        "appserviceid",
    ];
    if OURS.contains(&plain.as_str()) {
        return Meaning::Role(HeaderRole::Ignored);
    }
    let column = names::known(&plain).or_else(|| {
        // Letters that only look like those of the name.
        let latin = |c: char| look_alike(c).map_or(c, |(latin, _)| latin);
        let is_mixed = !header.is_ascii() && header.chars().any(|c| latin(c) != c);
        let plain = is_mixed.then(|| names::folded(&header.chars().map(latin).collect::<String>()));
        plain.and_then(|plain| names::known(&plain))
    });
    Meaning::Role(column.map_or(HeaderRole::Unknown, HeaderRole::Column))
}

/// Names of columns that are nobody's name: an `admin` and a `guest` may well be users.
pub(super) fn is_nobodys_name(text: &str) -> bool {
    use ImportColumn::*;
    match meaning(text) {
        Meaning::Role(HeaderRole::Column(IsGuest)) => {
            let plain = names::folded(text);
            plain.starts_with("is") || plain.starts_with("est")
        }
        Meaning::Role(HeaderRole::Column(column)) => matches!(
            column,
            DisplayName
                | Password
                | Deactivated
                | AvatarUrl
                | UserType
                | Threepids
                | ExternalIds
                | GivenName
                | FamilyName
        ),
        _ => false,
    }
}

/// Whether texts that can all be names of columns are no user: nobody is called like one of them, or each
/// is another column. The ID and the display name of a user say the same: `admin,Administrator`.
pub(super) fn are_columns(names: &[&str]) -> bool {
    let columns: Vec<HeaderRole> = names
        .iter()
        .filter_map(|name| match meaning(name) {
            Meaning::Role(role @ HeaderRole::Column(_)) => Some(role),
            _ => None,
        })
        .collect();
    let is_again = |(at, role): (usize, &HeaderRole)| columns[..at].contains(role);
    names.iter().any(|name| is_nobodys_name(name)) || !columns.iter().enumerate().any(is_again)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names_are_understood() {
        for column in ImportColumn::ALL {
            assert_eq!(
                meaning(column.name()),
                Meaning::Role(HeaderRole::Column(column)),
                "{column:?}"
            );
        }
    }

    #[test]
    fn a_mark_is_the_same_in_every_version() {
        assert_eq!(mark(""), "1-1cd9");
        assert_eq!(mark("foobar"), "1-46f4");
        let [english, german] = ["id\u{1f}password", "id\u{1f}passwort"].map(mark);
        assert_ne!(english, german);
        assert!(english.starts_with("2-") && german.starts_with("2-"));
    }

    #[test]
    fn a_mark_is_that_of_many_passwords() {
        let found = mark("letmein");
        let guesses = (0..1_000_000).map(|guess| guess.to_string());
        let same = guesses.filter(|guess| mark(guess) == found).count();
        assert!((5..40).contains(&same), "{same}");
    }

    #[test]
    fn case_spaces_and_older_names() {
        for (header, column) in [
            (" ID ", ImportColumn::Id),
            ("User ID", ImportColumn::Id),
            ("Display Name", ImportColumn::DisplayName),
            ("display_name", ImportColumn::DisplayName),
            ("Is_Admin", ImportColumn::Admin),
            ("PASSWORD", ImportColumn::Password),
            ("раssword", ImportColumn::Password),
            ("ｐａｓｓｗｏｒｄ", ImportColumn::Password),
        ] {
            assert_eq!(
                meaning(header),
                Meaning::Role(HeaderRole::Column(column)),
                "{header}"
            );
        }
        assert_eq!(meaning("Name"), Meaning::Name);
        assert_eq!(meaning("shoe size"), Meaning::Role(HeaderRole::Unknown));
        for header in ["error", &format!("{LEFT_OUT} (admin)")] {
            assert_eq!(meaning(header), Meaning::Role(HeaderRole::Ignored));
        }
    }
}
