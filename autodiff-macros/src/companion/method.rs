//! What generated code of callers uses where it calls a method as `x.f(…)`: such a call does not
//! show how `f` takes `x`. Here the receiver is lent in any case: shared where the caller cannot
//! change it, and mutably where it can.

use proc_macro2::{Ident, Span, TokenStream};

use super::frame::{clause_with, without_outer_lifetime};
use super::{Companion, Frame};
use crate::codegen::types;
use crate::ir::Mode;

/// A reference that the closure is handed again.
type Lent = (Ident, TokenStream);

impl Companion<'_> {
    /// The hidden methods for callers that cannot see the signature; the markers of the arguments'
    /// activities come behind the receiver.
    pub(super) fn method_calls(&self) -> TokenStream {
        let Some(mode) = self.signature.receiver() else {
            return TokenStream::new();
        };
        let again = &self.frame.again;
        let lent = again
            .iter()
            .cloned()
            .zip(self.frame.reference_types.iter().map(|ty| code!(#ty)));
        let lent: Vec<Lent> = lent.collect();
        let own = usize::from(mode == Mode::Reference);
        let this = &self.parameters.args[0];

        // A receiver that stays as it is: the closure is handed it again, though it may not need it.
        let receiver = Ident::new("receiver", Span::mixed_site());
        let unused = (mode == Mode::Value).then(|| (receiver, self.shared_type()));
        let shared = match mode {
            Mode::Mutable => TokenStream::new(),
            Mode::Value | Mode::Reference => self.method_call(
                &self.frame.items.name_differentiated,
                (mode == Mode::Value, TokenStream::new()),
                &unused.into_iter().chain(lent.clone()).collect::<Vec<_>>(),
                &code!(#(#again,)*),
            ),
        };

        // One that may change: the closure has what it needs.
        let kept = (mode == Mode::Reference)
            .then(|| code!(let kept = ::core::clone::Clone::clone(#this);));
        let others = &again[own..];
        let passed = match mode {
            Mode::Reference => code!(&kept, #(#others,)*),
            Mode::Value | Mode::Mutable => code!(#(#others,)*),
        };
        let exclusive = self.method_call(
            &self.frame.items.name_differentiated_mut,
            (mode != Mode::Mutable, code!(#kept)),
            &lent[own..],
            &passed,
        );
        let forward = self.method_call_jvp(mode);
        code!(#shared #exclusive #forward)
    }

    /// A method whose closure takes the references `lent` and hands `passed` to the split program.
    fn method_call(
        &self,
        name: &Ident,
        (clones, kept): (bool, TokenStream),
        lent: &[Lent],
        passed: &TokenStream,
    ) -> TokenStream {
        let own_split = &self.frame.items.own_split;
        let Frame {
            vis,
            generics,
            output,
            out_bar,
            out_bar_type,
            ..
        } = &self.frame;
        let (references, reference_types): (Vec<_>, Vec<_>) = lent.iter().cloned().unzip();
        let buffers = self.buffers();
        let names = self.numbered("bar");
        let active = self.active_of(&names);
        let ignored = self.ignored().map(|k| &names[k]);
        let closure = code!(::core::ops::Fn(#out_bar_type, #(#reference_types,)* #(#buffers),*));
        let (closure, boxed) = self.closure(&closure);
        let declared = self.declared_behind_receiver();
        let (value, rest) = (self.receiver_value(), &self.parameters.args[1..]);
        let clause = self.clause(clones);
        code! {
            #[doc(hidden)]
            #[inline]
            #vis fn #name #generics (#declared) -> (#output, #closure) #clause {
                #kept
                let (value, split) = #own_split(#value, #(#rest,)*);
                (value, #boxed (move |#out_bar: #out_bar_type, #(#references: #reference_types,)* #(#names: #buffers),*| {
                    split(#out_bar, #passed #(#active,)* #(#ignored),*)
                }))
            }
        }
    }

    fn method_call_jvp(&self, mode: Mode) -> TokenStream {
        let name = &self.frame.items.name_differentiated_jvp;
        let own_tangent = &self.frame.items.own_tangent;
        let Frame {
            krate,
            vis,
            generics,
            output,
            out_bar_type,
            ..
        } = &self.frame;
        let param = &self.signature.params[0];
        let gradient = types::gradient(&param.ty, krate);
        let names = self.numbered("dot");
        let mut types = self.tangent_types();
        let mut active = self.active_of(&names).into_iter();
        let own = param.active.then(|| {
            let dot = active.next();
            let borrowed = code!(<_ as ::core::borrow::Borrow<#gradient>>::borrow(&#dot));
            match mode {
                Mode::Value => code!(::core::clone::Clone::clone(#borrowed),),
                Mode::Reference => code!(#borrowed,),
                Mode::Mutable => code!(#dot,),
            }
        });
        if param.active && mode != Mode::Mutable {
            types[0] = code!(impl ::core::borrow::Borrow<#gradient>);
        }
        let declared = self.declared_behind_receiver();
        let (value, rest) = (self.receiver_value(), &self.parameters.args[1..]);
        let clause = self.clause(mode == Mode::Value);
        code! {
            #[doc(hidden)]
            #[inline]
            #vis fn #name #generics (#declared #(#names: #types),*) -> (#output, #out_bar_type) #clause {
                #own_tangent(#value, #(#rest,)* #own #(#active),*)
            }
        }
    }

    /// The receiver as it is lent, the markers, and the other parameters.
    fn declared_behind_receiver(&self) -> TokenStream {
        let krate = &self.frame.krate;
        let (this, rest) = (&self.parameters.args[0], &self.parameters.args[1..]);
        let param = &self.signature.params[0];
        let lent = match param.mode {
            Mode::Value => self.shared_type(),
            Mode::Reference | Mode::Mutable => {
                let written = &param.written;
                code!(#written)
            }
        };
        let marker = match param.active {
            true => code!(#krate::__private::AnyReceiver<'_>),
            false => code!(#krate::__private::InactiveReceiver<'_>),
        };
        let markers = &self.activities()[1..];
        let taken = self.signature.params[1..].iter().map(|param| &param.taken);
        code!(#this: #lent, _: #marker, #(_: #markers,)* #(#rest: #taken,)*)
    }

    /// The lent receiver as the method takes it.
    fn receiver_value(&self) -> TokenStream {
        let this = &self.parameters.args[0];
        match self.signature.params[0].mode {
            Mode::Value => code!(::core::clone::Clone::clone(#this)),
            Mode::Reference | Mode::Mutable => code!(#this),
        }
    }

    fn shared_type(&self) -> TokenStream {
        let owner = self.owner_type();
        code!(&#owner)
    }

    fn owner_type(&self) -> TokenStream {
        match without_outer_lifetime(&self.signature.params[0].written) {
            syn::Type::Reference(reference) => {
                let owner = reference.elem;
                code!(#owner)
            }
            owner => code!(#owner),
        }
    }

    /// The `where` clause. That the type can be cloned is asked of callers only: of a bound with a
    /// lifetime of its own, rustc does not want to know it here.
    fn clause(&self, clones: bool) -> TokenStream {
        if !clones {
            return self.frame.clause.clone();
        }
        let owner = self.owner_type();
        clause_with(
            self.signature,
            &code!(for<'any> #owner: ::core::clone::Clone),
        )
    }
}
