//! What the server is and what it can do.

use super::Request;
use super::tolerant::flags;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// `GET /_synapse/admin/v1/server_version`, without a token.
pub fn version() -> Request<ServerVersion> {
    Request::get("/_synapse/admin/v1/server_version").anonymous()
}

/// The answer of [`version`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ServerVersion {
    /// `1.163.2`, perhaps with a suffix, or whatever the packager put there.
    pub server_version: String,
}

/// `GET /_matrix/client/versions`, without a token: the versions of the Matrix spec that the
/// server speaks. Every Matrix homeserver answers it.
pub fn spec_versions() -> Request<SpecVersions> {
    Request::get("/_matrix/client/versions").anonymous()
}

/// The answer of [`spec_versions`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct SpecVersions {
    pub versions: Vec<String>,
    /// What is switched on.
    #[serde(default, deserialize_with = "flags")]
    pub unstable_features: BTreeMap<String, bool>,
}

impl SpecVersions {
    /// The newest version of the spec in the list: `v1.12` beats `v1.9` beats `r0.6.1`.
    pub fn newest(&self) -> Option<&str> {
        fn key(version: &str) -> Vec<u64> {
            let major = u64::from(version.starts_with('v'));
            let numbers = version.trim_start_matches(['v', 'r']).split('.');
            std::iter::once(major)
                .chain(numbers.map(|n| n.parse().unwrap_or(0)))
                .collect()
        }
        self.versions
            .iter()
            .map(String::as_str)
            .max_by_key(|version| key(version))
    }

    /// Whether media is served on the endpoints that need the token (spec v1.11).
    pub fn has_authenticated_media(&self) -> bool {
        self.versions.iter().any(|version| {
            let minor = version
                .strip_prefix("v1.")
                .and_then(|minor| minor.parse::<u32>().ok());
            minor.is_some_and(|minor| minor >= 11)
        })
    }
}

