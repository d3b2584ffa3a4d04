//! Statements.

use crate::generate::{Generator, Kind};
use crate::types::Type;

const FLOAT: Kind = Kind::Value(Type::Float);

fn array(ty: Type) -> bool {
    matches!(ty, Type::Array(_))
}

fn listed(ty: Type) -> bool {
    matches!(ty, Type::Array(_) | Type::Vector(_))
}

fn length(kind: Kind) -> usize {
    match kind {
        Kind::Value(Type::Array(n) | Type::Vector(n))
        | Kind::Mut(Type::Array(n) | Type::Vector(n)) => n,
        _ => 0,
    }
}

impl Generator {
    /// A statement, or a few that belong together.
    pub(super) fn statement(&mut self) -> String {
        // What does not fit here is tried again as something else.
        for _ in 0..20 {
            if let Some(text) = self.try_statement() {
                return text;
            }
        }
        self.let_float()
    }

    fn try_statement(&mut self) -> Option<String> {
        let shallow = self.depth < 4;
        let looping = self.loops.len() < 3 && shallow;
        match self.random.below(40) {
            0..=2 => Some(self.let_float()),
            3..=8 => {
                let place = self.float_place()?;
                Some(self.update(&place))
            }
            9 if self.uses(10) => Some(self.let_array()),
            10 if self.uses(11) => Some(self.let_vector()),
            11 if self.uses(12) => Some(self.let_pushed()),
            12 if self.uses(13) => Some(self.let_struct()),
            13 if self.uses(14) => Some(self.let_tuple()),
            14 | 15 if self.uses(15) && shallow => Some(self.branch()),
            16 if self.uses(16) && shallow => self.choice(),
            17 | 18 if self.uses(17) && looping => Some(self.counted_loop()),
            19 | 20 if self.uses(18) && looping => self.loop_over(),
            21 if self.uses(19) && looping => Some(self.while_loop()),
            22 if self.uses(20) && looping => Some(self.endless_loop()),
            23 | 24 if self.depth > 0 || self.random.chance(0.3) => self.leave(),
            25 if self.uses(21) => Some(self.deferred()),
            26 if self.uses(22) && !self.captures => Some(self.let_closure()),
            27 | 28 if self.uses(23) => self.whole_change(),
            29 if self.uses(24) => Some(self.let_table()),
            30 if self.uses(25) && shallow => Some(self.labelled_block()),
            31 => {
                let condition = self.condition(1);
                let name = self.fresh("t");
                self.add(&name, Kind::Flag, false);
                Some(format!("let {name} = {condition};"))
            }
            32 if shallow => {
                let block = self.block(1, 3, &[]);
                Some(format!("{{ {block} }}"))
            }
            33 | 34 if self.uses(26) => self.changing_call(),
            35 if self.uses(27) => self.pattern(),
            36 if self.uses(28) && looping => self.nested_loops(),
            37 if self.uses(29) && looping => self.replaced_in_loop(),
            38 if self.uses(30) => Some(self.pair_of_branches()),
            39 if self.uses(31) && looping => self.calls_in_loop(),
            _ => None,
        }
    }

    /// From `low` to `high` statements in a scope of their own.
    fn block(&mut self, low: usize, high: usize, variables: &[(&str, Kind, bool)]) -> String {
        self.scopes.push(Vec::new());
        self.depth += 1;
        for (name, kind, mutable) in variables {
            self.add(name, *kind, *mutable);
        }
        let count = low + self.random.below(high - low + 1);
        let text = (0..count).map(|_| self.statement()).collect();
        self.depth -= 1;
        self.scopes.pop();
        text
    }

    /// A loop's body.
    fn body(&mut self, label: Option<String>, variables: &[(&str, Kind, bool)]) -> String {
        self.loops.push(label);
        let text = self.block(1, 3, variables);
        self.loops.pop();
        text
    }

    fn mutability(&mut self) -> (bool, &'static str) {
        if self.random.chance(0.6) {
            (true, "mut ")
        } else {
            (false, "")
        }
    }

    fn let_float(&mut self) -> String {
        let value = self.float(2);
        let (mutable, keyword) = self.mutability();
        let ty = *self.random.pick(&["", "", ": f64"]);
        let name = self.add_float(mutable);
        format!("let {keyword}{name}{ty} = {value};")
    }

