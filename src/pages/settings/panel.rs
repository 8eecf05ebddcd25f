//! Which version of the panel this is: what somebody tells who reports a fault.

use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The version, and the commit that the release was made from. It stands in the page, into which
/// `cargo xtask dist` writes it.
pub fn version() -> Node {
    let tag = document()
        .query_selector("meta[name=version]")
        .ok()
        .flatten();
    let version = tag
        .and_then(|tag| tag.get_attribute("content"))
        .unwrap_or_default();
    view! { <p>{move || t::settings_version(&version)}</p> }.into_node()
}
