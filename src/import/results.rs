//! What became of the rows of a plan: by row of the file, whether a row needed requests or not.

use super::journal::{Journal, Standing};
use super::outcome::{AccountAfter, Outcome, Proof};
use super::plan::{Plan, Planned};
use super::report::{self, Word};
use super::run::{Import, RunOptions};
use crate::api::UserId;
use crate::api::exchange::{Clock, Network};
use crate::runner::{Fate, Work};
use std::rc::Rc;

/// A plan, and the import that carries it out. Rows are those of the file, from 0; the import
/// counts only those that need requests.
pub struct Results {
    pub import: Rc<Import>,
    pub plan: Rc<Plan>,
    /// The task of each row.
    tasks: Vec<Option<usize>>,
}

impl Results {
    /// Prepares the import of a plan; nothing is sent. See [`Import::new`].
    pub fn new(
        plan: Rc<Plan>,
        standings: &[Standing],
        options: RunOptions,
        network: Rc<dyn Network>,
        clock: Rc<dyn Clock>,
        journal: Rc<Journal>,
    ) -> Self {
        let mut tasks_of = vec![None; plan.rows.len()];
        let mut tasks = Vec::new();
        for (row, task) in plan.tasks() {
            tasks_of[row] = Some(tasks.len());
            tasks.push(task);
        }
        let import = Import::new(tasks, standings, options, network, clock, journal);
        Results {
            import: Rc::new(import),
            plan,
            tasks: tasks_of,
        }
    }

    /// Nobody goes on with it any more: rows without an outcome were not done, or nobody
    /// knows.
    pub fn leave_open(&self) {
        for task in self.import.open() {
            self.import.settled(task, &Fate::NotDone);
        }
    }

    /// The tasks, not rows, that can be tried again: what failed, wholly or in part, and what was
    /// not done.
    pub fn left(&self) -> Vec<usize> {
        let is_left = |task: &usize| {
            self.import.with_outcome(*task, |outcome| match outcome {
                Some(Outcome::ChangedByAccident { .. }) | None => false,
                Some(outcome) => outcome.is_failure(),
            })
        };
        (0..self.import.tasks().len()).filter(is_left).collect()
    }

    fn look<T>(&self, row: usize, look: impl FnOnce(Option<&Outcome>) -> T) -> T {
        match self.tasks[row] {
            Some(task) => self.import.with_outcome(task, look),
            None => look(None),
        }
    }

    /// What became of a row that needed requests.
    pub fn outcome(&self, row: usize) -> Option<Outcome> {
        self.import.outcome(self.tasks[row]?)
    }

    /// The account of a row, as it is now.
    pub fn user(&self, row: usize) -> Option<UserId> {
        match self.outcome(row) {
            Some(Outcome::Created { user, .. }) => Some(user),
            // It may be there.
            Some(Outcome::Failed {
                account: AccountAfter::Unknown,
                ..
            }) => self.tasks[row].map(|task| self.import.user(task)),
            _ => self.plan.rows[row].user().cloned(),
        }
    }

    /// The account of a row where it is another than the file says: the ID was made up, by the plan or
    /// because the file's had appeared. Whoever corrects the row and imports it again means this one.
    pub fn other_user(&self, row: usize) -> Option<UserId> {
        let Planned::Create {
            user, generated_id, ..
        } = &self.plan.rows[row]
        else {
            return None;
        };
        let now = self.user(row)?;
        let is_other = now != *user || *generated_id && self.may_be_there(row);
        is_other.then_some(now)
    }

    /// Whether this import has created the account of a row, or may have.
    fn may_be_there(&self, row: usize) -> bool {
        self.look(row, |outcome| {
            matches!(
                outcome,
                Some(
                    Outcome::Created { .. }
                        | Outcome::Failed {
                            account: AccountAfter::Unknown,
                            ..
                        }
                )
            )
        })
    }

    /// Whether the account of a row was created by this import.
    pub fn is_created(&self, row: usize) -> bool {
        self.look(row, |outcome| {
            matches!(outcome, Some(Outcome::Created { .. }))
        })
    }

    /// The account that a row has surely created.
    pub fn created(&self, row: usize) -> Option<UserId> {
        match self.outcome(row) {
            Some(Outcome::Created { user, proof, .. }) if proof != Proof::Doubtful => Some(user),
            _ => None,
        }
    }

