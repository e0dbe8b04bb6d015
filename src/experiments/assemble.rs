//! From a resolved recipe to pictures: the slots of the loop filled for each run, stage I and then stage II.
//!
//! Every experiment that makes pictures comes through here, so that any start, estimate, sampler and constraint
//! can be combined, on any model.

use candle_core::{Device, Tensor};
use image::RgbImage;
use serde_json::{Map, Value};

use super::branch::Recorded;
use super::conditions::conditions;
use super::plan::{JobPlan, PlannedRun};
use super::runs::{OneRun, alone, runs};
use super::settings::inpainting::InpaintMode;
use super::sources::at_working_size;
use super::table::Table;
use super::{Observer, Outcome, Picture, Progress, Recipe, Trajectory};
use crate::diffusion::constraint::paste;
use crate::diffusion::plan::Plan;
use crate::error::{Error, Result};
use crate::files::check_memory;
use crate::models::{Conditions, Model, Space, StageSummary, ToldNetwork};
use crate::pictures::{pictures_from_tensor, tensor_from_mask, tensor_from_picture};

/// Tensors of a run's size that its loop holds at once.
const KEPT_TENSORS: usize = 8;

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
    /// Its runs with their moves.
    pub runs: Vec<PlannedRun>,
    /// The model.
    pub model: &'a dyn Model,
    /// What its pictures are to show, and the last what guidance leads away from.
    pub(super) conditions: Conditions,
    /// The source picture in the space of stage I, [1, c, h, w], where it is another than the recipe's.
    pub(super) source: Option<Tensor>,
    hashes: Map<String, Value>,
    /// The step that a branch starts from.
    pub(super) recorded: Option<Recorded>,
}

impl<'a> Job<'a> {
    /// Brings the sources to size and has the model told what is asked for.
    pub fn new(recipe: &Recipe, model: &'a dyn Model, observer: &mut dyn Observer) -> Result<Self> {
        let recipe = at_working_size(recipe, model, observer)?;
        let conditions = conditions(&recipe, model, observer)?;
        let recorded = recipe.source.branch.as_ref().map(|branch| branch.load(model.device())).transpose()?;
        if let Some(recorded) = &recorded {
            check_recorded(recorded, &recipe, model)?;
        }
        let runs = runs(&recipe);
        Self::with(recipe, &runs, model, conditions, recorded)
    }

    /// The given runs of a recipe whose sources are at size, with conditions that the caller chose.
    pub fn with(
        recipe: Recipe,
        runs: &[OneRun],
        model: &'a dyn Model,
        conditions: Conditions,
        recorded: Option<Recorded>,
    ) -> Result<Self> {
        let planned = |run| PlannedRun::of(&recipe, run, model.summary(), recorded.as_ref());
        let runs = runs.iter().map(planned).collect::<Result<_>>()?;
        let mut hashes = model.hashes();
        hashes.extend(conditions.hashes());
        Ok(Self { runs, recipe, model, conditions, source: None, hashes, recorded })
    }

