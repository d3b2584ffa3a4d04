//! Reading data from CSV.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::{CsvProblem, DataError, Dataset};

/// Which column of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The column that the header calls so.
    Name(String),
    /// The column with this index, counting from 0.
    Index(usize),
    /// The last column.
    Last,
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// How a CSV file is laid out: which column is the target, whether the first line names the
/// columns, what separates them. All other columns are features, in the file's order.
///
/// ```
/// use autodiff_runtime::data::{Column, CsvFormat};
///
/// let with_names = CsvFormat::new("species");
/// let bare = CsvFormat::new(Column::Last).header(false).delimiter(b';');
/// # let _ = (with_names, bare);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFormat {
    target: Column,
    header: bool,
    delimiter: u8,
    comment: Option<u8>,
    classes: Option<Vec<String>>,
}

impl CsvFormat {
    /// Comma-separated with a header line; `target` is a column's name, its index counting from
    /// 0, or [`Column::Last`].
    pub fn new(target: impl Into<Column>) -> Self {
        Self {
            target: target.into(),
            header: true,
            delimiter: b',',
            comment: None,
            classes: None,
        }
    }

    /// Whether the first line names the columns.
    pub fn header(self, header: bool) -> Self {
        Self { header, ..self }
    }

    /// What separates the columns, one ASCII character such as `b';'` or `b'\t'`.
    pub fn delimiter(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// Skips lines that begin with this ASCII character. Beyond ASCII no line is skipped.
    pub fn comment(self, marker: char) -> Self {
        Self {
            comment: u8::try_from(marker).ok().filter(u8::is_ascii),
            ..self
        }
    }

    /// Fixes the classes and their order, where a file need not hold all of them (a separate test
    /// file, say). Any other label is then an error.
    pub fn classes<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self {
            classes: Some(names.into_iter().map(Into::into).collect()),
            ..self
        }
    }
}

/// Reads a file of features and class labels.
///
/// Labels may be text or numbers. Unless [`CsvFormat::classes`] gives an order, the distinct labels
/// are sorted, as numbers if all of them are and alphabetically otherwise, and become classes
/// 0, 1, … in that order whatever the order of the rows.
///
/// ```no_run
/// use autodiff_runtime::data::{CsvFormat, read_csv};
/// let flowers = read_csv("flowers.csv", &CsvFormat::new("species"))?;
/// println!("{} flowers of the classes {:?}", flowers.len(), flowers.class_names());
/// # Ok::<(), autodiff_runtime::data::DataError>(())
/// ```
///
/// # Errors
/// When the file cannot be read, a feature is not a finite number, a label is missing or unknown,
/// a line has too few or too many columns, or there is no such target column. The error names the
/// file, the line, the column and the text found there.
pub fn read_csv(path: impl AsRef<Path>, format: &CsvFormat) -> Result<Dataset, DataError> {
    let path = path.as_ref();
    parse_csv(path, open(path)?, format)
}

/// As [`read_csv`], for a numeric target (regression).
///
/// # Errors
/// As for [`read_csv`]; also when a target is not a finite number.
pub fn read_csv_values(
    path: impl AsRef<Path>,
    format: &CsvFormat,
) -> Result<Dataset<Vec<f64>, f64>, DataError> {
    let path = path.as_ref();
    parse_csv_values(path, open(path)?, format)
}

/// As [`read_csv`], from anything that can be read; `path` is the name used in errors.
///
/// ```
/// use autodiff_runtime::data::{CsvFormat, parse_csv};
///
/// let text = "width,height,kind\n1.5,2,cat\n0.5,x,dog\n";
/// let error = parse_csv("pets.csv", text.as_bytes(), &CsvFormat::new("kind")).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "pets.csv, line 3, column 2 (height): `x` is not a finite number",
/// );
/// ```
///
/// # Errors
/// As for [`read_csv`].
pub fn parse_csv(
    path: impl AsRef<Path>,
    source: impl Read,
    format: &CsvFormat,
) -> Result<Dataset, DataError> {
    let table = Table::read(
        path.as_ref(),
        source,
        format,
        |column, name, text, _| match text {
            "" => Err(CsvProblem::NoLabel { column, name }),
            _ => match &format.classes {
                Some(classes) if !classes.iter().any(|class| class == text) => {
                    let (text, classes) = (text.to_owned(), classes.clone());
                    Err(CsvProblem::UnknownLabel {
                        column,
                        name,
                        text,
                        classes,
                    })
                }
                _ => Ok(text.to_owned()),
            },
        },
    )?;
    let classes = format
        .classes
        .clone()
        .unwrap_or_else(|| sorted_labels(&table.targets));
    let class_of = |label: &String| {
        classes
            .iter()
            .position(|class| class == label)
            .expect("the classes are all the labels")
    };
    let targets = table.targets.iter().map(class_of).collect();
    let data = Dataset::new(table.inputs, targets)?.with_class_names(classes)?;
    name_features(data, table.feature_names)
}

