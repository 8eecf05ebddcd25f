//! Files as programs write them, byte for byte: each imports as it is.

use super::columns::{HeaderRole, ImportColumn};
use super::decode::Encoding;
use super::encodings::Legacy;
use super::matching::MatchedBy;
use super::read::{FileProblem, HeaderAt, ReadAs, read, read_as};
use super::table::Table;
use super::tests::rules;
use super::validate::{IdSource, NoUser, ProblemKind, Rules, Severity, Validation};

fn utf16_le(text: &str) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// What is sent of a row: ID, display name, password, addresses, whether it is deactivated.
fn sent(bytes: &[u8]) -> Vec<(String, String, String, String, bool)> {
    let table = read(bytes).unwrap_or_else(|problem| panic!("{problem:?}"));
    let ids = match table.has(ImportColumn::Id) {
        true => IdSource::FromFile,
        false => IdSource::GenerateAll,
    };
    let file = Validation::of(&table, Rules { ids, ..rules() }).expect("IDs");
    (0..table.rows().len())
        .map(|row| {
            let problems = file.problems(&table, row);
            let wrong: Vec<_> = problems
                .iter()
                .filter(|problem| problem.severity() > Severity::Warning)
                .collect();
            assert!(wrong.is_empty(), "row {row}: {wrong:?}");
            let found = file.candidate(row).expect("a row");
            let addresses = found.threepids.iter().flatten();
            let addresses: Vec<&str> = addresses.map(|found| found.address.as_str()).collect();
            (
                found
                    .user
                    .as_ref()
                    .map_or("", |user| user.localpart())
                    .to_owned(),
                found.displayname.clone().unwrap_or_default(),
                found.password.clone().unwrap_or_default(),
                addresses.join(" "),
                found.deactivated == Some(true),
            )
        })
        .collect()
}

fn is(
    id: &str,
    name: &str,
    password: &str,
    address: &str,
) -> (String, String, String, String, bool) {
    (
        id.into(),
        name.into(),
        password.into(),
        address.into(),
        false,
    )
}

#[test]
fn excel_on_windows() {
    let jane = || vec![is("jane", "Jürgen Müller", "geheim", "")];
    // German: `CSV (Trennzeichen-getrennt)`.
    assert_eq!(
        sent(b"Benutzername;Anzeigename;Passwort;Administrator\r\njane;J\xFCrgen M\xFCller;geheim;FALSCH\r\n"),
        jane()
    );
    // `CSV UTF-8`.
    let text = "\u{feff}Benutzername;Anzeigename;Passwort\r\njane;Jürgen Müller;geheim\r\n";
    assert_eq!(sent(text.as_bytes()), jane());
    // `Unicode-Text`.
    let text = "Benutzername\tAnzeigename\tPasswort\r\njane\tJürgen Müller\tgeheim\r\n";
    assert_eq!(sent(&utf16_le(text)), jane());
    // `CSV (MS-DOS)`.
    assert_eq!(
        sent(b"Benutzername;Anzeigename;Passwort\r\njane;J\x81rgen M\x81ller;geheim\r\n"),
        jane()
    );
    // French, with the line that some exporters put before.
    assert_eq!(
        sent(b"sep=;\r\nIdentifiant;Nom complet;Mot de passe;Administrateur\r\njane;Ren\xE9e Lef\xE8vre;secret;FAUX\r\n"),
        [is("jane", "Renée Lefèvre", "secret", "")]
    );
}

#[test]
fn excel_leaves_out_empty_cells_at_the_end() {
    // The delimiters of a block of rows in which the last columns are empty are not written.
    let full = "jane;Jane;x;jane@example.com;#a:example.org\r\n".repeat(16);
    let short = "joe;Joe;y\r\n".repeat(17);
    let text = format!("Benutzername;Anzeigename;Passwort;E-Mail;Rooms\r\n{full}{short}");
    let mut table = read(text.as_bytes()).unwrap();
    let file = Validation::of(&table, rules()).unwrap();
    let asked = |table: &Table, file: &Validation, row| {
        let problems = file.problems(table, row).into_iter();
        problems
            .filter(|problem| matches!(problem.kind, ProblemKind::TooFewFields { .. }))
            .map(|problem| (problem.severity(), problem.place.column))
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(&table, &file, 0), []);
    assert_eq!(asked(&table, &file, 16), [(Severity::Question, Some(4))]);
    table.keep(16, 3);
    let file = Validation::of(&table, rules()).unwrap();
    assert_eq!(asked(&table, &file, 16), []);
    assert_eq!(asked(&table, &file, 17).len(), 1);
}