    /// An assignment that does not let a value grow without bound.
    fn update(&mut self, place: &str) -> String {
        match self.random.below(9) {
            0..=2 => format!("{place} += {} * {};", self.literal(), self.float(2)),
            3 => format!("{place} -= {};", self.float(1)),
            4 => format!("{place} *= ({}).cos();", self.float(1)),
            5 => format!("{place} /= 1.5 + ({}).sin();", self.float(1)),
            6 => format!("{place} = ({}).tanh();", self.float(2)),
            7 => format!("{place} = ({}).sin();", self.float(2)),
            _ => format!("{place} = 0.5 * {place} + {};", self.float(1)),
        }
    }

    fn three(&mut self) -> String {
        format!("{}, {}, {}", self.float(1), self.float(1), self.float(1))
    }

    fn let_array(&mut self) -> String {
        let value = match self.random.below(4) {
            0 => "[0.0_f64; 3]".to_owned(),
            1 => format!("[{}; 3]", self.float(1)),
            2 => format!("scaled(&[0.3, 0.5, 0.7], {})", self.float(1)),
            _ => format!("[{}]", self.three()),
        };
        let (mutable, keyword) = self.mutability();
        let name = self.fresh("a");
        self.add(&name, Kind::Value(Type::Array(3)), mutable);
        format!("let {keyword}{name} = {value};")
    }

    fn let_vector(&mut self) -> String {
        let sequence = self.sequence();
        let (value, n) = match (self.random.below(5), sequence) {
            (0, _) => ("vec![0.0_f64; 4]".to_owned(), 4),
            (1, _) => (format!("vec![{}; 3]", self.float(1)), 3),
            (2, Some(from)) => (format!("{}.to_vec()", from.place), from.length),
            (3, Some(from)) => {
                let u = self.fresh("u");
                let e = self.within(&[(&u, Kind::Ref(Type::Float))], |this| this.float(1));
                let chain = format!(
                    "{}.iter().map(|{u}| {u} * {e}).collect::<Vec<f64>>()",
                    from.place
                );
                (chain, from.length)
            }
            _ => (format!("vec![{}]", self.three()), 3),
        };
        let (mutable, keyword) = self.mutability();
        let name = self.fresh("v");
        self.add(&name, Kind::Value(Type::Vector(n)), mutable);
        format!("let {keyword}{name} = {value};")
    }

    fn let_pushed(&mut self) -> String {
        let name = self.fresh("v");
        let mut text = format!("let mut {name}: Vec<f64> = Vec::new();");
        let n = if self.random.chance(0.5) {
            let n = 1 + self.random.below(3);
            for _ in 0..n {
                text += &format!("{name}.push({});", self.float(1));
            }
            n
        } else {
            let i = self.fresh("i");
            let e = self.within(&[(&i, Kind::Value(Type::Index(3)))], |this| this.float(2));
            // Of one length on every path.
            let push = match self.random.below(3) {
                0 => {
                    let (condition, other) = (self.condition(0), self.read());
                    format!(
                        "if {condition} {{ {name}.push({e}); }} else {{ {name}.push({other}); }}"
                    )
                }
                _ => format!("{name}.push({e});"),
            };
            text += &format!("for {i} in 0..3 {{ {push} }}");
            3
        };
        self.add(&name, Kind::Value(Type::Vector(n)), true);
        text
    }

    fn let_struct(&mut self) -> String {
        let (mutable, keyword) = self.mutability();
        let point = self.point_value();
        let body = self.named(|ty| ty == Type::Body);
        let points = self.named(|ty| matches!(ty, Type::Points(_)));
        let name = self.fresh("s");
        let (text, ty) = match self.random.below(6) {
            0 => {
                let (k, float) = (self.float(1), self.fresh("l"));
                self.add(&float, FLOAT, false);
                let text = format!("let ({float}, {keyword}{name}) = exchanged({point}, {k});");
                (text, Type::Point)
            }
            1 => {
                let (spin, span) = (
                    self.three(),
                    format!("{}, {}", self.float(1), self.float(1)),
                );
                let value = format!("Body {{ place: {point}, spin: [{spin}], span: ({span}) }}");
                (format!("let {keyword}{name} = {value};"), Type::Body)
            }
            2 if body.is_some() => {
                let from = body.map(|variable| variable.name).unwrap_or_default();
                (format!("let {keyword}{name} = {from}.clone();"), Type::Body)
            }
            3 => {
                let second = self.point_value();
                (
                    format!("let {keyword}{name} = vec![{point}, {second}];"),
                    Type::Points(2),
                )
            }
            4 if points.is_some() => {
                let from = points.map(|variable| variable.name).unwrap_or_default();
                (
                    format!("let {keyword}{name} = {from}.to_vec();"),
                    Type::Points(2),
                )
            }
            _ => (format!("let {keyword}{name} = {point};"), Type::Point),
        };
        self.add(&name, Kind::Value(ty), mutable);
        text
    }

