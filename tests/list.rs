//! Long pages of a list: only the rows in sight are in the page, and nobody notices.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::{Value, json};
use synapse_admin::api::room_removal::{self, Deletion};
use synapse_admin::api::users::{self, ListUsers, order};
use thirtyfour::Key;

/// A part of most names of the sample world.
const MOST: &str = "a";

/// Whom the list should show, in its order.
async fn expected() -> Vec<String> {
    let query = ListUsers {
        limit: 1000,
        name: Some(MOST.to_owned()),
        order_by: Some(order::NAME),
        ..Default::default()
    };
    let page = stage()
        .run(&users::list(&query, stage().maker.capabilities()))
        .await;
    page.users
        .iter()
        .map(|user| user.name.to_string())
        .collect()
}

/// Opens all of them on one page; who they are. Others make accounts meanwhile, so both are asked
/// until nobody has come in between.
async fn open(page: &Page) -> Vec<String> {
    page.sign_in(&stage().synapse.url()).await;
    page.open(&format!("/users?q={MOST}&size=1000")).await;
    page.css("tbody tr[aria-rowindex]").first().appears().await;
    let mut all = Vec::new();
    page.until("all rows are counted", async || {
        all = expected().await;
        page.button("Refresh").click().await;
        page.css("main [data-loading]").goes().await;
        let count = page
            .script(
                "return document.querySelector('.list-table').getAttribute('aria-rowcount')",
                vec![],
            )
            .await;
        count.as_str() == Some(&(all.len() + 1).to_string()) && expected().await == all
    })
    .await;
    assert!(all.len() > 150, "{}", all.len());
    all
}

/// Scrolls on, from the beginning to the end, and notes every row on the way: its place and its name. Some
/// steps at a time, so that no script takes longer than one may; `null` until the end is reached.
const WALK: &str = "
    const [in_frame, begins] = arguments;
    const done = arguments[arguments.length - 1];
    const scroller = in_frame ? document.querySelector('.table-scroll') : document.scrollingElement;
    if (begins) {
        window.walk = {most: 0, found: {}};
        scroller.scrollTop = 0;
    }
    const {walk} = window;
    let steps = 0;
    const step = () => {
        const rows = [...document.querySelectorAll('tbody tr[aria-rowindex]')];
        walk.most = Math.max(walk.most, rows.length);
        for (const row of rows) {
            walk.found[row.getAttribute('aria-rowindex')] = row.querySelector('th').innerText.trim();
        }
        const before = scroller.scrollTop;
        scroller.scrollTop += scroller.clientHeight * 0.8;
        if (scroller.scrollTop <= before) {
            const places = Object.keys(walk.found).map(Number).sort((a, b) => a - b);
            done([walk.most, document.querySelectorAll('*').length,
                places.map((place) => walk.found[place])]);
            return;
        }
        steps += 1;
        if (steps === 10) {
            requestAnimationFrame(() => requestAnimationFrame(() => done(null)));
            return;
        }
        requestAnimationFrame(() => requestAnimationFrame(step));
    };
    requestAnimationFrame(step);";

async fn all_rows_in_order(page: &Page, in_frame: bool) {
    let all = open(page).await;
    let mut walked = Value::Null;
    let mut begins = true;
    while walked.is_null() {
        let arguments = vec![in_frame.into(), begins.into()];
        let told = page.driver().execute_async(WALK, arguments).await;
        walked = told.expect("a walk").json().clone();
        begins = false;
    }
    let (most, elements) = (walked[0].as_u64(), walked[1].as_u64());
    assert!(most < Some(60), "{most:?} rows are in the page at once");
    assert!(elements < Some(2_000), "{elements:?} elements");
    let found: Vec<&str> = walked[2]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(found, all);
}

#[tokio::test]
async fn a_long_page_is_scrolled_through() {
    journey(Options::default(), async |page: &Page| {
        all_rows_in_order(page, true).await;
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn a_long_page_is_scrolled_through_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        all_rows_in_order(page, false).await;
        page.fits_sideways().await;
        page.is_accessible().await;
    })
    .await;
}

/// Waits until the row at this place, from 1, has the focus and is to be seen.
async fn is_on(page: &Page, place: usize) {
    page.until(&format!("row {place} has the focus"), async || {
        let there = page
            .script(
                "const row = document.activeElement;
                 const area = row.getBoundingClientRect();
                 const seen = area.top >= 0 && area.bottom <= innerHeight;
                 return seen && Number(row.getAttribute('aria-rowindex')) - 1",
                vec![],
            )
            .await;
        there.as_u64() == Some(place as u64)
    })
    .await;
}

