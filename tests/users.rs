//! The list of users: pages, order, search, filters, address, columns, export.

use journeys::browser::acting::{agree, choose_for_page};
use journeys::browser::{Options, Page, journey, stage};
use serde_json::json;
use std::collections::HashSet;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::server::Feature;
use synapse_admin::api::users::{self, ListUsers, UserChange, order};
use synapse_admin::api::{UserId, login, rooms};

/// A part of names that only ordinary people of the sample world have: two dozen of them.
const SOME: &str = "mann";

/// The Matrix IDs in the rows, from top to bottom.
async fn ids(page: &Page) -> Vec<String> {
    page.of_all_rows("row.querySelector('th').innerText.replace(/\\s+/g, ' ').trim()")
        .await
        .iter()
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}

/// Waits until the rows are these users.
async fn shows(page: &Page, expected: &[String]) {
    page.step(format!("expects {} users: {expected:?}", expected.len()));
    let mut last = Vec::new();
    let polled = page.poll(Page::PATIENCE, async || {
        last = ids(page).await;
        last == expected
    });
    assert!(polled.await, "the list shows {last:?}, not {expected:?}");
}

/// What the server answers to the same question. Who was not seen, as far as is known, stands last
/// whatever the server's database does.
async fn answer(query: ListUsers) -> Vec<String> {
    let request = users::list(&query, stage().maker.capabilities());
    let mut users = stage().run(&request).await.users;
    if query.order_by == Some(order::LAST_SEEN) {
        users.sort_by_key(|user| user.last_seen_ts.is_none());
    }
    users.iter().map(|user| user.name.to_string()).collect()
}

fn question() -> ListUsers {
    ListUsers {
        limit: 1000,
        name: Some(SOME.to_owned()),
        order_by: Some(order::NAME),
        ..Default::default()
    }
}

fn search(page: &Page) -> journeys::browser::Locator<'_> {
    page.css("input[type=search]")
}

#[tokio::test]
async fn pages_and_their_addresses() {
    journey(Options::default(), async |page: &Page| {
        let all = answer(question()).await;
        assert!(all.len() > 20, "{all:?}");
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={SOME}&size=10")).await;
        shows(page, &all[..10]).await;
        page.sees(&format!("1–10 of {}", all.len())).await;
        page.button("Next page").click().await;
        shows(page, &all[10..20]).await;
        page.is_at(&format!("/users?page=2&size=10&q={SOME}")).await;
        page.button("Last page").click().await;
        let last = (all.len() - 1) / 10 * 10;
        shows(page, &all[last..]).await;
        page.button("Next page").is_unusable().await;

        // The browser's buttons, and loading anew.
        page.back().await;
        shows(page, &all[10..20]).await;
        page.back().await;
        shows(page, &all[..10]).await;
        page.forward().await;
        shows(page, &all[10..20]).await;
        page.reload().await;
        shows(page, &all[10..20]).await;

        page.field("Rows per page").choose("50").await;
        shows(page, &all).await;
    })
    .await;
}

#[tokio::test]
async fn every_order_that_the_server_has() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={SOME}&size=50")).await;
        page.row(SOME).first().appears().await;
        for (label, key) in [
            ("Display name", order::DISPLAY_NAME),
            ("Admin", order::ADMIN),
            ("Guest", order::GUEST),
            ("Type", order::USER_TYPE),
            ("Deactivated", order::DEACTIVATED),
            ("Locked", order::LOCKED),
            ("Shadow-banned", order::SHADOW_BANNED),
            ("Created", order::CREATED),
            ("Last seen", order::LAST_SEEN),
            ("Matrix ID", order::NAME),
        ] {
            for descending in [false, true] {
                let expected = answer(ListUsers {
                    order_by: Some(key),
                    descending,
                    ..question()
                })
                .await;
                page.button("View").click().await;
                if descending {
                    page.button("Ascending").click().await;
                } else {
                    page.field("Sort by").choose(label).await;
                }
                page.press(thirtyfour::Key::Escape + "").await;
                shows(page, &expected).await;
            }
        }
        // The same by the heads of the columns.
        page.column("Display name")
            .button("Display name")
            .click()
            .await;
        shows(
            page,
            &answer(ListUsers {
                order_by: Some(order::DISPLAY_NAME),
                ..question()
            })
            .await,
        )
        .await;
        assert_eq!(
            page.column("Display name").attribute("aria-sort").await,
            Some("ascending".to_owned())
        );
        page.column("Display name")
            .button("Display name")
            .click()
            .await;
        page.is_at(&format!(
            "/users?size=50&sort=displayname&dir=desc&q={SOME}"
        ))
        .await;
    })
    .await;
}

