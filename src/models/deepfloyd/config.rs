//! `unet/config.json`: the sizes of the network, and a refusal by name of what this network does not do.
//!
//! Defaults are those of diffusers' `UNet2DConditionModel.__init__`; keys that are not listed are ignored.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::layers::{PerLevel, check_sizes, refuse_unless};

/// The checked configuration. Vectors have one value per level, finest first.
#[derive(Clone, Debug, PartialEq)]
pub struct UnetConfig {
    /// Height and width that the model was trained at; other sizes run.
    pub sample_size: usize,
    /// 3, or 6 with a conditioning picture (stage II).
    pub in_channels: usize,
    /// 3, or 6 with the variance.
    pub out_channels: usize,
    /// Channels.
    pub block_out_channels: Vec<usize>,
    /// Resnets on the way down; one more on the way up.
    pub layers_per_block: Vec<usize>,
    /// Channels per attention head.
    pub attention_head_dim: Vec<usize>,
    /// Attention to text tokens only.
    pub only_cross_attention: Vec<bool>,
    /// The same for the middle.
    pub mid_block_only_cross_attention: bool,
    /// Whether the level has attention, on the way down.
    pub down_attention: Vec<bool>,
    /// The same on the way up; coarsest first, as diffusers lists them.
    pub up_attention: Vec<bool>,
    /// Width of the projected text.
    pub cross_attention_dim: usize,
    /// Width of the text encoder's states.
    pub encoder_hid_dim: usize,
    /// Heads of the text pooling.
    pub addition_embed_type_num_heads: usize,
    /// Whether text is normalised in each attention (`group_norm`).
    pub cross_attention_norm: bool,
    /// Groups of every norm but `norm_cross`.
    pub norm_num_groups: usize,
    /// ε of every norm outside attention.
    pub norm_eps: f64,
    /// Width of the time embedding; `None` is four times the first level.
    pub time_embedding_dim: Option<usize>,
    /// GELU of the embedding before the blocks.
    pub time_embedding_gelu: bool,
    /// Resnets take the embedding as it is, without GELU.
    pub resnet_skip_time_act: bool,
    /// Resnets of the levels divide by this.
    pub resnet_out_scale_factor: f64,
    /// Resnets of the middle divide by this.
    pub mid_block_scale_factor: f64,
    /// Whether the network is told the noise level of a conditioning picture.
    pub noise_level: bool,
    /// Input is taken as 2x - 1.
    pub center_input_sample: bool,
    /// Cosines before sines.
    pub flip_sin_to_cos: bool,
    /// Offset in the frequencies' denominator.
    pub freq_shift: f64,
    /// Kernel of the first convolution.
    pub conv_in_kernel: usize,
    /// Kernel of the last convolution.
    pub conv_out_kernel: usize,
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    sample_size: PerLevel<usize>,
    in_channels: usize,
    out_channels: usize,
    down_block_types: Vec<String>,
    up_block_types: Vec<String>,
    block_out_channels: Vec<usize>,
    layers_per_block: PerLevel<usize>,
    attention_head_dim: PerLevel<usize>,
    only_cross_attention: PerLevel<bool>,
    mid_block_only_cross_attention: Option<bool>,
    cross_attention_dim: usize,
    cross_attention_norm: Option<String>,
    encoder_hid_dim: Option<usize>,
    addition_embed_type_num_heads: usize,
    norm_num_groups: usize,
    norm_eps: f64,
    time_embedding_dim: Option<usize>,
    time_embedding_act_fn: Option<String>,
    resnet_skip_time_act: bool,
    resnet_out_scale_factor: f64,
    mid_block_scale_factor: f64,
    class_embed_type: Option<String>,
    center_input_sample: bool,
    flip_sin_to_cos: bool,
    freq_shift: f64,
    conv_in_kernel: usize,
    conv_out_kernel: usize,
}

