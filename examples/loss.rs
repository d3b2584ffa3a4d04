//! Ten lines that show the idea: a function, its slope, the code that computes it, its graph.
//!
//! `cargo run --release --example loss`

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use autodiff_examples::{Folder, run};
use autodiff_runtime::prelude::*;
use clap::Parser;

/// −5x² · ln x², step by step.
#[differentiable]
pub fn loss(x: f64) -> f64 {
    let a = x.powi(2);
    let b = 5.0 * a;
    let c = a.ln();
    let g = b * c;
    -g
}

/// A function, its slope, the generated code, and its computation graph.
#[derive(Parser)]
#[command(allow_negative_numbers = true)]
struct Options {
    /// Where to differentiate
    #[arg(long, default_value_t = 2.0)]
    x: f64,
    /// The folder to write the pictures to
    #[arg(long, value_name = "FOLDER", default_value = "target/loss")]
    out: PathBuf,
}

fn main() -> ExitCode {
    run(|options: &Options| {
        let x = options.x;
        let mut folder = Folder::create(&options.out)?;

        let (value, slope) = loss::value_and_grad(x);
        println!("loss({x})  = {value}");
        println!("loss'({x}) = {slope}");
        println!("\nThe code behind it, generated while this program was compiled:\n");
        println!("{}", loss::GENERATED);

        draw(x, &mut folder)?;
        folder.print();
        Ok(())
    })
}

fn draw(x: f64, folder: &mut Folder) -> Result<(), Box<dyn Error>> {
    let graph = loss::GRAPH.to_svg();
    folder.write("graph.svg", "the graph, known at compile time", &graph)?;
    let trace = loss::trace(x).to_svg();
    let content = format!("the same at x = {x}, with data and grad of every node");
    folder.write("trace.svg", content, &trace)?;
    Ok(())
}
