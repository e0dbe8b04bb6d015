//! DDPM's pipelines in pixels: their own runs, every experiment that needs no words, and what is refused.

use std::path::{Path, PathBuf};

use diffusion_lab::experiments::{Recipe, Source, recipe_from_bytes};
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use super::{compare, reference, x_t};
use crate::cli::refuses;
use crate::reference::{path, relative_difference};
use crate::running::{recipe, run, tensors};

/// A copy of the reference's folder with other keys in its scheduler's config.
fn folder_with(into: &Path, changes: Value) -> PathBuf {
    let model = into.join("model");
    std::fs::create_dir_all(&model).unwrap();
    for entry in std::fs::read_dir(path("models/ddpm")).unwrap() {
        let from = entry.unwrap().path();
        std::fs::copy(&from, model.join(from.file_name().unwrap())).unwrap();
    }
    let file = model.join("scheduler_config.json");
    let mut config: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    config.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    std::fs::write(&file, config.to_string()).unwrap();
    model
}

/// A recipe on the reference's model that says no prompt.
fn plain(keys: Value) -> Recipe {
    let mut all = recipe("ddpm", json!({ "guidance": [], "steps": [6] }));
    all.extend(keys.as_object().unwrap().clone());
    all.remove("prompt");
    let experiment = diffusion_lab::experiments::find(all["experiment"].as_str().unwrap()).unwrap();
    all.retain(|key, _| key == "experiment" || experiment.reads(key));
    Recipe::from_json(&all).unwrap()
}

/// Of the pictures of experiments: more than what similarity is measured over.
const SIDE: u32 = 16;

/// The reference's model at that size, in `into`.
fn larger(into: &Path) -> String {
    let model = folder_with(into, json!({}));
    let file = model.join("config.json");
    let mut config: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    config["sample_size"] = json!(SIDE);
    std::fs::write(&file, config.to_string()).unwrap();
    model.display().to_string()
}

fn picture() -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| Rgb([(x * 15) as u8, (y * 15) as u8, 90]))
}

fn upper_half_kept() -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |_, y| Rgb([if y < SIDE / 2 { 0 } else { 255 }; 3]))
}

#[test]
fn a_run_is_diffusers_pipeline() {
    let (reference, folder) = (reference(), tempfile::tempdir().unwrap());
    for variance in ["fixed_small", "fixed_large"] {
        let out = folder.path().join(variance);
        let model = folder_with(&out, json!({ "variance_type": variance }));
        run(plain(json!({})).with(|recipe| recipe.networks.model = model.display().to_string()), &out.join("made"));
        compare(&reference, &format!("pixels.{variance}"), x_t(&tensors(&out.join("made"), "trajectory.safetensors")));
    }
    let (small, large) = (reference.get("pixels.fixed_small.x_t"), reference.get("pixels.fixed_large.x_t"));
    assert!(relative_difference(&small.get(3).unwrap(), &large.get(3).unwrap()) > 3.0 * super::LIMIT);
}

#[test]
fn every_experiment_that_needs_no_words_runs() {
    let folder = tempfile::tempdir().unwrap();
    let model = larger(folder.path());
    for (verb, keys) in [
        ("sample", json!({ "count": 2 })),
        ("sample", json!({ "sampler": "ddim" })),
        ("sample", json!({ "sampler": "dpm-solver-pp-2m" })),
        ("sample", json!({ "stepping": "course" })),
        ("forward", json!({})),
        ("denoise", json!({ "i_start": [2] })),
        ("edit", json!({ "i_start": [1, 3] })),
        ("inpaint", json!({ "repaint": "2,2" })),
        ("hybrid", json!({ "hold": "low", "decomposition": "low_high:kernel=5,sigma=1" })),
        ("sample", json!({ "x": "eta=0,1", "sampler": "ddim" })),
    ] {
        let out = tempfile::tempdir().unwrap();
        let mut all = json!({ "experiment": verb, "model": model });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let mut recipe = plain(all);
        let starts = ["forward", "denoise", "edit", "inpaint", "hybrid"].contains(&verb);
        recipe.source.image = starts.then(|| Source::Held(picture().into()));
        recipe.inpainting.mask = (verb == "inpaint").then(|| Source::Held(upper_half_kept().into()));
        let files = run(recipe, out.path());
        let name = format!("{verb}-000.png");
        assert!(files.contains(&name), "{verb} {keys}: {files:?}");
        let made = image::open(out.path().join(&name)).unwrap().to_rgb8();
        assert_eq!(made.dimensions(), (SIDE, SIDE), "{verb} {keys}");
        if verb == "inpaint" {
            let half = (SIDE * SIDE / 2 * 3) as usize;
            assert!(made.as_raw()[..half] == picture().as_raw()[..half], "the kept half changed");
            assert!(made.as_raw()[half..] != picture().as_raw()[half..], "nothing is new");
        }
        let carried = recipe_from_bytes(&std::fs::read(out.path().join(&name)).unwrap(), None).unwrap().trusted();
        let again = tempfile::tempdir().unwrap();
        run(carried, again.path());
        assert!(image::open(again.path().join(&name)).unwrap().to_rgb8() == made, "{verb} {keys}: not made again");
    }
}

