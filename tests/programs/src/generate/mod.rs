//! Random programs: functions that rustc takes without the attribute, that stay finite, and that use what
//! the README accepts.

mod expressions;
mod iterators;
mod statements;

use crate::random::Random;
use crate::types::{Mode, Param, Program, Type};

/// The program of a seed.
pub fn program(seed: u64) -> Program {
    let mut generator = Generator::new(seed);
    let params = generator.params();
    for param in &params {
        let mutable = param.mutable || param.mode == Mode::Mut;
        let kind = match param.mode {
            Mode::Value => Kind::Value(param.ty),
            Mode::Ref => Kind::Ref(param.ty),
            Mode::Mut => Kind::Mut(param.ty),
        };
        generator.add(&param.name, kind, mutable);
    }
    let statements = *generator.random.pick(&[3, 5, 7, 10, 14]);
    let mut body = String::new();
    generator.scopes.push(Vec::new());
    for _ in 0..statements {
        body.push_str(&generator.statement());
    }
    let result = generator.result();
    let declarations: Vec<String> = params.iter().map(Param::declaration).collect();
    let text = format!(
        "pub fn program({}) -> {} {{ {body} {result} }}",
        declarations.join(", "),
        generator.output.owned()
    );
    let file = syn::parse_str(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
    Program {
        seed,
        params,
        output: generator.output,
        text: prettyplease::unparse(&file),
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Value(Type),
    Ref(Type),
    Mut(Type),
    Flag,
    /// With so many floats as arguments.
    Closure(usize),
}

#[derive(Clone, Debug)]
struct Variable {
    name: String,
    kind: Kind,
    mutable: bool,
}

/// What is known where the next statement is written.
struct Generator {
    random: Random,
    /// Names made so far.
    names: usize,
    scopes: Vec<Vec<Variable>>,
    /// What may not be read, or not be changed, since something borrows it: name, and whether reads are out, too.
    borrowed: Vec<(String, bool)>,
    /// In a closure: only what nobody changes is captured.
    captures: bool,
    /// Labels of the loops around; of those that `break` leaves with a value, `None`.
    loops: Vec<Option<String>>,
    depth: usize,
    output: Type,
    /// The features that this program uses, so that programs differ.
    features: u64,
}

impl Generator {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let features = random.bits() | random.bits();
        let output = *random.pick(&[
            Type::Float,
            Type::Float,
            Type::Float,
            Type::Float,
            Type::Pair,
            Type::Array(2),
            Type::Point,
            Type::Vector(2),
        ]);
        Self {
            random,
            names: 0,
            scopes: vec![Vec::new()],
            borrowed: Vec::new(),
            captures: false,
            loops: Vec::new(),
            depth: 0,
            output,
            features,
        }
    }

    fn params(&mut self) -> Vec<Param> {
        use Mode::{Mut, Ref, Value};
        let mut params = vec![Param {
            name: "x".into(),
            ty: Type::Float,
            mode: Value,
            mutable: self.random.chance(0.3),
        }];
        let choices: &[(&str, Type, Mode)] = &[
            ("y", Type::Float, Value),
            ("w", Type::Vector(4), Ref),
            ("a", Type::Array(3), Value),
            ("ra", Type::Array(3), Ref),
            ("m", Type::Rows(3), Ref),
            ("pair", Type::Pair, Value),
            ("p", Type::Point, Value),
            ("rp", Type::Point, Ref),
            ("q", Type::Body, Ref),
            ("ps", Type::Points(2), Ref),
            ("rx", Type::Float, Ref),
            ("mv", Type::Vector(3), Mut),
            ("ma", Type::Array(3), Mut),
            ("mp", Type::Point, Mut),
            ("mx", Type::Float, Mut),
            ("n", Type::Index(4), Value),
            ("k", Type::Index(3), Value),
        ];
        let count = 1 + self.random.below(4);
        let mut chosen = Vec::new();
        while chosen.len() < count {
            let choice = self.random.below(choices.len());
            if !chosen.contains(&choice) {
                chosen.push(choice);
            }
        }
        for (name, ty, mode) in chosen.into_iter().map(|choice| choices[choice]) {
            params.push(Param {
                name: name.into(),
                ty,
                mode,
                mutable: mode == Value && ty.leaves() > 0 && self.random.chance(0.4),
            });
        }
        params
    }

    /// Whether this program uses a feature.
    fn uses(&self, feature: u32) -> bool {
        self.features >> feature & 1 == 1
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn add(&mut self, name: &str, kind: Kind, mutable: bool) {
        let variable = Variable {
            name: name.to_owned(),
            kind,
            mutable,
        };
        self.scopes.last_mut().expect("a scope").push(variable);
    }

    /// Declares a float, sometimes by a name that there is already.
    fn add_float(&mut self, mutable: bool) -> String {
        let floats = self.of(|variable| variable.kind == Kind::Value(Type::Float));
        let name = if self.uses(0) && !floats.is_empty() && self.random.chance(0.15) {
            self.random.pick(&floats).name.clone()
        } else {
            self.fresh("l")
        };
        self.add(&name, Kind::Value(Type::Float), mutable);
        name
    }

    /// What can be read here.
    fn visible(&self) -> Vec<Variable> {
        let mut found: Vec<Variable> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for variable in self
            .scopes
            .iter()
            .rev()
            .flat_map(|scope| scope.iter().rev())
        {
            if names.contains(&variable.name.as_str()) {
                continue;
            }
            names.push(&variable.name);
            let taken = |(name, reads): &(String, bool)| *reads && *name == variable.name;
            if !(self.borrowed.iter().any(taken) || self.captures && variable.mutable) {
                found.push(variable.clone());
            }
        }
        found
    }

    fn of(&self, wanted: impl Fn(&Variable) -> bool) -> Vec<Variable> {
        self.visible().into_iter().filter(wanted).collect()
    }

    /// What can be changed here.
    fn changeable(&self, wanted: impl Fn(&Variable) -> bool) -> Vec<Variable> {
        let free = |variable: &Variable| {
            let same = |(name, _): &(String, bool)| *name == variable.name;
            variable.mutable && !self.borrowed.iter().any(same)
        };
        self.of(|variable| free(variable) && wanted(variable))
    }

    /// Values of a type, or references to them, by name.
    fn named(&mut self, ty: fn(Type) -> bool) -> Option<Variable> {
        let found = self.of(|variable| match variable.kind {
            Kind::Value(own) | Kind::Ref(own) | Kind::Mut(own) => ty(own),
            _ => false,
        });
        (!found.is_empty()).then(|| self.random.pick(&found).clone())
    }

    /// A variable that can be changed, of a type.
    fn pick_mutable(&mut self, ty: fn(Type) -> bool) -> Option<Variable> {
        let found = self.changeable(|variable| match variable.kind {
            Kind::Value(own) | Kind::Mut(own) => ty(own),
            _ => false,
        });
        (!found.is_empty()).then(|| self.random.pick(&found).clone())
    }

    /// An expression in a scope with these variables.
    fn within(
        &mut self,
        variables: &[(&str, Kind)],
        write: impl FnOnce(&mut Self) -> String,
    ) -> String {
        self.scopes.push(Vec::new());
        for (name, kind) in variables {
            self.add(name, *kind, false);
        }
        let text = write(self);
        self.scopes.pop();
        text
    }

    /// An expression of the result's type.
    fn result(&mut self) -> String {
        let output = self.output;
        let mut float = || self.float(1);
        match output {
            Type::Pair => format!("({}, {})", float(), float()),
            Type::Array(_) => format!("[{}, {}]", float(), float()),
            Type::Vector(_) => format!("vec![{}, {}]", float(), float()),
            Type::Point => format!("Point {{ x: {}, y: {} }}", float(), float()),
            _ => self.float(2),
        }
    }
}
