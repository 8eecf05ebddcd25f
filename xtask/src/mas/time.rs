//! Times as MAS writes them: RFC 3339 in UTC. Inside, microseconds since 1970.

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
    let (days, rest) = (at.div_euclid(DAY), at.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (seconds, fraction) = (rest / SECOND, rest % SECOND);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match fraction {
        0 => String::new(),
        fraction => format!(".{fraction:06}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}{fraction}Z")
}

/// `None` for what is no RFC 3339.
pub(super) fn read(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let sign = |at: usize, one: char| (text.get(at..=at)?.chars().next()? == one).then_some(());
    sign(4, '-')?;
    sign(7, '-')?;
    sign(13, ':')?;
    sign(16, ':')?;
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
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
    Some(days * DAY + (seconds - offset) * SECOND + fraction)
}

/// The date of a day since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years that begin in March have the leap day at their end.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(written(0), "1970-01-01T00:00:00Z");
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
