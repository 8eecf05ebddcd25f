use super::*;
use crate::import::read::read;
use crate::import::tests::{complete, options, rules};
use crate::import::validate::Validation;
use proptest::prelude::*;

#[test]
fn template_and_example_import() {
    let table = read(format!("{}a{}", template(), ",".repeat(11)).as_bytes()).unwrap();
    assert_eq!(table.not_imported().count(), 0);
    let table = read(EXAMPLE.as_bytes()).unwrap();
    let file = Validation::of(&table, rules()).unwrap();
    assert_eq!(file.counts().rows, table.rows().len());
    for row in 0..table.rows().len() {
        assert_eq!(file.problems(&table, row), []);
    }
    let plan = crate::import::plan::plan(
        &table,
        &file,
        &complete(&[]),
        &options(),
        &crate::import::tests::Dice::new(1),
    );
    assert_eq!(plan.totals.create, table.rows().len());
}

#[test]
fn the_report() {
    let mut report = ImportReport::new();
    report.push(Line {
        line: 2,
        id: "@jane:example.org",
        displayname: "=cmd()",
        outcome: "created",
        detail: "Created, \"yes\"",
        password: Some("kq7xmn-4hd8wp-tz3rgc"),
    });
    assert_eq!(
        report.finish(),
        "\u{feff}line,id,displayname,outcome,detail,password\r\n\
         2,@jane:example.org,\"'=cmd()\",created,\"Created, \"\"yes\"\"\",kq7xmn-4hd8wp-tz3rgc\r\n"
    );
}

#[test]
fn failed_rows_import_again() {
    let text = "Error;id;Display Name;password;shoe size\n\
                old;jane;=1+1;'=x;42\n\
                old;;;;;extra\n\
                old;john\n";
    let table = read(text.as_bytes()).unwrap();
    let user = UserId::parse("@new:example.org");
    let mut failed = Failed::new(&table);
    failed.push(table.rows().get(0).unwrap(), None, "why");
    failed.push(table.rows().get(1).unwrap(), user.as_ref(), "-why");
    failed.push(table.rows().get(2).unwrap(), None, "why");
    let written = failed.finish();
    assert_eq!(
        written,
        "\u{feff}error,id,Display Name,password,not imported (shoe size)\r\n\
         why,jane,\"'=1+1\",'=x,42\r\n\
         \"'-why\",@new:example.org,,,,extra\r\n\
         why,john\r\n"
    );
    let again = read(written.as_bytes()).unwrap();
    let file = Validation::of(&again, rules()).unwrap();
    let jane = file.candidate(0).unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("=1+1"));
    assert_eq!(jane.password.as_deref(), Some("'=x"));
    // What was wrong with the form of the rows still is, and a formula is asked about.
    let counts = file.counts();
    assert_eq!((counts.errors, counts.questions), (1, 2));
}

#[test]
fn failed_rows_without_ids_get_those_made_up() {
    let table = read(b"displayname\nJane\nJohn\n").unwrap();
    let user = UserId::parse("@new:example.org");
    let mut failed = Failed::new(&table);
    failed.push(table.rows().get(0).unwrap(), user.as_ref(), "a");
    failed.push(table.rows().get(1).unwrap(), None, "b");
    assert_eq!(
        failed.finish(),
        "\u{feff}error,id,displayname\r\na,@new:example.org,Jane\r\nb,,John\r\n"
    );
}

#[test]
fn failed_rows_keep_what_a_person_said_of_their_columns() {
    let mut table = read(b"kuerzel,Passwort\nj1,x\nj2,y\n").unwrap();
    table.assign(0, HeaderRole::Column(ImportColumn::Id));
    let mut failed = Failed::new(&table);
    failed.push(table.rows().get(0).unwrap(), None, "a");
    assert_eq!(failed.finish(), "\u{feff}error,id,Passwort\r\na,j1,x\r\n");
}

