use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::differentiable::{Leaf, LeafMut, Name};

/// A folder of a test's own, gone after it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("weights-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("model.safetensors")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

type Model = (Vec<(f64, [[f32; 3]; 2])>, [f64; 2], Vec<f64>);

fn model() -> Model {
    let rows = |start: f32| [[start, start + 1.0, -0.0], [0.1, f32::MAX, start / 3.0]];
    (
        vec![(0.1, rows(5.0)), (-2.5, rows(7.0))],
        [1e-300, f64::MAX],
        Vec::new(),
    )
}

fn empty() -> Model {
    (vec![(9.0, [[9.0; 3]; 2]); 2], [9.0; 2], Vec::new())
}

/// A tensor of a file, read by hand: type, shape, numbers as bytes.
type ByHand = (String, Vec<usize>, Vec<u8>);

/// Reads the format by what its description says: 8 bytes of length, a JSON object, the numbers.
fn parse_by_hand(file: &[u8]) -> BTreeMap<String, ByHand> {
    let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    assert_eq!(length % 8, 0, "the numbers are aligned");
    let header = std::str::from_utf8(&file[8..8 + length]).unwrap();
    let data = &file[8 + length..];
    assert!(header.starts_with('{') && header.trim_end().ends_with('}'));
    let list = |text: &str| -> Vec<usize> {
        let numbers = text.split(',').filter(|text| !text.is_empty());
        numbers.map(|number| number.parse().unwrap()).collect()
    };
    let mut tensors = BTreeMap::new();
    let mut covered = 0;
    // `"NAME":{"dtype":"TYPE","shape":[..],"data_offsets":[a,b]}` for each tensor.
    for part in header
        .split("\"data_offsets\":[")
        .collect::<Vec<_>>()
        .windows(2)
    {
        let (before, after) = (part[0], part[1]);
        let (rest, shape) = before
            .trim_end_matches("],")
            .rsplit_once("\"shape\":[")
            .unwrap();
        let (rest, dtype) = rest
            .trim_end_matches("\",")
            .rsplit_once("{\"dtype\":\"")
            .unwrap();
        let name = rest.trim_end_matches("\":").rsplit('"').next().unwrap();
        let offsets = list(after.split(']').next().unwrap());
        let bytes = data[offsets[0]..offsets[1]].to_vec();
        covered += bytes.len();
        tensors.insert(name.to_owned(), (dtype.to_owned(), list(shape), bytes));
    }
    assert_eq!(covered, data.len(), "every byte belongs to a tensor");
    tensors
}

#[test]
fn a_file_has_the_format_and_the_numbers() {
    let file = to_bytes(&model()).unwrap();
    let tensors = parse_by_hand(&file);
    let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
    assert_eq!(names, ["0.0.0", "0.0.1", "0.1.0", "0.1.1", "1", "2"]);
    assert_eq!(
        tensors["0.1.0"],
        ("F64".to_owned(), vec![], (-2.5_f64).to_le_bytes().to_vec())
    );
    let (dtype, shape, bytes) = &tensors["0.1.1"];
    assert_eq!((dtype.as_str(), shape.as_slice()), ("F32", &[2, 3][..]));
    let numbers: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    assert_eq!(numbers, *model().0[1].1.as_flattened());
    assert!(numbers[2].is_sign_negative());
    assert_eq!(tensors["2"], ("F64".to_owned(), vec![0], vec![]));
    assert_eq!(
        to_bytes(&model()).unwrap(),
        file,
        "the bytes are always the same"
    );
}

#[cfg(feature = "ndarray")]
#[test]
fn an_array_is_stored_row_by_row_whatever_its_layout() {
    use ndarray::{Array2, ShapeBuilder};
    let rows = Array2::from_shape_fn((2, 3), |(i, j)| (10 * i + j) as f32);
    let mut columns = Array2::from_elem((2, 3).f(), 0.0_f32);
    columns.assign(&rows);
    assert_eq!(to_bytes(&columns).unwrap(), to_bytes(&rows).unwrap());
    let tensors = parse_by_hand(&to_bytes(&rows).unwrap());
    assert_eq!(tensors["self"].1, [2, 3]);
    columns.fill(7.0);
    from_bytes(&mut columns, &to_bytes(&rows).unwrap()).unwrap();
    assert_eq!(columns, rows);
}

#[test]
fn what_is_saved_is_loaded_to_the_bit() {
    let folder = Folder::new("roundtrip");
    save(&model(), folder.file()).unwrap();
    let mut loaded = empty();
    load(&mut loaded, folder.file()).unwrap();
    assert_eq!(loaded, model());
    assert!(loaded.0[0].1[0][2].is_sign_negative());
    assert_eq!(
        std::fs::read_dir(&folder.0).unwrap().count(),
        1,
        "nothing else is left"
    );
}

/// A file as others write it: no note, other spaces, another order.
#[test]
fn a_file_from_elsewhere_is_read() {
    let header = r#"{ "b": {"dtype":"F32","shape":[2],"data_offsets":[8,16]},
        "__metadata__": {"format":"np"}, "self": {"dtype":"F64","shape":[],"data_offsets":[0,8]}}"#;
    let file = |header: &str| {
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.as_bytes());
        file.extend(1.5_f64.to_le_bytes());
        file.extend(2.5_f32.to_le_bytes());
        file.extend(3.5_f32.to_le_bytes());
        file
    };
    let mut number = 0.0_f64;
    let error = from_bytes(&mut number, &file(header)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "data: the file has a tensor b (2, f32), for which there is no place"
    );
    assert_eq!(number, 0.0);
    let mut pair = (0.0_f64, [0.0_f32; 2]);
    let named = header
        .replace("\"b\"", "\"1\"")
        .replace("\"self\"", "\"0\"");
    from_bytes(&mut pair, &file(&named)).unwrap();
    assert_eq!(pair, (1.5, [2.5, 3.5]));
}

