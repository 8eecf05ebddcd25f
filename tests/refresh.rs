//! Access tokens that expire: renewed once for all who ask, and never against the person's will.

use journeys::browser::importing::LONG;
use journeys::browser::tabs::both_go_on;
use journeys::browser::{Options, Page, journey};
use journeys::server::{Server, own_server_with};
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;
use synapse_admin::api::encode::encoded;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{UserId, login};
use xtask::proxy::{Fault, Proxy, Rule, Seen};
use xtask::world::ADMIN_PASSWORD;

const REFRESH: &str = "/_matrix/client/v3/refresh";
const ADMIN_API: &str = "/_synapse/admin/*";

/// A server whose access tokens live for seconds.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let brief = serde_json::json!({"refreshable_access_token_lifetime": "4s"});
        own_server_with("brief", brief.as_object().unwrap().clone())
    })
}

/// Signs in as an administrator of one's own.
async fn sign_in(page: &Page) -> (UserId, Rc<Proxy>) {
    let admin = server().fresh_admin("brief").await;
    let proxy = page.proxy_before(server().synapse.config().port);
    page.allows_complaint(&["status of 401"]);
    page.sign_in_as(&admin, ADMIN_PASSWORD, &proxy.url()).await;
    page.row("@").first().appears().await;
    (admin, proxy)
}

/// Waits until the access token that the browser has is good for nothing any more.
async fn expires(page: &Page) {
    let script = "
        const kept = {...localStorage, ...sessionStorage};
        const key = Object.keys(kept).find((key) => key.startsWith('synapse-admin.session '));
        return JSON.parse(kept[key]).access_token";
    let client = server().synapse.client();
    page.until("the token expires", async || {
        // What the page has asked last may have got it another one meanwhile.
        let token = page.script(script, vec![]).await;
        let client = client.with_token(token.as_str().expect("a token"));
        client.run(&login::who_am_i()).await.is_err()
    })
    .await;
}

async fn lock(user: &UserId, locked: bool) {
    let change = UserChange {
        locked: Some(locked),
        ..Default::default()
    };
    let admin = server().maker.admin();
    admin.run(&users::put(user, &change)).await.unwrap();
}

