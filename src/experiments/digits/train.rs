//! B1.2 to B2.3: a digit network trained from PyTorch's initial weights, live, with a picture after every epoch.
//!
//! `checkpoint.safetensors` (the network alone), `resume.safetensors` (everything) and `metrics.csv` are written
//! whole at the end of every epoch, on a pause and on cancelling. A full disk does not end training.

use std::path::Path;
use std::time::Duration;

use candle_core::{DType, Device};
use serde_json::{Map, Value, json};

use super::sheet::sheet;
use super::{GROUP, announce, hashes};
use crate::datasets::Dataset;
use crate::error::{Error, Result};
use crate::experiments::settings::{digits, guidance, sampling, training};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, Section, Trained};
use crate::models::digits::{Kind, Network};
use crate::training::{Saved, Settings, Trainer, event_file};

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-train",
    title: "Train a network",
    group: GROUP,
    sentence: "A digit network trained from scratch, with what it makes of the same digits after every epoch",
    sections: &[
        Section::Head(&[&digits::kind, &digits::data]),
        Section::Open("Network", &[&training::hidden, &digits::noise_sigma, &training::init]),
        Section::Open(
            "Training",
            &[
                &training::epochs,
                &training::batch,
                &training::lr,
                &training::constant_lr,
                &training::ema,
                &sampling::seed,
            ],
        ),
        Section::Closed("Run", &[&training::max_steps, &training::resume]),
        Section::Closed("Pictures of each epoch", &[&sampling::steps, &guidance::scale]),
    ],
    needs: &[],
    picture: None,
    guidance: Some(5.0),
    defaults: |recipe| recipe.digits.kind = Some(Kind::Denoiser),
    presets: &[
        Preset { name: "b1.2", title: "The one-step denoiser, σ 0.5", recipe: || of(Kind::Denoiser) },
        Preset { name: "b1.3", title: "The denoiser on pure noise", recipe: || of(Kind::NoiseDenoiser) },
        Preset { name: "b2.1", title: "DDPM, told the time", recipe: || of(Kind::Time) },
        Preset { name: "b2.2", title: "DDPM, told time and class", recipe: || of(Kind::Class) },
        Preset { name: "b2.3", title: "Flow matching, told time and class", recipe: || of(Kind::FlowClass) },
        Preset { name: "b2.3-time", title: "Flow matching, told the time", recipe: || of(Kind::FlowTime) },
        Preset { name: "digits-classifier", title: "The classifier that scores", recipe: || of(Kind::Classifier) },
    ],
    run: Run::Device(run),
};

fn of(kind: Kind) -> Recipe {
    Recipe::new("digits-train").with(|recipe| recipe.digits.kind = Some(kind))
}

/// While a run is paused its wish is looked up this often.
const PAUSED: Duration = Duration::from_millis(50);

/// What decides the run: the course's numbers for the kind, where the recipe says nothing else.
pub fn settings(recipe: &Recipe) -> Settings {
    let suits = Settings::of(recipe.digits.kind.unwrap_or_default());
    Settings {
        hidden: recipe.training.hidden.unwrap_or(suits.hidden),
        epochs: recipe.training.epochs.unwrap_or(suits.epochs),
        batch: recipe.training.batch.unwrap_or(suits.batch),
        learning_rate: recipe.training.lr.unwrap_or(suits.learning_rate),
        decay: !recipe.training.constant_lr,
        ema: recipe.training.ema,
        sigma: recipe.digits.noise_sigma.first().copied().unwrap_or(suits.sigma),
        seed: recipe.sampling.seed[0],
        ..suits
    }
}

/// What the saved run in the file `path` was begun with: the kind and the seed that its recipe says when none is given.
pub fn begun_with(path: &Path) -> Result<Map<String, Value>> {
    let saved = Saved::open(path)?;
    let Settings { kind, seed, .. } = saved.settings();
    Ok([("kind", json!(kind)), ("seed", json!([seed]))]
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect())
}

/// A setting that is given beside a saved run must be the run's own.
fn agree(recipe: &Recipe, saved: &Settings) -> Result<()> {
    let began = EXPERIMENT.recipe();
    let differs: [(&str, bool, Value); 8] = [
        (
            "kind",
            recipe.digits.kind != began.digits.kind && recipe.digits.kind != Some(saved.kind),
            json!(saved.kind.name()),
        ),
        (
            "seed",
            recipe.sampling.seed != began.sampling.seed && recipe.sampling.seed != [saved.seed],
            json!(saved.seed),
        ),
        ("epochs", recipe.training.epochs.is_some_and(|given| given != saved.epochs), json!(saved.epochs)),
        ("batch", recipe.training.batch.is_some_and(|given| given != saved.batch), json!(saved.batch)),
        ("hidden", recipe.training.hidden.is_some_and(|given| given != saved.hidden), json!(saved.hidden)),
        ("lr", recipe.training.lr.is_some_and(|given| given != saved.learning_rate), json!(saved.learning_rate)),
        ("ema", recipe.training.ema.is_some() && recipe.training.ema != saved.ema, json!(saved.ema)),
        ("init", recipe.training.init.is_some(), json!("none")),
    ];
    match differs.into_iter().find(|(_, differs, _)| *differs) {
        None => Ok(()),
        Some((key, _, value)) => Err(Error::arguments(format!("the saved run has {key} {value}"))
            .at(key)
            .hint("leave it out: a resumed run goes on as it began")),
    }
}

