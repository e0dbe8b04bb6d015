//! What is known of a model without reading its weights: its stages with their spaces and schedules, what it can be
//! told, what it recommends. Enough to plan a run.

use super::catalogue::stage_2_folder;
use super::codec::Pixels;
use super::deepfloyd::UnetConfig;
use super::digits::Kind;
use super::family::Family;
use super::recommendation::Recommendations;
use super::stable_diffusion;
use super::stage::{check_second, open_schedulers};
use super::unet_2d;
use crate::diffusion::plan::{Plan, PlanSpec};
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::schedule::{Schedule, SchedulerConfig};
use crate::diffusion::timesteps::{Stepping, TimestepList};
use crate::diffusion::variance::VarianceType;
use crate::error::{Error, Result};
use crate::files::Folder;

/// A model, from its configs alone.
#[derive(Clone, Debug)]
pub struct ModelSummary {
    /// What it was asked for by.
    pub name: String,
    /// Its stages, in the order in which pictures go through them.
    pub stages: Vec<StageSummary>,
    /// What it recommends, and what it can be told.
    pub recommendations: Recommendations,
    /// The kind of digit network that it is, where it is one.
    pub digits: Option<Kind>,
}

/// The space of a network's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// How the timesteps of a stage are walked down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// As diffusers' scheduler or the course's part A has it; timesteps count from 0.
    Scheduler,
    /// Part B's: evenly from T to the clean picture, which is t = 0; timesteps count from 1.
    ToClean,
    /// Along a velocity, in equal steps.
    Flow,
}

/// One stage, from its configs alone.
#[derive(Clone, Debug)]
pub struct StageSummary {
    /// 1, or 2 for one that enlarges pictures.
    pub number: usize,
    /// What its loop works in.
    pub space: Space,
    /// The side of its pictures, in pixels.
    pub sample_size: usize,
    /// Its scheduler's config, with what the network predicts and which variance its noise has.
    pub config: SchedulerConfig,
    /// Its scheduler's tables.
    pub schedule: Schedule,
    /// How its timesteps are walked down.
    pub walk: Walk,
    /// What its values are.
    pub pixels: Pixels,
    /// Whether guidance does not ask the network twice: it is told γ, or knows none.
    pub asked_once: bool,
    /// The tables by which the picture to enlarge is noised (stage II).
    noising: Option<Schedule>,
}

impl ModelSummary {
    /// Reads the configs of `model`, a name, a hub id, a folder or a file, with the stage II that `stage_2` chooses
    /// (`auto`, `none` or a model).
    pub fn at(model: &str, stage_2: &str) -> Result<Self> {
        let family = Family::of(model)?;
        family.check_stage_2(model, stage_2)?;
        Self::of(model, &family, stage_2)
    }

    /// Reads the configs of the model in `folder`, without a stage II.
    pub(super) fn of_folder(folder: &Folder) -> Result<Self> {
        Self::of(&folder.place(""), &Family::of_folder(folder.clone())?, "none")
    }

    /// What the configs of a model of `family` say; `model` is its name.
    pub(super) fn of(model: &str, family: &Family, stage_2: &str) -> Result<Self> {
        match family {
            Family::Digits(found) => found.summary(model),
            Family::DeepFloyd(folder) => Self::of_cascade(model, folder, stage_2),
            Family::Unet2d(folder) => unet_2d::summary(model, folder),
            Family::StableDiffusion(files) => stable_diffusion::summary(model, files),
        }
    }

    /// Of a cascade of DeepFloyd's kind.
    fn of_cascade(model: &str, folder: &Folder, stage_2: &str) -> Result<Self> {
        let second = stage_2_folder(folder, stage_2)?;
        let mut stages = vec![StageSummary::open(folder)?];
        if let Some(second) = &second {
            let second =
                StageSummary::open(second).and_then(|stage| check_second(stage.number, second).map(|()| stage))?;
            stages.retain(|stage| stage.number == 1);
            stages.push(second);
        }
        let recommendations = Recommendations::of(folder, second.as_ref())?;
        Ok(Self { name: model.to_owned(), stages, recommendations, digits: None })
    }

    /// Stage I, or a readable error.
    pub fn stage_1(&self) -> Result<&StageSummary> {
        self.stages.iter().find(|stage| stage.number == 1).ok_or_else(|| {
            Error::new("this model only enlarges pictures").at(&self.name).hint("choose a stage I model")
        })
    }

