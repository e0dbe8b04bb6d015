//! What a resolved recipe comes to, known before it runs and without weights: its runs with their moves, how often each
//! network is evaluated and what it is shown. Grids, told times, progress and the worker read this one plan.

use super::Recipe;
use super::branch::Recorded;
use super::composition::{Square, estimate};
use super::digits;
use super::runs::{OneRun, runs};
use super::sweep::cells;
use crate::diffusion::estimate::{Estimate, Moment, Reduce};
use crate::diffusion::plan::{Move, Plan, PlanSpec, Repaint};
use crate::diffusion::prediction::Terms;
use crate::diffusion::timesteps::{Stepping, TimestepList};
use crate::error::Result;
use crate::models::{Conditioning, ModelSummary, StageSummary};

/// What a whole job asks of the networks of stage I and stage II.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobPlan {
    /// How often each is evaluated, RePaint's repeats included.
    pub evaluations: [usize; 2],
    /// How many inputs each is shown, over all pictures: what its time is made of.
    pub shown: [u64; 2],
}

/// One run with its moves.
#[derive(Clone, Debug)]
pub struct PlannedRun {
    /// What it is.
    pub run: OneRun,
    /// Stage I's moves; stage II's where that runs alone.
    pub plan: Plan,
    /// Moves of `plan` that a recorded run has made already.
    pub made: usize,
    /// Stage II's moves after a stage I.
    pub second: Option<Plan>,
}

impl JobPlan {
    /// The plan of a resolved `recipe` on the model of `summary`, every cell of its grid included. A branch is taken to
    /// lie on the recipe's own way: no file is read. An error where the recipe cannot run.
    pub fn of(recipe: &Recipe, summary: &ModelSummary) -> Result<Self> {
        let mut all = Self::default();
        for cell in cells(recipe)? {
            let cell = if recipe.is_grid() { cell.resolved(&summary.recommendations)? } else { cell };
            if !recipe.experiment()?.walks() {
                // Noising asks no network, but which timesteps there are.
                let _ = cell.source.t.iter().map(|&t| summary.stage_1()?.alpha_prod(t)).collect::<Result<Vec<_>>>()?;
                continue;
            }
            all = all.and(match digits::as_general(&cell, summary)? {
                Some(general) => Self::of_runs(&general.recipe, &general.runs, summary)?.times(general.rows),
                None => Self::of_runs(&cell, &runs(&cell), summary)?,
            });
        }
        Ok(all)
    }

    fn of_runs(recipe: &Recipe, runs: &[OneRun], summary: &ModelSummary) -> Result<Self> {
        let mut all = Self::default();
        for run in runs {
            let mut planned = PlannedRun::of(recipe, run, summary, None)?;
            planned.made = recipe.source.branch.as_ref().map_or(0, |branch| moves_of(&planned.plan, branch.step));
            all = all.and(planned.cost(recipe, summary)?);
        }
        Ok(all)
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            evaluations: [0, 1].map(|stage| self.evaluations[stage] + other.evaluations[stage]),
            shown: [0, 1].map(|stage| self.shown[stage] + other.shown[stage]),
        }
    }

    fn times(self, n: usize) -> Self {
        Self { evaluations: self.evaluations.map(|count| count * n), shown: self.shown.map(|count| count * n as u64) }
    }
}

impl PlannedRun {
    /// `run` of `recipe` on the model of `summary`, going on from a recorded step where there is one.
    pub fn of(recipe: &Recipe, run: &OneRun, summary: &ModelSummary, recorded: Option<&Recorded>) -> Result<Self> {
        let stage = if recipe.upscales() { summary.stage_2()? } else { summary.stage_1()? };
        let walks = recipe.experiment()?.walks();
        let plan = if walks { moves(recipe, stage, run, recorded)? } else { Plan::nothing() };
        let second = if recipe.upscales() { None } else { summary.enlarger() };
        let spec = PlanSpec {
            stepping: Stepping::Scheduler,
            steps: recipe.second().1,
            timesteps: None,
            i_start: 0,
            sampler: recipe.stage_2.sampler,
            repaint: None,
        };
        Ok(Self {
            made: recorded.and_then(|recorded| recorded.moves_before(&plan, stage)).unwrap_or(0),
            run: run.clone(),
            plan,
            second: second.map(|stage| stage.plan(&spec)).transpose()?,
        })
    }

