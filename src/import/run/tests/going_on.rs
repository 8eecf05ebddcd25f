//! An import that is gone on with or tried again: what others have made meanwhile stays theirs, and what is said of each
//! row is true.

use super::*;
use crate::import::refusal::RefusedChange;

/// An import that goes on with what a journal has, which was written last at this time.
fn gone_on(
    server: &Rc<Synapse>,
    network: Rc<dyn Network>,
    tasks: &[RowTask],
    options: RunOptions,
    entries: &[JournalEntry],
    written_ms: i64,
) -> Import {
    let standings = standings(tasks.len(), entries.iter().cloned());
    let journal = Rc::new(Journal::new(&standings));
    let options = RunOptions {
        just_interrupted: false,
        interrupted_ms: Some(written_ms),
        ..options
    };
    let clock = Rc::new(server.clock.clone());
    Import::new(tasks.to_vec(), &standings, options, network, clock, journal)
}

fn runs(server: &Rc<Synapse>, import: &Import, job: Run) {
    run_with_a_person(server, import, &Disk::new(server), job, None);
}

fn passes(server: &Synapse, ms: u64) {
    server.clock.run(100 * HOUR_MS, server.clock.sleep(ms));
}

/// When an import was interrupted of which nothing is under way any more.
fn long_ago(server: &Synapse) -> i64 {
    server.clock.wall_ms() - HOUR_MS as i64
}

fn has(server: &Synapse, local: &str, model: Model) {
    let user = id(local).as_str().to_owned();
    server.accounts.borrow_mut().insert(user, model);
}

/// Somebody else's account that looks like the row's.
fn alike(server: &Synapse) -> Model {
    Model {
        displayname: Some("Jane Doe".into()),
        ..server.foreign("jane")
    }
}

/// The account that the row's creation leaves behind.
fn ours(server: &Synapse) -> Model {
    Model {
        displayname: Some("Jane Doe".into()),
        password: Some("mine".into()),
        ..server.blank("jane")
    }
}

fn recognised(user: &str) -> Outcome {
    Outcome::Created {
        user: id(user),
        proof: Proof::Recognised,
        problems: Vec::new(),
    }
}

#[test]
fn whoever_makes_the_account_of_a_row_that_was_only_written_down_keeps_it() {
    for on_conflict in [OnConflict::Skip, OnConflict::Stop] {
        let server = Synapse::new(1, Weather::default());
        let written = server.clock.wall_ms();
        passes(&server, HOUR_MS);
        // A colleague imports the same file.
        let theirs = alike(&server);
        has(&server, "jane", theirs.clone());
        passes(&server, HOUR_MS);
        let tasks = [create("jane", named("mine"))];
        let import = gone_on(
            &server,
            server.clone(),
            &tasks,
            options(on_conflict),
            &[JournalEntry::Begun(0, 1)],
            written,
        );
        runs(&server, &import, import.job());
        let left_alone = match on_conflict {
            OnConflict::Stop => Outcome::Conflict,
            _ => Outcome::Skipped,
        };
        assert_eq!(import.outcome(0), Some(left_alone));
        assert_eq!(import.password(0), None);
        assert_eq!(server.account("jane"), Some(theirs));
    }
}

#[test]
fn what_was_made_before_an_interruption_is_ours_although_the_clocks_differ() {
    // The server's clock is an hour ahead, and the import is gone on with at once, or after as long.
    for (later, entries) in [(0, vec![JournalEntry::Begun(0, 1)]), (2 * HOUR_MS, vec![])] {
        let server = Synapse::new(1, Weather::default());
        let written = server.clock.wall_ms();
        let made = written + HOUR_MS as i64;
        has(
            &server,
            "jane",
            Model {
                created_s: made / 1000,
                ..ours(&server)
            },
        );
        let seen = [JournalEntry::Seen(made - 60_000), JournalEntry::Begun(0, 1)];
        let entries = match entries.is_empty() {
            true => seen.to_vec(),
            false => entries,
        };
        passes(&server, later);
        let tasks = [create("jane", named("mine"))];
        let options = options(OnConflict::Skip);
        let import = gone_on(&server, server.clone(), &tasks, options, &entries, written);
        runs(&server, &import, import.job());
        assert_eq!(import.outcome(0), Some(recognised("jane")), "{later}");
        assert_eq!(import.password(0), Some("mine"));
    }
}

