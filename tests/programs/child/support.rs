//! What the generated crate runs its programs with: numbers in, numbers out.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::library::{Body, BodyGradient, Point, PointGradient};

/// One point of one program, and what to do there.
pub struct Task {
    /// Whether only the function itself is wanted.
    pub plain: bool,
    /// The integers.
    pub integers: Vec<usize>,
    /// The floats of all arguments.
    pub point: Vec<f64>,
    /// Their tangents.
    pub direction: Vec<f64>,
    /// The cotangent of the result and of the changed arguments.
    pub cotangent: Vec<f64>,
}

/// A value as a sequence of floats.
pub trait Flat: Sized {
    /// From the next floats; `length` is that of a vector.
    fn read(from: &mut std::slice::Iter<f64>, length: usize) -> Self;
    /// Appends the floats.
    fn write(&self, to: &mut Vec<f64>);
}

impl Flat for f64 {
    fn read(from: &mut std::slice::Iter<f64>, _: usize) -> Self {
        *from.next().expect("enough numbers")
    }
    fn write(&self, to: &mut Vec<f64>) {
        to.push(*self);
    }
}

impl Flat for () {
    fn read(_: &mut std::slice::Iter<f64>, _: usize) -> Self {}
    fn write(&self, _: &mut Vec<f64>) {}
}

impl<T: Flat, const N: usize> Flat for [T; N] {
    fn read(from: &mut std::slice::Iter<f64>, _: usize) -> Self {
        std::array::from_fn(|_| T::read(from, 0))
    }
    fn write(&self, to: &mut Vec<f64>) {
        self.iter().for_each(|x| x.write(to));
    }
}

