//! Digits: which set, which network, which of them.

use super::Needs;
use crate::experiments::training_settings;
use crate::models::digits;

settings! {
    /// What part B's experiments work on.
    Digits in digits {
        /// A name (`diffusion-lab list datasets`) or a folder of IDX files, gzipped or not
        data: String = "mnist".to_owned(), "Digits", Folder;
        /// What the network is for; the checkpoint's own where one is given
        kind: Option<digits::Kind> = None, "Network", Choice(|| digits::Kind::ALL.map(digits::Kind::name).to_vec());
        /// A trained digit network (.safetensors); the program's own without it
        checkpoint: Option<String> = None, "Checkpoint", File;
        /// One picture for each digit named, in that order, or `none`
        classes: String = "0123456789".to_owned(), "Digits to draw", Text, needs(Needs::Conditions);
        /// Numbers of digits of the test set; the first ones by default
        pick: Vec<usize> = Vec::new(), "Test digits", Whole(0, 1_000_000), many, typed,
        needs(Needs::Kind(|it| it != digits::Kind::NoiseDenoiser));
        /// σ of the noise on a digit: 0 is clean, 1 as strong as white is to black
        noise_sigma: Vec<f64> = Vec::new(), "Noise σ", Number(0.0, 10.0), many, slider(0.0, 2.0), alias("sigma"),
        needs(Needs::Kind(|it| it == digits::Kind::Denoiser)),
        suits(|recipe, _| recipe.trains().then(|| training_settings(recipe).sigma));
    }
}
