//! What is kept of a picture while the rest is made new.

use serde::{Deserialize, Serialize};

use crate::experiments::{Pair, Source};

/// What surrounds an inpainting mask while the run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InpaintMode {
    /// The original, noised anew to each timestep (the course's).
    #[default]
    Renoise,
    /// The original as it is (diffusers' IFInpaintingPipeline).
    Diffusers,
}

impl InpaintMode {
    /// Every mode, by its name.
    pub const ALL: [&'static str; 2] = ["renoise", "diffusers"];
}

settings! {
    /// A mask and what happens around it.
    Inpainting in inpainting {
        /// White where the picture is made new, black where it is kept, grey between
        mask: Option<Source> = None, "Mask", Mask;
        /// Kept surroundings: noised anew at each step, or left clean as diffusers does
        mode as inpaint_mode: InpaintMode = InpaintMode::Renoise, "Around the mask", Choice(|| InpaintMode::ALL.to_vec());
        /// R,J: walk each stretch R times, going back J entries, so that new and old agree
        repaint: Option<Pair> = None, "RePaint rounds", Pair;
    }
}
