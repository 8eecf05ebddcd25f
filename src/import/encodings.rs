//! The encodings from before Unicode: which a file may have, ranked by what its text then looks
//! like.
//!
//! Nothing in the bytes says it. What tells them apart is the text: letters of one language in
//! words of one script, small ones behind capitals and not the other way round, no signs amid
//! letters. Whoever chose the file sees the first telling words in each and decides.

use super::characters::unseen;
use super::decode::{Decode, Decoders, Encoding};

/// An encoding from before Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Legacy(u8);

/// Whose languages an encoding is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    Western,
    Central,
    Cyrillic,
    Greek,
    Turkish,
    Baltic,
    Hebrew,
    Arabic,
    Thai,
    Japanese,
    ChineseSimplified,
    ChineseTraditional,
    Korean,
}

struct Page {
    /// Of the Encoding Standard, or of a table of ours.
    label: &'static str,
    /// As programs call it.
    name: &'static str,
    region: Region,
    letters: Letters,
}

/// What texts in an encoding are made of.
enum Letters {
    /// The letters beyond ASCII of the languages, in lower case.
    Alphabets(&'static [&'static str]),
    Range(char, char),
    Chinese(&'static str),
    Japanese,
    Korean,
}

const WESTERN: Letters = Letters::Alphabets(&[
    "äöüß",
    "àâæçéèêëîïôœùûüÿ",
    "áéíñóúü",
    "áâãàçéêíóôõú",
    "åäöæøé",
    "áéíóúýðþæö",
    "àèéìòùî",
    "áéèëïöüó",
    "äöšž",
]);
const CENTRAL: Letters = Letters::Alphabets(&[
    "ąćęłńóśźż",
    "áčďéěíňóřšťúůýž",
    "áäčďéíĺľňóôŕšťúýž",
    "áéíóöőúüű",
    "čćđšž",
    "ăâîşţșț",
    "äöüß",
]);
const CYRILLIC: Letters = Letters::Alphabets(&[
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "абвгдђежзијклљмнњопрстћуфхцчџш",
    "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
]);

/// Letters that are frequent in names and words in Cyrillic and in Greek script.
const FREQUENT: &str = "оеаинтсрвлкіαοιετσνηυρςέίάό";

/// Characters of many Chinese names and of headers, simplified.
const SIMPLIFIED: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾\
    彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段\
    雷钱汤尹黎易常武乔贺赖龚文伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂建国华小红玉梅兰志海波鹏飞宇\
    佳欣雨晨浩婷雪琳姓名用户邮箱密码电话账号部门是否中文测试员工经理管理";
/// Characters of many Chinese names and of headers, traditional.
const TRADITIONAL: &str = "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾彭游詹胡施\
    沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜侯曹薛傅丁馬唐志明淑芬美玲雅婷家豪俊傑怡君文雄建宏慧娟麗華國英小大中\
    姓名使用者郵箱密碼電話帳號部門是否測試員工經理管理";
/// Characters of many Japanese names and of headers.
const JAPANESE: &str = "佐藤鈴木高橋田中伊渡辺山本村小林加吉井松清水崎森池阿部石川前後岡長谷近坂上原野口\
    太郎花子美恵一二三和正健大輔翔陽菜結衣愛真由香織智久直樹裕介氏名姓表示用者電話番号部署課社員有無効";

