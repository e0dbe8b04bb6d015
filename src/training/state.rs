//! A run in a file: `resume.safetensors` has everything that decides its next step, weights included.
//!
//! `network.*`, `ema.*`, `adam.exp_avg.*`, `adam.exp_avg_sq.*`, `generator.{shuffle,draws}`, `order` (this epoch's
//! shuffle), `history.{loss,rate,seconds,epoch}`; the settings, the place in the run and the hash of the data as metadata.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::ema::Ema;
use super::history::{History, Point};
use super::settings::Settings;
use super::trainer::Trainer;
use crate::datasets::{Batches, Split};
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::digits::{Network, Spec};
use crate::tensors::Generator;
use crate::weights::{Weights, to_safetensors};

/// A column of the history: its name and where it is in a point.
type Column = (&'static str, fn(&Point) -> f64);

/// The key of the metadata.
const KEY: &str = "training";

/// Where a run is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    settings: Settings,
    learning_rate: f64,
    steps: usize,
    epoch: usize,
    in_epoch: usize,
    seconds: f64,
    data_sha256: String,
}

/// A saved run that may be taken up again.
pub struct Saved {
    weights: Weights,
    place: Place,
}

impl Trainer<'_> {
    /// The run as the bytes of `resume.safetensors`; `data_sha256` names the data.
    pub fn to_resume(&self, data_sha256: &str) -> Result<Vec<u8>> {
        let mut tensors = prefixed("network", self.network.tensors());
        if let Some(averaged) = self.averaged() {
            tensors.extend(prefixed("ema", averaged.tensors()));
        }
        tensors.extend(prefixed("adam", self.adam.state()?));
        let integers = |values: Vec<i64>| {
            let n = values.len();
            Tensor::from_vec(values, n, &Device::Cpu)
        };
        let order = self.batches.order().iter().map(|&index| index as i64).collect();
        for (name, values) in
            [("generator.shuffle", self.shuffle.state()), ("generator.draws", self.draws.state()), ("order", order)]
        {
            tensors.push((name.to_owned(), integers(values)?));
        }
        let points = self.history.points();
        let doubles = |of: fn(&Point) -> f64| {
            Tensor::from_vec(points.iter().map(of).collect::<Vec<f64>>(), points.len(), &Device::Cpu)
        };
        let columns: [Column; 4] = [
            ("loss", |p| f64::from(p.loss)),
            ("epoch", |p| p.epoch as f64),
            ("rate", |p| p.learning_rate),
            ("seconds", |p| p.seconds),
        ];
        for (name, of) in columns {
            tensors.push((format!("history.{name}"), doubles(of)?));
        }
        let place = Place {
            settings: self.settings.clone(),
            learning_rate: self.learning_rate,
            steps: self.adam.steps(),
            epoch: self.epoch,
            in_epoch: self.in_epoch,
            seconds: self.seconds,
            data_sha256: data_sha256.to_owned(),
        };
        let place = serde_json::to_string(&place).map_err(|error| Error::new(error.to_string()))?;
        let mut metadata = self.network.spec().metadata();
        metadata.insert(KEY.to_owned(), place);
        to_safetensors(&tensors, &metadata)
    }
}

fn prefixed(prefix: &str, tensors: Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
    tensors.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)).collect()
}

