//! The promises of the import, over many histories against a model of Synapse's accounts: with
//! lost answers, requests that the browser repeats by itself, rate limits, errors in the
//! middle, and others who create accounts meanwhile.

mod going_on;
mod histories;
mod mas;
mod server;

use super::row::LATEST_MS;
use super::*;
use crate::api::request::Body;
use crate::api::server::Version;
use crate::api::users::{ExternalId, Threepid};
use crate::api::{Answer, Call, Method};
use crate::import::journal::{JournalEntry, Store, standings};
use crate::import::record;
use crate::import::save_error::SaveError;
use crate::runner::simulation::{SimClock, SimRandom, histories};
use crate::runner::{Progress, RunState};
use futures_util::future::{Either, select};
use histories::{
    Disk, create, for_all, import, import_with_crashes, kept, left, named, options, options_of,
    patient, reopened, run_again, run_with_a_person, sure, update,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use server::mas::{fitting, is_weak};
use server::{Model, Synapse, UNSAID, Weather, answer, decoded, id, refusal};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

const HOUR_MS: u64 = 3_600_000;

#[test]
fn one_request_for_each_new_user() {
    let server = Synapse::new(1, Weather::default());
    let tasks: Vec<RowTask> = (0..200)
        .map(|n| create(&format!("user{n}"), named(&format!("secret{n}"))))
        .collect();
    let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
    for row in 0..200 {
        assert_eq!(import.outcome(row), Some(sure(&format!("user{row}"))));
        assert_eq!(import.password(row), Some(format!("secret{row}").as_str()));
        let account = server.account(&format!("user{row}")).unwrap();
        assert_eq!(account.displayname.as_deref(), Some("Jane Doe"));
        assert_eq!(account.password, Some(format!("secret{row}")));
    }
    let requests = server.requests.borrow();
    let puts = requests.iter().filter(|request| request.1 == "PUT").count();
    assert_eq!(puts, 200);
    // And a look at the newest accounts every second or so.
    let seconds = server.clock.now_ms() / 1000;
    assert!(
        requests.len() as u64 <= 200 + seconds + 2,
        "{}",
        requests.len()
    );
    assert_eq!(import.tally().created, 200);
}

#[test]
fn an_unknown_version_is_asked_as_an_old_one() {
    let server = Synapse::new(1, Weather::default());
    let options = RunOptions {
        server: Capabilities::default(),
        ..options(OnConflict::Stop)
    };
    let tasks = vec![create("jane", named("x"))];
    let (import, _, _) = import(&server, tasks, options, None);
    assert_eq!(import.outcome(0), Some(sure("jane")));
    let requests = server.requests.borrow();
    // The name comes with a request of its own: old servers do not know the other guard.
    assert_eq!(
        requests.iter().filter(|request| request.1 == "PUT").count(),
        2
    );
}

#[test]
fn fields_that_the_server_cannot_create_follow() {
    let server = Synapse::new(1, Weather::default());
    let account = NewAccount {
        avatar_url: Some("mxc://example.org/a".into()),
        deactivated: Some(true),
        rooms: vec!["!a:example.org".into(), "#b:example.org".into()],
        threepids: Some(vec![Threepid {
            medium: "email".into(),
            address: "Jane@Example.org".into(),
        }]),
        ..named("x")
    };
    let tasks = vec![create("jane", account)];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
    assert_eq!(import.outcome(0), Some(sure("jane")));
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
    assert_eq!(jane.avatar_url.as_deref(), Some("mxc://example.org/a"));
    assert!(jane.deactivated);
    assert_eq!(jane.rooms.len(), 2);
    assert_eq!(jane.threepids[0].1, "jane@example.org");
}

#[test]
fn an_account_that_appeared_is_left_alone() {
    let run = |on_conflict| {
        let server = Synapse::new(1, Weather::default());
        let theirs = server.foreign("jane");
        let accounts = BTreeMap::from([(id("jane").as_str().to_owned(), theirs)]);
        server.accounts.replace(accounts);
        let tasks = vec![create("jane", named("mine")), create("joe", named("joe's"))];
        let (import, progress, _) = import(&server, tasks, options(on_conflict), None);
        (server, import, progress)
    };
    let (server, skipped, _) = run(OnConflict::Skip);
    assert_eq!(skipped.outcome(0), Some(Outcome::Skipped));
    assert_eq!(skipped.outcome(1), Some(sure("joe")));
    assert_eq!(skipped.password(0), None);
    assert!(server.violations.borrow().is_empty());

    let (server, stopped, progress) = run(OnConflict::Stop);
    assert_eq!(stopped.outcome(0), Some(Outcome::Conflict));
    assert_eq!(progress.state, RunState::Stopped);
    assert!(server.violations.borrow().is_empty());

    let (server, updated, _) = run(OnConflict::Update);
    assert_eq!(
        updated.outcome(0),
        Some(Outcome::Updated { problems: vec![] })
    );
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.password.as_deref(), Some("mine"));
    assert!(!jane.logged_out);

    let (server, renamed, _) = run(OnConflict::NewRandomId);
    assert_eq!(renamed.outcome(0), Some(sure("jane2")));
    assert_eq!(renamed.password(0), Some("mine"));
    assert!(server.account("jane2").is_some());
    assert!(server.violations.borrow().is_empty());
}

#[test]
fn an_account_that_appeared_keeps_addresses_that_the_row_does_not_name() {
    for keeps in [None, Some("msisdn".to_owned())] {
        let server = Synapse::new(1, Weather::default());
        let mut theirs = server.foreign("jane");
        let pair = |medium: &str, address: &str| (medium.to_owned(), address.to_owned());
        let (old, phone) = (pair("email", "old@b.c"), pair("msisdn", "4930123456"));
        theirs.threepids = vec![old, phone.clone()];
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, theirs);
        let account = NewAccount {
            threepids: Some(vec![Threepid {
                medium: "email".into(),
                address: "new@b.c".into(),
            }]),
            keeps_medium: keeps.clone(),
            ..named("mine")
        };
        let tasks = vec![create("jane", account)];
        let (import, _, _) = import(&server, tasks, options(OnConflict::Update), None);
        let updated = Outcome::Updated { problems: vec![] };
        assert_eq!(import.outcome(0), Some(updated));
        let mut wanted = vec![pair("email", "new@b.c")];
        wanted.extend(keeps.map(|_| phone));
        assert_eq!(server.account("jane").unwrap().threepids, wanted);
    }
}

