//! Many rows, of which only those in sight are in the page.
//!
//! Rows are as high as what they say. The room of those that are not there is estimated, and
//! whatever is made or taken away, the row that is being looked at stays where it is.
//!
//! The price: the browser's own search finds only what is in sight, which is why short tables
//! ([`Sight::whole_up_to`]) are in the page as a whole. Printing puts all rows into the page.

use crate::ui::Node;
use crate::ui::live::Live;
use leptos::html;
use leptos::prelude::*;
use leptos::tachys::view::{Mountable, Render};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

/// How many rows are there beyond those in sight, on either side.
const AROUND: usize = 8;
/// How high a row is supposed to be before one has been seen, in pixels.
const HEIGHT: f64 = 48.0;
/// Browsers have no boxes higher than some 17 million pixels.
const HIGHEST: f64 = 8_000_000.0;
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
    /// Up to how many rows are all in the page.
    whole: Cell<usize>,
    /// Owns what the rows are made of.
    owner: Owner,
    keys: RefCell<Keys>,
    /// The rows that are in the page, without gaps.
    rows: RefCell<Vec<Row>>,
    /// The place of the first of them.
    first: Cell<usize>,
    /// The room that is left before them.
    before: Cell<f64>,
    /// How high a row is, on average of those seen last.
    height: Cell<f64>,
    /// How much room is left for a row that is not in the page; 0 until one has been.
    space: Cell<f64>,
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

