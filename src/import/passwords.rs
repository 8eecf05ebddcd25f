//! Passwords and IDs made up here.

use crate::api::exchange::Random;

/// Lower case and digits without those that are taken for one another (`i`, `l`, `o`, `0`, `1`):
/// to be read out, typed on a phone, printed.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// How many of [`ALPHABET`] are letters; they come first.
const LETTERS: u8 = 23;

/// A password of three groups of six, `kq7xmn-4hd8wp-tz3rgc`: 18 characters of 31, 89 bits of
/// entropy.
pub fn password(random: &dyn Random) -> String {
    let characters = pick(random, 31, 18);
    let mut password = String::with_capacity(20);
    for (index, character) in characters.into_iter().enumerate() {
        if index > 0 && index % 6 == 0 {
            password.push('-');
        }
        password.push(character);
    }
    password
}

/// So many letters and digits that nobody takes for one another.
pub fn characters(random: &dyn Random, count: usize) -> String {
    pick(random, 31, count).into_iter().collect()
}

/// A localpart of a letter and eleven letters or digits, 59 bits: not all digits, which the
/// server refuses, and nothing that is taken already.
pub fn localpart(random: &dyn Random) -> String {
    let mut characters = pick(random, LETTERS, 1);
    characters.extend(pick(random, 31, 11));
    characters.into_iter().collect()
}

/// So many characters, each one of the first `of` of the alphabet with the same chance.
fn pick(random: &dyn Random, of: u8, count: usize) -> Vec<char> {
    let mut picked = Vec::with_capacity(count);
    let mut bytes = [0; 32];
    while picked.len() < count {
        random.fill(&mut bytes);
        let fair = bytes.iter().map(|byte| byte & 31).filter(|at| *at < of);
        let missing = count - picked.len();
        picked.extend(
            fair.take(missing)
                .map(|at| char::from(ALPHABET[usize::from(at)])),
        );
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tests::Dice;
    use std::collections::HashMap;

    #[test]
    fn passwords_can_be_read_out() {
        let password = password(&Dice::new(1));
        let groups: Vec<&str> = password.split('-').collect();
        assert_eq!(groups.len(), 3);
        for group in groups {
            assert_eq!(group.len(), 6);
            assert!(group.bytes().all(|byte| ALPHABET.contains(&byte)));
        }
    }

    #[test]
    fn every_character_has_the_same_chance() {
        let dice = Dice::new(2);
        let mut counts: HashMap<char, u32> = HashMap::new();
        for _ in 0..2000 {
            for character in pick(&dice, 31, 31) {
                *counts.entry(character).or_default() += 1;
            }
        }
        assert_eq!(counts.len(), 31);
        // 2000 expected, standard deviation 44.
        assert!(
            counts.values().all(|count| (1750..2250).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn localparts_can_be_created() {
        let dice = Dice::new(3);
        for _ in 0..200 {
            let localpart = localpart(&dice);
            assert!(crate::api::ids::is_creatable_localpart(&localpart));
            assert_eq!(localpart.len(), 12);
            assert!(localpart.starts_with(|c: char| c.is_ascii_lowercase()));
        }
    }
}
