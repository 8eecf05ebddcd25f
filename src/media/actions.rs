//! What can be done to files of the media repository: the table of actions, what each leaves
//! alone, what undoes it. No browser, no requests; `pages::media::files` carries it out.

use crate::actions::{About, Group, Reversibility, Spares, Verdict, actions};
use crate::api::tolerant::Timestamp;
use crate::api::{Call, MxcUri, UserId, media};
use crate::i18n::t;
use crate::media::{FileChange, GoneFile, StoredFile};
use crate::runner::{Fate, Reason};

/// How many files are deleted one by one at most. A job keeps of each what it is, its name, its request, what
/// became of it and its row of the report: some two kilobytes. A page has the memory of a phone, a browser
/// never gives back what it once had, and the list that they were found in is there beside.
pub const MOST_ONE_BY_ONE: usize = 100_000;

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
                // What the same content brings with it may be what somebody else has hidden.
                question: true,
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
    let is_quarantined = file.told(file.quarantined_by.is_some()).value();
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

/// Whether an action may hit other files of the same content than these: the server goes by what it
/// knows of each file's content.
pub fn takes_along(action: Action, files: &[StoredFile]) -> bool {
    let may_have_others = |file: &StoredFile| file.content.is_some() || file.untold.is_some();
    matches!(action, Action::Quarantine | Action::Unquarantine) && files.iter().any(may_have_others)
}

/// How many of these files the server is asked about right before something is done to them. `tells`: it
/// tells of a file by itself ([`Feature::MediaInfo`](crate::api::server::Feature::MediaInfo)). An older one
/// tells of the files of an owner only, and of a file of which only the address is known nobody knows whose
/// it is: who decides about it has to know that.
pub fn asked_before(files: &[StoredFile], tells: bool) -> usize {
    let is_asked = |file: &&StoredFile| tells || (file.is_local && file.owner.is_some());
    files.iter().filter(is_asked).count()
}

