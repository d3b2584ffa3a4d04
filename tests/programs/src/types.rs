//! The types of the programs, and what a program is.

/// What a parameter, a local variable or a result may be. Lengths of vectors are known to the generator only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `f64`
    Float,
    /// `(f64, f64)`
    Pair,
    /// `[f64; N]`
    Array(usize),
    /// `[[f64; 2]; N]`
    Table(usize),
    /// `Vec<f64>`, by reference `&[f64]`
    Vector(usize),
    /// `Vec<[f64; 2]>`, by reference `&[[f64; 2]]`
    Rows(usize),
    /// The library's `Point`
    Point,
    /// The library's `Body`
    Body,
    /// `Vec<Point>`, by reference `&[Point]`
    Points(usize),
    /// `usize`, below a bound
    Index(usize),
}

impl Type {
    /// How many floats a value has.
    pub fn leaves(self) -> usize {
        match self {
            Self::Float => 1,
            Self::Pair | Self::Point => 2,
            Self::Array(n) | Self::Vector(n) => n,
            Self::Table(n) | Self::Rows(n) | Self::Points(n) => 2 * n,
            Self::Body => 7,
            Self::Index(_) => 0,
        }
    }

    /// The type of a value, in Rust.
    pub fn owned(self) -> String {
        match self {
            Self::Float => "f64".into(),
            Self::Pair => "(f64, f64)".into(),
            Self::Array(n) => format!("[f64; {n}]"),
            Self::Table(n) => format!("[[f64; 2]; {n}]"),
            Self::Vector(_) => "Vec<f64>".into(),
            Self::Rows(_) => "Vec<[f64; 2]>".into(),
            Self::Point => "Point".into(),
            Self::Body => "Body".into(),
            Self::Points(_) => "Vec<Point>".into(),
            Self::Index(_) => "usize".into(),
        }
    }

    /// The type of its gradient.
    pub fn gradient(self) -> String {
        match self {
            Self::Point => "PointGradient".into(),
            Self::Body => "BodyGradient".into(),
            Self::Points(_) => "Vec<PointGradient>".into(),
            other => other.owned(),
        }
    }

    /// What a reference points to.
    pub fn borrowed(self) -> String {
        match self {
            Self::Vector(_) => "[f64]".into(),
            Self::Rows(_) => "[[f64; 2]]".into(),
            Self::Points(_) => "[Point]".into(),
            other => other.owned(),
        }
    }

    /// The number of elements of what is a slice by reference.
    pub fn length(self) -> usize {
        match self {
            Self::Vector(n) | Self::Rows(n) | Self::Points(n) => n,
            _ => 0,
        }
    }
}

/// How a parameter is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By value.
    Value,
    /// `&T`
    Ref,
    /// `&mut T`
    Mut,
}

/// A parameter of a program.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type behind the reference.
    pub ty: Type,
    /// How it is passed.
    pub mode: Mode,
    /// Whether the body may assign to it, for those by value.
    pub mutable: bool,
}

impl Param {
    /// As it stands in the signature.
    pub fn declaration(&self) -> String {
        let name = &self.name;
        match self.mode {
            Mode::Value if self.mutable => format!("mut {name}: {}", self.ty.owned()),
            Mode::Value => format!("{name}: {}", self.ty.owned()),
            Mode::Ref => format!("{name}: &{}", self.ty.borrowed()),
            Mode::Mut => format!("{name}: &mut {}", self.ty.borrowed()),
        }
    }
}

/// A function `program` and what is known of its signature.
#[derive(Clone, Debug)]
pub struct Program {
    /// The seed that it was made from.
    pub seed: u64,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its result.
    pub output: Type,
    /// The function as text, without attribute.
    pub text: String,
}

impl Program {
    /// The parameters that have derivatives.
    pub fn active(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.ty.leaves() > 0)
    }

    /// The parameters that the function changes for its caller.
    pub fn changed(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.mode == Mode::Mut)
    }

    /// The number of floats that go in.
    pub fn inputs(&self) -> usize {
        self.active().map(|param| param.ty.leaves()).sum()
    }

    /// The number of floats that come out: those of the result and of what was changed.
    pub fn outputs(&self) -> usize {
        let changed: usize = self.changed().map(|param| param.ty.leaves()).sum();
        self.output.leaves() + changed
    }

    /// The bounds of the integers that go in.
    pub fn bounds(&self) -> Vec<usize> {
        let bound = |param: &Param| match param.ty {
            Type::Index(bound) => Some(bound),
            _ => None,
        };
        self.params.iter().filter_map(bound).collect()
    }
}
