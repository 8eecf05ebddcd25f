//! Files that are no tables of text: what they are, so that a person knows what to do.

use super::read::FileProblem;

/// What a file is instead of CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    Json,
    Sql,
    Html,
    Xml,
    Ldif,
    VCard,
    Pdf,
    Rtf,
    /// ZIP that is no spreadsheet is taken for one; this is gzip, 7-Zip and others.
    Archive,
    Image,
    /// Keys, certificates, encrypted messages.
    Keys,
    /// SYLK and DIF: text, but no CSV.
    SpreadsheetText,
}

/// What the first bytes give away.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<FileProblem> {
    const SPREADSHEETS: [&[u8]; 5] = [
        b"PK\x03\x04",
        b"\xD0\xCF\x11\xE0",
        // Those of before 1997.
        b"\x09\x08\x10\0",
        b"\x09\x04\x06\0",
        b"\x09\x02\x06\0",
    ];
    if SPREADSHEETS.iter().any(|magic| bytes.starts_with(magic)) {
        return Some(FileProblem::Spreadsheet);
    }
    const OTHERS: [(&[u8], Foreign); 15] = [
        (b"%PDF-", Foreign::Pdf),
        (b"{\\rtf", Foreign::Rtf),
        (b"\x1F\x8B", Foreign::Archive),
        (b"7z\xBC\xAF\x27\x1C", Foreign::Archive),
        (b"BZh", Foreign::Archive),
        (b"Rar!\x1A", Foreign::Archive),
        (b"PK\x05\x06", Foreign::Archive),
        (b"PK\x07\x08", Foreign::Archive),
        (b"\x28\xB5\x2F\xFD", Foreign::Archive),
        (b"\xFD7zXZ\0", Foreign::Archive),
        (b"\x89PNG", Foreign::Image),
        (b"\xFF\xD8\xFF", Foreign::Image),
        (b"GIF8", Foreign::Image),
        (b"RIFF", Foreign::Image),
        (b"SQLite format 3\0", Foreign::Sql),
    ];
    let found = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    Some(FileProblem::Foreign { what: found.1 })
}

/// What the text gives away in its first line that is not empty.
pub(super) fn of_text(text: &str) -> Option<Foreign> {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let line = text
        .split(['\r', '\n'])
        .next()
        .unwrap_or_default()
        .trim_end();
    let begins = |word: &str| {
        line.get(..word.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
    };
    let rest = |open: char| text.strip_prefix(open).map(str::trim_start);
    let is_json = rest('{').is_some_and(|rest| rest.starts_with(['"', '}']))
        || rest('[').is_some_and(|rest| rest.starts_with(['{', '"', '[', ']']));
    if is_json {
        return Some(Foreign::Json);
    }
    const PAGES: [&str; 8] = [
        "<!doctype html",
        "<html",
        "<table",
        "<head",
        "<body",
        "<div",
        "<p>",
        "<pre",
    ];
    if PAGES.iter().any(|tag| begins(tag)) {
        return Some(Foreign::Html);
    }
    // A pair of angles around an ID is none, nor is a mark of git.
    const TAGS: [&str; 7] = ["<?", "<!", "</", "<svg", "<user", "<root", "<rss"];
    if TAGS.iter().any(|tag| begins(tag)) {
        return Some(Foreign::Xml);
    }
    if begins("BEGIN:VCARD") || begins("BEGIN:VCALENDAR") {
        return Some(Foreign::VCard);
    }
    if line.starts_with("%PDF-") {
        return Some(Foreign::Pdf);
    }
    if line.starts_with("-----BEGIN ") {
        return Some(Foreign::Keys);
    }
    let rows = || text.split(['\r', '\n']).skip(1);
    let is_sylk = line.starts_with("ID;P") && rows().any(|row| row.starts_with("C;"));
    let is_dif = line == "TABLE" && rows().find(|row| !row.is_empty()) == Some("0,1");
    if is_sylk || is_dif {
        return Some(Foreign::SpreadsheetText);
    }
    if begins("dn: ") || begins("dn:: ") || (begins("version: ") && text.contains("\ndn: ")) {
        return Some(Foreign::Ldif);
    }
    const SQL: [&str; 9] = [
        "INSERT INTO ",
        "CREATE TABLE ",
        "CREATE DATABASE ",
        "DROP TABLE ",
        "-- MySQL dump",
        "-- PostgreSQL database dump",
        "-- MariaDB dump",
        "-- phpMyAdmin",
        "/*!",
    ];
    let is_sql = SQL.iter().any(|word| begins(word))
        // What PostgreSQL writes before anything else.
        || (line == "--" && text.contains("PostgreSQL database dump"));
    is_sql.then_some(Foreign::Sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_csv_is_named() {
        for (text, what) in [
            ("{\"id\": \"a\"}\n{\"id\": \"b\"}\n", Foreign::Json),
            ("[\n  {\"id\": \"a\"}\n]\n", Foreign::Json),
            ("<!DOCTYPE html><html>", Foreign::Html),
            ("<?xml version=\"1.0\"?>\n", Foreign::Xml),
            ("dn: CN=Jane,DC=b,DC=org\ncn: Jane\n", Foreign::Ldif),
            ("BEGIN:VCARD\r\nVERSION:3.0\r\n", Foreign::VCard),
            ("INSERT INTO users VALUES ('a');\n", Foreign::Sql),
            ("--\n-- PostgreSQL database dump\n--\n", Foreign::Sql),
            ("\n<!-- error -->\n<div>502</div>", Foreign::Xml),
            ("<users><user id='a'/></users>", Foreign::Xml),
            ("\n%PDF-1.7\n", Foreign::Pdf),
            ("-----BEGIN PGP MESSAGE-----\n", Foreign::Keys),
            (
                "ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K\"id\"\r\nE\r\n",
                Foreign::SpreadsheetText,
            ),
            ("TABLE\r\n0,1\r\n\"EXCEL\"\r\n", Foreign::SpreadsheetText),
        ] {
            assert_eq!(of_text(text), Some(what), "{text}");
        }
        for text in [
            "id,name\n",
            "[id],[name]\n",
            "DN,objectClass\n",
            "{id},x\n",
            "-- users\nid\n",
            "ID;Passwort\na;x\n",
            "<jane>\n",
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }
}
