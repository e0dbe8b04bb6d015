//! A whole Stable Diffusion in one file of the original implementation's layout, and what it is of by its names and shapes.
//!
//! Such a file has no configs: everything but the widths is Stable Diffusion 1's or 2's. Whether the network predicts ε or v
//! cannot be seen in it, and its tokenizer is elsewhere.

use super::autoencoder_config::AutoencoderKlConfig;
use super::config::ConditionalUnetConfig;
use super::ldm_names::{autoencoder_name, open_clip_names, unet_name};
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::clip::ClipTextConfig;
use crate::weights::{Entry, Stored, Weights};

const UNET: &str = "model.diffusion_model.";
const AUTOENCODERS: [&str; 2] = ["first_stage_model.", "vae."];
const CLIP: &str = "cond_stage_model.transformer.";
const OPEN_CLIPS: [&str; 2] = ["cond_stage_model.model.", "conditioner.embedders.0.model."];

/// Heads of every attention of Stable Diffusion 1, and their width in 2.
const HEADS_1: usize = 8;
const HEAD_WIDTH_2: usize = 64;

/// Names that only relatives have, and what those are called.
const RELATIVES: [(&str, &str); 4] = [
    ("conditioner.embedders.1.", "Stable Diffusion XL"),
    ("model.diffusion_model.label_emb.", "Stable Diffusion XL"),
    ("joint_blocks.0.", "Stable Diffusion 3"),
    ("double_blocks.0.", "Flux"),
];

/// A file's networks, each with weights under diffusers' or transformers' names.
#[derive(Clone, Debug)]
pub struct SingleFile {
    /// The UNet.
    pub unet: (ConditionalUnetConfig, Weights),
    /// The autoencoder; `None` in files without one.
    pub autoencoder: Option<(AutoencoderKlConfig, Weights)>,
    /// The text encoder; `None` in files without one.
    pub text_encoder: Option<(ClipTextConfig, Weights)>,
}

impl SingleFile {
    /// Reads the table of contents of file `name` in `folder`.
    pub fn of(folder: &Folder, name: &str) -> Result<Self> {
        let weights = Weights::open_file(folder, name)?;
        let contents = Contents(weights.entries());
        refuse_relatives(&contents).map_err(|error| error.at(weights.place()))?;
        let (config, layers) = unet_config(&contents).map_err(|error| error.at(weights.place()))?;
        let second = config.cross_attention_dim == ClipTextConfig::of_stable_diffusion_2().hidden_size;
        let unet = below(&weights, UNET, |rest| unet_name(rest, layers).map(|name| vec![name]));
        let autoencoder = AUTOENCODERS.iter().find(|prefix| contents.has(&format!("{prefix}quant_conv.weight")));
        let autoencoder = match autoencoder {
            Some(prefix) => {
                let config = autoencoder_config(&contents, prefix).map_err(|error| error.at(weights.place()))?;
                let levels = config.block_out_channels.len();
                let names = |rest: &str| autoencoder_name(rest, levels).map(|name| vec![name]);
                Some((config, below(&weights, prefix, names)))
            }
            None => None,
        };
        Ok(Self { unet: (config, unet), autoencoder, text_encoder: text_encoder(&weights, &contents, second) })
    }
}

/// OpenCLIP's tensors of `layers` layers, which lie below `prefix`, under transformers' names: q, k and v lie stacked
/// there.
pub fn open_clip_weights(weights: &Weights, prefix: &str, layers: usize) -> Weights {
    below(weights, prefix, |rest| open_clip_names(rest, layers))
}

/// The tensors below `prefix` that `names` has names for, each cut into as many parts as it has.
fn below(weights: &Weights, prefix: &str, names: impl Fn(&str) -> Option<Vec<String>>) -> Weights {
    weights.clone().remade(|name, stored: &Stored| {
        let names = name.strip_prefix(prefix).and_then(&names).unwrap_or_default();
        let parts = names.len();
        let part = |(number, name): (usize, String)| match parts {
            1 => (name, stored.clone()),
            _ => (name, stored.part(number, parts)),
        };
        names.into_iter().enumerate().map(part).collect()
    })
}

fn text_encoder(weights: &Weights, contents: &Contents, second: bool) -> Option<(ClipTextConfig, Weights)> {
    if second {
        let config = ClipTextConfig::of_stable_diffusion_2();
        let prefix = OPEN_CLIPS.iter().find(|prefix| contents.has(&format!("{prefix}positional_embedding")))?;
        let weights = open_clip_weights(weights, prefix, config.num_hidden_layers);
        return Some((config, weights));
    }
    contents.has(&format!("{CLIP}text_model.final_layer_norm.weight")).then(|| {
        let used = |rest: &str| rest.starts_with("text_model.").then(|| vec![rest.to_owned()]);
        (ClipTextConfig::of_stable_diffusion_1(), below(weights, CLIP, used))
    })
}

/// Names and shapes.
struct Contents(Vec<Entry>);

