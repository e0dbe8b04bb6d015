//! From a resolved recipe to pictures: the slots of the loop filled for each run, stage I and then stage II.
//!
//! Every experiment that makes pictures comes through here, so that any start, estimate, sampler and constraint
//! can be combined.

use candle_core::Tensor;
use image::RgbImage;
use serde_json::{Map, Value, json};

use super::branch::Recorded;
use super::composition::{estimate, held_part};
use super::recipe::InpaintMode;
use super::runs::{OneRun, alone, runs};
use super::stages::{StageRun, Start};
use super::table::Table;
use super::texts::Texts;
use super::{Observer, Outcome, Picture, Progress, Recipe, Source, Trajectory};
use crate::diffusion::constraint::{Constraint, paste};
use crate::diffusion::plan::{Plan, PlanSpec, Repaint};
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::{Stepping, TimestepList};
use crate::error::{Error, Result};
use crate::models::{Cascade, Stage, TextContext};
use crate::pictures::{luminance, pictures_from_tensor, tensor_from_mask, tensor_from_picture};

/// What a job came to: its pictures run by run, and the recipe with its sources at working size.
pub struct Made {
    /// The recipe as it was run.
    pub recipe: Recipe,
    /// Each run with its pictures.
    pub runs: Vec<(OneRun, Vec<RgbImage>)>,
    /// The plain table of the pictures.
    pub outcome: Outcome,
}

/// Everything that the runs of a job share.
pub struct Job<'a> {
    /// The recipe with its sources at working size.
    pub recipe: Recipe,
    /// Its runs.
    pub runs: Vec<OneRun>,
    /// The model.
    pub cascade: &'a Cascade,
    texts: Texts,
    hashes: Map<String, Value>,
    recorded: Option<Recorded>,
}

/// A source picture, or the mask, on the device.
fn source_tensor(source: &Source, stage: &Stage) -> Result<Tensor> {
    tensor_from_picture(&source.at(stage.sample_size)?, stage.unet.device())
}

impl<'a> Job<'a> {
    /// Brings the sources to size and encodes the texts.
    pub fn new(recipe: &Recipe, cascade: &'a Cascade, observer: &mut dyn Observer) -> Result<Self> {
        let mut recipe = recipe.clone();
        let mut sides: Vec<usize> = Vec::new();
        if recipe.experiment == "upscale" {
            sides.push(cascade.low_resolution_size());
        } else {
            // Stage II works from its own copy only where it keeps the picture.
            sides.extend(cascade.stage_2.as_ref().filter(|_| recipe.mask.is_some()).map(|stage| stage.sample_size));
            sides.extend(cascade.stage_1.as_ref().map(|stage| stage.sample_size));
        }
        if let Some(image) = &recipe.image {
            recipe.image = Some(image.fitted(&sides)?);
        }
        if let Some(mask) = &recipe.mask {
            recipe.mask = Some(match mask {
                Source::Fitted(_) => mask.fitted(&sides)?,
                other => Source::Held(luminance(&*other.load()?).into()).fitted(&sides)?,
            });
            note_on_mask(recipe.mask.as_ref(), observer)?;
        }
        let texts = Texts::new(&recipe, cascade, observer)?;
        let hashes = hashes(cascade, &texts);
        let recorded = recipe.branch.as_ref().map(|branch| branch.load(cascade.device())).transpose()?;
        if let Some(recorded) = &recorded {
            check_recorded(recorded, &recipe, cascade)?;
        }
        Ok(Self { runs: runs(&recipe), recipe, cascade, texts, hashes, recorded })
    }

    /// The texts as `stage` takes them.
    pub fn context(&self, stage: &Stage) -> Result<TextContext> {
        stage.unet.text(&self.texts.embeds)
    }

