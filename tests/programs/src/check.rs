//! What must hold of a program.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use crate::evaluate::{Dual, Evaluator};
use crate::harness::{Answer, Request, Workshop};
use crate::random::Random;
use crate::types::Program;

/// Points at which each program is tried.
const POINTS: usize = 3;
/// Rounding, relative to the sum of all absolute contributions: between the two modes.
const BETWEEN_MODES: f64 = 1e-12;
/// The same, between the derivative and that of the evaluator, whose formulas are others.
pub const FROM_EVALUATOR: f64 = 1e-11;
/// For central differences, relative to the derivative and the value.
const FROM_DIFFERENCES: f64 = 1e-5;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// rustc does not take the program with the attribute.
    Refused,
    /// The derivative panics where the function does not.
    Panic,
    /// A value has other bits than the function's.
    Value,
    /// The pullback of the second call, or of another program, is not that of the first.
    Programs,
    /// Forward and reverse mode disagree.
    Modes,
    /// The derivative is not the evaluator's.
    Evaluator,
    /// The derivative is not that of central differences.
    Differences,
    /// The generator or the evaluator is wrong: a value that is not rustc's, or unknown code.
    Own,
}

/// A program that fails, and how.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The index of the program.
    pub program: usize,
    /// What went wrong.
    pub kind: Kind,
    /// The figures.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

/// What was tried.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Programs.
    pub programs: usize,
    /// Points at which everything was compared.
    pub points: usize,
    /// Points at which the derivative is not finite, or too large to compare.
    pub extreme: usize,
    /// Points at which central differences were compared, too: those without a kink nearby.
    pub differences: usize,
}

impl Counts {
    /// Adds those of other programs.
    pub fn add(&mut self, other: Self) {
        self.programs += other.programs;
        self.points += other.points;
        self.extreme += other.extreme;
        self.differences += other.differences;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} programs at {} points, {} of them against differences, {} too large",
            self.programs, self.points, self.differences, self.extreme
        )
    }
}

/// Compiles the programs in one crate and checks each. The first failure of each program is reported.
pub fn check(workshop: &Workshop, programs: &[Program]) -> io::Result<(Counts, Vec<Failure>)> {
    let mut counts = Counts {
        programs: programs.len(),
        ..Counts::default()
    };
    let mut failures: BTreeMap<usize, Failure> = BTreeMap::new();
    let compiled = workshop.compile(programs, true)?;
    for (&program, message) in &compiled.errors {
        failures.insert(program, fail(program, Kind::Refused, message.clone()));
    }
    let mut requests = Vec::new();
    for (index, program) in programs.iter().enumerate() {
        if !compiled.errors.contains_key(&index) {
            for point in 0..POINTS {
                requests.extend(requests_at(index, program, point));
            }
        }
    }
    let answers = workshop.run(&requests)?;
    let per_point = STEPS.len() * 2 + 1;
    for (requests, answers) in requests.chunks(per_point).zip(answers.chunks(per_point)) {
        let index = requests[0].program;
        if failures.contains_key(&index) {
            continue;
        }
        if let Err((kind, message)) = compare(&programs[index], requests, answers, &mut counts) {
            failures.insert(index, fail(index, kind, message));
        }
    }
    Ok((counts, failures.into_values().collect()))
}

fn fail(program: usize, kind: Kind, message: String) -> Failure {
    Failure {
        program,
        kind,
        message,
    }
}

/// Steps of central differences. Where two of them disagree, there is a kink or too much rounding.
const STEPS: [f64; 2] = [1e-5, 5e-6];

/// The requests at one point: everything there, then the plain function around it.
fn requests_at(index: usize, program: &Program, point: usize) -> Vec<Request> {
    let mut random = Random::new(program.seed ^ (point as u64 + 1) << 48);
    let mut numbers =
        |n: usize, low, high| -> Vec<f64> { (0..n).map(|_| random.between(low, high)).collect() };
    let mut cotangent = numbers(program.outputs(), -1.5, 1.5);
    if program.output.leaves() == 1 {
        // So that the gradient of a scalar function is the same pull.
        cotangent[0] = 1.0;
    }
    let all = Request {
        program: index,
        plain: false,
        point: numbers(program.inputs(), -1.0, 1.4),
        direction: numbers(program.inputs(), -1.0, 1.0),
        cotangent,
        integers: program
            .bounds()
            .into_iter()
            .map(|bound| random.below(bound))
            .collect(),
    };
    let mut requests = vec![all.clone()];
    for h in STEPS {
        for h in [h, -h] {
            let moved = all.point.iter().zip(&all.direction);
            requests.push(Request {
                plain: true,
                point: moved.map(|(x, dot)| x + h * dot).collect(),
                ..all.clone()
            });
        }
    }
    requests
}

type Wrong = (Kind, String);

