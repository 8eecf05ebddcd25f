//! What programs write that is not what a person meant: guards against spreadsheets, words for
//! errors and for nothing, numbers that were rounded, quotes of typography, letters that went
//! through the wrong encoding.

use crate::listing::csv::is_formula;

/// A value that is probably not meant as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// A guard that keeps a spreadsheet from changing the value: `="001"`, `'001`.
    Guarded { meant: String },
    /// The value is in quotes: curly ones, angles, corner brackets, apostrophes.
    Quoted { meant: String },
    /// What a spreadsheet shows where a computation failed: `#REF!`.
    Error,
    /// What a database or a program writes for nothing: `NULL`, `None`, `\N`.
    Nothing,
    /// A number that a spreadsheet has rounded: `1E+05`. What it was is lost.
    Rounded,
    /// Letters that were written in one encoding and read in another: `JÃ¼rgen`.
    Garbled { meant: String },
    /// A letter that an encoding did not have: `�`, or a question mark amid letters.
    Lost,
    /// A formula that no spreadsheet has computed: `=A1&B1`.
    Formula,
    /// Letters as another format writes them: `&uuml;`, `%C3%BC`, `\u00fc`, `=C3=BC`, `+APw-`.
    Escaped { meant: String },
    /// What stands where a value is to be filled in, or was hidden: `<name>`, `{{user}}`, `****`.
    Placeholder,
    /// A date: what spreadsheets make of `1-2` and `mar1`.
    Date {
        /// Whether it has the time that a program puts behind a date.
        has_time: bool,
    },
    /// A whole number with a fraction of nothing, as programs write that take it for a measure.
    Number { meant: String },
}

/// What a value is, if it is not what it looks like. Spaces around it do not matter.
pub fn written(value: &str) -> Option<Written> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    // Most values: a word of letters and digits.
    if value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return is_nothing(value).then_some(Written::Nothing);
    }
    if let Some(meant) = guarded(value) {
        return Some(Written::Guarded { meant });
    }
    if let Some(meant) = quoted(value) {
        return Some(Written::Quoted { meant });
    }
    if is_uncomputed(value) {
        return Some(Written::Formula);
    }
    if is_error(value) {
        return Some(Written::Error);
    }
    if is_nothing(value) {
        return Some(Written::Nothing);
    }
    if is_rounded(value) {
        return Some(Written::Rounded);
    }
    if is_placeholder(value) {
        return Some(Written::Placeholder);
    }
    if let Some(meant) = super::escapes::unescaped(value) {
        return Some(Written::Escaped { meant });
    }
    if let Some(has_time) = date(value) {
        return Some(Written::Date { has_time });
    }
    if let Some(meant) = whole(value) {
        return Some(Written::Number { meant });
    }
    if value.is_ascii() {
        return None;
    }
    if value.contains('\u{fffd}') {
        return Some(Written::Lost);
    }
    garbled(value).map(|meant| Written::Garbled { meant })
}

/// `="001"`, `=001`, `'001`: the value without its guard. An apostrophe is one only before what a
/// spreadsheet would compute or change.
fn guarded(value: &str) -> Option<String> {
    if let Some(text) = value
        .strip_prefix("=\"")
        .and_then(|text| text.strip_suffix('"'))
    {
        return Some(text.replace("\"\"", "\""));
    }
    if let Some(number) = value.strip_prefix('=')
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(number.to_owned());
    }
    // `T("001")` is how some exporters say that it is text.
    if let Some(text) = value
        .strip_prefix("=T(\"")
        .and_then(|text| text.strip_suffix("\")"))
    {
        return Some(text.replace("\"\"", "\""));
    }
    let text = value.strip_prefix(['\'', '`', '’'])?;
    let is_number = |text: &str| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let mut digits = digits
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '/' | '.'));
        digits.clone().next().is_some() && digits.all(|c| c.is_ascii_digit())
    };
    (is_number(text) || is_formula(text)).then(|| text.to_owned())
}

/// What stands between quotes of any kind that are no `"`.
fn quoted(value: &str) -> Option<String> {
    let mut chars = value.chars();
    let (open, close) = (chars.next()?, chars.next_back()?);
    let inside = chars.as_str();
    let is_pair = match open {
        '“' | '„' | '”' | '‟' => matches!(close, '“' | '”' | '‟'),
        '‘' | '‚' | '’' => matches!(close, '‘' | '’'),
        '«' => close == '»',
        '»' => close == '«',
        '‹' => close == '›',
        '›' => close == '‹',
        '「' => close == '」',
        '『' => close == '』',
        '＂' => close == '＂',
        '"' => close == '"' && !inside.contains('"'),
        '\'' | '`' | '´' => matches!(close, '\'' | '´') && !inside.contains('\''),
        _ => false,
    };
    (is_pair && !inside.is_empty()).then(|| inside.trim().to_owned())
}

