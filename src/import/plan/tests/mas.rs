//! Where Matrix Authentication Service keeps the accounts, or nobody has a password.

use super::*;
use crate::api::UserId;
use crate::api::mas::Ulid;
use crate::api::mas::resource::Resource;
use crate::api::mas::upstream::Provider;
use crate::api::mas::users::MasUser;
use crate::api::server::{AtMas, MasAccess};
use serde_json::json;

const ONE: &str = "01FSHN9AG0MZAA6S4AF7CTV32E";
const OTHER: &str = "01FSHN9AG0MZAA6S4AF7CTV32F";

fn provider(id: &str, name: &str) -> SignInProvider {
    let told: Resource<Provider> = serde_json::from_value(json!({"id": id, "attributes": {
        "human_name": name, "issuer": format!("https://{id}.example/"),
        "created_at": "2026-01-01T00:00:00Z",
    }}))
    .expect("a provider");
    SignInProvider::of(told)
}

/// The homeserver has these users, and MAS of them those that are named, with what it says of them.
fn delegated(text: &str, here: &[User], there: &[(&str, serde_json::Value)]) -> World {
    let mut world = world(text, here);
    world.options.server.delegated_auth = true;
    world.options.server.at_mas = AtMas::Everything(MasAccess {
        base: "https://mas.example.org".into(),
        version_text: "v1.22.0".into(),
        version: None,
    });
    world.options.providers = vec![provider(ONE, "Company"), provider(OTHER, "Club")];
    world.existing.beside_mas();
    for (number, (name, told)) in there.iter().enumerate() {
        let id = Ulid::parse(&format!("01H{number:023}")).expect("an ID");
        let mut user: MasUser = serde_json::from_value(told.clone()).expect("an account");
        (*name).clone_into(&mut user.username);
        let name = UserId::parse(&format!("@{name}:example.org")).expect("an ID");
        world.existing.add_at_mas(name, id, &user);
    }
    world.existing.set_complete_at_mas();
    world
}

fn plain() -> serde_json::Value {
    json!({"username": "", "admin": false})
}

#[test]
fn accounts_are_created_there_with_what_it_takes() {
    let plan = delegated(
        "id,password,threepids,external_ids,user_type\n\
         jane,secret,\"email:a@b.c,msisdn:+4930123456\",Company:7,bot\n\
         joe,secret,msisdn:+4930123457,oidc-01FSHN9AG0MZAA6S4AF7CTV32F:8,\n\
         jim,secret,,\"Company:9,Nobody:9\",\n",
        &[],
        &[],
    )
    .plan();
    let jane = account(&plan.rows[0]);
    assert_eq!(jane.password.as_deref(), Some("secret"));
    let addresses = jane.threepids.clone().expect("addresses");
    assert_eq!(
        (addresses.len(), addresses[0].address.as_str()),
        (1, "a@b.c")
    );
    assert_eq!(
        jane.external_ids.as_ref().expect("IDs")[0].auth_provider,
        ONE
    );
    assert_eq!(
        (jane.user_type.as_deref(), &jane.left[..]),
        (Some("bot"), &[Untaken::Phone][..])
    );
    let joe = account(&plan.rows[1]);
    assert_eq!(
        (&joe.threepids, &joe.left[..]),
        (&None, &[Untaken::Phone][..])
    );
    assert_eq!(
        joe.external_ids.as_ref().expect("IDs")[0].auth_provider,
        OTHER
    );
    // One that is not known would be taken from an account by the list without it.
    let jim = account(&plan.rows[2]);
    assert_eq!(
        (&jim.external_ids, &jim.left[..]),
        (&None, &[Untaken::ExternalId][..])
    );
}

#[test]
fn a_name_that_two_providers_have_is_none() {
    let mut world = delegated("id,external_ids\njane,Company:7\n", &[], &[]);
    world.options.providers = vec![provider(ONE, "Company"), provider(OTHER, "Company")];
    assert_eq!(account(&world.first()).left, [Untaken::ExternalId]);
}

#[test]
fn what_it_says_of_an_account_is_so() {
    let jane = User {
        admin: true,
        displayname: Some("Jane".into()),
        ..user("@jane:example.org")
    };
    let told = json!({"username": "", "admin": false, "locked_at": "2026-01-01T00:00:00Z"});
    let text = "id,displayname,admin,locked,deactivated\njane,Jane,no,yes,no\n";
    let here = [jane];
    let world = delegated(text, &here, &[("jane", told.clone())]).with(OnConflict::Update);
    assert!(matches!(
        world.first(),
        Planned::Skip {
            why: Skipped::Unchanged,
            ..
        }
    ));
    // Whichever is heard of last.
    let mut world = delegated("id,admin,locked\njane,yes,no\n", &here, &[("jane", told)])
        .with(OnConflict::Update);
    world.existing.add(here[0].clone());
    let Planned::Update { change, .. } = world.first() else {
        panic!("{:?}", world.first());
    };
    assert_eq!((change.admin, change.locked), (Some(true), Some(false)));
}

