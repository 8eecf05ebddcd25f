//! What is in the page: built from nodes, brought up to date, taken out.

use super::element::{Attribute, Element, Handler, Listener, Parts, Property};
use super::node::{Content, Node};
use super::shape::{Outline, Pairs, Write, can_become, is_svg, write};
use leptos::prelude::{AnyView, RenderEffect, document};
use leptos::tachys::view::{Mountable, Render};
use std::borrow::Cow;
use std::cell::RefCell;
use std::mem;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

type ViewState = <AnyView as Render>::State;

/// A node in the page.
pub enum Live {
    /// Keeps the place of nothing.
    Nothing(web_sys::Node),
    Text(web_sys::Node, Cow<'static, str>),
    Element(Box<LiveElement>),
    /// Some nodes and what keeps the place behind them.
    Several(Vec<Live>, web_sys::Node),
    Reactive(Reactive),
    View(Box<ViewState>),
}

/// A node that follows signals: what it is now, and the effect that changes it.
pub struct Reactive {
    slot: Rc<RefCell<Option<Live>>>,
    _effect: RenderEffect<()>,
}

impl Drop for Reactive {
    fn drop(&mut self) {
        // The effect's closure shares the slot and goes a little later. What follows signals
        // inside must stop now: its signals are gone already.
        let live = self.slot.borrow_mut().take();
        drop(live);
    }
}

/// An element in the page.
pub struct LiveElement {
    tag: &'static str,
    element: web_sys::Element,
    attributes: Vec<(&'static str, LiveAttribute)>,
    /// Held so that they go on.
    properties: Vec<RenderEffect<()>>,
    listeners: Vec<(Cow<'static, str>, Rc<RefCell<Handler>>)>,
    children: Vec<Live>,
}

struct LiveAttribute {
    /// As it stands in the page.
    value: Rc<RefCell<Option<String>>>,
    effect: Option<RenderEffect<()>>,
}

fn effect(mut run: Box<dyn FnMut()>) -> RenderEffect<()> {
    RenderEffect::new(move |_| run())
}

fn place() -> web_sys::Node {
    document().create_comment("").into()
}

fn create(tag: &str) -> web_sys::Element {
    let made = if is_svg(tag) {
        document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag)
    } else {
        document().create_element(tag)
    };
    made.expect("a tag written in our own source is a valid one")
}

impl Live {
    /// Makes a node of the page, not yet in its place.
    pub(super) fn build(node: Node) -> Self {
        match node.0.take() {
            Content::Nothing => Live::Nothing(place()),
            Content::Text(text) => Live::Text(document().create_text_node(&text).into(), text),
            Content::Element(element) => Live::Element(Box::new(LiveElement::build(element))),
            Content::Several(nodes) => {
                Live::Several(nodes.into_iter().map(Live::build).collect(), place())
            }
            Content::Reactive(make) => Live::reactive(make, Rc::default()),
            Content::View(view) => Live::View(Box::new(view.build())),
        }
    }

    fn reactive(mut make: Box<dyn FnMut() -> Node>, slot: Rc<RefCell<Option<Live>>>) -> Self {
        let effect = effect({
            let slot = Rc::clone(&slot);
            Box::new(move || {
                let node = make();
                // Taken out, because building may run anything.
                let before = slot.borrow_mut().take();
                let live = match before {
                    Some(mut live) => {
                        live.update(node);
                        live
                    }
                    None => Live::build(node),
                };
                *slot.borrow_mut() = Some(live);
            })
        });
        Live::Reactive(Reactive {
            slot,
            _effect: effect,
        })
    }

    /// Turns it into another node, keeping what is the same: an element that stays keeps the
    /// focus and what was typed into it.
    pub(super) fn update(&mut self, node: Node) {
        let replacement = match (&mut *self, node.0.take()) {
            (Live::Nothing(_), Content::Nothing) => return,
            (Live::Text(text, shown), Content::Text(new)) => {
                if *shown != new {
                    text.set_node_value(Some(&new));
                    *shown = new;
                }
                return;
            }
            (Live::Element(live), Content::Element(element)) => match live.update(element) {
                Ok(()) => return,
                Err(element) => Content::Element(element),
            },
            (Live::Several(lives, end), Content::Several(nodes)) => {
                update_several(lives, nodes, end);
                return;
            }
            (Live::Reactive(Reactive { slot, .. }), Content::Reactive(make)) => {
                let live = slot.borrow_mut().take();
                *self = Live::reactive(make, Rc::new(RefCell::new(live)));
                return;
            }
            (Live::View(state), Content::View(view)) => {
                view.rebuild(state);
                return;
            }
            (_, content) => content,
        };
        let mut new = Live::build(Node::new(replacement));
        self.insert_before_this(&mut new);
        self.unmount();
        *self = new;
    }
}

/// Pair by pair, then what is new or gone.
fn update_several(lives: &mut Vec<Live>, nodes: Vec<Node>, end: &web_sys::Node) {
    let pairs = Pairs::of(lives.len(), nodes.len());
    let mut nodes = nodes.into_iter();
    for (live, node) in lives.iter_mut().zip(nodes.by_ref().take(pairs.kept)) {
        live.update(node);
    }
    for mut gone in lives.drain(pairs.gone) {
        gone.unmount();
    }
    let parent = end.parent_element();
    for node in nodes {
        let mut live = Live::build(node);
        if let Some(parent) = &parent {
            live.mount(parent, Some(end));
        }
        lives.push(live);
    }
}

impl Outline for LiveElement {
    fn tag(&self) -> &str {
        self.tag
    }

