//! How much work a picture gets: paces by name, what they ask of the networks, and the time that is told before.

use std::process::Command;

use diffusion_lab::diffusion::estimate::Reduce;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::experiments::{PACES, Recipe, find, pace, shown};
use diffusion_lab::models::{Recommendations, recommendations};
use diffusion_lab::worker::{Options, Speeds};
use serde_json::Value;

use crate::cli::stderr;
use crate::reference::path;

fn named(name: &str) -> Recipe {
    (diffusion_lab::experiments::preset(name).unwrap().recipe)()
}

fn resolved(recipe: &Recipe) -> Recipe {
    recipe.resolved(&Recommendations::default()).unwrap()
}

#[test]
fn paces_are_what_they_say() {
    let steps = |recipe: &Recipe| (recipe.sampler, recipe.steps[0], recipe.stage_2_sampler, recipe.second().1);
    let solver = Sampler::DpmSolverPp2m;
    assert_eq!(steps(&named("fast")), (solver, 25, solver, 15));
    assert_eq!(steps(&named("reference")), (Sampler::Ddpm, 100, Sampler::Ddpm, 50));
    // A pace laid over a recipe leaves its prompt, model and seed.
    let own = Recipe { prompt: vec!["a fox".into()], seed: vec![7], model: "mine".into(), ..Recipe::new("sample") };
    for preset in PACES {
        let paced = own.with(pace(&(preset.recipe)()).unwrap()).unwrap();
        assert_eq!(pace(&paced).unwrap(), pace(&(preset.recipe)()).unwrap());
        assert_eq!((&paced.prompt, &paced.seed, &paced.model), (&own.prompt, &own.seed, &own.model));
        let back = paced.with(pace(&own).unwrap()).unwrap();
        assert_eq!(back, own);
    }
}

#[test]
fn each_network_is_shown_what_a_step_asks() {
    let of = |recipe: &Recipe| shown(&resolved(recipe), true).unwrap();
    let fast = named("fast");
    assert_eq!(of(&fast), Some([25 * 2, 15 * 2]));
    let unguided = Recipe { guidance: vec![1.0], stage_2_guidance: Some(1.0), count: 3, ..fast.clone() };
    assert_eq!(of(&unguided), Some([25 * 3, 15 * 3]));
    let two = Recipe { prompt: vec!["a".into(), "b".into()], ..fast.clone() };
    assert_eq!(of(&two), Some([2 * 25 * 2, 2 * 15 * 2]));
    assert_eq!(shown(&resolved(&fast), false).unwrap(), Some([50, 0]));
    assert_eq!(of(&Recipe { timesteps: "smart50".parse().ok(), ..fast }), None);
    // Two views are two pictures with and without a prompt; two parts share the one without.
    let plain = |verb: &str| (find(verb).unwrap().defaults)();
    let views = vec!["identity".parse().unwrap(), "flip_vertical".parse().unwrap()];
    let anagram = Recipe { view: views, prompt: two.prompt.clone(), steps: vec![10], ..plain("anagram") };
    assert_eq!(of(&anagram).map(|shown| shown[0]), Some(40));
    assert_eq!(of(&Recipe { reduce: Reduce::Alternate, ..anagram }).map(|shown| shown[0]), Some(20));
    let hybrid = Recipe { prompt: two.prompt, steps: vec![10], ..plain("hybrid") };
    assert_eq!(of(&hybrid).map(|shown| shown[0]), Some(30));
    assert_eq!(of(&Recipe { apart: 0.5, ..hybrid }).map(|shown| shown[0]), Some(40), "parts that are apart share none");
}