impl Contents {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|entry| entry.name == name)
    }

    fn starts(&self, beginning: &str) -> bool {
        self.0.iter().any(|entry| entry.name.starts_with(beginning))
    }

    /// One size of a tensor that must be there.
    fn size(&self, name: &str, axis: usize) -> Result<usize> {
        let entry = self.0.iter().find(|entry| entry.name == name);
        entry.and_then(|entry| entry.shape.get(axis)).copied().ok_or_else(|| {
            Error::new(format!("no Stable Diffusion: there is no {name}"))
                .hint("a file of Stable Diffusion 1 or 2 in its original layout is expected")
        })
    }
}

fn refuse_relatives(contents: &Contents) -> Result<()> {
    for (beginning, kind) in RELATIVES {
        if contents.starts(beginning) || contents.starts(&format!("{UNET}{beginning}")) {
            return Err(Error::new(format!("this is {kind} ({beginning}*), which is not supported")));
        }
    }
    Ok(())
}

/// The UNet's sizes, and its resnets to a level.
fn unet_config(contents: &Contents) -> Result<(ConditionalUnetConfig, usize)> {
    let size = |name: &str, axis: usize| contents.size(&format!("{UNET}{name}"), axis);
    let has = |name: &str| contents.has(&format!("{UNET}{name}"));
    size("input_blocks.0.0.weight", 0)?;
    let down = |number: usize| format!("input_blocks.{number}.0.op.weight");
    let parts = (1..).take_while(|&number| has(&down(number)) || has(&resnet(number))).count();
    let layers = (1..=parts).find(|&number| has(&down(number))).unwrap_or(parts + 1) - 1;
    let levels = (parts + 1) / (layers + 1);
    let first = |level: usize| 1 + level * (layers + 1);
    let channels: Vec<usize> = (0..levels).map(|level| size(&resnet(first(level)), 0)).collect::<Result<_>>()?;
    let text = |level: usize| format!("input_blocks.{}.1.transformer_blocks.0.attn2.to_k.weight", first(level));
    let attention: Vec<bool> = (0..levels).map(|level| has(&text(level))).collect();
    let Some(told) = attention.iter().position(|there| *there) else {
        return Err(Error::new("no Stable Diffusion: its UNet is told no text"));
    };
    let cross_attention_dim = size(&text(told), 1)?;
    let (one, two) = (ClipTextConfig::of_stable_diffusion_1(), ClipTextConfig::of_stable_diffusion_2());
    let heads = match cross_attention_dim {
        width if width == one.hidden_size => vec![HEADS_1; levels],
        width if width == two.hidden_size => channels.iter().map(|width| width / HEAD_WIDTH_2).collect(),
        other => {
            let known = format!("{} wide as in Stable Diffusion 1 or {} as in 2", one.hidden_size, two.hidden_size);
            return Err(Error::new(format!("its text is {other} wide, not {known}")));
        }
    };
    let level_type = |way: &str, there: bool| match there {
        true => format!("CrossAttn{way}Block2D"),
        false => format!("{way}Block2D"),
    };
    let types = |way: &str| attention.iter().map(|&there| level_type(way, there)).collect::<Vec<_>>();
    let proj_in = format!("{UNET}input_blocks.{}.1.proj_in.weight", first(told));
    let linear = contents.0.iter().any(|entry| entry.name == proj_in && entry.shape.len() == 2);
    let mut up = types("Up");
    up.reverse();
    let config = ConditionalUnetConfig::from_json(serde_json::json!({
        "in_channels": size("input_blocks.0.0.weight", 1)?,
        "out_channels": size("out.2.weight", 0)?,
        "block_out_channels": channels,
        "layers_per_block": layers,
        "down_block_types": types("Down"),
        "up_block_types": up,
        "mid_block_type": has("middle_block.1.norm.weight").then_some("UNetMidBlock2DCrossAttn"),
        "cross_attention_dim": cross_attention_dim,
        "attention_head_dim": heads,
        "use_linear_projection": linear,
        "time_cond_proj_dim": size("time_embed.cond_proj.weight", 1).ok(),
    }))?;
    Ok((config, layers))
}

fn resnet(number: usize) -> String {
    format!("input_blocks.{number}.0.out_layers.3.weight")
}

fn autoencoder_config(contents: &Contents, prefix: &str) -> Result<AutoencoderKlConfig> {
    let size = |name: &str, axis: usize| contents.size(&format!("{prefix}{name}"), axis);
    let conv = |level: usize, i: usize| format!("encoder.down.{level}.block.{i}.conv2.weight");
    let there = |level: usize, i: usize| contents.has(&format!("{prefix}{}", conv(level, i)));
    let levels = (0..).take_while(|&level| there(level, 0)).count();
    let channels: Vec<usize> = (0..levels).map(|level| size(&conv(level, 0), 0)).collect::<Result<_>>()?;
    AutoencoderKlConfig::from_json(serde_json::json!({
        "in_channels": size("encoder.conv_in.weight", 1)?,
        "out_channels": size("decoder.conv_out.weight", 0)?,
        "latent_channels": size("post_quant_conv.weight", 0)?,
        "block_out_channels": channels,
        "layers_per_block": (0..).take_while(|&i| there(0, i)).count(),
        "down_block_types": vec!["DownEncoderBlock2D"; levels],
        "up_block_types": vec!["UpDecoderBlock2D"; levels],
        "sample_size": 512,
    }))
}
