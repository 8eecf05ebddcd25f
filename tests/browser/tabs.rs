//! Several tabs of one browser.

use super::Page;
use std::time::Duration;
use xtask::proxy::{Fault, Proxy, Rule, Seen};

/// What only the list of users asks.
const LIST: &str = "/_synapse/admin/v3/users";

impl Page {
    /// Goes to a tab, counted from 0 in the order in which they were opened, once it is open.
    pub async fn to_tab(&self, at: usize) {
        self.step(format!("goes to tab {at}"));
        self.until("the tab is open", async || {
            self.driver().windows().await.unwrap().len() > at
        })
        .await;
        let tab = self.driver().windows().await.unwrap()[at].clone();
        self.driver().switch_to_window(tab).await.unwrap();
    }

    /// Waits until there is one tab only, as browsers let a page close what was opened for it, and goes
    /// there.
    pub async fn to_the_only_tab(&self) {
        self.until("the other tab is closed", async || {
            self.driver().windows().await.unwrap().len() == 1
        })
        .await;
        self.to_tab(0).await;
    }

    /// Duplicates the tab: the new one has the same address, and a copy of what this one keeps in its
    /// `sessionStorage`.
    pub async fn duplicates_tab(&self) {
        self.step("duplicates the tab");
        self.script("open(location.href, '_blank')", vec![]).await;
    }
}

/// Both of two tabs that show the list of users ask for it with a token that is good for nothing any
/// more: it is renewed, one at a time and with no token that is spent, and nobody is asked. `giver`
/// gives new tokens at this path.
pub async fn both_go_on(page: &Page, homeserver: &Proxy, giver: &Proxy, path: &str) {
    homeserver.forget();
    giver.forget();
    let slow = Fault::Delay(Duration::from_millis(800));
    giver.add(Rule::new("POST", path, slow));
    for tab in [0, 1, 0, 1] {
        page.to_tab(tab).await;
        page.button("Refresh").click().await;
    }
    let mut renewed = Vec::new();
    page.until("both have their list, and nobody is waiting", async || {
        let lists = homeserver.seen_of("GET", LIST);
        renewed = giver.seen_of("POST", path);
        let is_answered = |seen: &Seen| seen.ended_ms.is_some();
        lists.iter().filter(|seen| seen.status == Some(200)).count() >= 2
            && lists.iter().all(is_answered)
            && renewed.iter().all(is_answered)
    })
    .await;
    assert!(giver.most_at_once("POST", path) <= 1);
    assert!(
        renewed.iter().all(|seen| seen.status == Some(200)),
        "{renewed:?}"
    );
    for tab in [0, 1] {
        page.to_tab(tab).await;
        page.row("@").first().appears().await;
        assert_eq!(page.dialog("Sign in again").count().await, 0);
    }
}