/// A network's speed is its own, and that of how it was computed; what was never timed has no time.
#[test]
fn times_are_told_from_what_was_timed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings/speeds.json");
    let (options, fast) = (Options { threads: Some(2), ..Options::default() }, resolved(&named("fast")));
    let expected = |options: &Options, recipe: &Recipe, second: bool| {
        Speeds::at(file.clone()).expected_secs(recipe, options, second).unwrap()
    };
    assert_eq!(expected(&options, &fast, false), None);
    Speeds::at(file.clone()).learn(&fast, &options, [Some(0.5), None]);
    assert_eq!(expected(&options, &fast, false), Some(25.0));
    assert_eq!(expected(&options, &fast, true), None, "stage II was not timed");
    Speeds::at(file.clone()).learn(&fast, &options, [None, Some(2.0)]);
    assert_eq!(expected(&options, &fast, true), Some(25.0 + 60.0));
    assert_eq!(expected(&options, &resolved(&named("reference")), true), Some(100.0 + 200.0));
    assert_eq!(expected(&Options { low_memory: true, ..options }, &fast, true), None);
    assert_eq!(expected(&Options { threads: Some(4), ..options }, &fast, true), None);
    assert_eq!(expected(&options, &Recipe { model: "other".into(), ..fast.clone() }, false), None);
    // A file that is broken is nothing remembered.
    std::fs::write(&file, "{").unwrap();
    assert_eq!(expected(&options, &fast, false), None);
}

/// The first run says that nothing was timed, the second how long it will take by what the first one took.
#[test]
fn the_program_tells_the_time_of_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| -> (Value, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"))
            .args(["sample", "--pace", "fast", "--model", &path("models/narrow").display().to_string(), "--json"])
            .args(["--prompt", "a rocket ship", "--out", &home.path().join("out").display().to_string()])
            .args(more)
            .env("DIFFUSION_LAB_HOME", home.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let lines: Vec<Value> =
            String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let result = std::fs::read(home.path().join("out/result.json")).unwrap();
        (lines[0]["expected_secs"].clone(), serde_json::from_slice(&result).unwrap())
    };
    let (told, result) = run(&[]);
    assert_eq!(told, Value::Null);
    let recipe = &result["recipe"];
    assert_eq!((&recipe["sampler"], &recipe["stage_2_sampler"]), (&"dpm-solver-pp-2m".into(), &recipe["sampler"]));
    assert_eq!((&recipe["steps"], &recipe["stage_2_steps"]), (&serde_json::json!([25]), &15.into()));
    let a_step = |stage: usize| result["timings"][format!("stage_{stage}_secs_per_step")].as_f64().unwrap();
    let wanted = 50.0 * a_step(1) + 15.0 * a_step(2);
    // A flag beside the pace counts more.
    let (told, result) = run(&["--steps", "50"]);
    assert_eq!(result["timings"]["stage_1_steps"], 50);
    assert!((told.as_f64().unwrap() / wanted - 1.0).abs() < 1e-6, "{told} s told, {wanted} s wanted");
}

/// Each stage's `lab.json` fills what a recipe leaves open, and nothing that it gives; without one, IF's own numbers.
#[test]
fn stages_recommend_their_own_numbers() {
    let both = recommendations("built-in", "auto").unwrap();
    let alone = recommendations("built-in", "none").unwrap();
    assert!(both.stage_1 == alone.stage_1 && !both.stage_1.prompts.is_empty() && both.stage_2 != alone.stage_2);
    let second = |recipe: &Recipe| (recipe.stage_2_guidance.unwrap(), recipe.stage_2_steps.unwrap());
    let open = Recipe::new("sample").resolved(&both).unwrap();
    let (guidance, steps) = (both.stage_2.guidance.unwrap(), both.stage_2.steps.unwrap());
    assert_eq!(second(&open), (guidance, steps));
    assert_eq!(second(&Recipe::new("sample").resolved(&alone).unwrap()), (4.0, 50));
    let given = Recipe { stage_2_steps: Some(7), ..Recipe::new("sample") }.resolved(&both).unwrap();
    assert_eq!(second(&given), (guidance, 7));
    // Enlarging is stage II's alone.
    let upscale = Recipe::new("upscale");
    let resolved = |all| (upscale.resolved(all).unwrap().guidance, upscale.resolved(all).unwrap().steps);
    assert_eq!(resolved(&both), (vec![guidance], vec![steps]));
    assert_eq!(resolved(&alone), (vec![4.0], vec![50]));
}

#[test]
fn a_recommendation_out_of_range_blames_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().display().to_string();
    for (json, wrong) in
        [(r#"{"guidance": 1e9}"#, "guidance"), (r#"{"steps": 0}"#, "steps 0"), (r#"{"stride": 3}"#, "stride")]
    {
        std::fs::write(folder.path().join("lab.json"), json).unwrap();
        let error = recommendations(&model, "none").unwrap_err().to_string();
        assert!(error.contains("lab.json") && error.contains(wrong), "{error}");
    }
}
