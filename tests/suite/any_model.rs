//! Every experiment on every model that can serve it: digit networks where pictures were, and what cannot be said so.

use std::path::Path;

use candle_core::Tensor;
use diffusion_lab::datasets::Dataset;
use diffusion_lab::experiments::{EXPERIMENTS, Recipe, Source, find, recipe_from_bytes};
use diffusion_lab::models::digits::Kind;
use diffusion_lab::models::{Conditioning, ModelSummary, Space};
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

use crate::cli::refuses;
use crate::digits::checkpoint;
use crate::reference::relative_difference;
use crate::running::{run, tensors};

/// A recipe of `keys` on digits-class, a few steps long.
fn recipe(keys: Value) -> Recipe {
    let mut all = json!({ "model": "digits-class", "steps": [6], "seed": [180] });
    all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let experiment = find(all["experiment"].as_str().unwrap()).unwrap();
    all.as_object_mut().unwrap().retain(|key, _| key == "experiment" || experiment.reads(key));
    Recipe::from_json(all.as_object().unwrap()).unwrap()
}

/// Test digit `pick` of MNIST, light on dark.
fn digit(pick: usize) -> RgbImage {
    let mnist = Dataset::open("mnist").unwrap();
    let bytes = mnist.test.picture(pick).to_vec();
    RgbImage::from_fn(28, 28, |x, y| Rgb([bytes[(y * 28 + x) as usize]; 3]))
}

/// White below: the lower half is new.
fn lower_half() -> RgbImage {
    RgbImage::from_fn(28, 28, |_, y| Rgb([if y < 14 { 0 } else { 255 }; 3]))
}

fn pixels(folder: &Path, name: &str) -> RgbImage {
    image::open(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")).to_rgb8()
}

fn made(recipe: Recipe, folder: &Path) -> RgbImage {
    let name = format!("{}-000.png", recipe.experiment);
    run(recipe, folder);
    pixels(folder, &name)
}

/// A prompt is a class, by its digit or its name, and what the digits' own verb makes of it.
#[test]
fn a_prompt_is_a_class() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let verb = json!({ "experiment": "digits-sample", "classes": "7", "steps": [6], "seed": [180] });
    let own = made(Recipe::from_json(verb.as_object().unwrap()).unwrap(), &at("own"));
    let sample = |name: &str, keys: Value| {
        let mut all = json!({ "experiment": "sample" });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        made(recipe(all), &at(name))
    };
    assert!(sample("digit", json!({ "prompt": ["7"] })) == own);
    assert!(sample("word", json!({ "prompt": ["Seven"] })) == own);
    assert!(sample("other", json!({ "prompt": ["3"] })) != own);
    assert!(sample("away", json!({ "prompt": ["7"], "negative": "1" })) != own, "guidance leads away from a class");
    let x_t = |name: &str| tensors(&at(name), "trajectory.safetensors")["x_t"].clone();
    assert_eq!(relative_difference(&x_t("digit"), &x_t("own")), 0.0);
    let bytes = std::fs::read(at("digit").join("sample-000.png")).unwrap();
    assert!(
        made(recipe_from_bytes(&bytes, None).unwrap().trusted(), &at("again")) == own,
        "its PNG does not make it again"
    );
}

/// Of each experiment, what a digit network makes of it: pictures of its size, tensors of its space, steps as they are
/// counted there.
#[test]
fn every_experiment_runs_on_digits() {
    for experiment in EXPERIMENTS.iter().filter(|experiment| experiment.reads("model") && experiment.verb != "upscale")
    {
        for model in ["digits-class", "digits-time"] {
            let folder = tempfile::tempdir().unwrap();
            let mut recipe = recipe(json!({ "experiment": experiment.verb, "model": model }));
            let starts = ["forward", "denoise", "edit", "inpaint"].contains(&experiment.verb);
            recipe.source.image = starts.then(|| Source::Held(digit(0).into()));
            recipe.inpainting.mask = (experiment.verb == "inpaint").then(|| Source::Held(lower_half().into()));
            if model == "digits-time" {
                match experiment.verb {
                    "anagram" => continue,
                    // Held to a real picture it needs no prompt.
                    "hybrid" => {
                        recipe.parts.hold = Some("low".to_owned());
                        recipe.source.image = Some(Source::Held(digit(0).into()));
                    }
                    _ => {}
                }
            }
            let pictures = made(recipe.clone(), folder.path());
            assert_eq!(pictures.dimensions(), (28, 28), "{} {model}", experiment.verb);
            let name = ["trajectory.safetensors", "trajectory-000.safetensors"]
                .into_iter()
                .find(|name| folder.path().join(name).is_file())
                .unwrap_or_else(|| panic!("{} {model} records nothing", experiment.verb));
            let recorded = tensors(folder.path(), name);
            assert_eq!(recorded["x_t"].dims()[1..], [1, 1, 28, 28], "{} {model}", experiment.verb);
            let timesteps: Vec<i64> = recorded["timesteps"].to_vec1().unwrap();
            assert!(timesteps.iter().all(|t| (1..=300).contains(t)), "{} {model}: {timesteps:?}", experiment.verb);
        }
    }
}

