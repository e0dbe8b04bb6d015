use std::collections::HashMap;

use candle_core::Tensor;
use diffusion_lab::experiments::Recipe;
use diffusion_lab::pictures::{psnr, ssim};
use serde_json::{Value, json};

use crate::reference::{Reference, difference, floats, path, relative_difference};
use crate::running::{held, hold, recipe, run, tensors};

const MAN: &str = "an oil painting of an old man";
const FIRE: &str = "an oil painting of people around a campfire";
const HAT: &str = "a man wearing a hat";
const SKULL: &str = "a lithograph of a skull";
const FALLS: &str = "a lithograph of waterfalls";
const VILLAGE: &str = "an oil painting of a snowy mountain village";

/// The trajectory of one run, with `picture` and `mask` of the reference where they are named.
fn trajectory(
    reference: &Reference,
    model: &str,
    keys: Value,
    picture: Option<&str>,
    mask: Option<&str>,
) -> HashMap<String, Tensor> {
    let mut recipe = Recipe::from_json(&recipe(model, keys)).unwrap();
    recipe.image = picture.map(|name| held(reference, name));
    recipe.mask = mask.map(|name| held(reference, name));
    let out = tempfile::tempdir().unwrap();
    run(recipe, out.path());
    tensors(out.path(), "trajectory.safetensors")
}

#[test]
fn ddim_and_dpm_solver_are_diffusers_on_our_lists() {
    let reference = Reference::open("samplers.safetensors");
    // At γ 7, thresholding and DDIM together amplify rounding a thousandfold on a random network.
    for (stepping, guidance) in [("scheduler", 2.0), ("course", 7.0)] {
        for eta in ["0", "0.5", "1"] {
            let keys = json!({
                "sampler": "ddim", "eta": eta.parse::<f64>().unwrap(), "stepping": stepping, "guidance": [guidance],
            });
            hold(
                &reference,
                &format!("ddim.eta_{eta}.{stepping}"),
                &trajectory(&reference, "narrow", keys, None, None),
            );
        }
        for steps in [20, 10] {
            let keys = json!({
                "sampler": "dpm-solver-pp-2m", "stepping": stepping, "steps": [steps], "guidance": [guidance],
            });
            hold(&reference, &format!("dpm.{stepping}.{steps}"), &trajectory(&reference, "narrow", keys, None, None));
        }
    }
}

#[test]
fn dpm_solver_refuses_the_noisiest_timesteps() {
    let keys = recipe("narrow", json!({ "sampler": "dpm-solver-pp-2m", "timesteps": "fast27" }));
    let out = tempfile::tempdir().unwrap();
    let refused = std::panic::catch_unwind(|| run(Recipe::from_json(&keys).unwrap(), out.path())).unwrap_err();
    let message = refused.downcast_ref::<String>().unwrap();
    assert!(message.contains("999") && message.contains("995"), "{message}");
}

#[test]
fn editing_is_sdedit_on_the_courses_list() {
    let reference = Reference::open("edit.safetensors");
    for (stepping, steps, i_start) in
        [("course", 20, 10), ("course", 20, 5), ("course", 33, 10), ("course", 33, 5), ("scheduler", 20, 10)]
    {
        let keys = json!({ "experiment": "edit", "stepping": stepping, "steps": [steps], "i_start": [i_start] });
        let ours = trajectory(&reference, "narrow", keys, Some("picture"), None);
        hold(&reference, &format!("edit.{stepping}.{steps}.i_start_{i_start}"), &ours);
    }
    for i_start in [10, 5] {
        let keys = json!({ "experiment": "edit", "stepping": "course", "i_start": [i_start] });
        let ours = trajectory(&reference, "built-in", keys, Some("built-in.picture"), None);
        hold(&reference, &format!("built-in.edit.course.20.i_start_{i_start}"), &ours);
    }
}