const PAGES: [Page; 26] = [
    page("windows-1252", "Windows-1252", Region::Western, WESTERN),
    page("windows-1250", "Windows-1250", Region::Central, CENTRAL),
    page("windows-1251", "Windows-1251", Region::Cyrillic, CYRILLIC),
    page("macintosh", "Mac Roman", Region::Western, WESTERN),
    page("ibm850", "DOS 850", Region::Western, WESTERN),
    page("ibm437", "DOS 437", Region::Western, WESTERN),
    page("ibm852", "DOS 852", Region::Central, CENTRAL),
    page("iso-8859-2", "ISO 8859-2", Region::Central, CENTRAL),
    page("iso-8859-15", "ISO 8859-15", Region::Western, WESTERN),
    page("koi8-r", "KOI8-R", Region::Cyrillic, CYRILLIC),
    page("koi8-u", "KOI8-U", Region::Cyrillic, CYRILLIC),
    page("ibm866", "DOS 866", Region::Cyrillic, CYRILLIC),
    page("x-mac-cyrillic", "Mac Cyrillic", Region::Cyrillic, CYRILLIC),
    page("iso-8859-5", "ISO 8859-5", Region::Cyrillic, CYRILLIC),
    page(
        "windows-1253",
        "Windows-1253",
        Region::Greek,
        Letters::Alphabets(&["αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"]),
    ),
    page(
        "windows-1254",
        "Windows-1254",
        Region::Turkish,
        Letters::Alphabets(&["çğıİöşüâîû"]),
    ),
    page(
        "windows-1257",
        "Windows-1257",
        Region::Baltic,
        Letters::Alphabets(&["ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"]),
    ),
    page(
        "windows-1255",
        "Windows-1255",
        Region::Hebrew,
        Letters::Range('א', 'ת'),
    ),
    page(
        "windows-1256",
        "Windows-1256",
        Region::Arabic,
        Letters::Range('\u{621}', '\u{6d2}'),
    ),
    page(
        "windows-874",
        "Windows-874",
        Region::Thai,
        Letters::Range('\u{e01}', '\u{e5b}'),
    ),
    page(
        "shift_jis",
        "Shift_JIS",
        Region::Japanese,
        Letters::Japanese,
    ),
    page("euc-jp", "EUC-JP", Region::Japanese, Letters::Japanese),
    page(
        "gb18030",
        "GB 18030",
        Region::ChineseSimplified,
        Letters::Chinese(SIMPLIFIED),
    ),
    page(
        "big5",
        "Big5",
        Region::ChineseTraditional,
        Letters::Chinese(TRADITIONAL),
    ),
    page("euc-kr", "EUC-KR", Region::Korean, Letters::Korean),
    page(
        "iso-8859-7",
        "ISO 8859-7",
        Region::Greek,
        Letters::Alphabets(&["αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"]),
    ),
];

const fn page(label: &'static str, name: &'static str, region: Region, letters: Letters) -> Page {
    Page {
        label,
        name,
        region,
        letters,
    }
}

impl Legacy {
    /// What Excel on Windows writes in the west.
    pub const WINDOWS_1252: Legacy = Legacy(0);

    /// All encodings from before Unicode that a file may be in.
    pub fn all() -> impl Iterator<Item = Legacy> {
        (0..PAGES.len()).map(|index| Legacy(index as u8))
    }

    /// The one with this [`Legacy::label`].
    pub fn of_label(label: &str) -> Option<Legacy> {
        Legacy::all().find(|legacy| legacy.label() == label)
    }

    fn page(self) -> &'static Page {
        &PAGES[usize::from(self.0)]
    }

    /// Its label in the Encoding Standard, or one in its style.
    pub fn label(self) -> &'static str {
        self.page().label
    }

    /// As programs call it.
    pub fn name(self) -> &'static str {
        self.page().name
    }

    /// Whose languages it is for.
    pub fn region(self) -> Region {
        self.page().region
    }

    pub(super) fn decoder(self, decoders: &dyn Decoders) -> Option<Box<dyn Decode>> {
        let upper = match self.label() {
            "windows-1252" => WINDOWS_1252,
            "ibm437" => IBM_437,
            "ibm850" => IBM_850,
            "ibm852" => IBM_852,
            label => return decoders.decoder(label),
        };
        Some(Box::new(Upper(upper.chars().collect())))
    }
}

/// What the bytes from 0x80 on are.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\
    \u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêë\
    ìíîïðñòóôõö÷øùúûüýþÿ";
const IBM_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
    αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const IBM_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
    ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const IBM_852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀\
    ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";

/// An encoding of one byte whose lower half is ASCII.
struct Upper(Vec<char>);

impl Decode for Upper {
    fn decode(&mut self, bytes: &[u8], _: bool) -> Option<String> {
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
        for &byte in bytes {
            match byte.checked_sub(0x80) {
                None => text.push(char::from(byte)),
                Some(upper) => text.push(*self.0.get(usize::from(upper))?),
            }
        }
        Some(text)
    }
}

/// An encoding that the file may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub encoding: Encoding,
    /// The first telling words in it.
    pub words: Vec<String>,
}

/// How many bytes of telling lines are looked at.
const SAMPLE: usize = 48 * 1024;
/// How many encodings are offered.
const OFFERS: usize = 8;
/// How many words are shown of each, and how long they are.
const WORDS: usize = 4;
const WORD: usize = 24;