#[tokio::test]
async fn keys_move_over_rows_that_are_not_there() {
    journey(Options::default(), async |page: &Page| {
        let all = open(page).await;
        page.script(
            "document.querySelector('tbody tr[aria-rowindex]').focus()",
            vec![],
        )
        .await;
        is_on(page, 1).await;
        page.press(Key::End + "").await;
        is_on(page, all.len()).await;
        page.press(Key::Up + "").await;
        is_on(page, all.len() - 1).await;
        page.press(Key::Home + "").await;
        is_on(page, 1).await;
        page.press(Key::PageDown + "").await;
        is_on(page, 11).await;
        for _ in 0..40 {
            page.press("j").await;
        }
        is_on(page, 51).await;
        // Scrolled out of sight, it is where one goes on.
        page.script(
            "document.querySelector('.table-scroll').scrollTop = 1e6",
            vec![],
        )
        .await;
        page.css(&format!("tr[aria-rowindex='{}']", all.len() + 1))
            .appears()
            .await;
        page.css("tr[aria-rowindex='52']").goes().await;
        page.press("j").await;
        is_on(page, 52).await;
    })
    .await;
}

#[tokio::test]
async fn all_rows_of_a_long_page_are_selected() {
    journey(Options::default(), async |page: &Page| {
        let all = open(page).await;
        page.css("thead input[type=checkbox]").tick(true).await;
        page.sees(&format!("{} selected", all.len())).await;
        page.script(
            "document.querySelector('.table-scroll').scrollTop = 1e6",
            vec![],
        )
        .await;
        let last = page.css(&format!("tr[aria-rowindex='{}']", all.len() + 1));
        last.appears().await;
        last.css("input[type=checkbox]").tick(false).await;
        page.sees(&format!("{} selected", all.len() - 1)).await;
    })
    .await;
}

#[tokio::test]
async fn columns_follow_headings_and_cells() {
    // A task to be listed, whichever journeys have been before.
    let maker = stage().maker;
    let body = json!({ "name": "Gone for a list" });
    let room = maker.make_room(maker.admin(), &body).await.unwrap();
    stage()
        .run(&room_removal::delete(&room, &Deletion::default()))
        .await;
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        for (list, title) in [
            ("/users", "Users"),
            ("/rooms", "Rooms"),
            ("/tasks", "Tasks"),
            ("/reports", "Reports"),
            ("/destinations", "Federation"),
        ] {
            page.open(list).await;
            page.heading(title).appears().await;
            page.css("tbody tr[aria-rowindex]").first().appears().await;
            page.css("main [data-loading]").goes().await;
            page.headings_are_whole().await;
            // All of it has room beside the navigation.
            page.until("nothing has to be scrolled sideways", async || {
                let fits = "const frame = document.querySelector('.table-scroll');
                    return frame.scrollWidth <= frame.clientWidth";
                page.script(fits, vec![]).await == Value::Bool(true)
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_row_on_a_phone_is_what_there_is() {
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        let row = page.row("@0x:");
        row.appears().await;
        // Neither a kind nor a state, and no administrator.
        row.says("@0x:").await;
        assert!(!row.text().await.contains('–'), "{}", row.text().await);
        let lines = "const tops = [...document.querySelectorAll('.chip-link')]
            .map((chip) => chip.getBoundingClientRect().top);
            return new Set(tops).size";
        assert_eq!(page.script(lines, vec![]).await.as_u64(), Some(1));
        page.fits_sideways().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_right_before_a_heading_is_pressed_is_asked() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users").await;
        page.css("tbody tr[aria-rowindex]").first().appears().await;
        // Sooner than the list would be asked.
        let script = "
            const field = document.querySelector('[data-list-search]');
            field.focus();
            field.value = 'alice';
            field.dispatchEvent(new Event('input', {bubbles: true}));
            const heading = document.querySelector('thead .heading-button');
            heading.focus();
            heading.click();";
        page.script(script, vec![]).await;
        page.until("both are in the address", async || {
            let route = page.route().await;
            route.contains("q=alice") && route.matches('=').count() > 1
        })
        .await;
        page.css("[data-list-search]").holds("alice").await;
    })
    .await;
}

/// The field says what the rows are, also while somebody has it under their hands.
#[tokio::test]
async fn the_way_back_is_seen_in_the_search_field() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users?q=alice").await;
        let field = page.css("[data-list-search]");
        field.holds("alice").await;
        page.open("/users?q=nobody-of-that-name").await;
        field.holds("nobody-of-that-name").await;
        page.sees("Nothing matches").await;
        field.click().await;
        page.back().await;
        page.css("tbody tr[aria-rowindex]").first().appears().await;
        field.holds("alice").await;
        // And what is typed from there on is asked.
        field.fill("bob").await;
        page.is_at("/users?q=bob").await;
        field.holds("bob").await;
    })
    .await;
}
