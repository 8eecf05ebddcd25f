//! Numbers as people type them: `1,000` is a thousand in English and one in German. Where a number
//! decides what is deleted, what may mean both is not guessed.

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Typed {
    /// Nothing.
    Nothing,
    Number(f64),
    /// It means one thing in this language, and a thousand times as much or as little in others:
    /// what it may mean, the smaller first.
    Either(f64, f64),
    /// It is no number.
    Wrong,
}

/// The sign before the fraction, and the one between thousands.
fn signs(language: &str) -> (char, char) {
    match language.split('-').next() {
        Some("de") => (',', '.'),
        _ => ('.', ','),
    }
}

/// Reads a number of 0 or more, in the way of a language (its tag).
///
/// The signs of the language count first: three digits behind each sign between thousands. What
/// only makes sense with the signs the other way round is read like that (`1.5` in German). One
/// sign of the fraction with just three digits behind it may mean thousands: that is
/// [`Typed::Either`].
pub fn typed(text: &str, language: &str) -> Typed {
    let (fraction, thousands) = signs(language);
    let text = text.trim();
    if text.is_empty() {
        return Typed::Nothing;
    }
    // Spaces and apostrophes are between thousands wherever they are used.
    let is_space = |c: char| c.is_whitespace() || matches!(c, '\'' | '’');
    let swapped = || read(text, thousands, |c| c == fraction || is_space(c));
    match read(text, fraction, |c| c == thousands || is_space(c)) {
        Some(number) => match swapped() {
            Some(other) if other != number && text.contains(fraction) => {
                Typed::Either(number.min(other), number.max(other))
            }
            _ => Typed::Number(number),
        },
        None => swapped().map_or(Typed::Wrong, Typed::Number),
    }
}

/// Reads a size in bytes, such as `10 MiB` or `1.5 GB`; bytes without a unit. Units are counted in
/// steps of 1,024, as they are shown here. `None` if it is no size, or may mean two.
pub fn size(text: &str, language: &str) -> Option<u64> {
    let text = text.trim();
    let at = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let power = match unit.trim().to_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        _ => return None,
    };
    let Typed::Number(number) = typed(number, language) else {
        return None;
    };
    let bytes = number * 1024_f64.powi(power);
    (bytes < 1e18).then(|| bytes.round() as u64)
}

/// A size as [`size`] reads it in every language: a whole number of the largest unit that it is one
/// of.
pub fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["", " KiB", " MiB", " GiB", " TiB"];
    let (mut number, mut unit) = (bytes, 0);
    while number > 0 && number.is_multiple_of(1024) && unit + 1 < UNITS.len() {
        number /= 1024;
        unit += 1;
    }
    format!("{number}{}", UNITS[unit])
}

fn read(text: &str, fraction: char, is_between: impl Fn(char) -> bool) -> Option<f64> {
    let (whole, rest) = match text.split_once(fraction) {
        Some((whole, rest)) => (whole, Some(rest)),
        None => (text, None),
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = whole.split(is_between).collect();
    let (first, others) = groups.split_first()?;
    let is_grouped = others.is_empty()
        || (matches!(first.len(), 1..=3)
            && !first.starts_with('0')
            && others.iter().all(|group| group.len() == 3));
    if !is_grouped || !groups.iter().all(|group| is_digits(group)) {
        return None;
    }
    if rest.is_some_and(|rest| !is_digits(rest)) {
        return None;
    }
    let number = format!("{}.{}", groups.concat(), rest.unwrap_or("0"));
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_that_every_language_reads() {
        assert_eq!(size_text(10 << 20), "10 MiB");
        assert_eq!(size_text(1_000_000), "1000000");
        for bytes in [0, 1, 1023, 1024, 1536, 1_000_000, 1 << 40, 3 << 50] {
            for language in ["en", "de"] {
                assert_eq!(size(&size_text(bytes), language), Some(bytes), "{bytes}");
            }
        }
    }

    #[test]
    fn as_the_language_writes_them() {
        let number = |text, language| match typed(text, language) {
            Typed::Number(number) => number,
            other => panic!("{text} in {language}: {other:?}"),
        };
        for (text, language, expected) in [
            ("1000", "en", 1000.0),
            ("1,000", "en", 1000.0),
            ("1.5", "en", 1.5),
            ("1,000,000", "en", 1e6),
            ("1,000.25", "en", 1000.25),
            ("1 000", "en", 1000.0),
            ("1\u{202f}000", "de", 1000.0),
            ("1’000", "de", 1000.0),
            ("1.000", "de", 1000.0),
            ("1,5", "de", 1.5),
            ("1.000.000", "de", 1e6),
            ("1.000,25", "de", 1000.25),
            // Only the other way round do these make sense.
            ("1,5", "en", 1.5),
            ("1.5", "de", 1.5),
            ("1.000.000", "en", 1e6),
            ("1.000,5", "en", 1000.5),
            ("0,500", "en", 0.5),
            ("0.500", "en", 0.5),
            ("1234.567", "en", 1234.567),
            ("0", "de", 0.0),
        ] {
            assert_eq!(number(text, language), expected, "{text} in {language}");
        }
    }

    #[test]
    fn what_may_mean_both_is_not_guessed() {
        assert_eq!(typed("1.000", "en"), Typed::Either(1.0, 1000.0));
        assert_eq!(typed("1,000", "de"), Typed::Either(1.0, 1000.0));
        assert_eq!(typed("12,345", "de"), Typed::Either(12.345, 12345.0));
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "a lot", "-1", "1e5", "1,,0", "1.2.3", "1 MB", ".", "1,00,000", "٣",
        ] {
            assert_eq!(typed(text, "en"), Typed::Wrong, "{text}");
        }
        assert_eq!(typed("  ", "en"), Typed::Nothing);
    }

    #[test]
    fn sizes() {
        assert_eq!(size("10 MiB", "en"), Some(10 << 20));
        assert_eq!(size("1,000", "en"), Some(1000));
        assert_eq!(size("1.000", "en"), None);
        assert_eq!(size("1,5gb", "de"), Some(3 << 29));
        assert_eq!(size("500k", "en"), Some(500 << 10));
        for text in ["", "MiB", "10 parsecs", "much", "-1 MB"] {
            assert_eq!(size(text, "en"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_language_writes_it_reads(number in 0_u64..1_000_000_000_000, cents in 1_u64..100) {
            for (language, fraction, thousands) in [("en", '.', ','), ("de", ',', '.')] {
                let digits = number.to_string();
                let mut grouped = String::new();
                for (at, digit) in digits.chars().enumerate() {
                    if at > 0 && (digits.len() - at).is_multiple_of(3) {
                        grouped.push(thousands);
                    }
                    grouped.push(digit);
                }
                prop_assert_eq!(typed(&grouped, language), Typed::Number(number as f64));
                let text = format!("{grouped}{fraction}{cents:02}");
                let expected: f64 = format!("{number}.{cents:02}").parse().unwrap();
                prop_assert_eq!(typed(&text, language), Typed::Number(expected));
            }
        }
    }
}
