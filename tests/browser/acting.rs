//! What a person does to what is selected, and with a job that has run.

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

/// Chooses an action for all rows of the page, up to the question.
pub async fn choose(page: &Page, action: &str) {
    page.checkbox("Select all on this page").tick(true).await;
    page.css(".bulk-bar").button("Actions").click().await;
    page.css("[popover]").button(action).click().await;
}

/// Types what is to be typed, and agrees.
pub async fn agree(page: &Page, title: &str, typed: &str) {
    let question = page.dialog(&format!("{title}?"));
    let field = question.field(&format!("Type “{typed}” to confirm"));
    field.fill(typed).await;
    question.button(title).click().await;
    question.goes().await;
}
