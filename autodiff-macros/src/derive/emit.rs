//! The items of the derive. All paths are absolute and no method is called through a trait, so
//! they mean the same wherever the struct is declared.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Generics, Ident, Type, parse_quote};

use super::generics::Parameters;
use super::structure::{Field, Structure, Style};

/// Everything that is emitted for a struct.
pub fn items(structure: &Structure) -> TokenStream {
    let parameters = Parameters::of(structure);
    let gradient = GradientStruct::of(structure, &parameters.kept);
    let parts = [
        gradient.definition(),
        gradient.standard_impls(),
        impls_of_value(structure, &parameters.whole, &gradient),
        gradient.differentiable_impls(),
        gradient.field_access(structure),
        inactivity_checks(structure),
    ];
    quote!(#(#parts)*)
}

/// The impls that let uses of a refused type report nothing further.
pub fn stubs(input: &DeriveInput, krate: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let visit = visit_functions(krate, &[]);
    let tangents = tangents(krate);
    let lints = lints();
    quote! {
        #[automatically_derived]
        #lints
        impl #generics #krate::Leaves for #ident #arguments #bounds {
            #visit
        }
        #[automatically_derived]
        #lints
        impl #generics #krate::Differentiable for #ident #arguments #bounds {
            type Gradient = ();
            #tangents
            fn zero_gradient(&self) {}
        }
    }
}

/// The lints that are none of the user's business: a gradient struct may stay unused, one without
/// leaves uses no argument, and a path must be written out although it could be shorter here.
fn lints() -> TokenStream {
    quote!(#[allow(dead_code, unused_qualifications, unused_variables)])
}

/// The gradient struct: the same fields with the types of their gradients.
struct GradientStruct<'a> {
    structure: &'a Structure,
    ident: Ident,
    generics: &'a Generics,
    slots: Vec<Slot<'a>>,
}

/// A field of the gradient struct. A left-out field of a tuple struct keeps its place as a `()`,
/// so that `.1` means the same field of the struct and of its gradient.
struct Slot<'a> {
    field: &'a Field,
    ty: Type,
}

impl<'a> GradientStruct<'a> {
    fn of(structure: &'a Structure, generics: &'a Generics) -> Self {
        let slots = structure
            .fields
            .iter()
            .filter_map(|field| match &field.gradient {
                Some(ty) => Some(Slot {
                    field,
                    ty: ty.clone(),
                }),
                None if structure.style == Style::Tuple => Some(Slot {
                    field,
                    ty: parse_quote!(()),
                }),
                None => None,
            });
        GradientStruct {
            structure,
            ident: format_ident!(
                "{}Gradient",
                structure.ident.unraw(),
                span = structure.ident.span()
            ),
            generics,
            slots: slots.collect(),
        }
    }

