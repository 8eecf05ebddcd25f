//! A room that two servers share: a second Synapse beside the first, over TLS on this machine.
//! What is seen and done here of members, messages and files from elsewhere.

use journeys::browser::importing::LONG;
use journeys::browser::{Options, Page, journey};
use serde_json::{Map, Value, json};
use std::process::Command;
use std::time::Duration;
use synapse_admin::api::directory::{self, ListPublished};
use synapse_admin::api::encode::encoded;
use synapse_admin::api::{MxcUri, RoomId, federation, media, rooms};
use xtask::synapse::{self, Config, Synapse};
use xtask::tools;
use xtask::world::database::Statement;
use xtask::world::files::png;
use xtask::world::{self, ADMIN_PASSWORD, Maker, people};

/// A key and a certificate of our own making, which both servers are told not to look at.
const CERTIFICATE: &str = r#"
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
day = datetime.timedelta(days=1)
made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
    .public_key(key.public_key()).serial_number(x509.random_serial_number())
    .not_valid_before(now - day).not_valid_after(now + 30 * day)
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    .sign(key, hashes.SHA256()))
with open(sys.argv[1] + "/tls.key", "wb") as out:
    out.write(key.private_bytes(serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
with open(sys.argv[1] + "/tls.crt", "wb") as out:
    out.write(made.public_bytes(serialization.Encoding.PEM))
"#;

/// A server that talks to others: its name is its address.
async fn homeserver(name: &str) -> (Synapse, Maker) {
    let version = synapse::version_from_env();
    let venv = tools::synapse(&version).unwrap();
    let folder = xtask::root().join(format!("target/servers/federation-{name}-{version}"));
    // Its name is new each time, and the data belongs to the name.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let made = Command::new(venv.join("bin/python"))
        .args(["-c", CERTIFICATE])
        .arg(&folder)
        .status();
    assert!(made.unwrap().success());
    let mut config = Config::for_tests(&venv, &folder).unwrap();
    let port = synapse::free_port().unwrap();
    let listener = |port: u16, tls: bool, what: &str| {
        json!({
            "port": port, "type": "http", "tls": tls, "x_forwarded": !tls,
            "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": [what], "compress": false}],
        })
    };
    let mut extra = Map::new();
    for (key, value) in [
        (
            "listeners",
            json!([
                listener(config.port, false, "client"),
                listener(port, true, "federation")
            ]),
        ),
        ("tls_certificate_path", json!(folder.join("tls.crt"))),
        ("tls_private_key_path", json!(folder.join("tls.key"))),
        ("federation_verify_certificates", json!(false)),
        ("federation_domain_whitelist", Value::Null),
        ("ip_range_blacklist", json!([])),
        ("federation_ip_range_blacklist", json!([])),
        ("allow_public_rooms_over_federation", json!(true)),
        // What fails has failed at once, and is left alone for longer than a test takes.
        (
            "federation",
            json!({
                "client_timeout": "20s", "max_long_retries": 0, "max_short_retries": 0,
                "destination_min_retry_interval": "1h",
            }),
        ),
    ] {
        extra.insert(key.to_owned(), value);
    }
    config.server_name = format!("localhost:{port}");
    config.extra = extra;
    let server = tokio::task::spawn_blocking(move || synapse::start(config))
        .await
        .unwrap()
        .unwrap();
    server
        .register_admin(people::ADMIN, ADMIN_PASSWORD)
        .await
        .unwrap();
    let admin = world::log_in_admin(&server).await.unwrap();
    let maker = Maker::new(&server, admin).await.unwrap();
    (server, maker)
}

async fn open(page: &Page, room: &RoomId, tab: &str) {
    page.open(&format!("/rooms/{}?tab={tab}", encoded(room.as_str())))
        .await;
}