/// As [`read_csv_values`], from anything that can be read; `path` is the name used in errors.
///
/// # Errors
/// As for [`read_csv_values`].
pub fn parse_csv_values(
    path: impl AsRef<Path>,
    source: impl Read,
    format: &CsvFormat,
) -> Result<Dataset<Vec<f64>, f64>, DataError> {
    let table = Table::read(path.as_ref(), source, format, number)?;
    name_features(
        Dataset::new(table.inputs, table.targets)?,
        table.feature_names,
    )
}

fn open(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(|source| DataError::File {
        path: path.to_owned(),
        source,
    })
}

fn name_features<Y: super::Entry>(
    data: Dataset<Vec<f64>, Y>,
    names: Option<Vec<String>>,
) -> Result<Dataset<Vec<f64>, Y>, DataError> {
    match names {
        Some(names) => data.with_feature_names(names),
        None => Ok(data),
    }
}

/// The distinct labels: by value if all are numbers, else by text.
fn sorted_labels(labels: &[String]) -> Vec<String> {
    let mut distinct = labels.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.iter().all(|label| label.parse::<f64>().is_ok()) {
        let value = |label: &String| label.parse().unwrap_or(f64::NAN);
        distinct.sort_by(|a, b| f64::total_cmp(&value(a), &value(b)));
    }
    distinct
}

/// A cell as a finite number; `column` counts from 1.
fn number(
    column: usize,
    name: Option<String>,
    text: &str,
    perhaps_header: bool,
) -> Result<f64, CsvProblem> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => {
            let perhaps_header = perhaps_header && text.chars().any(char::is_alphabetic);
            Err(CsvProblem::NotANumber {
                column,
                name,
                text: text.to_owned(),
                perhaps_header,
            })
        }
    }
}

/// A file's cells, with the targets as `T`.
struct Table<T> {
    inputs: Vec<Vec<f64>>,
    targets: Vec<T>,
    feature_names: Option<Vec<String>>,
}

impl<T> Table<T> {
    /// `target` turns the target's cell into `T`, given the column counting from 1, its name, the
    /// text, and whether the cell could belong to an unannounced header.
    fn read(
        path: &Path,
        mut source: impl Read,
        format: &CsvFormat,
        target: impl Fn(usize, Option<String>, &str, bool) -> Result<T, CsvProblem>,
    ) -> Result<Self, DataError> {
        let mut text = Vec::new();
        source
            .read_to_end(&mut text)
            .map_err(|source| DataError::File {
                path: path.to_owned(),
                source,
            })?;
        let mut lines = Lines::new(path, &text, format);
        let header: Option<Vec<String>> = match format.header {
            true => lines
                .next()?
                .map(|record| record.iter().map(str::to_owned).collect()),
            false => None,
        };
        let mut table = Self {
            inputs: Vec::new(),
            targets: Vec::new(),
            feature_names: None,
        };
        let mut place = match &header {
            Some(names) => {
                let place = find_target(&format.target, names.len(), Some(names));
                Some(place.map_err(|problem| lines.error(problem))?)
            }
            None => None,
        };
        while let Some(record) = lines.next()? {
            let place = match place {
                Some(place) => place,
                None => *place.insert(
                    find_target(&format.target, record.len(), None)
                        .map_err(|problem| lines.error(problem))?,
                ),
            };
            let first_of_headless = header.is_none() && table.inputs.is_empty();
            let mut features = Vec::with_capacity(record.len() - 1);
            for (index, text) in record.iter().enumerate() {
                let name = || header.as_ref().map(|names| names[index].clone());
                let cell = match index == place {
                    true => target(index + 1, name(), text, first_of_headless)
                        .map(|value| table.targets.push(value)),
                    false => number(index + 1, name(), text, first_of_headless)
                        .map(|value| features.push(value)),
                };
                cell.map_err(|problem| lines.error(problem))?;
            }
            table.inputs.push(features);
        }
        if table.inputs.is_empty() {
            let problem = CsvProblem::Empty;
            return Err(DataError::Csv {
                path: path.to_owned(),
                line: None,
                problem,
            });
        }
        table.feature_names = header.zip(place).map(|(mut names, place)| {
            names.remove(place);
            names
        });
        Ok(table)
    }
}