impl Default for File {
    fn default() -> Self {
        Self {
            sample_size: PerLevel::One(64),
            in_channels: 4,
            out_channels: 4,
            down_block_types: Vec::new(),
            up_block_types: Vec::new(),
            block_out_channels: vec![320, 640, 1280, 1280],
            layers_per_block: PerLevel::One(2),
            attention_head_dim: PerLevel::One(8),
            only_cross_attention: PerLevel::One(false),
            mid_block_only_cross_attention: None,
            cross_attention_dim: 1280,
            cross_attention_norm: None,
            encoder_hid_dim: None,
            addition_embed_type_num_heads: 64,
            norm_num_groups: 32,
            norm_eps: 1e-5,
            time_embedding_dim: None,
            time_embedding_act_fn: None,
            resnet_skip_time_act: false,
            resnet_out_scale_factor: 1.0,
            mid_block_scale_factor: 1.0,
            class_embed_type: None,
            center_input_sample: false,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            conv_in_kernel: 3,
            conv_out_kernel: 3,
        }
    }
}

/// Keys that must have one value: key, diffusers' default where the key is absent, the value.
const FIXED: [(&str, &str, &str); 13] = [
    ("_class_name", "UNet2DConditionModel", "UNet2DConditionModel"),
    ("act_fn", "silu", "gelu"),
    ("mid_block_type", "UNetMidBlock2DCrossAttn", "UNetMidBlock2DSimpleCrossAttn"),
    ("resnet_time_scale_shift", "default", "scale_shift"),
    ("addition_embed_type", "null", "text"),
    ("time_embedding_type", "positional", "positional"),
    ("timestep_post_act", "null", "null"),
    ("time_cond_proj_dim", "null", "null"),
    ("num_class_embeds", "null", "null"),
    ("projection_class_embeddings_input_dim", "null", "null"),
    ("class_embeddings_concat", "false", "false"),
    ("num_attention_heads", "null", "null"),
    ("attention_type", "default", "default"),
];