/// A Synapse version: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The oldest version that we answer for.
    pub const OLDEST_SUPPORTED: Version = Version(1, 62, 0);

    /// The newest version that all tests have run against.
    pub const NEWEST_KNOWN: Version = Version(1, 163, 2);

    /// How many releases this one is behind [`Version::NEWEST_KNOWN`]; 0 if it is as new.
    ///
    /// ```
    /// use synapse_admin::api::server::Version;
    /// assert_eq!(Version(1, 161, 0).releases_behind(), 2);
    /// assert_eq!(Version(1, 163, 0).releases_behind(), 0);
    /// assert_eq!(Version(1, 170, 0).releases_behind(), 0);
    /// ```
    pub fn releases_behind(self) -> u32 {
        match self.0 == Version::NEWEST_KNOWN.0 {
            true => Version::NEWEST_KNOWN.1.saturating_sub(self.1),
            false => 0,
        }
    }

    /// Reads the leading `1.2` or `1.2.3` and ignores the rest; `None` if there is none.
    ///
    /// ```
    /// use synapse_admin::api::server::Version;
    /// assert_eq!(Version::parse("1.99.0rc1 (b=develop,abc)"), Some(Version(1, 99, 0)));
    /// assert_eq!(Version::parse("nightly"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .trim()
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .next()?;
        let mut numbers = digits.split('.').map(str::parse);
        let major = numbers.next()?.ok()?;
        let minor = numbers.next()?.ok()?;
        let patch = numbers.next().and_then(Result::ok).unwrap_or(0);
        Some(Version(major, minor, patch))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What not every server can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// To give and take the right to administer the server.
    AdminRight,
    /// To set passwords.
    Passwords,
    CreateUsers,
    /// Deactivating, erasing and reactivating. With Matrix Authentication Service the account would
    /// be emptied, and its owner log in again at once.
    DeactivateUsers,
    /// To act as somebody else. At Matrix Authentication Service a personal session does.
    LogInAs,
    /// With Matrix Authentication Service Synapse does not look at it.
    Locking,
    /// With Matrix Authentication Service Synapse does not look at it.
    ShadowBanning,
    /// Logging somebody out everywhere. With Matrix Authentication Service its sessions live on and
    /// make the devices again.
    EndSessions,
    Suspending,
    /// To look up e-mail addresses and phone numbers.
    FindByThreepid,
    /// To look up identities of single sign-on. With Matrix Authentication Service Synapse's lead nobody in.
    FindByExternalId,
    /// The rooms that a user has left, or is invited to.
    Memberships,
    /// How many invitations and joins there have been.
    UserCounts,
    RedactMessages,
    /// That encrypted messages are removed with the others.
    RedactEncrypted,
    ExperimentalFeatures,
    /// With Matrix Authentication Service they would be gone when it compares devices again.
    CreateDevices,
    /// To add and remove contact addresses and identities of an account. With Matrix Authentication
    /// Service Synapse's are overwritten by its own, and lead nobody in.
    ContactAddresses,
    CrossSigningReset,
    AccountValidity,
    /// What was said in a room, and what was said at a moment.
    RoomMessages,
    /// The rooms of a space.
    SpaceHierarchy,
    /// Whether everybody here has left and forgotten a room.
    ForgottenRooms,
    /// Any event by its ID alone.
    FetchEvent,
    /// One file's details.
    MediaInfo,
    RegistrationTokens,
    /// Looking into a file that is quarantined.
    Quarantined,
    /// Whether a file is handed out without a token.
    AuthenticatedMedia,
    /// What has been put into quarantine and taken out, in order.
    QuarantineChanges,
    /// That quarantine hits all files of the same content, and so does taking it back.
    QuarantineByContent,
    /// To forget a report of an event.
    DismissEventReports,
    /// To ask for the reports of the events that somebody sent.
    ReportsBySender,
    /// The users that have been reported.
    UserReports,
    /// Which rooms another server is in. Before, Synapse answered with any rooms.
    DestinationRooms,
    /// What the server does in the background, by name.
    Tasks,
    /// Tasks that have been called off.
    CancelledTasks,
    /// How much of the database each room takes. On PostgreSQL only, which no version tells.
    LargestRooms,
    /// To sign the server's own events with a new key.
    SignEvents,
    /// To see events with any client that the server hides from others.
    AdminView,
    /// That the list of users says when each was last used.
    ListedUse,
    /// That the list of users says who is locked. Before 1.91 nobody could be.
    ListedLocks,
    /// That the list of users says who is erased.
    ListedErasures,
    /// That an account's detail says whether it is suspended. No list does.
    ToldSuspensions,
    /// That new accounts can wait for approval (MSC3866).
    Approvals,
    /// What kind of room a room is: whether it is a space.
    RoomTypes,
    /// The programs that may ask for access. At Matrix Authentication Service only.
    OAuthClients,
    /// Tokens for scripts that act as somebody. At Matrix Authentication Service only.
    PersonalSessions,
    /// To ask for accounts of providers by part of their names. At Matrix Authentication Service only.
    LinkNames,
}

/// What becomes of a feature where Matrix Authentication Service keeps the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WithMas {
    /// The same as without.
    Same,
    /// MAS does it, from this version on, for whoever may administer it.
    There(u32, u32),
    /// Neither does it, and what comes nearest to it, if anything does.
    Nowhere(Option<NearestWithMas>),
}

/// What comes nearest to something that nobody does where Matrix Authentication Service keeps the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NearestWithMas {
    /// To suspend or to lock the account.
    SuspendOrLock,
    /// A personal session that comes with a device of its own.
    SessionWithDevice,
}

