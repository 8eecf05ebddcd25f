//! A CSV file becomes users: what the page says is what the server then has.

use journeys::browser::importing::{LONG, ask, choose, confirm, question, rows, run, start};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::{Server, own_server};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;
use synapse_admin::api::users::{self, Threepid, UserChange, UserDetail};
use synapse_admin::api::{UserId, login};
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::{ADMIN_PASSWORD, people};

/// A server for imports, so that the lists of the others stay short.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| own_server("import"))
}

/// The user ID of a localpart.
pub fn user(localpart: &str) -> UserId {
    server().maker.user(localpart)
}

/// A proxy in front of the server for imports.
pub fn proxy(page: &Page) -> std::rc::Rc<Proxy> {
    page.proxy_before(server().synapse.config().port)
}

/// Signs in through a proxy and goes to the page.
pub async fn go(page: &Page, proxy: &Proxy) {
    page.sign_in_as(&user(people::ADMIN), ADMIN_PASSWORD, &proxy.url())
        .await;
    page.link("CSV Import").click().await;
    page.heading("Import users").appears().await;
}

/// The page of imports, and the proxy through which it was signed in to.
pub async fn arrives(page: &Page) -> std::rc::Rc<Proxy> {
    let proxy = proxy(page);
    go(page, &proxy).await;
    proxy
}

/// A line of the report.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: String,
    pub outcome: String,
    pub detail: String,
    pub password: String,
}

/// The report of the run that has ended, in the order of the file.
pub async fn report(page: &Page) -> Vec<Line> {
    page.button("Download report").first().click().await;
    let (name, csv) = page.downloaded_text().await;
    assert!(name.starts_with("import-report"), "{name}");
    records(&csv)
        .into_iter()
        .map(|mut row| {
            let mut take = |name: &str| row.remove(name).unwrap_or_default();
            Line {
                id: take("id"),
                outcome: take("outcome"),
                detail: take("detail"),
                password: take("password"),
            }
        })
        .collect()
}

/// The rows of a CSV file by the names of its columns.
pub fn records(csv: &str) -> Vec<HashMap<String, String>> {
    let bare = csv.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(bare.as_bytes());
    reader
        .deserialize()
        .map(|row| row.expect("the file is well-formed"))
        .collect()
}

/// An account as the server has it.
pub async fn account(id: &UserId) -> Option<UserDetail> {
    server().maker.admin().run(&users::get(id)).await.ok()
}

/// Whether a password opens an account.
pub async fn opens(id: &UserId, password: &str) -> bool {
    let client = server().synapse.client();
    client
        .run(&login::with_password(id, password))
        .await
        .is_ok()
}

/// How each row ended.
pub fn outcomes(report: &[Line]) -> Vec<&str> {
    report.iter().map(|line| line.outcome.as_str()).collect()
}

/// How many rows ended each way.
pub fn tally(report: &[Line]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for line in report {
        match counts.iter_mut().find(|(word, _)| *word == line.outcome) {
            Some((_, count)) => *count += 1,
            None => counts.push((line.outcome.clone(), 1)),
        }
    }
    counts.sort();
    counts
}

fn all(word: &str, count: usize) -> Vec<(String, usize)> {
    vec![(word.to_owned(), count)]
}

#[tokio::test]
async fn the_file_of_the_guide() {
    journey(Options::default(), async |page: &Page| {
        // On a server of a few hundred users, as most are: its list is read, and no account is
        // asked for alone.
        let proxy = page.proxy();
        page.sign_in(&proxy.url()).await;
        page.link("CSV Import").click().await;
        page.heading("Import users").appears().await;
        page.is_accessible().await;
        choose(
            page,
            "id,displayname,password,is_guest,admin,deactivated\n\
             jane.doe,Jane Doe,secretpassword,false,false,false\n",
        )
        .await;
        page.sees("All rows can be imported.").await;

        // Simulating is the default, and sends nothing.
        assert!(page.checkbox_like("Simulate only").is_ticked().await);
        let changes = proxy.changes().len();
        page.button("Simulate").click().await;
        page.sees("Simulation: nothing has been sent.").await;
        page.row("@jane.doe").says("Create").await;
        page.is_accessible().await;
        assert_eq!(proxy.changes().len(), changes);
        let jane = stage().user("jane.doe");
        let there = async || stage().maker.admin().run(&users::get(&jane)).await.ok();
        assert!(there().await.is_none());

        run(page).await;
        let report = report(page).await;
        assert_eq!(tally(&report), all("created", 1), "{report:?}");
        assert_eq!(report[0].id, jane.as_str());
        // A password that somebody has already is not spread further.
        assert_eq!(report[0].password, "");
        let made = there().await.unwrap();
        assert_eq!(made.user.displayname.as_deref(), Some("Jane Doe"));
        assert!(!made.user.admin && !made.user.deactivated);
        assert!(stage().can_sign_in(&jane, "secretpassword").await);
        assert_eq!(proxy.count("PUT", "/_synapse/admin/v2/users/*"), 1);
        page.is_accessible().await;
    })
    .await;
}

