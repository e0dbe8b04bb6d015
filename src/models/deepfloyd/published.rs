//! The published networks of DeepFloyd IF: where they are, and their sizes, which are what differs between them laid over
//! what the family has in common.
//!
//! Stage I-L's, II-M's and II-L's were never printed whole; theirs are the only sizes that give the published numbers
//! of parameters and bytes.

use serde_json::{Value, json};

use super::config::UnetConfig;
use crate::error::Result;

/// A published network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Stage I, medium.
    IM,
    /// Stage I, large: the course's.
    IL,
    /// Stage I, extra large.
    IXl,
    /// Stage II, medium.
    IIM,
    /// Stage II, large.
    IIL,
}

/// What is said of a published network, wherever it is named.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// OWNER/NAME on the hub.
    pub repository: &'static str,
    /// Its name for `models fetch`.
    pub package: &'static str,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// Bytes to fetch, about.
    pub bytes: u64,
}

const fn facts(repository: &'static str, package: &'static str, sentence: &'static str, megabytes: u64) -> Facts {
    Facts { repository, package, sentence, bytes: megabytes * 1_000_000 }
}

impl Published {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::IM, Self::IL, Self::IXl, Self::IIM, Self::IIL];

    /// Where it is and what it is.
    pub const fn facts(self) -> Facts {
        match self {
            Self::IM => facts("DeepFloyd/IF-I-M-v1.0", "if-i-m", "stage I, 64 px, 0.4 billion parameters", 743),
            Self::IL => facts("DeepFloyd/IF-I-L-v1.0", "if-i-l", "stage I, 64 px, 0.9 billion parameters", 1871),
            Self::IXl => facts("DeepFloyd/IF-I-XL-v1.0", "if-i-xl", "stage I, 64 px, 4.3 billion parameters", 8609),
            Self::IIM => {
                facts("DeepFloyd/IF-II-M-v1.0", "if-ii-m", "stage II, 64 to 256 px, 0.5 billion parameters", 922)
            }
            Self::IIL => {
                facts("DeepFloyd/IF-II-L-v1.0", "if-ii-l", "stage II, 64 to 256 px, 1.2 billion parameters", 2486)
            }
        }
    }

    /// Its `unet/config.json`, checked.
    pub fn config(self) -> Result<UnetConfig> {
        UnetConfig::from_json(match self {
            Self::IM => stage_1([192, 384, 576, 768]),
            Self::IL => stage_1([320, 640, 960, 1280]),
            Self::IXl => stage_1([704, 1408, 2112, 2816]),
            Self::IIM => stage_2([128, 256, 512, 768, 768], [2, 2, 3, 3, 3], false),
            Self::IIL => stage_2([192, 384, 768, 1152, 1152], [2, 2, 3, 5, 5], true),
        })
    }
}

impl UnetConfig {
    /// Whether it enlarges pictures, as the family's stages II do: it sees a small picture beside x_t.
    pub fn enlarges(&self) -> bool {
        self.in_channels == 6
    }
}

fn stage_1(channels: [usize; 4]) -> Value {
    family(&channels, &[3; 4], 3)
}

fn stage_2(channels: [usize; 5], layers: [usize; 5], only_cross_attention: bool) -> Value {
    let mut config = family(&channels, &layers, 2);
    for (key, value) in [
        ("in_channels", json!(6)),
        ("sample_size", json!(256)),
        ("only_cross_attention", json!(only_cross_attention)),
        ("class_embed_type", json!("timestep")),
        ("time_embedding_dim", json!(channels[4])),
        ("time_embedding_act_fn", json!("gelu")),
        ("resnet_skip_time_act", json!(true)),
        ("resnet_out_scale_factor", json!(1.414_227_124_876_255_2)),
        ("mid_block_scale_factor", json!(1.414_227_124_876_255_2)),
    ] {
        config[key] = value;
    }
    config
}

/// What all have in common; the coarsest `attended` levels have attention.
fn family(channels: &[usize], layers: &[usize], attended: usize) -> Value {
    let plain = channels.len() - attended;
    let down = [vec!["ResnetDownsampleBlock2D"; plain], vec!["SimpleCrossAttnDownBlock2D"; attended]].concat();
    let up = [vec!["SimpleCrossAttnUpBlock2D"; attended], vec!["ResnetUpsampleBlock2D"; plain]].concat();
    json!({
        "_class_name": "UNet2DConditionModel", "act_fn": "gelu", "addition_embed_type": "text",
        "attention_head_dim": 64, "block_out_channels": channels, "layers_per_block": layers,
        "cross_attention_dim": channels.last(), "cross_attention_norm": "group_norm", "encoder_hid_dim": 4096,
        "down_block_types": down, "up_block_types": up, "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
        "resnet_time_scale_shift": "scale_shift", "in_channels": 3, "out_channels": 6, "sample_size": 64,
    })
}
