#!/bin/sh
# What #[differentiable] adds to the build of a crate: the time to compile 1, 20 and 100 small
# functions with the attribute and without it, their dependencies being built already.
# Run from anywhere; builds in a temporary folder.
set -eu
repository=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<TOML
[package]
name = "cost"
version = "0.1.0"
edition = "2024"
[dependencies]
autodiff-runtime = { path = "$repository/autodiff-runtime" }
[workspace]
TOML
cp "$repository/Cargo.lock" "$folder/" 2>/dev/null || true

# write COUNT ATTRIBUTE: a library of COUNT functions of five statements each.
write() {
    echo "use autodiff_runtime::prelude::*;"
    i=0
    while [ "$i" -lt "$1" ]; do
        cat <<RUST
$2
pub fn model$i(x: f64, w: &[f64; 3]) -> f64 {
    let a = w[0] * x + w[1];
    let b = sigmoid(a) * $i.5;
    let c = (1.0 + b * b).ln();
    let d = c.sin() - w[2] * x;
    d * d
}
RUST
        i=$((i + 1))
    done
}

# seconds COMMAND PROFILE…: the shortest of five builds of the crate alone.
seconds() {
    best=
    for _ in 1 2 3 4 5; do
        touch "$folder/src/lib.rs"
        start=$(date +%s%N)
        (cd "$folder" && cargo "$@" --quiet)
        end=$(date +%s%N)
        time=$(((end - start) / 1000000))
        if [ -z "$best" ] || [ "$time" -lt "$best" ]; then best=$time; fi
    done
    printf '%6d ms' "$best"
}

unset CARGO_TARGET_DIR
for command in "check" "build" "build --release"; do
    write 1 '#[differentiable]' > "$folder/src/lib.rs"
    # shellcheck disable=SC2086 # the command is two words
    (cd "$folder" && cargo $command --quiet)
    for count in 1 20 100; do
        write "$count" '' > "$folder/src/lib.rs"
        # shellcheck disable=SC2086
        plain=$(seconds $command)
        write "$count" '#[differentiable]' > "$folder/src/lib.rs"
        # shellcheck disable=SC2086
        with=$(seconds $command)
        printf 'cargo %-16s %3d functions: plain %s, differentiable %s\n' "$command" "$count" "$plain" "$with"
    done
done
