//! Consistency models: one, two and three steps held to diffusers' pipeline, classes by number and name, and every
//! experiment on their forty timesteps.

use std::path::{Path, PathBuf};

use diffusion_lab::experiments::{Recipe, Source, find};
use diffusion_lab::models::{Conditioning, ModelSummary};
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use super::{compare, reference, x_t};
use crate::cli::{lab, refuses, stderr};
use crate::models::families::{Network, same};
use crate::reference::floats;
use crate::running::{run, tensors};

/// The reference's pipeline in `into`: 16 px, 10 classes.
fn pipeline(into: &Path) -> PathBuf {
    std::fs::create_dir_all(into.join("unet")).unwrap();
    std::fs::create_dir_all(into.join("scheduler")).unwrap();
    Network::of("families.json", "consistency").write(&into.join("unet"), same);
    let scheduler = json!({ "_class_name": "CMStochasticIterativeScheduler", "num_train_timesteps": 40 });
    std::fs::write(into.join("scheduler/scheduler_config.json"), scheduler.to_string()).unwrap();
    std::fs::write(into.join("model_index.json"), r#"{"_class_name": "ConsistencyModelPipeline"}"#).unwrap();
    into.to_owned()
}

fn recipe(model: &Path, keys: Value) -> Recipe {
    let mut all = json!({ "experiment": "sample", "model": model, "prompt": ["3"], "seed": [180] });
    all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let experiment = find(all["experiment"].as_str().unwrap()).unwrap();
    all.as_object_mut().unwrap().retain(|key, _| key == "experiment" || experiment.reads(key));
    Recipe::from_json(all.as_object().unwrap()).unwrap()
}

#[test]
fn runs_are_the_pipelines() {
    let (reference, folder) = (reference(), tempfile::tempdir().unwrap());
    let model = pipeline(&folder.path().join("model"));
    for (name, steps, timesteps) in [("one", 1, &[39][..]), ("two", 2, &[39, 17]), ("three", 3, &[39, 26, 13])] {
        let out = folder.path().join(name);
        run(recipe(&model, json!({ "steps": [steps] })), &out);
        let recorded = tensors(&out, "trajectory.safetensors");
        assert_eq!(recorded["timesteps"].to_vec1::<i64>().unwrap(), timesteps, "{name}");
        compare(&reference, &format!("consistency.{name}"), x_t(&recorded));
        if name == "two" {
            let made = image::open(out.join("sample-000.png")).unwrap().to_rgb8();
            let wanted = floats(reference.get("consistency.two.picture"));
            let off = made.as_raw().iter().zip(wanted).map(|(ours, wanted)| (f32::from(*ours) / 255.0 - wanted).abs());
            assert!(off.fold(0.0, f32::max) <= 0.6 / 255.0 + 1e-4);
        }
    }
}

#[test]
fn what_suits_it_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let model = pipeline(&folder.path().join("model"));
    let summary = ModelSummary::at(model.to_str().unwrap(), "auto").unwrap();
    assert_eq!(summary.recommendations.conditioning, Conditioning::Classes);
    assert_eq!(summary.recommendations.stage_1.steps, Some(1));
    let forward = find("forward").unwrap().recipe().resolved(&summary.recommendations).unwrap();
    assert_eq!(forward.source.t, [10, 20, 30]);
}

#[test]
fn every_experiment_runs_on_forty_timesteps() {
    let folder = tempfile::tempdir().unwrap();
    let model = pipeline(&folder.path().join("model"));
    let source = RgbImage::from_fn(16, 16, |x, y| Rgb([(x * 15) as u8, (y * 15) as u8, 120]));
    let mask = RgbImage::from_fn(16, 16, |_, y| Rgb([if y < 8 { 0 } else { 255 }; 3]));
    for (verb, keys) in [
        ("sample", json!({ "count": 3, "prompt": ["3", "7"] })),
        ("sample", json!({ "sampler": "ddim", "steps": [10] })),
        ("forward", json!({})),
        ("denoise", json!({})),
        ("edit", json!({ "stepping": "scheduler", "steps": [4], "i_start": [1] })),
        ("inpaint", json!({})),
        ("anagram", json!({ "prompt": ["3", "7"] })),
        ("hybrid", json!({ "prompt": ["3", "7"], "decomposition": "low_high:kernel=5,sigma=1" })),
    ] {
        let out = folder.path().join(format!("{verb}-{}", keys.as_object().unwrap().len()));
        let mut all = json!({ "experiment": verb });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let mut recipe = recipe(&model, all);
        let starts = ["forward", "denoise", "edit", "inpaint"].contains(&verb);
        recipe.source.image = starts.then(|| Source::Held(source.clone().into()));
        recipe.inpainting.mask = (verb == "inpaint").then(|| Source::Held(mask.clone().into()));
        run(recipe, &out);
        let made = image::open(out.join(format!("{verb}-000.png"))).unwrap().to_rgb8();
        assert_eq!(made.dimensions(), (16, 16), "{verb} {keys}");
    }
}

#[test]
fn a_class_that_it_does_not_know_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (pipeline(&folder.path().join("model")), folder.path().join("out").display().to_string());
    let refused = |more: &[&str], wanted: &[&str]| {
        let given = [&["sample", "--model", model.to_str().unwrap(), "--out", &out], more].concat();
        refuses(&given, 2, wanted);
    };
    refused(&["--prompt", "10"], &["no class `10`", "0 to 9"]);
    refused(&["--prompt", "goldfish"], &["no class `goldfish`", "0 to 9"]);
    refused(&["--prompt", ""], &["no class ``"]);
    refused(&["--negative", "3"], &["not led away", "--negative"]);
    refused(&["--embeddings", "e.safetensors"], &["knows no words"]);
    refused(&["--steps", "41"], &["41 steps", "1 to 40"]);
    refused(&["--timesteps", "40,3"], &["40", "not below 40"]);
    // A thousand classes are ImageNet's, and have names.
    let thousand = pipeline(&folder.path().join("thousand"));
    let mut network = Network::of("families.json", "consistency");
    network.config["num_class_embeds"] = json!(1000);
    for (name, tensor) in &mut network.tensors {
        if name == "class_embedding.weight" {
            *tensor = tensor.repeat((100, 1)).unwrap();
        }
    }
    network.write(&thousand.join("unet"), same);
    let made = |prompt: &str, name: &str| {
        let out = folder.path().join(name).display().to_string();
        let output =
            lab(&["sample", "--model", thousand.to_str().unwrap(), "--prompt", prompt, "--out", &out, "--quiet"]);
        assert!(output.status.success(), "{}", stderr(&output));
        image::open(Path::new(&out).join("sample-000.png")).unwrap().to_rgb8()
    };
    assert!(made("Golden Retriever", "name") == made("207", "number"));
    assert!(made("siberian", "part") == made("250", "part-number"));
    let told = |prompt: &str, wanted: &[&str]| {
        refuses(&["sample", "--model", thousand.to_str().unwrap(), "--prompt", prompt, "--out", &out], 2, wanted);
    };
    told("retriever", &["part of 5 classes", "golden retriever"]);
    told("unicorn", &["no class `unicorn`", "golden retriever"]);
    told("1000", &["no class `1000`", "0 to 999"]);
}
