//! One account where Matrix Authentication Service keeps it: making it, its addresses, its sessions and devices.

use journeys::browser::acting::agree;
use journeys::browser::delegated::Way;
use journeys::browser::{Options, Page, journey};
use journeys::mas::{Delegated, delegated};
use std::rc::Rc;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::mas::resource::Want;
use synapse_admin::api::mas::{self, Ulid};
use synapse_admin::api::{UserId, authorization, devices, users};
use xtask::mas::{ADMIN_SCOPE, Account};
use xtask::native::Client;
use xtask::proxy::{Fault, Proxy, Rule};
use xtask::world::people;

const USERS: &str = "/api/admin/v1/users";

/// The panel, signed in as an administrator of its own by way of a proxy before MAS.
async fn signed_in(page: &Page, server: &'static Delegated, name: &str) -> (UserId, Rc<Proxy>) {
    let root = server.account(name, Account::ADMIN).await;
    let way = Way::new(page, server).await;
    // Who is not there is asked for all the same.
    page.allows_complaint(&["/users/by-username/", "404"]);
    way.signs_in(page, &root).await;
    (root, way.mas)
}

/// A client of MAS' admin API, and its base.
async fn at_mas(server: &'static Delegated) -> (Client, String) {
    let tokens = server.tokens(people::ADMIN, ADMIN_SCOPE).await;
    let client = server.client().with_token(tokens.access_token);
    (client, server.mas.url())
}

fn id_of(server: &Delegated, user: &UserId) -> Ulid {
    let id = server.mas.user_id(user.localpart()).expect("an account");
    Ulid::parse(&id).expect("an ID")
}

async fn addresses(server: &'static Delegated, user: &UserId) -> Vec<String> {
    let (client, base) = at_mas(server).await;
    let filter = mas::emails::EmailFilter {
        user: Some(id_of(server, user)),
        ..Default::default()
    };
    let found = client
        .run(&mas::emails::list(&base, &filter, &Want::first(50)))
        .await
        .unwrap();
    found
        .data
        .into_iter()
        .map(|one| one.attributes.email)
        .collect()
}

async fn open(page: &Page, user: &UserId, tab: &str) {
    page.open(&format!("/users/{}?tab={tab}", encoded(user.as_str())))
        .await;
}

fn names(page: &Page) -> journeys::browser::Locator<'_> {
    page.css("tbody th[role=rowheader]")
}

fn user_of(server: &Delegated, localpart: &str) -> UserId {
    let server = server.synapse.server_name();
    UserId::parse(&format!("@{localpart}:{server}")).expect("a user ID")
}

#[tokio::test]
async fn a_creation_stops_half_way_and_goes_on() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let other = server
            .account(
                "mu-other",
                Account {
                    admin: false,
                    seconds: 300,
                },
            )
            .await;
        server
            .mas
            .email("mu-other", "mu-taken@example.org")
            .await
            .unwrap();
        let (_, proxy) = signed_in(page, server, "mu-maker").await;
        page.allows_complaint(&["username_available"]);
        page.allows_complaint(&["set-password", "400"]);
        page.allows_complaint(&["user-emails", "409"]);
        let user = user_of(server, "mu-newcomer");
        page.open("/create_user").await;
        page.field("Username").fill("mu-newcomer").await;
        page.sees(&format!("{user} is available.")).await;
        // What MAS has not is not asked for.
        page.sees("Types and phone numbers do not exist").await;
        assert_eq!(page.field("Phone numbers").count().await, 0);
        page.field("Display name").fill("Jane <b>Doe</b>").await;
        page.field("E-mail addresses")
            .fill("mu-free@example.org, mu-taken@example.org")
            .await;
        page.checkbox_like("Administrator").tick(true).await;
        page.field("Password").fill("short").await;
        page.is_accessible().await;
        page.button("Create user").click().await;
        page.sees("finds this password too easy to guess").await;
        page.sees(&format!("{user} exists, but is not whole yet"))
            .await;
        page.field("Username").is_unusable().await;
        page.picture("mas-create-stopped").await;

        page.field("Password").fill("horse battery staple").await;
        page.button("Go on").click().await;
        page.sees(&format!("mu-taken@example.org belongs to {other}."))
            .await;
        page.sees("Done: Account, Display name, Password, mu-free@example.org.")
            .await;
        page.sees("Not done yet: mu-taken@example.org, Administrator.")
            .await;
        assert_eq!(server.mas.user("mu-newcomer").unwrap()["admin"], false);
        page.field("E-mail addresses")
            .fill("mu-free@example.org")
            .await;
        page.button("Go on").click().await;
        page.heading(&format!("{user} is created")).appears().await;
        page.sees("horse battery staple").await;

        // Once each, and nothing was taken from anybody.
        assert_eq!(proxy.count("POST", USERS), 1);
        assert_eq!(addresses(server, &user).await, ["mu-free@example.org"]);
        assert_eq!(addresses(server, &other).await, ["mu-taken@example.org"]);
        assert_eq!(server.mas.user("mu-newcomer").unwrap()["admin"], true);
        let synapse = server.admin().await;
        let made = synapse.run(&users::get(&user)).await.unwrap();
        assert_eq!(made.user.displayname.as_deref(), Some("Jane <b>Doe</b>"));
        // Whoever it is for signs in.
        let tokens = server
            .tokens("mu-newcomer", authorization::CLIENT_API)
            .await;
        assert!(server.mas.is_active(&tokens.access_token).await);
        page.link("Open the account").click().await;
        page.heading("Jane <b>Doe</b>").appears().await;
        page.sees("mu-free@example.org").await;
    })
    .await;
}

