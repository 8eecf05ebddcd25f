//! SQL on the server's SQLite database, through the Python that Synapse runs on.
//!
//! SQLite is in WAL mode: a short write while the server runs waits for the server's writes and
//! the server for ours. That is safe for what Synapse does not cache, such as media rows; all
//! else is written while it is stopped.

use crate::synapse::Config;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Reads statements as JSON, runs them in one transaction, answers with the rows of the last.
const SCRIPT: &str = r#"
import json, sqlite3, sys
job = json.load(sys.stdin)
database = sqlite3.connect(job["database"], timeout=30)
cursor = database.cursor()
for sql, rows in job["statements"]:
    if rows is None:
        cursor.execute(sql)
    else:
        cursor.executemany(sql, rows)
json.dump([list(row) for row in cursor.fetchall()] if cursor.description else [], sys.stdout)
database.commit()
"#;

/// A server's database.
#[derive(Clone, Debug)]
pub struct Database {
    python: PathBuf,
    file: PathBuf,
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
    /// The database of a server, running or not.
    pub fn of(config: &Config) -> Self {
        Database {
            python: config.python(),
            file: config.database(),
        }
    }

    /// Runs statements in one transaction; the rows of the last one.
    pub fn run(&self, statements: &[Statement]) -> Result<Vec<Value>> {
        let statements: Vec<Value> = statements
            .iter()
            .map(|statement| json!([statement.sql, statement.rows]))
            .collect();
        let job = json!({"database": self.file.to_string_lossy(), "statements": statements});
        let mut child = Command::new(&self.python)
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("Cannot start {}.", self.python.display()))?;
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
        let columns = self.query(format!("PRAGMA table_info({table})"))?;
        Ok(columns.iter().any(|row| row[1] == column))
    }
}
