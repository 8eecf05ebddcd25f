//! How it stands with an item, in a form that outlives the page.

use super::{Fate, Reason};
use crate::api::ApiError;
use serde::{Deserialize, Serialize};

/// So many characters a browser keeps for a tab, as far as one can count on it: Safari takes half of what
/// others do, and the activity log is there as well.
const ROOM: usize = 2_000_000;

/// So many characters it takes at most to keep how it stands with an item that has not failed.
const PER_ITEM: usize = 16;

/// Whether a browser will have room for a job of so many items with an order of so many characters, in which
/// a part are quotes and kept as two.
pub fn fits(order: usize, items: usize) -> bool {
    order + order / 4 + items * PER_ITEM <= ROOM
}

/// How it stood with an item when the page was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stood {
    /// Not begun, or waiting for another try.
    Open,
    /// A request was under way, or its answer was lost.
    UnderWay,
    /// Waiting for another try; what was sent before may have been carried out, whatever the answer.
    Unsure,
    /// Done; with whether it can be taken back.
    Done(bool),
    /// Left out, for the reason with this number in [`Reason::ALL`].
    LeftOut(usize),
    Failed(Failure),
    Unknown(Failure),
    NotDone,
}

/// An error as it is kept: which it is, and what is in it. To read an [`ApiError`] itself would take
/// twenty kilobytes of code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure(u8, u32, String, String);

impl Failure {
    /// What is kept of an error.
    pub fn of(error: &ApiError) -> Self {
        match error {
            ApiError::Matrix {
                status,
                errcode,
                message,
            } => Failure(1, u32::from(*status), errcode.clone(), message.clone()),
            ApiError::NotMatrix {
                status,
                content_type,
                excerpt,
            } => Failure(2, u32::from(*status), content_type.clone(), excerpt.clone()),
            ApiError::Unreachable { url, detail } => Failure(3, 0, url.clone(), detail.clone()),
            ApiError::TimedOut { after_ms } => Failure(4, *after_ms, String::new(), String::new()),
            ApiError::Undecodable {
                json_path, message, ..
            } => Failure(5, 0, json_path.clone(), message.clone()),
            ApiError::Unsupported { status, message } => {
                Failure(6, u32::from(*status), String::new(), message.clone())
            }
            // What a job ends with is none of these: it waits, or a person puts it right.
            ApiError::Cancelled
            | ApiError::RateLimited { .. }
            | ApiError::TokenRefused { .. }
            | ApiError::TokenMissing { .. }
            | ApiError::NotAdmin { .. } => Failure(0, 0, String::new(), String::new()),
        }
    }

    fn again(self) -> ApiError {
        let Failure(kind, number, first, second) = self;
        let status = u16::try_from(number).unwrap_or_default();
        match kind {
            1 => ApiError::Matrix {
                status,
                errcode: first,
                message: second,
            },
            2 => ApiError::NotMatrix {
                status,
                content_type: first,
                excerpt: second,
            },
            3 => ApiError::Unreachable {
                url: first,
                detail: second,
            },
            4 => ApiError::TimedOut { after_ms: number },
            5 => ApiError::Undecodable {
                json_path: first,
                message: second,
                excerpt: String::new(),
            },
            6 => ApiError::Unsupported {
                status,
                message: second,
            },
            _ => ApiError::Cancelled,
        }
    }
}

impl Stood {
    /// Of an item that has met this fate; if it has met none it stands as `open` says.
    pub fn of(fate: Option<&Fate>, undoable: bool, open: Stood) -> Self {
        match fate {
            None => open,
            Some(Fate::Done) => Stood::Done(undoable),
            Some(Fate::LeftOut(reason)) => {
                let number = Reason::ALL.iter().position(|other| other == reason);
                Stood::LeftOut(number.unwrap_or_default())
            }
            Some(Fate::Failed(error)) => Stood::Failed(Failure::of(error)),
            Some(Fate::Unknown(error)) => Stood::Unknown(Failure::of(error)),
            Some(Fate::NotDone) => Stood::NotDone,
        }
    }

    /// The fate that was met; `None` of what is open.
    pub fn fate(self) -> Option<Fate> {
        Some(match self {
            Stood::Open | Stood::UnderWay | Stood::Unsure => return None,
            Stood::Done(_) => Fate::Done,
            Stood::LeftOut(number) => Fate::LeftOut(
                Reason::ALL
                    .get(number)
                    .copied()
                    .unwrap_or(Reason::Unchanged),
            ),
            Stood::Failed(failure) => Fate::Failed(failure.again()),
            Stood::Unknown(failure) => Fate::Unknown(failure.again()),
            Stood::NotDone => Fate::NotDone,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_has_no_room_for_does_not_fit() {
        assert!(fits(300, 1));
        // Ten thousand small items, and a hundred thousand.
        assert!(fits(10_000 * 100, 10_000));
        assert!(!fits(100_000 * 100, 100_000));
        let longest = serde_json::to_string(&Stood::LeftOut(99)).unwrap();
        assert!(longest.len() < PER_ITEM);
    }

    #[test]
    fn how_it_stood_is_read_again() {
        let refused = ApiError::Matrix {
            status: 403,
            errcode: "M_FORBIDDEN".to_owned(),
            message: "no".to_owned(),
        };
        let fates = [
            Some(Fate::Done),
            Some(Fate::LeftOut(Reason::Gone)),
            Some(Fate::Failed(refused)),
            Some(Fate::Failed(ApiError::TimedOut { after_ms: 60_000 })),
            Some(Fate::Unknown(ApiError::Cancelled)),
            Some(Fate::NotDone),
            None,
        ];
        for fate in fates {
            for (undoable, open) in [
                (false, Stood::Open),
                (true, Stood::UnderWay),
                (true, Stood::Unsure),
            ] {
                let stood = Stood::of(fate.as_ref(), undoable, open);
                let json = serde_json::to_string(&stood).unwrap();
                let again: Stood = serde_json::from_str(&json).unwrap();
                assert_eq!(again, stood);
                assert_eq!(again.fate(), fate);
            }
        }
        // As earlier versions have kept it.
        let kept = r#"["Open","UnderWay",{"Done":true},{"LeftOut":0},"NotDone"]"#;
        let kept: Vec<Stood> = serde_json::from_str(kept).unwrap();
        let read = [
            Stood::Open,
            Stood::UnderWay,
            Stood::Done(true),
            Stood::LeftOut(0),
            Stood::NotDone,
        ];
        assert_eq!(kept, read);
    }
}