#[tokio::test]
async fn searching() {
    journey(Options::default(), async |page: &Page| {
        // Before the whole list is read, as it is for an old server.
        let localpart = stage().maker.fresh_localpart("capital");
        let capital = UserChange {
            displayname: Some(format!("Özgür {localpart}")),
            ..Default::default()
        };
        let capital = stage().maker.make_user(&localpart, &capital).await;
        page.sign_in(&stage().synapse.url()).await;
        search(page).fill(SOME).await;
        let all = answer(question()).await;
        page.sees(&format!("of {}", all.len())).await;
        page.is_at(&format!("/users?q={SOME}")).await;

        // By display name, other letters included.
        search(page).fill("محمد").await;
        shows(page, &[stage().user("name.arabic").to_string()]).await;
        // The server does not lower the first of these.
        search(page).fill(&format!("özgür {localpart}")).await;
        shows(page, &[capital.unwrap().to_string()]).await;
        // What the server would take for wildcards or syntax is meant as it stands.
        search(page).fill("Robert'); DROP").await;
        shows(page, &[stage().user("sql.bobby").to_string()]).await;
        // A whole Matrix ID finds its user.
        let alice = stage().user("alice").to_string();
        search(page).fill(&alice).await;
        shows(page, std::slice::from_ref(&alice)).await;

        search(page).fill("no such user anywhere").await;
        page.sees("Nothing matches").await;
        page.button("Clear filters").first().click().await;
        search(page).holds("").await;
        page.row("@").nth(5).appears().await;
    })
    .await;
}

#[tokio::test]
async fn searching_for_what_is_not_there() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users?size=1000").await;
        search(page).fill("!.").await;
        // All localparts with a dot are gone, those without are there.
        page.sees("Filtered here, after reading all").await;
        page.until("the list is without dots", async || {
            let ids = ids(page).await;
            let alice = stage().user("alice").to_string();
            ids.contains(&alice)
                && ids
                    .iter()
                    .all(|id| !id.split(':').next().unwrap_or_default().contains('.'))
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn filters() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users?size=1000").await;
        let mut everyone = answer(ListUsers {
            name: None,
            ..question()
        })
        .await;
        let most = everyone.len() / 2;
        // Those of other journeys may be something else from one moment to the next.
        let others = format!(".{}.", std::process::id());
        let is_of_the_world = |id: &String| !id.contains(&others);
        everyone.retain(is_of_the_world);
        let detail = async |id: &str| {
            let id = UserId::parse(id).unwrap();
            stage().run(&users::get(&id)).await.user
        };
        // Each filter both ways: what is shown has the property, and nobody is left out who has.
        for (filter, column) in [
            ("Administrators", "admins"),
            ("Locked users", "locked"),
            ("Guests", "guests"),
            ("Deactivated users", "deactivated"),
        ] {
            page.button_like("Filter").first().click().await;
            page.field(filter).choose("Only these").await;
            page.press(thirtyfour::Key::Escape + "").await;
            page.is_at(&format!("/users?size=1000&{column}=true")).await;
            page.sees(&format!("{filter}: Only these")).await;
            page.until("the list is filtered", async || {
                let count = ids(page).await.len();
                let range = format!("1–{count} of {count}");
                count < most && page.text().await.contains(&range)
            })
            .await;
            let mut shown = ids(page).await;
            shown.retain(is_of_the_world);
            for id in &shown {
                let user = detail(id).await;
                let has = match column {
                    "admins" => user.admin,
                    "locked" => user.locked,
                    "guests" => user.is_guest,
                    _ => user.deactivated,
                };
                assert!(has, "{id} is shown by {filter}");
            }
            page.button(&format!("Remove filter “{filter}: Only these”"))
                .click()
                .await;
            page.is_at("/users?size=1000").await;

            page.button_like("Filter").first().click().await;
            page.field(filter).choose("Without these").await;
            page.press(thirtyfour::Key::Escape + "").await;
            let with: HashSet<&String> = shown.iter().collect();
            // A long list is put up in pieces.
            let mut missing = Vec::new();
            let complete = page
                .poll(Page::PATIENCE, async || {
                    let others: HashSet<String> = ids(page).await.into_iter().collect();
                    missing = everyone
                        .iter()
                        .filter(|id| !with.contains(id) && !others.contains(*id))
                        .cloned()
                        .collect();
                    missing.is_empty() && others.iter().all(|id| !with.contains(id))
                })
                .await;
            assert!(complete, "{missing:?} are in neither list of {filter}");
            page.button("Clear filters").click().await;
            page.is_at("/users?size=1000").await;
        }
    })
    .await;
}

