//! How grave a change is.

/// How much a change takes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Another change puts everything back.
    Reversible,
    /// Adds something that stays, and takes nothing away: a message, a membership.
    Adding,
    /// What is gone is gone.
    Irreversible,
}