#[test]
fn an_account_keeps_the_addresses_that_it_has_by_now() {
    let server = Synapse::new(1, Weather::default());
    let mut theirs = server.foreign("jane");
    let pair = |medium: &str, address: &str| (medium.to_owned(), address.to_owned());
    let phone = pair("msisdn", "4930999999");
    theirs.threepids = vec![pair("email", "old@b.c"), phone.clone()];
    let user = id("jane");
    let accounts = BTreeMap::from([(user.as_str().to_owned(), theirs)]);
    server.accounts.replace(accounts);
    // As the plan found it: with another phone number.
    let threepid = |medium: &str, address: &str| Threepid {
        medium: medium.into(),
        address: address.into(),
    };
    let change = UserChange {
        threepids: Some(vec![
            threepid("email", "new@b.c"),
            threepid("msisdn", "4930123456"),
        ]),
        ..UserChange::default()
    };
    let deed = Deed::Update {
        change: change.into(),
        keeps_medium: Some("msisdn".to_owned()),
    };
    let tasks = vec![RowTask { user, deed }];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Update), None);
    let updated = Outcome::Updated { problems: vec![] };
    assert_eq!(import.outcome(0), Some(updated));
    let wanted = vec![pair("email", "new@b.c"), phone];
    assert_eq!(server.account("jane").unwrap().threepids, wanted);
}

#[test]
fn a_generated_password_is_never_set_on_an_account_that_exists() {
    let server = Synapse::new(1, Weather::default());
    let theirs = server.foreign("jane");
    let accounts = BTreeMap::from([(id("jane").as_str().to_owned(), theirs)]);
    server.accounts.replace(accounts);
    let account = NewAccount {
        generated_password: true,
        ..named("made up")
    };
    let tasks = vec![create("jane", account)];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Update), None);
    assert_eq!(
        import.outcome(0),
        Some(Outcome::Updated { problems: vec![] })
    );
    assert_eq!(import.password(0), None);
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.password.as_deref(), Some("theirs"));
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
}

#[test]
fn an_account_that_appears_in_the_last_second_keeps_its_password() {
    // It appears after the look around, while the request is under way.
    let mut seen = BTreeMap::new();
    for seed in 0..200 {
        let server = Synapse::new(seed, Weather::default());
        let mut theirs = server.foreign("jane");
        if seed % 2 == 0 {
            theirs.admin = true;
        }
        let user = id("jane").as_str().to_owned();
        server.others.replace(vec![(seed * 4, user, theirs)]);
        let account = NewAccount {
            deactivated: Some(true),
            ..named("mine")
        };
        let tasks = vec![create("jane", account)];
        let (import, _, _) = import(&server, tasks, options(OnConflict::Skip), None);
        let jane = server.account("jane").unwrap();
        let kind = match import.outcome(0).unwrap() {
            Outcome::ChangedByAccident { fields } => {
                assert_eq!(fields, [Field::DisplayName]);
                assert_eq!(import.password(0), None);
                assert!(jane.foreign);
                "accident"
            }
            Outcome::Created {
                proof: Proof::Doubtful,
                problems,
                ..
            } => {
                assert_eq!(problems[0].what, What::Field(Field::Deactivated));
                assert!(jane.foreign && !jane.admin);
                "doubtful"
            }
            Outcome::Created {
                proof: Proof::Answered,
                ..
            } => {
                assert!(!jane.foreign);
                "created"
            }
            Outcome::Skipped => {
                assert_eq!(jane.displayname.as_deref(), Some("Somebody Else"));
                "skipped"
            }
            other => panic!("{other:?}"),
        };
        *seen.entry(kind).or_insert(0) += 1;
        if jane.foreign {
            assert_eq!(jane.password.as_deref(), Some("theirs"));
            assert!(!jane.deactivated);
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

/// The first creation of this account meets a refused token, and the person takes two hours to sign in again. Meanwhile
/// somebody else makes the account.
struct Renewing(Rc<Synapse>, Cell<bool>);

impl Network for Renewing {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            if !call.path.contains("jane") || self.1.replace(true) {
                return self.0.exchange(call).await;
            }
            let clock = &self.0.clock;
            clock.sleep(HOUR_MS).await;
            let owner = id("jane").as_str().to_owned();
            let theirs = self.0.foreign("jane");
            self.0.accounts.borrow_mut().insert(owner, theirs);
            clock.sleep(HOUR_MS).await;
            Ok(refusal(401, "M_UNKNOWN_TOKEN", ""))
        }
        .boxed_local()
    }
}

#[test]
fn who_makes_an_account_while_the_token_is_refused_keeps_it() {
    let server = Synapse::new(1, Weather::default());
    let options = RunOptions {
        creations: for_all(Renewing(server.clone(), Cell::default())),
        ..options(OnConflict::Skip)
    };
    let tasks = vec![create("jane", named("mine")), create("joe", named("joe's"))];
    let (import, progress, _) = import(&server, tasks, options, None);
    assert_eq!(import.outcome(0), Some(Outcome::Skipped));
    assert!(server.violations.borrow().is_empty());
    // Nobody had to say that it goes on.
    assert_eq!(import.outcome(1), Some(sure("joe")));
    assert_eq!(progress.state, RunState::Finished);
}

#[test]
fn a_request_that_the_browser_repeats_creates_once() {
    let weather = Weather {
        repeated: 100,
        ..Weather::default()
    };
    let server = Synapse::new(3, weather);
    let tasks = vec![
        create("jane", named("mine")),
        create("joe", NewAccount::default()),
    ];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
    for (row, user) in ["jane", "joe"].into_iter().enumerate() {
        let created = Outcome::Created {
            user: id(user),
            proof: Proof::Doubtful,
            problems: vec![],
        };
        assert_eq!(import.outcome(row), Some(created));
    }
    assert_eq!(import.password(0), Some("mine"));
    assert_eq!(server.created.borrow().len(), 2);
}

#[test]
fn what_fails_in_the_middle_is_named_and_the_rest_is_done() {
    let server = Synapse::new(1, Weather::default());
    let mut taken = server.foreign("owner");
    taken.external_ids.push(("oidc".into(), "1".into()));
    let accounts = BTreeMap::from([(id("owner").as_str().to_owned(), taken)]);
    server.accounts.replace(accounts);
    let account = NewAccount {
        external_ids: Some(vec![ExternalId {
            auth_provider: "oidc".into(),
            external_id: "1".into(),
        }]),
        avatar_url: Some("mxc://example.org/forbidden".into()),
        rooms: vec!["!forbidden:x".into(), "!b:x".into()],
        locked: Some(true),
        ..named("mine")
    };
    let tasks = vec![create("jane", account)];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
    let Some(Outcome::Created { problems, .. }) = import.outcome(0) else {
        panic!("{:?}", import.outcome(0));
    };
    let what: Vec<What> = problems
        .iter()
        .map(|problem| problem.what.clone())
        .collect();
    let room = What::Room("!forbidden:x".into());
    let (ids, avatar) = (What::Field(Field::ExternalIds), What::Field(Field::Avatar));
    assert_eq!(what, [ids, avatar, room]);
    assert_eq!(problems[0].error.status(), Some(409));
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
    assert!(jane.locked && jane.rooms.contains("!b:x"));
    assert_eq!(import.password(0), Some("mine"));
    assert_eq!(import.tally().with_problems, 1);

    // Only what did not work is tried again.
    let before = server.requests.borrow().len();
    server.accounts.borrow_mut().remove(id("owner").as_str());
    let job = import.job_over(vec![0]);
    let disk = Disk::new(&server);
    server.clock.run(100 * HOUR_MS, async {
        let keep = pin!(import.journal.keep(&disk, &server.clock));
        select(pin!(import.run(&job, &server.random)), keep).await;
    });
    let again: Vec<String> = server.requests.borrow()[before..]
        .iter()
        .map(|request| request.1.to_owned())
        .collect();
    assert_eq!(again.iter().filter(|method| *method == "POST").count(), 1);
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.external_ids.len(), 1);
    assert_eq!(import.tally().created, 1);
}

