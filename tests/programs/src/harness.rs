//! Compiles programs, many in one crate, and runs them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use crate::types::{Mode, Program, Type};

const SUPPORT: &str = include_str!("../child/support.rs");
/// What programs may call.
pub const LIBRARY: &str = include_str!("../child/library.rs");

const MANIFEST: &str = r#"[package]
name = NAME
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

BINARIES
[dependencies]
autodiff-runtime = { path = RUNTIME, default-features = false }

[profile.dev]
debug = false
incremental = false
"#;

/// For many crates it pays to build the macro with optimisation; it still verifies every pass.
const OPTIMISED: &str = r#"
[profile.dev.build-override]
opt-level = 2
debug-assertions = true
"#;

/// The programs are dealt out to so many executables of one package, which cargo compiles side by side.
const EXECUTABLES: usize = 2;

/// Where crates are written and built.
#[derive(Clone, Debug)]
pub struct Workshop {
    name: String,
    folder: PathBuf,
    target: PathBuf,
    manifest_end: &'static str,
}

/// A request to a running program.
#[derive(Clone, Debug)]
pub struct Request {
    /// The index of the program.
    pub program: usize,
    /// Whether only the function itself is wanted.
    pub plain: bool,
    /// The integers among the arguments.
    pub integers: Vec<usize>,
    /// The floats of all arguments.
    pub point: Vec<f64>,
    /// Their tangents.
    pub direction: Vec<f64>,
    /// The cotangent of what comes out.
    pub cotangent: Vec<f64>,
}

/// The sections of an answer by name. `panic` is one of them.
pub type Answer = BTreeMap<String, Vec<f64>>;

/// Which programs rustc took, and what it says of the others.
#[derive(Debug, Default)]
pub struct Compiled {
    /// The first error of each program that has one.
    pub errors: BTreeMap<usize, String>,
}

impl Workshop {
    /// In a folder of this name, which no other run has at the same time, beside the test's other files. The target directory is the one that this
    /// program was built in, so that the crates that macros are made of are there already.
    pub fn new(name: &str) -> Self {
        let own = env::current_exe().expect("the path of this program");
        let target = own
            .ancestors()
            .find(|path| path.join("CACHEDIR.TAG").exists())
            .expect("a target directory around this program");
        Self {
            name: name.to_owned(),
            folder: target.join("tmp").join(name),
            target: target.to_owned(),
            manifest_end: "",
        }
    }

    /// With the macro optimised, which takes a while in the beginning.
    pub fn for_many_crates(self) -> Self {
        Self {
            manifest_end: OPTIMISED,
            ..self
        }
    }

    /// Compiles the programs, with the attribute or without. Those with errors are left out.
    pub fn compile(&self, programs: &[Program], attribute: bool) -> io::Result<Compiled> {
        let source = self.folder.join("src");
        fs::create_dir_all(&source)?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let runtime = root.join("autodiff-runtime").canonicalize()?;
        // Cargo tells crates apart by their names only, as each is the root of a workspace.
        let manifest = MANIFEST
            .replace("NAME", &format!("{:?}", self.name))
            .replace("RUNTIME", &format!("{runtime:?}"))
            .replace("BINARIES", &self.binaries())
            + self.manifest_end;
        write_if_new(&self.folder.join("Cargo.toml"), &manifest)?;
        // The versions of the workspace, which are on this machine.
        fs::copy(root.join("Cargo.lock"), self.folder.join("Cargo.lock"))?;
        write_if_new(&source.join("support.rs"), SUPPORT)?;
        let library = format!("use autodiff_runtime::prelude::*;\n\n{LIBRARY}");
        write_if_new(&source.join("library.rs"), &library)?;
        for (index, program) in programs.iter().enumerate() {
            let text = module(program, attribute);
            write_if_new(&source.join(format!("p{index}.rs")), &text)?;
        }
        let mut compiled = Compiled::default();
        loop {
            for number in 0..EXECUTABLES {
                let taken = (number..programs.len())
                    .step_by(EXECUTABLES)
                    .filter(|index| !compiled.errors.contains_key(index));
                let file = source.join(format!("main{number}.rs"));
                write_if_new(&file, &main_file(taken, attribute))?;
            }
            let stderr = match self.cargo(if attribute { "build" } else { "check" })? {
                Ok(()) => return Ok(compiled),
                Err(stderr) => stderr,
            };
            let known = compiled.errors.len();
            for (index, error) in errors(&stderr) {
                compiled.errors.entry(index).or_insert(error);
            }
            if compiled.errors.len() == known {
                return Err(io::Error::other(stderr));
            }
        }
    }