    /// What it asks of the networks.
    pub fn cost(&self, recipe: &Recipe, summary: &ModelSummary) -> Result<JobPlan> {
        let guides = summary.recommendations.conditioning != Conditioning::None;
        let base = summary.base();
        let of = |stage: &StageSummary, plan: &Plan, made: usize, scale: f64| -> Result<(usize, u64)> {
            let scale = if guides && !stage.asked_once { scale } else { 1.0 };
            let tree = estimate(recipe, &self.run, Square::of(stage, base), recipe.prompting.prompt.len(), scale)?;
            let (evaluations, rows) = shown(&tree, recipe, stage, plan, made);
            Ok((evaluations, (rows * recipe.sampling.count) as u64))
        };
        if recipe.upscales() {
            let (evaluations, shown) = of(summary.stage_2()?, &self.plan, 0, self.run.guidance_scale)?;
            return Ok(JobPlan { evaluations: [0, evaluations], shown: [0, shown] });
        }
        let first = of(summary.stage_1()?, &self.plan, self.made, self.run.guidance_scale)?;
        let second = match (summary.enlarger(), &self.second) {
            (Some(stage), Some(plan)) => of(stage, plan, 0, recipe.second().0)?,
            _ => (0, 0),
        };
        Ok(JobPlan { evaluations: [first.0, second.0], shown: [first.1, second.1] })
    }
}

/// The evaluations of `plan` after its first `made` moves, and the rows of all of them for one picture.
fn shown(tree: &Estimate, recipe: &Recipe, stage: &StageSummary, plan: &Plan, made: usize) -> (usize, usize) {
    let of = plan.evaluations();
    let before = plan.moves[..made].iter().filter(|planned| matches!(planned, Move::Step(_))).count();
    let leaps = plan.moves.iter().filter_map(|planned| match planned {
        Move::Step(leap) => Some(leap),
        Move::Renoise { .. } => None,
    });
    let turns = recipe.views.reduce == Reduce::Alternate && !recipe.views.view.is_empty();
    let mut known: Vec<((bool, usize, bool), usize)> = Vec::new();
    let mut rows = 0;
    for (index, leap) in leaps.enumerate().skip(before) {
        let progress = if of > 1 { index as f64 / (of - 1) as f64 } else { 1.0 };
        let terms = Terms { prediction_type: stage.config.prediction_type, alpha_prod: leap.alpha_prod };
        let moment = Moment { terms, timestep: leap.timestep, time: leap.time, index, progress };
        // All leaves of a recipe are guided alike, so that few kinds of step differ.
        let kind = (tree.guides_at(moment), if turns { index % recipe.views.view.len() } else { 0 }, index == 0);
        let found = known.iter().find(|(of, _)| *of == kind).map(|(_, rows)| *rows);
        rows += found.unwrap_or_else(|| {
            let rows = tree.rows(moment);
            known.push((kind, rows));
            rows
        });
    }
    (of - before, rows)
}

/// How many moves the first `steps` evaluations of `plan` are.
fn moves_of(plan: &Plan, steps: usize) -> usize {
    let mut evaluated = (1..=plan.moves.len()).filter(|&moves| matches!(plan.moves[moves - 1], Move::Step(_)));
    if steps == 0 { 0 } else { evaluated.nth(steps - 1).unwrap_or(plan.moves.len()) }
}

/// The moves of `run` on `stage`, by the recipe's own stepping.
fn moves(recipe: &Recipe, stage: &StageSummary, run: &OneRun, recorded: Option<&Recorded>) -> Result<Plan> {
    let from_t;
    let mut timesteps = recipe.sampling.timesteps.as_ref();
    if let Some(t) = run.t {
        from_t = list_from(stage, recipe, run.steps, t)?;
        timesteps = Some(&from_t);
    }
    // The course's loop does not evaluate its last timestep; what one step makes of it is asked all the same.
    let alone = matches!(timesteps, Some(TimestepList::Given(list)) if run.t.is_some() && list.len() == 1);
    let repaint = recipe.inpainting.repaint.map(|pair| Repaint { resamplings: pair.0, jump_length: pair.1 });
    let spec = PlanSpec {
        stepping: if alone { Stepping::Scheduler } else { recipe.sampling.stepping },
        steps: run.steps,
        timesteps,
        i_start: run.i_start,
        sampler: recipe.sampling.sampler,
        repaint,
    };
    let plan = stage.plan(&spec)?;
    let Some(recorded) = recorded.filter(|recorded| recorded.moves_before(&plan, stage).is_none()) else {
        return Ok(plan);
    };
    let from_t = list_from(stage, recipe, run.steps, recorded.timestep())?;
    stage.plan(&PlanSpec { timesteps: Some(&from_t), i_start: 0, ..spec })
}

/// `t`, followed by the entries below it of the list that the recipe would walk.
fn list_from(stage: &StageSummary, recipe: &Recipe, steps: usize, t: usize) -> Result<TimestepList> {
    let entries = stage.entries(&PlanSpec {
        stepping: recipe.sampling.stepping,
        steps,
        timesteps: recipe.sampling.timesteps.as_ref(),
        i_start: 0,
        sampler: recipe.sampling.sampler,
        repaint: None,
    })?;
    Ok(TimestepList::Given(std::iter::once(t).chain(entries.into_iter().filter(|&entry| entry < t)).collect()))
}
