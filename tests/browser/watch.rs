//! What the browser says and does behind the scenes: its console and its requests.

use serde_json::Value;
use thirtyfour::BrowserLogEntry;

struct Allowed {
    words: Vec<String>,
    must_come: bool,
    came: bool,
}

/// What was logged so far.
#[derive(Default)]
pub(super) struct Watch {
    /// Method and URL of every request.
    pub requests: Vec<(String, String)>,
    console: Vec<BrowserLogEntry>,
    allowed: Vec<Allowed>,
    hosts: Vec<String>,
}

impl Watch {
    pub fn know(&mut self, host: &str) {
        self.hosts.push(host.to_owned());
        self.allow(&[&format!("https://{host}/"), "ERR_NAME_NOT_RESOLVED"]);
    }

    pub fn expect(&mut self, words: &[&str]) {
        self.permit(words, true);
    }

    pub fn allow(&mut self, words: &[&str]) {
        self.permit(words, false);
    }

    fn permit(&mut self, words: &[&str], must_come: bool) {
        self.allowed.push(Allowed {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            must_come,
            came: false,
        });
    }

    pub fn take(&mut self, performance: &[BrowserLogEntry], console: Vec<BrowserLogEntry>) {
        for entry in performance {
            let Ok(message) = serde_json::from_str::<Value>(&entry.message) else {
                continue;
            };
            let message = &message["message"];
            let parameters = &message["params"];
            match message["method"].as_str() {
                Some("Network.requestWillBeSent") => self.requests.push((
                    text(&parameters["request"]["method"]),
                    text(&parameters["request"]["url"]),
                )),
                Some("Network.webSocketCreated") => {
                    self.requests.push(("WS".into(), text(&parameters["url"])));
                }
                _ => {}
            }
        }
        self.console.extend(console);
    }

    /// The whole console, for the files of a failed journey.
    pub fn console(&self) -> String {
        self.console
            .iter()
            .map(|entry| format!("{} {}\n", entry.level, entry.message))
            .collect()
    }

    /// What speaks against this journey.
    pub fn charges(&mut self) -> Vec<String> {
        let mut charges = Vec::new();
        for entry in &self.console {
            if !matches!(entry.level.as_str(), "SEVERE" | "WARNING") {
                continue;
            }
            let mut is_allowed = is_of_development(&entry.message);
            for allowed in &mut self.allowed {
                let meant = |word: &String| entry.message.contains(word);
                if allowed.words.iter().all(meant) {
                    (allowed.came, is_allowed) = (true, true);
                }
            }
            if !is_allowed {
                charges.push(format!("The browser complains: {}", entry.message));
            }
        }
        for allowed in &self.allowed {
            if allowed.must_come && !allowed.came {
                charges.push(format!(
                    "The browser was expected to complain about {:?}, and did not.",
                    allowed.words
                ));
            }
        }
        for (method, url) in &self.requests {
            if !stays_here(url, &self.hosts) {
                charges.push(format!("A request to another host: {method} {url}"));
            }
        }
        charges
    }
}

/// Whether only a bundle that is built for development says so: hints of Leptos to programmers, and
/// what Trunk writes before the release is finished.
fn is_of_development(message: &str) -> bool {
    std::env::var_os("JOURNEYS_BUNDLE").is_some()
        && [
            "outside a reactive tracking context",
            "`integrity` attribute is currently ignored",
        ]
        .iter()
        .any(|words| message.contains(words))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a request leaves neither this machine nor the hosts that the journey knows.
fn stays_here(url: &str, hosts: &[String]) -> bool {
    // The browser's own empty tab is of its own making.
    if ["data:", "blob:", "about:", "chrome:"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return true;
    }
    let host = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?', '#']).next())
        .map(|authority| authority.split(':').next().unwrap_or_default())
        .unwrap_or_default();
    host == "127.0.0.1" || hosts.iter().any(|known| known == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_hosts_are_told_from_ours() {
        let known = ["matrix.test".to_owned()];
        assert!(stays_here("http://127.0.0.1:80/x", &known));
        assert!(stays_here("blob:http://127.0.0.1/1", &known));
        assert!(stays_here("https://matrix.test/.well-known/x", &known));
        assert!(!stays_here("https://127.0.0.1.example.org/", &known));
        assert!(!stays_here("https://example.org/?127.0.0.1", &known));
        assert!(!stays_here("ws://example.org/", &known));
    }
}