    fn let_tuple(&mut self) -> String {
        let (a, b) = (self.float(1), self.float(1));
        if self.random.chance(0.5) {
            let (first, second) = (self.fresh("l"), self.fresh("l"));
            self.add(&first, FLOAT, true);
            self.add(&second, FLOAT, false);
            return format!("let (mut {first}, {second}) = ({a}, {b});");
        }
        let name = self.fresh("t");
        self.add(&name, Kind::Value(Type::Pair), true);
        format!("let mut {name} = ({a}, {b});")
    }

    fn let_table(&mut self) -> String {
        let value = match self.random.below(3) {
            0 => "[[0.0_f64; 2]; 2]".to_owned(),
            _ => format!(
                "[[{}, {}], [{}, {}]]",
                self.float(1),
                self.read(),
                self.float(1),
                self.read()
            ),
        };
        let name = self.fresh("m");
        self.add(&name, Kind::Value(Type::Table(2)), true);
        format!("let mut {name} = {value};")
    }

    fn let_closure(&mut self) -> String {
        let count = 1 + self.random.below(2);
        let names: Vec<String> = (0..count).map(|_| self.fresh("c")).collect();
        let bound: Vec<(&str, Kind)> = names.iter().map(|name| (name.as_str(), FLOAT)).collect();
        self.captures = true;
        let e = self.within(&bound, |this| this.float(2));
        self.captures = false;
        let typed: Vec<String> = names.iter().map(|name| format!("{name}: f64")).collect();
        let name = self.fresh("f");
        self.add(&name, Kind::Closure(count), false);
        format!(
            "let {name} = |{}| {e} * 0.7 + {};",
            typed.join(", "),
            names[0]
        )
    }

    fn branch(&mut self) -> String {
        let condition = self.condition(1);
        let first = self.block(1, 2, &[]);
        match self.random.below(4) {
            0 => format!("if {condition} {{ {first} }}"),
            1 => {
                let second = self.block(1, 2, &[]);
                format!("if {condition} {{ {first} }} else {{ {second} }}")
            }
            2 => {
                let other = self.condition(1);
                let (second, third) = (self.block(0, 2, &[]), self.block(1, 1, &[]));
                format!(
                    "if {condition} {{ {first} }} else if {other} {{ {second} }} else {{ {third} }}"
                )
            }
            _ => {
                let (a, b) = (self.float(1), self.float(1));
                let second = self.block(0, 2, &[]);
                let name = self.add_float(false);
                format!("let {name} = if {condition} {{ {first} {a} }} else {{ {second} {b} }};")
            }
        }
    }

    fn choice(&mut self) -> Option<String> {
        let integer = self.named(|ty| matches!(ty, Type::Index(_)))?;
        let mut text = format!("match {} {{ ", integer.name);
        for (pattern, name) in self.arms() {
            let bound = name.as_deref().map(|name| (name, integer.kind, false));
            let block = self.block(0, 2, bound.as_slice());
            text += &format!("{pattern} => {{ {block} }} ");
        }
        Some(text + "}")
    }

    fn label(&mut self) -> (String, String) {
        let label = if self.random.chance(0.3) {
            self.fresh("'o")
        } else {
            String::new()
        };
        let colon = if label.is_empty() {
            String::new()
        } else {
            format!("{label}: ")
        };
        (label, colon)
    }

