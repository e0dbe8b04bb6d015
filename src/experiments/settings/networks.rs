//! What computes, and from which encoder's words.

use serde::{Deserialize, Serialize};

use super::Needs;

/// Number format of a network's weights and, except on the CPU, of its feature maps; the loop itself is always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats, the reference.
    #[default]
    F32,
    /// 16-bit floats.
    F16,
    /// 16-bit brain floats.
    Bf16,
}

settings! {
    /// The model with what belongs to it.
    Networks in networks {
        /// A name (`diffusion-lab list models`), a hub id, or a diffusers folder or a file of it
        model: String = "built-in".to_owned(), "Model", Model(&[]), fixed;
        /// `auto` (the model's own), `none`, a name, a hub id or a folder
        stage_2: String = "auto".to_owned(), "Stage II model",
        Model(&[("auto", "the model's own stage II"), ("none", "stop after stage I")]), fixed;
        /// `auto` (the model's own, or one in the hub's cache), a file (.safetensors, .gguf), a folder or a hub id
        text_encoder: String = "auto".to_owned(), "Text encoder", File, fixed, needs(Needs::Words);
        /// How weights are kept; sums on the processor, and the loop, stay f32
        dtype: Precision = Precision::F32, "Precision", Choice(|| vec!["f32", "f16", "bf16"]), fixed;
    }
}