impl Saved {
    /// The run in the file `path`.
    pub fn open(path: &Path) -> Result<Self> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let weights = Weights::open_file(&Folder::Disk(parent.to_owned()), &name)?;
        let metadata: BTreeMap<String, String> = weights.metadata()?;
        let text = metadata.get(KEY).ok_or_else(|| {
            Error::new("this file holds no run to take up again")
                .at(path.display())
                .hint("give a run's resume.safetensors; a checkpoint.safetensors goes with --init")
        })?;
        let place = serde_json::from_str(text)
            .map_err(|error| Error::new(format!("the run's state cannot be read, {error}")).at(path.display()))?;
        Ok(Self { weights, place })
    }

    /// What decides the run.
    pub fn settings(&self) -> &Settings {
        &self.place.settings
    }

    /// Steps that are done.
    pub fn steps(&self) -> usize {
        self.place.steps
    }

    /// Takes the run up on `data`, whose hash must be the one that it was saved with.
    pub fn resume<'a>(&self, data: &'a Split, data_sha256: &str, device: &Device) -> Result<Trainer<'a>> {
        let place = &self.place;
        if place.data_sha256 != data_sha256 {
            return Err(Error::arguments("the run was saved with other data").at("data").hint("give the same --data"));
        }
        let mut trainer = Trainer::new(&place.settings, Some(self.network("network", device)?), data, device)?;
        let mut adam = Adam::new(&trainer.network)?;
        adam.restore(place.steps, &|name| self.tensor(&format!("adam.{name}")))?;
        trainer.adam = adam;
        if let Some(decay) = place.settings.ema {
            trainer.ema = Some(Ema::from_network(self.network("ema", device)?, decay));
        }
        trainer.shuffle = self.generator("shuffle")?;
        trainer.draws = self.generator("draws")?;
        trainer.batches = self.batches(data)?;
        trainer.history = self.history()?;
        trainer.learning_rate = place.learning_rate;
        (trainer.epoch, trainer.in_epoch, trainer.seconds) = (place.epoch, place.in_epoch, place.seconds);
        if place.in_epoch >= trainer.batches.count() {
            return Err(self.broken("its place in the epoch"));
        }
        Ok(trainer)
    }

    fn network(&self, prefix: &str, device: &Device) -> Result<Network> {
        let spec = Spec::from_metadata(&self.weights.metadata()?)?;
        let all = ["network.", "ema.", "adam.", "generator.", "order", "history."];
        let others: Vec<&str> = all.into_iter().filter(|other| other.trim_end_matches('.') != prefix).collect();
        Network::from_weights(spec, &self.weights.clone().ignoring(&others).pp(prefix), device)
    }

    fn tensor(&self, name: &str) -> Result<Tensor> {
        self.weights.read(name)?.ok_or_else(|| self.broken(name))
    }

    fn integers(&self, name: &str) -> Result<Vec<i64>> {
        Ok(self.tensor(name)?.flatten_all()?.to_vec1()?)
    }

    fn generator(&self, name: &str) -> Result<Generator> {
        let name = format!("generator.{name}");
        Generator::from_state(&self.integers(&name)?).ok_or_else(|| self.broken(&name))
    }

    /// This epoch's order, which must go through all of `data` once.
    fn batches(&self, data: &Split) -> Result<Batches> {
        let order: Vec<usize> = self.integers("order")?.into_iter().map(|index| index as usize).collect();
        let mut seen = vec![false; data.count()];
        for &index in &order {
            match seen.get_mut(index) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(self.broken("order")),
            }
        }
        if order.len() != data.count() {
            return Err(self.broken("order"));
        }
        Ok(Batches::of(order, self.place.settings.batch))
    }

    fn history(&self) -> Result<History> {
        let column = |name: &str| -> Result<Vec<f64>> {
            let values: Vec<f64> = self.tensor(&format!("history.{name}"))?.flatten_all()?.to_vec1()?;
            if values.len() == self.place.steps { Ok(values) } else { Err(self.broken(name)) }
        };
        let (loss, epoch, rate, seconds) = (column("loss")?, column("epoch")?, column("rate")?, column("seconds")?);
        let point = |i: usize| Point {
            step: i + 1,
            epoch: epoch[i] as usize,
            loss: loss[i] as f32,
            learning_rate: rate[i],
            seconds: seconds[i],
        };
        Ok(History::of((0..self.place.steps).map(point).collect()))
    }

    fn broken(&self, what: &str) -> Error {
        Error::new(format!("the run's state is broken: {what}")).at(self.weights.place()).hint("start the run anew")
    }
}
