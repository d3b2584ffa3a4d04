//! What derivatives cost, by counting: allocations and bytes with an allocator that counts, work
//! with numbers and rules that count. No test here looks at a clock.
#![allow(
    clippy::needless_range_loop,
    clippy::manual_memcpy,
    clippy::explicit_counter_loop,
    reason = "loops are written in every way that users write them"
)]

mod calls;
mod constant_counts;
mod known_counts;
mod reports;
