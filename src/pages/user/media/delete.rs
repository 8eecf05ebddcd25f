//! Deleting files for good.

use super::{Shelf, name_of};
use crate::api::media::{self, MediaFile};
use crate::components::list::Picked;
use crate::i18n::{format, t};
use crate::operations::{Confirmation, Operations, Proposal, Target, TargetJob};
use leptos::prelude::GetValue;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// Says what would be deleted, and does it once confirmed.
pub fn propose(shelf: Shelf, files: Rc<[MediaFile]>, picked: Option<Picked>) {
    if files.is_empty() {
        return;
    }
    let count = files.len() as u64;
    let run = {
        let files = Rc::clone(&files);
        move || {
            if let Some(picked) = picked {
                picked.clear();
            }
            start(shelf, Rc::clone(&files));
        }
    };
    Operations::get().propose(Proposal {
        title: t::user_media_delete_question(count),
        sentence: t::user_media_delete_sentence(),
        facts: facts(shelf, &files),
        action: t::media_delete_count(count),
        danger: true,
        confirmation: Confirmation::Type(count.to_string()),
        fields: None,
        run: Rc::new(run),
    });
}

fn facts(shelf: Shelf, files: &[MediaFile]) -> Vec<(String, String)> {
    let number = |count: usize| format::number(count as f64);
    let bytes: u64 = files.iter().filter_map(|file| file.media_length).sum();
    let mut facts = match files {
        [file] => vec![(t::media_column_file(), name_of(file))],
        _ => vec![(t::user_files(), number(files.len()))],
    };
    facts.push((t::user_bytes(), format::bytes(bytes)));
    let mut flag = |name: fn() -> String, count: usize| {
        if count > 0 {
            facts.push((name(), number(count)));
        }
    };
    let quarantined = files.iter().filter(|file| file.quarantined_by.is_some());
    flag(t::user_media_of_them_quarantined, quarantined.count());
    let protected = files.iter().filter(|file| file.safe_from_quarantine);
    flag(t::user_media_of_them_protected, protected.count());
    let avatar = shelf.avatar.get_value();
    if let Some(file) = files
        .iter()
        .find(|file| avatar.as_ref().is_some_and(|uri| *uri == shelf.uri(file)))
    {
        facts.push((t::user_media_is_avatar(), name_of(file)));
    }
    facts
}

fn start(shelf: Shelf, files: Rc<[MediaFile]>) {
    let server = shelf.server();
    let targets = files
        .iter()
        .map(|file| Target {
            name: format!("{} ({})", shelf.uri(file), name_of(file)),
            call: media::delete(&server, &file.media_id).call,
        })
        .collect();
    let deleted: Rc<RefCell<HashSet<usize>>> = Rc::default();
    TargetJob::new(t::media_delete_count(files.len() as u64), targets)
        .missing_is_done()
        .reading({
            let deleted = Rc::clone(&deleted);
            move |index, _| {
                deleted.borrow_mut().insert(index);
                Ok(())
            }
        })
        .on_end(move |job| {
            let deleted = deleted.borrow();
            let bytes = deleted
                .iter()
                .filter_map(|index| files.get(*index)?.media_length)
                .sum();
            job.set_result(t::media_deleted_result(
                deleted.len() as u64,
                &format::bytes(bytes),
            ));
            shelf.refresh();
        })
        .start();
}
