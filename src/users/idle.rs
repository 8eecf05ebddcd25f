//! Which sessions of an account nobody has used for a while.

use super::sessions::{HeldSession, SessionKind};
use crate::api::devices::Device;
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

/// Which sessions at Matrix Authentication Service nobody has used since this moment, as
/// [`HeldSession::is_unused_since`] has it. Of apps the one that was used last stays; a browser keeps no messages, so
/// that none need stay. Tokens of scripts are none of them.
pub fn idle_at_mas(sessions: &[HeldSession], before: Timestamp) -> Vec<HeldSession> {
    let is_app =
        |session: &&HeldSession| matches!(session.kind, SessionKind::App | SessionKind::Login);
    let apps = sessions.iter().filter(is_app);
    let apps: Vec<_> = apps
        .map(|session| (session.last_known_use(), &session.id))
        .collect();
    let ends = but_the_newest(&apps, before);
    let idle = sessions.iter().filter(|session| match session.kind {
        SessionKind::App | SessionKind::Login => ends.contains(&&session.id),
        SessionKind::Browser => session.is_unused_since(before),
        SessionKind::Personal => false,
    });
    idle.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::mas::{MasTime, Ulid};
    use crate::users::sessions::bare;

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
        let session = |number: u32, kind, begun: i64, seen: Option<i64>| {
            let id = Ulid::parse(&format!("01JSTANDN0000000000000000{number}")).unwrap();
            let time = |ms| MasTime(Timestamp(ms));
            bare(id, kind, time(begun), None, (seen.map(time), None))
        };
        let all = [
            session(1, SessionKind::Browser, 0, Some(40)),
            session(2, SessionKind::App, 0, Some(10)),
            session(3, SessionKind::Login, 0, Some(20)),
            // Of these nobody knows when they were used: they count from when they began.
            session(4, SessionKind::Login, 5, None),
            session(5, SessionKind::Browser, 45, None),
            session(6, SessionKind::Personal, 0, Some(1)),
        ];
        let idle = |sessions: &[HeldSession], before| {
            let idle = idle_at_mas(sessions, Timestamp(before)).into_iter();
            idle.map(|session| session.id.as_str()[25..].to_owned())
                .collect::<Vec<_>>()
        };
        // The browser was used last, and keeps no messages: the last app stays all the same.
        assert_eq!(idle(&all, 50), ["1", "2", "4", "5"]);
        assert_eq!(idle(&all, 45), ["1", "2", "4"]);
        assert_eq!(idle(&all, 10), ["4"]);
        assert_eq!(idle(&all, 5), [""; 0]);
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