#[test]
fn a_refusal_is_final_and_says_that_there_is_no_account() {
    let server = Synapse::new(1, Weather::default());
    let tasks = vec![create("spam", named("x")), create("bridge_a", named("x"))];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
    for row in 0..2 {
        assert!(matches!(
            import.outcome(row),
            Some(Outcome::Failed {
                account: AccountAfter::Absent,
                ..
            })
        ));
    }
    let puts = server
        .requests
        .borrow()
        .iter()
        .filter(|r| r.1 == "PUT")
        .count();
    assert_eq!(puts, 2);
}

#[test]
fn whoever_goes_on_knows_which_accounts_were_there_before() {
    // The update has made the account look as if the import had created it.
    let mut after_the_change = 0;
    for crash in (0..1500).step_by(15) {
        let server = Synapse::new(7, Weather::default());
        let mut theirs = server.foreign("jane");
        theirs.admin = false;
        let accounts = BTreeMap::from([(id("jane").as_str().to_owned(), theirs)]);
        server.accounts.replace(accounts);
        let account = NewAccount {
            generated_password: true,
            ..named("made up")
        };
        let tasks = [create("jane", account)];
        let options = options(OnConflict::Update);
        let (import, _, _) = import_with_crashes(&server, &tasks, &options, None, false, &[crash]);
        let updated = Outcome::Updated { problems: vec![] };
        assert_eq!(import.outcome(0), Some(updated), "{crash}");
        assert_eq!(import.password(0), None);
        let puts = server.requests.borrow();
        after_the_change += usize::from(puts.iter().filter(|put| put.1 == "PUT").count() > 1);
    }
    assert!(after_the_change > 0);
}

/// A creation that nobody answers, and that the server comes to in the end or never; meanwhile
/// somebody else has made the account.
fn a_late_creation(comes: bool, on_conflict: OnConflict) -> (Rc<Synapse>, Import) {
    let server = Synapse::new(1, Weather::default());
    let tasks = vec![create("jane", named("mine"))];
    let disk = Disk::new(&server);
    let journal = Rc::new(Journal::new(&standings(1, [])));
    let clock = Rc::new(server.clock.clone());
    let import = Import::new(
        tasks,
        &[],
        options(on_conflict),
        server.clone(),
        clock,
        journal,
    );
    let theirs = server.foreign("jane");
    let call = users::create(&id("jane"), &named("mine").requests().0, Guard::FromAvatar).call;
    import.with(0, |state| {
        state.stage = Stage::Look { error: None };
        (state.sent, state.light) = (true, true);
        state.loses(server.clock.now_ms());
    });
    let owner = id("jane").as_str().to_owned();
    server.accounts.borrow_mut().insert(owner, theirs);
    if comes {
        server.late.borrow_mut().push((60_000, call));
    }
    run_again(&server, &import, &disk, import.job());
    (server, import)
}

#[test]
fn a_request_that_may_still_come_is_told() {
    for comes in [true, false] {
        for conflict in [OnConflict::Skip, OnConflict::Stop, OnConflict::NewRandomId] {
            let (server, import) = a_late_creation(comes, conflict);
            assert_eq!(import.outcome(0), Some(Outcome::MayBeRenamed));
            assert!(server.account("jane2").is_none());
            // A retry looks again, and knows more with time.
            let disk = Disk::new(&server);
            run_again(&server, &import, &disk, import.job_over(vec![0]));
            assert_eq!(import.outcome(0), Some(Outcome::MayBeRenamed));
            server.clock.run(HOUR_MS, server.clock.sleep(LATEST_MS));
            server.catch_up();
            run_again(&server, &import, &disk, import.job_over(vec![0]));
            let expected = match &conflict {
                _ if comes => Outcome::ChangedByAccident {
                    fields: vec![Field::DisplayName],
                },
                OnConflict::Skip => Outcome::Skipped,
                OnConflict::Stop => Outcome::Conflict,
                _ => sure("jane2"),
            };
            assert_eq!(import.outcome(0), Some(expected));
            assert_eq!(
                import.tally().failed,
                usize::from(comes || matches!(conflict, OnConflict::Stop))
            );
        }
    }
}

#[test]
fn an_update_changes_only_what_it_says() {
    let server = Synapse::new(1, Weather::default());
    let mut jane = server.foreign("jane");
    jane.foreign = false;
    let accounts = BTreeMap::from([(id("jane").as_str().to_owned(), jane.clone())]);
    server.accounts.replace(accounts);
    let change = UserChange {
        displayname: Some("Jane".into()),
        ..UserChange::default()
    };
    let tasks = vec![RowTask {
        user: id("jane"),
        deed: update(change),
    }];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Update), None);
    assert_eq!(
        import.outcome(0),
        Some(Outcome::Updated { problems: vec![] })
    );
    jane.displayname = Some("Jane".into());
    assert_eq!(server.account("jane"), Some(jane));
}

#[test]
fn a_row_that_is_done_is_not_done_again() {
    let server = Synapse::new(1, Weather::default());
    let mut jane = server.foreign("jane");
    jane.foreign = false;
    let accounts = BTreeMap::from([(id("jane").as_str().to_owned(), jane)]);
    server.accounts.replace(accounts);
    let change = NewAccount {
        password: Some("mine".into()),
        ..NewAccount::default()
    }
    .as_change();
    let user = id("jane");
    let deed = update(change);
    let tasks = vec![RowTask { user, deed }, create("joe", named("joe's"))];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Update), None);
    let (tally, sent) = (import.tally(), server.requests.borrow().len());
    assert_eq!((tally.updated, tally.created), (1, 1));
    // An old message still offers to try it again.
    let job = import.job_over(vec![0, 1]);
    server.clock.run(100 * HOUR_MS, async {
        let disk = Disk::new(&server);
        let keep = pin!(import.journal.keep(&disk, &server.clock));
        select(pin!(import.run(&job, &server.random)), keep).await;
    });
    assert_eq!(server.requests.borrow().len(), sent);
    assert_eq!(import.tally(), tally);
    assert_eq!(import.password(0), Some("mine"));
}

#[test]
fn a_password_is_not_blamed_for_what_comes_after_it() {
    let server = Synapse::new(1, Weather::default());
    let mut theirs = server.foreign("unlockable");
    theirs.foreign = false;
    let user = id("unlockable");
    let accounts = BTreeMap::from([(user.as_str().to_owned(), theirs)]);
    server.accounts.replace(accounts);
    let change = UserChange {
        displayname: Some("Jane".into()),
        ..NewAccount {
            locked: Some(true),
            ..named("mine")
        }
        .as_change()
    };
    let deed = update(change);
    let tasks = vec![RowTask { user, deed }];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Update), None);
    let Some(Outcome::Updated { problems }) = import.outcome(0) else {
        panic!("{:?}", import.outcome(0));
    };
    let what: Vec<&What> = problems.iter().map(|problem| &problem.what).collect();
    assert_eq!(what, [&What::Field(Field::Locked)]);
    assert_eq!(import.password(0), Some("mine"));
    let jane = server.account("unlockable").unwrap();
    assert_eq!(jane.password.as_deref(), Some("mine"));
    assert!(!jane.locked && !jane.logged_out);
}

