//! A CSV file becomes users.
//!
//! | file | step |
//! |---|---|
//! | [`read`] | bytes → a [`table`] of rows with their lines |
//! | [`decode`] | bytes → text; [`encodings`] those from before Unicode, [`foreign`] what is no CSV |
//! | `layout`, `cursor` | where the header is, what stands between fields; fields and rows |
//! | [`matching`] | what its columns are taken for; [`columns`] what there is, `names` under which names, `guess` before anybody has looked |
//! | [`characters`], [`programs`], `escapes` | what nobody sees, and what programs write |
//! | [`validate`] | row → candidate or problems, each with its line and column |
//! | [`alike`] | what is wrong in the same way in many cells |
//! | [`correct`] | many cells changed at once, and back |
//! | [`plan`] | candidates and what the server has → what will happen to each row |
//! | [`refusal`] | what nobody may change of an account from a file, for the plan and for the run |
//! | [`task`], [`outcome`] | what is to be done for a row, and what became of it |
//! | [`asking`] | for how long what the server has said serves for another plan, how much may be missing |
//! | [`question`] | what is asked before it is carried out |
//! | [`run`] | carries the plan out, safely |
//! | [`journal`] | what it writes down meanwhile, so that another can go on |
//! | [`record`] | what is kept of an import beside its journal |
//! | [`save_error`] | why that does not work |
//! | [`results`] | what became of every row |
//! | [`report`] | the same as CSV |
//! | [`passwords`] | passwords and IDs made up here |
//!
//! Nothing here asks a server but [`run`], and nothing makes a sentence.

pub mod alike;
pub mod asking;
pub mod characters;
pub mod columns;
pub mod correct;
mod cursor;
pub mod decode;
pub mod encodings;
mod escapes;
pub mod foreign;
mod guess;
pub mod journal;
mod layout;
pub mod matching;
mod names;
pub mod outcome;
pub mod passwords;
pub mod plan;
pub mod programs;
pub mod question;
pub mod read;
pub mod record;
pub mod refusal;
pub mod report;
pub mod results;
pub mod run;
pub mod save_error;
pub mod table;
pub mod task;
pub mod validate;

#[cfg(test)]
mod files;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
