//! Yes and no, as people and programs write them.

/// Reads a boolean; empty is `None`.
pub(in crate::import) fn boolean(text: &str) -> Option<bool> {
    // Spreadsheets save booleans in the language of their menus, databases have a letter.
    const YES: [&str; 35] = [
        "true",
        "1",
        "yes",
        "on",
        "y",
        "t",
        "wahr",
        "ja",
        "j",
        "vrai",
        "oui",
        "verdadero",
        "sí",
        "si",
        "vero",
        "sì",
        "verdadeiro",
        "sim",
        "истина",
        "да",
        "істина",
        "так",
        "prawda",
        "tak",
        "はい",
        "真",
        "是",
        "有",
        "بله",
        "درست",
        "نعم",
        "صحيح",
        "waar",
        "sant",
        "true()",
    ];
    const NO: [&str; 33] = [
        "false",
        "0",
        "no",
        "off",
        "n",
        "f",
        "falsch",
        "nein",
        "faux",
        "non",
        "falso",
        "nao",
        "não",
        "ложь",
        "нет",
        "хибність",
        "ні",
        "fałsz",
        "falsz",
        "nie",
        "いいえ",
        "偽",
        "否",
        "无",
        "無",
        "خیر",
        "نادرست",
        "لا",
        "خطأ",
        "onwaar",
        "falskt",
        "nee",
        "false()",
    ];
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&YES) {
        return Some(true);
    }
    if is(&NO) {
        return Some(false);
    }
    if text.is_ascii() || text.len() > 40 {
        return None;
    }
    // Capitals beyond ASCII, and letters of full width.
    let plain: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            c => c,
        })
        .collect();
    if YES.contains(&plain.as_str()) {
        Some(true)
    } else if NO.contains(&plain.as_str()) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::boolean;

    #[test]
    fn yes_and_no_in_many_languages() {
        for yes in ["TRUE", "Wahr", "VRAI", "ИСТИНА", "Да", "１", "y", "t", "是"] {
            assert_eq!(boolean(yes), Some(true), "{yes}");
        }
        for no in [
            "False", "FALSCH", "ЛОЖЬ", "FAŁSZ", "нет", "０", "n", "f", "لا",
        ] {
            assert_eq!(boolean(no), Some(false), "{no}");
        }
        for neither in ["", "x", "2", "-", "ja?", "нетт"] {
            assert_eq!(boolean(neither), None, "{neither}");
        }
    }
}
