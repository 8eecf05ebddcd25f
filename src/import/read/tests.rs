//! What is read of files, and what is refused.

use super::*;
use crate::import::columns::{HeaderRole, ImportColumn};
use crate::import::foreign::Foreign;
use crate::import::matching::MatchedBy;
use crate::import::table::Flaw;
use proptest::prelude::*;

fn cells(table: &Table) -> Vec<Vec<&str>> {
    table
        .rows()
        .iter()
        .map(|row| row.cells().collect())
        .collect()
}

fn lines(table: &Table) -> Vec<u32> {
    table.rows().iter().map(|row| row.line).collect()
}

#[test]
fn the_file_from_the_guide() {
    let table = read(
        b"id,displayname,password,is_guest,admin,deactivated\n\
          jane.doe,Jane Doe,secretpassword,false,false,false\n",
    )
    .unwrap();
    assert_eq!(table.rows().len(), 1);
    assert_eq!(table.field(0, ImportColumn::Id), "jane.doe");
    assert_eq!(table.field(0, ImportColumn::DisplayName), "Jane Doe");
    assert_eq!(table.field(0, ImportColumn::Password), "secretpassword");
    assert_eq!(table.not_imported().count(), 0);
}

#[test]
fn a_column_whose_values_come_late_is_not_empty() {
    let empty = "someone,,,\n".repeat(5000);
    let text = format!("id,phone,none,\n{empty}late,4711,,note\n");
    let table = read(text.as_bytes()).unwrap();
    let values = |column: usize| table.first_values(column, 3);
    assert_eq!(values(0), ["someone"]);
    assert_eq!(values(1), ["4711"]);
    assert!(values(2).is_empty());
    assert_eq!(values(3), ["note"], "nor one without a name");
    assert!(table.matching()[3].is_open());
}

#[test]
fn delimiters_and_line_ends() {
    for text in [
        "id,password\na,1\nb,2\n",
        "id;password\r\na;1\r\nb;2",
        "id\tpassword\ra\t1\rb\t2\r",
        "sep=;\r\nid;password\r\na;1\r\nb;2\r\n",
        "sep=|\nid|password\na|1\nb|2\n",
        "\u{feff} ID , Password \n\n\na,1\n , \n,\nb,2\n\n",
    ] {
        let table = read(text.as_bytes()).unwrap();
        assert_eq!(cells(&table), [["a", "1"], ["b", "2"]], "{text:?}");
    }
    // A comma inside of names does not mislead.
    let table = read(b"id;\"name, first\";displayname;note, a, b, c\na;b;c;d").unwrap();
    assert_eq!(table.delimiter, ';');
}

#[test]
fn quotes() {
    let table = read(
        b"id,displayname\n\
          a,\"Doe, Jane\"\n\
          b,\"two\r\nlines\"\r\n\
          c,\"the \"\"boss\"\"\"\n\
          d,5\" disk\n\
          e,\"spaces behind\"  \n\
          f,\"Jane\" Doe\n",
    )
    .unwrap();
    let names: Vec<&str> = (0..6)
        .map(|row| table.field(row, ImportColumn::DisplayName))
        .collect();
    assert_eq!(
        names,
        [
            "Doe, Jane",
            "two\r\nlines",
            "the \"boss\"",
            "5\" disk",
            "spaces behind",
            "Jane Doe"
        ]
    );
    assert_eq!(lines(&table), [2, 3, 5, 6, 7, 8]);
    let flaws: Vec<_> = table.rows().iter().filter_map(|row| row.flaw()).collect();
    assert_eq!(flaws, [(1, Flaw::TextAfterQuote)]);
}

#[test]
fn a_quote_that_never_ends() {
    let table = read(b"id,displayname\na,x\nb,\"y\nc,z\n").unwrap();
    assert_eq!(cells(&table), [vec!["a", "x"], vec!["b", "y\nc,z\n"]]);
    assert_eq!(
        table.rows().get(1).unwrap().flaw(),
        Some((1, Flaw::UnclosedQuote { line: 3 }))
    );
}

