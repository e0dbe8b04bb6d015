//! `config.json` of a `UNet2DModel`: the sizes of the network, and a refusal by name of what this program does not do.
//!
//! Defaults are those of `UNet2DModel.__init__`; keys that are not listed are ignored.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::layers::{PerLevel, Resampling, TimeScaleShift, Window, check_sizes, refuse_unless};

/// The checked configuration. Vectors have one value per level, finest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Unet2dConfig {
    /// Height and width that the model was trained at; other sizes run.
    pub sample_size: usize,
    /// 3.
    pub in_channels: usize,
    /// 3, or 6 with a variance.
    pub out_channels: usize,
    /// Channels.
    pub block_out_channels: Vec<usize>,
    /// Resnets on the way down; one more on the way up.
    pub layers_per_block: usize,
    /// Whether the level has attention, on the way down.
    pub down_attention: Vec<bool>,
    /// The same on the way up.
    pub up_attention: Vec<bool>,
    /// Whether the middle has attention.
    pub add_attention: bool,
    /// Channels per attention head; `None` is one head of all.
    pub attention_head_dim: Option<usize>,
    /// Groups of every norm but the middle attention's.
    pub norm_num_groups: usize,
    /// Those of the middle attention's norm; `None` is no norm there.
    pub mid_norm_groups: Option<usize>,
    /// ε of every norm.
    pub norm_eps: f64,
    /// Width of the time embedding.
    pub time_embedding_dim: usize,
    /// Classes by number; `None` for networks that are told none.
    pub num_class_embeds: Option<usize>,
    /// Input is taken as 2x - 1.
    pub center_input_sample: bool,
    /// Cosines before sines.
    pub flip_sin_to_cos: bool,
    /// Offset in the frequencies' denominator.
    pub freq_shift: f64,
    pub(super) time_scale_shift: TimeScaleShift,
    pub(super) down_resampling: Vec<Resampling>,
    pub(super) up_resampling: Vec<Resampling>,
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    sample_size: Option<PerLevel<usize>>,
    in_channels: usize,
    out_channels: usize,
    center_input_sample: bool,
    time_embedding_dim: Option<usize>,
    freq_shift: f64,
    flip_sin_to_cos: bool,
    down_block_types: Vec<String>,
    up_block_types: Vec<String>,
    block_out_channels: Vec<usize>,
    layers_per_block: usize,
    downsample_padding: usize,
    downsample_type: String,
    upsample_type: String,
    attention_head_dim: Option<usize>,
    norm_num_groups: usize,
    attn_norm_num_groups: Option<usize>,
    norm_eps: f64,
    resnet_time_scale_shift: String,
    add_attention: bool,
    num_class_embeds: Option<usize>,
}

impl Default for File {
    fn default() -> Self {
        let types = |names: [&str; 4]| names.map(str::to_owned).to_vec();
        Self {
            sample_size: None,
            in_channels: 3,
            out_channels: 3,
            center_input_sample: false,
            time_embedding_dim: None,
            freq_shift: 0.0,
            flip_sin_to_cos: true,
            down_block_types: types(["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"]),
            up_block_types: types(["AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"]),
            block_out_channels: vec![224, 448, 672, 896],
            layers_per_block: 2,
            downsample_padding: 1,
            downsample_type: "conv".into(),
            upsample_type: "conv".into(),
            attention_head_dim: Some(8),
            norm_num_groups: 32,
            attn_norm_num_groups: None,
            norm_eps: 1e-5,
            resnet_time_scale_shift: "default".into(),
            add_attention: true,
            num_class_embeds: None,
        }
    }
}

/// Keys that must have one value: key, diffusers' default where the key is absent, the value.
const FIXED: [(&str, &str, &str); 6] = [
    ("_class_name", "UNet2DModel", "UNet2DModel"),
    ("act_fn", "silu", "silu"),
    ("mid_block_type", "UNetMidBlock2D", "UNetMidBlock2D"),
    ("mid_block_scale_factor", "1", "1"),
    ("time_embedding_type", "positional", "positional"),
    ("class_embed_type", "null", "null"),
];