impl UnetConfig {
    /// Reads and checks `config.json` of a component's folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let json: Value = folder.read_json("config.json")?;
        Self::from_json(json).map_err(|error| {
            error
                .at(folder.place("config.json"))
                .hint("this program runs UNets of DeepFloyd IF's kind, stages I and II")
        })
    }

    /// Checks a parsed `config.json`.
    pub fn from_json(json: Value) -> Result<Self> {
        refuse_unless(&json, &FIXED)?;
        // Files from before this key mean the text projection by null.
        if !matches!(json.get("encoder_hid_dim_type"), None | Some(Value::Null)) {
            refuse_unless(&json, &[("encoder_hid_dim_type", "text_proj", "text_proj")])?;
        }
        let file: File =
            serde_json::from_value(json).map_err(|error| Error::new(format!("cannot use this config ({error})")))?;
        let config = Self::from_file(file)?;
        config.check()?;
        Ok(config)
    }

    /// Width of the vector that resnets are told.
    pub fn time_embed_dim(&self) -> usize {
        self.time_embedding_dim.unwrap_or(4 * self.block_out_channels[0])
    }

    /// Height and width must be multiples of this.
    pub fn multiple(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    /// An error where prompt embeddings of `width` are not what this network takes.
    pub fn check_embeddings(&self, width: usize) -> Result<()> {
        if width == self.encoder_hid_dim {
            return Ok(());
        }
        Err(Error::new(format!("prompt embeddings are {width} wide, this model takes {}", self.encoder_hid_dim))
            .hint("they come from another text encoder: encode the prompts with this model's"))
    }

    fn from_file(file: File) -> Result<Self> {
        let levels = file.block_out_channels.len();
        if levels == 0 || levels > 16 {
            return Err(Error::new(format!("block_out_channels has {levels} levels")));
        }
        let activation = optional("time_embedding_act_fn", file.time_embedding_act_fn, "gelu")?;
        let whole = matches!(file.only_cross_attention, PerLevel::One(true));
        Ok(Self {
            sample_size: file.sample_size.levels("sample_size", 2)?[0],
            in_channels: file.in_channels,
            out_channels: file.out_channels,
            layers_per_block: file.layers_per_block.levels("layers_per_block", levels)?,
            attention_head_dim: file.attention_head_dim.levels("attention_head_dim", levels)?,
            only_cross_attention: file.only_cross_attention.levels("only_cross_attention", levels)?,
            // As in diffusers: a single value also holds for the middle, a list does not.
            mid_block_only_cross_attention: file.mid_block_only_cross_attention.unwrap_or(whole),
            down_attention: attention(&file.down_block_types, "down_block_types", "Down", levels)?,
            up_attention: attention(&file.up_block_types, "up_block_types", "Up", levels)?,
            block_out_channels: file.block_out_channels,
            cross_attention_dim: file.cross_attention_dim,
            cross_attention_norm: optional("cross_attention_norm", file.cross_attention_norm, "group_norm")?,
            encoder_hid_dim: file.encoder_hid_dim.ok_or_else(|| Error::new("encoder_hid_dim null is not supported"))?,
            addition_embed_type_num_heads: file.addition_embed_type_num_heads,
            norm_num_groups: file.norm_num_groups,
            norm_eps: file.norm_eps,
            time_embedding_dim: file.time_embedding_dim,
            time_embedding_gelu: activation,
            resnet_skip_time_act: file.resnet_skip_time_act,
            resnet_out_scale_factor: file.resnet_out_scale_factor,
            mid_block_scale_factor: file.mid_block_scale_factor,
            noise_level: optional("class_embed_type", file.class_embed_type, "timestep")?,
            center_input_sample: file.center_input_sample,
            flip_sin_to_cos: file.flip_sin_to_cos,
            freq_shift: file.freq_shift,
            conv_in_kernel: file.conv_in_kernel,
            conv_out_kernel: file.conv_out_kernel,
        })
    }

    /// Sizes are sane and fit each other.
    fn check(&self) -> Result<()> {
        self.check_sizes()?;
        let wrong = |what: String| Err(Error::new(what));
        for (level, &channels) in self.block_out_channels.iter().enumerate() {
            if channels % self.norm_num_groups != 0 {
                return wrong(format!("norm_num_groups {} does not divide {channels} channels", self.norm_num_groups));
            }
            let levels = self.block_out_channels.len();
            let (up, head_dim) = (levels - 1 - level, self.attention_head_dim[level]);
            let used = self.down_attention[level] || level == levels - 1;
            // Diffusers takes the way up's head width from the list counted from its other end.
            let heads = [(used, head_dim), (self.up_attention[up], self.attention_head_dim[up])];
            if let Some((_, head_dim)) = heads.iter().find(|(used, head_dim)| *used && channels % head_dim != 0) {
                return wrong(format!("attention_head_dim {head_dim} does not divide {channels} channels"));
            }
        }
        if self.cross_attention_norm && !self.cross_attention_dim.is_multiple_of(32) {
            return wrong(format!("cross_attention_dim {} is not a multiple of 32", self.cross_attention_dim));
        }
        if !self.encoder_hid_dim.is_multiple_of(self.addition_embed_type_num_heads) {
            let heads = self.addition_embed_type_num_heads;
            return wrong(format!("addition_embed_type_num_heads {heads} does not divide {}", self.encoder_hid_dim));
        }
        let even = |size: usize| size.is_multiple_of(2);
        if !even(self.block_out_channels[0]) || even(self.conv_in_kernel) || even(self.conv_out_kernel) {
            return wrong("the first level's channels must be even and kernels odd".into());
        }
        Ok(())
    }

    fn check_sizes(&self) -> Result<()> {
        let single = [
            ("sample_size", self.sample_size),
            ("in_channels", self.in_channels),
            ("out_channels", self.out_channels),
            ("cross_attention_dim", self.cross_attention_dim),
            ("encoder_hid_dim", self.encoder_hid_dim),
            ("addition_embed_type_num_heads", self.addition_embed_type_num_heads),
            ("norm_num_groups", self.norm_num_groups),
            ("time_embedding_dim", self.time_embed_dim()),
            ("conv_in_kernel", self.conv_in_kernel),
            ("conv_out_kernel", self.conv_out_kernel),
        ];
        let each = [
            ("block_out_channels", &self.block_out_channels),
            ("layers_per_block", &self.layers_per_block),
            ("attention_head_dim", &self.attention_head_dim),
        ];
        let each = each.iter().flat_map(|(key, values)| values.iter().map(move |&value| (*key, value)));
        check_sizes(single.into_iter().chain(each))?;
        let finite = [self.norm_eps, self.resnet_out_scale_factor, self.mid_block_scale_factor];
        if finite.iter().any(|value| !(value.is_finite() && *value > 0.0)) || !self.freq_shift.is_finite() {
            return Err(Error::new("norm_eps and scale factors must be positive"));
        }
        Ok(())
    }
}

