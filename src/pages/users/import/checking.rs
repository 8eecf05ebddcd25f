//! The file: read and checked in slices, corrected in place.

use super::checked::{Checked, FilePhase, Sheet, discard};
use super::decoders::BrowserDecoders;
use super::desk::{Desk, Spot};
use super::memory;
use crate::browser::clock::Breath;
use crate::i18n::errors::Explained;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::alike::Sorting;
use crate::import::columns::HeaderRole;
use crate::import::correct::{Correction, Gathering, Which};
use crate::import::read::{FileProblem, MAX_BYTES, Opening};
use crate::import::table::Table;
use crate::import::validate::{Rules, Severity, Validation};
use crate::session::{Session, learn};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

/// How many rows are done before looking at the clock.
const SLICE: usize = 200;

/// How many bytes are decoded before looking at the clock.
const BYTES: usize = 128 * 1024;

/// The part of the work on a file that decoding it is.
const DECODING: f64 = 0.2;

/// What became of some rows, until all are checked.
struct Unfinished(Option<Validation>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        discard(self.0.take());
    }
}

/// Takes a file on the desk.
pub fn choose(desk: Desk, file: File) {
    desk.clear();
    desk.file_name.set(Some(file.name()));
    desk.reading.take(file);
    read_again(desk);
}

/// Reads the file that is on the desk, as the person says that it is to be read.
pub fn read_again(desk: Desk) {
    let Some(file) = desk.reading.file() else {
        return;
    };
    desk.drop_plan();
    desk.spots.set(Rc::new([]));
    // Their places are those of a table that is not there any more.
    desk.alike.set(Rc::new([]));
    desk.corrected.set(None);
    desk.checked.set_value(None);
    desk.file.set(FilePhase::Reading { rows: 0, part: 0.0 });
    desk.begin(async move {
        let read = match bytes(&file).await {
            Ok(bytes) => read(desk, bytes).await,
            Err(refused) => Err(refused),
        };
        match read {
            Ok(mut table) => {
                memory::recall(&mut table);
                desk.checked.set_value(Some(Checked::unchecked(table)));
                desk.reading.show();
                check(desk).await;
            }
            Err(refused) => {
                desk.reading.show();
                desk.file.set(FilePhase::Refused(refused));
            }
        }
    });
}

/// Takes a column, from 0, for something else, and checks the rows again.
pub fn assign(desk: Desk, column: usize, role: HeaderRole) {
    let Some(checked) = desk.rows() else {
        return;
    };
    {
        let table = &mut checked.0.borrow_mut().table;
        table.assign(column, role);
        memory::keep(table);
    }
    desk.reading.assigned.update(|assigned| *assigned += 1);
    again(desk);
}

