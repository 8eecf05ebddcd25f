//! What can be done to files of the media repository: the table of actions, what each leaves
//! alone, what undoes it. No browser, no requests; `pages::media::files` carries it out.

use crate::actions::{About, Group, Reversibility, Spares, Verdict, actions};
use crate::api::tolerant::Timestamp;
use crate::api::{Call, MxcUri, media};
use crate::i18n::t;
use crate::media::StoredFile;
use crate::runner::Reason;

actions! {
    /// A change of files.
    Quarantine,
    Unquarantine,
    Protect,
    Unprotect,
    Delete,
}

impl Action {
    /// What puts it back.
    pub fn inverse(self) -> Option<Action> {
        Some(match self {
            Action::Quarantine => Action::Unquarantine,
            Action::Unquarantine => Action::Quarantine,
            Action::Protect => Action::Unprotect,
            Action::Unprotect => Action::Protect,
            Action::Delete => return None,
        })
    }

    /// The row of this action in the table of actions on files.
    pub fn about(self) -> &'static About {
        match self {
            Action::Quarantine => &About {
                label: t::user_media_quarantine,
                sentence: t::user_media_quarantine_sentence,
                more: None,
                one: t::user_media_quarantine_one,
                many: t::user_media_quarantine_count,
                icon: "quarantine",
                group: Group::Content,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Unquarantine => &About {
                label: t::user_media_unquarantine,
                sentence: t::user_media_unquarantine_text,
                more: None,
                one: t::user_media_unquarantine_one,
                many: t::user_media_unquarantine_count,
                icon: "undo",
                group: Group::Content,
                reversibility: Reversibility::Reversible,
                question: false,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Protect => &About {
                label: t::user_media_protect,
                sentence: t::user_media_protect_text,
                more: None,
                one: t::user_media_protect_one,
                many: t::user_media_protect_count,
                icon: "shield",
                group: Group::Content,
                reversibility: Reversibility::Reversible,
                question: false,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Unprotect => &About {
                label: t::user_media_unprotect,
                sentence: t::user_media_unprotect_text,
                more: None,
                one: t::user_media_unprotect_one,
                many: t::user_media_unprotect_count,
                icon: "unlock",
                group: Group::Content,
                reversibility: Reversibility::Reversible,
                question: false,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Delete => &About {
                label: t::user_media_delete,
                sentence: t::user_media_delete_sentence,
                more: None,
                one: t::media_delete_one,
                many: t::media_delete_count,
                icon: "trash",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: true,
                asks: true,
            },
        }
    }

    /// The request that does it.
    pub fn call(self, uri: &MxcUri) -> Call {
        match self {
            Action::Quarantine => media::quarantine(&uri.server, &uri.media_id).call,
            Action::Unquarantine => media::unquarantine(&uri.server, &uri.media_id).call,
            Action::Protect => media::protect(&uri.media_id).call,
            Action::Unprotect => media::unprotect(&uri.media_id).call,
            Action::Delete => media::delete(&uri.server, &uri.media_id).call,
        }
    }
}

/// Why a file is left alone, as far as is known of it. The server quarantines no protected files
/// and says nothing about it; copies of other servers' files can be neither protected nor deleted
/// one by one.
pub fn spared(action: Action, file: &StoredFile) -> Option<Reason> {
    // Of a file of which only the address is known nobody can tell.
    let is_quarantined = file.created.map(|_| file.quarantined_by.is_some());
    let unless = |so: bool| so.then_some(Reason::Unchanged);
    let here = || (!file.is_local).then_some(Reason::Elsewhere);
    match action {
        Action::Quarantine if file.is_protected == Some(true) => Some(Reason::Protected),
        Action::Quarantine => unless(is_quarantined == Some(true)),
        Action::Unquarantine => unless(is_quarantined == Some(false)),
        Action::Protect => here().or_else(|| unless(file.is_protected == Some(true))),
        Action::Unprotect => here().or_else(|| unless(file.is_protected == Some(false))),
        Action::Delete => here(),
    }
}

/// What is to become of a file: `listed` as it was picked, `now` as the server has it right
/// before, if it can tell. `unused_since`: it was picked because nobody had used it since then.
pub fn verdict(
    action: Action,
    listed: &StoredFile,
    now: Option<&StoredFile>,
    unused_since: Option<Timestamp>,
) -> Verdict {
    if let Some(reason) = spared(action, now.unwrap_or(listed)) {
        return Verdict::Leave(reason);
    }
    if let (Action::Delete, Some(now)) = (action, now)
        && let Some(reason) = not_meant(listed, now, unused_since)
    {
        return Verdict::Leave(reason);
    }
    Verdict::Go {
        undoable: now.is_some() && action.inverse().is_some(),
    }
}

/// Why a file that was picked to be deleted is not meant any more: nobody takes back what is gone.
fn not_meant(
    listed: &StoredFile,
    now: &StoredFile,
    unused_since: Option<Timestamp>,
) -> Option<Reason> {
    // Of a file of which only the address was known nobody has seen that it was in no quarantine.
    let was_free = listed.created.is_some() && listed.quarantined_by.is_none();
    if listed.is_protected == Some(false) && now.is_protected == Some(true) {
        return Some(Reason::Protected);
    }
    if was_free && now.quarantined_by.is_some() {
        return Some(Reason::ChangedSince);
    }
    let is_used = unused_since.is_some_and(|since| now.last_use() >= Some(since));
    is_used.then_some(Reason::InUse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(change: impl Fn(&mut StoredFile)) -> StoredFile {
        let uri = MxcUri::parse("mxc://b.org/a").unwrap();
        let mut file = StoredFile::unknown(uri, true);
        file.created = Some(Timestamp(1_700_000_000_000));
        file.is_protected = Some(false);
        change(&mut file);
        file
    }

    #[test]
    fn undo_needs_the_servers_word() {
        let plain = file(|_| ());
        let unknown = StoredFile::unknown(plain.uri.clone(), true);
        for action in [Action::Quarantine, Action::Protect] {
            let go = |undoable| Verdict::Go { undoable };
            assert_eq!(verdict(action, &unknown, Some(&plain), None), go(true));
            assert_eq!(verdict(action, &unknown, None, None), go(false));
            assert_eq!(verdict(action, &plain, None, None), go(false));
        }
    }

    #[test]
    fn what_others_have_done_since_the_list_is_seen() {
        let plain = file(|_| ());
        let held = file(|file| file.quarantined_by = Some("@mod:b.org".into()));
        let safe = file(|file| file.is_protected = Some(true));
        let left = Verdict::Leave;
        assert_eq!(
            verdict(Action::Quarantine, &plain, Some(&held), None),
            left(Reason::Unchanged)
        );
        assert_eq!(
            verdict(Action::Quarantine, &plain, Some(&safe), None),
            left(Reason::Protected)
        );
        assert_eq!(
            verdict(Action::Delete, &plain, Some(&safe), None),
            left(Reason::Protected)
        );
        // Whoever picks a protected file means it.
        let go = Verdict::Go { undoable: false };
        assert_eq!(verdict(Action::Delete, &safe, Some(&safe), None), go);
        // Nor is deleted what somebody has put into quarantine to look into it, unless it was in sight.
        assert_eq!(
            verdict(Action::Delete, &plain, Some(&held), None),
            left(Reason::ChangedSince)
        );
        assert_eq!(verdict(Action::Delete, &held, Some(&held), None), go);
        let unknown = StoredFile::unknown(plain.uri.clone(), true);
        assert_eq!(verdict(Action::Delete, &unknown, Some(&held), None), go);
    }

    #[test]
    fn what_was_used_since_is_not_deleted_for_being_unused() {
        let since = Timestamp(1_750_000_000_000);
        let listed = file(|_| ());
        let used = |at: i64| file(|file| file.last_access = Some(Timestamp(at)));
        let of = |now: &StoredFile, since| verdict(Action::Delete, &listed, Some(now), since);
        let go = Verdict::Go { undoable: false };
        assert_eq!(of(&listed, Some(since)), go);
        assert_eq!(of(&used(since.0 - 1), Some(since)), go);
        assert_eq!(
            of(&used(since.0), Some(since)),
            Verdict::Leave(Reason::InUse)
        );
        // Whoever picks a file by anything else means it, used or not.
        assert_eq!(of(&used(since.0), None), go);
        // What the server does not tell is not held against anybody.
        assert_eq!(verdict(Action::Delete, &listed, None, Some(since)), go);
        let quarantine = Action::Quarantine;
        let go = Verdict::Go { undoable: true };
        assert_eq!(
            verdict(quarantine, &listed, Some(&used(since.0)), Some(since)),
            go
        );
    }

    #[test]
    fn copies_of_other_servers_are_neither_protected_nor_deleted() {
        let copy = file(|file| file.is_local = false);
        for action in [Action::Protect, Action::Unprotect, Action::Delete] {
            assert_eq!(spared(action, &copy), Some(Reason::Elsewhere));
        }
        assert_eq!(spared(Action::Quarantine, &copy), None);
    }

    #[test]
    fn undoing_twice_is_doing() {
        for action in Action::ALL {
            assert!(action.about().asks);
            match action.inverse() {
                Some(inverse) => assert_eq!(inverse.inverse(), Some(action)),
                None => assert!(action.about().is_grave()),
            }
        }
    }
}