    fn counted_loop(&mut self) -> String {
        let i = self.fresh("i");
        let lengths = self.of(|variable| matches!(variable.kind, Kind::Value(Type::Index(_))));
        let (range, bound) = match self.random.below(7) {
            0 => ("0..3".to_owned(), 3),
            1 => ("1..4".to_owned(), 4),
            2 => ("0..=2".to_owned(), 3),
            3 => ("(0..3).rev()".to_owned(), 3),
            4 => ("(0..5).step_by(2)".to_owned(), 5),
            5 => ("(1..=3).rev()".to_owned(), 4),
            _ => match lengths.first() {
                Some(n) => (format!("0..{}", n.name), 4),
                None => ("0..2".to_owned(), 2),
            },
        };
        let (label, colon) = self.label();
        let body = self.body(Some(label), &[(&i, Kind::Value(Type::Index(bound)), false)]);
        format!("{colon}for {i} in {range} {{ {body} }}")
    }

    /// A loop over a sequence, which may change it.
    fn loop_over(&mut self) -> Option<String> {
        let (label, colon) = self.label();
        let (i, v) = (self.fresh("i"), self.fresh("e"));
        if self.random.chance(0.3) {
            let list = self.pick_mutable(listed)?;
            self.borrowed.push((list.name.clone(), true));
            let element = (v.as_str(), Kind::Mut(Type::Float), true);
            let body = self.body(Some(label), &[element]);
            self.borrowed.pop();
            return Some(format!(
                "{colon}for {v} in {}.iter_mut() {{ {body} }}",
                list.name
            ));
        }
        let (first, second) = (self.sequence()?, self.sequence()?);
        self.borrowed.push((first.root, false));
        self.borrowed.push((second.root, false));
        let element = (v.as_str(), Kind::Ref(Type::Float), false);
        let value = (v.as_str(), FLOAT, false);
        let index = (i.as_str(), Kind::Value(Type::Index(first.length)), false);
        let text = match self.random.below(5) {
            0 => {
                let body = self.body(Some(label), &[element]);
                format!("{colon}for {v} in {}.iter() {{ {body} }}", first.place)
            }
            1 => {
                let body = self.body(Some(label), &[value]);
                format!("{colon}for &{v} in {}.iter() {{ {body} }}", first.place)
            }
            2 => {
                let body = self.body(Some(label), &[index, element]);
                format!(
                    "{colon}for ({i}, {v}) in {}.iter().enumerate() {{ {body} }}",
                    first.place
                )
            }
            3 => {
                let other = (i.as_str(), Kind::Ref(Type::Float), false);
                let body = self.body(Some(label), &[other, element]);
                let (a, b) = (first.place, second.place);
                format!("{colon}for ({i}, {v}) in {a}.iter().zip({b}.iter()) {{ {body} }}")
            }
            _ => {
                let window = (v.as_str(), Kind::Ref(Type::Vector(2)), false);
                let body = self.body(Some(label), &[window]);
                format!("{colon}for {v} in {}.windows(2) {{ {body} }}", first.place)
            }
        };
        self.borrowed.truncate(self.borrowed.len() - 2);
        Some(text)
    }

    fn while_loop(&mut self) -> String {
        let c = self.fresh("n");
        let (label, colon) = self.label();
        let more = match self.random.below(3) {
            0 => format!(" && {}", self.condition(0)),
            _ => String::new(),
        };
        let body = self.body(Some(label), &[(&c, Kind::Value(Type::Index(4)), false)]);
        format!("let mut {c} = 0usize; {colon}while {c} < 3{more} {{ {c} += 1; {body} }}")
    }

    fn endless_loop(&mut self) -> String {
        let c = self.fresh("n");
        let counter = (c.as_str(), Kind::Value(Type::Index(5)), false);
        if self.random.chance(0.5) {
            let (label, colon) = self.label();
            let body = self.body(Some(label), &[counter]);
            return format!(
                "let mut {c} = 0usize; {colon}loop {{ {c} += 1; if {c} > 3 {{ break; }} {body} }}"
            );
        }
        // With a value, so that nothing else may leave it.
        let (a, b, condition) = (self.float(1), self.float(1), self.condition(0));
        let body = self.body(None, &[counter]);
        let name = self.add_float(false);
        format!(
            "let mut {c} = 0usize; let {name} = loop {{ {c} += 1; if {c} > 3 {{ break {a}; }} {body} if {condition} {{ break {b}; }} }};"
        )
    }