/// Whether a field begins with a quote of typography.
pub fn opens_quote(c: char) -> bool {
    matches!(c, '“' | '„' | '”' | '‟' | '«' | '＂')
}

/// Whether this ends what [`opens_quote`] began with `open`.
pub fn closes_quote(open: char, c: char) -> bool {
    match open {
        '«' => c == '»',
        '＂' => c == '＂',
        _ => matches!(c, '“' | '”' | '‟'),
    }
}

fn is_error(value: &str) -> bool {
    // LibreOffice numbers what it has no name for.
    if let Some(number) = value.strip_prefix("Err:") {
        return number.bytes().all(|byte| byte.is_ascii_digit());
    }
    let Some(rest) = value.strip_prefix('#') else {
        return false;
    };
    // The column was too narrow.
    if !rest.is_empty() && rest.chars().all(|c| c == '#') {
        return true;
    }
    const SHORT: [&str; 8] = ["N/A", "NV", "N/D", "NA", "ND", "Н/Д", "N/DISP", "NI ZADANO"];
    if SHORT.contains(&rest) {
        return true;
    }
    // In every language they are upper case between # and a mark: #BEZUG!, #¡VALOR!, #ИМЯ?.
    let name = rest.trim_start_matches(['¡', '¿']);
    name.strip_suffix(['!', '?']).is_some_and(|name| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_uppercase() || matches!(c, '/' | '0'..='9' | '_' | '.' | ' '))
    })
}

/// Whether this is a formula: a function is called, or cells and numbers are computed with.
fn is_uncomputed(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('=') else {
        return false;
    };
    // What stands in quotes may be anything.
    let bare: String = rest.split('"').step_by(2).collect::<Vec<_>>().join("\"");
    let name = bare.trim_start_matches(['+', '-', '(']);
    let calls = name.split_once('(').is_some_and(|(name, rest)| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
            && name.starts_with(char::is_alphabetic)
            && rest.contains(')')
    });
    let is_cell = |text: &str| {
        let text = text.replace('$', "");
        let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
        let digits = &text[letters..];
        (1..=3).contains(&letters)
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_number = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let mut parts = bare.split(['+', '-', '*', '/', '&', '^', '%', ':', ' ', '(', ')']);
    let is_part = |part: &str| {
        let part = part.rsplit_once('!').map_or(part, |(_, cell)| cell);
        part.is_empty() || part == "\"" || is_cell(part) || is_number(part)
    };
    calls || bare.contains(|c: char| c.is_ascii_digit() || c == '&') && parts.all(is_part)
}

/// Whether something is to be filled in here, or was hidden.
fn is_placeholder(value: &str) -> bool {
    const PAIRS: [(&str, &str); 6] = [
        ("{{", "}}"),
        ("${", "}"),
        ("[[", "]]"),
        ("<", ">"),
        ("{", "}"),
        ("%", "%"),
    ];
    const HIDDEN: [&str; 9] = [
        "hidden",
        "redacted",
        "masked",
        "protected",
        "encrypted",
        "geheim",
        "versteckt",
        "password",
        "passwort",
    ];
    if !value.starts_with(['{', '$', '[', '<', '%', '(', '*', '•', '●']) {
        return false;
    }
    let between = |(open, close): &(&str, &str)| -> Option<&str> {
        value.strip_prefix(open)?.strip_suffix(close)
    };
    let is_word = |text: &str| {
        text.chars()
            .all(|c| c.is_alphabetic() || matches!(c, ' ' | '_' | '-' | '.'))
            && text.chars().filter(|c| c.is_alphabetic()).count() > 1
    };
    let hidden = [("[", "]"), ("(", ")")];
    let is_hidden = |text: &str| HIDDEN.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_mask = value.chars().count() > 2 && value.chars().all(|c| matches!(c, '*' | '•' | '●'));
    is_mask
        || PAIRS.iter().filter_map(between).any(is_word)
        || hidden.iter().filter_map(between).any(is_hidden)
}

