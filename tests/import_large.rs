//! A file of many rows: the page stays small, and every row can be reached.

use crate::import::{go, proxy};
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
        let proxy = proxy(page);
        go(page, &proxy).await;
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
        page.button("Import").click().await;
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
        let proxy = proxy(page);
        go(page, &proxy).await;
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
        page.button("Import").click().await;
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
