//! The moves of a run, decided before it starts: where the network is evaluated, where each step arrives, and
//! where RePaint goes back.

use super::samplers::{Leap, LeapKind, Sampler};
use super::schedule::{Schedule, SchedulerConfig};
use super::threshold::Threshold;
use super::timesteps::{
    Spacing, Stepping, TimestepList, consistency_timesteps, course_timesteps, latent_consistency_timesteps,
    scheduler_timesteps,
};
use super::variance::VarianceType;
use crate::error::{Error, Result};
use crate::files::limits;

/// RePaint's resampling (Lugmayr et al. 2022): go back `jump_length` entries, `resamplings` - 1 times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaint {
    /// r: how often each stretch is walked.
    pub resamplings: usize,
    /// j: how many entries are gone back.
    pub jump_length: usize,
}

impl Repaint {
    /// How many evaluations it adds to `steps` of them.
    pub fn repeats(self, steps: usize) -> usize {
        let jumps = (steps + 1).saturating_sub(self.jump_length).div_ceil(self.jump_length.max(1));
        jumps * self.jump_length * self.resamplings.saturating_sub(1)
    }
}

/// One move along the list.
#[derive(Clone, Copy, Debug)]
pub enum Move {
    /// The network is evaluated and a step taken.
    Step(Leap),
    /// x ← √a x + √(1-a) z with a = ᾱ_noisier/ᾱ_now: back by RePaint's j entries, in one draw.
    Renoise {
        /// a.
        alpha: f32,
    },
}

/// What decides a plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanSpec<'a> {
    /// How the timesteps are walked.
    pub stepping: Stepping,
    /// How many evaluations the whole list has.
    pub steps: usize,
    /// The list itself, instead.
    pub timesteps: Option<&'a TimestepList>,
    /// The entry of the list to begin with.
    pub i_start: usize,
    /// The sampler, which may refuse entries.
    pub sampler: Sampler,
    /// Going back.
    pub repaint: Option<Repaint>,
}

/// All moves of a run, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The moves.
    pub moves: Vec<Move>,
    /// How x̂_0 is kept in range.
    pub threshold: Threshold,
    /// ᾱ where the run begins.
    pub first_alpha_prod: f32,
    /// What pure noise is multiplied with to begin from it.
    pub noise_scale: f32,
}

impl Plan {
    /// The plan of `spec` on a model's schedule.
    pub fn new(config: &SchedulerConfig, schedule: &Schedule, spec: &PlanSpec<'_>) -> Result<Self> {
        let total = schedule.num_train_timesteps();
        let entries = Self::entries(config, total, spec)?;
        let evaluated = match spec.stepping {
            Stepping::Scheduler => entries.len(),
            Stepping::Course => entries.len() - 1,
        };
        check_start(spec, evaluated, entries.len())?;
        let highest = spec.sampler.highest_timestep(total);
        if let Some(entry) = entries.iter().skip(spec.i_start).find(|&&entry| entry > highest) {
            return Err(Error::arguments(format!("{} cannot start at timestep {entry}", spec.sampler.name()))
                .at("timesteps")
                .hint(format!("start at {highest} or below")));
        }
        let own = spec.stepping == Stepping::Scheduler && spec.timesteps.is_none();
        let euler = matches!(spec.sampler, Sampler::Euler | Sampler::EulerAncestral);
        let between = own && euler && config.timestep_spacing == Spacing::Linspace;
        let time = |i: usize| match entries.len() {
            of @ 2.. if between => f64::from(((total - 1) as f64 * (of - 1 - i) as f64 / (of - 1) as f64) as f32),
            _ => entries[i] as f64,
        };
        let cleanest = match spec.sampler {
            Sampler::Ddim | Sampler::Pndm if !config.set_alpha_to_one => schedule.alphas_cumprod[0],
            _ => 1.0,
        };
        let leap = |i: usize| {
            let next = (i + 1 < entries.len()).then(|| schedule.alpha_prod_at(time(i + 1)));
            Leap {
                kind: LeapKind::Step,
                timestep: entries[i],
                time: schedule.told(time(i)),
                alpha_prod: schedule.alpha_prod_at(time(i)),
                alpha_prod_prev: next.unwrap_or(cleanest),
                variance_type: config.variance_type,
                noisy: spec.stepping == Stepping::Course || entries[i] > 0,
                last: i + 1 == evaluated,
                of: 0,
            }
        };
        let mut leaps: Vec<Leap> = (spec.i_start..evaluated).map(leap).collect();
        if let (Sampler::Pndm, [first, second, ..]) = (spec.sampler, &leaps[..]) {
            let retaken = Leap { kind: LeapKind::Retaken, alpha_prod_prev: first.alpha_prod_prev, ..*second };
            leaps.insert(1, Leap { last: false, ..retaken });
        }
        let of = leaps.len();
        leaps.iter_mut().for_each(|leap| leap.of = of);
        let threshold = match spec.stepping {
            Stepping::Scheduler => Threshold::of(config),
            Stepping::Course => Threshold::Off,
        };
        let first_alpha_prod = schedule.alpha_prod_at(time(spec.i_start));
        let from_the_end = euler && config.timestep_spacing != Spacing::Leading;
        let scaled = spec.stepping == Stepping::Scheduler && (from_the_end || config.sampler == Sampler::Consistency);
        let noise_scale = if scaled { (1.0 - first_alpha_prod).sqrt() } else { 1.0 };
        Ok(Self { moves: moves(&leaps, spec.repaint)?, threshold, first_alpha_prod, noise_scale })
    }

