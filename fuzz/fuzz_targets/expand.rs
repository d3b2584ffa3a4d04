//! No panic, no endless loop (`-timeout`), and nothing but items comes out, whatever goes in.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| autodiff_fuzz::expand_text(text));
