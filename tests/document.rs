//! Sections of the documentation that tests write and hold the code to.

use std::path::PathBuf;
use std::{env, fs};

/// A part of a file in `docs`, between `<!-- begin NAME -->` and `<!-- end NAME -->`.
pub struct Section {
    path: PathBuf,
    before: String,
    /// What stands there.
    pub written: String,
    after: String,
}

impl Section {
    /// Reads the section.
    ///
    /// # Panics
    ///
    /// If there is none of this name.
    pub fn read(file: &str, name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../docs")
            .join(file);
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{} should be readable: {error}", path.display()));
        let (begin, end) = (
            format!("<!-- begin {name} -->\n"),
            format!("<!-- end {name} -->"),
        );
        let parts = text.split_once(&begin).and_then(|(before, rest)| {
            rest.split_once(&end)
                .map(|(own, after)| (before, own, after))
        });
        let (before, written, after) =
            parts.unwrap_or_else(|| panic!("{} has no section {name}", path.display()));
        Section {
            before: format!("{before}{begin}"),
            written: written.to_owned(),
            after: format!("{end}{after}"),
            path,
        }
    }

    /// With `BLESS=1` in the environment, writes `text` into the section.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn bless(&mut self, text: String) {
        if env::var_os("BLESS").is_none_or(|value| value != "1") {
            return;
        }
        let whole = format!("{}{text}{}", self.before, self.after);
        fs::write(&self.path, whole)
            .unwrap_or_else(|error| panic!("{} should be writable: {error}", self.path.display()));
        self.written = text;
    }
}
