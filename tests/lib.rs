//! What the tests share.

pub mod browser;
pub mod mas;
pub mod server;
pub mod web;

/// The number in an environment variable, with which a benchmark is made larger or smaller; `usual`
/// if there is none.
pub fn number<T: std::str::FromStr>(variable: &str, usual: T) -> T {
    let text = std::env::var(variable).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(usual)
}
