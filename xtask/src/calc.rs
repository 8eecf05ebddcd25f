//! `cargo xtask calc`: has a real LibreOffice write the CSV files of `tests/files/calc` from the
//! spreadsheet that lies there. They are committed, so the tests need no LibreOffice; this is for
//! whoever changes the spreadsheet, adds a way to write it, or has a newer LibreOffice.

use crate::{process, root};
use anyhow::{Context, Result, bail};
use std::fs;

/// The files, and how each is written: the tokens of LibreOffice's filter "Text CSV". Delimiter,
/// quote, character set (76: UTF-8, 1: Windows-1252, 12: IBM 850, 65535: UTF-16), first line,
/// columns, language, all texts in quotes, numbers as numbers, cells as shown, formulas.
pub const FILES: [(&str, &str); 9] = [
    ("comma.csv", "44,34,76,1,,0,false,true,true,false"),
    ("semicolon.csv", "59,34,76,1,,0,false,true,true,false"),
    ("quoted.csv", "44,34,76,1,,0,true,true,true,false"),
    ("as-stored.csv", "44,34,76,1,,0,false,true,false,false"),
    ("formulas.csv", "59,34,76,1,,0,false,true,false,true"),
    ("windows-1252.csv", "59,34,1,1,,0,false,true,true,false"),
    ("ibm-850.csv", "59,34,12,1,,0,false,true,true,false"),
    ("utf-16.csv", "9,34,65535,1,,0,false,true,true,false"),
    ("apostrophes.csv", "44,39,76,1,,0,true,true,true,false"),
];

/// Writes all of them anew.
pub fn run() -> Result<()> {
    let folder = root().join("tests/files/calc");
    let work = root().join("target/calc");
    // Begun anew, so that nobody's own settings matter.
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work)?;
    for (name, tokens) in FILES {
        let mut calc = process::command("soffice");
        calc.arg(format!(
            "-env:UserInstallation=file://{}",
            work.join("profile").display()
        ))
        .args(["--headless", "--convert-to"])
        .arg(format!("csv:Text - txt - csv (StarCalc):{tokens}"))
        .arg("--outdir")
        .arg(&work)
        .arg(folder.join("people.fods"));
        let written = process::run_in_front(&mut calc).context(
            "LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc",
        )?;
        if !written {
            bail!("LibreOffice did not write {name}.");
        }
        fs::rename(work.join("people.csv"), folder.join(name))?;
        println!("{}", folder.join(name).display());
    }
    Ok(())
}
