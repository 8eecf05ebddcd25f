//! What of a piece of markup decides whether it can stay in the page when it is made anew, and
//! what has to be written where it stays. Nothing here touches a page, so it is tested natively.

use std::ops::Range;

/// The outline of an element: what cannot be changed without making another element.
pub trait Outline {
    fn tag(&self) -> &str;
    /// The name of an attribute, by its place; `None` behind the last.
    fn attribute(&self, place: usize) -> Option<&str>;
    /// The name of an event that is listened for, by its place; `None` behind the last.
    fn event(&self, place: usize) -> Option<&str>;
    /// How many children there are.
    fn children(&self) -> usize;
}

/// Whether an element in the page can become another one: same tag, same names of attributes and
/// events in the same order, as many children. An element that stays keeps the focus, the scroll
/// position and what was typed into it.
pub fn can_become(before: &dyn Outline, after: &dyn Outline) -> bool {
    let all = |of: &dyn Fn(usize) -> (bool, bool)| {
        let mut place = 0;
        loop {
            match of(place) {
                (false, _) => return false,
                (true, true) => return true,
                (true, false) => place += 1,
            }
        }
    };
    let same = |a: Option<&str>, b: Option<&str>| (a == b, a.is_none());
    before.tag() == after.tag()
        && before.children() == after.children()
        && all(&|place| same(before.attribute(place), after.attribute(place)))
        && all(&|place| same(before.event(place), after.event(place)))
}

/// How a row of nodes becomes another: pair by pair, then what is gone, then what is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// How many are brought up to date where they are.
    pub kept: usize,
    /// The places, among those before, that are taken out.
    pub gone: Range<usize>,
    /// The places, among those after, that are built.
    pub new: Range<usize>,
}

impl Pairs {
    /// The way from `before` nodes to `after` nodes.
    pub fn of(before: usize, after: usize) -> Self {
        let kept = before.min(after);
        Pairs {
            kept,
            gone: kept..before,
            new: kept..after,
        }
    }
}

/// What is written into the page for an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write<'a> {
    /// It stands there already.
    Nothing,
    Attribute(&'a str),
    /// The element does not have the attribute any more.
    Remove,
    /// A custom property of CSS. Through the object model: the Content-Security-Policy refuses a
    /// `style` attribute.
    Style(&'a str),
}

/// What to write so that an attribute that was `shown` becomes `text`; `None` is an attribute that
/// the element does not have.
pub fn write<'a>(name: &str, shown: Option<&str>, text: Option<&'a str>) -> Write<'a> {
    if shown == text {
        return Write::Nothing;
    }
    match text {
        _ if name.starts_with("--") => Write::Style(text.unwrap_or_default()),
        Some(text) => Write::Attribute(text),
        None => Write::Remove,
    }
}

/// Whether a tag is one of SVG, which have a namespace of their own.
pub fn is_svg(tag: &str) -> bool {
    matches!(
        tag,
        "svg" | "use" | "path" | "g" | "circle" | "rect" | "line" | "polyline"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Drawn {
        tag: String,
        attributes: Vec<String>,
        events: Vec<String>,
        children: usize,
    }

    impl Outline for Drawn {
        fn tag(&self) -> &str {
            &self.tag
        }

        fn attribute(&self, place: usize) -> Option<&str> {
            self.attributes.get(place).map(String::as_str)
        }

        fn event(&self, place: usize) -> Option<&str> {
            self.events.get(place).map(String::as_str)
        }

        fn children(&self) -> usize {
            self.children
        }
    }

    prop_compose! {
        fn drawn()(
            tag in "a|b",
            attributes in prop::collection::vec("c|d", 0..3),
            events in prop::collection::vec("e|f", 0..3),
            children in 0_usize..2,
        ) -> Drawn {
            Drawn { tag, attributes, events, children }
        }
    }

    proptest! {
        #[test]
        fn an_element_stays_if_its_outline_does(before in drawn(), after in drawn()) {
            prop_assert_eq!(can_become(&before, &after), before == after);
            prop_assert!(can_become(&before, &before));
        }

        #[test]
        fn pairs_account_for_every_node(before in 0_usize..20, after in 0_usize..20) {
            let pairs = Pairs::of(before, after);
            prop_assert_eq!(pairs.kept + pairs.gone.len(), before);
            prop_assert_eq!(pairs.kept + pairs.new.len(), after);
            prop_assert!(pairs.gone.is_empty() || pairs.new.is_empty());
        }

        #[test]
        fn what_is_written_is_what_is_wanted(
            shown in prop::option::of("x|y|"),
            text in prop::option::of("x|y|"),
        ) {
            let written = match write("title", shown.as_deref(), text.as_deref()) {
                Write::Nothing => shown.as_deref(),
                Write::Attribute(text) => Some(text),
                Write::Remove => None,
                Write::Style(_) => unreachable!("not a custom property"),
            };
            prop_assert_eq!(written, text.as_deref());
        }
    }

    #[test]
    fn custom_properties_go_through_the_object_model() {
        assert_eq!(write("--share", None, Some("10%")), Write::Style("10%"));
        assert_eq!(write("--share", Some("10%"), None), Write::Style(""));
        assert_eq!(write("--share", Some("10%"), Some("10%")), Write::Nothing);
    }

    #[test]
    fn icons_have_the_namespace_of_svg() {
        assert!(is_svg("svg") && is_svg("use"));
        // In HTML there is one as well, and we mean that.
        assert!(!is_svg("a"));
    }
}
