//! Who lives in the sample world.

/// The administrator to log in with.
pub const ADMIN: &str = "admin";
/// A second administrator.
pub const CO_ADMIN: &str = "olga.operator";
/// A user who is nothing special, with a password and in many rooms.
pub const ALICE: &str = "alice";
/// Locked.
pub const LOCKED: &str = "locked.lucy";
/// Suspended (where the server can).
pub const SUSPENDED: &str = "suspended.sam";
/// Shadow-banned.
pub const SHADOW_BANNED: &str = "shadow.sven";
/// Deactivated.
pub const GONE: &str = "gone.gina";
/// Deactivated and erased.
pub const ERASED: &str = "erased.eric";
/// A bot.
pub const BOT: &str = "bot.weather";
/// Owns files of every type, size, age and state.
pub const MEDIA_OWNER: &str = "mia.media";
/// Owns files and is deactivated.
pub const GONE_OWNER: &str = "gone.owner";
/// Had another profile image once, which membership events still name.
pub const CHANGED_AVATAR: &str = "avatar.changed";
/// Has a display name that runs code where it is taken for markup.
pub const XSS_IMG: &str = "xss.img";
/// How many guests there are: `1001`, `1002`, ….
pub const GUESTS: usize = 8;
/// An account from before today's grammar of user IDs.
pub const HISTORICAL: &str = "Historical!User";
/// The application service, and what localparts of its own begin with.
pub const APPSERVICE: &str = "irc";
pub const RESERVED_PREFIX: &str = "irc-";
/// Its users, without [`RESERVED_PREFIX`].
pub const BRIDGED: [&str; 4] = ["ada", "bob", "cy-away", "dee"];

/// What the server thinks of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Admin,
    Bot,
    Support,
    Locked,
    Suspended,
    ShadowBanned,
    Deactivated,
    Erased,
}

/// Somebody to create.
#[derive(Clone, Debug)]
pub struct Person {
    pub localpart: String,
    /// `Some("")` for none; `None` leaves what Synapse chooses, the localpart.
    pub name: Option<String>,
    pub kind: Kind,
    pub email: Option<String>,
    pub has_password: bool,
}

/// Display names that are odd or hostile, with their localparts.
pub const ODD_NAMES: &[(&str, &str)] = &[
    (XSS_IMG, "<img src=x onerror=alert(1)>"),
    ("xss.script", "\"><script>alert(document.cookie)</script>"),
    ("xss.svg", "<svg/onload=alert(1)>"),
    ("xss.quote", "' onmouseover='alert(1)"),
    ("xss.url", "javascript:alert(1)"),
    ("xss.template", "{{constructor.constructor('alert(1)')()}}"),
    ("html.entities", "&lt;b&gt;not bold&lt;/b&gt; &amp;nbsp;"),
    ("sql.bobby", "Robert'); DROP TABLE users;--"),
    (
        "csv.formula",
        "=HYPERLINK(\"http://evil.invalid\",\"Click\")",
    ),
    ("csv.plus", "+1+1"),
    ("csv.quote", "Say \"hi\", then; leave\tnow"),
    ("name.arabic", "محمد بن عبد الله"),
    ("name.hebrew", "שרה לוי"),
    ("name.override", "Admin \u{202e}nimdA\u{202c} (really)"),
    (
        "name.emoji",
        "🦄🌈 Zoë 👩\u{200d}👩\u{200d}👧\u{200d}👦 🏳\u{fe0f}\u{200d}🌈",
    ),
    (
        "name.zalgo",
        "Z\u{351}\u{36b}\u{343}\u{317}a\u{301}\u{30d}\u{33b}l\u{306}\u{33c}\u{354}g\u{308}\u{31f}\u{348}o\u{30a}\u{35a}\u{333}",
    ),
    ("name.chinese", "王小明"),
    ("name.combining", "Bjo\u{308}rn A\u{30a}strand"),
    ("name.newline", "Two\nLines"),
    ("name.spaces", "   "),
    ("name.invisible", "\u{200b}\u{200b}\u{feff}"),
    ("name.null", "before\u{1}after\u{7f}"),
    ("name.empty", ""),
    ("name.impostor", "@admin"),
];

/// Localparts that are legal and awkward in a URL.
pub const ODD_LOCALPARTS: [&str; 6] = [
    "slash/in/name",
    "a=b",
    "under_score-",
    "..",
    "percent.25=2f",
    "0x",
];

const FIRST: [&str; 40] = [
    "Anna", "Ben", "Carla", "David", "Elif", "Finn", "Greta", "Hugo", "Ida", "Jonas", "Klara",
    "Luis", "Maja", "Noah", "Olivia", "Paul", "Quirin", "Rosa", "Samir", "Tilda", "Umut", "Vera",
    "Willem", "Xenia", "Yara", "Zeno", "Amira", "Bruno", "Chloé", "Dragan", "Eszter", "Farid",
    "Gül", "Håkon", "Inês", "João", "Kofi", "Léa", "Mehmet", "Nadia",
];