    /// The password of a row's account, if the import set it.
    pub fn password(&self, row: usize) -> Option<&str> {
        self.import.password(self.tasks[row]?)
    }

    /// The password, if it was made up here.
    pub fn made_up(&self, row: usize) -> Option<&str> {
        match &self.plan.rows[row] {
            Planned::Create { account, .. } if account.generated_password => self.password(row),
            _ => None,
        }
    }

    /// Whether an account has a password that was made up here.
    pub fn has_made_up(&self) -> bool {
        (0..self.plan.rows.len()).any(|row| self.made_up(row).is_some())
    }

    /// How a row ended.
    pub fn word(&self, row: usize) -> Word {
        self.look(row, |outcome| report::word(&self.plan.rows[row], outcome))
    }

    /// Whether a row belongs into the file of failed rows.
    pub fn is_failure(&self, row: usize) -> bool {
        self.look(row, |outcome| {
            report::is_failure(&self.plan.rows[row], outcome)
        })
    }

    /// How many rows failed, were blocked or not done.
    pub fn failures(&self) -> usize {
        let rows = 0..self.plan.rows.len();
        rows.filter(|row| self.is_failure(*row)).count()
    }

    /// Whether something would be lost with the file, the plan and the passwords.
    pub fn is_worth_keeping(&self) -> bool {
        self.has_made_up() || (0..self.plan.rows.len()).any(|row| self.is_failure(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::server::Capabilities;
    use crate::api::{Answer, ApiError, Call};
    use crate::import::plan::{OnConflict, Passwords, plan};
    use crate::import::read::read;
    use crate::import::run::{FailedPart, What};
    use crate::import::tests::{Dice, complete, options, rules, user};
    use crate::import::validate::Validation;
    use crate::runner::Limits;
    use crate::runner::simulation::SimClock;
    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;

    /// Nothing is to be sent.
    struct Nobody;

    impl Network for Nobody {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            async move { panic!("{call:?}") }.boxed_local()
        }
    }

    /// The rows: one that is created with a generated password, one that cannot be read, one that
    /// exists, and three that are created with passwords of their own.
    fn results(standings: impl FnOnce(&[UserId]) -> Vec<Standing>) -> Results {
        let text = "id,password\nmade,\nbad id!,x\nold,y\na,first\nb,second\nc,third\n";
        results_of(text, standings)
    }

    fn results_of(text: &str, standings: impl FnOnce(&[UserId]) -> Vec<Standing>) -> Results {
        let table = read(text.as_bytes()).unwrap();
        let file = Validation::of(&table, rules()).unwrap();
        let wanted = crate::import::plan::PlanOptions {
            on_conflict: OnConflict::Skip,
            passwords: Passwords::GenerateMissing,
            ..options()
        };
        let existing = complete(&[user("@old:example.org")]);
        let plan = plan(&table, &file, &existing, &wanted, &Dice::new(1));
        let users: Vec<UserId> = plan
            .tasks()
            .into_iter()
            .map(|(_, task)| task.user)
            .collect();
        let standings = standings(&users);
        let options = RunOptions {
            on_conflict: OnConflict::Skip,
            new_id: Rc::new(|| user("@other:example.org").name),
            server: Capabilities::default(),
            newest_known: None,
            just_interrupted: false,
            interrupted_ms: None,
            limits: Limits::default(),
            creations: None,
            changes: None,
        };
        let journal = Rc::new(Journal::none(standings.len()));
        Results::new(
            Rc::new(plan),
            &standings,
            options,
            Rc::new(Nobody),
            Rc::new(SimClock::default()),
            journal,
        )
    }

    fn over(outcome: Outcome) -> Standing {
        Standing {
            begun: true,
            outcome: Some(outcome),
            ..Standing::default()
        }
    }

    fn created(user: &UserId, proof: Proof) -> Standing {
        over(Outcome::Created {
            user: user.clone(),
            proof,
            problems: Vec::new(),
        })
    }

    #[test]
    fn rows_are_those_of_the_file() {
        let results = results(|users| {
            let failed = Outcome::Failed {
                error: ApiError::Cancelled,
                account: AccountAfter::Absent,
            };
            vec![
                created(&users[0], Proof::Answered),
                created(&users[1], Proof::Doubtful),
                over(failed),
                over(Outcome::NotDone),
            ]
        });
        let words: Vec<&str> = (0..6).map(|row| results.word(row).name()).collect();
        assert_eq!(
            words,
            [
                "created", "invalid", "skipped", "created", "failed", "not_done"
            ]
        );
        assert_eq!(results.failures(), 3);
        // As the import counts them.
        assert_eq!(results.left(), [2, 3]);
        let name = |row: usize| results.created(row).map(|user| user.localpart().to_owned());
        // Nobody takes back what may be somebody else's.
        assert_eq!(name(0).as_deref(), Some("made"));
        assert_eq!((name(3), results.is_created(3)), (None, true));
        assert_eq!(results.made_up(0).map(str::len), Some(20));
        assert_eq!(results.made_up(3), None);
        assert_eq!(results.password(3), Some("first"));
        assert_eq!(results.password(4), None);
        assert!(results.has_made_up() && results.is_worth_keeping());
    }

    #[test]
    fn a_row_with_another_id_is_told_by_it() {
        let (jane, joe) = (
            user("@jane2:example.org").name,
            user("@joe2:example.org").name,
        );
        let results = results(|_| {
            let partly = Outcome::Created {
                user: jane.clone(),
                proof: Proof::Answered,
                problems: vec![FailedPart {
                    what: What::Room("!a:example.org".into()),
                    error: ApiError::Cancelled,
                }],
            };
            let unknown = Outcome::Failed {
                error: ApiError::Cancelled,
                account: AccountAfter::Unknown,
            };
            let absent = Outcome::Failed {
                error: ApiError::Cancelled,
                account: AccountAfter::Absent,
            };
            let renamed = |outcome| Standing {
                renamed: Some(joe.clone()),
                ..over(outcome)
            };
            vec![
                over(partly),
                renamed(unknown),
                renamed(absent),
                Standing::default(),
            ]
        });
        // Corrected and imported again, the file's ID would be somebody else's account.
        assert!(results.is_failure(0));
        assert_eq!(results.other_user(0), Some(jane));
        assert_eq!(results.other_user(3), Some(joe.clone()));
        assert_eq!(results.user(3), Some(joe));
        // There is no such account.
        assert_eq!(results.other_user(4), None);
        assert_eq!(results.other_user(5), None);
        assert_eq!(results.other_user(1), None);
    }

    #[test]
    fn a_made_up_id_is_told_where_its_account_may_be_there() {
        let failed = |account| Outcome::Failed {
            error: ApiError::Cancelled,
            account,
        };
        let text = "id,password\n,first\n,second\n,third\n,fourth\n";
        let results = results_of(text, |users| {
            vec![
                created(&users[0], Proof::Answered),
                over(failed(AccountAfter::Unknown)),
                over(failed(AccountAfter::Absent)),
                over(Outcome::NotDone),
            ]
        });
        let planned = |row: usize| results.plan.rows[row].user().cloned();
        let told = [0, 1, 2, 3].map(|row| results.other_user(row));
        assert_eq!(told, [planned(0), planned(1), None, None]);
    }

    #[test]
    fn a_password_that_an_account_may_have_is_not_lost() {
        let failed = |account| Outcome::Failed {
            error: ApiError::Cancelled,
            account,
        };
        for (account, is_kept) in [
            (AccountAfter::Unknown, true),
            (AccountAfter::Absent, false),
            (AccountAfter::AsBefore, false),
        ] {
            let results = results_of("id,password\njane,\n", |_| vec![over(failed(account))]);
            assert_eq!(results.made_up(0).is_some(), is_kept, "{account:?}");
            assert_eq!(results.has_made_up(), is_kept);
            // Nobody hands it out.
            assert!(!results.is_created(0));
        }
    }

    #[test]
    fn whoever_leaves_rows_open_says_what_is_known_of_them() {
        let begun = Standing {
            begun: true,
            ..Standing::default()
        };
        let results = results(|users| {
            vec![
                created(&users[0], Proof::Answered),
                begun,
                Standing::default(),
                Standing::default(),
            ]
        });
        assert_eq!(results.import.open(), [1, 2, 3]);
        results.leave_open();
        let words: Vec<&str> = (3..6).map(|row| results.word(row).name()).collect();
        assert_eq!(words, ["unknown", "not_done", "not_done"]);
        assert!(results.import.open().is_empty());
        let tally = results.import.tally();
        assert_eq!((tally.created, tally.failed, tally.not_done), (1, 1, 2));
    }
}
