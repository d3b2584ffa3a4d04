//! What the examples share: reading options, reporting errors, and the folder of pictures.

use std::error::Error;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};

/// Reads the options and runs `job` with them. Whatever goes wrong is said in one line, with exit
/// code 2 for a bad option and 1 for everything else.
pub fn run<O: Parser>(job: impl FnOnce(&O) -> Result<(), Box<dyn Error>>) -> ExitCode {
    let options = match O::try_parse() {
        Ok(options) => options,
        Err(message) if matches!(message.kind(), ErrorKind::DisplayHelp) => message.exit(),
        Err(message) => {
            let message = message.to_string();
            let line = message.lines().next().unwrap_or("error: bad options");
            eprintln!("{line} (--help lists the options)");
            return ExitCode::from(2);
        }
    };
    match job(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads a whole number from 1 to 10,000: a width, a number of epochs.
///
/// # Errors
/// When `text` is nothing of the kind.
pub fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=10_000) => Ok(number),
        _ => Err("a whole number from 1 to 10000 is needed".to_owned()),
    }
}

/// Reads a positive number: a learning rate.
///
/// # Errors
/// When `text` is nothing of the kind.
pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 && number < f64::INFINITY => Ok(number),
        _ => Err("a positive number is needed".to_owned()),
    }
}

/// The folder an example writes to, and what it has put there.
pub struct Folder {
    path: PathBuf,
    files: Vec<(PathBuf, String)>,
}

impl Folder {
    /// Makes the folder where it does not exist yet.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, String> {
        let path = path.as_ref().to_owned();
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(Self {
                path,
                files: Vec::new(),
            }),
            Err(error) => Err(format!(
                "cannot create the folder {}: {error}",
                path.display()
            )),
        }
    }

    /// The path for the file of this name, which shows `content`.
    pub fn file(&mut self, name: &str, content: impl Display) -> PathBuf {
        let path = self.path.join(name);
        self.files.push((path.clone(), content.to_string()));
        path
    }

    /// Writes a file that shows `content`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, name: &str, content: impl Display, text: &str) -> Result<(), String> {
        let path = self.file(name, content);
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// Prints the files with what they show.
    pub fn print(&self) {
        let name = |path: &Path| path.display().to_string();
        let width = self
            .files
            .iter()
            .map(|(path, _)| name(path).chars().count());
        let width = width.max().unwrap_or(0);
        println!("Written:");
        for (path, content) in &self.files {
            println!("  {:width$}  {content}", name(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_checked() {
        assert_eq!(count("12"), Ok(12));
        for text in ["0", "-1", "10001", "1.5", "", "99999999999999999999"] {
            assert!(count(text).is_err(), "{text}");
        }
        assert_eq!(positive("1e-3"), Ok(1e-3));
        for text in ["0", "-0.1", "NaN", "inf", "fast"] {
            assert!(positive(text).is_err(), "{text}");
        }
    }

    #[test]
    fn folders_that_cannot_be_are_named() {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/lib.rs");
        let error = Folder::create(here).err().unwrap_or_default();
        assert!(error.starts_with("cannot create the folder"), "{error}");
        assert!(error.contains(here), "{error}");
    }
}
