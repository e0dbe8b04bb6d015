//! The normal distribution's Φ and φ for eight or sixteen values at once: what GELU and its derivative are made of.
//!
//! Φ(z) = erfc(-z/√2)/2, and erfc(x) = exp(-x²) t (c₁ + c₂ t + … + c₇ t⁶) with t = 1/(1 + 0.45 x) for x ≥ 0: the form
//! of Abramowitz & Stegun 7.1.26, its coefficients fitted anew by weighted least squares to 1.1e-9; below x = 0.65, where
//! the rounding of erfc near 1 would show, Φ = 1/2 + z/√2 (a₀ + … + a₄ x⁸), fitted to 7e-9. erf = 2Φ - 1 is within
//! 2e-7 everywhere (its test walks it), and φ comes as a by-product.

use crate::tensors::cpu::isa::Vector;
use crate::tensors::cpu::math::exp;
use std::f32::consts::FRAC_1_SQRT_2;

/// 1/√(2π).
const FRAC_1_SQRT_2PI: f32 = 0.398_942_3;

/// (Φ(z), φ(z)), the distribution and its density.
#[inline(always)]
pub fn normal<S: Vector>(simd: S, z: S::f32s) -> (S::f32s, S::f32s) {
    let half = simd.splat_f32s(0.5);
    let x = simd.mul_f32s(simd.abs_f32s(z), simd.splat_f32s(FRAC_1_SQRT_2));
    let density = exp(simd, simd.neg_f32s(simd.mul_f32s(x, x)));
    let one = simd.splat_f32s(1.0);
    let t = simd.div_f32s(one, simd.madd(x, simd.splat_f32s(0.45), one));
    let mut p = simd.splat_f32s(0.092_570_79);
    for c in [-0.494_109_86_f32, 0.857_178_87, -0.375_814_53, 0.460_177_57, 0.201_007_21, 0.258_989_97] {
        p = simd.madd(p, t, simd.splat_f32s(c));
    }
    let tail = simd.mul_f32s(simd.mul_f32s(p, t), simd.mul_f32s(density, half));
    let below = simd.less_than_f32s(z, simd.splat_f32s(0.0));
    let far = simd.select_f32s(below, tail, simd.sub_f32s(one, tail));
    let square = simd.mul_f32s(x, x);
    let mut series = simd.splat_f32s(2.152_211e-3);
    for c in [-1.324_033_7e-2_f32, 5.638_297_5e-2, -0.188_060_43, 0.564_189_5] {
        series = simd.madd(series, square, simd.splat_f32s(c));
    }
    let near = simd.madd(simd.mul_f32s(z, simd.splat_f32s(FRAC_1_SQRT_2)), series, half);
    let cdf = simd.select_f32s(simd.less_than_f32s(x, simd.splat_f32s(0.65)), near, far);
    (cdf, simd.mul_f32s(density, simd.splat_f32s(FRAC_1_SQRT_2PI)))
}

/// GELU, z Φ(z).
#[inline(always)]
pub fn gelu<S: Vector>(simd: S, z: S::f32s) -> S::f32s {
    simd.mul_f32s(z, normal(simd, z).0)
}

/// GELU's derivative, Φ(z) + z φ(z).
#[inline(always)]
pub fn gelu_derivative<S: Vector>(simd: S, z: S::f32s) -> S::f32s {
    let (cdf, density) = normal(simd, z);
    simd.madd(z, density, cdf)
}
