//! Every function of this API, with all that it can ask for, beside the operation that it is at MAS.

use crate::api::mas::resource::{Slice, Want};
use crate::api::mas::{self, MasPage, Ulid};
use crate::api::mas::{clients, emails, personal, policy, sessions, tokens, upstream, users};
use crate::api::{Answer, ApiError, Call, Request};
use serde_json::json;

/// Reads an answer, and counts what was in it.
type Counts = Box<dyn Fn(&Answer) -> Result<usize, ApiError>>;

/// A request, and how its answer is read.
pub struct Case {
    /// What the operation is called in MAS' description.
    pub operation: &'static str,
    pub call: Call,
    /// How many things were read out of an answer.
    read: Counts,
}

impl Case {
    pub fn read(&self, answer: &Answer) -> Result<usize, ApiError> {
        (self.read)(answer)
    }
}

/// A case whose answer is one thing, or nothing.
fn one<T: 'static>(operation: &'static str, request: Request<T>) -> Case {
    Case {
        operation,
        call: request.call.clone(),
        read: Box::new(move |answer| request.read(answer).map(|_| 1)),
    }
}

/// A case whose answer is a page of a list.
fn page<T: 'static>(operation: &'static str, request: Request<MasPage<T>>) -> Case {
    Case {
        operation,
        call: request.call.clone(),
        read: Box::new(move |answer| request.read(answer).map(|page| page.data.len())),
    }
}

pub fn id() -> Ulid {
    Ulid::parse("01JSTANDN00000000000000001").unwrap()
}

/// One case of each function at the least, and each way that a filter or a body can be.
pub fn all() -> Vec<Case> {
    let mut all = vec![
        one("version", mas::version("")),
        one("siteConfig", mas::site_config("")),
    ];
    all.extend(of_users());
    all.extend(of_sessions());
    all.extend(of_tokens());
    all.extend(of_the_rest());
    all
}

fn both() -> [Option<bool>; 2] {
    [Some(true), Some(false)]
}

/// Any part of a list.
fn wants() -> Vec<Want> {
    let cursor = id().to_string();
    let at = |slice| Want {
        slice,
        ..Want::last(100)
    };
    vec![
        Want::first(1),
        Want::last(50).counted(),
        Want::count_only(),
        at(Slice::After(cursor.clone())),
        at(Slice::Before(cursor)),
    ]
}

fn of_users() -> Vec<Case> {
    use users::{MasStatus, NewUser, UserFilter};
    let mut all = Vec::new();
    for want in wants() {
        all.push(page(
            "listUsers",
            users::list("", &UserFilter::default(), &want),
        ));
    }
    for status in [MasStatus::Active, MasStatus::Locked, MasStatus::Deactivated] {
        for is in both() {
            let filter = UserFilter {
                admin: is,
                search: Some("a&b".into()),
                status: Some(status),
                has_active_oauth2_session: is,
                has_active_compat_session: is,
            };
            all.push(page(
                "listUsers",
                users::list("", &filter, &Want::first(10)),
            ));
        }
    }
    let bare = NewUser {
        username: "anna".into(),
        ..NewUser::default()
    };
    let named = NewUser {
        displayname: Some("Anna".into()),
        ..bare.clone()
    };
    all.extend([
        one("createUser", users::create("", &bare)),
        one("createUser", users::create("", &named)),
        one("getUser", users::get("", &id())),
        one("getUserByUsername", users::by_username("", "anna")),
        one("lockUser", users::lock("", &id())),
        one("unlockUser", users::unlock("", &id())),
        one("reactivateUser", users::reactivate("", &id())),
    ]);
    for is in [true, false] {
        all.extend([
            one(
                "setUserPassword",
                users::set_password("", &id(), "hunter2", is),
            ),
            one("userSetAdmin", users::set_admin("", &id(), is)),
            one("deactivateUser", users::deactivate("", &id(), is)),
        ]);
    }
    all.push(page(
        "listUserEmails",
        emails::list(
            "",
            &emails::EmailFilter {
                user: Some(id()),
                email: Some("anna@example.org".into()),
            },
            &Want::first(10),
        ),
    ));
    all.extend([
        one("addUserEmail", emails::add("", &id(), "anna@example.org")),
        one("deleteUserEmail", emails::delete("", &id())),
    ]);
    all
}