impl Feature {
    /// The minor version since which Synapse has it, and what becomes of it with Matrix Authentication
    /// Service. Below MAS 1.4 its pages are not offered: it cannot end a session there.
    fn needs(self) -> (u32, WithMas) {
        use WithMas::{Nowhere, Same, There};
        match self {
            Feature::AdminRight
            | Feature::Passwords
            | Feature::CreateUsers
            | Feature::RegistrationTokens
            | Feature::DeactivateUsers
            | Feature::EndSessions
            | Feature::ContactAddresses => (0, There(1, 4)),
            Feature::LogInAs => (0, There(1, 5)),
            Feature::AccountValidity => (0, Nowhere(None)),
            Feature::ShadowBanning => (0, Nowhere(Some(NearestWithMas::SuspendOrLock))),
            Feature::Locking => (91, There(1, 4)),
            Feature::Suspending | Feature::UserCounts => (122, Same),
            Feature::FindByThreepid => (72, Same),
            Feature::FindByExternalId => (68, There(1, 4)),
            Feature::Memberships | Feature::Quarantined => (145, Same),
            Feature::AuthenticatedMedia => (112, Same),
            Feature::RedactMessages => (116, Same),
            Feature::RedactEncrypted => (131, Same),
            Feature::ExperimentalFeatures => (83, Same),
            Feature::CreateDevices => (85, Nowhere(Some(NearestWithMas::SessionWithDevice))),
            Feature::CrossSigningReset => (97, Same),
            Feature::RoomMessages => (68, Same),
            Feature::ForgottenRooms => (66, Same),
            Feature::SpaceHierarchy => (142, Same),
            Feature::FetchEvent | Feature::MediaInfo => (140, Same),
            Feature::DismissEventReports => (79, Same),
            Feature::ReportsBySender => (122, Same),
            Feature::UserReports | Feature::QuarantineChanges | Feature::SignEvents => (152, Same),
            Feature::QuarantineByContent => (128, Same),
            Feature::DestinationRooms => (107, Same),
            Feature::Tasks => (130, Same),
            Feature::CancelledTasks => (146, Same),
            Feature::LargestRooms => (83, Same),
            Feature::AdminView => (135, Same),
            Feature::ListedUse => (92, Same),
            Feature::ListedLocks => (93, Same),
            Feature::ListedErasures => (71, Same),
            Feature::ToldSuspensions => (121, Same),
            Feature::Approvals => (69, Same),
            Feature::RoomTypes => (64, Same),
            Feature::OAuthClients => (0, There(1, 20)),
            Feature::PersonalSessions => (0, There(1, 5)),
            Feature::LinkNames => (0, There(1, 22)),
        }
    }
}

/// What this session may do at Matrix Authentication Service, where that keeps the accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum AtMas {
    /// Nobody has asked yet, or no answer has come.
    #[default]
    NotAsked,
    /// Nothing: the right to it was not granted, or the token that was brought has none.
    NotGranted,
    /// Nothing: its admin API does not answer. It is not exposed, not forwarded, or older than 1.4; a browser sees
    /// the same of all three.
    Silent,
    /// Nothing: nobody knows where it stands.
    NotFound,
    /// Everything.
    Everything(MasAccess),
}

/// Where Matrix Authentication Service stands, and which version it is.
#[derive(Clone, Debug, PartialEq)]
pub struct MasAccess {
    /// Without a slash at the end, as the functions of [`mas`](super::mas) take it.
    pub base: String,
    /// As it says it.
    pub version_text: String,
    /// `None` when the text is not a version: then everything is tried.
    pub version: Option<Version>,
}

impl MasAccess {
    /// Its version without the `v` that it begins with.
    pub fn shown(&self) -> &str {
        self.version_text.trim_start_matches('v')
    }

    /// Whether it is at least this version; unknown versions count as newest.
    pub fn since(&self, major: u32, minor: u32) -> bool {
        self.version
            .is_none_or(|version| version >= Version(major, minor, 0))
    }
}

/// Why a server cannot do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is older than the version that can.
    TooOld { needs: Version, has: Version },
    /// Matrix Authentication Service does it, and it is not known yet whether this session may ask it to.
    MovedToMas,
    /// Matrix Authentication Service does it, and this session has no rights there: see [`AtMas::NotGranted`].
    MasNotGranted,
    /// Matrix Authentication Service does it, and does not answer: see [`AtMas::Silent`].
    MasSilent,
    /// Matrix Authentication Service does it, and nobody knows where that stands.
    MasNotFound,
    /// Matrix Authentication Service does it, but is older than the version that can.
    MasTooOld { needs: Version, has: Version },
    /// Nobody does it where Matrix Authentication Service keeps the accounts.
    NotWithMas(Option<NearestWithMas>),
}

impl Lack {
    /// Whether the page of Matrix Authentication Service says what can be done about it.
    pub fn has_advice(self) -> bool {
        matches!(
            self,
            Lack::MasNotGranted | Lack::MasSilent | Lack::MasNotFound
        )
    }
}

