//! What can be wrong with data.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::IdxProblem;

/// Why data could not be read, built, selected or split. Each one prints as a sentence.
#[derive(Debug)]
#[non_exhaustive]
pub enum DataError {
    /// Inputs and targets are not one to one.
    Lengths {
        /// How many inputs there are.
        inputs: usize,
        /// How many targets there are.
        targets: usize,
    },
    /// An input has another number of features than the others.
    Width {
        /// The row of the input, where it has one.
        row: Option<usize>,
        /// How many features it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// The number of features' names is not that of the features.
    FeatureNames {
        /// How many names were given.
        names: usize,
        /// How many features there are.
        features: usize,
    },
    /// A row is of a class without a name.
    ClassNames {
        /// The row.
        row: usize,
        /// Its class.
        class: usize,
        /// How many names were given.
        names: usize,
    },
    /// A class was asked for that the data do not have.
    NoSuchClass {
        /// The class asked for.
        class: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A class was selected twice.
    ClassTwice {
        /// The class.
        class: usize,
    },
    /// A feature was asked for that the data do not have.
    NoSuchFeature {
        /// The feature asked for.
        feature: usize,
        /// How many features there are.
        features: usize,
    },
    /// There is nothing to learn from.
    Empty,
    /// The test part's share is not between 0 and 1.
    Fraction {
        /// The share asked for.
        value: f64,
    },
    /// A split would leave one part empty.
    TooFewToSplit {
        /// How many rows there are.
        rows: usize,
    },
    /// A file could not be read.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something is wrong in an IDX file.
    Idx {
        /// The file.
        path: PathBuf,
        /// The place, in bytes from the start of the file; of what was unpacked, if it is compressed.
        offset: u64,
        /// What is wrong there.
        problem: IdxProblem,
    },
    /// Something is wrong in a CSV file.
    Csv {
        /// The file.
        path: PathBuf,
        /// The line, counting from 1, where one is to blame.
        line: Option<u64>,
        /// What is wrong there.
        problem: CsvProblem,
    },
}

/// What is wrong in a CSV file. Columns count from 1; their names are the header's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvProblem {
    /// A feature, or a regression target, is not a finite number.
    NotANumber {
        /// The column.
        column: usize,
        /// Its name, where there is a header.
        name: Option<String>,
        /// What stands there.
        text: String,
        /// Whether this may be a header line that was not announced.
        perhaps_header: bool,
    },
    /// A class label is missing.
    NoLabel {
        /// The column.
        column: usize,
        /// Its name, where there is a header.
        name: Option<String>,
    },
    /// A class label is not among the classes that were given.
    UnknownLabel {
        /// The column.
        column: usize,
        /// Its name, where there is a header.
        name: Option<String>,
        /// The label.
        text: String,
        /// The classes that were given.
        classes: Vec<String>,
    },
    /// A line has another number of columns than the first.
    Columns {
        /// How many the line has.
        found: u64,
        /// How many the first line has.
        expected: u64,
    },
    /// The header does not have the target's name.
    NoSuchName {
        /// The name asked for.
        name: String,
        /// The header.
        header: Vec<String>,
    },
    /// The header has the target's name more than once.
    NameTwice {
        /// The name.
        name: String,
    },
    /// The target's number is beyond the last column.
    NoSuchColumn {
        /// The column asked for, counting from 1.
        column: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// The target is given by name, but the file is said to have no header.
    NameWithoutHeader {
        /// The name asked for.
        name: String,
    },
    /// The target is the only column.
    NoFeatures,
    /// There are no data lines.
    Empty,
    /// The text is not UTF-8.
    NotUtf8 {
        /// The column.
        column: usize,
    },
    /// Anything else the reader found.
    Other {
        /// What it says.
        message: String,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths { inputs, targets } => {
                write!(
                    f,
                    "the numbers of inputs ({inputs}) and targets ({targets}) differ"
                )
            }
            Self::Width {
                row: Some(row),
                found,
                expected,
            } => {
                write!(
                    f,
                    "row {row} has the wrong number of features: {found} instead of {expected}"
                )
            }
            Self::Width {
                row: None,
                found,
                expected,
            } => {
                write!(
                    f,
                    "the input has the wrong number of features: {found} instead of {expected}"
                )
            }
            Self::FeatureNames { names, features } => {
                write!(
                    f,
                    "the number of feature names ({names}) is not that of the features ({features})"
                )
            }
            Self::ClassNames { row, class, names } => {
                write!(
                    f,
                    "row {row} is of class {class}, but the number of class names is {names}"
                )
            }
            Self::NoSuchClass { class, classes } => {
                write!(
                    f,
                    "there is no class {class}: the data have {}",
                    range("classes", *classes)
                )
            }
            Self::ClassTwice { class } => write!(f, "class {class} is selected twice"),
            Self::NoSuchFeature { feature, features } => {
                let features = range("features", *features);
                write!(
                    f,
                    "there is no feature {feature}: the inputs have {features}"
                )
            }
            Self::Empty => write!(f, "there are no rows"),
            Self::Fraction { value } => write!(
                f,
                "the test part's share must lie between 0 and 1 (both excluded), not be {value}"
            ),
            Self::TooFewToSplit { rows } => {
                write!(
                    f,
                    "too few rows to split into a training and a test part: {rows}"
                )
            }
            Self::File { path, source } => {
                write!(f, "cannot read {}: {source}", path.display())
            }
            Self::Idx {
                path,
                offset,
                problem,
            } => {
                write!(f, "{}, offset {offset}: {problem}", path.display())
            }
            Self::Csv {
                path,
                line: Some(line),
                problem,
            } => {
                write!(f, "{}, line {line}{problem}", path.display())
            }
            Self::Csv {
                path,
                line: None,
                problem,
            } => {
                write!(f, "{}{problem}", path.display())
            }
        }
    }
}

impl std::error::Error for DataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// "classes 0 to 2", "no classes".
fn range(what: &str, count: usize) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("{what} 0 only"),
        _ => format!("{what} 0 to {}", count - 1),
    }
}