/// Answers a question: the value is meant as it stands.
pub fn keep(desk: Desk, row: usize, column: usize) {
    let Some(checked) = desk.rows() else {
        return;
    };
    desk.drop_plan();
    {
        let mut sheet = checked.0.borrow_mut();
        let Sheet { table, validation } = &mut *sheet;
        table.keep(row, column);
        if let Some(validation) = validation {
            validation.recheck(table, row);
        }
    }
    desk.changed.update(|changed| *changed += 1);
    sort_again(desk, checked);
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

async fn read(desk: Desk, bytes: Vec<u8>) -> Result<Table, Explained> {
    let refused = |problem: FileProblem| words::file_problem(&problem);
    let how = desk.reading.how();
    let mut opening = Opening::new(bytes, &how, Rc::new(BrowserDecoders)).map_err(refused)?;
    let mut breath = Breath::begin();
    loop {
        let decoded = opening.decode_some(BYTES);
        // What it may be is known where it cannot be read as well.
        if decoded != Ok(false) {
            desk.reading.offer(opening.offers());
        }
        if decoded.map_err(refused)? {
            break;
        }
        if breath.take().await {
            desk.file.set(FilePhase::Reading {
                rows: 0,
                part: opening.progress() * DECODING,
            });
        }
    }
    let mut reader = opening.finish().map_err(refused)?;
    while !reader.read_some(SLICE).map_err(refused)? {
        if breath.take().await {
            desk.file.set(FilePhase::Reading {
                rows: reader.rows(),
                part: DECODING + reader.progress() * (1.0 - DECODING),
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
        ids: desk.ids.get_untracked(),
    };
    let before = checked.0.borrow_mut().validation.take();
    discard(before);
    let new = Validation::new(&checked.0.borrow().table, rules);
    let mut unfinished = match new {
        Ok(validation) => Unfinished(Some(validation)),
        Err(problem) => {
            desk.file
                .set(FilePhase::Refused(words::file_problem(&problem)));
            return;
        }
    };
    let mut spots = Vec::new();
    let mut breath = Breath::begin();
    while let Some(validation) = &mut unfinished.0 {
        let from = validation.checked();
        let over = validation.check_some(&checked.0.borrow().table, SLICE);
        // Rows that come later give those before them no problems.
        let done = validation.checked();
        (from..done).for_each(|row| add_spots(&mut spots, validation, row));
        if over {
            break;
        }
        if breath.take().await {
            desk.file.set(FilePhase::Checking { done, total });
        }
    }
    checked.0.borrow_mut().validation = unfinished.0.take();
    sort_alike(desk, &checked).await;
    desk.spots.set(spots.into());
    desk.changed.update(|changed| *changed += 1);
    desk.file.set(FilePhase::Ready);
}

/// Says what is wrong in the same way in many cells.
async fn sort_alike(desk: Desk, checked: &Checked) {
    let mut sorting = Sorting::default();
    let mut breath = Breath::begin();
    let mut over = false;
    while !over {
        let looked = checked.with(|table, file| sorting.look_at(table, file, SLICE));
        over = looked.unwrap_or(true);
        breath.take().await;
    }
    // Another file may be on the desk.
    let is_there = desk
        .rows()
        .is_some_and(|rows| Rc::ptr_eq(&rows.0, &checked.0));
    if is_there {
        desk.alike.set(sorting.finish().into());
    }
}

/// Counts anew what is wrong in the same way, after one cell was changed. A plan that is begun meanwhile
/// does not stop it.
fn sort_again(desk: Desk, checked: Checked) {
    if desk.alike.with_untracked(|alike| !alike.is_empty()) {
        spawn_local(async move { sort_alike(desk, &checked).await });
    }
}

/// Corrects many cells at once.
pub fn correct(desk: Desk, which: Which) {
    let Some(checked) = desk.rows() else {
        return;
    };
    desk.drop_plan();
    desk.begin(async move {
        // From now on: a plan that is begun would stop it.
        let total = checked.table(|table| table.rows().len());
        desk.file.set(FilePhase::Checking { done: 0, total });
        let mut gathering = Gathering::new(which);
        let mut breath = Breath::begin();
        while !checked
            .with(|table, file| gathering.look_at(table, file, SLICE))
            .unwrap_or(true)
        {
            breath.take().await;
        }
        let correction = Rc::new(gathering.finish());
        if correction.is_empty() {
            return desk.file.set(FilePhase::Ready);
        }
        correction.apply(&mut checked.0.borrow_mut().table);
        desk.corrected.set(Some(Rc::clone(&correction)));
        look_again(desk, &checked, &correction).await;
    });
}

/// Answers the same question of many cells: their values are meant as they stand.
pub fn keep_all(desk: Desk, which: Which) {
    let Some(checked) = desk.rows() else {
        return;
    };
    desk.drop_plan();
    desk.begin(async move {
        let total = checked.table(|table| table.rows().len());
        desk.file.set(FilePhase::Checking { done: 0, total });
        let mut breath = Breath::begin();
        for row in 0..total {
            {
                let mut sheet = checked.0.borrow_mut();
                let Sheet { table, validation } = &mut *sheet;
                if let Some(validation) = validation
                    && validation.severity(row) >= Some(Severity::Question)
                    && let Some(column) = which.cell(table, validation, row)
                {
                    table.keep(row, column);
                    validation.recheck(table, row);
                }
            }
            if row % SLICE == 0 && breath.take().await {
                desk.file.set(FilePhase::Checking { done: row, total });
            }
        }
        sort_alike(desk, &checked).await;
        list_spots(desk, &checked).await;
        desk.file.set(FilePhase::Ready);
        desk.changed.update(|changed| *changed += 1);
    });
}

/// Takes the last correction of many cells back.
pub fn take_back(desk: Desk) {
    let (Some(checked), Some(correction)) = (desk.rows(), desk.corrected.get_untracked()) else {
        return;
    };
    desk.drop_plan();
    desk.corrected.set(None);
    desk.begin(async move {
        correction.take_back(&mut checked.0.borrow_mut().table);
        look_again(desk, &checked, &correction).await;
    });
}

/// Checks the rows of a correction again. Nobody may plan meanwhile.
async fn look_again(desk: Desk, checked: &Checked, correction: &Correction) {
    let total = correction.changes.len();
    desk.file.set(FilePhase::Checking { done: 0, total });
    let mut breath = Breath::begin();
    for (done, change) in correction.changes.iter().enumerate() {
        {
            let mut sheet = checked.0.borrow_mut();
            let Sheet { table, validation } = &mut *sheet;
            if let Some(validation) = validation {
                validation.recheck(table, change.row);
            }
        }
        if done % SLICE == 0 && breath.take().await {
            desk.file.set(FilePhase::Checking { done, total });
        }
    }
    sort_alike(desk, checked).await;
    list_spots(desk, checked).await;
    desk.file.set(FilePhase::Ready);
    desk.changed.update(|changed| *changed += 1);
}

/// Lists the places that have problems now.
async fn list_spots(desk: Desk, checked: &Checked) {
    let mut spots = Vec::new();
    let mut breath = Breath::begin();
    let rows = checked.table(|table| table.rows().len());
    for from in (0..rows).step_by(SLICE) {
        checked.with(|_, file| {
            (from..rows.min(from + SLICE)).for_each(|row| add_spots(&mut spots, file, row));
        });
        breath.take().await;
    }
    desk.spots.set(spots.into());
}

/// Adds the places of a row that have problems.
fn add_spots(spots: &mut Vec<Spot>, validation: &Validation, row: usize) {
    let places = validation.places(row).into_iter();
    spots.extend(places.map(|place| (row, place)));
}

/// Writes another value into a row, and checks it again. What was wrong stays in the list, so
/// that nothing moves under the person's hands.
pub fn edit(desk: Desk, row: usize, column: usize, value: &str) {
    let Some(checked) = desk.rows() else {
        return;
    };
    desk.drop_plan();
    let mut spots = Vec::new();
    {
        let mut sheet = checked.0.borrow_mut();
        let Sheet { table, validation } = &mut *sheet;
        table.set(row, column, value);
        if let Some(validation) = validation {
            for touched in validation.recheck(table, row) {
                add_spots(&mut spots, validation, touched);
            }
        }
    }
    let shown = desk.spots.get_untracked();
    let mut all: Option<Vec<Spot>> = None;
    for spot in spots {
        if let Err(at) = all.as_deref().unwrap_or(&shown).binary_search(&spot) {
            all.get_or_insert_with(|| shown.to_vec()).insert(at, spot);
        }
    }
    if let Some(all) = all {
        desk.spots.set(all.into());
    }
    desk.changed.update(|changed| *changed += 1);
    sort_again(desk, checked);
}
