//! What networks take in memory: told from their sizes, held to what they really take; and the stages of a cascade,
//! one at a time where that is wanted.

use std::process::Command;

use candle_core::{DType, Device};
use diffusion_lab::error::Error;
use diffusion_lab::models::deepfloyd::Published;
use diffusion_lab::models::stable_diffusion::{AutoencoderKlConfig, ConditionalUnetConfig};
use diffusion_lab::models::unet_2d::Unet2dConfig;
use diffusion_lab::models::{
    Asked, Cascade, Conditions, Costed, DeviceMemory, Fit, Holding, Model, ModelSpec, Need, UnetConfig, find_package,
    in_chunks, models_here,
};
use diffusion_lab::tensors::MapLayout;
use diffusion_lab::weights::Weights;
use diffusion_lab::worker::{Destination, Job, Options, What, Worker};
use serde_json::{Value, json};

use super::families::Network;
use super::{MODELS, model};
use crate::reference::{path, relative_difference};

/// The published numbers of parameters, to the last one.
#[test]
fn published_networks_have_their_published_size() {
    let told = Published::ALL.map(|network| network.config().unwrap().cost().parameters);
    assert_eq!(told, [371_605_830, 935_365_830, 4_304_695_110, 461_064_198, 1_242_987_270]);
}

/// The walk over a config sees each layer that the file has, whatever its shape.
#[test]
fn every_number_in_a_file_is_counted() {
    for name in MODELS {
        let unet = model(name).subfolder("unet").unwrap();
        let entries = Weights::open(&unet).unwrap().entries();
        let numbers: usize = entries.iter().map(|entry| entry.shape.iter().product::<usize>()).sum();
        assert_eq!(UnetConfig::open(&unet).unwrap().cost().parameters, numbers as u64, "{name}");
    }
}

/// What is told before a network is loaded is what the process holds at its peak, to a quarter.
#[test]
fn the_told_need_is_what_a_network_takes() {
    let (row, network) = ("if-i-m", Published::IM);
    for (more, dtype) in [(&["--low-memory"][..], DType::F32), (&[], DType::F32), (&["--dtype", "f16"], DType::F16)] {
        let output = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"))
            .args(["bench", row, "--json", "--repeat", "1", "--device", "cpu"])
            .args(more)
            .output()
            .unwrap();
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        let need = Need::of(&network.config().unwrap(), dtype);
        let told = if more == ["--low-memory"] { need.low } else { need.together } as f64;
        let Some(peak) = line["peak_memory_bytes"].as_f64() else {
            eprintln!("skipped: this system does not tell a program's peak");
            return;
        };
        println!("{row} {more:?}: {told:.3e} told, {peak:.3e} measured");
        assert!((0.75..1.25).contains(&(told / peak)), "{row} {more:?}: {told:.3e} told, {peak:.3e} measured");
    }
}

#[test]
fn a_need_is_weighed_against_what_is_free() {
    let need = Need { together: 5, in_turn: 3, low: 2 };
    let fits = [None, Some(6), Some(5), Some(4), Some(2), Some(1)].map(|free| need.within(free));
    assert_eq!(fits, [Fit::Unknown, Fit::Fits, Fit::Fits, Fit::FitsInTurn, Fit::FitsLow, Fit::TooLarge]);
    let held = |free: u64, low| need.holding(Some(free), low).map_err(|error| error.to_string());
    assert_eq!([6, 4, 2].map(|free| held(free, false).unwrap()), [Holding::Together, Holding::InTurn, Holding::Low]);
    assert_eq!([6, 1].map(|free| held(free, true).unwrap()), [Holding::Low; 2]);
    let line = held(1, false).unwrap_err();
    assert!(line.contains("needs 2 bytes of memory, 1 bytes are free; close other programs"), "{line}");
    // A cascade's stages are held together, or the larger one alone; what is beside them counts once.
    let of = |network: Published| Need::of(&network.config().unwrap(), DType::F32);
    let (one, two) = (of(Published::IM), of(Published::IIM));
    let both = find_package("deepfloyd-m").unwrap().need().unwrap();
    assert_eq!(both, Need::sum(&[one, two]));
    assert!(both.together < one.together + two.together && both.together > one.together.max(two.together));
    assert_eq!((both.in_turn, both.low), (one.in_turn.max(two.in_turn), one.low.max(two.low)));
    // The maps of 256 px are as much as stage II's weights.
    assert!(two.low > one.low + 500_000_000, "{two:?} {one:?}");
    assert_eq!(find_package("t5").unwrap().need(), None);
    assert!(models_here()[0].need.is_some_and(|need| need.together < 1_000_000_000));
}