    /// No moves at all: what noises a picture and leaves it.
    pub fn nothing() -> Self {
        Self { moves: Vec::new(), threshold: Threshold::Off, first_alpha_prod: 1.0, noise_scale: 1.0 }
    }

    /// Part B's timesteps, T (1 - i/n) for i = 0 … n - 1, counted from 1: `steps` of them, evenly apart, on the way to
    /// t = 0, the clean picture. An error for more steps than T.
    pub fn entries_to_clean(num_train_timesteps: usize, steps: usize) -> Result<Vec<usize>> {
        let total = num_train_timesteps;
        if !(1..=total).contains(&steps) {
            return Err(Error::arguments(format!("{steps} steps cannot be taken"))
                .at("steps")
                .hint(format!("choose from 1 to {total}, the network's T")));
        }
        let entry = |i: usize| (total as f64 * (1.0 - i as f64 / steps as f64)).round_ties_even() as usize;
        Ok((0..steps).map(entry).collect())
    }

    /// Down `entries`, timesteps of `schedule` counted from 1 that strictly descend, and on to ᾱ = 1, without
    /// thresholding and without noise at the end.
    ///
    /// Every timestep visited it is the course's own loop, with `variance_type` [`VarianceType::FixedLarge`]; where some
    /// are skipped that variance is too large (FID 46 against 11 at a tenth of the steps, DDPM's paper).
    pub fn down_to_clean(schedule: &Schedule, entries: &[usize], variance_type: VarianceType) -> Result<Self> {
        let Some(&first) = entries.first() else {
            return Err(Error::arguments("the list of timesteps is empty").hint("give at least one timestep"));
        };
        let leap = |i: usize| {
            let arrives = entries.get(i + 1).map(|&entry| entry - 1);
            let noisy = arrives.is_some();
            let of = entries.len();
            Leap { of, ..Leap::new(schedule, entries[i] - 1, arrives, variance_type, noisy) }
        };
        let moves: Vec<Move> = (0..entries.len()).map(|i| Move::Step(leap(i))).collect();
        let first_alpha_prod = schedule.alphas_cumprod[first - 1];
        Ok(Self { moves, threshold: Threshold::Off, first_alpha_prod, noise_scale: 1.0 })
    }

    /// The same moves from the entry `i_start` on, with RePaint's ways back.
    pub fn begun_at(self, i_start: usize, repaint: Option<Repaint>) -> Result<Self> {
        let steps = self.moves.iter().filter_map(|planned| match planned {
            Move::Step(leap) => Some(*leap),
            Move::Renoise { .. } => None,
        });
        let mut leaps: Vec<Leap> = steps.skip(i_start).collect();
        let Some(first) = leaps.first() else {
            return Err(Error::arguments(format!("the run has no step {i_start}"))
                .at("i-start")
                .hint(format!("choose from 0 (pure noise) to {}", self.evaluations().saturating_sub(1))));
        };
        let (of, first_alpha_prod) = (leaps.len(), first.alpha_prod);
        leaps.iter_mut().for_each(|leap| leap.of = of);
        Ok(Self { moves: moves(&leaps, repaint)?, first_alpha_prod, ..self })
    }