#[tokio::test]
async fn filters_that_only_the_browser_can_answer() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        // Other journeys ban others meanwhile.
        page.open("/users?size=1000&shadow_banned=true&q=shadow.")
            .await;
        page.sees("Filtered here, after reading all").await;
        shows(
            page,
            &[
                stage().user("shadow.sven").to_string(),
                stage().user("shadow.two").to_string(),
            ],
        )
        .await;
        // Other journeys make bots of others meanwhile.
        page.open("/users?size=1000&user_type=bot&q=bot.").await;
        page.until("the bots are shown", async || {
            let shown = ids(page).await;
            shown.len() == 3 && shown.iter().all(|id| id.starts_with("@bot."))
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn without_devices() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let secret = UserChange {
            password: Some("some-secret".into()),
            ..Default::default()
        };
        let part = maker.fresh_localpart("gadgets");
        let mut made = Vec::new();
        for number in 0..3 {
            let localpart = format!("{part}.{number}");
            made.push(maker.make_user(&localpart, &secret).await.unwrap());
        }
        stage()
            .run(&login::with_password(&made[1], "some-secret"))
            .await;
        let client = maker.act_as(&made[0]).await.unwrap();
        let body = json!({"preset": "public_chat"});
        let room = maker.make_room(&client, &body).await.unwrap();
        stage().run(&rooms::join(room.as_str(), &made[1])).await;
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        let without = [made[0].to_string(), made[2].to_string()];
        page.open(&format!("/users?q={part}&devices=false")).await;
        shows(page, &without).await;
        page.sees("Asked account by account").await;
        // Only those that the rest of the question finds are asked about, and only once.
        let asked = || proxy.count("GET", "/_synapse/admin/v2/users/*/devices");
        assert_eq!(asked(), 3);
        page.open(&format!("/users?q={part}&devices=true")).await;
        shows(page, &[made[1].to_string()]).await;
        assert_eq!(asked(), 3);
        page.is_accessible().await;
        // Whoever is led to by a room is asked about like everybody.
        let of_room = format!("/users?q={}", encoded(room.as_str()));
        page.open(&of_room).await;
        shows(page, &[made[0].to_string(), made[1].to_string()]).await;
        page.open(&format!("{of_room}&devices=false")).await;
        shows(page, &without[..1]).await;
        page.sees("2 local users are in").await;
        page.sees("Asked account by account").await;
        assert_eq!(asked(), 3);
        // And again right before, whatever is done to them.
        choose_for_page(page, "Quarantine media").await;
        let title = format!("Quarantine the media of {}", made[0]);
        page.dialog(&format!("{title}?")).says("2 requests").await;
        stage()
            .run(&login::with_password(&made[0], "some-secret"))
            .await;
        agree(page, &title, None).await;
        page.sees("no longer found by the filter").await;
        assert_eq!(asked(), 4);
        // As a ready view, which ends in the actions for what is selected.
        page.link("No trace").click().await;
        page.css(".chip-link[aria-current]").says("No trace").await;
        page.link("Most media").click().await;
        page.heading("Media").appears().await;
    })
    .await;
}