/// What whoever keeps lists of this server's files is to know of what has become of one. `is_sent`: if
/// it was not done, it may have been all the same. `by` is who does it.
pub fn happened(
    action: Action,
    file: &StoredFile,
    fate: &Fate,
    is_sent: bool,
    by: Option<UserId>,
) -> Vec<FileChange> {
    let id = || file.uri.media_id.clone();
    let mut changes = match (action, fate) {
        // Nobody knows whether the statistics still counted it.
        (_, Fate::LeftOut(Reason::Gone)) => vec![FileChange::Gone(GoneFile::id(id()))],
        (Action::Delete, Fate::Done) => vec![FileChange::Gone(GoneFile::of(file))],
        (Action::Protect, Fate::Done) => vec![FileChange::Protected(id(), true)],
        (Action::Unprotect, Fate::Done) => vec![FileChange::Protected(id(), false)],
        (Action::Quarantine | Action::Unquarantine, Fate::Done) if file.untold.is_none() => {
            let by = by.filter(|_| action == Action::Quarantine);
            let others = file.content.map(|content| {
                // Copies of other servers' files take along those of this one.
                FileChange::QuarantinedContent(content, by.clone())
            });
            let one = FileChange::Quarantined(id(), by);
            [Some(one), others].into_iter().flatten().collect()
        }
        // Nor is it known what was quarantined with a file of which only the address is.
        (_, Fate::Done) => vec![FileChange::UnsureFile(id())],
        _ if is_sent => vec![FileChange::UnsureFile(id())],
        _ => Vec::new(),
    };
    if !file.is_local {
        // An ID of another server's may be one of ours as well.
        changes.retain(|change| matches!(change, FileChange::QuarantinedContent(..)));
    }
    changes
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
    if action == Action::Delete {
        let reason = match now {
            Some(now) => not_meant(listed, now, unused_since),
            // Its owner has no list any more. Of one without an owner the question has said that nobody can
            // be asked.
            None => listed.owner.is_some().then_some(Reason::NotAsked),
        };
        if let Some(reason) = reason {
            return Verdict::Leave(reason);
        }
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
    let was_free = listed.untold.is_none() && listed.quarantined_by.is_none();
    // Nor that it was not protected.
    if listed.is_protected != Some(true) && now.is_protected == Some(true) {
        return Some(Reason::Protected);
    }
    if was_free && now.quarantined_by.is_some() {
        return Some(Reason::ChangedSince);
    }
    // Somebody has let it go, or what was awaited has come, which nobody has seen.
    let is_let_go = listed.quarantined_by.is_some() && now.quarantined_by.is_none();
    if is_let_go || listed.is_pending && !now.is_pending {
        return Some(Reason::ChangedSince);
    }
    let is_used = unused_since.is_some_and(|since| now.last_use() >= Some(since));
    is_used.then_some(Reason::InUse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Why;
    use crate::media::Fingerprint;

    fn untold(uri: MxcUri) -> StoredFile {
        StoredFile::unknown(uri, true, Why::TooOld)
    }

    fn file(change: impl Fn(&mut StoredFile)) -> StoredFile {
        let uri = MxcUri::parse("mxc://b.org/a").unwrap();
        let mut file = untold(uri);
        file.untold = None;
        file.created = Some(Timestamp(1_700_000_000_000));
        file.is_protected = Some(false);
        change(&mut file);
        file
    }

    #[test]
    fn undo_needs_the_servers_word() {
        let plain = file(|_| ());
        let unknown = untold(plain.uri.clone());
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
        // Nor what was picked in quarantine and is out of it, nor what was not there yet when it was picked.
        let changed = left(Reason::ChangedSince);
        assert_eq!(verdict(Action::Delete, &held, Some(&plain), None), changed);
        let awaited = file(|file| file.is_pending = true);
        assert_eq!(
            verdict(Action::Delete, &awaited, Some(&plain), None),
            changed
        );
        assert_eq!(verdict(Action::Delete, &awaited, Some(&awaited), None), go);
        let unknown = untold(plain.uri.clone());
        assert_eq!(verdict(Action::Delete, &unknown, Some(&held), None), go);
        // Nobody has seen that it is protected.
        assert_eq!(
            verdict(Action::Delete, &unknown, Some(&safe), None),
            left(Reason::Protected)
        );
    }

    #[test]
    fn what_was_to_be_asked_about_is_not_deleted_unasked() {
        let of_al = file(|file| file.owner = UserId::parse("@al:b.org"));
        let since = Some(Timestamp(1_750_000_000_000));
        // The list of its owner is not there any more.
        for since in [None, since] {
            let verdict = verdict(Action::Delete, &of_al, None, since);
            assert_eq!(verdict, Verdict::Leave(Reason::NotAsked));
        }
        // What can be taken back is done all the same.
        let go = |undoable| Verdict::Go { undoable };
        assert_eq!(verdict(Action::Quarantine, &of_al, None, None), go(false));
        // The question has said that this one is not asked about.
        let unknown = untold(of_al.uri.clone());
        assert_eq!(verdict(Action::Delete, &unknown, None, None), go(false));
        let files = [of_al, unknown];
        assert_eq!(asked_before(&files, false), 1);
        assert_eq!(asked_before(&files, true), 2);
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
    fn quarantine_is_told_of_the_file_and_of_its_content() {
        let by = UserId::parse("@admin:b.org");
        let content = Fingerprint::of(&"a".repeat(64));
        let known = file(|file| file.content = content);
        let told = |action, file: &StoredFile, fate: &Fate, is_sent| {
            happened(action, file, fate, is_sent, by.clone())
        };
        let id = || "a".to_owned();
        let both = |by: Option<UserId>| {
            vec![
                FileChange::Quarantined(id(), by.clone()),
                FileChange::QuarantinedContent(content.unwrap(), by),
            ]
        };
        let done = Fate::Done;
        let quarantine = Action::Quarantine;
        assert_eq!(told(quarantine, &known, &done, true), both(by.clone()));
        assert_eq!(told(Action::Unquarantine, &known, &done, true), both(None));
        // The server knows no content of it, so it is alone.
        let alone = told(quarantine, &file(|_| ()), &done, true);
        assert_eq!(alone, [FileChange::Quarantined(id(), by.clone())]);
        let unsure = [FileChange::UnsureFile(id())];
        let untold = self::untold(known.uri.clone());
        assert_eq!(told(quarantine, &untold, &done, true), unsure);
        let lost = Fate::Unknown(crate::api::ApiError::Cancelled);
        assert_eq!(told(quarantine, &known, &lost, true), unsure);
        assert!(told(quarantine, &known, &lost, false).is_empty());
        // A copy of another server's file says nothing of ours with the same ID.
        let copy = file(|file| (file.is_local, file.content) = (false, content));
        let of_content = &both(by.clone())[1..];
        assert_eq!(told(quarantine, &copy, &done, true), of_content);
        let gone = Fate::LeftOut(Reason::Gone);
        assert!(told(quarantine, &copy, &gone, false).is_empty());
        assert_eq!(
            told(Action::Delete, &known, &gone, false),
            [FileChange::Gone(GoneFile::id(id()))]
        );
        assert!(takes_along(quarantine, &[file(|_| ()), known.clone()]));
        assert!(takes_along(Action::Unquarantine, &[untold]));
        assert!(!takes_along(quarantine, &[file(|_| ())]));
        assert!(!takes_along(Action::Delete, &[known]));
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

    #[test]
    fn as_many_as_are_deleted_one_by_one_fit_the_memory_of_a_page() {
        let text = |length: usize| "x".repeat(length);
        let known = file(|file| {
            file.uri = MxcUri::parse("mxc://matrix.example.org/AbCdEfGhIjKlMnOpQrStUvWx").unwrap();
            file.owner = UserId::parse("@somebody.or.other:matrix.example.org");
            file.name = Some(text(40));
            file.media_type = Some("image/jpeg".to_owned());
        });
        // Each allocation has a head, and is rounded up.
        let heap = |lengths: &[usize]| lengths.iter().map(|length| length + 16).sum::<usize>();
        let owner = known.owner.as_ref().unwrap().as_str().len();
        let kept = size_of::<StoredFile>() + heap(&[24, 18, owner, 40, 10]);
        let call = Action::Delete.call(&known.uri);
        let request = size_of::<Call>() + heap(&[call.path.len()]);
        let name = size_of::<String>() + heap(&[known.uri.to_string().len() + 40 + 3]);
        let fates = 2 * size_of::<Option<Fate>>();
        // In the report, in the file that is made of it, and in the activity log.
        let rows = 3 * 220;
        // As it was found, without those that stay, and in the order of the job.
        let each = 3 * kept + request + name + fates + rows;
        // Natively pointers are twice as large as in a browser.
        let all = MOST_ONE_BY_ONE * each;
        assert!(all < 300 * 1024 * 1024, "{each} bytes each");
        assert!(each > 1_000, "{each} bytes each");
    }
}