#[test]
fn denoising_compares_three_ways_from_one_noise() {
    let reference = Reference::open("edit.safetensors");
    for (case, start) in [("i_start_10", json!({ "i_start": [10] })), ("t_500", json!({ "i_start": [], "t": [500] }))] {
        let mut keys =
            json!({ "experiment": "denoise", "prompt": ["a high quality photo"], "guidance": [1.0], "steps": [33] });
        keys.as_object_mut().unwrap().extend(start.as_object().unwrap().clone());
        let mut recipe = Recipe::from_json(&recipe("narrow", keys)).unwrap();
        recipe.image = Some(held(&reference, "picture"));
        let out = tempfile::tempdir().unwrap();
        run(recipe, out.path());
        let ours = tensors(out.path(), "trajectory.safetensors");
        hold(&reference, &format!("denoise.{case}"), &ours);
        for name in ["blur", "one_step"] {
            let delta = relative_difference(&ours[name], reference.get(&format!("denoise.{case}.{name}")));
            assert!(delta <= 1e-4, "{case} {name}: {delta}");
        }
        let result: Value = serde_json::from_slice(&std::fs::read(out.path().join("result.json")).unwrap()).unwrap();
        let measures = &result["measures"]["denoise-000"];
        for (index, way) in ["blur", "one-step", "iterative"].iter().enumerate() {
            for measure in ["psnr", "ssim"] {
                let theirs = f64::from(reference.floats(&format!("denoise.{case}.{measure}"))[index]);
                let ours = measures[way][measure].as_f64().unwrap();
                assert!((ours - theirs).abs() <= 2e-3, "{case} {way} {measure}: {ours} {theirs}");
            }
        }
    }
}

#[test]
fn the_forward_experiment_starts_the_stream_anew_for_each_t() {
    let reference = Reference::open("edit.safetensors");
    let mut recipe = Recipe::from_json(&recipe("narrow", json!({ "experiment": "forward" }))).unwrap();
    recipe.image = Some(held(&reference, "picture"));
    let out = tempfile::tempdir().unwrap();
    run(recipe, out.path());
    for (index, t) in [250, 500, 750].iter().enumerate() {
        let ours = tensors(out.path(), &format!("trajectory-{index:03}.safetensors"));
        let delta = difference(&ours["x_t"].get(0).unwrap(), reference.get(&format!("forward.{t}")));
        assert!(delta <= 1e-6, "{t}: {delta}");
    }
}

/// After every step the surroundings are the picture's, noised anew; at the end they are the picture itself.
#[test]
fn inpainting_is_the_courses_and_diffusers() {
    let reference = Reference::open("inpaint.safetensors");
    for (case, mask, keys) in [
        ("hard.course", "mask.hard", json!({})),
        ("soft.course", "mask.soft", json!({})),
        ("hard.scheduler", "mask.hard", json!({ "stepping": "scheduler" })),
        ("hard.diffusers", "mask.hard", json!({ "stepping": "scheduler", "inpaint_mode": "diffusers" })),
        ("soft.diffusers", "mask.soft", json!({ "stepping": "scheduler", "inpaint_mode": "diffusers" })),
        ("soft.repaint.course", "mask.soft", json!({ "steps": [10], "repaint": "2,3" })),
        ("soft.repaint.scheduler", "mask.soft", json!({ "steps": [10], "repaint": "2,3", "stepping": "scheduler" })),
        ("soft.repaint.course.r_3", "mask.soft", json!({ "steps": [10], "repaint": "3,3" })),
    ] {
        let mut all = json!({ "experiment": "inpaint" });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        hold(&reference, case, &trajectory(&reference, "narrow", all, Some("picture"), Some(mask)));
    }
}

