//! The homeservers that were signed in to from this browser, as the text that it remembers: their
//! names and addresses, and nothing of who it was.

use crate::api::HomeserverUrl;

/// How many are remembered.
const REMEMBERED: usize = 8;

/// A homeserver that was signed in to.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// The part of its user IDs behind the colon.
    pub name: String,
    pub homeserver: HomeserverUrl,
}

/// Reads what [`write()`] has written; lines that do not read are left out.
pub fn read(text: &str) -> Vec<Remembered> {
    let line = |line: &str| {
        let (name, url) = line.split_once(' ')?;
        Some(Remembered {
            name: name.to_owned(),
            homeserver: HomeserverUrl::parse(url).ok()?,
        })
    };
    text.lines().filter_map(line).collect()
}

/// One line for each: the name of the server, a space, its URL.
pub fn write(all: &[Remembered]) -> String {
    let line = |recent: &Remembered| format!("{} {}", recent.name, recent.homeserver);
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// With one that was signed in to just now.
pub fn with(mut all: Vec<Remembered>, newest: Remembered) -> Vec<Remembered> {
    all.retain(|recent| *recent != newest);
    all.insert(0, newest);
    all.truncate(REMEMBERED);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(name: &str, url: &str) -> Remembered {
        Remembered {
            name: name.to_owned(),
            homeserver: HomeserverUrl::parse(url).unwrap(),
        }
    }

    #[test]
    fn the_last_one_stands_first_and_once() {
        let (a, b) = (
            recent("a.org", "https://matrix.a.org"),
            recent("b.org", "https://b.org:8448"),
        );
        // Two homeservers may call themselves the same.
        let other = recent("a.org", "http://127.0.0.1:8008");
        let mut all = Vec::new();
        for newest in [&a, &b, &other, &a] {
            all = with(all, newest.clone());
        }
        assert_eq!(all, [a, other, b]);
        assert_eq!(read(&write(&all)), all);
        for number in 0..20 {
            all = with(all, recent("c.org", &format!("https://c{number}.org")));
        }
        assert_eq!(all.len(), REMEMBERED);
    }

    #[test]
    fn what_does_not_read_is_left_out() {
        let text = "a.org\n\nb.org javascript:alert(1)\nc.org https://c.org";
        assert_eq!(read(text), [recent("c.org", "https://c.org")]);
    }
}