#[test]
fn failed_rows_keep_what_a_person_left_out() {
    let text = "uid,sAMAccountName,password,admin,name,Typ (a) b,note\n\
                j1,jane,x,yes,Jane Doe,odd,n\nj2,joe,y,no,Joe,odd,m\n";
    let mut table = read(text.as_bytes()).unwrap();
    // Here another column is the ID, and three are not to be sent.
    table.assign(1, HeaderRole::Column(ImportColumn::Id));
    for left_out in [2, 3] {
        table.assign(left_out, HeaderRole::Ignored);
    }
    table.assign(5, HeaderRole::Column(ImportColumn::UserType));
    let mut failed = Failed::new(&table);
    failed.push(table.rows().get(1).unwrap(), None, "why");
    let again = read(failed.finish().as_bytes()).unwrap();
    for column in ImportColumn::ALL {
        let value = again.field(0, column);
        assert_eq!(value, table.field(1, column), "{column:?}");
    }
    let names: Vec<&str> = again.headers.iter().map(|header| &*header.name).collect();
    let wanted = [
        "error",
        "not imported (uid)",
        "id",
        "not imported (password)",
        "not imported (admin)",
        "displayname",
        "user_type",
        "not imported (note)",
    ];
    assert_eq!(names, wanted);
    // And again.
    let again = Failed::new(&again);
    assert!(again.finish().ends_with(&(wanted.join(",") + "\r\n")));
}

#[test]
fn failed_rows_do_not_make_a_column_of_what_was_none() {
    let text = "id,password,xyz\njane,x,see below\njoe,y,joe@example.com\njim,z,none\n";
    let table = read(text.as_bytes()).unwrap();
    assert_eq!(table.headers[2].role, HeaderRole::Unknown);
    let mut failed = Failed::new(&table);
    failed.push(table.rows().get(1).unwrap(), None, "why");
    let again = read(failed.finish().as_bytes()).unwrap();
    assert_eq!(again.headers[3].role, HeaderRole::Ignored);
    assert_eq!(again.field(0, ImportColumn::Email), "");
}

#[test]
fn failed_rows_that_are_no_users_are_none_again() {
    let rows = [
        "jane,A,",
        "Total,,",
        "sum,,2",
        "string,text,json",
        "id,name,given name",
        "after,B,",
    ];
    let text = format!("id,displayname,note\n{}\n", rows.join("\n"));
    let table = read(text.as_bytes()).unwrap();
    let mut failed = Failed::new(&table);
    for row in 0..rows.len() {
        failed.push(table.rows().get(row).unwrap(), None, "not done");
    }
    let again = read(failed.finish().as_bytes()).unwrap();
    let users = |table| {
        let validation = Validation::of(table, rules()).unwrap();
        let is_user = |row| validation.candidate(row).unwrap().user.is_some();
        (0..rows.len()).map(is_user).collect::<Vec<_>>()
    };
    assert_eq!(users(&table), [true, false, false, false, false, false]);
    assert_eq!(users(&again), users(&table));
}

proptest! {
    #[test]
    fn failed_rows_say_the_same_again(
        rows in prop::collection::vec(("[a-z]{1,3}", "[^\0]{0,9}", "[^\0]{0,9}", "[ '=+@a:-]{0,5}"), 1..5),
    ) {
        let quoted = |field: &str| format!("\"{}\"", field.replace('"', "\"\""));
        let mut text = "id\tdisplayname\tpassword\tnote\n".to_owned();
        for (id, name, password, note) in &rows {
            let fields = [id, name, password, note].map(|field| quoted(field));
            text += &(fields.join("\t") + "\n");
        }
        let table = read(text.as_bytes()).unwrap();
        let mut failed = Failed::new(&table);
        for row in 0..rows.len() {
            failed.push(table.rows().get(row).unwrap(), None, "=why");
        }
        let again = read(failed.finish().as_bytes()).unwrap();
        let before = Validation::of(&table, rules()).unwrap();
        let after = Validation::of(&again, rules()).unwrap();
        prop_assert_eq!(again.rows().len(), rows.len());
        for row in 0..rows.len() {
            let (mut before, after) = (before.candidate(row).unwrap().clone(), after.candidate(row).unwrap());
            // What reading takes away is gone for good.
            before.displayname = before.displayname.filter(|name| !name.is_empty());
            prop_assert_eq!(&before, after);
        }
    }
}

#[test]
fn a_plan_has_no_passwords() {
    let mut report = ImportReport::of_plan();
    report.push(Line {
        line: 2,
        id: "@jane:b.org",
        displayname: "=Jane",
        outcome: "create",
        detail: "A password is generated.",
        password: Some("secret"),
    });
    assert_eq!(
        report.finish(),
        "\u{feff}line,id,displayname,outcome,detail\r\n\
         2,@jane:b.org,\"'=Jane\",create,A password is generated.\r\n"
    );
}