/// Which requests something happens to.
type Which = fn(&Call) -> bool;

/// Some requests do not come to the server, for a time.
struct Intercepting {
    server: Rc<Synapse>,
    which: Cell<Which>,
    /// Whether they are refused; else nobody answers.
    refuses: bool,
}

impl Intercepting {
    fn losing(server: &Rc<Synapse>, which: Which) -> Rc<Self> {
        Rc::new(Intercepting {
            server: server.clone(),
            which: Cell::new(which),
            refuses: false,
        })
    }

    fn refusing(server: &Rc<Synapse>, which: Which) -> Rc<Self> {
        Rc::new(Intercepting {
            server: server.clone(),
            which: Cell::new(which),
            refuses: true,
        })
    }
}

impl Network for Intercepting {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        if !self.which.get()(call) {
            return self.server.exchange(call);
        }
        let answer = match self.refuses {
            true => Ok(refusal(400, "M_INVALID_PARAM", UNSAID)),
            false => Err(ApiError::TimedOut { after_ms: 60_000 }),
        };
        async { answer }.boxed_local()
    }
}

#[test]
fn who_makes_an_account_hours_after_a_lost_request_keeps_it() {
    let server = Synapse::new(1, Weather::default());
    let network = Intercepting::losing(&server, |call| call.path.contains("jane"));
    let account = NewAccount {
        generated_password: true,
        ..named("made up")
    };
    let tasks = [create("jane", account)];
    let options = options(OnConflict::Skip);
    let import = gone_on(&server, network.clone(), &tasks, options, &[], 0);
    let disk = Disk::new(&server);
    run_with_a_person(&server, &import, &disk, import.job(), Some(60_000));
    let is_unknown = |outcome: Option<Outcome>| {
        matches!(
            outcome,
            Some(Outcome::Failed {
                account: AccountAfter::Unknown,
                ..
            })
        )
    };
    assert!(is_unknown(import.outcome(0)), "{:?}", import.outcome(0));
    // If there is an account by now, this is how its owner gets in.
    assert_eq!(import.password(0), Some("made up"));
    passes(&server, HOUR_MS);
    let theirs = alike(&server);
    has(&server, "jane", theirs.clone());
    passes(&server, HOUR_MS);
    network.which.set(|_| false);
    let nothing_waits = import.job_over(Vec::new());
    let look = import.look_at_the_unknown(&nothing_waits);
    server.clock.run(100 * HOUR_MS, look);
    assert!(is_unknown(import.outcome(0)), "{:?}", import.outcome(0));
    runs(&server, &import, import.job_over(vec![0]));
    assert_eq!(import.outcome(0), Some(Outcome::Skipped));
    assert_eq!(import.password(0), None);
    assert_eq!(server.account("jane"), Some(theirs));
}

/// A room is known by an alias as well; nobody is invited to it twice.
struct Aliased(Rc<Synapse>);

impl Network for Aliased {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        let told = match call.method {
            Method::Get if call.path.contains("/directory/room/") => {
                Some(answer(200, json!({"room_id": "!private:x", "servers": []})))
            }
            Method::Post if decoded(&call.path).contains("#room:x") => {
                Some(refusal(403, "M_FORBIDDEN", "is already in the room"))
            }
            _ => None,
        };
        match told {
            Some(told) => async { Ok(told) }.boxed_local(),
            None => self.0.exchange(call),
        }
    }
}

fn created(user: &str) -> [JournalEntry; 2] {
    let note = Note::Created(id(user), Proof::Answered);
    [JournalEntry::Begun(0, 1), JournalEntry::Noted(0, note)]
}

