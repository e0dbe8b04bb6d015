//! B2.1 to B2.3: digits from noise, by DDPM or along a flow, as the classes that are asked for.
//!
//! Each picture has a generator of its own (seeds S, S + 1, …). `samples-images-idx3-ubyte` and
//! `samples-labels-idx1-ubyte` beside the grid let any classifier score them; a picture without a class has label
//! 255 there.

use std::cell::RefCell;

use candle_core::{Device, Tensor};
use serde_json::json;

use super::{GROUP, hashes, network, report};
use crate::datasets::{SIDE, write_idx};
use crate::diffusion::estimate::Estimate;
use crate::diffusion::plan::Plan;
use crate::diffusion::run::Run as Loop;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::experiments::runs::{OneRun, alone, runs};
use crate::experiments::stages::Recorded;
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, StageStep, Trajectory, groups};
use crate::models::digits::{DigitDenoiser, Kind, NO_CLASS, Network, OWN_CLASS};
use crate::pictures::{bytes_from_grey, pictures_from_grey};
use crate::tensors::Generators;
use crate::tensors::gradients::Keep;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-sample",
    title: "Draw digits",
    group: GROUP,
    sentence: "Digits from noise, as the classes that are asked for",
    settings: &[
        &["checkpoint", "kind", "classes", "count", "guidance", "steps", "seed", "stepping", "sampler", "eta"],
        groups::GUIDANCE,
    ],
    needs: &[],
    guidance: Some(5.0),
    steps: None,
    defaults,
    presets: &[
        Preset { name: "b2.1-sample", title: "40 digits by DDPM, told the time", recipe: || forty(Kind::Time) },
        Preset { name: "b2.2-sample", title: "4 of each digit by DDPM, γ 5", recipe: || forty(Kind::Class) },
        Preset { name: "b2.3-sample", title: "4 of each digit along a flow, γ 5", recipe: || forty(Kind::FlowClass) },
        Preset {
            name: "b2.3-time-sample",
            title: "40 digits along a flow, told the time",
            recipe: || forty(Kind::FlowTime),
        },
    ],
    run: Run::Digits(run),
};

fn defaults() -> Recipe {
    Recipe { stepping: Stepping::Course, ..Recipe::new("digits-sample") }
}

fn forty(kind: Kind) -> Recipe {
    let count = if kind.has_class() { 4 } else { 40 };
    Recipe { kind: Some(kind), count, ..defaults() }
}

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let network = network(recipe, Kind::Class, Kind::samples, device)?;
    let classes = asked_classes(recipe, network.spec().kind)?;
    let hashes = hashes(Some(&network), None);
    let mut all = Samples::default();
    let runs = runs(recipe);
    let steps = runs.iter().map(|run| Drawing::new(&network, &classes, recipe, run).steps);
    observer.say(Progress::Planned([steps.sum(), 0]))?;
    for (number, run) in runs.iter().enumerate() {
        let (x, trajectory) = Drawing::new(&network, &classes, recipe, run).run(observer)?;
        if let Some(trajectory) = trajectory {
            observer.say(Progress::Trajectory(Trajectory { run: number, runs: runs.len(), ..trajectory }))?;
        }
        for (i, class) in classes.iter().enumerate() {
            let class = class.map_or_else(|| "none".to_owned(), |class| class.to_string());
            let alone = Recipe { classes: class, ..alone(recipe, run, i) };
            report(number * classes.len() + i, &x.narrow(0, i, 1)?, alone, &hashes, observer)?;
        }
        all.add(&x, &classes)?;
    }
    let per_row = classes_in_a_row(recipe, classes.len());
    let mut outcome = Outcome { per_row, files: all.files(), ..Outcome::default() };
    if network.spec().kind.has_class() && recipe.classes != "none" {
        outcome.columns = recipe.classes.chars().map(|class| class.to_string()).collect();
    }
    outcome.measures.insert("kind".to_owned(), json!(network.spec().kind.name()));
    Ok(outcome)
}

/// One row for each time the list of classes is gone through; what fits for pictures without a class.
fn classes_in_a_row(recipe: &Recipe, pictures: usize) -> usize {
    if recipe.classes == "none" || recipe.classes.len() > pictures { 10.min(pictures) } else { recipe.classes.len() }
}

/// The class of each picture: the list as often as the count says.
pub fn asked_classes(recipe: &Recipe, kind: Kind) -> Result<Vec<Option<u8>>> {
    let wrong = |what: String, hint: &str| Err(Error::arguments(what).at("classes").hint(hint));
    let list = recipe.classes.trim();
    if !kind.has_class() {
        if list != "none" && list != (EXPERIMENT.defaults)().classes {
            return wrong(format!("a `{}` network is told no class", kind.name()), "leave --classes out");
        }
        return Ok(vec![None; recipe.count]);
    }
    if list == "none" {
        return Ok(vec![None; recipe.count]);
    }
    let digits: Option<Vec<Option<u8>>> = list.chars().map(|c| c.to_digit(10).map(|digit| Some(digit as u8))).collect();
    match digits {
        Some(digits) if !digits.is_empty() => Ok(digits.repeat(recipe.count)),
        _ => wrong(format!("`{list}` is not a list of digits"), "name them as in 31415, or give `none`"),
    }
}

