use std::collections::BTreeSet;
use std::path::Path;

use diffusion_lab::experiments::settings::settings;
use diffusion_lab::experiments::{EXPERIMENTS, Experiment, Recipe, find, recipe_from_bytes};
use diffusion_lab::worker::{Destination, Extras, Job, Options, What, Worker};
use serde_json::{Map, Value, json};

use crate::reference::{Reference, floats, in_both_layouts, relative_difference};
use crate::running::{self, recipe, tensors};

fn run(recipe: &Map<String, Value>, out: &Path) -> Vec<String> {
    running::run(Recipe::from_json(recipe).unwrap(), out)
}

/// The whole measure of a loop: every step of x_t, ε̂ and x̂_0, and the same timesteps.
///
/// 3e-4 of max(1, max |x|) a step: a right loop is at 1e-5 (summation order, amplified by γ and 1/√ᾱ over the
/// steps); every wrong variant of the reference is beyond 9e-4 at its end, and is refused here too.
fn compare(model: &str, case: &str, keys: Value) -> f32 {
    let reference = Reference::open(&format!("trajectories-{model}-{case}.safetensors"));
    let out = tempfile::tempdir().unwrap();
    run(&recipe(model, keys), out.path());
    let ours = tensors(out.path(), "trajectory.safetensors");
    let timesteps: Vec<i64> = ours["timesteps"].to_vec1().unwrap();
    assert_eq!(timesteps, reference.integers("timesteps"), "{model} {case}");
    let mut worst: f32 = 0.0;
    for name in ["x_t", "noise_pred", "pred_original_sample"] {
        let theirs = reference.get(name);
        assert_eq!(ours[name].dims(), theirs.dims(), "{model} {case} {name}");
        for k in 0..theirs.dim(0).unwrap() {
            let delta = relative_difference(&ours[name].get(k).unwrap(), &theirs.get(k).unwrap());
            assert!(delta <= 3e-4, "{model} {case}: {name}[{k}] is off by {delta}");
            worst = worst.max(delta);
        }
    }
    let last = ours["x_t"].get(timesteps.len()).unwrap();
    for wrong in reference.names().iter().filter(|name| name.starts_with("wrong.")) {
        if wrong.contains("f32_product") {
            continue; // a whole loop cannot show it; the schedule's own test does
        }
        let delta = relative_difference(&last, reference.get(wrong));
        assert!(delta > 3e-4, "{model} {case} cannot tell {wrong} ({delta})");
    }
    println!("{model} {case}: worst {worst:.1e}");
    worst
}

#[test]
fn scheduler_stepping_is_diffusers() {
    in_both_layouts(|| {
        for model in ["built-in", "narrow", "deep", "sharded", "pickled"] {
            compare(model, "scheduler", json!({}));
        }
    });
}

#[test]
fn course_stepping_is_the_courses() {
    for model in ["built-in", "narrow", "sharded", "pickled"] {
        compare(model, "course", json!({ "stepping": "course" }));
    }
}

#[test]
fn a_named_list_is_diffusers() {
    in_both_layouts(|| {
        compare("pickled", "smart27", json!({ "timesteps": "smart27", "steps": [] }));
    });
}

#[test]
fn guidance_1_is_the_conditional_branch() {
    compare("narrow", "guidance-1", json!({ "guidance": [1.0] }));
}

/// γ 0: ε of the unconditional branch, the conditional branch's variance, as the formula says.
#[test]
fn guidance_0_keeps_the_conditional_variance() {
    in_both_layouts(|| {
        let reference = Reference::open("trajectories-narrow-guidance-0.safetensors");
        let out = tempfile::tempdir().unwrap();
        run(&recipe("narrow", json!({ "guidance": [0.0] })), out.path());
        let ours = tensors(out.path(), "trajectory.safetensors");
        let delta =
            relative_difference(&ours["noise_pred"].get(0).unwrap(), &reference.get("noise_pred").get(0).unwrap());
        assert!(delta <= 3e-4, "ε is the unconditional branch's: {delta}");
        let last = ours["x_t"].get(20).unwrap();
        let delta = relative_difference(&last, reference.get("conditional_variance.x_last"));
        assert!(delta <= 3e-4, "{delta}");
        assert!(relative_difference(&last, reference.get("wrong.branches_exchanged.x_last")) > 3e-4);
    });
}

#[test]
fn a_batch_is_a_list_of_generators() {
    in_both_layouts(|| {
        compare("narrow", "batch", json!({ "count": 2 }));
    });
}