#[test]
fn its_addresses_are_what_the_files_are_compared_with() {
    let detail: UserDetail = serde_json::from_value(json!({
        "name": "@jane:example.org",
        "threepids": [{"medium": "msisdn", "address": "49"}],
    }))
    .expect("an account");
    let email = |address: &str| Threepid {
        medium: "email".into(),
        address: address.into(),
    };
    let jane = UserId::parse("@jane:example.org").expect("an ID");
    let plan = |text: &str| {
        let world = delegated(text, &[], &[("jane", plain())]);
        let mut world = world.with(OnConflict::Update);
        world.existing.add_detail(detail.clone());
        assert_eq!(
            world.existing.without_identities_at_mas(&world.file).len(),
            1
        );
        let emails = vec![email("old@b.c")];
        world
            .existing
            .add_identities_at_mas(jane.clone(), emails, Vec::new());
        assert_eq!(world.existing.without_identities_at_mas(&world.file), []);
        world.first()
    };
    let Planned::Update { change, notes, .. } = plan("id,email\njane,new@b.c\n") else {
        panic!("no update");
    };
    assert_eq!(change.threepids, Some(vec![email("new@b.c")]));
    let removed = ProblemKind::ThreepidsRemoved {
        addresses: "email:old@b.c".into(),
    };
    assert_eq!(notes[0].kind, removed);
    assert!(matches!(
        plan("id,email\njane,old@b.c\n"),
        Planned::Skip {
            why: Skipped::Unchanged,
            ..
        }
    ));
    // A number takes no address away.
    assert!(matches!(
        plan("id,phone\njane,+4930123456\n"),
        Planned::Skip {
            why: Skipped::UnchangedButLeft,
            ..
        }
    ));
}

#[test]
fn an_account_of_the_homeserver_alone_keeps_what_is_not_its() {
    let bot = user("@bot:example.org");
    let plan = |text: &str, on_conflict| {
        let world = delegated(text, std::slice::from_ref(&bot), &[]);
        world.with(on_conflict).first()
    };
    let text = "id,displayname,admin\nbot,Bot,yes\n";
    assert!(matches!(
        plan(text, OnConflict::Stop),
        Planned::Conflict { .. }
    ));
    let Planned::Update { change, notes, .. } = plan(text, OnConflict::Update) else {
        panic!("no update");
    };
    assert_eq!(
        (change.displayname.as_deref(), change.admin),
        (Some("Bot"), None)
    );
    assert_eq!(notes[0].kind, ProblemKind::NotAtMas);
    let only = plan("id,admin\nbot,yes\n", OnConflict::Update);
    assert_eq!(blocked_by(&only), [ProblemKind::NotAtMas]);
}

#[test]
fn an_account_that_only_it_has_exists() {
    let world = delegated("id,displayname\njane,Jane\n", &[], &[("jane", plain())]);
    assert!(matches!(world.first(), Planned::Conflict { .. }));
    let world = delegated("id\njane\n", &[], &[("Jane", plain())]).with(OnConflict::Update);
    assert!(matches!(
        blocked_by(&world.first())[..],
        [ProblemKind::TakenInOtherCase { .. }]
    ));
}

#[test]
fn whoever_it_was_not_asked_for_is_not_sent() {
    let mut world = delegated("id\njane\n", &[], &[]);
    let jane = UserId::parse("@jane:example.org").expect("an ID");
    world.existing = complete(&[]);
    world.existing.beside_mas();
    let is_open = |world: &World| matches!(world.first(), Planned::NotLookedUp { .. });
    assert!(is_open(&world));
    world.existing.add_absent_at_mas(jane.clone());
    assert!(matches!(world.first(), Planned::Create { .. }));
    // A change of ours is asked about on both sides.
    world.existing.forget([jane.clone()].into_iter());
    world.existing.add_absent(jane);
    assert!(is_open(&world));
}

#[test]
fn where_passwords_are_off_none_is_sent_or_made() {
    for at_mas in [false, true] {
        let text = "id,password\njane,secret\njoe,\n";
        let mut world = match at_mas {
            true => delegated(text, &[], &[]),
            false => world(text, &[]),
        }
        .passwords(Passwords::GenerateAll);
        (
            world.options.passwords_are_useless,
            world.options.passwords_are_off,
        ) = (true, true);
        let plan = world.plan();
        assert_eq!(account(&plan.rows[0]).password, None);
        assert_eq!(account(&plan.rows[0]).left, [Untaken::Password]);
        assert_eq!(account(&plan.rows[1]).password, None);
        assert_eq!(
            (
                plan.totals.generated_passwords,
                plan.totals.without_password
            ),
            (0, 2)
        );
        // Nor is that of an account that exists.
        let jane = user("@jane:example.org");
        let text = "id,password\njane,secret\n";
        let mut world = match at_mas {
            true => delegated(text, &[jane], &[("jane", plain())]),
            false => super::world(text, &[jane]),
        }
        .with(OnConflict::Update);
        world.options.passwords_are_off = true;
        assert!(matches!(
            world.first(),
            Planned::Skip {
                why: Skipped::UnchangedButLeft,
                ..
            }
        ));
    }
}
