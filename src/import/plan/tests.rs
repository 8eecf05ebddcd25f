use super::*;
use crate::import::read::read;
use crate::import::tests::{Dice, complete, options, rules, user};
use crate::import::validate::Rules;

struct World {
    table: Table,
    file: Validation,
    existing: Existing,
    options: Options,
}

fn world(text: &str, users: &[User]) -> World {
    let table = read(text.as_bytes()).expect("a table");
    let file = Validation::of(&table, rules()).expect("has IDs");
    World {
        table,
        file,
        existing: complete(users),
        options: options(),
    }
}

impl World {
    fn with(mut self, on_conflict: OnConflict) -> Self {
        self.options.on_conflict = on_conflict;
        self
    }

    fn passwords(mut self, passwords: Passwords) -> Self {
        self.options.passwords = passwords;
        self
    }

    fn plan(&self) -> Plan {
        let plan = plan(
            &self.table,
            &self.file,
            &self.existing,
            &self.options,
            &Dice::new(7),
        );
        assert_eq!(plan.totals.rows(), self.table.rows().len());
        plan
    }

    fn first(&self) -> Planned {
        self.plan().rows.remove(0)
    }
}

fn account(planned: &Planned) -> &Account {
    match planned {
        Planned::Create { account, .. } => account,
        other => panic!("{other:?}"),
    }
}

