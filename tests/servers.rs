//! Several homeservers in one browser, each with a session of its own.

use journeys::browser::{Options, Page, journey};
use journeys::server::server;
use xtask::world::ADMIN_PASSWORD;

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