#[test]
fn lines_are_counted_over_blank_ones() {
    let table = read(b"\n\nid\r\n\r\na\r\n\n\rb").unwrap();
    assert_eq!((lines(&table), table.blank), (vec![5, 8], 5));
}

#[test]
fn files_that_are_none() {
    let problem = |text: &[u8]| read(text).unwrap_err();
    assert_eq!(problem(b""), FileProblem::Empty);
    assert_eq!(problem(b" \n\n"), FileProblem::Empty);
    assert_eq!(problem(b"id,password\n\n"), FileProblem::Empty);
    assert_eq!(
        problem(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        FileProblem::Foreign {
            what: Foreign::Image
        }
    );
    assert_eq!(
        problem(b"\x01\x02\r\n\x1a\n\0\0\0\rIHDR"),
        FileProblem::Binary { line: 3 }
    );
    let wide = |line: &str| format!("{line}\nx{}y\n", ",".repeat(MAX_COLUMNS));
    let too_wide = |line| FileProblem::TooManyColumns {
        line,
        limit: MAX_COLUMNS,
    };
    assert_eq!(problem(wide("id").as_bytes()), too_wide(2));
    let names: Vec<String> = (0..=MAX_COLUMNS).map(|n| format!("c{n}")).collect();
    let wide = names.join(",").replace("c0,", "id,");
    assert_eq!(problem(wide.as_bytes()), too_wide(1));
    // Those at the end of a line that are empty do not count.
    let empty = ",".repeat(1022);
    let wide = format!("id,displayname{empty}\na,Jane{empty}\n");
    assert_eq!(read(wide.as_bytes()).unwrap().headers.len(), 2);
    let large = vec![b'a'; MAX_BYTES + 1];
    assert_eq!(
        problem(&large),
        FileProblem::TooLarge {
            bytes: MAX_BYTES + 1,
            limit: MAX_BYTES
        }
    );
    let long = "id\n".to_owned() + &"a\n".repeat(MAX_ROWS + 1);
    assert_eq!(
        problem(long.as_bytes()),
        FileProblem::TooManyRows { limit: MAX_ROWS }
    );
}

#[test]
fn unknown_columns_are_named() {
    let table = read(b"id,shoe size,error,\na,42,no,\n").unwrap();
    let names: Vec<_> = table
        .not_imported()
        .map(|header| (header.name.as_str(), header.role))
        .collect();
    assert_eq!(
        names,
        [
            ("shoe size", HeaderRole::Unknown),
            ("error", HeaderRole::Ignored)
        ]
    );
    assert_eq!(table.headers.len(), 3);
}

#[test]
fn name_is_what_its_values_are() {
    let role = |text: &str, index: usize| read(text.as_bytes()).unwrap().headers[index].role;
    let name = HeaderRole::Column(ImportColumn::DisplayName);
    assert_eq!(role("id,name\na,Jane\n", 1), name);
    assert_eq!(
        role("name,admin\n@a:b.org,0\n", 0),
        HeaderRole::Column(ImportColumn::Id)
    );
    let export = "id,avatar_src,displayname,name,is_guest,admin\n\
                  @a:b.org,,Jane,@a:b.org,0,1\n";
    assert_eq!(role(export, 3), HeaderRole::Ignored);
    let table = read(b"id,name,displayname\na,Jane,Doe\n").unwrap();
    assert_eq!(table.matching()[2].how, MatchedBy::Twice { first: 1 });
}

#[test]
fn of_two_columns_that_mean_the_same_one_is_left_out_in_sight() {
    let mut table = read(b"id,display name,Displayname\na,b,c\n").unwrap();
    let second = table.matching().remove(2);
    assert_eq!(second.how, MatchedBy::Twice { first: 1 });
    assert!(second.is_open() && second.is_left_out());
    assert_eq!(table.field(0, ImportColumn::DisplayName), "b");
    // The other one is chosen instead.
    table.assign(2, HeaderRole::Column(ImportColumn::DisplayName));
    assert_eq!(table.field(0, ImportColumn::DisplayName), "c");
    let matching = table.matching();
    assert_eq!(matching[1].how, MatchedBy::Twice { first: 2 });
    assert_eq!(matching[2].how, MatchedBy::Chosen);
    // Several addresses are all sent.
    let table = read(b"id,email,mail\na,a@b.c,d@e.f\n").unwrap();
    assert_eq!(
        table.places(ImportColumn::Email).collect::<Vec<_>>(),
        [1, 2]
    );
}

#[test]
fn cells_are_changed_in_place() {
    let mut table = read(b"id,displayname,password\na\nb,\"x\" y,z\n").unwrap();
    table.set(0, 1, "Jane");
    assert_eq!(cells(&table)[0], ["a", "Jane", ""]);
    table.set(1, 0, "c");
    assert!(table.rows().get(1).unwrap().flaw().is_some());
    table.set(1, 1, "");
    assert_eq!(cells(&table)[1], ["c", "", "z"]);
    assert!(table.rows().get(1).unwrap().flaw().is_none());
    table.set(7, 7, "nowhere");
}

#[test]
fn what_a_person_has_said_is_known_until_it_is_taken_back() {
    let mut table = read(b"id,displayname\na\nb,x\n").unwrap();
    assert!(!table.is_corrected());
    table.set(1, 1, "y");
    assert!(table.is_corrected());
    table.set(1, 1, "x");
    assert!(!table.is_corrected());
    // A row that is longer now says nothing else.
    table.set(0, 1, "");
    assert!(!table.is_corrected());
    table.keep(0, 0);
    assert!(table.is_corrected());
    table.doubt(0, 0);
    assert!(!table.is_corrected());
}

fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('"', "\"\""))
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec(prop::collection::vec("[^\0]{0,8}", 2..=2), 1..6),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let mut text = format!("id{delimiter}displayname{end}");
        for row in &rows {
            let line: Vec<String> = row.iter().map(|field| quoted(field)).collect();
            text += &line.join(&delimiter.to_string());
            text += end;
        }
        let blank = |row: &&Vec<String>| row.iter().all(|field| field.trim().is_empty());
        match read(text.as_bytes()) {
            Ok(table) => {
                let wrote: Vec<_> = rows.iter().filter(|row| !blank(row)).collect();
                prop_assert_eq!(cells(&table).len(), wrote.len());
                for (read, wrote) in cells(&table).iter().zip(wrote) {
                    prop_assert_eq!(read, wrote);
                }
                prop_assert_eq!(table.delimiter, delimiter);
                prop_assert!(table.rows().iter().all(|row| row.flaw().is_none()));
            }
            Err(problem) => {
                prop_assert_eq!(problem, FileProblem::Empty);
                prop_assert!(rows.iter().all(|row| blank(&row)));
            }
        }
    }

    #[test]
    fn plain_files_read_as_the_csv_crate_reads_them(text in "[a-c,\"\n]{0,40}") {
        let file = format!("id,displayname\n{text}");
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(file.as_bytes());
        let theirs: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .filter(|row: &Vec<String>| !row.concat().trim().is_empty())
            .collect();
        // A row that is in quotes as a whole is no single field, see `layout::unwrapped`.
        if let Ok(table) = read(file.as_bytes())
            && !table.is_bare
            && table.rows().iter().all(|row| row.flaw().is_none())
        {
            prop_assert_eq!(cells(&table), theirs);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, step in 1_usize..5) {
        let file: Vec<u8> = b"id,displayname\n".iter().copied().chain(bytes).collect();
        let whole = read(&file);
        let opening = Opening::new(
            file.clone(),
            &ReadAs::default(),
            Rc::new(crate::import::decode::tests::Native),
        );
        let sliced = opening.and_then(|mut opening| {
            while !opening.decode_some(step)? {}
            let mut reader = opening.finish()?;
            while !reader.read_some(step)? {
                assert!(reader.progress() <= 1.0);
            }
            reader.finish()
        });
        prop_assert_eq!(whole, sliced);
    }
}