impl<T: Flat> Flat for Vec<T> {
    fn read(from: &mut std::slice::Iter<f64>, length: usize) -> Self {
        (0..length).map(|_| T::read(from, 0)).collect()
    }
    fn write(&self, to: &mut Vec<f64>) {
        self.iter().for_each(|x| x.write(to));
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => { $(
        #[allow(non_snake_case)]
        impl<$($name: Flat),*> Flat for ($($name,)*) {
            fn read(from: &mut std::slice::Iter<f64>, _: usize) -> Self { ($($name::read(from, 0),)*) }
            fn write(&self, to: &mut Vec<f64>) { let ($($name,)*) = self; $($name.write(to);)* }
        }
    )* };
}
tuples! { (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

macro_rules! structs {
    ($($name:ident { $($field:ident)* })*) => { $(
        impl Flat for $name {
            fn read(from: &mut std::slice::Iter<f64>, _: usize) -> Self { Self { $($field: Flat::read(from, 0)),* } }
            fn write(&self, to: &mut Vec<f64>) { $(self.$field.write(to);)* }
        }
    )* };
}
structs! { Point { x y } PointGradient { x y } Body { place spin span } BodyGradient { place spin span } }

/// Adjoints as programs with several side by side take them: two, of which the second is twice the first.
pub trait Abreast: Sized {
    /// Both.
    type Both;
    /// The adjoint and its double.
    fn abreast(&self) -> Self::Both;
    /// What became of the first, or half of what became of the second.
    fn lane(both: &Self::Both, lane: usize) -> Self;
}

impl Abreast for f64 {
    type Both = [f64; 2];
    fn abreast(&self) -> [f64; 2] {
        [*self, 2.0 * self]
    }
    fn lane(both: &[f64; 2], lane: usize) -> f64 {
        both[lane] / [1.0, 2.0][lane]
    }
}

impl<T: Abreast, const N: usize> Abreast for [T; N] {
    type Both = [T::Both; N];
    fn abreast(&self) -> Self::Both {
        self.each_ref().map(T::abreast)
    }
    fn lane(both: &Self::Both, lane: usize) -> Self {
        both.each_ref().map(|both| T::lane(both, lane))
    }
}

impl<T: Abreast> Abreast for Vec<T> {
    type Both = Vec<T::Both>;
    fn abreast(&self) -> Self::Both {
        self.iter().map(T::abreast).collect()
    }
    fn lane(both: &Self::Both, lane: usize) -> Self {
        both.iter().map(|both| T::lane(both, lane)).collect()
    }
}

macro_rules! tuples_abreast {
    ($(($($name:ident $index:tt)*))*) => { $(
        impl<$($name: Abreast),*> Abreast for ($($name,)*) {
            type Both = ($($name::Both,)*);
            fn abreast(&self) -> Self::Both { ($(self.$index.abreast(),)*) }
            fn lane(both: &Self::Both, lane: usize) -> Self { ($($name::lane(&both.$index, lane),)*) }
        }
    )* };
}
tuples_abreast! { (A 0 B 1) (A 0 B 1 C 2) (A 0 B 1 C 2 D 3) }

/// Structs have no such form: what a program for several adjoints adds to theirs is nothing.
macro_rules! structs_one_by_one {
    ($($name:ident)*) => { $(
        impl Abreast for $name {
            type Both = autodiff_runtime::differentiable::OneByOne;
            fn abreast(&self) -> Self::Both { autodiff_runtime::differentiable::OneByOne }
            fn lane(_: &Self::Both, _: usize) -> Self { Flat::read(&mut [0.0; 9].iter(), 0) }
        }
    )* };
}
structs_one_by_one! { PointGradient BodyGradient }

/// Where a program's answer goes, in sections.
pub struct Answer(Sender<Section>);

type Section = (&'static str, Vec<f64>);

impl Answer {
    /// A section of its own for these values.
    pub fn add(&mut self, section: &'static str, values: &[&dyn Written]) {
        let mut numbers = Vec::new();
        values.iter().for_each(|value| value.append(&mut numbers));
        // Nobody listens any more to a program that took too long.
        let _ = self.0.send((section, numbers));
    }
}

/// `Flat`, where the type does not matter.
pub trait Written {
    /// Appends the floats.
    fn append(&self, to: &mut Vec<f64>);
}

impl<T: Flat> Written for T {
    fn append(&self, to: &mut Vec<f64>) {
        self.write(to);
    }
}

/// A program with its derivatives.
pub type Run = fn(&Task, &mut Answer);

/// How long an answer may take. Programs end in no time; what is left of one that is made smaller may not end at all.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers the requests in the file that the first argument names.
pub fn serve(programs: &[(usize, Run)]) {
    set_hook(Box::new(|_| {}));
    let path = std::env::args().nth(1).expect("a file of requests");
    let requests = std::fs::read_to_string(path).expect("a file of requests");
    let mut endless = BTreeSet::new();
    for (number, request) in requests.lines().enumerate() {
        let mut parts = request.split('|').map(|part| {
            part.split_whitespace()
                .map(|word| u64::from_str_radix(word, 16).expect("a number"))
                .collect::<Vec<u64>>()
        });
        let mut floats = |words: Option<Vec<u64>>| -> Vec<f64> {
            words.expect("a part").into_iter().map(f64::from_bits).collect()
        };
        let head = parts.next().expect("a head");
        let integers = parts.next().expect("integers").into_iter().map(|k| k as usize);
        let task = Task {
            plain: head[1] == 1,
            integers: integers.collect(),
            point: floats(parts.next()),
            direction: floats(parts.next()),
            cotangent: floats(parts.next()),
        };
        let (_, run) = programs.iter().find(|(name, _)| *name == head[0] as usize).expect("a program");
        if endless.contains(&head[0]) {
            println!("{number} panic");
            continue;
        }
        let sections = answered(*run, task);
        loop {
            match sections.recv_timeout(PATIENCE) {
                Ok((section, numbers)) => {
                    print!("{number} {section}");
                    numbers.iter().for_each(|x| print!(" {:x}", x.to_bits()));
                    println!();
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    endless.insert(head[0]);
                    println!("{number} panic");
                    break;
                }
            }
        }
    }
}

/// The answer as it comes, from a thread of its own.
fn answered(run: Run, task: Task) -> Receiver<Section> {
    let (sender, sections) = channel();
    let work = move || {
        let mut answer = Answer(sender);
        if catch_unwind(AssertUnwindSafe(|| run(&task, &mut answer))).is_err() {
            answer.add("panic", &[]);
        }
    };
    let thread = thread::Builder::new().stack_size(8 << 20);
    thread.spawn(work).expect("a thread can be started");
    sections
}