/// Whether this is a date as spreadsheets and programs write one; with the time of midnight or
/// without.
fn date(value: &str) -> Option<bool> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | ' ' | ':');
    if value.len() > 26
        || !value.contains(|c: char| c.is_ascii_digit())
        || !value.chars().all(is_part)
    {
        return None;
    }
    const MIDNIGHT: [&str; 4] = [" 00:00:00", "T00:00:00", " 0:00", " 12:00:00 AM"];
    let ends = MIDNIGHT.iter().find_map(|time| {
        let (date, rest) = value.split_once(time)?;
        let rest = rest.trim_start_matches(['.', '0', 'Z', ':']);
        rest.is_empty().then_some(date)
    });
    let text = ends.unwrap_or(value);
    const MONTHS: [&str; 20] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai",
        "mrz", "mär", "okt", "dez", "juin", "juil", "janv",
    ];
    let parts = text.split(['-', '/', '.', ' ']).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let between = |text: &str, from: u32, to: u32| {
        text.bytes().all(|byte| byte.is_ascii_digit())
            && text
                .parse()
                .is_ok_and(|number: u32| (from..=to).contains(&number))
    };
    let day = |text: &str| text.len() <= 2 && between(text, 1, 31);
    let year = |text: &str| match text.len() {
        4 => between(text, 1900, 2100),
        2 => between(text, 0, 99),
        _ => false,
    };
    let long_year = |text: &str| text.len() == 4 && year(text);
    let month = |text: &str| {
        let text = text.to_lowercase();
        MONTHS.iter().any(|month| text == *month)
    };
    let is_date = match *parts.as_slice() {
        [a, b, c] => {
            day(a) && day(b) && long_year(c)
                || long_year(a) && day(b) && day(c)
                || day(a) && month(b) && year(c)
        }
        // `5-Jan`, `Jan-05`.
        [a, b] => text.len() <= 8 && (day(a) && month(b) || month(a) && (day(b) || year(b))),
        _ => false,
    };
    is_date.then_some(ends.is_some())
}

/// `12345.0` is `12345`.
fn whole(value: &str) -> Option<String> {
    let (whole, fraction) = value.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (whole.len() > 1 && digits(whole) && matches!(fraction, "0" | "00")).then(|| whole.to_owned())
}

