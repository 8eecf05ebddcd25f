//! A CSV file becomes users.
//!
//! | file | step |
//! |---|---|
//! | [`run`] | carries the plan out, safely |

pub mod run;
