//! Several homeservers in one browser, each with a session of its own.

use journeys::browser::acting::{agree, token_of};
use journeys::browser::{Options, Page, journey, stage};
use journeys::server::{Server, own_server, server};
use std::sync::OnceLock;
use synapse_admin::api::UserId;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::login;
use synapse_admin::api::users::{self, UserChange};
use xtask::proxy::{Fault, Rule};
use xtask::world::ADMIN_PASSWORD;

/// Another Synapse, which calls itself the same: only its address tells it from the first.
fn second() -> &'static Server {
    static SECOND: OnceLock<Server> = OnceLock::new();
    SECOND.get_or_init(|| own_server("second"))
}

/// Two administrators of the same name, of the two servers.
async fn twins(one: &Server, two: &Server, prefix: &str) -> UserId {
    let twin = one.fresh_admin(prefix).await;
    assert_eq!(two.admin(twin.localpart()).await, twin);
    twin
}

/// Opens the list of servers.
async fn open_servers(page: &Page) {
    page.button_like("Servers").click().await;
    page.dialog("Servers").appears().await;
}

/// Signs in at another server from the list of servers, in the tab that shows `shown` until then.
async fn add_server(page: &Page, shown: &UserId, user: &UserId, homeserver: &str) {
    open_servers(page).await;
    page.dialog("Servers").button("Add a server").click().await;
    page.is_at("/login").await;
    page.button_like(shown.as_str()).first().appears().await;
    page.sign_in_by_hand(user, homeserver).await;
    is_in_as(page, user).await;
}

/// Waits until the tab shows this administrator's side.
async fn is_in_as(page: &Page, user: &UserId) {
    page.navigation("Main").appears().await;
    page.button(&format!("{user} Servers")).appears().await;
    // Which of several tabs it is.
    page.until("the window says whose it is", async || {
        let title = page.driver().title().await.unwrap_or_default();
        title.contains(user.as_str())
    })
    .await;
}

/// All that the tab and the browser keep.
async fn kept(page: &Page) -> String {
    let script = "return JSON.stringify([{...sessionStorage}, {...localStorage}])";
    page.script(script, vec![]).await.to_string()
}

/// What a release before this one kept: one key for all of the browser, and the session itself in
/// the tab. Puts what is kept now back into that form.
async fn make_old(page: &Page) {
    let script = "
        const beginning = 'synapse-admin.session ';
        const take = (storage) => Object.keys(storage)
            .filter((key) => key.startsWith(beginning))
            .map((key) => {
                const session = JSON.parse(storage[key]);
                storage.removeItem(key);
                delete session.oauth;
                return session;
            });
        const [own] = take(sessionStorage);
        const shared = take(localStorage);
        for (const key of ['synapse-admin.tab', 'synapse-admin.last']) {
            sessionStorage.removeItem(key);
            localStorage.removeItem(key);
        }
        const {user_id, homeserver, device_id} = shared[0] ?? {};
        const tab = own ?? {user_id, homeserver, device_id};
        sessionStorage.setItem('synapse-admin.session', JSON.stringify(tab));
        if (shared.length) {
            localStorage.setItem('synapse-admin.session', JSON.stringify(shared));
        }";
    page.script(script, vec![]).await;
}

/// Whether something is still kept in the form of earlier releases.
async fn is_old(page: &Page) -> bool {
    let script = "
        return [sessionStorage, localStorage].some((storage) =>
            storage.getItem('synapse-admin.session') !== null)";
    page.script(script, vec![]).await == true
}