    /// A way out of a loop or the function.
    fn leave(&mut self) -> Option<String> {
        let mut ways = Vec::new();
        if self.uses(32) {
            ways.push(format!("return {};", self.result()));
        }
        if self.uses(33) {
            match self.loops.last() {
                Some(Some(_)) => ways.extend(["continue;".to_owned(), "break;".to_owned()]),
                Some(None) => ways.push("continue;".to_owned()),
                None => {}
            }
            for label in self
                .loops
                .iter()
                .flatten()
                .filter(|label| !label.is_empty())
            {
                ways.extend([format!("continue {label};"), format!("break {label};")]);
            }
        }
        if ways.is_empty() {
            return None;
        }
        let way = self.random.pick(&ways).clone();
        let condition = self.condition(1);
        let before = match self.float_place() {
            Some(place) if self.random.chance(0.3) => self.update(&place),
            _ => String::new(),
        };
        Some(format!("if {condition} {{ {before} {way} }}"))
    }

    /// A variable that gets its value later, from some paths only.
    fn deferred(&mut self) -> String {
        let (condition, name) = (self.condition(1), self.fresh("d"));
        if self.random.chance(0.6) {
            let (a, b) = (self.float(1), self.float(1));
            self.add(&name, FLOAT, false);
            return format!(
                "let {name}: f64; if {condition} {{ {name} = {a}; }} else {{ {name} = {b}; }}"
            );
        }
        let (a, b, c) = (self.point_value(), self.point_value(), self.fresh("n"));
        let (mutable, keyword) = self.mutability();
        self.add(&name, Kind::Value(Type::Point), mutable);
        format!(
            "let {keyword}{name}; let mut {c} = 0usize; loop {{ {c} += 1; if {condition} {{ {name} = {a}; break; }} if {c} > 2 {{ {name} = {b}; break; }} }}"
        )
    }

    /// A change of a whole variable, or of two.
    fn whole_change(&mut self) -> Option<String> {
        let floats = self.changeable(|variable| variable.kind == FLOAT);
        let list = self.pick_mutable(listed);
        match (self.random.below(9), list) {
            (0, Some(list)) => {
                let n = length(list.kind).max(1);
                Some(format!(
                    "{}.swap({}, {});",
                    list.name,
                    self.index(n),
                    self.index(n)
                ))
            }
            (1, Some(list)) => {
                let value = self.fresh("z");
                Some(format!(
                    "let {value} = {}; {}.fill({value});",
                    self.float(1),
                    list.name
                ))
            }
            (2, Some(list)) => {
                let n = length(list.kind);
                let from = self.sequences();
                let from = from
                    .into_iter()
                    .find(|from| from.length == n && from.root != list.name)?;
                Some(format!(
                    "{}.copy_from_slice({}{});",
                    list.name, from.borrow, from.place
                ))
            }
            (3, _) => {
                let array = self.pick_mutable(array)?;
                let star = if matches!(array.kind, Kind::Mut(_)) {
                    "*"
                } else {
                    ""
                };
                let three = self.three();
                (length(array.kind) == 3).then(|| format!("{star}{} = [{three}];", array.name))
            }
            (4, _) => {
                let point = self.pick_mutable(|ty| ty == Type::Point)?;
                let star = if matches!(point.kind, Kind::Mut(_)) {
                    "*"
                } else {
                    ""
                };
                Some(format!("{star}{} = {};", point.name, self.point_value()))
            }
            (5, _) => {
                let body = self.pick_mutable(|ty| ty == Type::Body)?.name;
                Some(match self.random.below(4) {
                    0 => format!("{body}.spin = [{}];", self.three()),
                    1 => format!("{body}.place = {};", self.point_value()),
                    2 => format!("{body}.span = ({}, {});", self.float(1), self.float(1)),
                    _ => format!("{body}.spin = scaled(&{body}.spin, {});", self.float(1)),
                })
            }
            (k, _) if floats.len() >= 2 => {
                let a = self.random.pick(&floats).name.clone();
                let b = self.random.pick(&floats).name.clone();
                if a == b {
                    return None;
                }
                Some(match k {
                    6 => format!("({a}, {b}) = ({b}, {a} * {});", self.literal()),
                    _ => format!("std::mem::swap(&mut {a}, &mut {b});"),
                })
            }
            _ => None,
        }
    }

