//! Syntax to IR: scopes and values. What is lowered has a file each, by its kind of syntax; code
//! that is kept as written is in [`inactive`].
//!
//! Mutable locals become SSA here: an assignment binds the name to a new value, and what a branch
//! or a loop assigns comes out of it as a result. Locals that are changed in part are memory.
//! References are transparent: `&x` is the value of `x` together with the way it is passed on.

mod assign;
mod attributes;
mod branch;
mod call;
mod choose;
mod closure;
mod describe;
mod exits;
mod expr;
mod inactive;
mod iterate;
mod loops;
mod macros;
mod method;
mod mutation;
mod pattern;
mod statement;
mod suggest;
mod tensor;

pub use expr::is_vec;
pub use inactive::{format_captures, strip_constant_markers};

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::Block;
use syn::spanned::Spanned;

use crate::diagnostics::{Cause, Diagnostics, Refusal};
use crate::ids::{IdMap, IdSet};
use crate::infer::Infer;
use crate::ir::{Function, Generics, Mode, Op, Param, Region, Step, Stmt, ValueId};
use crate::rules::Primitive;
use crate::signature::Signature;
use crate::ty::{self, Aliases, Ty};

/// The primal program and what was learnt on the way.
pub struct Primal {
    pub function: Function,
    /// Items declared in the body, needed wherever the body's code goes.
    pub items: TokenStream,
    /// Names that must turn out to be the runtime's functions, not the user's.
    pub builtins: BTreeMap<String, Ident>,
    /// Named types that must turn out to be scalars.
    pub aliases: Aliases,
    /// Paths that were called like functions and taken for tuple structs.
    pub constructors: BTreeMap<String, syn::Path>,
    /// Activations that were called as methods of the float types.
    pub methods: BTreeMap<String, Ident>,
    /// Float methods that were called by path, as `f64::sqrt`.
    pub paths: BTreeMap<String, syn::Path>,
    /// Named types on which `.clone()` was called.
    pub clones: BTreeMap<String, syn::Type>,
    /// Methods called on a float behind a reference.
    pub borrowed: BTreeMap<String, Ident>,
}

/// An identifier as rustc tells them apart: by name and hygiene.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    name: String,
    context: String,
}

impl Key {
    /// The syntax context is only visible in the span's debug form (`#4 bytes(10..12)`). Where
    /// that form is unknown all contexts look alike, as they do outside of macros.
    pub fn new(ident: &Ident) -> Key {
        let debug = format!("{:?}", ident.span());
        let context = debug
            .split_whitespace()
            .find(|part| part.starts_with('#'))
            .unwrap_or_default();
        Key {
            name: ident.to_string(),
            context: context.to_owned(),
        }
    }
}

#[derive(Clone)]
struct Local {
    /// The identifier it was declared by; none for what the lowering itself keeps.
    ident: Option<Ident>,
    /// `None` between a deferred `let` and its assignment.
    value: Option<ValueId>,
    references: usize,
    /// The part of memory that it refers to mutably.
    alias: Option<Place>,
    /// A closure, by its position among those of the function.
    closure: Option<usize>,
    /// Whether it is `let mut` without a value, and has got none since.
    deferred: bool,
}

impl Local {
    fn of(ident: Option<Ident>, value: Option<ValueId>, references: usize) -> Local {
        Local {
            ident,
            value,
            references,
            alias: None,
            closure: None,
            deferred: false,
        }
    }
}

/// A part of a memory.
#[derive(Clone)]
struct Place {
    memory: ValueId,
    path: Vec<Step>,
    indices: Vec<ValueId>,
}

impl Place {
    fn whole(memory: ValueId) -> Self {
        Self {
            memory,
            path: Vec::new(),
            indices: Vec::new(),
        }
    }
}

/// The value of an expression, and how many references it stands behind.
#[derive(Clone, Copy)]
struct Operand {
    id: ValueId,
    references: usize,
}

impl Operand {
    fn value(id: ValueId) -> Operand {
        Operand { id, references: 0 }
    }
}

/// A reported error; the caller goes on with the next statement.
struct Reported;

type Lowered = Result<Operand, Reported>;

struct Lowerer<'a> {
    signature: &'a Signature,
    diagnostics: &'a mut Diagnostics,
    infer: Infer,
    function: Function,
    /// The statements of the current region.
    stmts: Vec<Stmt>,
    scopes: Vec<BTreeMap<Key, Local>>,
    /// The statements that define parts of values, and values made of parts.
    definitions: IdMap<Stmt>,
    /// How control may have left the current statement sequence.
    flow: exits::Flow,
    /// The loops and labelled blocks around the current statement.
    frames: Vec<exits::Frame>,
    controls: u32,
    /// The locals that are changed in part somewhere.
    changed_in_part: BTreeSet<Key>,
    /// The calls that may be of users' methods.
    calls_on_variables: Vec<method::OnVariable>,
    closures: Vec<closure::Closure>,
    /// The parts of memory that values were borrowed from mutably.
    aliases: IdMap<Place>,
    /// Memories that no name refers to yet.
    fresh: IdSet,
    /// Collections of the standard library that have no gradient, by their types.
    collections: IdMap<&'static str>,
    /// Values that depend on an active parameter through something differentiable.
    varied: IdSet,
    /// Values whose initialiser was refused: what uses them is not reported again.
    poisoned: IdSet,
    items: TokenStream,
    item_names: BTreeSet<String>,
    builtins: BTreeMap<String, Ident>,
    constructors: BTreeMap<String, syn::Path>,
    methods: BTreeMap<String, Ident>,
    paths: BTreeMap<String, syn::Path>,
    clones: BTreeMap<String, syn::Type>,
    borrowed: BTreeMap<String, Ident>,
    /// How many references the elements of an aggregate built here stand behind.
    element_references: IdMap<Vec<usize>>,
}

