//! What the files of the original implementation (ldm: `v1-5-pruned.safetensors` and its fine-tunes) call the tensors that
//! diffusers' folders hold.
//!
//! Its UNet numbers all parts of the way down and up through, L resnets and a resampler to a level; the autoencoder counts
//! its way up from the finest level.

/// Parts of a resnet of the UNet.
const RESNET: [(&str, &str); 6] = [
    ("in_layers.0", "norm1"),
    ("in_layers.2", "conv1"),
    ("emb_layers.1", "time_emb_proj"),
    ("out_layers.0", "norm2"),
    ("out_layers.3", "conv2"),
    ("skip_connection", "conv_shortcut"),
];

/// Parts of the UNet outside its levels.
const UNET: [(&str, &str); 9] = [
    ("time_embed.0", "time_embedding.linear_1"),
    ("time_embed.2", "time_embedding.linear_2"),
    ("time_embed.cond_proj", "time_embedding.cond_proj"),
    ("input_blocks.0.0", "conv_in"),
    ("out.0", "conv_norm_out"),
    ("out.2", "conv_out"),
    ("middle_block.0", "mid_block.resnets.0"),
    ("middle_block.1", "mid_block.attentions.0"),
    ("middle_block.2", "mid_block.resnets.1"),
];

/// Parts of either half of the autoencoder outside its levels.
const CODER: [(&str, &str); 8] = [
    ("mid.block_1", "mid_block.resnets.0"),
    ("mid.block_2", "mid_block.resnets.1"),
    ("mid.attn_1.norm", "mid_block.attentions.0.group_norm"),
    ("mid.attn_1.q", "mid_block.attentions.0.to_q"),
    ("mid.attn_1.k", "mid_block.attentions.0.to_k"),
    ("mid.attn_1.v", "mid_block.attentions.0.to_v"),
    ("mid.attn_1.proj_out", "mid_block.attentions.0.to_out.0"),
    ("norm_out", "conv_norm_out"),
];

/// Parts of a layer of OpenCLIP's text model.
const OPEN_CLIP_LAYER: [(&str, &str); 5] = [
    ("ln_1", "layer_norm1"),
    ("ln_2", "layer_norm2"),
    ("mlp.c_fc", "mlp.fc1"),
    ("mlp.c_proj", "mlp.fc2"),
    ("attn.out_proj", "self_attn.out_proj"),
];

/// The name with the first fitting beginning replaced.
fn begun<'a>(name: &str, parts: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> Option<String> {
    parts.into_iter().find_map(|(old, new)| {
        let rest = name.strip_prefix(old)?;
        rest.starts_with('.').then(|| format!("{new}{rest}"))
    })
}

/// A number and what follows the dot after it.
fn numbered(name: &str) -> Option<(usize, &str)> {
    let (number, rest) = name.split_once('.')?;
    Some((number.parse().ok()?, rest))
}

/// A tensor of the UNet with `layers` resnets to a level, without `model.diffusion_model.`; `None` for one that it does not
/// have.
pub(super) fn unet_name(name: &str, layers: usize) -> Option<String> {
    if let Some(found) = begun(name, &UNET) {
        let inside = found.strip_prefix("mid_block.resnets.").and_then(numbered);
        return match inside {
            Some((i, rest)) => Some(format!("mid_block.resnets.{i}.{}", begun(rest, &RESNET)?)),
            None => Some(found),
        };
    }
    let period = layers + 1;
    if let Some(rest) = name.strip_prefix("input_blocks.") {
        let (number, rest) = numbered(rest)?;
        let at = number.checked_sub(1)?;
        let (block, slot) = (at / period, at % period);
        let block = format!("down_blocks.{block}");
        return match (rest.split_once('.')?, slot == layers) {
            (("0", rest), true) => Some(format!("{block}.downsamplers.0.conv.{}", rest.strip_prefix("op.")?)),
            (("0", rest), false) => Some(format!("{block}.resnets.{slot}.{}", begun(rest, &RESNET)?)),
            (("1", rest), false) => Some(format!("{block}.attentions.{slot}.{rest}")),
            _ => None,
        };
    }
    let (number, rest) = numbered(name.strip_prefix("output_blocks.")?)?;
    let (block, slot) = (format!("up_blocks.{}", number / period), number % period);
    match rest.split_once('.')? {
        ("0", rest) => Some(format!("{block}.resnets.{slot}.{}", begun(rest, &RESNET)?)),
        // The resampler comes second where the level has no attention, else third.
        ("1" | "2", rest) if rest.starts_with("conv.") => Some(format!("{block}.upsamplers.0.{rest}")),
        ("1", rest) => Some(format!("{block}.attentions.{slot}.{rest}")),
        _ => None,
    }
}

/// A tensor of an autoencoder of `levels` levels, without `first_stage_model.`; `None` for one that it does not have.
pub(super) fn autoencoder_name(name: &str, levels: usize) -> Option<String> {
    let (half, rest) = name.split_once('.')?;
    if !["encoder", "decoder"].contains(&half) {
        return ["quant_conv", "post_quant_conv"].contains(&half).then(|| name.to_owned());
    }
    let renewed = |rest: &str| rest.replace("nin_shortcut.", "conv_shortcut.");
    if let Some(found) = begun(rest, &CODER) {
        return Some(format!("{half}.{}", renewed(&found)));
    }
    let (way, ups) = match (rest.strip_prefix("down."), rest.strip_prefix("up.")) {
        (Some(rest), _) => (numbered(rest)?, false),
        (_, Some(rest)) => (numbered(rest)?, true),
        _ => return Some(name.to_owned()),
    };
    let (level, rest) = way;
    let block = match ups {
        true => format!("{half}.up_blocks.{}", levels.checked_sub(level + 1)?),
        false => format!("{half}.down_blocks.{level}"),
    };
    let (kind, rest) = rest.split_once('.')?;
    match kind {
        "block" => Some(format!("{block}.resnets.{}", renewed(rest))),
        "downsample" => Some(format!("{block}.downsamplers.0.{rest}")),
        "upsample" => Some(format!("{block}.upsamplers.0.{rest}")),
        _ => None,
    }
}

/// A tensor of OpenCLIP's text model under transformers' names, and how many equal parts of it those are; `None` for one
/// that is not used, as those of the layers from `layers` on.
pub(super) fn open_clip_names(name: &str, layers: usize) -> Option<Vec<String>> {
    let outside = [
        ("token_embedding.weight", "embeddings.token_embedding.weight"),
        ("positional_embedding", "embeddings.position_embedding.weight"),
        ("ln_final.weight", "final_layer_norm.weight"),
        ("ln_final.bias", "final_layer_norm.bias"),
    ];
    if let Some((_, new)) = outside.iter().find(|(old, _)| *old == name) {
        return Some(vec![format!("text_model.{new}")]);
    }
    let (layer, rest) = numbered(name.strip_prefix("transformer.resblocks.")?)?;
    if layer >= layers {
        return None;
    }
    let layer = format!("text_model.encoder.layers.{layer}");
    if let Some(kind) = rest.strip_prefix("attn.in_proj_") {
        return Some(["q", "k", "v"].map(|part| format!("{layer}.self_attn.{part}_proj.{kind}")).to_vec());
    }
    Some(vec![format!("{layer}.{}", begun(rest, &OPEN_CLIP_LAYER)?)])
}