/// What is in a file that is not UTF-8 everywhere.
#[derive(Default)]
pub(super) struct Survey {
    /// Up to where it has been looked at.
    pub at: usize,
    /// How many characters are UTF-8 and not ASCII.
    pub good: usize,
    /// How many pieces are not UTF-8.
    pub bad: usize,
    pub first_bad: Option<usize>,
    /// Where the line begins that is not looked through yet.
    line: usize,
    /// Lines with letters beyond ASCII.
    sample: Vec<u8>,
    has_lf: bool,
    has_cr: bool,
}

impl Survey {
    /// Looks at the bytes up to here, which is where a character begins if it is UTF-8.
    pub fn look_at(&mut self, bytes: &[u8], end: usize) {
        let mut at = self.at;
        for chunk in bytes[self.at..end].utf8_chunks() {
            self.good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                self.bad += 1;
                self.first_bad.get_or_insert(at);
                at += chunk.invalid().len();
            }
        }
        self.at = end;
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        self.has_lf |= self.line < end && bytes[self.line..end].contains(&b'\n');
        self.has_cr |= self.line < end && bytes[self.line..end].contains(&b'\r');
        while self.sample.len() < SAMPLE && self.line < end {
            let rest = &bytes[self.line..end];
            let length = match rest.iter().position(is_end) {
                Some(length) => length,
                None if end == bytes.len() || rest.len() > SAMPLE => rest.len(),
                None => break,
            };
            let line = &rest[..length];
            if !line.is_ascii() {
                self.sample.extend_from_slice(&line[..length.min(SAMPLE)]);
                self.sample.push(b'\n');
            }
            self.line += length + 1;
        }
    }

    /// Whether the file is UTF-8 and ends within a character.
    pub fn is_cut_off(&self, bytes: &[u8]) -> bool {
        let (Some(at), 1) = (self.first_bad, self.bad) else {
            return false;
        };
        let tail = &bytes[at..];
        let is_begun = std::str::from_utf8(tail).is_err_and(|error| error.error_len().is_none());
        // `René` at the end of a file in Windows-1252 is no character that has begun.
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let is_letter =
            matches!(tail, [0xE0..=0xFF]) && before.is_some_and(|byte| byte.is_ascii_lowercase());
        is_begun && (self.good > 0 || !is_letter)
    }

    /// The encodings that the file may have, best first; of those in which it says the same, one.
    pub fn offers(&self, decoders: &dyn Decoders) -> Vec<Offer> {
        let mut found: Vec<(f64, Legacy, String)> = Vec::new();
        for legacy in Legacy::all() {
            let text = legacy
                .decoder(decoders)
                .and_then(|mut decoder| decoder.decode(&self.sample, true));
            let Some(text) = text else { continue };
            if found.iter().any(|(_, _, other)| *other == text) {
                continue;
            }
            let mut score = looks(&text, &legacy.page().letters) - f64::from(legacy.0) * 0.002;
            // Only the old Macintosh ended lines with nothing but CR.
            if self.has_cr && !self.has_lf && legacy.name().starts_with("Mac") {
                score += 0.3;
            }
            let behind = found.partition_point(|(other, ..)| *other >= score);
            found.insert(behind, (score, legacy, text));
        }
        let offers = found.into_iter().take(OFFERS);
        let offer = |(_, legacy, text): (f64, Legacy, String)| Offer {
            encoding: Encoding::Legacy(legacy),
            words: telling(&text),
        };
        offers.map(offer).collect()
    }
}

/// The first different words with letters beyond ASCII.
fn telling(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split([',', ';', '\t', '|', '"', '\n']) {
        let word = word.trim();
        if !word.is_ascii() {
            let short: String = word.chars().take(WORD).collect();
            if !words.contains(&short) {
                words.push(short);
                if words.len() == WORDS {
                    break;
                }
            }
        }
    }
    words
}

/// How much a text looks like one in a language of these letters: about 1 if it does, below 0 if
/// it does not at all.
fn looks(text: &str, letters: &Letters) -> f64 {
    let alphabet = match letters {
        Letters::Alphabets(alphabets) => {
            let known = |alphabet: &&&str| {
                let letters = text.chars().filter(|c| !c.is_ascii());
                letters.filter(|c| alphabet.contains(lower(*c))).count()
            };
            // The first one of those that fit equally well.
            alphabets.iter().rev().max_by_key(known).copied()
        }
        _ => None,
    };
    let (mut sum, mut weight) = (0.0, 0.0);
    let mut before = '\n';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii() {
            let (value, bytes) = value(c, letters, alphabet);
            // `JÅrgen`: a capital amid a word that is not in capitals.
            let is_amid = before.is_alphabetic() && c.is_uppercase();
            let against = misplaced(before, c)
                + match (
                    is_amid,
                    chars.peek().is_some_and(|next| next.is_lowercase()),
                ) {
                    (true, true) => 0.8,
                    // Whole words in capitals are rare in lists of names.
                    (true, false) => 0.25,
                    (false, _) => 0.0,
                };
            sum += (value - against) * bytes;
            weight += bytes;
        } else if c.is_alphanumeric() && !before.is_ascii() {
            sum -= misplaced(before, c);
        }
        before = c;
    }
    if weight == 0.0 { 0.0 } else { sum / weight }
}

