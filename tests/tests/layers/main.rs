//! The building blocks over arrays: gradients against central differences, forward against reverse
//! mode, and values and gradients that another implementation found (`reference.py`).

mod attention;
mod dense;
mod images;
mod losses;
mod normalisation;
mod numbers;
mod sequences;