/// Outside a hard mask the finished picture is the original, bit for bit; a mask of 0 gives the original back.
#[test]
fn what_is_outside_the_mask_is_untouched() {
    let reference = Reference::open("inpaint.safetensors");
    for mode in ["renoise", "diffusers"] {
        let keys = json!({ "experiment": "inpaint", "steps": [4], "inpaint_mode": mode });
        let mut recipe = Recipe::from_json(&recipe("narrow", keys)).unwrap();
        (recipe.image, recipe.mask) = (Some(held(&reference, "picture")), Some(held(&reference, "mask.hard")));
        let out = tempfile::tempdir().unwrap();
        run(recipe.clone(), out.path());
        let made = image::open(out.path().join("inpaint-000.png")).unwrap().to_rgb8();
        let picture = recipe.image.as_ref().unwrap().load().unwrap();
        let mask = recipe.mask.as_ref().unwrap().load().unwrap();
        let mut inside = 0;
        for (x, y, pixel) in made.enumerate_pixels() {
            match mask.get_pixel(x, y)[0] {
                0 => assert_eq!(pixel, picture.get_pixel(x, y), "{mode} at {x}, {y}"),
                _ => inside += u32::from(pixel != picture.get_pixel(x, y)),
            }
        }
        assert!(inside > 0, "{mode}: nothing was made new");
    }
}

#[test]
fn anagrams_are_means_over_views() {
    let reference = Reference::open("anagram.safetensors");
    for stepping in ["course", "scheduler"] {
        for (case, keys) in [
            ("flip", json!({ "prompt": [MAN, FIRE], "view": ["identity", "flip_vertical"] })),
            (
                "three",
                json!({
                    "prompt": [MAN, FIRE, HAT], "view": ["rotate_90", "identity", "negate"], "weight": [2.0, 1.0, 1.0],
                }),
            ),
            (
                "alternate",
                json!({ "prompt": [MAN, FIRE], "view": ["identity", "flip_vertical"], "reduce": "alternate" }),
            ),
            (
                "sum",
                json!({
                    "prompt": [MAN, FIRE], "view": ["identity", "flip_vertical"], "reduce": "sum", "weight": [0.7, 0.6],
                }),
            ),
        ] {
            if case == "sum" && stepping == "course" {
                continue; // only thresholding keeps such a loop in bounds
            }
            let mut all = json!({ "experiment": "anagram", "stepping": stepping });
            all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
            hold(&reference, &format!("{case}.{stepping}"), &trajectory(&reference, "narrow", all, None, None));
        }
    }
}

#[test]
fn hybrids_are_sums_of_parts() {
    let reference = Reference::open("hybrid.safetensors");
    for (case, picture, keys) in [
        ("low_high", None, json!({ "prompt": [SKULL, FALLS], "steps": [10], "seed": [181] })),
        ("low_mid_high", None, json!({ "prompt": [SKULL, FALLS, VILLAGE], "decomposition": "low_mid_high" })),
        ("grey_colour", None, json!({ "prompt": [SKULL, FALLS], "decomposition": "grey_colour" })),
        ("hold_low", Some("picture"), json!({ "prompt": [SKULL, FALLS], "hold": "low" })),
        ("hold_grey", Some("picture"), json!({ "prompt": [SKULL], "decomposition": "grey_colour", "hold": "grey" })),
    ] {
        let mut all = json!({ "experiment": "hybrid", "steps": [5] });
        all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        hold(&reference, case, &trajectory(&reference, "built-in", all, picture, None));
    }
}

#[test]
fn guidance_bends_as_it_says() {
    let reference = Reference::open("guidance.safetensors");
    let (negative, rescale) = (json!({ "negative": FALLS }), json!({ "guidance_rescale": 0.7 }));
    let interval = json!({ "guidance_interval": "300,700" });
    let (linear, cosine) = (json!({ "guidance_schedule": "linear" }), json!({ "guidance_schedule": "cosine" }));
    for (case, parts) in [
        ("negative", vec![&negative]),
        ("rescale", vec![&rescale]),
        ("interval", vec![&interval]),
        ("schedule_linear", vec![&linear]),
        ("schedule_cosine", vec![&cosine]),
        ("everything", vec![&negative, &rescale, &interval, &cosine]),
    ] {
        for stepping in ["course", "scheduler"] {
            if case == "everything" && stepping == "scheduler" {
                continue;
            }
            let mut keys = json!({ "stepping": stepping });
            for part in &parts {
                keys.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
            }
            hold(&reference, &format!("{case}.{stepping}"), &trajectory(&reference, "narrow", keys, None, None));
        }
    }
}

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

