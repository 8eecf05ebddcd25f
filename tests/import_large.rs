//! A file of many rows: the page stays small, and every row can be reached.

use crate::import::arrives;
use journeys::browser::importing::choose;
use journeys::browser::{Options, Page, journey};
use std::fmt::Write;
use thirtyfour::Key;

const ROWS: usize = 20_000;

/// How many elements the page may have, however many rows there are.
const ELEMENTS: u64 = 2000;

/// Rows from line 2 on. The value in each hundredth line is a wrong one, and line 5001 has an ID
/// a second time.
fn file() -> String {
    let mut csv = "id,displayname,password,admin\n".to_owned();
    for line in 2..ROWS + 2 {
        let id = if line == 5001 { 5000 } else { line };
        let admin = if line % 100 == 0 { "maybe" } else { "no" };
        let _ = writeln!(csv, "large.{id},\"Person, {line}\",secret-{line},{admin}");
    }
    csv
}

async fn is_small(page: &Page) {
    let count = page
        .script("return document.querySelectorAll('*').length", vec![])
        .await;
    assert!(
        count.as_u64().is_some_and(|count| count < ELEMENTS),
        "{count} elements"
    );
}

/// Scrolls a table as far as it goes.
async fn scroll_to_end(page: &Page, table: &str) {
    page.script(
        "const frame = document.querySelector(arguments[0]).closest('.long-scroll');
         frame.scrollTop = frame.scrollHeight;",
        vec![table.into()],
    )
    .await;
}

#[tokio::test]
async fn twenty_thousand_rows() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        choose(page, file()).await;
        page.sees("201 rows have errors and are left out unless they are fixed.")
            .await;
        page.field("Line 100, admin").holds("maybe").await;
        is_small(page).await;
        page.is_accessible().await;

        // To the next line with a problem behind the one that is asked for.
        page.field("Go to line").fill("15050").await;
        page.press(Key::Enter + "").await;
        page.css("tr[data-marked]").says("15100").await;
        page.field("Line 15100, admin").holds("maybe").await;
        is_small(page).await;

        // A kind of problem.
        page.field("Show problems")
            .choose("User ID more than once (1)")
            .await;
        page.css(".import-spots tbody tr").counts(1).await;
        page.row("5001").says("Line 5000 has the same ID.").await;
        page.field("Show problems")
            .choose("Neither yes nor no (200)")
            .await;
        page.field("Line 5001, id").goes().await;

        // The last of them is put right, and stays where it is.
        scroll_to_end(page, ".import-spots").await;
        let last = page.field("Line 20000, admin");
        last.fill("no").await;
        page.press(Key::Tab + "").await;
        page.row("20000").says("Fixed").await;
        page.sees("200 rows have errors and are left out unless they are fixed.")
            .await;
        last.holds("no").await;
        page.sees("of 200").await;
        // What was typed counts although its row is scrolled away before the field is left.
        let before = page.field("Line 19900, admin");
        before.fill("yes").await;
        page.script(
            "document.querySelector('.import-spots').closest('.long-scroll').scrollTop = 0",
            vec![],
        )
        .await;
        page.field("Line 100, admin").appears().await;
        before.goes().await;
        page.sees("199 rows have errors and are left out unless they are fixed.")
            .await;
        is_small(page).await;

        // The plan has all rows.
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        let plan = page.css(".import-plan");
        let count = plan.css(".import-rows").attribute("aria-rowcount").await;
        assert_eq!(count, Some((ROWS + 1).to_string()));
        is_small(page).await;
        plan.field("Go to line").fill("12345").await;
        page.press(Key::Enter + "").await;
        plan.css("tr[data-marked]").says("large.12345").await;
        scroll_to_end(page, ".import-rows").await;
        plan.row("large.20001").says("Create").await;
        plan.field("Show").choose("Blocked (199)").await;
        plan.row("large.19800").says("Blocked").await;
        plan.row("large.20001").goes().await;
        is_small(page).await;
        page.is_accessible().await;
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}

#[tokio::test]
async fn many_rows_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        arrives(page).await;
        choose(page, file()).await;
        page.field("Line 100, admin").holds("maybe").await;
        page.fits_sideways().await;
        page.is_accessible().await;
        scroll_to_end(page, ".import-spots").await;
        page.field("Line 20000, admin").fill("no").await;
        page.press(Key::Tab + "").await;
        page.row("20000").says("Fixed").await;
        // What is scrolled to by itself may be behind the bar on top.
        page.script("scrollTo(0, 0)", vec![]).await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        scroll_to_end(page, ".import-rows").await;
        page.css(".import-plan")
            .row("large.20001")
            .says("Create")
            .await;
        page.fits_sideways().await;
        is_small(page).await;
    })
    .await;
}

