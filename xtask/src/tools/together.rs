//! What is made side by side, and what whoever waits is told meanwhile.

use anyhow::Result;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// Something to install, or to make ready in another way: see [`together`].
pub type Installation = Box<dyn FnOnce() -> Result<()> + Send>;

/// How often it is said what is still under way.
const REMINDER: Duration = Duration::from_secs(30);

/// How often it is looked whether all have ended.
const BEAT: Duration = Duration::from_millis(50);

/// What is under way in this program, in the order in which it began.
static UNDER_WAY: Mutex<Vec<Task>> = Mutex::new(Vec::new());

#[derive(Clone)]
struct Task {
    name: String,
    begun: Instant,
}

/// Something that takes a while, from its beginning until this is dropped.
pub struct UnderWay {
    name: String,
    begun: Instant,
}

impl UnderWay {
    /// Says that it begins, and how long it takes. `name` is as it stands in the middle of a sentence.
    pub fn begin(what_happens: &str, name: &str, effort: &str) -> UnderWay {
        eprintln!("{what_happens} {name}, {effort} …");
        let begun = Instant::now();
        let task = Task {
            name: name.to_owned(),
            begun,
        };
        tasks().push(task);
        UnderWay {
            name: name.to_owned(),
            begun,
        }
    }

    /// Since when, in whole seconds.
    pub fn seconds(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut tasks = tasks();
        let own = |task: &Task| task.name == self.name && task.begun == self.begun;
        if let Some(at) = tasks.iter().position(own) {
            tasks.remove(at);
        }
    }
}

fn tasks() -> std::sync::MutexGuard<'static, Vec<Task>> {
    UNDER_WAY
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One line about what has not ended, each with its seconds.
fn still(tasks: &[Task], now: Instant) -> Option<String> {
    let each: Vec<String> = tasks
        .iter()
        .map(|task| {
            let seconds = now.saturating_duration_since(task.begun).as_secs();
            format!("{} ({seconds} s)", task.name)
        })
        .collect();
    (!each.is_empty()).then(|| format!("Still at {}.", each.join(", ")))
}

/// Installs several things side by side: what waits for the network leaves the processors to what
/// compiles. Says from time to time what has not ended.
///
/// # Errors
/// The first of those that failed, in their order, when all have ended.
pub fn together(things: Vec<Installation>) -> Result<()> {
    thread::scope(|scope| {
        let running: Vec<_> = things.into_iter().map(|thing| scope.spawn(thing)).collect();
        let mut said = Instant::now();
        while !running.iter().all(|thread| thread.is_finished()) {
            thread::sleep(BEAT);
            if said.elapsed() >= REMINDER {
                said = Instant::now();
                let line = still(&tasks(), said);
                line.into_iter().for_each(|line| eprintln!("{line}"));
            }
        }
        let ended: Vec<Result<()>> = running
            .into_iter()
            .map(|thread| thread.join().expect("an installation does not panic"))
            .collect();
        ended.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn the_first_failure_is_told_when_all_have_ended() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static ENDED: AtomicUsize = AtomicUsize::new(0);
        let thing = |fails: Option<&'static str>| -> Installation {
            Box::new(move || {
                ENDED.fetch_add(1, Ordering::SeqCst);
                fails.map_or(Ok(()), |why| bail!(why))
            })
        };
        let all = vec![thing(None), thing(Some("one")), thing(Some("two"))];
        let error = together(all).unwrap_err();
        assert_eq!(error.to_string(), "one");
        assert_eq!(ENDED.load(Ordering::SeqCst), 3);
        assert!(together(vec![thing(None)]).is_ok());
    }

    #[test]
    fn what_has_not_ended_is_said_with_its_seconds() {
        let begun = Instant::now();
        let task = |name: &str, after: u64| Task {
            name: name.to_owned(),
            begun: begun + Duration::from_secs(after),
        };
        let tasks = [task("Trunk 0.21.14", 0), task("the app", 7)];
        assert_eq!(
            still(&tasks, begun + Duration::from_secs(60)).as_deref(),
            Some("Still at Trunk 0.21.14 (60 s), the app (53 s).")
        );
        assert_eq!(still(&[], begun), None);
    }
}