#[tokio::test]
async fn an_account_whose_answer_is_lost_is_made_once() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let (_, proxy) = signed_in(page, server, "mu-loser").await;
        page.allows_complaint(&["username_available"]);
        page.allows_complaint(&["api/admin/v1/users"]);
        let user = user_of(server, "mu-lost");
        page.open("/create_user").await;
        page.field("Username").fill("mu-lost").await;
        page.sees(&format!("{user} is available.")).await;
        let password = page.field("Password").value().await;
        proxy.add(Rule::new("POST", USERS, Fault::DropAfter).times(1));
        page.button("Create user").click().await;
        // The browser may have sent it once more by itself, of which MAS says that the name is taken.
        page.heading(&format!("{user} is created")).appears().await;
        page.sees(&password).await;

        // The name is taken from then on, which is said where it stands.
        page.button("Create another").click().await;
        page.field("Username").fill("mu-lost").await;
        page.sees("mu-lost is already taken.").await;
    })
    .await;
}

#[tokio::test]
async fn addresses_and_identities_are_added_and_removed() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let plain = Account {
            admin: false,
            seconds: 300,
        };
        let user = server.account("mu-contact", plain).await;
        let other = server.account("mu-rival", plain).await;
        server
            .mas
            .email("mu-rival", "mu-rival@example.org")
            .await
            .unwrap();
        let provider = server.mas.upstream_provider("Contact Provider", None, true);
        server
            .mas
            .upstream_link(&provider, "rival-1", Some("mu-rival"), None)
            .unwrap();
        let (_, _proxy) = signed_in(page, server, "mu-keeper").await;
        page.open(&format!("/users/{}", encoded(user.as_str())))
            .await;
        page.sees("No addresses and no single sign-on identities.")
            .await;
        let dialog = page.dialog("Add address");
        page.button("Add address").click().await;
        dialog.field("Address").fill("nonsense").await;
        dialog.button("Add address").click().await;
        page.sees("This is not an e-mail address.").await;
        dialog.field("Address").fill("mu-rival@example.org").await;
        dialog.button("Add address").click().await;
        page.sees(&format!("mu-rival@example.org belongs to {other}."))
            .await;
        dialog.field("Address").fill("mu-contact@example.org").await;
        dialog.button("Add address").click().await;
        page.button("Remove mu-contact@example.org").appears().await;
        assert_eq!(addresses(server, &user).await, ["mu-contact@example.org"]);

        page.button("Remove mu-contact@example.org").click().await;
        page.button("Remove mu-contact@example.org").goes().await;
        assert!(addresses(server, &user).await.is_empty());
        page.css(".toast").nth(-1).button("Undo").click().await;
        page.button("Remove mu-contact@example.org").appears().await;
        assert_eq!(addresses(server, &user).await, ["mu-contact@example.org"]);

        page.button("Add address").click().await;
        dialog.field("Kind").choose("Single sign-on").await;
        dialog.field("Provider").choose("Contact Provider").await;
        dialog.field("ID at the provider").fill("rival-1").await;
        dialog.button("Add address").click().await;
        page.sees(&format!("Contact Provider: rival-1 belongs to {other}."))
            .await;
        dialog.field("ID at the provider").fill("jane-1").await;
        page.is_accessible().await;
        dialog.button("Add address").click().await;
        page.button("Remove Contact Provider: jane-1").click().await;
        page.button("Remove Contact Provider: jane-1").goes().await;
        let (client, base) = at_mas(server).await;
        let filter = mas::upstream::LinkFilter {
            user: Some(id_of(server, &user)),
            ..Default::default()
        };
        let links = mas::upstream::links(&base, &filter, &Want::first(9));
        assert!(client.run(&links).await.unwrap().data.is_empty());
    })
    .await;
}