/// The way from problem to problem, and to lines.
async fn problems_are_at_hand(page: &Page) {
    arrives(page).await;
    choose(
        page,
        "id,displayname,admin\n\
         hand.1,One,maybe\n\
         hand.2,Two,no\n\
         hand.3,Three,no\n\
         hand.4,Four,perhaps\n\
         hand.5,Five,no\n",
    )
    .await;
    // Without scrolling.
    let bar = page.css(".import-bar");
    bar.says("2 rows cannot go yet").await;
    let in_sight = page
        .script(
            "const area = document.querySelector('.import-bar').getBoundingClientRect();
             return area.top >= 0 && area.bottom <= innerHeight;",
            vec![],
        )
        .await;
    assert_eq!(in_sight.as_bool(), Some(true));
    page.is_accessible().await;
    let marked = page.css("tr[data-marked]");
    for line in ["2", "5", "2"] {
        bar.button("Next problem").click().await;
        page.field(&format!("Line {line}, admin")).appears().await;
        page.until("it is marked", async || {
            marked.exists().await && marked.text().await.trim_start().starts_with(line)
        })
        .await;
    }

    // Whoever asks for a line is told what is not there.
    let line = page.field("Go to line");
    line.fill("3").await;
    page.press(Key::Enter + "").await;
    page.sees("Line 3 has no problem; the next one is in line 5.")
        .await;
    line.fill("6").await;
    page.press(Key::Enter + "").await;
    page.sees("There is no problem in line 6 or after it.")
        .await;
    line.fill("7").await;
    page.press(Key::Enter + "").await;
    page.sees("There is no line 7: the last row begins in line 6.")
        .await;

    page.field("Line 2, admin").fill("no").await;
    page.press(Key::Tab + "").await;
    bar.says("1 row cannot go yet").await;
    page.field("Line 5, admin").fill("no").await;
    page.press(Key::Tab + "").await;
    bar.goes().await;
    page.fits_sideways().await;
}

#[tokio::test]
async fn problems_stay_in_sight() {
    journey(Options::default(), problems_are_at_hand).await;
}

#[tokio::test]
async fn problems_stay_in_sight_on_a_phone() {
    journey(Options::phone(), problems_are_at_hand).await;
}

#[tokio::test]
async fn a_cell_of_200000_characters() {
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        let long = "long ".repeat(40_000);
        choose(
            page,
            format!("id,displayname\nlong.one,\"{long}\"\nlong.two,Two\n"),
        )
        .await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        page.row("long.one").says("Blocked").await;
        let height = page
            .script(
                "return Math.max(...[...document.querySelectorAll('.long-table tbody tr')]
                     .map((row) => row.offsetHeight));",
                vec![],
            )
            .await;
        assert!(
            height.as_f64().is_some_and(|height| height < 200.0),
            "{height}"
        );
        page.fits_sideways().await;
    })
    .await;
}

#[tokio::test]
async fn rows_on_a_phone_have_labels() {
    journey(Options::phone(), async |page: &Page| {
        arrives(page).await;
        choose(page, "id,displayname\nlabel.one,One\n").await;
        page.button("Simulate").click().await;
        page.row("@label.one").appears().await;
        let labels = page
            .script(
                "return [...document.querySelectorAll('.import-rows tbody td')]
                     .map((cell) => getComputedStyle(cell, '::before').content);",
                vec![],
            )
            .await;
        let labels = labels.to_string();
        for label in ["Line", "User ID", "Display name", "What happens", "Details"] {
            assert!(labels.contains(label), "{labels}");
        }
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn many_cells_are_corrected_at_once() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        let mut csv = "id,displayname,admin\n".to_owned();
        for number in 0..100 {
            let _ = writeln!(csv, "Alike.{number},Person {number},maybe");
        }
        choose(page, csv).await;
        page.sees("100 cells of admin say “maybe”.").await;
        page.is_accessible().await;
        page.button("Set all 100 to false").click().await;
        page.sees("100 cells were changed.").await;
        page.sees("Line 2, admin: “maybe” → “false”").await;
        page.sees("and 95 more").await;
        // The IDs are left, each with an offer of its own.
        page.button("Use all 100 offers").click().await;
        page.sees("Line 2, id: “Alike.0” → “alike.0”").await;
        page.sees("All rows can be imported.").await;
        page.is_accessible().await;
        page.button("Take back").click().await;
        page.sees("100 cells of id, each with an offer of its own.")
            .await;
        page.field("Line 2, id").holds("Alike.0").await;
        page.button("Use all 100 offers").click().await;
        page.sees("All rows can be imported.").await;
        page.button("Simulate").click().await;
        page.sees("To create 100").await;
        page.row("@alike.7").says("Create").await;
        // Read in another way it is another table, in which nothing has been changed.
        page.button("Take back").appears().await;
        let names = page.field("Names of the columns");
        let nowhere = "Nowhere: every row is a user";
        names.choose(nowhere).await;
        let asked = page.dialog("Read the file in another way?");
        asked.says("What you have corrected in it is lost.").await;
        page.is_accessible().await;
        asked.button("Cancel").click().await;
        asked.goes().await;
        // Nothing is lost, and the choice is as it was.
        names.holds("1").await;
        page.sees("Line 2, id: “Alike.0” → “alike.0”").await;
        // Another file is another table as well.
        choose(page, "id\nother\n").await;
        let other = page.dialog("Take another file?");
        other.says("takes the place of the file that is here").await;
        page.is_accessible().await;
        other.button("Cancel").click().await;
        other.goes().await;
        page.sees("Line 2, id: “Alike.0” → “alike.0”").await;
        names.choose(nowhere).await;
        asked
            .button("Read again, without corrections")
            .click()
            .await;
        page.button("Take back").goes().await;
        // Where nothing is corrected, nobody is asked.
        names.choose("In line 1").await;
        page.sees("100 cells of admin say “maybe”.").await;
        choose(page, "id\nother\n").await;
        page.sees("All rows can be imported.").await;
        page.no_longer_sees("100 cells of admin").await;
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}