    fn attribute(&self, place: usize) -> Option<&str> {
        self.attributes.get(place).map(|(name, _)| *name)
    }

    fn event(&self, place: usize) -> Option<&str> {
        self.listeners.get(place).map(|(event, _)| &**event)
    }

    fn children(&self) -> usize {
        self.children.len()
    }
}

impl Outline for Parts {
    fn tag(&self) -> &str {
        self.tag
    }

    fn attribute(&self, place: usize) -> Option<&str> {
        self.attributes.get(place).map(|(name, _)| *name)
    }

    fn event(&self, place: usize) -> Option<&str> {
        let listener = self.listeners.get(place);
        listener.map(|listener| &*listener.event)
    }

    fn children(&self) -> usize {
        self.children.len()
    }
}

impl LiveElement {
    fn build(element: Element) -> Self {
        let Parts {
            tag,
            attributes,
            properties,
            listeners,
            reference,
            children,
        } = *element.0;
        let element = create(tag);
        let attributes = attributes
            .into_iter()
            .map(|(name, value)| (name, LiveAttribute::build(&element, name, value)))
            .collect();
        let listeners = listeners
            .into_iter()
            .map(|listener| listen(&element, listener))
            .collect();
        let mut children: Vec<Live> = children.into_iter().map(Live::build).collect();
        for child in &mut children {
            child.mount(&element, None);
        }
        // After the children: a `<select>` takes its value only from options it has.
        let properties = set_properties(&element, properties);
        if let Some(reference) = reference {
            reference(&element);
        }
        LiveElement {
            tag,
            element,
            attributes,
            properties,
            listeners,
            children,
        }
    }

    /// Gives the element back if it is of another shape.
    fn update(&mut self, element: Element) -> Result<(), Element> {
        if !can_become(self, &*element.0) {
            return Err(element);
        }
        let Parts {
            attributes,
            properties,
            listeners,
            reference,
            children,
            ..
        } = *element.0;
        for ((name, live), (_, value)) in self.attributes.iter_mut().zip(attributes) {
            live.update(&self.element, name, value);
        }
        for ((_, handler), listener) in self.listeners.iter().zip(listeners) {
            *handler.borrow_mut() = listener.handler;
        }
        for (live, node) in self.children.iter_mut().zip(children) {
            live.update(node);
        }
        self.properties = set_properties(&self.element, properties);
        if let Some(reference) = reference {
            reference(&self.element);
        }
        Ok(())
    }
}

impl LiveAttribute {
    fn build(element: &web_sys::Element, name: &'static str, value: Attribute) -> Self {
        let mut live = LiveAttribute {
            value: Rc::default(),
            effect: None,
        };
        live.update(element, name, value);
        live
    }

