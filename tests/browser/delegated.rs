//! Signing in with the stand-in for Matrix Authentication Service.

use super::Page;
use crate::mas::Delegated;
use serde_json::Value;
use std::rc::Rc;
use synapse_admin::api::{Request, UserId};
use xtask::proxy::{Fault, Proxy, Rule};

/// Where it gives tokens.
pub const TOKEN: &str = "/oauth2/token";

const STAND_IN: &str = "A stand-in for Matrix Authentication Service";

/// One journey's way to the homeserver and to MAS, each with a proxy of its own.
pub struct Way {
    pub homeserver: Rc<Proxy>,
    pub mas: Rc<Proxy>,
}

impl Way {
    /// The way of this page.
    pub async fn new(page: &Page, server: &'static Delegated) -> Self {
        let homeserver = page.proxy_before(server.synapse.config().port);
        let mas = page.proxy_before(server.mas.port());
        let request = Request::<Value>::get("/_matrix/client/v1/auth_metadata").anonymous();
        let told = server.synapse.client().run(&request).await;
        let told = told.expect("metadata").to_string();
        let told = told.replace(&server.mas.url(), &mas.url());
        let tells = Fault::matrix(200, &told);
        homeserver.add(Rule::new("GET", "/_matrix/client/v1/auth_metadata", tells));
        // Which flows there are is nothing that Synapse answers then.
        page.allows_complaint(&["/_matrix/client/v3/login", "404"]);
        // How its admin API shows that it is exposed.
        page.allows_complaint(&["/api/admin/v1/version", "400"]);
        Way { homeserver, mas }
    }

    /// Fills in the form and goes to MAS.
    pub async fn sets_out(&self, page: &Page, user: &UserId) {
        page.open("/users").await;
        self.goes_to_mas(page, user).await;
    }

    /// The same from a page that is open.
    pub async fn goes_to_mas(&self, page: &Page, user: &UserId) {
        page.names_host(user.server().as_str());
        page.field("Homeserver URL")
            .fill(&self.homeserver.url())
            .await;
        page.button("Continue to sign-in").click().await;
        page.sees(STAND_IN).await;
    }

    /// Signs in there, and agrees.
    pub async fn agrees(&self, page: &Page, user: &UserId) {
        page.sees(STAND_IN).await;
        page.field("Username").fill(user.localpart()).await;
        page.button("Continue").click().await;
        page.sees("Allow access?").await;
        page.button("Continue").click().await;
    }

    /// Signs in, up to the list of users.
    pub async fn signs_in(&self, page: &Page, user: &UserId) {
        self.sets_out(page, user).await;
        self.agrees(page, user).await;
        page.row("@").first().appears().await;
    }

    /// How often tokens were asked for with a refresh token.
    pub fn refreshed(&self) -> Vec<Option<u16>> {
        let seen = self.mas.seen_of("POST", TOKEN);
        let refreshed = seen.iter().filter(|seen| {
            String::from_utf8_lossy(&seen.body).contains("grant_type=refresh_token")
        });
        refreshed.map(|seen| seen.status).collect()
    }
}