fn spec(low_memory: bool) -> ModelSpec {
    ModelSpec {
        model: path("models/narrow").display().to_string(),
        stage_2: "auto".to_owned(),
        text_encoder: "auto".to_owned(),
        dtype: DType::F32,
        low_memory,
        second_alone: false,
    }
}

fn conditions(cascade: &Cascade) -> Conditions {
    let prompts = ["a rocket ship".to_owned()];
    let asked = Asked { prompts: &prompts, negative: "", clean_caption: false, embeddings: None };
    cascade.conditions(&asked, &mut |_| Ok(())).unwrap()
}

#[test]
fn networks_take_turns_where_memory_is_saved() {
    let kept = Cascade::load(&spec(false), &Device::Cpu, &mut |_| Ok(())).unwrap();
    assert_eq!(kept.in_memory(), [true, true]);
    let in_turn = Cascade::load(&spec(true), &Device::Cpu, &mut |_| Ok(())).unwrap();
    assert_eq!(in_turn.in_memory(), [false, false]);
    let conditions = conditions(&in_turn);
    let mut said = Vec::new();
    for stage in [0, 0, 1, 0] {
        let network = in_turn.network(&in_turn.summary().stages[stage], &conditions, &mut |what| {
            said.push(what);
            Ok(())
        });
        drop(network.unwrap());
        assert_eq!(in_turn.in_memory(), [stage == 0, stage == 1]);
    }
    assert_eq!(said, ["the network", "stage II", "the network"]);
}

/// A device that has so many bytes free.
struct Invented(u64);

impl DeviceMemory for Invented {
    fn free(&self) -> Option<u64> {
        Some(self.0)
    }
}

/// A GPU's memory decides as the processor's does, by what networks take there: their weights as they are and what
/// convolutions and scores take beside the maps.
#[test]
fn a_devices_memory_decides_what_is_held() {
    MapLayout::Planes.scope(|| {
        let need_of = |name: &str| {
            let config = UnetConfig::open(&model(name).subfolder("unet").unwrap()).unwrap();
            Need::of_planes(&config, DType::F32)
        };
        let needs = [need_of("narrow"), need_of("narrow/stage-2")];
        let need = Need::sum(&needs);
        assert!(need.low <= need.in_turn && need.in_turn < need.together, "{need:?}");
        let loaded = |free: u64| {
            let cascade = Cascade::load_within(&Invented(free), &spec(false), &Device::Cpu, &mut |_| Ok(()))?;
            Ok::<_, Error>(cascade.in_memory().into_iter().filter(|loaded| *loaded).count())
        };
        assert_eq!(loaded(need.together).unwrap(), 2);
        assert_eq!(loaded(need.together - 1).unwrap(), 0, "one at a time, when it is used");
        assert_eq!(loaded(need.low).unwrap(), 0);
        let line = loaded(need.low - 1).unwrap_err().to_string();
        assert!(line.contains("needs") && line.contains("--dtype f16"), "{line}");
    });
    // IF-I-M in halves takes half of what it takes in f32, and more than its weights alone.
    let config = Published::IM.config().unwrap();
    let [wide, half] = [DType::F32, DType::F16].map(|dtype| Need::of_planes(&config, dtype));
    let weights = config.cost().parameters * 2;
    assert!(half.together > weights && half.together < wide.together && wide.together > 2 * weights);
}

/// A job of two runs, and what it said.
fn job(low_memory: bool, folder: &std::path::Path) -> Vec<What> {
    let keys = json!({
        "experiment": "sample", "model": spec(low_memory).model, "prompt": ["a rocket ship"], "guidance": [3.0],
        "steps": [2], "stage_2_steps": 2, "seed": [1, 2],
    });
    let recipe = diffusion_lab::experiments::Recipe::from_json(keys.as_object().unwrap()).unwrap();
    let worker = Worker::spawn(Options { low_memory, ..Options::default() }, || {}).unwrap();
    let extras = diffusion_lab::worker::Extras { tensors: true, ..Default::default() };
    worker.submit(Job { recipe, destination: Destination::Folder { path: folder.to_owned(), extras } });
    let mut said = Vec::new();
    loop {
        let what = worker.events().recv().unwrap().what;
        if let What::Failed(error) = &what {
            panic!("{error}");
        }
        let ends = matches!(what, What::Finished(_));
        said.push(what);
        if ends {
            return said;
        }
    }
}

