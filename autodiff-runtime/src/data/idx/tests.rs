use super::*;

/// A file of this type and shape with these bytes as its numbers.
fn file(code: u8, shape: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|length| length.to_be_bytes()));
    bytes.extend(data);
    bytes
}

fn message(bytes: &[u8]) -> String {
    parse_idx("folder/x.idx", bytes).unwrap_err().to_string()
}

#[test]
fn every_type_is_read() {
    let read = |code, shape: &[u32], data: &[u8]| parse_idx("x", &file(code, shape, data)).unwrap();
    let bytes = read(0x08, &[2, 2], &[0, 1, 254, 255]);
    assert_eq!(bytes.shape, [2, 2]);
    assert_eq!(bytes.values, IdxValues::U8(vec![0, 1, 254, 255]));
    assert_eq!(
        read(0x09, &[2], &[255, 5]).values,
        IdxValues::I8(vec![-1, 5])
    );
    assert_eq!(
        read(0x0b, &[2], &[1, 0, 255, 254]).values,
        IdxValues::I16(vec![256, -2])
    );
    assert_eq!(
        read(0x0c, &[1], &[0, 1, 0, 0]).values,
        IdxValues::I32(vec![65536])
    );
    let single = read(0x0d, &[1], &1.5_f32.to_be_bytes());
    assert_eq!(single.values, IdxValues::F32(vec![1.5]));
    let double = read(0x0e, &[1, 1, 1], &(-0.1_f64).to_be_bytes());
    assert_eq!(
        (double.shape.as_slice(), double.numbers()),
        (&[1, 1, 1][..], vec![-0.1])
    );
    assert_eq!(read(0x08, &[], &[7]).numbers(), [7.0]);
    assert_eq!(read(0x08, &[0, 28], &[]).numbers(), [0.0; 0]);
}

#[test]
fn errors_name_file_and_offset() {
    let good = file(0x0b, &[2, 3], &[0; 12]);
    assert_eq!(
        message(b"label,pixel"),
        "folder/x.idx, offset 0: an IDX file begins with the bytes 00 00, this one with 6c 61"
    );
    assert_eq!(
        message(&file(0x07, &[1], &[0])),
        "folder/x.idx, offset 2: the type 0x07 is none of 0x08 (u8), 0x09 (i8), 0x0b (i16), \
         0x0c (i32), 0x0d (f32) and 0x0e (f64)"
    );
    for (length, offset, expected) in [(0, 0, 4), (3, 0, 4), (5, 4, 8), (12, 12, 12), (23, 12, 12)]
    {
        let found = length - offset;
        assert_eq!(
            message(&good[..length]),
            format!(
                "folder/x.idx, offset {offset}: the file ends too early: {expected} bytes were \
                 expected from here on, and there are {found}"
            )
        );
    }
    assert_eq!(
        message(&[&good[..], &[1, 2]].concat()),
        "folder/x.idx, offset 24: 2 bytes follow after the last number"
    );
    let huge = file(0x0e, &[u32::MAX; 3], &[]);
    assert!(
        message(&huge)
            .ends_with("offset 4: the shape [4294967295, 4294967295, 4294967295] is too large")
    );
    let error = read_idx("/nowhere/x.idx").unwrap_err().to_string();
    assert!(error.starts_with("cannot read /nowhere/x.idx: "), "{error}");
}

#[test]
fn images_and_labels_make_a_data_set() {
    let folder = std::env::temp_dir().join(format!("idx-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (images, labels) = (folder.join("images"), folder.join("labels"));
    std::fs::write(
        &images,
        file(0x08, &[3, 2, 2], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    )
    .unwrap();
    std::fs::write(&labels, file(0x08, &[3], &[2, 0, 1])).unwrap();
    let data = read_idx_pair(&images, &labels).unwrap();
    assert_eq!(data.get(1), Some((&[4.0, 5.0, 6.0, 7.0][..], 0)));
    assert_eq!((data.len(), data.classes()), (3, 3));

    std::fs::write(&labels, file(0x09, &[3], &[2, 255, 1])).unwrap();
    let error = read_idx_pair(&images, &labels).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "{}, offset 9: the label -1 is no class 0, 1, …",
            labels.display()
        )
    );
    let error = read_idx_pair(&labels, &images).unwrap_err().to_string();
    let expected = "offset 3: the array has 3 axes, and 1 were expected";
    assert_eq!(error, format!("{}, {expected}", images.display()));
    std::fs::write(&labels, file(0x08, &[2], &[2, 1])).unwrap();
    assert!(read_idx_pair(&images, &labels).is_err());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[cfg(feature = "ndarray")]
#[test]
fn an_array_has_the_shape() {
    let array = parse_idx("x", &file(0x08, &[2, 3], &[0, 1, 2, 3, 4, 5]))
        .unwrap()
        .to_array::<f32>();
    assert_eq!((array.shape(), array[[1, 0]]), (&[2, 3][..], 3.0));
}

/// Four labels, packed by Python's `gzip.GzipFile("labels.idx", "wb", mtime=0)`.
#[cfg(feature = "gzip")]
const GZIP: [u8; 43] = [
    0x1f, 0x8b, 0x08, 0x08, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x6c, 0x61, 0x62, 0x65, 0x6c, 0x73,
    0x2e, 0x69, 0x64, 0x78, 0x00, 0x63, 0x60, 0xe0, 0x60, 0x64, 0x60, 0x60, 0x60, 0x61, 0x64, 0x62,
    0x66, 0x01, 0x00, 0xc9, 0x10, 0x81, 0x1d, 0x0c, 0x00, 0x00, 0x00,
];

#[cfg(feature = "gzip")]
#[test]
fn a_compressed_file_is_read_and_checked() {
    let packed = GZIP.to_vec();
    let read = parse_idx("x.gz", &packed).unwrap();
    assert_eq!(read.values, IdxValues::U8(vec![1, 2, 3, 4]));
    for length in 2..packed.len() {
        let error = parse_idx("x.gz", &packed[..length])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("x.gz, offset "), "{error}");
        assert!(
            error.contains(": the file is compressed by gzip: "),
            "{error}"
        );
    }
    for place in [packed.len() - 1, packed.len() - 5] {
        let mut damaged = packed.clone();
        damaged[place] ^= 1;
        assert!(parse_idx("x.gz", &damaged).is_err());
    }
}

#[cfg(not(feature = "gzip"))]
#[test]
fn a_compressed_file_is_recognised() {
    assert_eq!(
        message(&[0x1f, 0x8b, 8, 0]),
        "folder/x.idx, offset 0: the file is compressed by gzip; the feature `gzip` of the crate \
         reads such files"
    );
}
