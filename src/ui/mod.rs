//! What [`view!`] makes: one type for every piece of markup.
//!
//! Leptos' own view types are as many as there are pieces of markup, and each brings its code
//! for building, comparing and removing. Here markup is data, a [`Node`], and the code that
//! turns it into the page and keeps it up to date is there once. Signals, effects, components,
//! contexts and the router are Leptos' own; a [`Node`] is a view like any other to them, and
//! any other view can stand in a [`Node`].
//!
//! | file | what |
//! |---|---|
//! | [`element`] | an element as data: attributes, properties, listeners, children |
//! | [`node`] | what may stand in the place of a child, and how values become it |
//! | [`live`] | what is in the page: built, brought up to date, taken out |
//! | [`leptos`] | a node as a view of Leptos |
//!
//! Only `app.rs` and `app/router.rs` use Leptos' own `view!`, because its router wants its own types.

pub mod element;
mod leptos;
pub mod live;
pub mod node;

pub use element::Element;
pub use node::{IntoNode, Node, component};
pub use synapse_admin_view::view;
