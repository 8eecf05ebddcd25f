//! How fast it goes, and how long it will take.

use std::collections::VecDeque;

/// How far back the rate looks, in milliseconds.
const LOOK_BACK_MS: u64 = 20_000;

/// The least time between two notes, in milliseconds.
const GRAIN_MS: u64 = 250;

/// So long nothing is said about the rate, in milliseconds.
const SILENCE_MS: u64 = 1_500;

/// The rate of the last seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Speed {
    /// When how many were settled. The first note is the base, the last one may be young.
    notes: VecDeque<(u64, usize)>,
}

impl Speed {
    /// So many are settled now.
    pub fn note(&mut self, now_ms: u64, settled: usize) {
        let young = self.notes.len() > 1 && self.notes[self.notes.len() - 2].0 + GRAIN_MS > now_ms;
        if young {
            self.notes.pop_back();
        }
        self.notes.push_back((now_ms, settled));
        while self.notes.len() > 2 && self.notes[1].0 + LOOK_BACK_MS < now_ms {
            self.notes.pop_front();
        }
    }

    /// Forgets what was measured; measuring starts anew.
    pub fn forget(&mut self) {
        self.notes.clear();
    }

    /// Items per second, once enough is known.
    pub fn per_second(&self) -> Option<f64> {
        let (first, last) = (self.notes.front()?, self.notes.back()?);
        let ms = last.0.saturating_sub(first.0);
        let items = last.1.saturating_sub(first.1);
        (ms >= SILENCE_MS && items >= 2).then(|| items as f64 * 1000.0 / ms as f64)
    }
}