    fn labelled_block(&mut self) -> String {
        let label = self.fresh("'b");
        let (condition, a, b) = (self.condition(1), self.float(1), self.float(1));
        // An unlabelled `break` may not cross the block.
        let outer = std::mem::take(&mut self.loops);
        let block = self.block(0, 2, &[]);
        self.loops = outer;
        let name = self.fresh("z");
        self.add(&name, FLOAT, false);
        format!("let {name} = {label}: {{ {block} if {condition} {{ break {label} {a}; }} {b} }};")
    }

    /// A call that changes its argument.
    fn changing_call(&mut self) -> Option<String> {
        // Before the borrow, which reads may not meet.
        let k = self.fresh("h");
        let before = format!("let {k} = {};", self.float(1));
        let call = match self.random.below(3) {
            0 => {
                let list = self.pick_mutable(listed)?;
                let whole = match list.kind {
                    Kind::Mut(_) => format!("&mut *{}", list.name),
                    _ => format!("&mut {}", list.name),
                };
                let part = format!("&mut {}[..]", list.name);
                format!("smoothed({}, {k});", self.random.pick(&[whole, part]))
            }
            1 => {
                let point = self.pick_mutable(|ty| ty == Type::Point)?;
                let borrow = match point.kind {
                    Kind::Mut(_) => "",
                    _ => "&mut ",
                };
                let name = self.fresh("l");
                self.add(&name, FLOAT, false);
                format!("let {name} = pushed({borrow}{}, {k});", point.name)
            }
            _ => {
                let place = self.float_place()?;
                format!("bumped(&mut {place}, {k});")
            }
        };
        Some(before + &call)
    }

    /// A `let` that takes something apart.
    fn pattern(&mut self) -> Option<String> {
        match self.random.below(3) {
            0 => {
                let array = self.named(|ty| ty == Type::Array(3))?;
                let star = if matches!(array.kind, Kind::Value(_)) {
                    ""
                } else {
                    "*"
                };
                let names = [self.fresh("l"), self.fresh("l"), self.fresh("l")];
                names.iter().for_each(|name| self.add(name, FLOAT, false));
                Some(format!(
                    "let [{}] = {star}{};",
                    names.join(", "),
                    array.name
                ))
            }
            1 => {
                let point = self.point_value();
                let (a, b) = (self.fresh("l"), self.fresh("l"));
                self.add(&a, FLOAT, false);
                self.add(&b, FLOAT, true);
                Some(format!("let Point {{ x: {a}, y: mut {b} }} = {point};"))
            }
            _ => {
                let three = [self.float(1), self.float(1), self.float(1)];
                let [a, b, c] = [self.fresh("l"), self.fresh("l"), self.fresh("l")];
                [&a, &b, &c]
                    .into_iter()
                    .for_each(|name| self.add(name, FLOAT, false));
                let [x, y, z] = three;
                Some(format!("let ({a}, ({b}, {c})) = ({x}, ({y}, {z}));"))
            }
        }
    }

    /// Two loops over one array, which changes.
    fn nested_loops(&mut self) -> Option<String> {
        let list = self.pick_mutable(listed)?;
        let (n, a) = (length(list.kind), list.name);
        let (i, j) = (self.fresh("i"), self.fresh("j"));
        let range = match self.random.below(4) {
            0 => format!("0..{n}"),
            1 => format!("0..={i}"),
            2 => format!("{i}..{n}"),
            _ => format!("0..{i}"),
        };
        let update = match self.random.below(4) {
            0 => format!(
                "{a}[{i}] = ({a}[{i}] * {a}[{j}].sin() + {}).tanh();",
                self.read()
            ),
            1 => format!("{a}[{j}] -= 0.3 * {a}[{i}] * {};", self.read()),
            2 => format!("{a}[{i}] *= {a}[{j}].cos();"),
            _ => format!("{a}[{i}] /= 1.5 + {a}[{j}].sin();"),
        };
        let leave = match self.random.below(4) {
            0 => format!("if {a}[{i}] > {} {{ break; }}", self.literal()),
            _ => String::new(),
        };
        Some(format!(
            "for {i} in 0..{n} {{ for {j} in {range} {{ {update} {leave} }} }}"
        ))
    }

