//! The pictures of the guides, made anew by `cargo xtask pictures`, which writes them to
//! `docs/pictures/`. Not tests: nobody compares them.

mod import;
mod media;
mod panel;

use journeys::browser::Page;
use std::time::Duration;

/// Takes a picture of what the window shows, as WebP: a quarter of a PNG's size.
async fn picture(page: &Page, name: &str) {
    // Animations come to rest.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let command = serde_json::json!({"format": "webp", "quality": 85});
    let answer = page.cdp("Page.captureScreenshot", command).await;
    let data = answer["data"].as_str().unwrap_or_default();
    let bytes = page
        .script(
            "return [...atob(arguments[0])].map((c) => c.charCodeAt(0))",
            vec![data.into()],
        )
        .await;
    let bytes: Vec<u8> = serde_json::from_value(bytes).expect("bytes");
    let folder = xtask::root().join("docs/pictures");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{name}.webp")), bytes).expect("a file");
}

async fn scroll_to(page: &Page, heading: &str) {
    let script = "const wanted = arguments[0];
        [...document.querySelectorAll('h2')].find((h) => h.innerText === wanted).scrollIntoView()";
    page.script(script, vec![heading.into()]).await;
}
