//! Configs of networks that this program does not run: refused by the key that says so.

use diffusion_lab::files::Folder;
use diffusion_lab::models::stable_diffusion::{AutoencoderKlConfig, ConditionalUnetConfig, PipelineFolders};
use diffusion_lab::models::unet_2d::Unet2dConfig;
use serde_json::{Value, json};

use super::Network;

fn refused<T: std::fmt::Debug>(
    network: &str,
    read: impl Fn(Value) -> diffusion_lab::error::Result<T>,
    changes: &[(&str, Value, &str)],
) {
    let network = Network::new(network);
    read(network.config.clone()).unwrap();
    for (key, value, told) in changes {
        let mut config = network.config.clone();
        config[key] = value.clone();
        let line = read(config).unwrap_err().to_string();
        assert!(line.contains(told) && !line.contains('\n'), "{key}: {line}");
    }
}

#[test]
fn unets_of_pictures() {
    refused(
        "ddpm",
        Unet2dConfig::from_json,
        &[
            ("_class_name", json!("UNet2DConditionModel"), "_class_name UNet2DConditionModel is not supported"),
            ("down_block_types", json!(vec!["SkipDownBlock2D"; 3]), "down_block_types SkipDownBlock2D"),
            ("time_embedding_type", json!("fourier"), "time_embedding_type fourier"),
            ("class_embed_type", json!("timestep"), "class_embed_type timestep"),
            ("downsample_padding", json!(2), "downsample_padding 2"),
            ("downsample_type", json!("pool"), "downsample_type pool"),
            ("resnet_time_scale_shift", json!("ada_group"), "resnet_time_scale_shift ada_group"),
            ("mid_block_scale_factor", json!(1.5), "mid_block_scale_factor 1.5"),
            ("attention_head_dim", json!(7), "attention_head_dim 7 does not divide 32"),
            ("norm_num_groups", json!(0), "norm_num_groups 0"),
            ("block_out_channels", json!([32, 64]), "3 and 3 values for 2 levels"),
        ],
    );
}

#[test]
fn unets_of_latents() {
    refused(
        "conditional-1",
        ConditionalUnetConfig::from_json,
        &[
            ("addition_embed_type", json!("text_time"), "Stable Diffusion XL (addition_embed_type text_time), which"),
            ("_class_name", json!("SD3Transformer2DModel"), "this is Stable Diffusion 3 (_class_name"),
            ("_class_name", json!("FluxTransformer2DModel"), "this is Flux (_class_name"),
            ("class_embed_type", json!("projection"), "class_embed_type projection"),
            ("encoder_hid_dim", json!(768), "encoder_hid_dim 768"),
            ("dual_cross_attention", json!(true), "dual_cross_attention true"),
            ("only_cross_attention", json!([true, true, false]), "only_cross_attention [true,true,false]"),
            ("num_attention_heads", json!(8), "num_attention_heads 8"),
            ("transformer_layers_per_block", json!([1, 2, 10]), "transformer_layers_per_block 2"),
            ("mid_block_type", json!("UNetMidBlock2D"), "mid_block_type UNetMidBlock2D"),
            ("attention_head_dim", json!(5), "attention_head_dim 5 (heads) does not divide 32"),
            ("act_fn", json!("gelu"), "act_fn gelu"),
        ],
    );
}

#[test]
fn autoencoders() {
    refused(
        "autoencoder-kl",
        AutoencoderKlConfig::from_json,
        &[
            ("_class_name", json!("AutoencoderTiny"), "_class_name AutoencoderTiny"),
            ("shift_factor", json!(0.1159), "shift_factor 0.1159"),
            ("use_quant_conv", json!(false), "use_quant_conv false"),
            ("up_block_types", json!(vec!["AttnUpDecoderBlock2D"; 3]), "up_block_types AttnUpDecoderBlock2D"),
            ("scaling_factor", json!(0.0), "scaling_factor must be positive"),
        ],
    );
}

#[test]
fn folders_of_other_models_and_halves_of_one() {
    let dir = tempfile::tempdir().unwrap();
    let told = |class: &str| {
        let index = json!({ "_class_name": class }).to_string();
        std::fs::write(dir.path().join("model_index.json"), index).unwrap();
        PipelineFolders::open(&Folder::open(dir.path()).unwrap()).map_err(|error| error.to_string())
    };
    for (class, line) in [
        (
            "StableDiffusionXLPipeline",
            "this is Stable Diffusion XL (_class_name StableDiffusionXLPipeline), which is not",
        ),
        ("StableDiffusion3Pipeline", "this is Stable Diffusion 3 (_class_name"),
        ("FluxPipeline", "this is Flux (_class_name"),
        ("DDPMPipeline", "a DDPMPipeline is not a Stable Diffusion"),
    ] {
        let error = told(class).unwrap_err();
        assert!(error.contains(line) && !error.contains('\n'), "{class}: {error}");
    }
    for part in ["unet", "vae", "text_encoder", "tokenizer", "scheduler"] {
        let error = told("LatentConsistencyModelPipeline").unwrap_err();
        assert!(error.contains(&format!("the model has no {part} folder")), "{error}");
        let folder = dir.path().join(part);
        std::fs::create_dir(&folder).unwrap();
        // A folder without files is none where models are embedded.
        std::fs::write(folder.join("config.json"), "{}").unwrap();
    }
    told("StableDiffusionPipeline").unwrap();
}