/// The first three of the reference's steps; the raw picture goes in through the seam that `sample` uses.
#[test]
fn stage_2_is_diffusers() {
    in_both_layouts(|| {
        let reference = Reference::open("trajectories-narrow-stage-2.safetensors");
        let guided = diffusion_lab::diffusion::estimate::Estimate::guided(0, 1, 4.0);
        let ours = crate::stage_2::trajectory(&reference, "picture", &guided, None);
        for name in ["x_t", "noise_pred", "pred_original_sample"] {
            let theirs = reference.get(name);
            for k in 0..theirs.dim(0).unwrap() {
                let delta = relative_difference(&ours[name].get(k).unwrap(), &theirs.get(k).unwrap());
                assert!(delta <= 3e-4, "stage II {name}[{k}] is off by {delta}");
            }
        }
    });
}

/// Several runs in one job write one trajectory each, and stage II its own.
#[test]
fn a_job_of_several_runs_numbers_its_files() {
    let out = tempfile::tempdir().unwrap();
    let keys =
        json!({ "stage_2": "auto", "stage_2_steps": 2, "steps": [2, 3], "prompt": ["a cat", "a dog"], "count": 2 });
    let files = run(&recipe("narrow", keys), out.path());
    for index in 0..8 {
        assert!(files.contains(&format!("sample-{index:03}.png")), "{files:?}");
    }
    for index in 0..4 {
        let first = tensors(out.path(), &format!("trajectory-{index:03}.safetensors"));
        assert_eq!(first["x_t"].dims()[0], if index % 2 == 0 { 3 } else { 4 });
        assert_eq!(first["x_t"].dims()[1], 2);
        assert_eq!(first["prompt_embeds"].dims()[..2], [2, 77]);
        assert!(files.contains(&format!("trajectory-stage-2-{index:03}.safetensors")));
    }
    assert!(files.contains(&"grid.png".to_owned()) && files.contains(&"result.json".to_owned()));
}

/// Same recipe, same bytes; and the recipe in the PNG makes the same pixels.
#[test]
fn a_picture_can_be_made_again() {
    let (first, second, third) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let keys = recipe("built-in", json!({ "steps": [3], "count": 2, "prompt": ["A Rocket  Ship "] }));
    run(&keys, first.path());
    run(&keys, second.path());
    for name in ["sample-000.png", "sample-001.png", "grid.png"] {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert!(read(first.path()) == read(second.path()), "{name}");
    }
    let bytes = std::fs::read(first.path().join("sample-001.png")).unwrap();
    let again = recipe_from_bytes(&bytes, None).unwrap().trusted();
    assert_eq!((again.sampling.seed.as_slice(), again.sampling.count), ([181].as_slice(), 1));
    run(&again.to_json().unwrap(), third.path());
    let pixels = |path: &Path| image::open(path).unwrap().to_rgb8();
    assert!(pixels(&first.path().join("sample-001.png")) == pixels(&third.path().join("sample-000.png")));
}

/// Every member of the list, short, on the smallest model; and everything a member says of itself is true.
#[test]
fn every_experiment_runs_at_its_defaults() {
    // Part B's have networks and data of their own: `digits` runs them.
    for experiment in EXPERIMENTS.iter().filter(|experiment| experiment.reads("model")) {
        let out = tempfile::tempdir().unwrap();
        let mut json = experiment.recipe().to_json().unwrap();
        let prompts = json.get("prompt").cloned();
        json.extend(recipe("narrow", json!({ "experiment": experiment.verb, "steps": [2], "stage_2": "auto" })));
        json.extend(prompts.map(|prompts| ("prompt".to_owned(), prompts)));
        json.retain(|key, _| key == "experiment" || experiment.reads(key));
        let starts_from_picture = ["upscale", "forward", "denoise", "edit", "inpaint"].contains(&experiment.verb);
        for key in ["image", "mask"] {
            let picture = out.path().join(format!("{key}.png"));
            image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8 * 5, y as u8 * 8, 99])).save(&picture).unwrap();
            if experiment.reads(key) && starts_from_picture && (key == "image" || experiment.verb == "inpaint") {
                json.insert(key.to_owned(), json!(picture));
            }
        }
        if experiment.verb == "hybrid" {
            json.insert("decomposition".to_owned(), json!("low_high:kernel=5,sigma=1")); // 12 px hold no more
        }
        if experiment.reads("i_start") && json.contains_key("i_start") {
            json.insert("i_start".to_owned(), json!([1]));
        }
        if experiment.reads("stage_2_steps") {
            json.insert("stage_2_steps".to_owned(), json!(2));
        }
        assert!(run(&json, out.path()).len() >= 2, "{}", experiment.verb);
        assert!(std::ptr::eq(find(experiment.verb).unwrap(), *experiment));
        let keys: BTreeSet<&str> = experiment.keys().collect();
        assert_eq!(keys.len(), experiment.keys().count(), "{} lists a setting twice", experiment.verb);
        for preset in experiment.presets {
            assert_eq!((preset.recipe)().experiment, experiment.verb);
        }
    }
}