fn of_sessions() -> Vec<Case> {
    use personal::NewSession;
    let mut all = Vec::new();
    for is in both() {
        let filter = sessions::SessionFilter {
            user: Some(id()),
            active: is,
            created_before: Some("2026-11-30T00:00:00Z".into()),
        };
        let want = Want::last(10);
        let filter_personal = personal::PersonalFilter {
            owner: Some(id()),
            actor: Some(id()),
            active: is,
        };
        all.extend([
            page("listCompatSessions", sessions::compat("", &filter, &want)),
            page(
                "listOAuth2Sessions",
                sessions::oauth2("", &filter, Some(&id()), &want),
            ),
            page("listUserSessions", sessions::browser("", &filter, &want)),
            page(
                "listPersonalSessions",
                personal::list("", &filter_personal, &want),
            ),
        ]);
    }
    let made = |expires_in| NewSession {
        actor_user_id: id(),
        human_name: "Backups".into(),
        scope: "urn:matrix:client:api:*".into(),
        expires_in,
    };
    all.extend([
        one("getCompatSession", sessions::one_compat("", &id())),
        one("getOAuth2Session", sessions::one_oauth2("", &id())),
        one("getUserSession", sessions::one_browser("", &id())),
        one("getPersonalSession", personal::one("", &id())),
        one("finishCompatSession", sessions::finish_compat("", &id())),
        one("finishOAuth2Session", sessions::finish_oauth2("", &id())),
        one("finishUserSession", sessions::finish_browser("", &id())),
        one("createPersonalSession", personal::create("", &made(None))),
        one(
            "createPersonalSession",
            personal::create("", &made(Some(60))),
        ),
        one(
            "regeneratePersonalSession",
            personal::regenerate("", &id(), None),
        ),
        one(
            "regeneratePersonalSession",
            personal::regenerate("", &id(), Some(60)),
        ),
        one("revokePersonalSession", personal::revoke("", &id())),
    ]);
    all
}

fn of_tokens() -> Vec<Case> {
    use tokens::{NewToken, TokenChange};
    let ends = || Some("2026-11-30T00:00:00Z".to_owned());
    let mut all: Vec<Case> = both()
        .map(|is| {
            page(
                "listUserRegistrationTokens",
                tokens::list("", is, &Want::first(10)),
            )
        })
        .into();
    let full = NewToken {
        token: Some("open sesame".into()),
        usage_limit: Some(3),
        expires_at: ends(),
    };
    for new in [NewToken::default(), full] {
        all.push(one("addUserRegistrationToken", tokens::create("", &new)));
    }
    for change in [
        TokenChange::default(),
        TokenChange {
            usage_limit: Some(None),
            expires_at: Some(None),
        },
        TokenChange {
            usage_limit: Some(Some(3)),
            expires_at: Some(ends()),
        },
    ] {
        let request = tokens::update("", &id(), &change);
        all.push(one("updateUserRegistrationToken", request));
    }
    all.extend([
        one("getUserRegistrationToken", tokens::get("", &id())),
        one("revokeUserRegistrationToken", tokens::revoke("", &id())),
        one("unrevokeUserRegistrationToken", tokens::unrevoke("", &id())),
    ]);
    all
}

fn of_the_rest() -> Vec<Case> {
    let mut all = Vec::new();
    for is in both() {
        let filter = clients::ClientFilter {
            name: Some("Element".into()),
            is_static: is,
            has_active_sessions: is,
        };
        let want = Want::first(10);
        all.extend([
            page("listOAuth2Clients", clients::list("", &filter, &want)),
            page(
                "listUpstreamOAuthProviders",
                upstream::providers("", is, &want),
            ),
        ]);
    }
    let filter = upstream::LinkFilter {
        user: Some(id()),
        provider: Some(id()),
        subject: Some("anna".into()),
        human_account_name: Some("Anna".into()),
    };
    let data = json!({"admin_users": ["anna"]});
    all.extend([
        one("getOAuth2Client", clients::get("", &id())),
        page(
            "listUpstreamOAuthLinks",
            upstream::links("", &filter, &Want::first(10)),
        ),
        one(
            "addUpstreamOAuthLink",
            upstream::link("", &id(), &id(), "anna", None),
        ),
        one(
            "addUpstreamOAuthLink",
            upstream::link("", &id(), &id(), "anna", Some("Anna")),
        ),
        one("deleteUpstreamOAuthLink", upstream::unlink("", &id())),
        one("getLatestPolicyData", policy::latest("")),
        one("setPolicyData", policy::replace("", &data)),
    ]);
    all
}
