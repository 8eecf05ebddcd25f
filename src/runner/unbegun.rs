//! Which items of a run are still to be begun, for whoever keeps these.

use std::collections::BTreeSet;

/// The items of a run that are still to be begun, by their places in it. One that has to wait may be
/// overtaken by others.
#[derive(Clone, Debug, Default)]
pub struct Unbegun {
    items: Vec<usize>,
    open: BTreeSet<usize>,
}

impl Unbegun {
    /// These, in the order in which they are begun.
    pub fn new(items: Vec<usize>) -> Self {
        let open = (0..items.len()).collect();
        Unbegun { items, open }
    }

    /// This item need not be begun any more. Answers with the first place that is open: nothing before it
    /// is.
    pub fn passes(&mut self, item: usize) -> usize {
        if let Some(place) = self.items.iter().position(|other| *other == item) {
            self.open.remove(&place);
        }
        self.open.first().copied().unwrap_or(self.items.len())
    }

    /// Whether nothing is to be begun.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_overtaken_is_still_to_be_begun() {
        // As a retry has them: first those that failed, then those that were not done.
        let mut unbegun = Unbegun::new(vec![7, 250, 100, 101]);
        assert!(!unbegun.is_empty());
        assert_eq!(unbegun.passes(250), 0);
        assert_eq!(unbegun.passes(7), 2);
        // Twice is once, and what is none of them changes nothing.
        assert_eq!(unbegun.passes(7), 2);
        assert_eq!(unbegun.passes(3), 2);
        assert_eq!(unbegun.passes(100), 3);
        assert!(!unbegun.is_empty());
        assert_eq!(unbegun.passes(101), 4);
        assert!(unbegun.is_empty() && Unbegun::default().is_empty());
    }
}
