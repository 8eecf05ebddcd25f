//! Characters that are not what they look like: invisible ones, control characters, letters of
//! other scripts that pass for Latin ones, and letters with marks.

/// A character that nobody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// A control character, of C0 or C1, among them a line break.
    Control,
    /// Spaces of no width, joiners, byte order marks, soft hyphens.
    Zero,
    /// Marks that turn the direction of writing.
    Direction,
    /// For private use, or not a character at all.
    Private,
}

/// What an unseen character is; none if it is seen, or an ordinary space.
pub fn unseen(c: char) -> Option<Unseen> {
    match c {
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => Some(Unseen::Control),
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => Some(Unseen::Zero),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some(Unseen::Direction)
        }
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}' => {
            Some(Unseen::Private)
        }
        '\u{fffe}' | '\u{ffff}' => Some(Unseen::Private),
        _ => None,
    }
}

/// The characters of a text that nobody sees and that are no part of how it is written: joiners
/// inside of emoji and of words that need them, and what chooses the form of an emoji, are.
pub fn strays(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut before = None;
    text.char_indices().filter(move |(at, c)| {
        let last = before.replace(*c);
        if unseen(*c).is_none() {
            return false;
        }
        let next = text[at + c.len_utf8()..].chars().next();
        !is_at_home(last, *c, next)
    })
}

/// Whether an unseen character belongs between these two.
fn is_at_home(last: Option<char>, c: char, next: Option<char>) -> bool {
    let (Some(last), next) = (last, next) else {
        return false;
    };
    let joins = |c: char| {
        // Scripts whose letters are joined, or kept from it: Arabic, Syriac, N'Ko, Mongolian,
        // those of India and its neighbours.
        matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{109f}'
            | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
    };
    let is_emoji = |c: char| {
        matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2190}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
            | '\u{3297}' | '\u{3299}' | '\u{fe0f}' | '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}'
            | '\u{20e3}' | '#' | '*' | '0'..='9')
    };
    match c {
        '\u{200c}' => joins(last) && next.is_some_and(joins),
        '\u{200d}' => {
            next.is_some_and(|next| joins(last) && joins(next) || is_emoji(last) && is_emoji(next))
        }
        '\u{fe0f}' | '\u{fe0e}' => is_emoji(last),
        // Chooses among forms of a Han character, or of a letter of Mongolian.
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => {
            matches!(last, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        }
        '\u{180b}'..='\u{180d}' => matches!(last, '\u{1800}'..='\u{18af}'),
        // The flags of England, Scotland and Wales.
        '\u{e0020}'..='\u{e007f}' => {
            last == '\u{1f3f4}' || matches!(last, '\u{e0020}'..='\u{e007f}')
        }
        _ => false,
    }
}