    /// The moves of `run` on `stage`, by the recipe's own stepping.
    pub fn plan(&self, stage: &Stage, run: &OneRun) -> Result<Plan> {
        let recipe = &self.recipe;
        let from_t;
        let mut timesteps = recipe.timesteps.as_ref();
        if let Some(t) = run.t {
            from_t = list_from(stage, recipe, run.steps, t)?;
            timesteps = Some(&from_t);
        }
        let repaint = recipe.repaint.map(|pair| Repaint { resamplings: pair.0, jump_length: pair.1 });
        let spec = PlanSpec {
            stepping: recipe.stepping,
            steps: run.steps,
            timesteps,
            i_start: run.i_start,
            sampler: recipe.sampler,
            repaint,
        };
        let plan = Plan::new(&stage.config, &stage.schedule, &spec)?;
        let Some(recorded) = self.recorded.as_ref().filter(|recorded| recorded.moves_before(&plan).is_none()) else {
            return Ok(plan);
        };
        let from_t = list_from(stage, recipe, run.steps, recorded.timestep())?;
        let spec = PlanSpec { timesteps: Some(&from_t), i_start: 0, ..spec };
        Plan::new(&stage.config, &stage.schedule, &spec)
    }

    /// How often stage I's network will be evaluated for `plan`.
    fn evaluations(&self, plan: &Plan) -> usize {
        let before = self.recorded.as_ref().filter(|recorded| recorded.moves_before(plan).is_some());
        plan.evaluations() - before.map_or(0, |recorded| recorded.timesteps.len() - 1)
    }

    /// Stage II's moves after a stage I: always the scheduler's own.
    fn second_plan(&self, stage: &Stage) -> Result<Plan> {
        let spec = PlanSpec {
            stepping: Stepping::Scheduler,
            steps: self.recipe.stage_2_steps,
            timesteps: None,
            i_start: 0,
            sampler: Sampler::Ddpm,
            repaint: None,
        };
        Plan::new(&stage.config, &stage.schedule, &spec)
    }

    /// The source picture for `stage`, once for each picture of a run.
    pub fn picture(&self, stage: &Stage) -> Result<Option<Tensor>> {
        let Some(source) = &self.recipe.image else { return Ok(None) };
        Ok(Some(source_tensor(source, stage)?.repeat((self.recipe.count, 1, 1, 1))?))
    }

    fn mask(&self, stage: &Stage) -> Result<Option<Tensor>> {
        let Some(source) = &self.recipe.mask else { return Ok(None) };
        let hard = self.recipe.inpaint_mode == InpaintMode::Diffusers;
        Ok(Some(tensor_from_mask(&source.at(stage.sample_size)?, hard, stage.unet.device())?))
    }

