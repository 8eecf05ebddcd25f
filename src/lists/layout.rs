//! How wide the columns are: measured in the page, for `listing/widths.rs` to decide.

use super::state::ListState;
use crate::listing::widths::{Tracks, Width, tracks};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The room for check boxes, in rem.
const CHECK_REM: f64 = 2.75;

/// What it takes to lay the columns out.
#[derive(Clone, Copy)]
pub struct Layout {
    state: ListState,
    /// The columns that are shown.
    shown: Memo<Vec<usize>>,
    body: NodeRef<html::Tbody>,
    /// How wide the widest cell was that each of them has had: on the next page of rows they stay
    /// where they are.
    natural: StoredValue<Vec<f64>>,
}

impl Layout {
    /// Of a table whose rows stand in `body`.
    pub fn new(state: ListState, shown: Memo<Vec<usize>>, body: NodeRef<html::Tbody>) -> Self {
        Layout {
            state,
            shown,
            body,
            natural: StoredValue::default(),
        }
    }

    /// Begins anew with other columns.
    pub fn forget(self) {
        self.natural.set_value(Vec::new());
        self.write(&self.unmeasured(), 0.0);
    }

    fn unmeasured(self) -> Vec<Width> {
        let spec = self.state.spec();
        self.shown.with_untracked(|shown| {
            let of = shown.iter().map(|index| spec.columns[*index].unmeasured());
            of.collect()
        })
    }

    fn has_checks(self) -> bool {
        self.state.spec().bulk.is_some()
    }

    /// The column of the check boxes.
    fn check(self) -> String {
        match self.has_checks() {
            true => format!("{CHECK_REM}rem "),
            false => String::new(),
        }
    }

    fn table(self) -> Option<HtmlElement> {
        let body = self.body.try_get_untracked()??;
        body.parent_element()?.dyn_into().ok()
    }

    fn write(self, widths: &[Width], room: f64) {
        let Some(table) = self.table() else { return };
        let Tracks { columns, least } = tracks(widths, room);
        let check = self.check();
        let check_rem = if self.has_checks() { CHECK_REM } else { 0.0 };
        let style = table.style();
        let _ = style.set_property("--columns", &format!("{check}{columns}"));
        let _ = style.set_property("--table-min", &format!("calc({least} + {check_rem}rem)"));
    }

    /// Measures headings and cells, and makes the columns as wide as they need. The list may be gone,
    /// or be cards, which have no columns.
    pub fn lay_out(self) {
        let Some(table) = self.table() else { return };
        let head = table.query_selector("thead > tr").ok().flatten();
        let Some(head) = head.filter(|head| head.client_width() > 1) else {
            return;
        };
        let mut widths = self.unmeasured();
        // For a moment each row is as wide as it would like to be.
        let checks = usize::from(self.has_checks());
        let all = format!("{} repeat({}, max-content)", self.check(), widths.len());
        let _ = table.style().set_property("--columns", &all);
        for (width, heading) in widths.iter_mut().zip(cells(&head).skip(checks)) {
            width.heading = heading;
        }
        let mut natural = self.natural.get_value();
        let body = self.body.get_untracked();
        let mut row = body.and_then(|body| body.first_element_child());
        while let Some(this) = row {
            natural.resize(widths.len(), 0.0);
            for (most, cell) in natural.iter_mut().zip(cells(&this).skip(checks)) {
                *most = most.max(cell);
            }
            row = this.next_element_sibling();
        }
        for (width, content) in widths.iter_mut().zip(&natural) {
            width.content = Some(*content);
        }
        self.natural.set_value(natural);
        self.write(&widths, room(&head, checks));
    }
}

/// The room that a row has for columns, in pixels: without the check box and what it keeps free at both
/// ends.
fn room(row: &Element, checks: usize) -> f64 {
    let Some(first) = row.first_element_child() else {
        return 0.0;
    };
    let (whole, first) = (
        row.get_bounding_client_rect(),
        first.get_bounding_client_rect(),
    );
    let before = (first.left() - whole.left()).min(whole.right() - first.right());
    let check = if checks > 0 { first.width() } else { 0.0 };
    whole.width() - 2.0 * before - check
}

/// How wide the cells of a row are, in pixels.
fn cells(row: &Element) -> impl Iterator<Item = f64> {
    let next = |cell: &Element| cell.next_element_sibling();
    std::iter::successors(row.first_element_child(), next)
        .map(|cell| cell.get_bounding_client_rect().width().ceil())
}