#[test]
fn excel_on_the_mac() {
    // `CSV (Macintosh)`: Mac Roman, lines end with CR.
    assert_eq!(
        sent(b"id,displayname,password\rjane,J\x9Frgen M\x9Fller,geheim\r"),
        [is("jane", "Jürgen Müller", "geheim", "")]
    );
    let text = "\u{feff}id;displayname\r\njane;Jürgen Müller\r\n";
    assert_eq!(sent(text.as_bytes()), [is("jane", "Jürgen Müller", "", "")]);
}

#[test]
fn google_sheets_and_numbers() {
    let sheets = "Username,Full name,Email\r\njane,\"Doe, Jane\",jane@example.com\r\njoe,Joe,";
    assert_eq!(
        sent(sheets.as_bytes()),
        [
            is("jane", "Doe, Jane", "", "jane@example.com"),
            is("joe", "Joe", "", "")
        ]
    );
    // Numbers, with the name of the table and with semicolons.
    let numbers = "Table 1;;\r\nUsername;Full name;Email\r\njane;Jane Doe;jane@example.com\r\n";
    assert_eq!(
        sent(numbers.as_bytes()),
        [is("jane", "Jane Doe", "", "jane@example.com")]
    );
    assert_eq!(
        read(numbers.as_bytes()).unwrap().before,
        [(1, "Table 1".to_owned())]
    );
}

#[test]
fn active_directory() {
    let csvde = b"DN,objectClass,sn,givenName,displayName,sAMAccountName,userPrincipalName,mail\r\n\
        \"CN=Jane Doe,OU=People,DC=corp,DC=local\",user,Doe,Jane,Jane Doe,jane.doe,jane.doe@corp.local,jane@example.com\r\n";
    assert_eq!(
        sent(csvde),
        [is("jane.doe", "Jane Doe", "", "jane@example.com")]
    );
    // Get-ADUser | Export-Csv, which says the type first and quotes everything.
    let powershell = b"#TYPE Microsoft.ActiveDirectory.Management.ADUser\r\n\
        \"DistinguishedName\",\"Enabled\",\"GivenName\",\"Name\",\"ObjectGUID\",\"SamAccountName\",\"Surname\"\r\n\
        \"CN=Jane Doe,DC=corp\",\"True\",\"Jane\",\"Jane Doe\",\"5f8c9a52-1111-2222-3333-444455556666\",\"jane.doe\",\"Doe\"\r\n\
        \"CN=Joe,DC=corp\",\"False\",\"Joe\",\"Joe\",\"5f8c9a52-1111-2222-3333-444455556667\",\"joe\",\"\"\r\n";
    let rows = sent(powershell);
    assert_eq!(rows[0], is("jane.doe", "Jane Doe", "", ""));
    assert!(rows[1].4, "{rows:?}");
    // With `-Encoding Unicode`; PowerShell 7 without the type.
    let text = String::from_utf8(powershell.to_vec()).unwrap();
    assert_eq!(sent(&utf16_le(&text)), rows);
    let (_, untyped) = text.split_once("\r\n").unwrap();
    assert_eq!(sent(untyped.as_bytes()), rows);
    // Without quotes, as `-UseQuotes Never` writes it; with the delimiter of the region.
    let bare = untyped
        .replace("\"CN=Jane Doe,DC=corp\"", "CN=Jane Doe")
        .replace("\"CN=Joe,DC=corp\"", "CN=Joe")
        .replace('"', "");
    assert_eq!(sent(bare.as_bytes()), rows);
    assert_eq!(sent(bare.replace(',', ";").as_bytes()), rows);
    // Entra: the ID is a number of the directory, the name of the user is an address.
    let entra = b"id,displayName,userPrincipalName,mail,accountEnabled\r\n\
        5f8c9a52-1111-2222-3333-444455556666,Jane Doe,jane@corp.com,jane@corp.com,True\r\n";
    let table = read(entra).unwrap();
    assert_eq!(table.place(ImportColumn::Id), Some(2));
    let file = Validation::of(&table, rules()).unwrap();
    let problem = file.problems(&table, 0).remove(0);
    assert_eq!(problem.kind, ProblemKind::IdOtherForm);
    assert_eq!(problem.fix.as_deref(), Some("jane"));
}

