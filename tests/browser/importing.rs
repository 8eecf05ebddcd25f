//! The steps of an import, for journeys and for the benchmark.

use super::{Locator, Page};
use std::fmt::Write;
use std::time::Duration;

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
