//! Where a run begins: from a picture at an entry or a timestep, or from a recorded step.

use super::Needs;
use crate::experiments::{Branch, Source as Picture};
use crate::models::digits;

settings! {
    /// What a run starts from, where that is not pure noise.
    Source in source {
        /// The source picture: any size, centre-cropped and resized
        image: Option<Picture> = None, "Picture", Picture,
        needs(Needs::Kind(|kind| kind != digits::Kind::NoiseDenoiser));
        /// i_start: the entry of the list of timesteps to begin with; 0 is nearly pure noise
        i_start: Vec<usize> = Vec::new(), "Start entry", Entry, many, otherwise("automatic");
        /// t: the timestep that the picture is noised to, 0 (clean) to 999 (noise)
        t: Vec<usize> = Vec::new(), "Timestep", Whole(0, 999), many;
        /// FILE@STEP: go on from a step recorded with --tensors, with any setting changed
        branch: Option<Branch> = None, "Branch", Branch;
    }
}
