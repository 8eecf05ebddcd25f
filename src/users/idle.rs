//! Which sessions of an account nobody has used for a while.

use crate::api::devices::Device;
use crate::api::tolerant::Timestamp;

/// The sessions that were last used before this moment, but for the one that was used last, however
/// long ago: nobody is locked out of their encrypted messages. Those of which the server does not
/// know when they were used may be of today and are none of them, nor are dehydrated ones, which
/// nobody uses and which keep messages.
pub fn idle(devices: &[Device], before: Timestamp) -> Vec<String> {
    let used = || {
        let sessions = devices.iter().filter(|device| !device.dehydrated);
        sessions.filter_map(|device| Some((device.last_seen_ts?, &device.device_id)))
    };
    let newest = used().max().map(|(_, id)| id);
    used()
        .filter(|(seen, id)| *seen < before && Some(*id) != newest)
        .map(|(_, id)| id.clone())
        .collect()
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