/// The text without its [`strays`]; a line break or tab between words becomes a space.
pub fn cleaned(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for (at, c) in strays(text) {
        clean.push_str(&text[from..at]);
        if matches!(
            c,
            '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        ) && !clean.ends_with(' ')
        {
            clean.push(' ');
        }
        from = at + c.len_utf8();
    }
    clean.push_str(&text[from..]);
    clean.trim().to_owned()
}

/// Whether this is a space, but not the one that a keyboard has. Synapse takes it for one in a
/// password; in an address or an ID it is a mistake.
pub fn is_odd_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Whether this is a mark that is set on the letter before it.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A character in a sentence: itself, or its [`code`] where nobody would see it.
pub fn shown(c: char) -> String {
    match unseen(c).is_some() || c.is_whitespace() || is_mark(c) {
        true => code(c),
        false => c.to_string(),
    }
}

/// How a character is called where it cannot be shown: `U+200B`, with its name if people know it.
pub fn code(c: char) -> String {
    let name = match c {
        '\0' => "NUL",
        '\t' => "TAB",
        '\n' => "LF",
        '\r' => "CR",
        '\u{7}' => "BEL",
        '\u{1a}' => "SUB",
        '\u{1b}' => "ESC",
        ' ' => "SPACE",
        '\u{7f}' => "DEL",
        '\u{85}' => "NEL",
        '\u{a0}' => "NO-BREAK SPACE",
        '\u{ad}' => "SOFT HYPHEN",
        '\u{200b}' => "ZERO WIDTH SPACE",
        '\u{200c}' => "ZERO WIDTH NON-JOINER",
        '\u{200d}' => "ZERO WIDTH JOINER",
        '\u{200e}' => "LEFT-TO-RIGHT MARK",
        '\u{200f}' => "RIGHT-TO-LEFT MARK",
        '\u{202a}' => "LEFT-TO-RIGHT EMBEDDING",
        '\u{202b}' => "RIGHT-TO-LEFT EMBEDDING",
        '\u{202c}' => "POP DIRECTIONAL FORMATTING",
        '\u{202d}' => "LEFT-TO-RIGHT OVERRIDE",
        '\u{202e}' => "RIGHT-TO-LEFT OVERRIDE",
        '\u{202f}' => "NARROW NO-BREAK SPACE",
        '\u{2028}' => "LINE SEPARATOR",
        '\u{2029}' => "PARAGRAPH SEPARATOR",
        '\u{2060}' => "WORD JOINER",
        '\u{3000}' => "IDEOGRAPHIC SPACE",
        '\u{feff}' => "BYTE ORDER MARK",
        _ => "",
    };
    let code = format!("U+{:04X}", c as u32);
    match name {
        "" => code,
        name => format!("{code} {name}"),
    }
}

/// A letter of another script that looks like one of Latin script, or a form of it: which Latin
/// one, and of which script it is.
pub fn look_alike(c: char) -> Option<(char, Script)> {
    let at = |list: &str, latin: &str| {
        let place = list.chars().position(|other| other == c)?;
        latin.chars().nth(place)
    };
    const CYRILLIC: (&str, &str) = (
        "АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝѵӏ",
        "ABESIJKMHOPCTYXaesijopcyxhdqwvl",
    );
    const GREEK: (&str, &str) = ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορτυικ", "ABEZHIKMNOPTYXavoptuik");
    if let Some(latin) = at(CYRILLIC.0, CYRILLIC.1) {
        return Some((latin, Script::Cyrillic));
    }
    if let Some(latin) = at(GREEK.0, GREEK.1) {
        return Some((latin, Script::Greek));
    }
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(c as u32 - 0xfee0).map(|latin| (latin, Script::FullWidth))
        }
        '\u{3000}' => Some((' ', Script::FullWidth)),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹘' | '﹣' => {
            Some(('-', Script::Dash))
        }
        '․' | '。' => Some(('.', Script::Dot)),
        '·' => Some(('.', Script::Dot)),
        '٠'..='٩' => digit(c, '٠').map(|digit| (digit, Script::Digit)),
        '۰'..='۹' => digit(c, '۰').map(|digit| (digit, Script::Digit)),
        '०'..='९' => digit(c, '०').map(|digit| (digit, Script::Digit)),
        'ı' => Some(('i', Script::Latin)),
        'ɑ' => Some(('a', Script::Latin)),
        'ɡ' => Some(('g', Script::Latin)),
        'ℓ' => Some(('l', Script::Latin)),
        _ => None,
    }
}

fn digit(c: char, zero: char) -> Option<char> {
    char::from_digit(c as u32 - zero as u32, 10)
}

/// What a [`look_alike`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Cyrillic,
    Greek,
    /// Of East Asian typography.
    FullWidth,
    /// A dash instead of a hyphen.
    Dash,
    /// A dot that is not a full stop.
    Dot,
    /// Digits of Arabic, Persian or Hindi.
    Digit,
    /// A letter of phonetics, or the dotless i of Turkish.
    Latin,
}

/// A letter without its marks, in plain Latin, as people write names where marks are not allowed:
/// `ü` is `ue`, `é` is `e`. None if it has none or is not of Latin script.
pub fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'æ' => "ae",
        'ö' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'ẞ' => "SS",
        'Ä' | 'Æ' => "Ae",
        'Ö' | 'Œ' => "Oe",
        'Ü' => "Ue",
        'þ' => "th",
        'Þ' => "Th",
        'å' => "aa",
        'Å' => "Aa",
        _ => bare(c)?,
    })
}