    fn definition(&self) -> TokenStream {
        let GradientStruct {
            structure,
            ident,
            generics,
            slots,
        } = self;
        let documentation = format!(
            " The gradient of [`{}`]: the same fields, float leaves only.",
            structure.ident
        );
        let vis = &structure.vis;
        let bounds = &generics.where_clause;
        let fields = slots.iter().map(|Slot { field, ty }| {
            let documentation = format!(" The gradient of `{}`.", field.name());
            let vis = &field.vis;
            let name = match &field.member {
                syn::Member::Named(name) => Some(quote!(#name:)),
                syn::Member::Unnamed(_) => None,
            };
            quote!(#[doc = #documentation] #vis #name #ty)
        });
        let body = match structure.style {
            Style::Named => quote!(#bounds { #(#fields,)* }),
            Style::Tuple => quote!((#(#fields,)*) #bounds;),
            Style::Unit => quote!(#bounds;),
        };
        let lints = lints();
        quote! {
            #[doc = #documentation]
            #lints
            #vis struct #ident #generics #body
        }
    }

    /// `Clone`, `Debug` and `PartialEq`, written out because the standard derives would ask them of
    /// the type parameters instead of the parameters' gradients, which have them anyway.
    fn standard_impls(&self) -> TokenStream {
        let ident = &self.ident;
        let (generics, arguments, bounds) = self.generics.split_for_impl();
        let members: Vec<_> = self.slots.iter().map(|slot| &slot.field.member).collect();
        let text = ident.to_string();
        let debug = match self.structure.style {
            Style::Tuple => {
                let open = quote!(&mut ::core::fmt::Formatter::debug_tuple(formatter, #text));
                let fields = members.iter().map(|member| quote!(.field(&self.#member)));
                quote!(::core::fmt::DebugTuple::finish((#open) #(#fields)*))
            }
            Style::Named | Style::Unit => {
                let open = quote!(&mut ::core::fmt::Formatter::debug_struct(formatter, #text));
                let fields = self.slots.iter().map(|slot| {
                    let (member, name) = (&slot.field.member, slot.field.name());
                    quote!(.field(#name, &self.#member))
                });
                quote!(::core::fmt::DebugStruct::finish((#open) #(#fields)*))
            }
        };
        let lints = lints();
        quote! {
            #[automatically_derived]
            #lints
            impl #generics ::core::clone::Clone for #ident #arguments #bounds {
                fn clone(&self) -> Self {
                    Self { #(#members: ::core::clone::Clone::clone(&self.#members),)* }
                }
            }
            #[automatically_derived]
            #lints
            impl #generics ::core::fmt::Debug for #ident #arguments #bounds {
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #debug
                }
            }
            #[automatically_derived]
            #lints
            impl #generics ::core::cmp::PartialEq for #ident #arguments #bounds {
                fn eq(&self, other: &Self) -> bool {
                    true #(&& ::core::cmp::PartialEq::eq(&self.#members, &other.#members))*
                }
            }
        }
    }

    /// What makes it a vector space that is its own gradient.
    fn differentiable_impls(&self) -> TokenStream {
        let ident = &self.ident;
        let krate = &self.structure.krate;
        let (generics, arguments, bounds) = self.generics.split_for_impl();
        let visited: Vec<_> = self
            .slots
            .iter()
            .map(|slot| (slot.field, &slot.ty))
            .collect();
        let visit = visit_functions(krate, &visited);
        let members: Vec<_> = self.slots.iter().map(|slot| &slot.field.member).collect();
        let types: Vec<_> = self.slots.iter().map(|slot| &slot.ty).collect();
        let tangents = tangents(krate);
        let lints = lints();
        quote! {
            #[automatically_derived]
            #lints
            impl #generics #krate::Leaves for #ident #arguments #bounds {
                #visit
            }
            #[automatically_derived]
            #lints
            impl #generics #krate::Differentiable for #ident #arguments #bounds {
                type Gradient = Self;
                #tangents
                fn zero_gradient(&self) -> Self {
                    let mut zero = ::core::clone::Clone::clone(self);
                    #krate::Gradient::set_zero(&mut zero);
                    zero
                }
            }
            #[automatically_derived]
            #lints
            impl #generics #krate::differentiable::Dot for #ident #arguments #bounds {}
            #[automatically_derived]
            #lints
            impl #generics #krate::Gradient for #ident #arguments #bounds {
                const FIXED_SHAPE: bool =
                    true #(&& <#types as #krate::Gradient>::FIXED_SHAPE)*;
                #[inline]
                fn set_zero(&mut self) {
                    #(#krate::Gradient::set_zero(&mut self.#members);)*
                }
                #[inline]
                fn add(&mut self, other: &Self) {
                    #(#krate::Gradient::add(&mut self.#members, &other.#members);)*
                }
                #[inline]
                fn add_scaled(&mut self, factor: f64, other: &Self) {
                    #(#krate::Gradient::add_scaled(&mut self.#members, factor, &other.#members);)*
                }
                #[inline]
                fn scale(&mut self, factor: f64) {
                    #(#krate::Gradient::scale(&mut self.#members, factor);)*
                }
                #[inline]
                fn inner(&self, other: &Self) -> f64 {
                    0.0 #(+ #krate::Gradient::inner(&self.#members, &other.#members))*
                }
            }
        }
    }

    /// For every field of the struct a way to add to its gradient and to read it: generated code
    /// uses them where it cannot see the field's type, and so not whether it has a gradient.
    fn field_access(&self, structure: &Structure) -> TokenStream {
        let ident = &self.ident;
        let krate = &structure.krate;
        let (generics, arguments, bounds) = self.generics.split_for_impl();
        let methods = structure.fields.iter().map(|field| {
            let (vis, member) = (&field.vis, &field.member);
            let add = format_ident!("__add_{}", field.name());
            let get = format_ident!("__get_{}", field.name());
            let at = format_ident!("__at_{}", field.name());
            let with = format_ident!("__with_{}", field.name());
            match &field.gradient {
                Some(ty) => quote! {
                    #[inline]
                    #vis fn #add(&mut self, other: &#ty) {
                        #krate::Gradient::add(&mut self.#member, other);
                    }
                    #[inline]
                    #vis fn #get(&self) -> #ty {
                        ::core::clone::Clone::clone(&self.#member)
                    }
                    #[inline]
                    #vis fn #at(&mut self, change: impl ::core::ops::FnOnce(&mut #ty)) {
                        change(&mut self.#member)
                    }
                    #[inline]
                    #vis fn #with<__Read>(&self, read: impl ::core::ops::FnOnce(&#ty) -> __Read) -> __Read {
                        read(&self.#member)
                    }
                },
                None => {
                    // The type of what would be there, for code that takes the field for active.
                    let absent = if is_real(&field.ty, self.generics) { &field.ty } else { &field.absent };
                    quote! {
                        #[inline]
                        #vis fn #add<__Other: ?::core::marker::Sized>(&mut self, _: &__Other) {}
                        #[inline]
                        #vis fn #get(&self) -> #absent {
                            ::core::default::Default::default()
                        }
                        #[inline]
                        #vis fn #at(&mut self, _: impl ::core::ops::FnOnce(&mut #absent)) {}
                        #[inline]
                        #vis fn #with<__Read: ::core::default::Default>(&self, _: impl ::core::ops::FnOnce(&#absent) -> __Read) -> __Read {
                            ::core::default::Default::default()
                        }
                    }
                }
            }
        });
        let lints = lints();
        quote! {
            #[automatically_derived]
            #[doc(hidden)]
            #[allow(missing_docs, non_snake_case)]
            #lints
            impl #generics #ident #arguments #bounds {
                #(#methods)*
            }
        }
    }
}

/// `Differentiable` and `Leaves` of the struct itself.
fn impls_of_value(
    structure: &Structure,
    generics: &Generics,
    gradient: &GradientStruct<'_>,
) -> TokenStream {
    let Structure { ident, krate, .. } = structure;
    let tangents = tangents(krate);
    let (generics, arguments, bounds) = generics.split_for_impl();
    let (_, gradient_arguments, _) = gradient.generics.split_for_impl();
    let gradient_ident = &gradient.ident;
    let active = structure
        .fields
        .iter()
        .filter(|field| field.gradient.is_some());
    let active: Vec<_> = active.map(|field| (field, &field.ty)).collect();
    let visit = visit_functions(krate, &active);
    let adjoints = |method: &str| -> TokenStream {
        let method = format_ident!("{method}");
        let members = gradient.slots.iter().map(|Slot { field, .. }| {
            let member = &field.member;
            match &field.gradient {
                Some(_) => quote!(#member: #krate::Differentiable::#method(&self.#member),),
                None => quote!(#member: (),),
            }
        });
        quote!(#gradient_ident { #(#members)* })
    };
    let (zero, unread) = (adjoints("zero_gradient"), adjoints("unread_gradient"));
    let lints = lints();
    quote! {
        #[automatically_derived]
        #lints
        impl #generics #krate::Leaves for #ident #arguments #bounds {
            #visit
        }
        #[automatically_derived]
        #lints
        impl #generics #krate::Differentiable for #ident #arguments #bounds {
            type Gradient = #gradient_ident #gradient_arguments;
            #tangents
            fn zero_gradient(&self) -> Self::Gradient {
                #zero
            }
            fn unread_gradient(&self) -> Self::Gradient {
                #unread
            }
        }
    }
}

/// A struct has no tangents side by side.
fn tangents(krate: &TokenStream) -> TokenStream {
    quote! {
        type Tangents<const __WIDTH: ::core::primitive::usize> = #krate::differentiable::OneByOne;
        fn zero_tangents<const __WIDTH: ::core::primitive::usize>(&self) -> #krate::differentiable::OneByOne {
            #krate::differentiable::OneByOne
        }
    }
}

/// The functions of `Leaves` that visit `fields`, each with its type, by their names. The trait
/// stands on the type as the user wrote it, so that rustc points there where it is missing.
fn visit_functions(krate: &TokenStream, fields: &[(&Field, &Type)]) -> TokenStream {
    let members: Vec<_> = fields.iter().map(|(field, _)| &field.member).collect();
    let names: Vec<_> = fields.iter().map(|(field, _)| field.name()).collect();
    let types: Vec<_> = fields
        .iter()
        .map(|(_, ty)| quote_spanned!(ty.span()=> <#ty as #krate::Leaves>))
        .collect();
    quote! {
        fn visit<'__leaf>(
            &'__leaf self,
            name: &mut #krate::Name,
            f: &mut dyn ::core::ops::FnMut(&str, #krate::Leaf<'__leaf>),
        ) {
            #(name.within(#names, |name| #types::visit(&self.#members, name, f));)*
        }
        fn visit_mut<'__leaf>(
            &'__leaf mut self,
            name: &mut #krate::Name,
            f: &mut dyn ::core::ops::FnMut(&str, #krate::LeafMut<'__leaf>),
        ) {
            #(name.within(#names, |name| #types::visit_mut(&mut self.#members, name, f));)*
        }
        fn visit_tensors(
            &self,
            name: &mut #krate::Name,
            f: &mut dyn ::core::ops::FnMut(&str, #krate::differentiable::Precision, &[::core::primitive::usize]),
        ) {
            #(name.within(#names, |name| #types::visit_tensors(&self.#members, name, f));)*
        }
    }
}

/// Holds the types that were taken for inactive by their name against the runtime: a user's own
/// type of the name `String` would otherwise be left out of the gradient without a word.
fn inactivity_checks(structure: &Structure) -> TokenStream {
    let Structure {
        krate,
        assumed_inactive,
        ..
    } = structure;
    if assumed_inactive.is_empty() {
        return TokenStream::new();
    }
    let checks = assumed_inactive
        .iter()
        .map(|ty| quote_spanned!(ty.span()=> holds_no_float::<#ty>();));
    let lints = lints();
    quote! {
        #lints
        const _: () = {
            const fn holds_no_float<T: ?::core::marker::Sized + #krate::Differentiable<Gradient = ()>>() {}
            #(#checks)*
        };
    }
}

/// Whether `ty` is a type parameter of the gradient that is bounded by `Real`.
fn is_real(ty: &Type, generics: &Generics) -> bool {
    let Type::Path(path) = ty else { return false };
    generics.type_params().any(|param| {
        path.path.is_ident(&param.ident)
            && param.bounds.iter().any(|bound| {
                matches!(bound, syn::TypeParamBound::Trait(bound)
                    if bound.path.segments.last().is_some_and(|last| last.ident == "Real"))
            })
    })
}
