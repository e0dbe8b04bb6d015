//! What the comparison must not let pass, at its widest: another seed, another γ, one more step, a change of one setting.

use diffusion_lab::experiments::read_recipe;
use diffusion_lab::worker::Destination;
use serde_json::json;

use super::Runner;
use super::case::cases;
use super::compare::{ROUNDING, pictures, pixels};

#[test]
fn a_real_change_is_refused() {
    let (runner, cases) = (Runner::new(), cases());
    for (name, changes) in [
        ("sample", json!({ "seed": [181] })),
        ("sample", json!({ "guidance": [7.5] })),
        ("sample", json!({ "steps": [4] })),
        ("sample", json!({ "stage_2_guidance": 4.5 })),
        ("sample", json!({ "noise_level": 270 })),
        ("sample", json!({ "sampler": "ddim" })),
        ("sample-loop", json!({ "eta": 0.6 })),
        ("sample-loop", json!({ "guidance_rescale": 0.0 })),
        ("sample-loop", json!({ "guidance_schedule": "linear" })),
        ("denoise", json!({ "i_start": [1] })),
        ("anagram", json!({ "view": ["identity", "rotate_180"] })),
        ("hybrid", json!({ "decomposition": "low_high:kernel=5,sigma=1.2" })),
        ("inpaint-repaint", json!({ "repaint": "2,1" })),
        ("digits-sample", json!({ "seed": [181] })),
        ("digits-sample", json!({ "guidance": [5.5] })),
        ("digits-sample", json!({ "steps": [5] })),
        ("digits-denoise", json!({ "noise_sigma": [0.25] })),
    ] {
        let case = cases.iter().find(|case| case.name == name).unwrap();
        let path = case.folder().join(format!("{}-000.png", case.verb()));
        let recipe = read_recipe(&path).unwrap().trusted().overlaid(changes.as_object().unwrap().clone()).unwrap();
        let ended = runner.run(recipe, Destination::Nowhere).unwrap();
        let told = pictures(&pixels(&path), &ended.pictures[0].pixels, ROUNDING);
        println!("{name} {changes}: {told:?}");
        assert!(told.is_err(), "{name} cannot tell {changes}");
    }
}