    /// `steps` equal steps of flow matching, from t = 0 (noise) to 1; the timestep of a step is its number.
    pub fn flow(steps: usize) -> Result<Self> {
        if steps == 0 {
            return Err(Error::arguments("0 steps cannot be taken").at("steps").hint("choose at least 1"));
        }
        let time = |i: usize| (i as f64 / steps as f64) as f32;
        let leap = |i: usize| Leap {
            kind: LeapKind::Flow,
            timestep: i,
            time: f64::from(time(i)),
            alpha_prod: time(i),
            alpha_prod_prev: time(i + 1),
            variance_type: VarianceType::FixedSmall,
            noisy: false,
            last: i + 1 == steps,
            of: steps,
        };
        let moves = (0..steps).map(|i| Move::Step(leap(i))).collect();
        Ok(Self { moves, threshold: Threshold::Off, first_alpha_prod: 0.0, noise_scale: 1.0 })
    }

    /// The list of timesteps that `spec` walks. A spacing that begins at the last timestep begins at the last that the
    /// sampler can evaluate instead; entries given by hand are left as they are.
    pub fn entries(config: &SchedulerConfig, num_train_timesteps: usize, spec: &PlanSpec<'_>) -> Result<Vec<usize>> {
        match (spec.timesteps, spec.stepping) {
            (Some(list), _) => list.entries(num_train_timesteps),
            (None, Stepping::Scheduler) if spec.sampler == Sampler::Lcm => {
                latent_consistency_timesteps(spec.steps, num_train_timesteps, config.original_inference_steps)
            }
            (None, Stepping::Scheduler) if spec.sampler == Sampler::Consistency => {
                consistency_timesteps(spec.steps, num_train_timesteps, config.second_of_two)
            }
            (None, Stepping::Course) => course_timesteps(spec.steps, num_train_timesteps),
            (None, Stepping::Scheduler) => {
                let mut entries =
                    scheduler_timesteps(spec.steps, num_train_timesteps, config.timestep_spacing, config.steps_offset)?;
                let highest = spec.sampler.highest_timestep(num_train_timesteps);
                if entries[0] > highest && entries.get(1).is_none_or(|&second| second < highest) {
                    entries[0] = highest;
                }
                Ok(entries)
            }
        }
    }

    /// Whether its only step goes from the last timestep to the clean picture.
    pub fn arrives_at_once(&self) -> bool {
        matches!(&self.moves[..], [Move::Step(leap)] if leap.alpha_prod_prev == 1.0)
    }

    /// How often the network is evaluated.
    pub fn evaluations(&self) -> usize {
        self.moves.iter().filter(|planned| matches!(planned, Move::Step(_))).count()
    }
}

fn check_start(spec: &PlanSpec<'_>, evaluated: usize, entries: usize) -> Result<()> {
    if evaluated == 0 {
        return Err(Error::arguments("the course's stepping arrives at the last timestep without evaluating it")
            .at("timesteps")
            .hint("give at least two timesteps"));
    }
    if spec.i_start >= entries {
        return Err(Error::arguments(format!("the list of timesteps has no entry {}", spec.i_start))
            .at("i-start")
            .hint(format!("choose from 0 (pure noise) to {}", entries - 1)));
    }
    Ok(())
}

/// The steps with RePaint's ways back: whenever k entries remain, k a multiple of j below n - j (n entries,
/// where it arrives included), j entries back, r - 1 times (Lugmayr et al. 2022, algorithm 1 and appendix B).
fn moves(leaps: &[Leap], repaint: Option<Repaint>) -> Result<Vec<Move>> {
    let Some(Repaint { resamplings, jump_length }) = repaint else {
        return Ok(leaps.iter().map(|leap| Move::Step(*leap)).collect());
    };
    if resamplings == 0 || jump_length == 0 {
        return Err(Error::arguments("RePaint's r and j are at least 1").at("repaint"));
    }
    // Entries are visited at most r times on each way back over them.
    if resamplings > limits::RESAMPLINGS || leaps.len().saturating_mul(resamplings) > limits::STEPS {
        return Err(Error::arguments(format!("RePaint's r of {resamplings} asks for too many steps"))
            .at("repaint")
            .hint(format!("give an r of at most {}, 10 is usual", limits::RESAMPLINGS)));
    }
    let entries = leaps.len() + 1;
    let mut left = vec![resamplings - 1; entries];
    let mut moves = Vec::new();
    let mut at = 0;
    while at < leaps.len() {
        moves.push(Move::Step(leaps[at]));
        at += 1;
        let remaining = entries - 1 - at;
        let jumps = remaining.is_multiple_of(jump_length) && remaining + jump_length < entries;
        if jumps && left[remaining] > 0 {
            left[remaining] -= 1;
            let now = leaps[at - 1].alpha_prod_prev;
            at -= jump_length;
            moves.push(Move::Renoise { alpha: leaps[at].alpha_prod / now });
        }
    }
    Ok(moves)
}
