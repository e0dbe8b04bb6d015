//! CLIP's text encoder with its tokenizer, read for the prompts of a job and let go of: half a gigabyte that no step needs.

use candle_core::{Device, Tensor};

use super::parts::{Files, Parts};
use crate::error::Result;
use crate::files::give_memory_back;
use crate::models::clip::{ClipTextConfig, ClipTextEncoder, ClipTokenizer};
use crate::models::text::Encoded;
use crate::weights::Weights;

/// The states of `prompts` by the text encoder of the model in `files`, or by the one that `text_encoder` names.
pub fn encode(
    files: &Files,
    text_encoder: &str,
    prompts: &[&str],
    device: &Device,
    between: &mut dyn FnMut(usize, usize) -> Result<()>,
) -> Result<Vec<Encoded>> {
    let prompts: Vec<String> = prompts.iter().map(|prompt| (*prompt).to_owned()).collect();
    ClipText::open(&files.parts(text_encoder)?, device)?.encode(&prompts, between)
}

/// Encoder and tokenizer.
pub(super) struct ClipText {
    config: ClipTextConfig,
    weights: Weights,
    tokenizer: ClipTokenizer,
    device: Device,
}

impl ClipText {
    /// Of `parts`; the encoder's names and shapes are held against its config, its numbers are not read.
    pub fn open(parts: &Parts, device: &Device) -> Result<Self> {
        let (config, weights) = parts.text.clone();
        ClipTextEncoder::from_weights(config.clone(), weights.checking(), device)?;
        let tokenizer = ClipTokenizer::open(&parts.tokenizer)?;
        let tokenizer = match parts.pad {
            Some(pad) => tokenizer.padded_with(pad)?,
            None => tokenizer,
        };
        Ok(Self { config, weights, tokenizer, device: device.clone() })
    }

    /// Width of the states.
    pub fn width(&self) -> usize {
        self.config.hidden_size
    }

    /// The states of each prompt. `between(done, all)` is called before each layer; its error ends the encoding.
    pub fn encode(
        &self,
        prompts: &[String],
        between: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<Vec<Encoded>> {
        let tokens: Vec<_> = prompts.iter().map(|prompt| self.tokenizer.tokenize(prompt)).collect::<Result<_>>()?;
        let states = {
            let encoder = ClipTextEncoder::from_weights(self.config.clone(), self.weights.clone(), &self.device)?;
            encoder.encode_all(&tokens, between)?.to_device(&Device::Cpu)?
        };
        give_memory_back();
        let encoded = tokens.into_iter().enumerate().map(|(row, tokens)| {
            // A row of its own memory: a few prompts must not hold all others.
            let embeds: Tensor = states.narrow(0, row, 1)?.force_contiguous()?;
            Ok(Encoded { embeds, cut: tokens.cut })
        });
        encoded.collect()
    }
}
