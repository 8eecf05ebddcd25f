use super::*;
use proptest::prelude::*;

/// The encodings of the world, natively.
pub struct Native;

impl Decoders for Native {
    fn decoder(&self, label: &'static str) -> Option<Box<dyn Decode>> {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes())?;
        Some(Box::new(NativeDecoder(
            encoding.new_decoder_without_bom_handling(),
        )))
    }
}

struct NativeDecoder(encoding_rs::Decoder);

impl Decode for NativeDecoder {
    fn decode(&mut self, bytes: &[u8], is_last: bool) -> Option<String> {
        let room = self
            .0
            .max_utf8_buffer_length_without_replacement(bytes.len())?;
        let mut text = String::with_capacity(room);
        let (result, read) = self
            .0
            .decode_to_string_without_replacement(bytes, &mut text, is_last);
        let is_whole = result == encoding_rs::DecoderResult::InputEmpty && read == bytes.len();
        is_whole.then_some(text)
    }
}

const WINDOWS_1252: Encoding = Encoding::Legacy(Legacy::WINDOWS_1252);

fn sliced(bytes: &[u8], step: usize) -> Result<(String, Encoding), FileProblem> {
    let mut decoder = Decoder::new(bytes.to_vec(), None, Rc::new(Native))?;
    while !decoder.decode_some(step)? {
        assert!(decoder.progress() <= 1.0);
    }
    let (text, encoding, _) = decoder.finish();
    Ok((text, encoding))
}

fn utf16_bytes(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    ("\u{feff}".to_owned() + text)
        .encode_utf16()
        .flat_map(bytes)
        .collect()
}

fn utf32_bytes(text: &str, bytes: fn(u32) -> [u8; 4]) -> Vec<u8> {
    text.chars().flat_map(|c| bytes(c as u32)).collect()
}

#[test]
fn marks_are_understood_and_removed() {
    let decoded = |bytes: &[u8]| decode(bytes).unwrap();
    assert_eq!(
        decoded(b"\xEF\xBB\xBFid\n"),
        ("id\n".into(), Encoding::Utf8)
    );
    assert_eq!(
        decoded(&utf16_bytes("id,é😀", u16::to_le_bytes)),
        ("id,é😀".into(), Encoding::Utf16Le)
    );
    assert_eq!(
        decoded(&utf16_bytes("id,é😀", u16::to_be_bytes)),
        ("id,é😀".into(), Encoding::Utf16Be)
    );
    assert_eq!(
        decoded(&utf32_bytes("\u{feff}id,é😀", u32::to_le_bytes)),
        ("id,é😀".into(), Encoding::Utf32Le)
    );
    assert_eq!(
        decoded(&utf32_bytes("\u{feff}id,é😀", u32::to_be_bytes)),
        ("id,é😀".into(), Encoding::Utf32Be)
    );
}

#[test]
fn wide_encodings_show_without_marks() {
    for text in ["id,é", "Имя,id\nИван,a\n", "氏名\tid\n佐藤\ta\n山田\tb\n"] {
        let wide = [
            (utf16_bytes(text, u16::to_le_bytes), Encoding::Utf16Le),
            (utf16_bytes(text, u16::to_be_bytes), Encoding::Utf16Be),
        ];
        for (bytes, encoding) in wide {
            assert_eq!(decode(&bytes[2..]).unwrap(), (text.into(), encoding));
        }
    }
    let text = "id,é";
    assert_eq!(
        decode(&utf32_bytes(text, u32::to_le_bytes)).unwrap(),
        (text.into(), Encoding::Utf32Le)
    );
    assert_eq!(
        decode(&utf32_bytes(text, u32::to_be_bytes)).unwrap(),
        (text.into(), Encoding::Utf32Be)
    );
}

#[test]
fn what_excel_on_windows_writes() {
    assert_eq!(
        decode(b"id;name\r\nj;J\xFCrgen \x80").unwrap(),
        ("id;name\r\nj;Jürgen €".into(), WINDOWS_1252)
    );
}

