//! What an iterator yields, as far as the macro takes it apart: sources, put together and adapted.

use std::collections::BTreeMap;
use std::rc::Rc;

use syn::Expr;

use super::super::{Key, Local, Operand, Place};
use crate::ir::{LoopKind, ValueId};

#[derive(Clone)]
pub enum Stream {
    Source(Source),
    Zip(Box<Stream>, Box<Stream>),
    Chain(Box<Stream>, Box<Stream>),
    Adapted(Box<Stream>, Adapter),
}

/// What stands at the start of a chain of adapters.
#[derive(Clone)]
pub enum Source {
    /// `a..b`; without an end only beside another stream. By itself it is looped over as it is.
    Range {
        start: ValueId,
        end: Option<ValueId>,
        inclusive: bool,
        alone: bool,
    },
    /// A range with adapters that its loop has, too; and what it is beside another stream.
    Loop {
        kind: LoopKind,
        args: Vec<ValueId>,
        beside: Box<Stream>,
    },
    /// The elements of an array, slice or vector, mutably where it is a place.
    Elements {
        base: Operand,
        references: usize,
        place: Option<Place>,
    },
    /// Sub-slices of a length, each starting `stride` after the one before.
    Pieces {
        base: Operand,
        size: ValueId,
        count: ValueId,
        overlap: bool,
        whole: bool,
    },
}

/// What makes another stream of one: of the places of items, or of the items one by one.
#[derive(Clone)]
pub enum Adapter {
    Enumerate,
    /// With the position of the last item.
    Rev(ValueId),
    Skip(ValueId),
    Take(ValueId),
    StepBy(ValueId),
    Copied,
    Map(Code),
    Filter(Code),
}

/// What an adapter does with an item.
#[derive(Clone)]
pub struct Code {
    pub expr: Rc<Expr>,
    /// The locals where it was written, if it is used elsewhere.
    pub scopes: Option<Scopes>,
}

type Scopes = Rc<Vec<BTreeMap<Key, Local>>>;

impl Code {
    pub fn new(expr: &Expr) -> Code {
        Code {
            expr: Rc::new(expr.clone()),
            scopes: None,
        }
    }

    fn within(self, scopes: &Scopes) -> Code {
        Code {
            scopes: self.scopes.or_else(|| Some(Rc::clone(scopes))),
            ..self
        }
    }
}

impl Adapter {
    /// Whether it looks at the items only, wherever they stand.
    fn is_of_items(&self) -> bool {
        matches!(self, Adapter::Copied | Adapter::Map(_) | Adapter::Filter(_))
    }

    fn within(self, scopes: &Scopes) -> Adapter {
        match self {
            Adapter::Map(code) => Adapter::Map(code.within(scopes)),
            Adapter::Filter(code) => Adapter::Filter(code.within(scopes)),
            other => other,
        }
    }
}

impl Stream {
    pub fn adapted(self, adapter: Adapter) -> Stream {
        Stream::Adapted(Box::new(self), adapter)
    }

    /// The range that a loop can run over without counting.
    pub fn as_range(&self) -> Option<(LoopKind, Vec<ValueId>)> {
        match self {
            Stream::Source(Source::Range {
                start,
                end: Some(end),
                inclusive,
                alone: true,
            }) => {
                let kind = LoopKind::Range {
                    inclusive: *inclusive,
                    adapters: Vec::new(),
                };
                Some((kind, vec![*start, *end]))
            }
            Stream::Source(Source::Loop { kind, args, .. }) => Some((kind.clone(), args.clone())),
            Stream::Adapted(inner, adapter) if adapter.is_of_items() => inner.as_range(),
            _ => None,
        }
    }

    pub fn has_chain(&self) -> bool {
        match self {
            Stream::Source(_) => false,
            Stream::Zip(a, b) => a.has_chain() || b.has_chain(),
            Stream::Chain(..) => true,
            Stream::Adapted(inner, _) => inner.has_chain(),
        }
    }

    /// An adapter of items on each part of a chain.
    pub fn each(self, adapter: &Adapter) -> Stream {
        match self {
            Stream::Chain(a, b) => {
                Stream::Chain(Box::new(a.each(adapter)), Box::new(b.each(adapter)))
            }
            other => other.adapted(adapter.clone()),
        }
    }

    /// The stream, for use elsewhere than where it was written.
    pub fn within(self, scopes: &Scopes) -> Stream {
        let each = |inner: Box<Stream>| Box::new(inner.within(scopes));
        match self {
            Stream::Source(source) => Stream::Source(source),
            Stream::Zip(a, b) => Stream::Zip(each(a), each(b)),
            Stream::Chain(a, b) => Stream::Chain(each(a), each(b)),
            Stream::Adapted(inner, adapter) => Stream::Adapted(each(inner), adapter.within(scopes)),
        }
    }

    /// The stream as part of another one, where its items are counted from zero.
    pub fn beside(self) -> Stream {
        match self {
            Stream::Source(Source::Range {
                start,
                end,
                inclusive,
                ..
            }) => Stream::Source(Source::Range {
                start,
                end,
                inclusive,
                alone: false,
            }),
            Stream::Source(Source::Loop { beside, .. }) => *beside,
            Stream::Adapted(inner, adapter) if adapter.is_of_items() => {
                inner.beside().adapted(adapter)
            }
            other => other,
        }
    }
}
