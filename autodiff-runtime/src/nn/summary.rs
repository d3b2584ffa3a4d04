//! A network as a table.

use std::fmt;

use super::Dense;
use crate::Real;
use crate::activation::Activation;

/// A table of a network's layers; made by [`Mlp::summary`](super::Mlp::summary), to be printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// One row per layer, in order.
    pub rows: Vec<SummaryRow>,
}

/// A layer's row in a [`Summary`].
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryRow {
    /// The common part of its parameters' names, `layers.0`.
    pub layer: String,
    /// The length of its input.
    pub inputs: usize,
    /// The length of its output.
    pub outputs: usize,
    /// What it applies to its outputs.
    pub activation: Activation,
    /// How many numbers training can change.
    pub parameters: usize,
}

impl Summary {
    pub(super) fn of<T: Real>(layers: &[Dense<T>]) -> Self {
        let row = |(index, layer): (usize, &Dense<T>)| SummaryRow {
            layer: format!("layers.{index}"),
            inputs: layer.inputs,
            outputs: layer.outputs,
            activation: layer.activation,
            parameters: layer.parameter_count(),
        };
        Self {
            rows: layers.iter().enumerate().map(row).collect(),
        }
    }

    /// The parameters of all layers.
    pub fn parameters(&self) -> usize {
        self.rows.iter().map(|row| row.parameters).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = ["layer", "shape", "activation", "parameters"].map(str::to_owned);
        let rows = self.rows.iter().map(|row| {
            let shape = format!("{} -> {}", row.inputs, row.outputs);
            [
                row.layer.clone(),
                shape,
                row.activation.to_string(),
                row.parameters.to_string(),
            ]
        });
        let total = [
            "total".to_owned(),
            String::new(),
            String::new(),
            self.parameters().to_string(),
        ];
        let lines: Vec<[String; 4]> = [heading].into_iter().chain(rows).chain([total]).collect();
        let widths = [0, 1, 2, 3].map(|column| {
            lines
                .iter()
                .map(|line| line[column].chars().count())
                .max()
                .unwrap_or(0)
        });
        let [a, b, c, d] = widths;
        let rule = "-".repeat(a + b + c + d + 6);
        for (index, [layer, shape, activation, parameters]) in lines.iter().enumerate() {
            if index == 1 || index + 1 == lines.len() {
                writeln!(f, "{rule}")?;
            }
            write!(
                f,
                "{layer:a$}  {shape:b$}  {activation:c$}  {parameters:>d$}"
            )?;
            if index + 1 < lines.len() {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}
