//! How much work a picture gets: paces by name, what they ask of the networks, and the time that is told before.

use std::process::Command;

use diffusion_lab::diffusion::estimate::Reduce;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::experiments::{JobPlan, PACES, Recipe, find, pace};
use diffusion_lab::models::{ModelSummary, Recommendations, recommendations};
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
    let steps = |recipe: &Recipe| {
        (recipe.sampling.sampler, recipe.sampling.steps[0], recipe.stage_2.sampler, recipe.second().1)
    };
    let solver = Sampler::DpmSolverPp2m;
    assert_eq!(steps(&named("fast")), (solver, 25, solver, 15));
    assert_eq!(steps(&named("reference")), (Sampler::Ddpm, 100, Sampler::Ddpm, 50));
    // A pace laid over a recipe leaves its prompt, model and seed.
    let own = Recipe::new("sample").with(|recipe| {
        recipe.prompting.prompt = vec!["a fox".into()];
        recipe.sampling.seed = vec![7];
        recipe.networks.model = "mine".into();
    });
    for preset in PACES {
        let paced = own.clone().overlaid(pace(&(preset.recipe)())).unwrap();
        assert_eq!(pace(&paced), pace(&(preset.recipe)()));
        assert_eq!(
            (&paced.prompting.prompt, &paced.sampling.seed, &paced.networks.model),
            (&own.prompting.prompt, &own.sampling.seed, &own.networks.model)
        );
        let back = paced.clone().overlaid(pace(&own)).unwrap();
        assert_eq!(back, own);
    }
}

#[test]
fn each_network_is_shown_what_a_step_asks() {
    let [both, alone] = ["auto", "none"].map(|stage_2| ModelSummary::at("built-in", stage_2).unwrap());
    let of = |recipe: &Recipe| JobPlan::of(&resolved(recipe), &both).unwrap().shown;
    let fast = named("fast");
    assert_eq!(of(&fast), [25 * 2, 15 * 2]);
    let unguided = fast.clone().with(|recipe| {
        recipe.guidance.scale = vec![1.0];
        recipe.stage_2.guidance = Some(1.0);
        recipe.sampling.count = 3;
    });
    assert_eq!(of(&unguided), [25 * 3, 15 * 3]);
    let two = fast.clone().with(|recipe| recipe.prompting.prompt = vec!["a".into(), "b".into()]);
    assert_eq!(of(&two), [2 * 25 * 2, 2 * 15 * 2]);
    assert_eq!(JobPlan::of(&resolved(&fast), &alone).unwrap().shown, [50, 0]);
    // A list is as long as it is: smart50's first timestep is beyond the solver, so by DDPM.
    let list = fast.clone().with(|recipe| {
        recipe.sampling.timesteps = "smart50".parse().ok();
        recipe.sampling.sampler = Sampler::Ddpm;
    });
    assert_eq!(of(&list), [50 * 2, 15 * 2]);
    // γ holds in some timesteps only: elsewhere the prompt is asked alone.
    let course = fast.with(|recipe| {
        recipe.guidance.interval = "500,999".parse().ok();
        recipe.sampling.steps = vec![10];
        recipe.sampling.sampler = Sampler::Ddpm;
    });
    assert_eq!(of(&course)[0], 5 * 2 + 5);
    // Two views are two pictures with and without a prompt; two parts share the one without.
    let plain = |verb: &str| find(verb).unwrap().recipe();
    let views = vec!["identity".parse().unwrap(), "flip_vertical".parse().unwrap()];
    let anagram = plain("anagram").with(|recipe| {
        recipe.views.view = views;
        recipe.prompting.prompt = two.prompting.prompt.clone();
        recipe.sampling.steps = vec![10];
    });
    assert_eq!(of(&anagram)[0], 40);
    assert_eq!(of(&anagram.with(|recipe| recipe.views.reduce = Reduce::Alternate))[0], 20);
    let hybrid = plain("hybrid").with(|recipe| {
        recipe.prompting.prompt = two.prompting.prompt;
        recipe.sampling.steps = vec![10];
    });
    assert_eq!(of(&hybrid)[0], 30);
    // Parts that are apart share none, but at the first step, where nothing yet tells them apart.
    assert_eq!(of(&hybrid.with(|recipe| recipe.parts.apart = 0.5))[0], 3 + 9 * 4);
}

