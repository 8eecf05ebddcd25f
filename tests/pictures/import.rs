//! The pictures of `docs/import.md`.

use super::{picture, scroll_to};
use crate::faults::USERS;
use crate::import::{go, proxy};
use journeys::browser::importing::{LONG, ask, choose, confirm};
use journeys::browser::{Options, Page, journey};
use std::fmt::Write;
use std::time::Duration;
use xtask::proxy::{Fault, Rule};

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn on_a_desktop() {
    journey(Options::default(), async |page: &Page| {
        let proxy = proxy(page);
        go(page, &proxy).await;
        // The plan asks whose the addresses are.
        page.allows_complaint(&["/threepid/", "status of 404"]);
        page.allows_complaint(&["/users/", "status of 404"]);
        page.allows_complaint(&["net::ERR_"]);
        let mut csv = "id,displayname,password,admin,threepids\n".to_owned();
        let people = [
            ("ada.lovelace", "Ada Lovelace"),
            ("grace.hopper", "Grace Hopper"),
            ("Alan.Turing", "Alan Turing"),
            ("edsger.dijkstra", "Edsger Dijkstra"),
            ("barbara.liskov", "Barbara Liskov"),
        ];
        for (number, (id, name)) in people.into_iter().enumerate() {
            let admin = if number == 1 { "yes" } else { "" };
            let _ = writeln!(
                csv,
                "{id},{name},,{admin},email:{}@example.org",
                id.to_lowercase()
            );
        }
        for number in 1..=240 {
            let _ = writeln!(csv, "student.{number},Student {number},,,");
        }
        csv.push_str("donald.knuth,Donald Knuth,,perhaps,\n");
        choose(page, csv).await;
        page.heading("Problems").appears().await;
        scroll_to(page, "Columns").await;
        picture(page, "import-columns").await;
        scroll_to(page, "Problems").await;
        picture(page, "import-problems").await;

        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        picture(page, "import-plan").await;

        proxy.add(Rule::new(
            "PUT",
            USERS,
            Fault::Delay(Duration::from_millis(120)),
        ));
        ask(page).await;
        picture(page, "import-question").await;
        confirm(page).await;
        page.until_within(LONG, "half is done", async || {
            proxy.count("PUT", USERS) > 120
        })
        .await;
        picture(page, "import-running").await;
        page.reload().await;
        page.button("Go on").appears().await;
        picture(page, "import-kept").await;
        page.button("Go on").click().await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        picture(page, "import-ended").await;
    })
    .await;
}

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        let proxy = proxy(page);
        go(page, &proxy).await;
        choose(
            page,
            "Benutzername;Name;Passwort;E-Mail;Personalnummer\n\
             ada.lovelace;Ada Lovelace;\"=\"\"001\"\"\";ada@example.org;815\n\
             grace.hopper;<name>;correct horse battery;grace@example.org;816\n\
             Alan.Turing;J\u{c3}\u{bc}rgen;;alan@example.org;817\n\
             Summe: 3;;;;\n",
        )
        .await;
        page.heading("Problems").appears().await;
        scroll_to(page, "Problems").await;
        picture(page, "import-phone-problems").await;
        page.prefer_dark(true).await;
        page.button("Next problem").click().await;
        picture(page, "import-phone-dark").await;
    })
    .await;
}
