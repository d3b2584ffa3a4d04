//! Writes what the fuzzer starts from: `cargo run --bin seeds`, in this folder.

use std::{fs, io};

fn main() -> io::Result<()> {
    fs::create_dir_all("corpus/expand")?;
    let seeds = autodiff_fuzz::seeds();
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(format!("corpus/expand/{number}"), seed)?;
    }
    println!("{} items in corpus/expand", seeds.len());
    Ok(())
}