    /// What the recipe keeps of its picture after each step.
    fn constraint(&self, stage: &Stage, base: usize, picture: Option<&Tensor>) -> Result<Option<Constraint>> {
        let mask = self.mask(stage)?;
        let needed = |what: &str| {
            let picture = picture.cloned();
            picture.ok_or_else(|| Error::arguments(format!("{what} needs a picture")).hint("give one with --image"))
        };
        match (&mask, &self.recipe.hold) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Error::arguments("a mask and a held part cannot be combined")
                .at("hold")
                .hint("leave one of them out")),
            (None, Some(name)) => {
                let part = held_part(&self.recipe, name, stage.sample_size, base)?;
                Ok(Some(Constraint::Hold { part, reference: needed("a held part")? }))
            }
            (Some(mask), None) => {
                let (mask, original) = (mask.clone(), needed("a mask")?);
                Ok(Some(match self.recipe.inpaint_mode {
                    InpaintMode::Renoise => Constraint::Renoise { mask, original },
                    InpaintMode::Diffusers => Constraint::Unnoised { mask, original },
                }))
            }
        }
    }

    /// Fills the slots of the loop for `run` on a stage, and hands the filled loop to `with`.
    pub fn filled<R>(
        &self,
        stage: &Stage,
        run: &OneRun,
        (context, plan): (&TextContext, &Plan),
        low: Option<&Tensor>,
        with: impl FnOnce(&StageRun<'_>) -> Result<R>,
    ) -> Result<R> {
        let recipe = &self.recipe;
        let second = low.is_some();
        let base = self.cascade.low_resolution_size();
        // Stage II of edits and held parts is plain super-resolution; inpainting keeps its constraint.
        let kept = !second || recipe.mask.is_some();
        let picture = if kept { self.picture(stage)? } else { None };
        let constraint = if kept { self.constraint(stage, base, picture.as_ref())? } else { None };
        let scale = if second && recipe.experiment != "upscale" { recipe.stage_2_guidance } else { run.guidance_scale };
        let negative = context.len() - 1;
        let estimate = estimate(recipe, run, stage.sample_size, base, negative, scale)?;
        let mask = self.mask(stage)?.filter(|_| recipe.inpaint_mode == InpaintMode::Diffusers);
        let starts_from_picture = !second && (!recipe.i_start.is_empty() || run.t.is_some());
        let start = match (&picture, &mask) {
            (Some(picture), Some(mask)) => Start::NoisedInside { picture, mask },
            (Some(picture), None) if starts_from_picture => Start::Noised(picture),
            _ => Start::Noise,
        };
        with(&StageRun {
            stage,
            number: if second { 2 } else { 1 },
            texts: context,
            start,
            estimate: &estimate,
            sampler: if second && recipe.experiment != "upscale" { Sampler::Ddpm } else { recipe.sampler },
            eta: recipe.eta,
            constraint: constraint.as_ref(),
            plan,
            seed: run.seed,
            resume: self
                .recorded
                .as_ref()
                .filter(|_| !second)
                .map(|recorded| (&recorded.x, recorded.moves_before(plan).unwrap_or(0))),
            low_resolution: low.map(|low| (low, recipe.noise_level)),
        })
    }

    /// Makes one stage's pictures of `run`, exact outside the mask.
    fn stage(
        &self,
        stage: &Stage,
        run: &OneRun,
        prepared: (&TextContext, &Plan),
        low: Option<&Tensor>,
        observer: &mut dyn Observer,
    ) -> Result<(Tensor, Option<Trajectory>)> {
        let count = self.recipe.count;
        let (x, trajectory) = self.filled(stage, run, prepared, low, |filled| filled.run(count, observer))?;
        match (self.mask(stage)?, self.picture(stage)?) {
            (Some(mask), Some(picture)) => Ok((paste(&mask, &x, &picture)?, trajectory)),
            _ => Ok((x, trajectory)),
        }
    }

    /// Hands on the tensors of run `index`, with the embeddings of the job's prompts.
    pub fn report_trajectory(
        &self,
        index: usize,
        trajectory: Option<Trajectory>,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let Some(mut trajectory) = trajectory else { return Ok(()) };
        trajectory.tensors.push(("prompt_embeds", self.texts.prompt_embeds()?));
        trajectory.run = index;
        trajectory.runs = self.runs.len();
        observer.say(Progress::Trajectory(trajectory))
    }

    /// Hands on the finished pictures of run `index`, `x` [b, 3, h, w].
    pub fn report_pictures(&self, index: usize, x: &Tensor, observer: &mut dyn Observer) -> Result<Vec<RgbImage>> {
        let pictures = pictures_from_tensor(x)?;
        for (i, pixels) in pictures.iter().enumerate() {
            observer.say(Progress::Picture(Box::new(Picture {
                index: index * self.recipe.count + i,
                pixels: pixels.clone().into(),
                recipe: alone(&self.recipe, &self.runs[index], i),
                hashes: self.hashes.clone(),
            })))?;
        }
        Ok(pictures)
    }
}

