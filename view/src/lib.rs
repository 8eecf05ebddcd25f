//! `view!`, in the notation of Leptos.
//!
//! Leptos' own macro makes a type of every piece of markup, and the compiler code for every
//! type. That is quick to run and large to download: it was two thirds of our bundle. This one
//! writes calls to the few functions of `crate::ui`, which are there once.
//!
//! Understood are elements with `name=value`, `name`, `on:event=…`, `prop:name=…` and
//! `node_ref=…` and `style=("--name", …)`, components with `name=value`, `let:name` and children, text, and `{blocks}`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use rstml::Infallible;
use rstml::node::{KeyedAttribute, KeyedAttributeValue, Node, NodeAttribute, NodeElement};
use syn::Expr;
use syn::spanned::Spanned;

/// Markup to a `crate::ui::Node`.
#[proc_macro]
pub fn view(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let parser = rstml::Parser::new(rstml::ParserConfig::default().recover_block(true));
    let (nodes, problems) = parser
        .parse_recoverable(TokenStream::from(tokens))
        .split_vec();
    let problems = problems
        .into_iter()
        .map(|problem| problem.emit_as_expr_tokens());
    let node = nodes_to_tokens(&nodes);
    quote! {{ #(#problems)* #node }}.into()
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
        Node::Doctype(_) | Node::Custom(_) => {
            Some(error(node.span(), "not understood by this view!"))
        }
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
            NodeAttribute::Block(block) => error(block.span(), "attributes cannot be spread here"),
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
    if key.contains(':') {
        return error(span, "not understood by this view!");
    }
    quote_spanned! { span => .attribute(#key, #value) }
}

fn component_to_tokens(element: &NodeElement<Infallible>) -> TokenStream {
    let name = element.name();
    let mut properties = Vec::new();
    let mut bindings = Vec::new();
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(attribute) = attribute else {
            properties.push(error(attribute.span(), "attributes cannot be spread here"));
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
            properties.push(error(key.span(), "not understood by this view!"));
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
