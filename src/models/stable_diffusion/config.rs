//! `unet/config.json` of a Stable Diffusion: the sizes of the network, and a refusal by name of what this program does
//! not do.
//!
//! Defaults are those of diffusers' `UNet2DConditionModel.__init__`; keys that are not listed are ignored.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::layers::{PerLevel, Window, check_sizes, refuse_unless};

/// The checked configuration. Vectors have one value per level, finest first.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionalUnetConfig {
    /// Height and width of the latents that the model was trained at; others run.
    pub sample_size: usize,
    /// 4; 9 with a mask and the latents of a masked picture (inpainting).
    pub in_channels: usize,
    /// 4.
    pub out_channels: usize,
    /// Channels.
    pub block_out_channels: Vec<usize>,
    /// Resnets on the way down; one more on the way up.
    pub layers_per_block: Vec<usize>,
    /// Heads of each attention. The files call them `attention_head_dim`, a misnomer that diffusers keeps.
    pub heads: Vec<usize>,
    /// Whether the level has attention, on the way down.
    pub down_attention: Vec<bool>,
    /// The same on the way up.
    pub up_attention: Vec<bool>,
    /// Whether there is a middle.
    pub has_middle: bool,
    /// Width of the text encoder's states.
    pub cross_attention_dim: usize,
    /// Whether transformers begin and end with linear layers and not 1×1 convolutions.
    pub use_linear_projection: bool,
    /// Width of an embedding of the guidance scale, for networks that are told it (LCM).
    pub time_cond_proj_dim: Option<usize>,
    /// Groups of every group norm.
    pub norm_num_groups: usize,
    /// ε of the group norms outside transformers.
    pub norm_eps: f64,
    /// Cosines before sines.
    pub flip_sin_to_cos: bool,
    /// Offset in the frequencies' denominator.
    pub freq_shift: f64,
    pub(super) downsampling: Window,
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    sample_size: Option<PerLevel<usize>>,
    in_channels: usize,
    out_channels: usize,
    flip_sin_to_cos: bool,
    freq_shift: f64,
    down_block_types: Vec<String>,
    mid_block_type: Option<String>,
    up_block_types: Vec<String>,
    block_out_channels: Vec<usize>,
    layers_per_block: PerLevel<usize>,
    downsample_padding: usize,
    norm_num_groups: usize,
    norm_eps: f64,
    cross_attention_dim: PerLevel<usize>,
    attention_head_dim: PerLevel<usize>,
    use_linear_projection: bool,
    time_cond_proj_dim: Option<usize>,
    transformer_layers_per_block: PerLevel<usize>,
}

impl Default for File {
    fn default() -> Self {
        let types = |names: [&str; 4]| names.map(str::to_owned).to_vec();
        let (down, up) = ("CrossAttnDownBlock2D", "CrossAttnUpBlock2D");
        Self {
            sample_size: None,
            in_channels: 4,
            out_channels: 4,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            down_block_types: types([down, down, down, "DownBlock2D"]),
            mid_block_type: Some("UNetMidBlock2DCrossAttn".into()),
            up_block_types: types(["UpBlock2D", up, up, up]),
            block_out_channels: vec![320, 640, 1280, 1280],
            layers_per_block: PerLevel::One(2),
            downsample_padding: 1,
            norm_num_groups: 32,
            norm_eps: 1e-5,
            cross_attention_dim: PerLevel::One(1280),
            attention_head_dim: PerLevel::One(8),
            use_linear_projection: false,
            time_cond_proj_dim: None,
            transformer_layers_per_block: PerLevel::One(1),
        }
    }
}