fn blocked_by(planned: &Planned) -> Vec<ProblemKind> {
    match planned {
        Planned::Blocked { problems } => problems.iter().map(|p| p.kind.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn new_accounts() {
    let plan = world(
        "id,displayname,password,admin,deactivated,rooms\n\
         jane,Jane,secret,yes,no,#a:b.org\n\
         ,Nameless,,,,\n",
        &[],
    )
    .plan();
    let wanted = Account {
        password: Some("secret".into()),
        displayname: Some("Jane".into()),
        admin: Some(true),
        deactivated: Some(false),
        rooms: vec!["#a:b.org".into()],
        ..Account::default()
    };
    assert_eq!(*account(&plan.rows[0]), wanted);
    assert!(matches!(
        &plan.rows[1],
        Planned::Create { generated_id: true, user, .. } if user.localpart().len() == 12
    ));
    let wanted = Totals {
        create: 2,
        generated_ids: 1,
        without_password: 1,
        admins: 1,
        ..Totals::default()
    };
    assert_eq!(plan.totals, wanted);
    assert_eq!(plan.tasks().len(), 2);
}

#[test]
fn passwords_for_new_accounts() {
    let text = "id,password,deactivated\na,secret,\nb,,\nc,,yes\n";
    let made = |passwords| {
        let plan = world(text, &[]).passwords(passwords).plan();
        let kind = |row: &Planned| {
            let account = account(row);
            match (&account.password, account.generated_password) {
                (Some(password), false) if password == "secret" => 'f',
                (Some(password), true) if password.len() == 20 => 'g',
                (None, false) => '-',
                other => panic!("{other:?}"),
            }
        };
        plan.rows.iter().map(kind).collect::<String>()
    };
    assert_eq!(made(Passwords::FromFile), "f--");
    assert_eq!(made(Passwords::GenerateMissing), "fg-");
    assert_eq!(made(Passwords::GenerateAll), "gg-");
    assert_eq!(made(Passwords::None), "---");
}

#[test]
fn accounts_that_exist() {
    let text = "id,displayname\njane,Jane\njohn,John\n";
    let taken = user("@jane:example.org");
    let with = |on_conflict| {
        world(text, std::slice::from_ref(&taken))
            .with(on_conflict)
            .plan()
    };

    let stopped = with(OnConflict::Stop);
    assert!(stopped.is_stopped());
    assert_eq!(stopped.tasks(), []);
    assert_eq!((stopped.totals.conflicts, stopped.totals.create), (1, 1));

    let skipping = with(OnConflict::Skip);
    assert!(matches!(
        skipping.rows[0],
        Planned::Skip {
            why: Skipped::Exists,
            ..
        }
    ));
    assert_eq!(skipping.tasks().len(), 1);

    let renaming = with(OnConflict::NewRandomId);
    assert!(matches!(
        &renaming.rows[0],
        Planned::Create { user, generated_id: true, .. } if *user != taken.name
    ));
    assert_eq!(renaming.tasks().len(), 2);

    let updating = with(OnConflict::Update);
    assert!(matches!(updating.rows[0], Planned::Update { .. }));
}

#[test]
fn an_update_sends_what_differs_and_nothing_else() {
    let jane = User {
        displayname: Some("Jane".into()),
        avatar_url: Some("mxc://a.org/b".into()),
        admin: true,
        locked: true,
        ..user("@jane:example.org")
    };
    let updating = |text: &str| {
        let plan = world(text, std::slice::from_ref(&jane)).with(OnConflict::Update);
        plan.first()
    };
    let Planned::Update {
        differences,
        change,
        notes,
        ..
    } = updating(
        "id,displayname,password,admin,locked,user_type,threepids,rooms,is_guest\n\
         jane,Jane Doe,secret,yes,no,bot,email:a@b.c,!a:b.org,no\n",
    )
    else {
        panic!("an update")
    };
    let threepid = Threepid {
        medium: "email".into(),
        address: "a@b.c".into(),
    };
    let wanted = UserChange {
        displayname: Some("Jane Doe".into()),
        password: Some("secret".into()),
        logout_devices: Some(false),
        locked: Some(false),
        user_type: Some(Some("bot".into())),
        threepids: Some(vec![threepid]),
        ..UserChange::default()
    };
    assert_eq!(*change, wanted);
    let text = |field, from, to: &str| Difference::Text {
        field,
        from,
        to: to.into(),
    };
    let value = |text: &str| Before::Value(text.into());
    assert_eq!(
        differences,
        [
            text(Field::DisplayName, value("Jane"), "Jane Doe"),
            text(Field::UserType, value(""), "bot"),
            text(Field::Threepids, Before::Unknown, "email:a@b.c"),
            Difference::Flag {
                field: Field::Locked,
                from: true,
                to: false
            },
            Difference::Password,
        ]
    );
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].kind, ProblemKind::RoomsOnlyForNew);

    for same in [
        "id\njane\n",
        "id,displayname,admin,avatar_url\njane, Jane ,1,mxc://a.org/b\n",
        // An empty field changes nothing.
        "id,displayname,password,admin,locked,avatar_url\njane,,,,,\n",
    ] {
        assert!(
            matches!(
                updating(same),
                Planned::Skip {
                    why: Skipped::Unchanged,
                    ..
                }
            ),
            "{same}"
        );
    }
}

#[test]
fn details_show_the_difference_of_lists() {
    let mut world = world(
        "id,threepids\njane,email:a@b.c\njohn,\n",
        &[user("@jane:example.org"), user("@john:example.org")],
    )
    .with(OnConflict::Update);
    assert_eq!(
        world.existing.without_detail(&world.table, &world.file),
        [user("@jane:example.org").name]
    );
    let detail = |address: &str| UserDetail {
        user: user("@jane:example.org"),
        threepids: vec![Threepid {
            medium: "email".into(),
            address: address.into(),
        }],
        external_ids: Vec::new(),
        appservice_id: None,
        consent_version: None,
        consent_ts: None,
    };
    world.existing.add_detail(detail("old@b.c"));
    assert!(matches!(
        world.first(),
        Planned::Update { differences, .. } if differences == [Difference::Text {
            field: Field::Threepids,
            from: Before::Value("email:old@b.c".into()),
            to: "email:a@b.c".into(),
        }]
    ));
    world.existing.add_detail(detail("a@b.c"));
    assert!(matches!(world.first(), Planned::Skip { .. }));
}

#[test]
fn generated_passwords_never_touch_an_account() {
    let jane = user("@jane:example.org");
    let updating = |passwords| {
        world(
            "id,password,admin\njane,secret,1\n",
            std::slice::from_ref(&jane),
        )
        .with(OnConflict::Update)
        .passwords(passwords)
        .first()
    };
    let password = |planned| match planned {
        Planned::Update { change, .. } => change.password,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        password(updating(Passwords::FromFile)).as_deref(),
        Some("secret")
    );
    assert_eq!(
        password(updating(Passwords::GenerateMissing)).as_deref(),
        Some("secret")
    );
    assert_eq!(password(updating(Passwords::GenerateAll)), None);
    assert_eq!(password(updating(Passwords::None)), None);
}

#[test]
fn nobody_shuts_themselves_out() {
    let me = User {
        admin: true,
        ..user("@admin:example.org")
    };
    for (column, value) in [("admin", "no"), ("deactivated", "yes"), ("locked", "yes")] {
        let text = format!("id,{column}\nadmin,{value}\n");
        let planned = world(&text, std::slice::from_ref(&me))
            .with(OnConflict::Update)
            .first();
        assert_eq!(blocked_by(&planned), [ProblemKind::OwnAccount], "{column}");
    }
    let text = "id,displayname,admin\nadmin,Boss,yes\n";
    let planned = world(text, &[me]).with(OnConflict::Update).first();
    assert!(matches!(planned, Planned::Update { .. }));
}

#[test]
fn what_only_new_accounts_must_not_have() {
    let historical = [
        user("@Old:example.org"),
        user("@123:example.org"),
        user("@_bot:example.org"),
        User {
            is_guest: true,
            ..user("@7:example.org")
        },
    ];
    // As an export has them.
    let text = "id,is_guest\n@Old:example.org,0\n123,0\n_bot,0\n7,1\n";
    let plan = world(text, &historical).with(OnConflict::Update).plan();
    assert_eq!(plan.totals.unchanged, 4);
    let plan = world(text, &[]).with(OnConflict::Update).plan();
    assert_eq!((plan.totals.blocked, plan.totals.create), (3, 1));
    let plan = world(text, &historical)
        .with(OnConflict::NewRandomId)
        .plan();
    // A guest does not become a person, whatever its ID.
    assert!(matches!(plan.rows[3], Planned::Blocked { .. }));
}

#[test]
fn ids_that_differ_in_case_only() {
    let old = user("@Jane:example.org");
    let with = |on_conflict| {
        world("id\njane\n", std::slice::from_ref(&old))
            .with(on_conflict)
            .first()
    };
    assert!(matches!(with(OnConflict::Stop), Planned::Conflict { .. }));
    assert!(matches!(with(OnConflict::Skip), Planned::Skip { .. }));
    assert!(matches!(
        with(OnConflict::NewRandomId),
        Planned::Create { .. }
    ));
    assert_eq!(
        blocked_by(&with(OnConflict::Update)),
        [ProblemKind::TakenInOtherCase {
            existing: old.name.clone()
        }]
    );
}

#[test]
fn what_the_server_refuses() {
    let gone = User {
        deactivated: true,
        ..user("@jane:example.org")
    };
    let locking = world("id,locked\njane,yes\n", std::slice::from_ref(&gone))
        .with(OnConflict::Update)
        .first();
    assert_eq!(blocked_by(&locking), [ProblemKind::LockedAndDeactivated]);
    let mut reviving =
        world("id,deactivated\njane,no\n", std::slice::from_ref(&gone)).with(OnConflict::Update);
    assert!(matches!(reviving.first(), Planned::Update { .. }));
    reviving.options.server.version = crate::api::server::Version::parse("1.98.0");
    assert_eq!(
        blocked_by(&reviving.first()),
        [ProblemKind::ReactivationNeedsPassword]
    );
    let both = world("id,locked,deactivated\njane,1,1\n", &[]).first();
    assert_eq!(blocked_by(&both), [ProblemKind::LockedAndDeactivated]);
    let mut reserved = world("id\njane\n", &[]);
    reserved
        .existing
        .add_reserved(user("@jane:example.org").name);
    assert_eq!(blocked_by(&reserved.first()), [ProblemKind::Reserved]);
}

#[test]
fn what_nobody_asked_for_is_not_sent() {
    let mut world = world("id\njane\njohn\n", &[]);
    world.existing = Existing::new();
    assert_eq!(world.plan().totals.not_looked_up, 2);
    assert_eq!(world.plan().tasks(), []);
    let jane = user("@jane:example.org").name;
    world.existing.add_absent(jane.clone());
    let unknown: Vec<_> = world.existing.unknown(&world.file).cloned().collect();
    assert_eq!(unknown, [user("@john:example.org").name]);
    assert_eq!(world.plan().tasks()[0].1.user, jane);
}

#[test]
fn all_ids_made_up() {
    let table = read(b"id,displayname\njane,Jane\njane,Jane\n").unwrap();
    let generate = Rules {
        ids: crate::import::validate::Ids::GenerateAll,
        ..rules()
    };
    let file = Validation::of(&table, generate).unwrap();
    let existing = Existing::new();
    let plan = plan(&table, &file, &existing, &options(), &Dice::new(1));
    assert_eq!(plan.totals.generated_ids, 2);
    assert_eq!(plan.taken().len(), 2);
}

#[test]
fn the_cheaper_lookup() {
    assert_eq!(lookup(0, 1), Lookup::PageThrough);
    assert_eq!(lookup(5_000, 1), Lookup::PageThrough);
    assert_eq!(lookup(5_001, 1), Lookup::AskEach);
    assert_eq!(lookup(100_000, 500), Lookup::AskEach);
    assert_eq!(lookup(100_000, 1_000), Lookup::PageThrough);
    assert_eq!(lookup(1_000_000, 5_000), Lookup::AskEach);
}
