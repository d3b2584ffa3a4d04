//! Patterns.

use syn::{Lit, Pat};

use crate::evaluate::Evaluator;
use crate::evaluate::value::{Result, Step, Value, error};

impl Evaluator {
    /// Binds the names of a pattern that always matches.
    pub(super) fn bind(&mut self, pattern: &Pat, value: Value) -> Result<()> {
        if self.matches(pattern, value)? {
            Ok(())
        } else {
            error("a pattern that does not match")
        }
    }

    /// Whether the pattern matches; then its names are bound.
    pub(super) fn matches(&mut self, pattern: &Pat, value: Value) -> Result<bool> {
        Ok(match pattern {
            Pat::Wild(_) | Pat::Rest(_) => true,
            Pat::Ident(ident) => {
                if let Some((_, inner)) = &ident.subpat
                    && !self.matches(inner, value.clone())?
                {
                    return Ok(false);
                }
                self.declare(ident.ident.to_string(), value);
                true
            }
            Pat::Type(typed) => return self.matches(&typed.pat, value),
            Pat::Guard(guarded) => {
                return Ok(
                    self.matches(&guarded.pat, value)? && self.operand(&guarded.guard)?.flag()?
                );
            }
            Pat::Paren(inner) => return self.matches(&inner.pat, value),
            Pat::Reference(inner) => {
                let value = self.seen(value)?;
                return self.matches(&inner.pat, value);
            }
            Pat::Tuple(tuple) => {
                let Value::Tuple(values) = self.seen(value)? else {
                    return error("no tuple");
                };
                return self.all(tuple.elems.iter(), values);
            }
            Pat::Slice(slice) => {
                let values = self.seen(value)?.list()?;
                return self.all(slice.elems.iter(), values);
            }
            Pat::Struct(pattern) => {
                let value = self.seen(value)?;
                for field in &pattern.fields {
                    let syn::Member::Named(name) = &field.member else {
                        return error("a field by number");
                    };
                    let part = value.step(&Step::Field(name.to_string()))?;
                    if !self.matches(&field.pat, part)? {
                        return Ok(false);
                    }
                }
                true
            }
            Pat::Or(or) => {
                for case in &or.cases {
                    if self.matches(case, value.clone())? {
                        return Ok(true);
                    }
                }
                false
            }
            Pat::Lit(literal) => match (&literal.lit, self.seen(value)?) {
                (Lit::Int(k), Value::Int(value)) => k.base10_parse::<i128>().ok() == Some(value),
                (Lit::Bool(b), Value::Flag(value)) => b.value == value,
                _ => return error("an unknown literal in a pattern"),
            },
            Pat::Range(range) => {
                let value = self.seen(value)?.int()?;
                let bound = |evaluator: &mut Self, expr: &Option<Box<syn::Expr>>| match expr {
                    Some(expr) => evaluator.expr(expr)?.int().map(Some),
                    None => Ok(None),
                };
                let low = bound(self, &range.start)?;
                let high = bound(self, &range.end)?;
                let closed = matches!(range.limits, syn::RangeLimits::Closed(_));
                low.is_none_or(|low| low <= value)
                    && high.is_none_or(|high| value < high || closed && value == high)
            }
            _ => return error("an unknown pattern"),
        })
    }

    fn all<'a>(
        &mut self,
        patterns: impl ExactSizeIterator<Item = &'a Pat>,
        values: Vec<Value>,
    ) -> Result<bool> {
        if patterns.len() != values.len() {
            return error("a pattern of another length");
        }
        for (pattern, value) in patterns.zip(values) {
            if !self.matches(pattern, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
