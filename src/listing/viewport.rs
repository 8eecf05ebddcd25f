//! Of many rows, those that are worth having in the page, and how much room the others take.
//!
//! Rows are as high as what they say, so the height of those that are not in the page is an
//! estimate. One row is held: whatever is made or taken away around it, it stays where it is.
//! All lengths are in pixels of the page.

use std::ops::Range;

/// How many rows are in the page beyond those in sight, on either side.
const AROUND: usize = 8;
/// How often rows are added before a frame is left as it is. It would take rows that are a
/// hundred times lower than those before.
pub const ATTEMPTS: u32 = 6;
/// How high a row is supposed to be before one has been measured.
const HEIGHT: f64 = 48.0;
/// Rows that are lower have not been laid out yet.
const LEAST_HEIGHT: f64 = 8.0;
/// Browsers have no boxes higher than some 17 million pixels.
const HIGHEST: f64 = 8_000_000.0;

/// A row that stays where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor {
    /// The number of the row, from 0.
    pub index: usize,
    /// How far its upper edge is below that of the frame.
    pub y: f64,
    /// Whether the end of the table is what is looked at.
    pub is_end: bool,
}

impl Anchor {
    /// The row of this number, this far below the upper edge of the frame.
    pub fn new(index: usize, y: f64) -> Self {
        Anchor {
            index,
            y,
            is_end: false,
        }
    }
}

/// The room that is left for rows that are not in the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacers {
    pub before: f64,
    pub after: f64,
}

/// Which of the rows are in the page, and what is known of the height of all.
///
/// ```
/// use synapse_admin::listing::viewport::{Anchor, Viewport};
///
/// let mut rows = Viewport::default();
/// rows.set_count(100_000);
/// // Row 500 at the upper edge of a frame that shows 480 pixels: ten rows, and some around.
/// assert_eq!(rows.wanted(Anchor::new(500, 0.0), 480.0, 0), 492..519);
/// ```
#[derive(Clone, Debug)]
pub struct Viewport {
    count: usize,
    /// Up to how many rows are all in the page.
    whole: usize,
    /// The rows that are in the page.
    shown: Range<usize>,
    /// The room that is left before them.
    before: f64,
    /// How high a row is, on average of those measured last.
    height: f64,
    /// How much room is left for a row that is not in the page, as was first measured; `None`
    /// until one has been.
    space: Option<f64>,
}

impl Default for Viewport {
    fn default() -> Self {
        Viewport {
            count: 0,
            whole: 0,
            shown: 0..0,
            before: 0.0,
            height: HEIGHT,
            space: None,
        }
    }
}

impl Viewport {
    /// Says how many rows there are.
    pub fn set_count(&mut self, count: usize) {
        self.count = count;
    }

    /// Puts tables of up to `rows` rows into the page as a whole.
    pub fn set_whole(&mut self, rows: usize) {
        self.whole = rows;
    }

    /// The rows that are in the page.
    pub fn shown(&self) -> Range<usize> {
        self.shown.clone()
    }

    /// Says which rows are in the page now.
    pub fn set_shown(&mut self, shown: Range<usize>) {
        self.shown = shown;
    }

    /// Forgets how high rows are: they are shown in another way now.
    pub fn forget_heights(&mut self) {
        self.space = None;
    }

    /// The rows to have in the page so that a frame of the height `view` is full, and some more
    /// on either side. Where rows turn out to be lower than those measured before, more of them
    /// are in sight: each further `attempt`, counted from 0, takes twice as many more.
    pub fn wanted(&self, place: Anchor, view: f64, attempt: u32) -> Range<usize> {
        self.around(place, view, AROUND << attempt.min(ATTEMPTS))
    }

    /// Whether the rows in the page fill a frame of the height `view`, as far as there are rows.
    /// `top` and `bottom` are where they begin and end, seen from its upper edge.
    pub fn fills(&self, top: f64, bottom: f64, view: f64) -> bool {
        (self.shown.start == 0 || top <= 0.0) && (self.shown.end == self.count || bottom >= view)
    }

    /// Whether enough of the rows around a place are in the page already: half of what
    /// [`Viewport::wanted`] would add may be used up. Nothing needs to be done as long as they are
    /// where the frame is, too ([`Viewport::fills`]): the room that was left for others need not
    /// be as high as these are.
    pub fn covers(&self, place: Anchor, view: f64) -> bool {
        let needed = self.around(place, view, AROUND / 2);
        self.space.is_some() && self.shown.start <= needed.start && self.shown.end >= needed.end
    }

    fn around(&self, place: Anchor, view: f64, extra: usize) -> Range<usize> {
        if self.count <= self.whole {
            return 0..self.count;
        }
        let above = (place.y.max(0.0) / self.height).ceil() as usize + extra;
        let below = ((view - place.y).max(0.0) / self.height).ceil() as usize + extra;
        let last = self.count.saturating_sub(1);
        let index = place.index.min(last);
        // Where rows end below the place, those above it fill the frame.
        let missing = (index + below).saturating_sub(last);
        index.saturating_sub(above + missing)..(index + below + 1).min(self.count)
    }

