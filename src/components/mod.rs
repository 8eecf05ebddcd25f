//! The building blocks of the pages. They know nothing of Matrix.

pub mod storage;