fn trainer<'a>(recipe: &Recipe, data: &'a Dataset, sha256: &str, device: &Device) -> Result<Trainer<'a>> {
    let trainer = match &recipe.training.resume {
        Some(path) => {
            let saved = Saved::open(Path::new(path))?;
            agree(recipe, saved.settings())?;
            saved.settings().check_memory(device)?;
            saved.resume(&data.train, sha256, device)?
        }
        None => {
            let init = recipe.training.init.as_ref().map(|path| Network::load(Path::new(path), device)).transpose()?;
            let settings = settings(recipe);
            settings.check_memory(device)?;
            Trainer::new(&settings, init, &data.train, device)?
        }
    };
    Ok(trainer.until(recipe.training.max_steps))
}

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let data = Dataset::open(&recipe.digits.data)?;
    let hashes = hashes(None, Some(&data));
    let sha256 = hashes.get("data").and_then(Value::as_str).unwrap_or_default().to_owned();
    let trainer = trainer(recipe, &data, &sha256, device)?;
    announce(&data, observer)?;
    let spec = trainer.network().spec();
    observer.say(Progress::Note(format!(
        "`{}` network, D {}, {} parameters; {} steps",
        spec.kind.name(),
        spec.hidden,
        trainer.network().parameter_count(),
        trainer.total() - trainer.done().min(trainer.total())
    )))?;
    let mut course = Course { trainer, data: &data, sha256, recipe, unsaved: None, measures: Map::new() };
    course.go(observer)?;
    match course.unsaved.take() {
        Some(error) => Err(error),
        None => Ok(Outcome { measures: course.measures(), ..Outcome::default() }),
    }
}

/// A run on its way.
struct Course<'a> {
    trainer: Trainer<'a>,
    data: &'a Dataset,
    sha256: String,
    recipe: &'a Recipe,
    /// Why the last saving failed, if it did.
    unsaved: Option<Error>,
    /// What was measured after the last epoch.
    measures: Map<String, Value>,
}

impl Course<'_> {
    fn go(&mut self, observer: &mut dyn Observer) -> Result<()> {
        let (of, batch, epoch_steps) =
            (self.trainer.total(), self.trainer.settings().batch, self.trainer.epoch_steps());
        loop {
            self.heed(observer)?;
            let Some(step) = self.trainer.next() else { break };
            let step = step?;
            observer.say(Progress::Trained(Trained { of, batch, epoch_steps, step: &step }))?;
            if step.ends_epoch || step.point.step == of {
                self.trainer.check_weights()?;
                self.save(observer)?;
                let shown = self.trainer.averaged().unwrap_or(self.trainer.network());
                let sheet = sheet(self.recipe, shown, self.data, step.point.epoch, observer)?;
                self.measures.clone_from(&sheet.measures);
                if let Err(error) = observer.say(Progress::Sheet(sheet)) {
                    self.note_unsaved(error, observer)?;
                }
            }
        }
        Ok(())
    }

    /// Waits while a pause is wanted, takes another learning rate, and saves before it gives way to cancelling.
    fn heed(&mut self, observer: &mut dyn Observer) -> Result<()> {
        let stopped = |observer: &dyn Observer| observer.check().err();
        if observer.wish().paused && stopped(observer).is_none() {
            self.save(observer)?;
            observer.say(Progress::Paused(true))?;
            while observer.wish().paused && stopped(observer).is_none() {
                std::thread::sleep(PAUSED);
            }
            observer.say(Progress::Paused(false))?;
        }
        if let Some(learning_rate) = observer.wish().learning_rate {
            self.trainer.set_learning_rate(learning_rate);
        }
        match stopped(observer) {
            None => Ok(()),
            Some(cancelled) => {
                self.save(observer)?;
                Err(cancelled)
            }
        }
    }

    /// Writes everything; what cannot be written is said, and training goes on.
    fn save(&mut self, observer: &mut dyn Observer) -> Result<()> {
        if self.trainer.done() == 0 {
            return Ok(());
        }
        let trainer = &self.trainer;
        let mut files = vec![
            ("resume.safetensors", trainer.to_resume(&self.sha256)?),
            ("checkpoint.safetensors", trainer.network().to_checkpoint(DType::F32)?),
            ("metrics.csv", trainer.history().csv().into_bytes()),
            ("events.out.tfevents.diffusion-lab", event_file(trainer.history())),
        ];
        if let Some(averaged) = trainer.averaged() {
            files.push(("ema.safetensors", averaged.to_checkpoint(DType::F32)?));
        }
        self.unsaved = None;
        for (name, bytes) in files {
            if let Err(error) = observer.say(Progress::File { name, bytes }) {
                return self.note_unsaved(error, observer);
            }
        }
        Ok(())
    }

    fn note_unsaved(&mut self, error: Error, observer: &mut dyn Observer) -> Result<()> {
        observer.say(Progress::Note(format!("not saved, training goes on: {error}")))?;
        self.unsaved = Some(error);
        Ok(())
    }

    fn measures(&self) -> Map<String, Value> {
        let mut measures = self.measures.clone();
        measures.insert("settings".to_owned(), json!(self.trainer.settings()));
        measures.insert("data".to_owned(), json!({ "name": self.data.name, "sha256": self.sha256 }));
        measures.insert("steps".to_owned(), json!(self.trainer.done()));
        measures.insert("parameters".to_owned(), json!(self.trainer.network().parameter_count()));
        measures.insert("loss_mean_of_last_100".to_owned(), json!(self.trainer.history().recent_mean(100)));
        measures
    }
}
