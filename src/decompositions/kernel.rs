//! A blur's kernel and deviation: their limits, and how large they are at stage II.

use crate::error::{Error, Result};
use crate::spec::{Grain, Parameter, Request};

/// The side of a square kernel; always a decomposition's first parameter.
pub(super) const fn kernel(default: f64) -> Parameter {
    Parameter {
        name: "kernel",
        label: "Kernel",
        help: "The blur's kernel at stage I in pixels, odd, 1 to 255; below twice the picture's side",
        default,
        min: 1.0,
        max: 255.0,
        grain: Grain::Odd,
    }
}

/// The deviation of a Gaussian blur.
pub(super) const fn sigma(name: &'static str, label: &'static str, help: &'static str, default: f64) -> Parameter {
    Parameter { name, label, help, default, min: 0.1, max: 64.0, grain: Grain::Number }
}

/// The kernel's side at the request's size, f times stage I's: k f + (f + 1) mod 2, so that it stays odd.
pub(super) fn kernel_side(request: &Request<'_>) -> Result<usize> {
    let (at_base, factor, size) = (request.whole(0), request.factor(), request.size);
    let kernel = at_base * factor + (factor + 1) % 2;
    if kernel / 2 < size {
        return Ok(kernel);
    }
    // The largest odd k with (k f + (f + 1) mod 2) / 2 below the size.
    let most = (2 * size - 1 - (factor + 1) % 2) / factor;
    let error = Error::arguments(if factor == 1 {
        format!("a kernel of {kernel} does not fit a picture of {size} × {size}")
    } else {
        format!("a kernel of {at_base}, {kernel} at stage II, does not fit a picture of {size} × {size}")
    });
    Err(error.at("kernel").hint(format!("choose at most {}", most - (most + 1) % 2)))
}
