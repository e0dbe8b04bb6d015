//! What a subject is handed and hands back: a canvas, random numbers, the wanted style, and the words that its picture earned.

use crate::canvas::Canvas;
use crate::random::Rng;
use crate::styles::Style;

pub struct Picture {
    pub canvas: Canvas,
    pub random: Rng,
    /// How it will be rendered afterwards: a subject may adapt (a lithograph needs strong tones, not hues).
    pub style: Style,
    /// Wanted: the subject fills 60 to 90 % of the frame, dense in tone, in dark, warm or gray colours. Illusions are made of these.
    pub dense: bool,
    /// What the caption may add to the subject's name, each true of this picture: "on a beach", "at night", "with a beard".
    pub details: Vec<String>,
    /// Another name for what is shown, where this picture shows a special case: "a black cat" for "a cat".
    pub noun: Option<String>,
    /// The subject's own name would be wrong: `noun` it must be.
    pub renamed: bool,
}

impl Picture {
    pub fn detail(&mut self, words: &str) {
        self.details.push(words.to_string());
    }

    /// One of several ways to say the same.
    pub fn detail_of(&mut self, words: &[&str]) {
        let words = self.random.pick(words).to_string();
        self.details.push(words);
    }
}
