//! Long runs: `cargo run --release -p autodiff-programs -- [FIRST_SEED [PROGRAMS [PER_CRATE]]]`.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;
use std::time::Instant;

use autodiff_programs::check::{Counts, check};
use autodiff_programs::generate;
use autodiff_programs::harness::Workshop;
use autodiff_programs::shrink::shrink;
use autodiff_programs::types::Program;

fn main() -> io::Result<ExitCode> {
    let arguments: Result<Vec<u64>, _> =
        std::env::args().skip(1).map(|word| word.parse()).collect();
    let Ok(arguments) = arguments else {
        eprintln!("autodiff-programs [FIRST_SEED [PROGRAMS [PER_CRATE]]]");
        return Ok(ExitCode::FAILURE);
    };
    let argument = |k: usize, default| arguments.get(k).copied().unwrap_or(default);
    let (first, count, per_crate) = (argument(0, 1), argument(1, 20_000), argument(2, 250));
    let workshop = Workshop::new(&format!("programs-{first}")).for_many_crates();
    let start = Instant::now();
    let mut total = Counts::default();
    let mut failed = 0;
    // One of each kind is made small, since that takes a while.
    let mut kinds = BTreeMap::new();
    let seeds: Vec<u64> = (first..first + count).collect();
    for seeds in seeds.chunks(per_crate as usize) {
        let programs: Vec<Program> = seeds.iter().map(|&seed| generate::program(seed)).collect();
        let (counts, failures) = check(&workshop, &programs)?;
        total.add(counts);
        failed += failures.len();
        for failure in failures {
            let program = &programs[failure.program];
            println!("seed {}: {failure}", program.seed);
            let known = kinds.entry(failure.kind).or_insert(0);
            *known += 1;
            if *known == 1 {
                let (small, failure) = shrink(&workshop, program, &failure)?;
                println!("{}which fails by {failure}", small.text);
            }
        }
        println!(
            "{total}, {failed} failed, {:.0} s",
            start.elapsed().as_secs_f64()
        );
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
