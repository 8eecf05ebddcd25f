use journeys::server::{Server, server};
use serde_json::Value;
use std::fs;
use synapse_admin::api::login::{RefreshPath, Refreshed};
use synapse_admin::api::server::Capabilities;
use synapse_admin::api::{ApiError, Request, login, users};
use xtask::native::Client;
use xtask::world::database::Statement;
use xtask::world::{PASSWORD, people};
use xtask::{process, synapse};

async fn log_in(localpart: &str, password: &str) -> Result<login::Login, ApiError> {
    let server = server();
    let user = server.maker.user(localpart);
    let request = login::with_password(&user, password);
    server.synapse.client().run(&request).await
}

/// What the chapter about the first administrator says to run, from its first words on.
fn of_the_guide(begins: &str) -> String {
    let guide = fs::read_to_string(xtask::root().join("docs/sign-in.md")).unwrap();
    let (_, chapter) = guide.split_once("## The first administrator").unwrap();
    let mut codes = chapter.split('`').skip(1).step_by(2);
    let code = codes.find(|code| code.starts_with(begins));
    code.unwrap_or_else(|| panic!("There is no {begins}."))
        .to_owned()
}

/// Makes an administrator by the command of the guide.
fn by_the_command(server: &Server) -> String {
    let config = server.synapse.config();
    let made = server.maker.fresh_localpart("first.new");
    let command = of_the_guide("register_new_matrix_user ");
    let yaml = config.folder.join("homeserver.yaml");
    let mut words = command.split(' ').map(|word| match word {
        "/etc/matrix-synapse/homeserver.yaml" => yaml.clone().into_os_string(),
        word => word.into(),
    });
    let program = config.venv.join("bin").join(words.next().unwrap());
    let output = process::command(&program)
        .args(words)
        // What it asks for, and where an old one would look elsewhere.
        .args(["-u", &made, "-p", PASSWORD, &config.url()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    made
}

#[tokio::test]
async fn the_first_administrator_is_made_as_the_guide_says() {
    let server = server();
    let mut administrators = Vec::new();
    // Old ones do not bring what their command is written with, unless a distribution packs them.
    if synapse::version_from_env() == synapse::VERSION {
        administrators.push(by_the_command(server));
    }
    let change = users::UserChange {
        password: Some(PASSWORD.to_owned()),
        ..Default::default()
    };
    let known = server.maker.fresh_localpart("first.known");
    let user = server.maker.make_user(&known, &change).await.unwrap();
    // Nobody has asked yet whether they are one, which Synapse would remember until it is restarted.
    let sql = of_the_guide("UPDATE users ").replace("@jane:example.org", user.as_str());
    assert!(sql.contains(user.as_str()), "{sql}");
    let database = server.maker.database();
    database.run(&[Statement::once(sql)]).unwrap();
    let list = Request::<Value>::get("/_synapse/admin/v2/users?limit=1");
    administrators.push(known);
    for administrator in administrators {
        let login = log_in(&administrator, PASSWORD).await.unwrap();
        let client = server.synapse.client().with_token(&login.access_token);
        client.run(&list).await.unwrap();
    }
}

#[tokio::test]
async fn passwords_are_a_way_in() {
    let flows = server()
        .synapse
        .client()
        .run(&login::flows())
        .await
        .unwrap();
    assert!(flows.offers("m.login.password"));
    assert!(!flows.offers("m.login.sso"));
}

#[tokio::test]
async fn a_token_is_given_used_and_given_back() {
    let login = log_in(people::ALICE, PASSWORD).await.unwrap();
    let alice = server().maker.user(people::ALICE);
    assert_eq!(login.user_id, alice);
    let client = server().synapse.client().with_token(&login.access_token);
    let me = client.run(&login::who_am_i()).await.unwrap();
    assert_eq!(me.user_id, alice);
    assert_eq!(me.device_id, login.device_id);
    client.run(&login::logout()).await.unwrap();
    let after = client.run(&login::who_am_i()).await;
    assert!(
        matches!(after, Err(ApiError::TokenRefused { .. })),
        "{after:?}"
    );
}

#[tokio::test]
async fn a_log_in_on_a_device_is_the_same_session() {
    let server = server();
    let change = users::UserChange {
        password: Some(PASSWORD.to_owned()),
        ..Default::default()
    };
    let name = server.maker.fresh_localpart("same.device");
    let user = server.maker.make_user(&name, &change).await.unwrap();
    let client = server.synapse.client();
    let log_in = async |device: Option<&str>| {
        let request = login::with_password_on(device, &user, PASSWORD);
        client.run(&request).await.unwrap()
    };
    let first = log_in(None).await;
    let device = first.device_id.clone().unwrap();
    let again = log_in(Some(&device)).await;
    assert_eq!(again.device_id.as_deref(), Some(&*device));
    assert_ne!(again.access_token, first.access_token);
    assert_eq!(server.devices(&user).await.len(), 1);
    // One log-out ends all that the device had.
    let again = client.with_token(&again.access_token);
    again.run(&login::logout()).await.unwrap();
    let first = client.with_token(&first.access_token);
    assert!(first.run(&login::who_am_i()).await.is_err());
    assert!(server.devices(&user).await.is_empty());
    // It need not be there any more.
    let after = log_in(Some(&device)).await;
    assert_eq!(after.device_id.as_deref(), Some(&*device));
}

#[tokio::test]
async fn a_token_of_single_sign_on_that_nobody_gave_opens_nothing() {
    let client = server().synapse.client();
    let told = client
        .run(&login::with_token(None, "syl_made_up"))
        .await
        .err();
    assert!(
        matches!(&told, Some(ApiError::Matrix { status: 403, .. })),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_refresh_token_brings_a_new_access_token() {
    let path = RefreshPath::of(server().maker.capabilities());
    let login = log_in(people::CO_ADMIN, PASSWORD).await.unwrap();
    assert!(login.expires_in_ms.is_some_and(|ms| ms > 60_000));
    let refresh_token = login.refresh_token.unwrap();
    let anonymous = server().synapse.client();
    let refreshed = anonymous
        .run(&login::refresh(&refresh_token, path))
        .await
        .unwrap();
    assert_ne!(refreshed.access_token, login.access_token);
    assert!(refreshed.refresh_token.is_some());
    let client = anonymous.with_token(&refreshed.access_token);
    let me = client.run(&login::who_am_i()).await.unwrap();
    assert_eq!(me.user_id, server().maker.user(people::CO_ADMIN));
    let made_up = anonymous.run(&login::refresh("syr_made_up", path)).await;
    let refused = made_up.err().expect("nobody gave it");
    assert!(login::ends_session(&refused), "{refused:?}");
    // Where the version is not known the other path is asked as well.
    let unknown = Capabilities::default();
    let ask = async |request: Request<Refreshed>| anonymous.run(&request).await;
    let again = login::refreshed(&refreshed.refresh_token.unwrap(), &unknown, ask).await;
    let again = again.expect("new tokens");
    assert_ne!(again.access_token, refreshed.access_token);
}

#[tokio::test]
async fn wrong_passwords_and_those_who_are_gone() {
    for (localpart, password) in [
        (people::ALICE, "wrong"),
        ("nobody.has.this.name", PASSWORD),
        (people::GONE, PASSWORD),
    ] {
        let error = log_in(localpart, password).await.err().unwrap();
        assert!(
            matches!(&error, ApiError::Matrix { status: 403, errcode, .. }
                if errcode == "M_FORBIDDEN" || errcode == "M_USER_DEACTIVATED"),
            "{localpart}: {error:?}"
        );
    }
}

#[tokio::test]
async fn the_locked_are_told_so() {
    if !server().maker.capabilities().since(93) {
        return;
    }
    let login = log_in(people::LOCKED, PASSWORD).await;
    // Before Synapse 1.134 the login succeeds and its token is refused.
    let error = match login {
        Err(error) => error,
        Ok(login) => {
            let client: Client = server().synapse.client().with_token(&login.access_token);
            client.run(&login::who_am_i()).await.unwrap_err()
        }
    };
    assert!(matches!(error, ApiError::TokenRefused { .. }), "{error:?}");
}

#[tokio::test]
async fn an_account_made_with_a_password_can_log_in() {
    let maker = &server().maker;
    let localpart = maker.fresh_localpart("login");
    let change = users::UserChange {
        password: Some("Pa55 wörd".into()),
        ..Default::default()
    };
    maker.make_user(&localpart, &change).await.unwrap();
    assert!(log_in(&localpart, "Pa55 wörd").await.is_ok());
    assert!(log_in(&localpart, "pa55 wörd").await.is_err());
}
