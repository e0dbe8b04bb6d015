//! The published networks' architectures (DeepFloyd IF), for weights that are invented.

use serde_json::{Value, json};

/// What is common to all, given what differs between their sizes.
fn config(channels: &[usize], layers: &[usize], attention: usize) -> Value {
    let plain = channels.len() - attention;
    let blocks = |cross: &str, resnet: &str, reverse: bool| {
        let mut names = [vec![resnet; plain], vec![cross; attention]].concat();
        if reverse {
            names.reverse();
        }
        names.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    json!({
        "_class_name": "UNet2DConditionModel", "act_fn": "gelu", "addition_embed_type": "text",
        "attention_head_dim": 64, "block_out_channels": channels, "layers_per_block": layers,
        "cross_attention_dim": channels.last(), "cross_attention_norm": "group_norm", "encoder_hid_dim": 4096,
        "down_block_types": blocks("SimpleCrossAttnDownBlock2D", "ResnetDownsampleBlock2D", false),
        "up_block_types": blocks("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D", true),
        "mid_block_type": "UNetMidBlock2DSimpleCrossAttn", "resnet_time_scale_shift": "scale_shift",
        "in_channels": 3, "out_channels": 6, "sample_size": 64,
    })
}

/// Stage I, size M.
pub fn if_i_m() -> Value {
    config(&[192, 384, 576, 768], &[3; 4], 3)
}

/// Stage II, size M.
pub fn if_ii_m() -> Value {
    let mut config = config(&[128, 256, 512, 768, 768], &[2, 2, 3, 3, 3], 2);
    for (key, value) in [
        ("in_channels", json!(6)),
        ("sample_size", json!(256)),
        ("class_embed_type", json!("timestep")),
        ("time_embedding_dim", json!(768)),
        ("time_embedding_act_fn", json!("gelu")),
        ("resnet_skip_time_act", json!(true)),
        ("resnet_out_scale_factor", json!(std::f64::consts::SQRT_2)),
        ("mid_block_scale_factor", json!(std::f64::consts::SQRT_2)),
    ] {
        config[key] = value;
    }
    config
}
