//! A loss curve as a picture of lines: raw and smoothed, on a logarithmic axis.

use std::fmt::Write;

const SIZE: (f64, f64) = (640.0, 240.0);
/// Room for the numbers at the axes.
const MARGIN: (f64, f64) = (56.0, 24.0);
/// Most points that are drawn; more would not be seen.
const POINTS: usize = 600;
/// How much of each loss the smoothed curve takes in.
const SMOOTHING: f64 = 0.02;

/// The SVG of `losses`, one for each step.
pub fn loss_curve(losses: &[f32]) -> String {
    let raw: Vec<f64> = losses.iter().map(|&loss| drawable(loss)).collect();
    let mut mean = raw.first().copied().unwrap_or(1.0);
    let smooth: Vec<f64> = raw
        .iter()
        .map(|loss| {
            mean += SMOOTHING * (loss - mean);
            mean
        })
        .collect();
    let (low, high) = (raw.iter().copied().fold(f64::MAX, f64::min), raw.iter().copied().fold(0.0, f64::max));
    let (low, high) = if low < high { (low.log10(), high.log10()) } else { (-1.0, 1.0) };
    let across = |step: usize| MARGIN.0 + (SIZE.0 - MARGIN.0) * step as f64 / (raw.len().max(2) - 1) as f64;
    let up = |loss: f64| (SIZE.1 - MARGIN.1) * (1.0 - (loss.log10() - low) / (high - low));
    let every = raw.len().div_ceil(POINTS).max(1);
    let line = |values: &[f64]| {
        let points = values.iter().enumerate().step_by(every);
        points.fold(String::new(), |mut text, (step, &loss)| {
            let _ = write!(text, "{:.1},{:.1} ", across(step), up(loss));
            text
        })
    };
    let mut ticks = String::new();
    for decade in low.ceil() as i32..=high.floor() as i32 {
        let y = up(10f64.powi(decade));
        let _ = write!(
            ticks,
            r#"<path d="M{} {y:.1}H{}" stroke="currentColor" stroke-opacity=".2"/><text x="0" y="{:.1}">1e{decade}</text>"#,
            MARGIN.0,
            SIZE.0,
            y + 4.0
        );
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -6 {} {}" font-family="sans-serif" font-size="12" color="#888" fill="currentColor"><title>Loss by step, logarithmic: raw and smoothed</title>{ticks}<g fill="none"><polyline points="{}" stroke="#8ab4f8" stroke-opacity=".5"/><polyline points="{}" stroke="#3d7bd9" stroke-width="2"/></g><text x="{}" y="{}">step 1</text><text x="{}" y="{}" text-anchor="end">step {}</text></svg>
"##,
        SIZE.0,
        SIZE.1 + 6.0,
        line(&raw),
        line(&smooth),
        MARGIN.0,
        SIZE.1 - 6.0,
        SIZE.0,
        SIZE.1 - 6.0,
        raw.len()
    )
}

/// A loss that has a logarithm: one that is none stands at the top.
fn drawable(loss: f32) -> f64 {
    let loss = f64::from(loss);
    if loss.is_nan() { 1e12 } else { loss.clamp(1e-12, 1e12) }
}
