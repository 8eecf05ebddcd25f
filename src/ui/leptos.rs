//! A node as a view of Leptos. What has to do with making HTML on a server is never called here.

use super::live::Live;
use super::node::Node;
use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::{AddAnyAttr, Render, RenderHtml};
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};

impl Render for Node {
    type State = Live;

    fn build(self) -> Live {
        Live::build(self)
    }

    fn rebuild(self, state: &mut Live) {
        state.update(self);
    }
}

impl AddAnyAttr for Node {
    type Output<New: Attribute> = Node;

    fn add_any_attr<New: Attribute>(self, _: New) -> Node {
        // Only `attr:…` and `{..}` on components lead here, and our `view!` refuses both.
        self
    }
}

impl RenderHtml for Node {
    type AsyncOutput = Node;
    type Owned = Node;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Node {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Live {
        Live::build(self)
    }

    fn into_owned(self) -> Node {
        self
    }
}
