//! A text encoder, a stage I and a stage II from diffusers folders: what part A's experiments run on. Kept in memory
//! from run to run where there is enough of it, one after the other where there is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use candle_core::{DType, Device};

use super::catalogue::{find_model, stage_2_folder};
use super::deepfloyd::Unet;
use super::device::DeviceMemory;
use super::memory::{Holding, Need};
use super::recommendation::Recommendations;
use super::stage::Stage;
use super::t5::{clean_caption, plain_caption};
use super::text::{Encoded, Text};
use crate::error::{Error, Result};
use crate::files::Folder;

/// What decides which networks are loaded, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct CascadeSpec {
    /// A name, a hub id or a folder.
    pub model: String,
    /// `auto`, `none`, a name, a hub id or a folder.
    pub stage_2: String,
    /// `auto`, a file, a folder or a hub id.
    pub text_encoder: String,
    /// Number format of the UNets.
    pub dtype: DType,
    /// Weights as large as in the file and one network at a time in memory, at the cost of time.
    pub low_memory: bool,
    /// Whether only what enlarges is asked: a stage I is not even opened then.
    pub second_alone: bool,
}

impl CascadeSpec {
    /// Whether what was loaded by this serves whoever asks for `other`.
    pub fn serves(&self, other: &Self) -> bool {
        let alike = Self { second_alone: self.second_alone, ..other.clone() } == *self;
        alike && (other.second_alone || !self.second_alone)
    }
}

/// Everything that a model's folder holds.
pub struct Cascade {
    /// The network for small pictures.
    pub stage_1: Option<Stage>,
    /// The network that enlarges them.
    pub stage_2: Option<Stage>,
    recommendations: Recommendations,
    /// Whether one network at a time is in memory.
    in_turn: bool,
    folder: Folder,
    device: Device,
    text_encoder: String,
    text: OnceLock<Text>,
    /// Prompts that were encoded before, by caption.
    encoded: Mutex<HashMap<String, Encoded>>,
}

impl Cascade {
    /// Opens what `spec` names, and reads the networks at once where the memory is enough for all of them. Where it is
    /// not, or is to be saved, each is read when it is used and put away for the next. `say` hears what is being read.
    pub fn load(spec: &CascadeSpec, device: &Device, say: &mut dyn FnMut(&str) -> Result<()>) -> Result<Self> {
        Self::load_within(device, spec, device, say)
    }

    /// The same in the memory that `memory` tells of.
    pub fn load_within(
        memory: &dyn DeviceMemory,
        spec: &CascadeSpec,
        device: &Device,
        say: &mut dyn FnMut(&str) -> Result<()>,
    ) -> Result<Self> {
        let folder = find_model(&spec.model)?;
        let (mut stage_1, mut stage_2) = (None, None);
        say("the network")?;
        let main = Stage::open(&folder, device, spec)?;
        if main.is_second() {
            stage_2 = Some(main)
        } else if !spec.second_alone {
            stage_1 = Some(main)
        }
        let second = stage_2_folder(&folder, &spec.stage_2)?;
        let recommendations = Recommendations::of(&folder, second.as_ref())?;
        if let Some(second) = second {
            let stage = Stage::open(&second, device, spec)?;
            if !stage.is_second() {
                return Err(Error::new("this is not a stage II model")
                    .at(second.place(""))
                    .hint("its UNet takes 6 channels"));
            }
            stage_2 = Some(stage);
        }
        let needs: Vec<Need> = [&stage_1, &stage_2].into_iter().flatten().map(Stage::need).collect();
        let holding =
            Need::sum(&needs).holding(memory.free(), spec.low_memory).map_err(|error| error.at(folder.place("")))?;
        let in_turn = holding != Holding::Together;
        if holding == Holding::Low {
            [&mut stage_1, &mut stage_2].into_iter().flatten().for_each(Stage::save_memory);
        }
        let mut cascade = Self {
            stage_1,
            stage_2,
            recommendations,
            in_turn,
            folder,
            device: device.clone(),
            text_encoder: spec.text_encoder.clone(),
            text: OnceLock::new(),
            encoded: Mutex::default(),
        };
        if !in_turn {
            let mut full = false;
            for stage in cascade.stages() {
                say(stage.name())?;
                // What was told of the memory was not so: from here on one network at a time.
                stage.unet(|| {
                    cascade.others(stage).for_each(Stage::put_away);
                    full = true;
                })?;
            }
            cascade.in_turn |= full;
        }
        Ok(cascade)
    }

    /// The stages that it has.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        [&self.stage_1, &self.stage_2].into_iter().flatten()
    }

    /// The network of `stage`, which is one of this cascade's; where networks take turns, the other is put away.
    /// `say` hears that it is being read, if it is.
    pub fn unet(&self, stage: &Stage, say: &mut dyn FnMut(&'static str) -> Result<()>) -> Result<Arc<Unet>> {
        if !stage.is_loaded() {
            say(stage.name())?;
            if self.in_turn {
                self.others(stage).for_each(Stage::put_away);
            }
        }
        stage.unet(|| self.others(stage).for_each(Stage::put_away))
    }

    fn others(&self, stage: &Stage) -> impl Iterator<Item = &Stage> {
        self.stages().filter(move |other| !std::ptr::eq(*other, stage))
    }

    /// Where it computes.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What its stages recommend for themselves.
    pub fn recommendations(&self) -> &Recommendations {
        &self.recommendations
    }

    /// Stage I, or a readable error.
    pub fn stage_1(&self) -> Result<&Stage> {
        self.stage_1.as_ref().ok_or_else(|| {
            Error::new("this model only enlarges pictures").at(self.folder.place("")).hint("choose a stage I model")
        })
    }

    /// Stage II, or a readable error.
    pub fn stage_2(&self) -> Result<&Stage> {
        self.stage_2.as_ref().ok_or_else(|| {
            Error::new("this model has no stage II").at(self.folder.place("")).hint("give one with --stage-2")
        })
    }

    /// The side of the pictures that stage II enlarges.
    pub fn low_resolution_size(&self) -> usize {
        match (&self.stage_1, &self.stage_2) {
            (Some(stage), _) => stage.sample_size,
            (None, Some(stage)) => (stage.sample_size / 4).max(1),
            (None, None) => 64,
        }
    }

    /// Whether there is a text encoder for it.
    pub fn has_text_encoder(&self) -> bool {
        Text::is_there(&self.folder, &self.text_encoder)
    }

    /// Encodes prompts, after lower-casing and stripping, or IF's cleaning: all that are new in one pass.
    /// `between(done, all)` is called before each block of a streamed encoder; its error ends the encoding.
    pub fn encode(
        &self,
        prompts: &[&str],
        clean: bool,
        between: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<Vec<Encoded>> {
        let caption = |prompt: &&str| if clean { clean_caption(prompt) } else { plain_caption(prompt) };
        let captions: Vec<String> = prompts.iter().map(caption).collect();
        let mut known = self.encoded.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new: Vec<String> = captions.iter().filter(|caption| !known.contains_key(*caption)).cloned().collect();
        new.sort();
        new.dedup();
        if !new.is_empty() {
            let encoded = self.text()?.encode(&new, between)?;
            known.extend(new.into_iter().zip(encoded));
        }
        let found = captions.iter().map(|caption| known.get(caption).cloned());
        found.map(|encoded| encoded.ok_or_else(|| Error::new("a prompt was not encoded"))).collect()
    }

    fn text(&self) -> Result<&Text> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let loaded = Text::open(&self.folder, &self.text_encoder, &self.device)?;
        Ok(self.text.get_or_init(|| loaded))
    }
}