#[tokio::test]
async fn five_hundred() {
    // So many take a busy machine minutes.
    let options = Options {
        limit: Duration::from_secs(400),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let proxy = arrives(page).await;
        choose(page, rows("crowd", 500)).await;
        start(page).await;
        page.heading("The import has ended")
            .appears_within(Duration::from_secs(300))
            .await;
        let report = report(page).await;
        assert_eq!(tally(&report), all("created", 500));
        let question = users::ListUsers {
            limit: 1000,
            name: Some("crowd.".to_owned()),
            ..Default::default()
        };
        let there = server()
            .maker
            .admin()
            .run(&users::list(&question, server().maker.capabilities()))
            .await
            .unwrap();
        assert_eq!(there.users.len(), 500);
        for (number, line) in report.iter().enumerate() {
            let id = user(&format!("crowd.{number}"));
            assert_eq!(line.id, id.as_str());
            let found = there.users.iter().find(|user| user.name == id).unwrap();
            assert_eq!(found.displayname, Some(format!("Person {number} of crowd")));
        }
        assert!(opens(&user("crowd.499"), "secret-crowd-499").await);
        // One request for each, several at a time.
        assert_eq!(proxy.count("PUT", "/_synapse/admin/v2/users/*"), 500);
        assert!(proxy.most_at_once("PUT", "/_synapse/admin/v2/users/*") > 1);
        assert!(proxy.count("GET", "/_synapse/admin/v2/users/*") < 20);
    })
    .await;
}

/// Two accounts that exist, and a file with both and a third.
async fn conflict(page: &Page, prefix: &str, choice: &str) -> std::rc::Rc<Proxy> {
    let maker = &server().maker;
    for name in ["old", "same"] {
        let change = UserChange {
            displayname: Some(format!("{prefix} {name}")),
            password: Some("the-old-password".to_owned()),
            ..Default::default()
        };
        maker
            .make_user(&format!("{prefix}.{name}"), &change)
            .await
            .unwrap();
    }
    let proxy = arrives(page).await;
    choose(
        page,
        format!(
            "id,displayname\n{prefix}.old,Another name\n{prefix}.same,{prefix} same\n{prefix}.new,Somebody new\n"
        ),
    )
    .await;
    page.field("On conflict").choose(choice).await;
    proxy
}

async fn name_of(localpart: &str) -> Option<String> {
    account(&user(localpart)).await?.user.displayname
}

#[tokio::test]
async fn on_conflict_stop() {
    journey(Options::default(), async |page: &Page| {
        let proxy = conflict(page, "stop", "Stop: send nothing at all").await;
        page.checkbox_like("Simulate only").tick(false).await;
        page.button("Import").click().await;
        page.sees("2 users exist already, so nothing is sent.")
            .await;
        page.is_accessible().await;
        assert_eq!(proxy.count("PUT", "*"), 0);
        assert_eq!(name_of("stop.new").await, None);
        assert_eq!(name_of("stop.old").await.as_deref(), Some("stop old"));
    })
    .await;
}

#[tokio::test]
async fn on_conflict_skip() {
    journey(Options::default(), async |page: &Page| {
        conflict(page, "skip", "Skip: leave the account alone").await;
        run(page).await;
        let report = report(page).await;
        assert_eq!(
            outcomes(&report),
            ["skipped", "skipped", "created"],
            "{report:?}"
        );
        assert_eq!(name_of("skip.old").await.as_deref(), Some("skip old"));
        assert_eq!(name_of("skip.new").await.as_deref(), Some("Somebody new"));
        assert!(opens(&user("skip.old"), "the-old-password").await);
    })
    .await;
}

