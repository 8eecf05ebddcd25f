//! When files came: as far as the lists of files have been read, by the reading of the Media page.

use super::scan::Scan;
use super::summed::sum_up;
use crate::api::ApiError;
use crate::browser::clock::{Month, months};
use crate::lists::Reading;
use crate::media::question::MONTHS;
use crate::media::reach::ScanState;
use crate::media::{Question, Sum};

/// What came when.
pub struct Uploads {
    /// Before these months.
    pub earlier: Sum,
    pub months: Vec<(Month, Sum)>,
    /// The files of so many users have been read.
    pub read: u64,
    /// So many users have files.
    pub of: u64,
    /// Whether the files of all of them have been read.
    pub is_whole: bool,
}

/// Whether the lists are being read, or have been.
pub fn is_begun() -> bool {
    Scan::is_begun()
}

/// Waits until the lists have been read, those of the largest users at least. Cancelled, it stops
/// the reading; but not because the page is left: the Media page may have begun it, and looks at it.
pub async fn wait(reading: &Reading) -> Result<Scan, ApiError> {
    let scan = Scan::get();
    if reading.is_refresh() {
        scan.anew();
    }
    match scan.until_read(reading).await {
        // Charts of what a failure has left would say less than why.
        Ok(ScanState::Failed(error)) => Err(error),
        Err(error) => {
            if !reading.is_left() {
                scan.stop();
            }
            Err(error)
        }
        Ok(_) => Ok(scan),
    }
}

/// What came when, as soon as the lists have been read as [`wait`] describes.
pub async fn read(reading: Reading) -> Result<Uploads, ApiError> {
    let scan = wait(&reading).await?;
    let summary = sum_up(scan, Question::default(), || true).await;
    let sums = summary.ok_or(ApiError::Cancelled)?.months;
    let lists = scan.lists_now();
    Ok(Uploads {
        earlier: sums.first().copied().unwrap_or_default(),
        months: months(MONTHS)
            .into_iter()
            .zip(sums.into_iter().skip(1))
            .collect(),
        read: lists.read,
        of: lists.all,
        is_whole: matches!(scan.state_now(), ScanState::Done(_)),
    })
}
