//! How a file is read, in sight: its columns, its encoding, values that no person writes.

use crate::import::{account, arrives, opens, report, user};
use journeys::browser::importing::{choose, run};
use journeys::browser::{Options, Page, journey};

#[tokio::test]
async fn columns_are_matched_in_sight_and_remembered() {
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        choose(page, "Kennung;Passwort;Kürzel\ncols.one;geheim-1;k1\n").await;
        page.heading("Columns").appears().await;
        page.field("What “Kennung” is").holds("id").await;
        page.field("What “Passwort” is").holds("password").await;
        // What nobody knows is left out in sight.
        page.sees("1 column is left out: Kürzel.").await;
        page.field("What “Kürzel” is").choose("Display name").await;
        page.no_longer_sees("1 column is left out").await;
        page.sees("Your choice").await;
        page.is_accessible().await;
        // Not by name: it may have been a row, with a password in it.
        let kept = "return JSON.stringify(localStorage)";
        let kept = page.script(kept, vec![]).await.to_string();
        assert!(kept.contains("import-marks"), "{kept}");
        assert!(!kept.contains("Kennung"), "{kept}");
        // Earlier versions have kept names.
        let old = "localStorage.removeItem('import-marks');
             localStorage.setItem('import-columns',
                 'Kennung\\u001fPasswort\\u001fKürzel\\u001eid password displayname')";
        page.script(old, vec![]).await;

        // Another file with the same header, later.
        page.reload().await;
        page.heading("Import users").appears().await;
        choose(page, "Kennung;Passwort;Kürzel\ncols.two;geheim-2;k2\n").await;
        page.sees("As last time").await;
        let old = "return localStorage.getItem('import-columns')";
        assert!(page.script(old, vec![]).await.is_null());
        page.field("What “Kürzel” is").holds("displayname").await;
        run(page).await;
        assert_eq!(report(page).await[0].outcome, "created");
        let two = account(&user("cols.two")).await.unwrap();
        assert_eq!(two.user.displayname.as_deref(), Some("k2"));
        assert!(opens(&user("cols.two"), "geheim-2").await);
    })
    .await;
}

#[tokio::test]
async fn the_encoding_is_a_choice_with_a_preview() {
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        // Windows-1251.
        let file = b"id;displayname\r\ncode.one;\xC8\xE2\xE0\xED \xCF\xE5\xF2\xF0\xEE\xE2\r\n";
        choose(page, file).await;
        page.heading("How the file is read").appears().await;
        // The browser decodes; the text that looks like one is the first.
        page.css(".import-encoding strong")
            .first()
            .says("Иван Петров")
            .await;
        page.sees("Cyrillic (Windows-1251): a guess").await;
        page.is_accessible().await;
        // One decision for the file.
        page.field("Another encoding")
            .choose("Western European (ISO 8859-15)")
            .await;
        page.sees("You have chosen how the letters are encoded.")
            .await;
        page.css(".import-encoding input").first().click().await;
        page.sees("Cyrillic (Windows-1251)").await;
        page.sees("All rows can be imported.").await;
        run(page).await;
        assert_eq!(report(page).await[0].outcome, "created");
        let one = account(&user("code.one")).await.unwrap();
        assert_eq!(one.user.displayname.as_deref(), Some("Иван Петров"));
    })
    .await;
}

/// Of the files in `src/import/hostile.rs`: what is said of them on the page, and what is sent.
#[tokio::test]
async fn rows_that_are_no_users_are_not_sent() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        choose(
            page,
            "id,displayname,password,phone\n\
             User ID,Display name,Password,Phone\n\
             real.one,Real One,secret-1,\n\
             real.two,\"=HYPERLINK(\"\"http://a.b\"\")\",secret-2,+49 (0) 30 1234567\n\
             real.three,<name>,********,301234567\n\
             ---,,,\n\
             # nobody,Nobody,,\n\
             Total: 3,,,\n\
             displayname,id,password,phone\n\
             real.four,x,secret-4,\n",
        )
        .await;
        page.heading("Problems").appears().await;
        for said in [
            "This row looks like names of columns instead of a user.",
            "This is a formula that no spreadsheet has computed.",
            "This looks like a placeholder or a hidden value.",
            "the row looks like a separator.",
            "This row looks like a comment.",
            "This row looks like a total instead of a user.",
            "Line 9 names other columns: another table may begin there.",
        ] {
            page.sees(said).await;
        }
        page.button("Use +301234567").appears().await;
        page.is_accessible().await;
        run(page).await;
        assert_eq!(proxy.count("PUT", "/_synapse/admin/v2/users/*"), 1);
        assert!(account(&user("real.one")).await.is_some());
        for nobody in ["real.two", "real.three", "real.four", "---", "displayname"] {
            assert!(account(&user(nobody)).await.is_none(), "{nobody}");
        }
        let created = report(page).await;
        let created = created.iter().filter(|row| row.outcome == "created");
        assert_eq!(created.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_no_person_writes_waits_for_an_answer() {
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        choose(
            page,
            "id,displayname,password\n\
             asks.one,=\"001\",secret-1\n\
             asks.two,Two,NULL\n",
        )
        .await;
        page.heading("Problems").appears().await;
        page.sees("2 rows wait for an answer").await;
        page.is_accessible().await;
        page.button("Use 001").click().await;
        page.field("Line 2, displayname").holds("001").await;
        // A password that is meant like this.
        page.button("It is meant like this").first().click().await;
        page.no_longer_sees("wait for an answer").await;
        run(page).await;
        let report = report(page).await;
        assert!(
            report.iter().all(|line| line.outcome == "created"),
            "{report:?}"
        );
        let one = account(&user("asks.one")).await.unwrap();
        assert_eq!(one.user.displayname.as_deref(), Some("001"));
        assert!(opens(&user("asks.two"), "NULL").await);
    })
    .await;
}

/// A spreadsheet leaves out empty cells at the end of many rows: one answer is for all that end there.
#[tokio::test]
async fn rows_that_end_early_are_answered_together() {
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        choose(
            page,
            "id,displayname,admin\nshort.one,One\nshort.two,Two\nshort.three,Three,no\n",
        )
        .await;
        page.heading("Problems").appears().await;
        page.sees("2 rows wait for an answer").await;
        page.button("Leave the missing values of all 2 rows empty")
            .click()
            .await;
        page.no_longer_sees("wait for an answer").await;
        run(page).await;
        let report = report(page).await;
        assert!(
            report.iter().all(|line| line.outcome == "created"),
            "{report:?}"
        );
    })
    .await;
}
