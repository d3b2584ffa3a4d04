use super::*;

fn message(text: &str, format: CsvFormat) -> String {
    parse_csv("t.csv", text.as_bytes(), &format)
        .unwrap_err()
        .to_string()
}

#[test]
fn reads_features_and_labels_around_the_target() {
    let text = "a,kind,b\n1,yes,2.5\n-3e2, no ,4\n";
    let data = parse_csv("t.csv", text.as_bytes(), &CsvFormat::new("kind")).unwrap();
    assert_eq!(data.inputs(), [[1.0, 2.5], [-300.0, 4.0]]);
    assert_eq!(data.targets(), [1, 0]);
    assert_eq!(data.class_names(), ["no", "yes"]);
    assert_eq!(data.feature_names(), ["a", "b"]);
}

#[test]
fn target_may_be_given_by_index_or_be_the_last() {
    let format = |target| CsvFormat::new(target).header(false);
    let first = parse_csv(
        "t.csv",
        &b"x;1\ny;2"[..],
        &format(Column::Index(0)).delimiter(b';'),
    );
    assert_eq!(first.unwrap().inputs(), [[1.0], [2.0]]);
    let last = parse_csv("t.csv", &b"1,x\n2,y"[..], &format(Column::Last)).unwrap();
    assert_eq!(last.inputs(), [[1.0], [2.0]]);
    assert!(last.feature_names().is_empty());
}

#[test]
fn numeric_labels_sort_by_value() {
    let format = CsvFormat::new(Column::Last).header(false);
    let data = parse_csv("t.csv", &b"0,10\n0,9\n0,10"[..], &format).unwrap();
    assert_eq!(data.class_names(), ["9", "10"]);
    assert_eq!(data.targets(), [1, 0, 1]);
}

#[test]
fn given_classes_fix_the_order() {
    let format = CsvFormat::new("y").classes(["b", "a", "c"]);
    let data = parse_csv("t.csv", &b"x,y\n1,a\n2,b"[..], &format).unwrap();
    assert_eq!(data.targets(), [1, 0]);
    assert_eq!(data.classes(), 3);
    assert_eq!(
        message("x,y\n1,a\n2,d\n", format),
        "t.csv, line 3, column 2 (y): `d` is none of the classes b, a, c"
    );
}

#[test]
fn regression_targets_are_numbers() {
    let format = CsvFormat::new("y");
    let data = parse_csv_values("t.csv", &b"x,y\n1,0.5\n2,-1"[..], &format).unwrap();
    assert_eq!(data.targets(), [0.5, -1.0]);
    let error = parse_csv_values("t.csv", &b"x,y\n1,high"[..], &format).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv, line 2, column 2 (y): `high` is not a finite number"
    );
}

#[test]
fn errors_name_line_column_and_text() {
    let named = || CsvFormat::new("y");
    assert_eq!(
        message("x,y\n1,a\nabc,b\n", named()),
        "t.csv, line 3, column 1 (x): `abc` is not a finite number"
    );
    assert_eq!(
        message("x,y\n,a\n", named()),
        "t.csv, line 2, column 1 (x): a number is missing"
    );
    assert_eq!(
        message("x,y\nNaN,a\n", named()),
        "t.csv, line 2, column 1 (x): `NaN` is not a finite number"
    );
    assert_eq!(
        message("x,y\n1,\n", named()),
        "t.csv, line 2, column 2 (y): the class is missing"
    );
    assert_eq!(
        message("x,y\n1,a\n2\n", named()),
        "t.csv, line 3: the number of columns is 1, that of the first line is 2"
    );
    assert_eq!(
        message("x,y\n1,a,7\n", named()),
        "t.csv, line 2: the number of columns is 3, that of the first line is 2"
    );
}

#[test]
fn errors_name_the_missing_target() {
    assert_eq!(
        message("x,z\n1,a\n", CsvFormat::new("y")),
        "t.csv, line 1: no column is called `y`; there are x, z"
    );
    assert_eq!(
        message("y,y\n1,a\n", CsvFormat::new("y")),
        "t.csv, line 1: more than one column is called `y`"
    );
    assert_eq!(
        message("x,z\n1,a\n", CsvFormat::new(2)),
        "t.csv, line 1: there is no column 3; the last is column 2"
    );
    assert_eq!(
        message("1,a\n", CsvFormat::new("y").header(false)),
        "t.csv, line 1: the target `y` is given by name, but the format says there is no header"
    );
    assert_eq!(
        message("y\na\n", CsvFormat::new("y")),
        "t.csv, line 1: the target is the only column, there are no features"
    );
}

#[test]
fn unannounced_header_is_suspected() {
    assert_eq!(
        message("x,y\n1,a\n", CsvFormat::new(1).header(false)),
        "t.csv, line 1, column 1: `x` is not a finite number \
         (is this a header? The format says there is none)"
    );
}

#[test]
fn empty_files_are_refused() {
    assert_eq!(message("", CsvFormat::new("y")), "t.csv: there are no rows");
    assert_eq!(
        message("x,y\n", CsvFormat::new("y")),
        "t.csv: there are no rows"
    );
    assert_eq!(
        message("", CsvFormat::new(0).header(false)),
        "t.csv: there are no rows"
    );
}

#[test]
fn comments_blank_lines_and_line_ends_keep_the_count() {
    let text = "# one\r\n# two\r\nx,y\r\n\r\n1,a\r\n# three\r\n\r\n?,b\r\n2,c";
    assert_eq!(
        message(text, CsvFormat::new("y").comment('#')),
        "t.csv, line 8, column 1 (x): `?` is not a finite number"
    );
}

#[test]
fn last_line_without_an_end_is_counted() {
    assert_eq!(
        message("x,y\n1,a\n?,b", CsvFormat::new("y")),
        "t.csv, line 3, column 1 (x): `?` is not a finite number"
    );
    assert_eq!(
        message("x,y\n1,a\n?,b\n\n\n", CsvFormat::new("y")),
        "t.csv, line 3, column 1 (x): `?` is not a finite number"
    );
}

#[test]
fn quoted_cells_may_span_lines() {
    let text = "x,y\n1,\"a\nb\"\n?,c";
    assert_eq!(
        message(text, CsvFormat::new("y")),
        "t.csv, line 4, column 1 (x): `?` is not a finite number"
    );
}

#[test]
fn byte_order_mark_is_no_part_of_the_first_name() {
    let data = parse_csv("t.csv", "\u{feff}y,x\na,1".as_bytes(), &CsvFormat::new("y")).unwrap();
    assert_eq!(data.feature_names(), ["x"]);
}

#[test]
fn other_encodings_are_refused() {
    let error = parse_csv("t.csv", &b"x,y\n1,\xe9"[..], &CsvFormat::new("y")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv, line 2, column 2: the text is not UTF-8"
    );
}

#[test]
fn missing_file_is_one_sentence() {
    let error = read_csv("no/such/file.csv", &CsvFormat::new("y")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot read no/such/file.csv: "),
        "{error}"
    );
    assert!(std::error::Error::source(&error).is_some());
}
