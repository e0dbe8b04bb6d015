//! What a job's pictures are to show, told to its model once.

use super::Recipe;
use super::observer::{Observer, Progress};
use crate::error::Result;
use crate::models::{Asked, Conditions, Encoding, Model, shortened};

/// The prompts of `recipe` in order, then what guidance leads away from, as `model` takes them.
pub fn conditions(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Conditions> {
    let asked = Asked {
        prompts: &recipe.prompting.prompt,
        negative: &recipe.prompting.negative,
        clean_caption: recipe.prompting.clean_caption,
        embeddings: recipe.prompting.embeddings.as_deref().map(std::path::Path::new),
    };
    model.conditions(&asked, &mut |encoding| match encoding {
        Encoding::Block { done, of } => {
            observer.check()?;
            observer.say(Progress::Encoding { done, of })
        }
        Encoding::Cut(end) => observer.say(Progress::Note(format!(
            "the prompt is longer than 77 tokens and was cut; not used: \"{}\"",
            shortened(&end)
        ))),
    })
}