/// The index of the target's column among `columns`.
fn find_target(
    target: &Column,
    columns: usize,
    header: Option<&Vec<String>>,
) -> Result<usize, CsvProblem> {
    let place = match (target, header) {
        (Column::Last, _) => columns - 1,
        (&Column::Index(index), _) if index < columns => index,
        (&Column::Index(index), _) => {
            return Err(CsvProblem::NoSuchColumn {
                column: index + 1,
                columns,
            });
        }
        (Column::Name(name), None) => {
            return Err(CsvProblem::NameWithoutHeader { name: name.clone() });
        }
        (Column::Name(name), Some(header)) => {
            let mut places = (0..columns).filter(|&index| header[index] == *name);
            match (places.next(), places.next()) {
                (Some(place), None) => place,
                (Some(_), Some(_)) => return Err(CsvProblem::NameTwice { name: name.clone() }),
                (None, _) => {
                    let (name, header) = (name.clone(), header.clone());
                    return Err(CsvProblem::NoSuchName { name, header });
                }
            }
        }
    };
    match columns {
        1 => Err(CsvProblem::NoFeatures),
        _ => Ok(place),
    }
}

/// The lines of a file that are neither blank nor comments, with the place of the last one read.
struct Lines<'t> {
    path: &'t Path,
    text: &'t [u8],
    comment: Option<u8>,
    reader: Reader<&'t [u8]>,
    /// Where in the text the last read began.
    offset: usize,
}

impl<'t> Lines<'t> {
    fn new(path: &'t Path, text: &'t [u8], format: &CsvFormat) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .delimiter(format.delimiter)
            .comment(format.comment)
            .trim(Trim::All)
            .from_reader(text);
        Self {
            path,
            text,
            comment: format.comment,
            reader,
            offset: 0,
        }
    }

    fn next(&mut self) -> Result<Option<StringRecord>, DataError> {
        self.offset = self.reader.position().byte() as usize;
        let mut record = ByteRecord::new();
        match self.reader.read_byte_record(&mut record) {
            Ok(false) => Ok(None),
            Ok(true) => StringRecord::from_byte_record(record)
                .map(Some)
                .map_err(|error| {
                    let column = error.utf8_error().field() + 1;
                    self.error(CsvProblem::NotUtf8 { column })
                }),
            Err(error) => Err(self.error(match error.into_kind() {
                ErrorKind::UnequalLengths {
                    expected_len: expected,
                    len: found,
                    ..
                } => CsvProblem::Columns { found, expected },
                other => CsvProblem::Other {
                    message: format!("{other:?}"),
                },
            })),
        }
    }

    /// An error in the line last read.
    fn error(&self, problem: CsvProblem) -> DataError {
        DataError::Csv {
            path: self.path.to_owned(),
            line: Some(self.line()),
            problem,
        }
    }

    /// The number of the line last read, counting from 1. The reader's own count is that of the
    /// blank lines and comments before it, so it is only taken for where to look from.
    fn line(&self) -> u64 {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let mut start = self.offset;
        while let Some(byte) = self.text.get(start) {
            if Some(*byte) == self.comment {
                start += self.text[start..]
                    .iter()
                    .take_while(|byte| !is_end(byte))
                    .count();
            } else if is_end(byte) {
                start += 1;
            } else {
                break;
            }
        }
        let before = &self.text[..start];
        let ends = before
            .iter()
            .enumerate()
            .filter(|&(index, byte)| match byte {
                b'\n' => true,
                b'\r' => before.get(index + 1) != Some(&b'\n'),
                _ => false,
            });
        1 + ends.count() as u64
    }
}

#[cfg(test)]
mod tests;
