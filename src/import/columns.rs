//! Which columns a file may have, and under which names people have them.

use super::characters::look_alike;
use super::names;
use serde::{Deserialize, Serialize};

/// What the import understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Column {
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

impl Column {
    /// How many there are.
    pub const COUNT: usize = 17;

    /// How many our own files have: the first ones of [`Column::ALL`].
    pub const OWN: usize = 12;

    /// All columns, in the order of the template.
    pub const ALL: [Column; Column::COUNT] = [
        Column::Id,
        Column::DisplayName,
        Column::Password,
        Column::IsGuest,
        Column::Admin,
        Column::Deactivated,
        Column::AvatarUrl,
        Column::UserType,
        Column::Threepids,
        Column::ExternalIds,
        Column::Locked,
        Column::Rooms,
        Column::Email,
        Column::Phone,
        Column::GivenName,
        Column::FamilyName,
        Column::Active,
    ];

    /// The name in our own files.
    pub fn name(self) -> &'static str {
        match self {
            Column::Id => "id",
            Column::DisplayName => "displayname",
            Column::Password => "password",
            Column::IsGuest => "is_guest",
            Column::Admin => "admin",
            Column::Deactivated => "deactivated",
            Column::AvatarUrl => "avatar_url",
            Column::UserType => "user_type",
            Column::Threepids => "threepids",
            Column::ExternalIds => "external_ids",
            Column::Locked => "locked",
            Column::Rooms => "rooms",
            Column::Email => "email",
            Column::Phone => "phone",
            Column::GivenName => "given_name",
            Column::FamilyName => "family_name",
            Column::Active => "active",
        }
    }
}

/// What a header says about its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    Column(Column),
    /// Known from our own exports and reports, or a second form of the ID; not imported.
    Ignored,
    /// Not known; not imported.
    Unknown,
}

/// What a header means by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Role(Role),
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
    const OURS: [&str; 18] = [
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
        return Meaning::Role(Role::Ignored);
    }
    let column = names::known(&plain).or_else(|| {
        // Letters that only look like those of the name.
        let latin = |c: char| look_alike(c).map_or(c, |(latin, _)| latin);
        let is_mixed = !header.is_ascii() && header.chars().any(|c| latin(c) != c);
        let plain = is_mixed.then(|| names::folded(&header.chars().map(latin).collect::<String>()));
        plain.and_then(|plain| names::known(&plain))
    });
    Meaning::Role(column.map_or(Role::Unknown, Role::Column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names_are_understood() {
        for column in Column::ALL {
            assert_eq!(
                meaning(column.name()),
                Meaning::Role(Role::Column(column)),
                "{column:?}"
            );
        }
    }

    #[test]
    fn case_spaces_and_older_names() {
        for (header, column) in [
            (" ID ", Column::Id),
            ("User ID", Column::Id),
            ("Display Name", Column::DisplayName),
            ("display_name", Column::DisplayName),
            ("Is_Admin", Column::Admin),
            ("PASSWORD", Column::Password),
            ("раssword", Column::Password),
            ("ｐａｓｓｗｏｒｄ", Column::Password),
        ] {
            assert_eq!(
                meaning(header),
                Meaning::Role(Role::Column(column)),
                "{header}"
            );
        }
        assert_eq!(meaning("Name"), Meaning::Name);
        assert_eq!(meaning("shoe size"), Meaning::Role(Role::Unknown));
        assert_eq!(meaning("error"), Meaning::Role(Role::Ignored));
    }
}
