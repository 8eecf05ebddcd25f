//! An element as data.

use super::node::{IntoNode, Node};
use leptos::ev::EventDescriptor;
use leptos::html::ElementType;
use leptos::prelude::{Get, NodeRef, RwSignal, Signal};
use leptos::tachys::html::node_ref::NodeRefContainer;
use std::borrow::Cow;
use wasm_bindgen::{JsCast, JsValue};

/// An element: what it is called and what it has.
pub struct Element(pub(super) Box<Parts>);

#[derive(Default)]
pub(super) struct Parts {
    pub tag: &'static str,
    pub attributes: Vec<(&'static str, Attribute)>,
    pub properties: Vec<(&'static str, Property)>,
    pub listeners: Vec<Listener>,
    pub reference: Option<Teller>,
    pub children: Vec<Node>,
}

/// A function that is told where the element is.
type Teller = Box<dyn FnOnce(&web_sys::Element)>;

/// The value of an attribute.
pub enum Attribute {
    /// The element does not have it.
    Absent,
    Text(Cow<'static, str>),
    /// Follows signals.
    Reactive(Box<dyn Fn() -> Attribute>),
}

/// The value of a property.
pub enum Property {
    Value(JsValue),
    /// Follows signals.
    Reactive(Box<dyn Fn() -> JsValue>),
}

/// What is done when something happens.
pub(super) type Handler = Box<dyn FnMut(web_sys::Event)>;

pub(super) struct Listener {
    pub event: Cow<'static, str>,
    pub handler: Handler,
}

impl Element {
    /// An element with this tag.
    pub fn new(tag: &'static str) -> Self {
        Element(Box::new(Parts {
            tag,
            ..Default::default()
        }))
    }

    /// Gives it an attribute; with a name that begins with `--`, a custom property of CSS.
    pub fn attribute(self, name: &'static str, value: impl IntoAttribute) -> Self {
        self.with_attribute(name, value.into_attribute())
    }

    fn with_attribute(mut self, name: &'static str, value: Attribute) -> Self {
        self.0.attributes.push((name, value));
        self
    }

    /// Sets a property of the DOM object, such as `value` or `checked`.
    pub fn property(mut self, name: &'static str, value: impl IntoProperty) -> Self {
        self.0.properties.push((name, value.into_property()));
        self
    }

    /// Calls a handler whenever an event happens at the element.
    pub fn on<E>(self, event: E, mut handler: impl FnMut(E::EventType) + 'static) -> Self
    where
        E: EventDescriptor,
        E::EventType: JsCast,
    {
        self.with_listener(
            event.name(),
            Box::new(move |event| handler(event.unchecked_into())),
        )
    }

    fn with_listener(mut self, event: Cow<'static, str>, handler: Handler) -> Self {
        self.0.listeners.push(Listener { event, handler });
        self
    }

    /// Tells where the element is once it is built.
    pub fn node_ref<E>(mut self, reference: NodeRef<E>) -> Self
    where
        E: ElementType + 'static,
        E::Output: JsCast + 'static,
    {
        self.0.reference = Some(Box::new(move |element| reference.load(element)));
        self
    }

    /// Adds a child behind those that the element has.
    pub fn child(self, child: impl IntoNode) -> Self {
        self.with_child(child.into_node())
    }

    fn with_child(mut self, child: Node) -> Self {
        self.0.children.push(child);
        self
    }
}

/// What may be the value of an attribute.
pub trait IntoAttribute {
    fn into_attribute(self) -> Attribute;
}

impl IntoAttribute for Attribute {
    fn into_attribute(self) -> Attribute {
        self
    }
}

impl IntoAttribute for &'static str {
    fn into_attribute(self) -> Attribute {
        Attribute::Text(self.into())
    }
}

impl IntoAttribute for String {
    fn into_attribute(self) -> Attribute {
        Attribute::Text(self.into())
    }
}

impl IntoAttribute for bool {
    fn into_attribute(self) -> Attribute {
        if self {
            Attribute::Text("".into())
        } else {
            Attribute::Absent
        }
    }
}

impl<T: IntoAttribute> IntoAttribute for Option<T> {
    fn into_attribute(self) -> Attribute {
        self.map_or(Attribute::Absent, T::into_attribute)
    }
}

impl<F, T> IntoAttribute for F
where
    F: Fn() -> T + 'static,
    T: IntoAttribute,
{
    fn into_attribute(self) -> Attribute {
        Attribute::Reactive(Box::new(move || self().into_attribute()))
    }
}

impl<T> IntoAttribute for Signal<T>
where
    T: IntoAttribute + Clone + Send + Sync + 'static,
{
    fn into_attribute(self) -> Attribute {
        (move || self.get()).into_attribute()
    }
}

impl<T> IntoAttribute for RwSignal<T>
where
    T: IntoAttribute + Clone + Send + Sync + 'static,
{
    fn into_attribute(self) -> Attribute {
        (move || self.get()).into_attribute()
    }
}

/// What may be the value of a property.
pub trait IntoProperty {
    fn into_property(self) -> Property;
}

impl IntoProperty for &str {
    fn into_property(self) -> Property {
        Property::Value(self.into())
    }
}

impl IntoProperty for String {
    fn into_property(self) -> Property {
        Property::Value(self.into())
    }
}

impl IntoProperty for bool {
    fn into_property(self) -> Property {
        Property::Value(self.into())
    }
}

impl<F, T> IntoProperty for F
where
    F: Fn() -> T + 'static,
    T: Into<JsValue>,
{
    fn into_property(self) -> Property {
        Property::Reactive(Box::new(move || self().into()))
    }
}

impl<T> IntoProperty for Signal<T>
where
    T: Into<JsValue> + Clone + Send + Sync + 'static,
{
    fn into_property(self) -> Property {
        (move || self.get()).into_property()
    }
}

impl<T> IntoProperty for RwSignal<T>
where
    T: Into<JsValue> + Clone + Send + Sync + 'static,
{
    fn into_property(self) -> Property {
        (move || self.get()).into_property()
    }
}
