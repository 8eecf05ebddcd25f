//! Whether it is the one or other thing that does not answer, or the server.

use crate::api::ApiError;

/// After so many on end it is not the one or other that is broken.
const ON_END: u32 = 12;

/// Counts the things on end of which nothing was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures(u32);

impl Failures {
    /// One has answered.
    pub fn end(&mut self) {
        self.0 = 0;
    }

    /// One more has failed with this. Whether there is no hope for the others.
    pub fn are_hopeless(&mut self, error: &ApiError) -> bool {
        // What the server says itself, it says of the one thing.
        self.0 += u32::from(!matches!(error, ApiError::Matrix { .. }));
        self.0 == ON_END
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_gives_hope() {
        let silent = ApiError::TimedOut { after_ms: 60_000 };
        let no = ApiError::Matrix {
            status: 500,
            errcode: "M_UNKNOWN".to_owned(),
            message: String::new(),
        };
        let mut failures = Failures::default();
        for _ in 1..ON_END {
            assert!(!failures.are_hopeless(&silent));
        }
        failures.end();
        for _ in 1..ON_END {
            assert!(!failures.are_hopeless(&silent));
            assert!(!failures.are_hopeless(&no));
        }
        assert!(failures.are_hopeless(&silent));
    }
}
