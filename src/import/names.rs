//! Under which names people and programs have the columns: in the languages of the world, in
//! directories, HR systems, mail servers and spreadsheets.

mod accounts;
mod marks;
mod others;
mod people;

use super::characters::bare;
use super::columns::ImportColumn;
use others::OTHER;

/// Names as [`folded`] makes them, by column.
const NAMES: [(ImportColumn, &[&str]); ImportColumn::COUNT] = [
    (ImportColumn::Id, accounts::ID),
    (ImportColumn::DisplayName, people::DISPLAY_NAME),
    (ImportColumn::Password, accounts::PASSWORD),
    (ImportColumn::IsGuest, marks::IS_GUEST),
    (ImportColumn::Admin, marks::ADMIN),
    (ImportColumn::Deactivated, marks::DEACTIVATED),
    (ImportColumn::AvatarUrl, accounts::AVATAR_URL),
    (ImportColumn::UserType, accounts::USER_TYPE),
    (ImportColumn::Threepids, people::THREEPIDS),
    (ImportColumn::ExternalIds, accounts::EXTERNAL_IDS),
    (ImportColumn::Locked, marks::LOCKED),
    (ImportColumn::Rooms, accounts::ROOMS),
    (ImportColumn::Email, people::EMAIL),
    (ImportColumn::Phone, people::PHONE),
    (ImportColumn::GivenName, people::GIVEN_NAME),
    (ImportColumn::FamilyName, people::FAMILY_NAME),
    (ImportColumn::Active, marks::ACTIVE),
];

/// The name of a column without what does not matter: case, spaces and signs, marks on letters,
/// and remarks in brackets.
pub fn folded(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut depth = 0_u32;
    for c in name.chars() {
        match c {
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ => {
                for c in c.to_lowercase().filter(|c| c.is_alphanumeric()) {
                    match bare(c) {
                        Some(letters) => plain.push_str(letters),
                        None => plain.push(c),
                    }
                }
            }
        }
    }
    // A name that stands in brackets altogether.
    if plain.is_empty() && depth == 0 && name.contains(['(', '[']) {
        return folded(&name.replace(['(', ')', '[', ']'], " "));
    }
    plain
}

/// The column that has this name, as [`folded`] makes it.
pub fn known(folded: &str) -> Option<ImportColumn> {
    let has = |(_, names): &&(ImportColumn, &[&str])| names.contains(&folded);
    NAMES.iter().find(has).map(|(column, _)| *column)
}

/// The column whose name this one looks like: contains it, or differs in a letter. As [`folded`]
/// makes it.
pub fn like(folded: &str) -> Option<ImportColumn> {
    if folded.chars().count() < 4 && folded.is_ascii() || is_of_another(folded) {
        return None;
    }
    let mut best: Option<(usize, ImportColumn)> = None;
    for (column, names) in &NAMES {
        for name in *names {
            let letters = name.chars().count();
            // Short words are part of many others.
            let fits = letters >= 5 && (folded.contains(name) || differ_by_one(folded, name))
                || letters >= 4 && (folded.starts_with(name) || folded.ends_with(name))
                || !name.is_ascii() && letters >= 2 && folded.contains(name);
            if fits && best.is_none_or(|(longest, _)| letters > longest) {
                best = Some((letters, *column));
            }
        }
    }
    best.map(|(_, column)| column)
}

/// Whether the name, as [`folded`] makes it, speaks of something else than the account itself.
pub fn is_of_another(folded: &str) -> bool {
    OTHER.iter().any(|word| folded.contains(word))
}