#[test]
fn a_person_decides() {
    let bytes = b"id;name\r\nj;\xC8\xE2\xE0\xED\r\n";
    let chosen = Encoding::Legacy(Legacy::of_label("windows-1251").unwrap());
    let read = |chosen| {
        let mut decoder = Decoder::new(bytes.to_vec(), Some(chosen), Rc::new(Native))?;
        while !decoder.decode_some(3)? {}
        Ok(decoder.finish().0)
    };
    assert_eq!(read(chosen), Ok("id;name\r\nj;Иван\r\n".into()));
    assert_eq!(read(WINDOWS_1252), Ok("id;name\r\nj;Èâàí\r\n".into()));
    let japanese = Encoding::Legacy(Legacy::of_label("shift_jis").unwrap());
    assert!(matches!(
        read(japanese),
        Err(FileProblem::NotInEncoding { .. }) | Ok(_)
    ));
}

#[test]
fn damage_is_named_with_its_line() {
    // UTF-8 but for one byte: never read as Windows-1252.
    let damaged = b"id,name\nj,J\xC3\xBCrgen\nk,K\xFCrt\n";
    let expected = FileProblem::NotUtf8 {
        offset: 21,
        line: 3,
    };
    assert_eq!(decode(damaged), Err(expected));
    // What it could be instead is known all the same.
    let mut decoder = Decoder::new(damaged.to_vec(), None, Rc::new(Native)).unwrap();
    while decoder.decode_some(7).is_ok() {}
    assert!(!decoder.offers().is_empty());
    let mut odd = utf16_bytes("id\na", u16::to_le_bytes);
    odd.push(b'x');
    assert_eq!(decode(&odd), Err(FileProblem::CutOff { line: 2 }));
    assert_eq!(
        decode(b"\xFF\xFEi\0\n\0\x00\xD8"),
        Err(FileProblem::NotInEncoding {
            encoding: Encoding::Utf16Le,
            line: 2
        })
    );
    assert_eq!(
        decode(b"id\na\0\x01\x02\0b\0\x03"),
        Err(FileProblem::Binary { line: 2 })
    );
    assert_eq!(decode(b"PK\x03\x04\x14\0"), Err(FileProblem::Spreadsheet));
    // A single NUL is a control character like others, named where it stands.
    assert_eq!(decode(b"id\na\0b").unwrap().0, "id\na\0b");
    assert_eq!(decode(b"id\r\na\r\n\x1a").unwrap().0, "id\r\na\r\n");
    let padded = b"id,name\r\njane,Jane\r\njohn,John\r\n\x1a\x1a";
    assert_eq!(
        decode(padded).unwrap().0,
        "id,name\r\njane,Jane\r\njohn,John\r\n"
    );
}

#[test]
fn a_file_that_ends_within_a_character_is_cut_off() {
    for bytes in [
        b"id,name\na,M\xC3".as_slice(),
        b"id,name\na,M\xC3\xBCller\nb,M\xC3",
        b"id,name\na,\xE4\xBD\xA0\xE5\xA5",
        b"id,name\na,\xF0\x9F\xA6",
    ] {
        assert!(
            matches!(decode(bytes), Err(FileProblem::CutOff { line: 2 | 3 })),
            "{bytes:?}"
        );
    }
    assert_eq!(decode(b"id,name\na,Ren\xE9").unwrap().0, "id,name\na,René");
}

proptest! {
    #[test]
    fn any_text_survives_utf16(text in "[^\0]{0,60}") {
        for bytes in [utf16_bytes(&text, u16::to_le_bytes), utf16_bytes(&text, u16::to_be_bytes)] {
            let decoded = decode(&bytes).unwrap().0;
            prop_assert_eq!(&decoded, text.trim_end_matches('\u{1a}'));
        }
    }

    #[test]
    fn slices_make_no_difference(bytes: Vec<u8>, ascii in "[a-z\n]{0,9}", step in 1_usize..7) {
        let bytes: Vec<u8> = ascii.bytes().chain(bytes).collect();
        prop_assert_eq!(sliced(&bytes, step), decode(&bytes));
    }

    #[test]
    fn windows_1252_in_slices(text in "[a-z€ž\nüé–]{0,40}", step in 1_usize..7) {
        let bytes = encoding_rs::WINDOWS_1252.encode(&text).0;
        prop_assert_eq!(sliced(&bytes, step), decode(&bytes));
        let mut decoder = Decoder::new(bytes.to_vec(), Some(WINDOWS_1252), Rc::new(Native)).unwrap();
        while !decoder.decode_some(step).unwrap() {}
        prop_assert_eq!(decoder.finish().0, text);
    }
}
