//! JSON one click away.

use super::clipboard::copy_button;
use super::opened::opened_entry;
use crate::api::tame::CUT;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use std::rc::Rc;

/// So many characters of one content are shown; copying takes all.
const SHOWN: usize = 50_000;

/// A summary that opens to the JSON, and to `more` above it, both reactive. `name` is what the JSON is
/// called.
pub fn json_entry(
    summary: Node,
    name: Words,
    json: impl Fn() -> Rc<str> + 'static,
    more: Option<Rc<dyn Fn() -> Node>>,
) -> Node {
    opened_entry("json-entry", false, summary, move || {
        let more = more.as_ref().map(|more| more());
        view! {
            {more}
            {json_content(name, &json())}
        }
        .into_node()
    })
}

/// The JSON with a button that copies it.
pub fn json_content(name: Words, json: &str) -> Node {
    let cut = json.char_indices().nth(SHOWN).map(|(at, _)| at);
    let shown = json[..cut.unwrap_or(json.len())].to_owned();
    let is_deep = json.contains(CUT);
    view! {
        <div class="json-content">
            {copy_button(json.to_owned(), Some(name))}
            <pre class="json" tabindex="0">{shown}</pre>
            {cut.map(|_| view! { <p>{t::account_data_cut}</p> })}
            {is_deep.then(|| view! { <p>{t::json_deep}</p> })}
        </div>
    }
    .into_node()
}