#[test]
fn who_is_in_a_private_room_already_has_not_failed_to_join_it() {
    for (room, is_in) in [("!private:x", true), ("#room:x", true), ("#room:x", false)] {
        let server = Synapse::new(1, Weather::default());
        let mut jane = ours(&server);
        if is_in {
            jane.rooms.insert("!private:x".into());
        }
        has(&server, "jane", jane);
        let account = NewAccount {
            avatar_url: Some("mxc://example.org/a".into()),
            rooms: vec!["!a:x".into(), room.into()],
            ..named("mine")
        };
        let tasks = [create("jane", account)];
        let options = options(OnConflict::Skip);
        let written = long_ago(&server);
        let network = Rc::new(Aliased(server.clone()));
        let import = gone_on(&server, network, &tasks, options, &created("jane"), written);
        runs(&server, &import, import.job());
        let Some(Outcome::Created { problems, .. }) = import.outcome(0) else {
            panic!("{:?}", import.outcome(0));
        };
        let failed: Vec<What> = problems.into_iter().map(|part| part.what).collect();
        let expected: Vec<What> = match is_in {
            true => Vec::new(),
            false => vec![What::Room(room.to_owned())],
        };
        assert_eq!(failed, expected);
    }
}

fn email(address: &str) -> Option<Vec<Threepid>> {
    Some(vec![Threepid {
        medium: "email".into(),
        address: address.into(),
    }])
}

#[test]
fn an_address_that_somebody_has_by_now_stays_theirs() {
    let server = Synapse::new(1, Weather::default());
    let mut joe = server.foreign("joe");
    joe.threepids = vec![("email".into(), "shared@b.c".into())];
    has(&server, "joe", joe);
    has(&server, "ann", server.blank("ann"));
    let jane = NewAccount {
        threepids: email("Shared@b.c"),
        ..named("mine")
    };
    let change = UserChange {
        threepids: email("shared@b.c"),
        displayname: Some("Ann".into()),
        ..UserChange::default()
    };
    let of_ann = RowTask {
        user: id("ann"),
        deed: update(change),
    };
    let kim = NewAccount {
        threepids: email("kim@b.c"),
        ..named("kim's")
    };
    let tasks = vec![create("jane", jane), of_ann, create("kim", kim)];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
    for row in [0, 1] {
        let outcome = import.outcome(row);
        let Some(Outcome::Created { problems, .. } | Outcome::Updated { problems }) = outcome
        else {
            panic!("{outcome:?}");
        };
        let [problem] = &problems[..] else {
            panic!("{problems:?}");
        };
        assert_eq!(problem.what, What::Field(Field::Threepids));
        let says = format!("{:?}", problem.error);
        assert!(says.contains("@joe:example.org"), "{says}");
    }
    assert_eq!(import.outcome(2), Some(sure("kim")));
    assert_eq!(server.account("kim").unwrap().threepids.len(), 1);
    for (local, name) in [("jane", "Jane Doe"), ("ann", "Ann")] {
        let account = server.account(local).unwrap();
        assert_eq!(account.displayname.as_deref(), Some(name));
        assert_eq!(account.threepids, []);
    }
    // Nobody is asked about anything but addresses.
    let requests = server.requests.borrow();
    let asked = requests.iter().filter(|sent| sent.2.contains("/threepid/"));
    assert_eq!(asked.count(), 3);
}

#[test]
fn an_address_is_given_once_its_owner_has_let_go_of_it() {
    let server = Synapse::new(1, Weather::default());
    let mut joe = server.foreign("joe");
    joe.threepids = vec![("email".into(), "shared@b.c".into())];
    has(&server, "joe", joe);
    let account = NewAccount {
        threepids: email("shared@b.c"),
        ..named("mine")
    };
    let tasks = vec![create("jane", account)];
    let (import, _, _) = import(&server, tasks, options(OnConflict::Stop), None);
    has(&server, "joe", server.foreign("joe"));
    runs(&server, &import, import.job_over(vec![0]));
    assert_eq!(import.outcome(0), Some(sure("jane")));
    assert_eq!(server.account("jane").unwrap().threepids.len(), 1);
}