#[test]
fn measures_are_wangs_and_the_textbooks() {
    let reference = Reference::open("measures.safetensors");
    for case in ["noisy", "dark", "inverted", "identical", "smallest", "square", "flat"] {
        // The reference's pictures are 0 to 1, ours -1 to 1.
        let get = |name: &str| reference.get(&format!("{case}.{name}")).affine(2.0, -1.0).unwrap();
        let (ours, theirs) =
            (psnr(&get("a"), &get("b")).unwrap(), f64::from(reference.floats(&format!("{case}.psnr"))[0]));
        assert!((ours - theirs).abs() <= 1e-3 || ours == theirs, "{case} PSNR: {ours} {theirs}");
        let (ours, theirs) =
            (ssim(&get("a"), &get("b")).unwrap(), f64::from(reference.floats(&format!("{case}.ssim"))[0]));
        assert!((ours - theirs).abs() <= 1e-5, "{case} SSIM: {ours} {theirs}");
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
        recipe.image = sources.then(|| held(&reference, "picture"));
        recipe.mask = (verb == "inpaint").then(|| held(&reference, "mask.hard"));
        let (out, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = run(recipe, out.path());
        assert!(files.contains(&"trajectory-stage-2.safetensors".to_owned()), "{verb}: {files:?}");
        let name = format!("{verb}-000.png");
        let bytes = std::fs::read(out.path().join(&name)).unwrap();
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 48, "{verb}");
        run(diffusion_lab::experiments::recipe_from_bytes(&bytes).unwrap(), again.path());
        assert!(std::fs::read(again.path().join(&name)).unwrap() == bytes, "{verb} cannot be made again from its PNG");
    }
    assert!(path("models/narrow/stage-2").is_dir() && !floats(reference.get("hard.course.x_t")).is_empty());
}

/// Each cell of a grid is the picture that its own recipe makes, byte for byte, and the grid is labelled.
#[test]
fn a_grid_is_its_cells() {
    let keys = json!({ "steps": [3], "x": "guidance=1,3", "y": "seed=7,8", "prompt": ["a cat"] });
    let (out, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = run(Recipe::from_json(&recipe("narrow", keys)).unwrap(), out.path());
    assert_eq!(files.iter().filter(|name| name.starts_with("sample-")).count(), 4, "{files:?}");
    assert_eq!(files.iter().filter(|name| name.starts_with("trajectory-")).count(), 4, "{files:?}");
    let read = |folder: &std::path::Path, name: &str| std::fs::read(folder.join(name)).unwrap();
    for (index, (seed, guidance)) in [(7, 1.0), (7, 3.0), (8, 1.0), (8, 3.0)].into_iter().enumerate() {
        let keys = json!({ "steps": [3], "guidance": [guidance], "seed": [seed], "prompt": ["a cat"] });
        run(Recipe::from_json(&recipe("narrow", keys)).unwrap(), alone.path());
        let name = format!("sample-{index:03}.png");
        assert!(read(out.path(), &name) == read(alone.path(), "sample-000.png"), "γ {guidance}, seed {seed}");
    }
    let grid = image::open(out.path().join("grid.png")).unwrap();
    assert!(grid.width() > 2 * 128 && grid.height() > 2 * 128);
}

#[test]
fn a_grid_of_nonsense_is_refused() {
    for (axis, wanted) in
        [("guidance", "KEY=VALUE"), ("colour=red", "colour"), ("steps=3,many", "many"), ("steps=0", "`0`")]
    {
        let message = axis.parse::<diffusion_lab::experiments::Axis>().unwrap_err().to_string();
        assert!(message.contains(wanted), "{message}");
    }
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
    for (keys, sources) in
        [(json!({ "steps": [6] }), false), (json!({ "experiment": "inpaint", "steps": [6], "repaint": "2,2" }), true)]
    {
        let out = tempfile::tempdir().unwrap();
        let make = |more: Value, folder: &str| {
            let mut all = keys.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let mut recipe = Recipe::from_json(&recipe("narrow", all)).unwrap();
            recipe.image = sources.then(|| held(&reference, "picture"));
            recipe.mask = sources.then(|| held(&reference, "mask.hard"));
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
