//! What a person does with a job that has run.

use super::Page;

/// The report of the newest job, downloaded from the list of jobs, which is closed again.
pub async fn report(page: &Page) -> String {
    page.css(".job-pill").click().await;
    page.css(".job")
        .first()
        .button("Download report")
        .click()
        .await;
    let (_, csv) = page.downloaded_text().await;
    page.css(".job-pill").click().await;
    csv
}