#[test]
fn of_a_row_that_nobody_has_looked_at_nothing_is_told_as_failed() {
    for is_whole in [true, false] {
        let server = Synapse::new(1, Weather::default());
        let mut jane = ours(&server);
        jane.rooms.insert("!a:x".into());
        jane.avatar_url = is_whole.then(|| "mxc://example.org/a".into());
        has(&server, "jane", jane);
        let account = NewAccount {
            generated_password: true,
            avatar_url: Some("mxc://example.org/a".into()),
            rooms: vec!["!a:x".into()],
            ..named("mine")
        };
        let tasks = [create("jane", account)];
        let options = options(OnConflict::Skip);
        let written = long_ago(&server);
        let entries = created("jane");
        let import = gone_on(&server, server.clone(), &tasks, options, &entries, written);
        import.settled(0, &Fate::NotDone);
        let told = |import: &Import| match import.outcome(0) {
            Some(Outcome::Created {
                problems,
                proof: Proof::Answered,
                ..
            }) => problems.into_iter().map(|part| part.what).collect(),
            other => panic!("{other:?}"),
        };
        let told: &dyn Fn(&Import) -> Vec<What> = &told;
        // As it is told where nobody asks the server.
        assert_eq!(told(&import), [What::Rest]);
        assert_eq!(import.password(0), Some("mine"));
        assert_eq!(import.tally().with_problems, 1);
        let again = |import: &Import| {
            runs(&server, import, import.job_over(vec![0]));
            assert_eq!(told(import), []);
            assert!(server.account("jane").unwrap().avatar_url.is_some());
        };
        if !is_whole {
            // A retry does what is missing.
            again(&import);
            let jane = Model {
                avatar_url: None,
                ..server.account("jane").unwrap()
            };
            has(&server, "jane", jane);
        }
        // As it is told where somebody does.
        let options = options_of(&server, OnConflict::Skip);
        let import = gone_on(&server, server.clone(), &tasks, options, &entries, written);
        import.settled(0, &Fate::NotDone);
        let nothing_waits = import.job_over(Vec::new());
        let look = import.look_at_the_unknown(&nothing_waits);
        server.clock.run(100 * HOUR_MS, look);
        let missing = match is_whole {
            true => Vec::new(),
            false => vec![What::Field(Field::Avatar)],
        };
        assert_eq!(told(&import), missing);
        assert_eq!(import.tally().with_problems, usize::from(!is_whole));
        if !is_whole {
            again(&import);
        }
    }
}

/// The account belongs to an application service.
struct Managed(Rc<Synapse>);

impl Network for Managed {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let answer = self.0.exchange(call).await?;
            let is_detail = call.method == Method::Get && call.path.contains("/v2/users/");
            if !is_detail {
                return Ok(answer);
            }
            let mut told: Value = serde_json::from_slice(&answer.body).unwrap();
            told["appservice_id"] = json!("bridge");
            Ok(Answer::new(200, "application/json", told.to_string()))
        }
        .boxed_local()
    }
}

#[test]
fn an_account_that_appeared_is_updated_as_the_plan_would_have_it() {
    let tries = |account: NewAccount, is_managed: bool, theirs: fn(&mut Model)| {
        let server = Synapse::new(1, Weather::default());
        let mut jane = server.foreign("jane");
        jane.foreign = false;
        theirs(&mut jane);
        has(&server, "jane", jane.clone());
        let network: Rc<dyn Network> = match is_managed {
            true => Rc::new(Managed(server.clone())),
            false => server.clone(),
        };
        let tasks = [create("jane", account)];
        let options = options(OnConflict::Update);
        let import = gone_on(&server, network, &tasks, options, &[], 0);
        let job = import.job();
        runs(&server, &import, job.clone());
        if matches!(import.outcome(0), Some(Outcome::Refused(_))) {
            // The server has refused nothing.
            assert_eq!(job.fate(0), Some(Fate::Failed(ApiError::Cancelled)));
        }
        // Nor does a retry do it.
        runs(&server, &import, import.job_over(left(&import)));
        let now = server.account("jane").unwrap();
        (import.outcome(0), now.clone(), now == jane)
    };
    let (outcome, _, is_as_before) = tries(named("mine"), true, |_| ());
    let managed = |outcome| {
        matches!(
            outcome,
            Some(Outcome::Refused(RefusedChange::ManagedAccount(_)))
        )
    };
    assert!(managed(outcome) && is_as_before);
    // What the file says and the account is already is no change of it.
    let plain = NewAccount {
        password: None,
        admin: Some(false),
        ..named("")
    };
    let (outcome, jane, _) = tries(plain, true, |_| ());
    assert_eq!(outcome, Some(Outcome::Updated { problems: vec![] }));
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
    let ended = NewAccount {
        deactivated: Some(true),
        ..NewAccount::default()
    };
    let (outcome, _, is_as_before) = tries(ended, false, |jane| jane.locked = true);
    let both = Outcome::Refused(RefusedChange::LockedAndDeactivated);
    assert_eq!((outcome, is_as_before), (Some(both), true));
    // Rooms are for new accounts only.
    let with_room = NewAccount {
        displayname: Some("Somebody Else".into()),
        rooms: vec!["!a:x".into()],
        ..NewAccount::default()
    };
    let (outcome, _, is_as_before) = tries(with_room, false, |_| ());
    assert_eq!((outcome, is_as_before), (Some(Outcome::Unchanged), true));
}