/// Logs out in the second of two tabs: it is one session, so the first is logged out as well.
async fn logs_both_out(page: &Page, admin: &UserId) {
    page.button("Log out").click().await;
    page.button("Sign in").appears().await;
    page.to_tab(0).await;
    page.button("Sign in").appears().await;
    page.until("the session is over at the server", async || {
        server().devices(admin).await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn whoever_is_locked_is_asked_and_nothing_spins() {
    journey(Options::default(), async |page: &Page| {
        let (admin, proxy) = sign_in(page).await;
        lock(&admin, true).await;
        page.press_behind("Refresh").await;
        let again = page.dialog("Sign in again");
        again.appears().await;
        let sent = proxy.seen().len();
        let refreshed = proxy.count("POST", REFRESH);
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.alert("This account is locked").appears().await;
        assert_eq!(proxy.count("POST", REFRESH), refreshed);
        assert!(
            proxy.seen().len() < sent + 12,
            "{}",
            proxy.seen().len() - sent
        );

        lock(&admin, false).await;
        again.button("Sign in").click().await;
        again.goes().await;
        page.row("@").first().appears().await;
    })
    .await;
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_is_not_replaced() {
    journey(Options::default(), async |page: &Page| {
        let (_, proxy) = sign_in(page).await;
        expires(page).await;
        proxy.forget();
        let refused = proxy.add(Rule::new("*", ADMIN_API, Fault::token_revoked()));
        page.button("Refresh").click().await;
        page.dialog("Sign in again").appears().await;
        assert_eq!(proxy.count("POST", REFRESH), 1);
        proxy.remove(refused);
        let again = page.dialog("Sign in again");
        again.field("Password").fill(ADMIN_PASSWORD).await;
        again.button("Sign in").click().await;
        again.goes().await;
        page.row("@").first().appears().await;
    })
    .await;
}

/// A server that restarts says nothing about the session.
#[tokio::test]
async fn trouble_while_a_token_is_renewed_ends_nothing() {
    journey(Options::default(), async |page: &Page| {
        let (_, proxy) = sign_in(page).await;
        page.allows_complaint(&[REFRESH, "status of 50"]);
        for trouble in [Fault::bad_gateway(), Fault::server_error()] {
            expires(page).await;
            proxy.forget();
            let away = proxy.add(Rule::new("POST", REFRESH, trouble));
            page.button("Refresh").click().await;
            page.button("Retry").appears_within(LONG).await;
            assert_eq!(page.dialog("Sign in again").count().await, 0);
            proxy.remove(away);
            page.button("Retry").click().await;
            page.until("it is renewed", async || {
                let renewed = proxy.seen_of("POST", REFRESH);
                renewed.iter().any(|seen| seen.status == Some(200))
            })
            .await;
            page.button("Retry").goes().await;
            page.row("@").first().appears().await;
            assert_eq!(page.dialog("Sign in again").count().await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn many_requests_at_once_are_one_refresh() {
    journey(Options::default(), async |page: &Page| {
        let (admin, proxy) = sign_in(page).await;
        expires(page).await;
        proxy.forget();
        proxy.add(Rule::new(
            "POST",
            REFRESH,
            Fault::Delay(Duration::from_millis(600)),
        ));
        // A page that asks a lot.
        page.open(&format!("/users/{}", encoded(admin.as_str())))
            .await;
        page.sees("Overview").await;
        let mut refreshed = Vec::new();
        page.until("all are answered", async || {
            refreshed = proxy.seen_of("POST", REFRESH);
            let is_answered = |seen: &Seen| seen.ended_ms.is_some();
            proxy.count("*", ADMIN_API) > 2
                && proxy.seen().iter().all(is_answered)
                && refreshed.iter().all(is_answered)
        })
        .await;
        assert_eq!(proxy.most_at_once("POST", REFRESH), 1);
        assert!(
            refreshed.iter().all(|seen| seen.status == Some(200)),
            "{refreshed:?}"
        );
        assert_eq!(page.dialog("Sign in again").count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn two_tabs_share_a_session() {
    journey(Options::default(), async |page: &Page| {
        let admin = server().fresh_admin("tabs").await;
        let proxy = page.proxy_before(server().synapse.config().port);
        page.allows_complaint(&["status of 401"]);
        page.fill_in(&admin, ADMIN_PASSWORD, &proxy.url()).await;
        page.checkbox_like("Stay signed in").tick(true).await;
        page.button("Sign in").click().await;
        page.row("@").first().appears().await;
        page.driver().new_tab().await.unwrap();
        page.to_tab(1).await;
        page.open("/users").await;
        page.row("@").first().appears().await;
        expires(page).await;
        both_go_on(page, &proxy, &proxy, REFRESH).await;
    })
    .await;
}

#[tokio::test]
async fn a_duplicated_tab_shares_its_session() {
    journey(Options::default(), async |page: &Page| {
        // Kept in the tab only, so the two have no storage in common.
        let (admin, proxy) = sign_in(page).await;
        page.duplicates_tab().await;
        page.to_tab(1).await;
        page.row("@").first().appears().await;
        expires(page).await;
        both_go_on(page, &proxy, &proxy, REFRESH).await;
        assert_eq!(server().devices(&admin).await.len(), 1);

        // It is one session: who logs out in one is logged out in both.
        logs_both_out(page, &admin).await;
    })
    .await;
}

/// The other tab has the tokens that are good, and ends the session with them.
#[tokio::test]
async fn a_tab_that_has_missed_the_new_tokens_logs_out() {
    journey(Options::default(), async |page: &Page| {
        let (admin, proxy) = sign_in(page).await;
        page.allows_complaint(&["/refresh", "status of 403"]);
        page.duplicates_tab().await;
        page.to_tab(1).await;
        page.row("@").first().appears().await;
        // It hears of nothing, as a tab that is asleep.
        page.to_tab(0).await;
        let silent = "BroadcastChannel.prototype.postMessage = () => {}; return true";
        page.script(silent, vec![]).await;
        expires(page).await;
        proxy.forget();
        page.button("Refresh").click().await;
        page.until("the new tokens are in use", async || {
            let lists = proxy.seen_of("GET", "/_synapse/admin/v3/users");
            let is_there = |seen: &Seen| seen.status == Some(200);
            proxy.seen_of("POST", REFRESH).iter().any(is_there) && lists.iter().any(is_there)
        })
        .await;
        page.to_tab(1).await;
        logs_both_out(page, &admin).await;
    })
    .await;
}

#[tokio::test]
async fn a_laptop_that_sleeps_for_hours() {
    journey(Options::default(), async |page: &Page| {
        let (_, proxy) = sign_in(page).await;
        page.open("/create_user").await;
        page.field("Display name").fill("Half typed").await;
        expires(page).await;
        proxy.forget();
        // The clock goes on while nothing else does.
        page.script(
            "const now = Date.now; Date.now = () => now() + 8 * 3_600_000; return true",
            vec![],
        )
        .await;
        let name = server().maker.fresh_localpart("half.typed");
        page.field("Username").fill(&name).await;
        page.sees("is available").await;
        // Once for each question, and not for one half typed either if that comes in time.
        let asked = proxy.count("GET", "/_synapse/admin/v1/username_available");
        let renewed = proxy.count("POST", REFRESH);
        assert!(
            (1..=asked).contains(&renewed),
            "{renewed} times for {asked}"
        );
        assert_eq!(page.dialog("Sign in again").count().await, 0);
        page.field("Display name").holds("Half typed").await;
        page.button("Create user").click().await;
        page.sees("is created").await;
    })
    .await;
}

/// Whoever signs in over a page that waits does not do what somebody else has begun.
#[tokio::test]
async fn another_administrator_does_nothing_for_the_first() {
    journey(Options::default(), async |page: &Page| {
        let (first, proxy) = sign_in(page).await;
        let second = server().fresh_admin("brief.second").await;
        let user = server().maker.make_fresh_user("brief.user").await.unwrap();
        let path = format!("/users/{}", encoded(user.as_str()));
        let changes = || proxy.seen_of("PUT", "/_synapse/admin/v2/users/*").len();
        page.open(&path).await;
        page.field("Display name").fill("Not to be saved").await;
        server().revoke_sessions(&first).await;
        page.press_behind("Save").await;
        let again = page.dialog("Sign in again");
        again.appears().await;
        let sent = changes();

        // Not even with a token.
        let token = server().maker.act_as(&second).await.unwrap();
        let token = token.token().unwrap_or_default().to_owned();
        again
            .checkbox("With an access token instead")
            .tick(true)
            .await;
        again.field("Access token").fill(&token).await;
        again.button("Sign in").click().await;
        again
            .alert("This belongs to another account")
            .appears()
            .await;
        again.button("Log out").click().await;
        // The page is not loaded anew in between.
        page.field("Username").fill(second.as_str()).await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        page.field("Homeserver URL").fill(&proxy.url()).await;
        page.button("Sign in").click().await;
        page.navigation("Main").appears().await;
        page.open(&path).await;
        page.field("Display name").holds(user.localpart()).await;
        page.sees(second.as_str()).await;
        assert_eq!(changes(), sent);
        page.open("/activity").await;
        page.sees("Nothing has been changed yet").await;
    })
    .await;
}

#[tokio::test]
async fn logged_out_while_the_token_is_renewed() {
    journey(Options::default(), async |page: &Page| {
        let (admin, proxy) = sign_in(page).await;
        expires(page).await;
        proxy.forget();
        proxy.add(Rule::new(
            "POST",
            REFRESH,
            Fault::Delay(Duration::from_secs(2)),
        ));
        page.button("Refresh").click().await;
        page.until("it is being renewed", async || {
            proxy.count("POST", REFRESH) > 0
        })
        .await;
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.until("the late answer is there", async || {
            proxy.is_answered("POST", REFRESH)
        })
        .await;
        page.until("the session is over at the server", async || {
            server().devices(&admin).await.is_empty()
        })
        .await;
        page.button("Sign in").appears().await;
        page.reload().await;
        page.button("Sign in").appears().await;
        let kept = "return JSON.stringify({...sessionStorage, ...localStorage})";
        let kept = page.script(kept, vec![]).await.to_string();
        assert!(
            !kept.contains("syt_") && !kept.contains(admin.as_str()),
            "{kept}"
        );
    })
    .await;
}

/// The session is there again with the late answer, and its server does not hear that it is to end.
#[tokio::test]
async fn a_late_session_that_may_live_on_is_told() {
    journey(Options::default(), async |page: &Page| {
        let (admin, proxy) = sign_in(page).await;
        page.allows_complaint(&["/logout", "status of 502"]);
        expires(page).await;
        proxy.forget();
        let late = proxy.add(Rule::new("POST", REFRESH, Fault::Held).times(1));
        page.button("Refresh").click().await;
        page.until("it is being renewed", async || {
            proxy.count("POST", REFRESH) > 0
        })
        .await;
        // For whoever logs out now, the server knows neither token.
        let logout = "/_matrix/client/v3/logout";
        proxy.add(Rule::new("POST", REFRESH, Fault::token_revoked()));
        proxy.add(Rule::new("POST", logout, Fault::token_revoked()).times(1));
        proxy.add(Rule::new("POST", logout, Fault::bad_gateway()));
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.until("the log-out is over", async || {
            let refreshed = proxy.seen_of("POST", REFRESH);
            refreshed
                .iter()
                .filter(|seen| seen.ended_ms.is_some())
                .count()
                == 1
        })
        .await;
        let toast = page.css("body > .toasts .toast");
        assert!(!toast.exists().await);
        proxy.remove(late);
        toast
            .says(&format!(
                "Logged out here. {} has not confirmed it, so the session may live on there.",
                proxy.homeserver()
            ))
            .await;
        assert_eq!(server().devices(&admin).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn logging_out_with_a_token_that_is_gone() {
    journey(Options::default(), async |page: &Page| {
        let (admin, proxy) = sign_in(page).await;
        // As when another tab has replaced it.
        let logout = "/_matrix/client/v3/logout";
        proxy.add(Rule::new("POST", logout, Fault::token_revoked()).times(1));
        page.button("Log out").click().await;
        page.button("Sign in").appears().await;
        page.until("the session is over at the server", async || {
            server().devices(&admin).await.is_empty()
        })
        .await;
        assert_eq!(proxy.count("POST", logout), 2);
    })
    .await;
}
