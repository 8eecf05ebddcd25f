//! The calendar, in UTC: dates and times of day of seconds since 1970, and back.

const DAY: i64 = 86_400;

/// Year, month and day of a time in seconds since 1970.
pub fn date(at: i64) -> (i64, i64, i64) {
    // Counted from 1 March of the year 0, so that a leap day is the last of its year.
    let days = at.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Hour, minute and second of a time in seconds since 1970.
pub fn time_of_day(at: i64) -> (i64, i64, i64) {
    let seconds = at.rem_euclid(DAY);
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// When a day begins, in seconds since 1970.
pub fn midnight(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (days - 719_468) * DAY
}

/// A time in seconds since 1970 as RFC 3339 writes it, with what there is of a fraction: `.000001`, or
/// nothing.
pub fn rfc3339(at: i64, fraction: &str) -> String {
    let ((year, month, day), (hour, minute, second)) = (date(at), time_of_day(at));
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_everybody_reads_them() {
        for (at, text) in [
            (-1, "1969-12-31T23:59:59Z"),
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_000_000_000, "2001-09-09T01:46:40Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(at, ""), text);
            let (year, month, day) = date(at);
            let (hour, minute, second) = time_of_day(at);
            let back = midnight(year, month, day) + hour * 3600 + minute * 60 + second;
            assert_eq!(back, at, "{text}");
        }
        assert_eq!(rfc3339(0, ".000005"), "1970-01-01T00:00:00.000005Z");
    }
}