/// A letter without its marks, one for one: `ü` is `u`. None if it has none.
pub fn bare(c: char) -> Option<&'static str> {
    const BARE: [(&str, &str); 47] = [
        ("àáâãäåāăąǎạảấầẩẫậắằẳẵặ", "a"),
        ("ÀÁÂÃÄÅĀĂĄǍẠẢẤẦẨẪẬẮẰẲẴẶ", "A"),
        ("çćĉċč", "c"),
        ("ÇĆĈĊČ", "C"),
        ("ďđð", "d"),
        ("ĎĐÐ", "D"),
        ("èéêëēĕėęěẹẻẽếềểễệ", "e"),
        ("ÈÉÊËĒĔĖĘĚẸẺẼẾỀỂỄỆ", "E"),
        ("ĝğġģ", "g"),
        ("ĜĞĠĢ", "G"),
        ("ĥħ", "h"),
        ("ĤĦ", "H"),
        ("ìíîïĩīĭįıỉị", "i"),
        ("ÌÍÎÏĨĪĬĮİỈỊ", "I"),
        ("ĵ", "j"),
        ("Ĵ", "J"),
        ("ķ", "k"),
        ("Ķ", "K"),
        ("ĺļľŀł", "l"),
        ("ĹĻĽĿŁ", "L"),
        ("ñńņňŉŋ", "n"),
        ("ÑŃŅŇŊ", "N"),
        ("òóôõöøōŏőơọỏốồổỗộớờởỡợ", "o"),
        ("ÒÓÔÕÖØŌŎŐƠỌỎỐỒỔỖỘỚỜỞỠỢ", "O"),
        ("ŕŗř", "r"),
        ("ŔŖŘ", "R"),
        ("śŝşšș", "s"),
        ("ŚŜŞŠȘ", "S"),
        ("ţťŧț", "t"),
        ("ŢŤŦȚ", "T"),
        ("ùúûüũūŭůűųưụủứừửữự", "u"),
        ("ÙÚÛÜŨŪŬŮŰŲƯỤỦỨỪỬỮỰ", "U"),
        ("ŵ", "w"),
        ("Ŵ", "W"),
        ("ýÿŷỳỵỷỹ", "y"),
        ("ÝŸŶỲỴỶỸ", "Y"),
        ("źżž", "z"),
        ("ŹŻŽ", "Z"),
        ("ß", "ss"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("ё", "е"),
        ("ї", "і"),
        ("й", "и"),
        ("أإآ", "ا"),
        ("يى", "ی"),
        ("ك", "ک"),
    ];
    let found = BARE.iter().find(|(letters, _)| letters.contains(c))?;
    Some(found.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_found_where_it_does_not_belong() {
        for (text, clean) in [
            ("a\u{200b}b", "ab"),
            ("\u{feff}a", "a"),
            ("B\u{7}", "B"),
            ("\u{202e}evil\u{202c}", "evil"),
            ("two\nlines", "two lines"),
            ("a \r\nb", "a b"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("x\0\0", "x"),
        ] {
            assert!(strays(text).next().is_some(), "{text:?}");
            assert_eq!(cleaned(text), clean, "{text:?}");
        }
        for home in [
            "👨\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "葛\u{e0100}城",
            "Zoë \u{a0}x",
        ] {
            assert_eq!(strays(home).next(), None, "{home:?}");
        }
    }

    #[test]
    fn unseen_characters_have_names() {
        assert_eq!(code('\u{200b}'), "U+200B ZERO WIDTH SPACE");
        assert_eq!(code('\u{7}'), "U+0007 BEL");
        assert_eq!(code('\u{e000}'), "U+E000");
    }

    #[test]
    fn look_alikes() {
        assert_eq!(look_alike('а'), Some(('a', Script::Cyrillic)));
        assert_eq!(look_alike('ο'), Some(('o', Script::Greek)));
        assert_eq!(look_alike('１'), Some(('1', Script::FullWidth)));
        assert_eq!(look_alike('–'), Some(('-', Script::Dash)));
        assert_eq!(look_alike('۳'), Some(('3', Script::Digit)));
        assert_eq!(look_alike('a'), None);
        assert_eq!(
            (plain('ü'), bare('ü'), plain('ł')),
            (Some("ue"), Some("u"), Some("l"))
        );
    }
}
