//! Whom the default policy of MAS lets register, as a real one answered: the rules for addresses.

use serde_json::Value;

/// Why a client may not register: `error` and `error_description`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub error: &'static str,
    pub description: String,
}

/// An address, as far as the policy looks at it.
struct Address<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    path: &'a str,
}

impl<'a> Address<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (host, Some(port))
            }
            _ => (authority, None),
        };
        Some(Address {
            scheme,
            host,
            port,
            path: path.split('?').next().unwrap_or_default(),
        })
    }

    fn is_loopback(&self) -> bool {
        matches!(self.host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]")
    }

    fn is_plain_text(&self) -> bool {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"./-_~".contains(&byte);
        self.path.bytes().all(good) && !self.host.starts_with('[') && !self.host.contains('@')
    }

    fn is_public(&self) -> bool {
        self.scheme == "https" && !self.is_loopback() && self.is_plain_text()
    }
}

/// Names under which anybody can have a page: of those that are on the list, one.
const PUBLIC_SUFFIX: &str = "github.io";

/// What the policy says to the metadata of a client that wants to register.
pub fn registration(metadata: &Value) -> Result<(), Refused> {
    let refused = |error, description: &str| {
        Err(Refused {
            error,
            description: description.to_owned(),
        })
    };
    let redirects: Vec<&str> = metadata["redirect_uris"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if metadata["redirect_uris"].is_null() || redirects.iter().any(|uri| uri.contains('#')) {
        return refused(
            "invalid_redirect_uri",
            "The value of one or more redirection URIs is invalid.",
        );
    }
    if redirects.is_empty() {
        return refused(
            "invalid_redirect_uri",
            "invalid redirect_uris: it must have at least one redirect_uri",
        );
    }
    if redirects.iter().any(|uri| !uri.contains(':')) {
        return refused(
            "invalid_client_metadata",
            "Failed to deserialize the JSON body into the target type: redirect_uris[0]: relative \
             URL without a base",
        );
    }
    let client_uri = metadata["client_uri"].as_str();
    let client = client_uri.and_then(Address::parse);
    if client
        .as_ref()
        .is_some_and(|client| client.host == PUBLIC_SUFFIX)
    {
        return refused(
            "invalid_client_metadata",
            "client_uri is not using a valid domain",
        );
    }
    let mut breaches = Vec::new();
    if !client.as_ref().is_some_and(Address::is_public) {
        breaches.push("invalid client_uri");
    }
    let native = metadata["application_type"] == "native";
    let fits = |uri: &&str| redirect_fits(uri, client.as_ref(), native);
    let redirects_fit = redirects.iter().all(fits);
    if !redirects_fit {
        breaches.push("invalid redirect_uri");
    }
    if client_uri.is_none() {
        breaches.push("missing client_uri");
    }
    let grants = metadata["grant_types"].as_array();
    let code = |grants: &Vec<Value>| grants.iter().any(|grant| grant == "authorization_code");
    if breaches.is_empty() && grants.is_some_and(|grants| !code(grants)) {
        breaches.push("'code' response type not compatible with grant types");
    }
    match breaches.as_slice() {
        [] => Ok(()),
        _ if redirects_fit => refused("invalid_client_metadata", &breaches.join("; ")),
        _ => refused("invalid_redirect_uri", &breaches.join("; ")),
    }
}

fn redirect_fits(uri: &str, client: Option<&Address>, native: bool) -> bool {
    let Some(address) = Address::parse(uri) else {
        // Of an app: the host of the client, backwards.
        let backwards = |client: &Address| {
            let mut labels: Vec<&str> = client.host.split('.').collect();
            labels.reverse();
            uri.starts_with(&format!("{}:", labels.join(".")))
        };
        return native && client.is_some_and(backwards);
    };
    if native && address.scheme == "http" && address.is_loopback() && address.host != "0.0.0.0" {
        return address.path.bytes().all(|byte| byte != b'%');
    }
    let Some(client) = client else { return false };
    let below = address
        .host
        .strip_suffix(client.host)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    address.is_public() && below
}

/// Whether a client may be answered at this address: exactly one of those registered, or a loopback
/// address that was registered without a port, with any.
pub fn redirects_to(registered: &[String], asked: &str) -> bool {
    registered.iter().any(|one| {
        if one == asked {
            return true;
        }
        match (Address::parse(one), Address::parse(asked)) {
            (Some(one), Some(asked)) => {
                one.scheme == "http"
                    && one.is_loopback()
                    && one.port.is_none()
                    && (one.scheme, one.host, one.path) == (asked.scheme, asked.host, asked.path)
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What a real MAS answered.
    fn recorded() -> Vec<Value> {
        let path = crate::root().join("tests/files/mas-oauth-answers.json");
        let text = std::fs::read_to_string(path).expect("the recorded answers");
        let all: Vec<Value> = serde_json::from_str(&text).expect("a list");
        let is = |answer: &Value| answer["group"] == "registration";
        all.into_iter().filter(is).collect()
    }

    #[test]
    fn a_real_one_refuses_the_same() {
        let all = recorded();
        let first = all[0]["request_json"].clone();
        let mut compared = 0;
        for answer in &all {
            let name = answer["name"].as_str().unwrap_or_default();
            let mut metadata = match &answer["request_json_change"] {
                Value::Object(change) => {
                    let mut all = first.clone();
                    for (key, value) in change["set"].as_object().into_iter().flatten() {
                        all[key] = value.clone();
                    }
                    for key in change["removed"].as_array().into_iter().flatten() {
                        let key = key.as_str().unwrap_or_default();
                        all.as_object_mut().unwrap().remove(key);
                    }
                    all
                }
                _ => match &answer["request_json"] {
                    Value::Null => continue,
                    given => given.clone(),
                },
            };
            // The three optional addresses: another engine's mistake, see the note in the file.
            let own = metadata["logo_uri"] == first["logo_uri"];
            if name.contains("logo") || name.contains("optional") || !own {
                continue;
            }
            for key in ["logo_uri", "policy_uri", "tos_uri"] {
                metadata.as_object_mut().unwrap().remove(key);
            }
            let ours = registration(&metadata);
            let status = answer["status"].as_u64().unwrap();
            assert_eq!(ours.is_ok(), status == 201, "{name}: {ours:?}");
            if let Err(refused) = ours {
                assert_eq!(answer["body"]["error"], refused.error, "{name}");
            }
            compared += 1;
        }
        assert!(compared > 30, "only {compared} compared");
    }

    #[test]
    fn where_a_client_may_be_answered() {
        let to = |registered: &str, asked| redirects_to(&[registered.to_owned()], asked);
        assert!(to("http://127.0.0.1/x/", "http://127.0.0.1:8080/x/"));
        assert!(!to("http://127.0.0.1/x/", "http://localhost:8080/x/"));
        assert!(!to("http://127.0.0.1:1/x/", "http://127.0.0.1:2/x/"));
        assert!(!to("https://h.example/x/", "https://h.example/x"));
        let nothing = json!({});
        assert!(registration(&nothing).is_err());
    }
}
