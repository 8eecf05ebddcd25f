//! What tokens are worth: those of oidc-provider's sessions, and personal ones.

use super::front::Shared;
use super::state::{Kind, State, device_of};
use super::time;
use serde_json::{Value, json};

/// What personal tokens begin with.
pub(super) const PERSONAL: &str = "mpt_";

fn is_open(state: &State, user: &str) -> bool {
    let user = state.get(Kind::User, user);
    user.is_some_and(|user| user["locked_at"].is_null() && user["deactivated_at"].is_null())
}

fn inactive() -> Value {
    json!({"active": false})
}

/// What Synapse hears of a personal token.
fn personal(state: &State, token: &str) -> Option<Value> {
    let session = state.get(Kind::Personal, state.personal.get(token)?)?;
    let actor = session["actor_user_id"].as_str()?;
    let owner = session["owner_user_id"].as_str();
    let left = match session["expires_at"].as_str().and_then(time::read) {
        Some(at) => Some((at - time::now()) / time::SECOND)
            .filter(|left| *left > 0)
            .map(Some)?,
        None => None,
    };
    let open = is_open(state, actor) && owner.is_none_or(|owner| is_open(state, owner));
    if !open || !session["revoked_at"].is_null() || state.replaced.contains(token) {
        return None;
    }
    let scope = session["scope"].as_str()?;
    let mut told = json!({
        "active": true, "username": state.localpart(actor)?, "scope": scope,
    });
    if let Some(left) = left {
        told["expires_in"] = left.into();
    }
    if let Some(device) = device_of(scope) {
        told["device_id"] = device.into();
    }
    Some(told)
}

/// Who a personal session belongs to, whoever it acts as.
pub(super) fn owner(state: &State, token: &str) -> Option<String> {
    let session = state.get(Kind::Personal, state.personal.get(token)?)?;
    Some(session["owner_user_id"].as_str()?.to_owned())
}

/// Why a token is good for nothing, in MAS' words.
pub(super) fn why_not(state: &State, token: &str) -> &'static str {
    let (kind, id) = match token.starts_with(PERSONAL) {
        true => (Kind::Personal, state.personal.get(token)),
        false => (Kind::OAuth, state.tokens.get(token)),
    };
    let Some(session) = id.and_then(|id| state.get(kind, id)) else {
        return "Invalid type of access token";
    };
    if !session[kind.end()].is_null() {
        return "Access token revoked";
    }
    let people = ["user_id", "actor_user_id", "owner_user_id"];
    let mut people = people.iter().filter_map(|field| session[*field].as_str());
    match people.any(|user| !is_open(state, user)) {
        true => "User locked",
        false => "Access token expired",
    }
}

impl Shared {
    /// What is known of a token.
    pub async fn introspected(&self, token: &str) -> Value {
        if token.starts_with(PERSONAL) {
            let mut state = self.state();
            let told = personal(&state, token);
            if told.is_some()
                && let Some(session) = state.personal.get(token).cloned()
            {
                note_use(&mut state, Kind::Personal, &session);
            }
            return told.unwrap_or_else(inactive);
        }
        let about = json!({ "token": token });
        let mut told = self
            .internal("introspect", &about)
            .await
            .unwrap_or_default();
        let mut state = self.state();
        let name = told["username"].as_str().unwrap_or_default();
        let known = state.user_named(name).map(|(id, _)| id.clone());
        let open = known.is_some_and(|user| is_open(&state, &user));
        let session = state.tokens.get(token).cloned();
        let ended = session.as_ref().and_then(|id| state.get(Kind::OAuth, id));
        let ended = ended.is_some_and(|session| !session["finished_at"].is_null());
        if told["active"] != true || !open || ended {
            return inactive();
        }
        if let Some(session) = session {
            note_use(&mut state, Kind::OAuth, &session);
        }
        if let Some(fields) = told.as_object_mut() {
            fields.remove("grant");
            fields.remove("client_id");
        }
        told
    }
}

fn note_use(state: &mut State, kind: Kind, session: &str) {
    state.set(
        kind,
        session,
        "last_active_at",
        time::written(time::now()).into(),
    );
    state.set(kind, session, "last_active_ip", "127.0.0.1".into());
}