    /// Stage II, where there is one.
    pub fn enlarger(&self) -> Option<&StageSummary> {
        self.stages.iter().find(|stage| stage.number == 2)
    }

    /// Stage II, or a readable error.
    pub fn stage_2(&self) -> Result<&StageSummary> {
        self.enlarger().ok_or_else(|| {
            let error = Error::new("this model has no stage II").at(&self.name);
            match self.digits {
                Some(_) => error.hint("choose a model that enlarges pictures, such as built-in"),
                None => error.hint("give one with --stage-2"),
            }
        })
    }

    /// The side, in the first network's space, that sizes of views and parts are given for.
    pub fn base(&self) -> usize {
        self.stage_1().map_or_else(|_| self.low_resolution_size(), |stage| stage.space.height)
    }

    /// The side of the pictures that stage II enlarges.
    pub fn low_resolution_size(&self) -> usize {
        match (self.stage_1(), self.enlarger()) {
            (Ok(stage), _) => stage.sample_size,
            (Err(_), Some(stage)) => (stage.sample_size / 4).max(1),
            (Err(_), None) => 64,
        }
    }
}

/// A network of part B does not know timestep `t`.
fn beyond(t: usize, total: usize) -> Error {
    Error::arguments(format!("timestep {t} is above {total}, the network's T"))
        .at("t")
        .hint(format!("choose at most {total}"))
}

impl StageSummary {
    /// From a pipeline's folder.
    fn open(folder: &Folder) -> Result<Self> {
        let part = |name: &str| {
            folder
                .subfolder(name)
                .ok_or_else(|| Error::new(format!("the model has no {name} folder")).at(folder.place("")))
        };
        let sizes = UnetConfig::open(&part("unet")?)?;
        let (config, schedule, noising) = open_schedulers(folder, &part("scheduler")?)?;
        Ok(Self::of_unet(&sizes, config, schedule, noising))
    }

    /// Of a network of DeepFloyd's kind.
    pub(super) fn of_unet(sizes: &UnetConfig, config: SchedulerConfig, schedule: Schedule, noising: Schedule) -> Self {
        let (number, side) = (if sizes.enlarges() { 2 } else { 1 }, sizes.sample_size);
        Self {
            number,
            space: Space { channels: 3, height: side, width: side },
            sample_size: side,
            config,
            schedule,
            walk: Walk::Scheduler,
            pixels: Pixels::Rgb,
            asked_once: false,
            noising: sizes.enlarges().then_some(noising),
        }
    }

    /// Of a digit network that draws: grey, of `side` pixels, trained on `timesteps`.
    pub(super) fn of_digits(side: usize, config: SchedulerConfig) -> Result<Self> {
        let flows = config.prediction_type == PredictionType::Velocity;
        let walk = if flows { Walk::Flow } else { Walk::ToClean };
        let stage = Self::alone(Space { channels: 1, height: side, width: side }, side, config, Pixels::Grey)?;
        Ok(Self { walk, ..stage })
    }

    /// The only stage of a model whose pictures of `side` pixels are of `space`, as diffusers' scheduler walks it.
    pub(super) fn alone(space: Space, side: usize, config: SchedulerConfig, pixels: Pixels) -> Result<Self> {
        Ok(Self {
            number: 1,
            space,
            sample_size: side,
            schedule: Schedule::new(&config)?,
            config,
            walk: Walk::Scheduler,
            pixels,
            asked_once: false,
            noising: None,
        })
    }

    /// The number of the timestep at which tables begin: what is added to an index to say it.
    pub fn first_timestep(&self) -> usize {
        usize::from(self.walk == Walk::ToClean)
    }

    /// The noisiest timestep, as it is said.
    pub fn last_timestep(&self) -> usize {
        self.schedule.num_train_timesteps() - 1 + self.first_timestep()
    }

    /// Whether it follows a velocity from noise to the picture.
    pub fn flows(&self) -> bool {
        self.walk == Walk::Flow
    }

    /// ᾱ of timestep `t`, or an error for one that the network does not know.
    pub fn alpha_prod(&self, t: usize) -> Result<f32> {
        let total = self.schedule.num_train_timesteps();
        match t.checked_sub(self.first_timestep()) {
            None => Ok(1.0),
            Some(index) => self.schedule.alphas_cumprod.get(index).copied().ok_or_else(|| match self.walk {
                Walk::ToClean => beyond(t, total),
                _ => Error::arguments(format!("timestep {t} is not below {total}")).at("t"),
            }),
        }
    }

