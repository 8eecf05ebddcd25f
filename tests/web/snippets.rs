//! The examples of `docs/deploy.md`, taken out of the document.

use super::{Kind, Place};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use synapse_admin::api::ServerName;

/// What an administrator puts in place of what stands in the examples.
pub struct Filling<'a> {
    /// The folder that holds the release as `synapse-admin`.
    pub www: &'a Path,
    pub certificate: &'a Path,
    pub key: &'a Path,
    /// The domain in the Matrix IDs; the hosts are below it.
    pub domain: &'a ServerName,
    /// Where Synapse listens on this machine.
    pub synapse: u16,
    /// Where the web server is to listen on this machine.
    pub port: u16,
}

impl Filling<'_> {
    /// The example of a kind of web server, with all that is somebody's own.
    ///
    /// # Errors
    /// When the document has no such example, or the example lacks what is to be replaced.
    pub fn example(&self, kind: Kind, place: Place) -> Result<String> {
        let document = fs::read_to_string(xtask::root().join("docs/deploy.md"))?;
        let mut example = named(&document, kind.name())?.to_owned();
        if place == Place::BelowPath {
            let lines = named(&document, &format!("{} below a path", kind.name()))?;
            let end = example
                .rfind(kind.end_of_block())
                .context("The homeserver's block has no end.")?;
            example.insert_str(end, lines);
        }
        for (ours, theirs) in self.replaced(kind) {
            ensure!(example.contains(ours), "The example has no {ours}.");
            example = example.replace(ours, &theirs);
        }
        Ok(example)
    }

    /// The table of the document.
    fn replaced(&self, kind: Kind) -> Vec<(&'static str, String)> {
        let path = |path: &Path| path.display().to_string();
        let mut all = vec![
            ("/var/www", path(self.www)),
            ("127.0.0.1:8008", format!("127.0.0.1:{}", self.synapse)),
            ("192.0.2.0/24", "127.0.0.1/32".to_owned()),
        ];
        if kind != Kind::Caddy {
            all.push(("/etc/ssl/example.org.pem", path(self.certificate)));
            all.push(("/etc/ssl/example.org.key", path(self.key)));
        }
        match kind {
            Kind::Nginx => all.push(("listen 443", format!("listen 127.0.0.1:{}", self.port))),
            // By `https_port`.
            Kind::Caddy => {}
            Kind::Apache => all.push(("*:443", format!("127.0.0.1:{}", self.port))),
        }
        all.push(("example.org", self.domain.to_string()));
        all
    }
}

/// The block below `<!-- name -->`.
fn named<'a>(document: &'a str, name: &str) -> Result<&'a str> {
    let (_, rest) = document
        .split_once(&format!("<!-- {name} -->\n```"))
        .with_context(|| format!("docs/deploy.md has no example “{name}”."))?;
    let (_, rest) = rest.split_once('\n').context("The block is empty.")?;
    let (block, _) = rest.split_once("```").context("The block has no end.")?;
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_goes_by_its_name() {
        let document = "<!-- a -->\n```x\none\n```\n<!-- a b -->\n```x\ntwo\n```\n";
        assert_eq!(named(document, "a").unwrap(), "one\n");
        assert_eq!(named(document, "a b").unwrap(), "two\n");
        assert!(named(document, "b").is_err());
    }

    #[test]
    fn nothing_of_the_examples_is_left() {
        let domain = ServerName::parse("test.localhost").unwrap();
        let filling = Filling {
            www: Path::new("/w"),
            certificate: Path::new("/c"),
            key: Path::new("/k"),
            domain: &domain,
            synapse: 1,
            port: 2,
        };
        for kind in Kind::ALL {
            for place in [Place::OwnHost, Place::BelowPath] {
                let example = filling.example(kind, place).unwrap();
                for theirs in ["example.org", "/var/", "/etc/", ":8008", "192.0.2.", "443"] {
                    assert!(!example.contains(theirs), "{theirs} in:\n{example}");
                }
                let below = example.contains("/synapse-admin/ ") || example.contains("Alias ");
                assert!(place == Place::OwnHost || below || kind == Kind::Caddy);
            }
        }
    }
}
