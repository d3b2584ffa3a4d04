//! Where a loop's tape lives.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::Expr;

use super::{Around, Keeper, Where};
use crate::ir::{LoopKind, Op, Region, Stmt, TapeKind, ValueId};
use crate::rules::Primitive;
use crate::ty::Ty;

/// What few iterations are.
const FEW: usize = 64;
/// Arrays beyond this many bytes do not go on the stack.
const STACK: usize = 1 << 16;
/// What a value takes whose size only rustc knows: a guess that errs on the safe side.
const UNSEEN: usize = 1 << 10;
/// How many const generic lengths the size of an array may be a product of: as many as a matrix has,
/// which the user has on the stack as well.
const PARAMETERS: usize = 2;

/// An upper bound of a loop's index.
pub(super) struct Length {
    code: Expr,
    size: Size,
}

/// What the macro knows of a constant length.
enum Size {
    Number(usize),
    /// A const generic parameter.
    Parameter,
    /// A constant item, whose value rustc knows.
    Item,
}

/// The room that something takes: so many bytes, times so many const generic parameters.
#[derive(Clone, Copy)]
struct Room {
    bytes: usize,
    parameters: usize,
}

impl Keeper<'_> {
    /// Puts values of a loop's body on tapes; gives the statements that get them back.
    pub(super) fn onto_tape(
        &mut self,
        body: &mut Region,
        kept: &[ValueId],
        around: &[Around],
        span: Span,
    ) -> (Vec<Stmt>, Where) {
        let indices: Vec<ValueId> = around.iter().filter_map(|around| around.index).collect();
        if let Some((kind, kept_in)) = self.array(kept, around) {
            // On the stack one array each: neighbours in memory are what neighbouring iterations need.
            let (numbers, others): (Vec<ValueId>, Vec<ValueId>) = kept.iter().partition(|&&id| {
                matches!(kind, TapeKind::Fixed(_)) && self.function.ty(id).is_scalar()
            });
            let groups = numbers
                .chunks(1)
                .chain((!others.is_empty()).then_some(&others[..]));
            let restored = groups.map(|group| {
                let tape = self.declare(body, group, kind.clone(), None, span);
                save_and_restore(body, [tape, tape], &indices, group, span)
            });
            return (restored.collect(), kept_in);
        }
        let sized = match around {
            [only] => self.sized(only, kept),
            _ => None,
        };
        if let Some(end) = sized {
            let tape = self.declare(body, kept, TapeKind::Sized, Some(end), span);
            let restored = save_and_restore(body, [tape, tape], &indices, kept, span);
            return (vec![restored], Where::Vector);
        }
        let count = self.entries(around);
        let kept_in = match count {
            Some(_) => Where::Vector,
            None => Where::Growing,
        };
        let tape = self.declare(body, kept, TapeKind::Growing, count, span);
        let name = Ident::new("taped", Span::mixed_site());
        let cursor = self.function.new_value(Ty::Inactive, Some(name), span);
        self.cursors
            .push(Stmt::new(vec![cursor], Op::Cursor, vec![tape], span));
        let restored = save_and_restore(body, [tape, cursor], &[], kept, span);
        (vec![restored], kept_in)
    }

    /// A tape for some values. An array of one bears its name.
    fn declare(
        &mut self,
        body: &Region,
        kept: &[ValueId],
        kind: TapeKind,
        length: Option<ValueId>,
        span: Span,
    ) -> ValueId {
        let own = match (&kind, kept) {
            (TapeKind::Fixed(_) | TapeKind::Chosen { .. }, &[only]) => self.name_of(body, only),
            _ => None,
        };
        let name = match own {
            Some(own) => format_ident!("{own}_tape", span = Span::mixed_site()),
            None => Ident::new("tape", Span::mixed_site()),
        };
        let tape = self.function.new_value(Ty::Inactive, Some(name), span);
        let length = length.into_iter().collect();
        self.tapes
            .push(Stmt::new(vec![tape], Op::Tape(kind), length, span));
        tape
    }

    /// What a value is called: its own name, or that of what it is a part of.
    fn name_of(&self, body: &Region, id: ValueId) -> Option<&Ident> {
        let own = self.function.value(id).name.as_ref();
        own.or_else(|| {
            let mut stmts = body.stmts.iter();
            let read = stmts.find(|stmt| stmt.results == [id] && matches!(stmt.op, Op::Project(_)));
            self.function.value(read?.args[0]).name.as_ref()
        })
    }

    /// Whether a nest of loops certainly has no more than a few iterations.
    pub(super) fn has_few_iterations(&self, around: &[Around]) -> bool {
        let mut count = Some(1);
        for (k, own) in around.iter().enumerate() {
            let length = self.constant_length(own, &around[..k]);
            count = count
                .zip(length)
                .and_then(|(count, length)| match length.size {
                    Size::Number(number) => Some(number.saturating_mul(count)),
                    Size::Parameter | Size::Item => None,
                });
        }
        count.is_some_and(|count| count <= FEW)
    }

    /// An array by the loops' indices, if all their lengths are constant and it is small enough.
    fn array(&self, kept: &[ValueId], around: &[Around]) -> Option<(TapeKind, Where)> {
        let lengths: Vec<Length> = around
            .iter()
            .enumerate()
            .map(|(k, own)| self.constant_length(own, &around[..k]))
            .collect::<Option<_>>()?;
        let entry = self.entry(kept);
        let (mut bytes, mut parameters, mut items) = (entry.bytes, entry.parameters, false);
        for length in &lengths {
            match length.size {
                Size::Number(number) => bytes = bytes.saturating_mul(number),
                Size::Parameter => parameters += 1,
                Size::Item => items = true,
            }
        }
        // A loop that may break off has a bound that says nothing of how far it gets.
        let exits = around.iter().any(|around| around.own.exits);
        if bytes > STACK || parameters > PARAMETERS || items && exits {
            return None;
        }
        let exact = kept.iter().all(|&id| self.function.ty(id).is_copy());
        let kept_in = match items {
            true => Where::Chosen,
            false => Where::Array((parameters == 0 && exact).then_some(bytes)),
        };
        let is_item = |length: &Length| matches!(length.size, Size::Item);
        let chosen: Vec<Expr> = lengths
            .iter()
            .filter(|length| is_item(length))
            .map(|length| length.code.clone())
            .collect();
        let lengths = lengths.into_iter().map(|length| length.code).collect();
        let kind = match items {
            true => TapeKind::Chosen {
                lengths,
                limit: STACK / bytes.max(1),
                chosen,
            },
            false => TapeKind::Fixed(lengths),
        };
        Some((kind, kept_in))
    }

    /// The room that one iteration's values take.
    fn entry(&self, kept: &[ValueId]) -> Room {
        let rooms = kept.iter().map(|&id| match self.references.get(&id) {
            Some(_) => Room {
                bytes: UNSEEN,
                parameters: 0,
            },
            None => room(self.function.ty(id)),
        });
        Room::sum(rooms)
    }

    /// An upper bound of a loop's index, if it is constant.
    fn constant_length(&self, around: &Around, outside: &[Around]) -> Option<Length> {
        let LoopKind::Range { inclusive, .. } = &around.own.kind else {
            return None;
        };
        let outer = |id: ValueId| outside.iter().any(|other| other.index == Some(id));
        if !self.stability.is_natural(around.args[0], &outer) {
            return None;
        }
        // Up to the index of an outer loop: at most as long as that one.
        let outer = outside
            .iter()
            .position(|other| other.index == Some(around.args[1]));
        if let Some(outer) = outer.filter(|_| !inclusive) {
            return self.constant_length(&outside[outer], &outside[..outer]);
        }
        self.at_most(around.args[1], *inclusive)
    }

    /// A constant that an integer does not exceed; that and one if the integer itself is included.
    fn at_most(&self, id: ValueId, inclusive: bool) -> Option<Length> {
        let Some(code) = self.stability.constant(id) else {
            let bound = self.bounds.get(&id)?;
            let no_index = |_| false;
            return match (&bound.op, &bound.args[..]) {
                (Op::Apply(Primitive::Min), args) => {
                    args.iter().find_map(|&arg| self.at_most(arg, inclusive))
                }
                // What the windows and chunks of an array are counted by.
                (Op::Apply(Primitive::Sub | Primitive::Div), &[all, other])
                    if self.stability.is_natural(other, &no_index) =>
                {
                    self.at_most(all, inclusive)
                }
                _ => None,
            };
        };
        let Expr::Path(path) = &code else {
            let number = literal(&code)? + usize::from(inclusive);
            return Some(Length {
                code: syn::parse_quote!(#number),
                size: Size::Number(number),
            });
        };
        if inclusive {
            return None;
        }
        let first = &path.path.segments.first()?.ident;
        let generics = &self.function.generics;
        let size = if path.path.get_ident().is_some() && generics.lengths.contains(first) {
            Size::Parameter
        } else if generics.names.contains(first) || first == "Self" && !generics.names.is_empty() {
            // No constant expression may mention these.
            return None;
        } else {
            Size::Item
        };
        Some(Length { code, size })
    }

    /// The end of a loop from zero that is known before it: then its index is that of the tape.
    fn sized(&self, around: &Around, kept: &[ValueId]) -> Option<ValueId> {
        let LoopKind::Range {
            inclusive: false,
            adapters,
        } = &around.own.kind
        else {
            return None;
        };
        let end = around.args[1];
        let fits = adapters.is_empty()
            && !around.own.exits
            && self.home.is_empty()
            && self.stability.is_zero(around.args[0])
            && self.stability.is_before(end, self.outermost?)
            && kept.iter().all(|&id| self.function.ty(id).is_scalar());
        fits.then_some(end)
    }
}

