//! Rows as CSV and JSON files.

use serde_json::{Map, Value};

/// The lines of a CSV file, header first, one chunk per page of rows.
///
/// What a spreadsheet would take for a formula gets an apostrophe in front: display names are
/// chosen by strangers. Numbers and Matrix IDs stay as they are.
pub struct Csv {
    out: String,
}

impl Csv {
    /// Begins a file with its header.
    pub fn new(header: &[&str]) -> Self {
        let mut csv = Csv { out: String::new() };
        csv.push(header);
        csv
    }

    /// Adds a row.
    pub fn push<S: AsRef<str>>(&mut self, fields: &[S]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            push_field(&mut self.out, field.as_ref());
        }
        self.out.push_str("\r\n");
    }

    /// The whole file.
    pub fn finish(self) -> String {
        self.out
    }
}

fn push_field(out: &mut String, field: &str) {
    let formula = is_formula(field);
    if formula || field.contains([',', '"', '\r', '\n', ';', '\t']) {
        out.push('"');
        if formula {
            out.push('\'');
        }
        out.push_str(&field.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(field);
    }
}

/// Whether the field gets an apostrophe: a spreadsheet would take it for a formula. One that has
/// an apostrophe of its own there gets another, so that taking one away always is the way back.
pub fn is_formula(field: &str) -> bool {
    let field = field.trim_start_matches('\'');
    match field.chars().next() {
        Some('=' | '+' | '-' | '\t' | '\r') => field.parse::<f64>().is_err(),
        // No function of a spreadsheet has a colon right behind its name, every Matrix ID has.
        Some('@') => !field.contains(':') || field.contains('('),
        _ => false,
    }
}

/// Rows as one JSON array of objects.
pub fn json(header: &[&str], rows: &[Vec<String>]) -> String {
    let array = rows
        .iter()
        .map(|row| {
            let object: Map<String, Value> = header
                .iter()
                .zip(row)
                .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
                .collect();
            Value::Object(object)
        })
        .collect();
    // An array of texts always serialises.
    serde_json::to_string_pretty(&Value::Array(array)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(field: &str) -> String {
        let mut csv = Csv::new(&["a"]);
        csv.push(&[field]);
        csv.finish().trim_start_matches("a\r\n").to_owned()
    }

    #[test]
    fn formulas_are_disarmed_and_identifiers_are_not() {
        assert_eq!(line("=1+1"), "\"'=1+1\"\r\n");
        assert_eq!(line("@SUM(A1:A2)"), "\"'@SUM(A1:A2)\"\r\n");
        assert_eq!(line("@jane:example.org"), "@jane:example.org\r\n");
        assert_eq!(line("-12.5"), "-12.5\r\n");
        assert_eq!(line("'=1+1"), "\"''=1+1\"\r\n");
        assert_eq!(line("'tis"), "'tis\r\n");
        assert_eq!(line("a \"b\", c"), "\"a \"\"b\"\", c\"\r\n");
    }

    #[test]
    fn json_has_an_object_per_row() {
        let text = json(&["id", "name"], &[vec!["1".into(), "\"x\"".into()]]);
        let back: Value = serde_json::from_str(&text).expect("valid");
        assert_eq!(back[0]["name"], "\"x\"");
    }

    proptest! {
        #[test]
        fn a_csv_reader_reads_it_back(fields in prop::collection::vec("[a-z ,;\"\\r\\n\\t@:é]{0,9}", 2..5)) {
            let header = vec!["h"; fields.len()];
            let mut csv = Csv::new(&header);
            csv.push(&fields);
            let text = csv.finish();
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let record = reader.records().next().expect("one row").expect("readable");
            for (read, wrote) in record.iter().zip(&fields) {
                prop_assert_eq!(read.strip_prefix('\'').unwrap_or(read), wrote);
            }
        }
    }
}
