//! Names that are unique in the page, for `id` and what refers to it.

use std::cell::Cell;

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// A fresh name that begins with `prefix`.
pub fn fresh(prefix: &str) -> String {
    let number = NEXT.get();
    NEXT.set(number + 1);
    format!("{prefix}-{number}")
}