/// Saves values in a loop's body; gives the statement that restores them.
fn save_and_restore(
    body: &mut Region,
    [tape, source]: [ValueId; 2],
    indices: &[ValueId],
    kept: &[ValueId],
    span: Span,
) -> Stmt {
    let with = |first: ValueId, rest: &[ValueId]| {
        let mut args = vec![first];
        args.extend(indices);
        args.extend(rest);
        args
    };
    let save = Op::Save(indices.len());
    body.stmts
        .push(Stmt::new(Vec::new(), save, with(tape, kept), span));
    Stmt::new(kept.to_vec(), Op::Restore, with(source, &[]), span)
}

impl Room {
    fn sum(rooms: impl Iterator<Item = Room>) -> Room {
        let nothing = Room {
            bytes: 0,
            parameters: 0,
        };
        rooms.fold(nothing, |all, room| Room {
            bytes: all.bytes.saturating_add(room.bytes),
            parameters: all.parameters.max(room.parameters),
        })
    }
}

fn literal(code: &Expr) -> Option<usize> {
    match code {
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(int),
            ..
        }) => int.base10_parse().ok(),
        _ => None,
    }
}

fn room(ty: &Ty) -> Room {
    let bytes = |bytes| Room {
        bytes,
        parameters: 0,
    };
    match ty {
        Ty::Scalar(_) => bytes(8),
        Ty::Array(element, length) => {
            let element = room(element);
            match literal(length) {
                Some(number) => Room {
                    bytes: element.bytes.saturating_mul(number),
                    ..element
                },
                None => Room {
                    parameters: element.parameters + 1,
                    ..element
                },
            }
        }
        Ty::Tuple(elements) => Room::sum(elements.iter().map(room)),
        Ty::Sequence(..) => bytes(24),
        Ty::Inactive => bytes(64),
        Ty::Tensor(_) | Ty::Named(_) | Ty::Var(_) => bytes(UNSEEN),
    }
}
