//! The figures of a student's account of the course, in its order, at its prompts and numbers.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::experiments::settings::source;
use crate::experiments::{Recipe, preset};

/// One figure.
pub struct Figure {
    /// Its number in the course, and its folder's name.
    pub row: &'static str,
    /// What it is about.
    pub heading: &'static str,
    /// What is done, and what to look at.
    pub text: &'static str,
    /// The preset that makes it.
    preset: &'static str,
    /// What it starts from.
    start: Start,
}

/// What a figure starts from.
#[derive(Clone, Copy)]
enum Start {
    /// Noise, digits, or the preset's own picture.
    Nothing,
    /// The reader's own picture, or this one.
    Own(&'static str),
}

const LIGHTHOUSE: Start = Start::Own("built-in:lighthouse");

/// Every figure. Rows that train a network come before those that use it.
pub static FIGURES: &[Figure] = &[
    Figure {
        row: "a0",
        heading: "Words to pictures",
        text: "Three prompts (rows) at 5, 20 and 40 steps (columns), all from the same seed. Few steps leave grain and \
               loose shapes; past a certain number more of them only polish.",
        preset: "a0",
        start: Start::Nothing,
    },
    Figure {
        row: "a1.1",
        heading: "The forward process",
        text: "x_t = √ᾱ_t x_0 + √(1-ᾱ_t) ε at t = 250, 500 and 750: the picture fades while Gaussian noise grows, and \
               the variance stays one.",
        preset: "a1.1",
        start: LIGHTHOUSE,
    },
    Figure {
        row: "a1.2",
        heading: "Blur, and one step",
        text: "Three noised pictures, cleaned by a Gaussian blur and by the network at once: x̂_0 = (x_t - √(1-ᾱ_t) ε) / √ᾱ_t. \
               The blur takes edges away with the noise; the network keeps them, but the noisier its input, the more it \
               answers with an average of all pictures that could have been there.",
        preset: "a1.2",
        start: LIGHTHOUSE,
    },
    Figure {
        row: "a1.4",
        heading: "Iterative denoising",
        text: "From t = 690 down in strides of 30, every step a mixture of x̂_0 and x_t with fresh noise. Step by step the \
               network decides on details that one step had to blur; below, every fifth of them.",
        preset: "a1.4",
        start: LIGHTHOUSE,
    },
    Figure {
        row: "a1.5",
        heading: "From pure noise",
        text: "The same loop from t = 990: nothing but noise to begin with, and “a high quality photo” as prompt. Without \
               guidance, many of the ten are vague.",
        preset: "a1.5",
        start: Start::Nothing,
    },
    Figure {
        row: "a1.6",
        heading: "Classifier-free guidance",
        text: "ε = ε_u + γ (ε_c - ε_u) with γ = 7: five pictures that are surer of themselves, and more alike.",
        preset: "a1.6",
        start: Start::Nothing,
    },
    Figure {
        row: "a1.7",
        heading: "Image to image",
        text: "A picture noised to entries 1, 3, 5, 7, 10 and 20 of the list and denoised with guidance. The earlier the \
               entry, the more is made up.",
        preset: "a1.7",
        start: LIGHTHOUSE,
    },
    Figure {
        row: "a1.7.1",
        heading: "Image to image, from a drawing",
        text: "The same from a drawing by hand: in between there is a strength that keeps the drawing's layout and gives it \
               the looks of the model's pictures.",
        preset: "a1.7.1",
        start: Start::Nothing,
    },
    Figure {
        row: "a1.7.2",
        heading: "Inpainting",
        text: "After each step the surroundings of the mask are put back, noised to where the step arrived. Only what is under \
               the mask is new.",
        preset: "a1.7.2",
        start: Start::Own("built-in:landscape"),
    },
    Figure {
        row: "a1.7.3",
        heading: "Text-guided edit",
        text: "Image to image with “a rocket ship” as prompt: the picture's shapes become a rocket's.",
        preset: "a1.7.3",
        start: LIGHTHOUSE,
    },
    Figure {
        row: "a1.8",
        heading: "Visual anagram",
        text: "Two estimates, one of them made upside down with another prompt, averaged at every step: turn the picture over.",
        preset: "a1.8",
        start: Start::Nothing,
    },
    Figure {
        row: "a1.9",
        heading: "Hybrid image",
        text: "The low frequencies of one prompt's estimate and the high ones of another's: step back from it, or squint.",
        preset: "a1.9",
        start: Start::Nothing,
    },
    Figure {
        row: "a2",
        heading: "Enlarging",
        text: "Stage II draws 256 px from 64 px, guided by the prompt; the small picture is noised to level 250 first, so that \
               its flaws are not taken for truth.",
        preset: "a2",
        start: Start::Own("built-in:portrait"),
    },
    Figure {
        row: "b1.1",
        heading: "Noised digits",
        text: "z = x + σ ε with σ from 0 to 1.",
        preset: "b1.1",
        start: Start::Nothing,
    },
    Figure {
        row: "b1.2",
        heading: "Training a one-step denoiser",
        text: "‖D(z) - x‖² at σ = 0.5, hidden dimension 128, 5 epochs of batches of 256; after each epoch test digits, noised, \
               denoised.",
        preset: "b1.2",
        start: Start::Nothing,
    },
    Figure {
        row: "b1.2-denoise",
        heading: "The denoiser at other noise levels",
        text: "Trained at σ = 0.5, asked at 0 to 1: below it all is well, above it strokes break.",
        preset: "b1.2-denoise",
        start: Start::Nothing,
    },
    Figure {
        row: "b1.3",
        heading: "Training a denoiser of pure noise",
        text: "The same loss with z = ε. Nothing in the input says which digit is wanted.",
        preset: "b1.3",
        start: Start::Nothing,
    },
    Figure {
        row: "b1.3-denoise",
        heading: "What it learned",
        text: "The answer with the least squared error is the mean of all digits, and so that is what it gives.",
        preset: "b1.3-denoise",
        start: Start::Nothing,
    },
    Figure {
        row: "b2.1",
        heading: "Training a diffusion model that is told the time",
        text: "‖ε - ε_θ(x_t, t/T)‖², T = 300, hidden dimension 64, 20 epochs of batches of 64.",
        preset: "b2.1",
        start: Start::Nothing,
    },
    Figure {
        row: "b2.1-sample",
        heading: "Digits from noise",
        text: "Forty digits by DDPM; which digit comes is left to chance.",
        preset: "b2.1-sample",
        start: Start::Nothing,
    },
    Figure {
        row: "b2.2",
        heading: "Training a diffusion model that is told time and class",
        text: "The class is dropped for a tenth of the examples, so that guidance has something to lead away from.",
        preset: "b2.2",
        start: Start::Nothing,
    },
    Figure {
        row: "b2.2-sample",
        heading: "The digits that are asked for",
        text: "Four of each, with γ = 5.",
        preset: "b2.2-sample",
        start: Start::Nothing,
    },
    Figure {
        row: "b2.3",
        heading: "Training by flow matching",
        text: "The network predicts the velocity x_1 - x_0 on the straight line from noise to digit, told time and class.",
        preset: "b2.3",
        start: Start::Nothing,
    },
    Figure {
        row: "b2.3-sample",
        heading: "Digits along a flow",
        text: "Four of each in 300 Euler steps, with γ = 5.",
        preset: "b2.3-sample",
        start: Start::Nothing,
    },
];

impl Figure {
    /// Whether it trains a network, which takes from minutes to hours.
    pub fn trains(&self) -> bool {
        self.recipe().is_ok_and(|recipe| recipe.experiment == "digits-train")
    }

