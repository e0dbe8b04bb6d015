//! Training as an iterator of steps: what callers do between two steps (show, save, stop, change the rate) is theirs.
//!
//! Everything that decides the next step lies in the trainer and goes into its saved state (`state`), so that a
//! resumed run equals an unbroken one bit for bit on one machine with one number of threads.

use std::time::Instant;

use candle_core::{DType, Tensor};

use super::adam::Adam;
use super::ema::Ema;
use super::history::{History, Point};
use super::objective::Objective;
use super::settings::Settings;
use crate::datasets::{Batches, Split};
use crate::error::{Error, Result};
use crate::models::digits::{Network, Parameter};
use crate::tensors::Generator;
use crate::tensors::layers::{Pool, PoolGuard};

/// A network in training on a set of digits.
pub struct Trainer<'a> {
    pub(super) settings: Settings,
    pub(super) network: Network,
    pub(super) adam: Adam,
    pub(super) ema: Option<Ema>,
    pub(super) shuffle: Generator,
    pub(super) draws: Generator,
    pub(super) batches: Batches,
    pub(super) history: History,
    /// Epochs that are done.
    pub(super) epoch: usize,
    /// Batches of this epoch that are done.
    pub(super) in_epoch: usize,
    /// The rate of the first epoch, which can be changed while it runs.
    pub(super) learning_rate: f64,
    pub(super) seconds: f64,
    objective: Objective,
    data: &'a Split,
    max_steps: Option<usize>,
    /// Maps' memory is used again from step to step.
    _memory: PoolGuard,
}

/// What a step came to.
#[derive(Clone, Debug)]
pub struct TrainStep {
    /// Its number, epoch, loss, rate and time.
    pub point: Point,
    /// Seconds that it took.
    pub step_secs: f64,
    /// Time from 0 to 1 and loss of each example; empty for kinds without time.
    pub by_time: Vec<(f32, f32)>,
    /// Whether it was its epoch's last.
    pub ends_epoch: bool,
}

impl<'a> Trainer<'a> {
    /// A run that begins with `network`, or with PyTorch's initial weights on `device`.
    pub fn new(
        settings: &Settings,
        network: Option<Network>,
        data: &'a Split,
        device: &candle_core::Device,
    ) -> Result<Self> {
        settings.check()?;
        let spec = settings.spec()?;
        let network = match network {
            Some(network) if (network.spec().kind, network.spec().hidden) != (spec.kind, spec.hidden) => {
                let (theirs, ours) = (network.spec(), spec);
                return Err(Error::arguments(format!(
                    "the weights are of a `{}` network with D {}, the run is of `{}` with D {}",
                    theirs.kind.name(),
                    theirs.hidden,
                    ours.kind.name(),
                    ours.hidden
                ))
                .at("init")
                .hint("choose the checkpoint's own --kind and --hidden"));
            }
            Some(network) => network,
            None => Network::drawn(spec, &mut Generator::new(settings.seed), device)?,
        };
        let mut shuffle = Generator::new(settings.seed.wrapping_add(1));
        Ok(Self {
            adam: Adam::new(&network)?,
            ema: settings.ema.map(|decay| Ema::new(&network, decay)).transpose()?,
            batches: Batches::shuffled(data.count(), settings.batch, &mut shuffle),
            shuffle,
            draws: Generator::new(settings.seed.wrapping_add(2)),
            history: History::default(),
            epoch: 0,
            in_epoch: 0,
            learning_rate: settings.learning_rate,
            seconds: 0.0,
            objective: Objective::new(settings, network.spec().timesteps)?,
            settings: settings.clone(),
            network,
            data,
            max_steps: None,
            _memory: PoolGuard::new(Pool::shared()),
        })
    }

    /// Ends the run after its step `max_steps`, wherever that is.
    pub fn until(mut self, max_steps: Option<usize>) -> Self {
        self.max_steps = max_steps;
        self
    }

    /// Makes `learning_rate` the rate of the first epoch; the decay since then is kept.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        if learning_rate.is_finite() && learning_rate > 0.0 {
            self.learning_rate = learning_rate;
        }
    }

    /// What decides the run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The network as the last step left it.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The averaged network, where one is kept.
    pub fn averaged(&self) -> Option<&Network> {
        self.ema.as_ref().map(Ema::network)
    }

    /// Every step so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Steps that are done.
    pub fn done(&self) -> usize {
        self.adam.steps()
    }

    /// Steps of the whole run.
    pub fn total(&self) -> usize {
        let all = self.settings.epochs * self.batches.count();
        self.max_steps.map_or(all, |max_steps| all.min(max_steps))
    }

    /// Steps of an epoch.
    pub fn epoch_steps(&self) -> usize {
        self.batches.count()
    }

    /// An error when a weight is not a finite number: such a network is never written over a good one.
    pub fn check_weights(&self) -> Result<()> {
        let sum = |parameter: &Parameter| parameter.var.to_dtype(DType::F32)?.sum_all();
        let sums: Vec<Tensor> = self.network.parameters().iter().map(sum).collect::<candle_core::Result<_>>()?;
        let sums = Tensor::stack(&sums, 0)?.to_vec1::<f32>()?;
        for (parameter, sum) in self.network.parameters().iter().zip(sums) {
            if !sum.is_finite() {
                return Err(Error::new("the weights have become NaN")
                    .at(&parameter.name)
                    .hint("take a smaller --lr; the last checkpoint is kept"));
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<TrainStep> {
        let started = Instant::now();
        let indices = self.batches.get(self.in_epoch).unwrap_or_default();
        let learning_rate = self.learning_rate * self.settings.decay_in(self.epoch);
        let step = self.done() + 1;
        let loss = self.objective.loss(&self.network, self.data, indices, &mut self.draws)?;
        self.adam.step(&loss.backward()?, learning_rate)?;
        if let Some(ema) = &self.ema {
            ema.follow(&self.network, step)?;
        }
        // Read when a GPU has been told the whole step, so that it never waits for the loss to come and go.
        let (mean, each) = (loss.mean.to_scalar::<f32>()?, loss.each.to_vec1::<f32>()?);
        if !mean.is_finite() {
            return Err(Error::new(format!("the loss has become {mean} at step {step}"))
                .hint("take a smaller --lr; the last checkpoint is kept"));
        }
        let step_secs = started.elapsed().as_secs_f64();
        self.seconds += step_secs;
        let point = Point { step, epoch: self.epoch + 1, loss: mean, learning_rate, seconds: self.seconds };
        let ends_epoch = self.pass_on();
        self.history.push(point)?;
        let by_time = loss.times.into_iter().zip(each).collect();
        Ok(TrainStep { point, step_secs, by_time, ends_epoch })
    }

    /// Goes on to the next batch; true when that begins an epoch.
    fn pass_on(&mut self) -> bool {
        self.in_epoch += 1;
        let ends = self.in_epoch == self.batches.count();
        if ends {
            self.epoch += 1;
            self.in_epoch = 0;
            self.batches = Batches::shuffled(self.data.count(), self.settings.batch, &mut self.shuffle);
        }
        ends
    }
}

impl Iterator for Trainer<'_> {
    type Item = Result<TrainStep>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.done() < self.total()).then(|| self.step())
    }
}