#[test]
fn what_it_cannot_be_asked_is_said_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (path("models/ddpm").display().to_string(), folder.path().join("out").display().to_string());
    let refused = |verb: &str, more: &[&str], wanted: &[&str]| {
        refuses(&[&[verb, "--model", &model, "--steps", "2", "--out", &out], more].concat(), 2, wanted);
    };
    refused("sample", &["--prompt", "a fox"], &["told nothing", "`a fox`", "leave --prompt"]);
    refused("sample", &["--negative", "blurry"], &["told nothing", "`blurry`"]);
    refused("sample", &["--embeddings", "e.pth"], &["takes no prompt embeddings"]);
    refused("sample", &["--stage-2", "built-in"], &["stage II follows", "leave --stage-2 out"]);
    refused("anagram", &[], &["needs a model with prompts or classes"]);
    let parts = ["--decomposition", "low_high:kernel=5,sigma=1"];
    refused("hybrid", &parts, &["needs a model with prompts or classes"]);
    let broken = |name: &str, changes: Value, wanted: &[&str]| {
        let model = folder_with(&folder.path().join(name), changes).display().to_string();
        refuses(&["sample", "--model", &model, "--out", &out], 1, wanted);
    };
    broken(
        "class",
        json!({ "_class_name": "UniPCMultistepScheduler" }),
        &["UniPCMultistepScheduler", "scheduler_config"],
    );
    broken("learned", json!({ "variance_type": "learned_range" }), &["3 channels", "wants 6"]);
    broken("betas", json!({ "beta_end": 2.0 }), &["not between 0 and 1"]);
    let unnamed = folder_with(&folder.path().join("unnamed"), json!({}));
    std::fs::write(unnamed.join("model_index.json"), r#"{"_class_name": "StableDiffusionXLPipeline"}"#).unwrap();
    refuses(&["sample", "--model", &unnamed.display().to_string(), "--out", &out], 1, &["Stable Diffusion XL"]);
    std::fs::write(unnamed.join("model_index.json"), r#"{"_class_name": "AudioPipeline"}"#).unwrap();
    refuses(
        &["sample", "--model", &unnamed.display().to_string(), "--out", &out],
        1,
        &["AudioPipeline", "DDPMPipeline"],
    );
    std::fs::write(unnamed.join("model_index.json"), "{}").unwrap();
    refuses(&["sample", "--model", &unnamed.display().to_string(), "--out", &out], 1, &["no _class_name"]);
    // Without an index its network says what it is.
    std::fs::remove_file(unnamed.join("model_index.json")).unwrap();
    let files = run(
        plain(json!({})).with(|recipe| recipe.networks.model = unnamed.display().to_string()),
        &folder.path().join("made"),
    );
    assert!(files.contains(&"sample-000.png".to_owned()));
    std::fs::remove_file(unnamed.join("diffusion_pytorch_model.bin")).unwrap();
    refuses(&["sample", "--model", &unnamed.display().to_string(), "--out", &out], 1, &["no weights"]);
}
