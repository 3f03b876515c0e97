//! The inner loops, compiled for several instruction sets; the best that the
//! processor has is taken at run time.
//!
//! All of them give the same bits: integers wrap nowhere, and floats are added
//! in a written order without contraction, which Rust never does on its own.

/// Compiles a function for each instruction set, unless built `portable`.
macro_rules! dispatched {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)? $body:block
    ) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name($($arg: $type),*) $(-> $out)? {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn plain($($arg: $type),*) $(-> $out)? $body
            #[cfg_attr(
                not(feature = "portable"),
                multiversion::multiversion(targets(
                    "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
                    "x86_64+avx2",
                ))
            )]
            #[allow(clippy::too_many_arguments)]
            fn fast($($arg: $type),*) $(-> $out)? {
                plain($($arg),*)
            }
            #[cfg(test)]
            if $crate::extract::kernel::PLAIN.get() {
                return plain($($arg),*);
            }
            fast($($arg),*)
        }
    };
}

#[cfg(test)]
thread_local! {
    /// Set by a test that compares the versions.
    pub(crate) static PLAIN: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

pub(crate) use dispatched;

/// Products of features (below 2⁷ each) summed in 32 bits before 64 are taken.
const BLOCK: usize = 1 << 15;

dispatched! {
/// Σ aᵢ·bᵢ of features (−2⁷ to 2⁷) or masks. `wrapping_` says that nothing can
/// overflow, so that the sum is vectorised where overflow checks are on.
pub fn dot(a: &[i16], b: &[i16]) -> i64 {
    let mut sum = 0i64;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        sum = sum.wrapping_add(i64::from(dot_short(a, b)));
    }
    sum
}
}

/// Σ aᵢ·bᵢ of fewer than [`BLOCK`] features.
#[inline(always)]
pub fn dot_short(a: &[i16], b: &[i16]) -> i32 {
    let products = a.iter().zip(b).map(|(&a, &b)| i32::from(a).wrapping_mul(i32::from(b)));
    products.fold(0, i32::wrapping_add)
}
