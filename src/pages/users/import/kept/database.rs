//! Where kept imports are: an IndexedDB of this origin.
//!
//! The futures are boxed, so that their code is there once and not in every place that awaits
//! them.

use crate::import::save_error::SaveError;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use idb::{DatabaseEvent, Factory, KeyRange, ObjectStoreParams, Query, TransactionMode};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The name of the database.
const NAME: &str = "synapse-admin-imports";
const VERSION: u32 = 1;

/// A head by the number of the import.
pub const HEADS: &str = "heads";
/// A key by the number of the import.
pub const KEYS: &str = "keys";
/// The file and the plan, encrypted, by number and piece.
pub const PIECES: &str = "pieces";
/// The journal, by number and batch.
pub const ENTRIES: &str = "entries";
/// The report of a finished import by its number.
pub const REPORTS: &str = "reports";

const STORES: [&str; 5] = [HEADS, KEYS, PIECES, ENTRIES, REPORTS];

/// Something to be written.
pub enum StoreChange {
    Put(&'static str, JsValue, JsValue),
    /// What has this key, or a key that begins with it.
    Delete(&'static str, JsValue),
}

/// The database, open.
pub struct Database {
    open: idb::Database,
    /// The same, as the browser has it.
    raw: JsValue,
}

impl Database {
    /// Opens the database, and makes it if there is none.
    pub fn open() -> LocalBoxFuture<'static, Result<Self, SaveError>> {
        Self::open_now().boxed_local()
    }

    async fn open_now() -> Result<Self, SaveError> {
        let mut request = Factory::new()
            .and_then(|factory| factory.open(NAME, Some(VERSION)))
            .map_err(refused)?;
        request.on_upgrade_needed(|event| {
            if let Ok(database) = event.database() {
                for store in STORES {
                    // What fails here is seen when the store is used.
                    let _ = database.create_object_store(store, ObjectStoreParams::new());
                }
            }
        });
        let raw = JsValue::from(request.await.map_err(refused)?);
        let open = idb::Database::try_from(raw.clone()).map_err(refused)?;
        Ok(Database { open, raw })
    }

    /// Makes all of these changes, or none; ready when they are on the disk, as far as the browser and the disk
    /// say so. What an import notes before it sends something must be there after a power cut: by
    /// default Chromium and Firefox are ready as soon as the operating system has it.
    pub fn write(&self, changes: Vec<StoreChange>) -> LocalBoxFuture<'_, Result<(), SaveError>> {
        self.write_now(changes).boxed_local()
    }

    async fn write_now(&self, changes: Vec<StoreChange>) -> Result<(), SaveError> {
        let transaction = self.strict().map_err(thrown)?;
        let transaction = idb::Transaction::try_from(transaction).map_err(refused)?;
        for change in changes {
            match change {
                StoreChange::Put(store, key, value) => {
                    let store = transaction.object_store(store).map_err(refused)?;
                    store.put(&value, Some(&key)).map_err(refused)?;
                }
                StoreChange::Delete(store, key) => {
                    let store = transaction.object_store(store).map_err(refused)?;
                    let range = match store_has_parts(&store.name()) {
                        true => parts(&key)?,
                        false => Query::Key(key),
                    };
                    store.delete(range).map_err(refused)?;
                }
            }
        }
        committed(transaction).await
    }

    /// Puts something else in the place of what has this key; nobody writes in between. Where there is
    /// nothing, nothing is written.
    pub fn replace<'a>(
        &'a self,
        store: &'static str,
        key: JsValue,
        other: &'a dyn Fn(&JsValue) -> Result<JsValue, SaveError>,
    ) -> LocalBoxFuture<'a, Result<(), SaveError>> {
        async move {
            let transaction = self.open.transaction(&[store], TransactionMode::ReadWrite);
            let transaction = transaction.map_err(refused)?;
            let store = transaction.object_store(store).map_err(refused)?;
            let found = store.get(key.clone()).map_err(refused)?;
            if let Some(found) = found.await.map_err(refused)? {
                store.put(&other(&found)?, Some(&key)).map_err(refused)?;
            }
            committed(transaction).await
        }
        .boxed_local()
    }

    /// What has this key.
    pub fn get(
        &self,
        store: &'static str,
        key: JsValue,
    ) -> LocalBoxFuture<'_, Result<Option<JsValue>, SaveError>> {
        async move {
            let found = self.in_store(store)?.get(key).map_err(refused)?;
            found.await.map_err(refused)
        }
        .boxed_local()
    }

    /// All that a store has, or all whose key begins with this, in the order of the keys.
    pub fn all(
        &self,
        store: &'static str,
        key: Option<JsValue>,
    ) -> LocalBoxFuture<'_, Result<Vec<JsValue>, SaveError>> {
        async move {
            let range = key.as_ref().map(parts).transpose()?;
            let found = self
                .in_store(store)?
                .get_all(range, None)
                .map_err(refused)?;
            found.await.map_err(refused)
        }
        .boxed_local()
    }

    /// The keys of a store, in the order of [`Database::all`].
    pub fn keys(&self, store: &'static str) -> LocalBoxFuture<'_, Result<Vec<JsValue>, SaveError>> {
        async move {
            let found = self.in_store(store)?.get_all_keys(None, None);
            found.map_err(refused)?.await.map_err(refused)
        }
        .boxed_local()
    }

    /// A transaction that has ended when what it changes is on the disk, not before: `idb` knows no durability.
    /// Browsers that do not know it either pass over it.
    fn strict(&self) -> Result<JsValue, JsValue> {
        let begins: Function = Reflect::get(&self.raw, &"transaction".into())?.dyn_into()?;
        let stores: Array = STORES.into_iter().map(JsValue::from).collect();
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        begins.call3(&self.raw, &stores, &"readwrite".into(), &options)
    }

    fn in_store(&self, store: &str) -> Result<idb::ObjectStore, SaveError> {
        self.open
            .transaction(&[store], TransactionMode::ReadOnly)
            .and_then(|transaction| transaction.object_store(store))
            .map_err(refused)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.open.close();
    }
}

async fn committed(transaction: idb::Transaction) -> Result<(), SaveError> {
    match transaction.await.map_err(refused)?.is_committed() {
        true => Ok(()),
        false => Err(SaveError::Browser("the transaction was aborted".to_owned())),
    }
}

/// The key of a part of an import.
pub fn part(id: &JsValue, number: usize) -> JsValue {
    Array::of2(id, &JsValue::from_f64(number as f64)).into()
}

fn store_has_parts(store: &str) -> bool {
    store == PIECES || store == ENTRIES
}

/// All parts of an import: an array is greater than every number.
fn parts(id: &JsValue) -> Result<Query, SaveError> {
    let first = Array::of1(id);
    let last = Array::of2(id, &Array::new());
    KeyRange::bound(&first, &last, None, None)
        .map(Query::KeyRange)
        .map_err(refused)
}

/// What a script of the browser's throws.
fn thrown(error: JsValue) -> SaveError {
    SaveError::Browser(format!("{error:?}"))
}

fn refused(error: idb::Error) -> SaveError {
    SaveError::Browser(error.to_string())
}