#[test]
fn without_a_list_nothing_of_an_account_that_appeared_is_touched() {
    let server = Synapse::new(1, Weather::default());
    let theirs = server.foreign("jane");
    let accounts = BTreeMap::from([(id("jane").as_str().to_owned(), theirs.clone())]);
    server.accounts.replace(accounts);
    let tasks = vec![create("jane", named("mine")), create("joe", named("joe's"))];
    let options = RunOptions {
        newest_known: None,
        ..options(OnConflict::Skip)
    };
    let (import, _, _) = import(&server, tasks, options, None);
    assert_eq!(import.outcome(0), Some(Outcome::Skipped));
    assert_eq!(server.account("jane"), Some(theirs));
    assert_eq!(import.outcome(1), Some(sure("joe")));
    let joe = server.account("joe").unwrap();
    assert_eq!(joe.displayname.as_deref(), Some("Jane Doe"));
}

#[test]
fn an_account_that_was_there_before_is_never_the_rows() {
    for is_reopened in [false, true] {
        let server = Synapse::new(1, Weather::default());
        let mut theirs = server.foreign("jane");
        theirs.displayname = Some("Jane Doe".into());
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, theirs);
        let account = NewAccount {
            generated_password: true,
            avatar_url: Some("mxc://x/forbidden".into()),
            ..named("made up")
        };
        let tasks = [create("jane", account)];
        let options = options(OnConflict::Update);
        let disk = Disk::new(&server);
        let mut import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        let first = import.outcome(0);
        let is_as_before = matches!(
            &first,
            Some(Outcome::Failed {
                account: AccountAfter::AsBefore,
                ..
            })
        );
        assert!(is_as_before, "{first:?}");
        if is_reopened {
            import = reopened(&server, &tasks, &options, &disk);
        }
        run_with_a_person(&server, &import, &disk, import.job_over(vec![0]), None);
        assert_eq!(import.outcome(0), first);
        assert_eq!(import.password(0), None);
    }
}

/// The answer to every change of an account is lost, and nothing of it is done.
struct LosesChanges(Rc<Synapse>);

impl Network for LosesChanges {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        let exists = call.method == Method::Put && self.0.account("jane").is_some();
        match exists {
            true => async { Err(ApiError::TimedOut { after_ms: 60_000 }) }.boxed_local(),
            false => self.0.exchange(call),
        }
    }
}

#[test]
fn an_update_whose_answer_is_lost_creates_nothing() {
    for is_reopened in [false, true] {
        let server = Synapse::new(1, Weather::default());
        // As the creation would leave it behind, but for the name.
        let theirs = Model {
            displayname: Some("jane".into()),
            ..server.foreign("jane")
        };
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, theirs);
        let account = NewAccount {
            generated_password: true,
            ..named("made up")
        };
        let tasks = [create("jane", account)];
        let options = options(OnConflict::Update);
        let disk = Disk::new(&server);
        let open = |network: Rc<dyn Network>| {
            let standings = kept(&disk, 1);
            let journal = Rc::new(Journal::new(&standings));
            let clock = Rc::new(server.clock.clone());
            let (tasks, options) = (tasks.to_vec(), options.clone());
            Import::new(tasks, &standings, options, network, clock, journal)
        };
        let mut import = open(Rc::new(LosesChanges(server.clone())));
        run_with_a_person(&server, &import, &disk, import.job(), Some(60_000));
        if is_reopened {
            import = reopened(&server, &tasks, &options, &disk);
        }
        let nothing_waits = import.job_over(Vec::new());
        let look = import.look_at_the_unknown(&nothing_waits);
        server.clock.run(HOUR_MS, look);
        let outcome = import.outcome(0);
        let is_unknown = matches!(
            outcome,
            Some(Outcome::Failed {
                account: AccountAfter::Unknown,
                ..
            })
        );
        assert!(is_unknown, "{outcome:?}");
        assert_eq!(import.password(0), None);
    }
}

#[test]
fn an_update_that_nobody_answered_makes_no_account() {
    let server = Synapse::new(1, Weather::default());
    let mut theirs = server.foreign("jane");
    theirs.displayname = Some("Jane Doe".into());
    let owner = id("jane").as_str().to_owned();
    server.accounts.borrow_mut().insert(owner, theirs);
    let tasks = [create("jane", named("mine"))];
    let options = options(OnConflict::Update);
    let import = reopened(&server, &tasks, &options, &Disk::new(&server));
    let unknown = Outcome::Failed {
        error: ApiError::Cancelled,
        account: AccountAfter::Unknown,
    };
    import.with(0, |state| {
        state.updates(&named("mine"));
        state.outcome = Some(unknown.clone());
    });
    let nothing_waits = import.job_over(Vec::new());
    let look = import.look_at_the_unknown(&nothing_waits);
    server.clock.run(HOUR_MS, look);
    assert_eq!(import.outcome(0), Some(unknown));
}

/// Somebody tries the first row again while its account is looked at.
struct TriesAgain {
    server: Rc<Synapse>,
    import: RefCell<Option<Rc<Import>>>,
}

impl Network for TriesAgain {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let answer = self.server.exchange(call).await;
            if let Some(import) = self.import.take() {
                import.job_over(vec![0]);
            }
            answer
        }
        .boxed_local()
    }
}

#[test]
fn a_row_that_is_tried_again_meanwhile_is_not_counted_twice() {
    let server = Synapse::new(1, Weather::default());
    let network = Rc::new(TriesAgain {
        server: server.clone(),
        import: RefCell::default(),
    });
    let import = Rc::new(Import::new(
        vec![create("jane", named("mine"))],
        &[],
        options(OnConflict::Stop),
        network.clone(),
        Rc::new(server.clock.clone()),
        Rc::new(Journal::none(1)),
    ));
    import.with(0, |state| state.sent = true);
    import.settled(0, &Fate::NotDone);
    assert_eq!(import.tally().failed, 1);
    let nothing_waits = import.job_over(Vec::new());
    network.import.replace(Some(import.clone()));
    let look = import.look_at_the_unknown(&nothing_waits);
    server.clock.run(HOUR_MS, look);
    assert_eq!(import.outcome(0), None);
    assert_eq!(import.tally(), Tally::default());
}