fn is_nothing(value: &str) -> bool {
    // Nothing but signs: a dash, dots, a question mark.
    let is_sign = |c: char| matches!(c, '-' | '–' | '—' | '‐' | '−' | '.' | '…' | '?' | '/' | '_');
    if value.chars().count() <= 3 && value.chars().all(is_sign) {
        return true;
    }
    if value.len() > 16 {
        return false;
    }
    const WORDS: [&str; 26] = [
        "null",
        "(null)",
        "<null>",
        "[null]",
        "none",
        "nil",
        "(nil)",
        "nan",
        "n/a",
        "undefined",
        "\\n",
        "(none)",
        "<none>",
        "nan%",
        "<na>",
        "#null",
        "<leer>",
        "(leer)",
        "(empty)",
        "(blank)",
        "[]",
        "{}",
        "[object object]",
        "k.a.",
        "k. a.",
        "keine angabe",
    ];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Digits, perhaps a fraction, and an exponent with its sign: as spreadsheets show long numbers.
fn is_rounded(value: &str) -> bool {
    let bytes = value.strip_prefix(['-', '+']).unwrap_or(value);
    let Some((number, exponent)) = bytes.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match number.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    // Without a sign, as other programs write it, there is a fraction.
    let exponent = match exponent.strip_prefix(['+', '-']) {
        Some(exponent) => exponent,
        None if fraction.is_some() && exponent.len() == 1 => {
            return whole.len() == 1
                && digits(whole)
                && fraction.is_some_and(digits)
                && digits(exponent);
        }
        None if fraction.is_some() => exponent,
        None => return false,
    };
    whole.len() == 1
        && digits(whole)
        && fraction.is_none_or(digits)
        && digits(exponent)
        && (2..=3).contains(&exponent.len())
}

/// What was meant, if the letters are UTF-8 that was read as Windows-1252 or Mac Roman.
fn garbled(value: &str) -> Option<String> {
    let mut text = value.to_owned();
    // Some files went through it twice.
    let mut found = None;
    for _ in 0..3 {
        let Some(repaired) = repaired(&text) else {
            break;
        };
        text.clone_from(&repaired);
        found = Some(repaired);
    }
    found
}

fn repaired(value: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = value.chars().map(windows_1252).collect();
    let bytes = bytes?;
    let text = String::from_utf8(bytes).ok()?;
    // Fewer letters, and none that nobody writes.
    let is_better = text.chars().count() < value.chars().count()
        && !text.chars().any(|c| super::characters::unseen(c).is_some());
    is_better.then_some(text)
}

/// The byte of a character in Windows-1252, with the control characters that browsers and
/// programs put in its gaps.
fn windows_1252(c: char) -> Option<u8> {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match c {
        '\0'..='\u{7f}' | '\u{a0}'..='\u{ff}' => Some(c as u8),
        _ => {
            let place = FROM_80.iter().position(|other| *other == c)?;
            Some(0x80 + place as u8)
        }
    }
}

/// Whether a question mark stands where a letter was: amid letters, or several in a row.
pub fn has_lost(value: &str) -> bool {
    let chars: Vec<char> = value.chars().collect();
    let is_letter = |at: usize| chars.get(at).is_some_and(|c| c.is_alphabetic());
    let amid =
        (1..chars.len()).any(|at| chars[at] == '?' && is_letter(at - 1) && is_letter(at + 1));
    let words = value.split_whitespace();
    let mut several = words.filter(|word| word.len() > 1 && word.bytes().all(|byte| byte == b'?'));
    amid || several.next().is_some()
}

/// Whether this is the hash of a password, as databases have it.
pub fn is_hash(value: &str) -> bool {
    const BEGIN: [&str; 18] = [
        "$2a$",
        "$2b$",
        "$2x$",
        "$2y$",
        "$1$",
        "$5$",
        "$6$",
        "$y$",
        "$argon2",
        "$scrypt$",
        "$pbkdf2",
        "pbkdf2_sha",
        "{SSHA",
        "{SHA",
        "{CRYPT}",
        "{MD5}",
        "{SMD5}",
        "SCRAM-SHA-",
    ];
    value.len() >= 20 && BEGIN.iter().any(|begin| value.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(value: &str) -> Option<String> {
        match written(value)? {
            Written::Guarded { meant } | Written::Quoted { meant } | Written::Garbled { meant } => {
                Some(meant)
            }
            _ => None,
        }
    }

    #[test]
    fn guards_and_quotes() {
        for (value, wanted) in [
            ("=\"001\"", "001"),
            ("=\"say \"\"hi\"\"\"", "say \"hi\""),
            ("=007", "007"),
            ("=T(\"x\")", "x"),
            ("'001", "001"),
            ("'+49 30 1", "+49 30 1"),
            ("'=1+1", "=1+1"),
            ("“x”", "x"),
            ("„x“", "x"),
            ("« x »", "x"),
            ("'x'", "x"),
            ("「x」", "x"),
        ] {
            assert_eq!(meant(value).as_deref(), Some(wanted), "{value}");
        }
        for value in [
            "'tis",
            "rock 'n' roll",
            "x”",
            "“",
            "=",
            "Jane’s",
            "5\" disk",
        ] {
            assert_eq!(written(value), None, "{value}");
        }
    }

    #[test]
    fn words_for_errors_and_nothing() {
        for value in [
            "#REF!",
            "#N/A",
            "#DIV/0!",
            "#NAME?",
            "#BEZUG!",
            "#WERT!",
            "#NV",
            "#VALEUR!",
            "#¡VALOR!",
            "#¿NOMBRE?",
            "#ЗНАЧ!",
            "#####",
            "Err:502",
            "#SPILL!",
        ] {
            assert_eq!(written(value), Some(Written::Error), "{value}");
        }
        for value in [
            "NULL",
            "null",
            "None",
            "nan",
            "NaN",
            "\\N",
            "(null)",
            "N/A",
            "undefined",
        ] {
            assert_eq!(written(value), Some(Written::Nothing), "{value}");
        }
        for value in ["#general:b.org", "#1!x", "Nanna", "nullify", "#wow!", "#"] {
            assert_eq!(written(value), None, "{value}");
        }
    }

    #[test]
    fn rounded_numbers() {
        for value in ["1E+05", "1,23457E+11", "4.9E+12", "1e-05"] {
            assert_eq!(written(value), Some(Written::Rounded), "{value}");
        }
        for value in ["1E5", "12E+05", "E+05", "1e+x", "1.E+05", "me+05"] {
            assert_eq!(written(value), None, "{value}");
        }
    }

    #[test]
    fn letters_through_the_wrong_encoding() {
        for (value, wanted) in [
            ("JÃ¼rgen", "Jürgen"),
            ("RenÃ©e", "Renée"),
            ("Å\u{81}ukasz", "Łukasz"),
            ("Ð˜Ð²Ð°Ð½", "Иван"),
            ("JÃƒÂ¼rgen", "Jürgen"),
        ] {
            assert_eq!(meant(value).as_deref(), Some(wanted), "{value}");
        }
        for value in ["Jürgen", "Ã", "Renée", "naïve", "Иван", "Åse"] {
            assert_eq!(written(value), None, "{value}");
        }
        assert_eq!(written("J\u{fffd}rgen"), Some(Written::Lost));
        assert!(has_lost("J?rgen") && has_lost("??? Lee") && !has_lost("Who? Me"));
        assert!(is_hash("$2b$12$abcdefghijklmnopqrstuv"));
    }
}
