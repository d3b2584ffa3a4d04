//! Tests of the macros as functions from tokens to tokens. They are not in the modules themselves, which
//! the benchmark `expansion` compiles a second time.

mod corpus;
mod fuzz;
mod nesting;
mod rules;
mod spans;
mod unroll;
mod work;
