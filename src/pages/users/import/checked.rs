//! The file as it was read, and what became of its rows.

use crate::browser::clock::Breath;
use crate::i18n::errors::Explained;
use crate::import::table::Table;
use crate::import::validate::Validation;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How many rows are freed before looking at the clock.
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
pub struct Checked(pub(super) Rc<RefCell<Sheet>>);

/// A table and what became of its rows.
pub struct Sheet {
    pub table: Table,
    pub validation: Option<Validation>,
}

impl Checked {
    /// A table that is not checked, or was in an earlier import.
    pub fn unchecked(table: Table) -> Self {
        Checked(Rc::new(RefCell::new(Sheet {
            table,
            validation: None,
        })))
    }

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

impl Drop for Sheet {
    fn drop(&mut self) {
        discard(self.validation.take());
    }
}

/// Frees the memory bit by bit: for 100,000 rows it takes longer than a person should wait.
pub(super) fn discard(validation: Option<Validation>) {
    let Some(validation) = validation else {
        return;
    };
    spawn_local(async move {
        let mut rest = validation.discard();
        let mut breath = Breath::begin();
        while rest.by_ref().take(SLICE).count() > 0 {
            breath.take().await;
        }
    });
}
