//! `view!`, in the notation of Leptos.
//!
//! Leptos' own macro makes a type of every piece of markup, and the compiler code for every
//! type. That is quick to run and large to download: it was two thirds of our bundle. This one
//! writes calls to the few functions of `crate::ui`, which are there once.
//!
//! Understood are elements with `name=value`, `name`, `on:event=…`, `prop:name=…`, `node_ref=…` and
//! `style=("--name", …)`, components with `name=value`, `let:name` and children, text, and
//! `{blocks}`. What is not, and what to write instead, stands in `src/ui/mod.rs`; the macro says
//! it as well.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use rstml::Infallible;
use rstml::node::{KeyedAttribute, KeyedAttributeValue, Node, NodeAttribute, NodeElement};
use syn::Expr;
use syn::spanned::Spanned;

/// Turns markup into an expression that makes a `crate::ui::Node`.
#[proc_macro]
pub fn view(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(tokens.into()).into()
}

fn expand(tokens: TokenStream) -> TokenStream {
    let parser = rstml::Parser::new(rstml::ParserConfig::default().recover_block(true));
    let (nodes, problems) = parser.parse_recoverable(tokens).split_vec();
    let problems = problems
        .into_iter()
        .map(|problem| problem.emit_as_expr_tokens());
    let node = nodes_to_tokens(&nodes);
    quote! {{ #(#problems)* #node }}
}

/// What is written instead of something that Leptos' `view!` understands and this one does not,
/// by what its name begins with.
const WAYS_OUT: [(&str, &str); 9] = [
    (
        "class:",
        "`class:name=…` is not understood: use a data attribute, `data-state=move || …`, and \
         style that, or make the whole `class`",
    ),
    (
        "style:",
        "`style:name=…` is not understood: set a custom property, `style=(\"--name\", …)`, and \
         use it in the style sheet",
    ),
    (
        "bind:",
        "`bind:…` is not understood: use `prop:value=signal` and `on:input=…`, or a field of \
         `components::field`",
    ),
    (
        "use:",
        "`use:…` is not understood: take the element with `node_ref=…`",
    ),
    (
        "attr:",
        "`attr:…` is not understood: a component has the attributes that it has properties for",
    ),
    (
        "clone:",
        "`clone:…` is not understood: clone before the markup",
    ),
    ("inner_html", "HTML is never set as text: make nodes of it"),
    ("{..", "attributes cannot be spread: write each of them"),
    (
        "",
        "not understood by this view!: see the table in src/ui/mod.rs",
    ),
];

/// The error for something that is not understood, with the way out.
fn not_understood(span: Span, name: &str) -> TokenStream {
    let way = WAYS_OUT.iter().find(|(start, _)| name.starts_with(start));
    error(span, way.map_or("", |(_, way)| way))
}

fn error(span: Span, message: &str) -> TokenStream {
    syn::Error::new(span, message).to_compile_error()
}

/// One node, or several in a row.
fn nodes_to_tokens(nodes: &[Node]) -> TokenStream {
    let mut tokens: Vec<TokenStream> = nodes.iter().filter_map(node_to_tokens).collect();
    match tokens.len() {
        1 => {
            let only = tokens.remove(0);
            quote! { crate::ui::IntoNode::into_node(#only) }
        }
        _ => quote! {
            crate::ui::Node::several(::std::vec![#(crate::ui::IntoNode::into_node(#tokens)),*])
        },
    }
}

fn node_to_tokens(node: &Node) -> Option<TokenStream> {
    match node {
        Node::Element(element) => Some(element_to_tokens(element)),
        Node::Fragment(fragment) => Some(nodes_to_tokens(&fragment.children)),
        Node::Block(block) => Some(quote! { #[allow(unused_braces)] #block }),
        Node::Text(text) => {
            let text = &text.value;
            Some(quote! { #text })
        }
        Node::RawText(text) => {
            let text = text.to_string_best();
            Some(quote! { #text })
        }
        Node::Comment(_) => None,
        Node::Doctype(_) | Node::Custom(_) => Some(not_understood(node.span(), "")),
    }
}

fn element_to_tokens(element: &NodeElement<Infallible>) -> TokenStream {
    let name = element.name().to_string();
    if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return component_to_tokens(element);
    }
    let attributes = element
        .attributes()
        .iter()
        .map(|attribute| match attribute {
            NodeAttribute::Attribute(attribute) => attribute_to_tokens(attribute),
            NodeAttribute::Block(block) => not_understood(block.span(), "{.."),
        });
    let children = element.children.iter().filter_map(node_to_tokens);
    quote_spanned! { element.name().span() =>
        crate::ui::Element::new(#name) #(#attributes)* #(.child(#children))*
    }
}

/// The call that gives an element one attribute.
fn attribute_to_tokens(attribute: &KeyedAttribute) -> TokenStream {
    let key = attribute.key.to_string();
    let span = attribute.key.span();
    let Some(value) = attribute.value() else {
        if key.contains(':') {
            return not_understood(span, &key);
        }
        return quote_spanned! { span => .attribute(#key, true) };
    };
    if let Some(event) = key.strip_prefix("on:") {
        if event == "cancel" {
            // Leptos does not know the event of dialogs and file fields.
            return quote_spanned! { span =>
                .on(::leptos::ev::Custom::<::leptos::ev::Event>::new("cancel"), #value)
            };
        }
        let event = format_ident!("{event}", span = span);
        return quote_spanned! { span => .on(::leptos::ev::#event, #value) };
    }
    if let Some(property) = key.strip_prefix("prop:") {
        return quote_spanned! { span => .property(#property, #value) };
    }
    if let ("style", Expr::Tuple(pair)) = (key.as_str(), value) {
        // A custom property of CSS with its value.
        let parts = pair.elems.iter();
        return quote_spanned! { span => .attribute(#(#parts),*) };
    }
    if key == "node_ref" {
        return quote_spanned! { span => .node_ref(#value) };
    }
    if key.contains(':') || key == "inner_html" {
        return not_understood(span, &key);
    }
    quote_spanned! { span => .attribute(#key, #value) }
}

fn component_to_tokens(element: &NodeElement<Infallible>) -> TokenStream {
    let name = element.name();
    let mut properties = Vec::new();
    let mut bindings = Vec::new();
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(attribute) = attribute else {
            properties.push(not_understood(attribute.span(), "{.."));
            continue;
        };
        let key = &attribute.key;
        let text = key.to_string();
        if let Some(bound) = text.strip_prefix("let:") {
            bindings.push(format_ident!("{bound}", span = key.span()));
        } else if text == "let" {
            if let KeyedAttributeValue::Binding(binding) = &attribute.possible_value {
                for input in &binding.inputs {
                    bindings.push(format_ident!("{}", quote!(#input).to_string()));
                }
            }
        } else if text.contains(':') {
            properties.push(not_understood(key.span(), &text));
        } else {
            let value = attribute
                .value()
                .map_or_else(|| quote! { #key }, |value| quote! { #value });
            properties.push(quote! { .#key(#[allow(unused_braces)] { #value }) });
        }
    }
    let children = if element.children.is_empty() {
        quote! {}
    } else {
        let children = nodes_to_tokens(&element.children);
        if bindings.is_empty() {
            quote! { .children(::leptos::children::ToChildren::to_children(move || #children)) }
        } else {
            quote! { .children(move |#(#bindings),*| #children) }
        }
    };
    quote_spanned! { name.span() =>
        crate::ui::component(::leptos::component::component_view(
            #[allow(clippy::needless_borrows_for_generic_args)]
            &#name,
            ::leptos::component::component_props_builder(&#name) #(#properties)* #children .build(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote as markup;

    /// What markup becomes, without the spaces between tokens.
    fn expanded(tokens: TokenStream) -> String {
        let text = expand(tokens).to_string();
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    /// Whether this is what becomes of the markup, and is an expression.
    fn becomes(tokens: TokenStream, expected: TokenStream) {
        let made = expand(tokens);
        syn::parse2::<Expr>(made.clone()).expect("an expression");
        let bare = |tokens: TokenStream| -> String {
            let text = tokens.to_string();
            text.chars().filter(|c| !c.is_whitespace()).collect()
        };
        assert_eq!(bare(made), bare(quote! {{ #expected }}));
    }

    /// Whether the markup is refused, in these words.
    fn refused(tokens: TokenStream, words: &str) {
        let made = expand(tokens.clone()).to_string();
        let refused = made.contains("compile_error") && made.contains(words);
        assert!(refused, "{tokens} becomes {made}");
    }

    #[test]
    fn elements_are_calls() {
        becomes(
            markup! { <p class="a" hidden>"text"</p> },
            quote! {
                crate::ui::IntoNode::into_node(
                    crate::ui::Element::new("p")
                        .attribute("class", "a")
                        .attribute("hidden", true)
                        .child("text")
                )
            },
        );
        becomes(
            markup! { <input prop:value=text on:input=listen node_ref=field /> },
            quote! {
                crate::ui::IntoNode::into_node(
                    crate::ui::Element::new("input")
                        .property("value", text)
                        .on(::leptos::ev::input, listen)
                        .node_ref(field)
                )
            },
        );
    }

    #[test]
    fn the_order_of_attributes_is_kept() {
        // What is brought up to date is compared by it.
        let made = expanded(markup! { <a href=x data-kind="b" title=y></a> });
        let places: Vec<usize> = ["href", "data-kind", "title"]
            .iter()
            .map(|name| made.find(name).unwrap())
            .collect();
        assert!(places.is_sorted(), "{made}");
    }

    #[test]
    fn custom_properties_and_the_event_that_leptos_lacks() {
        let made = expanded(markup! { <div style=("--share", share)></div> });
        assert!(made.contains(r#".attribute("--share",share)"#), "{made}");
        let made = expanded(markup! { <dialog on:cancel=close></dialog> });
        assert!(made.contains(r#"Custom::<::leptos::ev::Event>::new("cancel")"#));
    }

    #[test]
    fn several_nodes_nothing_and_blocks() {
        becomes(
            markup! { "a" {b} },
            quote! {
                crate::ui::Node::several(::std::vec![
                    crate::ui::IntoNode::into_node("a"),
                    crate::ui::IntoNode::into_node(#[allow(unused_braces)] { b })
                ])
            },
        );
        becomes(
            markup! {},
            quote! { crate::ui::Node::several(::std::vec![]) },
        );
        // A fragment is the nodes in it, and a comment is nothing.
        becomes(
            markup! { <><!-- "why" -->"a"</> },
            quote! {
                crate::ui::IntoNode::into_node(crate::ui::IntoNode::into_node("a"))
            },
        );
    }

    #[test]
    fn components_take_properties_children_and_what_they_bind() {
        let made = expanded(markup! { <Card title=t::card busy><p></p></Card> });
        assert!(made.contains("component_props_builder(&Card)"), "{made}");
        assert!(made.contains(".title(#[allow(unused_braces)]{t::card})"));
        // A name alone is the variable of that name, as in Leptos.
        assert!(made.contains(".busy(#[allow(unused_braces)]{busy})"));
        assert!(made.contains("ToChildren::to_children(move||"));
        let made = expanded(markup! { <For each=rows let:row>{row}</For> });
        assert!(made.contains(".children(move|row|"), "{made}");
        let made = expanded(markup! { <For each=rows let(a, b)>{a}</For> });
        assert!(made.contains(".children(move|a,b|"), "{made}");
    }

    #[test]
    fn what_is_not_understood_says_the_way_out() {
        refused(markup! { <p class:a=b></p> }, "data attribute");
        refused(markup! { <p style:width=b></p> }, "custom property");
        refused(markup! { <p style:width></p> }, "custom property");
        refused(markup! { <input bind:value=text /> }, "prop:value");
        refused(markup! { <p use:thing></p> }, "node_ref");
        refused(markup! { <p {..all}></p> }, "write each of them");
        refused(markup! { <p inner_html=text></p> }, "never set as text");
        refused(markup! { <Card attr:id="a" /> }, "properties for");
        refused(markup! { <Card clone:a /> }, "clone before");
        refused(markup! { <Card {..all} /> }, "write each of them");
        refused(markup! { <!DOCTYPE html> }, "src/ui/mod.rs");
        refused(markup! { <p xlink:href="a"></p> }, "src/ui/mod.rs");
    }

    #[test]
    fn broken_markup_is_refused_where_it_breaks() {
        let made = expand(markup! { <p><b></p> }).to_string();
        assert!(made.contains("compile_error"), "{made}");
    }
}
