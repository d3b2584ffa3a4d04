//! The identifiers of the causes of errors.

/// Why something is refused. The identifier stands behind the first line of every error and never
/// changes its meaning; `docs/errors` has a page for each, with the code and what to write instead.
///
/// Those of the runtime, which rustc reports for a missing trait, are in its `on_unimplemented` texts.
#[derive(Clone, Copy, Debug)]
pub enum Cause {
    // The attribute: where it stands and what is in its parentheses.
    /// An option of the attribute that does not exist.
    D0101,
    /// An option of the attribute that is given twice.
    D0102,
    /// An option that is planned and not there yet.
    D0103,
    /// `wrt` without parentheses.
    D0104,
    /// An option whose value is no path.
    D0105,
    /// The companion's name as a path.
    D0106,
    /// `wrt` without a name.
    D0107,
    /// `wrt` with a name that no parameter has.
    D0108,
    /// `wrt` with a parameter that has no derivative.
    D0109,
    /// `checkpoint` without a strategy.
    D0110,
    /// `checkpoint` with a strategy that does not exist.
    D0111,
    /// A strategy of `checkpoint` whose number only the function's parameters give.
    D0112,
    /// A strategy of `checkpoint` with the number zero.
    D0113,
    /// `checkpoint` on a function without a loop that keeps anything.
    D0114,
    /// `checkpoint` beside a hand-written pullback.
    D0115,
    /// The attribute twice on one function.
    D0116,
    /// The attribute twice on one `impl` block.
    D0117,
    /// An option of one function on an `impl` block.
    D0118,
    /// `name` on a method.
    D0119,
    /// The attribute on the implementation of a trait.
    D0120,
    /// The attribute on a struct.
    D0121,
    /// The attribute on a trait.
    D0122,
    /// The attribute on a module.
    D0123,
    /// The attribute on an item without derivatives.
    D0124,
    /// The attribute on a method instead of its `impl` block.
    D0125,
    /// `#[cfg]` inside a differentiable function.
    D0126,
    /// `#[constant]` on an expression.
    D0127,
    /// Arguments of the attribute that cannot be parsed.
    D0128,
    /// The attribute on a function without a body.
    D0129,
    /// Syntax that the macro cannot read.
    D0130,
    // The signature of a function.
    /// An `async`, `unsafe`, `extern` or variadic function.
    D0201,
    /// A companion with the name of a number type.
    D0202,
    /// `self` by a smart pointer.
    D0203,
    /// `#[cfg]` on a parameter.
    D0204,
    /// A parameter whose type may hide floats.
    D0205,
    /// A parameter of type `impl Trait`.
    D0206,
    /// A parameter that is a pointer, a function or a trait object.
    D0207,
    /// A parameter behind several references.
    D0208,
    /// A reference as result.
    D0209,
    /// A pointer, a function or a trait object as result.
    D0210,
    /// A `Result` or an `Option` as result.
    D0211,
    /// A type parameter without a bound that makes it differentiable.
    D0212,
    // Types.
    /// Two types in one operation.
    D0301,
    /// An active value cast to an integer.
    D0302,
    /// `..` in a struct literal.
    D0303,
    /// A cast of an active value to something that is no number.
    D0304,
    // Calls of functions.
    /// A function of a number type without a derivative rule.
    D0401,
    /// A function that hides the value in a container, or drops it.
    D0402,
    /// A function of the rule table with another number of arguments.
    D0403,
    /// A call of a function that a local stands for.
    D0404,
    /// A call by a qualified path.
    D0405,
    /// A call of a value.
    D0406,
    /// A function that is chosen by an expression.
    D0407,
    // Methods.
    /// A method without a derivative rule.
    D0501,
    /// A method that changes its receiver in a way without a rule.
    D0502,
    /// A method of the same `impl` block that has no derivative.
    D0503,
    /// A method that changes a value without a name.
    D0504,
    // Closures.
    /// A closure that is no local of its own.
    D0601,
    /// A closure as a value.
    D0602,
    /// A closure or an iterator in a pattern.
    D0603,
    /// A closure that changes what it captures.
    D0604,
    /// A closure with another number of parameters.
    D0605,
    /// A closure with `return` in it.
    D0606,
    // Branches, loops and jumps.
    /// `match` on an active value.
    D0701,
    /// `let … else`.
    D0702,
    /// `let` as a part of a condition.
    D0703,
    /// A `for` over a range without both bounds.
    D0704,
    /// A jump inside of an expression.
    D0705,
    /// A jump to a label that is not there.
    D0706,
    /// A loop as a value.
    D0707,
    /// `?` on an active value.
    D0708,
    /// A `break` with a value out of a loop that has none.
    D0709,
    // Iterators.
    /// A method of iterators that the macro does not know.
    D0801,
    /// An iterator as a value, in the middle of a chain.
    D0802,
    /// An iterator in a local as a value.
    D0803,
    /// `collect` into something that is no vector.
    D0804,
    /// `map` on something that is no array.
    D0805,
    /// A method of iterators with other arguments.
    D0806,
    /// An adapter behind `chain`.
    D0807,
    /// An adapter behind `filter`.
    D0808,
    /// An iterator without an end.
    D0809,
    /// A range of active values.
    D0810,
    // Variables and memory.
    /// An assignment to a place that the macro does not follow.
    D0901,
    /// An assignment as a value.
    D0902,
    /// A variable that is used before it has a value.
    D0903,
    /// An active value in a variable that is none.
    D0904,
    /// An active value in a collection.
    D0905,
    /// `&mut` of an active value.
    D0906,
    /// An `unsafe` block.
    D0907,
    // Patterns and items in the body.
    /// A pattern that may not match.
    D1001,
    /// `..` in a pattern.
    D1002,
    /// A pattern without a value.
    D1003,
    /// An item in the body that cannot exist several times.
    D1004,
    /// An item in a nested block.
    D1005,
    // Macros, and code that is kept as written.
    /// A macro with an active value in it.
    D1101,
    /// A macro of unknown expansion.
    D1102,
    /// A jump out of code that is kept as written.
    D1103,
    /// A name that is bound again in code that is kept as written.
    D1104,
    /// A variable that code changes which is kept as written.
    D1105,
    /// An operator without a rule.
    D1106,
    /// An expression without a rule.
    D1107,
    // Hand-written rules.
    /// A reverse rule without a tangent, or a tangent without a reverse rule.
    D1201,
    /// Two reverse rules.
    D1202,
    /// `with_value` without the rule that takes it.
    D1203,
    // The derive.
    /// The derive on an enum.
    D1301,
    /// The derive on a union.
    D1302,
    /// An option of the derive that does not exist.
    D1303,
    /// `crate` twice on a struct.
    D1304,
    /// `crate` without a path.
    D1305,
    /// `#[differentiable]` without an option on a type.
    D1306,
    /// `#[constant]` with arguments.
    D1307,
    /// `#[constant]` twice on a field.
    D1308,
    /// `#[differentiable]` on a field.
    D1309,
    /// `#[constant]` on a type.
    D1310,
    /// Options of the derive that cannot be parsed.
    D1311,
    // Limits.
    /// Code that nests too deep.
    D1401,
    // Arrays of `ndarray`.
    /// An operator without a rule for arrays.
    D1601,
    /// A method of arrays without a rule.
    D1602,
    /// A method of arrays on something whose type is not visible.
    D1603,
}