/// Whether one letter was left out, added, changed, or two were swapped.
fn differ_by_one(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (long, short) = if a.len() >= b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    let from = long.iter().zip(short).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => {
            long[(from + 1).min(long.len())..] == short[(from + 1).min(short.len())..]
                || from + 1 < long.len()
                    && long[from] == short[from + 1]
                    && long[from + 1] == short[from]
                    && long[from + 2..] == short[from + 2..]
        }
        1 => long[from + 1..] == short[from..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world() {
        for (name, column) in [
            ("Passwort", ImportColumn::Password),
            ("Mot de passe", ImportColumn::Password),
            ("Contraseña", ImportColumn::Password),
            ("Пароль", ImportColumn::Password),
            ("Hasło", ImportColumn::Password),
            ("パスワード", ImportColumn::Password),
            ("密码", ImportColumn::Password),
            ("گذرواژه", ImportColumn::Password),
            ("كلمة المرور", ImportColumn::Password),
            ("E-Mail", ImportColumn::Email),
            ("E-Mail-Adresse", ImportColumn::Email),
            ("Courriel", ImportColumn::Email),
            ("Correo electrónico", ImportColumn::Email),
            ("Электронная почта", ImportColumn::Email),
            ("Електронна пошта", ImportColumn::Email),
            ("メールアドレス", ImportColumn::Email),
            ("电子邮箱", ImportColumn::Email),
            ("البريد الإلكتروني", ImportColumn::Email),
            ("Email Address [Required]", ImportColumn::Email),
            ("sAMAccountName", ImportColumn::Id),
            ("Benutzername", ImportColumn::Id),
            ("Nom d’utilisateur", ImportColumn::Id),
            ("Имя пользователя", ImportColumn::Id),
            ("Ім'я користувача", ImportColumn::Id),
            ("Nazwa użytkownika", ImportColumn::Id),
            ("用户名", ImportColumn::Id),
            ("نام کاربری", ImportColumn::Id),
            ("اسم المستخدم", ImportColumn::Id),
            ("Display Name", ImportColumn::DisplayName),
            ("Имя и фамилия", ImportColumn::DisplayName),
            ("氏名", ImportColumn::DisplayName),
            ("First Name [Required]", ImportColumn::GivenName),
            ("Vorname", ImportColumn::GivenName),
            ("Prénom", ImportColumn::GivenName),
            ("Ім’я", ImportColumn::GivenName),
            ("sn", ImportColumn::FamilyName),
            ("Прізвище", ImportColumn::FamilyName),
            ("Nachname", ImportColumn::FamilyName),
            ("Telefonnummer", ImportColumn::Phone),
            ("Мобильный телефон", ImportColumn::Phone),
            ("Enabled", ImportColumn::Active),
            ("# id", ImportColumn::Id),
            ("Vor- und Nachname", ImportColumn::DisplayName),
            ("Uživatelské jméno", ImportColumn::Id),
            ("Heslo", ImportColumn::Password),
            ("Felhasználónév", ImportColumn::Id),
            ("Wachtwoord", ImportColumn::Password),
            ("Lösenord", ImportColumn::Password),
            ("Salasana", ImportColumn::Password),
            ("Şifre", ImportColumn::Password),
            ("Ad Soyad", ImportColumn::DisplayName),
            ("Κωδικός πρόσβασης", ImportColumn::Password),
            ("שם משתמש", ImportColumn::Id),
            ("비밀번호", ImportColumn::Password),
            ("Mật khẩu", ImportColumn::Password),
        ] {
            assert_eq!(
                known(&folded(name)),
                Some(column),
                "{name} {}",
                folded(name)
            );
        }
    }

    #[test]
    fn every_name_is_folded_and_stands_for_one_column() {
        let mut seen: Vec<&str> = Vec::new();
        for (column, names) in NAMES {
            for name in names {
                assert_eq!(folded(name), *name, "{column:?}");
                assert!(!seen.contains(name), "{name} twice");
                seen.push(name);
            }
        }
    }

    #[test]
    fn likeness() {
        for (name, column) in [
            ("Pasword", Some(ImportColumn::Password)),
            ("Passwort neu", Some(ImportColumn::Password)),
            ("Usrname", Some(ImportColumn::Id)),
            ("E-Mail privat", Some(ImportColumn::Email)),
            ("emial", Some(ImportColumn::Email)),
            ("Password changed", None),
            ("password_hash", None),
            ("Manager email", None),
            ("shoe size", None),
            ("department", None),
        ] {
            assert_eq!(like(&folded(name)), column, "{name}");
        }
    }
}
