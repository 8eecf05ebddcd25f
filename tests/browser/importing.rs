//! The steps of an import, for journeys and for the benchmark.

use super::{Locator, Page};
use serde_json::json;
use std::fmt::Write;
use std::time::Duration;
use xtask::proxy::{Proxy, Seen};

/// How long an import of a test may take.
pub const LONG: Duration = Duration::from_secs(100);

/// Chooses a file.
pub async fn choose(page: &Page, csv: impl AsRef<[u8]>) {
    let file = page.file("users.csv", csv);
    page.field("CSV file").upload(&file).await;
}

/// Runs what is chosen, past the question, and waits for the end.
pub async fn run(page: &Page) {
    start(page).await;
    page.heading("The import has ended")
        .appears_within(LONG)
        .await;
}

/// Runs what is chosen, past the question.
pub async fn start(page: &Page) {
    ask(page).await;
    confirm(page).await;
}

/// Presses "Import", and waits for the question.
pub async fn ask(page: &Page) {
    page.checkbox_like("Simulate only").tick(false).await;
    page.button("Import").click().await;
    question(page).appears_within(LONG).await;
}

/// Says yes to the question.
pub async fn confirm(page: &Page) {
    page.css("dialog[open] .dialog-actions button[data-kind=primary]")
        .click()
        .await;
    page.heading("Import").appears().await;
}

/// The question before an import.
pub fn question(page: &Page) -> Locator<'_> {
    page.dialog("Run the import?")
}

/// New users with names and passwords.
pub fn rows(prefix: &str, count: usize) -> String {
    let mut csv = "id,displayname,password\n".to_owned();
    for number in 0..count {
        let _ = writeln!(
            csv,
            "{prefix}.{number},Person {number} of {prefix},secret-{prefix}-{number}"
        );
    }
    csv
}

/// For the benchmarks: stops the driver's listening to network and console, which costs the browser
/// time that nobody else spends.
pub async fn unheard(page: &Page) {
    for domain in ["Network", "Log"] {
        page.cdp(&format!("{domain}.disable"), json!({})).await;
    }
}

/// For the benchmarks: waits until so many users are created, looking seldom, because that costs the
/// browser time as well.
pub async fn all_created(proxy: &Proxy, users: usize) -> Vec<Seen> {
    let is_done = |seen: &&Seen| seen.method == "PUT" && seen.status.is_some();
    let mut seen = Vec::new();
    while seen.iter().filter(is_done).count() < users {
        tokio::time::sleep(Duration::from_millis(500)).await;
        seen = proxy.seen();
    }
    seen
}

/// From the first request to the last answer, in milliseconds.
pub fn took_ms(seen: &[Seen]) -> u64 {
    let first = seen.iter().map(|seen| seen.began_ms).min();
    let last = seen.iter().filter_map(|seen| seen.ended_ms).max();
    last.unwrap_or_default() - first.unwrap_or_default()
}
