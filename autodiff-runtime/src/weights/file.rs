//! Reading and writing whole files.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::WeightsError;
use super::error::Problem;

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, WeightsError> {
    fs::read(path)
        .map_err(|error| WeightsError::from(Problem::Read(error.to_string())).in_file(path))
}

/// Writes a file so that under its name there is the old content or the new one, and nothing between,
/// whenever the process or the machine stops: the new one is written beside it (`NAME.part`), brought to
/// the disk, and moved over the old one.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), WeightsError> {
    let part = part_of(path);
    let written = write_and_move(path, &part, bytes);
    if written.is_err() {
        // What is left of it is of no use; the error that counts is the first one.
        let _ = fs::remove_file(&part);
    }
    written.map_err(|error| WeightsError::from(Problem::Write(error.to_string())).in_file(path))
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".part");
    path.with_file_name(name)
}

fn write_and_move(path: &Path, part: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.file_name().is_none() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the path has no file name",
        ));
    }
    let mut file = File::create(part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(part, path)?;
    sync_folder(path)
}

/// Brings the new name to the disk.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

/// Other systems do not open folders.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