#[tokio::test]
async fn who_was_signed_in_before_an_update_still_is() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("old.keys").await;
        let url = server().synapse.url();
        // In the tab only.
        page.sign_in_as(&admin, ADMIN_PASSWORD, &url).await;
        make_old(page).await;
        page.reload().await;
        page.navigation("Main").appears().await;
        page.sees(admin.as_str()).await;
        page.row("@").first().appears().await;
        assert!(!is_old(page).await);
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;

        // Whoever stays signed in: this tab, and a new one.
        page.fill_in(&admin, ADMIN_PASSWORD, &url).await;
        page.checkbox("Stay signed in on this device")
            .tick(true)
            .await;
        page.button("Sign in").click().await;
        page.row("@").first().appears().await;
        make_old(page).await;
        page.reload().await;
        page.navigation("Main").appears().await;
        page.sees(admin.as_str()).await;
        page.row("@").first().appears().await;
        assert!(!is_old(page).await);
        page.script("sessionStorage.clear()", vec![]).await;
        page.reload().await;
        page.navigation("Main").appears().await;
        page.sees(admin.as_str()).await;
        assert_eq!(server().devices(&admin).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_servers_in_one_tab() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        let jane = one.fresh_admin("two.jane").await;
        let joe = two.fresh_admin("two.joe").await;
        let only_here = two.maker.make_fresh_user("two.here").await.unwrap();
        page.names_host(two.maker.server().as_str());
        page.sign_in_as(&jane, ADMIN_PASSWORD, &one.synapse.url())
            .await;
        page.open(&format!("/users?q={}", jane.localpart())).await;
        page.row(jane.as_str()).appears().await;
        page.row(jane.as_str()).link_like("@").first().click().await;
        page.button("Edit").exists().await;
        page.back().await;
        page.row(jane.as_str()).appears().await;

        // The other one beside it, in the same tab.
        add_server(page, &jane, &joe, &two.synapse.url()).await;
        page.open(&format!("/users?q={}", only_here.localpart()))
            .await;
        page.row(only_here.as_str()).appears().await;
        assert_eq!(one.devices(&jane).await.len(), 1);

        // Back to the first: to the list that was there, with its own token.
        open_servers(page).await;
        let dialog = page.dialog("Servers");
        dialog.css("[aria-current]").says(joe.as_str()).await;
        dialog.css("[aria-current]").says("This tab").await;
        page.picture("servers").await;
        page.prefer_dark(true).await;
        page.picture("servers-dark").await;
        page.prefer_dark(false).await;
        dialog.button_like(jane.as_str()).first().click().await;
        is_in_as(page, &jane).await;
        page.is_at(&format!("/users?q={}", jane.localpart())).await;
        page.row(jane.as_str()).appears().await;
        page.reload().await;
        is_in_as(page, &jane).await;

        // Logging out of the other one there leaves this one alone.
        open_servers(page).await;
        dialog.button(&format!("Log out {joe}")).click().await;
        dialog.button_like(joe.as_str()).goes().await;
        page.until("the session is over at its server", async || {
            two.devices(&joe).await.is_empty()
        })
        .await;
        dialog.button_like("Forget").first().appears().await;
        let left = kept(page).await;
        assert!(!left.contains(joe.as_str()), "{left}");
        assert_eq!(one.devices(&jane).await.len(), 1);

        // Where somebody was is proposed, without who it was.
        dialog.button_like(&two.synapse.url()).click().await;
        page.is_at("/login").await;
        page.field("Homeserver URL").holds(&two.synapse.url()).await;
        // And stays, whatever the domain of the name says.
        page.sign_in_by_hand(&joe, &two.synapse.url()).await;

        // All at once.
        open_servers(page).await;
        dialog.button("Log out of all").click().await;
        page.sees("2 accounts are logged out").await;
        dialog.button("Log out of all").click().await;
        page.button("Sign in").appears().await;
        page.until("both are over", async || {
            one.devices(&jane).await.is_empty() && two.devices(&joe).await.is_empty()
        })
        .await;
        let left = kept(page).await;
        for user in [&jane, &joe] {
            assert!(!left.contains(user.as_str()), "{left}");
        }
        assert!(!left.contains("syt_"), "{left}");
        page.button_like(&two.synapse.url()).click().await;
        page.field("Homeserver URL").holds(&two.synapse.url()).await;
        page.picture("recent").await;
        while page.button_like("Forget").first().exists().await {
            page.button_like("Forget").first().click().await;
        }
        assert!(!kept(page).await.contains("synapse-admin.servers"));
    })
    .await;
}