#[tokio::test]
async fn on_conflict_update() {
    journey(Options::default(), async |page: &Page| {
        conflict(page, "update", "Update: change what differs").await;
        run(page).await;
        let report = report(page).await;
        assert_eq!(
            outcomes(&report),
            ["updated", "unchanged", "created"],
            "{report:?}"
        );
        assert_eq!(name_of("update.old").await.as_deref(), Some("Another name"));
        // Only the columns that are there change: the password stays.
        assert!(opens(&user("update.old"), "the-old-password").await);
    })
    .await;
}

/// Synapse sets the whole list of addresses: what the row says nothing of is sent along.
#[tokio::test]
async fn a_column_of_emails_keeps_phone_numbers() {
    journey(Options::default(), async |page: &Page| {
        let threepid = |medium: &str, address: &str| Threepid {
            medium: medium.to_owned(),
            address: address.to_owned(),
        };
        let phone = threepid("msisdn", "493055512345");
        let before = UserChange {
            threepids: Some(vec![threepid("email", "old@keeps.example"), phone.clone()]),
            ..Default::default()
        };
        let maker = &server().maker;
        maker.make_user("keeps.both", &before).await.unwrap();
        arrives(page).await;
        page.allows_complaint(&["/threepid/", "status of 404"]);
        choose(page, "id,email\nkeeps.both,new@keeps.example\n").await;
        page.field("On conflict")
            .choose("Update: change what differs")
            .await;
        ask(page).await;
        question(page)
            .says("Addresses taken away from accounts")
            .await;
        confirm(page).await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        let report = report(page).await;
        assert_eq!(tally(&report), all("updated", 1), "{report:?}");
        let mut found = account(&user("keeps.both")).await.unwrap().threepids;
        found.sort_by(|a, b| a.medium.cmp(&b.medium));
        assert_eq!(found, [threepid("email", "new@keeps.example"), phone]);
    })
    .await;
}

#[tokio::test]
async fn on_conflict_new_random_id() {
    journey(Options::default(), async |page: &Page| {
        conflict(page, "random", "New random ID: create another account").await;
        run(page).await;
        let report = report(page).await;
        assert_eq!(tally(&report), all("created", 3), "{report:?}");
        assert_eq!(report[2].id, user("random.new").as_str());
        for line in &report[..2] {
            assert!(!line.id.contains("random."), "{line:?}");
            let id = UserId::parse(&line.id).unwrap();
            assert!(account(&id).await.is_some());
        }
        assert_eq!(name_of("random.old").await.as_deref(), Some("random old"));
        assert!(opens(&user("random.old"), "the-old-password").await);
    })
    .await;
}

#[tokio::test]
async fn generated_passwords_work() {
    journey(Options::default(), async |page: &Page| {
        arrives(page).await;
        choose(
            page,
            "id,password\ngen.own,my-own-password\ngen.none,\ngen.other,\n",
        )
        .await;
        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        run(page).await;
        page.sees("Generated passwords are only in this report")
            .await;
        let report = report(page).await;
        assert_eq!(tally(&report), all("created", 3));
        assert_eq!(report[0].password, "");
        assert!(opens(&user("gen.own"), "my-own-password").await);
        for line in &report[1..] {
            assert!(line.password.len() >= 12, "{line:?}");
            let id = UserId::parse(&line.id).unwrap();
            assert!(opens(&id, &line.password).await, "{line:?}");
        }
        assert_ne!(report[1].password, report[2].password);
    })
    .await;
}

