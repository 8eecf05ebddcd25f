//! Which sessions of an account nobody has used for a while.

use crate::api::devices::Device;
use crate::api::mas::Ulid;
use crate::api::tolerant::Timestamp;

/// The sessions that were last used before this moment, but for the one that was used last, however
/// long ago: nobody is locked out of their encrypted messages. Those of which the server does not
/// know when they were used may be of today and are none of them, nor are dehydrated ones, which
/// nobody uses and which keep messages.
pub fn idle(devices: &[Device], before: Timestamp) -> Vec<String> {
    let sessions = devices.iter().filter(|device| !device.dehydrated);
    let used = sessions.filter_map(|device| Some((device.last_seen_ts?, &device.device_id)));
    but_the_newest(&used.collect::<Vec<_>>(), before)
        .into_iter()
        .cloned()
        .collect()
}

/// Those that were last used before this moment, but for the one that was used last.
fn but_the_newest<I: Ord + Copy>(used: &[(Timestamp, I)], before: Timestamp) -> Vec<I> {
    let newest = used.iter().max().map(|(_, id)| *id);
    used.iter()
        .filter(|(seen, id)| *seen < before && Some(*id) != newest)
        .map(|(_, id)| *id)
        .collect()
}

/// What a session at Matrix Authentication Service is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A browser that is signed in to MAS itself.
    Browser,
    /// An app, by OAuth.
    OAuth,
    /// An app, by the old `/login`.
    Compat,
}

impl SessionKind {
    /// All of them, in the order in which they are ended.
    pub const ALL: [SessionKind; 3] = [
        SessionKind::Browser,
        SessionKind::OAuth,
        SessionKind::Compat,
    ];
}

/// A session at Matrix Authentication Service that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasSession {
    pub kind: SessionKind,
    pub id: Ulid,
    /// When it was last used, as far as MAS knows.
    pub seen: Option<Timestamp>,
}

/// Which sessions at Matrix Authentication Service were last used before this moment. Of apps the one that was used
/// last stays; a browser keeps no messages, so that none need stay.
pub fn idle_at_mas(sessions: &[MasSession], before: Timestamp) -> Vec<MasSession> {
    let is_browser = |session: &MasSession| session.kind == SessionKind::Browser;
    let apps = sessions.iter().filter(|session| !is_browser(session));
    let apps: Vec<_> = apps
        .filter_map(|session| Some((session.seen?, &session.id)))
        .collect();
    let ends = but_the_newest(&apps, before);
    let is_old = |session: &MasSession| session.seen.is_some_and(|seen| seen < before);
    let idle = sessions.iter().filter(|session| match is_browser(session) {
        true => is_old(session),
        false => ends.contains(&&session.id),
    });
    idle.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, seen: Option<i64>) -> Device {
        Device {
            device_id: id.to_owned(),
            display_name: None,
            last_seen_ip: None,
            last_seen_ts: seen.map(Timestamp),
            last_seen_user_agent: None,
            dehydrated: false,
        }
    }

    #[test]
    fn of_apps_at_mas_the_newest_stays() {
        let session = |number: u32, kind, seen: Option<i64>| MasSession {
            kind,
            id: Ulid::parse(&format!("01JSTANDN0000000000000000{number}")).unwrap(),
            seen: seen.map(Timestamp),
        };
        let all = [
            session(1, SessionKind::Browser, Some(40)),
            session(2, SessionKind::OAuth, Some(10)),
            session(3, SessionKind::Compat, Some(20)),
            session(4, SessionKind::Compat, None),
            session(5, SessionKind::Browser, None),
        ];
        let idle = |sessions: &[MasSession], before| {
            let idle = idle_at_mas(sessions, Timestamp(before)).into_iter();
            idle.map(|session| session.id.as_str()[25..].to_owned())
                .collect::<Vec<_>>()
        };
        // The browser was used last, and keeps no messages: the last app stays all the same.
        assert_eq!(idle(&all, 50), ["1", "2"]);
        assert_eq!(idle(&all, 40), ["2"]);
        assert_eq!(idle(&all[..2], 50), ["1"]);
    }

    #[test]
    fn the_newest_and_what_nobody_knows_of_stay() {
        let mut all = vec![
            device("A", Some(10)),
            device("B", Some(30)),
            device("C", None),
            device("D", Some(99)),
        ];
        assert_eq!(idle(&all, Timestamp(50)), ["A", "B"]);
        assert_eq!(idle(&all, Timestamp(30)), ["A"]);
        all.pop();
        // None was used since; one stays all the same.
        assert_eq!(idle(&all, Timestamp(50)), ["A"]);
        assert_eq!(idle(&all[2..], Timestamp(50)), [""; 0]);
        all[0].dehydrated = true;
        assert_eq!(idle(&all, Timestamp(50)), [""; 0]);
        // Of two that were used at the same time one stays.
        let twins = [device("X", Some(1)), device("Y", Some(1))];
        assert_eq!(idle(&twins, Timestamp(50)), ["X"]);
    }
}
