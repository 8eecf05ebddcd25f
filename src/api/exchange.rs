//! Sending with patience: which failures are worth another try, and when.
//!
//! Pure: the network, the clock and chance come in as traits, so that this runs natively under
//! a simulated clock in tests.

use super::{Answer, ApiError, Call, Request};
use futures_util::future::LocalBoxFuture;

/// Something that sends one request and waits for one answer, at most the call's own timeout.
pub trait Network {
    /// Sends the call once. An answer of any status is an `Ok`; an error is one of
    /// [`ApiError::Unreachable`], [`ApiError::TimedOut`] and [`ApiError::Cancelled`].
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>>;
}

/// Sends a request once, and reads its answer.
///
/// # Errors
///
/// What came of it.
pub async fn send_once<T>(network: &dyn Network, request: Request<T>) -> Result<T, ApiError> {
    request.read(&network.exchange(&request.call).await?)
}

/// Has something done by a request that is sent once: done whatever of an answer that it is done we understand.
///
/// # Errors
///
/// What came of it.
pub async fn done_once<T>(network: &dyn Network, request: Request<T>) -> Result<(), ApiError> {
    match send_once(network, request).await {
        Ok(_) | Err(ApiError::Undecodable { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Time, in milliseconds.
pub trait Clock {
    /// Milliseconds since any fixed moment; never goes back.
    fn now_ms(&self) -> u64;
    /// Milliseconds since 1970, UTC.
    fn wall_ms(&self) -> i64;
    /// Is ready after so many milliseconds.
    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()>;
}

/// Chance, good enough for passwords.
pub trait Random {
    /// Fills a buffer with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// How often an idempotent request is sent at most.
const TRIES: u32 = 4;

/// The longest wait that a person sitting before the page is asked to bear, in milliseconds.
const LONGEST_WAIT_MS: u64 = 30_000;

/// The wait before try number `retry` (from 1), in milliseconds: doubling from half a second,
/// with up to a third of it by chance, so that clients do not come back all at once.
pub fn backoff_ms(retry: u32, random: &dyn Random) -> u64 {
    let base = 500_u64 << retry.saturating_sub(1).min(6);
    let mut byte = [0];
    random.fill(&mut byte);
    base + base * u64::from(byte[0]) / 768
}

/// The wait that a `Retry-After` header asks for, in milliseconds: it holds seconds, or a date,
/// which `date` turns into milliseconds since 1970.
///
/// ```
/// use synapse_admin::api::exchange::wait_asked_ms;
/// let date = |text: &str| (text == "Sun, 06 Nov 1994 08:49:37 GMT").then_some(784_111_777_000);
/// assert_eq!(wait_asked_ms("120", 0, date), Some(120_000));
/// assert_eq!(
///     wait_asked_ms("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770_000, date),
///     Some(7_000)
/// );
/// assert_eq!(wait_asked_ms("soon", 0, date), None);
/// ```
pub fn wait_asked_ms(
    header: &str,
    wall_ms: i64,
    date: impl Fn(&str) -> Option<i64>,
) -> Option<u64> {
    let header = header.trim();
    match header.parse::<u64>() {
        Ok(seconds) => Some(seconds.saturating_mul(1000)),
        // A date that is over, perhaps by a clock ahead of theirs, asks for no wait.
        Err(_) => Some(u64::try_from(date(header)? - wall_ms).unwrap_or(0)),
    }
}

/// Sends a call until it has an answer worth showing.
///
/// - 429 was not carried out: it is sent again after exactly the wait that the server asks for,
///   whatever the method.
/// - Network errors and 502, 503, 504 are retried for idempotent requests only: the first try
///   may have been carried out.
/// - A timeout is not retried: the server is busy enough.
pub async fn patiently(
    network: &dyn Network,
    clock: &dyn Clock,
    random: &dyn Random,
    call: &Call,
) -> Result<Answer, ApiError> {
    let mut tries = 1;
    loop {
        let outcome = match network.exchange(call).await {
            Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
            Ok(answer) => {
                let error = ApiError::from_answer(&answer);
                (Ok(answer), error)
            }
            Err(error) => (Err(error.clone()), error),
        };
        let wait = match &outcome.1 {
            ApiError::RateLimited { retry_after_ms, .. } => {
                Some(retry_after_ms.unwrap_or_else(|| backoff_ms(tries + 1, random)))
            }
            ApiError::Unreachable { .. } if call.idempotent => Some(backoff_ms(tries, random)),
            ApiError::NotMatrix {
                status: 502..=504, ..
            }
            | ApiError::Matrix {
                status: 502..=504, ..
            } if call.idempotent => Some(backoff_ms(tries, random)),
            _ => None,
        };
        match wait {
            Some(ms) if tries < TRIES && ms <= LONGEST_WAIT_MS => clock.sleep(ms).await,
            _ => return outcome.0,
        }
        tries += 1;
    }
}

/// A network with patience: all that pure code needs to read from a server.
#[derive(Clone, Copy)]
pub struct Patient<'a> {
    pub network: &'a dyn Network,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
}

impl Patient<'_> {
    /// Sends a request as [`patiently`] does and reads its answer.
    pub async fn send<T>(self, request: Request<T>) -> Result<T, ApiError> {
        let answer = patiently(self.network, self.clock, self.random, &request.call).await?;
        request.read(&answer)
    }
}