/// The paper's schedule: 34 entries, j 5, r 5 cost 120 evaluations more (Lugmayr et al. 2022).
#[test]
fn a_recipe_says_its_evaluations() {
    let [both, alone] = ["auto", "none"].map(|stage_2| ModelSummary::at("built-in", stage_2).unwrap());
    let of = |recipe: &Recipe, summary: &ModelSummary| {
        let recipe = recipe.resolved(&Recommendations::default()).unwrap();
        JobPlan::of(&recipe, summary).unwrap().evaluations
    };
    let plain = |verb: &str| find(verb).unwrap().recipe();
    let inpaint = plain("inpaint").with(|recipe| {
        recipe.sampling.steps = vec![33];
        recipe.inpainting.repaint = "5,5".parse().ok();
    });
    assert_eq!(of(&inpaint, &alone), [33 + 120, 0]);
    // From t = 500 down: 500, then 480, 450, … 0, which is only arrived at.
    let from_t = plain("denoise").with(|recipe| {
        recipe.source.i_start = Vec::new();
        recipe.source.t = vec![500, 250];
    });
    assert_eq!(of(&from_t, &alone), [17 + 9, 0]);
    assert_eq!(of(&from_t.with(|recipe| recipe.sampling.stepping = Stepping::Scheduler), &alone)[0], 11 + 6);
    assert_eq!(of(&plain("forward"), &both), [0, 0]);
    let grid = inpaint.with(|recipe| {
        recipe.grid.x = "steps=10,20".parse().ok();
        recipe.inpainting.repaint = None;
    });
    assert_eq!(of(&grid, &both), [30, 2 * 50]);
    // A branch goes on from its step.
    let branch = plain("sample").with(|recipe| recipe.source.branch = "trajectory.safetensors@13".parse().ok());
    assert_eq!(of(&branch, &alone), [7, 0]);
}

/// Digits have networks, steps and pictures of their own: nothing of part A's is taken for them.
#[test]
fn digits_tell_their_own_cost() {
    let summary = ModelSummary::at("digits-class", "auto").unwrap();
    let of = |recipe: &Recipe| {
        let recipe = recipe.experiment().unwrap().resolved(recipe, &summary.recommendations).unwrap();
        let plan = JobPlan::of(&recipe, &summary).unwrap();
        (plan.evaluations[0], plan.shown[0])
    };
    let plain = |verb: &str| find(verb).unwrap().recipe();
    assert_eq!(of(&plain("digits-sample")), (300, 300 * 10 * 2));
    let few = plain("digits-sample").with(|recipe| {
        recipe.digits.classes = "38".to_owned();
        recipe.sampling.steps = vec![20, 50];
        recipe.sampling.count = 3;
        recipe.guidance.scale = vec![1.0];
    });
    assert_eq!(of(&few), (70, 70 * 6));
    // Drawn on from a third of the way, for each of two digits.
    let edit = plain("digits-inpaint").with(|recipe| {
        recipe.digits.classes = "5".to_owned();
        recipe.digits.pick = vec![4, 5];
        recipe.sampling.steps = vec![30];
    });
    assert_eq!(of(&edit), (2 * 20, 2 * 20 * 2));
    assert_eq!(
        of(&plain("digits-anagram").with(|recipe| {
            recipe.sampling.steps = vec![10];
            recipe.sampling.count = 2;
        })),
        (10, 10 * 2 * 4)
    );
    assert_eq!(of(&plain("sample").with(|recipe| recipe.networks.model = "digits-class".to_owned())), (300, 300 * 2));
    let (options, folder) = (Options { threads: Some(2), ..Options::default() }, tempfile::tempdir().unwrap());
    let told = |recipe: &Recipe, speeds: &Speeds| speeds.expected_secs(recipe, &options, &summary).unwrap();
    let mut speeds = Speeds::at(folder.path().join("speeds.json"));
    speeds.learn(&resolved(&named("fast")), &options, [Some(0.5), None]);
    assert_eq!(told(&few, &speeds), None, "the built-in model was timed, digits were not");
    speeds.learn(&few, &options, [Some(0.01), None]);
    let secs = told(&few, &speeds).unwrap();
    assert!((secs - 70.0 * 6.0 * 0.01).abs() < 1e-9, "{secs}");
}

/// A network's speed is its own, and that of how it was computed; what was never timed has no time.
#[test]
fn times_are_told_from_what_was_timed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings/speeds.json");
    let (options, fast) = (Options { threads: Some(2), ..Options::default() }, resolved(&named("fast")));
    let expected = |options: &Options, recipe: &Recipe, second: bool| {
        let summary = ModelSummary::at("built-in", if second { "auto" } else { "none" }).unwrap();
        Speeds::at(file.clone()).expected_secs(recipe, options, &summary).unwrap()
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
    assert_eq!(expected(&options, &fast.clone().with(|recipe| recipe.networks.model = "other".into()), false), None);
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
    let second = |recipe: &Recipe| (recipe.stage_2.guidance.unwrap(), recipe.stage_2.steps.unwrap());
    let open = Recipe::new("sample").resolved(&both).unwrap();
    let (guidance, steps) = (both.stage_2.guidance.unwrap(), both.stage_2.steps.unwrap());
    assert_eq!(second(&open), (guidance, steps));
    assert_eq!(second(&Recipe::new("sample").resolved(&alone).unwrap()), (4.0, 50));
    let given = Recipe::new("sample").with(|recipe| recipe.stage_2.steps = Some(7)).resolved(&both).unwrap();
    assert_eq!(second(&given), (guidance, 7));
    // Enlarging is stage II's alone.
    let upscale = Recipe::new("upscale");
    let resolved = |all| (upscale.resolved(all).unwrap().guidance.scale, upscale.resolved(all).unwrap().sampling.steps);
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
