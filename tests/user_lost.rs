//! A new account whose answer was lost: it is gone on with, and nobody else's is touched.

use journeys::browser::{Options, Page, journey, stage};
use std::rc::Rc;
use synapse_admin::api::users::{self, UserChange};
use synapse_admin::api::{UserId, login};
use xtask::proxy::{Fault, Proxy, Rule};

const ACCOUNT: &str = "/_synapse/admin/v2/users/*";
const UNKNOWN: &str = "It is not known whether the account was made";

/// Types what makes an account with name and address, but does not send it.
async fn typed(page: &Page) -> (UserId, String, Rc<Proxy>) {
    let maker = stage().maker;
    let name = maker.fresh_localpart("lost");
    let user = maker.user(&name);
    // The faults, what nobody has, and a name that is taken by then.
    page.allows_complaint(&["/threepid/", "status of 404"]);
    page.allows_complaint(&["/v2/users/", "status of"]);
    page.allows_complaint(&["username_available", "status of 400"]);
    let proxy = page.proxy();
    page.sign_in(&proxy.url()).await;
    page.open("/create_user").await;
    page.field("Username").fill(&name).await;
    page.sees(&format!("{user} is available.")).await;
    page.field("Display name").fill("Lost and found").await;
    page.field("E-mail addresses")
        .fill(&format!("{name}@example.org"))
        .await;
    let password = page.field("Password").value().await;
    (user, password, proxy)
}

/// The account is as it was typed, and its owner can be told the password.
async fn is_whole(page: &Page, user: &UserId, password: &str) {
    page.heading(&format!("{user} is created")).appears().await;
    page.sees(password).await;
    assert_eq!(page.css(".notice").count().await, 0);
    let made = stage().run(&users::get(user)).await;
    assert_eq!(made.user.displayname.as_deref(), Some("Lost and found"));
    assert_eq!(made.threepids.len(), 1);
    assert!(stage().can_sign_in(user, password).await);
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_goes_on() {
    journey(Options::default(), async |page: &Page| {
        let (user, password, proxy) = typed(page).await;
        proxy.add(Rule::new("PUT", ACCOUNT, Fault::gave_up_waiting()).times(1));
        page.button("Create user").click().await;
        is_whole(page, &user, &password).await;
    })
    .await;
}

#[tokio::test]
async fn a_creation_that_nobody_knows_of_goes_on_when_it_is_sent_again() {
    journey(Options::default(), async |page: &Page| {
        let (user, password, proxy) = typed(page).await;
        proxy.add(Rule::new("PUT", ACCOUNT, Fault::gave_up_waiting()).times(1));
        let silent = proxy.add(Rule::new("GET", ACCOUNT, Fault::server_error()));
        page.button("Create user").click().await;
        page.sees(UNKNOWN).await;
        page.is_accessible().await;
        page.picture("created-unknown").await;
        proxy.remove(silent);
        page.button("Create user").click().await;
        is_whole(page, &user, &password).await;
    })
    .await;
}

#[tokio::test]
async fn an_account_of_somebody_else_is_not_taken_for_a_lost_one() {
    journey(Options::default(), async |page: &Page| {
        let (user, _, proxy) = typed(page).await;
        let theirs = UserChange {
            password: Some("theirs".into()),
            ..Default::default()
        };
        let maker = stage().maker;
        maker.make_user(user.localpart(), &theirs).await.unwrap();
        proxy.add(Rule::new("PUT", ACCOUNT, Fault::gave_up_waiting()).times(1));
        page.button("Create user").click().await;
        page.sees("504").await;
        page.no_longer_sees(UNKNOWN).await;
        page.button("Create user").click().await;
        page.sees(&format!("{} is already taken.", user.localpart()))
            .await;
        let found = stage().run(&users::get(&user)).await;
        assert_eq!(found.user.displayname.as_deref(), Some(user.localpart()));
        assert!(found.threepids.is_empty());
        stage().run(&login::with_password(&user, "theirs")).await;
    })
    .await;
}