#[test]
fn hr_systems_and_workspaces() {
    let google = b"First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path [Required]\n\
        Jane,Doe,jane@example.com,secret,/\n";
    assert_eq!(
        sent(google),
        [is("", "Jane Doe", "secret", "jane@example.com")]
    );
    let hr = "Personalnummer;Vorname;Nachname;E-Mail (dienstlich);Eintrittsdatum\r\n\
              0815;Jürgen;Müller;jm@example.com;01.02.2020\r\n";
    let table = read(hr.as_bytes()).unwrap();
    assert_eq!(
        sent(hr.as_bytes()),
        [is("", "Jürgen Müller", "", "jm@example.com")]
    );
    assert_eq!(left_out(&table), ["Personalnummer", "Eintrittsdatum"]);
    // Personio: quotes where needed, dates and money of the region.
    let personio = "ID,First name,Last name,Email,Status,Position,Hire date,Fix salary\r\n\
        12345,Jane,\"Doe, Jr.\",jane@example.com,Active,Engineer,2020-02-01,\"1,234.50\"\r\n";
    let table = read(personio.as_bytes()).unwrap();
    // A number is no ID of a user, and somebody has to say what is.
    let file = Validation::of(&table, rules()).unwrap();
    assert_eq!(file.problems(&table, 0)[0].kind, ProblemKind::IdDigits);
    let generated = Rules {
        ids: IdSource::GenerateAll,
        ..rules()
    };
    let file = Validation::of(&table, generated).unwrap();
    assert_eq!(file.problems(&table, 0), []);
    let jane = file.candidate(0).unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe, Jr."));
    // DATEV and others of Germany: everything in quotes, semicolons, Windows-1252.
    let datev = b"\"Personalnummer\";\"Nachname\";\"Vorname\";\"E-Mail\"\r\n\
        \"00815\";\"M\xFCller\";\"J\xFCrgen\";\"jm@example.com\"\r\n";
    assert_eq!(sent(datev), [is("", "Jürgen Müller", "", "jm@example.com")]);
    // Workday: titles and a blank line before the header.
    let workday = "All Active Workers,,,\r\nEffective Date,2026-01-01,,\r\n\r\n\
        Username,Preferred Name,Email - Work,Cost Center\r\n\
        jdoe,Jane Doe,jane@example.com,4711\r\n";
    assert_eq!(
        sent(workday.as_bytes()),
        [is("jdoe", "Jane Doe", "", "jane@example.com")]
    );
    // SuccessFactors: names for programs, then names for people.
    let mut factors = "STATUS,USERID,USERNAME,FIRSTNAME,LASTNAME,EMAIL\r\n\
                       Status,User ID,Username,First Name,Last Name,Email\r\n"
        .to_owned();
    for number in 1..20 {
        let row = format!("active,10{number},jane{number},Jane,Doe,jane{number}@example.com\r\n");
        factors += &row;
    }
    let table = read(factors.as_bytes()).unwrap();
    let file = Validation::of(&table, rules()).unwrap();
    let like = NoUser::Names;
    let problems = file.problems(&table, 0);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].kind, ProblemKind::NoUser { like });
    assert_eq!(file.problems(&table, 1), []);
    let jane = file.candidate(1).unwrap().user.as_ref();
    assert_eq!(jane.map(|user| user.localpart()), Some("jane1"));
    // Where names are written in Han characters, the family comes first.
    let han = "社員番号,姓,名,ユーザー名\n1,佐藤,太郎,taro\n";
    assert_eq!(sent(han.as_bytes()), [is("taro", "佐藤太郎", "", "")]);
}

#[test]
fn databases() {
    let mysql = b"id\tusername\tfull_name\temail\n1\tjane\tJane Doe\tjane@example.com\n2\tjoe\tJoe\tjoe@example.com\n";
    assert_eq!(
        sent(mysql),
        [
            is("jane", "Jane Doe", "", "jane@example.com"),
            is("joe", "Joe", "", "joe@example.com")
        ]
    );
    let ruled = b"+----------+-----------+\n| username | full_name |\n+----------+-----------+\n| jane     | Jane Doe  |\n+----------+-----------+\n1 row in set (0.00 sec)\n";
    assert_eq!(
        read(ruled).unwrap().field(0, ImportColumn::DisplayName),
        "Jane Doe"
    );
    let psql = b" username | full_name \n----------+-----------\n jane     | Jane Doe\n(1 row)\n";
    assert_eq!(sent(psql), [is("jane", "Jane Doe", "", "")]);
    // What is nothing there is asked about here.
    let nothing = read(b"id,displayname,email\njane,NULL,\\N\n").unwrap();
    let file = Validation::of(&nothing, rules()).unwrap();
    let problems = file.problems(&nothing, 0);
    let kinds: Vec<_> = problems
        .iter()
        .map(|problem| problem.kind.clone())
        .collect();
    assert_eq!(kinds, [ProblemKind::Nothing, ProblemKind::Nothing]);
    assert!(
        problems
            .iter()
            .all(|problem| problem.fix.as_deref() == Some(""))
    );
    for dump in [
        "INSERT INTO users VALUES ('a');\n",
        "{\"id\":\"a\"}\n{\"id\":\"b\"}\n",
    ] {
        assert!(matches!(
            read(dump.as_bytes()),
            Err(FileProblem::Foreign { .. })
        ));
    }
}