    /// A loop that makes an array or a struct anew in each iteration.
    fn replaced_in_loop(&mut self) -> Option<String> {
        let i = self.fresh("i");
        if self.random.chance(0.4) {
            let point = self.pick_mutable(|ty| ty == Type::Point)?;
            let star = if matches!(point.kind, Kind::Mut(_)) {
                "*"
            } else {
                ""
            };
            let (p, k) = (point.name, self.float(1));
            let value = match self.random.below(3) {
                0 => format!("point_of({p}.x, {k})"),
                1 => format!("Point {{ x: {p}.y, y: ({p}.x * {k}).sin() }}"),
                _ => format!("exchanged({p}.clone(), {k}.sin()).1"),
            };
            let value = value.replace(".sin()).1", ").1");
            return Some(format!("for {i} in 0..3 {{ {star}{p} = {value}; }}"));
        }
        let list = self.pick_mutable(listed)?;
        let Kind::Value(ty) = list.kind else {
            return None;
        };
        let (n, a) = (length(list.kind), list.name);
        let (b, j) = (self.fresh("a"), self.fresh("j"));
        let start = match (ty, self.random.below(2)) {
            (Type::Array(_), 0) => format!("[0.0_f64; {n}]"),
            (_, 0) => format!("vec![0.0_f64; {n}]"),
            _ => format!("{a}.clone()"),
        };
        let index = match self.random.below(3) {
            0 => format!("({j} + 1) % {n}"),
            1 => format!("{} - {j}", n.max(1) - 1),
            _ => j.clone(),
        };
        let e = self.within(&[(&j, Kind::Value(Type::Index(n.max(1))))], |this| {
            this.float(1)
        });
        Some(format!(
            "for {i} in 0..2 {{ let mut {b} = {start}; for {j} in 0..{n} {{ {b}[{j}] = 0.5 * {a}[{index}] + {e}; }} {a} = {b}; }}"
        ))
    }

    /// A value of several parts that a branch gives.
    fn pair_of_branches(&mut self) -> String {
        let condition = self.condition(1);
        match self.random.below(3) {
            0 => {
                let e = [self.float(1), self.float(1), self.float(1), self.float(1)];
                let (first, second) = (self.fresh("l"), self.fresh("l"));
                self.add(&first, FLOAT, false);
                self.add(&second, FLOAT, true);
                let [a, b, c, d] = e;
                format!(
                    "let ({first}, mut {second}) = if {condition} {{ ({a}, {b}) }} else {{ ({c}, {d}) }};"
                )
            }
            1 => {
                let (a, b) = (self.point_value(), self.point_value());
                let (mutable, keyword) = self.mutability();
                let name = self.fresh("s");
                self.add(&name, Kind::Value(Type::Point), mutable);
                format!("let {keyword}{name} = if {condition} {{ {a} }} else {{ {b} }};")
            }
            _ => {
                let (a, b) = (self.three(), self.three());
                let (mutable, keyword) = self.mutability();
                let name = self.fresh("a");
                let vector = self.random.chance(0.5);
                let (ty, open) = if vector {
                    (Type::Vector(3), "vec![")
                } else {
                    (Type::Array(3), "[")
                };
                self.add(&name, Kind::Value(ty), mutable);
                format!(
                    "let {keyword}{name} = if {condition} {{ {open}{a}] }} else {{ {open}{b}] }};"
                )
            }
        }
    }

    /// Calls in a loop, with their pullbacks on a tape.
    fn calls_in_loop(&mut self) -> Option<String> {
        let slice = self.slice()?;
        let i = self.fresh("i");
        let call = match self.random.below(4) {
            0 => format!("entry_of({slice}, {i})"),
            1 => format!("polynomial_of({slice}, {})", self.read()),
            2 => format!("length_of({slice}) * {}", self.read()),
            _ => format!("iterated({}, {i})", self.read()),
        };
        let start = self.literal();
        let name = self.fresh("l");
        let more = match self.random.below(3) {
            0 => format!("if {name} > 0.6 {{ continue; }} {name} = coupled(&{name}, &{name});"),
            _ => String::new(),
        };
        self.add(&name, FLOAT, true);
        Some(format!(
            "let mut {name}: f64 = {start}; for {i} in 0..3 {{ {name} = 0.4 * {name} + {call}; {more} }}"
        ))
    }
}