#[tokio::test]
async fn on_a_phone_with_sheets_to_hand_out() {
    journey(Options::phone(), async |page: &Page| {
        let proxy = arrives(page).await;
        page.fits_sideways().await;
        choose(
            page,
            "id,displayname,password\nphone.one,<b>One</b>,\nphone two,Two,\nphone.three,,secret-three\n",
        )
        .await;
        page.sees("1 row can only go if its account exists already.")
            .await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.field("Passwords")
            .choose("Generate missing ones")
            .await;
        run(page).await;
        page.fits_sideways().await;
        page.is_accessible().await;

        // What the browser would print, while it prints.
        page.script(
            "window.print = () => {
                 window.printed = [...document.querySelectorAll('#import-sheets section')]
                     .map((sheet) => sheet.innerText);
                 window.dispatchEvent(new Event('afterprint'));
             }",
            vec![],
        )
        .await;
        page.button("Print hand-out sheets").click().await;
        let mut printed = Value::Null;
        page.until("it is printed", async || {
            printed = page.script("return window.printed ?? null", vec![]).await;
            !printed.is_null()
        })
        .await;
        let sheets: Vec<&str> = printed
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|sheet| sheet.as_str())
            .collect();
        assert_eq!(sheets.len(), 2, "{printed}");
        assert!(sheets[0].contains("<b>One</b>"), "{printed}");
        assert!(sheets[0].contains(user("phone.one").as_str()), "{printed}");
        assert!(sheets[0].contains(&proxy.url()), "{printed}");
        assert!(sheets[1].contains("secret-three"), "{printed}");
        // No password stays in the page.
        page.css("#import-sheets").goes().await;
        let report = report(page).await;
        let made_up = &report[0].password;
        assert!(sheets[0].contains(made_up.as_str()), "{printed}");
        assert!(opens(&user("phone.one"), made_up).await);
    })
    .await;
}

#[tokio::test]
async fn all_that_a_row_can_say() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        // As spreadsheets write it: semicolons, byte order mark, quotes, line breaks.
        let id = user("full.two");
        choose(
            page,
            format!(
                "\u{feff}ID;Name;password;is_admin;deactivated;locked;user_type;threepids;shoe size\r\n\
                 full.one;\"Two\nlines; \"\"quoted\"\"\";pw-one-full;TRUE;no;;bot;email:full.one@example.org;43\r\n\
                 {id};Zoë;pw-two-full;0;;yes;;;\r\n\
                 full.three;Gone;;;1;;;;\r\n"
            ),
        )
        .await;
        page.sees("shoe size").await;
        // The plan asks whose the address is.
        page.expects_complaint(&["/threepid/", "status of 404"]);
        run(page).await;
        let report = report(page).await;
        assert_eq!(tally(&report), all("created", 3), "{report:?}");
        let one = account(&user("full.one")).await.unwrap();
        assert_eq!(
            one.user.displayname.as_deref(),
            Some("Two\nlines; \"quoted\"")
        );
        assert!(one.user.admin && !one.user.locked && !one.user.deactivated);
        assert_eq!(one.user.user_type.as_deref(), Some("bot"));
        assert_eq!(one.threepids[0].address, "full.one@example.org");
        let two = account(&id).await.unwrap();
        assert!(two.user.locked && !two.user.admin);
        assert_eq!(two.user.displayname.as_deref(), Some("Zoë"));
        assert!(account(&user("full.three")).await.unwrap().user.deactivated);
        // What nobody knows is not sent.
        for request in proxy.seen_of("PUT", "*") {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            assert!(!body.contains("shoe") && !body.contains("43"), "{body}");
        }
    })
    .await;
}

#[tokio::test]
async fn bad_rows_are_named_and_left_out() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        let long = "x".repeat(260);
        choose(
            page,
            format!(
                "id,displayname,admin\n\
                 bad.fine,Fine,false\n\
                 Bad Letters!,Shouting,false\n\
                 bad.bool,Maybe,perhaps\n\
                 @bad.foreign:elsewhere.example,Foreign,false\n\
                 bad.twice,Twice,false\n\
                 bad.twice,Twice again,false\n\
                 {long},Long,false\n"
            ),
        )
        .await;
        page.heading("Problems").appears().await;
        page.is_accessible().await;
        // Each is named with its line and its column, and holds its value.
        page.field("Line 4, admin").holds("perhaps").await;
        page.field("Line 5, id")
            .holds("@bad.foreign:elsewhere.example")
            .await;
        page.sees("rows have errors and are left out unless they are fixed")
            .await;
        assert_eq!(proxy.count("PUT", "*"), 0);

        // One is put right here.
        page.field("Line 4, admin").fill("no").await;
        page.press(thirtyfour::Key::Tab + "").await;
        run(page).await;
        let report = report(page).await;
        assert_eq!(report.len(), 7, "{report:?}");
        assert_eq!(report[0].outcome, "created");
        assert_eq!(report[2].outcome, "created", "{report:?}");
        for line in [1, 3, 6] {
            assert_eq!(report[line].outcome, "invalid", "{report:?}");
            assert!(!report[line].detail.is_empty());
        }
        assert!(account(&user("bad.fine")).await.is_some());
        assert!(account(&user("bad.bool")).await.is_some());
        // Nothing but what the report says.
        let created = report
            .iter()
            .filter(|line| line.outcome == "created")
            .count();
        assert_eq!(proxy.count("PUT", "*"), created);
    })
    .await;
}