    /// Takes notice of the average height of the rows in the page. What has not been laid out yet
    /// has none.
    pub fn measure(&mut self, height: f64) {
        if height >= LEAST_HEIGHT {
            self.height = height;
            self.space.get_or_insert(height);
        }
    }

    /// How much room a row that is not in the page takes: less than it would need where all
    /// together would be higher than a browser can show.
    fn space(&self) -> f64 {
        let space = self.space.unwrap_or(0.0);
        space.min(HIGHEST / self.count.max(1) as f64)
    }

    /// How much room to leave before and after the rows in the page, where the row that is held
    /// stands `off` below its place. Where the estimate allows it, this brings the row back to
    /// its place; otherwise the rest has to be scrolled.
    pub fn hold(&mut self, off: f64) -> Spacers {
        let space = self.space();
        let due = self.shown.start as f64 * space;
        // With just this much, nothing needs to be scrolled.
        let fitting = self.before - off;
        let is_near = fitting >= 0.0 && (fitting - due).abs() <= (due / 4.0).max(400.0);
        let before = match self.shown.start {
            0 => 0.0,
            _ if is_near => fitting,
            _ => due,
        };
        let behind = self.count.saturating_sub(self.shown.end);
        self.before = before.round();
        Spacers {
            before: self.before,
            after: (behind as f64 * space).round(),
        }
    }

    /// Leaves no room: there are no rows.
    pub fn leave_none(&mut self) -> Spacers {
        self.before = 0.0;
        Spacers {
            before: 0.0,
            after: 0.0,
        }
    }

