//! The declaration of a struct, read for its derivative.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Fields, Generics, Ident, Index, Member, Meta, Path, Token, Type,
    Visibility,
};

use super::gradient_type::{self, Scope};
use crate::diagnostics::{Cause, Diagnostics, Refusal};

/// What a derive input turned out to be.
pub enum Input {
    Struct(Box<Structure>),
    /// Nothing with a gradient; the reasons are reported.
    Refused {
        krate: TokenStream,
    },
}

/// A struct and the gradient types of its fields.
pub struct Structure {
    pub ident: Ident,
    pub vis: Visibility,
    pub generics: Generics,
    pub style: Style,
    pub fields: Vec<Field>,
    /// The path of the runtime crate.
    pub krate: TokenStream,
    /// The types taken for inactive by their name alone, to be checked against the runtime's word.
    pub assumed_inactive: Vec<Type>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Named,
    Tuple,
    Unit,
}

pub struct Field {
    pub member: Member,
    pub vis: Visibility,
    pub ty: Type,
    /// The gradient's type, `None` for a field that is left out.
    pub gradient: Option<Type>,
    /// What stands for it where it is left out, see [`gradient_type::absent`].
    pub absent: Type,
}

impl Field {
    /// The field's name as it stands in paths and in the names of generated methods.
    pub fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

impl Structure {
    pub fn read(input: &DeriveInput, diagnostics: &mut Diagnostics) -> Input {
        let krate = read_struct_attributes(&input.attrs, diagnostics);
        let data = match &input.data {
            Data::Struct(data) => data,
            Data::Enum(data) => {
                diagnostics.refuse(
                    data.enum_token,
                    Refusal {
                        cause: Cause::D1301,
                        what: "an enum has no derived gradient",
                        why: "its variants have different leaves, so no one gradient struct fits all its values",
                        instead: "use a struct, implement `Differentiable` by hand, or mark fields and \
                                  parameters of this type `#[constant]`",
                    },
                );
                return Input::Refused { krate };
            }
            Data::Union(data) => {
                diagnostics.refuse(
                    data.union_token,
                    Refusal {
                        cause: Cause::D1302,
                        what: "a union has no derived gradient",
                        why: "nothing tells which of its fields holds the value",
                        instead: "use a struct, or implement `Differentiable` by hand",
                    },
                );
                return Input::Refused { krate };
            }
        };
        let scope = Scope {
            ident: &input.ident,
            generics: &input.generics,
            krate: &krate,
        };
        let mut assumed_inactive = Vec::new();
        let fields = read_fields(&data.fields, &scope, &mut assumed_inactive, diagnostics);
        Input::Struct(Box::new(Structure {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            generics: input.generics.clone(),
            style: match data.fields {
                Fields::Named(_) => Style::Named,
                Fields::Unnamed(_) => Style::Tuple,
                Fields::Unit => Style::Unit,
            },
            fields,
            krate,
            assumed_inactive,
        }))
    }
}

fn read_fields(
    fields: &Fields,
    scope: &Scope<'_>,
    assumed_inactive: &mut Vec<Type>,
    diagnostics: &mut Diagnostics,
) -> Vec<Field> {
    let mut read = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let member = match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(Index {
                index: index as u32,
                span: field.ty.span(),
            }),
        };
        let constant = read_field_attributes(&field.attrs, diagnostics);
        let gradient = if constant {
            None
        } else if gradient_type::is_inactive(&field.ty) {
            gradient_type::inactive_leaves(&field.ty, assumed_inactive);
            None
        } else {
            gradient_type::inactive_leaves(&field.ty, assumed_inactive);
            Some(gradient_type::of(&field.ty, scope))
        };
        read.push(Field {
            member,
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            absent: gradient_type::absent(&field.ty),
            gradient,
        });
    }
    read
}

