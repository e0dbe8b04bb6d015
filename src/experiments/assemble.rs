//! From a resolved recipe to pictures: the slots of the loop filled for each run, stage I and then stage II.
//!
//! Every experiment that makes pictures comes through here, so that any start, estimate, sampler and constraint
//! can be combined.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;
use serde_json::{Map, Value, json};

use super::branch::Recorded;
use super::runs::{OneRun, alone, runs};
use super::sources::at_working_size;
use super::table::Table;
use super::texts::Texts;
use super::{Observer, Outcome, Picture, Progress, Recipe, Trajectory};
use crate::diffusion::constraint::paste;
use crate::diffusion::plan::{Plan, PlanSpec, Repaint};
use crate::diffusion::timesteps::{Stepping, TimestepList};
use crate::error::{Error, Result};
use crate::models::{Cascade, Stage, TextContext, Unet};
use crate::pictures::{pictures_from_tensor, tensor_from_picture};

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
    /// What its prompts say, the negative one last.
    pub(super) texts: Texts,
    /// The same as each stage takes them, once it has.
    contexts: RefCell<[Option<TextContext>; 2]>,
    hashes: Map<String, Value>,
    /// The step that a branch starts from.
    pub(super) recorded: Option<Recorded>,
}

/// A stage's network, in memory for as long as this is, and the job's texts as it takes them.
pub struct Ready {
    /// The network.
    pub unet: Arc<Unet>,
    /// The texts, the negative one last.
    pub texts: TextContext,
}

impl<'a> Job<'a> {
    /// Brings the sources to size and encodes the texts.
    pub fn new(recipe: &Recipe, cascade: &'a Cascade, observer: &mut dyn Observer) -> Result<Self> {
        let recipe = at_working_size(recipe, cascade, observer)?;
        let texts = Texts::new(&recipe, cascade, observer)?;
        cascade.stages().try_for_each(|stage| stage.check_embeddings(&texts.embeds))?;
        let hashes = hashes(cascade, &texts);
        let recorded = recipe.branch.as_ref().map(|branch| branch.load(cascade.device())).transpose()?;
        if let Some(recorded) = &recorded {
            check_recorded(recorded, &recipe, cascade)?;
        }
        Ok(Self { runs: runs(&recipe), recipe, cascade, texts, contexts: RefCell::default(), hashes, recorded })
    }

    /// The network of `stage`, read if it is not in memory.
    pub fn ready(&self, stage: &Stage, observer: &mut dyn Observer) -> Result<Ready> {
        let unet = self.cascade.unet(stage, &mut |what| {
            observer.check()?;
            observer.say(Progress::Loading(what))
        })?;
        let kept = &mut self.contexts.borrow_mut()[usize::from(stage.is_second())];
        let texts = match kept {
            Some(texts) => texts.clone(),
            None => kept.insert(unet.text(&self.texts.embeds)?).clone(),
        };
        Ok(Ready { unet, texts })
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
        // The course's loop does not evaluate its last timestep; what one step makes of it is asked all the same.
        let alone = matches!(timesteps, Some(TimestepList::Given(list)) if run.t.is_some() && list.len() == 1);
        let repaint = recipe.repaint.map(|pair| Repaint { resamplings: pair.0, jump_length: pair.1 });
        let spec = PlanSpec {
            stepping: if alone { Stepping::Scheduler } else { recipe.stepping },
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
            steps: self.recipe.second().1,
            timesteps: None,
            i_start: 0,
            sampler: self.recipe.stage_2_sampler,
            repaint: None,
        };
        Plan::new(&stage.config, &stage.schedule, &spec)
    }

    /// Makes one stage's pictures of `run`, exact outside the mask.
    fn stage(
        &self,
        stage: &Stage,
        run: &OneRun,
        plan: &Plan,
        low: Option<&Tensor>,
        observer: &mut dyn Observer,
    ) -> Result<(Tensor, Option<Trajectory>)> {
        let count = self.recipe.count;
        let ready = self.ready(stage, observer)?;
        let ended = self.filled((stage, &ready), run, plan, low, |filled| filled.run(count, observer))?;
        let x = match (self.mask(stage)?, self.picture(stage)?) {
            (Some(mask), Some(picture)) => paste(&mask, &ended.x_0, &picture)?,
            _ => ended.x_0,
        };
        Ok((x, ended.trajectory))
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
        Some(stage) => Some((stage, job.second_plan(stage)?)),
        None => None,
    };
    // Whatever cannot be composed is refused before any work.
    let _ = job.slots(first, &job.runs[0], false)?;
    if let Some((stage, _)) = &second {
        let _ = job.slots(stage, &job.runs[0], true)?;
    }
    let second_steps = second.as_ref().map_or(0, |(_, plan)| plan.evaluations());
    let first_steps = plans.iter().map(|plan| job.evaluations(plan)).sum();
    observer.say(Progress::Planned([first_steps, job.runs.len() * second_steps]))?;
    let mut made = Vec::new();
    for (index, (run, plan)) in job.runs.iter().zip(&plans).enumerate() {
        let (mut x, trajectory) = job.stage(first, run, plan, None, observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        if let Some((stage, plan)) = &second {
            let (enlarged, trajectory) = job.stage(stage, run, plan, Some(&x), observer)?;
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
    let mut made = Vec::new();
    for (index, (run, plan)) in job.runs.iter().zip(&plans).enumerate() {
        let (x, trajectory) = job.stage(stage, run, plan, Some(&low), observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        made.push((run.clone(), job.report_pictures(index, &x, observer)?));
    }
    Ok(Made { outcome: Table::of(&job.recipe).outcome(), runs: made, recipe: job.recipe })
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