    /// ᾱ of the noise level of a picture to enlarge, a timestep of the noising scheduler.
    pub fn noising_alpha_prod(&self, noise_level: usize) -> Result<f32> {
        let noising = self.noising.as_ref().unwrap_or(&self.schedule);
        noising.alphas_cumprod.get(noise_level).copied().ok_or_else(|| {
            Error::arguments(format!("noise level {noise_level} is not below {}", noising.num_train_timesteps()))
        })
    }

    /// The sampler that stands for the one that is asked for: DDPM, the default of recipes, for whatever suits. That is
    /// the scheduler's own; the course's stepping leaves DDPM as it is where a model was not distilled to few steps.
    pub fn sampler(&self, asked: Sampler, stepping: Stepping) -> Sampler {
        match (asked, stepping, self.config.sampler) {
            (Sampler::Ddpm, ..) if self.flows() => Sampler::Euler,
            (Sampler::Ddpm, Stepping::Course, own) if !own.is_for_few_steps() => Sampler::Ddpm,
            (Sampler::Ddpm, _, own) => own,
            (asked, ..) => asked,
        }
    }

    /// The timesteps that `spec` walks, in order, as they are said.
    pub fn entries(&self, spec: &PlanSpec<'_>) -> Result<Vec<usize>> {
        let total = self.schedule.num_train_timesteps();
        let spec = &PlanSpec { sampler: self.sampler(spec.sampler, spec.stepping), ..*spec };
        match (self.walk, spec.timesteps) {
            (Walk::Scheduler, _) => Plan::entries(&self.config, total, spec),
            (Walk::ToClean, None) => Plan::entries_to_clean(total, spec.steps),
            (Walk::ToClean, Some(list @ TimestepList::Given(given))) => match (given.first(), given.last()) {
                (_, Some(0)) => {
                    Err(Error::arguments("timestep 0 is the clean picture").at("timesteps").hint("end at 1"))
                }
                (Some(&first), _) if first > total => Err(beyond(first, total)),
                _ => list.entries(total + 1),
            },
            (Walk::ToClean, Some(TimestepList::Named(name))) => {
                Err(Error::arguments(format!("`{name}` is a list of IF's 1000 timesteps, the network has {total}"))
                    .at("timesteps")
                    .hint("give descending numbers, or --steps"))
            }
            (Walk::Flow, None) => Ok((0..spec.steps).collect()),
            (Walk::Flow, Some(_)) => Err(Error::arguments("a flow is walked in equal steps, not by timesteps")
                .at("timesteps")
                .hint("give --steps instead")),
        }
    }

    /// The moves of a run. On a walk to the clean picture the course's stepping adds noise of √β_t, but only where every
    /// timestep is visited; else DDPM's noise has the posterior variance.
    pub fn plan(&self, spec: &PlanSpec<'_>) -> Result<Plan> {
        let spec = PlanSpec { sampler: self.sampler(spec.sampler, spec.stepping), ..*spec };
        let refuse = |what: &str, hint: &str| Err(Error::arguments(what.to_owned()).at("sampler").hint(hint));
        match (self.walk, spec.sampler) {
            (Walk::Scheduler, _) => Plan::new(&self.config, &self.schedule, &spec),
            (Walk::Flow, Sampler::Euler) => {
                let _ = self.entries(&spec)?;
                Plan::flow(spec.steps)?.begun_at(spec.i_start, spec.repaint)
            }
            (Walk::Flow, _) => refuse("a flow network is sampled by euler", "leave --sampler out"),
            (Walk::ToClean, Sampler::Euler) => refuse("euler is for flow networks", "choose ddpm or ddim"),
            (Walk::ToClean, other) if !matches!(other, Sampler::Ddpm | Sampler::Ddim) => {
                refuse(&format!("{} is for part A's schedules", other.name()), "choose ddpm or ddim")
            }
            (Walk::ToClean, _) => {
                let entries = self.entries(&spec)?;
                let visits_all = entries.iter().rev().enumerate().all(|(index, &t)| t == index + 1);
                let large = spec.stepping == Stepping::Course && visits_all;
                let variance_type = if large { VarianceType::FixedLarge } else { VarianceType::FixedSmall };
                Plan::down_to_clean(&self.schedule, &entries, variance_type)?.begun_at(spec.i_start, spec.repaint)
            }
        }
    }
}
