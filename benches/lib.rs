//! What the benchmarks share: the functions they measure and how they measure. See `README.md`.

pub mod by_hand;
pub mod comparisons;
pub mod measure;
pub mod models;
pub mod numbers;
pub mod workloads;
