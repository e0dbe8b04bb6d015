use candle_core::Tensor;
use diffusion_lab::decompositions::DECOMPOSITIONS;
use diffusion_lab::experiments::Recipe;
use diffusion_lab::views::VIEWS;
use serde_json::{Value, json};

use crate::reference::{Reference, floats, path, relative_difference};
use crate::running::{held, recipe, run, tensors, trajectory};

const MAN: &str = "an oil painting of an old man";
const FIRE: &str = "an oil painting of people around a campfire";

/// One view is no view; two identity views of one prompt are plain sampling; parts with one prompt are the whole.
#[test]
fn compositions_of_one_thing_are_that_thing() {
    let reference = Reference::open("guidance.safetensors");
    let plain = trajectory(&reference, "narrow", json!({ "steps": [6] }), None, None);
    for keys in [
        json!({ "experiment": "anagram", "view": ["identity"] }),
        json!({ "experiment": "anagram", "view": ["identity", "identity"], "prompt": ["a rocket ship", "a rocket ship"] }),
        json!({ "experiment": "hybrid", "decomposition": "grey_colour" }),
        json!({ "experiment": "hybrid", "decomposition": "low_high:kernel=5,sigma=1" }),
        json!({ "experiment": "anagram", "view": ["identity", "identity"], "decomposition": "grey_colour" }),
    ] {
        let mut all = json!({ "steps": [6], "stepping": "scheduler" });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let composed = trajectory(&reference, "narrow", all.clone(), None, None);
        let delta = relative_difference(&composed["x_t"], &plain["x_t"]);
        assert!(delta <= 1e-4, "{all}: {delta}");
    }
}

/// Every view and every decomposition: the second picture of a batch is the one that its seed makes alone, but for
/// sums in another order.
#[test]
fn a_batch_is_its_pictures() {
    let views = VIEWS.iter().map(|view| ("anagram", 2, json!({ "view": ["identity", view.name] })));
    let parted =
        DECOMPOSITIONS.iter().map(|known| ("hybrid", known.parts.len(), json!({ "decomposition": known.name })));
    for (verb, prompts, keys) in views.chain(parted) {
        let out = tempfile::tempdir().unwrap();
        let second = |seed: u64, count: usize| {
            let mut all = json!({ "experiment": verb, "prompt": (&[MAN, FIRE, MAN][..prompts]), "steps": [2] });
            all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
            all["seed"] = json!([seed]);
            all["count"] = json!(count);
            run(Recipe::from_json(&recipe("built-in", all)).unwrap(), out.path());
            let bytes = std::fs::read(out.path().join(format!("{verb}-{:03}.png", count - 1))).unwrap();
            image::load_from_memory(&bytes).unwrap().to_rgb8().into_raw()
        };
        let (batch, alone) = (second(180, 2), second(181, 1));
        let apart = batch.iter().zip(&alone).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(apart <= 1 && batch.len() == alone.len(), "{keys}: {apart} of 255");
    }
}

/// Through stage II: views see the conditioning too, the mask is kept at the larger size.
#[test]
fn stage_2_follows_every_experiment() {
    let reference = Reference::open("inpaint.safetensors");
    let more = json!({ "stage_2": "auto", "stage_2_steps": 3, "steps": [3] });
    for (verb, keys, sources) in [
        ("anagram", json!({ "prompt": [MAN, FIRE] }), false),
        ("hybrid", json!({ "prompt": [MAN, FIRE], "decomposition": "low_high:kernel=5,sigma=1" }), false),
        ("edit", json!({ "i_start": [1] }), true),
        ("inpaint", json!({}), true),
    ] {
        let mut all = json!({ "experiment": verb });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let mut recipe = Recipe::from_json(&recipe("narrow", all)).unwrap();
        recipe.source.image = sources.then(|| held(&reference, "picture"));
        recipe.inpainting.mask = (verb == "inpaint").then(|| held(&reference, "mask.hard"));
        let (out, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = run(recipe, out.path());
        assert!(files.contains(&"trajectory-stage-2.safetensors".to_owned()), "{verb}: {files:?}");
        let name = format!("{verb}-000.png");
        let bytes = std::fs::read(out.path().join(&name)).unwrap();
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 48, "{verb}");
        run(diffusion_lab::experiments::recipe_from_bytes(&bytes, None).unwrap().trusted(), again.path());
        assert!(std::fs::read(again.path().join(&name)).unwrap() == bytes, "{verb} cannot be made again from its PNG");
    }
    assert!(path("models/narrow/stage-2").is_dir() && !floats(reference.get("hard.course.x_t")).is_empty());
}

