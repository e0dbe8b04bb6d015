//! Which of diffusers' schedulers a `scheduler_config.json` is of: what it leaves out is that class's own default, and what
//! this program does not do is refused by its key.
//!
//! Source: diffusers 0.42 `schedulers/scheduling_{ddpm,ddim,pndm,euler_discrete,euler_ancestral_discrete,lcm,
//! consistency_models}.py`.

use serde_json::{Map, Value, json};

use super::samplers::Sampler;
use super::schedule::{BetaSchedule, SchedulerConfig};
use crate::error::{Error, Result};

/// The classes, each with the sampler that it is.
const CLASSES: [(&str, Sampler); 8] = [
    ("DDPMScheduler", Sampler::Ddpm),
    ("DDIMScheduler", Sampler::Ddim),
    ("PNDMScheduler", Sampler::Pndm),
    ("EulerDiscreteScheduler", Sampler::Euler),
    ("EulerAncestralDiscreteScheduler", Sampler::EulerAncestral),
    ("LCMScheduler", Sampler::Lcm),
    ("CMStochasticIterativeScheduler", Sampler::Consistency),
    ("DPMSolverMultistepScheduler", Sampler::DpmSolverPp2m),
];

impl SchedulerConfig {
    /// Stable Diffusion's own, for files that say nothing of theirs.
    pub fn of_stable_diffusion() -> Self {
        Self {
            beta_start: 0.00085,
            beta_end: 0.012,
            beta_schedule: BetaSchedule::ScaledLinear,
            clip_sample: false,
            steps_offset: 1,
            set_alpha_to_one: false,
            sampler: Sampler::Pndm,
            ..Self::default()
        }
    }

    /// From the parsed file. Errors name the key that is not supported.
    pub fn from_json(json: Value) -> Result<Self> {
        let Value::Object(mut file) = json else {
            return Err(Error::new("a scheduler's config is an object"));
        };
        // Diffusers writes out what is not set as well.
        file.retain(|_, value| !value.is_null());
        let class = file.get("_class_name").and_then(Value::as_str).unwrap_or("DDPMScheduler").to_owned();
        let Some((_, sampler)) = CLASSES.iter().find(|(name, _)| *name == class) else {
            let known = CLASSES.map(|(name, _)| name).join(", ");
            return Err(Error::new(format!("the scheduler {class} is not supported"))
                .hint(format!("its _class_name must be one of {known}")));
        };
        let (defaults, fixed) = of_class(*sampler);
        for (key, value) in defaults {
            file.entry(key).or_insert(value);
        }
        for (key, wanted) in fixed {
            if let Some(other) = file.get(key).filter(|value| **value != wanted) {
                return Err(Error::new(format!("{key} {other} of {class} is not supported, only {wanted}")));
            }
        }
        let config: Self = serde_json::from_value(Value::Object(file))
            .map_err(|error| Error::new(format!("cannot use this config ({error})")))?;
        Ok(Self { sampler: *sampler, ..config })
    }
}

/// The class's defaults where they are not DDPM's, and keys that must have one value where they are given.
fn of_class(sampler: Sampler) -> (Map<String, Value>, Vec<(&'static str, Value)>) {
    let object = |value: Value| value.as_object().cloned().unwrap_or_default();
    let linspace = json!({ "timestep_spacing": "linspace", "clip_sample": false });
    match sampler {
        Sampler::DpmSolverPp2m => (
            object(linspace),
            vec![
                ("algorithm_type", json!("dpmsolver++")),
                ("solver_order", json!(2)),
                ("solver_type", json!("midpoint")),
                ("use_karras_sigmas", json!(false)),
            ],
        ),
        Sampler::Euler | Sampler::EulerAncestral => (
            object(linspace),
            vec![
                ("use_karras_sigmas", json!(false)),
                ("use_exponential_sigmas", json!(false)),
                ("use_beta_sigmas", json!(false)),
                ("interpolation_type", json!("linear")),
                ("final_sigmas_type", json!("zero")),
                ("timestep_type", json!("discrete")),
            ],
        ),
        Sampler::Pndm => (
            object(json!({ "set_alpha_to_one": false, "clip_sample": false, "skip_prk_steps": false })),
            vec![("skip_prk_steps", json!(true))],
        ),
        Sampler::Lcm => (
            object(json!({
                "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": false,
            })),
            vec![("timestep_scaling", json!(10.0)), ("timestep_spacing", json!("leading"))],
        ),
        Sampler::Consistency => (
            object(json!({
                "num_train_timesteps": 40, "beta_schedule": "karras", "prediction_type": "sample", "clip_denoised": true,
            })),
            vec![
                ("clip_denoised", json!(true)),
                ("sigma_data", json!(0.5)),
                ("sigma_min", json!(0.002)),
                ("s_noise", json!(1.0)),
            ],
        ),
        Sampler::Ddpm | Sampler::Ddim => (Map::new(), Vec::new()),
    }
}
