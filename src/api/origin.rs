//! Scheme, host and port of an address: what browsers tell servers apart by.

/// Scheme, host and port of an address, as they stand there: `https://m.org:8448` of
/// `https://m.org:8448/_matrix?x`.
pub fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find(['/', '?', '#', '\\']);
    end.map_or(address, |end| &address[..host + end])
}

/// Whether two addresses have the same scheme, host and port, as browsers see it: these leave out the port
/// that belongs to the scheme, which people may have typed.
pub fn is_same_origin(one: &str, other: &str) -> bool {
    plain(one).eq_ignore_ascii_case(plain(other))
}

/// The origin of an address without the port that belongs to its scheme.
fn plain(address: &str) -> &str {
    let origin = origin(address);
    let port = match origin.starts_with("https:") {
        true => ":443",
        false => ":80",
    };
    origin.strip_suffix(port).unwrap_or(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_of_addresses() {
        for (address, expected) in [
            ("https://example.org/hs/", "https://example.org"),
            ("https://example.org", "https://example.org"),
            ("https://m.org:8448/_matrix", "https://m.org:8448"),
            ("http://[::1]:8008", "http://[::1]:8008"),
            ("https://m.org?next=https://n.org/", "https://m.org"),
            ("https://m.org#/x", "https://m.org"),
            (r"https://m.org\@n.org/", "https://m.org"),
        ] {
            assert_eq!(origin(address), expected);
        }
    }

    #[test]
    fn which_addresses_are_of_one_server() {
        for (one, other, expected) in [
            ("https://m.org/a", "https://m.org/b?c#d", true),
            ("https://m.org/a", "https://M.org", true),
            ("https://m.org:443/a", "https://m.org/a", true),
            ("http://m.org:80/a", "http://m.org/a", true),
            ("https://m.org:8448/a", "https://m.org:8448/b", true),
            ("http://[::1]:80", "http://[::1]/", true),
            // Each begins like the other.
            ("https://m.org:8448/a", "https://m.org/a", false),
            ("https://m.org.uk/a", "https://m.org/a", false),
            ("https://m.org:4430/", "https://m.org/", false),
            ("https://m.org/", "http://m.org/", false),
            ("https://m.org:80/", "https://m.org/", false),
            ("http://m.org:443/", "http://m.org/", false),
            ("https://m.org/", "https://n.org/?https://m.org/", false),
            // Not what it ends with.
            ("http://[::443]/", "http://[::]/", false),
            ("https://m.org/", "", false),
        ] {
            assert_eq!(is_same_origin(one, other), expected, "{one} {other}");
            assert_eq!(is_same_origin(other, one), expected, "{other} {one}");
        }
    }
}
