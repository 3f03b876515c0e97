//! Who got what and when: the records that exporter and importer keep.

use super::agency::AgencyCode;
use super::envelope::Statement;
use serde::{Deserialize, Serialize};
use store::{Deposit, Snapshot};
use types::error::{Error, Kind, Result};
use types::message::say;

/// The kind of the record of a bundle that was made.
pub const SENT: &str = "bundle_sent";
/// The kind of the record of a bundle that was taken over.
pub const RECEIVED: &str = "bundle_received";

/// A bundle that was made or taken over, as it stands in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was signed, by whom: proof of what the bundle was.
    pub signed: Deposit,
    /// Every record it held, as `kind/id`, under the names of this store.
    pub records: Vec<String>,
}

/// The identifier of an exchange's record: partner and number.
pub fn id_of(partner: &AgencyCode, number: u64) -> String {
    format!("{partner}/{number:08}")
}

impl Exchange {
    /// What was stated of the bundle.
    ///
    /// # Errors
    /// [`Kind::Store`] if the record is damaged.
    pub fn statement(&self) -> Result<Statement> {
        serde_json::from_str(&self.signed.signed)
            .map_err(|e| Error::new(Kind::Store, say!("the record of a bundle: {e}")).because(&e))
    }
}

/// Every exchange of one kind ([`SENT`] or [`RECEIVED`]), by partner and
/// number.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn exchanges(snapshot: &Snapshot, kind: &str) -> Result<Vec<(Exchange, Statement)>> {
    let read = |record: store::Record| {
        let exchange: Exchange = serde_json::from_str(&record.body).map_err(|e| {
            Error::new(Kind::Store, say!("the record of bundle {}: {e}", record.id)).because(&e)
        })?;
        let statement = exchange.statement()?;
        Ok((exchange, statement))
    };
    snapshot.records(kind)?.into_iter().map(read).collect()
}
