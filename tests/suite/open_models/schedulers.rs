//! Schedulers by themselves: lists, first scale, every step, for a network that is tanh(x A + t/1000).

use candle_core::{Device, Tensor};
use diffusion_lab::diffusion::estimate::{Denoiser, Estimate, Moment};
use diffusion_lab::diffusion::plan::{Move, Plan, PlanSpec};
use diffusion_lab::diffusion::prediction::PredictionType;
use diffusion_lab::diffusion::run::Run;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::schedule::{Schedule, SchedulerConfig};
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::error::Result;
use diffusion_lab::tensors::Generators;
use serde_json::{Value, json};

use super::{compare, reference, table};

/// tanh(x A + t/1000), whatever that is called.
struct Tanh {
    a: Tensor,
    prediction_type: PredictionType,
}

impl Denoiser for Tanh {
    fn prediction_type(&self) -> PredictionType {
        self.prediction_type
    }

    fn forward(&self, input: &Tensor, moment: &Moment, _texts: &[usize]) -> Result<Tensor> {
        let rows = input.reshape((4, 16))?.matmul(&self.a)?;
        Ok((rows + moment.time / 1000.0)?.tanh()?.reshape((1, 4, 1, 16))?)
    }
}

fn plan(config: &SchedulerConfig, steps: usize, i_start: usize) -> Plan {
    let spec = PlanSpec {
        stepping: Stepping::Scheduler,
        steps,
        timesteps: None,
        i_start,
        sampler: config.sampler,
        repaint: None,
    };
    Plan::new(config, &Schedule::new(config).unwrap(), &spec).unwrap()
}

/// x where the run begins and after each step.
fn run(config: &SchedulerConfig, plan: &Plan, a: &Tensor) -> Tensor {
    let mut generators = Generators::new(180, 1);
    let noise = generators.randn((4, 1, 16), &Device::Cpu).unwrap();
    let x = (noise * f64::from(plan.noise_scale)).unwrap();
    let mut kept = vec![x.clone()];
    let denoiser = Tanh { a: a.clone(), prediction_type: config.prediction_type };
    let estimate = Estimate::guided(0, 0, 1.0);
    let run = Run::from_start(&denoiser, &estimate, config.sampler.start(0.0), plan, &mut generators, x);
    kept.extend(run.map(|step| step.unwrap().x_t));
    Tensor::stack(&kept, 0).unwrap()
}

#[test]
fn every_scheduler_is_diffusers() {
    let reference = reference();
    for (name, known) in table("schedulers").as_object().unwrap() {
        let config = SchedulerConfig::from_json(known["config"].clone()).unwrap();
        let plan = plan(&config, known["steps"].as_u64().unwrap() as usize, 0);
        let times: Vec<f64> = plan.moves.iter().map(time).collect();
        let theirs: Vec<f64> = reference.get(&format!("tanh.{name}.timesteps")).to_vec1().unwrap();
        assert_eq!(times, theirs, "{name}");
        compare(&reference, &format!("tanh.{name}"), &run(&config, &plan, reference.get("tanh.a")));
    }
}

fn time(planned: &Move) -> f64 {
    match planned {
        Move::Step(leap) => leap.time,
        Move::Renoise { .. } => panic!("nothing goes back"),
    }
}

/// Begun later, a multistep run retakes its own first step; where it ends is where the whole list ends.
#[test]
fn a_run_begun_later_ends_where_the_list_does() {
    for (name, known) in table("schedulers").as_object().unwrap() {
        let config = SchedulerConfig::from_json(known["config"].clone()).unwrap();
        let steps = known["steps"].as_u64().unwrap() as usize;
        let whole = plan(&config, steps, 0);
        let arrival = |plan: &Plan| match plan.moves.last() {
            Some(Move::Step(leap)) => leap.alpha_prod_prev,
            _ => panic!("{name} goes nowhere"),
        };
        for i_start in 1..steps {
            let later = plan(&config, steps, i_start);
            assert_eq!(
                whole.evaluations() - later.evaluations(),
                i_start + usize::from(retaken_alone(&config, &later))
            );
            assert_eq!(arrival(&later), arrival(&whole), "{name} from {i_start}");
            let [Move::Step(first), ..] = &later.moves[..] else { panic!("{name} begins with no step") };
            assert_eq!(first.alpha_prod, later.first_alpha_prod);
        }
    }
}

/// PNDM of one step has nothing to retake.
fn retaken_alone(config: &SchedulerConfig, plan: &Plan) -> bool {
    config.sampler == Sampler::Pndm && plan.moves.len() == 1
}

#[test]
fn what_a_scheduler_cannot_do_here_is_refused_by_its_key() {
    let told = |json: Value| SchedulerConfig::from_json(json).unwrap_err().to_string();
    for (json, wanted) in [
        (json!({ "_class_name": "UniPCMultistepScheduler" }), "UniPCMultistepScheduler is not supported"),
        (json!({ "_class_name": "PNDMScheduler" }), "skip_prk_steps false of PNDMScheduler"),
        (json!({ "_class_name": "EulerDiscreteScheduler", "use_karras_sigmas": true }), "use_karras_sigmas true"),
        (json!({ "_class_name": "EulerDiscreteScheduler", "final_sigmas_type": "sigma_min" }), "final_sigmas_type"),
        (json!({ "_class_name": "DDIMScheduler", "prediction_type": "flow" }), "cannot use this config"),
        (json!([1]), "is an object"),
    ] {
        let line = told(json);
        assert!(line.contains(wanted) && !line.contains('\n'), "{line}");
    }
    // What is written out as not set is not set.
    let bare = json!({ "_class_name": "EulerDiscreteScheduler" });
    let unset = json!({ "_class_name": "EulerDiscreteScheduler", "sigma_min": null, "timestep_spacing": null });
    assert_eq!(SchedulerConfig::from_json(bare).unwrap(), SchedulerConfig::from_json(unset).unwrap());
    let lcm = SchedulerConfig::from_json(json!({ "_class_name": "LCMScheduler" })).unwrap();
    let spec = PlanSpec {
        stepping: Stepping::Scheduler,
        steps: 51,
        timesteps: None,
        i_start: 0,
        sampler: Sampler::Lcm,
        repaint: None,
    };
    let error = Plan::new(&lcm, &Schedule::new(&lcm).unwrap(), &spec).unwrap_err().to_string();
    assert!(error.contains("from 1 to 50"), "{error}");
}