#[test]
fn libreoffice() {
    // Files that it really wrote: `cargo xtask calc` makes them anew.
    const COMMA: &[u8] = include_bytes!("../../tests/files/calc/comma.csv");
    const SEMICOLON: &[u8] = include_bytes!("../../tests/files/calc/semicolon.csv");
    const QUOTED: &[u8] = include_bytes!("../../tests/files/calc/quoted.csv");
    const AS_STORED: &[u8] = include_bytes!("../../tests/files/calc/as-stored.csv");
    const WINDOWS: &[u8] = include_bytes!("../../tests/files/calc/windows-1252.csv");
    const IBM: &[u8] = include_bytes!("../../tests/files/calc/ibm-850.csv");
    const UTF_16: &[u8] = include_bytes!("../../tests/files/calc/utf-16.csv");
    const APOSTROPHES: &[u8] = include_bytes!("../../tests/files/calc/apostrophes.csv");
    const FORMULAS: &[u8] = include_bytes!("../../tests/files/calc/formulas.csv");
    let people = |zoe: &str| {
        let password = "sag \"hallo\"; geh, bitte";
        vec![
            is(
                "jmueller",
                "Müller, Jürgen",
                password,
                "j.mueller@example.com",
            ),
            is("zoe", zoe, "007", "zoe@example.com"),
        ]
    };
    for file in [
        COMMA,
        SEMICOLON,
        QUOTED,
        AS_STORED,
        WINDOWS,
        UTF_16,
        APOSTROPHES,
    ] {
        assert_eq!(sent(file), people("O’Neil, Zoë"), "{file:?}");
        let table = read(file).unwrap();
        // A line break in a cell of a column that is left out.
        assert_eq!(table.line(1), 4);
        let open: Vec<String> = left_out(&table);
        assert_eq!(open, ["Personalnummer", "Gehalt", "Eintritt", "Anschrift"]);
        let file = Validation::of(&table, rules()).unwrap();
        let admins: Vec<_> = (0..2)
            .map(|row| file.candidate(row).unwrap().admin)
            .collect();
        assert_eq!(admins, [Some(true), Some(false)]);
    }
    // This encoding has no curly apostrophe: LibreOffice writes a straight one.
    assert_eq!(sent(IBM), people("O'Neil, Zoë"));
    // Asked to write formulas, it writes formulas, and nobody is called `=C2&", "&B2`.
    let table = read(FORMULAS).unwrap();
    let file = Validation::of(&table, rules()).unwrap();
    for row in 0..2 {
        let problems = file.problems(&table, row);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].kind, ProblemKind::Formula);
    }
}

/// The columns that are left out, though they have values.
fn left_out(table: &Table) -> Vec<String> {
    let open = table.matching().into_iter();
    open.filter(|found| found.is_open() && found.is_left_out())
        .map(|found| found.name)
        .collect()
}

#[test]
fn lines_wrapped_in_quotes() {
    let wrapped =
        b"\"id,displayname,password\"\r\n\"jane,\"\"Doe, Jane\"\",secret\"\r\n\"joe,Joe,x\"\r\n";
    assert_eq!(
        sent(wrapped),
        [
            is("jane", "Doe, Jane", "secret", ""),
            is("joe", "Joe", "x", "")
        ]
    );
    let table = read(wrapped).unwrap();
    assert!(table.is_bare);
    assert_eq!(table.line(1), 3);
}