    /// The network of `stage`, read if it is not in memory.
    pub fn network(&self, stage: &StageSummary, observer: &mut dyn Observer) -> Result<Box<dyn ToldNetwork + '_>> {
        self.model.network(stage, &self.conditions, &mut |what| {
            observer.check()?;
            observer.say(Progress::Loading(what))
        })
    }

    /// What all its runs ask of the networks.
    pub fn cost(&self) -> Result<JobPlan> {
        let of = |run: &PlannedRun| run.cost(&self.recipe, self.model.summary());
        self.runs.iter().try_fold(JobPlan::default(), |all, run| Ok(all.and(of(run)?)))
    }

    /// Refuses whatever cannot be composed, before any work.
    pub fn check(&self) -> Result<()> {
        let Some(first) = self.runs.first() else { return Ok(()) };
        for stage in &self.model.summary().stages {
            let _ = self.slots(stage, first, stage.number == 2)?;
        }
        Ok(())
    }

    /// Makes one stage's pictures of `planned` by `plan`, [b, c, h, w], exact outside the mask, and the run's tensors
    /// where they are wanted.
    pub fn draw(
        &self,
        stage: &StageSummary,
        planned: &PlannedRun,
        plan: &Plan,
        low: Option<&Tensor>,
        observer: &mut dyn Observer,
    ) -> Result<(Tensor, Option<Trajectory>)> {
        let count = self.recipe.sampling.count;
        let space = stage.space;
        // x_t, what is estimated of it and what is composed from that, in f32; the network itself is shown a few at a time.
        let needed =
            (count as u64).saturating_mul((space.channels * space.height * space.width * KEPT_TENSORS * 4) as u64);
        check_memory(needed, "a run", format!("{count} pictures"), "choose a smaller --count or fewer classes")?;
        let network = self.network(stage, observer)?;
        let ended = self.filled((stage, &*network), planned, plan, low, |filled| filled.run(count, observer))?;
        let x = match (self.mask(stage)?, self.picture(stage)?) {
            (Some(mask), Some(picture)) => paste(&mask, &ended.x_0, &picture)?,
            _ => ended.x_0,
        };
        Ok((x, ended.trajectory))
    }

    /// Hands on the tensors of run `index`, with what its pictures were to show.
    pub fn report_trajectory(
        &self,
        index: usize,
        trajectory: Option<Trajectory>,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let Some(mut trajectory) = trajectory else { return Ok(()) };
        trajectory.tensors.extend(self.conditions.tensors()?);
        observer.say(Progress::Trajectory(trajectory.of(index, self.runs.len())))
    }

    /// `pictures` with the source's own pixels outside the mask, where they went through a codec that loses some.
    fn exact(&self, stage: &StageSummary, pictures: Vec<RgbImage>) -> Result<Vec<RgbImage>> {
        let (Some(mask), Some(source)) = (&self.recipe.inpainting.mask, &self.recipe.source.image) else {
            return Ok(pictures);
        };
        if !self.model.codec(stage).is_lossy() {
            return Ok(pictures);
        }
        let hard = self.recipe.inpainting.mode == InpaintMode::Diffusers;
        let mask = tensor_from_mask(&mask.at(stage.sample_size)?, hard, &Device::Cpu)?;
        let outside = tensor_from_picture(&source.at(stage.sample_size)?, &Device::Cpu)?;
        let pasted = pictures.iter().map(|picture| {
            let inside = tensor_from_picture(picture, &Device::Cpu)?;
            Ok(pictures_from_tensor(&paste(&mask, &inside, &outside)?)?.remove(0))
        });
        pasted.collect()
    }

    /// Hands on the finished pictures of run `index`, `x` [b, c, h, w] of `stage`.
    pub fn report_pictures(
        &self,
        index: usize,
        stage: &StageSummary,
        x: &Tensor,
        observer: &mut dyn Observer,
    ) -> Result<Vec<RgbImage>> {
        let pictures = self.exact(stage, self.model.codec(stage).decode(x)?)?;
        for (i, pixels) in pictures.iter().enumerate() {
            observer.say(Progress::Picture(Box::new(Picture {
                index: index * self.recipe.sampling.count + i,
                pixels: pixels.clone().into(),
                recipe: alone(&self.recipe, &self.runs[index].run, i),
                hashes: self.hashes.clone(),
            })))?;
        }
        Ok(pictures)
    }
}

/// Runs all of `recipe`: stage I, then stage II where the model has one and the recipe wants it.
pub fn make(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Made> {
    let first = model.summary().stage_1()?;
    let job = Job::new(recipe, model, observer)?;
    job.check()?;
    observer.say(Progress::Planned(job.cost()?.evaluations))?;
    let mut made = Vec::new();
    for (index, planned) in job.runs.iter().enumerate() {
        let (mut x, trajectory) = job.draw(first, planned, &planned.plan, None, observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        let mut last = first;
        if let (Some(stage), Some(plan)) = (model.summary().enlarger(), &planned.second) {
            let (enlarged, trajectory) = job.draw(stage, planned, plan, Some(&x), observer)?;
            job.report_trajectory(index, trajectory, observer)?;
            (x, last) = (enlarged, stage);
        }
        made.push((planned.run.clone(), job.report_pictures(index, last, &x, observer)?));
    }
    Ok(Made { outcome: Table::of(&job.recipe).outcome(), runs: made, recipe: job.recipe })
}

/// Runs stage II alone on the recipe's picture.
pub fn enlarge(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Made> {
    let stage = model.summary().stage_2()?;
    let source = recipe.source.image.as_ref().ok_or_else(|| Error::arguments("no picture to enlarge"))?;
    let small = source.at(model.summary().low_resolution_size())?;
    let low = model.codec(stage).encode(&small, model.device())?.repeat((recipe.sampling.count, 1, 1, 1))?;
    let job = Job::new(recipe, model, observer)?;
    observer.say(Progress::Planned(job.cost()?.evaluations))?;
    let mut made = Vec::new();
    for (index, planned) in job.runs.iter().enumerate() {
        let (x, trajectory) = job.draw(stage, planned, &planned.plan, Some(&low), observer)?;
        job.report_trajectory(index, trajectory, observer)?;
        made.push((planned.run.clone(), job.report_pictures(index, stage, &x, observer)?));
    }
    Ok(Made { outcome: Table::of(&job.recipe).outcome(), runs: made, recipe: job.recipe })
}

/// A recorded x_t must have the shape of this run's.
fn check_recorded(recorded: &Recorded, recipe: &Recipe, model: &dyn Model) -> Result<()> {
    let Space { channels, height, width } = model.summary().stage_1()?.space;
    let wanted = [recipe.sampling.count, channels, height, width];
    if recorded.x.dims() == wanted {
        return Ok(());
    }
    Err(Error::arguments(format!("the recorded x_t is {:?}, this run's is {wanted:?}", recorded.x.dims()))
        .at("branch")
        .hint("use the same model and count"))
}
