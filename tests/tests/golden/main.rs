//! Generated code is read by people: what it says is kept in `tests/golden`, one file per function.
//!
//! After an intended change, `BLESS=1 cargo test -p autodiff-tests --test golden` rewrites the
//! files; the difference belongs into the review. The target `golden_compiled` runs them.

#[allow(
    clippy::needless_range_loop,
    clippy::manual_memcpy,
    reason = "loops are written as numerical code has them"
)]
mod functions;

use std::{env, fs, path::Path};

/// Compares `generated` with the file, or writes it.
#[track_caller]
fn compare(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name)
        .with_extension("rs");
    if env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, generated).expect("the folder tests/golden can be written");
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; BLESS=1 writes it", path.display());
    });
    assert!(
        golden == generated,
        "the code generated for `{name}` is not that of {}; BLESS=1 rewrites it. It is now:\n{generated}",
        path.display()
    );
}

macro_rules! golden {
    ($($name:ident)+) => {$(
        #[test]
        fn $name() {
            compare(stringify!($name), functions::$name::GENERATED);
        }
    )+};
}

golden! {
    loss neuron naive_nll shared generic distance middle composed indexed piecewise rotated rebound
    unlucky_names classified smoothed
    rosenbrock logistic_map newton log_loss forward_substitution determinant layer kick swing programmed
    nested_sine running_products pendulum narrowing damped first_beyond
}