/// No list of the server tells it, so it is asked where somebody wants to know.
#[tokio::test]
async fn who_is_suspended_is_asked_account_by_account() {
    let maker = stage().maker;
    let part = maker.fresh_localpart("caged");
    let mut made = Vec::new();
    for number in 0..3 {
        let change = UserChange::default();
        let user = maker.make_user(&format!("{part}.{number}"), &change).await;
        made.push(user.unwrap());
    }
    let all: Vec<String> = made.iter().map(UserId::to_string).collect();
    journey(Options::default(), async |page: &Page| {
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        if !maker.capabilities().has(Feature::Suspending) {
            page.open(&format!("/users?q={part}&suspended=true")).await;
            page.sees("Needs Synapse 1.121").await;
            return;
        }
        stage().run(&users::suspend(&made[1], true)).await;
        let asked = || -> usize {
            let of = |user: &UserId| format!("/_synapse/admin/v2/users/{user}");
            made.iter().map(|user| proxy.count("GET", &of(user))).sum()
        };
        page.open(&format!("/users?q={part}")).await;
        shows(page, &all).await;
        assert_eq!(asked(), 0);
        page.open(&format!("/users?q={part}&suspended=true")).await;
        shows(page, &all[1..2]).await;
        page.sees("Asked account by account who is suspended").await;
        page.row(&part).says("Suspended").await;
        page.open(&format!("/users?q={part}&suspended=false")).await;
        shows(page, &[all[0].clone(), all[2].clone()]).await;
        assert_eq!(asked(), 3);
        // What was found out is in the list and in its files, whatever is asked next.
        page.open(&format!("/users?q={part}")).await;
        shows(page, &all).await;
        page.row(&all[1]).says("Suspended").await;
        page.button("Export").click().await;
        page.css("[popover]").button("CSV").nth(1).click().await;
        let (_, csv) = page.downloaded_text().await;
        let column = |line: &str, place: usize| line.split(',').nth(place).map(str::to_owned);
        let header = csv.lines().next().unwrap();
        let place = header.split(',').position(|name| name == "suspended");
        let place = place.expect("a column of its own");
        for (number, user) in all.iter().enumerate() {
            let line = csv.lines().find(|line| line.contains(user)).unwrap();
            let told = (number == 1).to_string();
            assert_eq!(column(line, place), Some(told), "{line}");
        }
    })
    .await;
}

#[tokio::test]
async fn columns_are_chosen_and_kept() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.column("Created").appears().await;
        assert_eq!(page.column("Shadow-banned").count().await, 0);
        page.button("View").click().await;
        page.group("Columns")
            .checkbox("Shadow-banned")
            .tick(true)
            .await;
        page.group("Columns").checkbox("Created").tick(false).await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.column("Shadow-banned").appears().await;
        page.column("Created").goes().await;
        page.reload().await;
        page.column("Shadow-banned").appears().await;
        assert_eq!(page.column("Created").count().await, 0);
    })
    .await;
}

/// What stands above the columns, in their order.
async fn headings(page: &Page) -> Vec<String> {
    let headings = page.css("thead th").texts().await;
    headings
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect()
}

#[tokio::test]
async fn columns_are_moved_and_kept() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.column("Created").appears().await;
        let before = headings(page).await;
        let place =
            |headings: &[String], name: &str| headings.iter().position(|heading| heading == name);
        page.button("View").click().await;
        // Those that are not shown have a place as well.
        let choices = page.css(".menu-column .check");
        let forward = page.button("Move Last seen forward");
        forward.appears().await;
        let last = place(&choices.texts().await, "Last seen").expect("it can be chosen");
        // With the keyboard, which stays on what is moved.
        page.tab_to(&forward).await;
        page.press(thirtyfour::Key::Enter + "").await;
        page.until("it stands before the one before it", async || {
            let now = headings(page).await;
            let seen = place(&now, "Last seen");
            seen.is_some() && seen < place(&now, "Created")
        })
        .await;
        page.until("the focus is on it still", async || {
            let focused = "return document.activeElement.getAttribute('aria-label')";
            page.script(focused, vec![]).await == "Move Last seen forward"
        })
        .await;
        page.press(thirtyfour::Key::Enter + "").await;
        page.until("it stands two places further on", async || {
            place(&choices.texts().await, "Last seen") == Some(last - 2)
        })
        .await;
        page.is_accessible().await;
        page.picture("columns").await;
        let after = headings(page).await;
        page.reload().await;
        page.column("Created").appears().await;
        assert_eq!(headings(page).await, after);
        page.button("View").click().await;
        page.button("Columns as they were").click().await;
        page.until("all is as it was", async || headings(page).await == before)
            .await;
    })
    .await;
}

#[tokio::test]
async fn columns_are_moved_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        let labels = async || {
            let script =
                "return [...document.querySelector('tbody tr').querySelectorAll('[data-label]')]
                .map((cell) => cell.dataset.label)";
            page.script(script, vec![]).await
        };
        let before = labels().await;
        page.button("View").click().await;
        page.button("Move Last seen forward").click().await;
        page.until("it stands further up on the card", async || {
            labels().await != before
        })
        .await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("columns-phone").await;
        page.button("Columns as they were").click().await;
        page.until("all is as it was", async || labels().await == before)
            .await;
    })
    .await;
}