/// A run that draws one picture for each of its classes.
pub struct Drawing<'a> {
    /// The network.
    pub network: &'a Network,
    /// What each picture shows.
    pub classes: &'a [Option<u8>],
    /// Evaluations of the network.
    pub steps: usize,
    /// How it is sampled and guided.
    pub recipe: &'a Recipe,
    /// γ.
    pub guidance_scale: f64,
    /// The first picture's seed.
    pub seed: u64,
}

impl<'a> Drawing<'a> {
    /// What `run` of `recipe` draws; the checkpoint's own T where it says no steps.
    pub fn new(network: &'a Network, classes: &'a [Option<u8>], recipe: &'a Recipe, run: &OneRun) -> Self {
        let steps = if run.steps == 0 { network.own_steps() } else { run.steps };
        Self { network, classes, steps, recipe, guidance_scale: run.guidance_scale, seed: run.seed }
    }

    /// How it walks; an error for a sampler or steps that the network does not take.
    pub fn plan(&self) -> Result<(Sampler, Plan)> {
        let asked = self.recipe.sampler;
        // The recipe's default stands for whatever suits the network.
        let sampler = if asked == Sampler::Ddpm { self.network.own_sampler() } else { asked };
        Ok((sampler, self.network.plan(sampler, self.recipe.stepping, self.steps)?))
    }

    fn estimate(&self) -> Estimate {
        let has_class = self.network.spec().kind.has_class();
        let scale = if has_class { self.guidance_scale } else { 1.0 };
        match Estimate::guided(OWN_CLASS, NO_CLASS, scale) {
            Estimate::Guided { text, negative, guidance } if has_class => {
                let recipe = self.recipe;
                let interval = recipe.guidance_interval.map(|pair| (pair.0, pair.1));
                let schedule = recipe.guidance_schedule;
                let guidance = crate::diffusion::guidance::Guidance {
                    rescale: recipe.guidance_rescale,
                    interval,
                    schedule,
                    ..guidance
                };
                Estimate::Guided { text, negative, guidance }
            }
            other => other,
        }
    }

    /// The pictures, [b, 1, 28, 28], unclamped, and the run's tensors where they are wanted.
    pub fn run(&self, observer: &mut dyn Observer) -> Result<(Tensor, Option<Trajectory>)> {
        let wants_trajectory = observer.wants_trajectory();
        let (sampler, plan) = self.plan()?;
        let mut generators = Generators::new(self.seed, self.classes.len());
        let mut x = generators.randn((1, SIDE, SIDE), self.network.device())?;
        let mut recorded = Recorded::default();
        if wants_trajectory {
            recorded.x_t.push(x.clone());
        }
        let is_flow = self.network.spec().kind.is_flow();
        // The observer is asked within a step and told after it; the two borrows take turns.
        let observer = RefCell::new(observer);
        let check = || observer.borrow().check();
        let denoiser = DigitDenoiser { network: self.network, classes: self.classes, steps: self.steps, check: &check };
        let estimate = self.estimate();
        // Maps' memory is used again from step to step.
        let _memory = Keep::new();
        let steps = Loop {
            denoiser: &denoiser,
            estimate: &estimate,
            stepper: sampler.start(self.recipe.eta),
            constraint: None,
            plan: &plan,
            conditioning: None,
            generators: &mut generators,
            x: x.clone(),
            moved: 0,
            done: 0,
        };
        for step in steps {
            let mut step = step?;
            if !is_flow {
                step.timestep += 1; // DDPM's t counts from 1
            }
            let mut observer = observer.borrow_mut();
            observer.say(Progress::Step(StageStep {
                stage: 1,
                of: self.steps,
                step: &step,
                pictures: pictures_from_grey,
            }))?;
            observer.check()?;
            if wants_trajectory {
                recorded.push(step.timestep, &step.x_t, &step.prediction);
            }
            x = step.x_t;
        }
        let tensors = if wants_trajectory { Some(recorded.tensors()?) } else { None };
        Ok((x, tensors.map(|tensors| Trajectory { stage: 1, run: 0, runs: 1, tensors })))
    }
}

/// Pictures and labels as IDX files.
#[derive(Default)]
struct Samples {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Samples {
    fn add(&mut self, x: &Tensor, classes: &[Option<u8>]) -> Result<()> {
        self.pixels.extend(bytes_from_grey(x)?);
        self.labels.extend(classes.iter().map(|class| class.unwrap_or(u8::MAX)));
        Ok(())
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let count = self.labels.len();
        vec![
            ("samples-images-idx3-ubyte".to_owned(), write_idx(&[count, SIDE, SIDE], &self.pixels)),
            ("samples-labels-idx1-ubyte".to_owned(), write_idx(&[count], &self.labels)),
        ]
    }
}
