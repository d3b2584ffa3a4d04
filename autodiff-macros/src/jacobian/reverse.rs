//! Jacobians by reverse mode, row by row through the pullback, which runs the function once: where there is
//! no program for several rows.

use proc_macro2::{Span, TokenStream};

use super::shape::{Leaf, Rows, leaves, nested_type, nested_value};
use crate::codegen::types;
use crate::companion::{Bodies, Companion, Frame, Items};

/// The type of the blocks, one per active parameter, that reverse mode fills.
pub fn block_types(companion: &Companion<'_>, rows: &Rows<'_>) -> TokenStream {
    let krate = &companion.frame.krate;
    let gradients = companion
        .signature
        .active()
        .map(|param| types::gradient(&param.ty, krate));
    let blocks: Vec<TokenStream> = match rows.count() {
        Some(count) => gradients
            .map(|gradient| code!([#gradient; #count]))
            .collect(),
        None => gradients
            .map(|gradient| code!(#krate::__private::Vec<#gradient>))
            .collect(),
    };
    match &blocks[..] {
        [single] => code!(#single),
        _ => code!((#(#blocks),*)),
    }
}

/// How a row is computed.
struct ReversePass {
    /// What runs the function and binds `pullback`.
    run: TokenStream,
    /// What the closure takes behind the cotangent, and behind the buffers.
    references: TokenStream,
    ignored: TokenStream,
}

impl ReversePass {
    /// A pullback that takes the cotangent and the buffers only.
    fn closed(call: TokenStream) -> ReversePass {
        ReversePass {
            run: code!(let (value, pullback) = #call;),
            references: TokenStream::new(),
            ignored: TokenStream::new(),
        }
    }
}

/// Of generated programs the reverse pass itself, handed the references again, because every closure
/// around it is moved there.
fn reverse_pass(companion: &Companion<'_>) -> ReversePass {
    let Items {
        own_by_hand,
        own_pullback,
        own_split,
        ..
    } = &companion.frame.items;
    let Frame {
        krate,
        passed,
        references,
        ..
    } = &companion.frame;
    match companion.bodies {
        Bodies::Generated(_) | Bodies::Rules { .. } => {
            let names = companion.ignored().map(|k| {
                let (slice, buffer) = (
                    &companion.parameters.args[k],
                    &companion.parameters.ignored[k],
                );
                (
                    code!(let mut #buffer = #krate::Differentiable::zero_gradient(#slice);),
                    code!(, &mut #buffer),
                )
            });
            let (made, ignored): (TokenStream, TokenStream) = names.unzip();
            ReversePass {
                run: code!(#made let (value, pullback) = #own_split(#passed);),
                references: code!(#(#references,)*),
                ignored,
            }
        }
        Bodies::Custom { pullback, .. } => {
            ReversePass::closed(code!(#own_by_hand(#passed #pullback)))
        }
        Bodies::Stubs => ReversePass::closed(code!(#own_pullback(#passed))),
    }
}

/// Row by row through the pullback, each row an array of the scalar parameters' adjoints.
pub fn joined_rows(companion: &Companion<'_>, rows: &Rows<'_>, count: &TokenStream) -> TokenStream {
    let Frame {
        krate,
        bars,
        zero_buffers,
        ..
    } = &companion.frame;
    let basis = rows.basis(krate);
    let ReversePass {
        run,
        references,
        ignored,
    } = reverse_pass(companion);
    code! {
        #run
        let jacobian = ::core::array::from_fn::<_, #count, _>(|row| {
            #zero_buffers
            pullback(#basis, #references #(&mut #bars),* #ignored);
            [#(#bars),*]
        });
        ::core::mem::drop(pullback);
        (value, jacobian)
    }
}

/// Row by row through the pullback, into one block per parameter.
pub fn blocks(companion: &Companion<'_>, rows: &Rows<'_>) -> TokenStream {
    let Frame {
        krate,
        bars,
        gradient,
        ..
    } = &companion.frame;
    let zeros = companion.zero_gradients();
    let templates = bars
        .iter()
        .map(|bar| quote::format_ident!("{bar}_zero", span = Span::mixed_site()));
    let templates: Vec<_> = templates.collect();
    let basis = rows.basis(krate);
    let ReversePass {
        run,
        references,
        ignored,
    } = reverse_pass(companion);
    let (count, blocks) = match rows.count() {
        Some(count) => {
            let blocks = code!(#(let mut #bars: [_; #count] = ::core::array::from_fn(|_| ::core::clone::Clone::clone(&#templates));)*);
            (count, blocks)
        }
        None => {
            let blocks =
                code!(#(let mut #bars = #krate::__private::vec![#templates; value.len()];)*);
            (code!(value.len()), blocks)
        }
    };
    code! {
        #(let #templates = #zeros;)*
        #run
        #blocks
        let height = #count;
        for row in 0..height {
            pullback(#basis, #references #(&mut #bars[row]),* #ignored);
        }
        ::core::mem::drop(pullback);
        (value, #gradient)
    }
}

/// The blocks of a result that nests: per parameter a value of the result's shape, with that
/// parameter's gradient in the place of each number.
pub fn nested_types(companion: &Companion<'_>) -> TokenStream {
    let (signature, krate) = (companion.signature, &companion.frame.krate);
    let shape = &signature.output_ty;
    let blocks = signature
        .active()
        .map(|param| nested_type(shape, &types::gradient(&param.ty, krate), krate));
    let blocks: Vec<TokenStream> = blocks.collect();
    match &blocks[..] {
        [single] => single.clone(),
        _ => code!((#(#blocks),*)),
    }
}

/// Number by number through the pullback, into such blocks.
pub fn nested(companion: &Companion<'_>) -> Option<TokenStream> {
    let signature = companion.signature;
    let shape = &signature.output_ty;
    let leaves = leaves(shape)?;
    let basis_zero = types::zero(shape)?;
    let Frame {
        krate,
        bars,
        gradient,
        ..
    } = &companion.frame;
    let ReversePass {
        run,
        references,
        ignored,
    } = reverse_pass(companion);
    let active = signature.active();
    let blocks = active.map(|param| nested_type(shape, &types::gradient(&param.ty, krate), krate));
    let zeros = companion.zero_gradients();
    let zeros = zeros.map(|zero| nested_value(shape, &zero));
    let pulls = leaves.iter().map(|leaf| {
        let Leaf {
            path,
            loops,
            scalar,
        } = leaf;
        let one = types::number(1.0, Some(scalar));
        let pull = code! {
            let mut basis = #basis_zero;
            basis #path = #one;
            pullback(basis, #references #(&mut #bars #path),* #ignored);
        };
        loops.iter().rev().fold(
            pull,
            |body, (index, length)| code!(for #index in 0..#length { #body }),
        )
    });
    Some(code! {
        #(let mut #bars: #blocks = #zeros;)*
        #run
        #(#pulls)*
        ::core::mem::drop(pullback);
        (value, #gradient)
    })
}
