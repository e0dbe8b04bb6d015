//! Ends of ranges that are asked for rarely and must work all the same.

use std::path::Path;

use candle_core::DType;
use diffusion_lab::experiments::{Recipe, find};
use diffusion_lab::models::Recommendations;
use diffusion_lab::pictures::load_mask;
use image::{Rgba, RgbaImage};
use serde_json::{Value, json};

use crate::cli::{lab, refuses, stderr};
use crate::reference::path;
use crate::running::{recipe, run, tensors};

const LIGHTHOUSE: &str = "built-in:lighthouse";

fn made(keys: Value, out: &Path) -> Vec<String> {
    run(Recipe::from_json(&recipe("narrow", keys)).unwrap(), out)
}

/// From the last entry of the course's list nothing is left to do: the noised picture, and no predictions.
#[test]
fn the_last_entry_returns_its_start() {
    let out = tempfile::tempdir().unwrap();
    made(
        json!({ "experiment": "edit", "image": LIGHTHOUSE, "stepping": "course", "steps": [10], "i_start": [10] }),
        out.path(),
    );
    let all = tensors(out.path(), "trajectory.safetensors");
    let x_t = &all["x_t"];
    assert_eq!((x_t.dim(0).unwrap(), all["timesteps"].dim(0).unwrap()), (1, 0));
    assert_eq!(all["noise_pred"].dims()[1..], x_t.dims()[1..]);
}

/// At t = 0 the course's loop has arrived; what one step makes of it is there beside it.
#[test]
fn a_clean_picture_is_denoised() {
    let out = tempfile::tempdir().unwrap();
    made(
        json!({ "experiment": "denoise", "image": LIGHTHOUSE, "stepping": "course", "i_start": [], "t": [0] }),
        out.path(),
    );
    let all = tensors(out.path(), "trajectory.safetensors");
    assert_eq!(all["timesteps"].to_vec1::<i64>().unwrap(), [0]);
    let apart = (&all["one_step"] - &all["x_t"].get(0).unwrap()).unwrap().abs().unwrap();
    let apart = apart.flatten_all().unwrap().max(0).unwrap().to_dtype(DType::F64).unwrap().to_scalar::<f64>().unwrap();
    assert!(apart > 0.0 && apart < 0.2, "{apart}");
    assert!(out.path().join("denoise-000.png").is_file());
}

/// Entries that an experiment begins with by itself fit a shorter list; entries that are asked for must be there.
#[test]
fn default_entries_fit_the_list() {
    let entries = |changes: Value| {
        let edit = find("edit").unwrap().recipe();
        let changed = edit.clone().overlaid(changes.as_object().unwrap().clone()).unwrap();
        changed.resolved(&Recommendations::default()).unwrap().source.i_start
    };
    assert_eq!(entries(json!({})), [1, 3, 5, 7, 10, 20]);
    assert_eq!(entries(json!({ "stepping": "scheduler" })), [1, 3, 5, 7, 10]);
    assert_eq!(entries(json!({ "steps": [5] })), [1, 3]);
    assert_eq!(entries(json!({ "timesteps": [800, 400, 0] })), [1]);
    assert_eq!(entries(json!({ "steps": [5], "i_start": [30] })), [30]);
}

/// A network with variance channels under a scheduler with a fixed variance: IF's pipelines drop them.
#[test]
fn variance_channels_may_be_unused() {
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(&path("models/narrow"), folder.path());
    let config = folder.path().join("scheduler/scheduler_config.json");
    let mut scheduler: Value = serde_json::from_slice(&std::fs::read(&config).unwrap()).unwrap();
    scheduler["variance_type"] = json!("fixed_small");
    std::fs::write(&config, scheduler.to_string()).unwrap();
    let model = folder.path().display().to_string();
    made(json!({ "model": model, "steps": [3] }), out.path());
    let fixed = tensors(out.path(), "trajectory.safetensors");
    made(json!({ "steps": [3] }), out.path());
    let learned = tensors(out.path(), "trajectory.safetensors");
    let row = |tensor: &candle_core::Tensor, at: usize| -> Vec<f32> {
        tensor.get(at).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    };
    assert!(row(&fixed["noise_pred"], 0) == row(&learned["noise_pred"], 0), "the same network");
    assert!(row(&fixed["x_t"], 1) != row(&learned["x_t"], 1), "another variance");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// What is see-through in a mask is kept, whatever colour lies beneath; Pillow's conversion to grey agrees on black.
#[test]
fn a_see_through_mask_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mask.png");
    for beneath in [0, 255] {
        let pixel = |x, _| if x < 4 { Rgba([255; 4]) } else { Rgba([beneath, beneath, beneath, 0]) };
        RgbaImage::from_fn(8, 8, pixel).save(&file).unwrap();
        let mask = load_mask(&file).unwrap();
        assert_eq!((mask.get_pixel(0, 0).0, mask.get_pixel(7, 7).0), ([255; 3], [0; 3]), "{beneath}");
    }
}

/// Every row of the course runs bare, on a built-in picture where it needs one; seeds wrap as PyTorch's do.
#[test]
fn rows_run_bare() {
    let out = tempfile::tempdir().unwrap();
    let at = |name: &str| out.path().join(name).display().to_string();
    let narrow = format!("model={}", path("models/narrow").display());
    for row in ["a1.1", "a1.3", "a1.4", "a1.7", "a1.7.2"] {
        let fewer = if row == "a1.1" { "seed=1" } else { "steps=4" };
        let output = lab(&["run", row, "--set", &narrow, "--set", fewer, "--out", &at(row)]);
        assert!(output.status.success(), "{row}: {}", stderr(&output));
        assert!(stderr(&output).contains("note: with built-in:"), "{row}: {}", stderr(&output));
    }
    let sample = |seed: &str| {
        let model = path("models/narrow").display().to_string();
        let arguments = ["sample", "--model", &model, "--stage-2", "none", "--steps", "2", "--seed", seed];
        assert!(lab(&[&arguments[..], &["--out", &at("seed"), "--quiet"]].concat()).status.success(), "{seed}");
        std::fs::read(out.path().join("seed/sample-000.png")).unwrap()
    };
    assert!(sample("-1") == sample(&u64::MAX.to_string()));
}

/// A run is gone on with as it began: another kind or seed is refused as every other setting is.
#[test]
fn a_resumed_run_keeps_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let short = ["digits-train", "--kind", "class", "--hidden", "4", "--batch", "8", "--max-steps", "2", "--quiet"];
    assert!(lab(&[&short[..], &["--out", &at("run")]].concat()).status.success());
    let resume = at("run/resume.safetensors");
    for (flag, value) in [("--kind", "time"), ("--seed", "7")] {
        refuses(&["digits-train", "--resume", &resume, flag, value, "--out", &at("on")], 2, &[&flag[2..], "resumed"]);
    }
}
