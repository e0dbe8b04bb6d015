//! `-` for a picture, a mask or a recipe: what is piped in. Only the command line can ask for it. A `-` inside a recipe is
//! a file's name, so that no stranger's recipe waits for the keyboard.

use std::io::IsTerminal;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::experiments::settings::{inpainting, source};
use crate::experiments::{ForeignRecipe, Recipe, Setting, Source, recipe_from_bytes};
use crate::files::limits::{self, Limit};
use crate::files::read_standard_input;
use crate::pictures::{decode, decode_mask};

/// How the command line calls standard input.
pub const PIPED: &str = "-";

/// The recipe that is piped in: JSON, or a picture that carries one.
pub fn piped_recipe() -> Result<ForeignRecipe> {
    recipe_from_bytes(&read(limits::RECIPE)?, None).map_err(|error| error.at("standard input"))
}

/// `recipe` with the picture or the mask for which `given` says `-`.
pub fn with_piped(mut recipe: Recipe, given: &Map<String, Value>) -> Result<Recipe> {
    let is_piped = |setting: &Setting| given.get(setting.key).and_then(Value::as_str) == Some(PIPED);
    let pixels = |decode: fn(&[u8]) -> Result<image::RgbImage>| -> Result<Option<Source>> {
        let pixels = decode(&read(limits::PICTURE)?).map_err(|error| error.at("standard input"))?;
        Ok(Some(Source::Held(Arc::new(pixels))))
    };
    match (is_piped(&source::image), is_piped(&inpainting::mask)) {
        (true, true) => {
            return Err(
                Error::arguments("picture and mask cannot both come from standard input").hint("give one as a file")
            );
        }
        (true, false) => recipe.source.image = pixels(decode)?,
        (false, true) => recipe.inpainting.mask = pixels(decode_mask)?,
        (false, false) => {}
    }
    Ok(recipe)
}

fn read(limit: Limit) -> Result<Vec<u8>> {
    if std::io::stdin().is_terminal() {
        return Err(Error::arguments("nothing is piped in")
            .at(PIPED)
            .hint("for example `cat photo.jpg | diffusion-lab …`"));
    }
    read_standard_input(limit)
}