impl Unet2dConfig {
    /// Reads and checks `config.json` of the network's folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let json: Value = folder.read_json("config.json")?;
        Self::from_json(json).map_err(|error| {
            error
                .at(folder.place("config.json"))
                .hint("a UNet2DModel as DDPM's or the consistency models' is expected here")
        })
    }

    /// Checks a parsed `config.json`.
    pub fn from_json(mut json: Value) -> Result<Self> {
        if json.get("mid_block_scale_factor").and_then(Value::as_f64) == Some(1.0) {
            json["mid_block_scale_factor"] = 1.into();
        }
        refuse_unless(&json, &FIXED)?;
        let file: File =
            serde_json::from_value(json).map_err(|error| Error::new(format!("cannot use this config ({error})")))?;
        let config = Self::from_file(file)?;
        config.check()?;
        Ok(config)
    }

    /// Height and width must be multiples of this.
    pub fn multiple(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    /// Heads of an attention over `channels`.
    pub(super) fn heads(&self, channels: usize) -> usize {
        self.attention_head_dim.map_or(1, |width| channels / width)
    }

    fn from_file(file: File) -> Result<Self> {
        let levels = file.block_out_channels.len();
        if levels == 0 || levels > 16 {
            return Err(Error::new(format!("block_out_channels has {levels} levels")));
        }
        let padding = match file.downsample_padding {
            0 => Window::HALVING_ONE_SIDED,
            1 => Window::HALVING,
            other => return Err(Error::new(format!("downsample_padding {other} is not supported, only 0 and 1"))),
        };
        let down = |kind: &String| level("down_block_types", "Down", kind, ("downsample_type", &file.downsample_type));
        let up = |kind: &String| level("up_block_types", "Up", kind, ("upsample_type", &file.upsample_type));
        let down: Vec<(bool, bool)> = file.down_block_types.iter().map(down).collect::<Result<_>>()?;
        let mut up: Vec<(bool, bool)> = file.up_block_types.iter().map(up).collect::<Result<_>>()?;
        // Diffusers lists the way up from the coarsest level.
        up.reverse();
        if down.len() != levels || up.len() != levels {
            let counts = format!("{} and {}", down.len(), up.len());
            return Err(Error::new(format!(
                "down_block_types and up_block_types have {counts} values for {levels} levels"
            )));
        }
        let resampling = |resnets: &[(bool, bool)], window: Window| -> Vec<Resampling> {
            let one = |&(_, resnet)| if resnet { Resampling::Resnet } else { Resampling::Convolution(window) };
            resnets.iter().map(one).collect()
        };
        let time_scale_shift = match file.resnet_time_scale_shift.as_str() {
            "default" => TimeScaleShift::Default,
            "scale_shift" => TimeScaleShift::ScaleShift,
            other => {
                let only = "only default and scale_shift";
                return Err(Error::new(format!("resnet_time_scale_shift {other} is not supported, {only}")));
            }
        };
        let plain = (time_scale_shift == TimeScaleShift::Default).then_some(file.norm_num_groups);
        let multiple = 1 << (levels - 1);
        Ok(Self {
            sample_size: match file.sample_size {
                Some(size) => size.levels("sample_size", 2)?[0],
                None => 32usize.next_multiple_of(multiple),
            },
            in_channels: file.in_channels,
            out_channels: file.out_channels,
            layers_per_block: file.layers_per_block,
            down_attention: down.iter().map(|&(attention, _)| attention).collect(),
            up_attention: up.iter().map(|&(attention, _)| attention).collect(),
            add_attention: file.add_attention,
            attention_head_dim: file.attention_head_dim,
            norm_num_groups: file.norm_num_groups,
            mid_norm_groups: file.attn_norm_num_groups.or(plain),
            norm_eps: file.norm_eps,
            time_embedding_dim: file.time_embedding_dim.unwrap_or(4 * file.block_out_channels[0]),
            num_class_embeds: file.num_class_embeds,
            center_input_sample: file.center_input_sample,
            flip_sin_to_cos: file.flip_sin_to_cos,
            freq_shift: file.freq_shift,
            time_scale_shift,
            down_resampling: resampling(&down, padding),
            up_resampling: resampling(&up, Window::same(3)),
            block_out_channels: file.block_out_channels,
        })
    }

    /// Sizes are sane and fit each other.
    fn check(&self) -> Result<()> {
        let single = [
            ("sample_size", self.sample_size),
            ("in_channels", self.in_channels),
            ("out_channels", self.out_channels),
            ("layers_per_block", self.layers_per_block),
            ("attention_head_dim", self.attention_head_dim.unwrap_or(1)),
            ("norm_num_groups", self.norm_num_groups),
            ("attn_norm_num_groups", self.mid_norm_groups.unwrap_or(1)),
            ("time_embedding_dim", self.time_embedding_dim),
            ("num_class_embeds", self.num_class_embeds.unwrap_or(1)),
        ];
        let channels = &self.block_out_channels;
        check_sizes(single.into_iter().chain(channels.iter().map(|&width| ("block_out_channels", width))))?;
        let wrong = |what: String| Err(Error::new(what));
        let levels = channels.len();
        for (level, &width) in channels.iter().enumerate() {
            if width % self.norm_num_groups != 0 {
                return wrong(format!("norm_num_groups {} does not divide {width} channels", self.norm_num_groups));
            }
            let middle = level + 1 == levels && self.add_attention;
            let used = middle || self.down_attention[level] || self.up_attention[level];
            if let Some(head) = self.attention_head_dim.filter(|head| used && width % head != 0) {
                return wrong(format!("attention_head_dim {head} does not divide {width} channels"));
            }
        }
        let coarsest = channels[levels - 1];
        if let Some(groups) = self.mid_norm_groups.filter(|&groups| !coarsest.is_multiple_of(groups)) {
            return wrong(format!("attn_norm_num_groups {groups} does not divide {coarsest} channels"));
        }
        if !channels[0].is_multiple_of(2) {
            return wrong("the first level's channels must be even".into());
        }
        if !(self.norm_eps.is_finite() && self.norm_eps > 0.0 && self.freq_shift.is_finite()) {
            return wrong("norm_eps must be positive".into());
        }
        Ok(())
    }
}

/// Whether a level has attention, and whether it leads on by a resnet, which only levels with attention choose
/// (`resample`).
fn level(key: &str, way: &str, kind: &str, (resample_key, resample): (&str, &str)) -> Result<(bool, bool)> {
    let by_resnet = match resample {
        "conv" => false,
        "resnet" => true,
        other => return Err(Error::new(format!("{resample_key} {other} is not supported, only conv and resnet"))),
    };
    let (plain, attention) = (format!("{way}Block2D"), format!("Attn{way}Block2D"));
    let resnet = format!("Resnet{way}sampleBlock2D");
    match kind {
        kind if kind == plain => Ok((false, false)),
        kind if kind == resnet => Ok((false, true)),
        kind if kind == attention => Ok((true, by_resnet)),
        other => Err(Error::new(format!("{key} {other} is not supported, only {plain}, {attention} and {resnet}"))),
    }
}