#[tokio::test]
async fn a_room_that_two_servers_share() {
    // The Twisted that old versions want speaks no TLS with the pyOpenSSL of today.
    if synapse::version_from_env() != synapse::VERSION {
        return;
    }
    let (here, maker) = homeserver("here").await;
    let (mut there, other) = homeserver("there").await;
    // Somebody elsewhere has a room, says something and shares a file.
    let creator = other.make_fresh_user("stranger").await.unwrap();
    let client = other.act_as(&creator).await.unwrap();
    let body = json!({"name": "Shared garden", "preset": "public_chat",
        "room_alias_name": "garden"});
    let room = other.make_room(&client, &body).await.unwrap();
    // Others that everybody may join stand in the directory there.
    for name in ["Open meadow", "Far hill"] {
        let body = json!({"name": name, "preset": "public_chat", "visibility": "public"});
        other.make_room(&client, &body).await.unwrap();
    }
    let own = maker.user(people::ADMIN);
    let alias = format!("#garden:{}", other.server());
    maker
        .admin()
        .run(&rooms::join(&alias, &own))
        .await
        .expect("the servers talk to each other");
    let file = other
        .upload_media(&creator, &png(16, 5), "image/png", Some("rose.png"))
        .await
        .unwrap();
    let picture = json!({"msgtype": "m.image", "body": "rose.png", "url": file.to_string()});
    let hello = json!({"msgtype": "m.text", "body": "Hello from elsewhere"});
    other
        .send(&client, &room, "m.room.message", &picture)
        .await
        .unwrap();
    let theirs = other
        .send(&client, &room, "m.room.message", &hello)
        .await
        .unwrap();
    let has = |event: &str| {
        // Asking the server for messages would have it fetch them again.
        let sql = format!("SELECT 1 FROM events WHERE event_id = '{event}' AND NOT outlier");
        !maker.database().query(&sql).unwrap().is_empty()
    };
    // What is answered before it has come is no answer to it.
    let came = async {
        while !has(&theirs) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let came = tokio::time::timeout(LONG, came).await;
    came.expect("The message did not come over.");
    let answer = json!({"msgtype": "m.text", "body": "Hello from here"});
    let last = maker
        .send(maker.admin(), &room, "m.room.message", &answer)
        .await
        .unwrap();

    journey(Options::default(), async |page: &Page| {
        page.names_host("localhost");
        page.allows_complaint(&[".well-known"]);
        page.sign_in_as(&own, ADMIN_PASSWORD, &here.url()).await;
        page.until_within(LONG, "the room is in the statistics", async || {
            let found = maker.admin().run(&rooms::get(&room)).await;
            found.is_ok_and(|found| found.room.name.is_some())
        })
        .await;
        page.open("/rooms").await;
        page.row("Shared garden").first().appears().await;
        open(page, &room, "members").await;
        page.row(creator.as_str())
            .says(other.server().as_str())
            .await;
        page.row(own.as_str()).says("This server").await;
        open(page, &room, "messages").await;
        page.sees("Hello from elsewhere").await;
        open(page, &room, "media").await;
        page.allows_complaint(&["404"]);
        page.row(file.server.as_str())
            .says(other.server().as_str())
            .await;
        // A file of another server cannot be deleted one by one, but quarantined.
        fetch(&maker, &file).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Delete").click().await;
        page.sees("Files of other servers cannot be deleted one by one")
            .await;
        page.css(".bulk-bar").button("Quarantine").click().await;
        // The list was read before the server had a copy, so nothing else is known of it.
        let title = format!("Quarantine “{}”", file.media_id);
        page.dialog(&format!("{title}?"))
            .button(&title)
            .click()
            .await;
        page.until("it is in quarantine", async || {
            let sql = "SELECT quarantined_by FROM remote_media_cache \
                       WHERE quarantined_by IS NOT NULL";
            maker.database().query(sql).unwrap().len() == 1
        })
        .await;

        from_another_directory(page, &maker, &other).await;
        off_and_on(page, (&maker, &room), &mut there, &other).await;

        // What others have said goes; what was said here stays, unless it is asked for.
        assert!(has(&theirs) && has(&last));
        open(page, &room, "actions").await;
        page.button("Remove history").click().await;
        let question = page.dialog("Remove the history of room “Shared garden”?");
        question.says("Members 2").await;
        question.says("Local members 1").await;
        question.field("Or up to this event").fill(&last).await;
        question.confirm("Shared garden").await;
        question
            .button("Remove the history of room “Shared garden”")
            .click()
            .await;
        page.until("what others said is gone", async || !has(&theirs))
            .await;
        assert!(has(&last));

        page.button("Delete").click().await;
        page.allows_complaint(&["statistics/database/rooms"]);
        let question = page.dialog("Delete room “Shared garden”?");
        question.says("Local members 1").await;
        question.confirm("Shared garden").await;
        question.button("Delete room “Shared garden”").click().await;
        page.sees("This server has no room with this ID.").await;
        // The others keep it, without us.
        page.until("they see that we have left", async || {
            let members = other.admin().run(&rooms::members(&room)).await.unwrap();
            members.members == [creator.clone()]
        })
        .await;
    })
    .await;
}

/// The directory of another server, whose rooms are joined from there.
async fn from_another_directory(page: &Page, maker: &Maker, other: &Maker) {
    let user = maker.make_fresh_user("goer").await.unwrap();
    let published = ListPublished {
        limit: 10,
        ..Default::default()
    };
    let listed = async || {
        let page = other.admin().run(&directory::published(&published)).await;
        page.unwrap().chunk
    };
    // With their names and those who are in them, which come one after the other.
    page.until_within(LONG, "they stand in the directory", async || {
        let all = listed().await;
        all.len() == 2
            && all
                .iter()
                .all(|room| room.name.is_some() && room.num_joined_members == Some(1))
    })
    .await;
    page.open(&directory_of(other)).await;
    page.row("Open meadow").says("1").await;
    page.fits_sideways().await;
    page.is_accessible().await;
    page.picture("directory-other").await;
    // Whether it is here as well is asked.
    page.allows_complaint(&["/_synapse/admin/v1/rooms/", "404"]);
    page.button("Join “Open meadow”").click().await;
    let dialog = page.dialog("Join a room");
    dialog.says("This server is not in the room yet").await;
    page.is_accessible().await;
    page.picture("directory-join").await;
    dialog.field("User ID").fill(user.as_str()).await;
    dialog.button("Join a room").click().await;
    let rooms = listed().await;
    let meadow = rooms.iter().find(|room| room.title() == "Open meadow");
    let meadow = &meadow.unwrap().room_id;
    page.until_within(LONG, "they are in", async || {
        let members = other.admin().run(&rooms::members(meadow)).await;
        members.unwrap().members.contains(&user)
    })
    .await;
}

fn directory_of(other: &Maker) -> String {
    let server = encoded(other.server().as_str());
    format!("/room_directory?server={server}")
}

/// The other server cannot be reached for a while, which is seen, counted and ended.
async fn off_and_on(
    page: &Page,
    (maker, room): (&Maker, &RoomId),
    there: &mut Synapse,
    other: &Maker,
) {
    page.open(&directory_of(other)).await;
    let far = page.button("Join “Far hill”");
    far.appears().await;
    there.stop();
    let name = other.server().clone();
    // Nobody comes into a room there now, and that is said.
    page.allows_complaint(&["/join/", "502"]);
    far.click().await;
    page.dialog("Join a room")
        .button("Join a room")
        .click()
        .await;
    page.button("Retry").first().appears_within(LONG).await;
    let text = json!({"msgtype": "m.text", "body": "Said while they were away"});
    let said = maker.send(maker.admin(), room, "m.room.message", &text);
    let said = said.await.unwrap();
    let is_failing = async || {
        let asked = federation::destination(&name);
        maker
            .admin()
            .run(&asked)
            .await
            .unwrap()
            .failure_ts
            .is_some()
    };
    page.until_within(LONG, "the other server has failed", is_failing)
        .await;
    page.open("/destinations").await;
    page.row(name.as_str()).says("Unreachable").await;
    page.link("Unreachable").first().click().await;
    page.row(name.as_str()).says("Unreachable").await;
    // What was sent there once is named still, when nobody of theirs is in the room any more.
    let left = json!({"name": "Left behind"});
    let left = maker.make_room(maker.admin(), &left).await.unwrap();
    let sent_once = Statement::each(
        "INSERT INTO destination_rooms (destination, room_id, stream_ordering) VALUES (?, ?, 1)",
        [json!([name, left])],
    );
    maker.database().run(&[sent_once]).unwrap();
    page.button("What they cost").click().await;
    page.sees("1 server cannot be reached. They share 1 room with this server, in which there are 1 person of theirs.").await;
    page.picture("federation-cost").await;
    page.is_accessible().await;
    let config = there.config().clone();
    let started = tokio::task::spawn_blocking(move || synapse::start(config));
    *there = started.await.unwrap().unwrap();
    page.button("Try all again at once").click().await;
    let title = format!("Try {name} again at once");
    page.dialog(&format!("{title}?"))
        .button(&title)
        .click()
        .await;
    page.until("it is not waited for any more", async || {
        !is_failing().await
    })
    .await;
    // What was said meanwhile is sent with whatever comes next.
    let text = json!({"msgtype": "m.text", "body": "And after"});
    let next = maker.send(maker.admin(), room, "m.room.message", &text);
    next.await.unwrap();
    page.until_within(LONG, "what was said has arrived", async || {
        let sql = format!("SELECT 1 FROM events WHERE event_id = '{said}'");
        !other.database().query(sql).unwrap().is_empty()
    })
    .await;
    page.open(&format!("/destinations/{}", encoded(name.as_str())))
        .await;
    page.sees_within(LONG, "last sent there has arrived").await;
}

/// Has the server fetch a file from elsewhere, so that it has a copy.
async fn fetch(maker: &Maker, file: &MxcUri) {
    let request = media::download(file, &maker.capabilities().spec);
    let answer = maker.admin().answer(&request.call).await.unwrap();
    assert_eq!(answer.status, 200, "{}", request.call.target());
}