#[test]
fn what_is_known_to_be_somebody_elses_stays_so() {
    for is_reopened in [false, true] {
        let server = Synapse::new(1, Weather::default());
        let mut theirs = server.foreign("jane");
        theirs.admin = true;
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner.clone(), theirs);
        let tasks = [create("jane", named("mine")), create("joe", named("joe's"))];
        let options = options(OnConflict::Stop);
        let disk = Disk::new(&server);
        let mut import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        assert_eq!(import.outcome(0), Some(Outcome::Conflict));
        // By now it looks like the row's.
        let theirs = Model {
            admin: false,
            displayname: Some("Jane Doe".into()),
            ..server.account("jane").unwrap()
        };
        let accounts = &server.accounts;
        accounts.borrow_mut().insert(owner, theirs.clone());
        if is_reopened {
            import = reopened(&server, &tasks, &options, &disk);
        }
        run_with_a_person(
            &server,
            &import,
            &disk,
            import.job_over(left(&import)),
            None,
        );
        assert_eq!(import.outcome(0), Some(Outcome::Conflict));
        assert_eq!(server.account("jane"), Some(theirs));
    }
}

#[test]
fn a_conflict_stays_one_when_its_retry_was_interrupted() {
    for before in [
        Outcome::Conflict,
        Outcome::MayBeRenamed,
        Outcome::ChangedByAccident {
            fields: vec![Field::DisplayName],
        },
    ] {
        let server = Synapse::new(1, Weather::default());
        // By now it looks like the row's.
        let theirs = Model {
            displayname: Some("Jane Doe".into()),
            ..server.foreign("jane")
        };
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, theirs.clone());
        let disk = Disk::new(&server);
        let entries = [
            JournalEntry::Begun(0, 1),
            JournalEntry::Ended(0, before.clone()),
            JournalEntry::Again(0),
        ];
        disk.lines
            .replace(entries.iter().map(record::bytes).collect());
        let tasks = [create("jane", named("mine"))];
        let options = options(OnConflict::Stop);
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), None);
        let outcome = import.outcome(0).expect("an outcome");
        match before {
            Outcome::Conflict => assert_eq!(outcome, before),
            _ => assert!(outcome.is_of_another(), "{before:?} {outcome:?}"),
        }
        assert_eq!(import.password(0), None);
        assert_eq!(server.account("jane"), Some(theirs));
    }
}

#[test]
fn a_row_that_only_a_retry_began_is_known_after_a_crash() {
    let server = Synapse::new(1, Weather::default());
    let ours = Model {
        displayname: Some("Jane Doe".into()),
        password: Some("mine".into()),
        ..server.blank("jane")
    };
    let owner = id("jane").as_str().to_owned();
    server.accounts.borrow_mut().insert(owner, ours);
    let disk = Disk::new(&server);
    let entries = [
        JournalEntry::Ended(0, Outcome::NotDone),
        JournalEntry::Again(0),
    ];
    disk.lines
        .replace(entries.iter().map(record::bytes).collect());
    let tasks = [create("jane", named("mine"))];
    let import = reopened(&server, &tasks, &options(OnConflict::Skip), &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    let outcome = import.outcome(0);
    assert!(
        matches!(outcome, Some(Outcome::Created { .. })),
        "{outcome:?}"
    );
    assert_eq!(import.password(0), Some("mine"));
}

#[test]
fn a_retry_that_was_interrupted_tells_what_has_not_worked() {
    let server = Synapse::new(1, Weather::default());
    let disk = Disk::new(&server);
    let account = NewAccount {
        avatar_url: Some("mxc://example.org/forbidden".into()),
        deactivated: Some(true),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let options = options(OnConflict::Stop);
    let import = reopened(&server, &tasks, &options, &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    let before = import.outcome(0);
    assert_eq!(import.tally().with_problems, 1);
    disk.lines
        .borrow_mut()
        .push(record::bytes(&JournalEntry::Again(0)));
    let import = reopened(&server, &tasks, &options, &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    assert_eq!(import.outcome(0), before);
}

/// Something in between turns away whoever creates an account.
struct TurnsAway {
    server: Rc<Synapse>,
    answer: Answer,
}

impl Network for TurnsAway {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        match call.method {
            Method::Put => async move { Ok(self.answer.clone()) }.boxed_local(),
            _ => self.server.exchange(call),
        }
    }
}

#[test]
fn what_was_turned_away_makes_nobodys_account_the_rows() {
    let slow_down = json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 60_000});
    for turned_away in [
        answer(429, slow_down),
        Answer::new(403, "text/html", "<html>Forbidden"),
    ] {
        let server = Synapse::new(1, Weather::default());
        let tasks = [create("jane", named("mine"))];
        let disk = Disk::new(&server);
        let between = TurnsAway {
            server: server.clone(),
            answer: turned_away,
        };
        let options = RunOptions {
            creations: for_all(between),
            ..options(OnConflict::Skip)
        };
        let import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), Some(5_000));
        // As the page does in the end.
        let nothing_waits = import.job_over(Vec::new());
        let look = import.look_at_the_unknown(&nothing_waits);
        server.clock.run(HOUR_MS, look);
        let outcome = import.outcome(0).expect("an outcome");
        assert!(outcome.says_nothing_was_done(), "{outcome:?}");
        // Somebody else makes one that looks like the row's.
        let theirs = Model {
            displayname: Some("Jane Doe".into()),
            ..server.foreign("jane")
        };
        let owner = id("jane").as_str().to_owned();
        server.accounts.borrow_mut().insert(owner, theirs.clone());
        server.clock.run(HOUR_MS, server.clock.sleep(10_000));
        run_with_a_person(&server, &import, &disk, import.job_over(vec![0]), None);
        assert_eq!(import.outcome(0), Some(Outcome::Skipped));
        assert_eq!(server.account("jane"), Some(theirs));
    }
}

fn accounts() -> impl Strategy<Value = Vec<NewAccount>> {
    let account = (
        prop::option::weighted(0.8, "[a-z]{3,8}"),
        prop::option::weighted(0.7, "[A-Z][a-z]{1,5}"),
        (any::<bool>(), 0..8_u8, 0..8_u8),
        prop::collection::btree_set(
            prop::sample::select(vec!["!a:x", "!private:x", "!forbidden:x"]),
            0..3,
        ),
    )
        .prop_map(
            |(password, displayname, (admin, kind, end), rooms)| NewAccount {
                generated_password: kind == 7,
                password,
                displayname,
                admin: Some(admin),
                avatar_url: match kind {
                    0 => Some("mxc://x/y".into()),
                    1 => Some("mxc://x/forbidden".into()),
                    _ => None,
                },
                threepids: (kind > 4).then(|| {
                    vec![Threepid {
                        medium: if kind == 5 { "pigeon" } else { "email" }.into(),
                        address: "A@b.c".into(),
                    }]
                }),
                keeps_medium: (kind > 5).then(|| "msisdn".to_owned()),
                external_ids: (kind == 3 || kind == 6).then(|| {
                    vec![ExternalId {
                        auth_provider: "oidc".into(),
                        external_id: "one".into(),
                    }]
                }),
                deactivated: (end == 0).then_some(true),
                locked: (end == 1).then_some(true),
                rooms: rooms.into_iter().map(str::to_owned).collect(),
                ..NewAccount::default()
            },
        );
    prop::collection::vec(account, 0..25)
}

