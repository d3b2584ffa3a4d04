//! Iterator chains.

use crate::generate::{Generator, Kind};
use crate::types::Type;

const FLOAT: Kind = Kind::Value(Type::Float);
const BORROWED: Kind = Kind::Ref(Type::Float);

impl Generator {
    /// A chain that ends in a float.
    pub(super) fn chain(&mut self, d: usize) -> String {
        let (Some(first), Some(second)) = (self.sequence(), self.sequence()) else {
            return self.read();
        };
        let (s, n) = (first.place, first.length);
        let d = d.min(1);
        let (u, v) = (self.fresh("u"), self.fresh("u"));
        let index = Kind::Value(Type::Index(n));
        match self.random.below(20) {
            0 => {
                let e = self.within(&[(&u, BORROWED)], |this| this.float(d));
                format!("{s}.iter().map(|{u}| {e} * {u}).sum::<f64>()")
            }
            1 => {
                let e = self.within(&[(&u, FLOAT)], |this| this.float(d));
                format!("{s}.iter().map(|&{u}| {e} + {u}).sum::<f64>()")
            }
            2 => {
                let e = self.within(&[(&u, BORROWED), (&v, BORROWED)], |this| this.float(d));
                format!(
                    "{s}.iter().zip({}.iter()).map(|({u}, {v})| {u} * {v} * {e}).sum::<f64>()",
                    second.place
                )
            }
            3 => {
                let e = self.within(&[(&u, FLOAT), (&v, BORROWED)], |this| this.float(d));
                format!(
                    "{s}.iter().fold({}, |{u}, {v}| ({u} * {v} + {e}).sin())",
                    self.read()
                )
            }
            4 => {
                let e = self.within(&[(&u, index)], |this| this.float(d));
                format!("(0..{n}).map(|{u}| {s}[{u}] * {e}).sum::<f64>()")
            }
            5 => {
                let e = self.within(&[(&u, index), (&v, BORROWED)], |this| this.float(d));
                format!("{s}.iter().enumerate().map(|({u}, {v})| {v} * {e}).sum::<f64>()")
            }
            6 => format!("{s}.iter().sum::<f64>()"),
            7 => format!("{s}.iter().map(|{u}| 1.0 + 0.3 * {u}).product::<f64>()"),
            8 => {
                let index = Kind::Value(Type::Index(3));
                let e = self.within(&[(&u, FLOAT), (&v, index)], |this| this.float(d));
                format!(
                    "(1..=2).fold({}_f64, |{u}, {v}| ({u} + {e}).cos())",
                    self.literal()
                )
            }
            9 => {
                let e = self.within(&[(&u, BORROWED)], |this| this.float(d));
                format!("{s}.iter().rev().skip(1).map(|{u}| {u} * {e}).sum::<f64>()")
            }
            10 => {
                let e = self.within(&[(&u, BORROWED)], |this| this.float(d));
                format!("{s}.iter().filter(|{u}| **{u} > 0.1).map(|{u}| {u} * {e}).sum::<f64>()")
            }
            11 if n >= 2 => {
                let window = Kind::Ref(Type::Vector(2));
                let e = self.within(&[(&u, window)], |this| this.float(d));
                format!("{s}.windows(2).map(|{u}| {u}[0] * {u}[1] + {e}).sum::<f64>()")
            }
            12 => {
                let e = self.within(&[(&u, FLOAT)], |this| this.float(d));
                format!("{s}.iter().copied().take(2).map(|{u}| {u} * {e}).sum::<f64>()")
            }
            13 => {
                let e = self.within(&[(&u, index)], |this| this.float(d));
                format!(
                    "(0..{n}).rev().step_by(2).map(|{u}| {s}[{u}] * {e}).fold(0.0, |{u}, {v}| {u} * 0.5 + {v})"
                )
            }
            14 => {
                let closures = self.of(|variable| variable.kind == Kind::Closure(1));
                match closures.first() {
                    Some(closure) => {
                        format!("{s}.iter().map(|{u}| {}(*{u})).sum::<f64>()", closure.name)
                    }
                    None => self.read(),
                }
            }
            15 => {
                let first = self.within(&[(&u, BORROWED)], |this| this.read());
                let e = self.within(&[(&u, BORROWED), (&v, FLOAT)], |this| this.float(d));
                format!(
                    "{s}.iter().map(|{u}| {{ let {v} = {u} * {first}; if {v} > 0.1 {{ {v} }} else {{ {e} }} }}).sum::<f64>()"
                )
            }
            16 => {
                let e = self.within(&[(&u, BORROWED)], |this| this.float(d));
                format!(
                    "{s}.chunks(2).map(|{v}| {v}.iter().map(|{u}| {u} * {e}).sum::<f64>()).product::<f64>()"
                )
            }
            17 => {
                let e = self.within(&[(&u, BORROWED)], |this| this.float(d));
                format!(
                    "{s}.iter().chain({}.iter()).map(|{u}| {u} * {e}).sum::<f64>()",
                    second.place
                )
            }
            _ => {
                let e = self.within(&[(&u, BORROWED)], |this| this.float(d));
                format!(
                    "{s}.iter().map(|{u}| {u}.sin() + {e}).fold(0.0, |{u}, {v}| {u} + {v} * {u})"
                )
            }
        }
    }
}