#[tokio::test]
async fn a_log_out_that_the_server_does_not_hear_is_told() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        let jane = one.fresh_admin("unheard.jane").await;
        let joe = two.fresh_admin("unheard.joe").await;
        page.names_host(two.maker.server().as_str());
        page.allows_complaint(&["/logout", "status of 502"]);
        let proxy = page.proxy();
        page.sign_in_as(&jane, ADMIN_PASSWORD, &proxy.url()).await;
        page.row("@").first().appears().await;
        let log_out = "/_matrix/client/v3/logout";
        let unheard = proxy.add(Rule::new("POST", log_out, Fault::bad_gateway()));
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        let toast = page.css("body > .toasts .toast");
        let told = format!(
            "Logged out here. {} has not confirmed it, so the session may live on there.",
            proxy.homeserver()
        );
        toast.says(&told).await;
        page.is_accessible().await;
        page.picture("unheard").await;
        let left = kept(page).await;
        assert!(!left.contains("syt_"), "{left}");
        assert_eq!(one.devices(&jane).await.len(), 1);

        // It stays until it is read, whoever signs in meanwhile.
        proxy.remove(unheard);
        page.sign_in_by_hand(&jane, &proxy.url()).await;
        toast.goes().await;
        let toast = page.css(".page-column .toast");
        toast.says(&told).await;
        toast.button("Close").click().await;
        toast.goes().await;

        // Of several sessions, the one that may live on is named.
        add_server(page, &jane, &joe, &two.synapse.url()).await;
        proxy.add(Rule::new("POST", log_out, Fault::bad_gateway()));
        open_servers(page).await;
        let dialog = page.dialog("Servers");
        dialog.button("Log out of all").click().await;
        page.sees("2 accounts are logged out").await;
        dialog.button("Log out of all").click().await;
        page.button("Sign in").appears().await;
        let toast = page.css("body > .toasts .toast");
        toast.says(&told).await;
        page.until("the other one is over", async || {
            two.devices(&joe).await.is_empty()
        })
        .await;
        toast.counts(1).await;
        assert_eq!(one.devices(&jane).await.len(), 2);
        toast.button("Close").click().await;
        toast.goes().await;
    })
    .await;
}

#[tokio::test]
async fn what_goes_on_in_a_tab_goes_on() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        let jane = one.fresh_admin("goes.jane").await;
        let joe = two.fresh_admin("goes.joe").await;
        page.names_host(two.maker.server().as_str());
        let proxy = page.proxy();
        let mut crowd = Vec::new();
        for _ in 0..3 {
            crowd.push(one.maker.make_fresh_user("goes.on").await.unwrap());
        }
        let part = format!("goes.on.{}", std::process::id());
        page.open("/login").await;
        page.sign_in_by_hand(&joe, &two.synapse.url()).await;
        add_server(page, &joe, &jane, &proxy.url()).await;

        // A job that is under way.
        page.open(&format!("/users?q={part}")).await;
        page.css("tbody th[role=rowheader]").counts(3).await;
        let slow = proxy.add(Rule::new("PUT", "/_synapse/admin/v2/users/*", Fault::Held));
        page.checkbox("Select all on this page").tick(true).await;
        page.css(".bulk-bar").button("Actions").click().await;
        page.css("[popover]").button("Lock").click().await;
        page.dialog("Lock 3 users?")
            .button("Lock 3 users")
            .click()
            .await;
        page.until("it is at it", async || {
            proxy.count("PUT", "/_synapse/admin/v2/users/*") > 0
        })
        .await;
        open_servers(page).await;
        let dialog = page.dialog("Servers");
        dialog.button_like(joe.as_str()).first().click().await;
        dialog
            .css(".servers-question")
            .says("1 job is running in this tab")
            .await;
        page.picture("question").await;
        dialog.button("Cancel").click().await;
        dialog.button_like(joe.as_str()).first().click().await;
        dialog.button("Open in a new tab").click().await;
        page.to_tab(1).await;
        is_in_as(page, &joe).await;
        proxy.remove(slow);
        page.until("the job has gone on with its own token", async || {
            let mut locked = 0;
            for user in &crowd {
                locked += usize::from(stage().run(&users::get(user)).await.user.locked);
            }
            locked == crowd.len()
        })
        .await;

        // The tabs have nothing of each other.
        let left = kept(page).await;
        assert!(!left.contains(jane.as_str()), "{left}");
        page.reload().await;
        is_in_as(page, &joe).await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.to_tab(0).await;
        let left = kept(page).await;
        assert!(!left.contains(joe.as_str()), "{left}");
        is_in_as(page, &jane).await;
        page.reload().await;
        is_in_as(page, &jane).await;
        page.open("/activity").await;
        page.css(".activity").says(crowd[0].as_str()).await;

        // What is typed and not saved is asked about, and the activity log is there again.
        page.open(&format!("/users/{}", encoded(jane.as_str())))
            .await;
        page.field("Display name").fill("Not saved").await;
        open_servers(page).await;
        dialog.button("Add a server").click().await;
        dialog.css(".servers-question").says("is not saved").await;
        dialog.button("Switch in this tab").click().await;
        page.is_at("/login").await;
        page.button_like(jane.as_str()).first().click().await;
        is_in_as(page, &jane).await;
        page.open("/activity").await;
        page.css(".activity").says(crowd[0].as_str()).await;
    })
    .await;
}