/// Outside the mask the picture's own levels, as in the digits' own verb; from later it stays nearer.
#[test]
fn a_digit_is_inpainted_and_edited_as_a_picture_is() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let inpaint = recipe(json!({ "experiment": "inpaint", "prompt": ["3"], "i_start": [0] })).with(|recipe| {
        recipe.source.image = Some(Source::Held(digit(4).into()));
        recipe.inpainting.mask = Some(Source::Held(lower_half().into()));
    });
    let ours = made(inpaint.clone(), &at("inpaint"));
    let clean = digit(4);
    assert!(ours.as_raw()[..14 * 28 * 3] == clean.as_raw()[..14 * 28 * 3], "the kept half changed");
    assert!(ours.as_raw()[14 * 28 * 3..] != clean.as_raw()[14 * 28 * 3..], "nothing is new");
    let verb = json!({ "experiment": "digits-inpaint", "classes": "3", "pick": [4], "steps": [6], "seed": [180] });
    let own = Recipe::from_json(verb.as_object().unwrap())
        .unwrap()
        .with(|recipe| recipe.inpainting.mask = inpaint.inpainting.mask.clone());
    assert!(made(own, &at("own")) == ours);
    let off = |i_start: usize| -> f64 {
        let keys = json!({ "experiment": "edit", "prompt": ["4"], "steps": [30], "i_start": [i_start] });
        let edited = made(
            recipe(keys).with(|recipe| recipe.source.image = inpaint.source.image.clone()),
            &at(&format!("edit-{i_start}")),
        );
        edited.as_raw().iter().zip(clean.as_raw()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
    };
    let (early, late, latest) = (off(3), off(20), off(28));
    assert!(early > late && late > latest, "{early} {late} {latest}");
}

/// Two digits in one picture: the digits' own verb's, and two prompts' under `anagram`.
#[test]
fn an_anagram_of_classes_is_the_digits_own() {
    let folder = tempfile::tempdir().unwrap();
    let keys = json!({
        "experiment": "anagram", "prompt": ["6", "nine"], "view": ["identity", "rotate_180"], "stepping": "course",
    });
    let ours = made(recipe(keys), &folder.path().join("anagram"));
    let verb = json!({ "experiment": "digits-anagram", "classes": "69", "count": 1, "steps": [6], "seed": [180] });
    assert!(made(Recipe::from_json(verb.as_object().unwrap()).unwrap(), &folder.path().join("own")) == ours);
}

/// A part is held to a real digit; another prompt for the other part makes another picture.
#[test]
fn a_hybrid_of_digits_follows_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let hybrid = |name: &str, prompt: [&str; 2]| {
        let keys = json!({ "experiment": "hybrid", "prompt": prompt, "decomposition": "low_high:kernel=9,sigma=2" });
        made(recipe(keys), &folder.path().join(name))
    };
    let both = hybrid("both", ["8", "1"]);
    assert!(both != hybrid("low", ["3", "1"]) && both != hybrid("high", ["8", "4"]));
    let sample = made(
        recipe(json!({ "experiment": "sample", "prompt": ["8"], "stepping": "course" })),
        &folder.path().join("one"),
    );
    // The same prompt for every part is plain sampling, up to a rounding.
    let same = hybrid("same", ["8", "8"]);
    assert!(same.as_raw().iter().zip(sample.as_raw()).all(|(a, b)| a.abs_diff(*b) <= 1));
}

