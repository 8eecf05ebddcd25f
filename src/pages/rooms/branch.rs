//! A room in a tree of spaces, as a line that leads to its page; a space can be opened.

use crate::address::route::Route;
use crate::api::RoomId;
use crate::components::badge::{Tone, badge};
use crate::components::identifier::identifier_text;
use crate::components::link::{link, link_icon};
use crate::components::opened::opened_entry;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// What a line says of a room.
pub struct Branch {
    pub room: RoomId,
    pub title: String,
    pub members: Option<u64>,
    /// Badges behind it.
    pub marks: Vec<Node>,
}

/// A room of which this server knows nothing but that it is there.
pub fn unknown(room: &RoomId, marks: Vec<Node>) -> Node {
    view! {
        <li class="tree-leaf">
            {identifier_text(room.as_str())}
            {badge(Tone::Warning, t::room_hierarchy_hidden)}
            {marks}
        </li>
    }
    .into_node()
}

fn members(branch: &Branch) -> Option<Node> {
    let words = branch.members.map(t::room_hierarchy_members)?;
    Some(view! { <small>{words}</small> }.into_node())
}

/// A room, or a space that is above already: `is_loop`.
pub fn leaf(branch: Branch, is_loop: bool) -> Node {
    let route = Route::room(&branch.room).to_string();
    let members = members(&branch);
    let title = branch.title;
    view! {
        <li class="tree-leaf">
            {link(&route, "", view! { <bdi>{title}</bdi> })}
            {members}
            {branch.marks}
            {is_loop.then(|| badge(Tone::Neutral, t::room_hierarchy_loop))}
        </li>
    }
    .into_node()
}

/// A space; what is in it is made when it is opened.
pub fn space(branch: Branch, opened: bool, inside: Rc<dyn Fn() -> Node>) -> Node {
    let route = Route::room(&branch.room).to_string();
    let members = members(&branch);
    let (title, name) = (branch.title.clone(), branch.title);
    let label = move || t::room_hierarchy_open(&name);
    let summary = view! {
        <bdi>{title}</bdi>
        {members}
        {badge(Tone::Neutral, t::room_space)}
        {branch.marks}
    }
    .into_node();
    view! {
        <li class="tree-space">
            {opened_entry("tree-branch", opened, summary, move || inside())}
            // Beside what opens the branch: a link in it would be part of its name.
            {link_icon(&route, Signal::derive(label), "arrow-right")}
        </li>
    }
    .into_node()
}