/// Lowers the body of a function whose signature has been read.
pub fn lower(signature: &Signature, body: &Block, diagnostics: &mut Diagnostics) -> Primal {
    let mut lowerer = Lowerer {
        signature,
        diagnostics,
        infer: Infer::default(),
        function: Function {
            values: Vec::new(),
            params: Vec::new(),
            body: Region::default(),
            output: ValueId(0),
            memories: IdSet::new(),
            borrowed: IdSet::new(),
            generics: Generics::of(
                (signature.generics.params.iter()).chain(&signature.around.params),
            ),
        },
        stmts: Vec::new(),
        flow: exits::Flow::default(),
        frames: Vec::new(),
        controls: 0,
        changed_in_part: mutation::changed_in_part(body),
        calls_on_variables: method::calls_on_variables(body),
        closures: Vec::new(),
        aliases: IdMap::new(),
        fresh: IdSet::new(),
        collections: IdMap::new(),
        scopes: vec![BTreeMap::new()],
        definitions: IdMap::new(),
        varied: IdSet::new(),
        poisoned: IdSet::new(),
        items: TokenStream::new(),
        item_names: BTreeSet::new(),
        builtins: BTreeMap::new(),
        constructors: BTreeMap::new(),
        methods: BTreeMap::new(),
        paths: BTreeMap::new(),
        clones: BTreeMap::new(),
        borrowed: BTreeMap::new(),
        element_references: IdMap::new(),
    };
    attributes::refuse_misplaced(body, lowerer.diagnostics);
    lowerer.declare_parameters();
    if let Ok(output) = lowerer.function_body(body) {
        let output_ty = lowerer.function.ty(output.id).clone();
        if !signature.output_refused {
            let tail = body.stmts.last().map_or(body.span(), Spanned::span);
            lowerer.unify(&output_ty, &signature.output_ty, tail);
        }
        lowerer.function.output = output.id;
    }
    let Lowerer {
        infer,
        mut function,
        stmts,
        items,
        builtins,
        constructors,
        methods,
        paths,
        clones,
        borrowed,
        ..
    } = lowerer;
    function.body.stmts = stmts;
    for value in &mut function.values {
        value.ty = infer.finish(&value.ty, &signature.unsolved);
    }
    let aliases = scalar_aliases(&function);
    for value in &mut function.values {
        value.ty = value.ty.with_aliases(&aliases);
    }
    Primal {
        function,
        items,
        builtins,
        aliases,
        constructors,
        methods,
        paths,
        clones,
        borrowed,
    }
}

/// The named types that occur as operands of arithmetic.
fn scalar_aliases(function: &Function) -> Aliases {
    let mut aliases = Aliases::new();
    function.body.for_each(&mut |stmt| {
        if matches!(stmt.op, Op::Apply(_)) {
            aliases.extend(
                stmt.args
                    .iter()
                    .filter_map(|&arg| function.ty(arg).named_text()),
            );
        }
    });
    aliases
}

