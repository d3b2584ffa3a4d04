//! Long runs: `cargo run --release -p autodiff-programs -- [SEED [PROGRAMS]]`.

use std::time::Instant;

use autodiff_programs::{check, generate, harness::Workshop};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse().expect("a number"));
    let first: u64 = arguments.next().unwrap_or(1);
    let count: u64 = arguments.next().unwrap_or(20_000);
    let workshop = Workshop::new("programs");
    let start = Instant::now();
    let seeds: Vec<u64> = (first..first + count).collect();
    for seeds in seeds.chunks(200) {
        let programs: Vec<_> = seeds.iter().map(|&seed| generate::program(seed)).collect();
        let (counts, failures) = check::check(&workshop, &programs)?;
        println!("{counts:?} {:?}", start.elapsed());
        for failure in failures {
            let program = &programs[failure.program];
            println!("seed {}: {failure}", program.seed);
        }
    }
    Ok(())
}
