//! What is typed as the data of MAS' policy.

use serde_json::Value;
use std::error::Error;
use std::fmt;

/// Why something cannot be the data of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPolicyData {
    /// It is no JSON; where it ceases to be.
    NoJson { line: usize, column: usize },
    /// It is JSON, and no object.
    NoObject,
}

impl fmt::Display for NoPolicyData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoPolicyData::NoJson { line, column } => {
                write!(f, "no JSON from line {line}, column {column} on")
            }
            NoPolicyData::NoObject => f.write_str("no JSON object"),
        }
    }
}

impl Error for NoPolicyData {}

/// Reads what was typed. MAS merges it over an object, so it must be one.
///
/// # Errors
///
/// When it is no JSON object.
pub fn read(typed: &str) -> Result<Value, NoPolicyData> {
    let value: Value = serde_json::from_str(typed).map_err(|error| NoPolicyData::NoJson {
        line: error.line(),
        column: error.column(),
    })?;
    match value.is_object() {
        true => Ok(value),
        false => Err(NoPolicyData::NoObject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_and_nothing_else() {
        assert!(read(r#" {"admin_users": ["jane"]} "#).is_ok());
        assert_eq!(read("[]"), Err(NoPolicyData::NoObject));
        assert_eq!(read("null"), Err(NoPolicyData::NoObject));
        let wrong = NoPolicyData::NoJson { line: 2, column: 1 };
        assert_eq!(
            read("{\n}}"),
            Err(NoPolicyData::NoJson { line: 2, column: 2 })
        );
        assert_eq!(read("{\"a\":\n]"), Err(wrong));
        assert!(matches!(read(""), Err(NoPolicyData::NoJson { .. })));
    }
}