/// True for `only`, false for null.
fn optional(key: &str, value: Option<String>, only: &str) -> Result<bool> {
    match value.as_deref() {
        None => Ok(false),
        Some(value) if value == only => Ok(true),
        Some(other) => Err(Error::new(format!("{key} {other} is not supported, only {only} or null"))),
    }
}

fn attention(types: &[String], key: &str, way: &str, levels: usize) -> Result<Vec<bool>> {
    if types.len() != levels {
        return Err(Error::new(format!("{key} has {} values for {levels} levels", types.len())));
    }
    let plain = format!("Resnet{way}sampleBlock2D");
    let cross = format!("SimpleCrossAttn{way}Block2D");
    let one = |name: &String| match name {
        name if *name == plain => Ok(false),
        name if *name == cross => Ok(true),
        other => Err(Error::new(format!("{key} {other} is not supported, only {plain} and {cross}"))),
    };
    types.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::UnetConfig;
    use serde_json::{Value, json};

    fn built_in() -> Value {
        serde_json::from_str(include_str!("../../../assets/built-in/unet/config.json")).unwrap()
    }

    #[test]
    fn the_built_in_configuration_is_read() {
        let config = UnetConfig::from_json(built_in()).unwrap();
        assert_eq!(config.multiple(), 16);
        assert_eq!(config.time_embed_dim(), 64);
        assert_eq!(config.up_attention, [true, true, false, false, false]);
    }

    #[test]
    fn other_networks_are_refused_by_name() {
        for (key, value, told) in [
            ("_class_name", json!("UNet2DModel"), "_class_name UNet2DModel is not supported"),
            ("act_fn", json!("silu"), "act_fn silu"),
            ("act_fn", Value::Null, "act_fn null"),
            ("down_block_types", json!(vec!["DownBlock2D"; 5]), "DownBlock2D"),
            ("attention_head_dim", json!(48), "48 does not divide 128"),
            ("layers_per_block", json!([1, 2]), "2 values for 5 levels"),
            ("norm_num_groups", json!(0), "norm_num_groups 0"),
            ("block_out_channels", json!([]), "0 levels"),
            ("in_channels", json!(99999999), "in_channels 99999999"),
            ("cross_attention_norm", json!("layer_norm"), "layer_norm"),
        ] {
            let mut json = built_in();
            json[key] = value;
            let line = UnetConfig::from_json(json).unwrap_err().to_string();
            assert!(line.contains(told), "{key}: {line}");
        }
    }

    #[test]
    fn an_absent_key_means_diffusers_default() {
        let mut json = built_in();
        json.as_object_mut().unwrap().remove("act_fn");
        assert!(UnetConfig::from_json(json).unwrap_err().to_string().contains("act_fn silu"));
    }
}
