//! Loops in the wider registers of the processor.
//!
//! The compiler assumes the oldest processor of a family: two `f64` per instruction on x86-64. With the feature `simd` a
//! loop is compiled for 256 and 512 bits, too, and the processor is asked which of them it can when the program runs. As
//! no multiplication is fused and sums keep their order, every processor gives the same bits.
//!
//! What the closures call must be inlined into them: a loop is compiled where the closure's body is.

/// Runs a loop as code for the best instruction set that this processor has.
#[cfg(feature = "ndarray")]
#[inline]
pub fn vectorised<R>(run: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(run)
}

/// Runs loops of few rounds as code for 256 bits, if the processor can. With 512 bits they were slower as often as faster: of
/// 26 numbers the last two are computed one by one, of 12 the last four.
#[inline]
pub fn vectorised_by_four<R>(run: impl FnOnce() -> R) -> R {
    #[cfg(all(feature = "simd", any(target_arch = "x86", target_arch = "x86_64")))]
    if let Some(registers) = pulp::x86::V3::try_new() {
        return pulp::Simd::vectorize(registers, run);
    }
    run()
}
