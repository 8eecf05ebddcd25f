//! What may stand in the place of a child.

use super::element::Element;
use leptos::prelude::{AnyView, Get, IntoAny, IntoView, Memo, ReadSignal, RwSignal, Signal, View};
use send_wrapper::SendWrapper;
use std::borrow::Cow;
use std::rc::Rc;

/// A piece of markup.
pub struct Node(pub(super) SendWrapper<Content>);

pub(super) enum Content {
    Nothing,
    Text(Cow<'static, str>),
    Element(Element),
    Several(Vec<Node>),
    /// Made anew whenever the signals it reads change.
    Reactive(Box<dyn FnMut() -> Node>),
    /// A view of Leptos.
    View(AnyView),
}

impl Node {
    pub(super) fn new(content: Content) -> Self {
        // Wasm in a page has one thread; Leptos asks for `Send` because it also runs on servers.
        Node(SendWrapper::new(content))
    }

    /// Several nodes in a row.
    pub fn several(nodes: Vec<Node>) -> Self {
        Node::new(Content::Several(nodes))
    }

    fn reactive(make: Box<dyn FnMut() -> Node>) -> Self {
        Node::new(Content::Reactive(make))
    }
}

/// What a component has made.
pub fn component(view: impl IntoView + 'static) -> Node {
    Node::new(Content::View(view.into_any()))
}

/// What may stand in the place of a child.
pub trait IntoNode {
    fn into_node(self) -> Node;
}

impl IntoNode for Node {
    fn into_node(self) -> Node {
        self
    }
}

impl IntoNode for () {
    fn into_node(self) -> Node {
        Node::new(Content::Nothing)
    }
}

impl IntoNode for Element {
    fn into_node(self) -> Node {
        Node::new(Content::Element(self))
    }
}

impl IntoNode for &'static str {
    fn into_node(self) -> Node {
        Node::new(Content::Text(self.into()))
    }
}

impl IntoNode for String {
    fn into_node(self) -> Node {
        Node::new(Content::Text(self.into()))
    }
}

impl IntoNode for usize {
    fn into_node(self) -> Node {
        self.to_string().into_node()
    }
}

impl IntoNode for Rc<str> {
    fn into_node(self) -> Node {
        self.to_string().into_node()
    }
}

impl IntoNode for AnyView {
    fn into_node(self) -> Node {
        Node::new(Content::View(self))
    }
}

impl<T: IntoNode> IntoNode for View<T> {
    fn into_node(self) -> Node {
        self.into_inner().into_node()
    }
}

impl<T: IntoNode> IntoNode for Option<T> {
    fn into_node(self) -> Node {
        match self {
            Some(node) => node.into_node(),
            None => ().into_node(),
        }
    }
}

impl<T: IntoNode> IntoNode for Vec<T> {
    fn into_node(self) -> Node {
        Node::several(self.into_iter().map(T::into_node).collect())
    }
}

impl<T: IntoNode, const N: usize> IntoNode for [T; N] {
    fn into_node(self) -> Node {
        Node::several(self.into_iter().map(T::into_node).collect())
    }
}

impl<F, T> IntoNode for F
where
    F: FnMut() -> T + 'static,
    T: IntoNode,
{
    fn into_node(mut self) -> Node {
        Node::reactive(Box::new(move || self().into_node()))
    }
}

macro_rules! signals {
    ($($signal:ident),*) => {$(
        impl<T> IntoNode for $signal<T>
        where
            T: IntoNode + Clone + Send + Sync + 'static,
        {
            fn into_node(self) -> Node {
                (move || self.get()).into_node()
            }
        }
    )*};
}

signals!(Memo, ReadSignal, RwSignal, Signal);