/// Compares everything at one point.
fn compare(
    program: &Program,
    requests: &[Request],
    answers: &[Answer],
    counts: &mut Counts,
) -> Result<(), Wrong> {
    let (request, answer) = (&requests[0], &answers[0]);
    let at = format!("at {:?} {:?}", request.point, request.integers);
    let Some(plain) = answer.get("plain") else {
        return Err((Kind::Own, format!("the function itself panics {at}")));
    };
    let own = |message: String| (Kind::Own, format!("evaluator: {message} {at}"));
    let mut evaluator = Evaluator::new(program).map_err(own)?;
    let mut evaluate =
        |direction: &[f64]| evaluator.run(program, &request.integers, &request.point, direction);
    let forward = evaluate(&request.direction).map_err(own)?;
    let values: Vec<f64> = forward.iter().map(|dual| dual.value).collect();
    if bits(&values) != bits(plain) {
        return Err(own(format!("{values:?} and not {plain:?}")));
    }
    if answer.contains_key("panic") {
        let done: Vec<&String> = answer.keys().collect();
        return Err((Kind::Panic, format!("after {done:?} {at}")));
    }
    for (section, values) in answer.iter().filter(|(name, _)| name.ends_with("-value")) {
        if bits(values) != bits(plain) {
            let message = format!("{section} is {values:?} and not {plain:?} {at}");
            return Err((Kind::Value, message));
        }
    }

    // The truth: one column of the Jacobian per argument, pulled back.
    let weigh = |duals: &[Dual]| -> (f64, f64) {
        let pairs = duals.iter().zip(&request.cotangent);
        pairs.fold((0.0, 0.0), |(dot, size), (dual, weight)| {
            (dot + dual.dot * weight, size + dual.size * weight.abs())
        })
    };
    let mut truth = Vec::new();
    for k in 0..program.inputs() {
        let mut unit = vec![0.0; program.inputs()];
        unit[k] = 1.0;
        truth.push(weigh(&evaluate(&unit).map_err(own)?));
    }
    let largest = truth.iter().map(|(_, size)| *size).fold(0.0, f64::max);
    if !(largest < 1e8 && plain.iter().all(|x| x.abs() < 1e8)) {
        counts.extreme += 1;
        return Ok(());
    }
    counts.points += 1;

    let split = &answer["split-gradient"];
    for (section, gradient) in answer
        .iter()
        .filter(|(name, _)| name.ends_with("-gradient"))
    {
        // The second pull adds to the first; buffers of what is changed are set anew.
        let twice = section == "second-gradient";
        let scales = scales(program, twice);
        for (k, ((slope, size), scale)) in truth.iter().zip(scales).enumerate() {
            let found = gradient.get(k).copied().unwrap_or(f64::NAN) / scale;
            if !close(found, *slope, FROM_EVALUATOR * (size + 1e-3)) {
                let kind = match section == "split-gradient"
                    || close(split[k], found, FROM_EVALUATOR * (size + 1e-3))
                {
                    true => Kind::Evaluator,
                    false => Kind::Programs,
                };
                let message = format!("{section} {k} is {found} and not {slope} {at}");
                return Err((kind, message));
            }
        }
    }
    let tangent = &answer["forward-tangent"];
    for (k, (dual, found)) in forward.iter().zip(tangent).enumerate() {
        if !close(*found, dual.dot, FROM_EVALUATOR * (dual.size + 1e-3)) {
            let message = format!("tangent {k} is {found} and not {} {at}", dual.dot);
            return Err((Kind::Evaluator, message));
        }
    }
    let pairs = tangent.iter().zip(&request.cotangent);
    let pushed: f64 = pairs.map(|(dot, weight)| dot * weight).sum();
    let pairs = split.iter().zip(&request.direction);
    let pulled: f64 = pairs.map(|(bar, dot)| bar * dot).sum();
    let (_, size) = weigh(&forward);
    if !close(pushed, pulled, BETWEEN_MODES * (size + 1e-3)) {
        let message = format!("forward {pushed}, reverse {pulled}, of size {size} {at}");
        return Err((Kind::Modes, message));
    }

    let weighted = |answer: &Answer| -> Option<f64> {
        let values = answer.get("plain")?.iter().zip(&request.cotangent);
        Some(values.map(|(value, weight)| value * weight).sum())
    };
    let mut slopes = Vec::new();
    for (around, h) in answers[1..].chunks(2).zip(STEPS) {
        let (Some(up), Some(down)) = (weighted(&around[0]), weighted(&around[1])) else {
            return Ok(());
        };
        slopes.push((up - down) / (2.0 * h));
    }
    let scale = 1.0 + size + plain.iter().map(|x| x.abs()).sum::<f64>();
    if (slopes[0] - slopes[1]).abs() < 1e-7 * scale {
        counts.differences += 1;
        if !close(slopes[0], pulled, FROM_DIFFERENCES * scale) {
            let message = format!("differences {slopes:?}, reverse {pulled} {at}");
            return Err((Kind::Differences, message));
        }
    }
    Ok(())
}

/// By how much each entry of a gradient is multiplied after one pull, or after two.
fn scales(program: &Program, twice: bool) -> Vec<f64> {
    use crate::types::Mode;
    let active = program.active();
    active
        .flat_map(|param| {
            let scale = if twice && param.mode != Mode::Mut {
                2.0
            } else {
                1.0
            };
            std::iter::repeat_n(scale, param.ty.leaves())
        })
        .collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance
}