#[test]
fn joined_files() {
    let joined = "\u{feff}\u{feff}id,displayname\na,A\n\u{feff}id,displayname\nb,B\n";
    assert_eq!(
        sent(joined.as_bytes()),
        [is("a", "A", "", ""), is("b", "B", "", "")]
    );
    let table = read(joined.as_bytes()).unwrap();
    assert_eq!((table.repeated, table.line(1)), (1, 4));
    // Within a cell it is a character like others that nobody sees.
    let within = read("id,displayname\na,A\u{feff}B\n".as_bytes()).unwrap();
    let file = Validation::of(&within, rules()).unwrap();
    assert!(matches!(
        file.problems(&within, 0)[0].kind,
        ProblemKind::Unseen {
            found: '\u{feff}',
            ..
        }
    ));
}

#[test]
fn what_stands_before_the_header() {
    let text = "# exported 2026-01-01\n\nUser list;;\n\nid;displayname;password\na;A;x\n";
    let table = read(text.as_bytes()).unwrap();
    assert_eq!(table.header, Some(5));
    assert_eq!(
        table.before,
        [
            (1, "# exported 2026-01-01".to_owned()),
            (3, "User list".to_owned())
        ]
    );
    assert_eq!(table.rows().len(), 1);
    // A header that is a comment itself.
    assert_eq!(sent(b"#id,displayname\na,A\n"), [is("a", "A", "", "")]);
}

#[test]
fn words_of_a_row_do_not_outdo_the_header() {
    let table = read(b"id;a \"note\"\n;id,displayname\nb;x\n").unwrap();
    assert_eq!((table.delimiter, table.header), (';', Some(1)));
    assert_eq!(table.rows().len(), 2);
}

#[test]
fn without_a_header() {
    let text = b"jane.doe,Jane Doe,jane@example.com\njoe.blow,Joe Blow,joe@example.com\n";
    let table = read(text).unwrap();
    assert_eq!((table.header, table.rows().len()), (None, 2));
    assert!(
        table
            .matching()
            .iter()
            .all(|found| found.how == MatchedBy::Likely)
    );
    assert_eq!(
        sent(text),
        [
            is("jane.doe", "Jane Doe", "", "jane@example.com"),
            is("joe.blow", "Joe Blow", "", "joe@example.com")
        ]
    );
    // Words that nobody knows are a header where they differ from what is below.
    let table = read(b"Kuerzel;Telefonbuch\nj1;x\nj2;y\n").unwrap();
    assert_eq!((table.header, table.rows().len()), (Some(1), 2));
    // A person decides.
    let how = ReadAs {
        header: Some(HeaderAt::Nowhere),
        ..ReadAs::default()
    };
    let table = read_as(b"id,displayname\na,A\n", &how).unwrap();
    assert_eq!((table.header, table.rows().len()), (None, 2));
    let how = ReadAs {
        header: Some(HeaderAt::Line(2)),
        delimiter: Some(';'),
        ..ReadAs::default()
    };
    let table = read_as(b"x\nk,1;l,2\na;b\n", &how).unwrap();
    let names: Vec<&str> = table
        .headers
        .iter()
        .map(|header| header.name.as_str())
        .collect();
    assert_eq!(names, ["k,1", "l,2"]);
}

#[test]
fn curly_quotes() {
    let text = "id,displayname\na,“Doe, Jane”\nb,“Joe”\n";
    let table = read(text.as_bytes()).unwrap();
    assert_eq!(table.curly, 2);
    let how = ReadAs {
        typographic: true,
        ..ReadAs::default()
    };
    let table = read_as(text.as_bytes(), &how).unwrap();
    assert_eq!(table.field(0, ImportColumn::DisplayName), "Doe, Jane");
    assert_eq!(table.field(1, ImportColumn::DisplayName), "Joe");
}

/// The problems of the first row.
fn problems(text: &str) -> Vec<(ProblemKind, Option<String>)> {
    let table = read(text.as_bytes()).unwrap();
    let file = Validation::of(&table, rules()).unwrap();
    let problems = file.problems(&table, 0).into_iter();
    problems
        .map(|problem| (problem.kind, problem.fix))
        .collect()
}

#[test]
fn a_quote_that_swallows_rows() {
    assert_eq!(
        problems("id,password\na,\"x\nb,y\"\nc,z\n"),
        [(ProblemKind::SwallowedRows { line: 2, rows: 1 }, None)]
    );
    // Forty of them are no long password.
    let many = "id,password\na,\"x\n".to_owned() + &"b,y\n".repeat(40) + "c,\"z\n";
    assert_eq!(
        problems(&many),
        [(ProblemKind::SwallowedRows { line: 2, rows: 41 }, None)]
    );
    // In a column that is left out as well.
    assert_eq!(
        problems("id,note\na,\"x\nb,y\"\n"),
        [(ProblemKind::SwallowedRows { line: 2, rows: 1 }, None)]
    );
    // Addresses on lines of their own are meant.
    assert_eq!(
        problems("id,threepids\na,\"email:a@b.c,\nemail:d@e.f,email:g@h.i\"\n"),
        []
    );
}

