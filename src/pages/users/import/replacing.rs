//! What makes another table of the file: asked about first where a person has corrected it.

use super::checking;
use super::desk::Desk;
use crate::i18n::t;
use crate::import::read::ReadAs;
use crate::operations::{Confirmation, Operations, Proposal};
use leptos::prelude::{GetUntracked, UpdateValue};
use std::rc::Rc;
use web_sys::File;

/// Takes another file, or the same one again.
pub fn take(desk: Desk, file: File) {
    let name = file.name();
    let question = [
        t::import_other_file_title(),
        t::import_other_file_text(&name),
        t::import_other_file_action(),
    ];
    ask(desk, question, move || checking::choose(desk, file.clone()));
}

/// Reads the file as the person says.
pub fn read(desk: Desk, change: impl Fn(&mut ReadAs) + 'static) {
    let question = [
        t::import_read_again_title(),
        t::import_read_again_text(),
        t::import_read_again_action(),
    ];
    ask(desk, question, move || {
        desk.reading.how.update_value(&change);
        checking::read_again(desk);
    });
}

/// Does it once the person has agreed to lose what they have corrected, if they have.
fn ask(desk: Desk, [title, sentence, action]: [String; 3], run: impl Fn() + 'static) {
    let is_corrected = desk.is_corrected.get_untracked();
    if is_corrected {
        // Until they have answered, the controls show how the table was read that is there.
        desk.reading.show();
    }
    Operations::get().propose(Proposal {
        title,
        sentence,
        facts: Vec::new(),
        action,
        danger: true,
        confirmation: match is_corrected {
            true => Confirmation::Click,
            false => Confirmation::None,
        },
        fields: None,
        run: Rc::new(run),
    });
}