/// How much a character is to be expected, and how many bytes it has in its encoding.
fn value(c: char, letters: &Letters, alphabet: Option<&str>) -> (f64, f64) {
    let is_wide = matches!(
        letters,
        Letters::Chinese(_) | Letters::Japanese | Letters::Korean
    );
    let bytes = if is_wide { 2.0 } else { 1.0 };
    if unseen(c).is_some_and(|unseen| unseen != super::characters::Unseen::Zero) {
        return (-4.0, bytes);
    }
    if matches!(
        c,
        '’' | '‘'
            | '“'
            | '”'
            | '„'
            | '–'
            | '—'
            | '…'
            | '€'
            | '«'
            | '»'
            | '\u{a0}'
            | '™'
            | '©'
            | '®'
            | '№'
    ) {
        return (0.4, bytes);
    }
    let han =
        matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    let value = match letters {
        Letters::Alphabets(_) => {
            let small = lower(c);
            match alphabet.is_some_and(|alphabet| alphabet.contains(small)) {
                true if FREQUENT.contains(small) => 1.2,
                true if matches!(script(small), 1 | 2) => 0.8,
                true => 1.0,
                false if c.is_alphabetic() => 0.1,
                false => -1.0,
            }
        }
        Letters::Range(from, to) => match (*from..=*to).contains(&c) {
            // Nearly every byte is a letter there: many texts of others look like it.
            true if script(c) == 5 => 0.8,
            // No capitals would speak against a wrong guess of these.
            true => 1.05,
            false if c.is_alphabetic() => 0.0,
            false => -1.0,
        },
        Letters::Chinese(common) => match (common.contains(c), han) {
            (true, _) => 1.0,
            (_, true) => 0.35,
            _ if matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff5e}') => 0.4,
            _ => -0.5,
        },
        Letters::Japanese => match c {
            '\u{3041}'..='\u{30ff}' => 1.0,
            _ if JAPANESE.contains(c) => 1.0,
            _ if han => 0.35,
            '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff5e}' => 0.4,
            // Half-width, which a wrong guess is full of.
            '\u{ff61}'..='\u{ff9f}' => return (-0.2, 1.0),
            _ => -0.5,
        },
        Letters::Korean => match c {
            '\u{ac00}'..='\u{d7a3}' => 0.95,
            _ if han => 0.1,
            '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff5e}' => 0.3,
            _ => -0.5,
        },
    };
    (value, bytes)
}

/// What speaks against a character behind another: a capital behind a small letter, another script
/// in the same word, a sign amid letters.
fn misplaced(before: char, c: char) -> f64 {
    let mut against = 0.0;
    if before.is_lowercase() && c.is_uppercase() {
        against += 1.0;
    }
    // Marks on letters and digits are of a script as well.
    let is_of_script = |c: char| c.is_alphabetic() || matches!(script(c), 1..=7);
    if is_of_script(before) && is_of_script(c) && script(before) != script(c) {
        against += 1.0;
    }
    if before.is_alphabetic() && !c.is_alphanumeric() && !c.is_ascii() && is_sign(c) {
        against += 0.5;
    }
    against
}

fn is_sign(c: char) -> bool {
    !matches!(
        c,
        '’' | '”' | '“' | '…' | '™' | '®' | '\u{a0}' | '»' | '–' | '—'
    ) && !c.is_whitespace()
        && !('\u{300}'..='\u{36f}').contains(&c)
        && !matches!(c, '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{670}' | '\u{e31}'..='\u{e4e}')
}

fn script(c: char) -> u8 {
    match c {
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => 0,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => 1,
        '\u{400}'..='\u{52f}' => 2,
        '\u{590}'..='\u{5ff}' => 3,
        '\u{600}'..='\u{6ff}' | '\u{fb50}'..='\u{fdff}' => 4,
        '\u{e00}'..='\u{e7f}' => 5,
        '\u{ac00}'..='\u{d7a3}' => 6,
        '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff61}'..='\u{ff9f}' => 7,
        _ => 8,
    }
}