#[tokio::test]
async fn sessions_of_all_kinds_are_ended() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let plain = Account {
            admin: false,
            seconds: 300,
        };
        let user = server.account("mu-sessions", plain).await;
        let app = server
            .mas
            .oauth_client("Some App", "https://app.example/", false);
        server
            .mas
            .oauth_session(
                "mu-sessions",
                &app,
                authorization::CLIENT_API,
                "Old Browser/1.0",
                200,
            )
            .await
            .unwrap();
        server
            .mas
            .compat_session("mu-sessions", Some("NHEKO12345"), "nheko/0.12", 3)
            .await
            .unwrap();
        server
            .mas
            .browser_session("mu-sessions", "Firefox/141.0", 5)
            .unwrap();
        let tokens = server
            .tokens("mu-sessions", authorization::CLIENT_API)
            .await;
        let (root, _proxy) = signed_in(page, server, "mu-ender").await;
        let (_, token) = server
            .mas
            .personal_session(
                "mu-ender",
                "mu-sessions",
                "Nightly <b>job</b>",
                authorization::CLIENT_API,
                None,
            )
            .await
            .unwrap();
        open(page, &user, "sessions").await;
        names(page).counts(5).await;
        page.sees("Some App").await;
        page.sees("NHEKO12345").await;
        page.sees("203.0.113.7").await;
        page.is_accessible().await;
        page.picture("mas-sessions").await;

        // One: the token of the script.
        assert!(server.mas.is_active(&token).await);
        page.row("Nightly <b>job</b>")
            .button("End Nightly <b>job</b>")
            .click()
            .await;
        page.sees("Tokens of scripts stop working for good.").await;
        agree(page, "End 1 session", None).await;
        names(page).counts(4).await;
        assert!(!server.mas.is_active(&token).await);

        // What nobody has used for long, of all that match.
        open(page, &user, "sessions&unused_since=2026-08-01").await;
        names(page).counts(1).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("End sessions").click().await;
        agree(page, "End 1 session", None).await;
        page.sees("Nothing matches").await;

        // The rest.
        assert!(server.mas.is_active(&tokens.access_token).await);
        open(page, &user, "sessions").await;
        names(page).counts(3).await;
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("End sessions").click().await;
        agree(page, "End 3 sessions", Some("3")).await;
        page.sees("No sessions").await;
        assert!(!server.mas.is_active(&tokens.access_token).await);
        open(page, &user, "sessions&ended=true").await;
        names(page).counts(5).await;

        // One's own is shown, and not offered.
        open(page, &root, "sessions").await;
        let own = page.row("This session");
        own.appears().await;
        assert_eq!(own.css("button[data-kind=quiet]").count().await, 0);
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("End sessions").click().await;
        page.sees("This is the session in which you work.").await;
        assert_eq!(page.dialog("End 1 session?").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_device_goes_with_its_session() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let plain = Account {
            admin: false,
            seconds: 300,
        };
        let user = server.account("mu-devices", plain).await;
        let scope = format!(
            "{} urn:matrix:client:device:PHONE12345",
            authorization::CLIENT_API
        );
        let tokens = server.tokens("mu-devices", &scope).await;
        server
            .mas
            .compat_session("mu-devices", Some("NHEKO54321"), "nheko/0.12", 3)
            .await
            .unwrap();
        signed_in(page, server, "mu-remover").await;
        open(page, &user, "devices").await;
        names(page).counts(2).await;
        page.row("PHONE12345").button("Actions").click().await;
        page.css("[popover]").button("Log out").click().await;
        page.sees("so that they do not come back").await;
        agree(page, "Log out 1 device", None).await;
        names(page).counts(1).await;
        assert!(!server.mas.is_active(&tokens.access_token).await);

        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Log out").click().await;
        agree(page, "Log out 1 device", None).await;
        page.sees("No sessions").await;
        let (client, base) = at_mas(server).await;
        let filter = mas::sessions::SessionFilter::active_of(&id_of(server, &user));
        let left = mas::sessions::compat(&base, &filter, &Want::first(9));
        assert!(client.run(&left).await.unwrap().data.is_empty());
        let synapse = server.admin().await;
        let left = synapse.run(&devices::list(&user)).await.unwrap();
        assert!(left.devices.is_empty());
    })
    .await;
}

#[tokio::test]
async fn identities_are_looked_up_where_they_are_kept() {
    let Some(server) = delegated() else { return };
    journey(Options::default(), async |page: &Page| {
        let plain = Account {
            admin: false,
            seconds: 300,
        };
        let user = server.account("mu-found", plain).await;
        let provider = server.mas.upstream_provider("Look Up", None, true);
        let made = server
            .mas
            .upstream_link(&provider, "found-7", Some("mu-found"), None);
        made.unwrap();
        let (_, _proxy) = signed_in(page, server, "mu-seeker").await;
        page.open("/users?q=look-up:found-7").await;
        page.sees("Looked up by address or identity").await;
        names(page).counts(1).await;
        page.row(user.as_str()).appears().await;

        page.button("Search").click().await;
        let field = page.field("Search or paste an identifier");
        field.fill("look-up:found-7").await;
        page.sees(&format!("it belongs to {user}")).await;
        // Nobody has it, which is another thing than that there is no such provider.
        field.fill("look-up:found-8").await;
        page.sees("no account here has it").await;
        field.fill("lookdown:found-7").await;
        page.sees("has no provider called lookdown").await;
    })
    .await;
}
