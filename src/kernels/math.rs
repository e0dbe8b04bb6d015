//! exp, the activations and their derivatives over vectors, to a few units in the last place; NaN and infinity come through.
//!
//! GELU has two formulas. Networks that only draw take [`gelu`], the shorter one; batch norm's and every derivative take
//! [`normal`], which gives the density φ along with Φ. They agree to 2e-7, but not in their last bits, and pictures of
//! either kind that were kept are held to theirs.

use std::f32::consts::FRAC_1_SQRT_2;

use super::isa::Vector;

/// eˣ, with infinity above 88.7 and 0 below -87.3.
#[inline(always)]
pub fn exp<V: Vector>(v: V, x: V::f32s) -> V::f32s {
    // Adding 1.5 · 2²³ rounds to a whole number, which is then in the lowest bits.
    let magic = v.splat_f32s(12_582_912.0);
    let rounded = v.madd(x, v.splat_f32s(std::f32::consts::LOG2_E), magic);
    let whole = v.sub_f32s(rounded, magic);
    // ln 2 in two parts: the first has few enough bits that its product is exact.
    let rest = v.madd(whole, v.splat_f32s(-0.693_359_4), x);
    let rest = v.madd(whole, v.splat_f32s(2.121_944_4e-4), rest);
    let mut sum = v.splat_f32s(1.987_569_1e-4);
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        sum = v.madd(sum, rest, v.splat_f32s(coefficient));
    }
    let power = v.add_f32s(v.madd(sum, v.mul_f32s(rest, rest), rest), v.splat_f32s(1.0));
    let exponent = v.add_u32s(v.transmute_u32s_f32s(rounded), v.splat_u32s(127));
    let scale = v.transmute_f32s_u32s(v.wrapping_dyn_shl_u32s(exponent, v.splat_u32s(23)));
    let value = v.mul_f32s(power, scale);
    let value = v.select_f32s(v.greater_than_f32s(x, v.splat_f32s(88.7)), v.splat_f32s(f32::INFINITY), value);
    v.select_f32s(v.less_than_f32s(x, v.splat_f32s(-87.3)), v.splat_f32s(0.0), value)
}

/// x · Φ(x), the exact GELU, with erf as a ratio of polynomials on [-4, 4] (Eigen's `generic_fast_erf_float`).
#[inline(always)]
pub fn gelu<V: Vector>(v: V, x: V::f32s) -> V::f32s {
    let half = v.mul_f32s(x, v.splat_f32s(0.5));
    v.madd(half, erf(v, v.mul_f32s(x, v.splat_f32s(FRAC_1_SQRT_2))), half)
}

/// The error function.
#[inline(always)]
pub fn erf<V: Vector>(v: V, x: V::f32s) -> V::f32s {
    let (low, high) = (v.splat_f32s(-4.0), v.splat_f32s(4.0));
    // By selection, as a vector's minimum loses NaN.
    let x = v.select_f32s(v.greater_than_f32s(x, high), high, x);
    let x = v.select_f32s(v.less_than_f32s(x, low), low, x);
    let z = v.mul_f32s(x, x);
    let mut p = v.splat_f32s(-2.726_142_3e-10);
    for coefficient in [2.770_681_4e-8, -2.101_024e-6, -5.692_506_4e-5, -7.349_906_4e-4, -2.954_6e-3, -1.609_603_3e-2] {
        p = v.madd(p, z, v.splat_f32s(coefficient));
    }
    let mut q = v.splat_f32s(-1.456_607_2e-5);
    for coefficient in [-2.133_740_5e-4, -1.682_827e-3, -7.373_329_3e-3, -1.426_473_9e-2] {
        q = v.madd(q, z, v.splat_f32s(coefficient));
    }
    v.div_f32s(v.mul_f32s(x, p), q)
}

/// 1/√(2π).
const FRAC_1_SQRT_2PI: f32 = 0.398_942_3;

/// (Φ(z), φ(z)), the normal distribution and its density.
///
/// Φ(z) = erfc(-z/√2)/2, and erfc(x) = exp(-x²) t (c₁ + c₂ t + … + c₇ t⁶) with t = 1/(1 + 0.45 x) for x ≥ 0: the form
/// of Abramowitz & Stegun 7.1.26, its coefficients fitted anew by weighted least squares to 1.1e-9; below x = 0.65, where
/// the rounding of erfc near 1 would show, Φ = 1/2 + z/√2 (a₀ + … + a₄ x⁸), fitted to 7e-9. erf = 2Φ - 1 is within
/// 2e-7 everywhere (its test walks it), and φ comes as a by-product.
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

/// GELU, z Φ(z), by way of [`normal`].
#[inline(always)]
pub fn normal_gelu<S: Vector>(simd: S, z: S::f32s) -> S::f32s {
    simd.mul_f32s(z, normal(simd, z).0)
}

/// GELU's derivative, Φ(z) + z φ(z).
#[inline(always)]
pub fn gelu_derivative<S: Vector>(simd: S, z: S::f32s) -> S::f32s {
    let (cdf, density) = normal(simd, z);
    simd.madd(z, density, cdf)
}

/// x · σ(x), which is SiLU, or swish.
#[inline(always)]
pub fn silu<V: Vector>(v: V, x: V::f32s) -> V::f32s {
    v.mul_f32s(x, sigmoid(v, x))
}

/// SiLU's derivative, σ(x) (1 + x (1 - σ(x))).
#[inline(always)]
pub fn silu_derivative<V: Vector>(v: V, x: V::f32s) -> V::f32s {
    let (one, sigmoid) = (v.splat_f32s(1.0), sigmoid(v, x));
    v.mul_f32s(sigmoid, v.madd(x, v.sub_f32s(one, sigmoid), one))
}

/// σ(x) = 1 / (1 + e⁻ˣ).
#[inline(always)]
fn sigmoid<V: Vector>(v: V, x: V::f32s) -> V::f32s {
    let one = v.splat_f32s(1.0);
    v.div_f32s(one, v.add_f32s(one, exp(v, v.neg_f32s(x))))
}

/// What follows a normalisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    #[default]
    Identity,
    /// x · Φ(x), by erf.
    Gelu,
    /// x · σ(x).
    Silu,
}

impl Activation {
    /// Of x.
    #[inline(always)]
    pub fn apply<V: Vector>(self, v: V, x: V::f32s) -> V::f32s {
        match self {
            Self::Identity => x,
            Self::Gelu => gelu(v, x),
            Self::Silu => silu(v, x),
        }
    }

    /// A gradient by its result, as one by x.
    #[inline(always)]
    pub fn backward<V: Vector>(self, v: V, x: V::f32s, gradient: V::f32s) -> V::f32s {
        match self {
            Self::Identity => gradient,
            Self::Gelu => v.mul_f32s(gradient, gelu_derivative(v, x)),
            Self::Silu => v.mul_f32s(gradient, silu_derivative(v, x)),
        }
    }
}
