//! Many rows, of which only those in sight are in the page.
//!
//! Which rows are in the page and how much room the others take is reckoned natively, in
//! [`viewport`](crate::listing::viewport); here it is measured and done. Whatever is made or taken
//! away, the row that is being looked at stays where it is.
//!
//! The price: the browser's own search finds only what is in sight, which is why short tables
//! ([`Sight::whole_up_to`]) are in the page as a whole. Printing puts all rows into the page.

use crate::listing::viewport::{ATTEMPTS, Anchor, Spacers, Viewport};
use crate::ui::Node;
use crate::ui::live::Live;
use leptos::html;
use leptos::prelude::*;
use leptos::tachys::view::{Mountable, Render};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

/// A frame that could scroll by less does not, in pixels.
const SLACK: i32 = 4;

/// The rows: each has a number of its own, in ascending order.
pub type Keys = Rc<[u64]>;

/// What is in sight.
pub struct Sight {
    frame: NodeRef<html::Div>,
    body: NodeRef<html::Tbody>,
    row: Rc<dyn Fn(u64) -> Node>,
    /// Whether the page may scroll instead of the frame.
    in_page: bool,
    /// Owns what the rows are made of.
    owner: Owner,
    keys: RefCell<Keys>,
    /// The rows that are in the page, without gaps.
    rows: RefCell<Vec<Row>>,
    /// Which of them are there, and how high they are.
    extent: RefCell<Viewport>,
    marked: Cell<Option<u64>>,
    /// The first and the last row that are to be seen, from 1.
    pub seen: RwSignal<(usize, usize)>,
}

/// A row in the page.
struct Row {
    key: u64,
    live: Live,
    owner: Owner,
}

impl Row {
    fn element(&self) -> Option<HtmlElement> {
        self.live.elements().pop()?.dyn_into().ok()
    }

    fn take_away(mut self) {
        self.live.unmount();
        self.owner.cleanup();
    }
}

fn top_of(element: &Element) -> f64 {
    element.get_bounding_client_rect().top()
}

/// What rows are scrolled in.
struct Scroller {
    element: Element,
    /// Whether it is the page.
    is_page: bool,
}

impl Scroller {
    /// Where what is to be seen begins.
    fn top(&self) -> f64 {
        match self.is_page {
            true => 0.0,
            false => top_of(&self.element),
        }
    }

    /// How much is to be seen.
    fn view(&self) -> f64 {
        f64::from(self.element.client_height())
    }

    fn scrolled(&self) -> f64 {
        f64::from(self.element.scroll_top())
    }
}

impl Sight {
    /// Rows made by `row` in a body, seen through a frame that scrolls.
    pub fn new(
        frame: NodeRef<html::Div>,
        body: NodeRef<html::Tbody>,
        row: Rc<dyn Fn(u64) -> Node>,
    ) -> Self {
        Sight {
            frame,
            body,
            row,
            in_page: false,
            owner: Owner::current().unwrap_or_default(),
            keys: RefCell::new(Rc::new([])),
            rows: RefCell::default(),
            extent: RefCell::default(),
            marked: Cell::new(None),
            seen: RwSignal::new((0, 0)),
        }
    }

    /// Where the frame does not scroll, the page does.
    pub fn in_page(mut self) -> Self {
        self.in_page = true;
        self
    }

    /// Puts all rows into the page as long as there are at most `rows`.
    pub fn whole_up_to(&self, rows: usize) {
        self.extent.borrow_mut().set_whole(rows);
    }

    fn scroller(&self) -> Option<Scroller> {
        let frame = self.frame.get_untracked()?;
        if self.in_page && frame.scroll_height() <= frame.client_height() + SLACK {
            let element = document().document_element()?;
            return Some(Scroller {
                element,
                is_page: true,
            });
        }
        let element = (**frame).clone();
        Some(Scroller {
            element,
            is_page: false,
        })
    }

    /// Shows other rows, or the same with other words.
    pub fn renew(&self, keys: Keys) {
        let place = self.place();
        let index = place.map_or(0, |place| place.index);
        let key = self.keys.borrow().get(index).copied();
        let index = key.map_or(0, |key| keys.partition_point(|other| *other < key));
        let index = index.min(keys.len().saturating_sub(1));
        self.extent.borrow_mut().set_count(keys.len());
        self.keys.replace(keys);
        let y = place.map_or_else(|| self.top(), |place| place.y);
        self.show(Anchor::new(index, y), true);
    }

    /// Makes all rows in sight anew, which may have another height now.
    pub fn again(&self) {
        let place = self.place();
        let place = place.unwrap_or_else(|| Anchor::new(0, self.top()));
        self.extent.borrow_mut().forget_heights();
        self.show(place, true);
    }

