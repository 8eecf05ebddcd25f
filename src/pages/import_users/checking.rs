//! The file: read and checked in slices, corrected in place.

use super::desk::{Breath, Desk, Spot};
use crate::i18n::errors::Explained;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::read::{FileProblem, MAX_BYTES, Reader, Table};
use crate::import::validate::{Rules, Validation};
use crate::session::{Session, learn};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// How many rows are done before looking at the clock.
const SLICE: usize = 200;

/// How far the file is.
#[derive(Clone)]
pub enum FilePhase {
    None,
    /// Rows read so far, and which part of the file that is.
    Reading {
        rows: usize,
        part: f64,
    },
    Checking {
        done: usize,
        total: usize,
    },
    /// It cannot be imported at all.
    Refused(Explained),
    Ready,
}

/// A table and what became of its rows. Copies are the same.
#[derive(Clone)]
pub struct Checked(Rc<RefCell<Sheet>>);

/// A table and what became of its rows.
pub struct Sheet {
    pub table: Table,
    pub validation: Option<Validation>,
}

impl Checked {
    /// Looks at it. Nothing in `look` may change it.
    pub fn with<T>(&self, look: impl FnOnce(&Table, &Validation) -> T) -> Option<T> {
        let sheet = self.0.borrow();
        let validation = sheet.validation.as_ref()?;
        Some(look(&sheet.table, validation))
    }

    /// Looks at the table.
    pub fn table<T>(&self, look: impl FnOnce(&Table) -> T) -> T {
        look(&self.0.borrow().table)
    }
}

/// Takes a file on the desk.
pub fn choose(desk: Desk, file: File) {
    desk.clear();
    desk.file_name.set(Some(file.name()));
    desk.file.set(FilePhase::Reading { rows: 0, part: 0.0 });
    desk.begin(async move {
        let read = match bytes(&file).await {
            Ok(bytes) => read(desk, &bytes).await,
            Err(refused) => Err(refused),
        };
        match read {
            Ok(table) => {
                let sheet = Sheet {
                    table,
                    validation: None,
                };
                desk.checked
                    .set_value(Some(Checked(Rc::new(RefCell::new(sheet)))));
                check(desk).await;
            }
            Err(refused) => desk.file.set(FilePhase::Refused(refused)),
        }
    });
}

async fn bytes(file: &File) -> Result<Vec<u8>, Explained> {
    let size = file.size();
    if size > MAX_BYTES as f64 {
        return Err(words::file_problem(&FileProblem::TooLarge {
            bytes: size as usize,
            limit: MAX_BYTES,
        }));
    }
    match JsFuture::from(file.array_buffer()).await {
        Ok(buffer) => Ok(js_sys::Uint8Array::new(&buffer).to_vec()),
        Err(_) => Err(Explained {
            sentence: t::import_file_gone(),
            hint: t::import_file_gone_hint(),
            details: String::new(),
        }),
    }
}

async fn read(desk: Desk, bytes: &[u8]) -> Result<Table, Explained> {
    let refused = |problem: FileProblem| words::file_problem(&problem);
    let mut reader = Reader::open(bytes).map_err(refused)?;
    let mut breath = Breath::begin();
    while !reader.read_some(SLICE).map_err(refused)? {
        if breath.take().await {
            desk.file.set(FilePhase::Reading {
                rows: reader.rows(),
                part: reader.progress(),
            });
        }
    }
    reader.finish().map_err(refused)
}

/// Checks the rows again, after an option was changed.
pub fn again(desk: Desk) {
    desk.drop_plan();
    if desk.rows().is_some() {
        desk.begin(check(desk));
    }
}

async fn check(desk: Desk) {
    let (Some(checked), Some(server_name)) = (desk.rows(), Session::get().server_name()) else {
        return;
    };
    let total = checked.table(|table| table.rows().len());
    desk.file.set(FilePhase::Checking { done: 0, total });
    // Without an answer, the newest server is supposed; the plan will ask again.
    let server = learn::capabilities()
        .await
        .unwrap_or_else(|_| Session::get().capabilities_now());
    let rules = Rules {
        server_name,
        server,
        ids: desk.id_source(),
    };
    let new = Validation::new(&checked.0.borrow().table, rules);
    let mut validation = match new {
        Ok(validation) => validation,
        Err(problem) => {
            checked.0.borrow_mut().validation = None;
            desk.file
                .set(FilePhase::Refused(words::file_problem(&problem)));
            return;
        }
    };
    let mut breath = Breath::begin();
    loop {
        let over = validation.check_some(&checked.0.borrow().table, SLICE);
        if over {
            break;
        }
        if breath.take().await {
            let done = validation.checked();
            desk.file.set(FilePhase::Checking { done, total });
        }
    }
    checked.0.borrow_mut().validation = Some(validation);
    desk.spots.set(spots(&checked).into());
    desk.changed.update(|changed| *changed += 1);
    desk.file.set(FilePhase::Ready);
}

/// The places of all problems.
fn spots(checked: &Checked) -> Vec<Spot> {
    let found = checked.with(|table, validation| {
        let mut spots: Vec<Spot> = Vec::new();
        for row in (0..validation.checked()).filter(|row| validation.severity(*row).is_some()) {
            for problem in validation.problems(table, row) {
                spots.push((row, problem.place.column.map(|column| column - 1)));
            }
        }
        spots.sort_unstable();
        spots.dedup();
        spots
    });
    found.unwrap_or_default()
}

/// Writes another value into a row, and checks it again. What was wrong stays in the list, so
/// that nothing moves under the person's hands.
pub fn edit(desk: Desk, row: usize, column: usize, value: &str) {
    let Some(checked) = desk.rows() else {
        return;
    };
    desk.drop_plan();
    {
        let mut sheet = checked.0.borrow_mut();
        let Sheet { table, validation } = &mut *sheet;
        table.set(row, column, value);
        if let Some(validation) = validation {
            validation.recheck(table, row);
        }
    }
    let mut all = spots(&checked);
    desk.spots
        .with_untracked(|shown| all.extend(shown.iter().copied()));
    all.sort_unstable();
    all.dedup();
    desk.spots.set(all.into());
    desk.changed.update(|changed| *changed += 1);
}