#[test]
fn a_password_that_was_never_sent_is_not_handed_out() {
    let address = email("jane@b.c");
    let lost: [(Which, _, Option<&str>); 3] = [
        (|call| call.path.ends_with("/user-emails"), &address, None),
        (
            |call| call.path.ends_with("/set-password"),
            &address,
            Some("secret"),
        ),
        // With what is asked before a password is sent.
        (|call| call.path.contains("/by-username/"), &None, None),
    ];
    for (which, threepids, password) in lost {
        let server = Synapse::with(true, 1, Weather::default());
        let network = Intercepting::losing(&server, which);
        let account = NewAccount {
            threepids: threepids.clone(),
            ..named("secret")
        };
        let tasks = [create("jane", account)];
        let options = options_of(&server, OnConflict::Skip);
        let import = gone_on(&server, network, &tasks, options, &[], 0);
        let disk = Disk::new(&server);
        run_with_a_person(&server, &import, &disk, import.job(), Some(60_000));
        let outcome = import.outcome(0);
        let is_created = matches!(&outcome, Some(Outcome::Created { .. }));
        assert!(is_created, "{outcome:?}");
        assert_eq!(import.password(0), password, "{outcome:?}");
    }
}

/// What is told of a row that has created its account.
fn told(import: &Import) -> Vec<What> {
    match import.outcome(0) {
        Some(Outcome::Created { problems, .. }) => {
            problems.into_iter().map(|part| part.what).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// As the list of jobs does it with what is not gone on with.
fn gives_up(server: &Synapse, import: &Import) {
    import.settled(0, &Fate::NotDone);
    let nothing_waits = import.job_over(Vec::new());
    let look = import.look_at_the_unknown(&nothing_waits);
    server.clock.run(100 * HOUR_MS, look);
}

/// Accounts that have an end, and what had not worked before it.
fn ended(server: &Synapse) -> [(NewAccount, Model, What); 2] {
    let avatar = NewAccount {
        avatar_url: Some("mxc://example.org/a".into()),
        deactivated: Some(true),
        ..named("mine")
    };
    let is_deactivated = Model {
        deactivated: true,
        ..ours(server)
    };
    let room = NewAccount {
        rooms: vec!["!a:x".into()],
        locked: Some(true),
        ..named("mine")
    };
    let is_locked = Model {
        locked: true,
        ..ours(server)
    };
    [
        (avatar, is_deactivated, What::Field(Field::Avatar)),
        (room, is_locked, What::Room("!a:x".into())),
    ]
}

fn had_problems(whats: &[What]) -> Vec<JournalEntry> {
    let part = |what: &What| FailedPart {
        what: what.clone(),
        error: ApiError::TimedOut { after_ms: 60_000 },
    };
    let outcome = Outcome::Created {
        user: id("jane"),
        proof: Proof::Answered,
        problems: whats.iter().map(part).collect(),
    };
    let mut entries = created("jane").to_vec();
    entries.push(JournalEntry::Ended(0, outcome));
    entries
}

#[test]
fn what_an_interrupted_import_has_sent_may_come_after_the_look() {
    // How long ago the import was interrupted.
    for (passed, is_known) in [(60_000, false), (2 * LATEST_MS, true)] {
        let server = Synapse::new(1, Weather::default());
        let (written, rooms) = (server.clock.wall_ms(), vec!["!a:x".to_owned()]);
        let account = NewAccount {
            avatar_url: Some("mxc://example.org/a".into()),
            rooms,
            ..named("mine")
        };
        has(&server, "jane", ours(&server));
        passes(&server, passed);
        let tasks = [create("jane", account)];
        let options = options(OnConflict::Skip);
        let entries = created("jane");
        let import = gone_on(&server, server.clone(), &tasks, options, &entries, written);
        gives_up(&server, &import);
        let parts = [What::Field(Field::Avatar), What::Room("!a:x".into())];
        let expected = parts.map(|what| match is_known {
            true => what,
            false => What::Unsure(what.into()),
        });
        assert_eq!(told(&import), expected);
    }
}

#[test]
fn what_an_interrupted_retry_has_not_done_stays_told() {
    for with_rest in [false, true] {
        let server = Synapse::new(1, Weather::default());
        for (account, model, what) in ended(&server) {
            has(&server, "jane", model);
            let mut whats = vec![what.clone()];
            whats.extend(with_rest.then_some(What::Rest));
            let mut entries = had_problems(&whats);
            entries.push(JournalEntry::Again(0));
            let tasks = [create("jane", account.clone())];
            let options = options(OnConflict::Skip);
            let written = long_ago(&server);
            let import = gone_on(&server, server.clone(), &tasks, options, &entries, written);
            gives_up(&server, &import);
            // An account that is deactivated does not show what the retry had done before.
            let told_as = match account.deactivated {
                Some(true) => What::Unsure(what.into()),
                _ => what,
            };
            assert_eq!(told(&import), [told_as]);
            assert_eq!(import.tally().with_problems, 1);
        }
    }
}

#[test]
fn a_retry_does_what_has_failed_beside_what_nobody_has_looked_at() {
    for is_interrupted in [false, true] {
        let server = Synapse::new(1, Weather::default());
        let mut cases = ended(&server).to_vec();
        let (mut account, mut model, what) = cases[0].clone();
        (account.deactivated, model.deactivated) = (None, false);
        cases.push((account, model, what));
        for (account, model, what) in cases {
            has(&server, "jane", model);
            let mut entries = had_problems(&[what, What::Rest]);
            let again = JournalEntry::Again(0);
            entries.extend(is_interrupted.then_some(again));
            let tasks = [create("jane", account.clone())];
            let options = options(OnConflict::Skip);
            let written = long_ago(&server);
            let import = gone_on(&server, server.clone(), &tasks, options, &entries, written);
            let job = match is_interrupted {
                true => import.job(),
                false => import.job_over(vec![0]),
            };
            runs(&server, &import, job);
            assert_eq!(told(&import), []);
            let jane = server.account("jane").unwrap();
            assert_eq!(jane.avatar_url, account.avatar_url);
            assert_eq!(jane.rooms.len(), account.rooms.len());
        }
    }
}

#[test]
fn rooms_that_nobody_has_looked_at_are_not_told_as_failed() {
    let server = Synapse::new(1, Weather::default());
    let rooms = ["!a:x", "!b:x"].map(String::from);
    let mut jane = ours(&server);
    jane.rooms.extend(rooms.clone());
    has(&server, "jane", jane);
    let account = NewAccount {
        avatar_url: Some("mxc://example.org/a".into()),
        rooms: rooms.to_vec(),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let network = Intercepting::losing(&server, |call| call.method == Method::Post);
    let options = options(OnConflict::Skip);
    let (entries, written) = (created("jane"), long_ago(&server));
    let import = gone_on(&server, network, &tasks, options, &entries, written);
    let disk = Disk::new(&server);
    run_with_a_person(&server, &import, &disk, import.job(), Some(60_000));
    assert_eq!(told(&import), []);
}

#[test]
fn what_mas_may_have_done_is_not_told_as_failed() {
    let server = Synapse::with(true, 1, Weather::default());
    has(&server, "jane", server.blank("jane"));
    let account = NewAccount {
        threepids: email("jane@b.c"),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let network = Intercepting::losing(&server, |call| call.path.ends_with("/set-password"));
    let options = options_of(&server, OnConflict::Skip);
    let (entries, written) = (created("jane"), long_ago(&server));
    let import = gone_on(&server, network, &tasks, options, &entries, written);
    let disk = Disk::new(&server);
    run_with_a_person(&server, &import, &disk, import.job(), Some(60_000));
    // What is shown is known.
    let name = What::Field(Field::DisplayName);
    let password = What::Unsure(What::Field(Field::Password).into());
    assert_eq!(told(&import), [name, password]);
    assert_eq!(import.password(0), Some("mine"));
    // Both are done by who tries it again.
    let entries = [entries.to_vec(), had_ended(&import)].concat();
    let options = options_of(&server, OnConflict::Skip);
    let import = gone_on(&server, server.clone(), &tasks, options, &entries, written);
    runs(&server, &import, import.job_over(vec![0]));
    assert_eq!(told(&import), []);
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.password.as_deref(), Some("mine"));
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
}

#[test]
fn what_could_not_be_asked_about_is_not_told_as_refused() {
    let server = Synapse::with(true, 1, Weather::default());
    let mut jane = ours(&server);
    jane.threepids.push(("email".into(), "jane@b.c".into()));
    has(&server, "jane", jane);
    let account = NewAccount {
        threepids: email("jane@b.c"),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let network = Intercepting::refusing(&server, |call| {
        call.method == Method::Get && call.path.ends_with("/user-emails")
    });
    let options = options_of(&server, OnConflict::Skip);
    let (entries, written) = (created("jane"), long_ago(&server));
    let import = gone_on(&server, network, &tasks, options, &entries, written);
    runs(&server, &import, import.job());
    let addresses = What::Unsure(What::Field(Field::Threepids).into());
    assert_eq!(told(&import), [addresses]);
}

/// What the journal has of an import of one row that has ended.
fn had_ended(import: &Import) -> Vec<JournalEntry> {
    let ended = import.outcome(0).unwrap();
    let kept = record::bytes(&JournalEntry::Ended(0, ended));
    vec![record::read(&kept).unwrap()]
}

#[test]
fn a_room_that_an_earlier_try_may_have_joined_is_looked_up_or_not_known() {
    let room = What::Room("!a:x".into());
    for is_interrupted in [false, true] {
        for (says, is_in) in [(true, true), (true, false), (false, true)] {
            let server = Synapse::new(1, Weather::default());
            let mut jane = ours(&server);
            jane.rooms.extend(is_in.then(|| "!a:x".to_owned()));
            has(&server, "jane", jane);
            let network: Rc<dyn Network> = match says {
                true => server.clone(),
                false => {
                    Intercepting::refusing(&server, |call| call.path.ends_with("/joined_rooms"))
                }
            };
            let account = NewAccount {
                rooms: vec!["!a:x".into()],
                ..named("mine")
            };
            let tasks = [create("jane", account)];
            let mut entries = had_problems(std::slice::from_ref(&room));
            entries.extend(is_interrupted.then_some(JournalEntry::Again(0)));
            let options = options(OnConflict::Skip);
            let written = long_ago(&server);
            let import = gone_on(&server, network, &tasks, options, &entries, written);
            let job = match is_interrupted {
                true => import.job(),
                false => import.job_over(vec![0]),
            };
            job.cancel();
            runs(&server, &import, job);
            let expected = match (says, is_in) {
                (true, true) => Vec::new(),
                (true, false) => vec![room.clone()],
                (false, _) => vec![What::Unsure(room.clone().into())],
            };
            assert_eq!(told(&import), expected, "{is_interrupted} {says}");
        }
    }
}

/// Whose an address is takes an hour to say, and somebody makes an account meanwhile.
struct Slow(Rc<Synapse>);

impl Network for Slow {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            if call.path.contains("/threepid/") && self.0.account("jane").is_none() {
                self.0.clock.sleep(HOUR_MS).await;
                has(&self.0, "jane", self.0.blank("jane"));
            }
            self.0.exchange(call).await
        }
        .boxed_local()
    }
}

#[test]
fn who_makes_an_account_while_addresses_are_asked_about_keeps_it() {
    let server = Synapse::new(1, Weather::default());
    let account = NewAccount {
        threepids: email("jane@b.c"),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let network = Rc::new(Slow(server.clone()));
    let options = options(OnConflict::Skip);
    let import = gone_on(&server, network, &tasks, options, &[], 0);
    runs(&server, &import, import.job());
    assert_eq!(import.outcome(0), Some(Outcome::Skipped));
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("jane"));
}

#[test]
fn an_address_of_which_the_server_says_nothing_costs_nothing_else() {
    let server = Synapse::new(1, Weather::default());
    has(&server, "ann", server.blank("ann"));
    let change = UserChange {
        threepids: email("ann@b.c"),
        displayname: Some("Ann".into()),
        ..UserChange::default()
    };
    let of_ann = RowTask {
        user: id("ann"),
        deed: update(change),
    };
    let jane = NewAccount {
        threepids: email("jane@b.c"),
        displayname: Some("Jane".into()),
        ..named("mine")
    };
    let tasks = [of_ann, create("jane", jane)];
    let network = Intercepting::refusing(&server, |call| call.path.contains("/threepid/"));
    let options = options(OnConflict::Skip);
    let import = gone_on(&server, network, &tasks, options, &[], 0);
    runs(&server, &import, import.job());
    for (row, local, name) in [(0, "ann", "Ann"), (1, "jane", "Jane")] {
        let outcome = import.outcome(row);
        let Some(Outcome::Created { problems, .. } | Outcome::Updated { problems }) = outcome
        else {
            panic!("{outcome:?}");
        };
        let [problem] = &problems[..] else {
            panic!("{problems:?}");
        };
        assert_eq!(problem.what, What::Field(Field::Threepids));
        assert!(format!("{:?}", problem.error).contains(UNSAID));
        let account = server.account(local).unwrap();
        assert_eq!(account.displayname.as_deref(), Some(name));
    }
}

/// The answer to a creation never comes.
struct LosesCreations(Rc<Synapse>);

impl Network for LosesCreations {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let answer = self.0.exchange(call).await;
            match call.method {
                Method::Put => std::future::pending().await,
                _ => answer,
            }
        }
        .boxed_local()
    }
}

#[test]
fn an_account_that_was_made_without_its_address_is_known_after_a_crash() {
    let server = Synapse::new(1, Weather::default());
    let mut theirs = server.foreign("ann");
    theirs.threepids.push(("email".into(), "jane@b.c".into()));
    has(&server, "ann", theirs);
    let account = NewAccount {
        threepids: email("jane@b.c"),
        ..named("mine")
    };
    let tasks = [create("jane", account)];
    let disk = Disk::new(&server);
    let options = RunOptions {
        creations: for_all(LosesCreations(server.clone())),
        ..options(OnConflict::Stop)
    };
    let import = reopened(&server, &tasks, &options, &disk);
    let job = import.job();
    server.clock.run(HOUR_MS, async {
        let work = pin!(import.run(&job, &server.random));
        let keep = pin!(import.journal.keep(&disk, &server.clock));
        let crash = pin!(server.clock.sleep(5_000));
        select(select(work, keep), crash).await;
    });
    assert!(server.account("jane").is_some());
    let options = RunOptions {
        creations: None,
        ..options
    };
    let import = reopened(&server, &tasks, &options, &disk);
    run_with_a_person(&server, &import, &disk, import.job(), None);
    let Some(Outcome::Created { problems, .. }) = import.outcome(0) else {
        panic!("{:?}", import.outcome(0));
    };
    let [problem] = &problems[..] else {
        panic!("{problems:?}");
    };
    assert_eq!(problem.what, What::Field(Field::Threepids));
    let jane = server.account("jane").unwrap();
    assert_eq!(jane.displayname.as_deref(), Some("Jane Doe"));
    assert!(jane.threepids.is_empty());
}
