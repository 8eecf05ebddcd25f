//! Times as MAS writes them: RFC 3339 in UTC. Inside, microseconds since 1970.

use crate::calendar;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}

/// `2026-01-01T00:00:00.000001Z`, without a fraction where it is none.
pub(super) fn written(at: i64) -> String {
    let fraction = match at.rem_euclid(SECOND) {
        0 => String::new(),
        fraction => format!(".{fraction:06}"),
    };
    calendar::rfc3339(at.div_euclid(SECOND), &fraction)
}

/// `None` for what is no RFC 3339.
pub(super) fn read(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let sign = |at: usize, one: char| (text.get(at..=at)?.chars().next()? == one).then_some(());
    sign(4, '-')?;
    sign(7, '-')?;
    sign(13, ':')?;
    sign(16, ':')?;
    let midnight = calendar::midnight(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = midnight + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let rest = text.get(19..)?;
    let end = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(end);
    let fraction: i64 = match fraction.strip_prefix('.') {
        None if fraction.is_empty() => 0,
        None => return None,
        Some(digits) => format!("{digits:0<6}").get(..6)?.parse().ok()?,
    };
    let offset = match zone {
        "Z" | "z" => 0,
        zone => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let ahead = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
            if zone.starts_with('-') { -ahead } else { ahead }
        }
    };
    Some((seconds - offset) * SECOND + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(
            written(951_782_400 * SECOND + 5),
            "2000-02-29T00:00:00.000005Z"
        );
        for at in [
            0,
            1,
            now(),
            951_782_400 * SECOND,
            4_102_444_799 * SECOND + 999_999,
        ] {
            assert_eq!(read(&written(at)), Some(at), "{}", written(at));
        }
        let same = read("2026-08-01T12:00:00Z");
        assert_eq!(read("2026-08-01T14:00:00+02:00"), same);
        assert_eq!(read("2026-08-01T12:00:00.000000000Z"), same);
        for text in [
            "",
            "2026-08-01",
            "2026-08-01T12:00:00",
            "x026-08-01T12:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