/// Runs all of `recipe`: stage I, then stage II where the model has one and the recipe wants it.
pub fn make(recipe: &Recipe, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Made> {
    let first = cascade.stage_1()?;
    let job = Job::new(recipe, cascade, observer)?;
    let plans: Vec<Plan> = job.runs.iter().map(|run| job.plan(first, run)).collect::<Result<_>>()?;
    let second = match &cascade.stage_2 {
        Some(stage) => Some((stage, job.second_plan(stage)?, job.context(stage)?)),
        None => None,
    };
    let second_steps = second.as_ref().map_or(0, |(_, plan, _)| plan.evaluations());
    let first_steps = plans.iter().map(|plan| job.evaluations(plan)).sum();
    observer.say(Progress::Planned([first_steps, job.runs.len() * second_steps]))?;
    let context = job.context(first)?;
    let mut made = Vec::new();
    for (index, (run, plan)) in job.runs.iter().zip(&plans).enumerate() {
        let (mut x, trajectory) = job.stage(first, run, (&context, plan), None, observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        if let Some((stage, plan, context)) = &second {
            let (enlarged, trajectory) = job.stage(stage, run, (context, plan), Some(&x), observer)?;
            job.report_trajectory(index, trajectory, observer)?;
            x = enlarged;
        }
        made.push((run.clone(), job.report_pictures(index, &x, observer)?));
    }
    Ok(Made { outcome: Table::of(&job.recipe).outcome(), runs: made, recipe: job.recipe })
}

/// Runs stage II alone on the recipe's picture.
pub fn enlarge(recipe: &Recipe, cascade: &Cascade, observer: &mut dyn Observer) -> Result<Made> {
    let stage = cascade.stage_2()?;
    let source = recipe.image.as_ref().ok_or_else(|| Error::arguments("no picture to enlarge"))?;
    let low = tensor_from_picture(&source.at(cascade.low_resolution_size())?, cascade.device())?;
    let low = low.repeat((recipe.count, 1, 1, 1))?;
    let job = Job::new(recipe, cascade, observer)?;
    let plans: Vec<Plan> = job.runs.iter().map(|run| job.plan(stage, run)).collect::<Result<_>>()?;
    observer.say(Progress::Planned([0, plans.iter().map(Plan::evaluations).sum()]))?;
    let context = job.context(stage)?;
    let mut made = Vec::new();
    for (index, (run, plan)) in job.runs.iter().zip(&plans).enumerate() {
        let (x, trajectory) = job.stage(stage, run, (&context, plan), Some(&low), observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        made.push((run.clone(), job.report_pictures(index, &x, observer)?));
    }
    Ok(Made { outcome: Table::of(&job.recipe).outcome(), runs: made, recipe: job.recipe })
}

/// A mask of nothing or of everything is allowed, and said.
fn note_on_mask(mask: Option<&Source>, observer: &mut dyn Observer) -> Result<()> {
    let Some(mask) = mask else { return Ok(()) };
    let pixels = mask.load()?;
    let all = |value: u8| pixels.as_raw().iter().all(|&pixel| pixel == value);
    let said = match (all(0), all(255)) {
        (true, _) => "the mask is all black: the picture is kept as it is",
        (_, true) => "the mask is all white: nothing of the picture is kept",
        _ => return Ok(()),
    };
    observer.say(Progress::Note(said.to_owned()))
}

/// A recorded x_t must have the shape of this run's.
fn check_recorded(recorded: &Recorded, recipe: &Recipe, cascade: &Cascade) -> Result<()> {
    let side = cascade.stage_1()?.sample_size;
    let wanted = [recipe.count, 3, side, side];
    if recorded.x.dims() == wanted {
        return Ok(());
    }
    Err(Error::arguments(format!("the recorded x_t is {:?}, this run's is {wanted:?}", recorded.x.dims()))
        .at("branch")
        .hint("use the same model and count"))
}

/// `t`, followed by the entries below it of the list that the recipe would walk.
fn list_from(stage: &Stage, recipe: &Recipe, steps: usize, t: usize) -> Result<TimestepList> {
    let entries = Plan::entries(
        &stage.config,
        stage.schedule.num_train_timesteps(),
        &PlanSpec {
            stepping: recipe.stepping,
            steps,
            timesteps: recipe.timesteps.as_ref(),
            i_start: 0,
            sampler: recipe.sampler,
            repaint: None,
        },
    )?;
    Ok(TimestepList::Given(std::iter::once(t).chain(entries.into_iter().filter(|&entry| entry < t)).collect()))
}

/// Hashes of everything that a picture was made with.
fn hashes(cascade: &Cascade, texts: &Texts) -> Map<String, Value> {
    let mut hashes = Map::new();
    for (name, stage) in [("stage_1", &cascade.stage_1), ("stage_2", &cascade.stage_2)] {
        if let Some(stage) = stage {
            hashes.insert(format!("{name}_sha256"), json!(stage.sha256));
        }
    }
    hashes.insert("prompt_embeds_sha256".to_owned(), json!(texts.sha256));
    hashes
}
