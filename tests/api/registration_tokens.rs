use journeys::server::server as running;
use serde_json::json;
use synapse_admin::api::ApiError;
use synapse_admin::api::registration_tokens::{self, MOST_USES, Terms, TermsChange};
use synapse_admin::api::tolerant::Timestamp;
use synapse_admin::registration_tokens::TokenState;
use xtask::native::wall_ms;
use xtask::world::TOKENS;
use xtask::world::database::Statement;

const NO_LIMIT: Terms = Terms {
    uses_allowed: None,
    expiry_time: None,
};

#[tokio::test]
async fn tokens_are_made_changed_and_deleted() {
    let admin = running().maker.admin();
    let token = "contract.test-1~a";
    let once = Terms {
        uses_allowed: Some(1),
        expiry_time: Some(Timestamp(4_000_000_000_000)),
    };
    let made = admin
        .run(&registration_tokens::create(token, &once))
        .await
        .unwrap();
    assert_eq!((made.token.as_str(), made.uses_allowed), (token, Some(1)));
    assert_eq!(made.expiry_time, once.expiry_time);
    assert_eq!((made.pending, made.completed), (0, 0));
    let twice = admin.run(&registration_tokens::create(token, &once)).await;
    assert!(
        matches!(&twice, Err(ApiError::Matrix { status: 400, .. })),
        "{twice:?}"
    );
    // What is null is no limit, not what it was; what is not named is what it was.
    let endless = TermsChange {
        uses_allowed: None,
        expiry_time: Some(None),
    };
    let changed = admin
        .run(&registration_tokens::update(token, &endless))
        .await
        .unwrap();
    assert_eq!((changed.uses_allowed, changed.expiry_time), (Some(1), None));
    let free = TermsChange::between(&once, &NO_LIMIT);
    let changed = admin
        .run(&registration_tokens::update(token, &free))
        .await
        .unwrap();
    assert_eq!((changed.uses_allowed, changed.expiry_time), (None, None));
    let most = TermsChange {
        uses_allowed: Some(Some(MOST_USES)),
        expiry_time: None,
    };
    let changed = admin
        .run(&registration_tokens::update(token, &most))
        .await
        .unwrap();
    assert_eq!(changed.uses_allowed, Some(MOST_USES));
    let read = admin.run(&registration_tokens::get(token)).await.unwrap();
    assert_eq!(read, changed);
    admin
        .run(&registration_tokens::delete(token))
        .await
        .unwrap();
    let gone = admin.run(&registration_tokens::delete(token)).await;
    assert!(gone.unwrap_err().is_not_found());
}

#[tokio::test]
async fn an_ended_one_is_changed_without_its_end() {
    let maker = &running().maker;
    let admin = maker.admin();
    let token = "contract.ended";
    admin
        .run(&registration_tokens::create(token, &NO_LIMIT))
        .await
        .unwrap();
    let past = Timestamp(1_600_000_000_000);
    let end = Statement::each(
        "UPDATE registration_tokens SET expiry_time = ? WHERE token = ?",
        [json!([past.0, token])],
    );
    maker.database().run(&[end]).unwrap();
    let change = async |uses_allowed, expiry_time| {
        let change = TermsChange {
            uses_allowed,
            expiry_time,
        };
        let request = registration_tokens::update(token, &change);
        admin.run(&request).await
    };
    let changed = change(Some(Some(2)), None).await.unwrap();
    assert_eq!(changed.uses_allowed, Some(2));
    assert_eq!(changed.expiry_time, Some(past));
    // The end that it has already is refused as well, and the rest with it.
    let refused = change(Some(Some(3)), Some(Some(past))).await;
    assert!(
        matches!(&refused, Err(ApiError::Matrix { status: 400, .. })),
        "{refused:?}"
    );
    let read = admin.run(&registration_tokens::get(token)).await.unwrap();
    assert_eq!(read, changed);
    // Nothing at all changes nothing.
    assert_eq!(change(None, None).await.unwrap(), changed);
    let endless = change(None, Some(None)).await.unwrap();
    assert_eq!((endless.uses_allowed, endless.expiry_time), (Some(2), None));
    admin
        .run(&registration_tokens::delete(token))
        .await
        .unwrap();
}

#[tokio::test]
async fn good_ones_and_the_others() {
    let admin = running().maker.admin();
    let answer = admin.run(&registration_tokens::list()).await.unwrap();
    // Those of other tests come and go meanwhile.
    let mut tokens = answer.registration_tokens;
    tokens.retain(|token| TOKENS.contains(&token.token.as_str()));
    assert_eq!(tokens.len(), TOKENS.len());
    let state = |name: &str| {
        let token = tokens.iter().find(|token| token.token == name).unwrap();
        TokenState::of(&token.clone().into(), Timestamp(wall_ms()))
    };
    assert_eq!(state("welcome"), TokenState::Good);
    assert_eq!(state(TOKENS[1]), TokenState::UsedUp);
    assert_eq!(state(TOKENS[3]), TokenState::Expired);
    assert_eq!(state("onerror~alert-1"), TokenState::Good);
}

#[tokio::test]
async fn one_that_counts_below_nothing_leaves_the_others_readable() {
    let maker = &running().maker;
    let admin = maker.admin();
    let token = "contract.made-again";
    let create = registration_tokens::create(token, &NO_LIMIT);
    admin.run(&create).await.unwrap();
    // As where a token is deleted and made again while somebody registers with it.
    let below = Statement::each(
        "UPDATE registration_tokens SET pending = -1 WHERE token = ?",
        [json!([token])],
    );
    maker.database().run(&[below]).unwrap();
    let all = admin.run(&registration_tokens::list()).await.unwrap();
    let mut all = all.registration_tokens.into_iter();
    assert_eq!(all.find(|it| it.token == token).unwrap().pending, -1);
    let delete = registration_tokens::delete(token);
    admin.run(&delete).await.unwrap();
}