/// A row that stays where it is.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    /// How far its upper edge is below that of the frame.
    y: f64,
    /// Whether the end of the table is what is looked at.
    is_end: bool,
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
            whole: Cell::new(0),
            owner: Owner::current().unwrap_or_default(),
            keys: RefCell::new(Rc::new([])),
            rows: RefCell::default(),
            first: Cell::new(0),
            before: Cell::new(0.0),
            height: Cell::new(HEIGHT),
            space: Cell::new(0.0),
            marked: Cell::new(None),
            seen: RwSignal::new((0, 0)),
        }
    }

    /// Where the frame does not scroll, the page does.
    pub fn in_page(mut self) -> Self {
        self.in_page = true;
        self
    }

    /// Up to so many rows are all in the page.
    pub fn whole_up_to(&self, rows: usize) {
        self.whole.set(rows);
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
        self.keys.replace(keys);
        let place = Place {
            index,
            y: place.map_or_else(|| self.top(), |place| place.y),
            is_end: false,
        };
        self.show(place, true);
    }

    /// Makes all rows in sight anew, which may have another height now.
    pub fn again(&self) {
        let top = Place {
            index: 0,
            y: self.top(),
            is_end: false,
        };
        let place = self.place().unwrap_or(top);
        self.space.set(0.0);
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
        if mark || !(self.first.get()..self.first.get() + self.rows.borrow().len()).contains(&index)
        {
            let y = match self.scroller() {
                Some(scroller) if scroller.is_page => scroller.view() / 3.0,
                _ => self.head(),
            };
            self.show(
                Place {
                    index,
                    y,
                    is_end: false,
                },
                true,
            );
        }
        let element = {
            let rows = self.rows.borrow();
            rows.iter()
                .find(|row| row.key == *key)
                .and_then(Row::element)
        };
        if let Some(element) = element {
            let _ = element.focus();
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
    fn place(&self) -> Option<Place> {
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
            let place = Place {
                index: self.first.get() + number,
                y,
                is_end: false,
            };
            if element.contains(focus.as_deref()) {
                return Some(place);
            }
            first = first.or(Some(place));
        }
        if first.is_some() {
            return first;
        }
        // Far away from where it was.
        if scrolled + view + 2.0 >= f64::from(frame.element.scroll_height()) {
            return Some(Place {
                index: count - 1,
                y: view - self.height.get(),
                is_end: true,
            });
        }
        let (head, space) = (self.head(), self.space.get().max(1.0));
        let index = ((scrolled - head).max(0.0) / space) as usize;
        let index = index.min(count - 1);
        Some(Place {
            index,
            y: index as f64 * space + head - scrolled,
            is_end: false,
        })
    }

    /// Makes the rows around a place, and leaves that where it is. `anew` writes those that are
    /// there again.
    fn show(&self, place: Place, anew: bool) {
        let (Some(frame), Some(body)) = (self.scroller(), self.body.get_untracked()) else {
            return;
        };
        let keys = Rc::clone(&self.keys.borrow());
        let view = frame.view();
        let room = |before: usize, behind: usize| {
            if keys.len() <= self.whole.get() {
                return (0, keys.len());
            }
            let height = self.height.get();
            let above = (place.y.max(0.0) / height).ceil() as usize + before;
            let below = ((view - place.y).max(0.0) / height).ceil() as usize + behind;
            let first = place.index.saturating_sub(above);
            (first, (place.index + below + 1).min(keys.len()))
        };
        // As long as some are left on either side, nothing is done.
        let (first, end) = room(AROUND / 2, AROUND / 2);
        let (from, until) = (
            self.first.get(),
            self.first.get() + self.rows.borrow().len(),
        );
        if !anew && from <= first && until >= end && self.space.get() > 0.0 {
            return self.tell(&frame);
        }
        let mut anew = anew;
        // Where rows are lower than those before, more of them are to be seen.
        for _ in 0..3 {
            let (first, end) = room(AROUND, AROUND);
            self.fill(&keys, first, end, &body, anew);
            anew = false;
            self.hold(place, &frame, &body, keys.len());
            let last = self.rows.borrow().last().and_then(Row::element);
            let bottom = last.map_or(f64::MAX, |last| last.get_bounding_client_rect().bottom());
            if end == keys.len() || bottom >= frame.top() + view {
                break;
            }
        }
        self.tell(&frame);
    }

    /// Puts the rows from `first` to before `end` in the page, and takes the others away.
    fn fill(&self, keys: &Keys, first: usize, end: usize, body: &HtmlElement, anew: bool) {
        let wanted = &keys[first..end];
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
        self.first.set(first);
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
    fn hold(&self, place: Place, frame: &Scroller, body: &HtmlElement, count: usize) {
        let rows = self.rows.borrow();
        let (Some(top), Some(last)) = (
            rows.first().and_then(Row::element),
            rows.last().and_then(Row::element),
        ) else {
            self.leave(body, 0.0, 0.0);
            return;
        };
        let height = (last.get_bounding_client_rect().bottom() - top_of(&top)) / rows.len() as f64;
        // Nothing has a height before it is laid out.
        if height >= 8.0 {
            self.height.set(height);
            if self.space.get() == 0.0 {
                self.space.set(height);
            }
        }
        let space = self.space.get().min(HIGHEST / count.max(1) as f64);
        let first = self.first.get();
        let Some(held) = rows
            .get(place.index.saturating_sub(first))
            .and_then(Row::element)
        else {
            return;
        };
        let off = || top_of(&held) - frame.top() - place.y;
        // With just this much, nothing needs to be scrolled.
        let fitting = self.before.get() - off();
        let due = first as f64 * space;
        let is_near = fitting >= 0.0 && (fitting - due).abs() <= (due / 4.0).max(400.0);
        let before = match first {
            0 => 0.0,
            _ if is_near => fitting,
            _ => due,
        };
        let after = (count - first - rows.len()) as f64 * space;
        self.leave(body, before, after);
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

    fn leave(&self, body: &HtmlElement, before: f64, after: f64) {
        let (before, after) = (before.round(), after.round());
        self.before.set(before);
        let set = |name: &str, room: f64| {
            // Custom properties take any value.
            let _ = body
                .style()
                .set_property(name, &format!("{}px", room as u32));
        };
        set("--before", before);
        set("--after", after);
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
        let first = self.first.get() + usize::from(!rows.is_empty());
        let seen = (first + from, first + until);
        if self.seen.get_untracked() != seen {
            self.seen.set(seen);
        }
    }
}