/// Completes "FILE, line N" or "FILE": begins with the column where there is one, then a colon.
impl fmt::Display for CsvProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |f: &mut fmt::Formatter<'_>, column: &usize, name: &Option<String>| match name {
            Some(name) => write!(f, ", column {column} ({name}): "),
            None => write!(f, ", column {column}: "),
        };
        match self {
            Self::NotANumber {
                column,
                name,
                text,
                perhaps_header,
            } => {
                place(f, column, name)?;
                match text.as_str() {
                    "" => write!(f, "a number is missing")?,
                    _ => write!(f, "`{text}` is not a finite number")?,
                }
                if *perhaps_header {
                    write!(f, " (is this a header? The format says there is none)")?;
                }
                Ok(())
            }
            Self::NoLabel { column, name } => {
                place(f, column, name)?;
                write!(f, "the class is missing")
            }
            Self::UnknownLabel {
                column,
                name,
                text,
                classes,
            } => {
                place(f, column, name)?;
                write!(f, "`{text}` is none of the classes {}", classes.join(", "))
            }
            Self::Columns { found, expected } => {
                write!(
                    f,
                    ": the number of columns is {found}, that of the first line is {expected}"
                )
            }
            Self::NoSuchName { name, header } => {
                write!(
                    f,
                    ": no column is called `{name}`; there are {}",
                    header.join(", ")
                )
            }
            Self::NameTwice { name } => write!(f, ": more than one column is called `{name}`"),
            Self::NoSuchColumn { column, columns } => {
                write!(
                    f,
                    ": there is no column {column}; the last is column {columns}"
                )
            }
            Self::NameWithoutHeader { name } => write!(
                f,
                ": the target `{name}` is given by name, but the format says there is no header"
            ),
            Self::NoFeatures => write!(f, ": the target is the only column, there are no features"),
            Self::Empty => write!(f, ": there are no rows"),
            Self::NotUtf8 { column } => write!(f, ", column {column}: the text is not UTF-8"),
            Self::Other { message } => write!(f, ": {message}"),
        }
    }
}