/// Keys that must have one value: key, diffusers' default where the key is absent, the value.
const FIXED: [(&str, &str, &str); 24] = [
    ("_class_name", "UNet2DConditionModel", "UNet2DConditionModel"),
    ("act_fn", "silu", "silu"),
    ("addition_embed_type", "null", "null"),
    ("attention_type", "default", "default"),
    ("center_input_sample", "false", "false"),
    ("class_embed_type", "null", "null"),
    ("class_embeddings_concat", "false", "false"),
    ("conv_in_kernel", "3", "3"),
    ("conv_out_kernel", "3", "3"),
    ("cross_attention_norm", "null", "null"),
    ("dual_cross_attention", "false", "false"),
    ("encoder_hid_dim", "null", "null"),
    ("encoder_hid_dim_type", "null", "null"),
    ("num_attention_heads", "null", "null"),
    ("num_class_embeds", "null", "null"),
    ("only_cross_attention", "false", "false"),
    ("projection_class_embeddings_input_dim", "null", "null"),
    ("resnet_skip_time_act", "false", "false"),
    ("resnet_time_scale_shift", "default", "default"),
    ("reverse_transformer_layers_per_block", "null", "null"),
    ("time_embedding_act_fn", "null", "null"),
    ("time_embedding_dim", "null", "null"),
    ("time_embedding_type", "positional", "positional"),
    ("timestep_post_act", "null", "null"),
];

/// Factors that must be 1, however they are written.
const FACTORS: [&str; 2] = ["mid_block_scale_factor", "resnet_out_scale_factor"];

impl ConditionalUnetConfig {
    /// Reads and checks `config.json` of a component's folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let json: Value = folder.read_json("config.json")?;
        Self::from_json(json).map_err(|error| {
            error.at(folder.place("config.json")).hint("a UNet of Stable Diffusion 1 or 2 is expected here")
        })
    }

    /// Checks a parsed `config.json`.
    pub fn from_json(json: Value) -> Result<Self> {
        refuse_larger_kinds(&json)?;
        refuse_unless(&json, &FIXED)?;
        for key in FACTORS {
            let factor = json.get(key).map_or(Some(1.0), Value::as_f64);
            if factor != Some(1.0) {
                return Err(Error::new(format!("{key} {} is not supported, only 1", json[key])));
            }
        }
        let file: File =
            serde_json::from_value(json).map_err(|error| Error::new(format!("cannot use this config ({error})")))?;
        let config = Self::from_file(file)?;
        config.check()?;
        Ok(config)
    }

    /// Width of the vector that resnets are told.
    pub fn time_embed_dim(&self) -> usize {
        4 * self.block_out_channels[0]
    }

    /// An error where prompt embeddings of `width` are not what this network takes.
    pub fn check_embeddings(&self, width: usize) -> Result<()> {
        if width == self.cross_attention_dim {
            return Ok(());
        }
        let takes = self.cross_attention_dim;
        Err(Error::new(format!("prompt embeddings are {width} wide, this model takes {takes}"))
            .hint("they come from another text encoder: encode the prompts with this model's"))
    }

    fn from_file(file: File) -> Result<Self> {
        let levels = file.block_out_channels.len();
        if levels == 0 || levels > 16 {
            return Err(Error::new(format!("block_out_channels has {levels} levels")));
        }
        let blocks = file.transformer_layers_per_block.levels("transformer_layers_per_block", levels)?;
        if let Some(blocks) = blocks.iter().find(|&&blocks| blocks != 1) {
            return Err(Error::new(format!("transformer_layers_per_block {blocks} is not supported, only 1")));
        }
        let widths = file.cross_attention_dim.levels("cross_attention_dim", levels)?;
        if widths.iter().any(|width| *width != widths[0]) {
            return Err(Error::new("cross_attention_dim must be the same at all levels"));
        }
        let mut up_attention = attention(&file.up_block_types, "up_block_types", "Up", levels)?;
        // Diffusers lists the way up from the coarsest level.
        up_attention.reverse();
        Ok(Self {
            sample_size: match file.sample_size {
                Some(size) => size.levels("sample_size", 2)?[0],
                None => 64,
            },
            in_channels: file.in_channels,
            out_channels: file.out_channels,
            layers_per_block: file.layers_per_block.levels("layers_per_block", levels)?,
            heads: file.attention_head_dim.levels("attention_head_dim", levels)?,
            down_attention: attention(&file.down_block_types, "down_block_types", "Down", levels)?,
            up_attention,
            has_middle: match file.mid_block_type.as_deref() {
                Some("UNetMidBlock2DCrossAttn") => true,
                None => false,
                Some(other) => {
                    let only = "only UNetMidBlock2DCrossAttn or null";
                    return Err(Error::new(format!("mid_block_type {other} is not supported, {only}")));
                }
            },
            cross_attention_dim: widths[0],
            use_linear_projection: file.use_linear_projection,
            time_cond_proj_dim: file.time_cond_proj_dim,
            norm_num_groups: file.norm_num_groups,
            norm_eps: file.norm_eps,
            flip_sin_to_cos: file.flip_sin_to_cos,
            freq_shift: file.freq_shift,
            downsampling: match file.downsample_padding {
                0 => Window::HALVING_ONE_SIDED,
                1 => Window::HALVING,
                other => return Err(Error::new(format!("downsample_padding {other} is not supported, only 0 and 1"))),
            },
            block_out_channels: file.block_out_channels,
        })
    }

    /// Sizes are sane and fit each other.
    fn check(&self) -> Result<()> {
        let single = [
            ("sample_size", self.sample_size),
            ("in_channels", self.in_channels),
            ("out_channels", self.out_channels),
            ("cross_attention_dim", self.cross_attention_dim),
            ("time_cond_proj_dim", self.time_cond_proj_dim.unwrap_or(4)),
            ("norm_num_groups", self.norm_num_groups),
        ];
        let each = [
            ("block_out_channels", &self.block_out_channels),
            ("layers_per_block", &self.layers_per_block),
            ("attention_head_dim", &self.heads),
        ];
        let each = each.iter().flat_map(|(key, values)| values.iter().map(move |&value| (*key, value)));
        check_sizes(single.into_iter().chain(each))?;
        let wrong = |what: String| Err(Error::new(what));
        let levels = self.block_out_channels.len();
        for (level, &channels) in self.block_out_channels.iter().enumerate() {
            if channels % self.norm_num_groups != 0 {
                return wrong(format!("norm_num_groups {} does not divide {channels} channels", self.norm_num_groups));
            }
            let middle = level + 1 == levels && self.has_middle;
            let used = middle || self.down_attention[level] || self.up_attention[level];
            let heads = self.heads[level];
            if used && channels % heads != 0 {
                return wrong(format!("attention_head_dim {heads} (heads) does not divide {channels} channels"));
            }
        }
        if !self.block_out_channels[0].is_multiple_of(2)
            || self.time_cond_proj_dim.is_some_and(|dim| dim < 4 || dim % 2 != 0)
        {
            return wrong("the first level's channels and time_cond_proj_dim (from 4 on) must be even".into());
        }
        if !(self.norm_eps.is_finite() && self.norm_eps > 0.0 && self.freq_shift.is_finite()) {
            return wrong("norm_eps must be positive".into());
        }
        Ok(())
    }
}