const LAST: [&str; 30] = [
    "Becker",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Hoffmann",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lehmann",
    "Müller",
    "Novák",
    "Okafor",
    "Petrović",
    "Quist",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Ueda",
    "Vargas",
    "Weber",
    "Xu",
    "Yılmaz",
    "Zimmermann",
    "Anders",
    "Brandt",
    "Çelik",
    "Dijkstra",
    "Evans",
];

/// How many ordinary people there are.
const POPULATION: usize = 240;

/// The localparts of the ordinary people, such as `anna.becker`.
pub fn ordinary(index: usize) -> (String, String) {
    let first = FIRST[index % FIRST.len()];
    let last = LAST[(index * 7 + index / FIRST.len()) % LAST.len()];
    let plain = |name: &str| -> String {
        name.to_lowercase()
            .chars()
            .filter_map(|letter| match letter {
                'a'..='z' => Some(letter),
                'é' => Some('e'),
                'ü' => Some('u'),
                'å' | 'ã' | 'á' => Some('a'),
                'ê' => Some('e'),
                'í' | 'ı' => Some('i'),
                'ć' | 'ç' => Some('c'),
                _ => None,
            })
            .collect()
    };
    (
        format!("{}.{}", plain(first), plain(last)),
        format!("{first} {last}"),
    )
}

/// Everybody who is created through the API: all but the first administrator, the guests and
/// the historical account.
pub fn everyone() -> Vec<Person> {
    let person = |localpart: &str, name: &str, kind| Person {
        localpart: localpart.to_owned(),
        name: Some(name.to_owned()),
        kind,
        email: None,
        has_password: false,
    };
    let with_password = |person: Person| Person {
        has_password: true,
        ..person
    };
    let mut all = vec![
        with_password(person(CO_ADMIN, "Olga Operator", Kind::Admin)),
        person("admin.two", "Second Admin", Kind::Admin),
        person("admin.without.name", "", Kind::Admin),
        Person {
            email: Some("alice@example.org".into()),
            ..with_password(person(ALICE, "Alice Example", Kind::Plain))
        },
        with_password(person(LOCKED, "Lucy Locked", Kind::Locked)),
        person("locked.two", "Lenny Locked", Kind::Locked),
        with_password(person(SUSPENDED, "Sam Suspended", Kind::Suspended)),
        person(SHADOW_BANNED, "Sven Shadow", Kind::ShadowBanned),
        person("shadow.two", "Sue Shadow", Kind::ShadowBanned),
        with_password(person(GONE, "Gina Gone", Kind::Deactivated)),
        person(ERASED, "Eric Erased", Kind::Erased),
        person(GONE_OWNER, "Gone with Files", Kind::Deactivated),
        person(MEDIA_OWNER, "Mia Media", Kind::Plain),
        person(CHANGED_AVATAR, "New Face", Kind::Plain),
        person(BOT, "Weather Bot", Kind::Bot),
        person("bot.builds", "Build Bot", Kind::Bot),
        person("bot.reminders", "⏰ Reminders", Kind::Bot),
        person("support.desk", "Support Desk", Kind::Support),
        person(
            "name.long",
            &"A very long display name that never seems to end, as some people like it. ".repeat(4)
                [..256],
            Kind::Plain,
        ),
        person("name.longword", &"W".repeat(256), Kind::Plain),
        person(
            &format!("long.{}", "x".repeat(195)),
            "Long Localpart",
            Kind::Plain,
        ),
    ];
    for index in 0..9 {
        all.push(person(
            &format!("former.{index}"),
            &format!("Former Colleague {index}"),
            if index % 3 == 0 {
                Kind::Erased
            } else {
                Kind::Deactivated
            },
        ));
    }
    all.extend(
        ODD_NAMES
            .iter()
            .map(|(localpart, name)| person(localpart, name, Kind::Plain)),
    );
    all.extend(ODD_LOCALPARTS.iter().map(|localpart| Person {
        name: None,
        ..person(localpart, "", Kind::Plain)
    }));
    for index in 0..POPULATION {
        let (localpart, name) = ordinary(index);
        let email = (index % 5 == 0).then(|| format!("{localpart}@example.org"));
        all.push(Person {
            email,
            ..person(&localpart, &name, Kind::Plain)
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use synapse_admin::api::ids::is_creatable_localpart;

    #[test]
    fn everybody_can_be_created_once() {
        let all = everyone();
        let distinct: HashSet<_> = all.iter().map(|person| &person.localpart).collect();
        assert_eq!(distinct.len(), all.len());
        assert!(all.len() + GUESTS + 2 >= 300, "{}", all.len());
        for person in &all {
            assert!(is_creatable_localpart(&person.localpart), "{person:?}");
        }
    }
}
