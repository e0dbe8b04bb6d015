//! Settings that go together, for the lists of the experiments that read them and for the parts of their forms.

/// How the loop walks.
pub const LOOP: &[&str] = &["stepping", "sampler", "eta", "timesteps"];

/// How guidance bends.
pub const GUIDANCE: &[&str] = &["guidance_rescale", "guidance_interval", "guidance_schedule"];

/// Several views of one picture.
pub const VIEWS: &[&str] = &["view", "weight", "reduce"];

/// Several parts of one picture.
pub const PARTS: &[&str] = &["decomposition", "apart"];

/// What is kept of a picture.
pub const MASK: &[&str] = &["mask", "inpaint_mode", "repaint"];

/// What stage II does.
pub const STAGE_2: &[&str] = &["stage_2", "stage_2_guidance", "stage_2_steps", "stage_2_sampler", "noise_level"];

/// Two settings across and down.
pub const GRID: &[&str] = &["x", "y"];

/// What computes, and from which words.
pub const MODEL: &[&str] = &["model", "dtype", "clean_caption", "text_encoder", "embeddings"];