    /// The part of the manifest that names the executables.
    fn binaries(&self) -> String {
        let binary = |number| {
            let name = self.executable(number);
            format!("[[bin]]\nname = {name:?}\npath = \"src/main{number}.rs\"\n\n")
        };
        (0..EXECUTABLES).map(binary).collect()
    }

    fn executable(&self, number: usize) -> String {
        format!("{}-{number}", self.name)
    }

    fn cargo(&self, command: &str) -> io::Result<Result<(), String>> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args([command, "--offline", "--quiet", "--keep-going"])
            .arg("--message-format=short")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTFLAGS", env::var_os("RUSTFLAGS").unwrap_or_default())
            .output()?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(if output.status.success() {
            Ok(())
        } else {
            Err(stderr)
        })
    }

    /// Runs compiled programs. The answers are in the order of the requests.
    pub fn run(&self, requests: &[Request]) -> io::Result<Vec<Answer>> {
        let mut answers = vec![Answer::new(); requests.len()];
        for number in 0..EXECUTABLES {
            let (places, lines): (Vec<usize>, Vec<String>) = (requests.iter().enumerate())
                .filter(|(_, request)| request.program % EXECUTABLES == number)
                .map(|(place, request)| (place, request.line()))
                .unzip();
            let path = self.folder.join("requests");
            fs::write(&path, lines.concat())?;
            let executable = self.target.join("debug").join(self.executable(number));
            let output = Command::new(executable).arg(&path).output()?;
            let stdout = String::from_utf8_lossy(&output.stdout);
            if !output.status.success() {
                return Err(io::Error::other(format!("{output:?}")));
            }
            for line in stdout.lines() {
                let mut words = line.split(' ');
                let line_number = words.next().and_then(|word| word.parse::<usize>().ok());
                let (Some(line_number), Some(section)) = (line_number, words.next()) else {
                    return Err(io::Error::other(format!("not an answer: {line}")));
                };
                let floats = words.map(|word| {
                    let bits = u64::from_str_radix(word, 16);
                    f64::from_bits(bits.expect("the bits of a number"))
                });
                answers[places[line_number]].insert(section.to_owned(), floats.collect());
            }
        }
        Ok(answers)
    }
}

impl Request {
    /// As the executable reads it.
    fn line(&self) -> String {
        let mut text = format!("{:x} {:x} |", self.program, self.plain as u8);
        for k in &self.integers {
            let _ = write!(text, " {k:x}");
        }
        for numbers in [&self.point, &self.direction, &self.cotangent] {
            text.push('|');
            for x in numbers {
                let _ = write!(text, " {:x}", x.to_bits());
            }
        }
        text.push('\n');
        text
    }
}

/// Files that stay as they are keep their time, so that cargo does not build again what has not changed.
fn write_if_new(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)
}

fn main_file(programs: impl Iterator<Item = usize> + Clone, attribute: bool) -> String {
    let mut text = String::from("#![allow(warnings)]\nmod library;\nmod support;\n");
    for index in programs.clone() {
        let _ = writeln!(text, "mod p{index};");
    }
    text.push_str("\nfn main() {\n    support::serve(&[");
    for index in programs.filter(|_| attribute) {
        let _ = write!(text, "({index}, p{index}::run), ");
    }
    text.push_str("]);\n}\n");
    text
}