/// Whether the field is marked `#[constant]`.
fn read_field_attributes(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> bool {
    let mut constant = false;
    for attribute in attributes {
        if attribute.path().is_ident("constant") {
            if !matches!(attribute.meta, Meta::Path(_)) {
                diagnostics.refuse(
                    &attribute.meta,
                    Refusal {
                        cause: Cause::D1307,
                        what: "`#[constant]` with arguments",
                        why: "a field is left out of the gradient or it is not; there is nothing to set",
                        instead: "write `#[constant]`",
                    },
                );
            } else if constant {
                diagnostics.refuse(
                    attribute,
                    Refusal {
                        cause: Cause::D1308,
                        what: "a second `#[constant]` on one field",
                        why: "the field is already left out of the gradient",
                        instead: "keep one of them",
                    },
                );
            }
            constant = true;
        } else if attribute.path().is_ident("differentiable") {
            diagnostics.refuse(
                attribute,
                Refusal {
                    cause: Cause::D1309,
                    what: "`#[differentiable]` on a field",
                    why: "every field that is not `#[constant]` is differentiated, and the options of the \
                          derive hold for the whole struct",
                    instead: "leave it out, or put `#[differentiable(crate = path)]` on the struct",
                },
            );
        }
    }
    constant
}

/// The path of the runtime crate, from `#[differentiable(crate = path)]` on the struct.
fn read_struct_attributes(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> TokenStream {
    let mut krate = None;
    for attribute in attributes {
        if attribute.path().is_ident("constant") {
            diagnostics.refuse(
                attribute,
                Refusal {
                    cause: Cause::D1310,
                    what: "`#[constant]` on a whole type",
                    why: "it leaves one field out of a gradient; a type without any gradient needs no derive",
                    instead: "mark the fields, or drop the derive and mark the parameters of this type",
                },
            );
        }
        if !attribute.path().is_ident("differentiable") {
            continue;
        }
        let Meta::List(list) = &attribute.meta else {
            diagnostics.refuse(attribute, NO_OPTIONS);
            continue;
        };
        match Punctuated::<StructOption, Token![,]>::parse_terminated.parse2(list.tokens.clone()) {
            Ok(options) if options.is_empty() => diagnostics.refuse(attribute, NO_OPTIONS),
            Ok(options) => {
                for option in options {
                    option.apply(&mut krate, diagnostics);
                }
            }
            Err(error) => diagnostics.refuse_at(
                error.span(),
                Refusal {
                    cause: Cause::D1311,
                    what: &format!("the options of the derive cannot be read: {error}"),
                    why: "they are separated by commas, and each is `name = value`",
                    instead: "write for example `#[differentiable(crate = path)]`",
                },
            ),
        }
    }
    krate.map_or_else(|| quote!(::autodiff_runtime), Path::into_token_stream)
}

const NO_OPTIONS: Refusal<'_> = Refusal {
    cause: Cause::D1306,
    what: "`#[differentiable]` without an option on a type",
    why: "a type is made differentiable by its derive; here the attribute only sets options of it",
    instead: "leave it out, or write `#[differentiable(crate = path)]`",
};

/// One item in `#[differentiable(…)]` on a struct: a name, and the value if there is one.
struct StructOption {
    ident: Ident,
    value: Option<TokenStream>,
}

impl Parse for StructOption {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ident = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            // Whatever follows up to the comma belongs to an option that does not exist here.
            let _ = up_to_comma(input)?;
            return Ok(StructOption { ident, value: None });
        }
        input.parse::<Token![=]>()?;
        Ok(StructOption {
            ident,
            value: Some(up_to_comma(input)?),
        })
    }
}

fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    Ok(tokens)
}

impl StructOption {
    fn apply(self, krate: &mut Option<Path>, diagnostics: &mut Diagnostics) {
        let StructOption { ident, value } = self;
        if ident != "crate" {
            return diagnostics.refuse(
                &ident,
                Refusal {
                    cause: Cause::D1303,
                    what: &format!("unknown option `{ident}`"),
                    why: "the derive takes only `crate = path`",
                    instead: "leave it out; to leave a field out of the gradient, mark it `#[constant]`",
                },
            );
        }
        if krate.is_some() {
            return diagnostics.refuse(
                &ident,
                Refusal {
                    cause: Cause::D1304,
                    what: "`crate` given twice",
                    why: "the runtime has one path",
                    instead: "keep one of them",
                },
            );
        }
        match Path::parse_mod_style.parse2(value.clone().unwrap_or_default()) {
            Ok(path) => *krate = Some(path),
            Err(_) => diagnostics.refuse(
                match &value {
                    Some(value) if !value.is_empty() => value.clone(),
                    _ => ident.to_token_stream(),
                },
                Refusal {
                    cause: Cause::D1305,
                    what: "`crate` without a path",
                    why: "it says where the runtime is found, as in a `use` declaration and without quotes",
                    instead: "write for example `crate = crate::reexports::autodiff_runtime`",
                },
            ),
        }
    }
}
