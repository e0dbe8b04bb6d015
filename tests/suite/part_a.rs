use std::path::Path;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::error::Result;
use diffusion_lab::experiments::{Observer, Progress, Recipe, find};
use diffusion_lab::models::{Cascade, ModelSpec};
use diffusion_lab::pictures::{psnr, ssim};
use serde_json::{Value, json};

use crate::reference::{Reference, difference, in_both_layouts, relative_difference};
use crate::running::{held, hold, recipe, run, tensors, trajectory};

const MAN: &str = "an oil painting of an old man";
const FIRE: &str = "an oil painting of people around a campfire";
const HAT: &str = "a man wearing a hat";
const SKULL: &str = "a lithograph of a skull";
const FALLS: &str = "a lithograph of waterfalls";
const VILLAGE: &str = "an oil painting of a snowy mountain village";

#[test]
fn ddim_and_dpm_solver_are_diffusers_on_our_lists() {
    in_both_layouts(|| {
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
                hold(
                    &reference,
                    &format!("dpm.{stepping}.{steps}"),
                    &trajectory(&reference, "narrow", keys, None, None),
                );
            }
        }
    });
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
    let row = [1, 3, 5, 7, 10, 20].map(|i_start| ("course", 33, i_start));
    for (stepping, steps, i_start) in
        [("course", 20, 10), ("course", 20, 5), ("scheduler", 20, 10)].into_iter().chain(row)
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
        recipe.source.image = Some(held(&reference, "picture"));
        let out = tempfile::tempdir().unwrap();
        run(recipe, out.path());
        let ours = tensors(out.path(), "trajectory.safetensors");
        hold(&reference, &format!("denoise.{case}"), &ours);
        for name in ["blur", "one_step"] {
            let delta = relative_difference(&ours[name], reference.get(&format!("denoise.{case}.{name}")));
            assert!(delta <= 1e-4, "{case} {name}: {delta}");
        }
        holds_every_fifth(&out.path().join("denoise-000-steps.png"), &ours["x_t"]);
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

/// The strip shows x_t [steps + 1, 1, 3, s, s] at every fifth step, and the last.
fn holds_every_fifth(strip: &Path, x_t: &Tensor) {
    let strip = image::open(strip).unwrap().to_rgb8();
    let (steps, side) = (x_t.dims()[0] - 1, x_t.dims()[4] as u32);
    let factor = 128u32.div_ceil(side);
    let shown: Vec<usize> = (0..steps).step_by(5).chain([steps]).collect();
    assert_eq!(strip.width(), 24 + shown.len() as u32 * (side * factor + 8) - 8);
    for (column, step) in shown.into_iter().enumerate() {
        let x = x_t.get(step).unwrap().get(0).unwrap().to_vec3::<f32>().unwrap();
        for (row, across) in [(0, 0), (side / 2, side / 3), (side - 1, side - 1)] {
            let at = (12 + column as u32 * (side * factor + 8) + across * factor, 32 + row * factor);
            for (channel, plane) in x.iter().enumerate() {
                let wanted = (plane[row as usize][across as usize].clamp(-1.0, 1.0) + 1.0) * 127.5;
                let found = f32::from(strip.get_pixel(at.0, at.1)[channel]);
                assert!((found - wanted).abs() <= 1.0, "step {step}, {row}, {across}: {found} {wanted}");
            }
        }
    }
}

/// Counts how often an experiment asks whether to stop, which it does all through the network.
struct Asked(std::cell::Cell<usize>);

impl Observer for Asked {
    fn check(&self) -> Result<()> {
        self.0.set(self.0.get() + 1);
        Ok(())
    }