impl Lowerer<'_> {
    fn declare_parameters(&mut self) {
        let signature = self.signature;
        for param in &signature.params {
            let value = self.function.new_value(
                param.ty.clone(),
                Some(param.name.clone()),
                param.name.span(),
            );
            self.function.params.push(Param {
                value,
                mode: param.mode,
                active: param.active,
                name: param.name.clone(),
            });
            if param.active {
                self.varied.insert(value);
            }
            if param.refused {
                self.poisoned.insert(value);
            }
            let references = usize::from(param.mode != Mode::Value);
            if param.mode == Mode::Mutable {
                self.function.memories.insert(value);
            }
            let _ = self.bind(
                &param.pat,
                Operand {
                    id: value,
                    references,
                },
            );
        }
    }

    fn declare(&mut self, ident: &Ident, value: Option<ValueId>, references: usize) {
        let scope = self.scopes.last_mut().expect("there is always a scope");
        let local = Local::of(Some(ident.clone()), value, references);
        scope.insert(Key::new(ident), local);
    }

    fn lookup(&self, ident: &Ident) -> Option<&Local> {
        let key = Key::new(ident);
        self.scopes.iter().rev().find_map(|scope| scope.get(&key))
    }

    fn slot(&mut self, ident: &Ident) -> Option<&mut Local> {
        let key = Key::new(ident);
        self.scopes
            .iter_mut()
            .rev()
            .find_map(|scope| scope.get_mut(&key))
    }

    /// The user's name for a value that has none yet.
    fn name_value(&mut self, id: ValueId, name: &Ident) {
        let value = self.function.value_mut(id);
        if value.name.is_none() {
            value.name = Some(name.clone());
        }
    }

    /// Appends a statement; whether its result varies follows from the operation.
    fn push(&mut self, op: Op, args: Vec<ValueId>, ty: Ty, span: Span) -> ValueId {
        let varied = !self.infer.resolve(&ty).is_inactive()
            && crate::activity::carried(&op, &args).any(|arg| self.varied.contains(&arg));
        let id = self.function.new_value(ty, None, span);
        if varied {
            self.varied.insert(id);
        }
        let stmt = Stmt::new(vec![id], op, args, span);
        if matches!(stmt.op, Op::Project(_) | Op::Aggregate(_)) {
            self.definitions.insert(id, stmt.clone());
        }
        self.stmts.push(stmt);
        id
    }

    /// Whether the macro knows the value for an integer, a flag or the like.
    fn is_inactive(&self, id: ValueId) -> bool {
        self.infer.is_inactive(self.function.ty(id))
    }

    fn flag(&mut self, value: bool, span: Span) -> ValueId {
        let lit = syn::Lit::Bool(syn::LitBool::new(value, span));
        let op = Op::Literal {
            lit,
            negative: false,
        };
        self.push(op, Vec::new(), Ty::Inactive, span)
    }

    fn integer(&mut self, value: usize, span: Span) -> ValueId {
        let lit = syn::Lit::Int(syn::LitInt::new(&value.to_string(), span));
        let op = Op::Literal {
            lit,
            negative: false,
        };
        self.push(op, Vec::new(), Ty::Inactive, span)
    }

    /// A scalar function on values, with the types it asks for.
    fn apply(&mut self, primitive: Primitive, args: &[ValueId], span: Span) -> ValueId {
        let first = self.function.ty(args[0]).clone();
        for (k, &arg) in args.iter().enumerate() {
            let ty = self.function.ty(arg).clone();
            if primitive.takes_integer(k) {
                self.unify(&ty, &Ty::Inactive, span);
            } else {
                self.unify(&ty, &first, span);
            }
        }
        self.infer.require_scalar(&first);
        let ty = self.infer.resolve(&first);
        self.push(Op::Apply(primitive), args.to_vec(), ty, span)
    }

    /// Makes two types one. Whether they fit; if not, that is reported.
    fn unify(&mut self, a: &Ty, b: &Ty, span: Span) -> bool {
        let unified = self.infer.unify(a, b);
        if let Err(mismatch) = &unified {
            let name = |ty: &Ty| match ty {
                Ty::Scalar(ty::Scalar::F32) => "`f32`".to_owned(),
                Ty::Scalar(ty::Scalar::F64) => "`f64`".to_owned(),
                Ty::Scalar(ty::Scalar::Param(ident)) => format!("`{ident}`"),
                Ty::Scalar(ty::Scalar::Alias(ty)) => format!("`{}`", ty.to_token_stream()),
                Ty::Scalar(ty::Scalar::Unseen) => "a float".to_owned(),
                Ty::Inactive => "an integer or another type without floats".to_owned(),
                Ty::Array(..) | Ty::Sequence(..) | Ty::Tensor(_) => "an array".to_owned(),
                Ty::Tuple(_) => "a tuple".to_owned(),
                Ty::Named(ty) => format!("`{}`", ty.to_token_stream()),
                Ty::Var(_) => "another type".to_owned(),
            };
            let what = format!("{} and {} meet here", name(&mismatch.0), name(&mismatch.1));
            // The macro takes an array that it cannot see for a matrix, so that a product of it is an array.
            let instead = match (&mismatch.0, &mismatch.1) {
                (Ty::Tensor(_), Ty::Scalar(_)) | (Ty::Scalar(_), Ty::Tensor(_)) => {
                    "where the number is a `dot` with a field or the result of a call, bind that first, with its type: `let w: &Array1<f64> = &layer.w;`"
                }
                _ => "convert one side with `as`, or annotate the type of the `let`",
            };
            self.diagnostics.refuse_at(
                span,
                Refusal {
                    cause: Cause::D0301,
                    what: &what,
                    why: "what is added, assigned or returned must have one type for a derivative to be formed",
                    instead,
                },
            );
        }
        unified.is_ok()
    }

    fn refuse<T>(
        &mut self,
        cause: Cause,
        tokens: impl ToTokens,
        what: &str,
        why: &str,
        instead: &str,
    ) -> Result<T, Reported> {
        let refusal = Refusal {
            cause,
            what,
            why,
            instead,
        };
        self.diagnostics.refuse(tokens, refusal);
        Err(Reported)
    }
}