    /// The place of a scroll position of which no row is in the page. `head` is how much of the
    /// frame stands before the first row; `end` is said where nothing is left to be scrolled.
    pub fn at(&self, scrolled: f64, head: f64, view: f64, end: bool) -> Anchor {
        let last = self.count.saturating_sub(1);
        if end {
            return Anchor {
                index: last,
                y: view - self.height,
                is_end: true,
            };
        }
        // Never zero, so that every position has its row.
        let space = self.space.unwrap_or(0.0).max(1.0);
        let index = ((scrolled - head).max(0.0) / space) as usize;
        let index = index.min(last);
        Anchor::new(index, index as f64 * space + head - scrolled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A table in a frame, as a browser would lay it out: rows of any height, and room before and
    /// after those in the page.
    struct Frame {
        heights: Vec<f64>,
        head: f64,
        view: f64,
        scrolled: f64,
        room: Spacers,
        rows: Viewport,
    }

    impl Frame {
        fn new(heights: Vec<f64>, view: f64, whole: usize) -> Self {
            let mut rows = Viewport::default();
            rows.set_count(heights.len());
            rows.set_whole(whole);
            Frame {
                heights,
                head: 32.0,
                view,
                scrolled: 0.0,
                room: Spacers {
                    before: 0.0,
                    after: 0.0,
                },
                rows,
            }
        }

        fn in_page(&self) -> f64 {
            self.heights[self.rows.shown()].iter().sum()
        }

        fn most(&self) -> f64 {
            let height = self.head + self.room.before + self.in_page() + self.room.after;
            (height - self.view).max(0.0)
        }

        /// The upper edge of a row in the page, seen from the frame.
        fn y(&self, index: usize) -> f64 {
            let first = self.rows.shown().start;
            let above: f64 = self.heights[first..index].iter().sum();
            self.head + self.room.before + above - self.scrolled
        }

        /// What is looked at: the first row in sight, or else what the position says.
        fn place(&self) -> Anchor {
            let seen = self.rows.shown().find(|index| {
                let y = self.y(*index);
                y < self.view && y + self.heights[*index] > 0.0
            });
            match seen {
                Some(index) => Anchor::new(index, self.y(index)),
                None => {
                    let is_end = self.scrolled + 2.0 >= self.most();
                    self.rows.at(self.scrolled, self.head, self.view, is_end)
                }
            }
        }

        /// Puts the rows around a place into the page, as the table does.
        fn show(&mut self, place: Anchor) {
            for attempt in 0..ATTEMPTS {
                let shown = self.rows.wanted(place, self.view, attempt);
                self.rows.set_shown(shown.clone());
                let height = self.in_page() / shown.len() as f64;
                self.rows.measure(height);
                let off = self.y(place.index) - place.y;
                self.room = self.rows.hold(off);
                if place.is_end {
                    self.scrolled = self.most();
                } else {
                    let off = self.y(place.index) - place.y;
                    self.scrolled = (self.scrolled + off).clamp(0.0, self.most());
                }
                if self.is_full() {
                    break;
                }
            }
        }

        fn is_full(&self) -> bool {
            let shown = self.rows.shown();
            let bottom = self.y(shown.end - 1) + self.heights[shown.end - 1];
            self.rows.fills(self.y(shown.start), bottom, self.view)
        }

        fn scroll(&mut self, to: f64) -> Anchor {
            self.scrolled = to.clamp(0.0, self.most());
            let place = self.place();
            if !self.rows.covers(place, self.view) || !self.is_full() {
                self.show(place);
            }
            place
        }
    }

    #[test]
    fn small_tables_are_in_the_page_as_a_whole() {
        let mut rows = Viewport::default();
        rows.set_whole(200);
        rows.set_count(200);
        assert_eq!(rows.wanted(Anchor::new(100, 0.0), 300.0, 0), 0..200);
        rows.set_count(201);
        assert_eq!(rows.wanted(Anchor::new(100, 0.0), 480.0, 0), 92..119);
    }

    #[test]
    fn a_million_rows_fit_into_what_a_browser_can_show() {
        let mut rows = Viewport::default();
        rows.set_count(1_000_000);
        rows.set_shown(0..27);
        rows.measure(48.0);
        let room = rows.hold(0.0);
        assert!(room.after <= HIGHEST, "{room:?}");
    }

    #[test]
    fn what_is_not_laid_out_has_no_height() {
        let mut rows = Viewport::default();
        rows.set_count(1_000);
        rows.set_shown(0..30);
        rows.measure(0.0);
        assert!(!rows.covers(Anchor::new(0, 0.0), 300.0));
        rows.measure(20.0);
        assert!(rows.covers(Anchor::new(0, 0.0), 300.0));
        rows.forget_heights();
        assert!(!rows.covers(Anchor::new(0, 0.0), 300.0));
    }

    proptest! {
        #[test]
        fn the_row_that_is_looked_at_is_in_the_page(
            count in 1_usize..2_000,
            index in 0_usize..2_000,
            y in -500.0..2_000.0,
            view in 0.0..3_000.0,
            height in 8.0..300.0,
        ) {
            let mut rows = Viewport::default();
            rows.set_count(count);
            rows.measure(height);
            let place = Anchor::new(index, y);
            let wanted = rows.wanted(place, view, 0);
            prop_assert!(wanted.contains(&index.min(count - 1)), "{wanted:?}");
            prop_assert!(wanted.end <= count);
            // Enough is left around it that a little scrolling needs nothing new.
            rows.set_shown(wanted.clone());
            prop_assert!(rows.covers(place, view));
        }

        #[test]
        fn scrolling_shows_every_row_and_moves_none(
            heights in prop::collection::vec(20.0..200.0, 1..600),
            view in 100.0..1_500.0,
            whole in 0_usize..100,
            scrolls in prop::collection::vec(-2_000.0..2_000.0, 1..40),
        ) {
            let count = heights.len();
            let mut frame = Frame::new(heights.iter().map(|h: &f64| h.round()).collect(), view, whole);
            frame.show(Anchor::new(0, frame.head));
            for by in scrolls {
                let place = frame.scroll(frame.scrolled + by);
                // The row that is looked at stands where it stood when it came in sight, unless
                // the table ends there.
                let y = frame.y(place.index);
                let at_an_end = frame.scrolled <= 0.5 || frame.scrolled + 0.5 >= frame.most();
                prop_assert!(
                    at_an_end || (y - place.y).abs() < 1.0,
                    "{place:?} is at {y}, {:?}", frame.rows
                );
                let shown = frame.rows.shown();
                prop_assert!(frame.room.before >= 0.0 && frame.room.after >= 0.0);
                prop_assert!(shown.start > 0 || frame.room.before == 0.0);
                prop_assert!(shown.end < count || frame.room.after == 0.0);
                prop_assert!(frame.is_full(), "{:?}", frame.rows);
            }
        }

        #[test]
        fn the_end_can_be_reached(
            heights in prop::collection::vec(20.0..200.0, 1..600),
            view in 100.0..1_500.0,
        ) {
            let count = heights.len();
            let mut frame = Frame::new(heights, view, 0);
            frame.show(Anchor::new(0, frame.head));
            for _ in 0..count + 10 {
                frame.scroll(f64::MAX);
            }
            prop_assert_eq!(frame.rows.shown().end, count);
            let bottom = frame.y(count - 1) + frame.heights[count - 1];
            prop_assert!(bottom <= view + 1.0 || frame.most() == 0.0, "{}", bottom);
        }

        #[test]
        fn every_position_has_its_row(
            count in 1_usize..100_000,
            height in 8.0..300.0,
            a in 0.0..9_000_000.0,
            b in 0.0..9_000_000.0,
        ) {
            let mut rows = Viewport::default();
            rows.set_count(count);
            rows.measure(height);
            let (a, b): (f64, f64) = if a <= b { (a, b) } else { (b, a) };
            let (first, second) = (rows.at(a, 32.0, 600.0, false), rows.at(b, 32.0, 600.0, false));
            prop_assert!(first.index <= second.index && second.index < count);
            // Its upper edge is where its room begins.
            let due = first.index as f64 * height + 32.0 - a;
            prop_assert!((first.y - due).abs() < 0.01);
        }
    }
}