fn weather() -> impl Strategy<Value = Weather> {
    (
        (0_u64..15, 0_u64..15, 0_u64..15, 0_u64..4, 0_u64..15),
        (
            0_u64..15,
            0_u64..15,
            0_u64..10,
            0_u64..3,
            0_u64..4,
            0_u64..9,
        ),
        prop::option::of((0_u64..10_000, 0_u64..300_000)),
        prop::collection::vec((0_usize..25, 0_u64..15_000), 0..5),
        any::<bool>(),
        prop::sample::select(vec![0, 0, -(HOUR_MS as i64), HOUR_MS as i64]),
    )
        .prop_map(
            |(net, server, outage, others, impostors, ahead_ms)| Weather {
                lost_before: net.0,
                lost_after: net.1,
                repeated: net.2,
                late: net.3,
                limited: net.4,
                failing: server.0,
                half: server.1,
                proxy: server.2,
                token: server.3,
                in_between: server.4,
                refusing: server.5,
                outage: outage.map(|(from, long)| (from, from + long)),
                others,
                impostors,
                ahead_ms,
            },
        )
}

/// What of an account is as its row says: each field, and each room.
fn are_done(account: &NewAccount, model: &Model, local: &str, at_mas: bool) -> Vec<(What, bool)> {
    let count = |list: Option<usize>| list.unwrap_or_default();
    let name = account.displayname.as_deref().unwrap_or(local);
    let addresses = account.threepids.as_ref().map(Vec::len);
    let identities = account.external_ids.as_ref().map(Vec::len);
    let fields = [
        (
            Field::DisplayName,
            model.displayname.as_deref() == Some(name),
        ),
        (Field::Threepids, model.threepids.len() == count(addresses)),
        (
            Field::ExternalIds,
            model.external_ids.len() == count(identities),
        ),
        (Field::Avatar, model.avatar_url == account.avatar_url),
        (Field::Admin, Some(model.admin) == account.admin),
        (
            Field::Password,
            model.password == account.password || model.deactivated && !at_mas,
        ),
        (
            Field::Deactivated,
            model.deactivated == (account.deactivated == Some(true)),
        ),
        (
            Field::Locked,
            model.locked == (account.locked == Some(true)),
        ),
    ];
    let fields = fields.map(|(field, is_done)| (What::Field(field), is_done));
    let rooms = account.rooms.iter();
    let rooms = rooms.map(|room| (What::Room(room.clone()), model.rooms.contains(room)));
    fields.into_iter().chain(rooms).collect()
}

fn user_of(row: usize) -> String {
    if row % 11 == 10 {
        format!("spam{row}")
    } else {
        format!("user{row}")
    }
}