    /// The row whose network it draws with, where there is one.
    pub fn trained_by(&self) -> Option<&'static str> {
        let row = self.row.strip_suffix("-sample").or_else(|| self.row.strip_suffix("-denoise"))?;
        FIGURES.iter().map(|figure| figure.row).find(|known| *known == row)
    }

    /// What differs from the preset: `choice` where the figure reads it, and the picture it starts from.
    pub fn changes(&self, choice: &Map<String, Value>) -> Result<Map<String, Value>> {
        let recipe = self.recipe()?;
        let experiment = recipe.experiment()?;
        let mut changes: Map<String, Value> =
            choice.clone().into_iter().filter(|(key, _)| experiment.reads(key)).collect();
        match self.start {
            Start::Nothing => drop(changes.remove(source::image.key)),
            Start::Own(name) => drop(changes.entry(source::image.key).or_insert(name.into())),
        }
        Ok(changes)
    }

    /// The preset's recipe.
    pub fn recipe(&self) -> Result<Recipe> {
        let preset = preset(self.preset).ok_or_else(|| Error::new(format!("no row `{}`", self.preset)))?;
        Ok((preset.recipe)())
    }

    /// The command that makes it alone.
    pub fn command(&self, changes: &Map<String, Value>) -> String {
        let sets = changes.iter().map(|(key, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!(" --set '{key}={}'", value.replace('\'', r"'\''"))
        });
        format!("diffusion-lab run {}{}", self.preset, sets.collect::<String>())
    }
}