/// Two homeservers that call themselves the same, with administrators that are called the same.
#[tokio::test]
async fn one_name_at_two_servers_on_a_phone() {
    journey(Options::phone(), async |page: &Page| {
        let (one, two) = (server(), second());
        let twin = twins(one, two, "twin").await;
        let user = one.maker.make_fresh_user("twin.user").await.unwrap();
        let (first, other) = (one.synapse.url(), two.synapse.url());
        let servers = page.dialog("Servers");
        let open = async || {
            page.button("Menu").click().await;
            page.button(&format!("{twin} Servers")).click().await;
            servers.css("[aria-current]").says("This tab").await;
        };
        page.sign_in_as(&twin, ADMIN_PASSWORD, &first).await;
        page.open(&format!("/users/{}", encoded(user.as_str())))
            .await;
        page.field("Display name").fill("Changed here").await;
        page.sees("Changed, not saved").await;
        page.button("Save").click().await;
        // What is not saved yet would be asked about.
        page.no_longer_sees("Changed, not saved").await;
        page.open("/activity").await;
        page.css(".activity").says(user.as_str()).await;

        // Nothing of it is the other's.
        open().await;
        servers.button("Add a server").click().await;
        page.is_at("/login").await;
        page.button_like(&first).first().appears().await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("at-login-phone").await;
        page.checkbox("Stay signed in on this device")
            .tick(true)
            .await;
        page.sign_in_by_hand(&twin, &other).await;
        page.open("/activity").await;
        page.sees("Nothing has been changed yet").await;
        open().await;
        servers.css("[aria-current]").says(&other).await;
        page.fits_sideways().await;
        page.is_accessible().await;
        page.picture("servers-phone").await;
        servers.button_like(&first).first().click().await;
        page.is_at("/activity").await;
        page.css(".activity").says(user.as_str()).await;

        // Logged out of one: the other one goes on, by choice.
        page.button("Menu").click().await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.reload().await;
        page.button_like(&other).first().click().await;
        page.css("main#main").appears().await;
        page.is_at("/activity").await;
        page.sees("Nothing has been changed yet").await;
        page.until("one is over, the other is not", async || {
            one.devices(&twin).await.is_empty() && two.devices(&twin).await.len() == 1
        })
        .await;
    })
    .await;
}

/// "Log in as" at one homeserver is nothing that another one hears of, not even where the administrator
/// and the user are called the same there.
#[tokio::test]
async fn access_got_at_one_server_stays_there() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        let twin = twins(one, two, "twin.acting").await;
        page.names_host(two.maker.server().as_str());
        let user = one.maker.make_fresh_user("twin.acted").await.unwrap();
        let plain = UserChange::default();
        let same = two.maker.make_user(user.localpart(), &plain).await;
        assert_eq!(same.unwrap(), user);
        let first = page.proxy_before(one.synapse.config().port);
        let other = page.proxy_before(two.synapse.config().port);
        let security = format!("/users/{}?tab=security", encoded(user.as_str()));
        page.sign_in_as(&twin, ADMIN_PASSWORD, &first.url()).await;
        page.open(&security).await;
        let token = token_of(page).await;

        // The page is not loaded anew.
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.sign_in_by_hand(&twin, &other.url()).await;
        page.open(&security).await;
        page.button("Log out everywhere").click().await;
        let title = format!("Log out {user} everywhere");
        agree(page, &title, Some(user.as_str())).await;
        page.sees(&format!("{title}: Finished")).await;
        assert_eq!(other.count("POST", "*/logout"), 0);
        let client = one.maker.admin().with_token(&token);
        assert!(client.run(&login::who_am_i()).await.is_ok());
    })
    .await;
}

/// What is asked of one homeserver after a reload says nothing about the one that is signed in to by the
/// time that it is answered.
#[tokio::test]
async fn what_one_server_can_do_says_nothing_of_another() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        let admin = one.fresh_admin("asked").await;
        let other = two.fresh_admin("answered").await;
        page.names_host(two.maker.server().as_str());
        let proxy = page.proxy_before(one.synapse.config().port);
        page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        let version = "*/admin/v1/server_version";
        let old = Fault::matrix(200, r#"{"server_version":"1.70.0"}"#);
        proxy.add(Rule::new("GET", version, old));
        let flows = "/_matrix/client/v3/login";
        let held = proxy.add(Rule::new("GET", flows, Fault::Held));
        proxy.forget();
        page.reload().await;
        page.until("the version has been told", async || {
            proxy.count("GET", flows) > 0 && proxy.count("GET", version) > 0
        })
        .await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.sign_in_by_hand(&other, &two.synapse.url()).await;
        let shown = page.css(".brand-version");
        shown.says("Synapse 1.").await;
        let before = shown.text().await;
        assert!(!before.contains("1.70.0"), "{before}");
        proxy.remove(held);
        page.until("all is answered", async || proxy.is_answered("GET", flows))
            .await;
        page.open("/users").await;
        page.row("@").first().appears().await;
        assert_eq!(shown.text().await, before);
    })
    .await;
}