    /// Goes to a row, or the next after it, and marks it.
    pub fn go(&self, key: u64, mark: bool) {
        let keys = Rc::clone(&self.keys.borrow());
        let index = keys.partition_point(|other| *other < key);
        let index = index.min(keys.len().saturating_sub(1));
        let Some(key) = keys.get(index) else {
            return;
        };
        if mark {
            self.marked.set(Some(*key));
        }
        if mark || !self.extent.borrow().shown().contains(&index) {
            let y = match self.scroller() {
                Some(scroller) if scroller.is_page => scroller.view() / 3.0,
                _ => self.head(),
            };
            self.show(Anchor::new(index, y), true);
        }
        let element = {
            let rows = self.rows.borrow();
            rows.iter()
                .find(|row| row.key == *key)
                .and_then(Row::element)
        };
        if let Some(element) = element {
            let _ = element.focus();
            // Firefox leaves a row half in sight where it is.
            let nearest = ScrollIntoViewOptions::new();
            nearest.set_block(ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    }

    /// Makes what has come in sight.
    pub fn look(&self) {
        if let Some(place) = self.place() {
            self.show(place, false);
        }
    }

    /// How much of the frame the headings take.
    fn head(&self) -> f64 {
        let Some(scroller) = self.scroller() else {
            return 0.0;
        };
        // The body begins behind them, wherever they are.
        self.top() + scroller.scrolled()
    }

    /// Where the body begins.
    fn top(&self) -> f64 {
        let (Some(scroller), Some(body)) = (self.scroller(), self.body.get_untracked()) else {
            return 0.0;
        };
        top_of(&body) - scroller.top()
    }

    /// The row that a person looks at: the one with the focus, or the first that is to be seen.
    fn place(&self) -> Option<Anchor> {
        let frame = self.scroller()?;
        let count = self.keys.borrow().len();
        let rows = self.rows.borrow();
        if rows.is_empty() || count == 0 {
            return None;
        }
        let (scrolled, view, origin) = (frame.scrolled(), frame.view(), frame.top());
        if frame.is_page {
            let area = self.body.get_untracked()?.get_bounding_client_rect();
            if area.bottom() < 0.0 || area.top() > view {
                // Not what is being looked at.
                return None;
            }
        }
        let focus = document().active_element();
        let begin = self.extent.borrow().shown().start;
        let mut first = None;
        for (number, row) in rows.iter().enumerate() {
            let Some(element) = row.element() else {
                continue;
            };
            let area = element.get_bounding_client_rect();
            let y = area.top() - origin;
            if y >= view || area.bottom() <= origin {
                continue;
            }
            let place = Anchor::new(begin + number, y);
            if element.contains(focus.as_deref()) {
                return Some(place);
            }
            first = first.or(Some(place));
        }
        if first.is_some() {
            return first;
        }
        // Far away from where it was.
        let is_end = scrolled + view + 2.0 >= f64::from(frame.element.scroll_height());
        let extent = self.extent.borrow();
        Some(extent.at(scrolled, self.head(), view, is_end))
    }

    /// Makes the rows around a place, and leaves that where it is. `anew` writes those that are
    /// there again.
    fn show(&self, place: Anchor, anew: bool) {
        let (Some(frame), Some(body)) = (self.scroller(), self.body.get_untracked()) else {
            return;
        };
        let keys = Rc::clone(&self.keys.borrow());
        let view = frame.view();
        // As long as some are left on either side, nothing is done.
        if !anew && self.extent.borrow().covers(place, view) && self.fills(&frame) {
            return self.tell(&frame);
        }
        let mut anew = anew;
        // Where rows are lower than those before, more of them are to be seen.
        for attempt in 0..ATTEMPTS {
            let wanted = self.extent.borrow().wanted(place, view, attempt);
            self.fill(&keys, wanted.clone(), &body, anew);
            anew = false;
            self.hold(place, &frame, &body);
            if self.fills(&frame) {
                break;
            }
        }
        self.tell(&frame);
    }

    /// Whether nothing but rows is in sight, as far as there are any.
    fn fills(&self, frame: &Scroller) -> bool {
        let rows = self.rows.borrow();
        let (Some(first), Some(last)) = (
            rows.first().and_then(Row::element),
            rows.last().and_then(Row::element),
        ) else {
            return true;
        };
        let origin = frame.top();
        let top = top_of(&first) - origin;
        let bottom = last.get_bounding_client_rect().bottom() - origin;
        self.extent.borrow().fills(top, bottom, frame.view())
    }

    /// Puts these rows in the page, and takes the others away.
    fn fill(&self, keys: &Keys, shown: Range<usize>, body: &HtmlElement, anew: bool) {
        let first = shown.start;
        let wanted = &keys[shown.clone()];
        let focus = document().active_element();
        let focused = |row: &Row| {
            let holds = |element: HtmlElement| element.contains(focus.as_deref());
            row.element().is_some_and(holds)
        };
        let leaves = |row: &Row| wanted.binary_search(&row.key).is_err() && focused(row);
        let leaving = self
            .rows
            .borrow()
            .iter()
            .find(|row| leaves(row))
            .map(|row| row.key);
        let leaves = leaving.is_some();
        if leaves
            && let Some(field) = focus
                .as_ref()
                .and_then(|focus| focus.dyn_ref::<HtmlElement>())
        {
            // What was typed counts: fields tell when they are left, not when they are gone.
            let _ = field.blur();
        }
        let before = self.rows.take();
        if before.is_empty() {
            // Those of a table that was in its place before.
            body.set_text_content(None);
        }
        let mut before = before.into_iter().peekable();
        let mut after = Vec::with_capacity(wanted.len());
        for key in wanted {
            while let Some(row) = before.next_if(|row| row.key < *key) {
                row.take_away();
            }
            let mut row = match before.next_if(|row| row.key == *key) {
                Some(row) => {
                    if !anew {
                        after.push(row);
                        continue;
                    }
                    row
                }
                None => {
                    let owner = self.owner.child();
                    let mut live = owner.with(|| untrack(|| (self.row)(*key).build()));
                    let next = before.peek().and_then(Row::element);
                    live.mount(body, next.as_deref().map(|next| next.as_ref()));
                    after.push(Row {
                        key: *key,
                        live,
                        owner,
                    });
                    continue;
                }
            };
            row.owner.cleanup();
            let Row { live, owner, .. } = &mut row;
            owner.with(|| untrack(|| (self.row)(*key).rebuild(live)));
            after.push(row);
        }
        before.for_each(Row::take_away);
        let marked = self.marked.get();
        for (number, row) in after.iter().enumerate() {
            if let Some(element) = row.element() {
                // The names are valid.
                let _ = element.set_attribute("aria-rowindex", &(first + number + 2).to_string());
                let _ = match marked == Some(row.key) {
                    true => element.set_attribute("data-marked", ""),
                    false => element.remove_attribute("data-marked"),
                };
            }
        }
        self.extent.borrow_mut().set_shown(shown);
        self.rows.replace(after);
        if leaves && let Some(frame) = self.frame.get_untracked() {
            // Where moving with keys goes on.
            let index = leaving.unwrap_or_default().to_string();
            let _ = frame.set_attribute("data-left", &index);
            let still = FocusOptions::new();
            still.set_prevent_scroll(true);
            let _ = frame.focus_with_options(&still);
        }
    }

    /// Leaves room for the rows that are not in the page, so that the place stays where it is.
    fn hold(&self, place: Anchor, frame: &Scroller, body: &HtmlElement) {
        let rows = self.rows.borrow();
        let mut extent = self.extent.borrow_mut();
        let (Some(top), Some(last)) = (
            rows.first().and_then(Row::element),
            rows.last().and_then(Row::element),
        ) else {
            leave(body, extent.leave_none());
            return;
        };
        let height = last.get_bounding_client_rect().bottom() - top_of(&top);
        extent.measure(height / rows.len() as f64);
        let first = extent.shown().start;
        let Some(held) = rows
            .get(place.index.saturating_sub(first))
            .and_then(Row::element)
        else {
            return;
        };
        let off = || top_of(&held) - frame.top() - place.y;
        leave(body, extent.hold(off()));
        if place.is_end {
            frame.element.set_scroll_top(frame.element.scroll_height());
            return;
        }
        let off = off();
        if off.abs() >= 1.0 {
            let scrolled = frame.element.scroll_top() + off.round() as i32;
            frame.element.set_scroll_top(scrolled);
        }
    }

    /// Tells which rows are to be seen.
    fn tell(&self, frame: &Scroller) {
        if frame.is_page {
            // Nobody asks.
            return;
        }
        let area = frame.element.get_bounding_client_rect();
        let head = area.top() + self.head().min(area.height());
        let rows = self.rows.borrow();
        let is_seen = |row: &Row| {
            row.element().is_some_and(|element| {
                let row = element.get_bounding_client_rect();
                row.bottom() > head && row.top() < area.bottom()
            })
        };
        let from = rows.iter().position(is_seen).unwrap_or(0);
        let until = rows.iter().rposition(is_seen).unwrap_or(0);
        let first = self.extent.borrow().shown().start + usize::from(!rows.is_empty());
        let seen = (first + from, first + until);
        if self.seen.get_untracked() != seen {
            self.seen.set(seen);
        }
    }
}

/// Leaves room in a body for the rows that are not in the page. What is written has to be laid out anew, so what
/// stands there is not written again: most tables leave none at all. The body may be that of a table before.
fn leave(body: &HtmlElement, room: Spacers) {
    let style = body.style();
    let set = |name: &str, room: f64| {
        let stands = style.get_property_value(name).unwrap_or_default();
        let room = room as u32;
        let wanted = format!("{room}px");
        if stands != wanted && !(room == 0 && stands.is_empty()) {
            // Custom properties take any value.
            let _ = style.set_property(name, &wanted);
        }
    };
    set("--before", room.before);
    set("--after", room.after);
}