/// A key, a flag and its alias each mean one setting; and so does a label within a form.
#[test]
fn no_two_settings_have_a_name() {
    let keys: BTreeSet<&str> = settings().map(|setting| setting.key).collect();
    assert_eq!(keys.len(), settings().count());
    for setting in settings() {
        assert!(setting.alias.is_none_or(|alias| {
            let read = |experiment: &&&Experiment| experiment.uses(setting);
            EXPERIMENTS.iter().filter(read).all(|experiment| experiment.settings().all(|other| other.flag() != alias))
        }));
    }
    for experiment in EXPERIMENTS {
        let labels: BTreeSet<&str> = experiment.settings().map(|setting| setting.label).collect();
        assert_eq!(labels.len(), experiment.settings().count(), "{}", experiment.verb);
    }
}

/// The PNG of an experiment that starts from a picture carries it: it can be run where the file is not.
#[test]
fn a_source_picture_travels_in_the_png() {
    let (out, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let picture = out.path().join("source.png");
    image::RgbImage::from_fn(30, 50, |x, y| image::Rgb([x as u8 * 8, y as u8 * 5, 9])).save(&picture).unwrap();
    let keys = json!({ "experiment": "upscale", "stage_2": "auto", "steps": [2], "image": picture });
    run(&recipe("narrow", keys), out.path());
    let bytes = std::fs::read(out.path().join("upscale-000.png")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("source.png"), "the file's name is nobody's business");
    std::fs::remove_file(&picture).unwrap();
    let recipe = recipe_from_bytes(&bytes, None).unwrap().trusted();
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    let destination = Destination::Folder { path: again.path().to_owned(), extras: Extras::default() };
    worker.submit(Job { recipe, destination });
    while !matches!(worker.events().recv().unwrap().what, What::Finished(_)) {}
    assert!(std::fs::read(again.path().join("upscale-000.png")).unwrap() == bytes);
}

#[test]
fn unknown_keys_and_values_out_of_range_are_refused() {
    for (keys, wanted) in [
        (json!({ "experiment": "sample", "stepz": [3] }), "stepz"),
        (json!({ "experiment": "sample", "image": "x.png" }), "image"),
        (json!({ "experiment": "smaple" }), "sample, upscale"),
        (json!({ "experiment": "sample", "steps": [0] }), "--steps"),
        (json!({ "experiment": "sample", "steps": "many" }), "cannot be read"),
        (json!({ "prompt": ["a cat"] }), "names no experiment"),
        (json!({ "experiment": "sample", "timesteps": [5, 7] }), "7 follows 5"),
    ] {
        let message = Recipe::from_json(keys.as_object().unwrap()).unwrap_err().to_string();
        assert!(message.contains(wanted), "{message}");
    }
}

/// Written as JSON and read again, a recipe is the same.
#[test]
fn a_recipe_survives_json() {
    for experiment in EXPERIMENTS {
        for recipe in experiment.presets.iter().map(|preset| (preset.recipe)()) {
            assert_eq!(Recipe::from_json(&recipe.to_json().unwrap()).unwrap(), recipe);
        }
    }
}

/// A prompt that does not fit says what was cut; one that does says nothing.
#[test]
fn a_cut_prompt_says_so() {
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    let long = "a rocket ship over the sea ".repeat(400);
    let recipe = recipe("built-in", json!({ "prompt": [long], "steps": [1] }));
    worker.submit(Job { recipe: Recipe::from_json(&recipe).unwrap(), destination: Destination::Nowhere });
    let mut notes = Vec::new();
    loop {
        match worker.events().recv().unwrap().what {
            What::Note(note) => notes.push(note),
            What::Finished(_) => break,
            What::Failed(error) => panic!("{error}"),
            _ => {}
        }
    }
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("77 tokens") && notes[0].contains("rocket"), "{notes:?}");
}

/// Embeddings from a file give the same picture as the text encoder that made them.
#[test]
fn embeddings_stand_in_for_the_text_encoder() {
    let out = tempfile::tempdir().unwrap();
    let (one, two) = (out.path().join("one"), out.path().join("two"));
    let keys = json!({ "steps": [2] });
    run(&recipe("built-in", keys), &one);
    let trajectory = tensors(&one, "trajectory.safetensors");
    let file = out.path().join("embeddings.safetensors");
    let embeds = trajectory["prompt_embeds"].clone();
    diffusion_lab::weights::write_embeddings(&file, &[("a rocket ship".to_owned(), embeds)]).unwrap();
    run(&recipe("built-in", json!({ "steps": [2], "embeddings": file })), &two);
    let again = tensors(&two, "trajectory.safetensors");
    assert_eq!(floats(&again["x_t"]), floats(&trajectory["x_t"]));
}
