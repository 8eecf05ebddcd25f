//! Numbers, sizes, dates and durations in the language of the person.
//!
//! In the browser `Intl` does the work; the native build, which only tests use, writes plain
//! English.

#[cfg(target_arch = "wasm32")]
pub use browser::*;
#[cfg(not(target_arch = "wasm32"))]
pub use native::*;

use super::t;

/// A size in bytes, in binary units as disks are administered: `1.5 MiB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if size < 1024 {
        return t::size_in_bytes(size);
    }
    let mut value = size as f64;
    let mut unit = "";
    for name in UNITS {
        value /= 1024.0;
        unit = name;
        if value < 1023.95 {
            break;
        }
    }
    let rounded = (value * 10.0).round() / 10.0;
    let shown = if rounded >= 100.0 {
        rounded.round()
    } else {
        rounded
    };
    format!("{}\u{a0}{unit}", number(shown))
}

/// A length of time, in the two largest units: `2 min 5 s`, `3 h 20 min`.
pub fn duration(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    let in_seconds = |n: u64| t::duration_seconds(&n.to_string());
    let in_minutes = |n: u64| t::duration_minutes(&n.to_string());
    let (large, small, rest) = match seconds {
        0..60 => return in_seconds(seconds),
        60..3600 => (
            in_minutes(seconds / 60),
            in_seconds(seconds % 60),
            seconds % 60,
        ),
        _ => {
            let hours = t::duration_hours(&number((seconds / 3600) as f64));
            let minutes = seconds % 3600 / 60;
            (hours, in_minutes(minutes), minutes)
        }
    };
    if rest == 0 {
        large
    } else {
        format!("{large} {small}")
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    /// A number with the separators of the language.
    pub fn number(value: f64) -> String {
        value.to_string()
    }

    /// A month, as milliseconds since 1970.
    pub fn month(at: crate::api::tolerant::Timestamp, _whole: bool) -> String {
        at.0.to_string()
    }

    /// The CLDR plural category of a count.
    pub fn plural_category(count: u64) -> String {
        if count == 1 { "one" } else { "other" }.to_owned()
    }
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use crate::api::tolerant::Timestamp;
    use crate::i18n::language;
    use js_sys::{Array, Date, Intl, Object, Reflect};
    use wasm_bindgen::JsValue;

    /// Whether a time can be shown: what a server says may be absurd.
    fn is_showable(at: Timestamp) -> bool {
        at.0.unsigned_abs() <= 8_640_000_000_000_000
    }

    fn locales() -> Array {
        Array::of1(&JsValue::from_str(&language::current()))
    }

    fn options(entries: &[(&str, &str)]) -> Object {
        let object = Object::new();
        for (key, value) in entries {
            // Setting a property of a fresh object cannot fail.
            let _ = Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
        }
        object
    }

    /// A number with the separators of the language.
    pub fn number(value: f64) -> String {
        js_sys::Number::from(value)
            .to_locale_string(&language::current())
            .into()
    }

    /// The CLDR plural category of a count.
    pub fn plural_category(count: u64) -> String {
        Intl::PluralRules::new(&locales(), &Object::new())
            .select(count as f64)
            .into()
    }

    /// Date and time in the person's time zone: `23 Nov 2026, 14:05`.
    pub fn date_time(at: Timestamp) -> String {
        dated(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
    }

    fn dated(at: Timestamp, style: &[(&str, &str)]) -> String {
        if !is_showable(at) {
            return at.0.to_string();
        }
        Date::new(&JsValue::from_f64(at.0 as f64))
            .to_locale_string(&language::current(), &options(style))
            .into()
    }

    /// Date and time with the name of the person's time zone, for people elsewhere: `23 Nov 2026, 14:05 CET`.
    pub fn date_time_anywhere(at: Timestamp) -> String {
        let style = [
            ("day", "numeric"),
            ("month", "short"),
            ("year", "numeric"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("timeZoneName", "short"),
        ];
        dated(at, &style)
    }

    /// The day in the person's time zone: `23 Nov 2026`.
    pub fn day(at: Timestamp) -> String {
        dated(at, &[("dateStyle", "medium")])
    }

    /// A month: `Nov`, or with `whole` `November 2026`.
    pub fn month(at: Timestamp, whole: bool) -> String {
        let options = match whole {
            true => options(&[("month", "long"), ("year", "numeric")]),
            false => options(&[("month", "short")]),
        };
        Date::new(&JsValue::from_f64(at.0 as f64))
            .to_locale_date_string(&language::current(), &options)
            .into()
    }

    /// How long ago or ahead: `3 days ago`.
    pub fn relative(at: Timestamp, now: Timestamp) -> String {
        if !is_showable(at) {
            return at.0.to_string();
        }
        let (value, unit, numeric) = super::measured((at.0 - now.0) as f64 / 1000.0);
        let format = Intl::RelativeTimeFormat::new(&locales(), &options(&[("numeric", numeric)]));
        format.format(value, unit).into()
    }
}

/// A length of time in its unit, and whether `Intl` may have words for the number. Not from a day on:
/// "yesterday" and "last year" are days of the calendar, and what is meant here is how long.
#[cfg(any(test, target_arch = "wasm32"))]
fn measured(seconds: f64) -> (f64, &'static str, &'static str) {
    const DAY: f64 = 86_400.0;
    const YEAR: f64 = 31_556_952.0;
    /// From which length on, and how long one is. Years are too coarse for what was one and a half ago.
    const UNITS: [(f64, f64, &str); 6] = [
        (2.0 * YEAR, YEAR, "year"),
        (YEAR / 12.0, YEAR / 12.0, "month"),
        (7.0 * DAY, 7.0 * DAY, "week"),
        (DAY, DAY, "day"),
        (3_600.0, 3_600.0, "hour"),
        (60.0, 60.0, "minute"),
    ];
    let is_reached = |(from, _, _): &&(f64, f64, &str)| seconds.abs() >= *from;
    let (value, unit) = UNITS
        .iter()
        .find(is_reached)
        .map_or((0.0, "minute"), |(_, size, unit)| {
            ((seconds / size).trunc(), *unit)
        });
    let numeric = match seconds.abs() < DAY {
        true => "auto",
        false => "always",
    };
    (value, unit, numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_a_number_from_a_day_on() {
        const DAY: f64 = 86_400.0;
        for (seconds, value, unit, numeric) in [
            (0.0, 0.0, "minute", "auto"),
            (-59.0, 0.0, "minute", "auto"),
            (90.0, 1.0, "minute", "auto"),
            (-3_600.0, -1.0, "hour", "auto"),
            (-DAY + 1.0, -23.0, "hour", "auto"),
            // The calendar's "yesterday" may be the day before.
            (-47.0 * 3_600.0, -1.0, "day", "always"),
            (DAY, 1.0, "day", "always"),
            (-13.0 * DAY, -1.0, "week", "always"),
            (-45.0 * DAY, -1.0, "month", "always"),
            // Neither is "last year".
            (-364.0 * DAY, -11.0, "month", "always"),
            (-366.0 * DAY, -12.0, "month", "always"),
            (-700.0 * DAY, -22.0, "month", "always"),
            (-730.0 * DAY, -23.0, "month", "always"),
            (-731.0 * DAY, -2.0, "year", "always"),
            (1_100.0 * DAY, 3.0, "year", "always"),
        ] {
            assert_eq!(measured(seconds), (value, unit, numeric), "{seconds}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1023), "1023 bytes");
        assert_eq!(bytes(1024), "1\u{a0}KiB");
        assert_eq!(bytes(1536), "1.5\u{a0}KiB");
        assert_eq!(bytes(1_048_575), "1\u{a0}MiB");
        assert_eq!(bytes(u64::MAX), "16\u{a0}EiB");
    }

    #[test]
    fn durations() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(1), "1 s");
        assert_eq!(duration(125_000), "2 min 5 s");
        assert_eq!(duration(120_000), "2 min");
        assert_eq!(duration(3_600_000 * 3 + 60_000 * 20), "3 h 20 min");
    }
}