#[test]
fn what_no_person_writes_waits_for_an_answer() {
    use ProblemKind::*;
    let some = |text: &str| Some(text.to_owned());
    for (text, kind, fix) in [
        ("id,password\na,=\"001\"\n", Guarded, some("001")),
        ("id,password\na,“x”\n", Quoted, some("x")),
        ("id,password\na,#REF!\n", SpreadsheetError, some("")),
        ("id,password\na,NULL\n", Nothing, some("")),
        ("id,displayname\na,JÃ¼rgen\n", Garbled, some("Jürgen")),
        ("id,password\na,1E+05\n", Rounded, None),
        (
            "id,displayname\na,B\u{7}\n",
            Unseen {
                found: '\u{7}',
                count: 1,
                severity: Severity::Question,
            },
            some("B"),
        ),
        (
            "id,password\na,se\u{200b}cret\n",
            Unseen {
                found: '\u{200b}',
                count: 1,
                severity: Severity::Question,
            },
            some("secret"),
        ),
    ] {
        assert_eq!(problems(text), [(kind, fix)], "{text:?}");
        // It is meant like this.
        let mut table = read(text.as_bytes()).unwrap();
        table.keep(0, 1);
        let file = Validation::of(&table, rules()).unwrap();
        assert_eq!(file.problems(&table, 0), [], "{text:?}");
        // Until it is changed.
        table.set(0, 1, "NULL");
        let file = Validation::of(&table, rules()).unwrap();
        assert_eq!(file.severity(0), Some(Severity::Question));
    }
    // A number that is rounded is no ID, and nothing is offered.
    assert_eq!(problems("id\n1E+05\n"), [(Rounded, None)]);
    assert_eq!(
        problems("id,threepids\na,email:a@b.c\u{200b}\n"),
        [(
            Unseen {
                found: '\u{200b}',
                count: 1,
                severity: Severity::Error
            },
            some("email:a@b.c")
        )]
    );
    // Names of the world have joiners where they belong.
    assert_eq!(
        problems("id,displayname\na,می\u{200c}خواهم 👩\u{200d}👧\n"),
        []
    );
}

#[test]
fn ids_written_another_way_get_an_offer_unless_it_is_taken() {
    let fix = |text: &str| problems(text)[0].1.clone();
    assert_eq!(
        fix("id\nhttps://matrix.to/#/@a:example.org\n").as_deref(),
        Some("@a:example.org")
    );
    assert_eq!(fix("id\na@b.org\n").as_deref(), Some("a"));
    assert_eq!(fix("id\nJane\n").as_deref(), Some("jane"));
    assert_eq!(fix("id\nJane\njane\n"), None);
    let kinds = problems("id\njаne\n");
    assert!(matches!(
        kinds[0].0,
        ProblemKind::IdLookAlike {
            found: 'а',
            meant: 'a',
            ..
        }
    ));
    assert_eq!(
        fix("id,threepids\na,b@c.d\n").as_deref(),
        Some("email:b@c.d")
    );
}

#[test]
fn encodings_of_the_world() {
    let table = read(b"id;name\r\na;J\xFCrgen\r\n").unwrap();
    assert_eq!(table.encoding, Encoding::Legacy(Legacy::WINDOWS_1252));
    assert!(table.offers.len() > 2);
    // One decision for the file, and no warning for each row.
    let file = Validation::of(&table, rules()).unwrap();
    assert_eq!(file.problems(&table, 0), []);
}

#[test]
fn columns_are_remembered() {
    let text = b"kuerzel;id\nj1;x\nj2;y\n";
    let mut table = read(text).unwrap();
    table.assign(0, HeaderRole::Column(ImportColumn::Id));
    assert_eq!(table.field(0, ImportColumn::Id), "j1");
    let roles: Vec<HeaderRole> = table.headers.iter().map(|header| header.role).collect();
    let mut again: Table = read(text).unwrap();
    again.remember(&roles);
    assert_eq!(again.field(0, ImportColumn::Id), "j1");
    assert!(
        again
            .matching()
            .iter()
            .all(|found| found.how == MatchedBy::Remembered)
    );
}
