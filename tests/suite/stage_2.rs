//! Stage II alone, on a raw picture that no file holds, through the seam that every experiment uses; and what of part
//! A goes through it.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::decompositions::DecompositionSpec;
use diffusion_lab::diffusion::constraint::{Constraint, paste};
use diffusion_lab::diffusion::estimate::{Branch, Estimate, Part, Reduce};
use diffusion_lab::diffusion::plan::PlanSpec;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::error::Result;
use diffusion_lab::experiments::{Observer, OnePart, Progress, Seen, StageRun, Start};
use diffusion_lab::models::{Cascade, Conditions, Model, ModelSpec};
use diffusion_lab::pictures::{tensor_from_mask, tensor_from_picture};
use diffusion_lab::views::ViewSpec;

use crate::cli::{lab, stderr};
use crate::reference::{Reference, path, relative_difference};
use crate::running::{held, hold};

/// Wants everything and refuses nothing.
struct Collector;

impl Observer for Collector {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn say(&mut self, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    fn wants_trajectory(&self) -> bool {
        true
    }
}

/// The small cascade, or its second stage alone.
fn narrow(second_alone: bool) -> ModelSpec {
    ModelSpec {
        model: path("models/narrow").display().to_string(),
        stage_2: "auto".to_owned(),
        text_encoder: "auto".to_owned(),
        dtype: DType::F32,
        low_memory: false,
        second_alone,
    }
}

/// Who only enlarges opens no stage I, whose size and text encoder need not fit; a whole cascade serves that too.
#[test]
fn enlarging_asks_for_no_stage_1() {
    let alone = Cascade::load(&narrow(true), &Device::Cpu, &mut |_| Ok(())).unwrap();
    assert!(alone.summary().stage_1().is_err() && alone.summary().enlarger().is_some());
    assert!(narrow(false).serves(&narrow(true)) && narrow(true).serves(&narrow(true)));
    assert!(!narrow(true).serves(&narrow(false)));
    assert!(!narrow(false).serves(&ModelSpec { low_memory: true, ..narrow(true) }));
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let narrow = path("models/narrow").display().to_string();
    let done = |arguments: &[&str]| {
        let output = lab(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
    };
    done(&["encode", "--model", &narrow, "--prompt", "a cat", "--prompt", "", "--out", &at("e.safetensors")]);
    // The built-in stage I takes embeddings of another width.
    let (embeddings, second) = (at("e.safetensors"), format!("{narrow}/stage-2"));
    let start = ["upscale", "--stage-2", &second, "--embeddings", &embeddings, "--image", "built-in:portrait"];
    done(&[&start[..], &["--prompt", "a cat", "--steps", "2", "--quiet", "--out", &at("out")]].concat());
}

/// Three steps of stage II on the raw picture `low` of the reference and its embeddings, the negative one last.
pub fn trajectory(
    reference: &Reference,
    low: &str,
    estimate: &Estimate,
    constraint: Option<&Constraint>,
) -> HashMap<String, Tensor> {
    let cascade = Cascade::load(&narrow(false), &Device::Cpu, &mut |_| Ok(())).unwrap();
    let stage = cascade.summary().stage_2().unwrap();
    let embeds = [reference.get("prompt_embeds"), reference.get("negative_prompt_embeds")];
    let conditions = Conditions::texts(Tensor::cat(&embeds, 0).unwrap()).unwrap();
    let network = cascade.network(stage, &conditions, &mut |_| Ok(())).unwrap();
    let spec = PlanSpec {
        stepping: Stepping::Scheduler,
        steps: 3,
        timesteps: None,
        i_start: 0,
        sampler: Sampler::Ddpm,
        repaint: None,
    };
    let run = StageRun {
        stage,
        network: &*network,
        device: &Device::Cpu,
        codec: cascade.codec(stage),
        start: Start::Noise,
        estimate,
        sampler: Sampler::Ddpm,
        eta: 0.0,
        guidance_scale: 4.0,
        constraint,
        plan: &stage.plan(&spec).unwrap(),
        seed: 180,
        resume: None,
        low_resolution: Some((reference.get(low), 250)),
    };
    let tensors = run.run(1, &mut Collector).unwrap().trajectory.unwrap().tensors;
    tensors.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect()
}

/// The reference's stage II: 48 px of 12.
const SIZE: (usize, usize) = (48, 12);

/// Text `text` of three, guided by the reference's γ.
fn guided(text: usize) -> Estimate {
    Estimate::guided(text, 3, 4.0)
}

/// Views see the upscaled picture too: the reference's wrong variant keeps it upright.
#[test]
fn anagrams_go_through_stage_2() {
    let reference = Reference::open("stage-2.safetensors");
    let branch = |(name, text): (&str, usize)| {
        let view = name.parse::<ViewSpec>().unwrap().at(SIZE.0, SIZE.1).unwrap();
        Branch { view: Arc::new(Seen(view)), weight: 1.0, estimate: guided(text) }
    };
    let branches = [("identity", 1), ("flip_vertical", 2)].map(branch).into_iter().collect();
    let estimate = Estimate::Views { branches, reduce: Reduce::Mean };
    hold(&reference, "anagram", &trajectory(&reference, "small", &estimate, None));
}

/// The mask keeps its picture at the larger size, noised to where each step arrives.
#[test]
fn inpainting_goes_through_stage_2() {
    let reference = Reference::open("stage-2.safetensors");
    let pixels = |name: &str| held(&reference, name).load().unwrap();
    let original = tensor_from_picture(&pixels("picture"), &Device::Cpu).unwrap();
    let mask = tensor_from_mask(&pixels("mask"), false, &Device::Cpu).unwrap();
    let constraint = Constraint::Renoise { mask: mask.clone(), original: original.clone() };
    let ours = trajectory(&reference, "small", &guided(0), Some(&constraint));
    hold(&reference, "inpaint", &ours);
    let finished = paste(&mask, &ours["x_t"].get(3).unwrap(), &original).unwrap();
    let delta = relative_difference(&finished, reference.get("inpaint.finished"));
    assert!(delta <= 3e-4, "finished: {delta}");
}

/// The blur grows with the pixels: kernel 5 and σ 1 of stage I are 21 and 4 here.
#[test]
fn hybrids_go_through_stage_2() {
    let reference = Reference::open("stage-2.safetensors");
    let spec: DecompositionSpec = "low_high:kernel=5,sigma=1".parse().unwrap();
    let decomposition = Arc::new(spec.at(SIZE.0, SIZE.1).unwrap());
    let part = |index: usize| {
        let part = Arc::new(OnePart(Arc::clone(&decomposition), index)) as Arc<dyn Part>;
        (part, guided(index + 1))
    };
    let estimate = Estimate::Parts { parts: (0..2).map(part).collect(), apart: 0.0 };
    hold(&reference, "hybrid", &trajectory(&reference, "small", &estimate, None));
}