#[test]
fn every_cut_is_noticed_and_the_model_stays() {
    let file = to_bytes(&model()).unwrap();
    let mut loaded = empty();
    for length in 0..file.len() {
        let error = from_bytes(&mut loaded, &file[..length])
            .unwrap_err()
            .to_string();
        let header = 8 + u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
        let expected = [8, header, file.len()]
            .into_iter()
            .find(|&end| length < end)
            .unwrap();
        assert_eq!(
            error,
            format!(
                "data: the file is cut off: {expected} bytes were expected, and there are {length}"
            )
        );
    }
    let longer = [&file[..], &[0]].concat();
    let error = from_bytes(&mut loaded, &longer).unwrap_err().to_string();
    assert!(error.starts_with("data: the file is too long: "), "{error}");
    assert_eq!(loaded, empty());
}

#[test]
fn every_changed_bit_is_noticed() {
    let file = to_bytes(&model()).unwrap();
    let header = 8 + u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    let padding = file[..header]
        .iter()
        .rev()
        .take_while(|byte| **byte == b' ')
        .count();
    let mut loaded = empty();
    for place in 0..file.len() {
        if (header - padding..header).contains(&place) {
            // Spaces that a bit turns into other white space mean nothing.
            continue;
        }
        for bit in 0..8 {
            let mut damaged = file.clone();
            damaged[place] ^= 1 << bit;
            let found = from_bytes(&mut loaded, &damaged);
            // A key of the note may become another one: the file is then one from elsewhere.
            let elsewhere = Archive::parse(&damaged).is_ok_and(|archive| archive.kind().is_none());
            assert!(found.is_err() || elsewhere, "byte {place}, bit {bit}");
            if found.is_ok() {
                assert_eq!(loaded, model());
                loaded = empty();
            }
        }
    }
    assert_eq!(loaded, empty());
    let mut damaged = file.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let error = from_bytes(&mut loaded, &damaged).unwrap_err().to_string();
    assert!(
        error.starts_with("data: the file is damaged: the checksum "),
        "{error}"
    );
}

#[test]
fn mismatches_name_the_file_and_both_tensors() {
    let folder = Folder::new("mismatch");
    let path = folder.file();
    save(&(1.0_f64, [[1.0_f32; 3]; 2]), &path).unwrap();
    let message = |error: Result<(), WeightsError>| {
        let text = error.unwrap_err().to_string();
        let place = format!("{}: ", path.display());
        text.strip_prefix(&place)
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    };
    assert_eq!(
        message(load(&mut (1.0_f64, [[1.0_f32; 2]; 3]), &path)),
        "the tensor 1 (3 × 2, f32) was expected, and 1 (2 × 3, f32) is in the file"
    );
    assert_eq!(
        message(load(&mut (1.0_f64, [[1.0_f64; 3]; 2]), &path)),
        "the tensor 1 (2 × 3, f64) was expected, and 1 (2 × 3, f32) is in the file"
    );
    assert_eq!(
        message(load(&mut (1.0_f64, [[1.0_f32; 3]; 2], 2.0_f32), &path)),
        "the tensor 2 (one number, f32) was expected, and is not in the file"
    );
    assert_eq!(
        message(load(&mut (1.0_f64,), &path)),
        "the file has a tensor 1 (2 × 3, f32), for which there is no place"
    );
    std::fs::write(&path, "[weights]\nlayers = 3\n").unwrap();
    let text = message(load(&mut 1.0_f64, &path));
    assert!(
        text.starts_with("this is no file of the format safetensors, or it is damaged: "),
        "{text}"
    );
    std::fs::remove_file(&path).unwrap();
    assert!(message(load(&mut 1.0_f64, &path)).starts_with("cannot be read: "));
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_one_there() {
    let folder = Folder::new("unwritable");
    let path = folder.file();
    save(&1.0_f64, &path).unwrap();
    // A folder in the place of the part that is written first.
    let part = folder.0.join("model.safetensors.part");
    std::fs::create_dir(&part).unwrap();
    let error = save(&2.0_f64, &path).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("{}: cannot be written: ", path.display())),
        "{error}"
    );
    let mut number = 0.0_f64;
    load(&mut number, &path).unwrap();
    assert_eq!(number, 1.0);
    // What an interrupted process leaves there is no obstacle.
    std::fs::remove_dir(&part).unwrap();
    std::fs::write(&part, "half a fi").unwrap();
    save(&2.0_f64, &path).unwrap();
    load(&mut number, &path).unwrap();
    assert_eq!((number, part.exists()), (2.0, false));
}

#[test]
fn two_tensors_of_one_name_are_refused() {
    struct Twins(f64, f64);
    impl Leaves for Twins {
        fn visit<'a>(&'a self, name: &mut Name, f: &mut dyn FnMut(&str, Leaf<'a>)) {
            name.within("twin", |name| self.0.visit(name, f));
            name.within("twin", |name| self.1.visit(name, f));
        }
        fn visit_mut<'a>(&'a mut self, name: &mut Name, f: &mut dyn FnMut(&str, LeafMut<'a>)) {
            name.within("twin", |name| self.0.visit_mut(name, f));
            name.within("twin", |name| self.1.visit_mut(name, f));
        }
    }
    let error = to_bytes(&Twins(1.0, 2.0)).unwrap_err();
    assert_eq!(error.to_string(), "data: two tensors have the name twin");
}
