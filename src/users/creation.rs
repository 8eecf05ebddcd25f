//! A new account at Matrix Authentication Service, which is made piece by piece: in which order, and what is left
//! where it has stopped half-way.

use crate::api::mas::Ulid;

/// What a new account is to have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewAtMas {
    pub displayname: Option<String>,
    /// `None`: nobody logs in with a password.
    pub password: Option<String>,
    pub emails: Vec<String>,
    /// A provider of single sign-on, and what that calls the account.
    pub identity: Option<(Ulid, String)>,
    pub admin: bool,
}

/// One thing that is done to make an account, with a request of its own.
#[derive(Clone, PartialEq)]
pub enum Piece {
    /// The account itself, with nothing.
    Account,
    Password(String),
    Email(String),
    Identity(Ulid, String),
    /// That it may ask for the rights of an administrator.
    Admin,
    /// The display name, at the homeserver.
    Name(String),
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Piece::Account => "Account",
            Piece::Password(_) => "Password(…)",
            Piece::Email(_) => "Email",
            Piece::Identity(..) => "Identity",
            Piece::Admin => "Admin",
            Piece::Name(_) => "Name",
        })
    }
}

/// All pieces, in their order: first what makes the account, then what its owner needs to log in, then the right
/// to administer, which only a whole account should have, then what is the homeserver's.
pub fn plan(wanted: &NewAtMas) -> Vec<Piece> {
    let mut pieces = vec![Piece::Account];
    pieces.extend(wanted.password.clone().map(Piece::Password));
    pieces.extend(wanted.emails.iter().cloned().map(Piece::Email));
    let identity = wanted.identity.clone();
    pieces.extend(identity.map(|(provider, subject)| Piece::Identity(provider, subject)));
    pieces.extend(wanted.admin.then_some(Piece::Admin));
    pieces.extend(wanted.displayname.clone().map(Piece::Name));
    pieces
}

/// What is left to do of what is wanted by now. A password or a name that was given and is wanted otherwise by now
/// is given again.
pub fn left(wanted: &NewAtMas, done: &[Piece]) -> Vec<Piece> {
    let mut pieces = plan(wanted);
    pieces.retain(|piece| !done.contains(piece));
    pieces
}

/// Notes that a piece is done, in place of what it replaces.
pub fn note(done: &mut Vec<Piece>, piece: Piece) {
    match &piece {
        Piece::Password(_) => done.retain(|piece| !matches!(piece, Piece::Password(_))),
        Piece::Name(_) => done.retain(|piece| !matches!(piece, Piece::Name(_))),
        _ => {}
    }
    done.push(piece);
}

/// The password that the account has by now.
pub fn password(done: &[Piece]) -> Option<&str> {
    done.iter().find_map(|piece| match piece {
        Piece::Password(password) => Some(password.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> NewAtMas {
        NewAtMas {
            displayname: Some("Jane".into()),
            password: Some("weak".into()),
            emails: vec!["a@example.org".into(), "b@example.org".into()],
            identity: Ulid::parse("01JSTANDN00000000000000001").map(|id| (id, "jane".to_owned())),
            admin: true,
        }
    }

    fn words(pieces: &[Piece]) -> String {
        format!("{pieces:?}")
    }

    #[test]
    fn the_account_comes_first_and_the_right_to_administer_late() {
        assert_eq!(
            words(&plan(&wanted())),
            "[Account, Password(…), Email, Email, Identity, Admin, Name]"
        );
        assert_eq!(plan(&NewAtMas::default()), [Piece::Account]);
        // A newer MAS takes the name along.
        let named = [Piece::Account, Piece::Name("Jane".into())];
        assert_eq!(
            words(&left(&wanted(), &named)),
            "[Password(…), Email, Email, Identity, Admin]"
        );
    }

    #[test]
    fn what_stopped_goes_on_behind_what_is_done() {
        let mut wanted = wanted();
        let mut done = Vec::new();
        for piece in plan(&wanted).into_iter().take(3) {
            note(&mut done, piece);
        }
        let left_of = |wanted: &NewAtMas, done: &[Piece]| words(&left(wanted, done));
        assert_eq!(left_of(&wanted, &done), "[Email, Identity, Admin, Name]");
        // Whoever types another password gives that, and the account is not made again.
        wanted.password = Some("much stronger".into());
        assert_eq!(
            left_of(&wanted, &done),
            "[Password(…), Email, Identity, Admin, Name]"
        );
        note(&mut done, Piece::Password("much stronger".into()));
        assert_eq!(password(&done), Some("much stronger"));
        assert_eq!(left_of(&wanted, &done), "[Email, Identity, Admin, Name]");
        // The address that was refused is not wanted any more.
        wanted.emails.pop();
        assert_eq!(left_of(&wanted, &done), "[Identity, Admin, Name]");
    }
}