    fn update(&mut self, element: &web_sys::Element, name: &'static str, value: Attribute) {
        // What follows signals must not write any more before the new value is written.
        self.effect = None;
        match value {
            Attribute::Reactive(make) => {
                let (element, shown) = (element.clone(), Rc::clone(&self.value));
                self.effect = Some(effect(Box::new(move || {
                    show(&element, name, &mut shown.borrow_mut(), make());
                })));
            }
            fixed => show(element, name, &mut self.value.borrow_mut(), fixed),
        }
    }
}

/// Writes an attribute into the page if it is another than before.
fn show(element: &web_sys::Element, name: &str, shown: &mut Option<String>, value: Attribute) {
    let text = match value {
        Attribute::Absent => None,
        Attribute::Text(text) => Some(text.into_owned()),
        Attribute::Reactive(make) => return show(element, name, shown, make()),
    };
    // The names are written in our own source and are valid.
    let _ = match write(name, shown.as_deref(), text.as_deref()) {
        Write::Nothing => return,
        Write::Attribute(text) => element.set_attribute(name, text),
        Write::Remove => element.remove_attribute(name),
        Write::Style(text) => match element.dyn_ref::<web_sys::HtmlElement>() {
            // Custom properties take any value.
            Some(element) => element.style().set_property(name, text),
            None => Ok(()),
        },
    };
    *shown = text;
}

fn set_properties(
    element: &web_sys::Element,
    properties: Vec<(&'static str, Property)>,
) -> Vec<RenderEffect<()>> {
    let set = |element: &web_sys::Element, name: &str, value: &JsValue| {
        // Cannot fail for the properties that elements have.
        let _ = js_sys::Reflect::set(element, &name.into(), value);
    };
    properties
        .into_iter()
        .filter_map(|(name, property)| match property {
            Property::Value(value) => {
                set(element, name, &value);
                None
            }
            Property::Reactive(make) => {
                let element = element.clone();
                Some(effect(Box::new(move || set(&element, name, &make()))))
            }
        })
        .collect()
}

/// The handler is kept in a place of its own, so that it can be exchanged without touching the
/// page.
fn listen(
    element: &web_sys::Element,
    listener: Listener,
) -> (Cow<'static, str>, Rc<RefCell<Handler>>) {
    let handler = Rc::new(RefCell::new(listener.handler));
    let call = {
        let handler = Rc::clone(&handler);
        Closure::<dyn FnMut(web_sys::Event)>::new(move |event| {
            // Busy only if the handler itself caused the same event.
            if let Ok(mut handler) = handler.try_borrow_mut() {
                handler(event);
            }
        })
    };
    // Freed by the browser's garbage collector: events may come after the element is gone.
    let call = call.into_js_value();
    // The names of events are valid.
    let _ = element.add_event_listener_with_callback(&listener.event, call.unchecked_ref());
    (listener.event, handler)
}

impl Mountable for Live {
    fn unmount(&mut self) {
        match self {
            Live::Nothing(node) | Live::Text(node, _) => remove(node),
            Live::Element(live) => remove(&live.element),
            Live::Several(lives, end) => {
                lives.iter_mut().for_each(Live::unmount);
                remove(end);
            }
            Live::Reactive(Reactive { slot, .. }) => {
                let live = mem::take(&mut *slot.borrow_mut());
                if let Some(mut live) = live {
                    live.unmount();
                    *slot.borrow_mut() = Some(live);
                }
            }
            Live::View(state) => state.unmount(),
        }
    }

    fn mount(&mut self, parent: &web_sys::Element, before: Option<&web_sys::Node>) {
        match self {
            Live::Nothing(node) | Live::Text(node, _) => insert(parent, node, before),
            Live::Element(live) => insert(parent, &live.element, before),
            Live::Several(lives, end) => {
                for live in lives {
                    live.mount(parent, before);
                }
                insert(parent, end, before);
            }
            Live::Reactive(Reactive { slot, .. }) => {
                if let Some(live) = &mut *slot.borrow_mut() {
                    live.mount(parent, before);
                }
            }
            Live::View(state) => state.mount(parent, before),
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match self {
            Live::Nothing(node) | Live::Text(node, _) => insert_before(node, child),
            Live::Element(live) => insert_before(&live.element, child),
            Live::Several(lives, end) => {
                lives
                    .first()
                    .is_some_and(|first| first.insert_before_this(child))
                    || insert_before(end, child)
            }
            Live::Reactive(Reactive { slot, .. }) => slot
                .borrow()
                .as_ref()
                .is_some_and(|live| live.insert_before_this(child)),
            Live::View(state) => state.insert_before_this(child),
        }
    }

    fn elements(&self) -> Vec<web_sys::Element> {
        match self {
            Live::Nothing(_) | Live::Text(..) => Vec::new(),
            Live::Element(live) => vec![live.element.clone()],
            Live::Several(lives, _) => lives.iter().flat_map(Live::elements).collect(),
            Live::Reactive(Reactive { slot, .. }) => slot
                .borrow()
                .as_ref()
                .map(Live::elements)
                .unwrap_or_default(),
            Live::View(state) => state.elements(),
        }
    }
}

fn insert(parent: &web_sys::Element, node: &web_sys::Node, before: Option<&web_sys::Node>) {
    // Fails only for a node that contains its own parent.
    let _ = parent.insert_before(node, before);
}

fn remove(node: &web_sys::Node) {
    if let Some(parent) = node.parent_node() {
        // It is a child of its parent.
        let _ = parent.remove_child(node);
    }
}

fn insert_before(node: &web_sys::Node, child: &mut dyn Mountable) -> bool {
    match node.parent_element() {
        Some(parent) => {
            child.mount(&parent, Some(node));
            true
        }
        None => false,
    }
}