#[test]
fn pictures_are_the_same_with_one_network_at_a_time() {
    let (kept, in_turn) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let words = |said: &[What]| -> String {
        let word = |what: &What| match what {
            What::Loading(what) => Some(if what == "stage II" { "L" } else { "l" }),
            What::Step(step) => Some(if step.stage == 2 { "2" } else { "1" }),
            What::Picture(_) => Some("."),
            _ => None,
        };
        said.iter().filter_map(word).collect()
    };
    assert_eq!(words(&job(false, kept.path())), "llL1122.1122.");
    assert_eq!(words(&job(true, in_turn.path())), "ll11L22.l11L22.");
    for run in 0..2 {
        let name = format!("trajectory-stage-2-{run:03}.safetensors");
        let x = |folder: &tempfile::TempDir| {
            candle_core::safetensors::load(folder.path().join(&name), &Device::Cpu).unwrap().remove("x_t").unwrap()
        };
        let delta = relative_difference(&x(&in_turn), &x(&kept));
        assert!(delta <= 3e-4, "{delta}");
    }
}

/// A device whose memory holds three pictures is shown no more than it can take, and every picture once, in order.
#[test]
fn what_does_not_fit_is_tried_in_smaller_chunks() {
    let shown = |most: usize, said: &'static str| {
        in_chunks(10, 8, |start, rows| match rows <= most {
            true => Ok((start..start + rows).collect::<Vec<_>>()),
            false => Err(Error::new(said)),
        })
    };
    let parts = shown(3, "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")").unwrap();
    assert_eq!(parts.concat(), (0..10).collect::<Vec<_>>());
    assert_eq!(parts.iter().map(Vec::len).max(), Some(2), "8, 4 and then 2");
    let error = shown(0, "CUDA_ERROR_OUT_OF_MEMORY").unwrap_err().to_string();
    assert!(error.contains("--dtype f16") && error.contains("--device cpu"), "{error}");
    assert_eq!(shown(3, "a kernel failed").unwrap_err().to_string(), "a kernel failed", "nothing else is tried again");
    assert_eq!(in_chunks(0, 8, |_, _| Ok(())).unwrap().len(), 0);
}

/// The walk counts every number of the open families' networks, whatever their shape, and has the published ones' sizes.
#[test]
fn every_number_of_the_open_families_is_counted() {
    let numbers = |network: &Network| -> u64 { network.tensors.iter().map(|(_, x)| x.elem_count() as u64).sum() };
    for name in ["ddpm", "consistency", "consistency-without-norm", "plain"] {
        let network = Network::of("families.json", name);
        let config = Unet2dConfig::from_json(network.config.clone()).unwrap();
        assert_eq!(config.cost().parameters, numbers(&network), "{name}");
    }
    for name in ["conditional-1", "conditional-2", "conditional-without-middle", "conditional-lcm"] {
        let network = Network::of("families.json", name);
        let config = ConditionalUnetConfig::from_json(network.config.clone()).unwrap();
        assert_eq!(config.cost().parameters, numbers(&network), "{name}");
    }
    let network = Network::of("families.json", "autoencoder-kl");
    let config = AutoencoderKlConfig::from_json(network.config.clone()).unwrap();
    assert_eq!(config.cost().parameters, numbers(&network));
    let (down, up) = ("CrossAttnDownBlock2D", "CrossAttnUpBlock2D");
    let stable_diffusion = json!({
        "block_out_channels": [320, 640, 1280, 1280], "cross_attention_dim": 768, "attention_head_dim": 8,
        "down_block_types": [down, down, down, "DownBlock2D"], "up_block_types": ["UpBlock2D", up, up, up],
        "in_channels": 4, "out_channels": 4, "sample_size": 64,
    });
    let config = ConditionalUnetConfig::from_json(stable_diffusion).unwrap();
    assert_eq!(config.cost().parameters, 859_520_964);
    // Its weights in f32, and with what Winograd's transform makes of them.
    let cost = config.cost();
    assert!((3.4e9..3.5e9).contains(&(cost.weights_low as f64)) && (6.2e9..7.2e9).contains(&(cost.weights as f64)));
    let autoencoder = json!({
        "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "sample_size": 512,
        "down_block_types": vec!["DownEncoderBlock2D"; 4], "up_block_types": vec!["UpDecoderBlock2D"; 4],
    });
    assert_eq!(AutoencoderKlConfig::from_json(autoencoder).unwrap().cost().parameters, 83_653_863);
    let (down, up) = ("DownBlock2D", "UpBlock2D");
    let faces = json!({
        "block_out_channels": [128, 128, 256, 256, 512, 512], "sample_size": 256, "attention_head_dim": null,
        "down_block_types": [down, down, down, down, "AttnDownBlock2D", down],
        "up_block_types": [up, "AttnUpBlock2D", up, up, up, up], "downsample_padding": 0,
    });
    assert_eq!(Unet2dConfig::from_json(faces).unwrap().cost().parameters, 113_673_219);
}