/// The first error of each program in what rustc says.
fn errors(stderr: &str) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for line in stderr.lines() {
        let Some((place, message)) = line.split_once(": error") else {
            continue;
        };
        let file = place
            .rsplit('/')
            .next()
            .and_then(|name| name.split(".rs").next());
        let index = file.and_then(|name| name.strip_prefix('p')?.parse().ok());
        if let Some(index) = index {
            let message = message.trim_start_matches(": ");
            found.entry(index).or_insert_with(|| message.to_owned());
        }
    }
    found
}

/// The file of one program: the function, and what calls its derivatives.
fn module(program: &Program, attribute: bool) -> String {
    let mut text = String::from(
        "use autodiff_runtime::prelude::*;\nuse crate::library::*;\nuse crate::support::{Abreast, Answer, Flat, Task};\nuse autodiff_runtime::__private::Width;\n\n",
    );
    if attribute {
        text.push_str("#[differentiable]\n");
    }
    text.push_str(&program.text);
    if attribute {
        text.push_str(&runner(program));
    }
    text
}

/// `run`, which fills an answer.
fn runner(program: &Program) -> String {
    let mut text = String::from("\npub fn run(task: &Task, answer: &mut Answer) {\n");
    let _ = writeln!(text, "let mut integers = task.integers.iter().copied();");
    let _ = writeln!(text, "let mut from = task.point.iter();");
    for param in &program.params {
        let name = &param.name;
        let _ = match param.ty {
            Type::Index(_) => writeln!(text, "let {name} = integers.next().unwrap();"),
            ty => writeln!(
                text,
                "let {name}: {} = Flat::read(&mut from, {});",
                ty.owned(),
                ty.length()
            ),
        };
    }
    // The tangents, and what the reverse pass is started with.
    let _ = writeln!(text, "let mut from = task.direction.iter();");
    let read = |text: &mut String, name: &str, ty: Type| {
        let (gradient, length) = (ty.gradient(), ty.length());
        let _ = writeln!(
            text,
            "let {name}: {gradient} = Flat::read(&mut from, {length});"
        );
    };
    for param in program.active() {
        read(&mut text, &format!("{}_dot", param.name), param.ty);
    }
    let _ = writeln!(text, "let mut from = task.cotangent.iter();");
    read(&mut text, "seed", program.output);
    for param in program.changed() {
        read(&mut text, &format!("{}_seed", param.name), param.ty);
    }

    let arguments: String = program
        .params
        .iter()
        .map(|param| match param.mode {
            Mode::Value => format!("{}.clone(), ", param.name),
            Mode::Ref => format!("&{}, ", param.name),
            Mode::Mut => format!("&mut {}, ", param.name),
        })
        .collect();
    let copies: String = program
        .changed()
        .map(|param| format!("let mut {0} = {0}.clone(); ", param.name))
        .collect();
    let changed: String = program
        .changed()
        .map(|param| format!(", &{}", param.name))
        .collect();
    let buffers: String = program
        .active()
        .map(|param| match param.mode {
            Mode::Mut => format!("let mut {0}_bar = {0}_seed.clone(); ", param.name),
            _ => {
                let (name, gradient, length) = (&param.name, param.ty.gradient(), param.ty.length());
                format!("let mut {name}_bar: {gradient} = Flat::read(&mut vec![0.0; 99].iter(), {length}); ")
            }
        })
        .collect();
    let again: String = program
        .changed()
        .map(|param| format!("{0}_bar = {0}_seed.clone(); ", param.name))
        .collect();
    let bars: String = program
        .active()
        .map(|param| format!("&mut {}_bar, ", param.name))
        .collect();
    let written: String = program
        .active()
        .map(|param| format!("&{}_bar, ", param.name))
        .collect();
    let _ = writeln!(
        text,
        "{{ {copies}let value = program({arguments}); answer.add(\"plain\", &[&value{changed}]); }}\n\
        if task.plain {{ return; }}"
    );
    if changed.is_empty() {
        let _ = writeln!(
            text,
            "{{ let (value, gradient) = program::vjp({arguments} seed.clone()); \
            answer.add(\"joint-value\", &[&value]); answer.add(\"joint-gradient\", &[&gradient]); }}"
        );
    }
    let _ = writeln!(
        text,
        "{{ {copies}{buffers}let (value, pull) = program::pullback({arguments}); \
        answer.add(\"split-value\", &[&value{changed}]); \
        pull(seed.clone(), {bars}); answer.add(\"split-gradient\", &[{written}]); \
        {again}pull(seed.clone(), {bars}); answer.add(\"second-gradient\", &[{written}]); }}"
    );
    if program.output == Type::Float {
        // Scaled by the cotangent of the result, which is one here.
        let _ = writeln!(
            text,
            "{{ {copies}{buffers}let value = program::grad_into({arguments} {bars}); \
            answer.add(\"grad-value\", &[&value{changed}]); answer.add(\"grad-gradient\", &[{written}]); }}"
        );
    }
    let buffers: String = program
        .params
        .iter()
        .map(|param| {
            let (name, gradient, length) = (&param.name, param.ty.gradient(), param.ty.length());
            match (param.mode, param.ty) {
                (_, Type::Index(_)) => format!("let mut {name}_lanes = (); "),
                (Mode::Mut, _) => format!("let mut {name}_lanes = {name}_seed.abreast(); "),
                _ => format!(
                    "let mut {name}_lanes = \
                    <{gradient} as Flat>::read(&mut vec![0.0; 99].iter(), {length}).abreast(); "
                ),
            }
        })
        .collect();
    let lent: String = program
        .params
        .iter()
        .filter(|param| param.mode == Mode::Ref)
        .map(|param| format!("&{}, ", param.name))
        .collect();
    let lanes: String = program
        .params
        .iter()
        .map(|param| format!("&mut {}_lanes, ", param.name))
        .collect();
    let lane = |lane: usize| -> String {
        let params = program.active();
        params
            .map(|param| match (param.mode, param.ty) {
                // A program that is there does not look into structs: what came in comes out.
                (Mode::Mut, Type::Point | Type::Body | Type::Points(_)) => {
                    format!("&{}_seed, ", param.name)
                }
                (_, ty) => format!(
                    "&<{} as Abreast>::lane(&{}_lanes, {lane}), ",
                    ty.gradient(),
                    param.name
                ),
            })
            .collect()
    };
    let _ = writeln!(
        text,
        "{{ {copies}{buffers}if let Some((value, pull)) = program::call_vector_vjp({arguments} Width::<2>) {{ \
        answer.add(\"lanes-value\", &[&value{changed}]); \
        pull(seed.abreast(), {lent} {lanes}); \
        answer.add(\"lane-gradient\", &[{}]); answer.add(\"lane-2-gradient\", &[{}]); }} }}",
        lane(0),
        lane(1),
    );
    let tangents: String = program
        .active()
        .map(|param| match param.mode {
            Mode::Value => format!("{}_dot.clone(), ", param.name),
            Mode::Ref => format!("&{}_dot, ", param.name),
            Mode::Mut => format!("&mut {}_dot, ", param.name),
        })
        .collect();
    let tangent_copies: String = program
        .changed()
        .map(|param| format!("let mut {0}_dot = {0}_dot.clone(); ", param.name))
        .collect();
    let changed_tangents: String = program
        .changed()
        .map(|param| format!(", &{}_dot", param.name))
        .collect();
    let _ = writeln!(
        text,
        "{{ {copies}{tangent_copies}let (value, tangent) = program::jvp({arguments} {tangents}); \
        answer.add(\"forward-value\", &[&value{changed}]); \
        answer.add(\"forward-tangent\", &[&tangent{changed_tangents}]); }}"
    );
    text.push_str("}\n");
    text
}
