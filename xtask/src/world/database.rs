//! SQL on the server's database, through the Python that Synapse runs on.
//!
//! SQLite is in WAL mode: a short write while the server runs waits for the server's writes and
//! the server for ours; so it is with PostgreSQL. That is safe for what Synapse does not cache,
//! such as media rows; all else is written while it is stopped.
//!
//! Both databases take what is written here: values as `?` (or `?1`, `?2`), truth as `TRUE` and
//! `FALSE` where the column is one of truth, `ON CONFLICT DO NOTHING` for what may be there.

use crate::postgres::{Engine, Postgres};
use crate::synapse::Config;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

/// Reads statements as JSON, runs them in one transaction, answers with the rows of the last.
const SCRIPT: &str = r#"
import json, re, sys
job = json.load(sys.stdin)

def sqlite(file):
    import sqlite3
    database = sqlite3.connect(file, timeout=30)
    return database, database.cursor().executemany

def postgres(socket):
    import psycopg2, psycopg2.extras
    database = psycopg2.connect(host=socket, user="synapse", dbname="synapse")
    def many(sql, rows):
        sql = sql.replace("%", "%%")
        if re.search(r"\?\d", sql):
            sql = re.sub(r"\?(\d+)", r"%(\1)s", sql)
            rows = [{str(i): value for i, value in enumerate(row, 1)} for row in rows]
        psycopg2.extras.execute_batch(cursor, sql.replace("?", "%s"), rows, page_size=500)
    return database, many

database, many = postgres(job["socket"]) if "socket" in job else sqlite(job["file"])
cursor = database.cursor()
for sql, rows in job["statements"]:
    if rows is None:
        cursor.execute(sql)
    else:
        many(sql, rows)
rows = cursor.fetchall() if rows is None and cursor.description else []
# Sums are decimal numbers in PostgreSQL.
json.dump([list(row) for row in rows], sys.stdout, default=int)
database.commit()
"#;

/// A server's database. It can be asked whether the server runs or not: a PostgreSQL is started when
/// it is first needed, and runs for as long as this is there.
#[derive(Clone, Debug)]
pub struct Database {
    config: Config,
    postgres: OnceLock<Arc<Postgres>>,
}

/// One statement, with the values of its `?` for every time that it is run.
pub struct Statement {
    sql: String,
    rows: Value,
}

impl Statement {
    /// A statement without values, run once.
    pub fn once(sql: impl Into<String>) -> Self {
        Statement {
            sql: sql.into(),
            rows: Value::Null,
        }
    }

    /// A statement that is run for every row of values.
    pub fn each(sql: impl Into<String>, rows: impl IntoIterator<Item = Value>) -> Self {
        Statement {
            sql: sql.into(),
            rows: rows.into_iter().collect(),
        }
    }
}

impl Database {
    /// The database of a server.
    pub fn of(config: &Config) -> Self {
        Database {
            config: config.clone(),
            postgres: OnceLock::new(),
        }
    }

    /// Runs statements in one transaction; the rows of the last one.
    pub fn run(&self, statements: &[Statement]) -> Result<Vec<Value>> {
        let statements: Vec<Value> = statements
            .iter()
            .map(|statement| json!([statement.sql, statement.rows]))
            .collect();
        let job = match self.config.engine {
            Engine::Sqlite => json!({"file": self.config.database(), "statements": statements}),
            Engine::Postgres => {
                json!({"socket": self.postgres()?.socket(), "statements": statements})
            }
        };
        let python = self.config.python();
        let mut child = Command::new(&python)
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("Cannot start {}.", python.display()))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(job.to_string().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!(
                "The database refuses: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The rows that a query answers with.
    pub fn query(&self, sql: impl Into<String>) -> Result<Vec<Value>> {
        self.run(&[Statement::once(sql)])
    }

    /// Whether a table has a column: versions of Synapse differ.
    pub fn has_column(&self, table: &str, column: &str) -> Result<bool> {
        let columns = self.query(match self.config.engine {
            Engine::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
            Engine::Postgres => format!(
                "SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"
            ),
        })?;
        Ok(columns.iter().any(|row| row[0] == column))
    }

    /// Has PostgreSQL look at what is there, as a real one does by itself sooner or later: what it
    /// estimates, such as how large rooms are, is known from then on.
    pub fn look_around(&self) -> Result<()> {
        match self.config.engine {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => self.query("ANALYZE").map(drop),
        }
    }

    fn postgres(&self) -> Result<&Postgres> {
        if self.postgres.get().is_none() {
            let _ = self.postgres.set(Postgres::of(&self.config)?);
        }
        self.postgres
            .get()
            .map(Arc::as_ref)
            .context("It was just set.")
    }
}