/// What this server can do, known once per session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capabilities {
    /// As the server says it.
    pub version_text: String,
    /// `None` when the text is not a version: then everything is tried, and
    /// [`super::ApiError::Unsupported`] tells.
    pub version: Option<Version>,
    pub spec: SpecVersions,
    /// Whether accounts are kept by Matrix Authentication Service.
    pub delegated_auth: bool,
    /// Whether nobody can log in with a password, as the ways in that the server offers tell:
    /// passwords are switched off there, or only confirm what somebody who is logged in does
    /// (`only_for_reauth`). Synapse sets none then either, and wants none to reactivate an account.
    pub without_passwords: bool,
    /// What this session may do there.
    pub at_mas: AtMas,
}

impl Capabilities {
    /// Puts together what the two version endpoints said.
    pub fn new(version: &ServerVersion, spec: SpecVersions, delegated_auth: bool) -> Self {
        Capabilities {
            version: Version::parse(&version.server_version),
            version_text: version.server_version.clone(),
            spec,
            delegated_auth,
            without_passwords: false,
            at_mas: AtMas::NotAsked,
        }
    }

    /// Whether everything has been asked that there is to know.
    pub fn is_complete(&self) -> bool {
        let is_open = self.delegated_auth && self.at_mas == AtMas::NotAsked;
        !self.version_text.is_empty() && !is_open
    }

    /// Where the accounts are administered at Matrix Authentication Service; `None` where the homeserver keeps
    /// them, or this session may not administer them there.
    pub fn mas(&self) -> Option<&MasAccess> {
        match &self.at_mas {
            AtMas::Everything(access) if self.delegated_auth => Some(access),
            _ => None,
        }
    }

    /// Why this server cannot do this; `None` if it can, or if nobody knows.
    pub fn lack(&self, feature: Feature) -> Option<Lack> {
        let (since, with_mas) = feature.needs();
        if self.delegated_auth {
            match with_mas {
                WithMas::Same => {}
                WithMas::There(major, minor) => return self.lack_at_mas(Version(major, minor, 0)),
                WithMas::Nowhere(nearest) => return Some(Lack::NotWithMas(nearest)),
            }
        }
        let version = self.version?;
        (version < Version(1, since, 0)).then_some(Lack::TooOld {
            needs: Version(1, since, 0),
            has: version,
        })
    }

    /// Why this session can have nothing done at Matrix Authentication Service, where that keeps the accounts;
    /// `None` if it can, or the homeserver keeps them.
    pub fn lack_of_mas(&self) -> Option<Lack> {
        match self.at_mas {
            _ if !self.delegated_auth => None,
            AtMas::NotAsked => Some(Lack::MovedToMas),
            AtMas::NotGranted => Some(Lack::MasNotGranted),
            AtMas::Silent => Some(Lack::MasSilent),
            AtMas::NotFound => Some(Lack::MasNotFound),
            AtMas::Everything(_) => None,
        }
    }

    fn lack_at_mas(&self, needs: Version) -> Option<Lack> {
        let Some(mas) = self.mas() else {
            return self.lack_of_mas();
        };
        let has = mas.version?;
        (has < needs).then_some(Lack::MasTooOld { needs, has })
    }

    /// Whether the server can do this, as far as its version tells.
    pub fn has(&self, feature: Feature) -> bool {
        self.lack(feature).is_none()
    }

    /// Whether the server is known to be at least this version: for what would do harm on an
    /// older one.
    pub fn surely_since(&self, minor: u32) -> bool {
        self.version
            .is_some_and(|version| version >= Version(1, minor, 0))
    }

