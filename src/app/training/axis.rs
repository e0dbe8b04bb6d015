//! Marks of the axes: decades and their parts for a logarithmic scale, and numbers as short as they can be.

use egui_plot::{GridInput, GridMark};

/// More decades than these are marked by their powers alone.
const WIDE: f64 = 6.0;

/// Marks at 1, 2, 5 times the powers of ten for a plot of log₁₀; between them where it is zoomed so far that they
/// are rare.
pub fn decades(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    if !(low.is_finite() && high.is_finite()) || high - low > 60.0 {
        return Vec::new();
    }
    if high - low < 0.35 {
        return fine(10_f64.powf(low), 10_f64.powf(high));
    }
    let parts: &[(f64, f64)] = if high - low > WIDE { &[(1.0, 1.0)] } else { &[(1.0, 1.0), (2.0, 0.3), (5.0, 0.3)] };
    let powers = low.floor() as i32..=high.ceil() as i32;
    let marks = powers.flat_map(|power| {
        parts
            .iter()
            .map(move |(part, step_size)| GridMark { value: f64::from(power) + part.log10(), step_size: *step_size })
    });
    marks.filter(|mark| (low..=high).contains(&mark.value)).collect()
}

/// Marks as even as 1, 2 or 5 times a power of ten, at least `least` times the input's step apart.
pub fn even(input: GridInput, least: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let step = nice(input.base_step_size * least);
    if !(low.is_finite() && high.is_finite() && step > 0.0) || (high - low) / step > 200.0 {
        return Vec::new();
    }
    let marks = (low / step).ceil() as i64..=(high / step).floor() as i64;
    marks.map(|mark| GridMark { value: mark as f64 * step, step_size: step }).collect()
}

/// The next 1, 2 or 5 times a power of ten.
fn nice(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|part| part * power).find(|step| *step >= rough).unwrap_or(rough)
}

/// Even marks of the values between `low` and `high`, placed by their logarithms.
fn fine(low: f64, high: f64) -> Vec<GridMark> {
    let step = nice((high - low) / 6.0);
    let first = (low / step).ceil();
    let marks = (0..16).map(|i| (first + f64::from(i)) * step).take_while(|value| *value <= high);
    // Along the scale they are about so far apart.
    let step_size = (high / low).log10() / 6.0;
    marks.filter(|value| *value > 0.0).map(|value| GridMark { value: value.log10(), step_size }).collect()
}

/// A number in few letters: 0.0312, 12.5, 3.2e-5, 18,760.
pub fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if size < 1e-3 {
        format!("{value:.2e}").replace(".00e", "e").replace("0e", "e")
    } else if size >= 1000.0 {
        whole(value.round() as i64)
    } else {
        // Three digits that say something, without noughts at the end.
        let digits = (2 - size.log10().floor() as i32).max(0) as usize;
        let text = format!("{value:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    }
}

/// A whole number with its thousands apart.
pub fn whole(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let said: Vec<String> = [0.0, 1.0, 0.03125, 12.5, 3.2e-5, 1e-4, 18_760.0, 0.5, 100.0].map(short).to_vec();
        assert_eq!(said, ["0", "1", "0.0312", "12.5", "3.2e-5", "1e-4", "18,760", "0.5", "100"]);
    }

    #[test]
    fn even_marks_keep_their_distance() {
        let marks = even(GridInput { bounds: (-3.0, 52.0), base_step_size: 2.5 }, 2.5);
        let values: Vec<f64> = marks.iter().map(|mark| mark.value).collect();
        assert_eq!(values, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(even(GridInput { bounds: (f64::NAN, 1.0), base_step_size: 0.1 }, 1.0), []);
    }

    #[test]
    fn a_logarithmic_scale_always_has_marks() {
        for (low, high) in [(-2.0, 0.3), (-1.52, -1.49), (-9.0, 9.0), (-3.01, -2.2)] {
            let marks = decades(GridInput { bounds: (low, high), base_step_size: 0.01 });
            assert!((3..40).contains(&marks.len()), "{low} to {high}: {marks:?}");
            assert!(marks.iter().all(|mark| (low..=high).contains(&mark.value)));
        }
    }
}