/// The letter in lower case, if that is one letter.
fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::decode;
    use super::*;

    /// The text in this encoding.
    fn encoded(text: &str, label: &'static str) -> Vec<u8> {
        match label {
            "ibm850" | "ibm437" | "ibm852" => {
                let upper: Vec<char> = match label {
                    "ibm850" => IBM_850,
                    "ibm437" => IBM_437,
                    _ => IBM_852,
                }
                .chars()
                .collect();
                let byte = |c: char| match c.is_ascii() {
                    true => c as u8,
                    false => 0x80 + upper.iter().position(|other| *other == c).unwrap() as u8,
                };
                text.chars().map(byte).collect()
            }
            _ => {
                let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
                let (bytes, _, lost) = encoding.encode(text);
                assert!(!lost, "{text} in {label}");
                bytes.into_owned()
            }
        }
    }

    #[test]
    fn every_half_has_its_128() {
        for upper in [WINDOWS_1252, IBM_437, IBM_850, IBM_852] {
            assert_eq!(upper.chars().count(), 128);
        }
    }

    #[test]
    fn names_of_the_world_are_recognised() {
        for (label, text) in [
            (
                "windows-1252",
                "id;name\r\na;Jürgen Müller\r\nb;Søren Ångström\r\n",
            ),
            (
                "windows-1252",
                "id;name\na;José Núñez\nb;François Lefèvre\n",
            ),
            ("windows-1252", "id;name\na;René"),
            ("windows-1250", "id;name\na;Dvořák\nb;Růžena Nováková\n"),
            (
                "windows-1250",
                "id;name\na;Łukasz Wójcik\nb;Małgorzata Dąbrowska\n",
            ),
            ("windows-1250", "id;name\na;Győző Őry\nb;Tűhegyi Ádám\n"),
            ("windows-1251", "id;Имя\na;Иван Петров\nb;Ольга Смирнова\n"),
            (
                "windows-1251",
                "id;Ім'я\na;Олексій Ковальчук\nb;Євгенія Їжак\n",
            ),
            ("koi8-r", "id;Имя\na;Иван Петров\nb;Ольга Смирнова\n"),
            ("ibm866", "id;Имя\na;Иван Петров\nb;Ольга Смирнова\n"),
            ("windows-1253", "id;Όνομα\na;Γιώργος Παπαδόπουλος\n"),
            ("windows-1254", "id;ad\na;Çağrı Şahin\nb;İbrahim Yıldız\n"),
            ("windows-1255", "id;שם\na;דוד לוי\n"),
            ("windows-1256", "id;اسم\na;محمد علي\n"),
            ("windows-874", "id;ชื่อ\na;สมชาย\n"),
            ("macintosh", "id,name\ra,Jürgen Müller\rb,José Núñez\r"),
            ("ibm850", "id;name\r\na;Jürgen Müller\r\nb;Zoë\r\n"),
            ("ibm852", "id;name\r\na;Dvořák\r\nb;Růžena\r\n"),
            ("shift_jis", "id,氏名\na,佐藤 太郎\nb,ヤマダ はなこ\n"),
            ("euc-jp", "id,氏名\na,佐藤 太郎\nb,ヤマダ はなこ\n"),
            ("gb18030", "id,姓名\na,张伟\nb,王秀英\n"),
            ("big5", "id,姓名\na,陳志明\nb,林淑芬\n"),
            ("euc-kr", "id,이름\na,김민수\nb,이영희\n"),
        ] {
            let (read, encoding) = decode(&encoded(text, label)).expect(label);
            assert_eq!(read, text, "{label} was taken for {encoding:?}");
        }
    }

    #[test]
    fn what_is_offered_shows_telling_words() {
        let mut survey = Survey::default();
        let bytes = encoded("id;name\na;Jürgen\nb;Jane\nc;Zoë\n", "windows-1252");
        survey.look_at(&bytes, bytes.len());
        let offers = survey.offers(&super::super::decode::tests::Native);
        assert_eq!(
            offers[0],
            Offer {
                encoding: Encoding::Legacy(Legacy::WINDOWS_1252),
                words: vec!["Jürgen".into(), "Zoë".into()],
            }
        );
        assert!(offers.len() > 3, "{offers:?}");
        let words = offers.iter().map(|offer| &offer.words);
        let different: std::collections::HashSet<_> = words.collect();
        assert_eq!(different.len(), offers.len());
    }
}