#[tokio::test]
async fn an_export_has_all_pages() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open(&format!("/users?q={SOME}&size=10")).await;
        page.row(SOME).first().appears().await;
        let all = answer(question()).await;
        page.button("Export").click().await;
        page.css("[popover]").button("CSV").nth(1).click().await;
        let (name, csv) = page.downloaded_text().await;
        assert!(
            name.starts_with("users") && name.ends_with(".csv"),
            "{name}"
        );
        let header = csv.lines().next().unwrap();
        for column in ["id", "displayname", "admin", "deactivated"] {
            assert!(header.split(',').any(|name| name == column), "{header}");
        }
        for id in &all {
            assert_eq!(csv.matches(id.as_str()).count(), 1, "{id}");
        }
        assert_eq!(csv.trim_end().lines().count(), all.len() + 1);

        page.button("Export").click().await;
        page.css("[popover]").button("JSON").first().click().await;
        let (name, json) = page.downloaded_text().await;
        assert!(name.ends_with(".json"), "{name}");
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json.as_array().map(Vec::len), Some(10));
    })
    .await;
}

#[tokio::test]
async fn an_export_is_safe_in_a_spreadsheet() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users?q=csv.").await;
        page.row("csv.formula").appears().await;
        page.button("Export").click().await;
        page.css("[popover]").button("CSV").first().click().await;
        let (_, csv) = page.downloaded_text().await;
        // Text that a spreadsheet would take for a formula begins with something harmless.
        assert!(csv.contains("HYPERLINK"), "{csv}");
        for cell in csv.lines().flat_map(|line| line.split(',')) {
            let text = cell.trim_start_matches('"');
            assert!(
                !text.starts_with(['=', '+', '-']),
                "{cell} would be run as a formula"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn found_by_address_and_by_room() {
    journey(Options::default(), async |page: &Page| {
        let maker = stage().maker;
        let user = maker.make_fresh_user("findme").await.unwrap();
        let email = format!("{}@example.org", user.localpart());
        let change = users::UserChange {
            threepids: Some(vec![users::Threepid {
                medium: "email".into(),
                address: email.clone(),
            }]),
            ..Default::default()
        };
        stage().run(&users::put(&user, &change)).await;
        let client = maker.act_as(&user).await.unwrap();
        let body = serde_json::json!({"name": "Just me"});
        let room = maker.make_room(&client, &body).await.unwrap();
        page.allows_complaint(&["status of 404"]);
        page.sign_in(&stage().synapse.url()).await;
        page.open("/users").await;
        if maker.capabilities().since(72) {
            search(page).fill(&email).await;
            shows(page, &[user.to_string()]).await;
            page.sees("Looked up by address or identity").await;
            search(page).fill("nobody.at.all@example.org").await;
            page.sees("Nothing matches").await;
            // What looks like an address may be what somebody is called, whether it is somebody's or not.
            let namesake = maker.make_fresh_user("findme").await.unwrap();
            let only_name = format!("{}@names.example", namesake.localpart());
            let called = users::UserChange {
                displayname: Some(format!("{email} {only_name}")),
                ..Default::default()
            };
            stage().run(&users::put(&namesake, &called)).await;
            search(page).fill(&only_name).await;
            shows(page, &[namesake.to_string()]).await;
            search(page).fill(&email).await;
            let mut both = [user.to_string(), namesake.to_string()];
            both.sort();
            shows(page, &both).await;
            page.sees("Looked up by address or identity, and by name")
                .await;
        }
        search(page).fill(room.as_str()).await;
        shows(page, &[user.to_string()]).await;
        page.sees(&format!("1 local user is in {room}")).await;
        // Words are still words.
        search(page).fill("1001").await;
        page.row("@1001:").first().appears().await;
    })
    .await;
}

/// What a filter says is shown, so the rows are never more than it says: where it says nothing that can be
/// read there are none.
#[tokio::test]
async fn a_filter_that_cannot_be_read_finds_nothing() {
    journey(Options::default(), async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        for (route, filter) in [
            (
                "/users?not_seen_since=2024-13-01&deactivated=false",
                "Not seen since: 2024-13-01",
            ),
            ("/users?admins=perhaps", "perhaps"),
            ("/users?devices=many", "Devices: many"),
            ("/users?suspended=perhaps", "perhaps"),
            ("/rooms?quiet=long", "long"),
            ("/rooms?blocked=maybe", "maybe"),
            ("/registration_tokens?valid=hardly", "hardly"),
            ("/destinations?failing=often", "often"),
            ("/reports?accused=nobody", "nobody"),
        ] {
            page.open(route).await;
            page.css(".chips").says(filter).await;
            page.css(".list-status").says("Nothing is found: “").await;
            page.css(".list-status").says(filter).await;
            page.sees("Nothing matches").await;
        }
    })
    .await;
}
