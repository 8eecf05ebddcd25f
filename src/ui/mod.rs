//! What `view!` makes: one type for every piece of markup.
//!
//! Leptos' own view types are as many as there are pieces of markup, and each brings its code
//! for building, comparing and removing. Here markup is data, a `Node`, and the code that
//! turns it into the page and keeps it up to date is there once. Signals, effects, components
//! and the router are Leptos' own; a `Node` is a view like any other to them, and any other view
//! can stand in a `Node`. The macro is in the package `view/`, which has the tests of what markup
//! becomes.
//!
//! | file | what |
//! |---|---|
//! | `element` | an element as data: attributes, properties, listeners, children |
//! | `node` | what may stand in the place of a child, and how values become it |
//! | [`shape`] | what can stay in the page, and what has to be written; native |
//! | `live` | what is in the page: built, brought up to date, taken out |
//! | `leptos` | a node as a view of Leptos |
//!
//! Only `app/inside.rs` and `app/router.rs` use Leptos' own `view!`, because its router wants its own types.
//!
//! # What `view!` lacks
//!
//! Whatever is not understood does not compile, and the error says what to write instead.
//!
//! | Leptos | here |
//! |---|---|
//! | `class:open=is_open` | a data attribute, `data-open=is_open`, and `[data-open]` in the style sheet; `class` itself stays fixed |
//! | `style:width=w`, `style="…"` | `style=("--width", w)`, a custom property that the style sheet uses. The Content-Security-Policy refuses `style` attributes |
//! | `bind:value=text` | a field of `components::field`; or `prop:value=text` and `on:input=…` |
//! | `use:directive` | `node_ref=…` and an `Effect` |
//! | `attr:id="a"` on a component | a property of the component |
//! | `{..attributes}` | each attribute by itself |
//! | `clone:name` | a clone before the markup |
//! | `inner_html=…` | nodes. Nothing is ever parsed as HTML |
//! | keyed lists | `<For each=… key=… let:row>`, Leptos' own component, where rows move. A `Vec` of nodes is brought up to date by place; many rows belong into `lists` or `components::long_table` |
//! | slots | a property of type `Node` or `Rc<dyn Fn() -> Node>` |
//! | `<Suspense>`, `<Await>` | `components::remote`, or a signal of an enum with a variant for each state; see below |
//! | `<!DOCTYPE>`, rendering on a server | nothing: there is no server of ours |
//!
//! # Why there is no `Resource`, no `Suspense` and no context
//!
//! - **`Resource`** runs again whenever a signal that it reads changes, drops what it had, and has
//!   two states, not there and there. What is asked for here has more: how far a reading of many
//!   pages is, what was read before it failed, who must sign in before it goes on. Each of them has
//!   its sentence and its button. `Resource` also stands for what a server renders and a browser
//!   takes over: it wants its values `Send` and serialisable, and brings that code along. So an
//!   answer is a signal that an `async` block writes; `components::remote` does it for one request,
//!   `lists` for lists. Both know that a later question makes an earlier answer void.
//! - **`Suspense`** replaces a part of the page while something is under way. Ours stays: rows of
//!   the question before are dimmed, a field keeps what was typed, the focus stays where it is.
//! - **Context** is found through the owner of the code that is running. After an `await`, in a
//!   timer or an event of the browser there is none, and that is where most of our code runs. What
//!   a tab has one of is found through `browser::only_one` from anywhere; what belongs to a
//!   page is a `Copy` handle of signals that is passed on as an argument, so that one sees who
//!   uses it.
//! - **`Action`** is a request with a pending state. Every change goes through `operations`, which
//!   has that and the rest: question, progress, report, undo.

#[cfg(target_arch = "wasm32")]
pub mod element;
#[cfg(target_arch = "wasm32")]
mod leptos;
#[cfg(target_arch = "wasm32")]
pub mod live;
#[cfg(target_arch = "wasm32")]
pub mod node;
pub mod shape;

#[cfg(target_arch = "wasm32")]
pub use element::Element;
#[cfg(target_arch = "wasm32")]
pub use node::{IntoNode, Node, component};
#[cfg(target_arch = "wasm32")]
pub use synapse_admin_view::view;
