//! Expressions.

use crate::generate::{Generator, Kind, Variable};
use crate::types::Type;

const LITERALS: [&str; 7] = ["0.3", "0.7", "1.3", "0.5", "1.1", "0.9", "0.25"];

/// What can be borrowed as `&[f64]`.
pub(super) struct Sequence {
    /// The place.
    pub place: String,
    /// Its length.
    pub length: usize,
    /// `&` where the place is no reference by itself.
    pub borrow: &'static str,
    /// The variable that it is in.
    pub root: String,
}

impl Generator {
    pub(super) fn literal(&mut self) -> &'static str {
        LITERALS[self.random.below(LITERALS.len())]
    }

    /// An index below `n`.
    pub(super) fn index(&mut self, n: usize) -> String {
        let integers = self.of(|variable| matches!(variable.kind, Kind::Value(Type::Index(_))));
        if integers.is_empty() || self.random.chance(0.3) {
            return self.random.below(n).to_string();
        }
        let Variable { name, kind, .. } = self.random.pick(&integers).clone();
        if matches!(kind, Kind::Value(Type::Index(bound)) if bound <= n) {
            return match self.random.below(4) {
                0 => format!("{} - {name}", n - 1),
                _ => name,
            };
        }
        match self.random.below(3) {
            0 => format!("{name} % {n}"),
            1 => format!("({name} + {}) % {n}", self.random.below(3)),
            _ => format!("{name}.min({})", n - 1),
        }
    }

    /// The floats in a variable, by one index or field each.
    fn floats_in(&mut self, variable: &Variable, found: &mut Vec<String>) {
        let name = &variable.name;
        let (ty, behind) = match variable.kind {
            Kind::Value(ty) => (ty, false),
            Kind::Ref(ty) | Kind::Mut(ty) => (ty, true),
            _ => return,
        };
        let field = *self.random.pick(&["x", "y"]);
        match ty {
            Type::Float if behind => found.push(format!("*{name}")),
            Type::Float => found.push(name.clone()),
            Type::Pair => found.extend([format!("{name}.0"), format!("{name}.1")]),
            Type::Array(0) | Type::Vector(0) => {}
            Type::Array(n) | Type::Vector(n) => found.push(format!("{name}[{}]", self.index(n))),
            Type::Table(n) | Type::Rows(n) => {
                found.push(format!("{name}[{}][{}]", self.index(n), self.index(2)));
            }
            Type::Point => found.extend([format!("{name}.x"), format!("{name}.y")]),
            Type::Body => found.extend([
                format!("{name}.place.{field}"),
                format!("{name}.spin[{}]", self.index(3)),
                format!("{name}.span.{}", self.random.below(2)),
            ]),
            Type::Points(n) => found.push(format!("{name}[{}].{field}", self.index(n))),
            Type::Index(_) => {}
        }
    }

    /// A float that is there already.
    pub(super) fn read(&mut self) -> String {
        let mut found = Vec::new();
        for variable in self.visible() {
            self.floats_in(&variable, &mut found);
        }
        if found.is_empty() {
            return "0.4_f64".into();
        }
        // The newest rather than the parameters.
        let newest = if self.random.chance(0.5) {
            found.len().min(6)
        } else {
            found.len()
        };
        let place = found[self.random.below(newest)].clone();
        if place.starts_with('*') {
            format!("({place})")
        } else {
            place
        }
    }

    /// A float that can be assigned to.
    pub(super) fn float_place(&mut self) -> Option<String> {
        let mut found = Vec::new();
        for variable in self.changeable(|variable| !matches!(variable.kind, Kind::Ref(_))) {
            self.floats_in(&variable, &mut found);
        }
        (!found.is_empty()).then(|| self.random.pick(&found).clone())
    }

    pub(super) fn sequences(&mut self) -> Vec<Sequence> {
        let mut found = Vec::new();
        for Variable { name, kind, .. } in self.visible() {
            let (ty, borrow) = match kind {
                Kind::Value(ty) => (ty, "&"),
                Kind::Ref(ty) => (ty, ""),
                Kind::Mut(ty) => (ty, "&"),
                _ => continue,
            };
            let borrow_whole = if matches!(kind, Kind::Mut(_)) {
                "&*"
            } else {
                borrow
            };
            let (place, length, borrow) = match ty {
                Type::Array(n) | Type::Vector(n) if n > 0 => (name.clone(), n, borrow_whole),
                Type::Body => (format!("{name}.spin"), 3, "&"),
                Type::Table(n) | Type::Rows(n) => (format!("{name}[{}]", self.index(n)), 2, "&"),
                _ => continue,
            };
            found.push(Sequence {
                place,
                length,
                borrow,
                root: name,
            });
        }
        found
    }

    /// A sequence, where there is one.
    pub(super) fn sequence(&mut self) -> Option<Sequence> {
        let mut found = self.sequences();
        if found.is_empty() {
            return None;
        }
        let choice = self.random.below(found.len());
        Some(found.swap_remove(choice))
    }

    /// An argument for `&[f64]`.
    pub(super) fn slice(&mut self) -> Option<String> {
        let Sequence {
            place,
            length,
            borrow,
            ..
        } = self.sequence()?;
        let low = self.random.below(length);
        let high = low + 1 + self.random.below(length - low);
        Some(match self.random.below(if self.uses(1) { 8 } else { 1 }) {
            0 => format!("&{place}[{low}..]"),
            1 => format!("&{place}[..{high}]"),
            2 => format!("&{place}[{low}..{high}]"),
            3 => format!("&{place}[..={}]", high - 1),
            4 => format!("&{place}[{}..]", self.index(length)),
            _ => format!("{borrow}{place}"),
        })
    }

    /// An argument for `&Point`.
    fn point(&mut self) -> Option<String> {
        let mut found = Vec::new();
        for Variable { name, kind, .. } in self.visible() {
            match kind {
                Kind::Value(Type::Point) => found.push(format!("&{name}")),
                Kind::Ref(Type::Point) => found.push(name),
                Kind::Mut(Type::Point) => found.push(format!("&*{name}")),
                Kind::Value(Type::Body) | Kind::Ref(Type::Body) => {
                    found.push(format!("&{name}.place"));
                }
                Kind::Value(Type::Points(n)) | Kind::Ref(Type::Points(n)) => {
                    found.push(format!("&{name}[{}]", self.index(n)));
                }
                _ => {}
            }
        }
        (!found.is_empty()).then(|| self.random.pick(&found).clone())
    }

    /// A `Point` of its own.
    pub(super) fn point_value(&mut self) -> String {
        if self.random.chance(0.3)
            && let Some(point) = self.point()
        {
            return format!("({point}).clone()")
                .replace("(&*", "(*")
                .replace("(&", "(");
        }
        let (x, y) = (self.float(1), self.float(1));
        match self.random.below(3) {
            0 => format!("point_of({x}, {y})"),
            _ => format!("Point {{ x: {x}, y: {y} }}"),
        }
    }

    /// A reference to a float.
    fn float_reference(&mut self) -> String {
        format!("&{}", self.read())
    }

    /// A call of one of the library's functions.
    fn call(&mut self, depth: usize) -> String {
        let d = depth - 1;
        match self.random.below(15) {
            0 => format!(
                "coupled({}, {})",
                self.float_reference(),
                self.float_reference()
            ),
            1 => format!("waves({}, {})", self.float(d), self.float(d)),
            2 => match self.point() {
                Some(point) => format!("pull_of({point}, {})", self.float(d)),
                None => self.read(),
            },
            3 | 4 => match self.slice() {
                Some(slice) => format!("length_of({slice})"),
                None => self.read(),
            },
            5 => match self.slice() {
                Some(slice) => format!("polynomial_of({slice}, {})", self.float(d)),
                None => self.read(),
            },
            6 => match self.slice() {
                Some(slice) => format!("entry_of({slice}, {})", self.index(9)),
                None => self.read(),
            },
            7 => format!("iterated({}, {})", self.float(d), self.index(4)),
            8 => format!("bent({})", self.float(d)),
            9 => format!("climbed({})", self.float(d)),
            10 => match self.named(|ty| matches!(ty, Type::Table(_) | Type::Rows(_))) {
                Some(Variable { name, .. }) => {
                    let part = *self.random.pick(&["1..", "..", "..1"]);
                    format!("sum_of_rows(&{name}[{part}])")
                }
                None => self.read(),
            },
            11 => {
                let (a, b, x) = (self.float(d), self.float(d), self.float(d));
                let part = match self.random.below(3) {
                    0 => "0".to_owned(),
                    1 => "1[0]".to_owned(),
                    _ => format!("1[{}]", self.index(3)),
                };
                format!("mixed(({a}, {b}), {x}).{part}")
            }
            12 => {
                let field = *self.random.pick(&["x", "y"]);
                format!("point_of({}, {}).{field}", self.float(d), self.float(d))
            }
            13 => format!("folded_down({}, {})", self.float(d), self.index(4)),
            _ => match self.named(|ty| ty == Type::Array(3)) {
                Some(variable) => {
                    let borrow = match variable.kind {
                        Kind::Value(_) => "&",
                        Kind::Mut(_) => "&*",
                        _ => "",
                    };
                    let entry = self.index(3);
                    format!(
                        "scaled({borrow}{}, {})[{entry}]",
                        variable.name,
                        self.float(d)
                    )
                }
                None => self.read(),
            },
        }
    }

    /// A condition.
    pub(super) fn condition(&mut self, depth: usize) -> String {
        let integers = self.of(|variable| matches!(variable.kind, Kind::Value(Type::Index(_))));
        let flags = self.of(|variable| variable.kind == Kind::Flag);
        match self.random.below(10) {
            0..=2 if !integers.is_empty() => {
                let a = self.random.pick(&integers).name.clone();
                let b = self.random.pick(&integers).name.clone();
                let k = self.random.below(3);
                match self.random.below(5) {
                    0 => format!("{a} % 2 == {}", k % 2),
                    1 => format!("{a} == {b}"),
                    2 => format!("{a} > {k}"),
                    3 => format!("{a} + {b} < 3"),
                    _ => format!("{a} != {k}"),
                }
            }
            3 if !flags.is_empty() => {
                let not = *self.random.pick(&["!", ""]);
                format!("{not}{}", self.random.pick(&flags).name)
            }
            4 if depth > 0 => {
                let op = *self.random.pick(&["&&", "||"]);
                let (a, b) = (self.condition(depth - 1), self.condition(depth - 1));
                format!("({a}) {op} ({b})")
            }
            5 if depth > 0 => format!("!({})", self.condition(depth - 1)),
            6 => format!("{}.abs() < {}", self.read(), self.literal()),
            7 => {
                let bound = *self.random.pick(&["0.1", "-0.2", "0.4"]);
                format!("{} * {} > {bound}", self.read(), self.read())
            }
            _ => {
                let op = *self.random.pick(&["<", ">"]);
                let left = self.read();
                let right = match self.random.below(4) {
                    0 => self.read(),
                    k => ["0.1", "-0.3", "0.45"][k - 1].into(),
                };
                format!("{left} {op} {right}")
            }
        }
    }

    /// A float, with so many levels.
    pub(super) fn float(&mut self, depth: usize) -> String {
        let Some(d) = depth.checked_sub(1) else {
            return self.read();
        };
        match self.random.below(26) {
            0..=2 => format!("({} + {})", self.float(d), self.float(d)),
            3 => format!("({} - {})", self.float(d), self.float(d)),
            4..=6 => format!("{} * {}", self.read(), self.float(d)),
            7 => {
                let method = *self.random.pick(&["sin", "cos", "tanh", "atan", "asinh"]);
                format!("({}).{method}()", self.float(d))
            }
            8 => {
                let method = *self.random.pick(&[
                    "sin", "cos", "tanh", "exp", "exp_m1", "sinh", "cosh", "exp2",
                ]);
                format!("({} * {}).sin().{method}()", self.read(), self.literal())
            }
            9 => {
                let a = self.read();
                format!("{a} * {a} / (1.0 + {a} * {a})")
            }
            10 => {
                let method = *self
                    .random
                    .pick(&["sqrt", "ln", "recip", "cbrt", "log2", "ln_1p"]);
                format!("({}.powi(2) + 1.0).{method}()", self.read())
            }
            11 => format!("{} / (2.0 + ({}).sin())", self.read(), self.float(d)),
            12 if self.uses(2) => {
                let condition = self.condition(1);
                format!(
                    "(if {condition} {{ {} }} else {{ {} }})",
                    self.float(d),
                    self.float(d)
                )
            }
            13 => match self.named(|ty| matches!(ty, Type::Index(_))) {
                Some(Variable { name, .. }) => format!("({name} as f64 * {})", self.literal()),
                None => self.read(),
            },
            14 | 15 if self.uses(3) => self.call(depth),
            16 | 17 if self.uses(4) => self.chain(d),
            18 => self.closure_call(d),
            19 if self.uses(5) => {
                let name = self.fresh("b");
                let first = self.float(d);
                let rest = self.within(&[(&name, Kind::Value(Type::Float))], |this| this.float(d));
                format!("({{ let {name} = {first}; {name} * 0.5 + {rest} }})")
            }
            20 if self.uses(6) => match self.named(|ty| matches!(ty, Type::Index(_))) {
                Some(integer) => self.match_value(&integer, d),
                None => self.read(),
            },
            21 => format!("(-{})", self.read()),
            22 => {
                let method = *self.random.pick(&["max", "min"]);
                format!(
                    "({}).{method}({} + {})",
                    self.read(),
                    self.read(),
                    self.literal()
                )
            }
            23 if self.uses(7) => self.rare(),
            _ => self.read(),
        }
    }

    fn closure_call(&mut self, d: usize) -> String {
        let closures = self.of(|variable| matches!(variable.kind, Kind::Closure(_)));
        if closures.is_empty() {
            return self.read();
        }
        let Variable { name, kind, .. } = self.random.pick(&closures).clone();
        match kind {
            Kind::Closure(1) => format!("{name}({})", self.float(d)),
            _ => format!("{name}({}, {})", self.float(d), self.float(d)),
        }
    }

    /// The methods that are seldom written.
    fn rare(&mut self) -> String {
        let (a, b, c) = (self.read(), self.read(), self.read());
        match self.random.below(14) {
            0 => format!("({a}).mul_add({b}, {c})"),
            1 => format!("({a}).hypot({b} * {b} + 0.1)"),
            2 => format!("({a} * {a} + 0.5).powf({b})"),
            3 => format!("({a}).atan2({b} * {b} + 0.7)"),
            4 => format!("({a}).clamp(-0.9, 1.7)"),
            5 => format!("({a} * {b}).abs()"),
            6 => format!("sigmoid({a}) * softplus({b})"),
            7 => format!("({a} % 0.7)"),
            8 => format!("relu({a})"),
            9 => format!("({a}).signum() * {b}"),
            10 => format!("silu({a})"),
            11 => format!("f64::sin({a}) * f64::max({b}, {c} - 0.1)"),
            12 => format!("({a}).sin_cos().0 * ({b} * {c}).sin_cos().1"),
            _ => format!("sigmoid({a} * {b}).ln()"),
        }
    }

    /// Arms of a `match` on an integer: patterns, and the name that each binds.
    pub(super) fn arms(&mut self) -> Vec<(String, Option<String>)> {
        let k = self.fresh("k");
        let plain = |pattern: &str| (pattern.to_owned(), None);
        match self.random.below(4) {
            0 => vec![plain("0"), plain("1 | 2"), plain("_")],
            1 => vec![(format!("{k} if {k} % 2 == 0"), Some(k)), plain("_")],
            2 => vec![plain("0..=1"), (k.clone(), Some(k))],
            _ => vec![(format!("{k} @ 1..=2"), Some(k)), plain("0"), plain("_")],
        }
    }

    fn match_value(&mut self, integer: &Variable, d: usize) -> String {
        let mut text = format!("(match {} {{ ", integer.name);
        for (pattern, name) in self.arms() {
            let bound = name.as_deref().map(|name| (name, integer.kind));
            let value = self.within(bound.as_slice(), |this| this.float(d));
            text.push_str(&format!("{pattern} => {value}, "));
        }
        text + "})"
    }
}
