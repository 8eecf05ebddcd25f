//! Numbers for what is asked about the same thing again and again.

use leptos::prelude::*;

/// Numbers the questions about one thing, so that an answer which a later question has overtaken is not
/// shown. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Questions {
    /// The last that was asked, and the last that was answered.
    last: StoredValue<(u32, u32)>,
}

impl Questions {
    /// Nothing has been asked.
    pub fn new() -> Self {
        Questions {
            last: StoredValue::new((0, 0)),
        }
    }

    /// The number of a question that is asked now.
    pub fn ask(self) -> u32 {
        self.last
            .try_update_value(|(asked, _)| {
                *asked += 1;
                *asked
            })
            .unwrap_or_default()
    }

    /// Notes that this one is answered. Whether the answer is to be shown: nothing has been asked since,
    /// and the page is there.
    pub fn is_answered(self, number: u32) -> bool {
        let is_last = self.is_last(number);
        if is_last {
            self.last.update_value(|(_, answered)| *answered = number);
        }
        is_last
    }

    /// Whether nothing has been asked since this one, and the page is there.
    pub fn is_last(self, number: u32) -> bool {
        self.last
            .try_with_value(|(asked, _)| *asked == number)
            .unwrap_or_default()
    }

    /// Whether an answer is still to come.
    pub fn is_open(self) -> bool {
        self.last
            .try_with_value(|(asked, answered)| asked != answered)
            .unwrap_or_default()
    }
}

impl Default for Questions {
    fn default() -> Self {
        Self::new()
    }
}