/// An anagram comes with each of its views turning; a recording with one frame a step.
#[test]
fn pictures_move() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let model = path("models/narrow").display().to_string();
    let arguments = [
        "anagram",
        "--model",
        &model,
        "--stage-2",
        "none",
        "--steps",
        "3",
        "--gif",
        "--apng",
        "--quiet",
        "--out",
        &out,
    ];
    let output = crate::cli::lab(&arguments);
    assert!(output.status.success(), "{}", crate::cli::stderr(&output));
    let frames = |name: &str| {
        use image::AnimationDecoder;
        let file = std::io::BufReader::new(std::fs::File::open(folder.path().join(name)).unwrap());
        image::codecs::gif::GifDecoder::new(file).unwrap().into_frames().count()
    };
    for shows in ["x-t", "x-0"] {
        assert_eq!(frames(&format!("anagram-000-{shows}.gif")), 3);
        assert!(folder.path().join(format!("anagram-000-{shows}.apng")).is_file());
    }
    assert!(frames("anagram-000-view-1.gif") > 40);
    let bytes = std::fs::read(folder.path().join("anagram-000-view-1.apng")).unwrap();
    assert!(bytes.windows(4).any(|window| window == b"acTL"));
}

/// Branched from any step with nothing changed, a run ends where it would have; changed, it goes another way.
#[test]
fn a_branch_goes_on_where_it_began() {
    let reference = Reference::open("inpaint.safetensors");
    let apart = json!({
        "experiment": "hybrid", "steps": [6], "prompt": [MAN, FIRE], "decomposition": "low_high:kernel=5,sigma=1",
        "apart": 0.5,
    });
    for (keys, sources) in [
        (json!({ "steps": [6] }), false),
        (json!({ "experiment": "inpaint", "steps": [6], "repaint": "2,2" }), true),
        (apart, false),
    ] {
        let out = tempfile::tempdir().unwrap();
        let make = |more: Value, folder: &str| {
            let mut all = keys.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let mut recipe = Recipe::from_json(&recipe("narrow", all)).unwrap();
            recipe.source.image = sources.then(|| held(&reference, "picture"));
            recipe.inpainting.mask = sources.then(|| held(&reference, "mask.hard"));
            run(recipe, &out.path().join(folder));
            tensors(&out.path().join(folder), "trajectory.safetensors")["x_t"].clone()
        };
        let whole = make(json!({}), "whole");
        let file = out.path().join("whole/trajectory.safetensors").display().to_string();
        let last = |x_t: &Tensor| x_t.get(x_t.dim(0).unwrap() - 1).unwrap();
        let n = whole.dim(0).unwrap() - 1;
        for step in [0, 2, n - 1] {
            let branched = make(json!({ "branch": format!("{file}@{step}") }), "branched");
            assert_eq!(branched.dim(0).unwrap(), n - step + 1);
            assert_eq!(floats(&last(&branched)), floats(&last(&whole)), "step {step}");
        }
        let other = make(json!({ "branch": format!("{file}@2"), "prompt": ["a pencil"] }), "other");
        assert!(relative_difference(&last(&other), &last(&whole)) > 1e-3);
        let finer = make(json!({ "branch": format!("{file}@2"), "steps": [9] }), "finer");
        assert!(finer.dim(0).unwrap() > 3);
    }
}