#[tokio::test]
async fn files_that_cannot_be_read() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(
                "id\tdisplayname\nwide.one\tWidé\n"
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes),
            )
            .collect();
        let files: [(&[u8], &str); 6] = [
            (b"", "The file has no rows."),
            (b"name,password\nA,b\n", "The file has no column “id”."),
            (
                b"id,name\nabc,M\xc3",
                "The file ends in the middle of a character, in line 2",
            ),
            (b"PK\x03\x04 and so on", "spreadsheet's own format"),
            (
                b"id\nabc\n\x00\x01\x02\n",
                "This is not a text file: line 3",
            ),
            (
                b"INSERT INTO users VALUES ('jane');\n",
                "This is not a CSV file but SQL.",
            ),
        ];
        for (bytes, complaint) in files {
            choose(page, bytes).await;
            page.sees(complaint).await;
            assert!(!page.button("Simulate").is_enabled().await);
        }
        page.is_accessible().await;
        choose(page, utf16).await;
        page.sees("UTF-16").await;
        page.sees("All rows can be imported.").await;
        assert_eq!(proxy.count("PUT", "*"), 0);
    })
    .await;
}

#[tokio::test]
async fn elsewhere_while_it_runs() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        // It cannot end before it has been looked at. A browser has six connections, of which the
        // pages that are looked at need some.
        let some = Rule::new("PUT", "/_synapse/admin/v2/users/*", Fault::Held);
        proxy.add(some.after(10).times(3));
        choose(page, rows("away", 60)).await;
        start(page).await;
        page.is_accessible().await;
        page.link("Media").click().await;
        page.heading("Media").appears().await;
        page.sees("1 job running").await;
        page.link("Users").click().await;
        page.heading("Users").appears().await;
        page.css(".job-pill").click().await;
        page.is_accessible().await;
        proxy.clear_rules();
        page.link("Import users.csv").click().await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        let report = report(page).await;
        assert_eq!(tally(&report), all("created", 60));
    })
    .await;
}

#[tokio::test]
async fn pause_and_cancel() {
    journey(Options::default(), async |page: &Page| {
        let proxy = arrives(page).await;
        let hold = |after| {
            proxy.add(Rule::new("PUT", "/_synapse/admin/v2/users/*", Fault::Held).after(after));
        };
        hold(5);
        choose(page, rows("pause", 80)).await;
        start(page).await;
        let sent = || proxy.count("PUT", "/_synapse/admin/v2/users/*");
        page.until("some are sent", async || sent() > 5).await;
        page.css("main").button("Pause").click().await;
        page.css("main").button("Resume").appears().await;
        proxy.clear_rules();
        // What is under way ends, and then nothing more is sent.
        page.until("nothing is under way", async || {
            // What asks whether it may be sent comes before it.
            proxy.is_answered("*", "/_synapse/admin/v2/users/*")
        })
        .await;
        let paused_at = sent();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(sent(), paused_at);
        assert!(paused_at < 80);
        hold(2);
        page.css("main").button("Resume").click().await;
        page.until("it goes on", async || sent() > paused_at).await;
        page.css("main").button("Cancel").click().await;
        proxy.clear_rules();
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        let report = report(page).await;
        assert_eq!(report.len(), 80);
        let created = report
            .iter()
            .filter(|line| line.outcome == "created")
            .count();
        let left = report
            .iter()
            .filter(|line| line.outcome == "not_done")
            .count();
        assert_eq!(created + left, 80, "{:?}", tally(&report));
        assert!(created >= paused_at && left > 0);
        for line in &report {
            let id = UserId::parse(&line.id).unwrap();
            assert_eq!(
                account(&id).await.is_some(),
                line.outcome == "created",
                "{line:?}"
            );
        }

        // The rest can be done later.
        page.css("main").button("Retry the rest").click().await;
        page.until_within(LONG, "all are there", async || {
            account(&user("pause.79")).await.is_some() && sent() >= 80
        })
        .await;
        page.heading("The import has ended")
            .appears_within(LONG)
            .await;
        let report = self::report(page).await;
        assert_eq!(tally(&report), all("created", 80));
    })
    .await;
}