/// Relatives of this network that people have, by what only they have.
fn refuse_larger_kinds(json: &Value) -> Result<()> {
    let is = |key: &str, value: &str| json.get(key).and_then(Value::as_str) == Some(value);
    let kind = if is("addition_embed_type", "text_time") {
        "Stable Diffusion XL (addition_embed_type text_time)"
    } else if is("_class_name", "SD3Transformer2DModel") {
        "Stable Diffusion 3 (_class_name SD3Transformer2DModel)"
    } else if is("_class_name", "FluxTransformer2DModel") {
        "Flux (_class_name FluxTransformer2DModel)"
    } else {
        return Ok(());
    };
    Err(Error::new(format!("this is {kind}, which is not supported")))
}

fn attention(types: &[String], key: &str, way: &str, levels: usize) -> Result<Vec<bool>> {
    if types.len() != levels {
        return Err(Error::new(format!("{key} has {} values for {levels} levels", types.len())));
    }
    let (plain, cross) = (format!("{way}Block2D"), format!("CrossAttn{way}Block2D"));
    let one = |name: &String| match name {
        name if *name == plain => Ok(false),
        name if *name == cross => Ok(true),
        other => Err(Error::new(format!("{key} {other} is not supported, only {plain} and {cross}"))),
    };
    types.iter().map(one).collect()
}