/// A run of digits goes on from any of its recorded steps, as pictures' do, and a grid of it has its cells.
#[test]
fn digits_branch_and_make_grids() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, more: Value| {
        let mut all = json!({ "experiment": "sample", "prompt": ["5"], "stepping": "course" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run(recipe(all), &folder.path().join(name))
    };
    make("whole", json!({}));
    let x_t = |name: &str| tensors(&folder.path().join(name), "trajectory.safetensors")["x_t"].clone();
    let last = |x_t: Tensor| x_t.get(x_t.dim(0).unwrap() - 1).unwrap();
    let file = folder.path().join("whole/trajectory.safetensors").display().to_string();
    for step in [0, 2, 5] {
        let name = format!("branch-{step}");
        make(&name, json!({ "branch": format!("{file}@{step}") }));
        assert_eq!(x_t(&name).dim(0).unwrap(), 6 - step + 1);
        assert_eq!(relative_difference(&last(x_t(&name)), &last(x_t("whole"))), 0.0, "step {step}");
    }
    make("other", json!({ "branch": format!("{file}@2"), "prompt": ["0"] }));
    assert!(relative_difference(&last(x_t("other")), &last(x_t("whole"))) > 1e-3);
    let files = make("grid", json!({ "x": "guidance=1,5", "y": "prompt=2;3" }));
    assert_eq!(files.iter().filter(|name| name.starts_with("sample-")).count(), 4);
    let result: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("grid/result.json")).unwrap()).unwrap();
    assert!(files.contains(&"grid.png".to_owned()) && result["hashes"]["checkpoint"].is_string(), "{result}");
}

/// What was planned for part A's lists lies at the same share of a digit network's.
#[test]
fn defaults_suit_the_model() {
    let summary = ModelSummary::at("digits-class", "auto").unwrap();
    assert_eq!(summary.recommendations.conditioning, Conditioning::Classes);
    assert_eq!(summary.stage_1().unwrap().space, Space { channels: 1, height: 28, width: 28 });
    let resolved = |verb: &str| find(verb).unwrap().recipe().resolved(&summary.recommendations).unwrap();
    let edit = resolved("edit");
    assert_eq!((&edit.sampling.steps[..], &edit.guidance.scale[..]), (&[300][..], &[5.0][..]));
    assert_eq!(edit.source.i_start, [9, 27, 45, 63, 90, 181]);
    assert_eq!(resolved("forward").source.t, [75, 150, 225]);
    assert_eq!(resolved("anagram").prompting.prompt, ["6", "9"]);
    let given = find("edit").unwrap().recipe().with(|recipe| {
        recipe.source.i_start = vec![7];
        recipe.source.t = vec![9];
        recipe.prompting.prompt = vec!["2".to_owned()];
    });
    let given = given.resolved(&summary.recommendations).unwrap();
    assert_eq!(
        (&given.source.i_start[..], &given.source.t[..], given.prompting.prompt[0].as_str()),
        (&[7][..], &[9][..], "2")
    );
}

/// What a model cannot do is one line, with what to do.
#[test]
fn what_cannot_be_done_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let flow = checkpoint(folder.path(), Kind::FlowClass);
    let refused = |verb: &str, model: &str, more: &[&str], code: i32, wanted: &[&str]| {
        refuses(&[&[verb, "--model", model, "--out", &out], more].concat(), code, wanted);
    };
    let picture = ["--image", "built-in:drawing"];
    refused(
        "sample",
        "digits-class",
        &["--prompt", "a fox"],
        2,
        &["no class `a fox`", "0 to 9", "one --prompt for each"],
    );
    refused("sample", "digits-time", &["--prompt", "7"], 2, &["told nothing", "digits-class"]);
    refused("anagram", "digits-time", &[], 2, &["needs a model with prompts or classes", "digits-class"]);
    refused("hybrid", "digits-time", &[], 2, &["needs a model with prompts or classes"]);
    refused("anagram", "digits-class", &["--view", "identity", "--view", "negate"], 2, &["negate", "moves pixels"]);
    refused("sample", "digits-denoiser", &[], 2, &["draws nothing step by step", "digits-class"]);
    refused("sample", "digits-flow", &[], 1, &["no trained `flow-time` network", "digits-train"]);
    refused("sample", "digits-class", &["--steps", "301"], 2, &["301 steps", "300"]);
    refused("sample", "digits-class", &["--sampler", "euler"], 2, &["euler is for flow networks"]);
    refused("sample", "digits-class", &["--timesteps", "smart27"], 2, &["`smart27`", "300"]);
    refused("sample", "digits-class", &["--embeddings", "e.safetensors"], 2, &["no prompt embeddings", "--prompt"]);
    refused("forward", "digits-class", &[&picture[..], &["--t", "301"]].concat(), 2, &["timestep 301", "300"]);
    refused("denoise", "digits-class", &[&picture[..], &["--t", "301"]].concat(), 2, &["timestep 301", "300"]);
    refused("sample", "digits-class", &["--timesteps", "200,0"], 2, &["clean picture", "end at 1"]);
    refused("edit", &flow, &[&picture[..], &["--steps", "3"]].concat(), 2, &["flow", "`class` or `time`"]);
    refused("forward", &flow, &picture, 2, &["flow", "`class` or `time`"]);
    refused("upscale", "digits-class", &picture, 1, &["no stage II", "built-in"]);
}
