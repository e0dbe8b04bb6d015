//! Whole runs of the open families, held to diffusers' pipelines and schedulers step by step.
//!
//! The measure is that of every loop, |Δ| / max(1, max |x|). 2e-4 a step: a right run is at 1e-5, each wrong variant of
//! the reference beyond three times the limit.

mod consistency;
mod latents;
mod pixels;
mod schedulers;

use std::collections::HashMap;

use candle_core::Tensor;

use crate::reference::{Reference, path, relative_difference};

const LIMIT: f32 = 2e-4;

fn reference() -> Reference {
    Reference::open("pipelines.safetensors")
}

/// A table of pipelines.json.
fn table(name: &str) -> serde_json::Value {
    let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path("pipelines.json")).unwrap()).unwrap();
    all[name].clone()
}

/// Every x_t of a run is the reference's; every wrong variant's last one is another.
fn compare(reference: &Reference, case: &str, x_t: &Tensor) {
    let theirs = reference.get(&format!("{case}.x_t"));
    assert_eq!(x_t.dims(), theirs.dims(), "{case}");
    let mut worst: f32 = 0.0;
    let steps = theirs.dim(0).unwrap();
    for k in 0..steps {
        let delta = relative_difference(&x_t.get(k).unwrap(), &theirs.get(k).unwrap());
        assert!(delta <= LIMIT, "{case}: x_t[{k}] is off by {delta}");
        worst = worst.max(delta);
    }
    let wrong = format!("{case}.wrong.");
    for name in reference.names().into_iter().filter(|name| name.starts_with(&wrong)) {
        let delta = relative_difference(&x_t.get(steps - 1).unwrap(), reference.get(name));
        assert!(delta > 3.0 * LIMIT, "{case} cannot tell {name} ({delta})");
    }
    println!("{case}: worst {worst:.1e}");
}

/// x_t of a recorded run.
fn x_t(tensors: &HashMap<String, Tensor>) -> &Tensor {
    &tensors["x_t"]
}
