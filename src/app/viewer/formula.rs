//! What a step does, with this step's numbers in it.

use crate::app::workspaces::curve::snr_db;
use crate::diffusion::samplers::{Leap, LeapKind, Sampler};
use crate::diffusion::variance::VarianceType;

/// Where the step is and where it arrives; how the picture is estimated; how the next one comes of it.
pub fn lines(leap: &Leap, sampler: Sampler, eta: f64) -> [String; 3] {
    let (now, next) = (leap.alpha_prod, leap.alpha_prod_prev);
    if leap.kind == LeapKind::Flow {
        return [
            format!("t = {now:.4}, then {next:.4}"),
            format!("x̂₁ = x + (1 − t) u = x + {:.4} u", 1.0 - now),
            format!("x′ = x + (t′ − t) u = x + {:.4} u", next - now),
        ];
    }
    let place =
        format!("t = {} · ᾱ = {now:.5}, then {next:.5} · SNR {:.1} dB, then {}", leap.timestep, snr_db(now), db(next));
    let estimate = format!("x̂₀ = (x − √(1−ᾱ) ε) / √ᾱ = (x − {:.4} ε) / {:.4}", (1.0 - now).sqrt(), now.sqrt());
    let step = match sampler {
        Sampler::Ddpm => ancestral(leap),
        Sampler::Ddim => with_noise(leap, eta as f32),
        Sampler::Euler => with_noise(leap, 0.0),
        Sampler::EulerAncestral => with_noise(leap, 1.0),
        Sampler::Pndm => {
            let original = next.sqrt();
            format!(
                "x′ = √ᾱ′ x̂₀ + √(1−ᾱ′) ε = {original:.4} x̂₀ + {:.4} ε, with the mean ε of the last steps",
                (1.0 - next).sqrt()
            )
        }
        Sampler::Lcm | Sampler::Consistency => {
            format!("x′ = √ᾱ′ x̂₀ + √(1−ᾱ′) z = {:.4} x̂₀ + {:.4} z", next.sqrt(), (1.0 - next).sqrt())
        }
        Sampler::DpmSolverPp2m => {
            let (sigma, sigma_next) = ((1.0 - now).sqrt(), (1.0 - next).sqrt());
            let ratio = sigma_next / sigma;
            let kept = next.sqrt() - ratio * now.sqrt();
            format!("x′ = (σ′/σ) x − √ᾱ′ (e⁻ʰ − 1) x̂₀ … = {ratio:.4} x + {kept:.4} x̂₀, and half the change of x̂₀")
        }
    };
    [place, estimate, step]
}

fn db(alpha_prod: f32) -> String {
    if alpha_prod >= 1.0 { "∞".to_owned() } else { format!("{:.1} dB", snr_db(alpha_prod)) }
}

/// DDIM's, with as much noise as `eta` says.
fn with_noise(leap: &Leap, eta: f32) -> String {
    let (now, next) = (leap.alpha_prod, leap.alpha_prod_prev);
    let variance = (1.0 - next) / (1.0 - now) * (1.0 - now / next);
    let deviation = eta * variance.max(0.0).sqrt();
    let direction = (1.0 - next - deviation * deviation).max(0.0).sqrt();
    format!("x′ = √ᾱ′ x₀ + √(1−ᾱ′−σ²) ε + σ z = {:.4} x₀ + {direction:.4} ε + {deviation:.4} z", next.sqrt())
}

fn ancestral(leap: &Leap) -> String {
    let (now, next) = (leap.alpha_prod, leap.alpha_prod_prev);
    let alpha = now / next;
    let beta = 1.0 - alpha;
    let original = next.sqrt() * beta / (1.0 - now);
    let current = alpha.sqrt() * (1.0 - next) / (1.0 - now);
    let posterior = (1.0 - next) / (1.0 - now) * beta;
    let noise = match (leap.noisy, leap.variance_type) {
        (false, _) => String::new(),
        (true, VarianceType::LearnedRange) => {
            format!(" + σ z, σ from {:.4} to {:.4} by the network", posterior.max(0.0).sqrt(), beta.sqrt())
        }
        (true, VarianceType::FixedLarge) => format!(" + {:.4} z", beta.sqrt()),
        (true, _) => format!(" + {:.4} z", posterior.max(0.0).sqrt()),
    };
    format!("x′ = √ᾱ′ β/(1−ᾱ) x̂₀ + √α (1−ᾱ′)/(1−ᾱ) x + σ z = {original:.4} x̂₀ + {current:.4} x{noise}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leap(now: f32, next: f32) -> Leap {
        Leap {
            kind: LeapKind::Step,
            timestep: 500,
            time: 500.0,
            alpha_prod: now,
            alpha_prod_prev: next,
            variance_type: VarianceType::FixedSmall,
            noisy: true,
            last: false,
            of: 10,
        }
    }

    /// The numbers must be those of a step of noise-free x: x = √ᾱ x₀ stays on its way to √ᾱ′ x₀.
    #[test]
    fn the_numbers_carry_a_clean_picture_along() {
        for sampler in [Sampler::Ddpm, Sampler::DpmSolverPp2m] {
            let [_, _, step] = lines(&leap(0.25, 0.5), sampler, 0.0);
            let after = step.rsplit("= ").next().unwrap_or_default();
            let number = |unit: &str| -> f32 {
                let before = after.split(unit).next().unwrap_or_default();
                before.rsplit(' ').find_map(|word| word.parse().ok()).unwrap_or(f32::NAN)
            };
            let (original, current) = match sampler {
                Sampler::Ddpm => (number(" x̂₀"), number(" x +")),
                _ => (number(" x̂₀,"), number(" x +")),
            };
            assert!((original + current * 0.5 - 0.5_f32.sqrt()).abs() < 2e-4, "{step}");
        }
    }
}