/// Where the browser keeps nothing, a tab that is turned is loaded anew without its session.
#[tokio::test]
async fn a_session_that_is_not_kept_is_not_lost_without_a_word() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        let jane = one.fresh_admin("unkept.jane").await;
        let joe = two.fresh_admin("unkept.joe").await;
        page.names_host(two.maker.server().as_str());
        page.open("/login").await;
        page.field("Username").appears().await;
        // Full, as a browser has it that allows no storage to a site.
        let full = "
            Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); };
            return true";
        page.script(full, vec![]).await;
        page.sign_in_by_hand(&jane, &one.synapse.url()).await;
        assert!(!kept(page).await.contains("syt_"));
        open_servers(page).await;
        let servers = page.dialog("Servers");
        servers.button("Add a server").click().await;
        servers
            .says(&format!("If this tab switches, {jane} is logged out."))
            .await;
        page.is_accessible().await;
        servers.button("Cancel").click().await;
        assert_eq!(one.devices(&jane).await.len(), 1);
        servers.button("Add a server").click().await;
        servers.button("Switch in this tab").click().await;
        page.is_at("/login").await;
        page.until("the server has ended the session", async || {
            one.devices(&jane).await.is_empty()
        })
        .await;
        page.sign_in_by_hand(&joe, &two.synapse.url()).await;
    })
    .await;
}

/// Nor where the page is not loaded anew between the two, and the administrator is called the same.
#[tokio::test]
async fn what_was_read_of_one_server_is_not_shown_of_another() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        page.names_host(two.maker.server().as_str());
        let twin = twins(one, two, "twin.reader").await;
        let user = one.maker.make_fresh_user("twin.read").await.unwrap();
        // What is left out by a word is not the server's to find: the whole list is read.
        let search = encoded(&format!("{} !nobody", user.localpart()));
        let list = format!("/users?q={search}");
        page.sign_in_as(&twin, ADMIN_PASSWORD, &one.synapse.url())
            .await;
        page.open(&list).await;
        page.row(user.as_str()).appears().await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.sign_in_by_hand(&twin, &two.synapse.url()).await;
        page.open(&list).await;
        page.sees("Nothing matches").await;
        assert_eq!(page.row(user.as_str()).count().await, 0);
    })
    .await;
}

/// Neither who leaves one of several sessions nor who logs out of all revokes what other programs use.
#[tokio::test]
async fn tokens_that_were_brought_outlast_logging_out_of_all() {
    journey(Options::default(), async |page: &Page| {
        let (one, two) = (server(), second());
        let jane = one.fresh_admin("brought.jane").await;
        let joe = two.fresh_admin("brought.joe").await;
        page.names_host(two.maker.server().as_str());
        let token = one.access_token(&jane).await;
        page.open("/login").await;
        page.sign_in_with_token(&token, &one.synapse.url()).await;
        is_in_as(page, &jane).await;
        add_server(page, &jane, &joe, &two.synapse.url()).await;
        open_servers(page).await;
        let dialog = page.dialog("Servers");
        dialog
            .button(&format!("Leave {jane}; the access token stays valid"))
            .click()
            .await;
        dialog.button_like(jane.as_str()).goes().await;
        assert!(one.accepts(&token).await);

        dialog.button("Add a server").click().await;
        page.is_at("/login").await;
        page.button_like(joe.as_str()).first().appears().await;
        page.sign_in_with_token(&token, &one.synapse.url()).await;
        is_in_as(page, &jane).await;
        open_servers(page).await;
        dialog.button("Log out of all").click().await;
        page.sees("2 accounts are logged out").await;
        page.sees(&format!(
            "The access token that was brought for {jane} stays valid."
        ))
        .await;
        page.is_accessible().await;
        dialog.button("Log out of all").click().await;
        page.button("Sign in").appears().await;
        page.until("the session of the other is over", async || {
            two.devices(&joe).await.is_empty()
        })
        .await;
        let left = kept(page).await;
        assert!(!left.contains(jane.as_str()), "{left}");
        assert!(one.accepts(&token).await);
    })
    .await;
}
