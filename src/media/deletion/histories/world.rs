//! What a history begins with, made at random: the files, what others do to them, the weather, and the person.

use super::*;

/// A file of the model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ModelFile {
    pub(super) owner: usize,
    pub(super) created: i64,
    pub(super) accessed: Option<i64>,
    /// `None` while its upload has not come.
    pub(super) bytes: Option<u64>,
    pub(super) is_quarantined: bool,
    pub(super) is_protected: bool,
    /// Files of the same one are quarantined together.
    pub(super) content: u8,
    /// Whether the server cannot remove it from its disk.
    pub(super) is_stuck: bool,
    pub(super) is_preview: bool,
    /// Whether it is a profile image, and where: of a user, of a room, in an old membership event.
    pub(super) profile: Option<usize>,
}

impl ModelFile {
    pub(super) fn last_use(&self) -> i64 {
        self.accessed.unwrap_or(self.created)
    }
}

/// What somebody else does to a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Other {
    Use,
    Protect(bool),
    Quarantine(bool),
    Delete,
    /// What is uploaded takes this place in the order of IDs.
    Upload,
    /// The upload of what was awaited comes.
    Come,
}

/// How the network and the server behave, in percent of the requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Weather {
    pub(super) lost_before: u64,
    pub(super) lost_after: u64,
    pub(super) repeated: u64,
    /// Nobody answers in time; the server works on.
    pub(super) late: u64,
    pub(super) limited: u64,
    pub(super) failing: u64,
    /// 502 from a proxy, carried out or not.
    pub(super) proxy: u64,
    /// A proxy answers in the server's place.
    pub(super) in_between: u64,
    pub(super) token: u64,
    pub(super) outage: Option<(u64, u64)>,
}

/// All that a history begins with.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    /// The server's version, `1.minor`.
    pub(super) minor: u64,
    pub(super) files: Vec<ModelFile>,
    pub(super) others: Vec<(u64, usize, Other)>,
    pub(super) weather: Weather,
    /// Until when the list of [`SICK`] fails.
    pub(super) sick_until: u64,
    /// How long the person reads the question.
    pub(super) reads_ms: u64,
    pub(super) keeps_profiles: bool,
    pub(super) cancel_at: Option<u64>,
    pub(super) pause_at: Option<(u64, u64)>,
    /// After how long the page is left, to go on after signing in again.
    pub(super) leaves_at: Option<u64>,
    pub(super) retries: bool,
    pub(super) asked: u8,
}

pub(super) fn file() -> impl Strategy<Value = ModelFile> {
    let uses = prop_oneof![Just(400_i64), Just(100), Just(31), Just(5), Just(0)];
    let sizes = prop_oneof![8 => (1_u64..1000).prop_map(Some), 1 => Just(None), 1 => Just(Some(0))];
    let one_in = |percent| proptest::bool::weighted(f64::from(percent) / 100.0);
    (
        (prop_oneof![6 => 0_usize..3, 1 => 3_usize..6], uses.clone()),
        proptest::option::weighted(0.4, uses),
        sizes,
        (one_in(10), one_in(10), one_in(5), one_in(5)),
        0_u8..3,
        proptest::option::weighted(0.1, 0_usize..3),
    )
        .prop_map(
            |((owner, created), accessed, bytes, is, content, profile)| {
                let at = |days: i64| BEGIN - days * DAY_MS;
                let (is_quarantined, is_protected, is_stuck, is_preview) = is;
                ModelFile {
                    owner,
                    created: at(created),
                    accessed: accessed.filter(|days| *days <= created).map(at),
                    bytes,
                    is_quarantined,
                    is_protected,
                    content,
                    is_stuck,
                    is_preview,
                    profile,
                }
            },
        )
}

pub(super) fn other() -> impl Strategy<Value = Other> {
    prop_oneof![
        2 => Just(Other::Use),
        2 => any::<bool>().prop_map(Other::Protect),
        2 => any::<bool>().prop_map(Other::Quarantine),
        2 => Just(Other::Delete),
        1 => Just(Other::Upload),
        1 => Just(Other::Come),
    ]
}

pub(super) fn weather() -> impl Strategy<Value = Weather> {
    let percent = || prop_oneof![3 => Just(0_u64), 1 => 1_u64..25];
    (
        (percent(), percent(), percent(), percent(), percent()),
        (percent(), percent(), percent(), percent()),
        proptest::option::weighted(0.2, (0_u64..20_000, 1_000_u64..60_000)),
    )
        .prop_map(|(first, second, outage)| Weather {
            lost_before: first.0,
            lost_after: first.1,
            repeated: first.2,
            late: first.3,
            limited: first.4,
            failing: second.0,
            proxy: second.1,
            in_between: second.2,
            token: second.3,
            outage: outage.map(|(from, ms)| (from, from + ms)),
        })
}

pub(super) fn world() -> impl Strategy<Value = World> {
    let when = || prop_oneof![3 => 0_u64..5_000, 1 => 0_u64..200_000];
    (
        (
            any::<u64>(),
            prop_oneof![Just(98_u64), Just(139), Just(140), Just(160)],
        ),
        proptest::collection::vec(file(), 1..14),
        proptest::collection::vec((when(), 0_usize..14, other()), 0..10),
        (
            weather(),
            prop_oneof![2 => Just(0), 1 => 0_u64..60_000, 1 => Just(u64::MAX)],
        ),
        prop_oneof![2 => Just(0), 1 => 0_u64..200_000],
        (any::<bool>(), any::<bool>(), 0_u8..6),
        (
            proptest::option::weighted(0.2, when()),
            proptest::option::weighted(0.2, (when(), when())),
            proptest::option::weighted(0.2, when()),
        ),
    )
        .prop_map(
            |(
                (seed, minor),
                files,
                others,
                (weather, sick_until),
                reads_ms,
                (keeps_profiles, retries, asked),
                (cancel_at, pause_at, leaves_at),
            )| World {
                seed,
                minor,
                files,
                others,
                weather,
                sick_until,
                reads_ms,
                keeps_profiles,
                cancel_at,
                pause_at,
                leaves_at,
                retries,
                asked,
            },
        )
}