    /// Whether the server is at least this version; unknown versions count as newest.
    pub fn since(&self, minor: u32) -> bool {
        self.version
            .is_none_or(|version| version >= Version(1, minor, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_spec_version() {
        let spec = |list: &[&str]| SpecVersions {
            versions: list.iter().map(|v| (*v).to_owned()).collect(),
            ..Default::default()
        };
        assert_eq!(
            spec(&["r0.6.1", "v1.9", "v1.12", "v1.2"]).newest(),
            Some("v1.12")
        );
        assert!(spec(&["v1.12"]).has_authenticated_media());
        assert!(!spec(&["r0.6.1", "v1.9"]).has_authenticated_media());
    }

    #[test]
    fn what_a_proxy_adds_to_the_versions_is_passed_over() {
        let read = |features: &str| {
            let json = format!(r#"{{"versions":["v1.12"],"unstable_features":{features}}}"#);
            let read: SpecVersions = serde_json::from_str(&json).unwrap();
            read.unstable_features.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            read(r#"{"a":true,"b":false,"c":"1","d":null,"e":{"f":true}}"#),
            [("a".to_owned(), true), ("b".to_owned(), false)]
        );
        assert_eq!(read("null"), []);
        assert_eq!(read("[]"), []);
    }

    #[test]
    fn what_a_server_lacks() {
        let server = |text: &str, delegated_auth| Capabilities {
            version: Version::parse(text),
            delegated_auth,
            ..Default::default()
        };
        assert_eq!(server("1.122.0", false).lack(Feature::Suspending), None);
        assert_eq!(
            server("1.98.0", false).lack(Feature::Suspending),
            Some(Lack::TooOld {
                needs: Version(1, 122, 0),
                has: Version(1, 98, 0)
            })
        );
        assert!(server("nightly", false).has(Feature::Memberships));
        assert!(server("1.163.0", true).has(Feature::Suspending));
    }

    /// What another does, or nobody, where Matrix Authentication Service keeps the accounts.
    #[test]
    fn what_is_lacking_with_mas() {
        let server = |at_mas| Capabilities {
            version: Version::parse("1.163.0"),
            delegated_auth: true,
            at_mas,
            ..Default::default()
        };
        let of_version = |text: &str| {
            server(AtMas::Everything(MasAccess {
                base: "https://mas.example".to_owned(),
                version_text: format!("v{text}"),
                version: Version::parse(text),
            }))
        };
        let newest = of_version("1.22.0");
        // What would stop nobody at the homeserver is done there, or not at all.
        for feature in [
            Feature::Passwords,
            Feature::Locking,
            Feature::DeactivateUsers,
            Feature::EndSessions,
            Feature::ContactAddresses,
            Feature::FindByExternalId,
            Feature::LogInAs,
        ] {
            for (at_mas, lack) in [
                (AtMas::NotAsked, Lack::MovedToMas),
                (AtMas::NotGranted, Lack::MasNotGranted),
                (AtMas::Silent, Lack::MasSilent),
                (AtMas::NotFound, Lack::MasNotFound),
            ] {
                assert_eq!(server(at_mas.clone()).lack(feature), Some(lack));
                assert_eq!(server(at_mas).lack_of_mas(), Some(lack));
            }
            assert!(newest.has(feature), "{feature:?}");
        }
        assert_eq!(newest.lack_of_mas(), None);
        let old = of_version("1.4.0");
        assert!(old.has(Feature::Locking));
        let too_old = Lack::MasTooOld {
            needs: Version(1, 5, 0),
            has: Version(1, 4, 0),
        };
        assert_eq!(old.lack(Feature::LogInAs), Some(too_old));
        // Whatever the rights: nobody does these.
        for feature in [
            Feature::ShadowBanning,
            Feature::CreateDevices,
            Feature::AccountValidity,
        ] {
            for server in [&newest, &old, &server(AtMas::NotGranted)] {
                let lack = server.lack(feature);
                assert!(matches!(lack, Some(Lack::NotWithMas(_))), "{feature:?}");
            }
        }
        // Where the homeserver keeps the accounts, what is known of MAS says nothing.
        let mut own = server(AtMas::Silent);
        own.delegated_auth = false;
        assert_eq!(own.lack_of_mas(), None);
        assert!(own.has(Feature::ShadowBanning) && own.has(Feature::LogInAs));
    }

    #[test]
    fn unknown_versions_count_as_newest() {
        let capabilities = |text: &str| {
            let version = ServerVersion {
                server_version: text.into(),
            };
            Capabilities::new(&version, SpecVersions::default(), false)
        };
        assert!(capabilities("custom build").since(163));
        assert!(!capabilities("custom build").surely_since(1));
        assert!(capabilities("1.103.0").surely_since(103));
        assert!(capabilities("1.103.0").since(103));
        assert!(!capabilities("1.102.9").since(103));
    }
}