    fn say(&mut self, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    fn wants_trajectory(&self) -> bool {
        false
    }
}

/// The estimate in one step is the loop's own first: `denoise` asks the network as often as `edit` from there.
#[test]
fn denoising_in_one_step_costs_nothing() {
    let reference = Reference::open("edit.safetensors");
    let asked = |verb: &str| {
        let keys =
            json!({ "experiment": verb, "guidance": [1.0], "steps": [33], "stepping": "course", "i_start": [20] });
        let mut recipe = Recipe::from_json(&recipe("narrow", keys)).unwrap();
        recipe.source.image = Some(held(&reference, "picture"));
        let spec = ModelSpec {
            model: recipe.networks.model.clone(),
            stage_2: "none".to_owned(),
            text_encoder: "auto".to_owned(),
            dtype: DType::F32,
            low_memory: false,
            second_alone: false,
        };
        let cascade = Cascade::load(&spec, &Device::Cpu, &mut |_| Ok(())).unwrap();
        let mut asked = Asked(std::cell::Cell::new(0));
        let _ = find(verb).unwrap().start(&recipe, &cascade, &mut asked).unwrap();
        asked.0.get()
    };
    let (denoise, edit) = (asked("denoise"), asked("edit"));
    assert!(denoise > 13 && denoise == edit, "{denoise} {edit}");
}

#[test]
fn the_forward_experiment_starts_the_stream_anew_for_each_t() {
    let reference = Reference::open("edit.safetensors");
    let mut recipe = Recipe::from_json(&recipe("narrow", json!({ "experiment": "forward" }))).unwrap();
    recipe.source.image = Some(held(&reference, "picture"));
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
    in_both_layouts(|| {
        let reference = Reference::open("inpaint.safetensors");
        for (case, mask, keys) in [
            ("hard.course", "mask.hard", json!({})),
            ("soft.course", "mask.soft", json!({})),
            ("hard.scheduler", "mask.hard", json!({ "stepping": "scheduler" })),
            ("hard.diffusers", "mask.hard", json!({ "stepping": "scheduler", "inpaint_mode": "diffusers" })),
            ("soft.diffusers", "mask.soft", json!({ "stepping": "scheduler", "inpaint_mode": "diffusers" })),
            ("soft.repaint.course", "mask.soft", json!({ "steps": [10], "repaint": "2,3" })),
            (
                "soft.repaint.scheduler",
                "mask.soft",
                json!({ "steps": [10], "repaint": "2,3", "stepping": "scheduler" }),
            ),
            ("soft.repaint.course.r_3", "mask.soft", json!({ "steps": [10], "repaint": "3,3" })),
        ] {
            let mut all = json!({ "experiment": "inpaint" });
            all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
            hold(&reference, case, &trajectory(&reference, "narrow", all, Some("picture"), Some(mask)));
        }
    });
}

/// Outside a hard mask the finished picture is the original, bit for bit; a mask of 0 gives the original back.
#[test]
fn what_is_outside_the_mask_is_untouched() {
    let reference = Reference::open("inpaint.safetensors");
    for mode in ["renoise", "diffusers"] {
        let keys = json!({ "experiment": "inpaint", "steps": [4], "inpaint_mode": mode });
        let mut recipe = Recipe::from_json(&recipe("narrow", keys)).unwrap();
        (recipe.source.image, recipe.inpainting.mask) =
            (Some(held(&reference, "picture")), Some(held(&reference, "mask.hard")));
        let out = tempfile::tempdir().unwrap();
        run(recipe.clone(), out.path());
        let made = image::open(out.path().join("inpaint-000.png")).unwrap().to_rgb8();
        let picture = recipe.source.image.as_ref().unwrap().load().unwrap();
        let mask = recipe.inpainting.mask.as_ref().unwrap().load().unwrap();
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
    in_both_layouts(|| {
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
    });
}

#[test]
fn hybrids_are_sums_of_parts() {
    in_both_layouts(|| {
        let reference = Reference::open("hybrid.safetensors");
        for (case, picture, keys) in [
            ("low_high", None, json!({ "prompt": [SKULL, FALLS], "steps": [10], "seed": [181] })),
            ("low_mid_high", None, json!({ "prompt": [SKULL, FALLS, VILLAGE], "decomposition": "low_mid_high" })),
            ("grey_colour", None, json!({ "prompt": [SKULL, FALLS], "decomposition": "grey_colour" })),
            ("hold_low", Some("picture"), json!({ "prompt": [SKULL, FALLS], "hold": "low" })),
            (
                "hold_grey",
                Some("picture"),
                json!({ "prompt": [SKULL], "decomposition": "grey_colour", "hold": "grey" }),
            ),
        ] {
            let mut all = json!({ "experiment": "hybrid", "steps": [5] });
            all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
            hold(&reference, case, &trajectory(&reference, "built-in", all, picture, None));
        }
        let motion = json!({
            "experiment": "hybrid", "prompt": [SKULL, FALLS], "decomposition": "motion", "steps": [10], "stepping": "course",
        });
        hold(&reference, "narrow.motion", &trajectory(&reference, "narrow", motion, None, None));
    });
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
