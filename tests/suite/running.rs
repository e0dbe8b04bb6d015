//! Running recipes through the worker, and holding what comes out to a reference.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use candle_core::{Device, Tensor};
use diffusion_lab::experiments::{Recipe, Source};
use diffusion_lab::tensors::MapLayout;
use diffusion_lab::worker::{Destination, Extras, Job, Options, What, Worker};
use image::{Rgb, RgbImage};
use serde_json::{Map, Value, json};

use crate::reference::{Reference, path, relative_difference};

/// Runs a recipe to its end, in the layout of the calling thread; panics with the job's own error. Returns the names of its files.
pub fn run(recipe: Recipe, out: &Path) -> Vec<String> {
    let options = Options { layout: MapLayout::of(&Device::Cpu), ..Options::default() };
    let worker = Worker::spawn(options, || {}).unwrap();
    let destination =
        Destination::Folder { path: out.to_owned(), extras: Extras { tensors: true, ..Extras::default() } };
    worker.submit(Job { recipe, destination });
    loop {
        match worker.events().recv().unwrap().what {
            What::Finished(summary) => return summary.files,
            What::Failed(error) => panic!("{error}"),
            What::Cancelled => panic!("cancelled"),
            _ => {}
        }
    }
}

/// One run of `keys` on a reference model, without stage II unless the keys say so.
pub fn recipe(model: &str, keys: Value) -> Map<String, Value> {
    let model = if model == "built-in" { model.to_owned() } else { path("models").join(model).display().to_string() };
    let mut recipe = json!({
        "experiment": "sample", "model": model, "stage_2": "none", "prompt": ["a rocket ship"], "guidance": [7.0],
        "steps": [20], "seed": [180],
    });
    for (key, value) in keys.as_object().unwrap() {
        recipe[key] = value.clone();
    }
    let mut recipe = recipe.as_object().unwrap().clone();
    let experiment = diffusion_lab::experiments::find(recipe["experiment"].as_str().unwrap()).unwrap();
    recipe.retain(|key, _| key == "experiment" || experiment.reads(key));
    recipe
}

/// The tensors in a file of a job's folder.
pub fn tensors(out: &Path, name: &str) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(out.join(name), &Device::Cpu).unwrap()
}

/// A picture of the reference, [h, w, 3] or a mask [h, w], as pixels in memory.
pub fn held(reference: &Reference, name: &str) -> Source {
    let tensor = reference.get(name);
    let (h, w) = (tensor.dims()[0], tensor.dims()[1]);
    let bytes: Vec<u8> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    let grey = tensor.rank() == 2;
    let pixels = RgbImage::from_fn(w as u32, h as u32, |x, y| {
        let at = y as usize * w + x as usize;
        if grey { Rgb([bytes[at]; 3]) } else { Rgb([bytes[3 * at], bytes[3 * at + 1], bytes[3 * at + 2]]) }
    });
    Source::Held(Arc::new(pixels))
}

/// Every step of every recorded tensor within 3e-4 of max(1, max |x|): a right loop is at 1e-5 (summation order,
/// amplified by γ and 1/√ᾱ over the steps). ε̂ gets 1e-3: a random network answers a difference of 4e-5 in x_t
/// near t = 0 with one of 5e-4, which the step then weighs with √(1-ᾱ). Every wrong variant is beyond 9e-4 at its end, and is refused here too.
pub fn hold(reference: &Reference, case: &str, ours: &HashMap<String, Tensor>) {
    if reference.names().contains(&format!("{case}.timesteps").as_str()) {
        let timesteps: Vec<i64> = ours["timesteps"].to_vec1().unwrap();
        assert_eq!(timesteps, reference.integers(&format!("{case}.timesteps")), "{case}");
    }
    let mut worst: f32 = 0.0;
    for name in ["x_t", "noise_pred", "pred_original_sample"] {
        let key = format!("{case}.{name}");
        if !reference.names().contains(&key.as_str()) {
            continue;
        }
        let (theirs, ours) = (reference.get(&key), &ours[name]);
        let limit = match name {
            "noise_pred" => 1e-3,
            // As a GPU goes, candle's layer norm sums a whole group in one f32 (here one value after the other): 4.1e-4 at
            // the farthest, in a hybrid that holds the grey of a picture.
            _ if MapLayout::of(&Device::Cpu) == MapLayout::Planes => 7e-4,
            _ => 3e-4,
        };
        let (n, m) = (theirs.dim(0).unwrap(), ours.dim(0).unwrap());
        for k in 0..n {
            let at = if n == m { k } else { k * (m - 1) }; // only both ends are recorded
            let delta = relative_difference(&ours.get(at).unwrap(), &theirs.get(k).unwrap());
            assert!(delta <= limit, "{case}: {name}[{k}] is off by {delta}");
            worst = worst.max(delta);
        }
    }
    let x_t = &ours["x_t"];
    let last = x_t.get(x_t.dim(0).unwrap() - 1).unwrap();
    let wrongs = format!("{case}.wrong.");
    for wrong in reference.names().iter().filter(|name| name.starts_with(&wrongs) && name.ends_with("x_last")) {
        let delta = relative_difference(&last, reference.get(wrong));
        assert!(delta > 3e-4, "{case} cannot tell {wrong} ({delta})");
    }
    println!("{case}: worst {worst:.1e}");
}

/// The trajectory of one run, with `picture` and `mask` of the reference where they are named.
pub fn trajectory(
    reference: &Reference,
    model: &str,
    keys: Value,
    picture: Option<&str>,
    mask: Option<&str>,
) -> HashMap<String, Tensor> {
    let mut recipe = Recipe::from_json(&recipe(model, keys)).unwrap();
    recipe.source.image = picture.map(|name| held(reference, name));
    recipe.inpainting.mask = mask.map(|name| held(reference, name));
    let out = tempfile::tempdir().unwrap();
    run(recipe, out.path());
    tensors(out.path(), "trajectory.safetensors")
}