proptest! {
    #![proptest_config(histories())]

    /// Whatever the network and the others do: each row ends once, and its outcome is true.
    #[test]
    fn every_outcome_is_true(
        seed in any::<u64>(),
        accounts in accounts(),
        weather in weather(),
        conflict in 0..4_u8,
        list_was_read in any::<bool>(),
        cancel_at in prop::option::of(0_u64..60_000),
        retries in any::<bool>(),
        crashes in prop::collection::vec(0_u64..4_000, 0..4),
        at_mas in any::<bool>(),
    ) {
        let server = Synapse::with(at_mas, seed, weather.clone());
        let accounts = fitting(at_mas, accounts);
        for (row, at) in &weather.others {
            let user = user_of(*row);
            let mut theirs = server.foreign(&user);
            if let Some(account) = accounts.get(*row).filter(|_| weather.impostors) {
                theirs.displayname = account.displayname.clone().or(Some(user.clone()));
                theirs.admin = account.admin.unwrap_or(false);
            }
            let keeps = |account: &NewAccount| account.keeps_medium.is_some();
            if row % 2 == 0 && accounts.get(*row).is_some_and(keeps) {
                theirs.threepids.push(("msisdn".to_owned(), format!("49{row}")));
            }
            let user = id(&user).as_str().to_owned();
            server.others.borrow_mut().push((*at, user, theirs));
        }
        let made = Rc::new(Cell::new(0));
        let make = made.clone();
        let on_conflict = match conflict {
            0 => OnConflict::Stop,
            1 => OnConflict::Skip,
            2 => OnConflict::Update,
            _ => OnConflict::NewRandomId,
        };
        let tasks: Vec<RowTask> = accounts
            .iter()
            .enumerate()
            .map(|(row, account)| create(&user_of(row), account.clone()))
            .collect();
        let rows = tasks.len();
        let mut options = options_of(&server, on_conflict);
        options.new_id = Rc::new(move || {
            make.set(make.get() + 1);
            id(&format!("new{}", make.get()))
        });
        options.newest_known = options.newest_known.filter(|_| list_was_read || at_mas);
        if seed % 2 == 0 {
            let network = server.clone();
            options.creations = Some(Rc::new(move |_| network.clone()));
        }
        let (import, progress, ended) =
            import_with_crashes(&server, &tasks, &options, cancel_at, retries, &crashes);
        // What is late comes as well.
        server.clock.run(HOUR_MS, server.clock.sleep(LATEST_MS));
        server.catch_up();

        prop_assert!(progress.is_over());
        let tally = import.tally();
        let sum = tally.created + tally.updated + tally.skipped + tally.unchanged
            + tally.failed + tally.not_done;
        prop_assert_eq!(sum, rows);
        // No account that nobody named.
        for user in server.created.borrow().iter() {
            let local = &user[1..user.find(':').unwrap()];
            prop_assert!(local.starts_with("new") || (0..rows).any(|row| user_of(row) == local));
        }
        let update = conflict == 2;
        // Every answer that is lost, and the requests of a token that is renewed.
        let may_lose = weather.lost_before
            + weather.lost_after
            + weather.late
            + weather.proxy
            + weather.in_between
            > 0
            || weather.outage.is_some();
        let violations: BTreeSet<String> = server.violations.borrow().iter().cloned().collect();
        for (row, account) in accounts.iter().enumerate() {
            let outcome = import.outcome(row).expect("an outcome");
            let heard = ended.borrow()[row].clone();
            // A second one only corrects what was not known before, as whoever goes on may; a retry that does not
            // come to a row ends it as it was.
            let most = 2 + usize::from(!crashes.is_empty()) + 2 * usize::from(retries);
            prop_assert!((1..=most).contains(&heard.len()), "{heard:?}");
            prop_assert_eq!(heard.last(), Some(&outcome));
            let local = user_of(row);
            let user = id(&local);
            let model = server.account(&local);
            // Whose an address is nobody need know to make an account.
            let is_unsaid = |error: &ApiError| {
                matches!(error, ApiError::Matrix { message, .. } if message == UNSAID)
            };
            if let Outcome::Failed { error, account: AccountAfter::Absent } = &outcome {
                prop_assert!(!is_unsaid(error), "{outcome:?}");
            }
            let whole = format!("{user} whole");
            let recognised = matches!(outcome, Outcome::Created { proof: Proof::Recognised | Proof::Doubtful, .. });
            if !update && !recognised {
                prop_assert!(!violations.contains(&whole), "{outcome:?}");
                let touched = violations.contains(user.as_str());
                let unknown = matches!(outcome, Outcome::Failed { account: AccountAfter::Unknown, .. });
                // With another ID the row tells of that one; what was done before to the
                // account that appeared is told as an accident instead.
                let told = matches!(
                    outcome,
                    Outcome::ChangedByAccident { .. } | Outcome::MayBeRenamed
                );
                prop_assert!(!touched || told || unknown, "{outcome:?} {model:?}");
            }
            match &outcome {
                Outcome::Created { user, proof, problems } => {
                    let model = server.account(user.localpart()).expect("an account");
                    if *proof == Proof::Answered {
                        prop_assert!(!model.foreign, "{outcome:?}");
                    } else if model.foreign {
                        // Only somebody who looks like ours, in the moment of a lost answer.
                        let is_sure = *proof == Proof::Recognised || !violations.contains(user.as_str());
                        prop_assert!(!at_mas || weather.impostors && is_sure, "{outcome:?}");
                        prop_assert!(weather.impostors || violations.contains(user.as_str())
                            || account.displayname.is_none(), "{outcome:?} {model:?}");
                        continue;
                    }
                    let is_problem = |field| {
                        let is_it = |what: &What| what.is_same(&What::Field(field)) || *what == What::Rest;
                        problems.iter().any(|problem| is_it(&problem.what))
                    };
                    let is_deactivated = model.deactivated;
                    if model.password.is_some() {
                        // Nothing that opens an account is lost.
                        prop_assert_eq!(&model.password, &account.password);
                        prop_assert_eq!(import.password(row), account.password.as_deref());
                    }
                    if !is_deactivated && !is_problem(Field::Password) {
                        prop_assert_eq!(&model.password, &account.password);
                        prop_assert_eq!(import.password(row), account.password.as_deref());
                    }
                    let is_told = |problem: &FailedPart| problem.what == What::Field(Field::Password);
                    prop_assert!(at_mas || !problems.iter().any(is_told));
                    if !is_problem(Field::Admin) {
                        prop_assert_eq!(model.admin, account.admin.unwrap());
                    }
                    if !is_problem(Field::DisplayName) {
                        let local = user.localpart().to_owned();
                        let wanted = account.displayname.clone().unwrap_or(local);
                        prop_assert_eq!(model.displayname.as_ref(), Some(&wanted));
                    }
                    if !is_problem(Field::Avatar) {
                        prop_assert_eq!(&model.avatar_url, &account.avatar_url);
                    }
                    if !is_problem(Field::Threepids) {
                        let wanted = account.threepids.as_ref().map_or(0, Vec::len);
                        prop_assert_eq!(model.threepids.len(), wanted);
                    }
                    if !is_problem(Field::ExternalIds) {
                        let wanted = account.external_ids.as_ref().map_or(0, Vec::len);
                        prop_assert_eq!(model.external_ids.len(), wanted);
                    }
                    if !is_problem(Field::Deactivated) {
                        prop_assert_eq!(model.deactivated, account.deactivated == Some(true));
                    }
                    if !is_problem(Field::Locked) {
                        prop_assert_eq!(model.locked, account.locked == Some(true));
                    }
                    for room in &account.rooms {
                        let of_it = What::Room(room.clone());
                        let is_it = |what: &What| what.is_same(&of_it) || *what == What::Rest;
                        let failed = problems.iter().any(|problem| is_it(&problem.what));
                        prop_assert!(failed || model.rooms.contains(room));
                    }
                    // What was certainly not tried, or refused, was not done.
                    for (what, is_done) in are_done(account, &model, user.localpart(), at_mas) {
                        let told = problems.iter().find(|problem| problem.what.is_same(&what));
                        let is_certain = told.is_some_and(|told| {
                            told.error == ApiError::Cancelled && !told.may_be_done()
                        });
                        prop_assert!(!is_done || !is_certain, "{what:?} {outcome:?}");
                    }
                }
                Outcome::Failed { account: AccountAfter::Absent, .. } | Outcome::NotDone => {
                    let ours = model.is_some_and(|model| !model.foreign);
                    // As below: then another account was tried in its place.
                    let may_be_ours = weather.ahead_ms > 0 && import.user(row) != user;
                    prop_assert!(!ours || may_be_ours, "{outcome:?}");
                }
                Outcome::Skipped | Outcome::Conflict => {
                    // Where the server's clock is ahead and nobody has told it before the time of a lost request was up,
                    // what it has made may as well have been made since.
                    let may_be_ours = weather.ahead_ms > 0;
                    prop_assert!(may_be_ours || model.expect("theirs").foreign);
                }
                // Not without a reason.
                Outcome::MayBeRenamed => {
                    prop_assert!(!at_mas);
                    prop_assert!(model.expect("theirs").foreign);
                    prop_assert!(account.displayname.is_some());
                    prop_assert!(may_lose || !crashes.is_empty(), "{outcome:?}");
                }
                Outcome::ChangedByAccident { fields } => {
                    prop_assert!(!at_mas);
                    let model = model.expect("theirs");
                    prop_assert!(model.foreign);
                    prop_assert_eq!(fields, &[Field::DisplayName]);
                    prop_assert_eq!(model.displayname, account.displayname.clone());
                }
                Outcome::Updated { problems } => {
                    prop_assert!(update);
                    let model = model.expect("an account");
                    let wanted = account.as_change();
                    if account.keeps_medium.is_some() && row % 2 == 0 {
                        let phone = ("msisdn".to_owned(), format!("49{row}"));
                        prop_assert!(model.threepids.contains(&phone), "{model:?}");
                    }
                    let password = What::Field(Field::Password);
                    let is_problem = problems.iter().any(|problem| problem.what.is_same(&password));
                    let is_weak = wanted.password.as_deref().is_some_and(is_weak);
                    prop_assert!(!(at_mas && is_weak) || model.password != wanted.password);
                    if wanted.password.is_some() && !is_problem && !model.deactivated {
                        prop_assert_eq!(model.password, wanted.password);
                    }
                }
                Outcome::Unchanged | Outcome::Failed { .. } | Outcome::Refused(_) => {}
            }
        }
    }

    /// An import ends in the middle, and nobody goes on with it: of each account that is there is told what it lacks,
    /// and nothing else but what nobody shows.
    #[test]
    fn what_is_given_up_is_told_as_it_is(
        seed in any::<u64>(),
        accounts in accounts(),
        crash in 0_u64..8_000,
        at_mas in any::<bool>(),
    ) {
        let server = Synapse::with(at_mas, seed, Weather::default());
        let accounts = fitting(at_mas, accounts);
        let tasks: Vec<RowTask> = accounts
            .iter()
            .enumerate()
            .map(|(row, account)| create(&user_of(row), account.clone()))
            .collect();
        let options = RunOptions {
            just_interrupted: false,
            ..options_of(&server, OnConflict::Skip)
        };
        let disk = Disk::new(&server);
        let import = reopened(&server, &tasks, &options, &disk);
        let job = import.job();
        server.clock.run(HOUR_MS, async {
            let work = pin!(import.run(&job, &server.random));
            let keep = pin!(import.journal.keep(&disk, &server.clock));
            let closed = pin!(server.clock.sleep(crash));
            select(select(work, keep), closed).await;
        });
        // The server is no longer at it, and that is known.
        for passes in [10_000, 2 * LATEST_MS] {
            server.clock.run(HOUR_MS, server.clock.sleep(passes));
            server.catch_up();
        }
        let import = reopened(&server, &tasks, &options, &disk);
        let job = import.job();
        job.cancel();
        run_with_a_person(&server, &import, &disk, job, None);
        for (row, account) in accounts.iter().enumerate() {
            let outcome = import.outcome(row).expect("an outcome");
            let model = server.account(&user_of(row));
            let Outcome::Created { problems, .. } = &outcome else {
                prop_assert!(model.is_none(), "{outcome:?}");
                continue;
            };
            let model = model.expect("an account");
            for (what, is_done) in are_done(account, &model, &user_of(row), at_mas) {
                let told = problems.iter().find(|problem| problem.what.is_same(&what));
                match told.map(|problem| &problem.what) {
                    Some(What::Unsure(unsure)) => {
                        prop_assert!(at_mas && **unsure == What::Field(Field::Password));
                    }
                    // A password that was refused is none.
                    told => prop_assert_eq!(told.is_none(), is_done, "{:?} {:?}", what, outcome),
                }
            }
            prop_assert!(!problems.iter().any(|problem| problem.what == What::Rest));
        }
    }

    /// What the server does not say of addresses costs these alone: the rest of each row is done, and at once.
    #[test]
    fn what_is_not_said_of_addresses_costs_nothing_else(
        seed in any::<u64>(),
        refusing in 1_u64..=100,
        rows in prop::collection::vec((any::<bool>(), any::<bool>()), 1..12),
    ) {
        let server = Synapse::new(seed, Weather { refusing, ..Weather::default() });
        let phone = ("msisdn".to_owned(), "4930123456".to_owned());
        let email = |row: usize| ("email".to_owned(), format!("a{row}@b.c"));
        let mut tasks = Vec::new();
        for (row, (exists, keeps)) in rows.iter().enumerate() {
            let local = user_of(row).replace("spam", "user");
            let account = NewAccount {
                threepids: Some(vec![Threepid { medium: email(row).0, address: email(row).1 }]),
                keeps_medium: keeps.then(|| phone.0.clone()),
                ..named("mine")
            };
            if !exists {
                tasks.push(create(&local, account));
                continue;
            }
            let mut theirs = server.foreign(&local);
            (theirs.foreign, theirs.threepids) = (false, vec![phone.clone()]);
            let user = id(&local);
            server.accounts.borrow_mut().insert(user.as_str().to_owned(), theirs);
            let deed = Deed::Update {
                change: account.as_change().into(),
                keeps_medium: account.keeps_medium.clone(),
            };
            tasks.push(RowTask { user, deed });
        }
        let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
        for (row, (exists, keeps)) in rows.iter().enumerate() {
            let outcome = import.outcome(row);
            let Some(Outcome::Created { problems, .. } | Outcome::Updated { problems }) = &outcome
            else {
                panic!("{outcome:?}");
            };
            let told: Vec<&What> = problems.iter().map(|problem| &problem.what).collect();
            let addresses = What::Field(Field::Threepids);
            prop_assert!(told.is_empty() || told == [&addresses], "{told:?}");
            let model = server.account(import.user(row).localpart()).expect("an account");
            prop_assert_eq!(model.displayname.as_deref(), Some("Jane Doe"));
            prop_assert_eq!(model.password.as_deref(), Some("mine"));
            let phones = (*exists && (*keeps || !told.is_empty())).then(|| phone.clone());
            let mut wanted: Vec<_> = told.is_empty().then(|| email(row)).into_iter().collect();
            wanted.extend(phones);
            prop_assert_eq!(model.threepids, wanted);
        }
        let requests = server.requests.borrow();
        let sent = requests.iter().filter(|request| request.1 == "PUT");
        // The name of a new account with addresses follows by itself.
        let wanted: usize = rows.iter().map(|(exists, _)| 2 - usize::from(*exists)).sum();
        prop_assert_eq!(sent.count(), wanted);
        prop_assert!(server.clock.now_ms() < 60_000);
    }

    /// An import is cancelled; others make accounts that look like those of its rows; it is tried again,
    /// by the same tab or by one that opens it anew. Where nothing was ever sent for a row, the account is
    /// theirs.
    #[test]
    fn who_makes_an_account_between_two_tries_keeps_it(
        seed in any::<u64>(),
        accounts in accounts(),
        weather in weather(),
        conflict in 0..4_u8,
        cancel_at in 0_u64..6_000,
        is_reopened in any::<bool>(),
        mine in any::<u32>(),
        at_mas in any::<bool>(),
    ) {
        let server = Synapse::with(at_mas, seed, Weather { others: Vec::new(), ..weather });
        let accounts = fitting(at_mas, accounts);
        let on_conflict = match conflict {
            0 => OnConflict::Stop,
            1 => OnConflict::Skip,
            2 => OnConflict::Update,
            _ => OnConflict::NewRandomId,
        };
        let tasks: Vec<RowTask> = accounts
            .iter()
            .enumerate()
            .map(|(row, account)| create(&user_of(row), account.clone()))
            .collect();
        let made = Cell::new(0);
        let options = RunOptions {
            new_id: Rc::new(move || {
                made.set(made.get() + 1);
                id(&format!("new{}", made.get()))
            }),
            ..options_of(&server, on_conflict)
        };
        let disk = Disk::new(&server);
        let mut import = reopened(&server, &tasks, &options, &disk);
        run_with_a_person(&server, &import, &disk, import.job(), Some(cancel_at));
        // Nobody answers for what the network still has of it.
        server.late.borrow_mut().clear();

        let mut theirs = Vec::new();
        for (row, account) in accounts.iter().enumerate() {
            let local = user_of(row);
            let nothing_sent = matches!(
                import.outcome(row).expect("an outcome"),
                Outcome::NotDone | Outcome::Failed { account: AccountAfter::Absent, .. }
            );
            if nothing_sent && mine & (1 << row) == 0 && server.account(&local).is_none() {
                let model = Model {
                    displayname: account.displayname.clone().or(Some(local.clone())),
                    admin: account.admin.unwrap_or(false),
                    ..server.foreign(&local)
                };
                let user = id(&local).as_str().to_owned();
                server.accounts.borrow_mut().insert(user, model.clone());
                theirs.push((row, local, model));
            }
        }
        server.clock.run(HOUR_MS, server.clock.sleep(10_000));
        server.quiet_until.set(0);
        if is_reopened {
            import = reopened(&server, &tasks, &options, &disk);
        }
        let job = import.job_over(left(&import));
        run_with_a_person(&server, &import, &disk, job, None);
        for (row, local, model) in theirs {
            let outcome = import.outcome(row).expect("an outcome");
            if conflict != 2 {
                prop_assert_eq!(server.account(&local), Some(model), "{:?}", outcome);
            }
            if let Outcome::Created { user, .. } = &outcome {
                prop_assert!(*user != id(&local), "{outcome:?}");
            }
        }
    }
}
