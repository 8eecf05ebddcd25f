//! What holds for the steps together.

use crate::api::exchange::Random;
use std::cell::Cell;

/// Chance that is the same every time (xorshift64*).
pub(super) struct Dice(Cell<u64>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Dice(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut state = self.0.get();
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            self.0.set(state);
            *byte = (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8;
        }
    }
}
